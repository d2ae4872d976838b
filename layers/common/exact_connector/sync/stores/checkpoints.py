"""The checkpoint of one stream of one tenant: where the run is, where the next one starts, and how it went.

    idle ──due──▶ running ──last page──▶ idle
                    │  ▲
                    │  └─ resumes at the page it stopped at: chunk limit, budget, error, death of the worker
                    ├─ parked    Exact refuses; it is tried again every day and after a new consent
                    └─ paused    a person said so

The row is the truth: a queue message only says that it may be worth a look. Its lease and fencing token lie in the same
row, so one condition covers both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from exact_connector.clock import from_text, to_text
from exact_connector.storage.leases import Lease, acquire, held, renewal, whole
from exact_connector.storage.table import (
    Absent,
    Check,
    ConditionFailed,
    Equals,
    Key,
    Missing,
    Present,
    Row,
    Table,
    Update,
    Value,
    all_of,
    query_all,
)

DUE_SHARD = "sync"

CONNECTION_FAULTS = frozenset(
    {
        *("REAUTHORIZE", "NOT_CONNECTED", "AUTH_NOT_CONFIGURED"),
        *("DIVISION_FORBIDDEN", "DIVISION_BLOCKED", "USER_BLOCKED", "LICENSE_BLOCKED", "LICENSE_EXPIRED"),
    }
)
"""Codes of refusals that are about the whole connection and not about one resource."""

SILENT_AFTER = timedelta(hours=1)

Status = Literal["idle", "running", "waiting", "parked", "paused", "off"]
Phase = Literal["", "extract", "count", "sweep"]
RunKind = Literal["", "full", "incremental"]
ControlRequest = Literal["pause", "resume", "full", "cancel"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One stream's state. Marks are row versions or change dates in milliseconds; moments are aware.

    ``watermark``: highest mark of the last complete run. ``since``: the mark that the current run reads from.
    ``newest``: highest mark of the current run so far. ``cursor``: the address of the page to read next. ``generation``
    counts full loads. ``rows_full``: rows of the last full load. ``position``: position within the phases ``count`` and
    ``sweep``. ``failing_since``: when the first of the failures in a row came. ``unfiltered_until``: until then the
    whole set is read, because Exact refused the stream's filter. ``moved``: the administration's
    ``division_marks`` at the last full load.
    """

    tenant: str
    stream: str
    version: int = 0
    status: Status = "idle"
    due_at: datetime | None = None
    run_no: int = 0
    run_kind: RunKind = ""
    phase: Phase = ""
    cursor: str | None = None
    since: int = 0
    newest: int = 0
    watermark: int = 0
    generation: int = 0
    overlap: bytes = b""
    position: int = 0
    counted: int = 0
    missing: int = 0
    rows_run: int = 0
    pages_run: int = 0
    skipped_run: int = 0
    rows_last: int = 0
    pages_last: int = 0
    skipped_last: int = 0
    rows_full: int = 0
    attempts: int = 0
    error_code: str | None = None
    error_message: str | None = None
    error_at: datetime | None = None
    failing_since: datetime | None = None
    unfiltered_until: datetime | None = None
    started_at: datetime | None = None
    last_run_at: datetime | None = None
    full_due_at: datetime | None = None
    first_loaded: bool = False
    full_wanted: bool = False
    division: int = 0
    moved: str = ""

    @property
    def key(self) -> Key:
        """Its place in the table."""
        return key_of(self.tenant, self.stream)

    @property
    def refused(self) -> bool:
        """Whether Exact refuses this stream while the connection as a whole works."""
        return self.status == "parked" and self.error_code not in CONNECTION_FAULTS

    def unreadable(self, now: datetime) -> bool:
        """Return whether others should not wait for this stream: Exact refuses it, or gave no answer for an hour."""
        silent = self.status == "waiting" and self.error_code is not None and self.error_code not in CONNECTION_FAULTS
        since = self.failing_since
        return self.refused or (silent and since is not None and now - since >= SILENT_AFTER)


_PROJECTED_WITHIN = timedelta(minutes=5)
"""How long after a run its rows are documents at the latest, unless the projection has trouble of its own."""
_MOMENTS = frozenset(
    {"due_at", "error_at", "failing_since", "unfiltered_until", "started_at", "last_run_at", "full_due_at"}
)
_KEY_FIELDS = frozenset({"tenant", "stream"})


def projected_since(streams: Sequence[Checkpoint | None], now: datetime) -> datetime | None:
    """Return the moment since which streams have been read whole and their rows projected, None where it is not known.

    Streams that Exact refuses bring nothing, so none is waited for.
    """
    moments: list[datetime] = []
    for each in streams:
        if each is None or each.refused:
            continue
        began, ended = each.started_at, each.last_run_at
        if began is None or ended is None or not began <= ended <= now - _PROJECTED_WITHIN:
            return None
        moments.append(began)
    return min(moments, default=None)


