"""Bills of material, sold and received goods, purchase orders in Exact."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.prices import ItemCode
from exact_connector.documents.models.terms import About, CurrencyText, DayText, DecimalText, GuidText

_EMPTY = "when it is empty in Exact"
_UNIT = "units of the item"


class Material(TypedDict):
    """A material of a bill as Exact names it."""

    line_number: Annotated[
        int | None, About("Number of the line", "BillOfMaterialMaterial.LineNumber", null=_EMPTY, example=1)
    ]
    item_id: Annotated[GuidText | None, About("ID of the material", "PartItem", null=_EMPTY)]
    item_code: Annotated[str | None, About("Its code", "PartItemCode", null=_EMPTY, example="B-20")]
    item_description: Annotated[str | None, About("Its name", "PartItemDescription", null=_EMPTY, example="Bulb")]
    quantity: Annotated[
        DecimalText | None, About("How much one item takes, without waste", "Quantity", null=_EMPTY, unit=_UNIT)
    ]
    quantity_per_batch: Annotated[
        DecimalText | None, About("How much a batch takes, with waste", "QuantityBatch", null=_EMPTY, unit=_UNIT)
    ]
    waste_percentage: Annotated[
        DecimalText | None, About("Waste", "WastePercentage", null=_EMPTY, unit="percent, 0 to 100")
    ]


class Component(TypedDict):
    """A component of a bill of material."""

    line_number: Annotated[
        int | None, About("Number of the line", "BillOfMaterialMaterial.LineNumber", null=_EMPTY, example=1)
    ]
    item_id: Annotated[GuidText | None, About("ID of the component", "PartItem", null=_EMPTY)]
    item_code: Annotated[str | None, About("Its code", "PartItemCode", null=_EMPTY, example="B-20")]
    item_description: Annotated[str | None, About("Its name", "PartItemDescription", null=_EMPTY, example="Bulb")]
    quantity: Annotated[DecimalText, About("How much one item takes, without waste", "Quantity", unit=_UNIT)]
    quantity_per_batch: Annotated[
        DecimalText | None, About("How much a batch takes, with waste", "QuantityBatch", null=_EMPTY, unit=_UNIT)
    ]
    waste_percentage: Annotated[
        DecimalText | None, About("Waste", "WastePercentage", null=_EMPTY, unit="percent, 0 to 100")
    ]
    quantity_with_waste: Annotated[
        DecimalText, About("How much one item takes, with waste", "QuantityBatch by the batch", unit=_UNIT)
    ]


class VersionMaterials(TypedDict):
    """The materials of one version of a bill; served by the change feed alone, since a bill shows them."""

    version_id: Annotated[GuidText, About("ID of the version", "BillOfMaterialVersion.ID")]
    components: Annotated[list[Material], About("Its materials, by line", "BillOfMaterialMaterial")]


class BillOfMaterial(TypedDict):
    """What one item is made of."""

    item_id: Annotated[GuidText | None, About("ID of the item", "Item.ID", null=_EMPTY)]
    item_code: ItemCode
    item_description: Annotated[
        str | None, About("Name of the item", "Item.Description", null=_EMPTY, example="Desk lamp")
    ]
    source: Annotated[
        Literal["assembly", "manufacturing"], About("Where Exact keeps it", "the connector", example="assembly")
    ]
    is_composition: Annotated[bool, About("Whether it is taken apart when it is sold", "Item.UseExplosion")]
    version_id: Annotated[
        GuidText | None, About("ID of the version", "BillOfMaterialVersion.ID", null="for an assembly")
    ]
    version_number: Annotated[
        int | None,
        About("Its number", "BillOfMaterialVersion.VersionNumber", null="for an assembly", example=None),
    ]
    version_description: Annotated[
        str | None,
        About("Its name", "BillOfMaterialVersion.Description", null="for an assembly", example=None),
    ]
    batch_quantity: Annotated[DecimalText, About("Size of a batch", "BatchQuantity", unit=_UNIT)]
    lead_days: Annotated[
        int | None,
        About("Lead time", "AssembledLeadDays, ProductionLeadDays", null=_EMPTY, unit="days", example=2),
    ]
    components: Annotated[list[Component], About("Its components, by line", "materials of the bill")]


class BillOfMaterialPage(TypedDict):
    """A page of bills of material."""

    bills_of_material: list[BillOfMaterial]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class SoldComponent(TypedDict):
    """A component of what was sold."""

    item_code: Annotated[str, About("Code of the component", "bill of material", example="B-20")]
    quantity_sold: Annotated[DecimalText, About("How much of it", "bill of material", unit=_UNIT)]


class DocumentLine(TypedDict):
    """What lines of sales, purchase orders and receipts share."""

    line_id: Annotated[GuidText | None, About("ID of the line", "ID", null=_EMPTY)]
    line_number: Annotated[int | None, About("Its number", "LineNumber", null=_EMPTY, example=1)]
    item_id: Annotated[GuidText | None, About("ID of the item", "Item", null="for a line without an item")]
    item_code: Annotated[
        str | None, About("Code of the item", "ItemCode", null="for a line without an item", example="A-1000")
    ]


class SaleLine(DocumentLine):
    """A line of a sale."""

    unit: Annotated[str | None, About("Unit", "UnitCode", null=_EMPTY, example="piece")]
    quantity: Annotated[DecimalText, About("Ordered, or invoiced; below 0 for a credit", "Quantity", unit=_UNIT)]
    quantity_delivered: Annotated[DecimalText, About("Delivered", "QuantityDelivered", unit=_UNIT)]
    quantity_sold: Annotated[
        DecimalText,
        About("What counts as sold: of a cancelled line only what was delivered", "the connector", unit=_UNIT),
    ]
    amount: Annotated[
        DecimalText | None,
        About("Amount without VAT in the currency of the administration", "AmountDC", null=_EMPTY),
    ]
    delivery_date: Annotated[DayText | None, About("Day of delivery", "DeliveryDate", null=_EMPTY)]
    components: NotRequired[
        Annotated[
            list[SoldComponent],
            About("What it is made of", "bill of material", absent="unless `components=true` asks for it"),
        ]
    ]


class Sale(TypedDict):
    """A sales order or a sales invoice, as the option `sales_history` says."""

    sale_id: Annotated[GuidText, About("ID of the order or invoice", "SalesOrder.OrderID, SalesInvoice.InvoiceID")]
    source: Annotated[Literal["order", "invoice"], About("What it is", "option `sales_history`", example="order")]
    number: Annotated[int | None, About("Its number", "OrderNumber, InvoiceNumber", null=_EMPTY, example=50017)]
    date: Annotated[DayText | None, About("Its day", "OrderDate, InvoiceDate", null=_EMPTY)]
    currency: Annotated[CurrencyText | None, About("Its currency", "Currency", null=_EMPTY)]
    customer_id: Annotated[GuidText | None, About("Who ordered", "OrderedBy", null=_EMPTY)]
    warehouse_code: Annotated[
        str | None, About("Warehouse", "SalesOrder.WarehouseCode", null="for an invoice", example="1")
    ]
    status: Annotated[
        str | None,
        About(
            "open, partial, complete or cancelled; of an invoice complete or credit; another number as Exact has it",
            "Status",
            null=_EMPTY,
            example="open",
        ),
    ]
    amounts_agree: Annotated[
        bool | None,
        About(
            "Whether the lines add up to the header",
            "the connector",
            null="for an order, and when the header has no amount",
            example=None,
        ),
    ]
    lines: Annotated[list[SaleLine], About("Its lines, by number", "lines of the document")]


class SalePage(TypedDict):
    """A page of sales."""

    sales: list[Sale]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class PurchaseLine(DocumentLine):
    """A line of a purchase order in Exact."""

    description: Annotated[str | None, About("Text", "Description", null=_EMPTY, example="Desk lamp")]
    supplier_item_code: Annotated[
        str | None, About("Code of the item at the supplier", "SupplierItemCode", null=_EMPTY, example="L-77")
    ]
    unit: Annotated[str | None, About("Purchase unit", "Unit", null=_EMPTY, example="box")]
    quantity: Annotated[DecimalText, About("Ordered", "Quantity", unit=_UNIT)]
    quantity_in_purchase_units: Annotated[
        DecimalText | None, About("Ordered", "QuantityInPurchaseUnits", null=_EMPTY, unit="purchase units")
    ]
    quantity_received: Annotated[DecimalText, About("Received", "ReceivedQuantity", unit=_UNIT)]
    quantity_open: Annotated[DecimalText, About("Still to come", "the connector", unit=_UNIT)]
    unit_price: Annotated[DecimalText | None, About("Price of one purchase unit", "UnitPrice", null=_EMPTY)]
    receipt_date: Annotated[DayText | None, About("Expected day", "ReceiptDate", null=_EMPTY)]


class PurchaseOrderDocument(TypedDict):
    """A purchase order as Exact has it, also one that was entered there by hand; served by the change feed."""

    purchase_order_id: Annotated[GuidText, About("ID of the purchase order", "PurchaseOrder.PurchaseOrderID")]
    number: Annotated[int | None, About("Its number", "OrderNumber", null=_EMPTY, example=70001)]
    date: Annotated[DayText | None, About("Its day", "OrderDate", null=_EMPTY)]
    supplier_id: Annotated[GuidText | None, About("The supplier", "Supplier", null=_EMPTY)]
    supplier_code: Annotated[str | None, About("Its code", "SupplierCode", null=_EMPTY, example="20001")]
    warehouse_code: Annotated[str | None, About("Warehouse", "WarehouseCode", null=_EMPTY, example="1")]
    your_ref: Annotated[str | None, About("Reference of the supplier", "YourRef", null=_EMPTY, example=None)]
    currency: Annotated[CurrencyText | None, About("Its currency", "Currency", null=_EMPTY)]
    status: Annotated[
        str | None,
        About(
            "open, partial, complete or cancelled; another number as Exact has it",
            "OrderStatus",
            null=_EMPTY,
            example="open",
        ),
    ]
    receipt_status: Annotated[
        str | None, About("The same for what was received", "ReceiptStatus", null=_EMPTY, example="open")
    ]
    source: Annotated[int | None, About("Where it was made, as a number", "Source", null=_EMPTY, example=1)]
    amounts_agree: Annotated[
        bool | None,
        About(
            "Whether the lines add up to the header",
            "the connector",
            null="when the header has no amount",
            example=True,
        ),
    ]
    lines: Annotated[list[PurchaseLine], About("Its lines, by number", "PurchaseOrderLine")]


class ReceiptLine(DocumentLine):
    """A line of a goods receipt."""

    supplier_item_code: Annotated[
        str | None, About("Code of the item at the supplier", "SupplierItemCode", null=_EMPTY, example="L-77")
    ]
    unit: Annotated[str | None, About("Unit of the item", "ItemUnitCode", null=_EMPTY, example="piece")]
    quantity_ordered: Annotated[DecimalText | None, About("Ordered", "QuantityOrdered", null=_EMPTY, unit=_UNIT)]
    quantity_received: Annotated[DecimalText, About("Received", "QuantityReceived", unit=_UNIT)]
    purchase_order_id: Annotated[
        GuidText | None, About("Purchase order", "PurchaseOrderID", null="for goods without one")
    ]
    purchase_order_number: Annotated[
        int | None, About("Its number", "PurchaseOrderNumber", null="for goods without one", example=70001)
    ]
    purchase_order_line_id: Annotated[
        GuidText | None, About("Its line", "PurchaseOrderLineID", null="for goods without one")
    ]


class Receipt(TypedDict):
    """A receipt of goods."""

    receipt_id: Annotated[GuidText, About("ID of the receipt", "GoodsReceipt.ID")]
    number: Annotated[int | None, About("Its number", "ReceiptNumber", null=_EMPTY, example=8001)]
    date: Annotated[DayText | None, About("Its day", "ReceiptDate", null=_EMPTY)]
    supplier_id: Annotated[GuidText | None, About("The supplier", "Supplier", null=_EMPTY)]
    supplier_code: Annotated[str | None, About("Its code", "SupplierCode", null=_EMPTY, example="20001")]
    warehouse_code: Annotated[str | None, About("Warehouse", "WarehouseCode", null=_EMPTY, example="1")]
    description: Annotated[str | None, About("Text", "Description", null=_EMPTY, example=None)]
    your_ref: Annotated[str | None, About("Reference of the supplier", "YourRef", null=_EMPTY, example=None)]
    lines: Annotated[list[ReceiptLine], About("Its lines, by number", "GoodsReceiptLine")]


class ReceiptPage(TypedDict):
    """A page of receipts."""

    receipts: list[Receipt]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
