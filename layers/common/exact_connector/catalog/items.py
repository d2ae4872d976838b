"""The rows of one item -> its canonical documents: item, stock, price list rows, agreements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.catalog import selection, stock
from exact_connector.catalog.attributes import item_attributes
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.context import ProjectionContext, VatRate
from exact_connector.catalog.dates import earliest
from exact_connector.catalog.field_reference import as_text, value_of
from exact_connector.catalog.item_rules import StockScope
from exact_connector.catalog.package_size import package_size
from exact_connector.catalog.pricing import prices
from exact_connector.catalog.pricing.price_documents import (
    PricedItem,
    agreement_projections,
    list_row_projections,
    price_document,
)
from exact_connector.catalog.pricing.price_points import HUNDRED, PricePoint
from exact_connector.catalog.projection import OwnerRows, Projection, Warning
from exact_connector.catalog.texts import classes, item_texts, warehouse_filter
from exact_connector.fields import Row
from exact_connector.settings.properties import ITEM_PROPERTIES_OUTSIDE_SYNC

if TYPE_CHECKING:
    from exact_connector.documents.models.files import StoredFile
    from exact_connector.documents.models.items import Item as ItemDocument
    from exact_connector.documents.models.stock import PlanningStock
    from exact_connector.documents.models.stock import Stock as StockDocument

ITEM_KINDS = frozenset({"item", "stock", "price_list_rows", "agreement"})
"""The kinds of document that come from the rows of an item."""

LEFT_OUT_ITEM = "_left_out_item"
"""The kind of the hidden document of an item that is stored and not delivered."""

ITEM_REFERENCE_KINDS = frozenset(
    {
        *("division", "vat_code", "item_group", "warehouse", "price_list", "price_list_period", "exchange_rate"),
        *("assortment_property", "extra_field"),
    }
)
"""The kinds of reference rows that those documents depend on."""


@dataclass(frozen=True, slots=True)
class _Item:
    """An item while it is projected: what more than one of its documents needs."""

    rows: OwnerRows
    row: Row
    priced: PricedItem
    points: prices.ItemPoints
    standard: list[PricePoint]
    vat: VatRate | None
    positions: list[stock.Position]
    levels: stock.StockLevels | None
    receipts: list[stock.Receipt]


def project_item(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    """Return every document of one item: `item`, `stock`, `price_list_rows`, `agreement`; a deletion if it left.

    The list is complete for the item (see `Projection`), its order is fixed, and the `item` projection says on which
    date any of them changes next. An item without its main row has no documents. Raises `ConfigurationError` when the
    field that includes items does not exist.
    """
    rows = with_current_stock(with_outside_properties(rows))
    row = rows.one("item")
    code = fields.text(row, "Code") if row is not None else None
    if row is None or code is None:
        return []
    leaves_or_joins = selection.changes_on(row, context)
    if not selection.is_delivered(row, rows.of("extra_field"), context):
        return [Projection("item", code, None, leaves_or_joins)]
    item = _read(rows, row, code, context)
    changes = earliest(leaves_or_joins, prices.changes_on(item.points, context), stock.changes_on(item.receipts))
    if context.price_lists.generated:
        changes = earliest(changes, context.price_lists.changes_on)
    document, warnings = _item_document(item, context)
    found = [
        Projection("item", code, document, changes, warnings),
        _stock_projection(item, context),
        *list_row_projections(item.points, item.standard, item.priced, context),
        *agreement_projections(item.points, item.priced, context),
    ]
    return _as_they_are(found) if selection.is_undecided(row, rows.of("extra_field"), context) else found


def left_out_item(rows: OwnerRows, documents: Iterable[Projection], context: ProjectionContext) -> list[Projection]:
    """Return the hidden document of an item that the settings leave out: orders may name it, Exact alone judges it."""
    row = rows.one("item")
    code = fields.text(row, "Code") if row is not None else None
    if row is None or code is None or not any(each.kind == "item" and each.document is None for each in documents):
        return []
    vat = context.vat_rates.get(code_key(row.get("SalesVatCode")))
    start, end = fields.day(row, "StartDate"), fields.day(row, "EndDate")
    document = {
        "item_id": fields.guid(row, "ID") or rows.owner,
        "item_code": code,
        "description": fields.text(row, "Description"),
        "unit": fields.text(row, "Unit"),
        "vat_percentage": None if vat is None else str(vat.percentage),
        "vat_included": vat is not None and vat.included,
        "is_sales_item": fields.flag(row, "IsSalesItem"),
        "is_stock_item": fields.flag(row, "IsStockItem"),
        "is_purchase_item": fields.flag(row, "IsPurchaseItem"),
        "attributes": {
            "is_fraction_allowed_item": fields.flag(row, "IsFractionAllowedItem"),
            "start_date": None if start is None else start.isoformat(),
            "end_date": None if end is None else end.isoformat(),
        },
    }
    return [Projection(LEFT_OUT_ITEM, code_key(code), document)]


def _as_they_are(found: list[Projection]) -> list[Projection]:
    """Leave all documents of an item as they were delivered, or undelivered, until it is known whether it belongs."""
    message = f"the labels of the free fields of item {found[0].key} were not read yet, so it stays as it is"
    first = replace(found[0], keep=True, warnings=(Warning("FIELD_LABELS_NOT_READ", message),))
    return [first, *(replace(entry, keep=True) for entry in found[1:])]


def with_outside_properties(rows: OwnerRows) -> OwnerRows:
    """Add to the item's row the properties that Exact gives only outside the sync endpoint, where they were read."""
    item, others = rows.one("item"), [*rows.of("standard_price"), *rows.of("item_property")]
    if item is None or not others:
        return rows
    outside = {name: row[name] for row in others for name in ITEM_PROPERTIES_OUTSIDE_SYNC if name in row}
    return OwnerRows(rows.owner, {**rows.rows, "item": [{**item, **outside}]})


