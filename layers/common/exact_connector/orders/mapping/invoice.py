"""What only an invoice has: its type by warehouse, its journal, the revenue account of its lines."""

from __future__ import annotations

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.fields import Row
from exact_connector.orders.mapping.context import Work
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND

SALES_INVOICE, DIRECT_INVOICE = 8020, 8023
"""`SalesInvoice.Type`: a direct invoice takes the goods from a warehouse, the other kind must not name one."""
SALES_JOURNAL = 20
"""`Journal.Type` of sales journals."""


def invoice_fields(work: Work, warehouse_id: str | None) -> Body:
    """Return Type, Warehouse and Journal of an invoice."""
    body: Body = {"Type": SALES_INVOICE if warehouse_id is None else DIRECT_INVOICE}
    if warehouse_id is not None:
        body["Warehouse"] = warehouse_id
    if (journal := journal_code(work)) is not None:
        body["Journal"] = journal
    return body


def journal_code(work: Work) -> str | None:
    """Return the journal: the one that the deployment fixes, else the first open sales journal by code."""
    if work.constants.sales_journal:
        return work.constants.sales_journal
    journals = work.known(work.references.journals, "journals")
    if journals is None:
        return None
    for row in sorted(journals.values(), key=lambda row: code_key(row.get("Code"))):
        if fields.integer(row, "Type") == SALES_JOURNAL and not fields.flag(row, "IsBlocked"):
            return fields.text(row, "Code")
    message = "Exact has no open sales journal, which an invoice needs; open one or create it in Exact"
    work.findings.fault("", message, code=REFERENCE_NOT_FOUND)
    return None


def is_open_account(row: Row) -> bool:
    """Tell whether a ledger account may be used."""
    return not fields.flag(row, "IsBlocked")
