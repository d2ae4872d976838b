"""Where token pairs are kept: as versions of one SSM parameter per tenant, or sealed in the control table.

A pair is never overwritten in place: every save is a new version, and the pointer row says which version counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from exact_connector.clock import from_text, to_text
from exact_connector.errors import ConfigurationError, StoreUnavailable
from exact_connector.exact.auth.oauth import TokenPair
from exact_connector.storage.ports import ParameterStore
from exact_connector.storage.table import Absent, Key, Table, compare_and_set, query_all

ADVANCED_LIMIT = 8192
"""Bytes of a parameter; with Intelligent-Tiering SSM chooses the advanced tier above 4 kB by itself."""

_LOOK_BACK = 6
_KEEP = 6
_TRIES = 20


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair of tokens with its generation and the attempt that made it."""

    pair: TokenPair
    generation: int
    attempt: str


class TokenStore(Protocol):
    """Keeps versions of a tenant's token pair. Raises StoreUnavailable."""

    def load(self, tenant: str, version: int) -> StoredPair | None:
        """Return one version, None when it is not there."""
        ...

    def newer(self, tenant: str, version: int) -> list[tuple[int, StoredPair]]:
        """Return the versions after one, newest first (the last few)."""
        ...

    def save(self, tenant: str, pair: StoredPair) -> int:
        """Keep a pair as a new version and return its number; after an error it may or may not be kept."""
        ...

    def delete_tenant_data(self, tenant: str) -> None:
        """Remove every version."""
        ...


class Cipher(Protocol):
    """Seals bytes under the deployment's key; a sealed text opens only in the context in which it was sealed."""

    def seal(self, plain: bytes, *, context: Mapping[str, str]) -> bytes:
        """Return the sealed bytes."""
        ...

    def open(self, sealed: bytes, *, context: Mapping[str, str]) -> bytes:
        """Return what was sealed; raises StoreUnavailable when the key service does not answer."""
        ...


class ParameterTokenStore:
    """Token pairs in SSM: one SecureString per tenant, ``/{stage}/tenants/{tenant}/tokens``."""

    def __init__(self, parameters: ParameterStore, stage: str) -> None:
        self._parameters = parameters
        self._stage = stage

    def load(self, tenant: str, version: int) -> StoredPair | None:
        """Return one version, None when it is not there (yet)."""
        parameter = self._parameters.get(self._name(tenant), version=version)
        return None if parameter is None else decode(parameter.value)

    def newer(self, tenant: str, version: int) -> list[tuple[int, StoredPair]]:
        """Return the versions after one, newest first."""
        newest = self._parameters.get(self._name(tenant))
        if newest is None or newest.version <= version:
            return []
        pairs = [(newest.version, decode(newest.value))]
        for earlier in range(newest.version - 1, max(version, newest.version - _LOOK_BACK), -1):
            pair = self.load(tenant, earlier)
            if pair is not None:
                pairs.append((earlier, pair))
        return pairs

    def save(self, tenant: str, pair: StoredPair) -> int:
        """Keep a pair; raises ConfigurationError when it is larger than a parameter can be."""
        value = encode(pair)
        size = len(value.encode())
        if size > ADVANCED_LIMIT:
            raise ConfigurationError(
                f"the tokens of tenant {tenant} take {size} bytes and a parameter holds {ADVANCED_LIMIT}: "
                "set the template's token store to DynamoDB",
                code="TOKENS_TOO_LARGE",
            )
        return self._parameters.put(self._name(tenant), value, secure=True)

    def delete_tenant_data(self, tenant: str) -> None:
        """Remove every version."""
        self._parameters.delete(self._name(tenant))

    def _name(self, tenant: str) -> str:
        return f"/{self._stage}/tenants/{tenant}/tokens"


class TableTokenStore:
    """Token pairs in the control table, sealed by envelope encryption: for more connections than SSM can write."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def load(self, tenant: str, version: int) -> StoredPair | None:
        """Return one version, None when it is not there."""
        row = self._table.get(_token_key(tenant, version))
        return None if row is None else self._open(tenant, row["sealed"])

    def newer(self, tenant: str, version: int) -> list[tuple[int, StoredPair]]:
        """Return the versions after one, newest first."""
        low, high = _token_key(tenant, version + 1).sk, "token#~"
        page = self._table.query(f"tenant#{tenant}", low=low, high=high, limit=_LOOK_BACK, reverse=True)
        return [(_number(str(row["sk"])), self._open(tenant, row["sealed"])) for row in page.rows]

    def save(self, tenant: str, pair: StoredPair) -> int:
        """Keep a pair under the next number, and drop the ones long superseded."""
        sealed = self._cipher.seal(encode(pair).encode(), context={"tenant": tenant})

        def append(newest: int) -> int:
            key = _token_key(tenant, newest + 1)
            self._table.put({"pk": key.pk, "sk": key.sk, "sealed": sealed}, Absent())
            return newest + 1

        what = f"the list of tokens of tenant {tenant}"
        version = compare_and_set(lambda: self._newest(tenant), append, what=what, tries=_TRIES)
        if version > _KEEP:
            self._table.delete(_token_key(tenant, version - _KEEP))
        return version

    def delete_tenant_data(self, tenant: str) -> None:
        """Remove every version."""
        for row in query_all(self._table, f"tenant#{tenant}", prefix="token#"):
            self._table.delete(Key(str(row["pk"]), str(row["sk"])))

    def _newest(self, tenant: str) -> int:
        page = self._table.query(f"tenant#{tenant}", prefix="token#", limit=1, reverse=True)
        return _number(str(page.rows[0]["sk"])) if page.rows else 0

    def _open(self, tenant: str, sealed: object) -> StoredPair:
        if not isinstance(sealed, bytes):
            raise StoreUnavailable(f"a token row of tenant {tenant} is damaged")
        return decode(self._cipher.open(sealed, context={"tenant": tenant}).decode())


def encode(stored: StoredPair) -> str:
    """Write a pair as compact JSON, the value of a parameter."""
    return json.dumps(
        {
            "access_token": stored.pair.access_token,
            "refresh_token": stored.pair.refresh_token,
            "generation": stored.generation,
            "attempt": stored.attempt,
            "issued_at": to_text(stored.pair.issued_at),
            "expires_at": to_text(stored.pair.expires_at),
        },
        separators=(",", ":"),
    )


def decode(value: str) -> StoredPair:
    """Read what ``encode`` wrote; raises StoreUnavailable, without the value, for anything else."""
    try:
        data = json.loads(value)
        pair = TokenPair(
            access_token=str(data["access_token"]),
            refresh_token=str(data["refresh_token"]),
            issued_at=from_text(data["issued_at"]),
            expires_at=from_text(data["expires_at"]),
        )
        return StoredPair(pair, int(data["generation"]), str(data["attempt"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreUnavailable("a stored pair of tokens cannot be read; authorise again if this stays") from None


def _token_key(tenant: str, version: int) -> Key:
    return Key(f"tenant#{tenant}", f"token#{version:012d}")


def _number(sk: str) -> int:
    return int(sk.removeprefix("token#"))
