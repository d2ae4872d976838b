"""API keys: shown once, kept as a hash, tied to one tenant and to scopes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.errors import NotFound
from exact_connector.storage.table import Database, Delete, Key, Put, Row, Table, query_all, transact
from exact_connector.web.auth import Principal, Scope

_PREFIX = "exk"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; never the key itself."""

    key_id: str
    tenant: str
    label: str
    scopes: frozenset[Scope]
    created_at: datetime


class ApiKeys:
    """Makes, finds and revokes keys. ``random_text(n)`` returns n unguessable letters and digits."""

    def __init__(self, database: Database, control: Table, clock: Clock, random_text: Callable[[int], str]) -> None:
        self._database = database
        self._control = control
        self._clock = clock
        self._random_text = random_text

    def create(self, tenant: str, label: str, scopes: Iterable[Scope]) -> tuple[ApiKey, str]:
        """Make a key; the second value is the key itself, which cannot be shown again."""
        key_id = self._random_text(10)
        secret = f"{_PREFIX}_{key_id}_{self._random_text(40)}"
        key = ApiKey(key_id, tenant, label, frozenset(scopes), self._clock.now())
        transact(
            self._database,
            [
                Put(self._control.name, _row(_listed(tenant, key_id), key, _hash(secret))),
                Put(self._control.name, _row(_found(_hash(secret)), key, _hash(secret))),
            ],
            self._clock.sleep,
        )
        return key, secret

    def find(self, key: str) -> Principal | None:
        """Return the principal of a key, None for an unknown or revoked one."""
        if not key.startswith(f"{_PREFIX}_"):
            return None
        row = self._control.get(_found(_hash(key)))
        if row is None:
            return None
        found = _key(row)
        return Principal(found.tenant, found.scopes, f"key {found.key_id}")

    def list(self, tenant: str) -> list[ApiKey]:
        """Return the tenant's keys, oldest first."""
        rows = query_all(self._control, f"tenant#{tenant}", prefix="key#")
        return sorted((_key(row) for row in rows), key=lambda key: key.created_at)

    def revoke(self, tenant: str, key_id: str) -> None:
        """Remove a key for good; raises NotFound."""
        row = self._control.get(_listed(tenant, key_id))
        if row is None:
            raise NotFound(f"The tenant has no key {key_id!r}; list its keys to see which there are.")
        transact(
            self._database,
            [
                Delete(self._control.name, _listed(tenant, key_id)),
                Delete(self._control.name, _found(str(row["hash"]))),
            ],
            self._clock.sleep,
        )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _listed(tenant: str, key_id: str) -> Key:
    return Key(f"tenant#{tenant}", f"key#{key_id}")


def _found(digest: str) -> Key:
    return Key(f"key#{digest}", "key")


def _row(at: Key, key: ApiKey, digest: str) -> Row:
    return {
        "pk": at.pk,
        "sk": at.sk,
        "key_id": key.key_id,
        "tenant": key.tenant,
        "label": key.label,
        "scopes": [scope.value for scope in sorted(key.scopes)],
        "created_at": to_text(key.created_at),
        "hash": digest,
    }


def _key(row: Row) -> ApiKey:
    scopes = row["scopes"]
    assert isinstance(scopes, list)
    return ApiKey(
        key_id=str(row["key_id"]),
        tenant=str(row["tenant"]),
        label=str(row["label"]),
        scopes=frozenset(Scope(str(scope)) for scope in scopes),
        created_at=from_text(str(row["created_at"])),
    )
