"""Settings of documents written to Exact: header, lines, addresses, returns and invoices."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import HISTORY, ORDERS, Area, Entry, Reference

_WAREHOUSES = ("inventory/Warehouses",)
_COST_CENTERS = ("hrm/Costcenters",)
_COST_UNITS = ("hrm/Costunits",)

HEADER: tuple[Entry, ...] = (
    Entry(
        "UseNotesAsDescription",
        Area.ORDER_HEADER,
        "Notes as description",
        "Swaps two texts: the notes of the order become the description in Exact, the reference becomes the remarks.",
        ORDERS,
    ),
    Entry(
        "UseReferenceAsYourRef",
        Area.ORDER_HEADER,
        "Reference as your reference",
        "Writes the reference of the order in the field for the customer's reference. It stays in the description too.",
        ORDERS,
    ),
    Entry(
        "FillDescriptionWithApp4SalesOrderWhenEmpty",
        Area.ORDER_HEADER,
        "Fill an empty description",
        "Writes 'App4sales order' as description when the order brings none.",
        ORDERS,
    ),
    Entry(
        "AddOrderTypeToDescription",
        Area.ORDER_HEADER,
        "Order type before the description",
        "Starts the description with the name of the order type.",
        ORDERS,
    ),
    Entry(
        "UseDateAsDeliveryDate",
        Area.ORDER_HEADER,
        "Order date is the requested date",
        "Reads the date of the order as the day of delivery and writes today as order date. A delivery date on the "
        "order itself goes first.",
        ORDERS,
    ),
    Entry(
        "OnlySetDeliveryDateForUnchangedOrderDate",
        Area.ORDER_HEADER,
        "No automatic dates after a change",
        "Sets no delivery date of its own when the order date was changed after the order was begun. Dates that the "
        "order names itself are sent.",
        ORDERS,
    ),
    Entry(
        "ShippingMethodCode",
        Area.ORDER_HEADER,
        "Usual shipping method",
        "The shipping method of orders that do not choose one.",
        ORDERS,
        form.CODE,
        Reference.SHIPPING_METHODS,
        ("sales/ShippingMethods",),
    ),
    Entry(
        "WarehouseFromOrderType",
        Area.ORDER_HEADER,
        "Warehouse from the order type",
        "Books the order in the warehouse that the order type names. The first choice; a wrong code refuses the order.",
        ORDERS,
        calls=_WAREHOUSES,
    ),
    Entry(
        "WarehousePerSalesRep",
        Area.ORDER_HEADER,
        "Warehouse of the sales rep",
        "Books the order in the rep's own warehouse. The second choice; a wrong code refuses the order.",
        ORDERS,
        calls=_WAREHOUSES,
    ),
    Entry(
        "WarehouseForOrder",
        Area.ORDER_HEADER,
        "Fixed warehouse",
        "Books orders in this warehouse. The third choice, before the warehouse on the order.",
        ORDERS,
        form.CODE,
        Reference.WAREHOUSES,
        _WAREHOUSES,
    ),
    Entry(
        "UseCurrencyFromPriceList",
        Area.ORDER_HEADER,
        "Currency of the price list",
        "Writes the order in the currency of its price list, or the customer's. An order that asks for another "
        "currency is refused.",
        ORDERS,
        calls=("sales/SalesPriceLists",),
    ),
)

LINES: tuple[Entry, ...] = (
    Entry(
        "SetUnitPrice",
        Area.ORDER_LINES,
        "Unit price and discount",
        "Writes the gross price and the discount on a line in place of the net price.",
        ORDERS,
    ),
    Entry(
        "SetOriginalPriceOnUnitPrice",
        Area.ORDER_LINES,
        "Original price as unit price",
        "Writes the price from before the rep's change as unit price beside the net price, so that Exact shows the "
        "difference. Stronger than unit price and discount.",
        ORDERS,
    ),
    Entry(
        "UseDiscountWithoutPriceOnOrder",
        Area.ORDER_LINES,
        "Discount without a price",
        "Writes the discount alone and leaves the price to Exact. Stronger than the two price modes above.",
        ORDERS,
    ),
    Entry(
        "DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged",
        Area.ORDER_LINES,
        "Price list on unchanged lines",
        "Writes the price list and no price on lines whose price and discount were not changed. Tiers and converted "
        "lists go on to the other modes.",
        ORDERS,
        calls=("sales/SalesPriceLists",),
    ),
    Entry(
        "RoundOrderLinePricesToTwoDecimals",
        Area.ORDER_LINES,
        "Round prices to cents",
        "Rounds the prices of order lines to two decimals as the last step; halves go away from zero.",
        ORDERS,
    ),
    Entry(
        "SetItemDescriptionWhenSendingOrder",
        Area.ORDER_LINES,
        "Write item descriptions",
        "Writes the text of the line, or else the item's, as line description. Switched off, Exact fills in its own.",
        ORDERS,
    ),
    Entry(
        "SortOrderLinesByItemCodeNumeric",
        Area.ORDER_LINES,
        "Sort lines by item number",
        "Sorts order lines by item code, read as a number. If a single code is no number, all lines stay as they came.",
        ORDERS,
    ),
    Entry(
        "DisableInstructionAsOrderLineDeliveryDate",
        Area.ORDER_LINES,
        "Never read a date from an instruction",
        "Keeps the instruction of a line as a note, even if it is nothing but a date. Otherwise such a date becomes "
        "the delivery date of the line.",
        ORDERS,
    ),
    Entry(
        "CostCenterCodeForOrders",
        Area.ORDER_LINES,
        "Fixed cost centre",
        "The cost centre of order lines that get none from the rep.",
        ORDERS,
        form.CODE,
        Reference.COST_CENTERS,
        _COST_CENTERS,
    ),
    Entry(
        "CostCenterCodeForOrdersBySalesRep",
        Area.ORDER_LINES,
        "Cost centre of the sales rep",
        "Writes the rep's own cost centre on order lines, or the fixed one when the rep has none.",
        ORDERS,
        calls=_COST_CENTERS,
    ),
    Entry(
        "CostUnitForOrders",
        Area.ORDER_LINES,
        "Fixed cost unit",
        "The cost unit of order lines that get none from the rep.",
        ORDERS,
        form.CODE,
        Reference.COST_UNITS,
        _COST_UNITS,
    ),
    Entry(
        "CostUnitForOrdersBySalesRep",
        Area.ORDER_LINES,
        "Cost unit of the sales rep",
        "Writes the rep's own cost unit on order lines, or the fixed one when the rep has none.",
        ORDERS,
        calls=_COST_UNITS,
    ),
)

ADDRESSES: tuple[Entry, ...] = (
    Entry(
        "ContactPersonToBackoffice",
        Area.ORDER_ADDRESSES,
        "Write the contact person",
        "Puts the chosen contact on the document. Otherwise Exact takes the main contact.",
        ORDERS,
    ),
    Entry(
        "CreateAndLinkAlternativeContactPerson",
        Area.ORDER_ADDRESSES,
        "Create other contacts",
        "Finds the other contact of an order by e-mail or name, creates the person when no contact matches, and links "
        "the delivery. Otherwise the name goes into the remarks.",
        ORDERS,
        calls=("crm/Contacts",),
    ),
    Entry(
        "CreateAlternateAddressAtCustomer",
        Area.ORDER_ADDRESSES,
        "Create other delivery addresses",
        "Adds a delivery address that the customer does not have yet. Otherwise its text goes into the remarks. An "
        "address that exists is used either way.",
        ORDERS,
        calls=("crm/Addresses",),
    ),
    Entry(
        "CreateInvoiceAddress",
        Area.ORDER_ADDRESSES,
        "Replace the invoice address",
        "Overwrites the main invoice address of the account that is invoiced with the one on the order. Otherwise that "
        "address is not used.",
        ORDERS,
        calls=("crm/Addresses",),
    ),
    Entry(
        "SendHouseNumberAndAdditionSeperate",
        Area.ORDER_ADDRESSES,
        "House number on its own line",
        "Writes street, house number and addition on three address lines, not together on one. Mind the spelling of "
        "the key.",
        ORDERS,
    ),
)

RETURNS: tuple[Entry, ...] = (
    Entry(
        "AlwaysCreateCreditNoteForReturnOrders",
        Area.RETURNS,
        "Credit returned goods",
        "Asks for a credit note on every returned line. Otherwise returned goods are delivered again.",
        ORDERS,
    ),
    Entry(
        "GLAccountCodeForOrders",
        Area.RETURNS,
        "Revenue account of invoice lines",
        "Ledger account on the lines of orders that are posted as an invoice; other documents have no such field.",
        ORDERS,
        form.CODE,
        Reference.GL_ACCOUNTS,
        ("financial/GLAccounts",),
    ),
    Entry(
        "HideInvoicesOnRelationCard",
        Area.RETURNS,
        "Hide invoices",
        "Shows no invoices with a customer and reads none. Posting an invoice still works.",
        HISTORY,
    ),
)

ENTRIES: tuple[Entry, ...] = (*HEADER, *LINES, *ADDRESSES, *RETURNS)
