"""Items and sales item prices: code and description are needed, prices live in their own rows."""

from __future__ import annotations

from typing import Any

from exact_sandbox.documents.context import Context, active, by_code, described
from exact_sandbox.documents.refusals import exists

Row = dict[str, Any]

PLACEHOLDER = "/docs/images/placeholder_item.png"
_LEDGERS = ("GLRevenue", "GLCosts", "GLStock")
_DEFAULTS: Row = {
    "IsSalesItem": True, "IsPurchaseItem": False, "IsStockItem": True, "IsWebshopItem": 0, "IsMakeItem": 0,
    "IsTime": 0, "IsOnDemandItem": 0, "IsBatchItem": 0, "IsNewContract": 0, "CopyRemarks": 0,
    "IsSerialItem": False, "IsPackageItem": False, "IsFractionAllowedItem": False, "IsSubcontractedItem": False,
    "IsRegistrationCodeItem": 0, "IsBatchNumberItem": 0, "SecurityLevel": 10, "StandardSalesPrice": 0.0, "Stock": 0.0,
    "StatisticalUnits": 1.0,
}  # fmt: skip


def create(context: Context, values: Row) -> Row:
    """Store a new item; unit, item group and ledgers get the company's defaults."""
    context.need(values, "Code", "Description")
    context.lengths("Items", values)
    if values.get("Code") and by_code(context.division, "Items", values["Code"]):
        raise exists(context.user.language)
    group = context.find("ItemGroups", values.get("ItemGroup"), "ItemGroup")
    if group is None:
        group = next((row for row in context.division.table("ItemGroups").rows() if row.get("IsDefault")), None)
    given = {**values, "ItemGroup": group["ID"] if group else None, "Unit": values.get("Unit") or "pc"}
    row = {**_DEFAULTS, "StartDate": context.today, "PictureUrl": PLACEHOLDER, "PictureThumbnailUrl": PLACEHOLDER,
           "CostPriceCurrency": context.division.currency, **{k: v for k,
                                                              v in given.items() if v is not None}}  # fmt: skip
    row["ID"] = values.get("ID") or context.guid()
    row |= _derived(context, row, given)
    context.check()
    return context.division.table("Items").insert(row, stamp=context.user)


def update(context: Context, item: Row, values: Row) -> None:
    """Change an item. Sending the code again counts as a duplicate, even the same one."""
    if values.get("Code") is not None:
        found = by_code(context.division, "Items", values["Code"])
        if found is not None:
            raise exists(context.user.language)
    for name in ("Code", "Description"):
        if name in values and not values[name]:
            context.problems.add("mandatory", name)
    context.lengths("Items", values)
    values = {name: value for name, value in values.items() if name not in ("ID", "CostPriceStandard", "AverageCost")}
    changes = {**values, **_derived(context, {**item, **values}, values)}
    context.check()
    context.division.table("Items").update(item["ID"], changes, stamp=context.user)
    spread_item(context, item["ID"], changes)


def _derived(context: Context, row: Row, given: Row) -> Row:
    found: Row = {}
    if "ItemGroup" in given:
        group = context.find("ItemGroups", given["ItemGroup"], "ItemGroup")
        found |= described(group, {"ItemGroupCode": "Code", "ItemGroupDescription": "Description"})
    if "Unit" in given:
        unit = context.find_code("Units", given["Unit"], "Unit")
        found |= described(unit, {"Unit": "Code", "UnitDescription": "Description", "UnitType": "Type"})
    if "SalesVatCode" in given:
        vat = context.find_code("VATCodes", given["SalesVatCode"], "VATCode")
        found |= described(vat, {"SalesVatCode": "Code", "SalesVatCodeDescription": "Description"})
    for name in _LEDGERS:
        if given.get(name):
            ledger = context.find("GLAccounts", given[name], "GLAccount")
            found |= described(ledger, {f"{name}Code": "Code", f"{name}Description": "Description"})
    if given.get("Picture") is not None:
        name = given.get("PictureName") or f"{row['Code']}.png"
        address = f"/docs/SysImage.aspx?Table=Items&ID={row['ID']}&_Division_={context.division.code}"
        context.division.table("Files").insert({"Name": f"Items/{row['ID']}/{context.guid()}", "Owner": row["ID"],
                                                "Bytes": given["Picture"]})  # fmt: skip
        found |= {"Picture": None, "PictureName": name, "PictureUrl": address,
                  "PictureThumbnailUrl": f"{address}&ThumbSize=150"}  # fmt: skip
    return found