def with_current_stock(rows: OwnerRows) -> OwnerRows:
    """Replace the item's own `Stock` by the sum over its stock rows, in every warehouse; without rows it has none.

    A movement gives the stock rows new versions and not the item, so the item's own figure is out of date.
    """
    item, positions = rows.one("item"), rows.of("stock")
    if item is None:
        return rows
    levels = [fields.number(row, "CurrentStock") or Decimal(0) for row in positions]
    current = sum(levels, Decimal(0)) if levels else None
    return OwnerRows(rows.owner, {**rows.rows, "item": [{**item, "Stock": current}]})


def _read(rows: OwnerRows, row: Row, code: str, context: ProjectionContext) -> _Item:
    vat = context.vat_rates.get(code_key(row.get("SalesVatCode")))
    unit = fields.text(row, "Unit")
    points = prices.read_points(rows, context)
    scope = context.rules.stock_scope
    has_stock = fields.flag(row, "IsStockItem") and not scope.unknown
    positions = stock.read_positions(rows.of("stock")) if has_stock else []
    return _Item(
        rows=rows,
        row=row,
        priced=PricedItem(
            fields.guid(row, "ID") or rows.owner, code, unit, vat_included=vat is not None and vat.included
        ),
        points=points,
        standard=prices.standard_prices(points, context),
        vat=vat,
        positions=positions,
        levels=stock.total(positions, scope) if has_stock else None,
        receipts=_receipts(rows, scope, context),
    )


def _receipts(rows: OwnerRows, scope: StockScope, context: ProjectionContext) -> list[stock.Receipt]:
    if context.settings.SyncNextDeliveryDate or context.settings.GetDeliveryDatesOffline:
        return stock.receipts(rows.of("planning"), scope, context.today)
    return []


def _item_document(item: _Item, context: ProjectionContext) -> tuple[ItemDocument, tuple[Warning, ...]]:
    settings, row, rows = context.settings, item.row, item.rows
    extra_fields = rows.of("extra_field")
    sales = next((point for point in item.standard if point.currency == context.base_currency), None)
    warnings: list[Warning] = []
    attributes = item_attributes(row)
    texts = item_texts(rows, context, attributes, _computed_fields(item, sales, context, warnings))
    ean = "SearchCode" if settings.SearchCodeForEanCode else "Barcode"
    factor = prices.smallest_unit_factor(item.points, context.today)
    document: ItemDocument = {
        "item_id": item.priced.item_id,
        "item_code": item.priced.item_code,
        "ean_code": fields.text(row, ean),
        "description": texts.canonical["description"],
        "description2": texts.canonical["description2"],
        "description3": texts.canonical["description3"],
        "description4": texts.canonical["description4"],
        "description5": texts.canonical["description5"],
        "search_description": texts.canonical["search_description"],
        "descriptions": texts.descriptions,
        "unit": item.priced.unit,
        "item_group": context.group_key(fields.text(row, "ItemGroupCode"), fields.text(row, "ItemGroupDescription")),
        "classes": classes(row, context),
        "sales_price": None if sales is None else fields.plain(sales.price),
        "currency": context.base_currency,
        "prices": [price_document(point, item.priced) for point in item.standard],
        "tier_prices": [price_document(tier, item.priced) for tier in prices.standard_tiers(item.points, context)],
        "vat_code": fields.text(row, "SalesVatCode"),
        "vat_percentage": None if item.vat is None else fields.plain(item.vat.percentage),
        "vat_included": item.priced.vat_included,
        "purchase_package_size": fields.plain(package_size(rows, factor, context)),
        "last_available_stock": _last_available(item, context),
        "free_sort_field": as_text(value_of(context.rules.sort_field, row, extra_fields, context.labels)),
        "item_status": as_text(value_of(context.rules.status_field, row, extra_fields, context.labels)),
        "free_fields": texts.free_fields,
        "filters": {"Warehouse": warehouse_filter(rows.of("item_warehouse"))}
        if settings.CreateWarehouseItemFilter
        else {},
        "is_sales_item": fields.flag(row, "IsSalesItem"),
        "is_stock_item": fields.flag(row, "IsStockItem"),
        "is_purchase_item": fields.flag(row, "IsPurchaseItem"),
        "attributes": attributes,
    }
    if settings.SyncNextDeliveryDate:
        document["next_delivery_date"] = _next_delivery(item)
    if not settings.DisablePicturesFromEOL:
        document["pictures"] = pictures(row, rows)
    return document, tuple(warnings)


