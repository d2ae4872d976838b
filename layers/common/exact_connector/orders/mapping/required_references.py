"""What has to be looked up before an order can be mapped: nothing that its settings and fields do not need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from exact_connector.catalog.codes import code_key
from exact_connector.customers.codes import readings
from exact_connector.orders.mapping import choices
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants
from exact_connector.orders.mapping.dates import header_dates
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.settings import parsed
from exact_connector.settings.model import Settings


@dataclass(frozen=True, slots=True)
class ReferenceRequest:
    """What `plan_document` will ask for.

    The customer is found by ``customer_id``, else by the first of ``customer_codes`` that exists. Codes are as the
    order or a setting writes them, None where nothing has to be looked up. ``address_id`` and ``contact_id`` have to be
    the customer's. A True means all rows: ``addresses`` and ``contacts`` of the customer, ``invoice_addresses``
    (`Address.Type` 3) of the account that is invoiced, ``main_warehouse`` the warehouse with `Main` 1, ``journals``
    those of `Type` 20, ``tier_prices`` the `price_list_rows` and `agreement` documents of the items.
    ``stock_warehouses`` are the warehouses whose live stock counts (empty: all), None for no stock check.
    """

    customer_id: str | None
    customer_codes: tuple[str, ...]
    item_codes: tuple[str, ...]
    address_id: str | None = None
    contact_id: str | None = None
    addresses: bool = False
    invoice_addresses: bool = False
    contacts: bool = False
    warehouse_code: str | None = None
    main_warehouse: bool = False
    shipping_method_code: str | None = None
    cost_center_code: str | None = None
    cost_unit_code: str | None = None
    gl_account_code: str | None = None
    journals: bool = False
    price_lists: bool = False
    tier_prices: bool = False
    deliveries: bool = False
    original_order_number: str | None = None
    stock_warehouses: tuple[str, ...] | None = None


def required_references(
    order: CanonicalOrder, settings: Settings, today: date, constants: Constants = DEFAULT_CONSTANTS
) -> ReferenceRequest:
    """Return what has to be looked up for an order under the settings of its tenant."""
    kind = order.kind
    warehouse = choices.warehouse(order, settings)
    return ReferenceRequest(
        customer_id=order.customer_id,
        customer_codes=() if order.customer_id else readings(order.customer_code or "", settings),
        item_codes=tuple(dict.fromkeys(code_key(line.item_code) for line in order.lines)),
        address_id=order.delivery_address_id,
        contact_id=order.contact_person_id if settings.ContactPersonToBackoffice else None,
        addresses=order.alternative_delivery_address is not None,
        invoice_addresses=settings.CreateInvoiceAddress and order.alternative_invoice_address is not None,
        contacts=_contacts(order, settings),
        warehouse_code=warehouse.code if warehouse else None,
        main_warehouse=kind is OrderKind.RETURN and warehouse is None,
        shipping_method_code=_code(choices.shipping_method(order, settings)),
        cost_center_code=_code(choices.cost_center(order, settings)),
        cost_unit_code=_code(choices.cost_unit(order, settings)),
        gl_account_code=_code(choices.gl_account(order, settings)),
        journals=kind is OrderKind.INVOICE and not constants.sales_journal,
        price_lists=_price_lists(order, settings),
        tier_prices=_tiers(order, settings),
        deliveries=kind is OrderKind.RETURN,
        original_order_number=order.original_order_number if kind is OrderKind.RETURN else None,
        stock_warehouses=_stock(order, settings, today, _code(warehouse)),
    )


def _code(choice: choices.Choice | None) -> str | None:
    return choice.code if choice else None


def _contacts(order: CanonicalOrder, settings: Settings) -> bool:
    other = settings.CreateAndLinkAlternativeContactPerson and order.alternative_contact_person is not None
    return other and order.kind is not OrderKind.RETURN


def _price_lists(order: CanonicalOrder, settings: Settings) -> bool:
    by_line = settings.DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged
    on_lines = by_line and order.kind in (OrderKind.ORDER, OrderKind.INVOICE)
    return on_lines or (settings.UseCurrencyFromPriceList and order.kind in choices.SALES)


def _tiers(order: CanonicalOrder, settings: Settings) -> bool:
    by_line = settings.DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged
    matters = settings.SkipDiscountForStafflItems or by_line
    return matters and order.kind in choices.SALES and any(line.price_source is None for line in order.lines)


def _stock(
    order: CanonicalOrder, settings: Settings, today: date, warehouse_code: str | None
) -> tuple[str, ...] | None:
    wanted = settings.CheckStockAndSetDeliveryDateOnOrderLine and order.kind is OrderKind.ORDER
    if not wanted or not header_dates(order, settings, today).automatic:
        return None
    return (warehouse_code,) if warehouse_code else parsed.stock_warehouses(settings)
