"""The same order in other writings, and what is readable of an order with faults in its form."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.errors import Fault
from exact_connector.exactly_once.idempotency import external_ids
from exact_connector.orders.model.reading import (
    content_of,
    joined,
    read_order,
    readable_order,
    readable_purchase_order,
)
from exact_connector.storage.packing import pack_posted, unpack

LINE: dict[str, Any] = {"item_code": "100007", "quantity": 1, "net_price": "12.5"}
ORDER: dict[str, Any] = {"external_id": "E1", "customer_code": "52", "lines": [LINE]}
PLACE: dict[str, Any] = {"street": "Café Zoé", "house_number": "12", "city": "Ede", "country": "NL"}
FULL: dict[str, Any] = {
    **ORDER,
    "order_date": "2025-06-20",
    "created_at": "2025-06-10T09:30:00+02:00",
    "reference": "1001",
    "currency": "EUR",
    "warehouse_code": "a1",
    "discount_percentage": 5,
    "contact_person_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "alternative_delivery_address": PLACE,
    "sales_rep": {"cost_center": "North"},
}


def line(**values: Any) -> dict[str, Any]:
    return {"lines": [{**LINE, **values}]}


def place(**values: Any) -> dict[str, Any]:
    return {"alternative_delivery_address": {**PLACE, **values}}


SAME: list[Any] = [
    pytest.param(line(net_price="12.50"), id="a zero behind"),
    pytest.param(line(net_price=12.5), id="a float"),
    pytest.param(line(net_price=Decimal("1.25E+1")), id="an exponent"),
    pytest.param(line(quantity="1"), id="a number as a text"),
    pytest.param(line(quantity=1.0), id="a whole number as a float"),
    pytest.param(line(item_code="100007 "), id="a blank behind a code"),
    pytest.param(line(unit_price=None, instruction="", description="  "), id="null and empty fields"),
    pytest.param({"customer_code": 52}, id="a customer's number"),
    pytest.param({"external_id": " E1 "}, id="blanks around the id"),
    pytest.param({"reference": 1001}, id="a reference that is a number"),
    pytest.param({"order_date": "2025-06-20T00:00:00"}, id="a date with a time"),
    pytest.param({"order_date": "2025-06-19T22:00:00.000Z"}, id="a date of JavaScript"),
    pytest.param({"created_at": "2025-06-10T07:30:00Z"}, id="the same moment in UTC"),
    pytest.param({"currency": "eur"}, id="small letters of a currency"),
    pytest.param({"warehouse_code": "A1"}, id="capitals of a code"),
    pytest.param({"sales_rep": {"cost_center": "NORTH", "code": None}}, id="capitals within a part"),
    pytest.param({"discount_percentage": "5.00"}, id="a percentage as a text"),
    pytest.param({"contact_person_id": "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"}, id="an ID of .NET"),
    pytest.param({"contact_person_id": "3f2504e04f8911d39a0c0305e82c3301"}, id="an ID without dashes"),
    pytest.param(place(street=unicodedata.normalize("NFD", "Café Zoé")), id="decomposed letters"),
    pytest.param(place(street="Caf&eacute;  Zo&#233;"), id="HTML entities and two blanks"),
    pytest.param(place(house_number=12), id="a house number that is a number"),
    pytest.param(place(country="Nederland"), id="the name of a country"),
    pytest.param({"order_type": {"kind": "Order"}}, id="the kind that is meant anyway"),
    pytest.param({"order_type": [], "alternative_invoice_address": {"street": "", "city": None}}, id="empty parts"),
]


@pytest.mark.parametrize("change", SAME)
def test_the_same_order_in_another_writing_says_the_same(change: dict[str, Any]) -> None:
    assert content_of({**FULL, **change}, purchase=False) == content_of(FULL, purchase=False)


OTHER: list[Any] = [
    pytest.param(line(net_price="12.51"), id="price"),
    pytest.param(line(quantity=2), id="quantity"),
    pytest.param(line(item_code="0100007"), id="a leading zero of a code"),
    pytest.param(line(unit_price="12.5"), id="another price field"),
    pytest.param({"lines": [LINE, LINE]}, id="a line twice"),
    pytest.param({"reference": "po 1001"}, id="reference"),
    pytest.param({"order_date": "2025-06-21"}, id="date"),
    pytest.param({"order_type": {"kind": "quotation"}}, id="kind"),
    pytest.param(place(country="BE"), id="country"),
    pytest.param(place(street="cafe zoe"), id="letters of a street"),
    pytest.param({"notes": "Call"}, id="notes"),
]


@pytest.mark.parametrize("change", OTHER)
def test_another_order_says_something_else(change: dict[str, Any]) -> None:
    assert content_of({**FULL, **change}, purchase=False) != content_of(FULL, purchase=False)


def test_notes_keep_their_capitals_and_line_ends_of_windows_do_not_count() -> None:
    def of(notes: str) -> dict[str, Any] | None:
        return content_of({**ORDER, "notes": notes}, purchase=False)

    assert of("Call\r\nfirst") == of(" Call\nfirst ")
    assert of("Call") != of("CALL")


def test_purchase_orders_are_compared_alike() -> None:
    bought = {"supplier_code": "80", "lines": [{"item_code": "A", "quantity": 24}]}

    assert content_of(bought, purchase=True) == content_of(
        {"supplier_code": 80, "lines": [{"item_code": "a", "quantity": "24.0"}]}, purchase=True
    )
    assert content_of(bought, purchase=False) is None


def test_what_was_stored_of_an_order_says_what_was_posted() -> None:
    posted = json.loads('{"customer_code": "52", "lines": [{"item_code": "A", "quantity": 1e2}]}', parse_float=Decimal)

    assert read_order(unpack(pack_posted(posted))).lines[0].quantity == 100
    assert content_of(unpack(pack_posted(posted)), purchase=False) == content_of(posted, purchase=False)


NO_IDS: tuple[object, ...] = (None, "", "  ", True, [], {})
IDS: list[Any] = [
    pytest.param("E1", ("E1",), id="text"),
    pytest.param(" E1 ", ("E1",), id="blanks"),
    pytest.param(4711, ("4711",), id="number"),
    pytest.param("A  B", ("A B", "A  B"), id="as it was kept before"),
    pytest.param("e\u0301", ("\u00e9", "e\u0301"), id="decomposed"),
    pytest.param("x" * 101, ("x" * 101,), id="too long, which the reading refuses"),
    *(pytest.param(value, (), id=repr(value)) for value in NO_IDS),
]


@pytest.mark.parametrize(("written", "expected"), IDS)
def test_the_clients_own_id(written: object, expected: tuple[str, ...]) -> None:
    assert external_ids({"external_id": written}) == expected


def test_what_is_wrong_in_form_is_left_out_of_what_is_read() -> None:
    found = readable_order(
        {
            "customer_code": "25",
            "currency": "euro",
            "colour": 1,
            "order_date": "x",
            "lines": [
                {"item_code": 5, "quantity": 2},
                {"item_code": "A", "quantity": "1,5", "unit_price": "x", "net_price": 3},
                7,
                {"item_code": "B", "quantity": 3},
            ],
        }
    )

    assert {fault.pointer for fault in found.faults} == {
        *("/currency", "/colour", "/order_date", "/lines/0/item_code", "/lines/1/quantity", "/lines/1/unit_price"),
        "/lines/2",
    }
    order = found.order
    assert order is not None
    assert (order.customer_code, order.currency, order.order_date) == ("25", None, None)
    assert [(each.item_code, int(each.quantity)) for each in order.lines] == [("?", 2), ("A", 1), ("?", 1), ("B", 3)]
    assert (order.lines[1].unit_price, order.lines[1].net_price) == (None, Decimal(3))


def test_a_part_that_is_no_object_is_left_out() -> None:
    found = readable_order({**ORDER, "sales_rep": "Vos", "alternative_delivery_address": {"street": 5.5, "city": "X"}})

    assert [fault.pointer for fault in found.faults] == ["/alternative_delivery_address/street", "/sales_rep"]
    assert found.order is not None


def test_a_purchase_order_is_read_in_spite_of_its_faults() -> None:
    found = readable_purchase_order({"supplier_code": "80", "lines": [{"item_code": "A", "quantity": "1,5"}, {}]})

    assert [fault.pointer for fault in found.faults] == ["/lines/0/quantity", "/lines/1/item_code", "/lines/1/quantity"]
    assert found.order is not None
    assert [each.item_code for each in found.order.lines] == ["A", "?"]


EXPLAINED: list[Any] = [
    pytest.param("/customer_id", "/customer_code", True, id="two names of the customer"),
    pytest.param("/lines/0/item_code", "/lines/0/item_code", True, id="the same place"),
    pytest.param("/lines/2", "/lines/2/item_code", True, id="a part of it"),
    pytest.param("/alternative_delivery_address/street", "/alternative_delivery_address", True, id="the whole of it"),
    pytest.param("/lines/0/unit_price", "/lines/0/net_price", True, id="prices of one line"),
    pytest.param("/lines/0/unit_price", "/lines/1/net_price", False, id="prices of two lines"),
    pytest.param("/lines/0/quantity", "/total", True, id="the total of what could not be read"),
    pytest.param("/lines/1", "/lines/10/item_code", False, id="a pointer that only begins alike"),
    pytest.param("/currency", "/customer_code", False, id="another field"),
]


@pytest.mark.parametrize(("form", "reference", "explained"), EXPLAINED)
def test_what_a_fault_in_the_form_explains_is_not_reported_twice(form: str, reference: str, explained: bool) -> None:
    first, second = Fault(form, "ORDER_VALIDATION", "x"), Fault(reference, "ORDER_REFERENCE_NOT_FOUND", "y")

    assert joined([first], [second]) == ((first,) if explained else (first, second))
