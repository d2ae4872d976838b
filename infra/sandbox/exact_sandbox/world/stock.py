"""Stock per item and warehouse, with what open documents still plan to bring in and take out."""

from __future__ import annotations

from exact_sandbox.world.base import Base
from exact_sandbox.world.kit import Kit, Row

Planned = dict[tuple[str, str], list[float]]
"""(item, warehouse) -> [planned in, planned out] of the open documents."""


def position_of(item_warehouse: Row, position_id: str) -> Row:
    """Derive the StockPositions row from an ItemWarehouses row."""
    return {
        "ID": position_id, "ItemId": item_warehouse["Item"], "Warehouse": item_warehouse["Warehouse"],
        "Division": item_warehouse["Division"], "UnitCode": item_warehouse["ItemUnit"],
        "UnitDescription": item_warehouse["ItemUnitDescription"], "PlanningIn": item_warehouse["PlannedStockIn"],
        "PlanningOut": item_warehouse["PlannedStockOut"], "CurrentStock": item_warehouse["CurrentStock"],
        "FreeStock": round(item_warehouse["CurrentStock"] - item_warehouse["ReservedStock"], 6),
        **{name: item_warehouse[name] for name in ("ItemCode", "ItemDescription", "WarehouseCode",
                                                   "WarehouseDescription",
                                                   "ProjectedStock", "ReorderPoint", "ReservedStock")},
    }  # fmt: skip


def item_warehouse(item: Row, warehouse: Row, guid: str, audit: Row) -> Row:
    """Return an empty link of an item to a warehouse."""
    row: Row = {
        "ID": guid, "Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
        "ItemUnit": item["Unit"], "ItemUnitDescription": item["UnitDescription"],
        "ItemStartDate": item.get("StartDate"),
        "ItemEndDate": item.get("EndDate"), "ItemBarcode": item.get("Barcode"), "ItemIsStockItem": item["IsStockItem"],
        "ItemIsFractionAllowedItem": item["IsFractionAllowedItem"], "Warehouse": warehouse["ID"],
        "WarehouseCode": warehouse["Code"], "WarehouseDescription": warehouse["Description"], "CurrentStock": 0.0,
        "PlannedStockIn": 0.0, "PlannedStockOut": 0.0, "ProjectedStock": 0.0, "ReservedStock": 0.0, "ReorderPoint": 0.0,
        "SafetyStock": 0.0, "MaximumStock": 0.0, "ReorderQuantity": 0.0, "OrderPolicy": 1, "ReplenishmentType": 1,
        "PlanningDetailsUrl": f"/api/v1/{audit['Division']}/inventory/ItemWarehousePlanningDetails"
                              f"?$filter=Item eq guid'{item['ID']}' and Warehouse eq guid'{warehouse['ID']}'",
        **audit,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def generate_stock(kit: Kit, base: Base, items: list[Row], planned: Planned) -> None:
    """Make ItemWarehouses, StockPositions and stock per storage location."""
    links: list[Row] = []
    positions: list[Row] = []
    first_location, main = base.locations[0], base.warehouses[0]
    for number, item in enumerate(items):
        if not item["IsStockItem"]:
            continue
        total = 0.0
        for place, warehouse in enumerate(base.warehouses):
            plan = planned.get((item["ID"], warehouse["ID"]))
            if plan is None and place and (number + place) % (place + 1):
                continue
            row = item_warehouse(item, warehouse, kit.guid(), kit.audit())
            _fill(row, kit, number, place, plan or [0.0, 0.0])
            links.append(row)
            total += row["CurrentStock"]
            positions.append(position_of(row, kit.guid()))
            if warehouse is main and number % 20 == 0:
                _location(kit, base, row, first_location)
        item["Stock"] = total
    base.put("ItemWarehouses", links)
    base.put("StockPositions", positions)


def _fill(row: Row, kit: Kit, number: int, place: int, plan: list[float]) -> None:
    stock = float(int(kit.random.random() ** 2 * 400)) if (number + place) % 7 else 0.0
    if number % 61 == 8:
        stock = -3.0
    if row["ItemIsFractionAllowedItem"]:
        stock += 0.375
    reserved = 2.0 if number % 31 == 4 and stock > 5 else 0.0
    row |= {"CurrentStock": stock, "PlannedStockIn": plan[0], "PlannedStockOut": plan[1], "ReservedStock": reserved,
            "ProjectedStock": round(stock + plan[0] - plan[1], 6)}  # fmt: skip
    if number % 3 == 0:
        row |= {"ReorderPoint": 20.0, "SafetyStock": 5.0, "MaximumStock": 500.0, "OrderPolicy": 2,
                "ReorderQuantity": (12.0, 6.0, 24.0, 2.5)[number // 3 % 4]}  # fmt: skip


def _location(kit: Kit, base: Base, link: Row, location: Row) -> None:
    shared: Row = {name: link[name] for name in ("Item", "ItemCode", "ItemDescription", "Warehouse", "WarehouseCode",
                                                 "WarehouseDescription")}  # fmt: skip
    shared |= {"StorageLocation": location["ID"], "StorageLocationCode": location["Code"],
               "StorageLocationDescription": location["Description"]}  # fmt: skip
    base.put("ItemWarehouseStorageLocations", [
        {"ID": kit.guid(), **shared, "Stock": link["CurrentStock"], "IsStockItem": 1, "IsFractionAllowedItem": 0,
         "ItemUnit": link["ItemUnit"], "ItemUnitDescription": link["ItemUnitDescription"], "Type": 1,
         "StorageLocationSequenceNumber": 1, "MaximumStock": 500.0, "MinimumStock": 5.0, **kit.audit()}])  # fmt: skip
    base.put("StorageLocationStockPositions", [
        {"ID": kit.guid(), **shared, "Stock": link["CurrentStock"], "QuantityToPicked": 0.0, "ReservedPick": 0.0,
         "SerialBatchReservedStock": 0.0, "UnitCode": link["ItemUnit"], "Division": link["Division"],
         "UnitDescription": link["ItemUnitDescription"]}])  # fmt: skip
