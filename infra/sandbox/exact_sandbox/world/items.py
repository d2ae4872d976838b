"""The items of a company with their prices, price lists, suppliers' prices and bills of material."""

from __future__ import annotations

from dataclasses import dataclass, field

from exact_sandbox.world.base import CURRENCIES, Base
from exact_sandbox.world.kit import Kit, Row, unit_code, vat_code
from exact_sandbox.world.texts import BRANDS, COLOURS, GOODS, MATERIALS, ODD_ITEMS, SEASONS, SIZES, ean13

PRICE_LISTS: tuple[tuple[str, str, str, int], ...] = (
    # code, description, currency, entity (1 item, 2 item group)
    ("DEALER", "Dealerprijzen", "EUR", 1),
    ("HORECA", "Horeca", "EUR", 1),
    ("GROEP", "Kortingen per artikelgroep", "EUR", 2),
    ("EXPORT", "Export dollar", "USD", 1),
    ("INTERN", "Interne leveringen", "EUR", 1),
    ("OUD", "Vervallen lijst", "EUR", 1),
)


@dataclass
class Goods:
    """What the later parts need: item rows, their sales price and their cost."""

    rows: list[Row] = field(default_factory=list)
    prices: list[float] = field(default_factory=list)
    sellable: list[int] = field(default_factory=list)
    """Positions of the active sales items."""


def generate_items(kit: Kit, base: Base, count: int) -> Goods:
    """Make the items; every trap that a real list holds is among the first two hundred and again later."""
    goods = Goods()
    for number in range(count):
        row, price = _item(kit, base, number)
        goods.rows.append(row)
        goods.prices.append(price)
        if row["IsSalesItem"] and "EndDate" not in row and row["StartDate"] <= kit.today:
            goods.sellable.append(number)
    base.put("Items", goods.rows)
    return goods


