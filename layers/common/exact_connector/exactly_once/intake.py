"""Take what a client posts in under its keys: the same record twice is one record, and a key means one for ever.

keys known, same content    the same record again, a replay; keys that are new are kept, so each means it from now on
keys known, other content   IDEMPOTENCY_KEY_REUSED
keys of two records         IDEMPOTENCY_KEYS_DISAGREE
no key known                stored with its keys in one transaction; who loses that race is a replay of who won it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from exact_connector.errors import InvalidInput, StoreUnavailable
from exact_connector.storage.table import TransactionCancelled


class Keyed(Protocol):
    """A record that is found by keys."""

    @property
    def tenant(self) -> str:
        """The tenant that it belongs to."""
        ...

    @property
    def record_id(self) -> str:
        """Its own id."""
        ...


R = TypeVar("R", bound=Keyed)


class KeyedStore(Protocol[R]):
    """Where records lie under their keys."""

    def by_keys(self, tenant: str, keys: Sequence[str]) -> list[R]:
        """Return the records that were accepted under any of these keys, each once."""
        ...

    def accept(self, record: R, keys: Sequence[str]) -> list[R]:
        """Store a new record under its keys; empty when stored, else the records that are there under them."""
        ...

    def remember_keys(self, record: R, keys: Sequence[str]) -> None:
        """Keep further keys of a stored record; raises TransactionCancelled where another record has one."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted(Generic[R]):
    """A record that is taken in; ``replay`` when it was so before."""

    record: R
    replay: bool


class Intake(Generic[R]):
    """Takes records of one kind in. ``noun`` is what messages call one: order, customer."""

    def __init__(self, store: KeyedStore[R], noun: str) -> None:
        self._store = store
        self._noun = noun

    def replay(self, tenant: str, keys: Sequence[str], same: Callable[[R], bool]) -> Accepted[R] | None:
        """Return the record that these keys mean, None when they mean none yet.

        ``same`` compares a stored record with what was posted. Raises InvalidInput.
        """
        known = self._store.by_keys(tenant, keys)
        return self._replayed(tenant, known, keys, same) if known else None

    def store(self, record: R, keys: Sequence[str], same: Callable[[R], bool]) -> Accepted[R]:
        """Store a new record, or return the one that took a key meanwhile; raises InvalidInput, StoreUnavailable."""
        existing = self._store.accept(record, keys)
        if existing:
            return self._replayed(record.tenant, existing, keys, same)
        return Accepted(record, replay=False)

    def _replayed(self, tenant: str, known: Sequence[R], keys: Sequence[str], same: Callable[[R], bool]) -> Accepted[R]:
        record = self._meant(known, same)
        try:
            self._store.remember_keys(record, keys)
        except TransactionCancelled:
            # One of the keys was taken by another record at this very moment.
            record = self._meant(self._store.by_keys(tenant, keys), same)
        return Accepted(record, replay=True)

    def _meant(self, known: Sequence[R], same: Callable[[R], bool]) -> R:
        if not known:
            raise StoreUnavailable(f"The {self._noun} could not be stored; post it again.")
        if len(known) > 1:
            raise InvalidInput(
                f"The Idempotency-Key and the external_id belong to two different {self._noun}s; send the pair that"
                " belongs together.",
                code="IDEMPOTENCY_KEYS_DISAGREE",
            )
        (record,) = known
        if not same(record):
            raise InvalidInput(
                f"This key was used for another {self._noun} ({record.record_id}); send a new key for a new"
                f" {self._noun}, or the same body again to see that one.",
                code="IDEMPOTENCY_KEY_REUSED",
            )
        return record
