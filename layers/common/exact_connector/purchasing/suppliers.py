"""What an item costs at each of its suppliers, in which unit it is ordered, and how much at least. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Literal

from exact_connector import fields
from exact_connector.catalog import selection
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.dates import earliest, next_boundary
from exact_connector.catalog.projection import OwnerRows, Projection, Warning
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.suppliers import SupplierPrice, SupplierProduct

DropShipment = Literal["no", "yes", "optional"]

ONE = Decimal(1)
PRICE_PLACES = 6
DROP_SHIPMENT: dict[int, DropShipment] = {0: "no", 1: "yes", 2: "optional"}


def supplier_products(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    """Return one document per supplier of an item: kind `supplier_product`, key `<item code>/<supplier id>`.

    Only for tenants with the option `supplier_links`, and only for items that are delivered. The price is the
    supplier's for one purchase unit, never the cost price. Rows are `logistics/SupplierItem` (kind `supplier_item`) and
    `PurchaseItemPrices` (kind `purchase_item_price`); their order does not matter.
    """
    item = rows.one("item")
    code = fields.text(item, "Code") if item is not None else None
    if item is None or code is None or not context.options.supplier_links:
        return []
    if not selection.is_delivered(item, rows.of("extra_field"), context):
        return []
    prices = _prices_by_supplier(rows.of("purchase_item_price"))
    links = _link_by_supplier(rows.of("supplier_item"), context.today)
    return [
        _projection(item, code, supplier, link, prices.get(supplier, ()), context) for supplier, link in links.items()
    ]


def _link_by_supplier(rows: Iterable[Row], today: date) -> dict[str, Row]:
    """Choose one row per supplier: with an active price first, then the main supplier's, then the smallest ID."""
    ranked = sorted(
        rows,
        key=lambda row: (
            not fields.active_on(row, today),
            not fields.flag(row, "MainSupplier"),
            fields.guid(row, "ID") or "",
        ),
    )
    found: dict[str, Row] = {}
    for row in ranked:
        supplier = fields.guid(row, "Supplier")
        if supplier is not None:
            found.setdefault(supplier, row)
    return dict(sorted(found.items()))


