"""Invoices, quotations, purchase orders, returns, goods movements and files."""

from __future__ import annotations

import base64

import pytest

from exact_sandbox.world.files import attachment
from exact_sandbox.world.store import Row
from functional.sandbox.data.worlds import Office, day, refused

NOBODY = "00000000-0000-0000-0000-000000000000"


def invoice_body(office: Office, **header: object) -> Row:
    return {"OrderedBy": office.customer(SalesVATCode="4  ")["ID"], "Journal": "70",
            "SalesInvoiceLines": [{"Item": office.item()["ID"], "Quantity": 2, "NetPrice": 10}], **header}  # fmt: skip


def test_an_invoice_needs_journal_account_and_lines(office: Office) -> None:
    text = "Verplicht: Factuur voor\r\nVerplicht: Besteld door\r\nVerplicht: Factuurregels"
    assert office.refusal("SalesInvoices", {}) == (500, text)


def test_an_invoice_gets_a_number_a_due_date_and_revenue_accounts(office: Office) -> None:
    office.division.invoice_numbers = "entry"
    highest = max(row["InvoiceNumber"] for row in office.rows("SalesInvoices"))
    invoice = office.post("SalesInvoices", invoice_body(office, PaymentCondition="14"))
    assert (invoice["InvoiceNumber"], invoice["Type"], invoice["Status"]) == (highest + 1, 8020, 20)
    assert invoice["DueDate"] == day("2026-06-29")
    (line,) = office.division.table("SalesInvoiceLines").lookup("InvoiceID", invoice["InvoiceID"]) or []
    item = office.division.table("Items").get(line["Item"]) or {}
    assert (line["GLAccount"], line["AmountFC"]) == (item["GLRevenue"], 20.0)
    assert invoice["AmountFC"] == pytest.approx(20.0 + line["VATAmountFC"])
    assert invoice["OrderNumber"] == max(row["OrderNumber"] for row in office.rows("SalesInvoices"))


def test_an_invoice_has_no_number_before_it_is_printed(office: Office) -> None:
    first, second = (office.post("SalesInvoices", invoice_body(office)) for _ in range(2))
    assert (first.get("InvoiceNumber"), second.get("InvoiceNumber")) == (None, None)
    assert first["InvoiceID"] != second["InvoiceID"]
    assert second["OrderNumber"] == first["OrderNumber"] + 1


@pytest.mark.parametrize(
    ("header", "text"),
    [
        pytest.param({"Journal": "60"}, "Geblokkeerd: Dagboek", id="blocked journal"),
        pytest.param({"Journal": "80"}, "Ongeldig: Dagboek (Type)", id="purchase journal"),
        pytest.param({"Journal": "XX"}, "Ongeldige referentie: Dagboek", id="unknown journal"),
        pytest.param({"Journal": None}, "Verplicht: Dagboek", id="no journal"),
        pytest.param({"Type": 9999}, "Ongeldig: Type", id="unknown type"),
    ],
)
def test_an_invoice_against_the_rules_is_refused(office: Office, header: Row, text: str) -> None:
    assert office.refusal("SalesInvoices", invoice_body(office, **header)) == (500, text)


def test_a_warehouse_belongs_to_a_direct_invoice_alone(office: Office) -> None:
    house = office.rows("Warehouses")[0]["ID"]
    status, text = office.refusal("SalesInvoices", invoice_body(office, Warehouse=house))
    assert (status, text) == (500, "Niet toegestaan: Magazijn - Alleen bij een directe factuur")
    assert office.post("SalesInvoices", invoice_body(office, Type=8023, Warehouse=house))["Warehouse"] == house


def test_direct_invoices_do_not_exist_in_the_basic_edition(office: Office) -> None:
    basic = Office(office.world, 123459)
    body: Row = {"OrderedBy": basic.customer()["ID"], "Journal": "70",
                 "SalesInvoiceLines": [{"Item": basic.item()["ID"]}]}  # fmt: skip
    house = basic.rows("Warehouses")[0]["ID"]
    assert basic.refusal("SalesInvoices", {**body, "Type": 8023, "Warehouse": house})[1].startswith("Ongeldig: Type")


