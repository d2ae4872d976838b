"""Orders: one in Exact for each that was accepted, whatever clients repeat and networks lose."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fakes.product import running_sandbox
from functional.product.company import DIVISION, MANY_CALLS, SMALL, Company, Row, unlinked_company

ORDERS = "SalesOrders$"
LATE_SECONDS = 400
RATE = 0.25
numbers = itertools.count(1)


class TurnedClock:
    """A quarter of real time, so that a busy machine is no slow network; a test turns it forward for both sides.

    Who sleeps turns it forward as well, but while several threads wait for each other: then they really wait.
    """

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._ahead = timedelta()
        self.waits = False

    def now(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._start) * RATE + self._ahead

    def sleep(self, seconds: float) -> None:
        if self.waits:
            time.sleep(min(seconds, 0.1))
        else:
            self._ahead += timedelta(seconds=seconds)

    def turn(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="module")
def linked(clock: TurnedClock) -> Iterator[Company]:
    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox, unlinked_company(sandbox, clock=clock) as found:
        sandbox.control("PUT", "/clock", {"rate": RATE, "now": clock.now().isoformat()})
        assert found.link()[0] == 302
        found.work()
        yield found


@pytest.fixture
def company(linked: Company) -> Iterator[Company]:
    """The company, without faults."""
    linked.sandbox.control("DELETE", "/faults")
    yield linked
    linked.sandbox.control("DELETE", "/faults")


@pytest.fixture
def order(company: Company) -> Row:
    return new_order(company)


def new_order(company: Company) -> Row:
    """Return an order that was not placed before, recognisable in Exact by its reference."""
    customers = [
        each for each in company.served("/v1/customers") if not each["is_blocked"] and not each["invoice_customer_id"]
    ]
    items = [each for each in company.served("/v1/items") if each["sales_price"] and each["item_code"].isdigit()]
    number = next(numbers)
    return {
        "external_id": f"WEB-{number}",
        "customer_id": customers[number % len(customers)]["customer_id"],
        "reference": f"reference {number}",
        "lines": [
            {"item_code": item["item_code"], "quantity": "2", "unit_price": item["sales_price"]} for item in items[:2]
        ],
    }


def post(
    company: Company, order: object, *, wait: bool = True, key: str | None = None
) -> tuple[int, Any, dict[str, str]]:
    headers = {"prefer": "wait=20" if wait else "", "idempotency-key": key}
    given = {name: value for name, value in headers.items() if value}
    return company.call("POST", "/v1/orders", order, headers=given)


def post_five_times(
    company: Company, clock: TurnedClock, order: Row, *, wait: bool = True
) -> list[tuple[int, Any, Any]]:
    """Post the same order five times at once."""
    clock.waits = True
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: post(company, order, wait=wait), range(5)))
    clock.waits = False
    return answers


def fault(company: Company, kind: str, **rule: Any) -> None:
    company.sandbox.control("POST", "/faults", {"kind": kind, "match": ORDERS, "method": "POST", "count": 1, **rule})


def in_exact(company: Company, order: Row) -> list[Row]:
    return company.orders_in_exact(order["reference"])


def later(company: Company, clock: TurnedClock, seconds: float) -> None:
    clock.turn(seconds)
    company.sandbox.control("PUT", "/clock", {"now": clock.now().isoformat()})


def until_settled(company: Company, clock: TurnedClock, order_id: str) -> Row:
    """Let the order worker come as often as it is due, within a simulated quarter of an hour."""
    for _ in range(60):
        found: Row = company.ok("GET", f"/v1/orders/{order_id}")
        if found["state"] in ("SUBMITTED", "REJECTED"):
            return found
        company.work_on_orders()
        later(company, clock, 15)
    raise AssertionError(found)


def test_an_order_is_in_exact_with_the_number_that_was_told(company: Company, order: Row) -> None:
    status, found, headers = post(company, order)
    assert status == 201
    assert headers["Location"] == f"/v1/orders/{found['order_id']}"
    (row,) = in_exact(company, order)
    assert str(row["OrderNumber"]) == found["exact_number"]
    assert row["OrderedBy"] == order["customer_id"]
    assert company.ok("GET", headers["Location"])["state"] == "SUBMITTED"


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "the answer is lost"])
def test_an_invoice_that_exact_numbers_at_printing_is_one_invoice_without_a_number(
    company: Company, clock: TurnedClock, order: Row, lost: bool
) -> None:
    company.sandbox.control("PATCH", f"/divisions/{DIVISION}", {"invoice_numbers": "printing"})
    if lost:
        fault(company, "drop", match="SalesInvoices$")
    status, found, _ = post(company, {**order, "order_type": {"name": "Invoice", "kind": "invoice"}}, wait=False)
    assert status == 202
    found = until_settled(company, clock, found["order_id"])
    assert (found["state"], found["exact_number"], found["attempts"]) == ("SUBMITTED", None, 1)
    made = [row for row in company.exact_rows("SalesInvoices") if row.get("Description") == order["reference"]]
    assert [row["InvoiceID"] for row in made] == [found["exact_id"]]


def test_its_lines_are_those_that_were_posted(company: Company, order: Row) -> None:
    post(company, order)
    (row,) = in_exact(company, order)
    lines = [line for line in company.exact_rows("SalesOrderLines") if line["OrderID"] == row["OrderID"]]
    assert sorted((line["ItemCode"].strip(), line["Quantity"]) for line in lines) == sorted(
        (line["item_code"], float(line["quantity"])) for line in order["lines"]
    )


def test_without_waiting_it_is_accepted_and_the_worker_brings_it_into_exact(company: Company, order: Row) -> None:
    status, found, _ = post(company, order, wait=False)
    assert (status, found["state"], in_exact(company, order)) == (202, "RECEIVED", [])
    company.work_on_orders()
    assert company.ok("GET", f"/v1/orders/{found['order_id']}")["state"] == "SUBMITTED"
    assert len(in_exact(company, order)) == 1


@pytest.mark.parametrize("wait", [True, False], ids=["waiting", "not waiting"])
def test_the_same_order_five_times_at_once_is_one_order(
    company: Company, clock: TurnedClock, order: Row, wait: bool
) -> None:
    answers = post_five_times(company, clock, order, wait=wait)
    until_settled(company, clock, answers[0][1]["order_id"])
    assert {found["order_id"] for _, found, _ in answers} == {answers[0][1]["order_id"]}
    assert {status for status, _, _ in answers} <= {201, 202}
    assert len([headers for _, _, headers in answers if "Idempotent-Replay" not in headers]) == 1
    assert len(in_exact(company, order)) == 1


def test_a_repetition_gives_the_same_answer_marked_as_one(company: Company, order: Row) -> None:
    _, first, _ = post(company, order)
    status, again, headers = post(company, order)
    assert (status, headers["Idempotent-Replay"]) == (201, "true")
    assert (again["order_id"], again["exact_number"]) == (first["order_id"], first["exact_number"])
    assert len(in_exact(company, order)) == 1


def test_a_repetition_in_another_writing_is_the_same_order(company: Company, order: Row) -> None:
    _, first, _ = post(company, order)
    lines = [{**line, "quantity": 2.0, "item_code": f"{line['item_code']} "} for line in order["lines"]]
    written = {**order, "lines": lines, "your_reference": "", "customer_id": f"{{{order['customer_id'].upper()}}}"}
    status, again, headers = post(company, written)
    assert (status, again["order_id"], headers["Idempotent-Replay"]) == (201, first["order_id"], "true")
    assert len(in_exact(company, order)) == 1


def test_a_repetition_with_another_body_is_refused(company: Company, order: Row) -> None:
    post(company, order)
    status, found, _ = post(company, {**order, "reference": "another"})
    assert (status, found["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert company.orders_in_exact("another") == []


def test_two_orders_that_are_alike_stay_two(company: Company, order: Row) -> None:
    _, first, _ = post(company, order)
    _, second, _ = post(company, {**order, "external_id": order["external_id"] + "-twin"})
    assert first["exact_number"] != second["exact_number"]
    assert len(in_exact(company, order)) == 2


def test_an_answer_lost_after_the_commit_is_one_order(company: Company, clock: TurnedClock, order: Row) -> None:
    fault(company, "drop")
    _, found, _ = post(company, order)
    settled = until_settled(company, clock, found["order_id"])
    (row,) = in_exact(company, order)
    assert settled["exact_number"] == str(row["OrderNumber"])
    assert settled["attempts"] == 1


def test_two_alike_whose_answers_are_both_lost_stay_two(company: Company, clock: TurnedClock, order: Row) -> None:
    fault(company, "drop", count=2)
    ids = [
        post(company, {**order, "external_id": f"{order['external_id']}-{twin}"}, wait=False)[1]["order_id"]
        for twin in (1, 2)
    ]
    settled = [until_settled(company, clock, order_id) for order_id in ids]
    rows = in_exact(company, order)
    assert sorted(each["exact_number"] for each in settled) == sorted(str(row["OrderNumber"]) for row in rows)
    assert len(rows) == 2


def test_five_repetitions_while_the_answer_is_lost_are_one_order(
    company: Company, clock: TurnedClock, order: Row
) -> None:
    fault(company, "drop")
    answers = post_five_times(company, clock, order)
    assert until_settled(company, clock, answers[0][1]["order_id"])["state"] == "SUBMITTED"
    assert len(in_exact(company, order)) == 1


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"kind": "reset"}, id="reset before anything was done"),
        pytest.param({"kind": "status", "status": 503}, id="503"),
        pytest.param({"kind": "status", "status": 408}, id="408"),
        pytest.param({"kind": "truncate"}, id="half an answer"),
        pytest.param({"kind": "malform"}, id="unreadable answer"),
        pytest.param({"kind": "late", "delay_ms": 4_000}, id="visible late"),
    ],
)
def test_a_fault_while_it_is_posted_ends_in_one_order(
    company: Company, clock: TurnedClock, order: Row, rule: Row
) -> None:
    fault(company, **rule)
    _, found, _ = post(company, order)
    assert until_settled(company, clock, found["order_id"])["state"] == "SUBMITTED"
    later(company, clock, LATE_SECONDS)
    assert len(in_exact(company, order)) == 1


def test_a_refusal_of_exact_is_told_in_its_words_and_can_be_mended(
    company: Company, clock: TurnedClock, order: Row
) -> None:
    company.sandbox.control("PATCH", f"/records/123456/Accounts/{order['customer_id']}", {"Blocked": True})
    _, found, _ = post(company, order)
    assert found["state"] == "REJECTED"
    assert "Geblokkeerd" in str(found["reasons"])
    assert in_exact(company, order) == []
    company.sandbox.control("PATCH", f"/records/123456/Accounts/{order['customer_id']}", {"Blocked": False})
    assert company.call("POST", f"/v1/orders/{found['order_id']}/resend")[0] == 202
    assert until_settled(company, clock, found["order_id"])["state"] == "SUBMITTED"
    assert len(in_exact(company, order)) == 1


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        pytest.param('{"external_id": ', 400, None, id="no JSON"),
        pytest.param("[]", 422, "", id="a list"),
        pytest.param({"lines": []}, 422, "/lines", id="no lines"),
        pytest.param({"lines": [{"quantity": 1}]}, 422, "/lines/0/item_code", id="no item"),
        pytest.param(
            {"lines": [{"item_code": "NO-SUCH", "quantity": 1}]}, 422, "/lines/0/item_code", id="unknown item"
        ),
        pytest.param({"lines": [{"item_code": "100001", "quantity": "veel"}]}, 422, "/lines/0/quantity", id="quantity"),
        pytest.param({"customer_id": "00000000-0000-0000-0000-000000000000"}, 422, "/customer_id", id="customer"),
        pytest.param({"customer_id": "x"}, 422, "/customer_id", id="customer is no id"),
        pytest.param({"order_date": "31-12-2026"}, 422, "/order_date", id="date"),
        pytest.param({"colour": "red"}, 422, "/colour", id="unknown field"),
        pytest.param({"external_id": None}, 422, "/external_id", id="no key"),
    ],
)
def test_a_malformed_order_names_the_place_and_changes_nothing(
    company: Company, order: Row, body: object, status: int, pointer: str | None
) -> None:
    posted = {**order, **body} if isinstance(body, dict) else body
    before, orders = company.rows(), company.exact_orders()
    answered, found, headers = post(company, posted, key="a-key" if posted is body else None)
    assert (answered, headers["Content-Type"]) == (status, "application/problem+json")
    if pointer is not None:
        assert pointer in {each["pointer"] for each in found["errors"]}
    assert company.rows() == before
    assert company.exact_orders() == orders


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/purchase-orders"])
@pytest.mark.parametrize("body", ["[]", '"order"', "7", "null", "true"])
def test_a_body_that_is_no_object_is_told_so_and_not_that_it_has_no_key(company: Company, path: str, body: str) -> None:
    status, found, _ = company.call("POST", path, body)
    assert (status, found["detail"]) == (422, "The body is not a JSON object.")


def test_an_order_of_a_tenant_that_is_not_linked_is_refused(company: Company, order: Row) -> None:
    company.tenant = "unlinked"
    company.ok("POST", "/v1/tenants", {"id": "unlinked", "name": "U", "country": "nl", "division_code": 123456})
    status, found, _ = post(company, order)
    company.ok("DELETE", "/v1/tenants/unlinked")
    company.tenant = "acme"
    assert (status, found["code"]) == (409, "NOT_CONNECTED")


def test_an_accepted_order_waits_while_exact_is_away(company: Company, clock: TurnedClock, order: Row) -> None:
    company.sandbox.control("POST", "/faults", {"kind": "status", "status": 503, "match": "."})
    status, found, _ = post(company, order, wait=False)
    assert status == 202
    company.work_on_orders()
    assert company.ok("GET", f"/v1/orders/{found['order_id']}")["state"] in ("RECEIVED", "UNKNOWN")
    company.sandbox.control("DELETE", "/faults")
    later(company, clock, 600)
    assert until_settled(company, clock, found["order_id"])["state"] == "SUBMITTED"
    assert len(in_exact(company, order)) == 1


def test_the_trail_tells_every_transition(company: Company, order: Row) -> None:
    _, found, _ = post(company, order)
    trail = company.ok("GET", f"/v1/orders/{found['order_id']}/trail")["trail"]
    assert [each["to"] for each in trail][:3] == ["RECEIVED", "SUBMITTING", "SUBMITTED"]
    assert all(datetime.fromisoformat(each["at"]) <= datetime.now(UTC) + timedelta(days=1) for each in trail)


def test_an_item_that_the_settings_leave_out_is_sent_and_exact_judges_it(company: Company, order: Row) -> None:
    row = next(row for row in company.exact_rows("Items") if not row["IsSalesItem"] and row.get("EndDate") is None)
    code = row["Code"].strip()
    assert company.call("GET", f"/v1/items/{code}")[0] == 404
    customer = order["customer_id"]

    status, posted, _ = company.call(
        "POST",
        "/v1/orders",
        {"external_id": "left-out", "customer_id": customer, "lines": [{"item_code": code, "quantity": 1}]},
        headers={"prefer": "wait=20"},
    )

    assert status in (200, 201, 202), posted
    assert posted["attempts"] == 1
    assert "ITEM_NOT_SOLD" in [warning["code"] for warning in posted["warnings"]]
