"""The reference rows -> canonical documents: price lists, item groups, units, VAT codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.catalog.codes import by_code, code_key
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.dates import earliest, holds
from exact_connector.catalog.pricing.price_lists import STANDARD, PriceList, generated_code, next_period_boundary
from exact_connector.catalog.pricing.price_points import ONE, percentage
from exact_connector.catalog.projection import Projection, Warning
from exact_connector.fields import Row
from exact_connector.settings.entry import Reference
from exact_connector.settings.references import check

if TYPE_CHECKING:
    from exact_connector.documents.models.reference import GroupDiscount, ItemGroup, Unit, VatCode
    from exact_connector.documents.models.reference import PriceList as PriceListDocument

_CHECKED = {Reference.VAT_CODES: "vat_code", Reference.WAREHOUSES: "warehouse"}
_TOLD_ELSEWHERE = frozenset({"WarehouseForStock"})
"""Settings whose mistakes are told with the documents that they hold up."""


def project_reference(context: ProjectionContext) -> list[Projection]:
    """Return all documents that come from reference rows: `price_list`, `item_group`, `unit`, `vat_code`.

    The list is complete; its order is fixed. Rows of price lists are documents of the items they price.
    """
    return [
        *_price_lists(context),
        *_item_groups(context),
        *_units(context),
        *_vat_codes(context),
        *_unknown_codes(context),
    ]


def _unknown_codes(context: ProjectionContext) -> Iterable[Projection]:
    """Tell which codes of the settings are not in the lists that are stored anyway; this needs no call to Exact."""
    stored = {reference: context.reference.get(kind, ()) for reference, kind in _CHECKED.items()}
    known: dict[str, Sequence[Row]] = {reference.value: rows for reference, rows in stored.items() if rows}
    problems = [
        each for each in check(context.settings, known, context.today).problems if each.key not in _TOLD_ELSEWHERE
    ]
    for each in problems:
        yield _told("vat_code", Warning(each.code.value, each.message, each.key))


def _told(kind: str, warning: Warning, changes_on: date | None = None) -> Projection:
    """Return an entry that only carries what is wrong with the settings; no document bears its key."""
    return Projection(kind, f"({warning.about})", None, changes_on, (warning,), keep=True)


def _price_lists(context: ProjectionContext) -> Iterable[Projection]:
    book = context.price_lists
    discounts = group_discounts(context)
    for entry in book.delivered.values():
        mine = discounts.get(entry.list_id, [])
        changes = next_period_boundary(book, [entry.list_id], context.today)
        yield Projection("price_list", entry.code, _price_list(entry, mine), changes)
        for currency in book.generated.get(entry.code, ()) if entry.currency == context.base_currency else ():
            document = _price_list(entry, mine, generated=currency)
            yield Projection("price_list", document["code"], document, earliest(changes, book.changes_on))
    for currency in book.generated.get(STANDARD, ()):
        standard = PriceList("", STANDARD, None, context.base_currency, for_item_groups=False, slot=1)
        document = _price_list(standard, [], generated=currency)
        yield Projection("price_list", document["code"], document, book.changes_on)
    for warning in book.warnings:
        yield _told("price_list", warning, book.changes_on)


def _price_list(entry: PriceList, discounts: list[GroupDiscount], generated: str | None = None) -> PriceListDocument:
    return {
        "price_list_id": entry.list_id if generated is None else None,
        "code": entry.code if generated is None else generated_code(entry.code, generated),
        "description": entry.description,
        "currency": generated or entry.currency,
        "slot": entry.slot if generated is None else None,
        "generated_from": None if generated is None else entry.code,
        "group_discounts": discounts,
    }


def group_discounts(context: ProjectionContext) -> dict[str, list[GroupDiscount]]:
    """Return the active discounts per item group of each list that exists, by the list's ID, in a fixed order.

    A special offer beats a basic discount of the same group and quantity. Rows are `SalesPriceListVolumeDiscount` of
    lists whose ``Entity`` is 2.
    """
    best: dict[tuple[str, str, Decimal], tuple[tuple[bool, int, str], GroupDiscount]] = {}
    for row in context.reference.get("group_discount", ()):
        period = context.price_lists.periods.get(fields.guid(row, "PriceListPeriod") or "")
        group = context.group_key(fields.text(row, "ItemGroupCode"), fields.text(row, "ItemGroupDescription"))
        if period is None or group is None or not holds(period.start, period.end, context.today):
            continue
        quantity = max(fields.number(row, "Quantity") or ONE, ONE)
        rank = (not period.special, -(period.start.toordinal() if period.start else 0), fields.guid(row, "ID") or "")
        key = (period.list_id, group, quantity)
        if key not in best or rank < best[key][0]:
            best[key] = (rank, _group_discount(row, group, quantity, context))
    found: dict[str, list[GroupDiscount]] = {}
    for key in sorted(best):
        found.setdefault(key[0], []).append(best[key][1])
    return found


def _group_discount(row: Row, group: str, quantity: Decimal, context: ProjectionContext) -> GroupDiscount:
    period = context.price_lists.periods[fields.guid(row, "PriceListPeriod") or ""]
    return {
        "item_group": group,
        "discount_percentage": fields.plain(percentage(row, "Discount") or Decimal(0)),
        "min_quantity": fields.plain(quantity),
        "valid_from": period.start.isoformat() if period.start else None,
        "valid_to": period.end.isoformat() if period.end else None,
    }


def _item_groups(context: ProjectionContext) -> Iterable[Projection]:
    for _, row in sorted(by_code(context.reference.get("item_group", ())).items()):
        code, description = fields.text(row, "Code") or "", fields.text(row, "Description")
        document: ItemGroup = {
            "item_group_id": fields.guid(row, "ID"),
            "code": code,
            "description": description,
            "item_group": context.group_key(code, description),
            "is_default": fields.flag(row, "IsDefault"),
            "notes": fields.text(row, "Notes"),
        }
        yield Projection("item_group", code, document, None, _ambiguous(code, description, context))


def _ambiguous(code: str, description: str | None, context: ProjectionContext) -> tuple[Warning, ...]:
    if not context.settings.GetItemGroupByDescription or description not in context.ambiguous_groups:
        return ()
    message = (
        f"item group {code} shares its description with another group, so its code stays the key; rename one in Exact"
    )
    return (Warning("ITEM_GROUP_AMBIGUOUS", message),)


def _units(context: ProjectionContext) -> Iterable[Projection]:
    for _, row in sorted(by_code(context.reference.get("unit", ())).items()):
        code = fields.text(row, "Code") or ""
        document: Unit = {
            "unit_id": fields.guid(row, "ID"),
            "code": code,
            "description": fields.text(row, "Description"),
            "type": fields.text(row, "Type"),
            "time_unit": fields.text(row, "TimeUnit"),
            "is_active": fields.flag(row, "Active"),
            "is_main": fields.flag(row, "Main"),
        }
        yield Projection("unit", code, document)


def _vat_codes(context: ProjectionContext) -> Iterable[Projection]:
    for key, row in sorted(context.vat_codes.items()):
        rate = context.vat_rates[key]
        document: VatCode = {
            "vat_code_id": fields.guid(row, "ID"),
            "code": rate.code,
            "description": fields.text(row, "Description"),
            "percentage": fields.plain(rate.percentage),
            "type": fields.text(row, "Type"),
            "vat_included": rate.included,
            "transaction_type": code_key(row.get("VATTransactionType")) or None,
            "country": fields.text(row, "Country"),
            "is_blocked": fields.flag(row, "IsBlocked"),
        }
        yield Projection("vat_code", rate.code, document)
