"""The generated company: the same for its seed, true to the schema, consistent, and full of traps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.world.generate import COMPANIES, build
from exact_sandbox.world.store import Options, Row, World
from functional.sandbox.data.worlds import Office, small_world, still_clock

PYTHON_TYPES: dict[str, type] = {
    "String": str, "Guid": str, "Double": float, "Boolean": bool, "DateTime": datetime, "Byte": int, "Int16": int,
    "Int32": int, "Int64": int, "Binary": bytes,
}  # fmt: skip
GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
SAMPLED = (
    "Items", "ItemGroups", "Units", "VATCodes", "VatPercentages", "SalesItemPrices", "SalesPriceLists",
    "SalesPriceListPeriods", "SalesPriceListVolumeDiscounts", "SalesPriceListLinkedAccounts", "Warehouses",
    "ItemWarehouses", "StockPositions", "ItemWarehousePlanningDetails", "SupplierItem", "ItemAssortment",
    "ItemAssortmentProperty", "Accounts", "Contacts", "Addresses", "AccountClassifications",
    "AccountClassificationNames", "PaymentConditions", "ShippingMethods", "BankAccounts", "CommunicationNotes",
    "Documents", "DocumentAttachments", "DocumentTypes", "SalesOrders", "SalesOrderLines", "Quotations",
    "QuotationLines", "GoodsDeliveries", "GoodsDeliveryLines", "SalesInvoices", "SalesInvoiceLines", "ReceivablesList",
    "PayablesList", "Payments", "Receivables", "PurchaseEntries", "PurchaseEntryLines", "Transactions",
    "TransactionLines",
    "PurchaseOrders", "PurchaseOrderLines", "GoodsReceipts", "GoodsReceiptLines", "BillOfMaterialVersions",
    "BillOfMaterialMaterials", "AssemblyBillOfMaterialHeader", "AssemblyBillOfMaterialMaterials", "GLAccounts",
    "Journals", "ExchangeRates", "Currencies", "Costcenters", "Costunits", "Incoterms", "SalesChannels",
    "SelectionCodes", "StorageLocations", "ItemWarehouseStorageLocations", "StorageLocationStockPositions",
    "AddressStates", "CustomerItems", "PlannedSalesReturns", "PlannedSalesReturnLines", "OrderCharges",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop(shared_world: World) -> Office:
    return Office(shared_world)


def snapshot(world: World) -> dict[int, dict[str, list[Row]]]:
    return {
        code: {name: list(table.rows()) for name, table in division.tables.items()}
        for code, division in world.divisions.items()
    }


def test_the_same_seed_makes_the_same_world_and_another_seed_another(shared_world: World) -> None:
    assert snapshot(small_world()) == snapshot(shared_world)
    other = small_world(seed=4)
    assert snapshot(other) != snapshot(shared_world)


@pytest.mark.parametrize("entity", SAMPLED)
def test_every_entity_has_rows(shop: Office, entity: str) -> None:
    assert len(shop.division.table(entity)) > 0


def test_every_shown_value_has_the_type_of_its_field(shared_world: World) -> None:
    schema = load_schema()
    wrong = set()
    for division in shared_world.divisions.values():
        for name, table in division.tables.items():
            entity = schema.entities.get({"PurchaseItemPrices": "PurchaseItemPricesSync"}.get(name, name))
            fields = {} if entity is None else {**entity.fields, **entity.sync_fields, **entity.bulk_fields}
            for row in table.rows():
                for field, value in row.items():
                    if field in fields and type(value) is not PYTHON_TYPES[fields[field].type]:
                        wrong.add((name, field, type(value).__name__))
                    elif field in fields and fields[field].type == "Guid" and not GUID.fullmatch(value):
                        wrong.add((name, field, value))
    assert wrong == set()


REFERENCES = [
    ("Items", "ItemGroup", "ItemGroups"), ("SalesItemPrices", "Item", "Items"), ("SalesItemPrices", "Account",
                                                                                 "Accounts"),
    ("SupplierItem", "Supplier", "Accounts"), ("SupplierItem", "ItemUnit", "Units"), ("Contacts", "Account",
                                                                                      "Accounts"),
    ("Addresses", "Account", "Accounts"), ("Addresses", "Contact", "Contacts"), ("Accounts", "PriceList",
                                                                                 "SalesPriceLists"),
    ("Accounts", "InvoiceAccount", "Accounts"), ("Accounts", "MainContact", "Contacts"),
    ("Accounts", "ShippingMethod", "ShippingMethods"), ("Accounts", "Classification2", "AccountClassifications"),
    ("AccountClassifications", "AccountClassificationName", "AccountClassificationNames"),
    ("SalesPriceListPeriods", "PriceList", "SalesPriceLists"),
    ("SalesPriceListVolumeDiscounts", "PriceListPeriod", "SalesPriceListPeriods"),
    ("ItemWarehouses", "Item", "Items"), ("ItemWarehouses", "Warehouse", "Warehouses"),
    ("StockPositions", "ItemId", "Items"), ("SalesOrders", "OrderedBy", "Accounts"),
    ("SalesOrders", "DeliveryAddress", "Addresses"), ("SalesOrders", "WarehouseID", "Warehouses"),
    ("SalesOrderLines", "OrderID", "SalesOrders"), ("SalesOrderLines", "Item", "Items"),
    ("GoodsDeliveryLines", "EntryID", "GoodsDeliveries"), ("GoodsDeliveryLines", "SalesOrderLineID", "SalesOrderLines"),
    ("SalesInvoiceLines", "InvoiceID", "SalesInvoices"), ("SalesInvoiceLines", "GLAccount", "GLAccounts"),
    ("SalesInvoiceLines", "SalesOrderLine", "SalesOrderLines"), ("QuotationLines", "QuotationID", "Quotations"),
    ("PurchaseOrders", "Supplier", "Accounts"), ("PurchaseOrderLines", "PurchaseOrderID", "PurchaseOrders"),
    ("GoodsReceiptLines", "PurchaseOrderLineID", "PurchaseOrderLines"), ("GoodsReceiptLines", "GoodsReceiptID",
                                                                         "GoodsReceipts"),
    ("BillOfMaterialMaterials", "ItemVersion", "BillOfMaterialVersions"), ("BillOfMaterialMaterials", "PartItem",
                                                                           "Items"),
    ("AssemblyBillOfMaterialMaterials", "AssembledItem", "AssemblyBillOfMaterialHeader"),
    ("DocumentAttachments", "Document", "Documents"), ("CommunicationNotes", "Account", "Accounts"),
    ("PlannedSalesReturnLines", "GoodDeliveryLineID", "GoodsDeliveryLines"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "field", "target"), REFERENCES, ids=lambda value: str(value))
def test_every_reference_leads_to_a_row(shop: Office, table: str, field: str, target: str) -> None:
    keys = [row[field] for row in shop.rows(table) if field in row]
    assert keys
    assert all(key in shop.division.table(target) for key in keys)


@pytest.mark.parametrize(
    ("table", "field", "form"),
    [
        pytest.param("Accounts", "Code", r" *\d+", id="account codes to the right of 18"),
        pytest.param("Accounts", "Country", r"[A-Z]{2} ", id="countries"),
        pytest.param("Accounts", "SalesVATCode", r"\S+ *", id="VAT codes of accounts"),
        pytest.param("VATCodes", "Code", r"\w+ *", id="VAT codes"),
        pytest.param("Units", "Code", r"\w+ *", id="units"),
        pytest.param("Items", "Unit", r"\w+ *", id="units of items"),
        pytest.param("SupplierItem", "SupplierCode", r" *\d+", id="supplier codes"),
    ],
)
def test_codes_are_padded_as_on_the_wire(shop: Office, table: str, field: str, form: str) -> None:
    values = [row[field] for row in shop.rows(table) if field in row]
    width = {"Code": {"Accounts": 18, "VATCodes": 3, "Units": 8}, "Country": {"Accounts": 3}, "Unit": {"Items": 8},
             "SalesVATCode": {"Accounts": 3}, "SupplierCode": {"SupplierItem": 18}}[field][table]  # fmt: skip
    assert {len(value) for value in values} == {width}
    assert all(re.fullmatch(form, value) for value in values)


def today(shop: Office) -> datetime:
    return shop.world.clock.local().replace(hour=0, minute=0)


ITEM_TRAPS: dict[str, Callable[[Row, datetime], bool]] = {
    "ended yesterday or before": lambda row, day: row.get("EndDate", day) < day,
    "ends today": lambda row, day: row.get("EndDate") == day,
    "starts later": lambda row, day: row["StartDate"] > day,
    "not for sale": lambda row, _: not row["IsSalesItem"],
    "not in the webshop": lambda row, _: row.get("IsWebshopItem") == 0,
    "webshop flag empty": lambda row, _: "IsWebshopItem" not in row,
    "no barcode": lambda row, _: "Barcode" not in row,
    "no search code": lambda row, _: "SearchCode" not in row,
    "no VAT code": lambda row, _: "SalesVatCode" not in row,
    "VAT included": lambda row, _: row.get("SalesVatCode") in ("1  ", "3  "),
    "VAT type N": lambda row, _: row.get("SalesVatCode") == "0  ",
    "blank extra description": lambda row, _: row.get("ExtraDescription", "x").strip() == "",
    "decimal comma in a free text": lambda row, _: "," in row.get("FreeTextField_02", ""),
    "package size with decimal comma": lambda row, _: row.get("FreeTextField_04") == "2,5",
    "package size that is no number": lambda row, _: row.get("FreeTextField_04") == "per stuk",
    "free yes/no that says no": lambda row, _: row.get("FreeBoolField_01") is False,
    "free yes/no empty": lambda row, _: "FreeBoolField_01" not in row,
    "unknown class": lambda row, _: row.get("Class_01") == "??",
    "leading zeros in the code": lambda row, _: row["Code"] == "000123",
    "slash in the code": lambda row, _: "/" in row["Code"],
    "quote in the code": lambda row, _: "'" in row["Code"],
    "blank in the code": lambda row, _: " " in row["Code"],
    "accent in the code": lambda row, _: "É" in row["Code"],
    "emoji in the text": lambda row, _: "🌷" in row["Description"],
    "blanks around the text": lambda row, _: row["Description"].startswith("  "),
    "sold by weight": lambda row, _: row["IsFractionAllowedItem"],
    "a service": lambda row, _: not row["IsStockItem"] and row["IsTime"] == 1,
    "placeholder picture": lambda row, _: "placeholder" in row["PictureUrl"] and "PictureName" not in row,
    "own picture": lambda row, _: "placeholder" not in row["PictureUrl"] and bool(row["PictureName"]),
}  # fmt: skip


@pytest.mark.parametrize("trap", ITEM_TRAPS)
def test_the_items_hold_this_trap(shop: Office, trap: str) -> None:
    assert any(ITEM_TRAPS[trap](row, today(shop)) for row in shop.rows("Items"))


ACCOUNT_TRAPS: dict[str, Callable[[Row, datetime], bool]] = {
    "customer": lambda row, _: row.get("Status") == "C",
    "prospect": lambda row, _: row.get("Status") == "P",
    "suspect": lambda row, _: row.get("Status") == "S",
    "status A": lambda row, _: row.get("Status") == "A",
    "status empty": lambda row, _: "Status" not in row and not row["IsSupplier"],
    "supplier": lambda row, _: row["IsSupplier"],
    "dealer": lambda row, _: row["IsReseller"],
    "blocked": lambda row, _: row["Blocked"],
    "ended": lambda row, day: row.get("EndDate", day) < day,
    "ends today": lambda row, day: row.get("EndDate") == day,
    "no VAT code": lambda row, _: "SalesVATCode" not in row,
    "VAT liability L": lambda row, _: row.get("VATLiability") == "L",
    "invoices go elsewhere": lambda row, _: row.get("InvoiceAccount", row["ID"]) != row["ID"],
    "pays in dollars": lambda row, _: row["SalesCurrency"] == "USD",
    "general discount as a fraction": lambda row, _: row["DiscountSales"] == 0.055,
    "no e-mail": lambda row, _: "Email" not in row,
    "no contact": lambda row, _: "MainContact" not in row,
    "Japanese name": lambda row, _: "株式会社" in row["Name"],
    "markup in the name": lambda row, _: "<b>" in row["Name"],
    "quote in the name": lambda row, _: "'" in row["Name"],
    "long code": lambda row, _: len(row["Code"].strip()) > 9,
    "logo": lambda row, _: "LogoFileName" in row,
    "abroad": lambda row, _: row["Country"] != "NL ",
}


@pytest.mark.parametrize("trap", ACCOUNT_TRAPS)
def test_the_accounts_hold_this_trap(trap: str) -> None:
    office = Office(BIGGER[0])
    assert any(ACCOUNT_TRAPS[trap](row, today(office)) for row in office.rows("Accounts"))


@pytest.fixture(scope="module", autouse=True)
def bigger() -> None:
    """Make a world with enough customers for every trap once."""
    BIGGER.append(small_world(items=30, customers=300, orders=2))


BIGGER: list[World] = []

PRICE_TRAPS: dict[str, Callable[[Row, datetime], bool]] = {
    "general": lambda row, _: "Account" not in row,
    "agreement": lambda row, _: "Account" in row,
    "ended": lambda row, day: row.get("EndDate", day) < day,
    "in future": lambda row, day: row["StartDate"] > day,
    "tier": lambda row, _: row["Quantity"] > 1,
    "dollars": lambda row, _: row["Currency"] == "USD",
    "pounds": lambda row, _: row["Currency"] == "GBP",
    "per box": lambda row, _: row["Unit"] == "box     " and row["NumberOfItemsPerUnit"] == 12.0,
}


@pytest.mark.parametrize("trap", PRICE_TRAPS)
def test_the_prices_hold_this_trap(shop: Office, trap: str) -> None:
    assert any(PRICE_TRAPS[trap](row, today(shop)) for row in shop.rows("SalesItemPrices"))


def test_some_items_have_only_a_standard_price_of_their_own(shop: Office) -> None:
    day = today(shop)
    active = {
        row["Item"] for row in shop.rows("SalesItemPrices")
        if "Account" not in row and row["Currency"] == "EUR" and row["StartDate"] <= day <= row.get("EndDate", day)
    }  # fmt: skip
    alone = [row for row in shop.rows("Items") if row["ID"] not in active and row["IsSalesItem"]]
    assert alone
    assert all(row["StandardSalesPrice"] > 0 for row in alone)


@pytest.mark.parametrize("kind", [1, 2, 3, 4], ids=["visit", "postal", "invoice", "delivery"])
def test_addresses_of_each_type_exist_and_only_one_is_main(shop: Office, kind: int) -> None:
    rows = [row for row in shop.rows("Addresses") if row["Type"] == kind]
    mains = [row["Account"] for row in rows if row["Main"]]
    assert mains
    assert len(mains) == len(set(mains))


def test_vat_codes_have_every_type_and_store_fractions(shop: Office) -> None:
    rows = shop.rows("VATCodes")
    assert {row["Type"] for row in rows} == {"B", "E", "I", "N"}
    assert {row["Percentage"] for row in rows} == {0.0, 0.09, 0.21, 0.19}
    assert any(row["IsBlocked"] for row in rows)


def test_price_lists_have_basic_special_and_ended_periods(shop: Office) -> None:
    periods, day = shop.rows("SalesPriceListPeriods"), today(shop)
    assert {row["Type"] for row in periods} == {1, 2}
    assert any(row.get("EndDate", day) < day for row in periods)
    discounts = shop.rows("SalesPriceListVolumeDiscounts")
    assert {row["EntryMethod"] for row in discounts} == {1, 2}
    assert any("ItemGroup" in row and "Item" not in row for row in discounts)
    assert any(row["Quantity"] > 1 for row in discounts)


def test_planning_figures_are_the_sum_of_the_open_documents(shop: Office) -> None:
    expected: dict[tuple[str, str], list[float]] = {}
    for row in shop.rows("ItemWarehousePlanningDetails"):
        figures = expected.setdefault((row["Item"], row["Warehouse"]), [0.0, 0.0])
        figures[0 if row["PlanningType"] == 130 else 1] += abs(row["PlannedQuantity"]) * (
            1 if (row["PlannedQuantity"] > 0) == (row["PlanningType"] == 130) else -1
        )
    assert expected
    for row in shop.rows("StockPositions"):
        planned = expected.get((row["ItemId"], row["Warehouse"]), [0.0, 0.0])
        assert [row["PlanningIn"], row["PlanningOut"]] == planned
        assert row["ProjectedStock"] == pytest.approx(row["CurrentStock"] + planned[0] - planned[1])


def test_the_stock_of_an_item_is_the_sum_over_its_warehouses(shop: Office) -> None:
    sums: dict[str, float] = {}
    for row in shop.rows("StockPositions"):
        sums[row["ItemId"]] = sums.get(row["ItemId"], 0.0) + row["CurrentStock"]
    for item in shop.rows("Items"):
        assert item.get("Stock", 0.0) == pytest.approx(sums.get(item["ID"], 0.0))


@pytest.mark.parametrize("status", [12, 20, 21, 45], ids=["open", "partial", "complete", "cancelled"])
def test_orders_of_each_status_exist(shop: Office, status: int) -> None:
    assert any(row["Status"] == status for row in shop.rows("SalesOrders"))


def test_order_totals_follow_from_their_lines(shop: Office) -> None:
    for order in shop.rows("SalesOrders"):
        lines = shop.lines(order)
        total = sum(line["AmountFC"] + line["VATAmount"] for line in lines) * (1 - order["Discount"])
        assert order["AmountFC"] == pytest.approx(total, abs=0.02)


def test_what_was_delivered_is_what_the_deliveries_say(shop: Office) -> None:
    delivered: dict[str, float] = {}
    for row in shop.rows("GoodsDeliveryLines"):
        key = row["SalesOrderLineID"]
        delivered[key] = delivered.get(key, 0.0) + row["QuantityDelivered"]
    for line in shop.rows("SalesOrderLines"):
        assert line["QuantityDelivered"] == delivered.get(line["ID"], 0.0)


def test_what_was_received_is_what_the_receipts_say(shop: Office) -> None:
    received: dict[str, float] = {}
    for row in shop.rows("GoodsReceiptLines"):
        received[row["PurchaseOrderLineID"]] = row["QuantityReceived"]
    for line in shop.rows("PurchaseOrderLines"):
        assert line["ReceivedQuantity"] == received.get(line["ID"], 0.0)


def test_company_names_differ_only_in_capitals_and_blanks(shared_world: World) -> None:
    names = [division.description for division in shared_world.divisions.values()]
    folded = [" ".join(name.casefold().split()) for name in names]
    assert len(set(names)) == len(COMPANIES)
    assert folded.count("de groothandel b.v.") == 3
    assert [division.usable for division in shared_world.divisions.values()].count(False) == 2
    assert any(str(code) in [d.hid for d in shared_world.divisions.values()] for code in shared_world.divisions)


def test_free_fields_have_captions_and_values_as_text(shop: Office) -> None:
    item = next(row for row in shop.rows("Items") if "FreeTextField_02" in row and "FreeNumberField_01" in row)
    found: Any = shop.division.table("ItemExtraFields").lookup("ItemID", item["ID"])
    by_label = {row["Description"]: row["Value"] for row in found}
    assert by_label["Inhoud"] == item["FreeTextField_02"]
    assert by_label["Volgorde"] == f"{item['FreeNumberField_01']:g}"


def test_item_texts_are_translated_but_for_some(shop: Office) -> None:
    table = shop.division.table("ItemTranslations")
    found: list[Any] = [table.lookup("Item", row["ID"]) for row in shop.rows("Items")]
    assert any(not rows for rows in found)
    german = {row["Description"] for rows in found for row in rows if row["Language"] == "DE"}
    assert any("Gartenstuhl" in text for text in german)


def test_custom_fields_exist_in_a_premium_company_only(shared_world: World) -> None:
    shop, plus = Office(shared_world), Office(shared_world, 123458)
    account = shop.rows("Accounts")[0]
    assert account["CustomField"].endswith(f"?LinkId=guid'{account['ID']}'&BcName='Account'")
    found: Any = shop.division.table("CustomFields").lookup("LinkId", account["ID"])
    assert [row["PropertyName"] for row in found] == ["Openingstijden", "Klantscore"]
    assert not any("CustomField" in row for row in plus.rows("Items"))


@pytest.mark.slow
def test_a_hundred_thousand_items_are_made_in_under_a_minute() -> None:
    start = time.process_time()
    world = build(Options(items=100_000, customers=5_000), still_clock())
    spent = time.process_time() - start
    assert len(world.divisions[123456].table("Items")) == 100_000
    assert spent < 60