def test_a_blocked_revenue_account_is_refused(office: Office) -> None:
    blocked = next(row for row in office.rows("GLAccounts") if row["IsBlocked"])
    body = invoice_body(office)
    body["SalesInvoiceLines"][0]["GLAccount"] = blocked["ID"]
    assert office.refusal("SalesInvoices", body) == (500, "Geblokkeerd: Grootboekrekening")


def test_a_processed_invoice_cannot_be_changed(office: Office) -> None:
    done = next(row for row in office.rows("SalesInvoices") if row["Status"] == 50)
    answer = refused(lambda: office.put("SalesInvoices", done["InvoiceID"], {"Description": "x"}))
    assert answer == (500, "Niet toegestaan: Verkoopfactuur - Factuur is verwerkt")


def test_a_quotation_is_taken_for_a_prospect_too(office: Office) -> None:
    prospect = next(row for row in office.rows("Accounts") if row.get("Status") in ("P", "S") and not row["Blocked"])
    body = {
        "OrderAccount": prospect["ID"],
        "QuotationLines": [{"Item": office.item()["ID"], "Quantity": 3, "NetPrice": 2}],
    }
    quotation = office.post("Quotations", body)
    assert (quotation["Status"], quotation["OrderAccountName"], quotation["VersionNumber"]) == (25, prospect["Name"], 1)
    (line,) = office.division.table("QuotationLines").lookup("QuotationID", quotation["QuotationID"]) or []
    assert (line["AmountFC"], line["QuotationNumber"]) == (6.0, quotation["QuotationNumber"])
    assert office.refusal("Quotations", {}) == (500, "Verplicht: Relatie\r\nVerplicht: Offerteregels")
    office.remove("Quotations", quotation["QuotationID"])
    assert {row["EntityType"] for row in office.rows("Deleted")} == {34, 35}


def purchase(office: Office, **line: object) -> tuple[Row, Row]:
    """Post a purchase order of an item with a purchase unit of its own; return order and supplier link."""
    accounts, items = office.division.table("Accounts"), office.division.table("Items")

    def orderable(row: Row) -> bool:
        supplier, item = accounts.get(row["Supplier"]) or {}, items.get(row["Item"]) or {}
        ended = "EndDate" in supplier or "EndDate" in item or supplier["Blocked"]
        return not ended and item["StartDate"] <= day("2026-06-15") and item["IsStockItem"]

    link = next(
        row
        for row in office.rows("SupplierItem")
        if row["PurchaseUnitFactor"] > 1 and row["PurchasePrice"] > 0 and orderable(row)
    )
    body = {"Supplier": link["Supplier"],
            "PurchaseOrderLines": [{"Item": link["Item"], "QuantityInPurchaseUnits": 5, **line}]}  # fmt: skip
    return office.post("PurchaseOrders", body), link


def test_a_purchase_order_counts_in_purchase_units_at_the_suppliers_price(office: Office) -> None:
    order, link = purchase(office)
    (line,) = office.division.table("PurchaseOrderLines").lookup("PurchaseOrderID", order["PurchaseOrderID"]) or []
    assert (line["QuantityInPurchaseUnits"], line["Quantity"]) == (5.0, 5 * link["PurchaseUnitFactor"])
    assert (line["UnitPrice"], line["Unit"]) == (link["PurchasePrice"], link["PurchaseUnit"])
    assert line["AmountFC"] == pytest.approx(5 * link["PurchasePrice"], abs=0.01)
    assert (order["Source"], order["OrderStatus"], order["ReceiptStatus"]) == (11, 10, 10)
    assert (order["SupplierCode"], order["PurchaseOrderLineCount"]) == (link["SupplierCode"], 1)


