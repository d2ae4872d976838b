"""Orders on the relation card."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.projection import Document
from exact_connector.customers.history.orders import (
    HistoryOrder,
    OrderHistory,
    back_order_quantity,
    exact_orders,
    history_orders,
    history_source,
    order_history,
)
from exact_connector.customers.history.own_orders import ItemVat, OwnOrder, own_orders
from exact_connector.fields import Row
from exact_connector.settings.validate import validate
from unit.customers.customer_rows import exact_date, guid, settings_of

EXACT: dict[str, Any] = {"OrderHistoryBackoffice": True}
NEXT: dict[str, Any] = {"ShowNextDeliveryDateOnBackOrderLines": True, "SyncNextDeliveryDate": True}


def header(number: int, day: date = date(2025, 6, 1), **values: Any) -> Row:
    return {
        "OrderID": guid(number).upper(),
        "OrderNumber": number,
        "OrderDate": exact_date(day),
        "Status": 12,
        "Currency": "EUR",
        "AmountFC": Decimal(121),
        "AmountFCExclVat": Decimal(100),
        **values,
    }


def line(number: int, order: int, ordered: str, delivered: str, **values: Any) -> Row:
    return {
        "ID": guid(1000 + number),
        "OrderID": guid(order),
        "LineNumber": number,
        "ItemCode": f"ITEM{number}",
        "Quantity": Decimal(ordered),
        "QuantityDelivered": Decimal(delivered),
        "AmountFC": Decimal(100),
        "VATAmount": Decimal(21),
        "DeliveryStatus": 12,
        **values,
    }


HEADERS = (header(501), header(502, date(2025, 6, 3)), header(503, date(2025, 6, 3)))
LINES = (line(1, 501, "10", "10"), line(2, 501, "5", "2"), line(3, 502, "4", "4", DeliveryStatus=21))


def history(
    orders: list[HistoryOrder] | None = None, dates: dict[str, str | None] | None = None, **settings: Any
) -> OrderHistory:
    return order_history(
        exact_orders(HEADERS, LINES) if orders is None else orders, settings_of(**settings), dates or {}
    )


def numbers(found: OrderHistory) -> list[int | None]:
    return [order["order_number"] for order in found.orders]


def lines_of(found: OrderHistory, number: int) -> list[Document]:
    return next(list(order["lines"]) for order in found.orders if order["order_number"] == number)


def test_an_order_of_exact_carries_the_canonical_fields() -> None:
    full = header(501, DeliveryDate=exact_date(date(2025, 6, 5)), Description="Spring", YourRef="PO 1 ", Status=20)
    priced = {"NetPrice": Decimal(9), "UnitPrice": Decimal(10), "Discount": Decimal("0.1")}
    rows = [line(1, 501, "10", "4", Description="Chair", DeliveryDate=exact_date(date(2025, 6, 6)), **priced)]
    assert history(exact_orders((full,), rows), **EXACT).orders == (
        {
            "order_id": guid(501),
            "order_number": 501,
            "order_date": "2025-06-01",
            "delivery_date": "2025-06-05",
            "description": "Spring",
            "your_ref": "PO 1",
            "status": "partial",
            "currency": "EUR",
            "total": "121",
            "vat_included": True,
            "lines": [
                {
                    "line_number": 1,
                    "item_code": "ITEM1",
                    "description": "Chair",
                    "quantity": "10",
                    "quantity_delivered": "4",
                    "back_order_quantity": "6",
                    "unit_price": "10",
                    "discount_percentage": "10",
                    "total": "121",
                    "delivery_date": "2025-06-06",
                    "next_delivery_date": None,
                }
            ],
        },
    )


def test_the_setting_decides_whether_orders_come_from_exact() -> None:
    def exact() -> list[HistoryOrder]:
        return exact_orders((header(501),), ())

    def own() -> list[HistoryOrder]:
        return own_orders([OwnOrder("o1", "submitted", {}, 502)], {})

    from_exact = history_orders(settings_of(**EXACT), from_exact=exact, own=own)
    from_store = history_orders(settings_of(), from_exact=exact, own=own)
    assert [order.order_number for order in from_exact] == [501]
    assert [order.order_number for order in from_store] == [502]


def test_own_orders_need_no_call_to_exact() -> None:
    def exact() -> list[HistoryOrder]:
        raise AssertionError("Exact was asked")

    assert history_orders(settings_of(), from_exact=exact, own=list) == []
    assert (history_source(settings_of()), history_source(settings_of(**EXACT))) == ("own", "exact")


def test_the_newest_order_comes_first_and_the_highest_number_on_one_day() -> None:
    assert numbers(history(**EXACT)) == [503, 502, 501]
    assert numbers(history(exact_orders(HEADERS[::-1], LINES[::-1]), **EXACT)) == [503, 502, 501]


@pytest.mark.parametrize(
    ("top", "expected"), [(0, 35), (20, 20), (50, 35)], ids=["no limit", "twenty", "more than all"]
)
def test_at_most_so_many_orders_are_shown(top: int, expected: int) -> None:
    orders = exact_orders([header(number) for number in range(1, 36)], ())
    found = numbers(history(orders, OrderSelectTop=top, **EXACT))
    assert found == list(range(35, 35 - expected, -1))


def test_the_limit_counts_own_orders_too() -> None:
    own = own_orders(
        [OwnOrder(str(number), "submitted", {"order_date": "2025-06-01"}, number) for number in (1, 2, 3)], {}
    )
    assert numbers(history(own, OrderSelectTop=2)) == [3, 2]


@pytest.mark.parametrize("value", [-1, "many", 1.5], ids=["negative", "text", "fraction"])
def test_a_limit_that_is_no_count_is_refused(value: object) -> None:
    assert validate({"OrderSelectTop": value}).settings is None


BACK_ORDERS: dict[str, tuple[Row, str]] = {
    "partly delivered": (line(1, 1, "5", "2"), "3"),
    "all delivered": (line(1, 1, "10", "10"), "0"),
    "more delivered than ordered": (line(1, 1, "10", "12"), "0"),
    "line complete": (line(1, 1, "5", "2", DeliveryStatus=21), "0"),
    "line cancelled": (line(1, 1, "5", "2", DeliveryStatus=45), "0"),
    "line partial": (line(1, 1, "5", "2", DeliveryStatus=20), "3"),
    "nothing known as delivered": ({"Quantity": 5}, "5"),
    "trade-in": (line(1, 1, "-5", "0"), "0"),
}


@pytest.mark.parametrize(("row", "expected"), BACK_ORDERS.values(), ids=BACK_ORDERS)
def test_a_back_order_is_what_is_still_to_be_delivered(row: Row, expected: str) -> None:
    assert back_order_quantity(row) == Decimal(expected)


def test_only_lines_in_back_order_are_shown_when_wanted() -> None:
    found = history(ShowOnlyBackOrderLines=True, **EXACT)
    assert numbers(found) == [501]
    assert [(entry["item_code"], entry["back_order_quantity"]) for entry in lines_of(found, 501)] == [("ITEM2", "3")]
    assert found.orders[0]["total"] == "121"
    assert len(lines_of(history(**EXACT), 501)) == 2


def test_the_limit_counts_before_orders_without_back_orders_are_dropped() -> None:
    assert numbers(history(ShowOnlyBackOrderLines=True, OrderSelectTop=2, **EXACT)) == []
    assert numbers(history(ShowOnlyBackOrderLines=True, OrderSelectTop=3, **EXACT)) == [501]


def test_back_order_lines_show_the_next_delivery_date_of_their_item() -> None:
    dates: dict[str, str | None] = {"item1": "2025-06-15", "ITEM2": "2025-06-20"}
    shown = [entry["next_delivery_date"] for entry in lines_of(history(dates=dates, **EXACT, **NEXT), 501)]
    hidden = [entry["next_delivery_date"] for entry in lines_of(history(dates=dates, **EXACT), 501)]
    assert shown == [None, "2025-06-20"]
    assert hidden == [None, None]


def test_an_item_without_a_next_delivery_date_shows_none() -> None:
    assert [entry["next_delivery_date"] for entry in lines_of(history(**EXACT, **NEXT), 501)] == [None, None]


IGNORED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing on": ({}, []),
    "all that is needed": (EXACT | NEXT | {"ShowOnlyBackOrderLines": True}, []),
    "back orders without Exact's history": ({"ShowOnlyBackOrderLines": True}, ["ShowOnlyBackOrderLines"]),
    "next dates without Exact's history": (NEXT, ["ShowNextDeliveryDateOnBackOrderLines"]),
    "next dates that are not stored": (
        EXACT | {"ShowNextDeliveryDateOnBackOrderLines": True},
        ["ShowNextDeliveryDateOnBackOrderLines"],
    ),
}


@pytest.mark.parametrize(("settings", "keys"), IGNORED.values(), ids=IGNORED)
def test_a_setting_without_effect_is_told(settings: dict[str, Any], keys: list[str]) -> None:
    found = history(**settings).warnings
    assert [warning.code for warning in found] == ["CONFIG_IGNORED_SETTING"] * len(keys)
    assert [warning.message.split()[0] for warning in found] == keys


def test_back_order_switches_leave_own_orders_alone() -> None:
    own = own_orders(
        [OwnOrder("o1", "submitted", {"lines": [{"item_code": "A", "quantity": "2", "unit_price": "5"}]})], {}
    )
    found = history(own, {"A": "2025-06-20"}, ShowOnlyBackOrderLines=True, **NEXT)
    assert len(found.orders) == 1
    assert found.orders[0]["lines"][0]["next_delivery_date"] is None


def test_totals_include_vat_unless_excluded() -> None:
    including, excluding = history(**EXACT), history(ExcludeVatFromHistoryTotals=True, **EXACT)
    assert (including.orders[0]["total"], including.orders[0]["vat_included"]) == ("121", True)
    assert (excluding.orders[0]["total"], excluding.orders[0]["vat_included"]) == ("100", False)
    assert lines_of(including, 501)[0]["total"] == "121"
    assert lines_of(excluding, 501)[0]["total"] == "100"


def test_a_missing_total_without_vat_is_computed_from_the_lines() -> None:
    orders = exact_orders((header(501, AmountFC=Decimal(242), AmountFCExclVat=None),), LINES)
    assert history(orders, ExcludeVatFromHistoryTotals=True, **EXACT).orders[0]["total"] == "200"


def test_an_order_posted_with_net_prices_shows_them_as_unit_price() -> None:
    rows = (line(1, 501, "1", "0", UnitPrice=Decimal(0), NetPrice=Decimal("8.50")),)
    assert lines_of(history(exact_orders(HEADERS, rows), **EXACT), 501)[0]["unit_price"] == "8.5"


OWN = OwnOrder(
    "o1",
    "submitted",
    {
        "order_date": "2025-06-02",
        "reference": "Spring",
        "your_reference": "PO 1",
        "currency": "EUR",
        "discount_percentage": "10",
        "lines": [
            {
                "item_code": "A",
                "quantity": "2",
                "unit_price": "10.00",
                "discount_percentage": "50",
                "delivery_date": "2025-06-09",
            },
            {"item_code": "b", "quantity": 1, "net_price": "12.10", "description": "Table"},
        ],
    },
    order_number=777,
)
VAT = {"A": ItemVat(Decimal(21), included=False), "B": ItemVat(Decimal(21), included=True)}


def test_own_orders_show_what_the_client_posted() -> None:
    found = history(own_orders([OWN], VAT)).orders[0]
    assert found["order_id"] == "o1"
    assert (found["order_number"], found["status"], found["order_date"]) == (777, "submitted", "2025-06-02")
    assert (found["description"], found["your_ref"], found["delivery_date"]) == ("Spring", "PO 1", None)
    first, second = found["lines"]
    assert (first["unit_price"], first["discount_percentage"], first["delivery_date"]) == ("10", "50", "2025-06-09")
    assert (first["quantity_delivered"], first["back_order_quantity"]) == (None, None)
    assert (second["description"], second["unit_price"]) == ("Table", "12.1")


def test_own_totals_follow_the_vat_of_the_items_and_the_header_discount() -> None:
    including = history(own_orders([OWN], VAT)).orders[0]
    excluding = history(own_orders([OWN], VAT), ExcludeVatFromHistoryTotals=True).orders[0]
    assert [entry["total"] for entry in including["lines"]] == ["12.1", "12.1"]
    assert [entry["total"] for entry in excluding["lines"]] == ["10", "10"]
    assert (including["total"], excluding["total"]) == ("21.78", "18")


def test_an_own_order_without_a_price_has_no_total() -> None:
    own = OwnOrder(
        "o2", "received", {"created_at": "2025-06-02T10:00:00Z", "lines": [{"item_code": "A", "quantity": "1"}]}
    )
    found = history(own_orders([own], VAT)).orders[0]
    assert (found["total"], found["lines"][0]["total"], found["order_date"]) == (None, None, "2025-06-02")


def test_an_item_that_is_not_known_counts_without_vat() -> None:
    found = history(own_orders([OWN], {})).orders[0]
    assert [entry["total"] for entry in found["lines"]] == ["10", "12.1"]
