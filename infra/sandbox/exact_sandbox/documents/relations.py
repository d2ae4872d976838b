"""Accounts, contacts and addresses: generated codes, visit address on the account, idempotent addresses."""

from __future__ import annotations

import re
from typing import Any

from exact_sandbox.documents.context import Context, by_code, described
from exact_sandbox.documents.refusals import exists
from exact_sandbox.world.base import country_name
from exact_sandbox.world.countries import COUNTRY_CODES
from exact_sandbox.world.kit import account_code, contact_code, country_code, language_code

Row = dict[str, Any]

LOGO_PLACEHOLDER = "/docs/images/placeholder_account_myeol.png"
CONTACT_PLACEHOLDER = "/docs/images/placeholder_contact_myeol.png"
VISIT = ("AddressLine1", "AddressLine2", "AddressLine3", "Postcode", "City", "State", "Country", "CountryName")
STATUSES = ("C", "P", "S", "A")

_ACCOUNT_DEFAULTS: Row = {
    "Type": "A", "Blocked": False, "IsSupplier": False, "IsPurchase": False, "IsReseller": False, "DiscountSales": 0.0,
    "DiscountPurchase": 0.0, "CreditLineSales": 0.0, "CreditLinePurchase": 0.0, "SecurityLevel": 10, "Source": 2,
    "CanDropShip": False, "IsMailing": 0, "IsAccountant": 0, "IsAgency": 0, "IsAnonymised": 0, "IsBank": False,
    "IsCompetitor": 0, "IsMember": False, "IsPilot": False, "ConsolidationScenario": 6, "InvoiceAttachmentType": 1,
}  # fmt: skip
_REFERENCES = (
    ("PriceList", "SalesPriceLists"), ("ShippingMethod", "ShippingMethods"), ("GLAccountSales", "GLAccounts"),
    ("GLAccountPurchase", "GLAccounts"), ("GLAR", "GLAccounts"), ("GLAP", "GLAccounts"),
    *((f"Classification{slot}", "AccountClassifications") for slot in range(1, 9)),
)  # fmt: skip
_CODES = (
    ("PaymentConditionSales", "PaymentConditions"), ("PaymentConditionPurchase", "PaymentConditions"),
    ("SalesVATCode", "VATCodes"), ("PurchaseVATCode", "VATCodes"), ("Costcenter", "Costcenters"),
)  # fmt: skip


def create_account(context: Context, values: Row) -> Row:
    """Store a new account; only the name is needed, the code is generated when left out."""
    context.need(values, "Name")
    context.lengths("Accounts", values)
    given = {name: value for name, value in values.items() if value is not None and name != "Logo"}
    row: Row = {
        **_ACCOUNT_DEFAULTS, "StartDate": context.today, "StatusSince": context.today,
        "SalesCurrency": context.division.currency, "PurchaseCurrency": context.division.currency,
        "Country": context.division.country, "LogoUrl": LOGO_PLACEHOLDER, "LogoThumbnailUrl": LOGO_PLACEHOLDER, **given,
        "ID": values.get("ID") or context.guid(), **_roles(values.get("Status")),
    }  # fmt: skip
    row["Code"] = _account_code(context, values.get("Code"))
    row |= _account_derived(context, row, row)
    if row.get("Status") == "C":
        row["CustomerSince"] = context.today
    context.check()
    _logo(context, row, values)
    stored = context.division.table("Accounts").insert(row, stamp=context.user)
    if any(values.get(name) for name in ("AddressLine1", "City", "Postcode")):
        _visit_address(context, row)
    return stored


def update_account(context: Context, account: Row, values: Row) -> None:
    """Change an account; the visit address follows, a repeated code counts as a duplicate."""
    if values.get("Code") is not None and by_code(context.division, "Accounts", values["Code"]) is not None:
        raise exists(context.user.language)
    if "Name" in values and not values["Name"]:
        context.problems.add("mandatory", "Name")
    changes = {name: value for name, value in values.items() if name not in ("ID", "Logo", "Code")}
    if values.get("Code"):
        changes["Code"] = _account_code(context, values["Code"])
    changes |= _account_derived(context, changes, {**account, **changes})
    if "Status" in changes and changes["Status"] != account.get("Status"):
        changes |= {"StatusSince": context.today, **_roles(changes["Status"])}
    context.check()
    _logo(context, changes | {"ID": account["ID"]}, values)
    context.division.table("Accounts").update(account["ID"], changes, stamp=context.user)
    spread_account(context, account, changes)


