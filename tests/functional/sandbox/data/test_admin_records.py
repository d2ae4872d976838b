"""What somebody does in Exact's own pages, through the record routes: removals, moved prices, many rows at once."""

from __future__ import annotations

from exact_sandbox.admin.records import remove_record
from exact_sandbox.world.store import Row
from functional.sandbox.data.worlds import Office


def received(office: Office) -> tuple[Row, Row]:
    """Receive a whole open purchase order line; return the receipt and the line as it was."""
    line = next(
        row for row in office.rows("PurchaseOrderLines")
        if not row["ReceivedQuantity"] and (office.division.table("Items").get(row["Item"]) or {})["IsStockItem"]
        and (office.division.table("PurchaseOrders").get(row["PurchaseOrderID"]) or {})["OrderStatus"] == 10
    )  # fmt: skip
    lines = [{"PurchaseOrderLineID": line["ID"], "QuantityReceived": line["Quantity"]}]
    return office.post("GoodsReceipts", {"ReceiptDate": "2026-06-15", "GoodsReceiptLines": lines}), line


def test_a_removed_receipt_gives_its_goods_back(office: Office) -> None:
    items = office.division.table("Items")
    receipt, line = received(office)
    held = office.position(items.get(line["Item"]) or {})
    remove_record(office.division, "GoodsReceipts", receipt["ID"])
    position = office.position(items.get(line["Item"]) or {})
    assert position["CurrentStock"] == held["CurrentStock"] - line["Quantity"]
    assert position["PlanningIn"] == held["PlanningIn"] + line["Quantity"]
    after = office.division.table("PurchaseOrderLines").get(line["ID"]) or {}
    order = office.division.table("PurchaseOrders").get(line["PurchaseOrderID"]) or {}
    assert (after["ReceivedQuantity"], order["ReceiptStatus"]) == (0.0, 10)
    assert receipt["ID"] not in office.division.table("GoodsReceipts")
    assert (office.division.table("GoodsReceiptLines").lookup("GoodsReceiptID", receipt["ID"]) or []) == []


def test_a_receipt_has_no_number_in_the_deletions(office: Office) -> None:
    receipt, _ = received(office)
    remove_record(office.division, "GoodsReceipts", receipt["ID"])
    assert office.rows("Deleted") == []


def test_a_removed_order_takes_its_lines_along(office: Office) -> None:
    order = office.order({"Item": office.item()["ID"]}, {"Item": office.item()["ID"]})
    lines = [line["ID"] for line in office.lines(order)]
    remove_record(office.division, "SalesOrders", order["OrderID"])
    assert office.lines(order) == []
    assert {(row["EntityType"], row["EntityKey"]) for row in office.rows("Deleted")} == {
        (32, order["OrderID"]), *((33, line) for line in lines)}  # fmt: skip
