"""The data of the sandbox: a world of divisions, each with tables of rows that carry row versions.

Rows are plain dicts of the fields that are not null, under Exact's field names, exactly as they go over the wire:
codes padded (account codes with leading spaces to 18, VAT codes to 3, units to 8, countries to 3, languages to 5),
Guids as lower-case text, Edm.DateTime as naive datetimes in Dutch wall time, Edm.Binary as bytes, percentages as
fractions. Addresses of pictures and attachments (PictureUrl, LogoUrl, Url, ...) are stored from `/docs/` or `/api/`
on; the answer puts `World.base_url` before them. Names that start with `_` are the sandbox's own. A row is never
changed in place: a write replaces it, so a reader may keep what it was given.

    write at 12:00:00 ── version 71 assigned ──────────────┐ late commit, bound 5 s
    write at 12:00:01 ── version 72, visible at once       │
    a sync reads up to 72 here                             │
    12:00:05 ── version 71 becomes visible below the cursor ┘
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from exact_sandbox.faults import FaultPlan
from exact_sandbox.journal import Journal
from exact_sandbox.tables import FLAT_STREAMS, SPECS, TableSpec

Key = str | int
Row = dict[str, Any]

FIRST_VERSION = 20_000_000_000
"""Row versions start beyond Int32, so that a Timestamp literal without the suffix L cannot work by accident."""

DELETED_KEPT = timedelta(days=61)
"""How long sync/Deleted remembers a deletion."""


class Clock(Protocol):
    """The sandbox clock: real time with an offset and a rate."""

    def now(self) -> datetime:
        """Return the sandbox time as an aware UTC datetime."""
        ...

    def local(self) -> datetime:
        """Return the sandbox time as a naive datetime in Dutch wall time."""
        ...


class Refusal(Exception):
    """Exact refuses a request: the status (500 for a business rule, 400 for a malformed body) and the text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass
class App:
    """One registered application. `scopes` None means every scope, else names like `crm.accounts`."""

    client_id: str
    client_secret: str
    redirect_uris: list[str]
    webhook_secret: str
    name: str = "Exact Connector"
    scopes: frozenset[str] | None = None


@dataclass
class User:
    """A person who can sign in; `divisions` are the company codes he has rights in."""

    user_id: str
    user_name: str
    password: str
    full_name: str
    divisions: list[int]
    current_division: int
    language: str = "NL"
    person_id: str = ""
    employee_id: str = ""


@dataclass
class Options:
    """The switches of one sandbox; strict by default."""

    seed: int = 7
    items: int = 5000
    customers: int = 1000
    orders: int = 400
    allow_loopback: bool = False
    lenient_filter: bool = False
    late_bound_s: float = 5.0
    """Nothing becomes visible later than this many seconds after its write was answered."""
    state_dir: str | None = None
    born: str | None = None
    """The company's day one, ISO; None = the sandbox's today, or the one of the journal in `state_dir`."""
    client_id: str = "11111111-2222-4333-8444-555555555555"
    client_secret: str = "sandbox-secret"
    redirect_uris: tuple[str, ...] = ("https://connector.example.test/oauth/callback",)
    webhook_secret: str = "sandbox-webhook-secret"


@dataclass
class TokenStats:
    """Counts of the token endpoint, read by test harnesses."""

    codes_issued: int = 0
    code_exchanges: int = 0
    refreshes: int = 0
    refused_early: int = 0
    old_token_used: int = 0
    expired_token_used: int = 0
    bad_client: int = 0
    bad_code: int = 0
    rotated_and_dropped: int = 0


class Counters:
    """How often each path was called, by division, method, path and status."""

    def __init__(self) -> None:
        self.calls: dict[tuple[int | None, str, str, int], int] = {}

    def count(self, division: int | None, method: str, path: str, status: int) -> None:
        """Count one answered call; `path` is the part after the division, without key and query."""
        key = (division, method, path, status)
        self.calls[key] = self.calls.get(key, 0) + 1

    def reset(self) -> None:
        """Forget every count."""
        self.calls.clear()


