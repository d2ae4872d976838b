"""The life cycle of orders over tables in memory and a small Exact in memory, with processes that can be killed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from exact_connector.clock import EXACT_ZONE
from exact_connector.errors import (
    BudgetExhausted,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    NotConnected,
)
from exact_connector.exact.http.query import Query
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.record import State
from exact_connector.exactly_once.second_ways import CallsWithSecondWays, RefusedFilters
from exact_connector.exactly_once.transitions import Plan
from exact_connector.orders.lifecycle.division_lock import DivisionLock
from exact_connector.orders.lifecycle.engine import OrderEngine
from exact_connector.orders.lifecycle.outbox import Outbox, Target
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.steps import Steps
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.service import AcceptedOrder, OrderService
from exact_connector.storage.table import Row
from fakes.clocks import ManualClock
from fakes.crashing import Process, WatchedDatabase, WatchedTable
from fakes.ports import MemoryEvents
from fakes.tables import MemoryDatabase

T = TypeVar("T")

Lines = Sequence[tuple[int, float]]

WORDS = {"words": "Object reference not set to an instance of an object.", "other words": "Server Unavailable"}
TENANT, DIVISION = "acme", 4711
TIMES = LifecycleTimes(post=60, grace=120, look=10, backoff=15, step=5)
_CREATED = re.compile(r"(?:Created|Modified) ge datetime'([^']+)'")
_GUID = re.compile(r"(\w+) eq guid'([^']+)'")


def guid(number: int) -> str:
    """Return a GUID that tells its number."""
    return f"00000000-0000-4000-8000-{number:012d}"


class PausingProcess(Process):
    """A process that can also fall asleep at an operation, on the clock of its world."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock
        self._longest: float | None = None

    def arm_pause(self, at: int, *, late: bool, seconds: float, meanwhile: Callable[[], None]) -> None:
        """Let the process sleep at that operation while others go on; it wakes up and knows nothing of it."""

        def sleep() -> None:
            self._clock.sleep(seconds if self._longest is None else min(seconds, self._longest))
            meanwhile()

        self.arm(at, late=late, then=sleep)

    def around(self, operation: Callable[[], T], *, longest: float | None = None) -> T:
        """Carry an operation out; ``longest`` bounds a pause before it, where a time-out of the real one would."""
        self._longest = None if self.late else longest
        return super().around(operation)


@dataclass
class Document:
    """One document in the small Exact; visible from ``visible_at``."""

    path: str
    document: str
    number: int
    created: datetime
    visible_at: datetime
    body: Mapping[str, Any]
    printed: bool = False


