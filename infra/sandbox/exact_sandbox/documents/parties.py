"""The parts that sales documents share: accounts, contacts, addresses, conditions and codes of the header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exact_sandbox.documents.context import Context, described

Row = dict[str, Any]

NOT_IN_BASIC = "Not allow to update in Basic : Warehouse"
"""Exact's words for a warehouse in an edition that has only one, whatever the user's language."""


@dataclass(frozen=True)
class Parties:
    """The accounts of a sales document; without `InvoiceTo` the document goes to the account's payer."""

    ordered_by: Row
    deliver_to: Row
    invoice_to: Row


def sales_parties(context: Context, values: Row) -> Parties | None:
    """Return the accounts of an order or invoice; note what is missing, unknown or unusable.

    `DeliverTo` and `InvoiceTo` default to `OrderedBy`, so an unknown account is named under all three.
    """
    ordered_by = values.get("OrderedBy")
    if not ordered_by:
        context.need(values, "InvoiceTo", "OrderedBy")
        return None
    if ordered_by not in context.division.table("Accounts"):
        for name in ("DeliverTo", "OrderedBy", "InvoiceTo"):
            context.account(values.get(name) or ordered_by, name)
        return None
    deliver_to = context.account(values.get("DeliverTo"), "DeliverTo")
    account = context.account(ordered_by, "OrderedBy", statuses="C")
    invoice_to = context.account(values.get("InvoiceTo"), "InvoiceTo", statuses="C")
    if account is None:
        return None
    payer = context.division.table("Accounts").get(account.get("InvoiceAccount"))
    return Parties(account, deliver_to or account, invoice_to or payer or account)


def main_address(context: Context, account: Row, kinds: tuple[int, ...]) -> Row | None:
    """Return the main address of the first kind that the account has (4 delivery, 3 invoice, 1 visit)."""
    rows = context.division.table("Addresses").lookup("Account", account["ID"]) or []
    for kind in kinds:
        found = next((row for row in rows if row["Type"] == kind and row.get("Main")), None)
        if found is not None:
            return found
    return None


def contact_fields(context: Context, account: Row | None, key: str | None, name: str, *, default: bool) -> Row:
    """Return a contact property and its full name; the account's main contact when nothing was given."""
    if key is None and default and account is not None:
        key = account.get("MainContact")
        row = context.division.table("Contacts").get(key)
    else:
        row = context.owned("Contacts", key, name, account["ID"] if account else None)
    return described(row, {name: "ID", f"{name}FullName": "FullName"})


APPROVALS = {
    0: ("Wacht op goedkeuring", "Awaiting approval"),
    1: ("Automatisch", "Automatically"),
    2: ("Goedgekeurd", "Approved"),
}


def approval_fields(context: Context, status: int = 1) -> Row:
    """Return the approval of an order: 1 = given automatically, now; 0 = awaited; 2 = given by the user, now."""
    fields: Row = {"ApprovalStatus": status, "ApprovalStatusDescription": context.worded(APPROVALS[status])}
    if status:
        fields["Approved"] = context.moment
    if status == 2:
        fields |= {"Approver": context.user.user_id, "ApproverFullName": context.user.full_name}
    return fields


def payment_fields(context: Context, code: str | None, account: Row, side: str = "Sales") -> Row:
    """Return the payment condition: the given one, else the account's, else the company's."""
    code = code or account.get(f"PaymentCondition{side}") or context.division.payment_condition
    row = context.find_code("PaymentConditions", code, "PaymentCondition")
    return described(row, {"PaymentCondition": "Code", "PaymentConditionDescription": "Description"})


def shipping_fields(context: Context, key: str | None, account: Row) -> Row:
    """Return the shipping method; the account's when nothing was given."""
    row = context.find("ShippingMethods", key or account.get("ShippingMethod"), "ShippingMethod")
    return described(
        row, {"ShippingMethod": "ID", "ShippingMethodCode": "Code", "ShippingMethodDescription": "Description"}
    )


def code_fields(context: Context, values: Row, table: str, name: str) -> Row:
    """Return a Guid property with its code and description, e.g. SalesChannel."""
    row = context.find(table, values.get(name), name)
    return described(row, {name: "ID", f"{name}Code": "Code", f"{name}Description": "Description"})


def salesperson_fields(context: Context, key: str | None, name: str = "Salesperson") -> Row:
    """Return the sales person; it must be a user of the company."""
    if key is None:
        return {}
    staff = context.division.table("Employees").rows()
    people = [(row["UserID"], row["FullName"]) for row in staff]
    people += [(user.user_id, user.full_name) for user in context.division.world.users.values()]
    full_name = dict(people).get(key)
    if full_name is None:
        context.problems.add("reference", name)
        return {}
    return {name: key, f"{name}FullName": full_name}


def document_fields(context: Context, key: str | None) -> Row:
    """Return the linked document and its subject."""
    row = context.find("Documents", key, "Document")
    return described(row, {"Document": "ID", "DocumentSubject": "Subject", "DocumentNumber": "HID"})


def incoterm_fields(values: Row, account: Row) -> Row:
    """Return the delivery terms; the account's when nothing was given."""
    if values.get("IncotermCode") or not account.get("IncotermCodeSales"):
        return {name: values.get(name) for name in ("IncotermCode", "IncotermVersion", "IncotermAddress")}
    return described(
        account,
        {
            "IncotermCode": "IncotermCodeSales",
            "IncotermVersion": "IncotermVersionSales",
            "IncotermAddress": "IncotermAddressSales",
        },
    )


def warehouse(context: Context, key: str | None, name: str) -> Row | None:
    """Return the warehouse of a document: the given one, else the main one; a Basic edition takes none."""
    if context.division.edition == "basic":
        if key is not None:
            context.problems.say(NOT_IN_BASIC)
        return None
    if key is not None:
        return context.find("Warehouses", key, name)
    rows = context.division.table("Warehouses").rows()
    return next((row for row in rows if row.get("Main")), None)


def cost_fields(context: Context, values: Row) -> Row:
    """Return cost centre and cost unit of a line with their descriptions; both are given by code."""
    result: Row = {}
    for name, table in (("CostCenter", "Costcenters"), ("CostUnit", "Costunits")):
        row = context.find_code(table, values.get(name), name)
        if row is not None:
            result |= {name: row["Code"], f"{name}Description": row["Description"]}
    return result


def currency_code(context: Context, code: str | None, default: str) -> str:
    """Return the currency of a document; it must be known to the company."""
    if not code:
        return default
    row = context.division.table("Currencies").get(code.strip().upper())
    if row is None:
        context.problems.add("reference", "Currency")
        return default
    return str(row["Code"])
