"""Orders and invoices on a customer's relation card."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, CurrencyText, DayText, DecimalText, GuidText

_EMPTY = "when it is not known"


class Remark(TypedDict):
    """Something odd that stopped nothing."""

    code: Annotated[str, About("Stable code", "the connector", example="IGNORED_SETTING")]
    message: Annotated[str, About("What was seen and what to do about it", "the connector", example="...")]


class HistoryLine(TypedDict):
    """A line of an order on the card."""

    line_number: Annotated[int | None, About("Its number", "SalesOrderLine.LineNumber", null=_EMPTY, example=1)]
    item_code: Annotated[
        str | None, About("Code of the item", "SalesOrderLine.ItemCode", null=_EMPTY, example="A-1000")
    ]
    description: Annotated[str | None, About("Text", "SalesOrderLine.Description", null=_EMPTY, example="Desk lamp")]
    quantity: Annotated[DecimalText, About("Ordered", "SalesOrderLine.Quantity", unit="units of the item")]
    quantity_delivered: Annotated[
        DecimalText | None,
        About(
            "Delivered",
            "SalesOrderLine.QuantityDelivered",
            null="unless orders come from Exact",
            unit="units of the item",
        ),
    ]
    back_order_quantity: Annotated[
        DecimalText | None,
        About("Still to be delivered", "the connector", null="unless orders come from Exact", unit="units of the item"),
    ]
    unit_price: Annotated[DecimalText | None, About("Price", "SalesOrderLine.UnitPrice, NetPrice", null=_EMPTY)]
    discount_percentage: Annotated[DecimalText, About("Discount", "SalesOrderLine.Discount", unit="percent, 0 to 100")]
    total: Annotated[DecimalText | None, About("Amount, with VAT as the order says", "AmountFC", null=_EMPTY)]
    delivery_date: Annotated[DayText | None, About("Day of delivery", "SalesOrderLine.DeliveryDate", null=_EMPTY)]
    next_delivery_date: Annotated[
        DayText | None,
        About(
            "Day of the item's next expected receipt",
            "ItemWarehousePlanningDetail",
            null="unless the settings ask for it and something is in back order",
        ),
    ]


class HistoryOrder(TypedDict):
    """An order on the card."""

    order_id: Annotated[
        str,
        About("ID in Exact; the connector's own id when orders come from here", "SalesOrder.OrderID", example="o019eb"),
    ]
    order_number: Annotated[
        int | None, About("Its number in Exact", "SalesOrder.OrderNumber", null=_EMPTY, example=50017)
    ]
    order_date: Annotated[DayText | None, About("Its day", "SalesOrder.OrderDate", null=_EMPTY)]
    delivery_date: Annotated[DayText | None, About("Day of delivery", "SalesOrder.DeliveryDate", null=_EMPTY)]
    description: Annotated[str | None, About("Text", "SalesOrder.Description", null=_EMPTY, example="Fair in June")]
    your_ref: Annotated[
        str | None, About("Reference of the customer", "SalesOrder.YourRef", null=_EMPTY, example="PO 4711")
    ]
    status: Annotated[
        str | None,
        About(
            "open, partial, complete or cancelled; the order's state when orders come from here",
            "SalesOrder.Status",
            null=_EMPTY,
            example="open",
        ),
    ]
    currency: Annotated[CurrencyText | None, About("Its currency", "SalesOrder.Currency", null=_EMPTY)]
    total: Annotated[DecimalText | None, About("Amount", "SalesOrder.AmountFC, AmountFCExclVat", null=_EMPTY)]
    vat_included: Annotated[bool, About("Whether amounts include VAT", "`ExcludeVatFromHistoryTotals`")]
    lines: Annotated[list[HistoryLine], About("Its lines", "SalesOrderLine")]


class CustomerOrders(TypedDict):
    """The orders of one customer, newest first."""

    orders: Annotated[list[HistoryOrder], About("The orders", "settings on history")]
    warnings: Annotated[list[Remark], About("Settings that have no effect as they are", "settings")]


class HistoryInvoice(TypedDict):
    """An invoice on the card."""

    invoice_id: Annotated[GuidText | None, About("ID in Exact", "SalesInvoice.InvoiceID", null=_EMPTY)]
    invoice_number: Annotated[
        int | None, About("Its number", "SalesInvoice.InvoiceNumber", null="before it is printed", example=90001)
    ]
    invoice_date: Annotated[DayText | None, About("Its day", "SalesInvoice.InvoiceDate", null=_EMPTY)]
    due_date: Annotated[DayText | None, About("Day by which it is to be paid", "SalesInvoice.DueDate", null=_EMPTY)]
    currency: Annotated[CurrencyText | None, About("Its currency", "SalesInvoice.Currency", null=_EMPTY)]
    total: Annotated[DecimalText | None, About("Amount", "SalesInvoice.AmountFC, AmountFCExclVat", null=_EMPTY)]
    vat_included: Annotated[bool, About("Whether `total` includes VAT", "`ExcludeVatFromHistoryTotals`")]
    open_amount: Annotated[
        DecimalText | None,
        About("What is still to be paid, VAT included", "Receivable.Amount", null="before it is booked"),
    ]


class CustomerInvoices(TypedDict):
    """The invoices of one customer, newest first."""

    hidden: Annotated[bool, About("Whether a setting hides them", "`HideInvoicesOnRelationCard`")]
    invoices: Annotated[list[HistoryInvoice], About("The invoices; none when hidden", "SalesInvoice")]


class CustomerOrderPage(CustomerOrders):
    """The orders of one customer as far as they fit on a page, newest first."""

    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class CustomerInvoicePage(CustomerInvoices):
    """The invoices of one customer as far as they fit on a page, newest first."""

    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