@dataclass(slots=True)
class Op:
    """One committed or pending change of one row. `add` holds amounts added to numeric fields at commit."""

    table: str
    kind: str
    key: Key
    row: Row
    version: int
    add: dict[str, float] | None = None
    visible_at: datetime | None = None


class Table:
    """The rows of one entity in one division, ordered by key and by row version."""

    def __init__(self, spec: TableSpec, division: Division) -> None:
        self.spec = spec
        self.name = spec.name
        self._division = division
        self._rows: dict[Key, Row] = {}
        self._versions: list[int] = []
        self._by_version: list[Key] = []
        self._keys: list[Key] | None = None
        self._indexes: dict[str, dict[Any, list[Key]]] = {}

    def __len__(self) -> int:
        self._division.settle()
        return len(self._rows)

    def __contains__(self, key: Key) -> bool:
        self._division.settle()
        return key in self._rows

    def get(self, key: Key | None) -> Row | None:
        """Return the row under this key, or None."""
        self._division.settle()
        return None if key is None else self._rows.get(key)

    def rows(self) -> Iterable[Row]:
        """Return every row in no promised order."""
        self._division.settle()
        return self._rows.values()

    def scan_by_key(self, after: Key | None = None) -> Iterator[Row]:
        """Walk the rows in the order of their keys, beyond `after`."""
        self._division.settle()
        keys = self._sorted_keys()
        start = 0 if after is None else bisect_right(keys, after)
        for position in range(start, len(keys)):
            row = self._rows.get(keys[position])
            if row is not None and self._kept(row):
                yield row

    def scan_by_timestamp(self, after: int = 0) -> Iterator[Row]:
        """Walk the rows in the order of their row versions, beyond `after`."""
        self._division.settle()
        for position in range(bisect_right(self._versions, after), len(self._versions)):
            row = self._rows.get(self._by_version[position])
            if row is not None and row["Timestamp"] == self._versions[position] and self._kept(row):
                yield row

    def lookup(self, field_name: str, value: object) -> list[Row] | None:
        """Return the rows with this value through the key or an index; None when the field has no index."""
        self._division.settle()
        if field_name == self.spec.key:
            row = self._rows.get(value) if isinstance(value, (str, int)) else None
            return [] if row is None else [row]
        if field_name not in self.spec.indexed:
            return None
        return [self._rows[key] for key in self._index(field_name).get(value, ())]

    def first(self, field_name: str, value: object) -> Row | None:
        """Return one row with this value in an indexed field, or None."""
        found = self.lookup(field_name, value)
        return found[0] if found else None

    def load(self, rows: Iterable[Row]) -> None:
        """Store generated rows at once: row versions are given, nothing is journalled or announced."""
        key_field, version = self.spec.key, self._division.version
        for row in rows:
            version += 1
            row["Timestamp"] = version
            key = row.setdefault(key_field, version)
            self._rows[key] = row
            self._versions.append(version)
            self._by_version.append(key)
        self._division.version = version
        self._keys = None
        self._indexes.clear()

    def insert(self, row: Row, *, stamp: User | None = None) -> Row:
        """Add a row (its key must be new) and return it as stored."""
        row = {name: value for name, value in row.items() if value is not None}
        key = row[self.spec.key]
        if key in self._rows:
            raise Refusal(500, "Gegeven bestaat reeds.")
        if self.spec.audit:
            row = {**row, **self._division.stamps(stamp, created=True)}
        return self._division.commit(self.name, "insert", key, row)

    def update(self, key: Key, changes: Row, *, stamp: User | None = None) -> Row:
        """Change fields (None empties one), give the row a new version and return the row as it will be."""
        if self.spec.audit:
            changes = {**changes, **self._division.stamps(stamp, created=False)}
        return self._division.commit(self.name, "update", key, changes)

    def add(self, key: Key, amounts: dict[str, float]) -> None:
        """Add amounts to numeric fields and give the row a new version."""
        self._division.commit(self.name, "update", key, {}, add=amounts)

    def touch(self, key: Key) -> None:
        """Give the row a new version and nothing else."""
        self._division.commit(self.name, "update", key, {})

    def delete(self, key: Key) -> None:
        """Remove the row and record it in sync/Deleted when the entity has a number there."""
        self._division.commit(self.name, "delete", key, {})

    def refresh(self, key: Key, changes: Row, add: dict[str, float] | None = None) -> None:
        """Change derived fields without a new version, as Exact's joined descriptions do."""
        self._division.commit(self.name, "refresh", key, changes, add=add)

    def restamp(self, key: Key) -> None:
        """Move the row to the end of the sync order: a row that moves while somebody pages."""
        self.touch(key)

    def renumber(self, version: int) -> int:
        """Give every row a version beyond this one, in their present order; return the last version given."""
        rows = [self._rows[key] for key in self._rows]
        rows.sort(key=lambda row: row["Timestamp"])
        self._versions, self._by_version = [], []
        for row in rows:
            version += 1
            key = row[self.spec.key]
            self._rows[key] = {**row, "Timestamp": version}
            self._versions.append(version)
            self._by_version.append(key)
        return version

    def apply(self, op: Op) -> None:
        """Carry out one committed change; only the division calls this."""
        old = self._rows.get(op.key)
        if op.kind == "delete":
            self._remove(op.key, old)
            return
        if op.kind == "insert":
            new = dict(op.row)
        elif old is None:
            return
        else:
            new = {name: value for name, value in {**old, **op.row}.items() if value is not None}
            for name, amount in (op.add or {}).items():
                new[name] = round(new.get(name, 0.0) + amount, 6)
        if op.kind == "refresh":
            self._rows[op.key] = new
            self._reindex(op.key, old, new)
            return
        new["Timestamp"] = op.version
        self._place(op.key, new)

    def _place(self, key: Key, row: Row) -> None:
        old = self._rows.get(key)
        self._rows[key] = row
        version = row["Timestamp"]
        if not self._versions or version > self._versions[-1]:
            self._versions.append(version)
            self._by_version.append(key)
        else:
            position = bisect_left(self._versions, version)
            self._versions.insert(position, version)
            self._by_version.insert(position, key)
        if old is None and self._keys is not None:
            insort(self._keys, key)
        self._reindex(key, old, row)
        if len(self._versions) > 2 * len(self._rows) + 1000:
            self._compact()

    def _remove(self, key: Key, old: Row | None) -> None:
        if old is None:
            return
        del self._rows[key]
        if self._keys is not None:
            position = bisect_left(self._keys, key)
            del self._keys[position]
        self._reindex(key, old, None)

    def _reindex(self, key: Key, old: Row | None, new: Row | None) -> None:
        for name, index in self._indexes.items():
            before = None if old is None else old.get(name)
            after = None if new is None else new.get(name)
            if before == after:
                continue
            if before is not None:
                index[before].remove(key)
            if after is not None:
                index.setdefault(after, []).append(key)

    def _index(self, name: str) -> dict[Any, list[Key]]:
        index = self._indexes.get(name)
        if index is None:
            index = {}
            for key, row in self._rows.items():
                value = row.get(name)
                if value is not None:
                    index.setdefault(value, []).append(key)
            self._indexes[name] = index
        return index

    def _sorted_keys(self) -> list[Key]:
        if self._keys is None:
            self._keys = sorted(self._rows)
        return self._keys

    def _compact(self) -> None:
        live = [
            (version, key)
            for version, key in zip(self._versions, self._by_version, strict=True)
            if key in self._rows and self._rows[key]["Timestamp"] == version
        ]
        self._versions = [version for version, _ in live]
        self._by_version = [key for _, key in live]

    def _kept(self, row: Row) -> bool:
        return self.name != "Deleted" or row["DeletedDate"] > self._division.world.clock.local() - DELETED_KEPT