def test_a_purchase_order_plans_the_receipt(office: Office) -> None:
    order, link = purchase(office, ReceiptDate="2026-07-01")
    item = office.division.table("Items").get(link["Item"]) or {}
    detail = next(row for row in office.rows("ItemWarehousePlanningDetails")
                  if row["PlanningSourceID"] == order["PurchaseOrderID"])  # fmt: skip
    assert (detail["PlannedQuantity"], detail["PlanningType"]) == (5 * link["PurchaseUnitFactor"], 130)
    assert detail["PlannedDate"] == day("2026-07-01")
    assert office.position(item)["PlanningIn"] >= detail["PlannedQuantity"]


def test_a_purchase_order_needs_supplier_lines_and_quantities(office: Office) -> None:
    assert office.refusal("PurchaseOrders", {}) == (500, "Verplicht: Leverancier\r\nVerplicht: Regels")
    supplier = next(row for row in office.rows("Accounts") if row["IsSupplier"] and not row["Blocked"])["ID"]
    item = office.item()["ID"]
    assert office.refusal("PurchaseOrders", {"Supplier": supplier, "PurchaseOrderLines": [{"Item": item}]}) == (
        500,
        "Verplicht: Aantal in inkoopeenheden",
    )
    lines = [{"Item": item, "QuantityInPurchaseUnits": 1}]
    body = {"Supplier": office.customer(IsSupplier=False)["ID"], "PurchaseOrderLines": lines}
    assert office.refusal("PurchaseOrders", body) == (500, "Ongeldig: Leverancier (Type)")


def test_the_last_line_of_a_purchase_order_stays(office: Office) -> None:
    order, _ = purchase(office)
    (line,) = office.division.table("PurchaseOrderLines").lookup("PurchaseOrderID", order["PurchaseOrderID"]) or []
    status, text = refused(lambda: office.remove("PurchaseOrderLines", line["ID"]))
    assert (status, "minstens één regel" in text) == (500, True)


@pytest.mark.parametrize(
    ("share", "status"), [pytest.param(0.4, 20, id="a part"), pytest.param(1.0, 30, id="everything")]
)
def test_a_receipt_raises_stock_and_moves_the_order_on(office: Office, share: float, status: int) -> None:
    order, link = purchase(office)
    (line,) = office.division.table("PurchaseOrderLines").lookup("PurchaseOrderID", order["PurchaseOrderID"]) or []
    item = office.division.table("Items").get(link["Item"]) or {}
    before, got = office.position(item), round(line["Quantity"] * share)
    office.post("GoodsReceipts", {"ReceiptDate": "2026-06-15", "GoodsReceiptLines": [
        {"PurchaseOrderLineID": line["ID"], "QuantityReceived": got}]})  # fmt: skip
    after = office.position(item)
    assert after["CurrentStock"] == before["CurrentStock"] + got
    assert after["PlanningIn"] == pytest.approx(before["PlanningIn"] - got)
    assert after["ProjectedStock"] == pytest.approx(before["ProjectedStock"])
    received = office.division.table("PurchaseOrders").get(order["PurchaseOrderID"]) or {}
    assert received["ReceiptStatus"] == status
    stream = [row["ReceivedQuantity"] for row in office.division.sync_rows("PurchaseOrders") if row["ID"] == line["ID"]]
    assert stream == [float(got)]


@pytest.mark.parametrize(
    ("quantity", "status"), [pytest.param(4, 20, id="a part"), pytest.param(10, 21, id="everything")]
)
def test_a_delivery_lowers_stock_and_moves_the_order_on(office: Office, quantity: int, status: int) -> None:
    item = office.item()
    order = office.order({"Item": item["ID"], "Quantity": 10})
    (line,) = office.lines(order)
    before = office.position(item)
    delivery = office.post("GoodsDeliveries", {"DeliveryDate": "2026-06-15", "TrackingNumber": "3S1",
                                               "GoodsDeliveryLines": [
        {"SalesOrderLineID": line["ID"], "QuantityDelivered": quantity}]})  # fmt: skip
    after = office.position(item)
    assert after["CurrentStock"] == before["CurrentStock"] - quantity
    assert after["PlanningOut"] == pytest.approx(before["PlanningOut"] - quantity)
    (delivered,) = office.lines(order)
    assert (delivered["QuantityDelivered"], delivered["DeliveryStatus"]) == (float(quantity), status)
    assert (office.division.table("SalesOrders").get(order["OrderID"]) or {})["DeliveryStatus"] == status
    assert (delivery["DeliveryAccount"], delivery["TrackingNumber"]) == (order["DeliverTo"], "3S1")


