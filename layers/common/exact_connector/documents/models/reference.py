"""Reference lists: price lists, item groups, units, VAT codes."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, CurrencyText, DayText, DecimalText, GuidText

_EMPTY = "when it is empty in Exact"
_GENERATED = "for a generated list"


class GroupDiscount(TypedDict):
    """A discount that a price list gives on an item group."""

    item_group: Annotated[str, About("Key of the group, as items name it", "ItemGroupCode", example="LAMPS")]
    discount_percentage: Annotated[DecimalText, About("The discount", "Discount", unit="percent, 0 to 100")]
    min_quantity: Annotated[DecimalText, About("Least quantity", "Quantity", unit="units of the item")]
    valid_from: Annotated[
        DayText | None, About("First day", "SalesPriceListPeriod.StartDate", null="when it has no first day")
    ]
    valid_to: Annotated[
        DayText | None, About("Last day", "SalesPriceListPeriod.EndDate", null="when it has no last day")
    ]


class PriceList(TypedDict):
    """A price list that is delivered, or one generated from it in another currency."""

    price_list_id: Annotated[GuidText | None, About("ID of the list", "SalesPriceList.ID", null=_GENERATED)]
    code: Annotated[str, About("Code of the list", "SalesPriceList.Code", example="DEALER")]
    description: Annotated[str | None, About("Its name", "SalesPriceList.Description", null=_EMPTY, example="Dealers")]
    currency: Annotated[CurrencyText, About("Currency of its prices", "SalesPriceList.Currency")]
    slot: Annotated[
        int | None,
        About(
            "Number of the setting that names it (`PriceList2Id` to `PriceList4Id`)",
            "settings",
            null="when all lists are delivered, and for a generated list",
            example=2,
        ),
    ]
    generated_from: Annotated[
        str | None,
        About(
            "Code of the list that it was generated from; `STANDARD` for standard prices",
            "`GenerateCurrencyPriceLists`",
            null="for a list of Exact",
            example=None,
        ),
    ]
    group_discounts: Annotated[
        list[GroupDiscount], About("Discounts on item groups that hold today", "SalesPriceListVolumeDiscount")
    ]


class PriceListPage(TypedDict):
    """A page of price lists."""

    price_lists: list[PriceList]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class ItemGroup(TypedDict):
    """A group of items."""

    item_group_id: Annotated[GuidText | None, About("ID of the group", "ItemGroup.ID", null=_EMPTY)]
    code: Annotated[str, About("Code of the group", "ItemGroup.Code", example="LAMPS")]
    description: Annotated[str | None, About("Its name", "ItemGroup.Description", null=_EMPTY, example="Lamps")]
    item_group: Annotated[
        str | None,
        About(
            "Key under which items and discounts name it",
            "ItemGroup.Code, or Description while `GetItemGroupByDescription` is on",
            null="never for a group with a code",
            example="LAMPS",
        ),
    ]
    is_default: Annotated[bool, About("Whether new items are put into it", "ItemGroup.IsDefault")]
    notes: Annotated[str | None, About("Notes", "ItemGroup.Notes", null=_EMPTY, example=None)]


class ItemGroupPage(TypedDict):
    """A page of item groups."""

    item_groups: list[ItemGroup]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class Unit(TypedDict):
    """A unit that items are counted in."""

    unit_id: Annotated[GuidText | None, About("ID of the unit", "Unit.ID", null=_EMPTY)]
    code: Annotated[str, About("Code of the unit", "Unit.Code", example="piece")]
    description: Annotated[str | None, About("Its name", "Unit.Description", null=_EMPTY, example="Piece")]
    type: Annotated[str | None, About("Kind of unit", "Unit.Type", null=_EMPTY, example="O")]
    time_unit: Annotated[str | None, About("Unit of time", "Unit.TimeUnit", null="unless it counts time", example=None)]
    is_active: Annotated[bool, About("Whether it is in use", "Unit.Active", example=True)]
    is_main: Annotated[bool, About("Whether it is the main unit of its kind", "Unit.Main")]


class UnitPage(TypedDict):
    """A page of units."""

    units: list[Unit]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class VatCode(TypedDict):
    """A VAT code."""

    vat_code_id: Annotated[GuidText | None, About("ID of the code", "VATCode.ID", null=_EMPTY)]
    code: Annotated[str, About("The code", "VATCode.Code", example="2")]
    description: Annotated[str | None, About("Its name", "VATCode.Description", null=_EMPTY, example="High rate")]
    percentage: Annotated[DecimalText, About("Rate", "VATCode.Percentage", unit="percent, 0 to 100", example="21")]
    type: Annotated[
        str | None, About("Kind of code; I includes VAT in prices", "VATCode.Type", null=_EMPTY, example="E")
    ]
    vat_included: Annotated[bool, About("Whether prices with it include VAT", "VATCode.Type is I")]
    transaction_type: Annotated[
        str | None,
        About("B both, P purchase, S sales", "VATCode.VATTransactionType", null=_EMPTY, example="S"),
    ]
    country: Annotated[str | None, About("Country of the code", "VATCode.Country", null=_EMPTY, example="NL")]
    is_blocked: Annotated[bool, About("Whether it is blocked", "VATCode.IsBlocked")]


class VatCodePage(TypedDict):
    """A page of VAT codes."""

    vat_codes: list[VatCode]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
