"""The state of one family's projection: whether its documents are complete, and which pass over them is under way."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Literal

from exact_connector.clock import from_text, to_text
from exact_connector.storage.leases import whole
from exact_connector.storage.table import (
    Absent,
    ConditionFailed,
    Equals,
    Key,
    Missing,
    Row,
    Table,
    Value,
    any_of,
    query_all,
)
from exact_connector.sync.stores.checkpoints import DUE_SHARD

Status = Literal["waiting", "live"]
Pass = Literal["", "load", "again", "check", "dates"]


@dataclass(frozen=True, slots=True)
class ProjectionState:
    """``fingerprint``: what settings and reference rows the documents were made with; ``pass_fingerprint`` and
    ``pass_day``: those of the pass under way, ``position`` its next bucket. ``dated``: the day that documents that
    depend on the date were last made for. ``loads``: the full loads after which the documents were last checked;
    ``cursor`` and ``served``: where a check is within the documents of a kind, and how many it has counted of it.
    ``required``: the conditional streams that the documents showed to be
    needed, with spaces between; ``pass_required`` those of the pass under way. ``requests`` grows with every request to
    look again. ``pass_id`` names the pass under way and no other one, also of the same settings."""

    tenant: str
    family: str
    status: Status = "waiting"
    run: Pass = ""
    position: int = 0
    fingerprint: str = ""
    pass_fingerprint: str = ""
    pass_day: str = ""
    dated: str = ""
    requests: int = 0
    due_at: datetime | None = None
    last_run_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    warnings: int = 0
    required: str = ""
    pass_required: str = ""
    pass_id: str = ""
    loads: str = ""
    pass_loads: str = ""
    cursor: str = ""
    served: int = 0

    @property
    def key(self) -> Key:
        """Its key in the table."""
        return key_of(self.tenant, self.family)


_MOMENTS = frozenset({"due_at", "last_run_at"})
_OUTSIDE = frozenset({"tenant", "family", "requests", "due_at"})


def key_of(tenant: str, family: str) -> Key:
    """Return the key of a family's state."""
    return Key(f"projection#{tenant}", family)


class ProjectionStates:
    """The states of the deployment."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, family: str) -> ProjectionState:
        """Return a family's state; one that was never written is waiting."""
        row = self._table.get(key_of(tenant, family))
        return ProjectionState(tenant, family) if row is None else _from_row(row)

    def of_tenant(self, tenant: str) -> list[ProjectionState]:
        """Return the states of all families of a tenant."""
        return [_from_row(row) for row in query_all(self._table, f"projection#{tenant}")]

    def request(self, tenant: str, family: str, due: datetime) -> None:
        """Make a projection due; whoever is projecting now will notice."""
        self._table.update(
            key_of(tenant, family), set={"due_shard": DUE_SHARD, "due_at": to_text(due)}, add={"requests": 1}
        )

    def save(self, state: ProjectionState) -> None:
        """Write where a pass is. Only the holder of the tenant's projection lease may."""
        changed, removed = _attributes(state)
        self._table.update(state.key, set=changed, remove=removed)

    def rest(self, state: ProjectionState, due: datetime) -> bool:
        """Write the state and when to look again; False when it was requested meanwhile, which stays due."""
        changed, removed = _attributes(state)
        unrequested = (
            any_of(Absent(), Missing("requests")) if state.requests == 0 else Equals("requests", state.requests)
        )
        try:
            self._table.update(
                state.key,
                set={**changed, "due_shard": DUE_SHARD, "due_at": to_text(due)},
                remove=removed,
                condition=unrequested,
            )
        except ConditionFailed:
            return False
        return True


def start(
    state: ProjectionState, run: Pass, fingerprint: str, day: date, pass_id: str, loads: str = ""
) -> ProjectionState:
    """Return the state at the start of a pass over all owners."""
    return replace(
        state,
        run=run,
        position=0,
        pass_fingerprint=fingerprint,
        pass_day=day.isoformat(),
        pass_id=pass_id,
        pass_loads=loads,
        cursor="",
        served=0,
    )


def complete(state: ProjectionState) -> ProjectionState:
    """Return the state after a pass over all owners."""
    return replace(
        state,
        status="live",
        run="",
        position=0,
        fingerprint=state.pass_fingerprint,
        dated=state.pass_day,
        loads=state.pass_loads if state.run in ("load", "check") else state.loads,
        pass_fingerprint="",
        pass_day="",
        pass_id="",
        pass_loads="",
        cursor="",
        served=0,
    )


def _attributes(state: ProjectionState) -> tuple[dict[str, Value], list[str]]:
    changed: dict[str, Value] = {}
    removed: list[str] = []
    for each in fields(state):
        value = getattr(state, each.name)
        if each.name in _OUTSIDE:
            continue
        if value is None or value == "":
            removed.append(each.name)
        else:
            changed[each.name] = to_text(value) if isinstance(value, datetime) else value
    return changed, removed


def _from_row(row: Row) -> ProjectionState:
    values: dict[str, object] = {}
    for each in fields(ProjectionState):
        if each.name in row and each.name not in ("tenant", "family"):
            stored = row[each.name]
            values[each.name] = from_text(str(stored)) if each.name in _MOMENTS else stored
    values["requests"] = whole(row.get("requests"))
    return ProjectionState(str(row["pk"]).removeprefix("projection#"), str(row["sk"]), **values)  # type: ignore[arg-type]
