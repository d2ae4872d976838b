"""Sold, received and ordered goods as purchase planning reads them: a document per order, invoice or receipt."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.projection import Document, OwnerRows, Projection, Warning
from exact_connector.fields import Row
from exact_connector.purchasing.bills import components_of_version
from exact_connector.purchasing.flat_rows import amounts_agree, flat_rows, numbered, signed_amount

if TYPE_CHECKING:
    from exact_connector.documents.models.purchasing import (
        PurchaseLine,
        PurchaseOrderDocument,
        Receipt,
        ReceiptLine,
        Sale,
        SaleLine,
    )

SALES_STATUSES = {12: "open", 20: "partial", 21: "complete", 45: "cancelled"}
PURCHASE_STATUSES = {10: "open", 20: "partial", 30: "complete", 40: "cancelled"}
CANCELLED = 45
DRAFT_INVOICE = 10
CREDIT_NOTES = frozenset({8021, 8024})
ZERO = Decimal(0)


def project_document(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    """Return the documents of one order, invoice, receipt or version of a bill of material, keyed by its ID.

    Kinds: `sale` (from orders or from invoices, as the option `sales_history` says), `purchase_order`, `receipt`,
    `bill_of_material_components`. The order of the rows does not matter.
    """
    found: list[Projection | None] = [
        _order_sale(rows) if context.options.sales_history == "orders" else _invoice_sale(rows),
        _purchase_order(rows),
        _receipt(rows),
    ]
    if rows.of("bom_material"):
        found.append(components_of_version(rows.owner, rows.of("bom_material")))
    return [projection for projection in found if projection is not None]


def _order_sale(rows: OwnerRows) -> Projection | None:
    """Return the sale of a sales order; lines wait for their header, which knows customer and date."""
    header = rows.one("sales_order")
    if header is None:
        return None
    status = fields.integer(header, "Status")
    document: Sale = {
        "sale_id": rows.owner.lower(),
        "source": "order",
        "number": fields.integer(header, "OrderNumber"),
        "date": _day(header, "OrderDate"),
        "currency": fields.text(header, "Currency"),
        "customer_id": fields.guid(header, "OrderedBy"),
        "warehouse_code": fields.text(header, "WarehouseCode"),
        "status": _word(status, SALES_STATUSES),
        "amounts_agree": None,
        "lines": [_order_line(row, status) for row in numbered(rows.of("sales_order_line"))],
    }
    return Projection("sale", rows.owner.lower(), document)


def _order_line(row: Row, status: int | None) -> SaleLine:
    ordered = fields.number(row, "Quantity") or ZERO
    delivered = fields.number(row, "QuantityDelivered") or ZERO
    # An order that is cancelled as a whole may leave its lines' own status behind.
    cancelled = CANCELLED in (status, fields.integer(row, "DeliveryStatus"), fields.integer(row, "Status"))
    return {
        "line_id": fields.guid(row, "ID"),
        "line_number": fields.integer(row, "LineNumber"),
        "item_id": fields.guid(row, "Item"),
        "item_code": fields.text(row, "ItemCode"),
        "unit": fields.text(row, "UnitCode"),
        "quantity": fields.plain(ordered),
        "quantity_delivered": fields.plain(delivered),
        # What was cancelled was never needed: only what left the warehouse counts as sold.
        "quantity_sold": fields.plain(delivered if cancelled else ordered),
        "amount": _plain(row, "AmountDC"),
        "delivery_date": _day(row, "DeliveryDate"),
    }


def _invoice_sale(rows: OwnerRows) -> Projection | None:
    """Return the sale of a sales invoice, whose rows are a header, lines and VAT; drafts are no sale yet."""
    flat = flat_rows(rows.of("invoice_line"))
    if flat is None or fields.integer(flat.header, "Status") == DRAFT_INVOICE:
        return None
    is_credit = fields.integer(flat.header, "Type") in CREDIT_NOTES
    lines = [_invoice_line(row, is_credit=is_credit) for row in flat.lines]
    document: Sale = {
        "sale_id": rows.owner.lower(),
        "source": "invoice",
        "number": fields.integer(flat.header, "InvoiceNumber"),
        "date": _day(flat.header, "InvoiceDate"),
        "currency": fields.text(flat.header, "Currency"),
        "customer_id": fields.guid(flat.header, "OrderedBy"),
        "warehouse_code": None,
        "status": "credit" if is_credit else "complete",
        "amounts_agree": amounts_agree(flat, is_credit=is_credit),
        "lines": lines,
    }
    return Projection("sale", rows.owner.lower(), document, warnings=_differing("invoice", document))


def _invoice_line(row: Row, *, is_credit: bool) -> SaleLine:
    quantity = fields.number(row, "Quantity") or ZERO
    sold = -abs(quantity) if is_credit else quantity
    amount = signed_amount(row, "AmountDC", is_credit=is_credit)
    return {
        "line_id": fields.guid(row, "ID"),
        "line_number": fields.integer(row, "LineNumber"),
        "item_id": fields.guid(row, "Item"),
        "item_code": fields.text(row, "ItemCode"),
        "unit": fields.text(row, "UnitCode"),
        "quantity": fields.plain(sold),
        "quantity_delivered": fields.plain(sold),
        "quantity_sold": fields.plain(sold),
        "amount": None if amount is None else fields.plain(amount),
        "delivery_date": _day(row, "DeliveryDate"),
    }


def _differing(what: str, document: Document) -> tuple[Warning, ...]:
    """Return the line of the report on a document whose lines do not add up to its header."""
    if document["amounts_agree"] is not False:
        return ()
    message = (
        f"the amounts of the lines of {what} {document['number']} do not add up to the amount of its header; compare "
        "it with Exact, and start a full load of the documents where Exact shows other lines"
    )
    return (Warning("AMOUNTS_DIFFER", message),)


def _purchase_order(rows: OwnerRows) -> Projection | None:
    """Return a purchase order as Exact has it, also one that was entered by hand."""
    flat = flat_rows(rows.of("purchase_order_line"))
    if flat is None:
        return None
    header = flat.header
    document: PurchaseOrderDocument = {
        "purchase_order_id": rows.owner.lower(),
        "number": fields.integer(header, "OrderNumber"),
        "date": _day(header, "OrderDate"),
        "supplier_id": fields.guid(header, "Supplier"),
        "supplier_code": fields.text(header, "SupplierCode"),
        "warehouse_code": fields.text(header, "WarehouseCode"),
        "your_ref": fields.text(header, "YourRef"),
        "currency": fields.text(header, "Currency"),
        "status": _word(fields.integer(header, "OrderStatus"), PURCHASE_STATUSES),
        "receipt_status": _word(fields.integer(header, "ReceiptStatus"), PURCHASE_STATUSES),
        "source": fields.integer(header, "Source"),
        "amounts_agree": amounts_agree(flat, is_credit=False),
        "lines": [_purchase_line(row) for row in flat.lines],
    }
    return Projection("purchase_order", rows.owner.lower(), document, warnings=_differing("purchase order", document))


def _purchase_line(row: Row) -> PurchaseLine:
    ordered = fields.number(row, "Quantity") or ZERO
    received = fields.number(row, "ReceivedQuantity") or ZERO
    states = {_word(fields.integer(row, name), PURCHASE_STATUSES) for name in ("OrderStatus", "ReceiptStatus")}
    # Nothing more comes of an order that was completed with less than was ordered.
    over = not states.isdisjoint(("cancelled", "complete"))
    return {
        "line_id": fields.guid(row, "ID"),
        "line_number": fields.integer(row, "LineNumber"),
        "item_id": fields.guid(row, "Item"),
        "item_code": fields.text(row, "ItemCode"),
        "description": fields.text(row, "Description"),
        "supplier_item_code": fields.text(row, "SupplierItemCode"),
        "unit": fields.text(row, "Unit"),
        "quantity": fields.plain(ordered),
        "quantity_in_purchase_units": _plain(row, "QuantityInPurchaseUnits"),
        "quantity_received": fields.plain(received),
        "quantity_open": fields.plain(ZERO if over else max(ordered - received, ZERO)),
        "unit_price": _plain(row, "UnitPrice"),
        "receipt_date": _day(row, "ReceiptDate"),
    }


def _receipt(rows: OwnerRows) -> Projection | None:
    header = rows.one("receipt")
    if header is None:
        return None
    document: Receipt = {
        "receipt_id": rows.owner.lower(),
        "number": fields.integer(header, "ReceiptNumber"),
        "date": _day(header, "ReceiptDate"),
        "supplier_id": fields.guid(header, "Supplier"),
        "supplier_code": fields.text(header, "SupplierCode"),
        "warehouse_code": fields.text(header, "WarehouseCode"),
        "description": fields.text(header, "Description"),
        "your_ref": fields.text(header, "YourRef"),
        "lines": [_receipt_line(row) for row in numbered(rows.of("receipt_line"))],
    }
    return Projection("receipt", rows.owner.lower(), document)


def _receipt_line(row: Row) -> ReceiptLine:
    return {
        "line_id": fields.guid(row, "ID"),
        "line_number": fields.integer(row, "LineNumber"),
        "item_id": fields.guid(row, "Item"),
        "item_code": fields.text(row, "ItemCode"),
        "supplier_item_code": fields.text(row, "SupplierItemCode"),
        "unit": fields.text(row, "ItemUnitCode"),
        "quantity_ordered": _plain(row, "QuantityOrdered"),
        "quantity_received": fields.plain(fields.number(row, "QuantityReceived") or ZERO),
        "purchase_order_id": fields.guid(row, "PurchaseOrderID"),
        "purchase_order_number": fields.integer(row, "PurchaseOrderNumber"),
        "purchase_order_line_id": fields.guid(row, "PurchaseOrderLineID"),
    }


def _word(status: int | None, words: dict[int, str]) -> str | None:
    return None if status is None else words.get(status, str(status))


def _plain(row: Row, name: str) -> str | None:
    value = fields.number(row, name)
    return None if value is None else fields.plain(value)


def _day(row: Row, name: str) -> str | None:
    day = fields.day(row, name)
    return day.isoformat() if day else None