ChangeHook = Callable[["Division", str, str, Row], None]
"""Called after a change became visible: division, table, action (Create, Update, Delete), row."""


class Division:
    """One company (administration). `edition` is basic, plus or premium; `info` is its row in system/Divisions."""

    def __init__(self, world: World, info: Row, *, edition: str = "premium") -> None:
        self.world = world
        self.info = info
        self.edition = edition
        self.code: int = info["Code"]
        self.description: str = info["Description"]
        self.hid: str = str(info.get("Hid", self.code))
        self.country: str = info.get("Country", "NL ")
        self.currency: str = info.get("Currency", "EUR")
        self.legislation: str = info.get("Legislation", "NL")
        self.version = FIRST_VERSION
        self.tables: dict[str, Table] = {}
        self.numbers: dict[str, int] = {}
        """The last number given out per kind of document."""
        self._pending: list[list[Op]] = []
        self._open: list[Op] | None = None
        self._late = False

    @property
    def usable(self) -> bool:
        """Tell whether the company is active and not blocked."""
        return bool(self.info.get("Status", 1) == 1 and self.info.get("BlockingStatus", 0) == 0)

    def table(self, name: str) -> Table:
        """Return a table by its entity name; a plain empty one when nothing was generated for it."""
        found = self.tables.get(name)
        if found is None:
            found = self.tables[name] = Table(SPECS.get(name, TableSpec(name)), self)
        return found

    def sync_rows(self, name: str, after: int = 0) -> Iterator[Row]:
        """Walk a sync stream. SalesInvoices and PurchaseOrders give one row per line with the header repeated."""
        flat = FLAT_STREAMS.get(name)
        if flat is None:
            yield from self.table(name).scan_by_timestamp(after)
            return
        lines, link = flat
        headers = self.table(name)
        for line in self.table(lines).scan_by_timestamp(after):
            yield {**(headers.get(line[link]) or {}), **line}

    def sync_row_count(self, name: str) -> int:
        """Return how many rows the sync stream of this entity has in all."""
        return len(self.table(FLAT_STREAMS[name][0] if name in FLAT_STREAMS else name))

    def next_version(self) -> int:
        """Take the next row version of this company."""
        self.version += 1
        return self.version

    def stamps(self, user: User | None, *, created: bool) -> Row:
        """Return the audit fields of a write by this user at the sandbox time."""
        moment = self.world.clock.local()
        user = user or self.world.first_user()
        changed = {"Modified": moment, "Modifier": user.user_id, "ModifierFullName": user.full_name}
        if not created:
            return changed
        return {
            "Created": moment,
            "Creator": user.user_id,
            "CreatorFullName": user.full_name,
            "Division": self.code,
            **changed,
        }

    @contextmanager
    def transaction(self, *, late_s: float = 0.0) -> Iterator[None]:
        """Journal the writes inside together; with `late_s` they take versions now and become visible later.

        Inside a late transaction the tables do not show its own writes. Nested use joins the outer transaction.
        """
        if self._open is not None:
            yield
            return
        self._open, self._late = [], late_s > 0
        try:
            yield
        finally:
            ops, late = self._open, self._late
            self._open, self._late = None, False
            if late:
                visible_at = self.world.clock.now() + timedelta(seconds=late_s)
                for op in ops:
                    op.visible_at = visible_at
                self._pending.append(ops)
            self.world.journal.write_ops(self.code, ops)

    def commit(self, table: str, kind: str, key: Key, row: Row, add: dict[str, float] | None = None) -> Row:
        """Take a version and carry the change out, or queue it when late; return the row as it will be."""
        version = 0 if kind == "refresh" else self.next_version()
        ops = [Op(table, kind, key, row, version, add)]
        if kind == "delete":
            ops += self._deletion(table, key)
        if self._open is not None:
            self._open += ops
        if self._late:
            return {**(self.table(table).get(key) or {}), **row, "Timestamp": version}
        for each in ops:
            self._apply(each)
        if self._open is None:
            self.world.journal.write_ops(self.code, ops)
        return self.table(table).get(key) or {}

    def next_number(self, kind: str, table: str, field_name: str, first: int) -> int:
        """Give out the next number of a kind of document, also beyond those that are not visible yet."""
        if kind not in self.numbers:
            waiting = [op.row for ops in self._pending for op in ops if op.table == table]
            used = [row[field_name] for row in (*self.table(table).rows(), *waiting) if field_name in row]
            self.numbers[kind] = max([first - 1, *used])
        self.numbers[kind] += 1
        return self.numbers[kind]

    def settle(self) -> None:
        """Make late commits visible whose time has come."""
        if not self._pending:
            return
        now = self.world.clock.now()
        for ops in [each for each in self._pending if not each or (each[0].visible_at or now) <= now]:
            self._pending.remove(ops)
            for op in ops:
                self._apply(op)

    def replay(self, ops: list[Op]) -> None:
        """Take up journalled changes after a restart; what was still to become visible waits again."""
        self.version = max([self.version, *(op.version for op in ops)])
        if ops and ops[0].visible_at is not None:
            self._pending.append(ops)
            return
        for op in ops:
            self._apply(op, announce=False)

    def move_database(self) -> None:
        """Take up the rows in another database: every version is new and lower, and deletions are forgotten.

        A cursor from before is beyond everything, so a client that does not watch DivisionMoveDate reads nothing.
        """
        for ops in self._pending:
            for op in ops:
                self._apply(op, announce=False)
        self._pending.clear()
        self.tables.pop("Deleted", None)
        self.version = self.version // 2
        for name in sorted(self.tables):
            self.version = self.tables[name].renumber(self.version)

    def _deletion(self, table: str, key: Key) -> list[Op]:
        number = self.table(table).spec.entity_type
        if number is None:
            return []
        version = self.next_version()
        row: Row = {
            "Timestamp": version,
            "ID": self.world.new_guid(),
            "Division": self.code,
            "EntityType": number,
            "EntityKey": key,
            "DeletedDate": self.world.clock.local(),
            "DeletedBy": self.world.first_user().user_id,
        }
        return [Op("Deleted", "insert", version, row, version)]

    def _apply(self, op: Op, *, announce: bool = True) -> None:
        table = self.table(op.table)
        before = table._rows.get(op.key)
        table.apply(op)
        if announce and op.kind != "refresh" and table.spec.topic is not None:
            action = {"insert": "Create", "update": "Update", "delete": "Delete"}[op.kind]
            row = table._rows.get(op.key) or before
            if row is not None:
                for hook in self.world.hooks:
                    hook(self, op.table, action, row)


