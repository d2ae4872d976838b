"""Small builders of Exact rows and contexts for the tests of customers; padded and typed as Exact gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from exact_connector.catalog.context import Options, ProjectionContext, build_context
from exact_connector.catalog.projection import Document, OwnerRows, Projection
from exact_connector.customers.project import project_customer
from exact_connector.fields import Row
from exact_connector.settings.model import Settings
from exact_connector.settings.validate import validate

TODAY = date(2025, 6, 10)
NL_DIVISION: Row = {"Code": 1, "Country": "NL ", "Currency": "EUR"}


def guid(number: int) -> str:
    """Return a GUID that shows its number."""
    return f"00000000-0000-0000-0000-{number:012d}"


def exact_date(day: date) -> str:
    """Write a date as Exact does."""
    return f"/Date({int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)})/"


def account(number: int = 1, **values: Any) -> Row:
    """Return an account that is a customer."""
    return {"ID": guid(number), "Code": f"{number}".rjust(18), "Name": f"Account {number}", "Status": "C", **values}


def contact(number: int = 100, account_number: int = 1, **values: Any) -> Row:
    """Return a contact of an account."""
    return {"ID": guid(number), "Account": guid(account_number), "FullName": f"Contact {number}", **values}


def address(number: int = 200, account_number: int = 1, **values: Any) -> Row:
    """Return a delivery address of an account."""
    return {"ID": guid(number), "Account": guid(account_number), "Type": 4, "Main": False, **values}


def vat_code(code: str, percentage: str, kind: str = "E", **values: Any) -> Row:
    """Return a VAT code padded to three characters, the percentage as a fraction."""
    return {
        "ID": guid(900 + sum(map(ord, code))),
        "Code": code.ljust(3),
        "Percentage": Decimal(percentage),
        "Type": kind,
        "VATTransactionType": "B",
        "IsBlocked": False,
        **values,
    }


VAT_CODES: tuple[Row, ...] = (
    vat_code("0", "0"),
    vat_code("2", "0.21"),
    vat_code("4", "0.21", "I"),
    vat_code("6", "0"),
    vat_code("7", "0"),
)


def settings_of(**values: Any) -> Settings:
    """Return validated settings; fails when one of them is refused."""
    validated = validate(values)
    assert validated.settings is not None, validated.problems
    return validated.settings


def context_of(
    settings: Settings | None = None,
    *,
    today: date = TODAY,
    division: Row = NL_DIVISION,
    reference: Mapping[str, Sequence[Row]] | None = None,
    options: Options | None = None,
) -> ProjectionContext:
    """Return the context of a run in a Dutch administration with a few VAT codes."""
    rows: dict[str, Sequence[Row]] = {"division": (division,), "vat_code": VAT_CODES, **(reference or {})}
    return build_context(settings or Settings(), options or Options(), today, rows)


def projected(
    row: Row,
    context: ProjectionContext | None = None,
    kind: str = "customer",
    *,
    contact: Sequence[Row] = (),
    address: Sequence[Row] = (),
    note: Sequence[Row] = (),
) -> Projection:
    """Project one account with its other rows (`contact=`, `address=`, `note=`) and return the wanted kind."""
    rows = OwnerRows(str(row["ID"]), {"account": (row,), "contact": contact, "address": address, "note": note})
    return next(found for found in project_customer(rows, context or context_of()) if found.kind == kind)


def customer(
    row: Row,
    context: ProjectionContext | None = None,
    *,
    contact: Sequence[Row] = (),
    address: Sequence[Row] = (),
    note: Sequence[Row] = (),
) -> Document:
    """Return the customer document of an account that is delivered."""
    document = projected(row, context, contact=contact, address=address, note=note).document
    assert document is not None
    return document
