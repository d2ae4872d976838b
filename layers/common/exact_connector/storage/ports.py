"""The ports to services other than tables: ``tests/fakes/ports.py`` replaces them, ``aws/`` carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parameter:
    """One stored parameter: its value and the version under which it is kept."""

    value: str
    version: int


class ParameterStore(Protocol):
    """SSM Parameter Store. Raises StoreUnavailable when it does not answer."""

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        """Return the newest (or the named) version, decrypted; None when there is none."""
        ...

    def put(self, name: str, value: str, *, secure: bool) -> int:
        """Store a new version and return its number."""
        ...

    def delete(self, name: str) -> None:
        """Remove every version; a missing parameter is no error."""
        ...


class SecretStore(Protocol):
    """Secrets Manager, read only."""

    def get(self, name: str) -> str | None:
        """Return the current value of a secret, None when there is none."""
        ...


class Queue(Protocol):
    """One SQS queue; a message is only a hint, the due row is the truth."""

    def send(self, body: Mapping[str, str], *, group: str) -> None:
        """Send one small JSON message; ``group`` is the tenant, for fairness."""
        ...


class EventBus(Protocol):
    """Outgoing events (EventBridge)."""

    def publish(self, kind: str, detail: Mapping[str, object]) -> None:
        """Publish one event; ``detail`` is JSON, without personal data or secrets."""
        ...


class BlobStore(Protocol):
    """S3, one bucket."""

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Store a whole object."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return an object's bytes, None when absent."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Remove every object below a prefix and return how many."""
        ...

    def signed_url(self, key: str, *, seconds: int, filename: str | None = None) -> str:
        """Return a link that fetches the object without credentials for that long."""
        ...
