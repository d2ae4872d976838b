"""Suppliers, and what items cost at each of them."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.customers import Address, ContactPerson, Unconfirmed
from exact_connector.documents.models.prices import ItemCode
from exact_connector.documents.models.terms import About, CurrencyText, DayText, DecimalText, GuidText

_IN_FULL = "when all of them stand in this document"
_EMPTY = "when it is empty in Exact"


class Supplier(TypedDict):
    """One account that is a supplier."""

    supplier_id: Annotated[GuidText, About("ID of the account", "Account.ID")]
    supplier_code: Annotated[str | None, About("Code", "Account.Code", null=_EMPTY, example="20001")]
    supplier_name: Annotated[str | None, About("Name", "Account.Name", null=_EMPTY, example="Lampen BV")]
    our_code_at_supplier: Annotated[
        str | None, About("The code under which the supplier knows the tenant", "Account.CodeAtSupplier", null=_EMPTY)
    ]
    lead_time_days: Annotated[
        int | None, About("Lead time", "Account.PurchaseLeadDays", null=_EMPTY, unit="days", example=7)
    ]
    currency: Annotated[
        CurrencyText, About("Currency of purchases", "Account.PurchaseCurrency, else the administration's")
    ]
    discount_percentage: Annotated[DecimalText, About("Discount", "Account.DiscountPurchase", unit="percent, 0 to 100")]
    vat_code: Annotated[str | None, About("VAT code of purchases", "Account.PurchaseVATCode", null=_EMPTY, example="5")]
    vat_number: Annotated[str | None, About("VAT number", "Account.VATNumber", null=_EMPTY, example=None)]
    country: Annotated[str | None, About("Country, two letters", "Account.Country", null=_EMPTY, example="NL")]
    language_code: Annotated[str | None, About("Language", "Account.Language", null=_EMPTY, example="nl")]
    email: Annotated[str | None, About("E-mail address", "Account.Email", null=_EMPTY, example="info@example.com")]
    phone: Annotated[str | None, About("Telephone", "Account.Phone", null=_EMPTY, example="020 555 0100")]
    website: Annotated[str | None, About("Web site", "Account.Website", null=_EMPTY, example=None)]
    payment_condition_code: Annotated[
        str | None,
        About("Code of the payment condition", "Account.PaymentConditionPurchase", null=_EMPTY, example="30"),
    ]
    payment_condition: Annotated[
        str | None,
        About("Payment condition in words", "PaymentCondition.Description", null=_EMPTY, example="30 days"),
    ]
    is_blocked: Annotated[bool, About("Whether it is blocked", "Account.Blocked")]
    contact_persons: Annotated[list[ContactPerson], About("Its people; the first 100", "Contact")]
    contact_persons_count: Annotated[int, About("How many people it has", "Contact", example=1)]
    contact_persons_url: Annotated[
        str | None, About("Where all its people are read", "the number of contacts", null=_IN_FULL, example=None)
    ]
    contact_persons_version: Annotated[
        str | None, About("Changes with any of its people", "all contacts", null=_IN_FULL, example=None)
    ]
    addresses: Annotated[list[Address], About("Its addresses, by type, the main one first; the first 100", "Address")]
    addresses_count: Annotated[int, About("How many addresses it has", "Address", example=1)]
    addresses_url: Annotated[
        str | None, About("Where all its addresses are read", "the number of addresses", null=_IN_FULL, example=None)
    ]
    addresses_version: Annotated[
        str | None, About("Changes with any of its addresses", "all addresses", null=_IN_FULL, example=None)
    ]
    unconfirmed: NotRequired[Unconfirmed]


class SupplierPage(TypedDict):
    """A page of suppliers."""

    suppliers: list[Supplier]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class SupplierPrice(TypedDict):
    """A price of a supplier from a quantity upward that holds today."""

    min_quantity: Annotated[DecimalText, About("Least quantity", "PurchaseItemPrice.Quantity", unit="purchase units")]
    price: Annotated[DecimalText | None, About("Price of one purchase unit", "PurchaseItemPrice.Price", null=_EMPTY)]
    currency: Annotated[CurrencyText | None, About("Its currency", "PurchaseItemPrice.Currency", null=_EMPTY)]
    unit: Annotated[str | None, About("Unit", "PurchaseItemPrice.Unit", null=_EMPTY, example="box")]
    valid_from: Annotated[
        DayText | None, About("First day", "PurchaseItemPrice.StartDate", null="when it has no first day")
    ]
    valid_to: Annotated[DayText | None, About("Last day", "PurchaseItemPrice.EndDate", null="when it has no last day")]


class SupplierProduct(TypedDict):
    """What one item costs at one supplier, in which unit it is ordered, and how much at least."""

    item_id: Annotated[GuidText | None, About("ID of the item", "Item.ID", null=_EMPTY)]
    item_code: ItemCode
    item_description: Annotated[
        str | None, About("Name of the item", "Item.Description", null=_EMPTY, example="Desk lamp")
    ]
    item_unit: Annotated[
        str | None, About("Unit of the item", "SupplierItem.ItemUnitCode, Item.Unit", null=_EMPTY, example="piece")
    ]
    supplier_id: Annotated[GuidText, About("ID of the supplier", "SupplierItem.Supplier")]
    supplier_code: Annotated[str | None, About("Its code", "SupplierItem.SupplierCode", null=_EMPTY, example="20001")]
    supplier_name: Annotated[
        str | None, About("Its name", "SupplierItem.SupplierDescription", null=_EMPTY, example="Lampen BV")
    ]
    supplier_item_code: Annotated[
        str | None, About("Code of the item there", "SupplierItem.SupplierItemCode", null=_EMPTY, example="L-77")
    ]
    is_main_supplier: Annotated[bool, About("Whether the item is mainly bought here", "SupplierItem.MainSupplier")]
    barcode: Annotated[str | None, About("Barcode there", "SupplierItem.Barcode", null=_EMPTY, example=None)]
    purchase_price: Annotated[
        DecimalText | None,
        About("Price of one purchase unit", "SupplierItem.PurchasePrice, PurchaseItemPrice.Price", null="without one"),
    ]
    price_per_item_unit: Annotated[
        DecimalText | None, About("The same per unit of the item", "the connector", null="without a price")
    ]
    currency: Annotated[
        CurrencyText, About("Currency of the prices", "SupplierItem.Currency, else the administration's")
    ]
    purchase_unit: Annotated[
        str | None, About("Unit it is ordered in", "SupplierItem.PurchaseUnit", null=_EMPTY, example="box")
    ]
    purchase_unit_factor: Annotated[
        DecimalText,
        About("How much one purchase unit holds", "SupplierItem.PurchaseUnitFactor", unit="units of the item"),
    ]
    minimum_quantity: Annotated[
        DecimalText | None,
        About("Least quantity of an order", "SupplierItem.MinimumQuantity", null="without one", unit="purchase units"),
    ]
    lot_size: Annotated[
        DecimalText | None,
        About("Orders are multiples of it", "SupplierItem.PurchaseLotSize", null="without one", unit="purchase units"),
    ]
    lead_time_days: Annotated[
        int | None, About("Lead time", "SupplierItem.PurchaseLeadTime", null=_EMPTY, unit="days", example=7)
    ]
    drop_shipment: Annotated[
        Literal["no", "yes", "optional"] | None,
        About("Whether the supplier delivers to customers", "SupplierItem.DropShipment", null=_EMPTY, example="no"),
    ]
    vat_code: Annotated[
        str | None, About("VAT code of purchases", "SupplierItem.PurchaseVATCode", null=_EMPTY, example="5")
    ]
    country_of_origin: Annotated[
        str | None, About("Country of origin", "SupplierItem.CountryOfOrigin", null=_EMPTY, example="NL")
    ]
    notes: Annotated[str | None, About("Notes", "SupplierItem.Notes", null=_EMPTY, example=None)]
    prices: Annotated[list[SupplierPrice], About("Prices that hold today, by quantity", "PurchaseItemPrice")]


class SupplierProductPage(TypedDict):
    """A page of supplier products."""

    supplier_products: list[SupplierProduct]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
