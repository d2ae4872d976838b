"""Settings read into the shapes that the rest of the product works with: lists, maps, field references.

Every reader expects settings that passed validation; a text that would be refused there reads as empty here. What is
parsed from a text is kept, since projections ask the same question for every item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from exact_connector.settings.constraints import TEXT_TARGETS, parse_country_map, split_list
from exact_connector.settings.mappings import CustomField, parse_custom_fields, parse_renaming
from exact_connector.settings.model import Settings
from exact_connector.settings.problems import Refused
from exact_connector.settings.properties import FREE_FIELD_PROPERTIES, ITEM_PROPERTIES

FIELD_SETTINGS: tuple[str, ...] = (
    "FieldUsedToIncludeItemsInSync",
    "FreeSortField",
    "ItemFreeFieldNameForItemStatus",
    "GetPurchasePackageSizeFromFreeField",
)
"""The settings that name an item field."""

GENERATED_FREE_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "Staffel": "PriceListCodeForStaffelFreeField",
        "DeliveryDates": "GetDeliveryDatesOffline",
        "SalesPriceInclVat": "UseSalesPriceInclVatAsFreeField",
    }
)
"""Free field that a setting adds to items -> that setting."""

CACHE = 512
_FREE_FIELDS = {name.casefold(): name for name in FREE_FIELD_PROPERTIES}


@dataclass(frozen=True, slots=True)
class FieldReference:
    """An item field as a setting names it: a property by its exact name, or the label of a free field."""

    kind: Literal["property", "label"]
    name: str


@dataclass(frozen=True, slots=True)
class TextTarget:
    """Where a text of an item goes: a canonical field of the item, or a free field of that name."""

    kind: Literal["item", "free"]
    name: str


def same_code(left: str | None, right: str | None) -> bool:
    """Return whether two codes are the same: padding and capitals do not count, an empty code equals nothing."""
    folded = (left or "").strip().casefold()
    return bool(folded) and folded == (right or "").strip().casefold()


@lru_cache(maxsize=CACHE)
def codes(text: str) -> tuple[str, ...]:
    """Return the codes of a `;` list: trimmed, in order, without repetitions."""
    return split_list(text)


def contains_code(text: str, code: str | None) -> bool:
    """Return whether a `;` list names a code."""
    return any(same_code(listed, code) for listed in codes(text))


def languages(settings: Settings) -> tuple[str, ...]:
    """Return the languages of item texts in capitals, in order."""
    return codes(settings.Languages.upper())


@lru_cache(maxsize=CACHE)
def item_field(text: str) -> FieldReference | None:
    """Resolve the name of an item field: a scalar property of an item first, else a label; None for empty text."""
    if not text.strip():
        return None
    found = ITEM_PROPERTIES.get(text.strip().casefold())
    return FieldReference("label", text.strip()) if found is None else FieldReference("property", found)


def field_references(settings: Settings) -> dict[str, FieldReference]:
    """Return setting -> the item field it names, for the settings that name one."""
    found = {key: item_field(str(getattr(settings, key))) for key in FIELD_SETTINGS}
    return {key: reference for key, reference in found.items() if reference is not None}


@lru_cache(maxsize=CACHE)
def text_target(text: str) -> TextTarget | None:
    """Resolve the target of an item text; None for empty text. A free field of Exact is meant however it is spelt."""
    name = text.strip()
    if not name:
        return None
    found = TEXT_TARGETS.get(name.casefold())
    if found is not None:
        return TextTarget("item", found)
    return TextTarget("free", _FREE_FIELDS.get(name.casefold(), name))


def renaming(settings: Settings) -> Mapping[str, str]:
    """Return property name or label -> new key of the free fields; property names come in their exact spelling."""
    return _renaming(settings.FreeFieldsRenaming)


@lru_cache(maxsize=CACHE)
def _renaming(text: str) -> Mapping[str, str]:
    parsed = parse_renaming(text)
    if isinstance(parsed, Refused):
        return MappingProxyType({})
    return MappingProxyType({_source(name): target for name, target in parsed.items()})


def _source(name: str) -> str:
    generated = {field.casefold(): field for field in GENERATED_FREE_FIELDS}
    return ITEM_PROPERTIES.get(name.casefold()) or generated.get(name.casefold()) or name


def custom_fields(settings: Settings) -> tuple[CustomField, ...]:
    """Return the mappings of extra properties of accounts, contacts and addresses."""
    return _custom_fields(settings.CustomCustomerFieldsMapping)


@lru_cache(maxsize=CACHE)
def _custom_fields(text: str) -> tuple[CustomField, ...]:
    parsed = parse_custom_fields(text)
    return () if isinstance(parsed, Refused) else parsed


def vat_code_by_country(settings: Settings) -> Mapping[str, str]:
    """Return country in capitals -> VAT code."""
    return _country_map(settings.VatCodeBasedOnCountryCode)


@lru_cache(maxsize=CACHE)
def _country_map(text: str) -> Mapping[str, str]:
    parsed = parse_country_map(text)
    return MappingProxyType({} if isinstance(parsed, Refused) else parsed)


def names_price_list(text: str, *, code: str | None, price_list_id: str | None) -> bool:
    """Return whether a code or GUID in a setting means the price list with this code and id (braces do not count)."""
    return same_code(text, code) or same_code(text.strip().strip("{}"), price_list_id)


def price_list_excluded(settings: Settings, *, code: str | None, price_list_id: str | None) -> bool:
    """Return whether a price list is one of those that are never used."""
    named = codes(settings.ExcludePriceList)
    return any(names_price_list(text, code=code, price_list_id=price_list_id) for text in named)


def stock_warehouses(settings: Settings) -> tuple[str, ...]:
    """Return the warehouse codes that count for stock; empty means all warehouses."""
    return codes(settings.WarehouseForStock)


def split_character(settings: Settings) -> str | None:
    r"""Return the character that cuts the extra description, `\t` read as a tab; None for no cutting."""
    text = settings.SplitCharacterForExtraItemDescription
    return "\t" if text == r"\t" else text or None


def package_index(settings: Settings) -> int:
    """Return the position, from 0, of the package size in the cut extra description."""
    return int(settings.PurchasePackeSizeIndex or "0")


def classification_property(settings: Settings) -> str:
    """Return the account property with the delivered classification."""
    return settings.AccountClassificationProperty or "Classification1"


def manager_classification_property(settings: Settings) -> str:
    """Return the account property with the classification that names the customer manager."""
    return settings.AccountClassificationPropertyForCustomerManager or classification_property(settings)


def customer_statuses(settings: Settings) -> frozenset[str]:
    """Return the account statuses that are delivered: C always, P and S when switched on."""
    added = ("P" if settings.GetProspects else "") + ("S" if settings.GetSuspects else "")
    return frozenset("C" + added)


def price_mode_switches(settings: Settings) -> tuple[str, ...]:
    """Return the price modes of order lines that are switched on, the one that wins first."""
    ranked = ("UseDiscountWithoutPriceOnOrder", "SetOriginalPriceOnUnitPrice", "SetUnitPrice")
    return tuple(key for key in ranked if getattr(settings, key))
