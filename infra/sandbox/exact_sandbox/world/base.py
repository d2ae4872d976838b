"""The small lists of a company: ledgers, VAT codes, units, warehouses, conditions, classifications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from exact_sandbox.world.kit import Kit, Row, country_code, language_code, unit_code, vat_code
from exact_sandbox.world.texts import BRANDS, COLOURS, COUNTRY_NAMES, GROUPS, MATERIALS, SEASONS

LEDGERS: tuple[tuple[str, str, int, str, str], ...] = (
    # code, description, type, balance side, balance type
    ("1100", "Bank", 12, "D", "B"),
    ("1300", "Debiteuren", 20, "D", "B"),
    ("1310", "Debiteuren buitenland", 20, "D", "B"),
    ("1500", "Btw hoog af te dragen", 24, "C", "B"),
    ("1510", "Btw laag af te dragen", 24, "C", "B"),
    ("1520", "Btw te vorderen", 24, "D", "B"),
    ("1600", "Crediteuren", 22, "C", "B"),
    ("3000", "Voorraad handelsgoederen", 32, "D", "B"),
    ("4999", "Overige kosten", 121, "D", "W"),
    ("7000", "Inkoopwaarde omzet", 111, "D", "W"),
    ("8000", "Omzet hoog", 110, "C", "W"),
    ("8010", "Omzet laag", 110, "C", "W"),
    ("8020", "Omzet buitenland", 110, "C", "W"),
    ("8090", "Omzet oud (geblokkeerd)", 110, "C", "W"),
)
VATS: tuple[tuple[str, str, str, float, str, bool], ...] = (
    # code, description, type, fraction, transaction type, blocked
    ("0", "Geen btw", "N", 0.0, "B", False),
    ("1", "Btw laag tarief, inclusief", "I", 0.09, "B", False),
    ("2", "Btw laag tarief, exclusief", "E", 0.09, "B", False),
    ("3", "Btw hoog tarief, inclusief", "I", 0.21, "B", False),
    ("4", "Btw hoog tarief, exclusief", "E", 0.21, "B", False),
    ("5", "Btw verlegd binnenland", "B", 0.0, "B", False),
    ("6", "Levering binnen de EU", "B", 0.0, "S", False),
    ("7", "Uitvoer buiten de EU", "B", 0.0, "S", False),
    ("8", "Verwerving binnen de EU", "E", 0.21, "P", False),
    ("19", "Btw hoog oud 19%", "E", 0.19, "B", True),
    ("21B", "België 21%", "E", 0.21, "S", False),
)
UNITS: tuple[tuple[str, str, str, bool], ...] = (
    ("pc", "Stuk", "O", True), ("box", "Doos", "O", True), ("pal", "Pallet", "O", True), ("set", "Set", "O", True),
    ("kg", "Kilogram", "W", True), ("m", "Meter", "L", True), ("l", "Liter", "V", True), ("hour", "Uur", "T", True),
    ("gros", "Gros", "O", False),
)  # fmt: skip
CURRENCIES: tuple[tuple[str, str, float], ...] = (
    ("EUR", "Euro", 1.0), ("USD", "Amerikaanse dollar", 0.92), ("GBP", "Brits pond", 1.17), ("CHF",
                                                                                             "Zwitserse frank", 1.04),
    ("SEK", "Zweedse kroon", 0.0875), ("JPY", "Yen", 0.0061),
)  # fmt: skip
PAYMENTS: tuple[tuple[str, str, int, str], ...] = (
    ("00", "Contant", 0, "K"), ("14", "14 dagen", 14, "B"), ("30", "30 dagen", 30, "B"), ("60", "60 dagen", 60, "B"),
    ("IN", "Automatische incasso", 14, "I"), ("2K", "30 dagen, 2% korting binnen 8 dagen", 30, "B"),
)  # fmt: skip
SHIPPING: tuple[tuple[str, str, bool], ...] = (
    ("BEZORG", "Eigen vrachtwagen", True), ("POST", "Pakketdienst", True), ("AFHAAL", "Afhalen", True),
    ("KOERIER", "Koerier (vervallen)", False),
)  # fmt: skip
JOURNALS: tuple[tuple[str, str, int, bool], ...] = (
    ("20", "Bankboek", 12, False), ("60", "Verkoop oud", 20, True), ("70", "Verkoopboek", 20, False),
    ("71", "Verkoop webshop", 20, False), ("75", "Retourfacturen", 21, False), ("80", "Inkoopboek", 22, False),
    ("90", "Memoriaal", 90, False),
)  # fmt: skip
INCOTERMS: tuple[tuple[str, str], ...] = (("EXW", "Ex Works"), ("FCA", "Free Carrier"), ("DAP", "Delivered at Place"),
                                          ("DDP", "Delivered Duty Paid"))  # fmt: skip
SLOTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Branche", (("TUIN", "Tuincentra"), ("WON", "Woonwinkels"), ("HOR", "Horeca"), ("OVR", "Overig"))),
    ("Vertegenwoordiger", (("VT1", "Eva Vos"), ("VT2", "Kees de Vries"), ("VT3", "Zoë Yılmaz"), ("VT0", ""))),
    ("Regio", (("N", "Noord"), ("Z", "Zuid"), ("O", "Oost"), ("W", "West"))),
    ("Klantgroep", (("A", "A-klant"), ("B", "B-klant"), ("C", "C-klant"))),
)
DOCUMENT_TYPES: tuple[tuple[int, str, bool], ...] = (
    (10, "Verkoopfactuur", True), (20, "Inkoopfactuur", True), (55, "Bijlage: Diversen", True),
    (59, "Productinformatie", True), (140, "Brief", True), (183, "E-mail", True),
)  # fmt: skip


@dataclass
class Base:
    """The small lists with look-ups by code, filled by `generate_base`."""

    ledgers: dict[str, Row] = field(default_factory=dict)
    vats: dict[str, Row] = field(default_factory=dict)
    units: dict[str, Row] = field(default_factory=dict)
    groups: dict[str, Row] = field(default_factory=dict)
    warehouses: list[Row] = field(default_factory=list)
    locations: list[Row] = field(default_factory=list)
    payments: dict[str, Row] = field(default_factory=dict)
    shipping: dict[str, Row] = field(default_factory=dict)
    journals: dict[str, Row] = field(default_factory=dict)
    price_lists: dict[str, Row] = field(default_factory=dict)
    slots: list[tuple[Row, list[Row]]] = field(default_factory=list)
    employees: list[Row] = field(default_factory=list)
    channels: list[Row] = field(default_factory=list)
    selections: list[Row] = field(default_factory=list)
    cost_centers: list[Row] = field(default_factory=list)
    cost_units: list[Row] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def put(self, table: str, rows: Iterable[Row]) -> list[Row]:
        """Keep the rows of a table and return them."""
        kept = list(rows)
        self.tables.setdefault(table, []).extend(kept)
        return kept


def _ledgers(kit: Kit, base: Base) -> None:
    rows = base.put("GLAccounts", (
        {"ID": kit.guid(), "Code": code, "Description": text, "Type": kind, "TypeDescription": text,
         "BalanceSide": side,
         "BalanceType": balance, "IsBlocked": code == "8090", "SearchCode": text.upper()[:15], "Compress": False,
         "Matching": kind in (20, 22), "UseCostcenter": 2, "UseCostunit": 2, **kit.audit()}
        for code, text, kind, side, balance in LEDGERS))  # fmt: skip
    base.ledgers = {row["Code"]: row for row in rows}
    base.journals = {row["Code"]: row for row in base.put("Journals", (
        {"ID": kit.guid(), "Code": code, "Description": text, "Type": kind, "IsBlocked": blocked, "Currency": "EUR",
         "CurrencyDescription": "Euro", "AllowVAT": True, "AllowVariableCurrency": True, "AutoSave": True,
         "GLAccount": base.ledgers["1300"]["ID"], "GLAccountCode": "1300", "GLAccountDescription": "Debiteuren",
         "GLAccountType": 20, **kit.audit()}
        for code, text, kind, blocked in JOURNALS))}  # fmt: skip


def _vat(kit: Kit, base: Base) -> None:
    for code, text, kind, fraction, use, blocked in VATS:
        ledger, claim = base.ledgers["1510" if fraction == 0.09 else "1500"], base.ledgers["1520"]
        row = {"ID": kit.guid(), "Code": vat_code(code), "Description": text, "Type": kind, "Percentage": fraction,
               "VATTransactionType": use, "IsBlocked": blocked, "Charged": kind == "B", "CalculationBasis": 1,
               "IntrastatType": "L" if code in ("6", "8") else "N", "VatDocType": "P",
               "Country": country_code("BE" if code == "21B" else "NL"), "EUSalesListing": "L" if code == "6" else "N",
               "IntraStat": code in ("6", "8"), "GLToPay": ledger["ID"], "GLToPayCode": ledger["Code"],
               "GLToPayDescription": ledger["Description"], "GLToClaim": claim["ID"], "GLToClaimCode": claim["Code"],
               "GLToClaimDescription": claim["Description"], "TaxReturnType": 1, **kit.audit()}  # fmt: skip
        base.vats[code] = row
        base.put("VATCodes", [row])
        starts = [(-6000, -2500, 0.19), (-2499, None, fraction)] if fraction == 0.21 else [(-6000, None, fraction)]
        base.put("VatPercentages", (
            {"ID": kit.guid(), "VATCodeID": row["ID"], "LineNumber": number, "Percentage": share, "Type": 0,
             "StartDate": kit.day(start), **({} if end is None else {"EndDate": kit.day(end)}), **kit.audit()}
            for number, (start, end, share) in enumerate(starts, 1)))  # fmt: skip


def _goods(kit: Kit, base: Base) -> None:
    base.units = {row["Code"].strip(): row for row in base.put("Units", (
        {"ID": kit.guid(), "Code": unit_code(code), "Description": text, "Type": kind, "Active": active,
         "Main": int(code == "pc"), **({"TimeUnit": "hh"} if kind == "T" else {}), **kit.audit()}
        for code, text, kind, active in UNITS))}  # fmt: skip
    base.groups = {row["Code"]: row for row in base.put("ItemGroups", (_group(kit, base, *group) for group in GROUPS))}
    classes = [("Kleur", COLOURS), ("Materiaal", MATERIALS), ("Seizoen", SEASONS),
               ("Merk", [(f"M{number}", brand) for number, brand in enumerate(BRANDS)])]  # fmt: skip
    for number, (title, codes) in enumerate(classes, 1):
        base.put("ItemAssortment", [{"ID": kit.guid(), "Code": number, "Description": title, "Division": kit.division}])
        base.put("ItemAssortmentProperty", (
            {"ID": kit.guid(), "Code": code, "ItemAssortmentCode": number, "Division": kit.division,
             **({} if code == "TP" else {"Description": text})} for code, text in codes))  # fmt: skip


def _group(kit: Kit, base: Base, code: str, text: str) -> Row:
    row: Row = {"ID": kit.guid(), "Code": code, "Description": text, "IsDefault": int(code == "OVERIG"), **kit.audit()}
    if code not in ("EMB", "OVERIG"):
        for name, ledger in (("GLRevenue", "8000"), ("GLCosts", "7000"), ("GLStock", "3000")):
            found = base.ledgers[ledger]
            row |= {name: found["ID"], f"{name}Code": ledger, f"{name}Description": found["Description"]}
    return row


def _warehouses(kit: Kit, base: Base, codes: Sequence[tuple[str, str]]) -> None:
    base.warehouses = base.put("Warehouses", (
        {"ID": kit.guid(), "Code": code, "Description": text, "Main": int(number == 0),
         "UseStorageLocations": int(number == 0), "EMail": f"magazijn{code}@example.test", **kit.audit()}
        for number, (code, text) in enumerate(codes)))  # fmt: skip
    main = base.warehouses[0]
    base.locations = base.put("StorageLocations", (
        {"ID": kit.guid(), "Code": f"A-{number:02d}", "Description": f"Gang A vak {number}", "Main": int(number == 1),
         "PickSequence": number, "Warehouse": main["ID"], "WarehouseCode": main["Code"],
         "WarehouseDescription": main["Description"], **kit.audit()} for number in range(1, 13)))  # fmt: skip
    first = base.locations[0]
    main |= {"DefaultStorageLocation": first["ID"], "DefaultStorageLocationCode": first["Code"],
             "DefaultStorageLocationDescription": first["Description"]}  # fmt: skip


def _trade(kit: Kit, base: Base) -> None:
    base.put("Currencies", (
        {"Code": code, "Description": text, "AmountPrecision": 1.0 if code == "JPY" else 0.01, "PricePrecision": 0.0001,
         **{name: value for name, value in kit.audit().items() if name != "Division"}}
        for code, text, _ in CURRENCIES))  # fmt: skip
    base.put("ExchangeRates", (
        {"ID": kit.guid(), "SourceCurrency": code, "SourceCurrencyDescription": text, "TargetCurrency": "EUR",
         "TargetCurrencyDescription": "Euro", "Rate": round(rate * (1 + 0.01 * step), 6), "StartDate": kit.day(-days),
         **kit.audit()}
        for code, text, rate in CURRENCIES[1:] for step, days in ((2, 400), (1, 60), (0, 3))))  # fmt: skip
    base.payments = {row["Code"]: row for row in base.put("PaymentConditions", (
        {"ID": kit.guid(), "Code": code, "Description": text, "PaymentDays": days, "PaymentMethod": method,
         "PaymentEndOfMonths": 0, "Percentage": 1.0, "DiscountPaymentDays": 8 if code == "2K" else 0,
         "DiscountPercentage": 0.02 if code == "2K" else 0.0, "DiscountCalculation": "E", "PaymentDiscountType": "B",
         "VATCalculation": "E", **kit.audit()} for code, text, days, method in PAYMENTS))}  # fmt: skip
    base.shipping = {row["Code"]: row for row in base.put("ShippingMethods", (
        {"ID": kit.guid(), "Code": code, "Description": text, "Active": active, **kit.audit()}
        for code, text, active in SHIPPING))}  # fmt: skip
    base.put("Incoterms", (
        {"ID": number, "Code": code, "Description": text, "Version": version}
        for number, (version, code, text) in enumerate(
            ((version, code, text) for version in (2010, 2020) for code, text in INCOTERMS), 1)))  # fmt: skip
    base.channels = _coded(kit, base, "SalesChannels", (("APP", "Vertegenwoordigersapp"), ("WEB", "Webshop"),
                                                        ("TEL", "Telefoon")), {"Active": True})  # fmt: skip
    base.selections = _coded(kit, base, "SelectionCodes", (("SPOED", "Spoed"), ("BEURS", "Beursorder")), {"Active": 1})
    base.cost_centers = _coded(kit, base, "Costcenters", (("NOORD", "Regio Noord"), ("ZUID", "Regio Zuid"),
                                                          ("OUD", "Oud kantoor")), {"Active": True})  # fmt: skip
    base.cost_centers[2] |= {"Active": False, "EndDate": kit.day(-200)}
    base.cost_units = _coded(kit, base, "Costunits", (("BEURS", "Beurzen"), ("WEB", "Webshop")), {})
    base.put("OrderCharges", (
        {"ID": kit.guid(), "Code": "VRACHT", "Description": "Vrachtkosten", "Active": True, "Amount": 7.5,
         "VATCode": vat_code("4"), "VATPercentage": 0.21, "GLAccount": base.ledgers["8000"]["ID"],
         "GLAccountCode": "8000", "GLAccountDescription": "Omzet hoog", **kit.audit()} for _ in range(1)))  # fmt: skip


def _coded(kit: Kit, base: Base, table: str, codes: Sequence[tuple[str, str]], more: Row) -> list[Row]:
    return base.put(table, ({"ID": kit.guid(), "Code": code, "Description": text, **more, **kit.audit()}
                            for code, text in codes))  # fmt: skip


def _people(kit: Kit, base: Base) -> None:
    for number, (title, codes) in enumerate(SLOTS, 1):
        name = {"ID": kit.guid(), "SequenceNumber": number, "Description": title, **kit.audit()}
        base.put("AccountClassificationNames", [name])
        rows = base.put("AccountClassifications", (
            {"ID": kit.guid(), "Code": code, "AccountClassificationName": name["ID"],
             "AccountClassificationNameDescription": title, **({"Description": text} if text else {}), **kit.audit()}
            for code, text in codes))  # fmt: skip
        base.slots.append((name, rows))
    base.put("AddressStates", (
        {"ID": kit.guid(), "Country": country_code(country), "State": state, "Name": name,
         "DisplayValue": f"{state} - {name}"}
        for country, state, name in (("NL", "UT", "Utrecht"), ("NL", "NH", "Noord-Holland"), ("BE", "VAN", "Antwerpen"),
                                     ("US", "NY", "New York"))))  # fmt: skip
    base.employees = base.put("Employees", (
        {"ID": kit.guid(), "UserID": kit.guid(), "Code": str(number), "FullName": name, "Language": language_code("NL"),
         **kit.audit()} for number, name in enumerate(("Eva Vos", "Kees de Vries", "Zoë Yılmaz"), 1)))  # fmt: skip
    base.put("DocumentTypes", (
        {"ID": number, "Description": text, "DocumentIsCreatable": creatable, "DocumentIsDeletable": creatable,
         "DocumentIsUpdatable": creatable, "DocumentIsViewable": True, "TypeCategory": 1, **kit.audit()}
        for number, text, creatable in DOCUMENT_TYPES))  # fmt: skip
    base.put("DocumentCategories", ({"ID": kit.guid(), "Description": text, **kit.audit()}
                                    for text in ("Algemeen", "Productbladen", "Klanten", "Leveranciers")))  # fmt: skip
    base.put("AvailableFeatures", ({"ID": number, "Description": text} for number, text in (
        (1, "Logistics"), (2, "Wholesale & Distribution"), (3, "Multiple warehouses"), (4, "Premium"))))  # fmt: skip


def generate_base(kit: Kit, *, warehouses: Sequence[tuple[str, str]]) -> Base:
    """Make the small lists of one company."""
    base = Base()
    _ledgers(kit, base)
    _vat(kit, base)
    _goods(kit, base)
    _warehouses(kit, base, warehouses)
    _trade(kit, base)
    _people(kit, base)
    return base


def country_name(code: str) -> str:
    """Return the Dutch name of a country."""
    return COUNTRY_NAMES.get(code, code)