def _roles(status: str | None) -> Row:
    """Return the two old flags: both follow the status customer, whatever was sent."""
    return {"IsSales": status == "C", "IsPurchase": status == "C"}


def _account_code(context: Context, code: str | None) -> str:
    if not code or not code.strip():
        table = context.division.table("Accounts")
        used = [int(row["Code"]) for row in table.rows() if re.fullmatch(r"\s*\d{1,9}", row.get("Code", ""))]
        return account_code(max(used, default=0) + 1)
    if not code.strip().isdigit():
        context.problems.add("invalid", "Code")
    elif by_code(context.division, "Accounts", account_code(code.strip())):
        raise exists(context.user.language)
    return account_code(code.strip())


def _account_derived(context: Context, given: Row, row: Row) -> Row:
    found: Row = {}
    if given.get("Status") is not None and given["Status"] not in ("", *STATUSES):
        context.problems.add("invalid", "Status")
    for name, table in _REFERENCES:
        context.find(table, given.get(name), name)
    for name, table in _CODES:
        source = context.find_code(table, given.get(name), name)
        found |= described(source, {name: "Code", f"{name}Description": "Description"})
    for name in ("SalesCurrency", "PurchaseCurrency"):
        if given.get(name):
            currency = context.division.table("Currencies").get(given[name].strip().upper())
            if currency is None:
                context.problems.add("reference", "Currency")
            else:
                found |= {name: currency["Code"], f"{name}Description": currency["Description"]}
    for name in ("InvoiceAccount", "Reseller"):
        other = context.find("Accounts", given.get(name), name)
        found |= described(other, {f"{name}Code": "Code", f"{name}Name": "Name"})
    if given.get("Country"):
        found |= _country(context, given["Country"])
    if given.get("Language"):
        found["Language"] = language_code(given["Language"].strip().upper())
    if given.get("MainContact"):
        context.owned("Contacts", given["MainContact"], "MainContact", row.get("ID"))
    if given.get("AccountManager"):
        people = {each["UserID"]: each["FullName"] for each in context.division.table("Employees").rows()}
        if given["AccountManager"] in people:
            found["AccountManagerFullName"] = people[given["AccountManager"]]
        else:
            context.problems.add("reference", "AccountManager")
    return found


def _country(context: Context, code: str) -> Row:
    plain = code.strip().upper()
    if plain not in COUNTRY_CODES:
        context.problems.add("reference", "Country")
    return {"Country": country_code(plain), "CountryName": country_name(plain)}


def _logo(context: Context, row: Row, values: Row) -> None:
    if values.get("Logo") is not None:
        address = f"/docs/SysImage.aspx?Table=Accounts&ID={row['ID']}&_Division_={context.division.code}"
        context.division.table("Files").insert({"Name": f"Accounts/{row['ID']}/{context.guid()}", "Owner": row["ID"],
                                                "Bytes": values["Logo"]})  # fmt: skip
        row |= {"LogoFileName": values.get("LogoFileName") or "logo.png", "LogoUrl": address,
                "LogoThumbnailUrl": f"{address}&ThumbSize=150"}  # fmt: skip


def _visit_address(context: Context, account: Row) -> None:
    row = {"ID": context.guid(), "Account": account["ID"], "AccountName": account["Name"], "Type": 1, "Main": True,
           "AccountIsSupplier": account["IsSupplier"], "Source": 1,
           **{name: account.get(name) for name in VISIT}}  # fmt: skip
    context.division.table("Addresses").insert(row, stamp=context.user)


