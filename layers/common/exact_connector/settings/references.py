"""The check of codes against Exact: which lists it needs, and what is missing or unsuited in them. Pure.

The lists are rows as Exact gave them, by list name (`Reference`), read from the endpoints in `LIST_ENDPOINTS`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

from exact_connector.fields import day, flag, integer, text
from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.constraints import CODES, PRICE_LISTS
from exact_connector.settings.entry import Entry, Reference
from exact_connector.settings.model import Settings
from exact_connector.settings.parsed import codes, item_field, names_price_list, same_code, vat_code_by_country
from exact_connector.settings.problems import Code, Problem, show

Row = Mapping[str, Any]
Lists = Mapping[str, Sequence[Row]]
Stopped = Literal["items", "stock"]

GL_TYPE_RECEIVABLE = 20
GL_TYPE_REVENUE = 110

LIST_ENDPOINTS: Mapping[Reference, str] = MappingProxyType(
    {
        Reference.CURRENCIES: "general/Currencies",
        Reference.PRICE_LISTS: "sales/SalesPriceLists",
        Reference.WAREHOUSES: "inventory/Warehouses",
        Reference.VAT_CODES: "vat/VATCodes",
        Reference.GL_ACCOUNTS: "financial/GLAccounts",
        Reference.SHIPPING_METHODS: "sales/ShippingMethods",
        Reference.COST_CENTERS: "hrm/Costcenters",
        Reference.COST_UNITS: "hrm/Costunits",
        Reference.ITEM_EXTRA_FIELDS: "read/logistics/ItemExtraField",
    }
)
"""Where each list is read."""

_SLOTS = ("PriceList2Id", "PriceList3Id", "PriceList4Id")
_GL_TYPES = {"GLAccountGLARCode": GL_TYPE_RECEIVABLE, "GLAccountSalesCode": GL_TYPE_REVENUE}
_STOPS: Mapping[str, Stopped] = {"FieldUsedToIncludeItemsInSync": "items", "WarehouseForStock": "stock"}
_COUNTS_AS_EMPTY = frozenset(
    {
        *("FreeSortField", "ItemFreeFieldNameForItemStatus", "GetPurchasePackageSizeFromFreeField"),
        *("WarehouseForPackageSize", "PriceListCodeForStaffelFreeField", *_SLOTS),
    }
)
_SHOWN_CODES = 5


@dataclass(frozen=True, slots=True)
class CheckedSettings:
    """The outcome of a check.

    `stopped` names the runs that must not start (items: the field that lets items in is unknown; stock: a stock
    warehouse is unknown). `unchecked` names needed lists that were not given. `usable` is the settings for this run:
    what was not found and has a next source counts as empty.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    stopped: frozenset[Stopped]
    unchecked: frozenset[Reference]
    usable: Settings


def needed_lists(settings: Settings) -> frozenset[Reference]:
    """Return the lists in which these settings have something to look up; none with all defaults."""
    return frozenset(reference for _, reference, _ in _lookups(settings))


def lists_of(settings: Settings, keys: Collection[str]) -> Mapping[str, Reference]:
    """Return key -> the list that its codes are in, for those of some keys that name a code.

    Labels of free fields are not among them: they are read item by item.
    """
    found = {entry.key: reference for entry, reference, _ in _lookups(settings) if entry.key in keys}
    return {key: each for key, each in found.items() if each is not Reference.ITEM_EXTRA_FIELDS}


