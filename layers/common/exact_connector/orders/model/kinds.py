"""The kinds of document that the life cycle brings into Exact, and how each is found again there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exact_connector import fields
from exact_connector.fields import Row


class OrderKind(StrEnum):
    """What a client orders; decides the resource in Exact."""

    ORDER = "order"
    QUOTATION = "quotation"
    INVOICE = "invoice"
    RETURN = "return"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One resource of Exact: where a document is posted, and which fields show that it is the one that was sent.

    ``quantity`` is the field of a line that was sent; ``header_texts`` and ``line_texts`` are compared where sent,
    so are ``line_references``, the GUIDs that a line names besides its item.
    ``customer_filter``: Exact's documentation marks the customer and Created as fit for a filter.
    """

    path: str
    key: str
    number: str
    customer: str
    lines: str
    lines_path: str
    lines_parent: str
    quantity: str
    header_texts: tuple[str, ...] = ("Description", "YourRef", "Remarks")
    line_texts: tuple[str, ...] = ("Notes",)
    line_references: tuple[str, ...] = ()
    line_key: str = "ID"
    line_number: str = "LineNumber"
    customer_filter: bool = True

    def number_of(self, row: Row) -> str | None:
        """Return the number of a document; None while Exact has given none (an invoice may get its at printing)."""
        number = fields.integer(row, self.number)
        return str(number) if number else None


DOCUMENTS: dict[OrderKind, DocumentKind] = {
    OrderKind.ORDER: DocumentKind(
        path="salesorder/SalesOrders",
        key="OrderID",
        number="OrderNumber",
        customer="OrderedBy",
        lines="SalesOrderLines",
        lines_path="salesorder/SalesOrderLines",
        lines_parent="OrderID",
        quantity="Quantity",
    ),
    OrderKind.QUOTATION: DocumentKind(
        path="crm/Quotations",
        key="QuotationID",
        number="QuotationNumber",
        customer="OrderAccount",
        lines="QuotationLines",
        lines_path="crm/QuotationLines",
        lines_parent="QuotationID",
        quantity="Quantity",
        customer_filter=False,
    ),
    OrderKind.INVOICE: DocumentKind(
        path="salesinvoice/SalesInvoices",
        key="InvoiceID",
        number="InvoiceNumber",
        customer="OrderedBy",
        lines="SalesInvoiceLines",
        lines_path="salesinvoice/SalesInvoiceLines",
        lines_parent="InvoiceID",
        quantity="Quantity",
    ),
    OrderKind.RETURN: DocumentKind(
        path="salesorder/PlannedSalesReturns",
        key="PlannedSalesReturnID",
        number="ReturnNumber",
        customer="DeliveredTo",
        lines="PlannedSalesReturnLines",
        lines_path="salesorder/PlannedSalesReturnLines",
        lines_parent="PlannedSalesReturnID",
        quantity="PlannedReturnQuantity",
        header_texts=("Description", "Remarks"),
        line_references=("GoodDeliveryLineID",),
    ),
    OrderKind.PURCHASE: DocumentKind(
        path="purchaseorder/PurchaseOrders",
        key="PurchaseOrderID",
        number="OrderNumber",
        customer="Supplier",
        lines="PurchaseOrderLines",
        lines_path="purchaseorder/PurchaseOrderLines",
        lines_parent="PurchaseOrderID",
        quantity="QuantityInPurchaseUnits",
        customer_filter=False,
    ),
}
