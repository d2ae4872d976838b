"""What a projection knows besides an owner's rows: settings, options, the date and the reference rows with indexes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from exact_connector import fields
from exact_connector.catalog.codes import by_code as by_code
from exact_connector.catalog.codes import code_key as code_key
from exact_connector.catalog.field_reference import Labels, read_labels
from exact_connector.catalog.item_rules import ALL_WAREHOUSES as ALL_WAREHOUSES
from exact_connector.catalog.item_rules import ItemRules, read_rules
from exact_connector.catalog.pricing.price_lists import PriceListBook, read_book
from exact_connector.fields import Row
from exact_connector.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """What a tenant's platform wants, beside the connector settings.

    ``item_rule``: ``sales`` delivers items by the settings; ``purchase`` delivers purchase items whose end date is
    empty or after today. ``stock_warehouse``: the warehouse code whose stock purchase planning uses, or ``all``.
    ``supplier_links``, ``bills_of_material``: deliver supplier products, bills of material. ``sales_history``: where
    sold quantities come from. ``purchase_orders``: whether purchase orders may be written to Exact. ``webhooks``: let
    Exact say at once what changed.
    """

    item_rule: Literal["sales", "purchase"] = "sales"
    stock_warehouse: str = "1"
    supplier_links: bool = False
    bills_of_material: bool = False
    sales_history: Literal["orders", "invoices"] = "orders"
    purchase_orders: bool = True
    webhooks: bool = False


@dataclass(frozen=True, slots=True)
class VatRate:
    """A VAT code as prices need it: its percentage 0-100, and whether prices with it include VAT (``Type`` I)."""

    code: str
    percentage: Decimal
    included: bool


@dataclass(frozen=True, slots=True)
class ProjectionContext:
    """Everything a projection may look at besides the owner's rows; built once per run by `build_context`.

    ``today`` is the date in Europe/Amsterdam. ``reference`` holds the reference rows by kind (``vat_code``,
    ``item_group``, ``price_list``, ...). Indexes are keyed by `code_key` of the code. ``labels`` are the labels
    of free fields with the properties behind them, as far as rows of the reference kind ``extra_field`` say.
    """

    settings: Settings
    options: Options
    today: date
    division: Row
    reference: Mapping[str, Sequence[Row]]
    base_currency: str
    vat_codes: Mapping[str, Row]
    vat_rates: Mapping[str, VatRate]
    warehouses: Mapping[str, Row]
    price_lists: PriceListBook
    rules: ItemRules
    labels: Labels
    class_names: Mapping[tuple[int, str], str]
    ambiguous_groups: frozenset[str]

    def on(self, day: date) -> ProjectionContext:
        """Return the same context on another date."""
        if day == self.today:
            return self
        book = read_book(self.settings, day, self.base_currency, self.reference)
        return replace(self, today=day, price_lists=book)

    def group_key(self, code: str | None, description: str | None) -> str | None:
        """Return the key that joins an item and a discount on item groups: the code, or the description when set so.

        Groups that share a description keep their code, so that no two groups become one.
        """
        if not self.settings.GetItemGroupByDescription or not description or description in self.ambiguous_groups:
            return code
        return description


def build_context(
    settings: Settings, options: Options, today: date, reference: Mapping[str, Sequence[Row]]
) -> ProjectionContext:
    """Build the context of one run from the stored reference rows; ``division`` among them holds the division's row."""
    division: Row = next(iter(reference.get("division", ())), {})
    currency = base_currency(settings, division)
    vat_codes = by_code(reference.get("vat_code", ()))
    warehouses = by_code(reference.get("warehouse", ()))
    return ProjectionContext(
        settings=settings,
        options=options,
        today=today,
        division=division,
        reference=reference,
        base_currency=currency,
        vat_codes=vat_codes,
        vat_rates={key: _vat_rate(row) for key, row in vat_codes.items()},
        warehouses=warehouses,
        price_lists=read_book(settings, today, currency, reference),
        rules=read_rules(settings, options.stock_warehouse, warehouses),
        labels=read_labels(reference.get("extra_field", ())),
        class_names=_class_names(reference.get("assortment_property", ())),
        ambiguous_groups=_ambiguous_groups(reference.get("item_group", ())),
    )


def base_currency(settings: Settings, division: Row) -> str:
    """Return the currency of standard prices: ``CurrencyCodeIso``, else the administration's own, else EUR."""
    return settings.CurrencyCodeIso.strip().upper() or fields.text(division, "Currency") or "EUR"


def _vat_rate(row: Row) -> VatRate:
    fraction = fields.number(row, "Percentage") or Decimal(0)
    return VatRate(fields.text(row, "Code") or "", fraction * 100, fields.text(row, "Type") == "I")


def _class_names(rows: Sequence[Row]) -> dict[tuple[int, str], str]:
    ordered = sorted(rows, key=lambda row: str(row.get("ID") or ""), reverse=True)
    return {
        (fields.integer(row, "ItemAssortmentCode") or 0, code_key(row.get("Code"))): description
        for row in ordered
        if (description := fields.text(row, "Description"))
    }


def _ambiguous_groups(rows: Sequence[Row]) -> frozenset[str]:
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if description := fields.text(row, "Description"):
            codes[description].add(code_key(row.get("Code")))
    return frozenset(description for description, mine in codes.items() if len(mine) > 1)
