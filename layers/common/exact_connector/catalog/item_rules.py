"""The item settings of a run, read once: field references, text targets, renaming, languages, stock scopes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exact_connector.catalog.codes import code_key
from exact_connector.catalog.field_reference import FieldReference, fold, refer_to
from exact_connector.fields import Row
from exact_connector.settings import Settings
from exact_connector.settings.constraints import TEXT_TARGETS, split_list
from exact_connector.settings.mappings import parse_renaming
from exact_connector.settings.problems import Refused

ALL_WAREHOUSES = "all"


@dataclass(frozen=True, slots=True)
class TextTarget:
    """Where a text setting writes: a canonical field of the item, or else a free field of that name."""

    field: str | None
    free_field: str | None


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
    package_split: str
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
    renaming = parse_renaming(settings.FreeFieldsRenaming)
    planning = "" if fold(stock_warehouse) == ALL_WAREHOUSES else stock_warehouse
    return ItemRules(
        include_field=refer_to(settings.FieldUsedToIncludeItemsInSync),
        sort_field=refer_to(settings.FreeSortField),
        status_field=refer_to(settings.ItemFreeFieldNameForItemStatus),
        package_field=refer_to(settings.GetPurchasePackageSizeFromFreeField),
        package_split="\t"
        if settings.SplitCharacterForExtraItemDescription == r"\t"
        else settings.SplitCharacterForExtraItemDescription,
        package_index=int(settings.PurchasePackeSizeIndex or "0"),
        package_warehouse=code_key(settings.WarehouseForPackageSize),
        extra_description_target=text_target(settings.UseItemExtraDescriptionForItemField),
        notes_target=text_target(settings.UseItemNotesForItemField),
        renaming={} if isinstance(renaming, Refused) else {fold(name): target for name, target in renaming.items()},
        languages=split_list(settings.Languages.upper()),
        stock_scope=stock_scope(settings.WarehouseForStock, warehouses),
        planning_scope=stock_scope(planning, {}),
    )


def text_target(name: str) -> TextTarget | None:
    """Return where a text setting writes, None when it is off."""
    trimmed = name.strip()
    if not trimmed:
        return None
    field = TEXT_TARGETS.get(trimmed.casefold())
    return TextTarget(field, None if field else trimmed)


def stock_scope(text: str, warehouses: Mapping[str, Row]) -> StockScope:
    """Read a ``;`` list of warehouse codes; empty is all. Codes are checked where the warehouses are known."""
    codes = split_list(text)
    if not codes:
        return EVERYWHERE
    unknown = tuple(code for code in codes if warehouses and code_key(code) not in warehouses)
    return StockScope(codes, frozenset(code_key(code) for code in codes), unknown)
