"""Look up what an order refers to: in the stored documents, and in Exact where only Exact knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.documents.by_code import Lookups
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.exact.http.query import Query, guid_literal, in_groups, text_literal
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.fields import Row
from exact_connector.orders.mapping.required_references import ReferenceRequest
from exact_connector.orders.mapping.stock_dates import falls_short, stock_demand
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.purchase_references import (
    OrderSupplier,
    PurchaseReferences,
    PurchaseRequest,
    SupplierProduct,
)
from exact_connector.orders.model.references import (
    Codes,
    DeliveredLine,
    KnownAddress,
    KnownContact,
    KnownPriceList,
    OrderCustomer,
    OrderItem,
    ResolvedReferences,
    StockPosition,
)
from exact_connector.settings import Settings
from exact_connector.settings.parsed import price_list_excluded

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


class StoredReferences:
    """What the stored documents say; nothing is asked of Exact, so what is not stored stays "not looked up"."""

    def __init__(self, documents: CatalogStore) -> None:
        self._documents = documents
        self._lookups = Lookups(documents)

    def of_order(self, tenant: str, request: ReferenceRequest) -> ResolvedReferences:
        """Return customer, items, price lists and tier prices of a sales order; a chosen address or contact as well."""
        customer = self._customer(tenant, request)
        card: Mapping[str, Any] = {} if customer is None else customer.body
        addresses, people = card.get("addresses") or (), card.get("contact_persons") or ()
        items = self._lookups.items(tenant, request.item_codes)
        return ResolvedReferences(
            customer=None if customer is None else OrderCustomer.of_document(customer.body),
            items={key: self._item(tenant, row, customer, tiers=request.tier_prices) for key, row in items.items()},
            price_lists=self._price_lists(tenant) if request.price_lists else None,
            addresses=[KnownAddress.of_document(each) for each in addresses] if request.address_id else None,
            contacts=[KnownContact.of_document(each) for each in people] if request.contact_id else None,
        )

    def of_purchase(self, tenant: str, request: PurchaseRequest, *, links_stored: bool) -> PurchaseReferences:
        """Return supplier, items and the supplier's products of a purchase order.

        ``links_stored``: the tenant keeps supplier links, so an item without one is not sold by the supplier.
        """
        supplier = self._supplier(tenant, request)
        items = {
            key: OrderItem.of_documents(row.body)
            for key, row in self._lookups.items(tenant, request.item_codes).items()
        }
        products: dict[str, SupplierProduct] = {}
        if supplier is not None:
            keys = {f"{item.code}/{supplier.key}": item.item_id for item in items.values()}
            found = self._documents.batch(tenant, "supplier_product", keys)
            products = {keys[key]: SupplierProduct.of_document(row.body) for key, row in found.items()}
        return PurchaseReferences(
            None if supplier is None else OrderSupplier.of_document(supplier.body),
            items,
            products,
            all_products=links_stored,
        )

    def _customer(self, tenant: str, request: ReferenceRequest) -> StoredDocument | None:
        if request.customer_id is not None:
            return self._documents.get(tenant, "customer", request.customer_id.lower())
        return self._lookups.customer(tenant, request.customer_codes)

    def _supplier(self, tenant: str, request: PurchaseRequest) -> StoredDocument | None:
        if request.supplier_id is not None:
            return self._documents.get(tenant, "supplier", request.supplier_id.lower())
        return self._lookups.supplier(tenant, [request.supplier_code or ""])

    def _item(self, tenant: str, row: StoredDocument, customer: StoredDocument | None, *, tiers: bool) -> OrderItem:
        if not tiers:
            return OrderItem.of_documents(row.body)
        codes = [document.key for document in self._all(tenant, "price_list")]
        lists = self._documents.batch(tenant, "price_list_rows", [f"{code}/{row.key}" for code in codes])
        agreement = None
        if customer is not None:
            agreement = self._documents.get(tenant, "agreement", f"{row.key}/{customer.key}")
        return OrderItem.of_documents(
            row.body, [each.body for each in lists.values()], None if agreement is None else agreement.body
        )

    def _price_lists(self, tenant: str) -> dict[str, KnownPriceList] | None:
        found = [KnownPriceList.of_document(row.body) for row in self._all(tenant, "price_list")]
        return {code_key(each.code): each for each in found} or None

    def _all(self, tenant: str, kind: str) -> Iterable[StoredDocument]:
        cursor: str | None = None
        while True:
            page = self._documents.list(tenant, kind, cursor=cursor, limit=500)
            yield from page.documents
            if page.cursor is None:
                return
            cursor = page.cursor


def with_exact(
    known: ResolvedReferences, request: ReferenceRequest, exact: ExactCalls, settings: Settings, today: date
) -> ResolvedReferences:
    """Add what only Exact knows: addresses, contacts, codes, deliveries; only what the order needs.

    Live stock is left empty here: it is read after the steps before the document, by ``with_stock``.
    """
    if known.customer is None:
        return known
    customer = known.customer.customer_id
    invoiced = known.customer.invoice_customer_id or customer
    codes = _code_reader(exact)
    return replace(
        known,
        addresses=known.addresses if _has_address(known, request) else _addresses(exact, customer),
        invoice_addresses=_addresses(exact, invoiced, kind=3) if request.invoice_addresses else None,
        contacts=known.contacts if _has_contact(known, request) else _contacts(exact, customer, today),
        warehouses=codes(
            "inventory/Warehouses", ("ID", "Code", "Main"), request.warehouse_code or request.main_warehouse
        ),
        shipping_methods=codes("sales/ShippingMethods", ("ID", "Code", "Active"), request.shipping_method_code),
        cost_centers=codes("hrm/Costcenters", ("ID", "Code", "Active", "EndDate"), request.cost_center_code),
        cost_units=codes("hrm/Costunits", ("ID", "Code", "EndDate"), request.cost_unit_code),
        gl_accounts=_gl_account(exact, request.gl_account_code),
        journals=codes("financial/Journals", ("ID", "Code", "Type", "IsBlocked"), request.journals),
        price_lists=(
            known.price_lists if not request.price_lists else known.price_lists or _price_lists(exact, settings)
        ),
        delivered_lines=_deliveries(exact, customer) if request.deliveries else None,
        stock={} if request.stock_warehouses is not None else None,
    )


def _has_address(known: ResolvedReferences, request: ReferenceRequest) -> bool:
    """Return whether Exact need not be asked for addresses: none is wanted, or the chosen one is stored."""
    wanted = request.address_id
    return not request.addresses and (wanted is None or wanted in {one.address_id for one in known.addresses or ()})


def _has_contact(known: ResolvedReferences, request: ReferenceRequest) -> bool:
    """Return whether Exact need not be asked for contacts: none is wanted, or the chosen one is stored."""
    wanted = request.contact_id
    return not request.contacts and (wanted is None or wanted in {one.contact_id for one in known.contacts or ()})


def with_stock(
    known: ResolvedReferences, order: CanonicalOrder, request: ReferenceRequest, exact: ExactCalls, today: date
) -> ResolvedReferences:
    """Add the live stock of the items ordered, and what is expected of those that fall short."""
    if request.stock_warehouses is None:
        return known
    demand = stock_demand(order, known.items)
    rows = _rows_by_item(exact, "inventory/ItemWarehouses", _STOCK_FIELDS, demand)
    codes = request.stock_warehouses
    positions = {item: StockPosition.of_rows(rows[item], (), codes, today) for item in demand}
    short = falls_short(demand, positions)
    plans = _rows_by_item(exact, "inventory/ItemWarehousePlanningDetails", _PLANNING_FIELDS, short)
    positions |= {item: StockPosition.of_rows(rows[item], plans[item], codes, today) for item in short}
    return replace(known, stock=positions)


def purchase_with_exact(known: PurchaseReferences, request: PurchaseRequest, exact: ExactCalls) -> PurchaseReferences:
    """Add what only Exact knows: the warehouse, and the supplier's products where none is stored."""
    warehouses = _code_reader(exact)("inventory/Warehouses", ("ID", "Code", "Main"), request.warehouse_code)
    products = dict(known.products)
    if known.supplier is not None:
        missing = [item.item_id for item in known.items.values() if item.item_id not in products]
        products |= _products(exact, known.supplier.supplier_id, missing)
    return replace(known, warehouses=warehouses, products=products, all_products=True)


