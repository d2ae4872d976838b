"""Items of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.files import StoredFile
from exact_connector.documents.models.prices import Included, ItemCode, Price
from exact_connector.documents.models.terms import (
    About,
    Attribute,
    Attributes,
    CurrencyText,
    DayText,
    DecimalText,
    GuidText,
)

_COPIED = "a setting that copies a text here"
_NOT_COPIED = "unless a setting copies a text here"


class ItemTexts(TypedDict):
    """The texts of an item."""

    description: Annotated[
        str | None,
        About(
            "Name of the item; its extra description while `ExtraDescriptionOnDescription` is on",
            "Item.Description, Item.ExtraDescription",
            null="when it is empty in Exact",
            example="Desk lamp",
        ),
    ]
    description2: Annotated[str | None, About("Second text", _COPIED, null=_NOT_COPIED, example=None)]
    description3: Annotated[str | None, About("Third text", _COPIED, null=_NOT_COPIED, example=None)]
    description4: Annotated[str | None, About("Fourth text", _COPIED, null=_NOT_COPIED, example=None)]
    description5: Annotated[str | None, About("Fifth text", _COPIED, null=_NOT_COPIED, example=None)]
    search_description: Annotated[str | None, About("Text to search in", _COPIED, null=_NOT_COPIED, example=None)]


class Item(ItemTexts):
    """One item that is on sale, or purchased, as the tenant's options say."""

    item_id: Annotated[GuidText, About("ID of the item", "Item.ID")]
    item_code: ItemCode
    ean_code: Annotated[
        str | None,
        About(
            "Barcode; the search code while `SearchCodeForEanCode` is on",
            "Item.Barcode, Item.SearchCode",
            null="when the item has none",
            example="8710000000017",
        ),
    ]
    descriptions: Annotated[
        Mapping[str, str | None],
        About("Descriptions by language, for the languages that the settings name", "item texts", example={}),
    ]
    unit: Annotated[
        str | None, About("Unit of the item", "Item.Unit", null="when the item has no unit", example="piece")
    ]
    item_group: Annotated[
        str | None,
        About(
            "Key of the item's group: its code, or its description while `GetItemGroupByDescription` is on",
            "Item.ItemGroupCode, Item.ItemGroupDescription",
            null="without a group",
            example="LAMPS",
        ),
    ]
    classes: Annotated[
        Mapping[str, str],
        About("Classes by number (1 to 10), those that are filled", "Item.Class_01 to Class_10", example={"1": "A"}),
    ]
    sales_price: Annotated[
        DecimalText | None,
        About(
            "Standard price of one unit in `currency`", "SalesItemPrice, Item.StandardSalesPrice", null="without one"
        ),
    ]
    currency: Annotated[CurrencyText, About("Currency of `sales_price`", "`CurrencyCodeIso`, else Division.Currency")]
    prices: Annotated[
        list[Price],
        About("Standard prices: in `currency` first, in others while `VariantCurrency` is on", "SalesItemPrice"),
    ]
    tier_prices: Annotated[
        list[Price],
        About("Standard prices from a quantity upward; filled while `EnableOfflineTierPrices` is on", "SalesItemPrice"),
    ]
    vat_code: Annotated[
        str | None, About("VAT code of sales", "Item.SalesVatCode", null="when it has none", example="2")
    ]
    vat_percentage: Annotated[
        DecimalText | None,
        About("VAT of that code", "VATCode.Percentage", null="when the code is not known", unit="percent, 0 to 100"),
    ]
    vat_included: Included
    purchase_package_size: Annotated[
        DecimalText,
        About("Quantity that the item is sold by, as the settings say", "settings", unit="units of the item"),
    ]
    last_available_stock: Annotated[
        DecimalText | None,
        About(
            "What can still be sold: on the shelf less what is to be delivered",
            "StockPosition",
            null="for items that are not kept in stock, or while `WarehouseForStock` names an unknown warehouse",
            unit="units of the item",
        ),
    ]
    free_sort_field: Annotated[
        str | None,
        About("Value of the field that a setting names for sorting", "settings", null="when it is empty", example=None),
    ]
    item_status: Annotated[
        str | None,
        About("Value of the field that a setting names as status", "settings", null="when it is empty", example=None),
    ]
    free_fields: Annotated[
        Mapping[str, Attribute],
        About("Filled free fields by name, renamed as the settings say", "Item free fields", example={"Colour": "red"}),
    ]
    filters: Annotated[
        Mapping[str, list[str]],
        About("Values to filter by: `Warehouse` while `CreateWarehouseItemFilter` is on", "ItemWarehouse", example={}),
    ]
    is_sales_item: Annotated[bool, About("Whether it is sold", "Item.IsSalesItem", example=True)]
    is_stock_item: Annotated[bool, About("Whether it is kept in stock", "Item.IsStockItem", example=True)]
    is_purchase_item: Annotated[bool, About("Whether it is purchased", "Item.IsPurchaseItem")]
    next_delivery_date: NotRequired[
        Annotated[
            DayText | None,
            About(
                "Day of the next expected receipt",
                "ItemWarehousePlanningDetail",
                null="when none is expected",
                absent="unless `SyncNextDeliveryDate` is on",
            ),
        ]
    ]
    pictures: NotRequired[
        Annotated[
            list[StoredFile],
            About("Its picture: one or none", "Item.PictureName", absent="while `DisablePicturesFromEOL` is on"),
        ]
    ]
    attributes: NotRequired[
        Annotated[
            Attributes,
            About("Every property of Exact by name", "Item", absent="unless `view=full` asks for it", example={}),
        ]
    ]


class ItemPage(TypedDict):
    """A page of items."""

    items: list[Item]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