def check(settings: Settings, lists: Lists, today: date) -> CheckedSettings:
    """Look up the codes of valid settings in lists of Exact; `today` (Amsterdam) decides what has ended."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    unchecked: set[Reference] = set()
    for entry, reference, named in _lookups(settings):
        if reference not in lists:
            unchecked.add(reference)
            continue
        found = [_look_up(entry, reference, code, lists[reference], today) for code in named]
        target = warnings if entry.key == "ExcludePriceList" else problems
        target += [problem for problem in found if problem is not None]
    wrong = {problem.key for problem in problems}
    empty: dict[str, Any] = dict.fromkeys(wrong & _COUNTS_AS_EMPTY, "")
    return CheckedSettings(
        problems=tuple(problems),
        warnings=tuple(warnings),
        stopped=frozenset(stopped for key, stopped in _STOPS.items() if key in wrong),
        unchecked=frozenset(unchecked),
        usable=replace(settings, **empty),
    )


def _lookups(settings: Settings) -> Iterator[tuple[Entry, Reference, tuple[str, ...]]]:
    for entry in ENTRIES:
        named = _named(entry, settings)
        if entry.reference is not None and named:
            yield entry, entry.reference, named


def _named(entry: Entry, settings: Settings) -> tuple[str, ...]:
    """Return the codes of a setting that are to be looked up."""
    value = getattr(settings, entry.key)
    if not isinstance(value, str) or not value or (entry.key in _SLOTS and settings.AutoSyncPriceLists):
        return ()
    if entry.key == "VatCodeBasedOnCountryCode":
        return tuple(dict.fromkeys(vat_code_by_country(settings).values()))
    if entry.constraint in (CODES, PRICE_LISTS):
        return codes(value)
    if entry.reference is Reference.ITEM_EXTRA_FIELDS:
        field = item_field(value)
        return (field.name,) if field is not None and field.kind == "label" else ()
    return (value,)


def _look_up(entry: Entry, reference: Reference, code: str, rows: Sequence[Row], today: date) -> Problem | None:
    if reference is Reference.ITEM_EXTRA_FIELDS:
        return _look_up_label(entry.key, code, rows)
    row = next((row for row in rows if _means(reference, code, row)), None)
    if row is None:
        return Problem(entry.key, Code.REFERENCE_NOT_FOUND, _not_found(entry.key, reference, code, rows))
    if refusal := _refusal(reference, row, today):
        return Problem(entry.key, Code.REFERENCE_NOT_FOUND, f"{entry.key}: {show(code)} {refusal}")
    return _unsuited_ledger(entry.key, code, row) if reference is Reference.GL_ACCOUNTS else None


def _means(reference: Reference, code: str, row: Row) -> bool:
    if reference is Reference.PRICE_LISTS:
        return names_price_list(code, code=text(row, "Code"), price_list_id=text(row, "ID"))
    return same_code(code, text(row, "Code"))


def _look_up_label(key: str, label: str, rows: Sequence[Row]) -> Problem | None:
    if any(same_code(label, text(row, "Description")) for row in rows):
        return None
    message = f"{key}: {show(label)} is neither a property of an item nor the label of a free field; correct the name"
    return Problem(key, Code.INVALID_VALUE, message)


def _not_found(key: str, reference: Reference, code: str, rows: Sequence[Row]) -> str:
    endpoint = LIST_ENDPOINTS[reference]
    known = [found for row in rows if (found := text(row, "Code"))][:_SHOWN_CODES]
    offer = f"it has {', '.join(known)}{' and more' if len(rows) > len(known) else ''}" if known else "it is empty"
    one = " (this setting takes one code, not a list)" if ";" in code else ""
    return f"{key}: {show(code)} is not in {endpoint} of Exact{one}; {offer}; correct it or add it in Exact"


def _refusal(reference: Reference, row: Row, today: date) -> str | None:
    """Say why a row that exists cannot be used, None when it can."""
    if reference is Reference.VAT_CODES and flag(row, "IsBlocked"):
        return "is a blocked VAT code; choose another or unblock it in Exact"
    if reference is Reference.VAT_CODES and (text(row, "VATTransactionType") or "").upper() not in ("B", "S"):
        return "is no VAT code for sales; choose one for sales or for both"
    if reference is Reference.SHIPPING_METHODS and not flag(row, "Active"):
        return "is not active; choose another or activate it in Exact"
    end = day(row, "EndDate") if reference in (Reference.COST_CENTERS, Reference.COST_UNITS) else None
    return f"ended on {end.isoformat()}; choose another" if end is not None and end < today else None


def _unsuited_ledger(key: str, code: str, row: Row) -> Problem | None:
    """Say what is wrong with a ledger account that exists: for invoice lines a blocked one counts as not found."""
    expected = _GL_TYPES.get(key)
    bad = partial(Problem, key, Code.REFERENCE_NOT_FOUND if expected is None else Code.INVALID_VALUE)
    if flag(row, "IsBlocked"):
        return bad(f"{key}: ledger account {show(code)} is blocked; choose another or unblock it in Exact")
    seen = integer(row, "Type")
    if expected is not None and seen != expected:
        return bad(f"{key}: ledger account {show(code)} has type {seen}; choose one of type {expected}")
    return None
