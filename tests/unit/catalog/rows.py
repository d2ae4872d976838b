"""Little builders of Exact rows, and one call from rows and settings to documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from exact_connector.catalog.context import Options, ProjectionContext, build_context
from exact_connector.catalog.items import project_item
from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.catalog.reference import project_reference
from exact_connector.fields import Row
from exact_connector.settings import Settings

TODAY = date(2025, 6, 10)
ITEM_ID = "11111111-1111-4111-8111-111111111111"
CUSTOMER = "22222222-2222-4222-8222-222222222222"
VAT_CODES = [
    {"ID": "v0", "Code": "0  ", "Percentage": Decimal(0), "Type": "B"},
    {"ID": "v2", "Code": "2  ", "Percentage": Decimal("0.21"), "Type": "E"},
    {"ID": "v4", "Code": "4  ", "Percentage": Decimal("0.21"), "Type": "I"},
]


def exact_date(text: str) -> str:
    """Write a calendar date as Exact does: milliseconds of Dutch wall time counted as if it were UTC."""
    moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    return f"/Date({int(moment.timestamp() * 1000)})/"


def item(**values: Any) -> dict[str, Any]:
    """Return a sales item in stock with unit ``pc``, changed by ``values``."""
    return {
        "ID": ITEM_ID,
        "Code": "A",
        "Description": "Chair",
        "Unit": "pc ",
        "IsSalesItem": True,
        "IsStockItem": True,
        "SalesVatCode": "2  ",
        **values,
    }


def dated(values: dict[str, Any]) -> dict[str, Any]:
    """Turn ISO dates in the date fields of a row into Exact's form."""
    names = ("StartDate", "EndDate", "PlannedDate")
    return {name: exact_date(value) if name in names and value else value for name, value in values.items()}


def sales_price(price: str, **values: Any) -> dict[str, Any]:
    """Return a `SalesItemPrice` in EUR for one ``pc``."""
    row = {"ID": f"sp-{price}", "Price": Decimal(price), "Currency": "EUR", "Unit": "pc", "Quantity": Decimal(1)}
    return dated({**row, "StartDate": "2020-01-01", **values})


def volume(price: str, quantity: int = 1, *, period: str = "p-DEALER", **values: Any) -> dict[str, Any]:
    """Return a `SalesPriceListVolumeDiscount` with an entered price."""
    row = {"ID": f"vd-{period}-{quantity}-{price}", "PriceListPeriod": period, "EntryMethod": 2, "Unit": "pc"}
    return {**row, "NewPrice": Decimal(price), "Quantity": Decimal(quantity), **values}


def price_list(code: str, currency: str = "EUR", entity: int = 1) -> dict[str, Any]:
    """Return a `SalesPriceList` whose ID is ``l-<code>``."""
    return {"ID": f"l-{code}", "Code": code, "Description": f"List {code}", "Currency": currency, "Entity": entity}


def period(code: str, **values: Any) -> dict[str, Any]:
    """Return the basic period ``p-<code>`` of a list, open on both sides."""
    return dated({"ID": f"p-{code}", "PriceList": f"l-{code}", "Type": 1, **values})


def lists(*codes: str) -> dict[str, Sequence[Row]]:
    """Return the reference rows of some EUR lists, each with one open basic period."""
    return {"price_list": [price_list(code) for code in codes], "price_list_period": [period(code) for code in codes]}


def rate(currency: str, value: str, start: str = "2025-01-01") -> dict[str, Any]:
    """Return an `ExchangeRate` towards EUR."""
    row = {"ID": f"x-{currency}-{start}", "TargetCurrency": "EUR", "SourceCurrency": currency, "Rate": Decimal(value)}
    return dated({**row, "StartDate": start})


def stock(code: str, shelf: int, out: int = 0, expected: int = 0) -> dict[str, Any]:
    """Return a `StockPosition` of one warehouse."""
    return {
        "WarehouseCode": code,
        "CurrentStock": Decimal(shelf),
        "PlanningOut": Decimal(out),
        "PlanningIn": Decimal(expected),
    }


def plan(on: str, quantity: int, *, kind: int = 140, warehouse: str = "1") -> dict[str, Any]:
    """Return an `ItemWarehousePlanningDetail`."""
    row = {"PlannedDate": on, "PlannedQuantity": Decimal(quantity), "PlanningType": kind, "WarehouseCode": warehouse}
    return dated(row)


def context(
    settings: Settings | None = None,
    reference: Mapping[str, Sequence[Row]] | None = None,
    *,
    options: Options | None = None,
    today: date = TODAY,
) -> ProjectionContext:
    """Return a context of a EUR administration with the usual VAT codes and three warehouses."""
    known: dict[str, Sequence[Row]] = {
        "division": [{"Currency": "EUR"}],
        "vat_code": VAT_CODES,
        "warehouse": [{"ID": f"w{code}", "Code": code} for code in ("1 ", "2", "3")],
    }
    return build_context(settings or Settings(), options or Options(), today, known | dict(reference or {}))


def owner_rows(row: Row | None = None, **kinds: Sequence[Row]) -> OwnerRows:
    """Return the rows of one item; a double underscore in a kind stands for a dot."""
    found = {kind.replace("__", "."): rows for kind, rows in kinds.items()}
    return OwnerRows(ITEM_ID, {"item": [item() if row is None else row], **found})


def projections(found: Sequence[Projection]) -> dict[str, Any]:
    """Return the documents by ``kind:key``."""
    return {f"{entry.kind}:{entry.key}": entry.document for entry in found}


def documents(
    settings: Settings | None = None,
    row: Row | None = None,
    *,
    reference: Mapping[str, Sequence[Row]] | None = None,
    options: Options | None = None,
    today: date = TODAY,
    **kinds: Sequence[Row],
) -> dict[str, Any]:
    """Project one item and return its documents by ``kind:key``."""
    known = context(settings, reference, options=options, today=today)
    return projections(project_item(owner_rows(row, **kinds), known))


def item_document(settings: Settings | None = None, row: Row | None = None, **rest: Any) -> dict[str, Any]:
    """Project one item and return its item document."""
    found: dict[str, Any] = documents(settings, row, **rest)["item:A"]
    return found


def reference_documents(
    settings: Settings | None = None, reference: Mapping[str, Sequence[Row]] | None = None
) -> dict[str, Any]:
    """Project the reference rows and return the documents by ``kind:key``."""
    return projections(project_reference(context(settings, reference)))
