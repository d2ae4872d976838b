"""The header of each kind of document: who, which warehouse, shipping method, currency, discount."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from exact_connector.orders.mapping.context import Constants
from unit.orders.mapping.order_cases import (
    CUSTOMER,
    HEAD_OFFICE,
    address,
    codes_of,
    contact,
    guid,
    header_of,
    line,
    order,
    places_of,
    plan,
    references,
    settings_of,
)

USER = guid(77)


def test_an_order_of_default_settings_has_customer_date_and_description() -> None:
    assert header_of(order()) == {"OrderedBy": CUSTOMER, "OrderDate": "2025-06-10", "Description": "App4sales order"}


def test_an_order_goes_to_its_own_resource() -> None:
    paths = {kind: plan(order(kind)).path for kind in ("order", "quotation", "invoice", "return")}

    assert paths == {
        "order": "salesorder/SalesOrders",
        "quotation": "crm/Quotations",
        "invoice": "salesinvoice/SalesInvoices",
        "return": "salesorder/PlannedSalesReturns",
    }


FULL: dict[str, Any] = {
    "contact_person_id": guid(11),
    "sales_rep": {"user_id": USER},
    "discount_percentage": "5",
    "warehouse_code": "1",
    "delivery_method_code": "DHL",
    "currency": "EUR",
    "your_reference": "X9",
    "delivery_date": "2025-06-20",
    "delivery_address_id": guid(21),
}
PARTIES: dict[str, Any] = {"customer": {"invoice_customer_id": HEAD_OFFICE}}
KINDS: list[Any] = [
    pytest.param(
        "order",
        {
            "OrderedBy": CUSTOMER,
            "InvoiceTo": HEAD_OFFICE,
            "DeliveryAddress": guid(21),
            "OrderedByContactPerson": guid(11),
            "Salesperson": USER,
            "OrderDate": "2025-06-10",
            "DeliveryDate": "2025-06-20",
            "Discount": "0.05",
            "WarehouseID": guid(301),
            "ShippingMethod": guid(401),
            "Currency": "EUR",
            "Description": "App4sales order",
            "YourRef": "X9",
        },
        id="order",
    ),
    pytest.param(
        "quotation",
        {
            "OrderAccount": CUSTOMER,
            "InvoiceAccount": HEAD_OFFICE,
            "DeliveryAddress": guid(21),
            "OrderAccountContact": guid(11),
            "SalesPerson": USER,
            "QuotationDate": "2025-06-10",
            "DeliveryDate": "2025-06-20",
            "WarehouseID": guid(301),
            "ShippingMethod": guid(401),
            "Currency": "EUR",
            "Description": "App4sales order",
            "YourRef": "X9",
        },
        id="quotation",
    ),
    pytest.param(
        "invoice",
        {
            "OrderedBy": CUSTOMER,
            "InvoiceTo": HEAD_OFFICE,
            "DeliverToAddress": guid(21),
            "OrderedByContactPerson": guid(11),
            "Salesperson": USER,
            "OrderDate": "2025-06-10",
            "Discount": "0.05",
            "Type": "8023",
            "Warehouse": guid(301),
            "Journal": "70",
            "ShippingMethod": guid(401),
            "Currency": "EUR",
            "Description": "App4sales order",
            "YourRef": "X9",
        },
        id="invoice",
    ),
    pytest.param(
        "return",
        {
            "DeliveredTo": CUSTOMER,
            "DeliveryAddress": guid(21),
            "DeliveredToContactPerson": guid(11),
            "ReturnDate": "2025-06-10",
            "Warehouse": guid(301),
            "Description": "App4sales order",
        },
        id="return",
    ),
]


@pytest.mark.parametrize(("kind", "expected"), KINDS)
def test_each_kind_of_document_has_its_own_properties(kind: str, expected: dict[str, str]) -> None:
    known = references(contacts=(contact(11, "Eva Vos"),), addresses=(address(21),), **PARTIES)
    header = header_of(order(kind, **FULL), known, ContactPersonToBackoffice=True)

    assert {name: str(value) for name, value in header.items()} == expected


def test_a_quotation_says_that_its_discount_was_not_sent() -> None:
    assert codes_of(order("quotation", discount_percentage="5")) == ["HEADER_DISCOUNT_NOT_SENT"]
    assert "Discount" not in header_of(order("quotation", discount_percentage="5"))


def test_a_discount_of_zero_is_left_out() -> None:
    assert "Discount" not in header_of(order(discount_percentage="0"))


def test_a_customer_that_does_not_exist_refuses_the_order_where_it_is_named() -> None:
    nobody = replace(references(), customer=None)

    assert places_of(order(), nobody) == [("/customer_id", "ORDER_REFERENCE_NOT_FOUND")]
    by_code = order(customer_id=None, customer_code="25")
    assert places_of(by_code, nobody) == [("/customer_code", "ORDER_REFERENCE_NOT_FOUND")]


EVERYWHERE: dict[str, Any] = {
    "order_type": {"value_to_backoffice": "3"},
    "sales_rep": {"warehouse_code": "2"},
    "warehouse_code": "9",
}
BY_TYPE: dict[str, Any] = {"WarehouseFromOrderType": True}
BY_REP: dict[str, Any] = {"WarehousePerSalesRep": True}
FIXED: dict[str, Any] = {"WarehouseForOrder": "1"}
CHAIN: list[Any] = [
    pytest.param(EVERYWHERE, BY_TYPE | BY_REP | FIXED, guid(303), id="order type first"),
    pytest.param(EVERYWHERE, BY_REP | FIXED, guid(302), id="then the rep"),
    pytest.param(EVERYWHERE, FIXED, guid(301), id="then the fixed one"),
    pytest.param(EVERYWHERE, {}, guid(309), id="then the order's own"),
    pytest.param(
        {"sales_rep": {"warehouse_code": "2"}}, BY_TYPE | BY_REP | FIXED, guid(302), id="no value to backoffice"
    ),
    pytest.param({"warehouse_code": "9"}, BY_TYPE | BY_REP | FIXED, guid(301), id="neither type nor rep"),
    pytest.param({"order_type": {"value_to_backoffice": "3"}}, {}, None, id="switched off nothing names one"),
    pytest.param({}, {"WarehouseForStock": "1"}, None, id="the stock scope books nothing"),
]
WAREHOUSE_NAMES: dict[str, Any] = {"order": "WarehouseID", "quotation": "WarehouseID", "invoice": "Warehouse"}


@pytest.mark.parametrize(("posted", "settings", "expected"), CHAIN)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_the_first_place_that_names_a_warehouse_decides(
    kind: str, posted: dict[str, Any], settings: dict[str, Any], expected: str | None
) -> None:
    header = header_of(order(kind, **posted), **settings)

    assert header.get(WAREHOUSE_NAMES[kind]) == expected
    if kind == "invoice":
        assert header["Type"] == (8020 if expected is None else 8023)


@pytest.mark.parametrize(("posted", "settings", "expected"), CHAIN)
def test_a_return_without_a_warehouse_goes_to_the_main_one(
    posted: dict[str, Any], settings: dict[str, Any], expected: str | None
) -> None:
    assert header_of(order("return", **posted), **settings)["Warehouse"] == (expected or guid(302))


WRONG: list[Any] = [
    pytest.param(
        {"order_type": {"value_to_backoffice": "X"}},
        BY_TYPE | FIXED,
        "/order_type/value_to_backoffice",
        id="order type",
    ),
    pytest.param({"sales_rep": {"warehouse_code": "X"}}, BY_REP | FIXED, "/sales_rep/warehouse_code", id="rep"),
    pytest.param({"warehouse_code": "1"}, {"WarehouseForOrder": "X"}, "", id="setting"),
    pytest.param({"warehouse_code": "X"}, {}, "/warehouse_code", id="order"),
]


@pytest.mark.parametrize(("posted", "settings", "pointer"), WRONG)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice", "return"])
def test_a_wrong_warehouse_is_refused_and_nothing_stands_in_for_it(
    kind: str, posted: dict[str, Any], settings: dict[str, Any], pointer: str
) -> None:
    assert places_of(order(kind, **posted), **settings) == [(pointer, "ORDER_REFERENCE_NOT_FOUND")]


def test_a_return_is_refused_where_there_is_no_main_warehouse() -> None:
    assert places_of(order("return"), references(warehouses={})) == [("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND")]


SHIPPED: list[Any] = [
    pytest.param({"delivery_method_code": "PICKUP"}, {"ShippingMethodCode": "DHL"}, guid(402), id="the order's"),
    pytest.param({}, {"ShippingMethodCode": "DHL"}, guid(401), id="else the setting's"),
    pytest.param({"delivery_method_code": "dhl"}, {}, guid(401), id="codes without regard to capitals"),
    pytest.param({}, {}, None, id="none"),
]


@pytest.mark.parametrize(("posted", "settings", "expected"), SHIPPED)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_shipping_methods(kind: str, posted: dict[str, Any], settings: dict[str, Any], expected: str | None) -> None:
    assert header_of(order(kind, **posted), **settings).get("ShippingMethod") == expected


@pytest.mark.parametrize(
    ("posted", "settings", "pointer"),
    [
        pytest.param(
            {"delivery_method_code": "NONE"}, {"ShippingMethodCode": "DHL"}, "/delivery_method_code", id="order"
        ),
        pytest.param({}, {"ShippingMethodCode": "NONE"}, "", id="setting"),
        pytest.param({"delivery_method_code": "OLD"}, {}, "/delivery_method_code", id="no longer active"),
    ],
)
def test_a_wrong_shipping_method_refuses_the_order(
    posted: dict[str, Any], settings: dict[str, Any], pointer: str
) -> None:
    assert places_of(order(**posted), **settings) == [(pointer, "ORDER_REFERENCE_NOT_FOUND")]


BY_LIST: dict[str, Any] = {"UseCurrencyFromPriceList": True}
EUR: dict[str, Any] = {"CurrencyCodeIso": "EUR"}
CURRENCIES: list[Any] = [
    pytest.param({"price_list_code": "EXPORT"}, BY_LIST | EUR, None, "USD", id="the price list's"),
    pytest.param({"price_list_code": "EXPORT"}, EUR, None, "EUR", id="the setting's when the list does not count"),
    pytest.param({}, BY_LIST | EUR, "EXPORT", "USD", id="the customer's list"),
    pytest.param({}, BY_LIST | EUR, "DEALER-USD", "USD", id="a generated list"),
    pytest.param({}, BY_LIST | EUR, None, "EUR", id="no list"),
    pytest.param({"currency": "usd"}, {}, None, "USD", id="the client's"),
    pytest.param({"currency": "USD"}, BY_LIST, "EXPORT", "USD", id="the client agrees with the list"),
    pytest.param({"currency": "EUR"}, EUR, None, "EUR", id="the client agrees with the setting"),
    pytest.param({}, {}, "EXPORT", None, id="nobody says"),
    pytest.param({"currency": "USD"}, BY_LIST, None, "USD", id="no list and no setting: the client's"),
]


@pytest.mark.parametrize(("posted", "settings", "list_code", "expected"), CURRENCIES)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_the_currency_of_a_document(
    kind: str, posted: dict[str, Any], settings: dict[str, Any], list_code: str | None, expected: str | None
) -> None:
    known = references(customer={"price_list_code": list_code})

    assert header_of(order(kind, **posted), known, **settings).get("Currency") == expected


@pytest.mark.parametrize(
    ("posted", "settings"),
    [
        pytest.param({"currency": "EUR", "price_list_code": "EXPORT"}, BY_LIST | EUR, id="the list's"),
        pytest.param({"currency": "USD"}, EUR, id="the setting's"),
    ],
)
def test_a_client_in_another_currency_is_refused(posted: dict[str, Any], settings: dict[str, Any]) -> None:
    assert places_of(order(**posted), **settings) == [("/currency", "ORDER_CURRENCY_MISMATCH")]


def test_a_price_list_that_decides_the_currency_has_to_exist() -> None:
    found = places_of(order(price_list_code="NONE"), **BY_LIST)

    assert found == [("/price_list_code", "ORDER_REFERENCE_NOT_FOUND")]


def test_a_return_has_no_currency() -> None:
    assert "Currency" not in header_of(order("return", currency="USD"), **EUR)


def test_the_journal_of_an_invoice_is_the_first_open_sales_journal() -> None:
    assert header_of(order("invoice"))["Journal"] == "70"
    fixed = plan(order("invoice"), known=references(journals=None), constants=Constants(sales_journal="75"))
    assert fixed.body["Journal"] == "75"


def test_an_invoice_is_refused_where_no_sales_journal_is_open() -> None:
    assert places_of(order("invoice"), references(journals={})) == [("", "ORDER_REFERENCE_NOT_FOUND")]


def test_every_fault_of_an_order_is_told_at_once() -> None:
    posted = order(
        warehouse_code="X", delivery_method_code="X", your_reference="x" * 41, lines=[{"item_code": "X", "quantity": 1}]
    )

    assert {pointer for pointer, _ in places_of(posted)} == {
        "/warehouse_code",
        "/delivery_method_code",
        "/your_reference",
        "/lines/0/item_code",
    }


IGNORED: list[Any] = [
    pytest.param("return", {"ShippingMethodCode": "DHL"}, id="shipping method"),
    pytest.param("return", {"UseReferenceAsYourRef": True}, id="your reference"),
    pytest.param("return", {"SetUnitPrice": True}, id="price mode"),
    pytest.param("return", {"CostUnitForOrders": "FAIR25"}, id="cost unit"),
    pytest.param("return", BY_LIST, id="currency of the price list"),
    *(
        pytest.param("return", {key: True}, id=f"{key} on a return")
        for key in (
            "SetOriginalPriceOnUnitPrice",
            "UseDiscountWithoutPriceOnOrder",
            "RoundOrderLinePricesToTwoDecimals",
            "SkipDiscountForStafflItems",
            "NetPriceIncludingVat",
            "NetPriceBasedOnVatLiability",
            "CostCenterCodeForOrdersBySalesRep",
            "CostUnitForOrdersBySalesRep",
            "UseDateAsDeliveryDate",
            "OnlySetDeliveryDateForUnchangedOrderDate",
            "StorePackageSizeInInstructionLine",
        )
    ),
    *(
        pytest.param(kind, {key: True}, id=f"{key} on the kind {kind}")
        for kind in ("quotation", "invoice", "return")
        for key in ("CheckStockAndSetDeliveryDateOnOrderLine", "DisableInstructionAsOrderLineDeliveryDate")
    ),
]


@pytest.mark.parametrize(("kind", "settings"), IGNORED)
def test_a_setting_that_the_kind_cannot_carry_is_told(kind: str, settings: dict[str, Any]) -> None:
    assert codes_of(order(kind), **settings) == ["CONFIG_IGNORED_SETTING"]
    assert "CONFIG_IGNORED_SETTING" not in codes_of(order("order"), **settings)


UNUSED: list[Any] = [
    pytest.param("order", {"contact_person_id": guid(9)}, {}, "contact_person_id", id="contact"),
    pytest.param("order", {"price_list_code": "NONE"}, {}, "price_list_code", id="price list"),
    pytest.param("order", {"lines": [line(price_list_code="NONE")]}, {}, "price_list_code of lines", id="of a line"),
    pytest.param("order", {"sales_rep": {"cost_center": "NONE"}}, {}, "sales_rep.cost_center", id="cost centre"),
    pytest.param("order", {"sales_rep": {"cost_unit": "NONE"}}, {}, "sales_rep.cost_unit", id="cost unit"),
    pytest.param("order", {"sales_rep": {"warehouse_code": "9"}}, {}, "sales_rep.warehouse_code", id="rep's warehouse"),
    pytest.param("order", {"warehouse_code": "9"}, {"WarehouseForOrder": "1"}, "warehouse_code", id="fixed warehouse"),
    pytest.param("order", {"original_order_number": 501}, {}, "original_order_number", id="of a return"),
    pytest.param("return", {"currency": "EUR"}, {}, "currency", id="currency of a return"),
    pytest.param("return", {"delivery_method_code": "X"}, {}, "delivery_method_code", id="shipping of a return"),
]


@pytest.mark.parametrize(("kind", "fields", "settings", "name"), UNUSED)
def test_a_field_without_effect_is_named_in_a_warning(
    kind: str, fields: dict[str, Any], settings: dict[str, Any], name: str
) -> None:
    (warning,) = plan(order(kind, **fields), settings_of(**settings)).warnings

    assert (warning.code, warning.message.partition(" was")[0]) == ("FIELD_NOT_SENT", name)


@pytest.mark.parametrize(
    ("fields", "settings"),
    [
        pytest.param({"warehouse_code": "1"}, {"WarehouseForOrder": "1"}, id="the same warehouse twice"),
        pytest.param({"sales_rep": {"warehouse_code": "1"}}, {"WarehousePerSalesRep": True}, id="the rep's warehouse"),
        pytest.param({"price_list_code": "DEALER"}, {"UseCurrencyFromPriceList": True}, id="the list's currency"),
        pytest.param({"sales_rep": {"code": "7"}, "order_type": {"value_to_backoffice": "x"}}, {}, id="names alone"),
    ],
)
def test_a_field_with_an_effect_has_no_warning(fields: dict[str, Any], settings: dict[str, Any]) -> None:
    assert codes_of(order(**fields), **settings) == []


def test_what_was_not_looked_up_is_no_silent_gap() -> None:
    with pytest.raises(LookupError, match="required_references"):
        plan(order(warehouse_code="1"), known=references(warehouses=None))
