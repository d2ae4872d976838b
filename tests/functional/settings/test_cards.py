"""The settings of a customer's card: which orders and invoices it shows, and what it asks of Exact for them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from functional.settings.conftest import Company

pytestmark = pytest.mark.slow

EXACT_ORDERS = {"salesorder/SalesOrders": 1, "salesorder/SalesOrderLines": 1}
BACKOFFICE = {"OrderHistoryBackoffice": True}


@pytest.fixture(autouse=True)
def _defaults_stay(company: Company) -> Iterator[None]:
    yield
    company.shop.settings({})


@pytest.fixture(scope="module")
def buyer(company: Company) -> str:
    """A served customer with several orders in Exact, one of them with lines that are still to be delivered."""
    served = {row["customer_id"] for row in company.shop.every("/v1/customers")}
    lines = company.shop.exact_rows("SalesOrderLines")
    waiting = {
        row["OrderID"] for row in lines if Decimal(str(row["Quantity"])) > Decimal(str(row["QuantityDelivered"]))
    }
    orders = [row for row in company.shop.exact_rows("SalesOrders") if row["OrderedBy"] in served]
    found = [str(row["OrderedBy"]) for row in orders if row["OrderID"] in waiting and row["Status"] == 12]
    return next(each for each in found if sum(row["OrderedBy"] == each for row in orders) > 1)


def orders(company: Company, buyer: str, **settings: Any) -> list[dict[str, Any]]:
    company.shop.settings(settings)
    company.shop.forget_calls()
    return list(company.shop.ok("GET", f"/v1/customers/{buyer}/orders")["orders"])


def test_by_default_the_card_shows_own_orders_without_asking_exact(company: Company, buyer: str) -> None:
    assert orders(company, buyer) == []
    body = {"external_id": "CARD-1", "customer_id": buyer, "lines": [{"item_code": "100101", "quantity": 2}]}
    posted = company.shop.ok("POST", "/v1/orders", body)
    (shown,) = orders(company, buyer)
    assert (shown["order_id"], [line["quantity"] for line in shown["lines"]]) == (posted["order_id"], ["2"])
    assert company.shop.calls() == {}


def test_own_orders_know_the_vat_of_an_item_whatever_the_capitals_of_its_code(company: Company, buyer: str) -> None:
    before = {order["order_id"] for order in orders(company, buyer)}
    line = {"item_code": "klein-letter", "quantity": 2, "unit_price": "10"}
    body = {"external_id": "CARD-2", "customer_id": buyer, "lines": [line]}
    posted = company.shop.ok("POST", "/v1/orders", body)
    (shown,) = [order for order in orders(company, buyer) if order["order_id"] not in before]
    item = company.shop.ok("GET", "/v1/items/KLEIN-letter")
    assert (shown["order_id"], item["vat_included"]) == (posted["order_id"], False)
    assert Decimal(shown["total"]) == 20 + 20 * Decimal(item["vat_percentage"]) / 100


def test_with_history_of_the_back_office_the_card_shows_the_orders_of_exact_newest_first(
    company: Company, buyer: str
) -> None:
    shown = orders(company, buyer, **BACKOFFICE)
    expected = [row for row in company.shop.exact_rows("SalesOrders") if row["OrderedBy"] == buyer]
    assert {row["order_number"] for row in shown} == {row["OrderNumber"] for row in expected}
    assert [row["order_date"] for row in shown] == sorted((row["order_date"] for row in shown), reverse=True)
    assert company.shop.calls() == EXACT_ORDERS


def test_only_the_newest_orders_are_shown_when_their_number_is_set(company: Company, buyer: str) -> None:
    every = orders(company, buyer, **BACKOFFICE)
    assert orders(company, buyer, **BACKOFFICE, OrderSelectTop=1) == every[:1]
    assert len(every) > 1


def test_only_lines_to_be_delivered_are_shown_when_that_is_set(company: Company, buyer: str) -> None:
    every = orders(company, buyer, **BACKOFFICE)
    shown = orders(company, buyer, **BACKOFFICE, ShowOnlyBackOrderLines=True)
    wanted = {
        (order["order_number"], line["line_number"])
        for order in every
        for line in order["lines"]
        if Decimal(line["back_order_quantity"]) > 0
    }
    assert {(order["order_number"], line["line_number"]) for order in shown for line in order["lines"]} == wanted
    assert wanted


def test_lines_to_be_delivered_carry_the_items_next_delivery_date_when_that_is_set(
    company: Company, buyer: str
) -> None:
    settings = {**BACKOFFICE, "SyncNextDeliveryDate": True}
    assert all(line["next_delivery_date"] is None for o in orders(company, buyer, **settings) for line in o["lines"])
    shown = orders(company, buyer, **settings, ShowNextDeliveryDateOnBackOrderLines=True)
    dates = {row["item_code"]: row["next_delivery_date"] for row in company.shop.every("/v1/items")}
    for line in (line for order in shown for line in order["lines"]):
        waits = Decimal(line["back_order_quantity"]) > 0
        assert line["next_delivery_date"] == (dates.get(line["item_code"]) if waits else None)


def test_totals_are_without_vat_when_that_is_set(company: Company, buyer: str) -> None:
    including = orders(company, buyer, **BACKOFFICE)
    excluding = orders(company, buyer, **BACKOFFICE, ExcludeVatFromHistoryTotals=True)
    amounts = {row["OrderNumber"]: row["AmountFCExclVat"] for row in company.shop.exact_rows("SalesOrders")}
    for row in excluding:
        assert Decimal(row["total"]) == Decimal(str(amounts[row["order_number"]]))
    assert {row["vat_included"] for row in including} == {True}
    assert {row["vat_included"] for row in excluding} == {False}


def test_the_card_shows_the_invoices_of_exact_unless_they_are_hidden(company: Company, buyer: str) -> None:
    shop = company.shop
    payer = next(row["InvoiceTo"] for row in shop.exact_rows("SalesInvoices") if row["InvoiceTo"] in served(company))
    shop.forget_calls()
    card = shop.ok("GET", f"/v1/customers/{payer}/invoices")
    expected = {row["InvoiceNumber"] for row in shop.exact_rows("SalesInvoices") if row["InvoiceTo"] == payer}
    assert {row["invoice_number"] for row in card["invoices"]} == expected
    assert shop.calls() == {"salesinvoice/SalesInvoices": 1, "read/financial/ReceivablesList": 1}

    shop.settings({"HideInvoicesOnRelationCard": True})
    shop.forget_calls()
    assert shop.ok("GET", f"/v1/customers/{payer}/invoices") == {"hidden": True, "invoices": [], "next": None}
    assert shop.calls() == {}


def served(company: Company) -> set[str]:
    return {row["customer_id"] for row in company.shop.every("/v1/customers")}