def _products(exact: ExactCalls, supplier: str, items: Sequence[str]) -> dict[str, SupplierProduct]:
    select = ("ID", "Item", "Supplier", "PurchaseUnit", "PurchaseUnitFactor", "MinimumQuantity", "PurchaseLotSize",
              "PurchaseLeadTime")  # fmt: skip
    found: dict[str, SupplierProduct] = {}
    for group in in_groups("Item", [guid_literal(item) for item in items]):
        query = Query(
            "logistics/SupplierItem", select=select, filter=f"Supplier eq {guid_literal(supplier)} and ({group})"
        )
        for row in exact.rows(query):
            found[fields.guid(row, "Item") or ""] = SupplierProduct.of_row(row)
    return found


def _code_reader(exact: ExactCalls) -> Callable[[str, tuple[str, ...], object], Codes | None]:
    def read(path: str, select: tuple[str, ...], wanted: object) -> Codes | None:
        return _by_code(exact.rows(Query(path, select=select))) if wanted else None

    return read


def _gl_account(exact: ExactCalls, code: str | None) -> Codes | None:
    if code is None:
        return None
    select = ("ID", "Code", "Type", "IsBlocked")
    query = Query("financial/GLAccounts", select=select, filter=f"Code eq {text_literal(code.strip())}")
    return _by_code(exact.rows(query))


