"""POST, PUT and DELETE: each entity's rules, one transaction per request.

`create`, `update` and `delete` raise `Refusal` with the status and text of the answer; the caller turns it into
Exact's error envelope. A refused request changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from exact_sandbox import webhooks
from exact_sandbox.documents import (
    files_written,
    goods,
    items,
    purchase_entries,
    purchase_orders,
    quotations,
    relations,
    sales_invoices,
    sales_orders,
)
from exact_sandbox.documents.context import Context
from exact_sandbox.documents.payload import parse
from exact_sandbox.documents.plain import PLAIN
from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.world.store import Division, Key, Refusal, Row, User, World

MOSTLY_NULL = frozenset({"Items", "Accounts", "Contacts"})
"""Entities whose POST answers only with the new ID unless `Prefer: return=representation` is sent."""

NUMBERED: dict[str, tuple[str, ...]] = {
    "SalesOrders": ("OrderNumber",),
    "Quotations": ("QuotationNumber",),
    "SalesInvoices": ("InvoiceNumber",),
    "PurchaseOrders": ("OrderNumber",),
    "PlannedSalesReturns": ("ReturnNumber",),
    "GoodsDeliveries": ("DeliveryNumber",),
    "GoodsReceipts": ("ReceiptNumber",),
}
"""The documents that `/sandbox/orders` lists, with the field that holds their number."""

Create = Callable[[Context, Row], Row]
Update = Callable[[Context, Row, Row], None]
Delete = Callable[[Context, Row], None]


@dataclass(frozen=True)
class Rules:
    """What one entity allows; None = 405."""

    create: Create | None = None
    update: Update | None = None
    delete: Delete | None = None


@dataclass(frozen=True)
class Created:
    """The answer of a POST: the row, and the only fields to show when the rest is null (None = all of them)."""

    row: Row
    only: frozenset[str] | None = None


RULES: dict[str, Rules] = {
    "Items": Rules(items.create, items.update, items.delete),
    "SalesItemPrices": Rules(items.create_price, items.update_price, items.delete_price),
    "Accounts": Rules(relations.create_account, relations.update_account, relations.delete_account),
    "Contacts": Rules(relations.create_contact, relations.update_contact, relations.delete_contact),
    "Addresses": Rules(relations.create_address, relations.update_address, relations.delete_address),
    "SalesOrders": Rules(sales_orders.create, sales_orders.update, sales_orders.delete),
    "SalesOrderLines": Rules(sales_orders.create_line, sales_orders.update_line, sales_orders.delete_line),
    "PrintedSalesOrders": Rules(goods.print_order),
    "CompleteSalesOrder": Rules(goods.complete_order),
    "Quotations": Rules(quotations.create, quotations.update, quotations.delete),
    "QuotationLines": Rules(quotations.create_line, quotations.update_line, quotations.delete_line),
    "SalesInvoices": Rules(sales_invoices.create, sales_invoices.update, sales_invoices.delete),
    "SalesInvoiceLines": Rules(sales_invoices.create_line, sales_invoices.update_line, sales_invoices.delete_line),
    "PurchaseOrders": Rules(purchase_orders.create, purchase_orders.update, purchase_orders.delete),
    "PurchaseOrderLines": Rules(purchase_orders.create_line, purchase_orders.update_line, purchase_orders.delete_line),
    "PurchaseEntries": Rules(purchase_entries.create),
    "GoodsDeliveries": Rules(goods.create_delivery, goods.update_delivery),
    "GoodsDeliveryLines": Rules(update=goods.update_delivery_line),
    "GoodsReceipts": Rules(goods.create_receipt, goods.update_receipt),
    "PlannedSalesReturns": Rules(goods.create_return, delete=goods.delete_return),
    "Documents": Rules(files_written.create_document, files_written.update_document, files_written.delete_document),
    "UpdateCustomField": Rules(files_written.update_custom_field),
    "DocumentAttachments": Rules(files_written.create_attachment, delete=files_written.delete_attachment),
    **{name: Rules(plain.create, plain.update, plain.delete) for name, plain in PLAIN.items()},
    "WebhookSubscriptions": Rules(delete=webhooks.delete),
}

NOT_WRITABLE = frozenset({
    "AssemblyBillOfMaterialHeader", "DropShipmentLines", "DropShipments", "GoodsDeliveryLines", "GoodsReceiptLines",
    "InvoiceSalesOrders", "PlannedSalesReturnLines", "SalesOrderOrderChargeLines", "StockBatchNumbers",
    "StockSerialNumbers",
})  # fmt: skip
"""Entities that Exact lets clients create and this sandbox does not: they need features that it has no data for."""

AsyncCreate = Callable[[World, Context, Row, User], Awaitable[Row]]
ASYNC_CREATES: dict[str, AsyncCreate] = {"WebhookSubscriptions": webhooks.subscribe}
"""Creates that have to talk to somebody else first: webhook subscriptions call their callback."""


async def create(
    world: World,
    division: Division,
    entity: str,
    body: object,
    user: User,
    *,
    representation: bool = False,
    late_s: float = 0.0,
    client_id: str = "",
) -> Created:
    """Store a new record. `late_s` makes it visible that many sandbox seconds after the answer."""
    rules = RULES.get(entity)
    context = Context(division, user)
    if (rules is None or rules.create is None) and entity not in ASYNC_CREATES:
        raise _not_found(entity)
    values = parse(load_schema()[entity], body, update=False)
    if entity in ASYNC_CREATES:
        return Created(await ASYNC_CREATES[entity](world, context, {**values, "_client": client_id}, user))
    assert rules is not None
    assert rules.create is not None
    with division.transaction(late_s=min(late_s, world.options.late_bound_s)):
        row = rules.create(context, values)
    _remember(world, division, entity, row, context)
    if entity in MOSTLY_NULL and not representation:
        return Created(row, frozenset({load_schema()[entity].key}))
    return Created(row)


async def update(
    world: World, division: Division, entity: str, key: Key, body: object, user: User, *, late_s: float = 0.0
) -> None:
    """Change a record; 404 when the key does not exist."""
    rules = RULES.get(entity)
    row = _row(division, entity, key)
    if rules is None or rules.update is None:
        raise _not_found(entity)
    values: dict[str, Any] = parse(load_schema()[entity], body, update=True)
    with division.transaction(late_s=min(late_s, world.options.late_bound_s)):
        rules.update(Context(division, user), row, values)


async def delete(world: World, division: Division, entity: str, key: Key, user: User, *, late_s: float = 0.0) -> None:
    """Remove a record; 404 when the key does not exist."""
    rules = RULES.get(entity)
    row = _row(division, entity, key)
    if rules is None or rules.delete is None:
        raise _not_found(entity)
    with division.transaction(late_s=min(late_s, world.options.late_bound_s)):
        rules.delete(Context(division, user), row)


def _remember(world: World, division: Division, entity: str, row: Row, context: Context) -> None:
    """Keep what a client created for the harness, before anything can happen to the answer."""
    number = next((row[name] for name in NUMBERED.get(entity, ()) if name in row), None)
    if entity not in NUMBERED:
        return
    entry: Row = {
        "entity": entity, "division": division.code, "key": row[load_schema()[entity].key], "number": number,
        "at": world.clock.now().isoformat(), "local": context.moment.isoformat(), "user": context.user.user_name,
    }  # fmt: skip
    world.posted.append(entry)
    world.record("posted", entry)


def _row(division: Division, entity: str, key: Key) -> Row:
    row = division.table(entity).get(key)
    if row is None:
        raise _not_found(entity)
    return row


def _not_found(entity: str) -> Refusal:
    """Return the answer for a key or an address that does not exist; it is in English whatever the user reads."""
    path = load_schema()[entity].path or entity
    return Refusal(404, f"Resource not found for the segment '{path.rpartition('/')[2]}'.")
