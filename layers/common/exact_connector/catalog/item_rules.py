"""The item settings of a run, read once: field references, text targets, renaming, languages, stock scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exact_connector.catalog.codes import code_key
from exact_connector.catalog.field_reference import fold
from exact_connector.fields import Row
from exact_connector.settings import Settings, parsed
from exact_connector.settings.parsed import FieldReference, TextTarget

ALL_WAREHOUSES = "all"


@dataclass(frozen=True, slots=True)
class StockScope:
    """The warehouses whose stock counts: ``keys`` None is all of them, ``unknown`` are codes that Exact has not."""

    codes: tuple[str, ...]
    keys: frozenset[str] | None
    unknown: tuple[str, ...] = ()

    def holds(self, warehouse_code: object) -> bool:
        """Tell whether a warehouse belongs to the scope."""
        return self.keys is None or code_key(warehouse_code) in self.keys


EVERYWHERE = StockScope((), None)


@dataclass(frozen=True, slots=True)
class ItemRules:
    """The item settings of one tenant in the form in which projections use them."""

    include_field: FieldReference | None
    sort_field: FieldReference | None
    status_field: FieldReference | None
    package_field: FieldReference | None
    package_split: str | None
    package_index: int
    package_warehouse: str
    extra_description_target: TextTarget | None
    notes_target: TextTarget | None
    renaming: Mapping[str, str]
    languages: tuple[str, ...]
    stock_scope: StockScope
    planning_scope: StockScope


def read_rules(settings: Settings, stock_warehouse: str, warehouses: Mapping[str, Row]) -> ItemRules:
    """Read the rules from validated settings and the option of purchase planning's warehouse (a code or ``all``)."""
    planning = "" if fold(stock_warehouse) == ALL_WAREHOUSES else stock_warehouse
    return ItemRules(
        include_field=parsed.item_field(settings.FieldUsedToIncludeItemsInSync),
        sort_field=parsed.item_field(settings.FreeSortField),
        status_field=parsed.item_field(settings.ItemFreeFieldNameForItemStatus),
        package_field=parsed.item_field(settings.GetPurchasePackageSizeFromFreeField),
        package_split=parsed.split_character(settings),
        package_index=parsed.package_index(settings),
        package_warehouse=code_key(settings.WarehouseForPackageSize),
        extra_description_target=parsed.text_target(settings.UseItemExtraDescriptionForItemField),
        notes_target=parsed.text_target(settings.UseItemNotesForItemField),
        renaming={fold(name): target for name, target in parsed.renaming(settings).items()},
        languages=parsed.languages(settings),
        stock_scope=stock_scope(settings.WarehouseForStock, warehouses),
        planning_scope=stock_scope(planning, {}),
    )


def stock_scope(text: str, warehouses: Mapping[str, Row]) -> StockScope:
    """Read a ``;`` list of warehouse codes; empty is all. Codes are checked where the warehouses are known."""
    codes = parsed.codes(text)
    if not codes:
        return EVERYWHERE
    unknown = tuple(code for code in codes if warehouses and code_key(code) not in warehouses)
    return StockScope(codes, frozenset(code_key(code) for code in codes), unknown)
