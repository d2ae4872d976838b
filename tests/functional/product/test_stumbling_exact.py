"""An Exact that stumbles or refuses the connection: no order is refused for it, and none is in Exact twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from exact_connector.exact.http.transport import HttpAnswer, HttpRequest, HttpxSender
from fakes.product import running_sandbox
from functional.product.company import MANY_CALLS, SMALL, Company, Row, unlinked_company
from functional.product.test_orders import RATE, TurnedClock, in_exact, later, new_order, post, until_settled

TEXTS = {
    "no object": "Object reference not set to an instance of an object.",
    "no object, in Dutch": "De objectverwijzing is niet op een exemplaar ingesteld.",
    "time-out": "Timeout expired.  The timeout period elapsed prior to completion of the operation or the server is"
    " not responding.",
    "deadlock": "Transaction (Process ID 81) was deadlocked on lock resources with another process and has been chosen"
    " as the deadlock victim. Rerun the transaction.",
    "message": "Error occurred while sending a direct message or getting the response.",
    "unavailable": "Server Unavailable",
}
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
SCOPE = "Forbidden - Application Scope Violated. Cannot manage 'sales.orders' scope."


def words(text: str) -> bytes:
    """Return an error of Exact as it writes it."""
    return json.dumps({"error": {"code": "", "message": {"lang": "", "value": text}}}).encode()


@dataclass
class Between(HttpxSender):
    """Something between the connector and Exact that may hand on or keep a POST, and answers it in Exact's place."""

    match: str = ""
    answer: HttpAnswer | None = None
    hands_on: bool = False
    times: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def stumble(self, match: str, answer: HttpAnswer, *, hands_on: bool = False, times: int = 1) -> None:
        """Answer the next POSTs to an address."""
        self.match, self.answer, self.hands_on, self.times = match, answer, hands_on, times

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request, or answer it."""
        if self.answer is None or not self.times or request.method != "POST" or not re.search(self.match, request.url):
            return super().send(request)
        self.times -= 1
        if self.hands_on:
            super().send(request)
        return self.answer


@pytest.fixture(scope="module")
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="module")
def between() -> Between:
    return Between()


@pytest.fixture(scope="module")
def linked(clock: TurnedClock, between: Between) -> Iterator[Company]:
    with (
        running_sandbox(*SMALL, *MANY_CALLS) as sandbox,
        unlinked_company(sandbox, clock=clock, sender=between) as found,
    ):
        sandbox.control("PUT", "/clock", {"rate": RATE, "now": clock.now().isoformat()})
        assert found.link()[0] == 302
        found.work()
        yield found


@pytest.fixture
def company(linked: Company, between: Between) -> Company:
    between.answer = None
    return linked


def settled(company: Company, clock: TurnedClock, request_id: str) -> Row:
    """Let the maker of customers come as often as it is due, within a simulated quarter of an hour."""
    for _ in range(60):
        found: Row = company.ok("GET", f"/v1/customer-requests/{request_id}")
        if found["state"] in ("CREATED", "REJECTED"):
            return found
        company.box.customers.engine.work(company.tenant, clock.now().replace(year=2100))
        later(company, clock, 15)
    raise AssertionError(found)


@pytest.mark.parametrize("made", [False, True], ids=["nothing made", "made all the same"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_failure_in_unknown_words_is_looked_into_and_the_order_is_in_exact_once(
    company: Company, clock: TurnedClock, between: Between, text: str, made: bool
) -> None:
    order = new_order(company)
    between.stumble("SalesOrders$", HttpAnswer(500, {}, words(text)), hands_on=made)
    status, found, _ = post(company, order)
    assert status == (201 if made else 202)
    found = until_settled(company, clock, found["order_id"])
    assert (found["state"], found["attempts"]) == ("SUBMITTED", 1 if made else 2)
    assert len(in_exact(company, order)) == 1


ANSWERS: dict[str, HttpAnswer] = {
    "a proxy's page": HttpAnswer(500, {"content-type": "text/html"}, PAGE),
    "a proxy's page as a bad request": HttpAnswer(400, {"content-type": "text/html"}, PAGE),
    "a proxy's page as a success": HttpAnswer(200, {"content-type": "text/html"}, PAGE),
    "an empty failure": HttpAnswer(500, {}, b""),
    "a bad gateway": HttpAnswer(502, {}, PAGE),
}


@pytest.mark.parametrize("made", [False, True], ids=["nothing made", "made all the same"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_is_not_exacts_own_is_no_verdict(
    company: Company, clock: TurnedClock, between: Between, answer: HttpAnswer, made: bool
) -> None:
    order = new_order(company)
    between.stumble("SalesOrders$", answer, hands_on=made)
    _, found, _ = post(company, order)
    found = until_settled(company, clock, found["order_id"])
    assert found["state"] == "SUBMITTED"
    assert len(in_exact(company, order)) == 1


def test_the_same_unknown_words_for_a_second_time_refuse_the_order_with_them(
    company: Company, clock: TurnedClock, between: Between
) -> None:
    order = new_order(company)
    between.stumble("SalesOrders$", HttpAnswer(500, {}, words(TEXTS["no object"])), times=9)
    _, found, _ = post(company, order)
    found = until_settled(company, clock, found["order_id"])
    assert (found["state"], found["attempts"], in_exact(company, order)) == ("REJECTED", 2, [])
    assert found["reasons"][0]["exact_text"] == TEXTS["no object"]


def test_words_that_judge_the_order_refuse_it_at_once(company: Company, between: Between) -> None:
    between.stumble("SalesOrders$", HttpAnswer(500, {}, words("Geblokkeerd: Klant")))
    status, found, _ = post(company, new_order(company))
    assert (status, found["state"], found["attempts"]) == (200, "REJECTED", 1)


@pytest.mark.parametrize("made", [False, True], ids=["nothing made", "made all the same"])
def test_a_customer_is_in_exact_once_after_a_failure_in_unknown_words(
    company: Company, clock: TurnedClock, between: Between, made: bool
) -> None:
    name = f"Struikelt {made}"
    between.stumble("crm/Accounts$", HttpAnswer(500, {}, words(TEXTS["time-out"])), hands_on=made)
    _, found, _ = company.call("POST", "/v1/customers", {"name": name, "external_id": name})
    assert found["state"] in ("UNKNOWN", "CREATED")
    assert settled(company, clock, found["request_id"])["state"] == "CREATED"
    assert len([row for row in company.exact_rows("Accounts") if row["Name"] == name]) == 1


def test_a_customer_is_refused_when_the_same_unknown_words_come_again(
    company: Company, clock: TurnedClock, between: Between
) -> None:
    between.stumble("crm/Accounts$", HttpAnswer(500, {}, words(TEXTS["no object"])), times=9)
    _, found, _ = company.call("POST", "/v1/customers", {"name": "Struikelt weer", "external_id": "S-2"})
    found = settled(company, clock, found["request_id"])
    assert (found["state"], found["attempts"]) == ("REJECTED", 2)
    assert found["reasons"][0]["exact_text"] == TEXTS["no object"]


def forbid(between: Between, match: str) -> None:
    between.stumble(match, HttpAnswer(403, {}, words(SCOPE)), times=1_000)


def post_many(company: Company, count: int) -> list[tuple[Row, Any]]:
    orders = [new_order(company) for _ in range(count)]
    return [(order, post(company, order)[1]) for order in orders]


@pytest.mark.parametrize("repaired_by", ["a new consent", "a reset of the endpoint"])
def test_a_missing_scope_refuses_none_of_25_orders_and_all_are_sent_in_order_after_the_repair(
    company: Company, clock: TurnedClock, between: Between, repaired_by: str
) -> None:
    forbid(between, "SalesOrders$")
    posted = post_many(company, 25)
    for _ in range(8):
        company.work_on_orders()
        later(company, clock, 900)
    found = [company.ok("GET", f"/v1/orders/{answer['order_id']}") for _, answer in posted]
    assert {each["state"] for each in found} == {"RECEIVED"}
    assert all(each["waiting_for"].startswith("SCOPE_MISSING") and each["overdue"] for each in found)
    status = company.ok("GET", f"/v1/tenants/{company.tenant}/status")["orders"]
    assert (status["open"], status["waiting_for"]) == (25, found[0]["waiting_for"])
    between.answer = None
    if repaired_by == "a new consent":
        company.authorize()
    else:
        endpoint = {"endpoint": "salesorder/SalesOrders"}
        company.ok("POST", f"/v1/tenants/{company.tenant}/endpoints/reset", endpoint)
    company.work_on_orders()
    found = [company.ok("GET", f"/v1/orders/{answer['order_id']}") for _, answer in posted]
    assert {each["state"] for each in found} == {"SUBMITTED"}
    assert {each["overdue"] for each in found} == {False}
    made = [in_exact(company, order) for order, _ in posted]
    assert [len(rows) for rows in made] == [1] * 25
    numbers = [rows[0]["OrderNumber"] for rows in made]
    assert numbers == sorted(numbers)


def test_a_missing_scope_refuses_no_customer(company: Company, clock: TurnedClock, between: Between) -> None:
    forbid(between, "crm/Accounts$")
    found = [
        company.call("POST", "/v1/customers", {"name": f"Recht {number}", "external_id": f"R-{number}"})[1]
        for number in range(8)
    ]
    requests = [company.ok("GET", f"/v1/customer-requests/{each['request_id']}") for each in found]
    assert {each["state"] for each in requests} == {"RECEIVED"}
    assert all(each["waiting_for"].startswith("SCOPE_MISSING") for each in requests)
    assert sum(each["attempts"] for each in requests) == 1
    between.answer = None
    company.authorize()
    assert [settled(company, clock, each["request_id"])["state"] for each in found] == ["CREATED"] * 8
