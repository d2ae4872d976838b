"""Settings of the connection, of items, their texts and their pictures."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import CUSTOMERS, ITEMS, NOTHING, ORDERS, Area, Entry, Reference

_LABELS = ("read/logistics/ItemExtraField",)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "Applicationkey",
        Area.GENERAL,
        "Client id of the app",
        "The client id that the Exact App Centre shows for this company's app. Left empty, the platform's own app for "
        "the country is used; where there is none either, nothing can be linked. Another client id ends the connection "
        "and needs a new consent. The client secret and all tokens are kept elsewhere and never shown.",
        NOTHING,
        form.CLIENT_ID,
    ),
    Entry(
        "CurrencyCodeIso",
        Area.GENERAL,
        "Base currency",
        "The currency of standard prices, and of orders that get none from a price list. Left empty, the currency of "
        "the administration counts for prices and Exact chooses for orders.",
        ITEMS | CUSTOMERS | ORDERS,
        form.CURRENCY,
        Reference.CURRENCIES,
        ("general/Currencies",),
    ),
    Entry(
        "PassWebShopItem",
        Area.ITEMS,
        "Webshop items only",
        "Leaves out every item that does not carry the webshop mark in Exact. Items that lose the mark disappear.",
        ITEMS,
    ),
    Entry(
        "CheckIfItemIsActive",
        Area.ITEMS,
        "Only items within their dates",
        "Leaves out items whose start date is still to come or whose end date has passed; both days themselves count "
        "as active. Looked at again every day, also for items that were not changed.",
        ITEMS,
    ),
    Entry(
        "IncludeNonSalesItems",
        Area.ITEMS,
        "Items that are not for sale too",
        "Adds items without the sales mark. Exact itself may still refuse an order for one.",
        ITEMS,
    ),
    Entry(
        "FieldUsedToIncludeItemsInSync",
        Area.ITEMS,
        "Field that lets an item in",
        "Only items with a true value in this field are delivered: a ticked box, a number other than zero, any date, "
        "or a text other than 0, false, no, nee and n. A name that Exact does not know stops the item run, so that a "
        "typing error never empties the catalogue.",
        ITEMS,
        form.ITEM_FIELD,
        Reference.ITEM_EXTRA_FIELDS,
        _LABELS,
    ),
    Entry(
        "SearchCodeForEanCode",
        Area.ITEMS,
        "EAN from the search code",
        "Reads the EAN from the search code of the item; the barcode is then not looked at, not even as a fallback.",
        ITEMS,
    ),
    Entry(
        "UseItemExtraDescriptionForItemField",
        Area.ITEMS,
        "Target of the extra description",
        "Copies the whole extra description into this field: a description, the search description, or a free field "
        "under any other name.",
        ITEMS,
        form.TEXT_TARGET,
    ),
    Entry(
        "UseItemNotesForItemField",
        Area.ITEMS,
        "Target of the notes",
        "Copies the notes of the item, line breaks included, into this field. Takes the same names as the target of "
        "the extra description, and must be another one.",
        ITEMS,
        form.TEXT_TARGET,
    ),
    Entry(
        "ExtraDescriptionOnDescription",
        Area.ITEMS,
        "Long description as description",
        "Shows the extra description in place of the short one wherever it is filled, in every language.",
        ITEMS | ORDERS,
    ),
    Entry(
        "FreeSortField",
        Area.ITEMS,
        "Field to sort by",
        "Delivers the value of this item field as text for clients to sort on. Nothing is sorted here.",
        ITEMS,
        form.ITEM_FIELD,
        Reference.ITEM_EXTRA_FIELDS,
        _LABELS,
    ),
    Entry(
        "Languages",
        Area.ITEMS,
        "Languages of item texts",
        "Reads item descriptions again for each of these languages. Where Exact has no translation it repeats its "
        "default text.",
        ITEMS,
        form.LANGUAGES,
        None,
        ("logistics/Items (CustomDescriptionLanguage)",),
    ),
    Entry(
        "FreeFieldsRenaming",
        Area.ITEMS,
        "New names for free fields",
        "Renames free fields on delivery, by property name or by label. Happens last, so other settings go on using "
        "the names of Exact.",
        ITEMS,
        form.RENAMING,
        None,
        _LABELS,
    ),
    Entry(
        "ItemFreeFieldNameForItemStatus",
        Area.ITEMS,
        "Field with the item status",
        "Delivers the value of this item field as status text. It informs and never filters.",
        ITEMS,
        form.ITEM_FIELD,
        Reference.ITEM_EXTRA_FIELDS,
        _LABELS,
    ),
    Entry(
        "UseItemAssortmentDescriptions",
        Area.ITEMS,
        "Names of assortment values",
        "Delivers the ten classes of an item by the description of their value; a value without one keeps its code.",
        ITEMS,
        calls=("logistics/ItemAssortmentProperty",),
    ),
    Entry(
        "CreateWarehouseItemFilter",
        Area.ITEMS,
        "Filter by warehouse",
        "Adds to each item the warehouses it is linked to, in stock or not, so that clients can filter on them.",
        ITEMS,
        calls=("sync/Inventory/ItemWarehouses",),
    ),
    Entry(
        "DisablePicturesFromEOL",
        Area.PICTURES,
        "No pictures from Exact",
        "Stops fetching item pictures and leaves pictures out of the items, so that those of another source stay. "
        "Earlier pictures are not removed.",
        ITEMS,
    ),
)
