"""The lists of keys whose documents have to be looked at again, written before the rows they speak of.

open list ─▶ rows ─▶ one transaction: cursor moves, list becomes ready ─▶ projection ─▶ list deleted
a crash here ▲   or here ▲ leaves an open list: the next worker of the stream repairs it and makes it ready
a crash here                                                     ▲ leaves a ready list: opening a list makes the family
due for when its worker could be dead, and a projection that sees an open list does not rest for longer either
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from exact_connector.clock import later, to_text
from exact_connector.storage.leases import LEASE_SECONDS, whole
from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import ConditionFailed, Delete, Equals, Key, Table, Update, query_all
from exact_connector.storage.table import Row as Stored
from exact_connector.sync.stores.states import ProjectionStates

_REQUESTS = 4_000
"""Requests in one list, some 30 bytes each."""

State = Literal["open", "ready"]


@dataclass(frozen=True, slots=True)
class KeyList:
    """One list: the owners of one family that a page (or a deletion) touched. ``head`` is the deletion head that was
    seen before the page was fetched. In a list that asks for rows, ``family`` is the name of the stream asked, and
    ``owners`` are requests as ``named`` writes them."""

    key: Key
    family: str
    stream: str
    state: State
    fence: int
    head: int
    owners: tuple[str, ...]


class AffectedKeys:
    """The key lists of the deployment."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._states = ProjectionStates(table)

    def open(
        self,
        tenant: str,
        family: str,
        owners: Sequence[str],
        *,
        stream: str,
        fence: int,
        head: int,
        now: datetime,
        name: str,
    ) -> KeyList:
        """Write an open list and make the family due for when its lease could have run out; ``name`` makes its key
        unique."""
        key = Key(f"affected#{tenant}", f"{family}#{to_text(now)}#{name}")
        listed = KeyList(key, family, stream, "open", fence, head, tuple(owners))
        self._table.put(_to_row(listed))
        self._states.request(tenant, family, later(now, LEASE_SECONDS))
        return listed

    def request(self, tenant: str, stream: str, requests: Sequence[str], *, now: datetime, name: str) -> None:
        """Write lists of requests of owners whose documents need rows of a stream; its worker takes them up."""
        for start in range(0, len(requests), _REQUESTS):
            key = Key(f"affected#{tenant}", f"{stream}#{to_text(now)}#{name}.{start:06d}")
            part = tuple(requests[start : start + _REQUESTS])
            self._table.put(_to_row(KeyList(key, stream, stream, "ready", 0, 0, part)))

    def any_of(self, tenant: str, family: str) -> bool:
        """Tell whether there is a list of a family, ready or not."""
        return bool(self._table.query(f"affected#{tenant}", prefix=f"{family}#", limit=1).rows)

    def of_family(self, tenant: str, family: str) -> list[KeyList]:
        """Return all lists of a family, oldest first."""
        return [_from_row(row) for row in query_all(self._table, f"affected#{tenant}", prefix=f"{family}#")]

    def ready(self, tenant: str, family: str) -> list[KeyList]:
        """Return the lists that may be projected, oldest first."""
        return [each for each in self.of_family(tenant, family) if each.state == "ready"]

    def left_open(self, tenant: str, families: Sequence[str], stream: str) -> list[KeyList]:
        """Return what dead workers of a stream left behind. Only the holder of the stream's lease may ask."""
        lists = [each for family in families for each in self.of_family(tenant, family)]
        return [each for each in lists if each.state == "open" and each.stream == stream]

    def to_ready(self, listed: KeyList) -> Update:
        """Return the action that makes an open list ready."""
        return Update(self._table.name, listed.key, set={"state": "ready"}, condition=Equals("state", "open"))

    def make_ready(self, listed: KeyList) -> None:
        """Make a repaired list ready; one that another worker made ready already stays so."""
        try:
            self._table.update(listed.key, set={"state": "ready"}, condition=Equals("state", "open"))
        except ConditionFailed:
            return

    def done(self, listed: KeyList) -> Delete:
        """Return the action that removes a list after its owners were projected."""
        return Delete(self._table.name, listed.key, condition=Equals("state", "ready"))

    def finish(self, lists: Sequence[KeyList]) -> None:
        """Remove projected lists, each only while it is still the ready list that was read."""
        for each in lists:
            try:
                self._table.delete(each.key, Equals("state", "ready"))
            except ConditionFailed:
                continue


def _to_row(listed: KeyList) -> Stored:
    return {
        "pk": listed.key.pk,
        "sk": listed.key.sk,
        "family": listed.family,
        "stream": listed.stream,
        "state": listed.state,
        "fence": listed.fence,
        "head": listed.head,
        "owners": pack(list(listed.owners)),
    }


def _from_row(row: Stored) -> KeyList:
    return KeyList(
        Key(str(row["pk"]), str(row["sk"])),
        str(row["family"]),
        str(row["stream"]),
        "ready" if row["state"] == "ready" else "open",
        whole(row["fence"]),
        whole(row["head"]),
        tuple(unpack(row["owners"])),
    )