def key_of(tenant: str, stream: str) -> Key:
    """Return the key of a checkpoint."""
    return Key(f"stream#{tenant}", stream)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A checkpoint whose lease we hold, and what a person requested in the meantime."""

    checkpoint: Checkpoint
    lease: Lease
    request: ControlRequest | None = None


class Checkpoints:
    """The checkpoints of the deployment, with their leases."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, stream: str) -> Checkpoint | None:
        """Return a checkpoint, None when the stream was never planned."""
        row = self._table.get(key_of(tenant, stream))
        return None if row is None else from_row(row)

    def of_tenant(self, tenant: str) -> list[Checkpoint]:
        """Return all checkpoints of a tenant."""
        rows = query_all(self._table, f"stream#{tenant}")
        return [from_row(row) for row in rows if "status" in row]

    def create(self, checkpoint: Checkpoint) -> None:
        """Write the first state of a stream; one that is there already stays."""
        row: Row = {"pk": checkpoint.key.pk, "sk": checkpoint.key.sk, **to_attributes(checkpoint)[0]}
        try:
            self._table.put(row, Absent())
        except ConditionFailed:
            return

    def claim(self, tenant: str, stream: str, worker: str, now: datetime) -> Claimed | None:
        """Take the lease of a planned stream; None when another worker holds it."""
        given = acquire(self._table, key_of(tenant, stream), worker, now)
        if given is None:
            return None
        lease, row = given
        return Claimed(from_row(row), lease, _request(row))

    def commit(self, claimed: Claimed, new: Checkpoint, now: datetime) -> tuple[Update, Claimed]:
        """Return the action that moves a checkpoint on and renews its lease, and the claim as it is afterwards.

        It fails when the lease was lost, the checkpoint moved, or a request came in.
        """
        old = claimed.checkpoint
        new = replace(new, version=old.version + 1)
        changed, removed = to_attributes(new)
        condition = all_of(held(claimed.lease), Equals("version", old.version), Missing("control_request"))
        update = Update(self._table.name, old.key, set={**changed, **renewal(now)}, remove=removed, condition=condition)
        return update, replace(claimed, checkpoint=new)

    def save(self, claimed: Claimed, new: Checkpoint, now: datetime, *, keep_lease: bool = True) -> Claimed | None:
        """Move a checkpoint on outside a transaction, requests or not; None when the lease was lost."""
        new = replace(new, version=claimed.checkpoint.version + 1)
        changed, removed = to_attributes(new)
        lease = renewal(now) if keep_lease else {}
        gone: Iterable[str] = () if keep_lease else ("lease_owner", "lease_until")
        condition = all_of(held(claimed.lease), Equals("version", claimed.checkpoint.version))
        try:
            self._table.update(new.key, set={**changed, **lease}, remove=(*removed, *gone), condition=condition)
        except ConditionFailed:
            return None
        return replace(claimed, checkpoint=new)

    def fence(self, claimed: Claimed) -> Check:
        """Return the action that fails when the lease was lost."""
        return Check(self._table.name, claimed.checkpoint.key, held(claimed.lease))

    def reread(self, claimed: Claimed) -> Claimed | None:
        """Return the claim with the stored state and request; None when the lease was lost."""
        row = self._table.get(claimed.checkpoint.key)
        if row is None or whole(row.get("fence")) != claimed.lease.fence:
            return None
        return replace(claimed, checkpoint=from_row(row), request=_request(row))

    def request(self, tenant: str, stream: str, request: ControlRequest, now: datetime) -> bool:
        """Leave word for the stream's next step and make it due; False for a stream that was never planned."""
        try:
            self._table.update(
                key_of(tenant, stream),
                set={"control_request": request, "due_shard": DUE_SHARD, "due_at": to_text(now)},
                condition=Present(),
            )
        except ConditionFailed:
            return False
        return True

    def request_done(self, claimed: Claimed) -> Claimed:
        """Remove the request that was carried out."""
        condition = all_of(held(claimed.lease), Equals("control_request", claimed.request))
        with suppress(ConditionFailed):
            self._table.update(claimed.checkpoint.key, remove=("control_request",), condition=condition)
        return replace(claimed, request=None)

    def make_due(self, tenant: str, stream: str, now: datetime) -> bool:
        """Make a stream due at once (a webhook, a button); paused and unknown ones stay as they are."""
        condition = all_of(Present(), Missing("control_request"))
        current = self.get(tenant, stream)
        if current is None or current.status in ("paused", "off"):
            return False
        try:
            self._table.update(
                key_of(tenant, stream), set={"due_shard": DUE_SHARD, "due_at": to_text(now)}, condition=condition
            )
        except ConditionFailed:
            return False
        return True


def to_attributes(checkpoint: Checkpoint) -> tuple[dict[str, Value], list[str]]:
    """Return the attributes to set and the names of those to remove; ``due_at`` brings its index shard along."""
    changed: dict[str, Value] = {}
    removed: list[str] = []
    for each in fields(checkpoint):
        value = getattr(checkpoint, each.name)
        if each.name in _KEY_FIELDS:
            continue
        if value is None or value in (b"", ""):
            removed.append(each.name)
        else:
            changed[each.name] = to_text(value) if isinstance(value, datetime) else value
    if checkpoint.due_at is None:
        removed.append("due_shard")
    else:
        changed["due_shard"] = DUE_SHARD
    return changed, removed


def from_row(row: Row) -> Checkpoint:
    """Read a checkpoint."""
    values: dict[str, object] = {}
    for each in fields(Checkpoint):
        if each.name in row and each.name not in _KEY_FIELDS:
            stored = row[each.name]
            values[each.name] = from_text(str(stored)) if each.name in _MOMENTS else stored
    tenant = str(row["pk"]).removeprefix("stream#")
    return Checkpoint(tenant, str(row["sk"]), **values)  # type: ignore[arg-type]


def _request(row: Row) -> ControlRequest | None:
    found = row.get("control_request")
    return found if found in get_args(ControlRequest) else None  # type: ignore[return-value]
