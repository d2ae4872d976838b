"""A canonical purchase order -> the document that Exact gets: quantities in purchase units, dates by lead time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.errors import TenantMisconfigured
from exact_connector.orders.mapping.plan import Body, DocumentPlan
from exact_connector.orders.mapping.preflight import ITEM_NOT_ACTIVE, QUANTITY_INVALID, Preflight
from exact_connector.orders.mapping.prices import PRICE_DECIMALS
from exact_connector.orders.mapping.texts import DESCRIPTION_LIMIT, YOUR_REF_LIMIT
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND, Validation, nearest_multiples
from exact_connector.orders.model.canonical import PurchaseOrder, PurchaseOrderLine
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.model.purchase_references import ONE, OrderSupplier, PurchaseReferences, SupplierProduct
from exact_connector.orders.model.references import OrderItem

SUPPLIER_BLOCKED = "SUPPLIER_BLOCKED"
ITEM_NOT_PURCHASED = "ITEM_NOT_PURCHASED"
ITEM_NOT_LINKED = "ITEM_NOT_LINKED"
PURCHASE_PRICE_MISSING = "PURCHASE_PRICE_MISSING"
VAT_CODE_BLOCKED = "VAT_CODE_BLOCKED"
ITEM_NOT_IN_WAREHOUSE = "ITEM_NOT_IN_WAREHOUSE"
RECEIPT_DATE_PAST = "RECEIPT_DATE_PAST"
SWITCHED_OFF = "PURCHASE_ORDERS_OFF"


def require_switched_on(*, purchase_orders: bool) -> None:
    """Raise TenantMisconfigured where the tenant's option `purchase_orders` is off."""
    if not purchase_orders:
        message = "this tenant does not write purchase orders to Exact; switch on the option purchase_orders first"
        raise TenantMisconfigured(message, code=SWITCHED_OFF)


def check_purchase_order(order: PurchaseOrder, references: PurchaseReferences, today: date) -> Preflight:
    """Check a purchase order against what is stored: supplier, items, their link to each other, quantities."""
    context = _PurchaseContext(order, references, today, lenient=True)
    _body(context)
    return Preflight(tuple(context.validation.faults), tuple(context.validation.warnings))


def plan_purchase_order(order: PurchaseOrder, references: PurchaseReferences, today: date) -> DocumentPlan:
    """Plan a purchase order. Raises InvalidInput with every fault; the same arguments give the same plan."""
    context = _PurchaseContext(order, references, today)
    body = _body(context)
    context.validation.raise_faults()
    path = DOCUMENTS[OrderKind.PURCHASE].path
    return DocumentPlan(OrderKind.PURCHASE, path, body, (), tuple(context.validation.warnings))


@dataclass(frozen=True, slots=True)
class _PurchaseContext:
    """One purchase order while it is mapped; ``lenient`` passes over what was not looked up."""

    order: PurchaseOrder
    references: PurchaseReferences
    today: date
    validation: Validation = field(default_factory=Validation)
    lenient: bool = False

    @property
    def ordered(self) -> date:
        """Return the order date."""
        return self.order.order_date or self.today


def _body(context: _PurchaseContext) -> Body:
    order, supplier = context.order, _supplier(context)
    if supplier is None:
        for place, line in enumerate(order.lines):
            _bought_item(context, place, line)
        return {}
    _check_header_date(context)
    lines = [_line(context, place, line, supplier) for place, line in enumerate(order.lines)]
    found = [line for line in lines if line is not None]
    body: Body = {
        "Supplier": supplier.supplier_id,
        "OrderDate": context.ordered.isoformat(),
        "ReceiptDate": order.receipt_date.isoformat() if order.receipt_date else _latest(found),
        "Warehouse": _warehouse(context),
        "Currency": order.currency,
        **_texts(context),
        "PurchaseOrderLines": found,
    }
    return _given(body)


def _check_header_date(context: _PurchaseContext) -> None:
    dates = [("", context.order.receipt_date)]
    dates += [(f"line {place}: ", line.receipt_date) for place, line in enumerate(context.order.lines, 1)]
    for where, day in dates:
        if day is not None and day < context.today:
            message = f"{where}receipt date {day.isoformat()} is in the past; it was sent as it is"
            context.validation.warn(RECEIPT_DATE_PAST, message)