def returned(office: Office, **changes: object) -> Row:
    """Return the body of a planned return of something that was delivered."""
    line = next(row for row in office.rows("GoodsDeliveryLines") if row["QuantityDelivered"] >= 2)
    delivery = office.division.table("GoodsDeliveries").get(line["EntryID"]) or {}
    links = office.division.table("ItemWarehouses").lookup("Item", line["Item"]) or []
    return {"DeliveredTo": delivery["DeliveryAccount"], "Warehouse": links[0]["Warehouse"], "PlannedSalesReturnLines": [
        {"Item": line["Item"], "GoodDeliveryLineID": line["ID"], "CreateCredit": 0, "PlannedReturnQuantity": 2,
         "ReceivedQuantity": 0, **changes}]}  # fmt: skip


def usable(office: Office, body: Row) -> bool:
    account = office.division.table("Accounts").get(body["DeliveredTo"]) or {}
    return not account["Blocked"] and "EndDate" not in account


def test_a_return_refers_to_a_delivery_and_a_warehouse(office: Office) -> None:
    body = returned(office)
    assert usable(office, body)
    planned = office.post("PlannedSalesReturns", body)
    (line,) = (
        office.division.table("PlannedSalesReturnLines").lookup("PlannedSalesReturnID", planned["PlannedSalesReturnID"])
        or []
    )
    assert (planned["Status"], planned["Source"], line["ReceivedQuantity"]) == (20, 2, 0.0)
    text = "Verplicht: Afgeleverd aan\r\nVerplicht: Magazijn\r\nVerplicht: Retourregels"
    assert office.refusal("PlannedSalesReturns", {}) == (500, text)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param(
            {"PlannedReturnQuantity": 10_000}, "Ongeldig: Geplande retourhoeveelheid", id="more than delivered"
        ),
        pytest.param({"PlannedReturnQuantity": -1}, "Ongeldig: Geplande retourhoeveelheid", id="less than nothing"),
        pytest.param({"CreateCredit": 2}, "Ongeldig: Creditnota maken", id="credit"),
        pytest.param({"CreateCredit": None}, "Verplicht: Creditnota maken", id="credit left out"),
    ],
)
def test_a_return_against_the_rules_is_refused(office: Office, changes: Row, text: str) -> None:
    assert office.refusal("PlannedSalesReturns", returned(office, **changes)) == (500, text)


def test_a_document_takes_files_and_gives_them_back_byte_for_byte(office: Office) -> None:
    document = office.post("Documents", {"Subject": "Foto", "Type": 55, "Account": office.customer()["ID"]})
    body = {"Document": document["ID"], "FileName": "a.txt", "Attachment": base64.b64encode(b"inhoud").decode()}
    stored = office.post("DocumentAttachments", body)
    assert attachment(office.division, stored["ID"]) == ("a.txt", b"inhoud")
    assert (stored["FileSize"], "SysAttachment.aspx" in stored["Url"]) == (6.0, True)
    office.remove("Documents", document["ID"])
    assert [row["EntityType"] for row in office.rows("Deleted")] == [4, 6]
    assert office.refusal("Documents", {}) == (500, "Verplicht: Onderwerp\r\nVerplicht: Type")
    assert office.refusal("Documents", {"Subject": "x", "Type": 11}) == (500, "Ongeldige referentie: Type")


def test_completing_an_order_ends_its_planning(office: Office) -> None:
    item = office.item()
    before = office.position(item)["PlanningOut"]
    order = office.order({"Item": item["ID"], "Quantity": 7})
    office.post("CompleteSalesOrder", {"OrderID": order["OrderID"]})
    assert (office.division.table("SalesOrders").get(order["OrderID"]) or {})["Status"] == 21
    assert office.position(item)["PlanningOut"] == before
