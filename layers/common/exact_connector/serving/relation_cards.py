"""The history on a customer's relation card: own orders from the store, or orders and invoices read from Exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector.customers.history.invoices import INVOICE_FIELDS, RECEIVABLE_FIELDS, invoice_history
from exact_connector.customers.history.orders import (
    ORDER_FIELDS,
    ORDER_LINE_FIELDS,
    HistoryOrder,
    exact_orders,
    history_orders,
    order_history,
)
from exact_connector.customers.history.own_orders import ItemVat, OwnOrder, own_orders
from exact_connector.documents.by_code import Lookups
from exact_connector.documents.store import CatalogStore
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query, guid_literal, in_groups
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.serving.price_quotes import PriceQuotes
from exact_connector.settings import Settings

if TYPE_CHECKING:
    from exact_connector.documents.models.history import CustomerInvoices, CustomerOrders

_PAGES = 20


class RelationCards:
    """Reads the card of one customer; only what the settings want is asked of Exact."""

    def __init__(
        self,
        documents: CatalogStore,
        quotes: PriceQuotes,
        orders: OrderStore,
        settings: Callable[[str], Settings],
        exact: Callable[[str], ExactClient],
    ) -> None:
        self._lookups = Lookups(documents)
        self._quotes = quotes
        self._orders = orders
        self._settings = settings
        self._exact = exact

    def orders(self, tenant: str, names: Sequence[str]) -> CustomerOrders:
        """Return the orders of the customer with one of these names, newest first; raises NotFound."""
        customer = self._quotes.customer(tenant, *names)
        settings = self._settings(tenant)
        found = list(
            history_orders(
                settings,
                from_exact=lambda: self._from_exact(tenant, customer.key, settings),
                own=lambda: self._own(tenant, customer.key, str(customer.body.get("customer_code") or "")),
            )
        )
        history = order_history(found, settings, self._next_dates(tenant, found))
        return {
            "orders": list(history.orders),
            "warnings": [{"code": warning.code, "message": warning.message} for warning in history.warnings],
        }

    def invoices(self, tenant: str, names: Sequence[str]) -> CustomerInvoices:
        """Return the customer's invoices; hidden ones cost no call."""
        customer = self._quotes.customer(tenant, *names)
        settings = self._settings(tenant)
        if settings.HideInvoicesOnRelationCard:
            return invoice_history([], [], settings)
        client = self._exact(tenant)
        account = guid_literal(customer.key)
        invoices = client.rows(
            Query("salesinvoice/SalesInvoices", select=INVOICE_FIELDS, filter=f"InvoiceTo eq {account}")
        )
        receivables = client.rows(
            Query("read/financial/ReceivablesList", select=RECEIVABLE_FIELDS, filter=f"AccountId eq {account}")
        )
        return invoice_history(invoices, receivables, settings)

    def _from_exact(self, tenant: str, customer_id: str, settings: Settings) -> Iterable[HistoryOrder]:
        client = self._exact(tenant)
        headers = client.rows(
            Query(
                "salesorder/SalesOrders",
                select=ORDER_FIELDS,
                filter=f"OrderedBy eq {guid_literal(customer_id)}",
                orderby=("OrderDate desc", "OrderNumber desc"),
                top=settings.OrderSelectTop or None,
            )
        )
        ids = [guid_literal(str(header["OrderID"])) for header in headers]
        lines = [
            line
            for group in in_groups("OrderID", ids)
            for line in client.rows(Query("salesorder/SalesOrderLines", select=ORDER_LINE_FIELDS, filter=group))
        ]
        return exact_orders(headers, lines)

    def _own(self, tenant: str, customer_id: str, customer_code: str) -> Iterable[HistoryOrder]:
        named = {customer_id.casefold(), customer_code.casefold()}
        records = [record for record in self._all(tenant) if record.customer.casefold() in named]
        orders = [
            OwnOrder(record.order_id, record.state.value, record.body, _number(record.exact_number))
            for record in records
            if record.kind is OrderKind.ORDER and record.state is not State.CANCELLED
        ]
        return own_orders(orders, self._vat(tenant, orders))

    def _all(self, tenant: str) -> Iterable[OrderRecord]:
        after: str | None = None
        for _ in range(_PAGES):
            page, after = self._orders.page(tenant, after=after, limit=500)
            yield from page
            if after is None:
                return

    def _vat(self, tenant: str, orders: Iterable[OwnOrder]) -> Mapping[str, ItemVat]:
        codes = {str(line.get("item_code")) for order in orders for line in order.order.get("lines", ())}
        found = self._lookups.items(tenant, sorted(codes))
        return {
            code: ItemVat(Decimal(row.body["vat_percentage"]), included=bool(row.body.get("vat_included")))
            for code, row in found.items()
            if row.body.get("vat_percentage") is not None
        }

    def _next_dates(self, tenant: str, orders: Iterable[HistoryOrder]) -> dict[str, str | None]:
        codes = {line.item_code for order in orders for line in order.lines if line.item_code}
        found = self._lookups.items(tenant, sorted(codes))
        return {code: row.body.get("next_delivery_date") for code, row in found.items()}


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
