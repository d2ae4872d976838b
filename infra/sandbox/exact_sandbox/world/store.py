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

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from exact_sandbox.faults import FaultPlan
from exact_sandbox.world.flat import DELETION_KEYS, SIGNS, Before, flat_rows, follow
from exact_sandbox.world.journal import Journal
from exact_sandbox.world.parts import App, Clock, Counters, Options, Refusal, TokenStats, User
from exact_sandbox.world.table import Key, Op, Row, Table
from exact_sandbox.world.tables import FLAT_STREAMS, FLAT_TABLES, SPECS, TableSpec

__all__ = [
    "SWITCHES",
    "App",
    "Clock",
    "Counters",
    "Division",
    "Key",
    "Op",
    "Options",
    "Refusal",
    "Row",
    "Table",
    "TokenStats",
    "User",
    "World",
]

FIRST_VERSION = 20_000_000_000
"""Row versions start beyond Int32, so that a Timestamp literal without the suffix L cannot work by accident."""

SWITCHES: dict[str, tuple[str, ...]] = {
    "invoice_numbers": ("printing", "entry"),
    "sync_signs": SIGNS,
    "deletion_keys": DELETION_KEYS,
}
"""What a company can be set to besides its edition, with the values that are allowed."""

ChangeHook = Callable[["Division", str, str, Row], None]
"""Called after a change became visible: division, table, action (Create, Update, Delete), row."""


class Division:
    """One company (administration). `edition` is basic, plus or premium; `info` is its row in system/Divisions.

    `invoice_numbers` tells when an invoice gets its number: at `printing`, or at `entry` as other journals are set.
    `sync_signs` and `deletion_keys` choose between what is known of the flat sync streams, see `world/flat.py`.
    """

    def __init__(self, world: World, info: Row, *, edition: str = "premium") -> None:
        self.world = world
        self.info = info
        self.edition = edition
        self.invoice_numbers = "printing"
        self.sync_signs = world.options.sync_signs
        self.deletion_keys = world.options.deletion_keys
        self.payment_condition = "30"
        """The payment condition of documents whose account has none."""
        self.closed_periods: frozenset[str] = frozenset()
        """Financial periods that take no entries any more, such as `2024-5`."""
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
        self._before: Before = {}
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
        """Walk a sync stream. Those of invoices and purchase orders hold headers and lines, see `world/flat.py`."""
        flat = FLAT_STREAMS.get(name)
        return self.table(name).scan_by_timestamp(after) if flat is None else flat_rows(self, flat, after)

    def next_version(self, count: int = 1) -> int:
        """Take the next row versions of this company and return the first of them."""
        self.version += count
        return self.version - count + 1

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
            follow(self, list(self._open), self._before)
            ops, late = self._open, self._late
            self._open, self._late, self._before = None, False, {}
            if late:
                visible_at = self.world.clock.now() + timedelta(seconds=late_s)
                for op in ops:
                    op.visible_at = visible_at
                self._pending.append(ops)
            self.world.journal.write_ops(self.code, ops)

    def commit(self, table: str, kind: str, key: Key, row: Row, add: dict[str, float] | None = None) -> Row:
        """Take a version and carry the change out, or queue it when late; return the row as it will be."""
        if table in FLAT_TABLES and self._open is None:
            with self.transaction():
                self.commit(table, kind, key, row, add)
            return self.table(table).get(key) or {}
        spec = self.table(table).spec
        version = 0 if kind == "refresh" else self.next_version(spec.versions)
        if table in FLAT_TABLES:
            self._before.setdefault((table, key), self.table(table).get(key))
        self._carry([Op(table, kind, key, row, version, add)])
        if kind == "delete" and spec.entity_type is not None:
            self.record_deletion(spec.entity_type, key)
        stored = self.table(table).get(key) or {}
        return {**stored, **row, "Timestamp": version} if self._late else stored

    def record_deletion(self, entity_type: int, key: Key) -> None:
        """Leave an entry in sync/Deleted."""
        version = self.next_version()
        row: Row = {
            "Timestamp": version, "ID": self.world.new_guid(), "Division": self.code, "EntityType": entity_type,
            "EntityKey": key, "DeletedDate": self.world.clock.local(), "DeletedBy": self.world.first_user().user_id,
        }  # fmt: skip
        self._carry([Op("Deleted", "insert", version, row, version)])

    def _carry(self, ops: list[Op]) -> None:
        if self._open is not None:
            self._open += ops
        if self._late:
            return
        for each in ops:
            self._apply(each)
        if self._open is None:
            self.world.journal.write_ops(self.code, ops)

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
        self.version = max([self.version, *(op.version + self.table(op.table).spec.versions - 1 for op in ops)])
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
            raise RuntimeError("The world has no source of Guids: build it with exact_sandbox.world.generate.build.")
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
