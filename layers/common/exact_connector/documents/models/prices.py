"""Prices: standard ones, rows of price lists, agreements with customers, and the one price of a quote."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, CurrencyText, DayText, DecimalText, GuidText

ListCode = Annotated[
    str,
    About("Code of the price list; empty for standard prices and agreements", "SalesPriceList.Code", example="DEALER"),
]
ItemCode = Annotated[str, About("Code of the item", "Item.Code", example="A-1000")]
Included = Annotated[bool, About("Whether the price includes VAT", "VATCode.Type is I for the item's sales VAT code")]


class Price(TypedDict):
    """One price of an item; as a tier it holds from `min_quantity` upward."""

    item_code: ItemCode
    price_list_code: ListCode
    currency: Annotated[CurrencyText, About("Currency of the price", "Currency, else that of the administration")]
    unit: Annotated[
        str | None,
        About("Unit that the price is for", "Unit, else Item.Unit", null="when the item has no unit", example="piece"),
    ]
    price: Annotated[
        DecimalText,
        About("The price", "SalesItemPrice.Price, Item.StandardSalesPrice, SalesPriceListVolumeDiscount.NewPrice"),
    ]
    discount_percentage: Annotated[
        DecimalText | None,
        About(
            "Discount that the price is the result of", "Discount", null="outside price lists", unit="percent, 0 to 100"
        ),
    ]
    valid_from: Annotated[DayText | None, About("First day", "StartDate", null="when it has no first day")]
    valid_to: Annotated[DayText | None, About("Last day", "EndDate", null="when it has no last day")]
    vat_included: Included
    customer_id: NotRequired[
        Annotated[
            GuidText, About("Customer that the price is agreed with", "SalesItemPrice.Account", absent="elsewhere")
        ]
    ]
    min_quantity: NotRequired[
        Annotated[
            DecimalText,
            About("Least quantity", "Quantity", absent="for a price of one unit", unit="units of the price"),
        ]
    ]


class PriceListRows(TypedDict):
    """What one price list says about one item."""

    price_list_code: Annotated[str, About("Code of the price list", "SalesPriceList.Code", example="DEALER")]
    item_id: Annotated[GuidText, About("ID of the item", "Item.ID")]
    item_code: ItemCode
    currency: Annotated[CurrencyText, About("Currency of the list", "SalesPriceList.Currency")]
    prices: Annotated[list[Price], About("Its price for one unit: one or none", "SalesPriceListVolumeDiscount")]
    tier_prices: Annotated[
        list[Price],
        About(
            "Its prices from a quantity upward, by quantity; filled while `EnableOfflineTierPrices` is on",
            "SalesPriceListVolumeDiscount",
        ),
    ]


class PriceListRowsPage(TypedDict):
    """A page of the rows of one price list."""

    prices: list[PriceListRows]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class Agreement(TypedDict):
    """Prices of one item that are agreed with one customer."""

    item_id: Annotated[GuidText, About("ID of the item", "Item.ID")]
    item_code: ItemCode
    customer_id: Annotated[GuidText, About("The customer", "SalesItemPrice.Account")]
    prices: Annotated[list[Price], About("A price for one unit per currency", "SalesItemPrice")]
    tier_prices: Annotated[
        list[Price],
        About("Prices from a quantity upward; filled while `EnableOfflineTierPrices` is on", "SalesItemPrice"),
    ]


class AgreementPage(TypedDict):
    """A page of the agreements about one item."""

    agreements: list[Agreement]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


RuleName = Literal[
    "agreement", "price_list", "item_group_discount", "standard_in_currency", "standard_converted", "standard"
]


class QuotedRule(TypedDict):
    """One price that was looked at, and where it comes from."""

    rule: Annotated[RuleName, About("Where the price comes from", "the connector", example="price_list")]
    price_list_code: ListCode
    price: Annotated[DecimalText, About("The price", "as in `Price`")]
    currency: Annotated[CurrencyText, About("Its currency", "as in `Price`")]
    unit: Annotated[str | None, About("Its unit", "as in `Price`", null="for the item's own unit", example="piece")]
    min_quantity: Annotated[DecimalText, About("Least quantity", "as in `Price`", unit="units of the price")]
    discount_percentage: Annotated[
        DecimalText | None, About("Discount behind it", "as in `Price`", null="outside price lists", unit="percent")
    ]
    special_offer: Annotated[bool, About("Whether it is a special offer", "SalesPriceListPeriod.Type is 2")]
    valid_from: Annotated[DayText | None, About("First day", "as in `Price`", null="when it has no first day")]
    valid_to: Annotated[DayText | None, About("Last day", "as in `Price`", null="when it has no last day")]


class LostRule(QuotedRule):
    """A price that was looked at and not taken."""

    reason: Annotated[str, About("Why it lost, as a stable word", "the connector", example="beaten_by_agreement")]


class Quote(TypedDict):
    """The one price of an item for a customer, quantity, date and currency."""

    item_code: ItemCode
    customer_id: Annotated[GuidText | None, About("The customer", "the request", null="when none was named")]
    quantity: Annotated[DecimalText, About("The quantity", "the request", unit="units of the item")]
    date: Annotated[DayText, About("The day", "the request, else today")]
    price: Annotated[
        DecimalText | None, About("The price of one unit", "the rule that won", null="when the item has no price")
    ]
    currency: Annotated[
        CurrencyText, About("Currency of the price; the one asked for when there is none", "the rule that won")
    ]
    unit: Annotated[
        str | None, About("Unit of the price", "the rule that won", null="without a price or unit", example="piece")
    ]
    vat_percentage: Annotated[
        DecimalText | None,
        About("VAT of the item", "VATCode.Percentage", null="when its VAT code is not known", unit="percent, 0 to 100"),
    ]
    vat_included: Included
    price_source: Annotated[
        Literal["agreement", "tier", "price_list", "default"] | None,
        About("What an order line calls the price", "the rule that won", null="without a price", example="price_list"),
    ]
    rule: Annotated[QuotedRule | None, About("The rule that won", "the connector", null="without a price")]
    lost: Annotated[list[LostRule], About("The rules that lost, the best first", "the connector")]
    price_list_reason: Annotated[
        Literal["no_list", "excluded", "not_synced", "currency_mismatch"] | None,
        About("Why no price list counted", "the connector", null="when one did", example=None),
    ]
