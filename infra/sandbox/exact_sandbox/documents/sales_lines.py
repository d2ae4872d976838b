"""A line of a sales document: item, unit, price, discount, VAT and amounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exact_sandbox.documents.amounts import line_amounts
from exact_sandbox.documents.context import Context
from exact_sandbox.documents.parties import cost_fields
from exact_sandbox.documents.pricing import Price, customer_price, list_price

Row = dict[str, Any]


def price_fields(context: Context, values: Row, item: Row, account: Row, currency: str, day: datetime) -> Row:
    """Return UnitPrice, Discount, NetPrice and Pricelist of a line.

    NetPrice given: it stands, the discount follows from it. UnitPrice given: the discount is the given one or none.
    Only a discount: it goes off the live unit price. Nothing: the live price, from Pricelist when one is named.
    """
    quantity = abs(values.get("Quantity") or 0.0)
    net, unit, discount = (values.get(name) for name in ("NetPrice", "UnitPrice", "Discount"))
    live, named = _live(context, values, item, account, quantity, currency, day)
    if net is not None:
        unit = live.unit if unit is None else unit
        discount = round(1 - net / unit, 6) if unit else 0.0
    elif unit is not None or discount is not None:
        unit = live.unit if unit is None else unit
        discount = discount or 0.0
        net = round(unit * (1 - discount), 6)
    else:
        unit, discount, net = live.unit, live.discount, live.net
        named = named or live.price_list
    result: Row = {"UnitPrice": unit, "Discount": discount, "NetPrice": net}
    if named is not None:
        result |= {"Pricelist": named["ID"], "PricelistDescription": named["Description"]}
    return result


def _live(
    context: Context, values: Row, item: Row, account: Row, quantity: float, currency: str, day: datetime
) -> tuple[Price, Row | None]:
    division = context.division
    named = context.find("SalesPriceLists", values.get("Pricelist"), "Pricelist")
    if named is not None:
        found = list_price(division, item, named, quantity, day)
        if found is not None:
            return found, named
    return customer_price(division, item, account, quantity, currency, day), named


def vat_row(context: Context, code: str | None, account: Row, item: Row) -> Row | None:
    """Return the VAT code of a line: the given one, else the customer's when it is foreign, else the item's."""
    if code and code.strip():
        return context.vat(code, use="sales")
    own = context.find_code("VATCodes", account.get("SalesVATCode"), "VATCode")
    if own is not None and own.get("Type") in ("B", "N"):
        return own
    return context.find_code("VATCodes", item.get("SalesVatCode"), "VATCode") or own


def unit_fields(context: Context, code: str | None, item: Row) -> Row:
    """Return unit code and description: the given unit, else the item's."""
    row = context.find_code("Units", code or item.get("Unit"), "UnitCode")
    return {} if row is None else {"UnitCode": row["Code"], "UnitDescription": row["Description"]}


def sales_line(context: Context, values: Row, account: Row, currency: str, rate: float, day: datetime) -> Row | None:
    """Return the shared fields of a sales line, or None when its item may not be sold."""
    context.need(values, "Item")
    item = context.item(values.get("Item"), use="sales")
    if item is None:
        return None
    quantity = values.get("Quantity")
    quantity = 1.0 if quantity is None else quantity
    if quantity != int(quantity) and not item.get("IsFractionAllowedItem"):
        context.problems.add("invalid", "Quantity", "fraction")
    values = {**values, "Quantity": quantity}
    prices = price_fields(context, values, item, account, currency, day)
    vat = vat_row(context, values.get("VATCode"), account, item)
    row: Row = {
        "ID": values.get("ID") or context.guid(),
        "Item": item["ID"],
        "ItemCode": item["Code"],
        "ItemDescription": item["Description"],
        "Description": values.get("Description") or item["Description"],
        "Notes": values.get("Notes"),
        "Quantity": quantity,
        **prices,
        **unit_fields(context, values.get("UnitCode"), item),
        **cost_fields(context, values),
        **line_amounts(quantity, prices["NetPrice"], vat, rate),
    }
    if vat is not None:
        row |= {"VATCode": vat["Code"], "VATCodeDescription": vat["Description"]}
    known = context.division.table("CustomerItems").lookup("Item", item["ID"]) or []
    for link in known:
        if link["Account"] == account["ID"]:
            row["CustomerItemCode"] = link.get("CustomerItemCode")
    return row
