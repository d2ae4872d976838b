"""Reading posted orders: what is accepted, and where and how everything else is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.errors import InvalidInput
from exact_connector.orders.model.canonical import MAX_LINES, CanonicalOrder, PurchaseOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.reading import body_of, read_order, read_purchase_order

LINE: dict[str, Any] = {"item_code": "A", "quantity": "1"}
ORDER: dict[str, Any] = {"customer_code": "25", "lines": [LINE]}
PURCHASE: dict[str, Any] = {"supplier_code": "80", "lines": [LINE]}


def refused(body: object, read: Any = read_order) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as raised:
        read(body)
    assert {raised.value.code, *(fault.code for fault in raised.value.faults)} == {"ORDER_VALIDATION"}
    return [(fault.pointer, fault.message) for fault in raised.value.faults]


def with_line(**values: Any) -> dict[str, Any]:
    return {**ORDER, "lines": [{**LINE, **values}]}


def test_a_small_order_has_defaults_for_the_rest() -> None:
    read = read_order(ORDER)

    assert (read.kind, read.customer_code, read.customer_id) == (OrderKind.ORDER, "25", None)
    assert (read.lines[0].quantity, read.lines[0].unit_price, read.reference) == (Decimal(1), None, None)


def test_values_are_normalised() -> None:
    read = read_order(
        {
            **ORDER,
            "customer_id": "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
            "order_type": {"kind": "quotation", "name": "  Fair \t stand "},
            "created_at": "2025-06-10T09:30:00+02:00",
            "order_date": "2025-06-20",
            "reference": "   ",
            "notes": " first\r\nsecond ",
            "currency": "eur",
            "contact_person_id": "00000000-0000-0000-0000-000000000000",
            "original_order_number": 501,
            "discount_percentage": 5,
        }
    )

    assert read.customer_id == "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
    assert (read.kind, read.order_type.name) == (OrderKind.QUOTATION, "Fair stand")
    assert read.created_at == datetime(2025, 6, 10, 7, 30, tzinfo=UTC)
    assert (read.order_date, read.reference, read.notes) == (date(2025, 6, 20), None, "first\nsecond")
    assert (read.currency, read.contact_person_id) == ("EUR", None)
    assert (read.original_order_number, read.discount_percentage) == ("501", Decimal(5))


NUMBERS: list[Any] = [
    pytest.param("12.50", Decimal("12.50"), id="text"),
    pytest.param(12, Decimal(12), id="whole number"),
    pytest.param(0.1, Decimal("0.1"), id="a float counts as it is written"),
    pytest.param(Decimal("1.005"), Decimal("1.005"), id="decimal"),
    pytest.param("-3", Decimal(-3), id="negative"),
    pytest.param(" 3 ", Decimal(3), id="blanks around"),
    pytest.param(None, None, id="null is absent"),
    pytest.param(10 / 3, Decimal("3.333333333333"), id="beyond twelve decimals is rounded"),
    pytest.param(Decimal("1e-999"), Decimal(0), id="next to nothing"),
]


@pytest.mark.parametrize(("posted", "expected"), NUMBERS)
def test_numbers_are_exact(posted: object, expected: Decimal | None) -> None:
    assert read_order(with_line(unit_price=posted)).lines[0].unit_price == expected


WRONG: list[Any] = [
    pytest.param({"customer_id": "25"}, "/customer_id", "must be an ID", id="no GUID"),
    pytest.param({"customer_code": True}, "/customer_code", "text in quotes", id="a code that is a flag"),
    pytest.param({"customer_code": 2.5}, "/customer_code", "text in quotes", id="a code that is a fraction"),
    pytest.param({"warehouse_code": 7}, "/warehouse_code", '"7", with its leading zeros', id="a code that is a number"),
    pytest.param({"lines": [{**LINE, "item_code": 100007}]}, "/lines/0/item_code", '"100007"', id="an item by number"),
    pytest.param({"customer_code": " "}, "/customer_id", "name the customer", id="no customer"),
    pytest.param({"order_date": "20-06-2025"}, "/order_date", "YYYY-MM-DD", id="a Dutch date"),
    pytest.param({"order_date": "2025-02-30"}, "/order_date", "exists", id="an impossible date"),
    pytest.param({"order_date": 20250620}, "/order_date", "YYYY-MM-DD", id="a date that is a number"),
    pytest.param({"delivery_date": "0001-01-01T00:00:00"}, "/delivery_date", "year 1", id="no date in .NET"),
    pytest.param({"created_at": "0001-01-01T00:00:00Z"}, "/created_at", "year 1", id="a moment that is no moment"),
    pytest.param({"created_at": "2025-06-10T09:30:00"}, "/created_at", "offset", id="a moment without offset"),
    pytest.param({"created_at": "2025-06-10"}, "/created_at", "offset", id="a date for a moment"),
    pytest.param({"currency": "euro"}, "/currency", "three letters", id="no currency code"),
    pytest.param({"discount_percentage": "101"}, "/discount_percentage", "between 0 and 100", id="too much discount"),
    pytest.param({"order_type": {"kind": "gift"}}, "/order_type/kind", "'order', 'quotation'", id="unknown kind"),
    pytest.param({"order_type": "quotation"}, "/order_type", "JSON object", id="a kind for an order type"),
    pytest.param({"sales_rep": "Vos"}, "/sales_rep", "JSON object", id="a text for an object"),
    pytest.param({"lines": {"0": LINE, "2": LINE}}, "/lines", "array_values", id="a list of PHP with gaps"),
    pytest.param({"lines": LINE}, "/lines", "JSON list, also of one line", id="one line for a list"),
    pytest.param({"lines": [5]}, "/lines/0", "JSON object", id="a number for a line"),
    pytest.param({"lines": []}, "/lines", "at least one line", id="no lines"),
    pytest.param({"lines": None}, "/lines", "at least one line", id="null for lines"),
    pytest.param({"lines": [{**LINE, "quantity": True}]}, "/lines/0/quantity", "number", id="a boolean for a number"),
    pytest.param({"lines": [{**LINE, "quantity": "1,5"}]}, "/lines/0/quantity", "decimal point", id="a comma"),
    pytest.param({"lines": [{**LINE, "quantity": float("nan")}]}, "/lines/0/quantity", "number", id="not a number"),
    pytest.param({"lines": [{**LINE, "quantity": float("inf")}]}, "/lines/0/quantity", "number", id="infinity"),
    pytest.param({"lines": [{**LINE, "quantity": "٣"}]}, "/lines/0/quantity", "number", id="other digits"),
    pytest.param({"lines": [{**LINE, "quantity": 10**5000}]}, "/lines/0/quantity", "12 digits", id="a huge number"),
    pytest.param({"lines": [{**LINE, "quantity": "1.1234567"}]}, "/lines/0/quantity", "decimals", id="seven decimals"),
    pytest.param({"lines": [{**LINE, "unit_price": 10**12}]}, "/lines/0/unit_price", "12 digits", id="huge price"),
    pytest.param({"lines": [{**LINE, "quantity": None}]}, "/lines/0/quantity", "missing", id="no quantity"),
    pytest.param({"lines": [{"quantity": 1}]}, "/lines/0/item_code", "missing", id="no item"),
    pytest.param({"lines": [{**LINE, "item_code": " "}]}, "/lines/0/item_code", "empty", id="a blank item"),
    pytest.param({"lines": [{**LINE, "price_source": "best"}]}, "/lines/0/price_source", "'tier'", id="price source"),
    pytest.param({"reference": "x" * 256}, "/reference", "at most 255", id="a text that is too long"),
    pytest.param({"reference": "a\x00b"}, "/reference", "cannot be printed", id="a character that is no text"),
    pytest.param({"reference": "a\ud800b"}, "/reference", "cannot be printed", id="half a character"),
    pytest.param({"original_order_number": "A1"}, "/original_order_number", "digits only", id="order number"),
    pytest.param(
        {"alternative_delivery_address": {"city": "X"}},
        "/alternative_delivery_address/street",
        "street",
        id="no street",
    ),
    pytest.param(
        {"alternative_delivery_address": {"street": "X", "city": "Y", "country": "XX"}},
        "/alternative_delivery_address/country",
        "'XX', no country",
        id="no country",
    ),
    pytest.param(
        {"alternative_invoice_address": {"street": "X"}}, "/alternative_invoice_address/city", "city", id="no city"
    ),
    pytest.param(
        {"alternative_contact_person": {"email": "e@x.nl"}},
        "/alternative_contact_person/last_name",
        "name",
        id="nameless",
    ),
    pytest.param(
        {
            "delivery_address_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "alternative_delivery_address": {"street": "X", "city": "Y"},
        },
        "/alternative_delivery_address",
        "one of the two",
        id="two delivery addresses",
    ),
]


@pytest.mark.parametrize(("change", "pointer", "words"), WRONG)
def test_a_wrong_value_is_refused_with_its_place_and_what_to_write(
    change: dict[str, Any], pointer: str, words: str
) -> None:
    (found,) = refused({**ORDER, **change})

    assert found[0] == pointer
    assert words in found[1]


HINTS: list[Any] = [
    pytest.param({"custmer_code": "25"}, "/custmer_code", "did you mean customer_code?", id="order"),
    pytest.param({"Reference": "25"}, "/Reference", "did you mean reference?", id="capitals"),
    pytest.param({"lines": [{**LINE, "unitprice": 1}]}, "/lines/0/unitprice", "did you mean unit_price?", id="line"),
    pytest.param({"sales_rep": {"costcenter": "X"}}, "/sales_rep/costcenter", "did you mean cost_center?", id="rep"),
    pytest.param(
        {"alternative_delivery_address": {"street": "X", "city": "Y", "zip": "1"}},
        "/alternative_delivery_address/zip",
        "remove it",
        id="nothing like it",
    ),
    pytest.param({"a/b~c": 1}, "/a~1b~0c", "remove it", id="a name that needs escapes"),
    pytest.param({"colour": None}, "/colour", "remove it", id="unknown and null"),
]


@pytest.mark.parametrize(("change", "pointer", "words"), HINTS)
def test_an_unknown_field_is_refused_with_a_hint(change: dict[str, Any], pointer: str, words: str) -> None:
    (found,) = refused({**ORDER, **change})

    assert found[0] == pointer
    assert words in found[1]


def test_every_wrong_place_is_told_at_once() -> None:
    body = {"customer_code": 1.5, "currency": "x", "lines": [{"item_code": "A", "quantity": "x"}, {"quantity": 1}]}

    assert [pointer for pointer, _ in refused(body)] == [
        "/customer_code",
        "/currency",
        "/lines/0/quantity",
        "/lines/1/item_code",
    ]


@pytest.mark.parametrize("body", [None, [], "order", 5], ids=["null", "list", "text", "number"])
def test_what_is_no_object_is_refused_as_a_whole(body: object) -> None:
    assert refused(body) == [("", "send a JSON object")]
    assert refused(body, read_purchase_order) == [("", "send a JSON object")]


def test_more_than_five_hundred_lines_are_one_fault() -> None:
    many = {**ORDER, "lines": [{}] * (MAX_LINES + 1)}

    assert refused(many) == [("/lines", "has 501 lines; at most 500 are taken, split the order")]
    assert len(read_order({**ORDER, "lines": [LINE] * MAX_LINES}).lines) == MAX_LINES


def test_values_that_are_typed_already_are_taken_as_they_are() -> None:
    moment = datetime(2025, 6, 10, 7, 30, tzinfo=UTC)
    read = read_order({**ORDER, "order_date": date(2025, 6, 20), "created_at": moment, "delivery_date": ""})

    assert (read.order_date, read.created_at, read.delivery_date) == (date(2025, 6, 20), moment, None)
    assert refused({**ORDER, "order_date": moment})[0][0] == "/order_date"
    assert refused({**ORDER, "created_at": "2025-06-10T25:00:00Z"})[0][0] == "/created_at"


def test_an_order_that_is_written_back_reads_the_same() -> None:
    body = {
        **with_line(unit_price="10.50", instruction="gift wrap", delivery_date="2025-06-20", price_source="tier"),
        "external_id": "E1",
        "created_at": "2025-06-10T09:30:00+02:00",
        "order_type": {"kind": "return", "name": "Back"},
        "sales_rep": {"code": "7"},
        "alternative_contact_person": {"last_name": "Vos"},
        "total": "10.50",
    }
    read = read_order(body)

    assert read_order(body_of(read)) == read
    assert body_of(read)["lines"][0]["unit_price"] == "10.5"
    purchase = read_purchase_order({**PURCHASE, "receipt_date": "2025-07-01"})
    assert read_purchase_order(body_of(purchase)) == purchase


WRONG_PURCHASES: list[Any] = [
    pytest.param({"supplier_code": None}, "/supplier_id", "name the supplier", id="no supplier"),
    pytest.param({"lines": [{"item_code": "A"}]}, "/lines/0/quantity", "one of the two", id="no quantity"),
    pytest.param({"lines": [{**LINE, "purchase_quantity": 1}]}, "/lines/0/quantity", "one of the two", id="both"),
    pytest.param({"lines": []}, "/lines", "at least one line", id="no lines"),
    pytest.param({"suplier_code": "80"}, "/suplier_code", "did you mean supplier_code?", id="unknown field"),
]


@pytest.mark.parametrize(("change", "pointer", "words"), WRONG_PURCHASES)
def test_a_wrong_purchase_order_is_refused_with_its_place(change: dict[str, Any], pointer: str, words: str) -> None:
    (found,) = refused({**PURCHASE, **change}, read_purchase_order)

    assert found[0] == pointer
    assert words in found[1]


def test_the_schema_of_both_orders_forbids_what_is_not_known() -> None:
    for model in (CanonicalOrder, PurchaseOrder):
        schema = model.model_json_schema()

        assert schema["additionalProperties"] is False
        assert all(part["additionalProperties"] is False for part in schema["$defs"].values())