@dataclass
class MemoryExact:
    """A small Exact: documents with lines, found by customer and moment; ``script`` says what the next POSTs meet.

    ok: answered. drop: made, no answer. late: made, no answer, visible ``late_by`` later. lost: no answer, never made.
    before: not sent. limit: 429. refuse: a business text. quiet: made and answered without a body.
    words and other words: a failure in words that are not known, nothing made. made in words: the same, but made.
    ``refused``: properties of addresses that may not be filtered; ``refusals`` counts the filters that were refused.
    ``rights``: where not empty, what Exact says to any POST instead, or to those to ``rights_for``: nothing is made.
    ``unnumbered``: documents get their number only when ``print_all`` is called.
    """

    clock: ManualClock
    process: PausingProcess
    script: list[str] = field(default_factory=list)
    late_by: timedelta = timedelta(seconds=100)
    limit_ends_after: timedelta = timedelta(seconds=40)
    documents: list[Document] = field(default_factory=list)
    posts: int = 0
    addresses: int = 0
    connected: bool = True
    away: bool = False
    reads: int = 0
    division: int = DIVISION
    hidden_for: timedelta = timedelta(0)
    created_late: bool = False
    unnumbered: bool = False
    rights: str = ""
    rights_for: str = ""
    refused: set[tuple[str, str]] = field(default_factory=set)
    refusals: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def prepare(self) -> None:
        self.process.around(lambda: None)

    def rows(self, query: Query) -> list[dict[str, Any]]:
        return self.process.around(lambda: list(self._rows(query)))

    def create(self, path: str, body: Mapping[str, Any], *, record: str = "") -> dict[str, Any]:
        # Between the last look at the clock and the answer lies at most what the client's time-out allows.
        return self.process.around(lambda: self._create(path, body), longest=50)

    def change(self, path: str, key: str | int, body: Mapping[str, Any]) -> None:
        self.process.around(lambda: None)

    def by_hand(self, path: str, body: Mapping[str, Any]) -> Document:
        """Make a document as a person does."""
        return self._add(path, body, self.clock.now())

    def print_all(self) -> None:
        """Print every document, as a person does; Exact numbers it then."""
        for each in self.documents:
            each.printed = True

    def remove(self, document: str) -> None:
        """Delete a document as a person does."""
        self.documents = [each for each in self.documents if each.document != document]

    def of(self, path: str = "salesorder/SalesOrders") -> list[Document]:
        """Return the documents of a resource."""
        return [each for each in self.documents if each.path == path]

    def _create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if path == "crm/Addresses":
            self.addresses += 1
            return {"ID": guid(900)}
        self.posts += 1
        if self.rights and self.rights_for in ("", path):
            raise ExactRejected(
                f"Exact refused: {self.rights}",
                status=403,
                exact_text=self.rights,
                code="SCOPE_MISSING",
                judges_record=False,
            )
        fate = self.script.pop(0) if self.script else "ok"
        now = self.clock.now()
        match fate:
            case "before":
                raise ExactUnavailable("the connection was refused", sent=False)
            case "limit":
                raise BudgetExhausted("no call is left", retry_after=now + self.limit_ends_after)
            case "refuse":
                raise ExactRejected("Exact refused", status=500, exact_text="Geblokkeerd: Klant", code="BLOCKED")
            case "words" | "other words":
                raise ExactAnswerUnknown("Exact failed", status=500, exact_text=WORDS[fate])
            case "lost":
                raise ExactAnswerUnknown("no answer came")
            case "late":
                self._add(path, body, now + self.late_by)
                raise ExactAnswerUnknown("no answer came")
        made = self._add(path, body, now + self.hidden_for)
        if fate == "drop":
            raise ExactAnswerUnknown("no answer came")
        if fate == "made in words":
            raise ExactAnswerUnknown("Exact failed", status=500, exact_text=WORDS["words"])
        kind = _kind(path)
        return {} if fate == "quiet" else {kind.key: made.document, kind.number: self._number(made)}

    def _number(self, made: Document) -> int | None:
        return None if self.unnumbered and not made.printed else made.number

    def _add(self, path: str, body: Mapping[str, Any], visible_at: datetime) -> Document:
        number = next(self._numbers)
        created = visible_at if self.created_late else self.clock.now()
        made = Document(path, guid(number), 5000 + number, created, visible_at, dict(body))
        self.documents.append(made)
        return made

    def _rows(self, query: Query) -> Iterator[dict[str, Any]]:
        self.reads += 1
        if self.away:
            raise ExactUnavailable("Exact did not answer")
        self._check_filter(query)
        if "(" in query.path:
            yield from self._entity(query)
            return
        asked, wanted = _GUID.findall(query.filter or ""), _CREATED.search(query.filter or "")
        for each in self.documents:
            kind = _kind(each.path)
            if each.visible_at > self.clock.now():
                continue
            wall = each.created.astimezone(EXACT_ZONE).replace(tzinfo=None)
            header = {
                **each.body,
                kind.key: each.document,
                kind.number: self._number(each),
                "Created": f"/Date({int(wall.replace(tzinfo=UTC).timestamp() * 1000)})/",
            }
            if query.path == kind.path:
                since = wanted is None or wall >= datetime.fromisoformat(wanted[1])
                if since and (not asked or any(str(header.get(name)) == value for name, value in asked)):
                    yield {name: header.get(name) for name in query.select}
            elif query.path == kind.lines_path and (kind.lines_parent, each.document) in asked:
                yield from _lines(each)

    def _check_filter(self, query: Query) -> None:
        """Refuse a filter on a property of ``refused``, as Exact does: an error that it counts."""
        for path, name in self.refused:
            if query.path == path and re.search(rf"\b{name}\b", query.filter or ""):
                self.refusals += 1
                text = f"Filtering on these fields is not supported: {name}"
                raise ExactQueryRefused(text, status=400, exact_text=text, code="FILTER_REFUSED")

    def _entity(self, query: Query) -> Iterator[dict[str, Any]]:
        """Read one document by its key, or its lines."""
        path, key, collection = re.split(r"\(guid'|'\)/?", query.path)
        for each in self.documents:
            kind = _kind(each.path)
            if (each.path, each.document) != (path, key) or each.visible_at > self.clock.now():
                continue
            header = {**each.body, kind.key: each.document, kind.number: self._number(each)}
            yield from _lines(each) if collection else [header]
            return
        raise ExactRejected("not found", status=404, code="NOT_FOUND", judges_record=False)


