"""The texts with which Exact refuses a record, in the user's language, several problems joined by CR LF.

Where a vendor or an issue published Exact's own words, these are the words: `Niet gevonden: Inkoopprijs`,
`Artikel: Toekomstig`, `Ongeldige referentie: Btw-code`, ... Other problems follow the same forms.
"""

from __future__ import annotations

import re
from typing import NoReturn

from exact_sandbox.world.store import Refusal

_DUTCH = {
    "Account": "Relatie", "Attachment": "Bijlage", "BankAccount": "Bankrekening", "CallbackURL": "Callback URL",
    "Contact": "Contactpersoon", "CostCenter": "Kostenplaats", "CostUnit": "Kostendrager", "Costcenter": "Kostenplaats",
    "Costunit": "Kostendrager", "Country": "Land", "CreateCredit": "Creditnota maken", "Currency": "Valuta",
    "Customer": "Klant", "DeliverTo": "Leveren aan", "DeliveredTo": "Afgeleverd aan", "DeliveryAddress": "Afleveradres",
    "DeliverToContactPerson": "Contactpersoon", "DeliveryDate": "Leverdatum", "Description": "Omschrijving",
    "Discount": "Korting", "Document": "Document", "EntryNumber": "Boekstuknummer", "FileName": "Bestandsnaam",
    "FirstName": "Voornaam", "GLAccount": "Grootboekrekening", "GoodDeliveryLineID": "Goederenleveringsregel",
    "GoodsDeliveryLines": "Leveringsregels", "GoodsReceiptLines": "Ontvangstregels", "InvoiceTo": "Factuur voor",
    "InvoiceToContactPerson": "Contactpersoon", "Item": "Artikel", "ItemGroup": "Artikelgroep",
    "ItemUnit": "Artikeleenheid", "Journal": "Dagboek", "Language": "Taal", "LastName": "Achternaam", "Name": "Naam",
    "OrderAccount": "Relatie", "OrderedBy": "Besteld door", "OrderedByContactPerson": "Contactpersoon",
    "PaymentCondition": "Betalingsconditie", "PaymentConditionPurchase": "Betalingsconditie",
    "PaymentConditionSales": "Betalingsconditie", "PlannedReturnQuantity": "Geplande retourhoeveelheid",
    "PlannedSalesReturnLines": "Retourregels", "PriceList": "Prijslijst", "Pricelist": "Prijslijst",
    "Purchase": "Inkoop", "PurchaseEntryLines": "Regels", "PurchaseOrderLine": "Inkooporderregel",
    "PurchaseOrderLineID": "Inkooporderregel", "PurchaseOrderLines": "Regels", "PurchaseOrders": "Inkooporder",
    "PurchasePrice": "Inkoopprijs", "PurchaseUnit": "Inkoopeenheid", "PurchaseVATCode": "Btw-code",
    "Quantity": "Aantal", "QuantityDelivered": "Geleverd aantal",
    "QuantityInPurchaseUnits": "Aantal in inkoopeenheden", "QuantityReceived": "Ontvangen aantal",
    "QuotationLines": "Offerteregels", "Quotations": "Offerte", "ReceiptDate": "Ontvangstdatum",
    "ReceivedQuantity": "Ontvangen hoeveelheid", "Sales": "Verkoop", "SalesInvoiceLines": "Factuurregels",
    "SalesInvoices": "Verkoopfactuur", "SalesOrderLineID": "Verkooporderregel", "SalesOrderLines": "Regels",
    "SalesOrders": "Verkooporder", "SalesVATCode": "Btw-code", "ShippingMethod": "Verzendwijze",
    "Salesperson": "Verkoper", "State": "Provincie", "Subject": "Onderwerp", "Supplier": "Leverancier",
    "Topic": "Onderwerp", "Unit": "Eenheid", "UnitCode": "Eenheid", "VATCode": "Btw-code", "Warehouse": "Magazijn",
    "WarehouseID": "Magazijn", "YourRef": "Uw ref.",
}  # fmt: skip
_ENGLISH = {
    "CallbackURL": "Callback URL", "DeliverToContactPerson": "Contact", "EntryNumber": "Document number",
    "GLAccount": "G/L account", "InvoiceToContactPerson": "Contact", "OrderAccount": "Account",
    "OrderedByContactPerson": "Contact", "PaymentConditionPurchase": "Payment condition",
    "PaymentConditionSales": "Payment condition", "PurchaseOrderLines": "Lines", "PurchaseVATCode": "VAT code",
    "SalesInvoiceLines": "Invoice lines", "SalesOrderLines": "Lines", "SalesVATCode": "VAT code", "UnitCode": "Unit",
    "VATCode": "VAT code", "WarehouseID": "Warehouse", "YourRef": "Your ref.",
}  # fmt: skip
_HEADS = {
    "mandatory": ("Verplicht", "Mandatory"),
    "invalid": ("Ongeldig", "Invalid"),
    "reference": ("Ongeldige referentie", "Invalid reference"),
    "not_found": ("Niet gevonden", "Not found"),
    "blocked": ("Geblokkeerd", "Blocked"),
    "long": ("Te lang", "Too long"),
    "not_allowed": ("Niet toegestaan", "Not allowed"),
    "in_use": ("In gebruik", "In use"),
    "exists": ("Bestaat reeds", "Already exists"),
}
_STATES = {"inactive": ("Non actief", "Inactive"), "future": ("Toekomstig", "Future")}
_SENTENCES = {
    "item_warehouse": (
        "Het artikel en het magazijn zijn niet gekoppeld.",
        "The item and the warehouse are not linked.",
    ),
    "item_supplier": (
        "Het artikel en de leverancier zijn niet gekoppeld",
        "The item and the supplier are not linked",
    ),
    "ledger_type": ("Ongeldig grootboekrekeningtype", "Invalid G/L account type"),
}
_DETAILS = {
    "type": ("(Type)", "(Type)"),
    "fraction": ("- Artikel is niet deelbaar", "- Item is not divisible"),
    "complete": ("- Order is volledig afgehandeld", "- Order is complete"),
    "processed": ("- Factuur is verwerkt", "- Invoice is processed"),
    "last_line": ("- Er moet minstens één regel overblijven", "- At least one line must remain"),
    "other_company": ("- Andere relatie", "- Other account"),
    "direct": ("- Alleen bij een directe factuur", "- Only for a direct invoice"),
}


