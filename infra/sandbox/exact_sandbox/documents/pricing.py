"""Which price an item gets on a document when the client does not say: agreement, price list, standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_sandbox.documents.context import active
from exact_sandbox.world.store import Division

Row = dict[str, Any]


@dataclass(frozen=True)
class Price:
    """A unit price and the discount (fraction) on it; `net` is what is charged per default unit."""

    unit: float
    discount: float
    net: float
    price_list: Row | None = None


def customer_price(division: Division, item: Row, account: Row, quantity: float, currency: str, day: datetime) -> Price:
    """Return the live price: price agreement, else the customer's list, else the standard price."""
    rows = _active_rows(division, item, currency, day)
    agreement = _best([row for row in rows if row.get("Account") == account["ID"]], quantity)
    if agreement is not None:
        return _plain(agreement["Price"])
    price_list = division.table("SalesPriceLists").get(account.get("PriceList"))
    if price_list is not None and price_list["Currency"] == currency:
        found = list_price(division, item, price_list, quantity, day)
        if found is not None:
            return found
    return standard_price(division, item, quantity, currency, day)


def standard_price(division: Division, item: Row, quantity: float, currency: str, day: datetime) -> Price:
    """Return the general price in this currency; the item's own in the company's currency; else zero."""
    rows = [row for row in _active_rows(division, item, currency, day) if "Account" not in row]
    best = _best(rows, quantity)
    if best is not None:
        return _plain(best["Price"])
    return _plain(item.get("StandardSalesPrice", 0.0) if currency == division.currency else 0.0)


def list_price(division: Division, item: Row, price_list: Row, quantity: float, day: datetime) -> Price | None:
    """Return the price of an item in a price list; special offers beat the basic period."""
    periods = [
        period
        for period in division.table("SalesPriceListPeriods").lookup("PriceList", price_list["ID"]) or []
        if active(period, day)
    ]
    discounts = division.table("SalesPriceListVolumeDiscounts")
    for period in sorted(periods, key=lambda each: -each["Type"]):
        rows = [row for row in discounts.lookup("Item", item["ID"]) or [] if row["PriceListPeriod"] == period["ID"]]
        if not rows and item.get("ItemGroup"):
            grouped = discounts.lookup("ItemGroup", item["ItemGroup"]) or []
            rows = [row for row in grouped if row["PriceListPeriod"] == period["ID"]]
        best = _best(rows, quantity)
        if best is not None:
            return _from_row(division, item, best, price_list, day)
    return None


def _from_row(division: Division, item: Row, row: Row, price_list: Row, day: datetime) -> Price:
    base = row.get("BasePriceAmount")
    if base is None:
        base = standard_price(division, item, 0.0, price_list["Currency"], day).unit
    if row["EntryMethod"] == 2:
        net = row["NewPrice"]
        return Price(base, round(1 - net / base, 6) if base else 0.0, net, price_list)
    discount = row.get("Discount", 0.0)
    return Price(base, discount, round(base * (1 - discount), 6), price_list)


def _active_rows(division: Division, item: Row, currency: str, day: datetime) -> list[Row]:
    rows = division.table("SalesItemPrices").lookup("Item", item["ID"]) or []
    unit = item.get("Unit")
    return [row for row in rows if row.get("Currency") == currency and row.get("Unit") == unit and active(row, day)]


def _best(rows: list[Row], quantity: float) -> Row | None:
    fitting = [row for row in rows if row.get("Quantity", 0.0) <= max(quantity, 1.0)]
    return max(fitting, key=lambda row: (row.get("Quantity", 0.0), str(row.get("StartDate", ""))), default=None)


def _plain(amount: float) -> Price:
    return Price(amount, 0.0, amount)