def _lines(document: Document) -> Iterator[dict[str, Any]]:
    kind = _kind(document.path)
    for place, line in enumerate(document.body[kind.lines], start=1):
        named = {"ID": f"{document.document}-{place}", "LineNumber": place, kind.lines_parent: document.document}
        yield {**line, **named}


def _kind(path: str) -> Any:
    return next(kind for kind in DOCUMENTS.values() if kind.path == path)


class SimplePlanner:
    """Plans an order whose body names items by number; ``steps`` writes an address before the document."""

    def __init__(self) -> None:
        self.with_address = False
        self.broken = False

    def check(
        self, tenant: str, body: object, *, purchase: bool
    ) -> tuple[OrderKind, str, tuple[Mapping[str, Any], ...]]:
        """Take anything."""
        assert isinstance(body, dict)
        return (OrderKind.PURCHASE if purchase else OrderKind(body.get("kind", "order"))), body["customer"], ()

    def plan(self, record: OrderRecord, exact: ExactCalls, steps: Steps) -> Plan:
        """Plan the document."""
        if self.broken:
            raise KeyError("a fault of ours")
        body = outline(record)
        if self.with_address:
            body["DeliveryAddress"] = steps.run(
                "delivery_address", lambda: str(exact.create("crm/Addresses", {}, record=record.order_id)["ID"])
            )
        return Plan(DOCUMENTS[record.kind].path, body, record.customer)


def outline(record: OrderRecord) -> dict[str, Any]:
    """Return the document of an order without the steps before it."""
    kind = DOCUMENTS[record.kind]
    lines = [
        {"Item": guid(number), kind.quantity: Decimal(str(quantity))}
        for number, quantity in record.body.get("lines", ())
    ]
    body: dict[str, Any] = {kind.customer: record.customer, kind.lines: lines}
    if record.body.get("reference"):
        body["YourRef"] = record.body["reference"]
    return body