def spread_account(context: Context, account: Row, changes: Row) -> None:
    """Carry a new name or visit address of an account into the rows that show it."""
    addresses = context.division.table("Addresses")
    visit = {name: changes[name] for name in VISIT if name in changes}
    rows = addresses.lookup("Account", account["ID"]) or []
    main = next((row for row in rows if row["Type"] == 1 and row.get("Main")), None)
    if visit and main is not None:
        addresses.update(main["ID"], visit, stamp=context.user)
    elif visit:
        _visit_address(context, {**account, **changes})
    if "Name" in changes:
        for table in ("Contacts", "Addresses", "SalesItemPrices"):
            store = context.division.table(table)
            for row in list(store.lookup("Account", account["ID"]) or []):
                store.refresh(row["ID"], {"AccountName": changes["Name"]})


def delete_account(context: Context, account: Row) -> None:
    """Remove an account with its contacts and addresses; one with documents stays."""
    division = context.division
    if any(division.table(table).lookup(name, account["ID"]) for table, name in
           (("SalesOrders", "OrderedBy"), ("SalesInvoices", "OrderedBy"), ("PurchaseOrders", "Supplier"))):  # fmt: skip
        context.problems.refuse("in_use", "Account")
    for name in ("Contacts", "Addresses", "BankAccounts", "SalesItemPrices"):
        for row in list(division.table(name).lookup("Account", account["ID"]) or []):
            division.table(name).delete(row["ID"])
    division.table("Accounts").delete(account["ID"])


def create_contact(context: Context, values: Row) -> Row:
    """Store a contact; the first one of an account becomes its main contact."""
    context.need(values, "Account", "FirstName", "LastName")
    account = context.find("Accounts", values.get("Account"), "Account")
    context.check()
    assert account is not None
    table = context.division.table("Contacts")
    first = not table.lookup("Account", account["ID"]) or bool(values.get("IsMainContact"))
    hid = context.division.next_number("Contacts", "Contacts", "HID", 1)
    language = account.get("Language") or language_code(context.division.country.strip())
    given = {name: value for name, value in values.items() if value is not None and name != "Picture"}
    row: Row = {
        "Language": language, "IsMailingExcluded": False, "IsAnonymised": 0, "Gender": "O", "HID": hid,
        "Code": contact_code(hid), "Country": account.get("Country"), "BirthName": values.get("LastName"),
        "AccountMainContact": account.get("MainContact"), "StartDate": context.today, "Person": context.guid(),
        "PictureUrl": CONTACT_PLACEHOLDER, "PictureThumbnailUrl": CONTACT_PLACEHOLDER, **given,
        "ID": values.get("ID") or context.guid(),
        "AccountName": account["Name"], "AccountIsCustomer": account.get("Status") == "C",
        "AccountIsSupplier": account.get("IsSupplier", False), "IsMainContact": first,
    }  # fmt: skip
    row |= _contact_derived(row, values)
    if first:
        row["AccountMainContact"] = row["ID"]
    stored = table.insert(row, stamp=context.user)
    if first:
        context.division.table("Accounts").update(account["ID"], {"MainContact": row["ID"]}, stamp=context.user)
    return stored


def _contact_derived(row: Row, given: Row) -> Row:
    names = (row.get("FirstName"), row.get("MiddleName"), row.get("LastName"))
    found: Row = {"FullName": " ".join(part for part in names if part)}
    for one, two in (("Email", "BusinessEmail"), ("Phone", "BusinessPhone"), ("Mobile", "BusinessMobile")):
        if given.get(one) is not None and given.get(two) is None:
            found[two] = given[one]
        elif given.get(two) is not None and given.get(one) is None:
            found[one] = given[two]
    return found


def update_contact(context: Context, contact: Row, values: Row) -> None:
    """Change a contact."""
    for name in ("FirstName", "LastName"):
        if name in values and not values[name]:
            context.problems.add("mandatory", name)
    context.check()
    changes = {name: value for name, value in values.items() if name not in ("ID", "Account", "Picture")}
    changes |= _contact_derived({**contact, **changes}, values)
    context.division.table("Contacts").update(contact["ID"], changes, stamp=context.user)


