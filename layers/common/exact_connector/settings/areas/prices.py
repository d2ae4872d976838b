"""Settings of prices, price lists, tiers and package sizes."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import CUSTOMERS, ITEMS, ORDERS, Area, Entry, Reference

_LABELS = ("read/logistics/ItemExtraField",)
_PRICE_LISTS = ("sales/SalesPriceLists", "sales/SalesPriceListPeriods", "sync/Sales/SalesPriceListVolumeDiscounts")


def _slot(number: int) -> Entry:
    return Entry(
        f"PriceList{number}Id",
        Area.PRICES,
        f"Price list in slot {number}",
        f"Delivers this price list in slot {number}; slot 1 has the standard prices. Counts only while not all price "
        "lists are delivered. A list named in two slots goes to the lower one.",
        ITEMS | CUSTOMERS,
        form.PRICE_LIST,
        Reference.PRICE_LISTS,
        _PRICE_LISTS,
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "AutoSyncPriceLists",
        Area.PRICES,
        "All price lists",
        "Delivers each price list of the administration, apart from the excluded ones; the three slots no longer "
        "count. Standard prices come in any case.",
        ITEMS | CUSTOMERS,
        calls=_PRICE_LISTS,
    ),
    _slot(2),
    _slot(3),
    _slot(4),
    Entry(
        "ExcludePriceList",
        Area.PRICES,
        "Excluded price lists",
        "Treats these price lists as absent: not delivered, linked to no customer, and no source of tiers, texts or "
        "converted lists. Stronger than any other price list setting.",
        ITEMS | CUSTOMERS,
        form.PRICE_LISTS,
        Reference.PRICE_LISTS,
    ),
    Entry(
        "VariantCurrency",
        Area.PRICES,
        "Standard prices in all currencies",
        "Adds the standard price in each other currency that has an active one. The main price stays in the base "
        "currency.",
        ITEMS,
    ),
    Entry(
        "GenerateCurrencyPriceLists",
        Area.PRICES,
        "Converted price lists",
        "Makes, for each currency with an exchange rate, a copy of the standard prices and of each list in the base "
        "currency, converted at the newest rate. Real prices in that currency are preferred.",
        ITEMS | CUSTOMERS,
        calls=("financial/ExchangeRates",),
    ),
    Entry(
        "DisableCurrencyPriceListCheck",
        Area.PRICES,
        "Price lists in a foreign currency",
        "Links a customer to the price list on the account even if its currency is another than the customer's.",
        CUSTOMERS,
    ),
    Entry(
        "GetPriceBasedOnItemUnit",
        Area.PRICES,
        "Prices in the item's unit only",
        "Ignores price rows in any unit other than the item's own. Otherwise the lowest quantity and the newest start "
        "date decide, whatever the unit.",
        ITEMS,
    ),
    Entry(
        "UseSalesPriceInclVatAsFreeField",
        Area.PRICES,
        "Price including VAT as free field",
        "Adds the free field SalesPriceInclVat: the sales price with VAT, on two decimals.",
        ITEMS,
    ),
    Entry(
        "GetItemGroupByDescription",
        Area.PRICES,
        "Item groups by description",
        "Names item groups, and the discounts on them, by description. Two groups of one description keep their codes.",
        ITEMS,
    ),
    Entry(
        "DontDeletePriceListPricesSameAsDefaultPrice",
        Area.PRICES,
        "Keep prices equal to the standard",
        "Delivers list prices that equal the standard price as well. Otherwise they are left out and clients use the "
        "standard price. Tiers always stay.",
        ITEMS,
    ),
    Entry(
        "PriceListCodeForStaffelFreeField",
        Area.TIERS,
        "Price list of the tier text",
        "Writes the tiers of this price list as one line of text in the free field Staffel, whether the list itself is "
        "delivered or not.",
        ITEMS,
        form.PRICE_LIST,
        Reference.PRICE_LISTS,
        _PRICE_LISTS,
    ),
    Entry(
        "EnableOfflineTierPrices",
        Area.TIERS,
        "Deliver tier prices",
        "Delivers prices from a minimum quantity together with the rest, for clients that work without a connection. "
        "Otherwise tiers show only in a price question.",
        ITEMS,
    ),
    Entry(
        "SkipDiscountForStafflItems",
        Area.TIERS,
        "No line discount on tiers",
        "Sets the discount of an order line to nothing when its price is a tier. Other lines and the discount on the "
        "whole order stay.",
        ORDERS,
    ),
    Entry(
        "GetPurchasePackageSizeFromFreeField",
        Area.PACKAGE_SIZE,
        "Package size from a field",
        "Reads the package size from this item field. The first source asked; a value that is no positive number sends "
        "the question on to the next.",
        ITEMS,
        form.ITEM_FIELD,
        Reference.ITEM_EXTRA_FIELDS,
        _LABELS,
    ),
    Entry(
        "GetPurchasePackageSizeFromSearchCode",
        Area.PACKAGE_SIZE,
        "Package size from the search code",
        "Reads the package size from the search code when all of it is a positive number. The second source.",
        ITEMS,
    ),
    Entry(
        "GetPurchasePackageSizeOnExtraItemDescription",
        Area.PACKAGE_SIZE,
        "Package size from the extra description",
        "Reads the package size from the extra description, or from one part of it. The third source.",
        ITEMS,
    ),
    Entry(
        "SplitCharacterForExtraItemDescription",
        Area.PACKAGE_SIZE,
        "Split character",
        "Cuts the extra description into parts to find the package size. A space counts as a character. The texts "
        "themselves are not cut.",
        ITEMS,
        form.SPLIT_CHARACTER,
        trimmed=False,
    ),
    Entry(
        "PurchasePackeSizeIndex",
        Area.PACKAGE_SIZE,
        "Position of the package size",
        "Which part of the cut extra description is the package size, where 0 is the first. Empty means 0. Mind the "
        "spelling of the key.",
        ITEMS,
        form.INDEX,
    ),
    Entry(
        "WarehouseForPackageSize",
        Area.PACKAGE_SIZE,
        "Warehouse with the package size",
        "Takes the reorder quantity of the item in this warehouse as package size. The fourth source.",
        ITEMS,
        form.CODE,
        Reference.WAREHOUSES,
        ("inventory/Warehouses", "sync/Inventory/ItemWarehouses"),
    ),
    Entry(
        "UnitFactorAsPurchasePackageSize",
        Area.PACKAGE_SIZE,
        "Package size from the sales unit",
        "Takes the smallest unit factor above one among the active standard prices. The fifth and last source.",
        ITEMS,
    ),
    Entry(
        "StorePackageSizeInInstructionLine",
        Area.PACKAGE_SIZE,
        "Package size in line notes",
        "Adds a line with the package size to the notes of each order line, unless it is one or unknown.",
        ORDERS,
    ),
)