@dataclass
class Receiver:
    """A webhook receiver; ``status`` is what it answers, None: nothing."""

    status: int | None = 200
    requests: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Take a request."""
        self.requests.append(request)
        if self.status is None:
            raise ExactUnavailable("no answer")
        return HttpAnswer(self.status, {}, b"")


class World:
    """Everything around one administration."""

    def __init__(self, *, times: LifecycleTimes = TIMES) -> None:
        self.clock = ManualClock()
        self.memory = MemoryDatabase()
        self.process = PausingProcess(self.clock)
        table = self._table = WatchedTable(self.process, self.memory["orders"])
        self.store = OrderStore(WatchedDatabase(self.process, self.memory), table, sleep=self.clock.sleep)
        self.lock = DivisionLock(table)
        self.exact = MemoryExact(self.clock, self.process)
        self.planner = SimplePlanner()
        self.times = times
        self.events = MemoryEvents()
        self.receiver = Receiver()
        self.target: Target | None = None
        self.outbox = Outbox(table, self.events, lambda tenant: self.target, self.receiver, self.clock)
        self.woken: list[tuple[str, int]] = []
        self._ids = count(1)
        self.service = self.new_service()

    def engine(self, owner: str = "worker") -> OrderEngine:
        """Return the engine of one worker."""
        return OrderEngine(self.store, self.lock, self._exact, self.planner, self.clock, owner=owner, times=self.times)

    def new_service(self) -> OrderService:
        """Return the use cases, as one process has them."""
        return OrderService(
            self.store,
            self.lock,
            self.engine("inline"),
            self.planner,
            self.clock,
            division=lambda tenant: DIVISION,
            wake=lambda tenant, division: self.woken.append((tenant, division)),
            new_id=lambda now: f"o{int(now.timestamp() * 1000):012x}{next(self._ids):04d}",
        )

    def post(self, key: str | None = "k1", **body: Any) -> AcceptedOrder:
        """Post an order of two lines."""
        return self.service.accept(TENANT, order_body(**body), key=key)

    def work(self, *, seconds: float = 600, owner: str = "worker") -> None:
        """Let one worker visit the administration."""
        self.engine(owner).work(TENANT, DIVISION, self.clock.now() + timedelta(seconds=seconds))
        self.outbox.deliver(TENANT)

    def record(self, accepted: AcceptedOrder | OrderRecord) -> OrderRecord:
        """Return an order as it is stored."""
        record = accepted if isinstance(accepted, OrderRecord) else accepted.record
        return self.store.get(record.tenant, record.order_id)

    def settle(self, *, minutes: int = 300) -> None:
        """Let the minutes pass, each sending what is due to a worker, until nothing is due any more."""
        for _ in range(minutes):
            self.minute()
            if not self.due_rows():
                return
            self.clock.sleep(60)
        raise AssertionError(f"something stays due for ever: {self.due_rows()}")

    def settle_for(self, *, minutes: int) -> None:
        """Let that many minutes pass."""
        for _ in range(minutes):
            self.minute()
            self.clock.sleep(60)

    def minute(self) -> None:
        """Send what is due to a worker, once."""
        for tenant, division in self.lock.due(self.clock.now()):
            self.engine().work(tenant, division, self.clock.now() + timedelta(seconds=250))
        for tenant, _ in self.outbox.due(self.clock.now()):
            self.outbox.deliver(tenant)

    def due_rows(self) -> list[Row]:
        """Return the rows that still wait for a worker."""
        return [row for shard in ("orders", "outbox") for row in self.memory["orders"].due(shard, "9999")]

    def rows(self, prefix: str = "") -> list[Row]:
        """Return the rows of the orders table whose partition begins so."""
        return [row for row in self.memory["orders"].all_rows() if str(row["pk"]).startswith(prefix)]

    def kinds_of_events(self) -> list[str]:
        """Return the kinds of the published events."""
        return [kind for kind, _ in self.events.events]

    def _exact(self, tenant: str, division: int) -> ExactCalls:
        if not self.exact.connected or division != self.exact.division:
            raise NotConnected("the tenant is not linked to this administration")
        return self.calls(division)

    def calls(self, division: int = DIVISION) -> ExactCalls:
        """Return the calls of one process to the small Exact."""
        return CallsWithSecondWays(self.exact, RefusedFilters(self._table, self.clock), TENANT, division)


def order_body(
    customer: int = 1, lines: Sequence[tuple[int, float]] = ((1, 2), (2, 3.5)), **more: Any
) -> dict[str, Any]:
    """Return an order as the simple planner reads it."""
    return {"customer": guid(100 + customer), "lines": [list(line) for line in lines], **more}


def assert_once(world: World, *orders: AcceptedOrder | OrderRecord) -> None:
    """Check that these orders are in Exact, each exactly once, and that nothing is left to be done."""
    documents = {each.document: each for each in world.exact.documents}
    records = [world.record(order) for order in orders]
    assert [record.state for record in records] == [State.SUBMITTED] * len(records)
    assert sorted(str(record.exact_id) for record in records) == sorted(documents)
    assert all(record.seen_in_exact for record in records)
    assert world.rows("order-queue#") == []
    assert world.rows("order-read-back#") == []
    assert world.due_rows() == []
    links = {str(row["sk"]): str(row["record_id"]) for row in world.rows("order-link#")}
    assert links == {str(record.exact_id): record.order_id for record in records}
    assert {detail["order_id"] for kind, detail in world.events.events if kind == "order.submitted"} == {
        record.order_id for record in records
    }