def is_dutch(language: str) -> bool:
    """Tell whether a user reads Dutch texts."""
    return language.strip().upper().startswith("NL")


def caption(name: str, language: str) -> str:
    """Return what the user sees as the name of a property."""
    if is_dutch(language):
        return _DUTCH.get(name, name)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).split()
    plain = " ".join(word if number == 0 or word.isupper() else word.lower() for number, word in enumerate(words))
    return _ENGLISH.get(name, plain)


def text(kind: str, name: str, language: str, detail: str = "") -> str:
    """Return one problem, such as `Verplicht: Besteld door`, `Artikel: Toekomstig` or a whole sentence."""
    side = 0 if is_dutch(language) else 1
    if kind in _SENTENCES:
        return _SENTENCES[kind][side]
    if kind in _STATES:
        state = "non-actief" if (kind, name, side) == ("inactive", "Customer", 0) else _STATES[kind][side]
        return f"{caption(name, language)}: {state}"
    words = f"{_HEADS[kind][side]}: {caption(name, language)}"
    return f"{words} {_DETAILS[detail][side]}" if detail else words


def blocked_vat(code: str, language: str) -> str:
    """Return the refusal of a blocked VAT code, which names the code."""
    words = "Geblokkeerd: Btw code" if is_dutch(language) else "Blocked: VAT code"
    return f"{words} ({code.strip()})"


def closed_period(year: int, period: int, language: str) -> str:
    """Return the refusal of a date in a closed period."""
    words = "Periode is afgesloten" if is_dutch(language) else "Period is closed"
    return f"{words}: {year} - {period}"


def exists(language: str) -> Refusal:
    """Return the refusal of a duplicate."""
    return Refusal(500, "Gegeven bestaat reeds." if is_dutch(language) else "Data already exists.")


class Problems:
    """Collect what is wrong with one request, then refuse once with all of it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.texts: list[str] = []

    def add(self, kind: str, name: str = "", detail: str = "") -> None:
        """Note one problem."""
        self.say(text(kind, name, self.language, detail))

    def say(self, line: str) -> None:
        """Note one problem in these words, once."""
        if line not in self.texts:
            self.texts.append(line)

    def refuse(self, kind: str, name: str = "", detail: str = "") -> NoReturn:
        """Note one problem and refuse at once."""
        self.add(kind, name, detail)
        raise Refusal(500, "\r\n".join(self.texts))

    def check(self) -> None:
        """Refuse when anything was noted."""
        if self.texts:
            raise Refusal(500, "\r\n".join(self.texts))