def _price_lists(exact: ExactCalls, settings: Settings) -> dict[str, KnownPriceList]:
    rows = exact.rows(Query("sales/SalesPriceLists", select=("ID", "Code", "Currency")))
    found = [
        KnownPriceList(fields.text(row, "Code") or "", fields.text(row, "Currency") or "", fields.guid(row, "ID"))
        for row in rows
        if not price_list_excluded(settings, code=fields.text(row, "Code"), price_list_id=fields.guid(row, "ID"))
    ]
    return {code_key(each.code): each for each in found}


def _addresses(exact: ExactCalls, account: str, *, kind: int | None = None) -> list[KnownAddress]:
    only = f" and Type eq {kind}" if kind is not None else ""
    query = Query("crm/Addresses", select=_ADDRESS_FIELDS, filter=f"Account eq {guid_literal(account)}{only}")
    return [KnownAddress.of_row(row) for row in exact.rows(query)]


def _contacts(exact: ExactCalls, account: str, today: date) -> list[KnownContact]:
    query = Query("crm/Contacts", select=_CONTACT_FIELDS, filter=f"Account eq {guid_literal(account)}")
    return [KnownContact.of_row(row) for row in exact.rows(query) if fields.active_on(row, today)]


def _deliveries(exact: ExactCalls, account: str) -> list[DeliveredLine]:
    """Read what a customer ever got, by the bulk addresses: 1,000 rows a call."""
    of_customer = f"DeliveryAccount eq {guid_literal(account)}"
    query = Query("bulk/SalesOrder/GoodsDeliveries", select=_DELIVERY_FIELDS, filter=of_customer)
    days = {fields.guid(row, "EntryID") or "": fields.day(row, "DeliveryDate") for row in exact.rows(query)}
    lines: list[DeliveredLine] = []
    for group in in_groups("EntryID", [guid_literal(entry) for entry in days]):
        rows = exact.rows(Query("bulk/SalesOrder/GoodsDeliveryLines", select=_DELIVERY_LINE_FIELDS, filter=group))
        lines += [DeliveredLine.of_row(row, days.get(fields.guid(row, "EntryID") or "")) for row in rows]
    return lines


def _rows_by_item(exact: ExactCalls, path: str, select: tuple[str, ...], items: Iterable[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {item: [] for item in items}
    for group in in_groups("Item", [guid_literal(item) for item in sorted(found)]):
        for row in exact.rows(Query(path, select=select, filter=group)):
            found.setdefault(fields.guid(row, "Item") or "", []).append(row)
    return found


def _by_code(rows: Iterable[Row]) -> dict[str, Row]:
    return {code_key(row.get("Code")): row for row in rows}
