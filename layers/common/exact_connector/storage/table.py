"""The key-value port: the few operations of DynamoDB that the connector builds on, with their conditional semantics.

Repositories are written against ``Table`` and ``Database``; ``aws/dynamodb.py`` carries them out on AWS,
``MemoryDatabase`` (``tests/fakes/tables.py``) in one process. Rows are dictionaries with the keys ``pk`` and ``sk``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeAlias, TypeVar

from exact_connector.errors import StoreUnavailable

Value: TypeAlias = bool | int | Decimal | str | bytes | list["Value"] | dict[str, "Value"] | None
Row: TypeAlias = dict[str, Value]
State = TypeVar("State")
Result = TypeVar("Result")

_CONFLICT_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of one row."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Absent:
    """True when there is no such row."""


@dataclass(frozen=True, slots=True)
class Present:
    """True when the row exists."""


@dataclass(frozen=True, slots=True)
class Equals:
    """True when the attribute has exactly this value (never for a missing attribute)."""

    attribute: str
    value: Value


@dataclass(frozen=True, slots=True)
class Missing:
    """True when the row has no such attribute (also when there is no row)."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Less:
    """True when the attribute exists and is smaller than the value (same type)."""

    attribute: str
    value: int | Decimal | str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True when the attribute exists and is at least the value (same type)."""

    attribute: str
    value: int | Decimal | str


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Absent | Present | Equals | Missing | Less | AtLeast | AllOf | AnyOf


def all_of(*parts: Condition) -> AllOf:
    """Join conditions by and."""
    return AllOf(parts)


def any_of(*parts: Condition) -> AnyOf:
    """Join conditions by or."""
    return AnyOf(parts)


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole row."""

    table: str
    row: Row
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of a row, creating it when absent unless the condition forbids."""

    table: str
    key: Key
    set: Mapping[str, Value] = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    remove: Sequence[str] = ()
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a row; a missing row is no error unless the condition says so."""

    table: str
    key: Key
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Only test a condition, inside a transaction."""

    table: str
    key: Key
    condition: Condition


Action: TypeAlias = Put | Update | Delete | Check


class ConditionFailed(Exception):
    """A single conditional write did not take place; ``current`` is the row that was in the way, if any."""

    def __init__(self, current: Row | None = None) -> None:
        super().__init__("the condition of a write was not met")
        self.current = current


class TransactionCancelled(Exception):
    """A transaction did not take place. ``failed`` holds the indexes of the actions whose condition failed; when empty,
    the cause was a conflict with another writer: read again and retry."""

    def __init__(self, failed: Sequence[int] = ()) -> None:
        super().__init__(f"a transaction was cancelled; conditions that failed: {list(failed)}")
        self.failed = tuple(failed)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query; ``next`` continues it, None at the end."""

    rows: list[Row]
    next: Key | None


