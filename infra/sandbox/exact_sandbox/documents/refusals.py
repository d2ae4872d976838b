"""The texts with which Exact refuses a record, in the user's language, several problems joined by CR LF."""

from __future__ import annotations

import re
from typing import NoReturn

from exact_sandbox.world.store import Refusal

_DUTCH = {
    "Account": "Relatie", "Attachment": "Bijlage", "BankAccount": "Bankrekening", "CallbackURL": "Callback URL",
    "Contact": "Contactpersoon", "CostCenter": "Kostenplaats", "CostUnit": "Kostendrager", "Costcenter": "Kostenplaats",
    "Costunit": "Kostendrager", "CreateCredit": "Creditnota maken", "Currency": "Valuta", "DeliverTo": "Afleveren aan",
    "DeliveredTo": "Afgeleverd aan", "DeliveryAddress": "Afleveradres", "DeliveryDate": "Leverdatum",
    "Description": "Omschrijving", "Discount": "Korting", "Document": "Document", "FileName": "Bestandsnaam",
    "FirstName": "Voornaam", "GLAccount": "Grootboekrekening", "GoodDeliveryLineID": "Goederenleveringsregel",
    "GoodsDeliveryLines": "Leveringsregels", "GoodsReceiptLines": "Ontvangstregels", "InvoiceTo": "Factuur voor",
    "Item": "Artikel", "ItemGroup": "Artikelgroep", "ItemUnit": "Artikeleenheid", "Journal": "Dagboek",
    "LastName": "Achternaam", "Name": "Naam", "OrderAccount": "Relatie", "OrderedBy": "Besteld door",
    "PaymentCondition": "Betalingsconditie", "PlannedReturnQuantity": "Geplande retourhoeveelheid",
    "PlannedSalesReturnLines": "Retourregels", "PriceList": "Prijslijst", "Pricelist": "Prijslijst",
    "PurchaseOrderLineID": "Inkooporderregel", "PurchaseOrderLines": "Regels", "PurchasePrice": "Inkoopprijs",
    "PurchaseUnit": "Inkoopeenheid", "Quantity": "Aantal", "QuantityDelivered": "Geleverd aantal",
    "QuantityInPurchaseUnits": "Aantal in inkoopeenheden", "QuantityReceived": "Ontvangen aantal",
    "QuotationLines": "Offerteregels", "ReceiptDate": "Ontvangstdatum", "ReceivedQuantity": "Ontvangen hoeveelheid",
    "SalesInvoiceLines": "Factuurregels", "SalesOrderLineID": "Verkooporderregel", "SalesOrderLines": "Regels",
    "ShippingMethod": "Verzendwijze", "Subject": "Onderwerp", "Supplier": "Leverancier", "Topic": "Onderwerp",
    "Unit": "Eenheid", "UnitCode": "Eenheid", "VATCode": "Btw-code", "Warehouse": "Magazijn", "WarehouseID": "Magazijn",
    "YourRef": "Uw ref.",
}  # fmt: skip
_HEADS = {
    "mandatory": ("Verplicht", "Mandatory"),
    "invalid": ("Ongeldig", "Invalid"),
    "blocked": ("Geblokkeerd", "Blocked"),
    "long": ("Te lang", "Too long"),
    "not_allowed": ("Niet toegestaan", "Not allowed"),
}
_DETAILS = {
    "type": ("(Type)", "(Type)"),
    "inactive": ("- Niet actief", "- Not active"),
    "not_sales": ("- Geen verkoopartikel", "- Not a sales item"),
    "not_purchase": ("- Geen inkoopartikel", "- Not a purchase item"),
    "fraction": ("- Artikel is niet deelbaar", "- Item is not divisible"),
    "in_use": ("- Gegeven wordt gebruikt", "- Data is in use"),
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
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def text(kind: str, name: str, language: str, detail: str = "") -> str:
    """Return one problem, such as `Verplicht: Besteld door`."""
    side = 0 if is_dutch(language) else 1
    words = f"{_HEADS[kind][side]}: {caption(name, language)}"
    return f"{words} {_DETAILS[detail][side]}" if detail else words


def exists(language: str) -> Refusal:
    """Return the refusal of a duplicate."""
    return Refusal(500, "Gegeven bestaat reeds." if is_dutch(language) else "Data already exists.")


def not_found(language: str) -> Refusal:
    """Return the answer for a key that does not exist."""
    return Refusal(404, "Bron niet gevonden." if is_dutch(language) else "Resource not found for the segment.")


class Problems:
    """Collect what is wrong with one request, then refuse once with all of it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.texts: list[str] = []

    def add(self, kind: str, name: str, detail: str = "") -> None:
        """Note one problem."""
        line = text(kind, name, self.language, detail)
        if line not in self.texts:
            self.texts.append(line)

    def refuse(self, kind: str, name: str, detail: str = "") -> NoReturn:
        """Note one problem and refuse at once."""
        self.add(kind, name, detail)
        raise Refusal(500, "\r\n".join(self.texts))

    def check(self) -> None:
        """Refuse when anything was noted."""
        if self.texts:
            raise Refusal(500, "\r\n".join(self.texts))
