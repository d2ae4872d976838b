"""Purchase orders: purchase units, dates by lead time, and what is refused before Exact is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.errors import ConfigurationError, InvalidInput
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.mapping.purchase import check_purchase_order, plan_purchase_order, require_switched_on
from exact_connector.orders.model.canonical import PurchaseOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.purchase_references import (
    OrderSupplier,
    PurchaseReferences,
    SupplierProduct,
    required_purchase_references,
)
from exact_connector.orders.model.reading import read_purchase_order
from unit.orders.mapping.order_cases import ITEMS, TODAY, WAREHOUSES, guid, item

SUPPLIER = guid(80)
BOX = SupplierProduct(unit="box", factor=Decimal(12))
KNOWN = PurchaseReferences(
    supplier=OrderSupplier(SUPPLIER, "80"), items=ITEMS, products={guid(1): BOX}, warehouses=WAREHOUSES
)


def line(**values: Any) -> dict[str, Any]:
    return {"item_code": "A", "quantity": "24", **values}


def order(*lines: dict[str, Any], **values: Any) -> PurchaseOrder:
    return read_purchase_order({"supplier_id": SUPPLIER, "lines": list(lines or (line(),)), **values})


def body_of(posted: PurchaseOrder, known: PurchaseReferences = KNOWN) -> Body:
    return plan_purchase_order(posted, known, TODAY).body


def places_of(posted: PurchaseOrder, known: PurchaseReferences = KNOWN) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as raised:
        plan_purchase_order(posted, known, TODAY)
    assert check_purchase_order(posted, known, TODAY).faults == raised.value.faults
    return [(fault.pointer, fault.code) for fault in raised.value.faults]


def with_product(**values: Any) -> PurchaseReferences:
    return replace(KNOWN, products={guid(1): replace(BOX, **values)})


def test_pieces_are_ordered_in_boxes() -> None:
    planned = plan_purchase_order(order(), KNOWN, TODAY)

    assert (planned.kind, planned.path, planned.steps) == (OrderKind.PURCHASE, "purchaseorder/PurchaseOrders", ())
    assert planned.body == {
        "Supplier": SUPPLIER,
        "OrderDate": "2025-06-10",
        "PurchaseOrderLines": [{"Item": guid(1), "QuantityInPurchaseUnits": Decimal(2)}],
    }


def test_every_field_finds_its_place() -> None:
    posted = order(
        line(unit_price="99.1234567", description="Chairs", notes="carefully", receipt_date="2025-07-03"),
        order_date="2025-06-12",
        receipt_date="2025-07-01",
        reference="X9",
        description="Summer",
        notes="Call",
        warehouse_code="2",
        currency="usd",
    )

    assert body_of(posted) == {
        "Supplier": SUPPLIER,
        "OrderDate": "2025-06-12",
        "ReceiptDate": "2025-07-01",
        "Warehouse": guid(302),
        "Currency": "USD",
        "Remarks": "Call",
        "Description": "Summer",
        "YourRef": "X9",
        "PurchaseOrderLines": [
            {
                "Item": guid(1),
                "QuantityInPurchaseUnits": Decimal(2),
                "ReceiptDate": "2025-07-03",
                "Description": "Chairs",
                "Notes": "carefully",
                "UnitPrice": Decimal("99.123457"),
            }
        ],
    }


QUANTITIES: list[Any] = [
    pytest.param({"quantity": "36"}, {}, {}, "3", id="whole boxes"),
    pytest.param({"quantity": None, "purchase_quantity": "3"}, {}, {}, "3", id="in boxes"),
    pytest.param({"quantity": "30"}, {}, {}, None, id="half a box"),
    pytest.param({"quantity": "30"}, {}, {"fractions_allowed": True}, "2.5", id="half a box where fractions are sold"),
    pytest.param({"quantity": "10"}, {}, {"fractions_allowed": True}, None, id="a share that has no end"),
    pytest.param({"quantity": "2.5"}, {"factor": Decimal(1)}, {"fractions_allowed": True}, "2.5", id="kilograms"),
    pytest.param({"quantity": "2.5"}, {"factor": Decimal(1)}, {}, None, id="half a piece"),
    pytest.param({"quantity": "1"}, {"factor": Decimal("0.5")}, {}, "2", id="two purchase units for one piece"),
    pytest.param({"quantity": "0"}, {}, {}, None, id="zero"),
    pytest.param({"quantity": None, "purchase_quantity": "-1"}, {}, {}, None, id="negative"),
]


@pytest.mark.parametrize(("posted", "product", "of_item", "expected"), QUANTITIES)
def test_quantities_fill_whole_purchase_units(
    posted: dict[str, Any], product: dict[str, Any], of_item: dict[str, Any], expected: str | None
) -> None:
    known = replace(with_product(**product), items={"A": item(**of_item)})
    purchase = order(line(**posted))

    if expected is None:
        place = "purchase_quantity" if posted["quantity"] is None else "quantity"
        assert places_of(purchase, known) == [(f"/lines/0/{place}", "QUANTITY_INVALID")]
    else:
        (sent,) = body_of(purchase, known)["PurchaseOrderLines"]
        assert sent["QuantityInPurchaseUnits"] == Decimal(expected)


def test_a_quantity_that_does_not_fit_is_told_what_would() -> None:
    (fault,) = check_purchase_order(order(line(quantity="30")), KNOWN, TODAY).faults
    (less_than_one,) = check_purchase_order(order(line(quantity="5")), KNOWN, TODAY).faults

    assert fault.message == "30 x A is not a whole number of box of 12; order 24 or 36"
    assert less_than_one.message.endswith("order 12")


DATES: list[Any] = [
    pytest.param({}, {}, {"lead_time_days": 7}, "2025-06-17", id="the product's lead time"),
    pytest.param({}, {"order_date": "2025-06-20"}, {"lead_time_days": 7}, "2025-06-27", id="from the order date on"),
    pytest.param({}, {}, {"lead_time_days": 0}, "2025-06-10", id="no days at all"),
    pytest.param({}, {"receipt_date": "2025-07-01"}, {"lead_time_days": 7}, "2025-07-01", id="the order's date first"),
    pytest.param(
        {"receipt_date": "2025-07-02"},
        {"receipt_date": "2025-07-01"},
        {"lead_time_days": 7},
        "2025-07-02",
        id="the line's",
    ),
    pytest.param({}, {}, {}, None, id="nobody knows"),
]


@pytest.mark.parametrize(("posted", "header", "product", "expected"), DATES)
def test_receipt_dates_follow_from_the_lead_time(
    posted: dict[str, Any], header: dict[str, Any], product: dict[str, Any], expected: str | None
) -> None:
    (sent,) = body_of(order(line(**posted), **header), with_product(**product))["PurchaseOrderLines"]

    assert sent.get("ReceiptDate") == expected


def test_the_supplier_has_a_lead_time_for_products_without_one() -> None:
    known = replace(KNOWN, supplier=OrderSupplier(SUPPLIER, "80", lead_time_days=3))

    assert body_of(order(), known)["PurchaseOrderLines"][0]["ReceiptDate"] == "2025-06-13"


def test_the_order_has_arrived_when_its_last_line_has() -> None:
    found = body_of(order(line(receipt_date="2025-07-02"), line(receipt_date="2025-07-09"), line()))

    assert found["ReceiptDate"] == "2025-07-09"


REFUSED: list[Any] = [
    pytest.param({"item_code": "NONE"}, {}, "ORDER_REFERENCE_NOT_FOUND", id="unknown item"),
    pytest.param({}, {"is_purchase_item": False}, "ITEM_NOT_PURCHASED", id="not on purchase"),
    pytest.param({}, {"end_date": date(2025, 6, 10)}, "ITEM_NOT_ACTIVE", id="ended today"),
    pytest.param({}, {"start_date": date(2025, 6, 11)}, "ITEM_NOT_ACTIVE", id="starts tomorrow"),
    pytest.param({}, {"start_date": date(2025, 6, 10)}, None, id="starts today"),
    pytest.param({}, {"end_date": date(2025, 6, 11)}, None, id="ends tomorrow"),
    pytest.param({"item_code": "B"}, {}, "ITEM_NOT_LINKED", id="not linked to the supplier"),
]


@pytest.mark.parametrize(("posted", "of_item", "code"), REFUSED)
def test_products_that_exact_would_refuse_are_refused_before(
    posted: dict[str, Any], of_item: dict[str, Any], code: str | None
) -> None:
    known = replace(KNOWN, items={"A": item(**of_item), "B": item("B", 2)})
    purchase = order(line(**posted))

    if code is None:
        assert body_of(purchase, known)
    else:
        assert places_of(purchase, known) == [("/lines/0/item_code", code)]


PRICES: list[Any] = [
    pytest.param(Decimal(0), {}, [("/lines/0/unit_price", "PURCHASE_PRICE_MISSING")], id="none"),
    pytest.param(Decimal(0), {"unit_price": "0"}, [], id="the order's own, also for nothing"),
    pytest.param(Decimal("9.5"), {}, [], id="the supplier's"),
    pytest.param(None, {}, [], id="not known"),
]


@pytest.mark.parametrize(("price", "posted", "expected"), PRICES)
def test_a_product_without_a_purchase_price_is_refused(
    price: Decimal | None, posted: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = check_purchase_order(order(line(**posted)), with_product(price=price), TODAY).faults

    assert [(fault.pointer, fault.code) for fault in found] == expected


WAREHOUSES_OF_ITEM: list[Any] = [
    pytest.param({guid(1): frozenset({"1"})}, {}, [("/lines/0/item_code", "ITEM_NOT_IN_WAREHOUSE")], id="another one"),
    pytest.param({}, {}, [("/lines/0/item_code", "ITEM_NOT_IN_WAREHOUSE")], id="none"),
    pytest.param({guid(1): frozenset({"1", "2"})}, {}, [], id="linked"),
    pytest.param({}, {"is_stock_item": False}, [], id="no stock"),
    pytest.param(None, {}, [], id="not looked up"),
]


@pytest.mark.parametrize(("linked", "of_item", "expected"), WAREHOUSES_OF_ITEM)
def test_an_item_that_the_warehouse_does_not_have_is_refused(
    linked: Any, of_item: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    known = replace(KNOWN, items={"A": item(**of_item)}, item_warehouses=linked)
    found = check_purchase_order(order(warehouse_code="2"), known, TODAY).faults

    assert [(fault.pointer, fault.code) for fault in found] == expected


VAT_CODES: list[Any] = [
    pytest.param(None, "4", ["VAT_CODE_BLOCKED"], [], id="the product's"),
    pytest.param("4", None, ["VAT_CODE_BLOCKED"], [], id="the supplier's"),
    pytest.param("2", "4", [], ["VAT_CODE_BLOCKED"], id="one of two, so Exact judges"),
    pytest.param("2", "2", [], [], id="open"),
    pytest.param(None, None, [], [], id="none"),
]


@pytest.mark.parametrize(("of_supplier", "of_product", "faults", "warnings"), VAT_CODES)
def test_a_blocked_vat_code_is_named(
    of_supplier: str | None, of_product: str | None, faults: list[str], warnings: list[str]
) -> None:
    known = replace(
        with_product(vat_code=of_product),
        supplier=OrderSupplier(SUPPLIER, "80", vat_code=of_supplier),
        blocked_vat_codes=frozenset({"4"}),
    )
    found = check_purchase_order(order(), known, TODAY)

    assert ([fault.code for fault in found.faults], [each.code for each in found.warnings]) == (faults, warnings)


@pytest.mark.parametrize(
    ("posted", "count"),
    [
        pytest.param({"receipt_date": "2025-06-09"}, 1, id="of the order"),
        pytest.param({"lines": [line(receipt_date="2025-06-09")]}, 1, id="of a line"),
        pytest.param({"receipt_date": "2025-06-10"}, 0, id="today"),
    ],
)
def test_a_receipt_date_in_the_past_is_a_warning(posted: dict[str, Any], count: int) -> None:
    purchase = read_purchase_order({"supplier_id": SUPPLIER, "lines": [line()], **posted})

    assert [each.code for each in check_purchase_order(purchase, KNOWN, TODAY).warnings] == [
        "RECEIPT_DATE_PAST"
    ] * count


def test_a_broken_lot_is_told_with_the_quantities_next_to_it() -> None:
    (warning,) = check_purchase_order(order(line(quantity="60")), with_product(lot_size=Decimal(4)), TODAY).warnings

    assert "5 box of A is not a multiple of the supplier's lot size 4; 4 or 8 would be" in warning.message


def test_an_unknown_supplier_hides_no_item_that_cannot_be_bought() -> None:
    known = replace(KNOWN, supplier=None, items={"A": item(is_purchase_item=False)})

    assert [fault.pointer for fault in check_purchase_order(order(), known, TODAY).faults] == [
        "/supplier_id",
        "/lines/0/item_code",
    ]


def test_faults_say_what_to_do_in_exact() -> None:
    (missing,) = check_purchase_order(order(line(item_code="B")), KNOWN, TODAY).faults
    sold = replace(KNOWN, items={"A": item(is_purchase_item=False)})
    (not_bought,) = check_purchase_order(order(), sold, TODAY).faults

    assert "add the supplier at the item in Exact" in missing.message
    assert "tick Purchase" in not_bought.message


def test_every_line_is_judged_by_itself() -> None:
    purchase = order(line(item_code="B"), line(), line(quantity="5"))

    assert places_of(purchase) == [("/lines/0/item_code", "ITEM_NOT_LINKED"), ("/lines/2/quantity", "QUANTITY_INVALID")]


SUPPLIERS: list[Any] = [
    pytest.param(None, {}, "/supplier_id", "ORDER_REFERENCE_NOT_FOUND", id="unknown by ID"),
    pytest.param(
        None,
        {"supplier_id": None, "supplier_code": "81"},
        "/supplier_code",
        "ORDER_REFERENCE_NOT_FOUND",
        id="unknown by code",
    ),
    pytest.param(OrderSupplier(SUPPLIER, "80", is_blocked=True), {}, "/supplier_id", "SUPPLIER_BLOCKED", id="blocked"),
]


@pytest.mark.parametrize(("supplier", "posted", "pointer", "code"), SUPPLIERS)
def test_a_supplier_that_cannot_be_ordered_from_is_refused(
    supplier: OrderSupplier | None, posted: dict[str, Any], pointer: str, code: str
) -> None:
    assert places_of(order(**posted), replace(KNOWN, supplier=supplier)) == [(pointer, code)]


def test_a_warehouse_has_to_exist_once_the_warehouses_are_known() -> None:
    posted, unread = order(warehouse_code="X"), replace(KNOWN, warehouses=None)

    assert places_of(posted) == [("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND")]
    assert check_purchase_order(posted, unread, TODAY).faults == ()
    with pytest.raises(LookupError, match="required_purchase_references"):
        plan_purchase_order(posted, unread, TODAY)


def test_links_to_the_supplier_are_only_judged_once_all_are_known() -> None:
    purchase, partly = order(line(item_code="B"), line()), replace(KNOWN, all_products=False)

    assert check_purchase_order(purchase, partly, TODAY).faults == ()
    with pytest.raises(InvalidInput, match="not linked"):
        plan_purchase_order(purchase, partly, TODAY)


def test_a_long_description_is_cut_and_a_long_reference_refused() -> None:
    planned = plan_purchase_order(order(description="d" * 61), KNOWN, TODAY)

    assert (planned.body["Description"], [warning.code for warning in planned.warnings]) == (
        "d" * 60,
        ["DESCRIPTION_CUT"],
    )
    assert places_of(order(reference="x" * 41)) == [("/reference", "ORDER_VALIDATION")]


TERMS: list[Any] = [
    pytest.param({"minimum": Decimal(3)}, ["BELOW_MINIMUM"], id="less than the minimum"),
    pytest.param({"minimum": Decimal(2)}, [], id="the minimum"),
    pytest.param({"lot_size": Decimal(4)}, ["LOT_SIZE"], id="no multiple of the lot"),
    pytest.param({"lot_size": Decimal(2)}, [], id="a whole lot"),
]


@pytest.mark.parametrize(("product", "expected"), TERMS)
def test_the_suppliers_terms_are_warnings(product: dict[str, Any], expected: list[str]) -> None:
    found = plan_purchase_order(order(), with_product(**product), TODAY)

    assert [warning.code for warning in found.warnings] == expected


def test_only_what_a_purchase_order_names_is_looked_up() -> None:
    found = required_purchase_references(order(line(), line(item_code="b"), line(item_code="B"), warehouse_code="2"))
    by_code = required_purchase_references(order(supplier_id=None, supplier_code="80"))

    assert (found.supplier_id, found.supplier_code) == (SUPPLIER, None)
    assert (found.item_codes, found.warehouse_code) == (("A", "B"), "2")
    assert (by_code.supplier_id, by_code.supplier_code, by_code.warehouse_code) == (None, "80", None)


def test_purchase_orders_can_be_switched_off() -> None:
    require_switched_on(purchase_orders=True)
    with pytest.raises(ConfigurationError, match="purchase_orders") as raised:
        require_switched_on(purchase_orders=False)
    assert raised.value.code == "PURCHASE_ORDERS_OFF"


def test_a_supplier_is_read_from_its_document() -> None:
    document = {"supplier_id": SUPPLIER.upper(), "supplier_code": "80", "lead_time_days": 3, "is_blocked": True}

    assert OrderSupplier.of_document(document) == OrderSupplier(SUPPLIER, "80", 3, is_blocked=True)


def test_a_supplier_product_is_read_from_exacts_row_and_from_its_document() -> None:
    row = {
        "PurchaseUnit": "box     ",
        "PurchaseUnitFactor": Decimal(12),
        "MinimumQuantity": Decimal(2),
        "PurchaseLotSize": 4,
        "PurchaseLeadTime": 7,
    }
    document = {
        "purchase_unit": "box",
        "purchase_unit_factor": "12",
        "minimum_quantity": "2",
        "lot_size": "4",
        "lead_time_days": 7,
    }

    assert SupplierProduct.of_row(row) == SupplierProduct.of_document(document)
    assert SupplierProduct.of_row({}) == SupplierProduct(None, Decimal(1))
