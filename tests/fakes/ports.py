"""The service ports in memory: for tests and single-process tools."""

from __future__ import annotations

from collections.abc import Mapping

from exact_connector.storage.ports import Parameter


class MemoryParameters:
    """Parameters with versions."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        """Return the newest or the named version."""
        values = self._values.get(name, [])
        if version is None:
            return Parameter(values[-1], len(values)) if values else None
        return Parameter(values[version - 1], version) if 0 < version <= len(values) else None

    def put(self, name: str, value: str, *, secure: bool) -> int:
        """Store a new version."""
        values = self._values.setdefault(name, [])
        values.append(value)
        return len(values)

    def delete(self, name: str) -> None:
        """Remove every version."""
        self._values.pop(name, None)


class MemorySecrets:
    """Secrets given at construction."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = dict(values or {})

    def get(self, name: str) -> str | None:
        """Return the value."""
        return self.values.get(name)


class MemoryQueue:
    """A queue whose messages a test takes out itself."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, str]]] = []

    def send(self, body: Mapping[str, str], *, group: str) -> None:
        """Keep the message."""
        self.messages.append((group, dict(body)))


class MemoryEvents:
    """Events in the order of publication."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def publish(self, kind: str, detail: Mapping[str, object]) -> None:
        """Keep the event."""
        self.events.append((kind, dict(detail)))


class MemoryBlobs:
    """Objects in a dictionary."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Store a whole object."""
        self.objects[key] = (body, content_type)

    def get(self, key: str) -> bytes | None:
        """Return an object's bytes."""
        found = self.objects.get(key)
        return None if found is None else found[0]

    def delete_prefix(self, prefix: str) -> int:
        """Remove every object below a prefix."""
        doomed = [key for key in self.objects if key.startswith(prefix)]
        for key in doomed:
            del self.objects[key]
        return len(doomed)

    def signed_url(self, key: str, *, seconds: int, filename: str | None = None) -> str:
        """Return a link of the fake."""
        return f"memory://{key}?seconds={seconds}"
