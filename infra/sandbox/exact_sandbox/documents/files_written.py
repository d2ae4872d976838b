"""Documents and their attachments: a subject and a type first, then the file."""

from __future__ import annotations

from typing import Any

from exact_sandbox.documents.context import Context, described

Row = dict[str, Any]

STAMP = "NL001"
"""The part of Exact's servers that addresses of files name."""


def create_document(context: Context, values: Row) -> Row:
    """Store a document without its files."""
    context.need(values, "Subject", "Type")
    kind = context.find("DocumentTypes", values.get("Type"), "Type")
    if kind is not None and not kind.get("DocumentIsCreatable"):
        context.problems.add("invalid", "Type")
    changes = _derived(context, {**values, "Category": values.get("Category") or _category(context, values)})
    context.check()
    division = context.division
    key = values.get("ID") or context.guid()
    row = {
        "Currency": division.currency,
        **{name: value for name, value in values.items() if value is not None}, **changes, "ID": key,
        "HID": division.next_number("Documents", "Documents", "HID", 3001),
        "TypeDescription": kind["Description"] if kind else None, "HasEmptyBody": not values.get("Body"),
        "DocumentDate": values.get("DocumentDate") or context.today, "InheritShare": False, "SendMethod": 0,
        "DocumentViewUrl": view_address(division.code, key),
    }  # fmt: skip
    return division.table("Documents").insert(row, stamp=context.user)


def view_address(division: int, key: str) -> str:
    """Return where a person reads a document."""
    return f"/docs/DocViewContent.aspx?ID={key}&_Division_={division}&Stamp={STAMP}"


def attachment_address(division: int, key: str) -> str:
    """Return where the file of an attachment is fetched."""
    return f"/docs/SysAttachment.aspx?ID={key}&_Division_={division}&Stamp={STAMP}"


def _category(context: Context, values: Row) -> str | None:
    """Return the category of a document about an account: customers or suppliers."""
    account = context.division.table("Accounts").get(values.get("Account"))
    if account is None:
        return None
    wanted = "Leveranciers" if account.get("IsSupplier") else "Klanten"
    rows = context.division.table("DocumentCategories").rows()
    return next((row["ID"] for row in rows if row["Description"] == wanted), None)


def _derived(context: Context, values: Row) -> Row:
    account = context.find("Accounts", values.get("Account"), "Account")
    contact = context.find("Contacts", values.get("Contact"), "Contact")
    category = context.find("DocumentCategories", values.get("Category"), "Category")
    return {
        **described(account, {"AccountCode": "Code", "AccountName": "Name"}),
        **described(contact, {"ContactFullName": "FullName"}),
        **described(category, {"Category": "ID", "CategoryDescription": "Description"}),
    }


def update_document(context: Context, document: Row, values: Row) -> None:
    """Change a document."""
    if "Subject" in values and not values["Subject"]:
        context.problems.add("mandatory", "Subject")
    changes = {name: value for name, value in values.items() if name not in ("ID", "HID", "Type")}
    changes |= _derived(context, values)
    context.check()
    context.division.table("Documents").update(document["ID"], changes, stamp=context.user)


def delete_document(context: Context, document: Row) -> None:
    """Remove a document with its attachments."""
    table = context.division.table("DocumentAttachments")
    for row in list(table.lookup("Document", document["ID"]) or []):
        table.delete(row["ID"])
    context.division.table("Documents").delete(document["ID"])


def create_attachment(context: Context, values: Row) -> Row:
    """Store a file of a document; its bytes are fetched from the Url."""
    context.need(values, "Document", "FileName", "Attachment")
    document = context.find("Documents", values.get("Document"), "Document")
    context.check()
    assert document is not None
    division, key = context.division, values.get("ID") or context.guid()
    data: bytes = values["Attachment"]
    division.table("Files").insert({"Name": f"DocumentAttachments/{key}", "Owner": key, "Bytes": data})
    row = {"ID": key, "Document": document["ID"], "FileName": values["FileName"], "FileSize": float(len(data)),
           "Url": attachment_address(division.code, key)}  # fmt: skip
    stored = division.table("DocumentAttachments").insert(row, stamp=context.user)
    division.table("Documents").touch(document["ID"])
    return stored


def delete_attachment(context: Context, attachment: Row) -> None:
    """Remove a file of a document."""
    context.division.table("DocumentAttachments").delete(attachment["ID"])


def update_custom_field(context: Context, values: Row) -> Row:
    """Write one custom field of an item or account; the property must be one of the company's."""
    context.need(values, "LinkId", "BusinessComponentName", "PropertyName")
    context.check()
    table = context.division.table("CustomFields")
    known = {row["PropertyName"]: row for row in table.lookup("LinkId", values["LinkId"]) or []}
    field = known.get(values["PropertyName"])
    if field is None or field["BusinessComponentName"] != values["BusinessComponentName"]:
        context.problems.refuse("invalid", "PropertyName")
    key = f"{values['LinkId']}/{values['PropertyName']}"
    if key in table:
        return table.update(key, {"Value": values.get("Value")})
    return table.insert({**field, "Key": key, "Value": values.get("Value")})
