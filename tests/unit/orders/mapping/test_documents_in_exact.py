"""What is planned is what Exact takes: every kind of document with its steps, posted into the sandbox."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.codes import by_code, code_key
from exact_connector.orders.mapping.document import plan_document
from exact_connector.orders.mapping.plan import DocumentPlan, filled
from exact_connector.orders.mapping.purchase import plan_purchase_order
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.model.purchase_references import OrderSupplier, PurchaseReferences, SupplierProduct
from exact_connector.orders.model.reading import read_order, read_purchase_order
from exact_connector.orders.model.references import (
    DeliveredLine,
    KnownAddress,
    KnownContact,
    OrderCustomer,
    OrderItem,
    ResolvedReferences,
)
from functional.sandbox.data.worlds import Office, tiny_world
from unit.orders.mapping.order_cases import settings_of

TODAY = date(2026, 6, 15)
PLACE = {
    "name": "Fair",
    "street": "Kade",
    "house_number": "7",
    "postcode": "3511 AB",
    "city": "Utrecht",
    "country": "NL",
}


@pytest.fixture(scope="module")
def office() -> Office:
    """Build one small company; every test adds its own documents."""
    return Office(tiny_world())


def plain(value: object) -> object:
    """Write a decimal as the JSON number that is sent."""
    assert isinstance(value, Decimal)
    return float(value)


def posted(office: Office, plan: DocumentPlan) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Carry the steps and the document out; return header and lines as Exact stored them."""
    results: dict[str, str] = {}
    for step in plan.steps:
        entity = step.path.rpartition("/")[2]
        body = filled(step.body, results)
        if step.method == "create":
            results[step.name] = office.post(entity, body)["ID"]
        else:
            office.put(entity, step.key or "", body)
    document = DOCUMENTS[plan.kind]
    body = json.loads(json.dumps(filled(plan.body, results), default=plain))
    header = office.post(document.path.rpartition("/")[2], body)
    key = header[document.key]
    table = office.division.table(document.lines_path.rpartition("/")[2])
    lines = [row for row in table.rows() if row[document.lines_parent] == key]
    return dict(header), sorted((dict(line) for line in lines), key=lambda line: line["LineNumber"])


def references(office: Office, customer: dict[str, Any], *items: dict[str, Any]) -> ResolvedReferences:
    def of(table: str) -> list[dict[str, Any]]:
        return [dict(row) for row in office.rows(table) if row.get("Account") == customer["ID"]]

    vat = by_code(office.rows("VATCodes"))
    codes = {row["ID"]: row for row in items}
    delivered = [
        DeliveredLine.of_row({**line, "DeliveryDate": None})
        for line in office.rows("GoodsDeliveryLines")
        if (office.division.table("GoodsDeliveries").get(line["EntryID"]) or {}).get("DeliveryAccount")
        == customer["ID"]
    ]
    return ResolvedReferences(
        customer=OrderCustomer(customer["ID"], customer["Code"].strip(), vat_liable=True, country="NL"),
        items={
            code_key(row["Code"]): OrderItem(
                row["ID"],
                row["Code"],
                row["Description"],
                vat_percentage=Decimal(str(vat[code_key(row["SalesVatCode"])]["Percentage"])) * 100,
                vat_included=vat[code_key(row["SalesVatCode"])]["Type"] == "I",
            )
            for row in codes.values()
        },
        addresses=[KnownAddress.of_row(row) for row in of("Addresses")],
        invoice_addresses=[KnownAddress.of_row(row) for row in of("Addresses") if row["Type"] == 3],
        contacts=[KnownContact.of_row(row) for row in of("Contacts")],
        warehouses=by_code(office.rows("Warehouses")),
        shipping_methods=by_code(office.rows("ShippingMethods")),
        cost_centers=by_code(office.rows("Costcenters")),
        cost_units=by_code(office.rows("Costunits")),
        journals=by_code(office.rows("Journals")),
        delivered_lines=delivered,
    )


def order_of(office: Office, kind: str, *, settings: dict[str, Any], **values: Any) -> DocumentPlan:
    customer, item = dict(office.customer(SalesVATCode="4  ")), dict(office.item())
    line = {"item_code": item["Code"], "quantity": 3, "unit_price": "12.5", "discount_percentage": 10}
    order = read_order(
        {
            "customer_id": customer["ID"],
            "order_type": {"kind": kind},
            "lines": [line, {**line, "quantity": 1}],
            **values,
        }
    )
    return plan_document(order, settings_of(**settings), references(office, customer, item), TODAY)


FULL: dict[str, Any] = {
    "reference": "PO1",
    "your_reference": "X9",
    "notes": "Call",
    "delivery_date": "2026-06-20",
    "warehouse_code": "1",
    "alternative_delivery_address": PLACE,
    "alternative_invoice_address": PLACE,
    "alternative_contact_person": {"last_name": "Vos", "email": "eva@example.nl"},
}
STEPS = {
    "CreateAlternateAddressAtCustomer": True,
    "CreateAndLinkAlternativeContactPerson": True,
    "CreateInvoiceAddress": True,
}


