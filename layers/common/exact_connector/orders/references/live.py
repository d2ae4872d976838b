"""What only Exact knows of what an order refers to: codes, addresses, contacts, deliveries, stock, suppliers' products.

Exact may refuse the filter of some readings: its reference does not mark their properties as fit for one. Each of these
has a second way, which is taken by itself:

what                           by                 the second way
a customer's contacts          Account            the served ones, and what changed within three days
an account's addresses         Account            the served ones, and what changed within three days
a ledger account               Code               the list of all
what a customer got            DeliveryAccount    deliveries of two years by their date
the lines of deliveries        EntryID            each delivery with its lines
a supplier's products          Supplier, Item     the list of all
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.clock import EXACT_ZONE
from exact_connector.errors import ExactQueryRefused
from exact_connector.exact.http.envelope import expanded
from exact_connector.exact.http.query import Query, guid_literal, in_groups, moment_literal, text_literal
from exact_connector.fields import Row
from exact_connector.orders.mapping.required_references import ReferenceRequest
from exact_connector.orders.mapping.stock_dates import falls_short, stock_demand
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.purchase_references import PurchaseReferences, PurchaseRequest, SupplierProduct
from exact_connector.orders.model.references import (
    Codes,
    DeliveredLine,
    KnownAddress,
    KnownContact,
    KnownPriceList,
    ResolvedReferences,
    StockPosition,
)
from exact_connector.orders.references.code_lists import FILTER_REFUSED, RememberingCalls
from exact_connector.orders.references.stored import addresses_of, contacts_of
from exact_connector.settings import Settings
from exact_connector.settings.parsed import price_list_excluded

CHANGED_WITHIN = timedelta(days=3)
"""How far back changed addresses and contacts are read beside the served ones, which are newer than that."""
DELIVERED_WITHIN = timedelta(days=730)

_ADDRESS_FIELDS = (
    *("ID", "Account", "Type", "Main", "AddressLine1", "AddressLine2", "AddressLine3"),
    *("Postcode", "City", "Country", "Contact"),
)
_CONTACT_FIELDS = ("ID", "Account", "FirstName", "MiddleName", "LastName", "FullName", "Email", "BusinessEmail",
                   "StartDate", "EndDate")  # fmt: skip
_STOCK_FIELDS = ("ID", "Item", "WarehouseCode", "CurrentStock", "PlannedStockIn", "PlannedStockOut")
_PLANNING_FIELDS = ("ID", "Item", "WarehouseCode", "PlannedDate", "PlannedQuantity", "PlanningType")
_DELIVERY_FIELDS = ("EntryID", "DeliveryDate", "DeliveryAccount")
_DELIVERY_LINE_FIELDS = (
    *("ID", "EntryID", "Item", "QuantityDelivered", "DeliveryDate", "LineNumber", "SalesOrderNumber"),
)
_PRODUCT_FIELDS = ("ID", "Item", "Supplier", "PurchaseUnit", "PurchaseUnitFactor", "MinimumQuantity", "PurchaseLotSize",
                   "PurchaseLeadTime", "PurchasePrice", "PurchaseVATCode")  # fmt: skip
_GL_FIELDS = ("ID", "Code", "Type", "IsBlocked")

Card = Callable[[str], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class LiveReferences:
    """Reads Exact for one administration on one visit. ``card``: account ID -> the served account, if it is served."""

    calls: RememberingCalls
    card: Card
    now: datetime

    @property
    def today(self) -> date:
        """Return the date in Europe/Amsterdam."""
        return self.now.astimezone(EXACT_ZONE).date()

    def of_order(self, known: ResolvedReferences, request: ReferenceRequest, settings: Settings) -> ResolvedReferences:
        """Add addresses, contacts, codes, deliveries; only what the order needs.

        Live stock is left empty here: it is read after the steps before the document, by ``with_stock``.
        """
        if known.customer is None:
            return known
        customer = known.customer.customer_id
        invoiced = known.customer.invoice_customer_id or customer
        named = {name: self.read(name, known, request, settings) for name in named_fields(known, request)}
        found: ResolvedReferences = replace(known, **named)  # type: ignore[arg-type]
        addresses = self.addresses(customer) if request.addresses else found.addresses
        shared = addresses if request.addresses and invoiced == customer else None
        return replace(
            found,
            addresses=addresses,
            invoice_addresses=(shared or self.addresses(invoiced)) if request.invoice_addresses else None,
            contacts=self.contacts(customer) if request.contacts else found.contacts,
            warehouses=self._warehouses() if request.main_warehouse else found.warehouses,
            journals=self._journals() if request.journals else None,
            delivered_lines=self.deliveries(customer) if request.deliveries else None,
            stock={} if request.stock_warehouses is not None else None,
        )

    def read(self, name: str, known: ResolvedReferences, request: ReferenceRequest, settings: Settings) -> object:
        """Return the value of a field of ``ResolvedReferences`` that `named_fields` names."""
        readings: Mapping[str, Callable[[], object]] = {
            "warehouses": self._warehouses,
            "shipping_methods": self._shipping_methods,
            "cost_centers": self._cost_centers,
            "cost_units": self._cost_units,
            "gl_accounts": lambda: self.gl_account(request.gl_account_code or ""),
            "price_lists": lambda: self._price_lists(settings),
            "addresses": lambda: self._with_address(known, request),
            "contacts": lambda: self._with_contact(known, request),
        }
        return readings[name]()

    def with_stock(
        self, known: ResolvedReferences, order: CanonicalOrder, request: ReferenceRequest
    ) -> ResolvedReferences:
        """Add the live stock of the items ordered, and what is expected of those that fall short."""
        if request.stock_warehouses is None:
            return known
        demand = stock_demand(order, known.items)
        rows = _rows_by_item(self.calls, "inventory/ItemWarehouses", _STOCK_FIELDS, demand)
        codes = request.stock_warehouses
        positions = {item: StockPosition.of_rows(rows[item], (), codes, self.today) for item in demand}
        short = falls_short(demand, positions)
        plans = _rows_by_item(self.calls, "inventory/ItemWarehousePlanningDetails", _PLANNING_FIELDS, short)
        positions |= {item: StockPosition.of_rows(rows[item], plans[item], codes, self.today) for item in short}
        return replace(known, stock=positions)

    def of_purchase(self, known: PurchaseReferences, request: PurchaseRequest) -> PurchaseReferences:
        """Add the warehouse, and the supplier's products where none is stored."""
        products = dict(known.products)
        if known.supplier is not None:
            products |= self.products(known.supplier.supplier_id, to_read(known))
        found = replace(known, products=products, all_products=True)
        if not request.warehouse_code:
            return found
        stocked = [item.item_id for item in known.items.values() if item.is_stock_item]
        return replace(found, warehouses=self._warehouses(), item_warehouses=self._item_warehouses(stocked))

    def _item_warehouses(self, items: Sequence[str]) -> dict[str, frozenset[str]]:
        rows = _rows_by_item(self.calls, "inventory/ItemWarehouses", ("ID", "Item", "WarehouseCode"), items)
        return {item: frozenset(code_key(row.get("WarehouseCode")) for row in rows[item]) for item in items}

    def addresses(self, account: str) -> list[KnownAddress]:
        """Return every address of an account."""
        return self.calls.one_of(
            "Addresses.Account", lambda: self._addresses_of(account), lambda: self._held_addresses(account)
        )

    def _addresses_of(self, account: str) -> list[KnownAddress]:
        query = Query("crm/Addresses", select=_ADDRESS_FIELDS, filter=f"Account eq {guid_literal(account)}")
        return [KnownAddress.of_row(row) for row in self.calls.rows(query)]

    def _held_addresses(self, account: str) -> list[KnownAddress]:
        since = moment_literal(self.now - CHANGED_WITHIN)
        query = Query("crm/Addresses", select=_ADDRESS_FIELDS, filter=f"Modified ge {since}")
        found = {each.address_id: each for each in addresses_of(self._served(account))}
        rows = [row for row in self.calls.rows(query) if fields.guid(row, "Account") == account]
        return list((found | {each.address_id: each for each in map(KnownAddress.of_row, rows)}).values())

    def contacts(self, account: str) -> list[KnownContact]:
        """Return every active contact of an account."""
        return self.calls.one_of(
            "Contacts.Account", lambda: self._contacts_of(account), lambda: self._held_contacts(account)
        )

    def _contacts_of(self, account: str) -> list[KnownContact]:
        query = Query("crm/Contacts", select=_CONTACT_FIELDS, filter=f"Account eq {guid_literal(account)}")
        return [KnownContact.of_row(row) for row in self.calls.rows(query) if fields.active_on(row, self.today)]

    def _held_contacts(self, account: str) -> list[KnownContact]:
        since = moment_literal(self.now - CHANGED_WITHIN)
        query = Query("crm/Contacts", select=_CONTACT_FIELDS, filter=f"Modified ge {since}")
        found = {each.contact_id: each for each in contacts_of(self._served(account))}
        for row in self.calls.rows(query):
            contact = KnownContact.of_row(row)
            found.pop(contact.contact_id, None)
            if fields.guid(row, "Account") == account and fields.active_on(row, self.today):
                found[contact.contact_id] = contact
        return list(found.values())

    def _served(self, account: str) -> Mapping[str, Any]:
        """Return the served account; raises ExactQueryRefused where it is not served, so that the order waits."""
        card = self.card(account)
        if card is None:
            raise ExactQueryRefused(
                f"Exact refuses to list what belongs to account {account}, and the account is not served here; it is"
                " read again later, when the account is synchronised",
                status=400,
                code=FILTER_REFUSED,
            )
        return card

    def _with_address(self, known: ResolvedReferences, request: ReferenceRequest) -> list[KnownAddress]:
        """Return the stored addresses and the one that the order names, where it is the customer's in Exact."""
        only = f"ID eq {guid_literal(request.address_id or '')}"
        rows = self.calls.rows(Query("crm/Addresses", select=_ADDRESS_FIELDS, filter=only))
        mine = [row for row in rows if known.customer and fields.guid(row, "Account") == known.customer.customer_id]
        return [*(known.addresses or ()), *(KnownAddress.of_row(row) for row in mine)]

    def _with_contact(self, known: ResolvedReferences, request: ReferenceRequest) -> list[KnownContact]:
        """Return the stored contacts and the one that the order names, where it is an active one of the customer."""
        only = f"ID eq {guid_literal(request.contact_id or '')}"
        rows = self.calls.rows(Query("crm/Contacts", select=_CONTACT_FIELDS, filter=only))
        mine = [row for row in rows if known.customer and fields.guid(row, "Account") == known.customer.customer_id]
        return [
            *(known.contacts or ()),
            *(KnownContact.of_row(row) for row in mine if fields.active_on(row, self.today)),
        ]

    def _warehouses(self) -> Codes:
        return _by_code(self.calls.rows(Query("inventory/Warehouses", select=("ID", "Code", "Main"))))

    def _shipping_methods(self) -> Codes:
        return _by_code(self.calls.rows(Query("sales/ShippingMethods", select=("ID", "Code", "Active"))))

    def _cost_centers(self) -> Codes:
        return _by_code(self.calls.rows(Query("hrm/Costcenters", select=("ID", "Code", "Active", "EndDate"))))

    def _cost_units(self) -> Codes:
        return _by_code(self.calls.rows(Query("hrm/Costunits", select=("ID", "Code", "EndDate"))))

    def _journals(self) -> Codes:
        return _by_code(self.calls.rows(Query("financial/Journals", select=("ID", "Code", "Type", "IsBlocked"))))

    def gl_account(self, code: str) -> Codes:
        """Return the ledger account with a code, or more of them."""
        return self.calls.one_of("GLAccounts.Code", lambda: self._gl_account(code), self._gl_accounts)

    def _gl_account(self, code: str) -> Codes:
        only = f"Code eq {text_literal(code.strip())}"
        return _by_code(self.calls.rows(Query("financial/GLAccounts", select=_GL_FIELDS, filter=only)))

    def _gl_accounts(self) -> Codes:
        query = Query("sync/Financial/GLAccounts", select=(*_GL_FIELDS, "Timestamp"), filter="Timestamp gt 1L")
        return _by_code(self.calls.rows(query))

    def _price_lists(self, settings: Settings) -> dict[str, KnownPriceList]:
        rows = self.calls.rows(Query("sales/SalesPriceLists", select=("ID", "Code", "Currency")))
        found = [
            KnownPriceList(fields.text(row, "Code") or "", fields.text(row, "Currency") or "", fields.guid(row, "ID"))
            for row in rows
            if not price_list_excluded(settings, code=fields.text(row, "Code"), price_list_id=fields.guid(row, "ID"))
        ]
        return {code_key(each.code): each for each in found}

    def deliveries(self, account: str) -> list[DeliveredLine]:
        """Return the lines of what a customer ever got, by the bulk addresses: 1,000 rows a call."""
        rows = self.calls.one_of(
            "GoodsDeliveries.DeliveryAccount",
            lambda: self._deliveries_of(account),
            lambda: self._deliveries_by_date(account),
        )
        days = {fields.guid(row, "EntryID") or "": fields.day(row, "DeliveryDate") for row in rows}
        lines = self.calls.one_of(
            "GoodsDeliveryLines.EntryID",
            lambda: list(self._delivery_lines(list(days))),
            lambda: list(self._deliveries_with_lines(list(days))),
        )
        return [DeliveredLine.of_row(row, days.get(fields.guid(row, "EntryID") or "")) for row in lines]

    def _deliveries_of(self, account: str) -> list[dict[str, Any]]:
        of_customer = f"DeliveryAccount eq {guid_literal(account)}"
        return self.calls.rows(Query("bulk/SalesOrder/GoodsDeliveries", select=_DELIVERY_FIELDS, filter=of_customer))

    def _deliveries_by_date(self, account: str) -> list[dict[str, Any]]:
        since = f"DeliveryDate ge {moment_literal(self.today - DELIVERED_WITHIN)}"
        query = Query("bulk/SalesOrder/GoodsDeliveries", select=_DELIVERY_FIELDS, filter=since)
        return [row for row in self.calls.rows(query) if fields.guid(row, "DeliveryAccount") == account]

    def _delivery_lines(self, entries: Sequence[str]) -> Iterator[Row]:
        for group in in_groups("EntryID", [guid_literal(entry) for entry in entries]):
            query = Query("bulk/SalesOrder/GoodsDeliveryLines", select=_DELIVERY_LINE_FIELDS, filter=group)
            yield from self.calls.rows(query)

    def _deliveries_with_lines(self, entries: Sequence[str]) -> Iterator[Row]:
        """Read each delivery by its key; Exact gives at most 60 lines of one so."""
        select = ("EntryID", *(f"GoodsDeliveryLines/{name}" for name in _DELIVERY_LINE_FIELDS))
        for entry in entries:
            only = f"EntryID eq {guid_literal(entry)}"
            query = Query("salesorder/GoodsDeliveries", select=select, filter=only, expand=("GoodsDeliveryLines",))
            for delivery in self.calls.rows(query):
                yield from expanded(delivery, "GoodsDeliveryLines").rows

    def products(self, supplier: str, items: Sequence[str]) -> dict[str, SupplierProduct]:
        """Return what a supplier sells of these items, by item ID."""
        if not items:
            return {}
        rows = self.calls.one_of(
            "SupplierItem",
            lambda: list(self._products_of(supplier, items)),
            lambda: self._all_products(supplier, items),
        )
        return {fields.guid(row, "Item") or "": SupplierProduct.of_row(row) for row in rows}

    def _products_of(self, supplier: str, items: Sequence[str]) -> Iterator[Row]:
        for group in in_groups("Item", [guid_literal(item) for item in items]):
            only = f"Supplier eq {guid_literal(supplier)} and ({group})"
            yield from self.calls.rows(Query("logistics/SupplierItem", select=_PRODUCT_FIELDS, filter=only))

    def _all_products(self, supplier: str, items: Sequence[str]) -> list[Row]:
        query = Query("sync/Logistics/SupplierItem", select=(*_PRODUCT_FIELDS, "Timestamp"), filter="Timestamp gt 1L")
        wanted = frozenset(items)
        return [
            row
            for row in self.calls.rows(query)
            if fields.guid(row, "Supplier") == supplier and fields.guid(row, "Item") in wanted
        ]


