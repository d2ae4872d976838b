"""The operator's key, which a process reads again every few minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from exact_connector.clock import Clock
from exact_connector.storage.ports import SecretStore

_KEPT = timedelta(seconds=300)


class OperatorKey:
    """The operator's key; a process reads it at most once in five minutes."""

    def __init__(self, secrets: SecretStore, name: str, clock: Clock) -> None:
        self._secrets = secrets
        self._name = name
        self._clock = clock
        self._read: tuple[datetime, str | None] | None = None

    def __call__(self) -> str | None:
        """Return the key, None where none is set."""
        now = self._clock.now()
        if self._read is None or self._read[0] < now - _KEPT:
            self._read = (now, self._secrets.get(self._name))
        return self._read[1]