def delete_contact(context: Context, contact: Row) -> None:
    """Remove a contact and the account's pointer to it."""
    account = context.division.table("Accounts").get(contact["Account"])
    context.division.table("Contacts").delete(contact["ID"])
    if account is not None and account.get("MainContact") == contact["ID"]:
        context.division.table("Accounts").update(account["ID"], {"MainContact": None}, stamp=context.user)


def create_address(context: Context, values: Row) -> Row:
    """Store an address; one that exists already is answered with its existing row."""
    account = context.find("Accounts", values.get("Account"), "Account")
    context.need(values, "Account")
    kind = values.get("Type") or 4
    if kind not in (1, 2, 3, 4):
        context.problems.add("invalid", "Type")
    given = {name: value for name, value in values.items() if value is not None}
    derived = _address_derived(context, given, account)
    context.check()
    assert account is not None
    table = context.division.table("Addresses")
    row: Row = {
        "Country": account.get("Country"), "CountryName": account.get("CountryName"), **given, **derived, "Type": kind,
        "ID": values.get("ID") or context.guid(), "AccountName": account["Name"], "Source": 11,
        "AccountIsSupplier": account.get("IsSupplier", False),
    }  # fmt: skip
    others = [each for each in table.lookup("Account", account["ID"]) or [] if each["Type"] == kind]
    for each in others:
        if _same_address(each, row):
            return each
    row["Main"] = bool(values.get("Main")) or not any(each.get("Main") for each in others)
    stored = table.insert(row, stamp=context.user)
    _one_main(context, stored)
    return stored


def _same_address(one: Row, two: Row) -> bool:
    names = ("AddressLine1", "AddressLine2", "AddressLine3", "Postcode", "City", "Country")
    return all((one.get(name) or "").strip() == (two.get(name) or "").strip() for name in names)


def _address_derived(context: Context, given: Row, account: Row | None) -> Row:
    found: Row = {}
    if given.get("Country"):
        found |= _country(context, given["Country"])
    if given.get("Contact"):
        contact = context.owned("Contacts", given["Contact"], "Contact", account["ID"] if account else None)
        found |= described(contact, {"ContactName": "FullName"})
    if given.get("State"):
        country = given.get("Country") or (account or {}).get("Country") or context.division.country
        found |= _state(context, given["State"], country)
    if given.get("Warehouse"):
        house = context.find("Warehouses", given["Warehouse"], "Warehouse")
        found |= described(house, {"WarehouseCode": "Code", "WarehouseDescription": "Description"})
    return found


def _state(context: Context, state: str, country: str) -> Row:
    rows = context.division.table("AddressStates").lookup("Country", country_code(country.strip().upper())) or []
    row = next((each for each in rows if each["State"] == state), None)
    if row is None:
        context.problems.add("reference", "State")
    return described(row, {"StateDescription": "Name"})


def update_address(context: Context, address: Row, values: Row) -> None:
    """Change an address; the account shows its main visit address."""
    account = context.division.table("Accounts").get(address["Account"])
    changes = {name: value for name, value in values.items() if name not in ("ID", "Account")}
    changes |= _address_derived(context, values, account)
    context.check()
    row = context.division.table("Addresses").update(address["ID"], changes, stamp=context.user)
    _one_main(context, row)
    if account is not None and row["Type"] == 1 and row.get("Main"):
        visit = {name: row.get(name) for name in VISIT}
        context.division.table("Accounts").update(account["ID"], visit, stamp=context.user)


def _one_main(context: Context, row: Row) -> None:
    if not row.get("Main"):
        return
    table = context.division.table("Addresses")
    for other in list(table.lookup("Account", row["Account"]) or []):
        if other["Type"] == row["Type"] and other.get("Main") and other["ID"] != row["ID"]:
            table.update(other["ID"], {"Main": False}, stamp=context.user)


def delete_address(context: Context, address: Row) -> None:
    """Remove an address; one on an open order stays."""
    orders = context.division.table("SalesOrders").lookup("DeliverTo", address["Account"]) or []
    if any(order.get("DeliveryAddress") == address["ID"] and order["Status"] in (12, 20) for order in orders):
        context.problems.refuse("in_use", "DeliveryAddress")
    context.division.table("Addresses").delete(address["ID"])