def to_read(known: PurchaseReferences) -> list[str]:
    """Return the IDs of the items whose product of the supplier is not stored, or is stored without a price."""
    products = ((item.item_id, known.products.get(item.item_id)) for item in known.items.values())
    return [item for item, product in products if product is None or product.lacks_price]


def named_fields(known: ResolvedReferences, request: ReferenceRequest) -> tuple[str, ...]:
    """Return the fields of ``ResolvedReferences`` in which Exact has to be asked for what the order names."""
    wanted: Mapping[str, object] = {
        "warehouses": request.warehouse_code,
        "shipping_methods": request.shipping_method_code,
        "cost_centers": request.cost_center_code,
        "cost_units": request.cost_unit_code,
        "gl_accounts": request.gl_account_code,
        "price_lists": request.price_lists and not known.price_lists,
        "addresses": _is_new(request.address_id, known.addresses),
        "contacts": _is_new(request.contact_id, known.contacts),
    }
    return tuple(name for name, value in wanted.items() if value)


def _is_new(wanted: str | None, known: Sequence[KnownAddress | KnownContact] | None) -> bool:
    """Return whether an order names something that is not among what is stored."""
    ids = {each.address_id if isinstance(each, KnownAddress) else each.contact_id for each in known or ()}
    return wanted is not None and wanted not in ids


def _by_code(rows: Iterable[Row]) -> dict[str, Row]:
    return {code_key(row.get("Code")): row for row in rows}


def _rows_by_item(
    calls: RememberingCalls, path: str, select: tuple[str, ...], items: Iterable[str]
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {item: [] for item in items}
    for group in in_groups("Item", [guid_literal(item) for item in sorted(found)]):
        for row in calls.rows(Query(path, select=select, filter=group)):
            found.setdefault(fields.guid(row, "Item") or "", []).append(row)
    return found