def _check_product(
    context: _PurchaseContext, place: int, line: PurchaseOrderLine, product: SupplierProduct, supplier: OrderSupplier
) -> None:
    if product.lacks_price and line.unit_price is None:
        message = (
            f"item {line.item_code} has no purchase price at supplier {supplier.code or supplier.supplier_id}; enter "
            "one at the item in Exact (Purchase, Suppliers), or send unit_price"
        )
        context.validation.fault(f"/lines/{place}/unit_price", message, code=PURCHASE_PRICE_MISSING)
    named = [code for code in (supplier.vat_code, product.vat_code) if code]
    blocked = [code for code in named if code_key(code) in context.references.blocked_vat_codes]
    if not blocked:
        return
    message = f"VAT code {blocked[0]} of item {line.item_code} is blocked; unblock it in Exact or choose another there"
    if len(blocked) == len(named):
        context.validation.fault(f"/lines/{place}/item_code", message, code=VAT_CODE_BLOCKED)
    else:
        context.validation.warn(VAT_CODE_BLOCKED, f"line {place + 1}: {message}")


def _check_item_warehouse(context: _PurchaseContext, place: int, item: OrderItem) -> None:
    code, known = context.order.warehouse_code, context.references.item_warehouses
    exists = code_key(code) in (context.references.warehouses or {})
    if code is None or known is None or not exists or not item.is_stock_item:
        return
    if code_key(code) not in known.get(item.item_id, frozenset()):
        message = f"item {item.code} is not linked to warehouse {code}; link it at the item in Exact (Warehouses)"
        context.validation.fault(f"/lines/{place}/item_code", message, code=ITEM_NOT_IN_WAREHOUSE)