@dataclass
class World:
    """Everything in the process."""

    clock: Clock
    options: Options
    divisions: dict[int, Division] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    """By user name."""
    apps: dict[str, App] = field(default_factory=dict)
    """By client id."""
    faults: FaultPlan = field(default_factory=FaultPlan)
    counters: Counters = field(default_factory=Counters)
    tokens: TokenStats = field(default_factory=TokenStats)
    journal: Journal = field(default_factory=Journal)
    hooks: list[ChangeHook] = field(default_factory=list)
    replayers: dict[str, Callable[[Row], None]] = field(default_factory=dict)
    """Who takes up journalled events of a kind after a restart, e.g. {"oauth": oauth.replay}."""
    base_url: str = ""
    posted: list[Row] = field(default_factory=list)
    """What clients created: entity, key, division, number, moments; kept over a restart."""
    deliveries: list[Row] = field(default_factory=list)
    """Every attempt to call a webhook or to validate one, oldest first, in memory."""
    guid_source: Callable[[], str] | None = None

    def first_user(self) -> User:
        """Return the user in whose name the company's own changes happen."""
        return next(iter(self.users.values()))

    def new_guid(self) -> str:
        """Return a new Guid in lower case."""
        if self.guid_source is None:
            raise RuntimeError("The world has no source of Guids: build it with exact_sandbox.generate.build.")
        return self.guid_source()

    def record(self, kind: str, data: Row) -> None:
        """Journal an event of another part (tokens, grants), so that its replayer sees it again after a restart."""
        self.journal.write_event(kind, data)

    def restore(self) -> None:
        """Replay the journal; call once, after the replayers are registered and before anything is served."""
        for division, ops, event in self.journal.read():
            if event is not None:
                replayer = self.replayers.get(event["kind"])
                if replayer is not None:
                    replayer(event["data"])
            elif division in self.divisions:
                self.divisions[division].replay([Op(**op) for op in ops])
