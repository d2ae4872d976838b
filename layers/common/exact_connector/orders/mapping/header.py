"""The header of a document: who, where, when, in which currency, with the property names of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.fields import Row
from exact_connector.orders.mapping import choices
from exact_connector.orders.mapping.contacts import ordering_contact
from exact_connector.orders.mapping.context import MappingContext
from exact_connector.orders.mapping.dates import HeaderDates
from exact_connector.orders.mapping.invoice import invoice_fields
from exact_connector.orders.mapping.plan import Body, StepResult
from exact_connector.orders.mapping.returns import return_warehouse
from exact_connector.orders.mapping.texts import text_fields
from exact_connector.orders.mapping.validation import CURRENCY_MISMATCH, IGNORED_SETTING, REFERENCE_NOT_FOUND
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.references import KnownPriceList

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Names:
    """The properties of one kind of header; an empty name means that the kind has no such property."""

    customer: str
    contact: str
    address: str
    order_date: str
    invoice_to: str = ""
    receiver: str = ""
    salesperson: str = ""
    warehouse: str = ""
    delivery_date: str = ""
    discount: str = ""
    sales: bool = True


NAMES: Mapping[OrderKind, Names] = {
    OrderKind.ORDER: Names(
        customer="OrderedBy",
        contact="OrderedByContactPerson",
        address="DeliveryAddress",
        order_date="OrderDate",
        invoice_to="InvoiceTo",
        receiver="DeliverToContactPerson",
        salesperson="Salesperson",
        warehouse="WarehouseID",
        delivery_date="DeliveryDate",
        discount="Discount",
    ),
    OrderKind.QUOTATION: Names(
        customer="OrderAccount",
        contact="OrderAccountContact",
        address="DeliveryAddress",
        order_date="QuotationDate",
        invoice_to="InvoiceAccount",
        receiver="DeliveryAccountContact",
        salesperson="SalesPerson",
        warehouse="WarehouseID",
        delivery_date="DeliveryDate",
    ),
    OrderKind.INVOICE: Names(
        customer="OrderedBy",
        contact="OrderedByContactPerson",
        address="DeliverToAddress",
        order_date="OrderDate",
        invoice_to="InvoiceTo",
        receiver="DeliverToContactPerson",
        salesperson="Salesperson",
        discount="Discount",
    ),
    OrderKind.RETURN: Names(
        customer="DeliveredTo",
        contact="DeliveredToContactPerson",
        address="DeliveryAddress",
        order_date="ReturnDate",
        warehouse="Warehouse",
        sales=False,
    ),
}


def header(
    context: MappingContext,
    dates: HeaderDates,
    *,
    address: str | StepResult | None,
    person: str | StepResult | None,
    remarks: Sequence[str],
) -> Body:
    """Return the header without its lines; properties without a value are left out."""
    names, order = NAMES[context.kind], context.order
    body: Body = {
        names.customer: context.customer.customer_id,
        names.invoice_to: context.customer.invoice_customer_id,
        names.address: address,
        names.contact: ordering_contact(context),
        names.receiver: person,
        names.salesperson: order.sales_rep.user_id,
        **_dates(context, names, dates),
        names.discount: _discount(context, names),
        **_warehouse(context, names),
        "ShippingMethod": _shipping_method(context),
        "Currency": currency(context) if names.sales else None,
        **text_fields(context, remarks),
    }
    _warn_ignored(context)
    return {name: value for name, value in body.items() if name and value is not None}


def _dates(context: MappingContext, names: Names, dates: HeaderDates) -> Body:
    if context.kind is OrderKind.RETURN:
        # The goods come back on the day that was chosen, whatever the date means on other kinds.
        return {names.order_date: (context.order.order_date or context.today).isoformat()}
    body: Body = {names.order_date: dates.order_date.isoformat()}
    if names.delivery_date and dates.delivery_date is not None:
        body[names.delivery_date] = dates.delivery_date.isoformat()
    return body


def _discount(context: MappingContext, names: Names) -> Decimal | None:
    percentage = context.order.discount_percentage
    if not percentage or not names.sales:
        return None
    if not names.discount:
        message = (
            f"a {context.kind} has no discount on the whole document; the {fields.plain(percentage)} % were not sent"
        )
        context.validation.warn("HEADER_DISCOUNT_NOT_SENT", message)
        return None
    return percentage / HUNDRED


def _warehouse(context: MappingContext, names: Names) -> Body:
    choice = choices.warehouse(context.order, context.settings)
    if context.kind is OrderKind.RETURN:
        return {names.warehouse: return_warehouse(context, choice)}
    found = context.row_id(choice, context.references.warehouses, "warehouse") if choice else None
    return invoice_fields(context, found) if context.kind is OrderKind.INVOICE else {names.warehouse: found}


def _shipping_method(context: MappingContext) -> str | None:
    choice = choices.shipping_method(context.order, context.settings)
    if choice is None:
        return None
    return context.row_id(choice, context.references.shipping_methods, "shipping method", _is_offered)


def _is_offered(row: Row) -> bool:
    return row.get("Active") is None or fields.flag(row, "Active")


def currency(context: MappingContext) -> str | None:
    """Return the currency: the price list's when so set, `CurrencyCodeIso`, the client's; None leaves it to Exact."""
    client = context.order.currency
    listed = order_price_list(context) if context.settings.UseCurrencyFromPriceList else None
    fixed = listed.currency if listed is not None else context.settings.CurrencyCodeIso
    if fixed and client and fixed.upper() != client:
        source = f"price list {listed.code}" if listed is not None else "the setting CurrencyCodeIso"
        message = f"the order is in {client}, but {source} makes it {fixed.upper()}; send that currency or none"
        context.validation.fault("/currency", message, code=CURRENCY_MISMATCH)
    return (fixed or client or "").upper() or None


def order_price_list(context: MappingContext) -> KnownPriceList | None:
    """Return the price list of the order or else of the customer; one that the order names has to exist."""
    lists = context.known(context.references.price_lists, "price lists")
    code = context.order.price_list_code or context.customer.price_list_code
    if lists is None or code is None:
        return None
    found = lists.get(code_key(code))
    if found is None and context.order.price_list_code:
        message = f"price list {code!r} is not delivered to clients or does not exist; correct the code or leave it out"
        context.validation.fault("/price_list_code", message, code=REFERENCE_NOT_FOUND)
    return found


_PRICE_SETTINGS = (
    "SetUnitPrice",
    "SetOriginalPriceOnUnitPrice",
    "UseDiscountWithoutPriceOnOrder",
    "DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged",
    "RoundOrderLinePricesToTwoDecimals",
    "SkipDiscountForStafflItems",
    "NetPriceIncludingVat",
    "NetPriceBasedOnVatLiability",
)
_LINE_DATE_SETTINGS = ("CheckStockAndSetDeliveryDateOnOrderLine", "DisableInstructionAsOrderLineDeliveryDate")
NOT_CARRIED: Mapping[OrderKind, tuple[str, ...]] = {
    OrderKind.QUOTATION: ("DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged", *_LINE_DATE_SETTINGS),
    OrderKind.INVOICE: _LINE_DATE_SETTINGS,
    OrderKind.RETURN: (
        "UseReferenceAsYourRef",
        "ShippingMethodCode",
        "UseCurrencyFromPriceList",
        *_PRICE_SETTINGS,
        "CostCenterCodeForOrders",
        "CostCenterCodeForOrdersBySalesRep",
        "CostUnitForOrders",
        "CostUnitForOrdersBySalesRep",
        "StorePackageSizeInInstructionLine",
        "UseDateAsDeliveryDate",
        "OnlySetDeliveryDateForUnchangedOrderDate",
        *_LINE_DATE_SETTINGS,
    ),
}
"""Settings that a kind of document has no property for. A default that is on, and what is for one kind by its name
(ledger account of invoices, credit notes of returns), are not among them."""


def _warn_ignored(context: MappingContext) -> None:
    for key in NOT_CARRIED.get(context.kind, ()):
        if getattr(context.settings, key):
            context.validation.warn(
                IGNORED_SETTING, f"{key} has no effect on a {context.kind}, which has no such property"
            )
