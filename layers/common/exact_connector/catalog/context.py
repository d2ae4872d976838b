"""What a projection knows besides an owner's rows: settings, options, the date and the reference rows with indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from exact_connector import fields
from exact_connector.fields import Row
from exact_connector.settings import Settings

ALL_WAREHOUSES = "all"


@dataclass(frozen=True, slots=True)
class Options:
    """What a tenant's platform wants, beside the connector settings.

    ``item_rule``: ``sales`` delivers items by the settings; ``purchase`` delivers purchase items whose end date is
    empty or after today. ``stock_warehouse``: the warehouse code whose stock purchase planning uses, or ``all``.
    ``supplier_links``, ``bills_of_material``: deliver supplier products, bills of material. ``sales_history``: where
    sold quantities come from. ``purchase_orders``: whether purchase orders may be written to Exact.
    """

    item_rule: Literal["sales", "purchase"] = "sales"
    stock_warehouse: str = "1"
    supplier_links: bool = False
    bills_of_material: bool = False
    sales_history: Literal["orders", "invoices"] = "orders"
    purchase_orders: bool = True


@dataclass(frozen=True, slots=True)
class ProjectionContext:
    """Everything a projection may look at besides the owner's rows; built once per run by `build_context`.

    ``today`` is the date in Europe/Amsterdam. ``reference`` holds the reference rows by kind (``vat_code``,
    ``item_group``, ``price_list``, ...). Indexes are keyed by `code_key` of the code.
    """

    settings: Settings
    options: Options
    today: date
    division: Row
    reference: Mapping[str, Sequence[Row]]
    base_currency: str
    vat_codes: Mapping[str, Row]
    warehouses: Mapping[str, Row]


def code_key(code: object) -> str:
    """Return a code as it is compared: without Exact's padding, in capitals."""
    return "" if code is None else str(code).strip().upper()


def by_code(rows: Sequence[Row], name: str = "Code") -> dict[str, Row]:
    """Index rows by their code; of two rows with one code the one with the smallest ID counts."""
    ordered = sorted(rows, key=lambda row: str(row.get("ID") or ""), reverse=True)
    return {code_key(row.get(name)): row for row in ordered if code_key(row.get(name))}


def build_context(
    settings: Settings, options: Options, today: date, reference: Mapping[str, Sequence[Row]]
) -> ProjectionContext:
    """Build the context of one run from the stored reference rows; ``reference['division']`` holds the division's row."""
    division: Row = next(iter(reference.get("division", ())), {})
    return ProjectionContext(
        settings=settings,
        options=options,
        today=today,
        division=division,
        reference=reference,
        base_currency=base_currency(settings, division),
        vat_codes=by_code(reference.get("vat_code", ())),
        warehouses=by_code(reference.get("warehouse", ())),
    )


def base_currency(settings: Settings, division: Row) -> str:
    """Return the currency of standard prices: ``CurrencyCodeIso``, else the administration's own, else EUR."""
    return settings.CurrencyCodeIso.strip().upper() or fields.text(division, "Currency") or "EUR"
