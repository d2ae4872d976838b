"""The price list that a customer is linked to: delivered, not excluded, and in the customer's currency."""

from __future__ import annotations

from exact_connector import fields
from exact_connector.catalog.pricing.price_lists import PriceListBook
from exact_connector.catalog.projection import Warning
from exact_connector.fields import Row
from exact_connector.settings.model import Settings


def customer_currency(account: Row, base_currency: str) -> str:
    """Return the currency in which a customer buys."""
    return (fields.text(account, "SalesCurrency") or base_currency).upper()


def price_list_code(
    account: Row, settings: Settings, book: PriceListBook, base_currency: str
) -> tuple[str | None, Warning | None]:
    """Return the code of the customer's price list, and a warning when the list in Exact could not be linked.

    A list that the tenant excluded leaves no warning: it counts as absent.
    """
    currency = customer_currency(account, base_currency)
    list_id = fields.guid(account, "PriceList")
    link = book.link(list_id, currency, check_currency=not settings.DisableCurrencyPriceListCheck)
    if link.reason == "not_synced":
        return None, _NOT_SYNCED
    if link.reason == "currency_mismatch":
        return None, _mismatch(book, list_id, currency)
    return link.code, None


_NOT_SYNCED = Warning(
    "PRICE_LIST_NOT_SYNCED",
    "the price list of this customer is not delivered; name it in PriceList2Id, PriceList3Id or PriceList4Id, "
    "or switch on AutoSyncPriceLists",
)


def _mismatch(book: PriceListBook, list_id: str | None, currency: str) -> Warning:
    found = book.delivered[list_id or ""]
    return Warning(
        "PRICE_LIST_CURRENCY_MISMATCH",
        f"price list {found.code} is in {found.currency}, the customer buys in {currency}; correct one of them in "
        "Exact, or use GenerateCurrencyPriceLists or DisableCurrencyPriceListCheck",
    )