@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_exact_takes_a_document_with_all_its_steps(office: Office, kind: str) -> None:
    plan = order_of(office, kind, settings=STEPS, **FULL)
    header, lines = posted(office, plan)

    assert (header["Description"], header["YourRef"], header["Remarks"]) == ("PO1", "X9", "Call\nDeliver to: Fair")
    assert [(line["Quantity"], line["NetPrice"]) for line in lines] == [(3.0, 11.25), (1.0, 11.25)]
    house = header.get("Warehouse") or header.get("WarehouseID")
    assert house == next(row["ID"] for row in office.rows("Warehouses") if row["Code"].strip() == "1")
    address = office.division.table("Addresses").get(header.get("DeliveryAddress") or header.get("DeliverToAddress"))
    person = header.get("DeliverToContactPerson") or header.get("DeliveryAccountContact")
    assert address is not None
    assert (address["AddressLine1"], address["City"], address["Contact"]) == ("Kade 7", "Utrecht", person)


def test_a_second_order_to_the_same_place_writes_nothing_before_the_document(office: Office) -> None:
    posted(office, order_of(office, "order", settings=STEPS, **FULL))

    assert order_of(office, "order", settings=STEPS, **FULL).steps == ()


MODES: list[Any] = [
    pytest.param({}, id="net price"),
    pytest.param({"SetUnitPrice": True}, id="unit price and discount"),
    pytest.param({"SetOriginalPriceOnUnitPrice": True}, id="original price and net price"),
    pytest.param({"RoundOrderLinePricesToTwoDecimals": True}, id="cents"),
]


@pytest.mark.parametrize("settings", MODES)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_exact_comes_to_the_clients_total_in_every_price_mode(
    office: Office, kind: str, settings: dict[str, Any]
) -> None:
    _, lines = posted(office, order_of(office, kind, settings=settings))

    assert sum(line["NetPrice"] * line["Quantity"] for line in lines) == pytest.approx(45.0)


def test_exact_takes_a_return_of_what_was_delivered(office: Office) -> None:
    found = next(
        (line, entry)
        for line in office.rows("GoodsDeliveryLines")
        if (entry := office.division.table("GoodsDeliveries").get(line["EntryID"])) is not None
        and line["QuantityDelivered"] >= 1
    )
    line, entry = found
    customer = dict(office.division.table("Accounts").get(entry["DeliveryAccount"]) or {})
    item = dict(office.division.table("Items").get(line["Item"]) or {})
    order = read_order(
        {
            "customer_id": customer["ID"],
            "order_type": {"kind": "return"},
            "warehouse_code": "1",
            "original_order_number": line["SalesOrderNumber"],
            "lines": [{"item_code": item["Code"], "quantity": 1, "instruction": "broken"}],
        }
    )
    settings = settings_of(AlwaysCreateCreditNoteForReturnOrders=True)
    plan = plan_document(order, settings, references(office, customer, item), TODAY)
    header, lines = posted(office, plan)

    assert (header["DeliveredTo"], header["Description"]) == (customer["ID"], "App4sales order")
    assert [(row["CreateCredit"], row["PlannedReturnQuantity"], row["Notes"]) for row in lines] == [(1, 1.0, "broken")]


def test_exact_takes_a_purchase_order_in_purchase_units(office: Office) -> None:
    def is_bought(link: dict[str, Any]) -> bool:
        item = office.division.table("Items").get(link["Item"]) or {}
        account = office.division.table("Accounts").get(link["Supplier"]) or {}
        return bool(item.get("IsPurchaseItem")) and "EndDate" not in item and not account.get("Blocked")

    link = next(
        dict(row) for row in office.rows("SupplierItem") if row["PurchaseUnitFactor"] > 1 and is_bought(dict(row))
    )
    item = office.division.table("Items").get(link["Item"]) or {}
    product = SupplierProduct.of_row(link)
    order = read_purchase_order(
        {
            "supplier_id": link["Supplier"],
            "reference": "X9",
            "lines": [{"item_code": item["Code"], "quantity": str(product.factor * 4)}],
        }
    )
    known = PurchaseReferences(
        OrderSupplier(link["Supplier"], None),
        {code_key(item["Code"]): OrderItem(item["ID"], item["Code"])},
        {item["ID"]: product},
    )
    plan = plan_purchase_order(order, known, TODAY)
    header, lines = posted(office, plan)

    assert (plan.kind, header["YourRef"]) == (OrderKind.PURCHASE, "X9")
    assert [(row["QuantityInPurchaseUnits"], row["Quantity"]) for row in lines] == [(4.0, float(product.factor * 4))]
