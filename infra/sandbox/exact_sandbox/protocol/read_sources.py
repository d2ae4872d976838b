"""Entities that are computed instead of stored: Me, the lists of companies, and the read functions.

Read functions take parameters in the query string, such as `itemId=guid'..'`, and do not page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from exact_sandbox.protocol.odata import SYNTAX_ERROR, ODataError, parse_literal
from exact_sandbox.protocol.reads import Call, RowList
from exact_sandbox.protocol.schema import Endpoint, load_schema
from exact_sandbox.world.store import Division, Row

NO_GUID = "00000000-0000-0000-0000-000000000000"

LANGUAGE_CODES = {"NL": "nl-NL", "EN": "en-GB", "FR": "fr-FR", "DE": "de-DE"}

SYNC_TIMESTAMP_STREAMS = {
    "QuotationHeaders": "Quotations",
    "TransactionLines": "TransactionLines",
    "QuotationLines": "QuotationLines",
    "ItemStorageLocations": "ItemWarehouseStorageLocations",
    "BillOfMaterialVersions": "BillOfMaterialVersions",
    "BillOfMaterialMaterials": "BillOfMaterialMaterials",
    "PurchaseOrders": "PurchaseOrders",
    "SalesInvoices": "SalesInvoices",
    "GoodsDeliveries": "GoodsDeliveries",
    "GoodsDeliveryLines": "GoodsDeliveryLines",
    "SalesOrderHeaders": "SalesOrders",
    "SalesOrderLines": "SalesOrderLines",
}
"""The end points that SyncTimestamp knows, each with its entity; items, accounts, prices and stock are not there."""


def me(call: Call) -> RowList:
    """Return the one row of `current/Me`: the signed-in user."""
    user, division = call.user, call.division
    first, _, last = user.full_name.partition(" ")
    clock = call.world.clock
    offset = clock.local() - clock.now().replace(tzinfo=None)
    row = {
        "UserID": user.user_id,
        "UserName": user.user_name,
        "FullName": user.full_name,
        "FirstName": first,
        "LastName": last,
        "Email": user.user_name,
        "EmployeeID": user.employee_id or NO_GUID,
        "CurrentDivision": user.current_division,
        "AccountingDivision": user.current_division,
        "DivisionCustomer": division.info.get("Customer"),
        "DivisionCustomerCode": division.info.get("CustomerCode"),
        "DivisionCustomerName": division.info.get("CustomerName"),
        "CustomerCode": division.info.get("CustomerCode"),
        "Language": user.language,
        "LanguageCode": LANGUAGE_CODES.get(user.language, "nl-NL"),
        "Legislation": 1,
        "IsClientUser": False,
        "IsEmployeeSelfServiceUser": False,
        "IsMyFirmLiteUser": False,
        "IsMyFirmPortalUser": False,
        "IsStarterUser": False,
        "Gender": "O",
        "Title": "Mr.",
        "Phone": "0205550100",
        "PackageCode": "EOLAPPCENTER",
        "PictureUrl": "/docs/images/placeholder_contact_myeol.png",
        "ServerTime": clock.local().isoformat(timespec="seconds"),
        "ServerUtcOffset": round(offset.total_seconds() / 900) * 900,
    }
    return RowList([{name: value for name, value in row.items() if value is not None}], "UserID")


def divisions(call: Call) -> RowList:
    """Return the companies that the user ticked, across licences (`system/Divisions`)."""
    return RowList((_company(call, each) for each in _ticked(call)), "Code")


def divisions_of_licence(call: Call) -> RowList:
    """Return the ticked companies under the licence that owns the company of the address."""
    owner = call.division.info.get("Customer")
    return RowList((_company(call, each) for each in _ticked(call) if each.info.get("Customer") == owner), "Code")


def hrm_divisions(call: Call) -> RowList:
    """Return the same in the older shape of `hrm/Divisions`."""
    known = load_schema()["HrmDivisions"].fields
    rows = []
    for row in divisions_of_licence(call).scan_by_key():
        older = {name: value for name, value in row.items() if name in known and not known[name].is_collection}
        rows.append({**older, "HID": int(row["Hid"]), "Main": bool(row.get("IsMainDivision"))})
    return RowList(rows, "Code")


def _ticked(call: Call) -> Iterable[Division]:
    every = call.world.divisions
    return (every[code] for code in call.granted if code in every and code in call.user.divisions)


def _company(call: Call, division: Division) -> Row:
    return {**division.info, "Current": division.code == call.user.current_division}


# --- read functions -----------------------------------------------------------------------------------------


def parameter(call: Call, name: str, type_: str) -> Any:
    """Return a parameter of a read function; 400 when it is missing or of another type."""
    given = {key.lower(): value for key, value in call.params.items()}.get(name.lower())
    if given is None:
        raise ODataError(SYNTAX_ERROR)
    literal = parse_literal(given.strip())
    if literal.type != type_:
        raise ODataError(SYNTAX_ERROR)
    return literal.value


def stock_position(call: Call) -> RowList:
    """Return the stock of one item over all warehouses together (`read/logistics/StockPosition`)."""
    item = parameter(call, "itemId", "Guid")
    rows = call.division.table("StockPositions").lookup("ItemId", item) or []
    if call.division.table("Items").get(item) is None:
        return RowList([])

    def total(name: str) -> float:
        return float(round(sum(row.get(name, 0.0) for row in rows), 6))

    names = ("FreeStock", "PlanningIn", "PlanningOut", "ProjectedStock", "ReservedStock")
    return RowList([{"ItemId": item, "InStock": total("CurrentStock"), **{name: total(name) for name in names}}])


def item_extra_fields(call: Call) -> RowList:
    """Return captions and values of the free fields of one item changed since a moment."""
    item, since = parameter(call, "itemId", "Guid"), parameter(call, "modified", "DateTime")
    row = call.division.table("Items").get(item)
    if row is None or row.get("Modified", since) < since:
        return RowList([])
    found = call.division.table("ItemExtraFields").lookup("ItemID", item) or []
    return RowList(
        sorted(({**each, "Modified": row.get("Modified")} for each in found), key=lambda each: each["Number"])
    )


def item_details(call: Call) -> RowList:
    """Return one item with its general price (`read/logistics/ItemDetailsByID`)."""
    row = call.division.table("Items").get(parameter(call, "itemId", "Guid"))
    if row is None:
        return RowList([])
    price = _price(call, row["ID"])
    return RowList([{**row, "SalesPrice": price.get("Price", 0.0), "SalesCurrency": price.get("Currency", "EUR")}])


def sales_price(call: Call) -> RowList:
    """Return the general price of one item with and without VAT (`read/logistics/SalesItemPrice`)."""
    item = call.division.table("Items").get(parameter(call, "itemId", "Guid"))
    if item is None:
        return RowList([])
    price, vat = _price(call, item["ID"]), call.division.table("VATCodes").first("Code", item.get("SalesVatCode"))
    amount, rate = price.get("Price", 0.0), (vat or {}).get("Percentage", 0.0)
    including = (vat or {}).get("Type") == "I"
    row = {
        "ItemId": item["ID"],
        "ItemCode": item.get("Code"),
        "ItemDescription": item.get("Description"),
        "CurrencyCode": price.get("Currency", call.division.currency),
        "PriceExcludingVAT": round(amount / (1 + rate), 6) if including else amount,
        "PriceIncludingVAT": amount if including else round(amount * (1 + rate), 6),
        "UnitCode": price.get("Unit", item.get("Unit")),
        "UnitDescription": price.get("UnitDescription", item.get("UnitDescription")),
        "VATCode": item.get("SalesVatCode"),
    }
    return RowList([row])


def account_items(call: Call) -> RowList:
    """Return the items that have a price agreement with one account (`read/logistics/AccountItems`)."""
    account = parameter(call, "accountId", "Guid")
    items, units = call.division.table("Items"), call.division.table("Units")
    rows = []
    for price in call.division.table("SalesItemPrices").lookup("Account", account) or []:
        item = items.get(price["Item"])
        if item is None:
            continue
        unit = units.first("Code", item.get("Unit")) or {}
        agreed = {"Account": account, "SalesPrice": price.get("Price"), "SalesCurrency": price.get("Currency")}
        rows.append({**item, **agreed, "Unit": unit.get("ID"), "UnitCode": item.get("Unit")})
    return RowList(rows)


def default_address(call: Call) -> RowList:
    """Return the main addresses of one account, of one type when `addressType` is given."""
    account = parameter(call, "accountId", "Guid")
    type_ = parameter(call, "addressType", "Int32") if "addressType" in call.params else None
    rows = call.division.table("Addresses").lookup("Account", account) or []
    return RowList(row for row in rows if row.get("Main") and type_ in (None, row.get("Type")))


def sync_timestamp(call: Call) -> RowList:
    """Return the row version of the first row modified at or after a moment, of one sync stream."""
    since, stream = parameter(call, "modified", "DateTime"), parameter(call, "endPoint", "String")
    entity = SYNC_TIMESTAMP_STREAMS.get(stream)
    if entity is None:
        raise ODataError(f"Bad Request - The end point '{stream}' is not supported.")
    later = (
        row for row in call.division.sync_rows(entity) if row.get("Modified") is not None and row["Modified"] >= since
    )
    first = min(later, key=lambda row: (row["Modified"], row["Timestamp"]), default=None)
    if first is None:
        return RowList([])
    return RowList([{"Modified": first["Modified"], "API": stream, "TimeStampAsBigInt": first["Timestamp"]}])


def custom_fields(call: Call) -> RowList:
    """Return the custom fields of one record; the address comes from its `CustomField` property."""
    link = call.params.get("LinkId", "").removeprefix("guid").strip("'{}").lower()
    if not link or not call.params.get("BcName"):
        raise ODataError(SYNTAX_ERROR)
    return RowList(call.division.table("CustomFields").lookup("LinkId", link) or [])


def _price(call: Call, item: str) -> Row:
    today = call.world.clock.local()
    rows = [
        row
        for row in call.division.table("SalesItemPrices").lookup("Item", item) or []
        if not row.get("Account") and row.get("StartDate", today) <= today and row.get("EndDate", today) >= today
    ]
    return max(rows, key=lambda row: (-row.get("Quantity", 0.0), str(row.get("StartDate"))), default={})


SOURCES: dict[str, Callable[[Call], RowList]] = {
    "Me": me,
    "Divisions": divisions,
    "AllDivisions": divisions_of_licence,
    "HrmDivisions": hrm_divisions,
    "StockPositionRead": stock_position,
    "ItemExtraField": item_extra_fields,
    "ItemDetailsByID": item_details,
    "SalesItemPriceRead": sales_price,
    "AccountItems": account_items,
    "DefaultAddressForAccount": default_address,
    "SyncTimestamp": sync_timestamp,
    "CustomFields": custom_fields,
}
"""The entities that are computed, by name."""

TRANSLATED = frozenset({"Items", "AccountItems", "GLAccounts"})


def translate(call: Call, endpoint: Endpoint, row: Row) -> Row:
    """Give a row the texts of the language asked for in `CustomDescriptionLanguage`, where there is a translation.

    Only the addresses whose reference page names the header listen to it, not their sync and bulk twins.
    """
    if endpoint.entity.name not in TRANSLATED or endpoint.mode not in ("crud", "read"):
        return row
    for found in call.division.table("ItemTranslations").lookup("Item", row.get("ID")) or []:
        if str(found.get("Language", "")).strip().upper() == str(call.language).strip().upper():
            return {
                **row,
                **{name: text for name, text in found.items() if name in ("Description", "ExtraDescription")},
            }
    return row
