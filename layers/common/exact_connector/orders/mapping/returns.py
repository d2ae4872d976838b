"""What only a return has: a goods delivery line for every line, and whether it is credited or delivered again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.orders.mapping.choices import Choice
from exact_connector.orders.mapping.context import MappingContext, PlacedLine
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.mapping.validation import DELIVERY_NOT_FOUND, REFERENCE_NOT_FOUND
from exact_connector.orders.model.references import DeliveredLine

MAIN = 1
"""`Warehouse.Main` of the main warehouse."""


def return_warehouse(context: MappingContext, choice: Choice | None) -> str | None:
    """Return the warehouse of a return, which Exact demands: the chosen one, else the main one."""
    if choice is not None:
        return context.row_id(choice, context.references.warehouses, "warehouse")
    warehouses = context.known(context.references.warehouses, "warehouses")
    if warehouses is None:
        return None
    for row in sorted(warehouses.values(), key=lambda row: code_key(row.get("Code"))):
        if fields.integer(row, "Main") == MAIN:
            return fields.guid(row, "ID")
    message = "a return needs a warehouse and Exact has no main one; name one in warehouse_code or WarehouseForOrder"
    context.validation.fault("/warehouse_code", message, code=REFERENCE_NOT_FOUND)
    return None


def return_lines(context: MappingContext, lines: Sequence[PlacedLine]) -> list[Body]:
    """Return the lines of a planned return; a line without a delivery is a fault. No prices are sent."""
    delivered = context.known(context.references.delivered_lines, "deliveries")
    if delivered is None:
        return []
    left = {line.line_id: line.quantity for line in delivered}
    found: list[Body] = []
    for placed in lines:
        quantity = abs(placed.line.quantity)
        source = delivery_line(placed.item.item_id, quantity, context.order.original_order_number, delivered, left)
        if source is None:
            _not_delivered(context, placed, quantity)
            continue
        left[source.line_id] -= quantity
        found.append(_line(context, placed, quantity, source))
    return found


def delivery_line(
    item_id: str,
    quantity: Decimal,
    order_number: str | None,
    delivered: Sequence[DeliveredLine],
    left: dict[str, Decimal],
) -> DeliveredLine | None:
    """Return the newest delivery line of an item from which so much is left; ``order_number`` narrows the search."""
    possible = [
        line
        for line in delivered
        if line.item_id == item_id
        and left[line.line_id] >= quantity
        and (order_number is None or line.order_number == order_number)
    ]
    return max(possible, key=lambda line: (line.delivered_on or date.min, line.line_number, line.line_id), default=None)


def _not_delivered(context: MappingContext, placed: PlacedLine, quantity: Decimal) -> None:
    number = context.order.original_order_number
    within = f" within sales order {number}" if number else ""
    message = (
        f"no delivery of {fields.plain(quantity)} x {placed.item.code} to this customer was found{within}; "
        "a return has to point at one delivery line that covers it"
    )
    context.validation.fault(placed.pointer, message, code=DELIVERY_NOT_FOUND)


def _line(context: MappingContext, placed: PlacedLine, quantity: Decimal, source: DeliveredLine) -> Body:
    body: Body = {
        "Item": placed.item.item_id,
        "PlannedReturnQuantity": quantity,
        "ReceivedQuantity": Decimal(0),
        "CreateCredit": int(context.settings.AlwaysCreateCreditNoteForReturnOrders),
        "GoodDeliveryLineID": source.line_id,
    }
    if placed.line.instruction:
        body["Notes"] = placed.line.instruction
    return body