class Table(Protocol):
    """One table. Reads are strongly consistent; raises StoreUnavailable when AWS does not answer."""

    @property
    def name(self) -> str:
        """The table's name, for actions of a transaction."""
        ...

    def get(self, key: Key) -> Row | None:
        """Return the row or None."""
        ...

    def put(self, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row; raises ConditionFailed."""
        ...

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        """Change attributes and return the whole new row; raises ConditionFailed."""
        ...

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        """Remove a row; raises ConditionFailed."""
        ...

    def query(
        self,
        pk: str,
        *,
        prefix: str | None = None,
        low: str | None = None,
        high: str | None = None,
        limit: int | None = None,
        after: Key | None = None,
        reverse: bool = False,
    ) -> Page:
        """Return rows of one partition in the order of ``sk``: with a prefix, or between ``low`` and ``high`` (both
        included, either may be None). ``limit`` caps the page; a page may be shorter and still have a next."""
        ...

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        """Return rows of the ``due`` index (attributes ``due_shard``, ``due_at``) with due_at <= until, oldest first.
        Eventually consistent: a hint, never the truth."""
        ...

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        """Return the rows that exist, in any order, strongly consistent."""
        ...

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write and delete many rows without conditions; not atomic, each may be repeated."""
        ...


class Database(Protocol):
    """All tables of the deployment, for transactions over them."""

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out up to 100 actions on distinct keys, all or none; raises TransactionCancelled."""
        ...


class Contended(StoreUnavailable):
    """A row was changed by others each time that it was to be changed."""


def compare_and_set(
    read: Callable[[], State],
    change: Callable[[State], Result],
    *,
    what: str,
    tries: int = 20,
    current: Callable[[Row], State] | None = None,
) -> Result:
    """Read a state and change it on the condition that it is still so; repeat with the newer state when it is not.

        read ─▶ change (conditional write) ✓ its result
                     └── ConditionFailed ─▶ read again ─▶ change ...      after so many tries: Contended

    ``change`` writes and raises ConditionFailed; anything else that it raises ends the loop. ``current`` makes a state
    of the row that was in the way, which saves reading it. ``what`` names the row in the message of Contended.
    """
    state = read()
    for _ in range(tries):
        try:
            return change(state)
        except ConditionFailed as failed:
            in_the_way = failed.current
            state = read() if current is None or in_the_way is None else current(in_the_way)
    raise Contended(f"{what} is changed by others all the time; the work is tried again later.")


def paginate(
    table: Table,
    pk: str,
    *,
    prefix: str | None = None,
    low: str | None = None,
    high: str | None = None,
    size: int | None = None,
    after: Key | None = None,
    reverse: bool = False,
) -> Iterator[Page]:
    """Yield the pages of a query one after the other, each fetched when it is asked for; at least one.

    ``size`` caps the rows of a page, ``after`` is where the first one begins.
    """
    while True:
        page = table.query(pk, prefix=prefix, low=low, high=high, limit=size, after=after, reverse=reverse)
        yield page
        if page.next is None:
            return
        after = page.next


def read_page(
    table: Table,
    pk: str,
    limit: int,
    *,
    prefix: str | None = None,
    after: Key | None = None,
    reverse: bool = False,
) -> Page:
    """Return one page of ``limit`` rows, as far as there are so many, however short the pages of the table are."""
    rows: list[Row] = []
    more = False
    for page in paginate(table, pk, prefix=prefix, size=limit, after=after, reverse=reverse):
        rows.extend(page.rows)
        more = page.next is not None or len(rows) > limit
        if len(rows) >= limit:
            break
    rows = rows[:limit]
    return Page(rows, Key(pk, str(rows[-1]["sk"])) if more and rows else None)


def query_rows(
    table: Table,
    pk: str,
    *,
    prefix: str | None = None,
    low: str | None = None,
    high: str | None = None,
    size: int | None = None,
    reverse: bool = False,
) -> Iterator[Row]:
    """Yield the rows of a query, following its pages as far as they are asked for."""
    for page in paginate(table, pk, prefix=prefix, low=low, high=high, size=size, reverse=reverse):
        yield from page.rows


def query_all(
    table: Table, pk: str, *, prefix: str | None = None, low: str | None = None, high: str | None = None
) -> list[Row]:
    """Return every row of a query, following its pages."""
    return list(query_rows(table, pk, prefix=prefix, low=low, high=high))


def clear(table: Table, pk: str) -> int:
    """Remove every row of a partition, page by page, and return how many. Not atomic: repeat it after a failure."""
    count = 0
    for page in paginate(table, pk):
        table.batch_write(deletes=[Key(str(row["pk"]), str(row["sk"])) for row in page.rows])
        count += len(page.rows)
    return count


def transact(database: Database, actions: Sequence[Action], sleep: Callable[[float], None]) -> None:
    """Carry a transaction out; one that only met another is tried again some times, with pauses in seconds.

    Raises TransactionCancelled where a condition was not met, StoreUnavailable where the rows stay busy.
    """
    for pause in (*_CONFLICT_PAUSES, None):
        try:
            database.transact(actions)
        except TransactionCancelled as error:
            if error.failed:
                raise
            if pause is None:
                raise StoreUnavailable("The table is busy with the same rows; it is tried again later.") from error
            sleep(pause)
        else:
            return
