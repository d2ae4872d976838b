"""What only an invoice has: its type by warehouse, its journal, the revenue account of its lines."""

from __future__ import annotations

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.fields import Row
from exact_connector.orders.mapping.context import MappingContext
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND

SALES_INVOICE, DIRECT_INVOICE = 8020, 8023
"""`SalesInvoice.Type`: a direct invoice takes the goods from a warehouse, the other kind must not name one."""
SALES_JOURNAL = 20
"""`Journal.Type` of sales journals."""


def invoice_fields(context: MappingContext, warehouse_id: str | None) -> Body:
    """Return Type, Warehouse and Journal of an invoice."""
    body: Body = {"Type": SALES_INVOICE if warehouse_id is None else DIRECT_INVOICE}
    if warehouse_id is not None:
        body["Warehouse"] = warehouse_id
    if (journal := journal_code(context)) is not None:
        body["Journal"] = journal
    return body


def journal_code(context: MappingContext) -> str | None:
    """Return the journal: the one that the deployment fixes, else the first open sales journal by code."""
    if context.constants.sales_journal:
        return context.constants.sales_journal
    journals = context.known(context.references.journals, "journals")
    if journals is None:
        return None
    for row in sorted(journals.values(), key=lambda row: code_key(row.get("Code"))):
        if fields.integer(row, "Type") == SALES_JOURNAL and not fields.flag(row, "IsBlocked"):
            return fields.text(row, "Code")
    message = "Exact has no open sales journal, which an invoice needs; open one or create it in Exact"
    context.validation.fault("", message, code=REFERENCE_NOT_FOUND)
    return None


def is_open_account(row: Row) -> bool:
    """Return whether a ledger account may be used."""
    return not fields.flag(row, "IsBlocked")