def spread_item(context: Context, item_id: str, changes: Row) -> None:
    """Carry a new code or description into the rows that show it, without a new version of those."""
    shown = {f"Item{name}": changes[name] for name in ("Code", "Description") if name in changes}
    if not shown:
        return
    for table, link in (("SalesItemPrices", "Item"), ("ItemWarehouses", "Item"), ("StockPositions", "ItemId"),
                        ("SupplierItem", "Item")):  # fmt: skip
        store = context.division.table(table)
        for row in list(store.lookup(link, item_id) or []):
            store.refresh(row["ID"], shown)


def delete(context: Context, item: Row) -> None:
    """Remove an item with its prices and warehouse links; an item on a document stays."""
    for table in ("SalesOrderLines", "PurchaseOrderLines", "SalesInvoiceLines"):
        if context.division.table(table).lookup("Item", item["ID"]):
            context.problems.refuse("in_use", "Item")
    for table, link in (("SalesItemPrices", "Item"), ("SupplierItem", "Item"), ("ItemWarehouses", "Item"),
                        ("StockPositions", "ItemId")):  # fmt: skip
        store = context.division.table(table)
        for row in list(store.lookup(link, item["ID"]) or []):
            store.delete(row["ID"])
    context.division.table("Items").delete(item["ID"])


def create_price(context: Context, values: Row) -> Row:
    """Store a sales price: general, or an agreement when it names an account."""
    context.need(values, "Item")
    item = context.find("Items", values.get("Item"), "Item")
    if item is None:
        context.check()
    assert item is not None
    row = {"Quantity": 0.0, "NumberOfItemsPerUnit": 1.0, "StartDate": context.today, "Price": 0.0,
           "Currency": context.division.currency, **{k: v for k, v in values.items() if v is not None}}  # fmt: skip
    row["ID"] = values.get("ID") or context.guid()
    row |= _price_derived(context, item, {**row, "Unit": values.get("Unit") or item.get("Unit")})
    context.check()
    if _same_price(context, row):
        raise exists(context.user.language)
    stored = context.division.table("SalesItemPrices").insert(row, stamp=context.user)
    standard_again(context, item["ID"])
    return stored


def update_price(context: Context, price: Row, values: Row) -> None:
    """Change a sales price."""
    item = context.division.table("Items").get(price["Item"]) or {}
    values = {name: value for name, value in values.items() if name not in ("ID", "Item")}
    changes = {**values, **_price_derived(context, item, values)}
    context.check()
    context.division.table("SalesItemPrices").update(price["ID"], changes, stamp=context.user)
    standard_again(context, price["Item"])


def delete_price(context: Context, price: Row) -> None:
    """Remove a sales price."""
    context.division.table("SalesItemPrices").delete(price["ID"])
    standard_again(context, price["Item"])


def standard_again(context: Context, item_id: str) -> None:
    """Work StandardSalesPrice of an item out again: the active general price in the company's currency."""
    items = context.division.table("Items")
    item = items.get(item_id)
    if item is None:
        return
    rows = context.division.table("SalesItemPrices").lookup("Item", item_id) or []
    general = [
        row for row in rows
        if "Account" not in row and row["Currency"] == context.division.currency and row.get("Quantity", 0.0) <= 1
        and row.get("Unit") == item.get("Unit") and active(row, context.today)
    ]  # fmt: skip
    if general:
        items.refresh(item_id, {"StandardSalesPrice": max(general, key=lambda row: row["StartDate"])["Price"]})


def _price_derived(context: Context, item: Row, given: Row) -> Row:
    found: Row = described(item, {"ItemCode": "Code", "ItemDescription": "Description", "Barcode": "Barcode",
                                  "DefaultItemUnit": "Unit",
                                  "DefaultItemUnitDescription": "UnitDescription"})  # fmt: skip
    if given.get("Unit"):
        unit = context.find_code("Units", given["Unit"], "Unit")
        found |= described(unit, {"Unit": "Code", "UnitDescription": "Description"})
    if given.get("Account"):
        account = context.find("Accounts", given["Account"], "Account")
        found |= described(account, {"AccountName": "Name"})
    if given.get("Currency") and context.division.table("Currencies").get(given["Currency"]) is None:
        context.problems.add("reference", "Currency")
    return found


def _same_price(context: Context, row: Row) -> bool:
    names = ("Account", "Currency", "Quantity", "StartDate", "Unit")
    rows = context.division.table("SalesItemPrices").lookup("Item", row["Item"]) or []
    return any(all(each.get(name) == row.get(name) for name in names) for each in rows)
