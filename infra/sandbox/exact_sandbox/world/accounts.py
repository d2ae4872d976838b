"""The relations of a company: customers, prospects, suppliers and dealers with contacts, addresses and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from exact_sandbox.world.base import Base, country_name
from exact_sandbox.world.kit import Kit, Row, account_code, contact_code, country_code, language_code, vat_code
from exact_sandbox.world.texts import (
    CITIES,
    FIRST_NAMES,
    LANGUAGE_NAMES,
    LAST_NAMES,
    LEGAL,
    ODD_NAMES,
    STREETS,
    TITLES,
    TRADE_NAMES,
    TRADES,
)

ABROAD = ("BE", "DE", "FR", "GB", "CH", "US", "SE")


@dataclass
class Relations:
    """What the later parts need to know of the relations."""

    customers: list[Row] = field(default_factory=list)
    orderable: list[Row] = field(default_factory=list)
    """Customers that may order: status C, not blocked, not ended."""
    suppliers: list[Row] = field(default_factory=list)
    contacts: dict[str, list[Row]] = field(default_factory=dict)
    addresses: dict[str, list[Row]] = field(default_factory=dict)


def generate_accounts(kit: Kit, base: Base, count: int) -> Relations:
    """Make `count` customers, and beside them prospects, suspects, others and suppliers."""
    relations = Relations()
    suppliers = max(8, count // 25)
    extra = max(6, count // 12)
    total = count + extra + suppliers
    for number in range(total):
        kind = "C" if number < count else "other" if number < count + extra else "supplier"
        account = _account(kit, base, number, kind, relations)
        _people(kit, base, account, number, relations)
        _addresses(kit, base, account, number, relations)
        base.put("Accounts", [account])
        if kind == "supplier":
            relations.suppliers.append(account)
        elif kind == "C":
            relations.customers.append(account)
            if not account["Blocked"] and account.get("EndDate", kit.today) >= kit.today:
                relations.orderable.append(account)
    return relations


def _account(kit: Kit, base: Base, number: int, kind: str, relations: Relations) -> Row:
    pick = kit.pick
    country = pick(ABROAD) if number % 7 == 3 else "NL"
    name = f"{pick(TRADES)} {pick(TRADE_NAMES)} {pick(LEGAL)}".strip()
    if number % 4 == 2 and number // 4 < len(ODD_NAMES):
        name = ODD_NAMES[number // 4]
    city = pick(CITIES[country])
    row: Row = {
        "ID": kit.guid(), "Code": account_code(number + 1 if number % 250 != 249 else 10**12 + number), "Name": name,
        "SearchCode": name.upper()[:15], "Status": "C", "Type": "A", "Blocked": False, "IsSales": kind == "C",
        "IsSupplier": kind == "supplier", "IsPurchase": kind == "C",
        "IsReseller": kind == "C" and number % 9 == 5,
        "Country": country_code(country), "CountryName": country_name(country), "City": city,
        "AddressLine1": f"{pick(STREETS)} {1 + number % 240}", "Postcode": _postcode(country, number),
        "Email": f"info{number}@klant.example.test", "Phone": f"+31 30 {2000000 + number}",
        "Language": language_code("NL"), "LanguageDescription": "Nederlands", "SalesCurrency": "EUR",
        "SalesCurrencyDescription": "Euro", "PurchaseCurrency": "EUR", "PurchaseCurrencyDescription": "Euro",
        "PaymentConditionSales": "30", "PaymentConditionSalesDescription": "30 dagen", "InvoicingMethod": 2,
        "PaymentConditionPurchase": "30", "PaymentConditionPurchaseDescription": "30 dagen", "DiscountSales": 0.0,
        "DiscountPurchase": 0.0, "CreditLineSales": 0.0, "CreditLinePurchase": 0.0, "SecurityLevel": 10,
        "StartDate": kit.day(-400 - number % 2000), "CanDropShip": False, "ConsolidationScenario": 6, "CostPaid": 0,
        "IsAccountant": 0, "IsAgency": 0, "IsAnonymised": 0, "IsBank": False, "IsCompetitor": 0,
        "IsMailing": 1, "IsMember": False, "IsPilot": False, "Source": 1, "AutomaticProcessProposedEntry": 0,
        "InvoiceAttachmentType": 1, "SeparateInvPerProject": 0, "SeparateInvPerSubscription": 0, **kit.audit(),
    }  # fmt: skip
    row["StatusSince"] = row["CustomerSince"] = row["StartDate"]
    _vat(row, base, country, number)
    _terms(row, kit, base, number, relations)
    _classes(row, base, number)
    _logo(row, number)
    if kind == "other":
        _other(row, number)
    elif kind == "supplier":
        row |= {"Status": None, "PurchaseLeadDays": (3, 7, 14)[number % 3], "PurchaseVATCode": vat_code("4"),
                "PurchaseVATCodeDescription": "Btw hoog tarief, exclusief"}  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def _postcode(country: str, number: int) -> str:
    if country == "NL":
        return f"{1000 + number % 9000} {'ABCDEFGHJK'[number % 10]}{'LMNPRSTVWX'[number // 10 % 10]}"
    return f"{10000 + number % 80000}"


def _vat(row: Row, base: Base, country: str, number: int) -> None:
    code = "4" if country == "NL" else "6" if country in ("BE", "DE", "FR", "SE") else "7"
    if number % 10 == 6:
        return  # no VAT code: the country decides
    if number % 50 == 8:
        code = "5"
    row |= {"SalesVATCode": vat_code(code), "SalesVATCodeDescription": base.vats[code]["Description"]}
    if country != "NL" or number % 3 == 0:
        row["VATNumber"] = f"{country}{800000000 + number}{'B01' if country == 'NL' else ''}"
    if number % 6 == 1:
        row["VATLiability"] = ("L", "N", "")[number // 6 % 3] or None


def _terms(row: Row, kit: Kit, base: Base, number: int, relations: Relations) -> None:
    if number % 3 == 1:
        price_list = base.price_lists[("DEALER", "HORECA", "GROEP", "EXPORT", "INTERN", "OUD")[number // 3 % 6]]
        row["PriceList"] = price_list["ID"]
        base.put("SalesPriceListLinkedAccounts", [
            {"ID": row["ID"], "PriceList": price_list["ID"], "Code": row["Code"], "Name": row["Name"],
             **kit.audit()}])  # fmt: skip
    if number % 8 == 2:
        row["DiscountSales"] = (0.055, 0.1, 0.025)[number // 8 % 3]
    if number % 15 == 4:
        row |= {"SalesCurrency": "USD", "SalesCurrencyDescription": "Amerikaanse dollar"}
    if number % 5 == 2:
        payment = list(base.payments.values())[number // 5 % len(base.payments)]
        row |= {"PaymentConditionSales": payment["Code"], "PaymentConditionSalesDescription": payment["Description"]}
    if number % 6 == 3:
        row["ShippingMethod"] = base.shipping[("BEZORG", "POST", "AFHAAL")[number // 6 % 3]]["ID"]
    if number % 12 == 7 and relations.customers:
        payer = relations.customers[number % len(relations.customers)]
        row |= {"InvoiceAccount": payer["ID"], "InvoiceAccountCode": payer["Code"], "InvoiceAccountName": payer["Name"]}
    if number % 9 == 7 and relations.customers:
        dealer = next((each for each in relations.customers if each["IsReseller"]), None)
        if dealer is not None:
            row |= {"Reseller": dealer["ID"], "ResellerCode": dealer["Code"], "ResellerName": dealer["Name"]}
    if number % 4 != 3:
        manager = base.employees[number % 3]
        row |= {"AccountManager": manager["UserID"], "AccountManagerFullName": manager["FullName"],
                "AccountManagerHID": number % 3 + 1}  # fmt: skip
    if number % 10 == 1:
        row |= {"IncotermCodeSales": "DAP", "IncotermVersionSales": 2020, "IncotermAddressSales": row["City"]}
    if number % 11 == 3:
        row["Remarks"] = 'Altijd bellen voor aflevering.\r\nLaadklep nodig; "achterom".'
    if number % 40 == 31:
        row["Blocked"] = True
    if number % 30 == 22:
        row["EndDate"] = kit.day(-1 - number % 90)
    elif number % 30 == 23:
        row["EndDate"] = kit.today
    if number % 20 == 13:
        for name in ("Email", "Phone", "Postcode"):
            del row[name]
    if number % 25 == 9:
        row |= {"Language": language_code("EN"), "LanguageDescription": LANGUAGE_NAMES["EN"]}
    if number % 14 == 6:
        row |= {
            "CreditLineSales": 5000.0,
            "TradeName": f"{row['Name']} (winkel)",
            "ChamberOfCommerce": f"{30000000 + number}",
        }


def _classes(row: Row, base: Base, number: int) -> None:
    for slot, (_, rows) in enumerate(base.slots, 1):
        if (number + slot) % 5:
            row[f"Classification{slot}"] = rows[(number * slot + slot) % len(rows)]["ID"]


def _logo(row: Row, number: int) -> None:
    if number % 8 == 0:
        address = f"/docs/SysImage.aspx?Table=Accounts&ID={row['ID']}&_Division_={row['Division']}"
        row |= {"LogoFileName": f"logo {row['Code'].strip()}.png", "LogoUrl": address,
                "LogoThumbnailUrl": f"{address}&ThumbSize=150"}  # fmt: skip
    else:
        row["LogoUrl"] = row["LogoThumbnailUrl"] = "/docs/images/placeholder_account_myeol.png"


def _other(row: Row, number: int) -> None:
    row["Status"] = ("P", "S", "A", None, "P")[number % 5]
    row["CustomerSince"] = None


def _people(kit: Kit, base: Base, account: Row, number: int, relations: Relations) -> None:
    rows = []
    for place in range((1, 2, 0, 3, 1)[number % 5]):
        first = kit.pick(FIRST_NAMES)
        middle, last = kit.pick(LAST_NAMES)
        row: Row = {
            "ID": kit.guid(), "Account": account["ID"], "AccountName": account["Name"], "FirstName": first,
            "LastName": last, "FullName": " ".join(part for part in (first, middle, last) if part),
            "Initials": f"{first[0]}.", "IsMainContact": place == 0, "AccountIsSupplier": account["IsSupplier"],
            "AccountIsCustomer": account.get("Status") == "C", "IsMailingExcluded": False, "BirthName": last,
            "Code": contact_code(number * 4 + place + 1),
            "IsAnonymised": 0, "Language": account["Language"], "HID": number * 4 + place + 1, "Gender": "O",
            "Country": account["Country"], "City": account["City"], "AddressStreet": account["AddressLine1"],
            "Person": kit.guid(), "StartDate": account["StartDate"],
            "PictureUrl": "/docs/images/placeholder_contact_myeol.png",
            "PictureThumbnailUrl": "/docs/images/placeholder_contact_myeol.png", **kit.audit(),
        }  # fmt: skip
        if middle:
            row["MiddleName"] = middle
        if number % 6:
            mail = f"{first}.{last}{number}@klant.example.test".lower().replace("'", "")
            row |= {"Email": mail, "BusinessEmail": mail, "Phone": f"+31 6 {10000000 + number * 3 + place}",
                    "BusinessPhone": f"+31 6 {10000000 + number * 3 + place}"}  # fmt: skip
        title = kit.pick(TITLES)
        if title:
            row["JobTitleDescription"] = title
        if place == 2:
            row["EndDate"] = kit.day(-30)
        rows.append(row)
    if rows:
        account |= {"MainContact": rows[0]["ID"]}
        for row in rows:
            row["AccountMainContact"] = rows[0]["ID"]
    relations.contacts[account["ID"]] = rows
    base.put("Contacts", rows)
    if number % 6 == 1:
        _note(kit, base, account, rows, number)
    if number % 3 == 0:
        _bank(kit, base, account, number)


def _note(kit: Kit, base: Base, account: Row, contacts: list[Row], number: int) -> None:
    user = base.employees[number % 3]
    row: Row = {"ID": kit.guid(), "HID": 9000 + number, "Account": account["ID"], "AccountName": account["Name"],
                "Date": kit.day(-number % 365), "Subject": "Bezoekverslag", "Status": 20, "StatusDescription": "Open",
                "Notes": "Besproken: voorjaarscollectie.\r\nWil 2,5 % extra korting – terugbellen!",
                "User": user["UserID"], "UserFullName": user["FullName"], **kit.audit()}  # fmt: skip
    if contacts:
        row |= {"Contact": contacts[0]["ID"], "ContactFullName": contacts[0]["FullName"]}
    base.put("CommunicationNotes", [row])


def _bank(kit: Kit, base: Base, account: Row, number: int) -> None:
    iban = f"NL{10 + number % 80}RABO{300000000 + number:010d}"
    base.put("BankAccounts", [
        {"ID": kit.guid(), "Account": account["ID"], "AccountName": account["Name"], "BankAccount": iban, "IBAN": iban,
         "BICCode": "RABONL2U", "BankName": "Rabobank", "BankAccountHolderName": account["Name"], "Main": True,
         "Blocked": False, "Type": "A", "TypeDescription": "Bankrekening", **kit.audit()}])  # fmt: skip


def _addresses(kit: Kit, base: Base, account: Row, number: int, relations: Relations) -> None:
    kinds: list[tuple[int, bool]] = [(1, True)]
    kinds += [(4, True)] if number % 2 == 0 else []
    kinds += [(4, False)] * (number % 6 == 0) + [(4, False)] * (number % 30 == 0)
    kinds += [(3, True)] * (number % 4 == 1) + [(2, True)] * (number % 8 == 1)
    rows = []
    for place, (kind, main) in enumerate(kinds):
        row: Row = {
            "ID": kit.guid(), "Account": account["ID"], "AccountName": account["Name"], "Type": kind, "Main": main,
            "AccountIsSupplier": account["IsSupplier"], "City": account["City"], "Country": account["Country"],
            "CountryName": account["CountryName"], "AddressLine1": account["AddressLine1"], "Source": 1, **kit.audit(),
        }  # fmt: skip
        if "Postcode" in account:
            row["Postcode"] = account["Postcode"]
        if place:
            row["AddressLine1"] = f"{kit.pick(STREETS)} {place}{'abc'[place % 3]}"
        if number % 9 == 4:
            row |= {"AddressLine2": "t.a.v. Magazijn", "Notes": "Aanleveren vóór 12:00; max. 1,80 m hoog"}
        if number % 27 == 4:
            row["AddressLine3"] = "Poort 3"
        contacts = relations.contacts[account["ID"]]
        if kind == 4 and contacts and number % 4 == 0:
            row |= {"Contact": contacts[-1]["ID"], "ContactName": contacts[-1]["FullName"]}
        if kind == 4 and number % 10 == 0:
            row |= {"FreeTextField_01": "Laadklep", "FreeBoolField_01": True, "FreeNumberField_01": 1.8,
                    "FreeDateField_01": kit.today - timedelta(days=number % 60)}  # fmt: skip
        if kind == 4 and base.warehouses and number % 15 == 0:
            house = base.warehouses[-1]
            row |= {
                "Warehouse": house["ID"],
                "WarehouseCode": house["Code"],
                "WarehouseDescription": house["Description"],
            }
        rows.append(row)
    relations.addresses[account["ID"]] = rows
    base.put("Addresses", rows)