def _given(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


def _supplier(context: _PurchaseContext) -> OrderSupplier | None:
    supplier = context.references.supplier
    pointer = "/supplier_id" if context.order.supplier_id else "/supplier_code"
    if supplier is None:
        message = "the supplier does not exist, is not a supplier or is not active in Exact; check the ID or code"
        context.validation.fault(pointer, message, code=REFERENCE_NOT_FOUND)
    elif supplier.is_blocked:
        message = "the supplier is blocked in Exact; lift the block there, then send the order again"
        context.validation.fault(pointer, message, code=SUPPLIER_BLOCKED)
    return supplier


def _warehouse(context: _PurchaseContext) -> str | None:
    code, warehouses = context.order.warehouse_code, context.references.warehouses
    if code is None or (warehouses is None and context.lenient):
        return None
    if warehouses is None:
        raise LookupError("warehouses were not looked up; `required_purchase_references` asks for them")
    row = warehouses.get(code_key(code))
    if row is None:
        message = f"warehouse {code!r} does not exist in Exact; correct the code"
        context.validation.fault("/warehouse_code", message, code=REFERENCE_NOT_FOUND)
    return None if row is None else fields.guid(row, "ID")


def _texts(context: _PurchaseContext) -> Body:
    order = context.order
    body: Body = {"Remarks": order.notes}
    if order.description:
        body["Description"] = order.description[:DESCRIPTION_LIMIT].rstrip()
        if len(order.description) > DESCRIPTION_LIMIT:
            context.validation.warn("DESCRIPTION_CUT", f"the description was cut to {DESCRIPTION_LIMIT} characters")
    if order.reference and len(order.reference) > YOUR_REF_LIMIT:
        message = f"is {len(order.reference)} characters long; Exact takes {YOUR_REF_LIMIT}, shorten it"
        context.validation.fault("/reference", message)
    else:
        body["YourRef"] = order.reference
    return body


def _line(context: _PurchaseContext, place: int, line: PurchaseOrderLine, supplier: OrderSupplier) -> Body | None:
    item = _bought_item(context, place, line)
    product = _product(context, place, item, supplier) if item is not None else None
    if item is None or product is None:
        return None
    _check_product(context, place, line, product, supplier)
    _check_item_warehouse(context, place, item)
    quantity = _purchase_units(context, place, line, item, product)
    received = line.receipt_date or context.order.receipt_date or _by_lead_time(product, supplier, context.ordered)
    body: Body = {
        "Item": item.item_id,
        "QuantityInPurchaseUnits": quantity,
        "ReceiptDate": received.isoformat() if received else None,
        "Description": line.description,
        "Notes": line.notes,
        "UnitPrice": None if line.unit_price is None else fields.round_half_up(line.unit_price, PRICE_DECIMALS),
    }
    return _given(body)


def _bought_item(context: _PurchaseContext, place: int, line: PurchaseOrderLine) -> OrderItem | None:
    pointer = f"/lines/{place}/item_code"
    item = context.references.items.get(code_key(line.item_code))
    if item is None:
        message = f"item {line.item_code!r} is not delivered to clients or does not exist; check the code"
        context.validation.fault(pointer, message, code=REFERENCE_NOT_FOUND)
        return None
    ended = item.end_date is not None and item.end_date <= context.today
    starts = item.start_date is not None and item.start_date > context.today
    if item.is_purchase_item and not ended and not starts:
        return item
    if not item.is_purchase_item:
        message = f"item {item.code} is not on Purchase; tick Purchase at the item in Exact"
        context.validation.fault(pointer, message, code=ITEM_NOT_PURCHASED)
    else:
        when = f"ended on {item.end_date}" if ended else f"starts on {item.start_date}"
        message = f"item {item.code} {when}; change its dates in Exact or take another"
        context.validation.fault(pointer, message, code=ITEM_NOT_ACTIVE)
    return None


def _product(context: _PurchaseContext, place: int, item: OrderItem, supplier: OrderSupplier) -> SupplierProduct | None:
    product = context.references.products.get(item.item_id)
    if product is None and context.lenient and not context.references.all_products:
        return None
    if product is None:
        message = (
            f"item {item.code} is not linked to supplier {supplier.code or supplier.supplier_id}; add the supplier at "
            "the item in Exact (Purchase, Suppliers), or order it from one of its suppliers"
        )
        context.validation.fault(f"/lines/{place}/item_code", message, code=ITEM_NOT_LINKED)
    return product


def _purchase_units(
    context: _PurchaseContext, place: int, line: PurchaseOrderLine, item: OrderItem, product: SupplierProduct
) -> Decimal | None:
    """Return the quantity in purchase units; pieces that do not fill whole boxes are refused, never rounded."""
    pieces = line.quantity is not None
    given = line.quantity if line.quantity is not None else line.purchase_quantity or Decimal(0)
    units = given / product.factor if pieces else given
    pointer = f"/lines/{place}/{'quantity' if pieces else 'purchase_quantity'}"
    if given <= 0:
        context.validation.fault(pointer, "must be above zero", code=QUANTITY_INVALID)
        return None
    if units != units.to_integral_value() and not (item.fractions_allowed and units == round(units, 6)):
        message = _not_whole(given, units, item, product, pieces=pieces)
        context.validation.fault(pointer, message, code=QUANTITY_INVALID)
        return None
    _warn_of_terms(context, place, units, item, product)
    return units


def _not_whole(given: Decimal, units: Decimal, item: OrderItem, product: SupplierProduct, *, pieces: bool) -> str:
    unit = product.unit or "purchase unit"
    below = units.to_integral_value(rounding="ROUND_FLOOR")
    factor = product.factor if pieces else ONE
    fits = " or ".join(fields.plain(number * factor) for number in (below, below + 1) if number > 0)
    size = f" of {fields.plain(product.factor)}" if product.factor != 1 else ""
    return f"{fields.plain(given)} x {item.code} is not a whole number of {unit}{size}; order {fits}"


def _warn_of_terms(
    context: _PurchaseContext, place: int, units: Decimal, item: OrderItem, product: SupplierProduct
) -> None:
    shown = f"line {place + 1}: {fields.plain(units)} {product.unit or 'purchase units'} of {item.code}"
    if product.minimum is not None and units < product.minimum:
        context.validation.warn(
            "BELOW_MINIMUM", f"{shown} is less than the supplier's minimum of {fields.plain(product.minimum)}"
        )
    if product.lot_size is not None and units % product.lot_size != 0:
        message = (
            f"{shown} is not a multiple of the supplier's lot size {fields.plain(product.lot_size)}; "
            f"{nearest_multiples(units, product.lot_size)} would be"
        )
        context.validation.warn("LOT_SIZE", message)


def _by_lead_time(product: SupplierProduct, supplier: OrderSupplier, ordered: date) -> date | None:
    days = product.lead_time_days if product.lead_time_days is not None else supplier.lead_time_days
    return None if days is None else ordered + timedelta(days=max(days, 0))


def _latest(lines: list[Body]) -> str | None:
    return max((line["ReceiptDate"] for line in lines if "ReceiptDate" in line), default=None)
