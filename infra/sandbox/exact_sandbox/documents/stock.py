"""Stock that documents plan to move or have moved: planning figures, planning details, stock positions."""

from __future__ import annotations

from typing import Any

from exact_sandbox.documents.context import Context
from exact_sandbox.world.stock import item_warehouse, position_of

Row = dict[str, Any]

DELIVERY, RECEIPT = 120, 130
_TYPES = {
    DELIVERY: ("Levering goederen", "Verkooporder", "salesorder/SalesOrders"),
    RECEIPT: ("Ontvangst goederen", "Inkooporder", "purchaseorder/PurchaseOrders"),
}


def _linked(context: Context, item: Row, warehouse: Row) -> tuple[Row, Row]:
    """Return the ItemWarehouses and StockPositions rows of a pair, making them on the first movement."""
    division = context.division
    links = division.table("ItemWarehouses").lookup("Item", item["ID"]) or []
    link = next((row for row in links if row["Warehouse"] == warehouse["ID"]), None)
    if link is None:
        stamps = {"Division": division.code}
        new = item_warehouse(item, warehouse, context.guid(), stamps)
        link = division.table("ItemWarehouses").insert(new, stamp=context.user)
    positions = division.table("StockPositions").lookup("ItemId", item["ID"]) or []
    position = next((row for row in positions if row["Warehouse"] == warehouse["ID"]), None)
    if position is None:
        position = division.table("StockPositions").insert(position_of(link, context.guid()))
    return link, position


def move(
    context: Context,
    item: Row,
    warehouse: Row | None,
    *,
    planned_in: float = 0.0,
    planned_out: float = 0.0,
    stock: float = 0.0,
) -> None:
    """Change the figures of an item in a warehouse; the stock position gets a new version."""
    if warehouse is None or not item.get("IsStockItem") or not (planned_in or planned_out or stock):
        return
    link, position = _linked(context, item, warehouse)
    projected = stock + planned_in - planned_out
    context.division.table("ItemWarehouses").refresh(
        link["ID"],
        {},
        add={
            "CurrentStock": stock,
            "PlannedStockIn": planned_in,
            "PlannedStockOut": planned_out,
            "ProjectedStock": projected,
        },
    )
    context.division.table("StockPositions").add(
        position["ID"],
        {
            "CurrentStock": stock,
            "FreeStock": stock,
            "PlanningIn": planned_in,
            "PlanningOut": planned_out,
            "ProjectedStock": projected,
        },
    )
    if stock:
        context.division.table("Items").refresh(item["ID"], {}, add={"Stock": stock})


def planning_row(guid: str, division: int, kind: int, line: Row, header: Row, number: int, warehouse: Row) -> Row:
    """Return the planning detail of an open document line."""
    text, source, path = _TYPES[kind]
    order_id = header["OrderID"] if kind == DELIVERY else header["PurchaseOrderID"]
    day = line.get("DeliveryDate") if kind == DELIVERY else line.get("ReceiptDate")
    return {
        "ID": guid, "Division": division, "_line": line["ID"], "Item": line["Item"], "ItemCode": line["ItemCode"],
        "ItemDescription": line["ItemDescription"], "Warehouse": warehouse["ID"], "WarehouseCode": warehouse["Code"],
        "WarehouseDescription": warehouse["Description"], "PlannedDate": day, "PlannedQuantity": outstanding(line,
                                                                                                             kind),
        "PlanningType": kind, "PlanningTypeDescription": text, "PlanningSourceDescription": source,
        "PlanningSourceID": order_id, "PlanningSourceLineNumber": line["LineNumber"], "PlanningSourceNumber": number,
        "PlanningSourceUrl": f"/api/v1/{division}/{path}(guid'{order_id}')",
    }  # fmt: skip


def outstanding(line: Row, kind: int) -> float:
    """Return what an open line still moves: negative for a delivery, positive for a receipt."""
    if kind == DELIVERY:
        return float(round(line.get("QuantityDelivered", 0.0) - line["Quantity"], 6))
    return float(round(line["Quantity"] - line.get("ReceivedQuantity", 0.0), 6))


def plan(context: Context, kind: int, line: Row, header: Row, warehouse: Row | None) -> None:
    """Plan a new document line: its detail and the planning figures."""
    item = context.division.table("Items").get(line["Item"])
    if item is None or warehouse is None or not item.get("IsStockItem"):
        return
    quantity = outstanding(line, kind)
    if not quantity:
        return
    row = planning_row(context.guid(), context.division.code, kind, line, header, header["OrderNumber"], warehouse)
    context.division.table("ItemWarehousePlanningDetails").insert(row)
    if kind == DELIVERY:
        move(context, item, warehouse, planned_out=-quantity)
    else:
        move(context, item, warehouse, planned_in=quantity)


def unplan(context: Context, kind: int, line: Row) -> None:
    """Take a line's planning away again, whatever of it is left."""
    table = context.division.table("ItemWarehousePlanningDetails")
    for row in table.lookup("_line", line["ID"]) or []:
        item = context.division.table("Items").get(row["Item"])
        warehouse = context.division.table("Warehouses").get(row["Warehouse"])
        table.delete(row["ID"])
        if item is None:
            continue
        if kind == DELIVERY:
            move(context, item, warehouse, planned_out=row["PlannedQuantity"])
        else:
            move(context, item, warehouse, planned_in=-row["PlannedQuantity"])
