"""What is due goes to the queues of the workers, each tenant in its turn.

The row is the truth and a message only a hint, so sending twice or not at all changes nothing but the time. What was
sent and is still due after a while is sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from exact_connector.clock import from_text, to_text
from exact_connector.errors import ConfigurationError, StoreUnavailable
from exact_connector.storage.ports import Queue
from exact_connector.storage.table import ConditionFailed, Equals, Key, Table
from exact_connector.storage.table import Row as Stored
from exact_connector.sync.stores.checkpoints import DUE_SHARD
from exact_connector.sync.streams.catalogue import Worker, stream

RESEND_AFTER = timedelta(seconds=120)
READ_LIMIT = 2_000
PER_TENANT = 20
PLAN = "plan"
PROJECTION = "projection:"

_PROJECTORS: Mapping[str, Worker] = {"customers": Worker.CUSTOMERS, "documents": Worker.DOCUMENTS}


@dataclass(frozen=True, slots=True)
class Hint:
    """A message to a worker: there may be something to do for this stream of this tenant."""

    tenant: str
    name: str
    worker: Worker
    key: Key
    due_at: str

    def body(self) -> dict[str, str]:
        """Return the message."""
        return {"tenant": self.tenant, "stream": self.name}


def hint(row: Stored) -> Hint | None:
    """Return the message for a due row, None for a row that no worker knows."""
    prefix, _, tenant = str(row["pk"]).partition("#")
    name = str(row["sk"])
    key = Key(str(row["pk"]), name)
    due = str(row.get("due_at", ""))
    if prefix == "projection":
        return Hint(tenant, PROJECTION + name, _PROJECTORS.get(name, Worker.ITEMS), key, due)
    if prefix != "stream":
        return None
    if name == PLAN:
        return Hint(tenant, PLAN, Worker.ITEMS, key, due)
    try:
        return Hint(tenant, name, stream(name).worker, key, due)
    except ConfigurationError:
        return None


def worth_sending(row: Stored, now: datetime) -> bool:
    """Return whether a due row needs a message: no worker is at it, and none was sent a moment ago. Pure."""
    if str(row.get("lease_until", "")) > to_text(now):
        return False
    hinted = row.get("hinted_at")
    if hinted is None or str(hinted) < str(row.get("due_at", "")):
        return True
    return from_text(str(hinted)) <= now - RESEND_AFTER


def in_turn(hints: Iterable[Hint], *, per_tenant: int = PER_TENANT) -> list[Hint]:
    """Return the hints so that each tenant's first comes before the second of any. Pure."""
    waiting: dict[str, list[Hint]] = defaultdict(list)
    for each in hints:
        if len(waiting[each.tenant]) < per_tenant:
            waiting[each.tenant].append(each)
    rounds = max((len(found) for found in waiting.values()), default=0)
    return [found[turn] for turn in range(rounds) for found in waiting.values() if turn < len(found)]


class Dispatcher:
    """Sends what is due; ``queues`` are named after the workers."""

    def __init__(self, table: Table, queues: Mapping[str, Queue]) -> None:
        self._table = table
        self._queues = queues

    def dispatch(self, now: datetime) -> int:
        """Send a message for everything due that needs one; return how many."""
        rows = self._table.due(DUE_SHARD, to_text(now), limit=READ_LIMIT)
        found = [hint(row) for row in rows if worth_sending(row, now)]
        hints = in_turn(each for each in found if each is not None)
        for each in hints:
            self._queues[each.worker].send(each.body(), group=each.tenant)
            self._note(each, now)
        return len(hints)

    def call(self, tenant: str, family: str) -> None:
        """Send a message for a family's projection to whoever is free, beside the one that is at it."""
        worker = _PROJECTORS.get(family, Worker.ITEMS)
        with suppress(StoreUnavailable):  # help is welcome, not needed
            self._queues[worker].send({"tenant": tenant, "stream": PROJECTION + family}, group=tenant)

    def _note(self, sent: Hint, now: datetime) -> None:
        with suppress(ConditionFailed):
            self._table.update(sent.key, set={"hinted_at": to_text(now)}, condition=Equals("due_at", sent.due_at))
