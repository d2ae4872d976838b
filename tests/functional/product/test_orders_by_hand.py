"""Over HTTP: what somebody typed into Exact for a refused order is proposed, and a person says that it is the order."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest

from functional.product.company import DIVISION, Company, Row

numbers = itertools.count(1)
SIDES = ["orders", "purchase-orders"]


def a_buyer(company: Company) -> str:
    """A customer that may be sold to, another one each time."""
    customers = [each for each in company.served("/v1/customers") if not each["is_blocked"]]
    return str(customers[next(numbers)]["customer_id"])


def an_item(company: Company) -> str:
    """The code of an item that is sold."""
    items = company.served("/v1/items")
    return str(next(each["item_code"] for each in items if each["sales_price"] and each["item_code"].isdigit()))


def refused(company: Company, buyer: str, reference: str) -> str:
    """Post an order for two pieces that Exact refuses; return its id."""
    order = {
        "external_id": f"HAND-{next(numbers)}",
        "customer_id": buyer,
        "your_reference": reference,
        "lines": [{"item_code": an_item(company), "quantity": "2"}],
    }
    account = f"/records/{DIVISION}/Accounts/{buyer}"
    company.sandbox.control("PATCH", account, {"Blocked": True})
    found = company.ok("POST", "/v1/orders", order, headers={"prefer": "wait=20"})
    assert found["state"] == "REJECTED", found
    company.sandbox.control("PATCH", account, {"Blocked": False})
    return str(found["order_id"])


def typed(company: Company, buyer: str, reference: str) -> Row:
    """Enter a sales order of one piece in Exact, as a person does there."""
    code = an_item(company)
    (item,) = [row["ID"] for row in company.exact_rows("Items") if row["Code"].strip() == code]
    document = {"OrderedBy": buyer, "YourRef": reference, "SalesOrderLines": [{"Item": item, "Quantity": 1}]}
    return dict(company.sandbox.control("POST", f"/records/{DIVISION}/SalesOrders?_rules=1", document))


def morning(company: Company) -> None:
    """Compare the orders with Exact, as every morning."""
    until = company.box.clock.now() + timedelta(seconds=250)
    company.box.orders.watch.check(company.tenant, DIVISION, until)


def with_proposal(company: Company) -> tuple[str, Row]:
    """Return a refused order, and the proposal of what somebody typed in for it."""
    buyer, reference = a_buyer(company), f"by hand {next(numbers)}"
    order_id = refused(company, buyer, reference)
    document = typed(company, buyer, reference.upper())
    morning(company)
    (proposal,) = company.ok("GET", f"/v1/orders/{order_id}")["proposals"]
    assert proposal["exact_id"] == document["OrderID"].lower()
    return order_id, proposal


@pytest.fixture
def proposed(company: Company) -> tuple[str, Row]:
    """A refused order with its proposal."""
    return with_proposal(company)


@pytest.mark.parametrize("name", ["exact_id", "exact_number"])
def test_a_proposed_document_is_linked_and_nothing_is_sent_any_more(
    company: Company, proposed: tuple[str, Row], name: str
) -> None:
    order_id, proposal = proposed
    in_exact = len(company.exact_rows("SalesOrders"))
    status, found, _ = company.call("POST", f"/v1/orders/{order_id}/link", {name: proposal[name]})
    assert (status, found["state"], found["exact_id"]) == (200, "SUBMITTED", proposal["exact_id"])
    assert (found["exact_number"], found["linked_by_hand"]) == (proposal["exact_number"], True)
    assert (found["proposals"], found["reasons"]) == ([], [])
    assert company.call("POST", f"/v1/orders/{order_id}/resend")[0] == 409
    company.work_on_orders()
    assert len(company.exact_rows("SalesOrders")) == in_exact


def test_the_trail_tells_who_linked_it(company: Company, proposed: tuple[str, Row]) -> None:
    order_id, proposal = proposed
    made = company.ok("POST", f"/v1/tenants/{company.tenant}/keys", {"scopes": ["orders:write", "orders:read"]})
    with_key = {"authorization": f"Bearer {made['key']}"}
    company.ok("POST", f"/v1/orders/{order_id}/link", {"exact_id": proposal["exact_id"]}, headers=with_key)
    trail = company.ok("GET", f"/v1/orders/{order_id}/trail")["trail"]
    assert (trail[-1]["from"], trail[-1]["to"]) == ("REJECTED", "SUBMITTED")
    assert trail[-1]["reason"] == f"linked by key {made['id']}"


def test_the_same_link_again_gives_the_same_answer(company: Company, proposed: tuple[str, Row]) -> None:
    order_id, proposal = proposed
    body = {"exact_id": proposal["exact_id"]}
    first = company.ok("POST", f"/v1/orders/{order_id}/link", body)
    assert company.ok("POST", f"/v1/orders/{order_id}/link", body) == first


def test_another_document_than_the_linked_one_is_a_conflict(company: Company, proposed: tuple[str, Row]) -> None:
    order_id, proposal = proposed
    company.ok("POST", f"/v1/orders/{order_id}/link", {"exact_id": proposal["exact_id"]})
    status, found, _ = company.call("POST", f"/v1/orders/{order_id}/link", {"exact_number": "1"})
    assert (status, found["code"]) == (409, "CONFLICT")


def test_a_dismissed_document_does_not_come_back(company: Company, proposed: tuple[str, Row]) -> None:
    order_id, proposal = proposed
    for _ in range(2):
        status, found, _ = company.call("POST", f"/v1/orders/{order_id}/dismiss", {"exact_id": proposal["exact_id"]})
        assert (status, found["state"], found["proposals"]) == (200, "REJECTED", [])
        morning(company)
    trail = company.ok("GET", f"/v1/orders/{order_id}/trail")["trail"]
    assert trail[-1]["reason"] == f"proposal {proposal['exact_number']} dismissed by operator"


Body = Callable[[Row], object]
WRONG: dict[str, tuple[Body, int, str, str | None]] = {
    "another id": (lambda _: {"exact_id": "0" * 8}, 422, "NOT_PROPOSED", "/exact_id"),
    "another number": (lambda _: {"exact_number": "1"}, 422, "NOT_PROPOSED", "/exact_number"),
    "a proposal with another's number": (
        lambda each: {"exact_id": each["exact_id"], "exact_number": "1"},
        422,
        "NOT_PROPOSED",
        "/exact_id",
    ),
    "neither": (lambda _: {}, 422, "INVALID_INPUT", ""),
    "a number that is no text": (lambda _: {"exact_number": 1}, 422, "INVALID_INPUT", "/exact_number"),
    "an unknown field": (lambda each: {**each}, 422, "INVALID_INPUT", "/why"),
    "no object": (lambda _: [], 422, "INVALID_INPUT", ""),
    "no JSON": (lambda _: "{", 400, "MALFORMED_JSON", None),
}


@pytest.fixture(scope="module")
def untouched(company: Company) -> tuple[str, Row]:
    """A refused order with its proposal that nobody links."""
    return with_proposal(company)


@pytest.mark.parametrize("action", ["link", "dismiss"])
@pytest.mark.parametrize(("body", "status", "code", "pointer"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_choice_is_refused_with_what_to_do_and_changes_nothing(
    company: Company, untouched: tuple[str, Row], body: Body, status: int, code: str, pointer: str | None, action: str
) -> None:
    order_id, proposal = untouched
    before = company.rows()
    answered, found, headers = company.call("POST", f"/v1/orders/{order_id}/{action}", body(proposal))
    assert (answered, found["code"], headers["Content-Type"]) == (status, code, "application/problem+json")
    if pointer is not None:
        assert [each["pointer"] for each in found["errors"]] == [pointer]
    if code == "NOT_PROPOSED":
        assert proposal["exact_id"] in found["detail"]
    assert company.rows() == before


@pytest.mark.parametrize("action", ["link", "dismiss"])
@pytest.mark.parametrize("side", SIDES)
def test_an_unknown_order_is_not_found(company: Company, side: str, action: str) -> None:
    status, found, _ = company.call("POST", f"/v1/{side}/o-none/{action}", {"exact_id": "x"})
    assert (status, found["code"]) == (404, "NOT_FOUND")


def test_a_document_of_another_order_is_a_conflict_that_names_it(company: Company) -> None:
    buyer, reference = a_buyer(company), "ordered twice by accident"
    first, second = refused(company, buyer, reference), refused(company, buyer, reference)
    document = typed(company, buyer, reference)
    morning(company)
    company.ok("POST", f"/v1/orders/{first}/link", {"exact_id": document["OrderID"]})
    status, found, _ = company.call("POST", f"/v1/orders/{second}/link", {"exact_id": document["OrderID"]})
    assert status == 409
    assert first in found["detail"]


@pytest.mark.parametrize("action", ["link", "dismiss"])
def test_a_key_that_may_only_read_orders_judges_nothing(
    company: Company, untouched: tuple[str, Row], action: str
) -> None:
    order_id, proposal = untouched
    made = company.ok("POST", f"/v1/tenants/{company.tenant}/keys", {"scopes": ["orders:read"]})
    status, _, _ = company.call(
        "POST",
        f"/v1/orders/{order_id}/{action}",
        {"exact_id": proposal["exact_id"]},
        headers={"authorization": f"Bearer {made['key']}"},
    )
    assert status == 403