def _computed_fields(
    item: _Item, sales: PricePoint | None, context: ProjectionContext, warnings: list[Warning]
) -> dict[str, str | None]:
    """Return the free fields that settings compute; a missing VAT code is reported, since its price cannot be shown."""
    computed: dict[str, str | None] = {"Staffel": prices.staffel_text(item.points, context)}
    if context.settings.GetDeliveryDatesOffline and item.levels is not None:
        computed["DeliveryDates"] = stock.receipts_text(item.receipts)
    if context.settings.UseSalesPriceInclVatAsFreeField:
        if item.vat is None:
            code = fields.text(item.row, "SalesVatCode") or "none"
            message = f"item {item.priced.item_code} has no known sales VAT code (seen: {code}); set one in Exact"
            warnings.append(Warning("VAT_CODE_UNKNOWN", message))
        elif sales is not None:
            computed["SalesPriceInclVat"] = price_including_vat(sales.price, item.vat)
    return computed


def price_including_vat(price: Decimal, vat: VatRate) -> str:
    """Return a price with VAT, rounded to two decimals; a code whose prices include VAT adds none."""
    factor = Decimal(1) if vat.included else 1 + vat.percentage / HUNDRED
    return format(fields.round_half_up(price * factor, 2), "f")


def pictures(item: Row, rows: OwnerRows) -> list[StoredFile]:
    """Return an item's pictures: file name and, once the file is stored (row kind ``picture``), where it is served."""
    name = fields.text(item, "PictureName")
    if name is None or "placeholder" in (fields.text(item, "PictureUrl") or ""):
        return []
    stored = next((row for row in rows.of("picture") if row.get("file_name") == name), {})
    return [
        {
            "file_name": name,
            "url": stored.get("url"),
            "thumbnails": stored.get("thumbnails") or {},
            "content_type": stored.get("content_type"),
            "sha256": stored.get("sha256"),
        }
    ]


def _last_available(item: _Item, context: ProjectionContext) -> str | None:
    return None if item.levels is None else fields.plain(stock.last_available(item.levels, context.settings))


def _next_delivery(item: _Item) -> str | None:
    return item.receipts[0].on.isoformat() if item.receipts and item.levels is not None else None


def _stock_projection(item: _Item, context: ProjectionContext) -> Projection:
    """Return the stock document; with a warehouse in the settings that does not exist the delivered stock stays.

    It stays as well until the warehouses are known: a typing error must not show a stock of zero in the meantime.
    """
    scope, code = context.rules.stock_scope, item.priced.item_code
    if scope.codes and not context.warehouses:
        return Projection("stock", code, None, None, keep=True)
    if scope.unknown:
        names = ", ".join(scope.unknown)
        message = (
            f"WarehouseForStock names {names}, which Exact does not have; stock is not updated until it is corrected"
        )
        return Projection("stock", code, None, None, (Warning("CONFIG_REFERENCE_NOT_FOUND", message),), keep=True)
    warehouses = stock.warehouse_documents(item.positions)
    levels = item.levels
    document: StockDocument = {
        "item_id": item.priced.item_id,
        "item_code": code,
        "unit": item.priced.unit,
        "warehouse_codes": list(scope.codes) if scope.codes else [entry["code"] for entry in warehouses],
        "shelf": None if levels is None else fields.plain(levels.shelf),
        "to_be_delivered": None if levels is None else fields.plain(levels.to_be_delivered),
        "to_be_received": None if levels is None else fields.plain(levels.to_be_received),
        "last_available_stock": _last_available(item, context),
        "warehouses": warehouses,
        "planning": _planning_stock(item, context),
    }
    if context.settings.SyncNextDeliveryDate:
        document["next_delivery_date"] = _next_delivery(item)
    if context.settings.GetDeliveryDatesOffline:
        expected = item.receipts if item.levels is not None else []
        document["delivery_dates"] = [
            {"date": receipt.on.isoformat(), "quantity": fields.plain(receipt.quantity)} for receipt in expected
        ]
    return Projection("stock", code, document, _stock_changes(item))


def _planning_stock(item: _Item, context: ProjectionContext) -> PlanningStock | None:
    """Return the stock that purchase planning uses: one warehouse, or all of them."""
    if item.levels is None:
        return None
    found = stock.total(item.positions, context.rules.planning_scope)
    return {"warehouse": context.options.stock_warehouse, **stock.levels_document(found)}


def _stock_changes(item: _Item) -> date | None:
    return stock.changes_on(item.receipts)