def _item(kit: Kit, base: Base, number: int) -> tuple[Row, float]:
    draw = kit.random.random
    noun, group_code, low_vat, typical = GOODS[int(draw() * len(GOODS))]
    colour_code, colour = COLOURS[int(draw() * len(COLOURS))]
    material_code, material = MATERIALS[int(draw() * len(MATERIALS))]
    brand, size = int(draw() * len(BRANDS)), SIZES[int(draw() * len(SIZES))]
    price = round(typical * (0.6 + draw()), 2)
    cost = round(price * (0.45 + 0.2 * draw()), 4)
    group = base.groups[group_code]
    incl = draw() < 0.08
    vat = base.vats[("1" if incl else "2") if low_vat else ("3" if incl else "4")]
    code, title = (f"{100001 + number}", f"{noun} {material} {colour} {size}")
    service = number % 97 == 50
    if number < 3 * len(ODD_ITEMS) and number % 3 == 2:
        code, title = ODD_ITEMS[number // 3]
    elif number % 11 == 4:
        code = f"{group_code[:2]}-{number + 1:06d}"
    unit = base.units["hour" if service else "kg" if number % 53 == 7 else "pc"]
    guid = kit.guid()
    row: Row = {
        "ID": guid, "Code": code, "Description": title[:60], "ItemGroup": group["ID"], "ItemGroupCode": group_code,
        "ItemGroupDescription": group["Description"], "Unit": unit["Code"], "UnitDescription": unit["Description"],
        "UnitType": unit["Type"], "SalesVatCode": vat["Code"], "SalesVatCodeDescription": vat["Description"],
        "StartDate": kit.day(-30 - number % 1500), "IsSalesItem": True, "IsPurchaseItem": not service,
        "IsStockItem": not service, "IsWebshopItem": int(number % 5 != 3),
        "IsFractionAllowedItem": unit["Code"][:2] == "kg",
        "IsSerialItem": False, "IsPackageItem": False, "IsSubcontractedItem": False, "IsMakeItem": 0,
        "IsTime": int(service),
        "IsOnDemandItem": 0, "IsBatchItem": 0, "IsNewContract": 0, "CopyRemarks": 0, "StatisticalUnits": 1.0,
        "IsRegistrationCodeItem": 0, "IsBatchNumberItem": 0, "SecurityLevel": 10,
        "CostPriceStandard": cost, "CostPriceCurrency": "EUR", "AverageCost": cost, "StandardSalesPrice": price,
        "Barcode": ean13(10_000_000 + number), "SearchCode": title.upper()[:20], "NetWeightUnit": "kg",
        "NetWeight": round(0.1 + 4 * draw(), 3), "GrossWeight": round(0.2 + 4.5 * draw(), 3),
        "Class_01": colour_code, "Class_02": material_code, "Class_03": SEASONS[number % 4][0], "Class_04": f"M{brand}",
        "FreeTextField_01": BRANDS[brand], "FreeNumberField_01": float(number % 500),
        "FreeBoolField_01": number % 4 != 1,
        **kit.audit(),
    }  # fmt: skip
    _revenue(row, base, low_vat)
    _texts(row, number, title)
    _free_fields(row, number, kit)
    _traps(row, number, kit)
    _picture(row, number)
    return row, price


def _revenue(row: Row, base: Base, low_vat: int) -> None:
    for name, code in (("GLRevenue", "8010" if low_vat else "8000"), ("GLCosts", "7000"), ("GLStock", "3000")):
        ledger = base.ledgers[code]
        row[name], row[f"{name}Code"], row[f"{name}Description"] = ledger["ID"], code, ledger["Description"]


def _texts(row: Row, number: int, title: str) -> None:
    case = number % 6
    if case == 0:
        row["ExtraDescription"] = f"{title}, kwaliteit uit eigen atelier; {(6, 12, 24, 1)[number // 6 % 4]} stuks; doos"
    elif case == 1:
        row["ExtraDescription"] = f"{title}|{('2,5', '12', 'twaalf', '0')[number // 6 % 4]}|per laag"
    elif case == 2:
        row["ExtraDescription"] = "   "
    if number % 7 == 0:
        row["Notes"] = f"Let op: {title}.\r\nMaat kan 0,5 cm afwijken – “handgemaakt”."
    if number % 13 == 5:
        row["SearchCode"] = ("12", "2,5", "6.0", "00024")[number // 13 % 4]
    elif number % 13 == 8:
        row["SearchCode"] = ean13(80_000_000 + number)
    if number % 17 == 3:
        del row["Barcode"]
    if number % 19 == 4:
        del row["SearchCode"]


def _free_fields(row: Row, number: int, kit: Kit) -> None:
    if number % 2 == 0:
        row["FreeTextField_02"] = ("2,5", "0,75", "1.5", "10", "ca. 3,2 l")[number % 5]
        row["FreeTextField_04"] = ("12", "6", "2,5", "0", "per stuk", "-4", " 24 ")[number // 2 % 7]
    if number % 3 == 0:
        row["FreeTextField_03"] = ("ja", "nee", "N", "1", "0", "false")[number // 3 % 6]
        row["FreeNumberField_02"] = (12.0, 6.0, 2.5, 0.0)[number // 3 % 4]
    if number % 10 == 9:
        row["FreeTextField_05"] = ("Uitlopend", "Nieuw", " Phase out ")[number // 10 % 3]
    if number % 5 == 0:
        row["FreeTextField_06"] = ("donkerrood; mat", "RAL 7016", "naturel (ongelakt)")[number // 5 % 3]
        row["FreeTextField_07"] = "Maat 45 x 45 cm, dikte 1,5 cm"
        row["FreeNumberField_03"] = 4.5 + number % 20
        row["FreeDateField_02"] = kit.day(number % 400 - 100)
        row["FreeBoolField_03"] = number % 10 == 0
    if number % 4 == 2:
        row["FreeDateField_01"] = kit.day(-number % 700)
        row["FreeBoolField_02"] = number % 8 == 2
    if number % 23 == 11:
        del row["FreeBoolField_01"]
        del row["FreeNumberField_01"]


def _traps(row: Row, number: int, kit: Kit) -> None:
    case = number % 100
    if case in (10, 60):
        row["EndDate"] = kit.day(-1 - number % 300)
    elif case == 11:
        row["EndDate"] = kit.today
    elif case == 12:
        row["EndDate"] = kit.day(40)
    elif case == 13:
        row["StartDate"] = kit.day(14)
    elif case in (20, 70):
        row["IsSalesItem"] = False
    elif case == 21:
        row |= {"IsSalesItem": False, "IsWebshopItem": 0, "ItemGroupDescription": row["ItemGroupDescription"]}
    elif case == 30:
        for name in ("Class_01", "Class_02", "Class_03", "Class_04", "NetWeight", "GrossWeight", "NetWeightUnit",
                     "FreeTextField_01", "CostPriceStandard", "AverageCost"):  # fmt: skip
            row.pop(name, None)
    elif case == 31:
        row["Class_01"] = "??"
    elif case == 32:
        del row["SalesVatCode"], row["SalesVatCodeDescription"]
    elif case == 33:
        row |= {"SalesVatCode": vat_code("0"), "SalesVatCodeDescription": "Geen btw"}
    elif case == 34:
        row |= {"SalesVatCode": vat_code("5"), "SalesVatCodeDescription": "Btw verlegd binnenland"}
    elif case == 40:
        row |= {"IsStockItem": False, "IsOnDemandItem": 1}
    elif case == 41:
        row["IsBatchItem"] = row["IsBatchNumberItem"] = 1
    elif case == 42:
        row["IsSerialItem"] = row["IsSerialNumberItem"] = True
    elif case == 43:
        row |= {"IsMakeItem": 1, "BatchQuantity": 10.0}
    elif case == 44:
        row["IsPackageItem"] = True
    elif case == 45:
        row["Description"] = f"  {row['Description'][:50]}  "
    elif case == 46:
        row.pop("IsWebshopItem")


def _picture(row: Row, number: int) -> None:
    if number % 3 == 0:
        suffix = ("jpg", "png", "PNG")[number // 3 % 3]
        row["PictureName"] = f"{row['Code'].replace('/', '_')} foto.{suffix}"
        row["PictureUrl"] = f"/docs/SysImage.aspx?Table=Items&ID={row['ID']}&_Division_={row['Division']}"
        row["PictureThumbnailUrl"] = f"{row['PictureUrl']}&ThumbSize=150"
    else:
        row["PictureUrl"] = row["PictureThumbnailUrl"] = "/docs/images/placeholder_item.png"


def _price(kit: Kit, item: Row, price: float, start: int, **more: object) -> Row:
    row: Row = {
        "ID": kit.guid(), "Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
        "Currency": "EUR", "Price": round(price, 4), "Quantity": 0.0, "StartDate": kit.day(start),
        "Unit": item["Unit"], "UnitDescription": item["UnitDescription"], "NumberOfItemsPerUnit": 1.0,
        "DefaultItemUnit": item["Unit"], "DefaultItemUnitDescription": item["UnitDescription"], **kit.audit(), **more,
    }  # fmt: skip
    if "Barcode" in item:
        row["Barcode"] = item["Barcode"]
    return row


def generate_prices(kit: Kit, base: Base, goods: Goods, accounts: list[Row]) -> None:
    """Make the sales prices: standard, ended, future, tiers, other currencies and units, and customers' agreements."""
    box = {"Unit": unit_code("box"), "UnitDescription": "Doos", "NumberOfItemsPerUnit": 12.0}
    rows: list[Row] = []
    for number, (item, price) in enumerate(zip(goods.rows, goods.prices, strict=True)):
        if not item["IsSalesItem"] and number % 2:
            continue
        start = -25 - number % 800
        if number % 33 == 29:
            rows.append(_price(kit, item, price * 0.9, start - 400, EndDate=kit.day(start)))
            continue  # no active standard row: only Items.StandardSalesPrice has the price
        if number % 100 == 37:
            continue
        rows.append(_price(kit, item, price, start))
        if number % 5 == 1:
            rows.append(_price(kit, item, price * 0.93, start - 365, EndDate=kit.day(start - 1)))
        if number % 21 == 2:
            rows[-1]["EndDate"] = rows[-1].get("EndDate") or kit.day(30)
            rows.append(_price(kit, item, price * 1.05, 31))
        if number % 10 == 3:
            rows.append(_price(kit, item, price * 0.95, start, Quantity=10.0))
            rows.append(_price(kit, item, price * 0.9, start, Quantity=50.0))
        if number % 10 == 6:
            rows.append(_price(kit, item, price / CURRENCIES[1][2], start, Currency="USD"))
        if number % 40 == 9:
            rows.append(_price(kit, item, price / CURRENCIES[2][2], start, Currency="GBP"))
        if number % 12 == 5:
            rows.append(_price(kit, item, price * 11, start, **box))
    sellable = goods.sellable
    for account in accounts[: max(4, len(accounts) // 5)] if sellable else []:
        for _ in range(1 + kit.random.randrange(6)):
            position = sellable[kit.random.randrange(len(sellable))]
            case = kit.random.randrange(8)
            more: Row = {"Account": account["ID"], "AccountName": account["Name"]}
            more |= {"EndDate": kit.day(-5)} if case == 0 else {"Quantity": 25.0} if case == 1 else {}
            start = 10 if case == 2 else -90
            rows.append(_price(kit, goods.rows[position], goods.prices[position] * 0.8, start, **more))
    base.put("SalesItemPrices", rows)


def generate_price_lists(kit: Kit, base: Base, goods: Goods) -> None:
    """Make price lists with active, ended and special-offer periods, and their volume discounts."""
    for code, text, currency, entity in PRICE_LISTS:
        row: Row = {"ID": kit.guid(), "Code": code, "Description": text, "Currency": currency, "Entity": entity,
                    "Type": 1, **kit.audit()}  # fmt: skip
        base.price_lists[code] = row
        base.put("SalesPriceLists", [row])
        periods: list[tuple[int, int, int | None]] = [(1, -300, None)] if code != "OUD" else [(1, -900, -100)]
        if code == "DEALER":
            periods += [(2, -10, 20), (1, -900, -301)]
        for kind, start, end in periods:
            period: Row = {"ID": kit.guid(), "PriceList": row["ID"], "Currency": currency, "Type": kind,
                           "StartDate": kit.day(start), **kit.audit()}  # fmt: skip
            if end is not None:
                period["EndDate"] = kit.day(end)
            base.put("SalesPriceListPeriods", [period])
            if entity == 2:
                _group_discounts(kit, base, row, period)
            else:
                _item_discounts(kit, base, goods, row, period)


def _discount(kit: Kit, price_list: Row, period: Row, **more: object) -> Row:
    return {"ID": kit.guid(), "PriceListPeriod": period["ID"], "PriceListCode": price_list["Code"],
            "PriceListDescription": price_list["Description"], **kit.audit(), **more}  # fmt: skip


def _group_discounts(kit: Kit, base: Base, price_list: Row, period: Row) -> None:
    base.put("SalesPriceListVolumeDiscounts", (
        _discount(kit, price_list, period, ItemGroup=group["ID"], ItemGroupCode=group["Code"], Quantity=quantity,
                  ItemGroupDescription=group["Description"], Discount=discount, EntryMethod=1)
        for group in list(base.groups.values())[:6] for quantity, discount in ((1.0, 0.05), (100.0,
                                                                                             0.12))))  # fmt: skip


def _item_discounts(kit: Kit, base: Base, goods: Goods, price_list: Row, period: Row) -> None:
    step = 2 if period["Type"] == 1 else 15
    step *= {"DEALER": 1, "HORECA": 4, "EXPORT": 10, "INTERN": 20, "OUD": 20}[price_list["Code"]]
    rate = 0.92 if price_list["Currency"] == "USD" else 1.0
    rows = []
    for position in goods.sellable[::step]:
        item, amount = goods.rows[position], round(goods.prices[position] / rate, 4)
        common: Row = {"Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
                       "BasePriceAmount": amount, "NumberOfItemsPerUnit": 1.0, "Unit": item["Unit"],
                       "UnitDescription": item["UnitDescription"], "SalesUnit": item["Unit"]}  # fmt: skip
        share = 0.3 if period["Type"] == 2 else (0.1, 0.15, 0.055, 0.0)[position % 4]
        if position % 3:
            rows.append(_discount(kit, price_list, period, Quantity=1.0, Discount=share, EntryMethod=1,
                                  NewPrice=round(amount * (1 - share), 4), **common))  # fmt: skip
        else:
            rows.append(_discount(kit, price_list, period, Quantity=1.0, EntryMethod=2,
                                  NewPrice=round(amount * (1 - share), 2), Discount=share, **common))  # fmt: skip
        if position % 5 == 0:
            rows.append(_discount(kit, price_list, period, Quantity=24.0, Discount=share + 0.05, EntryMethod=1,
                                  NewPrice=round(amount * (0.95 - share), 4), **common))  # fmt: skip
    base.put("SalesPriceListVolumeDiscounts", rows)


def generate_suppliers_items(kit: Kit, base: Base, goods: Goods, suppliers: list[Row]) -> None:
    """Make one or two supplier links per purchased item, and the purchase prices behind them."""
    links: list[Row] = []
    prices: list[Row] = []
    for number, (item, price) in enumerate(zip(goods.rows, goods.prices, strict=True)):
        if not item["IsPurchaseItem"] or number % 41 == 40:
            continue
        for rank in range(2 if number % 9 == 0 else 1):
            supplier = suppliers[(number // 7 + rank * 3) % len(suppliers)]
            links.append(_supplier_item(kit, base, item, supplier, number, rank, round(price * (0.5 + 0.03 * rank), 4)))
            prices.append(_purchase_price(kit, links[-1], item))
    base.put("SupplierItem", links)
    base.put("PurchaseItemPrices", prices)


def _supplier_item(kit: Kit, base: Base, item: Row, supplier: Row, number: int, rank: int, price: float) -> Row:
    factor = (1.0, 12.0, 6.0, 1.0, 24.0)[number % 5]
    unit = base.units["pc" if factor == 1.0 else "box"]
    row: Row = {
        "ID": kit.guid(), "Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
        "ItemUnit": base.units[item["Unit"].strip()]["ID"], "ItemUnitCode": item["Unit"],
        "ItemUnitDescription": item["UnitDescription"], "Supplier": supplier["ID"], "SupplierCode": supplier["Code"],
        "SupplierDescription": supplier["Name"], "MainSupplier": rank == 0, "PurchaseUnit": unit["Code"],
        "PurchaseUnitDescription": unit["Description"], "PurchaseUnitFactor": factor, "Currency": "EUR",
        "CurrencyDescription": "Euro", "PurchasePrice": 0.0 if number % 60 == 17 else round(price * factor, 4),
        "MinimumQuantity": (0.0, 1.0, 10.0)[number % 3], "PurchaseLotSize": (1, 1, 5)[number % 3],
        "PurchaseLeadTime": (3, 7, 14, 42, 0)[number % 5], "DropShipment": number % 3, "CopyRemarks": 0,
        "PurchaseVATCode": vat_code("4"), "StartDate": kit.day(-200 - number % 300), **kit.audit(),
    }  # fmt: skip
    if number % 2:
        row |= {"CountryOfOrigin": "CN ", "CountryOfOriginDescription": "China"}
    if number % 4:
        row["SupplierItemCode"] = f"{supplier['Code'].strip()}/{number:05d}"
    if "Barcode" in item:
        row["Barcode"] = item["Barcode"]
    return row


def _purchase_price(kit: Kit, link: Row, item: Row) -> Row:
    row: Row = {"ID": link["ID"], "Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
                "Account": link["Supplier"], "AccountName": link["SupplierDescription"], "Currency": "EUR",
                "Price": link["PurchasePrice"], "Quantity": link["MinimumQuantity"], "StartDate": link["StartDate"],
                "NumberOfItemsPerUnit": link["PurchaseUnitFactor"], "Unit": link["PurchaseUnit"],
                "UnitDescription": link["PurchaseUnitDescription"], "DefaultItemUnit": item["Unit"],
                "DefaultItemUnitDescription": item["UnitDescription"], **kit.audit()}  # fmt: skip
    return row


def generate_bills(kit: Kit, base: Base, goods: Goods) -> None:
    """Make manufacturing recipes for make items and assembly bills for package items."""
    parts = goods.sellable
    if not parts:
        return
    for number, item in enumerate(goods.rows):
        if item["IsMakeItem"]:
            _recipe(kit, base, goods, item, number)
        elif item["IsPackageItem"]:
            _assembly(kit, base, goods, item, number)


def _parts(goods: Goods, number: int) -> list[Row]:
    count = len(goods.sellable)
    found = {goods.sellable[(number * 7 + step * 13) % count] for step in range(1, 4)}
    return [goods.rows[position] for position in sorted(found)]


def _recipe(kit: Kit, base: Base, goods: Goods, item: Row, number: int) -> None:
    for version, status, text in ((1, 40, "Historisch"), (2, 30, "Actief")):
        row: Row = {"ID": kit.guid(), "Item": item["ID"], "ItemDescription": item["Description"], "BatchQuantity": 10.0,
                    "VersionNumber": version, "Description": f"Recept {version}", "Status": status, "Type": 20,
                    "StatusDescription": text, "TypeDescription": "Productierecept", "IsDefault": int(version == 2),
                    "ProductionLeadDays": 5, "OrderLeadDays": 2, "VersionDate": kit.day(-400 + 200 * version),
                    "CalculatedCostPrice": item.get("CostPriceStandard", 0.0), **kit.audit()}  # fmt: skip
        base.put("BillOfMaterialVersions", [row])
        base.put("BillOfMaterialMaterials", (
            {"ID": kit.guid(), "ItemVersion": row["ID"], "PartItem": part["ID"], "PartItemCode": part["Code"],
             "PartItemDescription": part["Description"], "Description": part["Description"], "LineNumber": line,
             "Quantity": 0.5 * line, "QuantityBatch": 5.0 * line, "Type": 1, "Backflush": 1, "CalculatorType": 0,
             "PartItemCostPriceStandard": part.get("CostPriceStandard", 0.0), "Division": kit.division,
             **({"WastePercentage": 5.0} if line == 1 else {}), "syscreated": row["Created"],
             "syscreator": row["Creator"], "sysmodified": row["Modified"], "sysmodifier": row["Modifier"]}
            for line, part in enumerate(_parts(goods, number + version), 1)))  # fmt: skip


def _assembly(kit: Kit, base: Base, goods: Goods, item: Row, number: int) -> None:
    common: Row = {"AssembledLeadDays": 3, "BatchQuantity": 1.0, "UpdateCostPrice": False, "UseExplosion": 1}
    base.put("AssemblyBillOfMaterialHeader", [
        {"ID": item["ID"], "Code": item["Code"], "Description": item["Description"],
         "CostPrice": item.get("CostPriceStandard", 0.0), **common, **kit.audit()}])  # fmt: skip
    base.put("AssemblyBillOfMaterialMaterials", (
        {"ID": kit.guid(), "AssembledItem": item["ID"], "AssembledItemCode": item["Code"],
         "AssembledItemDescription": item["Description"], "PartItem": part["ID"], "PartItemCode": part["Code"],
         "PartItemDescription": part["Description"], "LineNumber": line, "Quantity": float(line),
         "QuantityBatch": float(line), **common, **kit.audit()}
        for line, part in enumerate(_parts(goods, number), 1)))  # fmt: skip
