"""Settings of VAT liability and of VAT in order prices."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import CUSTOMERS, ORDERS, Area, Entry, Reference

_BOTH = CUSTOMERS | ORDERS

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "VatLiableCode",
        Area.VAT,
        "VAT codes of liable customers",
        "Customers with one of these VAT codes are charged VAT. New liable customers get the first one.",
        _BOTH,
        form.CODES,
        Reference.VAT_CODES,
    ),
    Entry(
        "NotVatLiableCode",
        Area.VAT,
        "VAT codes of customers not liable",
        "Customers with one of these VAT codes are not charged VAT. New customers who are not liable get the first "
        "one, outside the EU only when no code is given for there.",
        _BOTH,
        form.CODES,
        Reference.VAT_CODES,
    ),
    Entry(
        "NotVatLiableCodeOutsideEU",
        Area.VAT,
        "VAT code outside the EU",
        "The VAT code of new customers outside the EU who are not charged VAT. Customers who have it are not liable.",
        _BOTH,
        form.CODE,
        Reference.VAT_CODES,
    ),
    Entry(
        "VatCodeBasedOnCountryCode",
        Area.VAT,
        "VAT code per country",
        "Gives a new customer the VAT code of the country, liable or not, and stands in for the code of customers who "
        "have none. Existing accounts are not changed.",
        _BOTH,
        form.COUNTRY_MAP,
        Reference.VAT_CODES,
    ),
    Entry(
        "UseVatLiabilityForDefaultCountry",
        Area.VAT,
        "Home customers are liable",
        "Charges VAT to every customer in the default country, whatever the VAT code says.",
        CUSTOMERS,
    ),
    Entry(
        "DefaultCountryForVatLiability",
        Area.VAT,
        "Default country",
        "The home country of the VAT rules and the country of customers without one; when empty, that of the "
        "administration.",
        _BOTH,
        form.COUNTRY,
    ),
    Entry(
        "VatLiabilityBasedOnVatRegime",
        Area.VAT,
        "Belgian VAT regime decides",
        "Lets the VAT liability on the account decide: L is liable, anything else is not, empty leaves it to the VAT "
        "codes. New liable customers get L.",
        _BOTH,
    ),
    Entry(
        "VatCodeEmptyIsVatLiable",
        Area.VAT,
        "Liable without a VAT code",
        "Charges VAT to customers for whom no VAT code is found. Otherwise they are not liable.",
        CUSTOMERS,
    ),
    Entry(
        "NetPriceIncludingVat",
        Area.VAT,
        "Order prices with VAT",
        "Writes order prices with VAT in them; a price that has it already stays.",
        ORDERS,
    ),
    Entry(
        "NetPriceBasedOnVatLiability",
        Area.VAT,
        "Order prices follow the customer's liability",
        "Takes VAT out of order prices for customers who are not charged any. Stronger, for them, than order prices "
        "with VAT.",
        ORDERS,
    ),
)