def _prices_by_supplier(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(fields.guid(row, "Account") or "", []).append(row)
    return found


def _projection(
    item: Row, code: str, supplier: str, link: Row, prices: Sequence[Row], context: ProjectionContext
) -> Projection:
    currency = (fields.text(link, "Currency") or context.base_currency).upper()
    document = _document(item, code, supplier, link, _active_prices(prices, context.today), currency)
    missing = _no_price(code, document) if document["purchase_price"] is None else ()
    changes = earliest(*(_next_boundary(row, context.today) for row in (link, *prices)))
    return Projection("supplier_product", f"{code}/{supplier}", document, changes, missing)


def _next_boundary(row: Row, today: date) -> date | None:
    return next_boundary(fields.day(row, "StartDate"), fields.day(row, "EndDate"), today)


def _document(item: Row, code: str, supplier: str, link: Row, prices: Sequence[Row], currency: str) -> SupplierProduct:
    factor = fields.positive(fields.number(link, "PurchaseUnitFactor")) or ONE
    price = _price(link, prices)
    drop_shipment = fields.integer(link, "DropShipment")
    return {
        "item_id": fields.guid(item, "ID"),
        "item_code": code,
        "item_description": fields.text(item, "Description"),
        "item_unit": fields.text(link, "ItemUnitCode") or fields.text(item, "Unit"),
        "supplier_id": supplier,
        "supplier_code": fields.text(link, "SupplierCode"),
        "supplier_name": fields.text(link, "SupplierDescription"),
        "supplier_item_code": fields.text(link, "SupplierItemCode"),
        "is_main_supplier": fields.flag(link, "MainSupplier"),
        "barcode": fields.text(link, "Barcode"),
        "purchase_price": None if price is None else fields.plain(price),
        "price_per_item_unit": None if price is None else _rounded(price / factor),
        "currency": currency,
        "purchase_unit": fields.text(link, "PurchaseUnit"),
        "purchase_unit_factor": fields.plain(factor),
        "minimum_quantity": _optional(link, "MinimumQuantity"),
        "lot_size": _optional(link, "PurchaseLotSize"),
        "lead_time_days": fields.integer(link, "PurchaseLeadTime"),
        "drop_shipment": None if drop_shipment is None else DROP_SHIPMENT.get(drop_shipment),
        "vat_code": fields.text(link, "PurchaseVATCode"),
        "country_of_origin": fields.text(link, "CountryOfOrigin"),
        "notes": fields.text(link, "Notes"),
        "prices": [_price_document(row) for row in prices],
    }


def _price(link: Row, prices: Sequence[Row]) -> Decimal | None:
    """Return the price for one purchase unit: the link's own, else the active one for the smallest quantity.

    Exact shows 0 on the link where it has no active or future price.
    """
    own = fields.number(link, "PurchasePrice")
    if own:
        return own
    unit = fields.text(link, "PurchaseUnit")
    matching = [row for row in prices if unit is None or fields.text(row, "Unit") in (None, unit)]
    return fields.number(matching[0], "Price") if matching else None


def _active_prices(rows: Iterable[Row], today: date) -> list[Row]:
    active = [row for row in rows if fields.active_on(row, today)]
    return sorted(active, key=lambda row: (fields.number(row, "Quantity") or ONE, *_newest_first(row)))


def _newest_first(row: Row) -> tuple[int, str]:
    start = fields.day(row, "StartDate")
    return -start.toordinal() if start else 0, fields.guid(row, "ID") or ""


def _price_document(row: Row) -> SupplierPrice:
    price, currency = fields.number(row, "Price"), fields.text(row, "Currency")
    start, end = fields.day(row, "StartDate"), fields.day(row, "EndDate")
    return {
        "min_quantity": fields.plain(fields.number(row, "Quantity") or ONE),
        "price": None if price is None else fields.plain(price),
        "currency": currency.upper() if currency else None,
        "unit": fields.text(row, "Unit"),
        "valid_from": start.isoformat() if start else None,
        "valid_to": end.isoformat() if end else None,
    }


def _optional(row: Row, name: str) -> str | None:
    value = fields.positive(fields.number(row, name))
    return None if value is None else fields.plain(value)


def _rounded(value: Decimal) -> str:
    return fields.plain(fields.round_half_up(value, PRICE_PLACES))


def _no_price(code: str, document: Mapping[str, Any]) -> tuple[Warning, ...]:
    message = (
        f"item {code} has no purchase price at supplier {document['supplier_code'] or document['supplier_id']}; "
        "enter one at the supplier's tab of the item in Exact, a purchase order needs it"
    )
    return (Warning("PURCHASE_PRICE_MISSING", message),)


@dataclass(frozen=True, slots=True)
class PurchaseQuantity:
    """How much to order: in purchase units, as `QuantityInPurchaseUnits` wants it, and what that is in item units."""

    purchase_units: Decimal
    item_units: Decimal


def purchase_quantity(item_units: Decimal, product: Mapping[str, Any]) -> PurchaseQuantity:
    """Turn a need in item units (pieces) into whole purchase units (boxes) of a `supplier_product` document.

    Rounded up to whole purchase units, up to the minimum quantity, and up to a multiple of the lot size, all of which
    count in purchase units. A need of nothing orders nothing.
    """
    factor = Decimal(str(product["purchase_unit_factor"]))
    if item_units <= 0:
        return PurchaseQuantity(Decimal(0), Decimal(0))
    units = _ceiling(item_units / factor)
    minimum = Decimal(str(product.get("minimum_quantity") or 0))
    lot = Decimal(str(product.get("lot_size") or 0))
    units = max(units, _ceiling(minimum))
    if lot > 0:
        units = _ceiling(units / lot) * lot
    return PurchaseQuantity(units, units * factor)


def _ceiling(value: Decimal) -> Decimal:
    return value.to_integral_value(rounding=ROUND_CEILING)
