"""Sold, ordered and received goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.fields import Row
from exact_connector.purchasing.movements import project_document
from unit.purchasing.purchase_rows import TODAY, context_of, exact_date, guid

OWNER = guid(500)


def documents(history: str = "orders", **rows: Sequence[Row]) -> list[Projection]:
    return project_document(OwnerRows(OWNER.upper(), rows), context_of(sales_history=history))


def document(history: str = "orders", **rows: Sequence[Row]) -> Mapping[str, Any]:
    (found,) = documents(history, **rows)
    assert found.key == OWNER
    assert found.document is not None
    return found.document


HEADER: Row = {
    "OrderID": OWNER,
    "OrderNumber": 501,
    "OrderDate": exact_date(TODAY),
    "OrderedBy": guid(25),
    "WarehouseCode": "1 ",
    "Currency": "EUR",
    "Status": 20,
}


def order_line(number: int, ordered: str, delivered: str = "0", **values: Any) -> Row:
    return {
        "ID": guid(number),
        "OrderID": OWNER,
        "LineNumber": number,
        "Item": guid(1),
        "ItemCode": "CHAIR",
        "UnitCode": "pc ",
        "Quantity": Decimal(ordered),
        "QuantityDelivered": Decimal(delivered),
        "DeliveryStatus": 12,
        **values,
    }


def test_a_sales_order_is_a_sale() -> None:
    line = order_line(1, "10", "4", AmountDC=Decimal("100.50"), DeliveryDate=exact_date(date(2025, 6, 12)))
    assert document(sales_order=(HEADER,), sales_order_line=(line,)) == {
        "sale_id": OWNER,
        "source": "order",
        "number": 501,
        "date": "2025-06-10",
        "currency": "EUR",
        "customer_id": guid(25),
        "warehouse_code": "1",
        "status": "partial",
        "amounts_agree": None,
        "lines": [
            {
                "line_id": guid(1),
                "line_number": 1,
                "item_id": guid(1),
                "item_code": "CHAIR",
                "unit": "pc",
                "quantity": "10",
                "quantity_delivered": "4",
                "quantity_sold": "10",
                "amount": "100.5",
                "delivery_date": "2025-06-12",
            }
        ],
    }


@pytest.mark.parametrize(
    ("values", "sold"),
    [({}, "10"), ({"DeliveryStatus": 45}, "4"), ({"Status": 45}, "4"), ({"DeliveryStatus": 21}, "10")],
    ids=["open", "delivery cancelled", "line cancelled", "complete"],
)
def test_of_a_cancelled_line_only_what_was_delivered_is_sold(values: dict[str, Any], sold: str) -> None:
    found = document(sales_order=(HEADER,), sales_order_line=(order_line(1, "10", "4", **values),))
    assert found["lines"][0]["quantity_sold"] == sold


def test_an_order_cancelled_as_a_whole_sold_what_was_delivered_whatever_its_lines_say() -> None:
    lines = (order_line(1, "10", "4", DeliveryStatus=12, Status=12), order_line(2, "10", "0"))
    found = document(sales_order=({**HEADER, "Status": 45},), sales_order_line=lines)
    assert [line["quantity_sold"] for line in found["lines"]] == ["4", "0"]


def test_lines_wait_for_the_header_of_their_order() -> None:
    assert documents(sales_order_line=(order_line(1, "10"),)) == []
    assert document(sales_order=(HEADER,))["lines"] == []


def test_the_order_of_the_lines_does_not_matter() -> None:
    lines = (order_line(1, "1"), order_line(2, "2"), order_line(3, "3", ID=guid(0)))
    assert document(sales_order=(HEADER,), sales_order_line=lines) == document(
        sales_order=(HEADER,), sales_order_line=lines[::-1]
    )
    found = document(sales_order=(HEADER,), sales_order_line=lines[::-1])
    assert [line["quantity"] for line in found["lines"]] == ["1", "2", "3"]


def invoice_line(number: int, quantity: str, **values: Any) -> Row:
    return {
        "ID": guid(number),
        "InvoiceID": OWNER,
        "InvoiceNumber": 700,
        "InvoiceDate": exact_date(TODAY),
        "OrderedBy": guid(25),
        "Type": 8020,
        "Status": 50,
        "LineNumber": number,
        "Item": guid(1),
        "ItemCode": "CHAIR",
        "Quantity": Decimal(quantity),
        **values,
    }


def test_a_sales_invoice_is_a_sale_when_history_comes_from_invoices() -> None:
    rows = (invoice_line(2, "3"), invoice_line(1, "2"))
    found = document("invoices", invoice_line=rows)
    assert (found["source"], found["number"], found["date"], found["customer_id"]) == (
        "invoice",
        700,
        "2025-06-10",
        guid(25),
    )
    assert [line["quantity_sold"] for line in found["lines"]] == ["2", "3"]


SUMMED: Row = {"Item": None, "ItemCode": None, "Quantity": None}
"""What the header row (0) and the VAT row (9999) of an invoice or purchase order have no value for."""


SIGNS = pytest.mark.parametrize("turned", [-1, 1], ids=["signs as observed", "signs as documented"])


def invoice(turned: int = 1, total: str = "600", **values: Any) -> tuple[Row, ...]:
    """Five chairs for 500 and VAT of 100, as the flat stream shows them, in no order."""
    return (
        invoice_line(9999, "0", **SUMMED, **values, AmountDC=Decimal(100 * turned)),
        invoice_line(1, "5", **values, AmountDC=Decimal(500 * turned)),
        invoice_line(0, "0", **{**SUMMED, "AmountDC": Decimal(total), **values}),
    )


@SIGNS
def test_header_and_vat_rows_of_an_invoice_are_no_lines_and_amounts_have_the_sign_of_the_sale(turned: int) -> None:
    rows = (*invoice(turned, "500"), invoice_line(2, "-1", AmountDC=Decimal(100 * turned), InvoiceNumber=None))
    found = document("invoices", invoice_line=rows)
    assert (found["number"], found["amounts_agree"]) == (700, True)
    assert [(line["line_number"], line["amount"]) for line in found["lines"]] == [(1, "500"), (2, "-100")]


def test_only_rows_1_to_9998_are_lines() -> None:
    rows = [invoice_line(number, "1") for number in (10_000, 9_999, 9_998, 2, 1, 0, -1)]
    found = document("invoices", invoice_line=rows)
    assert [line["line_number"] for line in found["lines"]] == [1, 2, 9_998]


def test_header_facts_come_from_the_header_row_and_from_a_line_where_there_is_none() -> None:
    rows = (invoice_line(0, "0", **SUMMED, Currency="USD"), invoice_line(1, "1", Currency="EUR"))
    assert document("invoices", invoice_line=rows)["currency"] == "USD"
    assert document("invoices", invoice_line=rows[1:])["currency"] == "EUR"


def test_a_document_whose_lines_were_deleted_or_not_read_yet_is_not_served() -> None:
    assert documents("invoices", invoice_line=(invoice()[0], invoice()[2])) == []
    assert documents(purchase_order_line=({"PurchaseOrderID": OWNER, "ID": guid(9), "LineNumber": 0},)) == []


@SIGNS
@pytest.mark.parametrize("quantity", ["3", "-3"])
def test_the_amount_of_a_credit_note_is_taken_back_too(turned: int, quantity: str) -> None:
    rows = (
        invoice_line(0, "0", **SUMMED, Type=8021, AmountDC=Decimal(-9)),
        invoice_line(1, quantity, Type=8021, AmountDC=Decimal(9 * turned)),
        invoice_line(9999, "0", **SUMMED, Type=8021, AmountDC=Decimal(0)),
    )
    found = document("invoices", invoice_line=rows)
    (line,) = found["lines"]
    assert (line["quantity_sold"], line["amount"], found["amounts_agree"]) == ("-3", "-9", True)


@SIGNS
def test_a_line_with_a_negative_price_takes_off(turned: int) -> None:
    price = {"NetPrice": Decimal(-50)}
    rows = (*invoice(turned, "550"), invoice_line(2, "1", AmountDC=Decimal(-50 * turned), **price))
    found = document("invoices", invoice_line=rows)
    assert [line["amount"] for line in found["lines"]] == ["500", "-50"]
    assert found["amounts_agree"] is True


@SIGNS
@pytest.mark.parametrize(
    ("header", "agree"),
    [
        pytest.param({"AmountDC": Decimal(600)}, True, id="with VAT"),
        pytest.param({"AmountDC": Decimal("600.01")}, True, id="rounded"),
        pytest.param({"AmountDC": Decimal(700)}, False, id="another amount with VAT"),
        pytest.param({"AmountDC": Decimal(1_200)}, False, id="twice"),
        pytest.param({"AmountDC": None}, None, id="no amount"),
    ],
)
def test_the_sum_of_the_lines_is_compared_with_the_header(turned: int, header: Row, agree: bool | None) -> None:
    rows = (*invoice(turned)[:2], {**invoice()[2], **header})
    (found,) = documents("invoices", invoice_line=rows)
    assert found.document is not None
    assert found.document["amounts_agree"] is agree
    assert [warning.code for warning in found.warnings] == (["AMOUNTS_DIFFER"] if agree is False else [])


@pytest.mark.parametrize(
    ("header", "agree"),
    [
        pytest.param({"AmountFCExclVat": Decimal(500)}, True, id="without VAT"),
        pytest.param({"AmountFCExclVat": Decimal(450), "AmountDiscountExclVat": Decimal(50)}, True, id="discount"),
        pytest.param({"AmountFCExclVat": Decimal(450), "AmountDiscountExclVat": Decimal(40)}, False, id="differs"),
        pytest.param(
            {"AmountFC": Decimal(540), "VATAmountFC": Decimal(100), "AmountDiscount": Decimal(60)},
            True,
            id="discount with VAT",
        ),
        pytest.param({"AmountFC": Decimal(605), "VATAmountFC": Decimal(100)}, False, id="differs with VAT"),
        pytest.param({"AmountFC": Decimal(605)}, None, id="VAT is not known"),
    ],
)
def test_the_comparison_is_made_in_the_currency_of_the_document(header: Row, agree: bool | None) -> None:
    rows = (
        invoice_line(1, "5", AmountDC=Decimal(450), AmountFC=Decimal(500)),
        invoice_line(0, "0", **SUMMED, AmountDC=Decimal(1), **header),
    )
    assert document("invoices", invoice_line=rows)["amounts_agree"] is agree


def test_without_a_header_row_there_is_nothing_to_compare_with() -> None:
    assert document("invoices", invoice_line=invoice()[:2])["amounts_agree"] is None


@pytest.mark.parametrize(("total", "agree"), [("36.3", True), ("72.6", False)])
def test_a_purchase_order_is_compared_with_its_header_too(total: str, agree: bool) -> None:
    shared: Row = {"PurchaseOrderID": OWNER, "OrderNumber": 900, "OrderStatus": 10}
    header = {**shared, **SUMMED, "ID": guid(90), "LineNumber": 0, "VATAmount": Decimal("6.3"), "AmountFC": total}
    line = {**shared, "ID": guid(1), "LineNumber": 1, "Item": guid(1), "Quantity": Decimal(2), "AmountFC": Decimal(30)}
    (found,) = documents(purchase_order_line=(line, header))
    assert found.document is not None
    assert found.document["amounts_agree"] is agree
    assert [warning.code for warning in found.warnings] == ([] if agree else ["AMOUNTS_DIFFER"])


def test_the_header_row_of_a_purchase_order_is_no_line_and_knows_the_header() -> None:
    shared: Row = {"PurchaseOrderID": OWNER, "OrderNumber": 900, "OrderStatus": 10}
    header = {**shared, **SUMMED, "ID": guid(90), "LineNumber": 0, "YourRef": "PO 1"}
    line = {**shared, "ID": guid(1), "LineNumber": 1, "Item": guid(1), "Quantity": Decimal(2), "YourRef": None}
    found = document(purchase_order_line=(line, header))
    assert (found["your_ref"], [each["line_id"] for each in found["lines"]]) == ("PO 1", [guid(1)])


def test_only_one_source_counts_so_that_nothing_is_sold_twice() -> None:
    assert documents("orders", invoice_line=(invoice_line(1, "2"),)) == []
    assert documents("invoices", sales_order=(HEADER,), sales_order_line=(order_line(1, "10"),)) == []


@pytest.mark.parametrize("kind", [8021, 8024], ids=["credit note", "direct credit note"])
@pytest.mark.parametrize("quantity", ["2", "-2"])
def test_a_credit_note_takes_sales_back(kind: int, quantity: str) -> None:
    found = document("invoices", invoice_line=(invoice_line(1, quantity, Type=kind),))
    assert (found["status"], found["lines"][0]["quantity_sold"]) == ("credit", "-2")


def test_a_draft_invoice_is_no_sale() -> None:
    assert documents("invoices", invoice_line=(invoice_line(1, "2", Status=10),)) == []


def test_a_purchase_order_is_read_back_with_what_is_still_open() -> None:
    line: Row = {
        "ID": guid(1),
        "PurchaseOrderID": OWNER,
        "OrderNumber": 900,
        "OrderDate": exact_date(TODAY),
        "Supplier": guid(50),
        "SupplierCode": "   50",
        "WarehouseCode": "1",
        "OrderStatus": 20,
        "ReceiptStatus": 20,
        "Source": 1,
        "LineNumber": 1,
        "Item": guid(1),
        "ItemCode": "CHAIR",
        "SupplierItemCode": "S-1",
        "Description": "Chair",
        "Unit": "pc",
        "Quantity": Decimal(24),
        "QuantityInPurchaseUnits": Decimal(2),
        "ReceivedQuantity": Decimal(10),
        "UnitPrice": Decimal("60.00"),
        "ReceiptDate": exact_date(date(2025, 6, 24)),
        "YourRef": "PO 1",
        "Currency": "EUR",
    }
    assert document(purchase_order_line=(line,)) == {
        "purchase_order_id": OWNER,
        "number": 900,
        "date": "2025-06-10",
        "supplier_id": guid(50),
        "supplier_code": "50",
        "warehouse_code": "1",
        "your_ref": "PO 1",
        "currency": "EUR",
        "status": "partial",
        "receipt_status": "partial",
        "source": 1,
        "amounts_agree": None,
        "lines": [
            {
                "line_id": guid(1),
                "line_number": 1,
                "item_id": guid(1),
                "item_code": "CHAIR",
                "description": "Chair",
                "supplier_item_code": "S-1",
                "unit": "pc",
                "quantity": "24",
                "quantity_in_purchase_units": "2",
                "quantity_received": "10",
                "quantity_open": "14",
                "unit_price": "60",
                "receipt_date": "2025-06-24",
            }
        ],
    }
    for over in ({"OrderStatus": 30}, {"ReceiptStatus": 30}, {"ReceiptStatus": 40}):
        assert document(purchase_order_line=({**line, **over},))["lines"][0]["quantity_open"] == "0"
    cancelled = document(purchase_order_line=({**line, "OrderStatus": 40},))
    assert (cancelled["status"], cancelled["lines"][0]["quantity_open"]) == ("cancelled", "0")


def test_a_receipt_names_the_purchase_order_of_each_line() -> None:
    header: Row = {
        "ID": OWNER,
        "ReceiptNumber": 40,
        "ReceiptDate": exact_date(TODAY),
        "Supplier": guid(50),
        "SupplierCode": "50",
        "WarehouseCode": "1",
        "YourRef": "D 1",
    }
    line: Row = {
        "ID": guid(1),
        "GoodsReceiptID": OWNER,
        "LineNumber": 1,
        "Item": guid(1),
        "ItemCode": "CHAIR",
        "ItemUnitCode": "pc",
        "SupplierItemCode": "S-1",
        "QuantityOrdered": Decimal(24),
        "QuantityReceived": Decimal(10),
        "PurchaseOrderID": guid(600),
        "PurchaseOrderNumber": 900,
        "PurchaseOrderLineID": guid(601),
    }
    assert document(receipt=(header,), receipt_line=(line,)) == {
        "receipt_id": OWNER,
        "number": 40,
        "date": "2025-06-10",
        "supplier_id": guid(50),
        "supplier_code": "50",
        "warehouse_code": "1",
        "description": None,
        "your_ref": "D 1",
        "lines": [
            {
                "line_id": guid(1),
                "line_number": 1,
                "item_id": guid(1),
                "item_code": "CHAIR",
                "supplier_item_code": "S-1",
                "unit": "pc",
                "quantity_ordered": "24",
                "quantity_received": "10",
                "purchase_order_id": guid(600),
                "purchase_order_number": 900,
                "purchase_order_line_id": guid(601),
            }
        ],
    }
    assert documents(receipt_line=(line,)) == []


def test_a_document_that_is_gone_leaves_nothing() -> None:
    assert documents() == []
