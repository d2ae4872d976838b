"""What has to be looked up for an order: nothing that its settings and fields do not need."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from exact_connector.orders.mapping.context import Constants
from exact_connector.orders.mapping.required_references import ReferenceRequest, required_references
from unit.orders.mapping.order_cases import CUSTOMER, TODAY, guid, line, order, settings_of

BARE = ReferenceRequest(CUSTOMER, (), ("A",))
EVA: dict[str, Any] = {"last_name": "Vos"}
PLACE: dict[str, Any] = {"street": "Dorpsstraat 12", "city": "Utrecht"}
SOURCED = [line(price_source="default")]
STOCK: dict[str, Any] = {"CheckStockAndSetDeliveryDateOnOrderLine": True}
BY_LIST: dict[str, Any] = {"DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged": True}


def needs(kind: str = "order", settings: dict[str, Any] | None = None, **posted: Any) -> ReferenceRequest:
    return required_references(order(kind, **posted), settings_of(**(settings or {})), TODAY)


def differing(found: ReferenceRequest) -> dict[str, Any]:
    names = ReferenceRequest.__dataclass_fields__
    return {name: getattr(found, name) for name in names if getattr(found, name) != getattr(BARE, name)}


CASES: list[Any] = [
    pytest.param("order", {}, {}, {}, id="an order of default settings: customer and items"),
    pytest.param("quotation", {}, {}, {}, id="a quotation of default settings"),
    pytest.param("invoice", {}, {}, {"journals": True}, id="an invoice: the journal"),
    pytest.param(
        "return", {}, {}, {"main_warehouse": True, "deliveries": True}, id="a return: warehouse and deliveries"
    ),
    pytest.param(
        "return",
        {"warehouse_code": "1", "original_order_number": "501"},
        {},
        {"warehouse_code": "1", "deliveries": True, "original_order_number": "501"},
        id="a return with a warehouse and an order",
    ),
    pytest.param("order", {"warehouse_code": "1"}, {}, {"warehouse_code": "1"}, id="warehouse of the order"),
    pytest.param("order", {}, {"WarehouseForOrder": "2"}, {"warehouse_code": "2"}, id="warehouse of the settings"),
    pytest.param("order", {"delivery_method_code": "DHL"}, {}, {"shipping_method_code": "DHL"}, id="shipping method"),
    pytest.param(
        "return",
        {"delivery_method_code": "DHL"},
        {"CostUnitForOrders": "X"},
        {"main_warehouse": True, "deliveries": True},
        id="a return has neither shipping method nor cost unit",
    ),
    pytest.param("order", {}, {"CostCenterCodeForOrders": "S"}, {"cost_center_code": "S"}, id="cost centre"),
    pytest.param("order", {}, {"CostUnitForOrders": "U"}, {"cost_unit_code": "U"}, id="cost unit"),
    pytest.param("order", {}, {"GLAccountCodeForOrders": "8010"}, {}, id="no revenue account on an order"),
    pytest.param(
        "invoice",
        {},
        {"GLAccountCodeForOrders": "8010"},
        {"gl_account_code": "8010", "journals": True},
        id="the revenue account of an invoice",
    ),
    pytest.param("order", {"contact_person_id": guid(9)}, {}, {}, id="a contact that is not sent"),
    pytest.param(
        "order",
        {"contact_person_id": guid(9)},
        {"ContactPersonToBackoffice": True},
        {"contact_id": guid(9)},
        id="a contact that is sent",
    ),
    pytest.param("order", {}, {"ContactPersonToBackoffice": True}, {}, id="no contact to send"),
    pytest.param("order", {"alternative_contact_person": EVA}, {}, {}, id="a person for the remarks"),
    pytest.param(
        "order",
        {"alternative_contact_person": EVA},
        {"CreateAndLinkAlternativeContactPerson": True},
        {"contacts": True},
        id="a person to be found or created",
    ),
    pytest.param("order", {"alternative_delivery_address": PLACE}, {}, {"addresses": True}, id="another address"),
    pytest.param("order", {"delivery_address_id": guid(8)}, {}, {"address_id": guid(8)}, id="an address by ID"),
    pytest.param("order", {"alternative_invoice_address": PLACE}, {}, {}, id="an invoice address that is ignored"),
    pytest.param(
        "order",
        {"alternative_invoice_address": PLACE},
        {"CreateInvoiceAddress": True},
        {"invoice_addresses": True},
        id="an invoice address that is written",
    ),
    pytest.param("order", {}, {"UseCurrencyFromPriceList": True}, {"price_lists": True}, id="currency of the list"),
    pytest.param("order", {"lines": SOURCED}, BY_LIST, {"price_lists": True}, id="price list on lines"),
    pytest.param("quotation", {"lines": SOURCED}, BY_LIST, {}, id="no price list on quotation lines"),
    pytest.param("order", {}, {"SkipDiscountForStafflItems": True}, {"tier_prices": True}, id="tiers have to be told"),
    pytest.param(
        "order",
        {"lines": SOURCED},
        {"SkipDiscountForStafflItems": True},
        {},
        id="the client tells where prices are from",
    ),
    pytest.param("order", {}, STOCK, {"stock_warehouses": ()}, id="stock of all warehouses"),
    pytest.param(
        "order", {}, {**STOCK, "WarehouseForStock": "1;2"}, {"stock_warehouses": ("1", "2")}, id="stock scope"
    ),
    pytest.param(
        "order",
        {"warehouse_code": "3"},
        {**STOCK, "WarehouseForStock": "1;2"},
        {"warehouse_code": "3", "stock_warehouses": ("3",)},
        id="stock of the order's warehouse",
    ),
    pytest.param("quotation", {}, STOCK, {}, id="no stock for quotations"),
    pytest.param(
        "order",
        {"order_date": "2025-06-20", "created_at": "2025-06-10T08:00:00Z"},
        {**STOCK, "OnlySetDeliveryDateForUnchangedOrderDate": True},
        {},
        id="no stock for a guarded order",
    ),
]


@pytest.mark.parametrize(("kind", "posted", "settings", "expected"), CASES)
def test_only_what_is_needed_is_looked_up(
    kind: str, posted: dict[str, Any], settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert differing(needs(kind, settings, **posted)) == expected


def test_a_customer_without_an_id_is_found_by_each_reading_of_the_code() -> None:
    by_code: dict[str, Any] = {"customer_id": None, "customer_code": "P-25"}

    assert needs(**by_code).customer_codes == ("P-25",)
    assert needs(settings={"AddPrefixForProspectsAndSuspects": True}, **by_code).customer_codes == ("P-25", "25")
    assert needs(customer_code="25").customer_codes == ()


def test_each_item_is_looked_up_once() -> None:
    lines = [line(item_code=code) for code in ("b", "A", "B ")]

    assert needs(lines=lines).item_codes == ("B", "A")


def test_a_fixed_journal_needs_no_look_up() -> None:
    found = required_references(order("invoice"), settings_of(), date(2025, 6, 10), Constants(sales_journal="70"))

    assert not found.journals
