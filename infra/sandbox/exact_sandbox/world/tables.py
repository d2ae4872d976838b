"""What the store knows about each table: its key, its number in sync/Deleted, its webhook topic and its indexes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableSpec:
    """Describe one table: its number in sync/Deleted, its webhook topic, whether writes are stamped.

    `versions` is how many row versions a write takes: invoices need a second one for the VAT row of their stream.
    """

    name: str
    key: str = "ID"
    entity_type: int | None = None
    topic: str | None = None
    endpoint: str | None = None
    indexed: tuple[str, ...] = ()
    audit: bool = True
    parent: tuple[str, str] | None = None
    versions: int = 1


def _spec(
    name: str,
    *indexed: str,
    key: str = "ID",
    deleted: int | None = None,
    topic: str | None = None,
    endpoint: str | None = None,
    audit: bool = True,
    parent: tuple[str, str] | None = None,
    versions: int = 1,
) -> TableSpec:
    return TableSpec(name, key, deleted, topic, endpoint, indexed, audit, parent, versions)


_ALL = (
    _spec("Items", "Code", "ItemGroup", deleted=9, topic="Items", endpoint="logistics/Items"),
    _spec("SalesItemPrices", "Item", "ItemCode", "Account", deleted=8),
    _spec("PurchaseItemPrices", "Item", "Account"),
    _spec("ItemGroups", "Code"),
    _spec("Units", "Code"),
    _spec("ItemAssortment", "Code", audit=False),
    _spec("ItemAssortmentProperty", "ItemAssortmentCode", "Code", audit=False),
    _spec("ItemExtraFields", "ItemID", key="Key", audit=False),
    _spec("ItemTranslations", "Item", key="Key", audit=False),
    _spec("ItemChargeRelation", "Item"),
    _spec("ItemVersions", "Item"),
    _spec("SupplierItem", "Item", "Supplier", "ItemCode", deleted=30),
    _spec("CustomerItems", "Item", "Account"),
    _spec("Incoterms", "Code", audit=False),
    _spec("SelectionCodes", "Code"),
    _spec("SalesPriceLists", "Code"),
    _spec("SalesPriceListPeriods", "PriceList"),
    _spec("SalesPriceListVolumeDiscounts", "PriceListPeriod", "Item", "ItemGroup", "PriceListCode", deleted=31),
    _spec("SalesPriceListLinkedAccounts", "PriceList"),
    _spec("SalesChannels", "Code"),
    _spec("OrderCharges", "Code"),
    _spec("ShippingMethods", "Code"),
    _spec("Warehouses", "Code"),
    _spec("ItemWarehouses", "Item", "ItemCode", "Warehouse", deleted=19),
    _spec(
        "StockPositions",
        "ItemId",
        "Warehouse",
        deleted=15,
        topic="StockPositions",
        endpoint="inventory/ItemWarehouses",
        audit=False,
    ),
    _spec("ItemWarehousePlanningDetails", "Item", "Warehouse", "_line", audit=False),
    _spec("ItemWarehouseStorageLocations", "Item", "Warehouse", deleted=41, audit=False),
    _spec("StorageLocations", "Warehouse", "Code"),
    _spec("StorageLocationStockPositions", "Item", deleted=20, audit=False),
    _spec("SerialNumbers", "Item", deleted=28),
    _spec("BatchNumbers", "Item", deleted=28),
    _spec("StockSerialNumbers", "Item", deleted=29),
    _spec("StockBatchNumbers", "Item", deleted=29),
    _spec("Accounts", "Code", "PriceList", deleted=2, topic="Accounts", endpoint="crm/Accounts"),
    _spec("AccountClasses", "Code"),
    _spec("AccountClassifications", "AccountClassificationName", "Code"),
    _spec("AccountClassificationNames", "SequenceNumber"),
    _spec("Contacts", "Account", "Email", deleted=5, topic="Contacts", endpoint="crm/Contacts"),
    _spec("Addresses", "Account", "Contact", deleted=3),
    _spec("AddressStates", "Country", audit=False),
    _spec("BankAccounts", "Account", topic="BankAccounts", endpoint="crm/BankAccounts"),
    _spec("CommunicationNotes", "Account", "Contact"),
    _spec(
        "SalesOrders",
        "OrderNumber",
        "OrderedBy",
        "DeliverTo",
        "InvoiceTo",
        "YourRef",
        key="OrderID",
        deleted=32,
        topic="SalesOrders",
        endpoint="salesorder/SalesOrders",
    ),
    _spec("SalesOrderLines", "OrderID", "Item", "OrderNumber", deleted=33, parent=("SalesOrders", "OrderID")),
    _spec("SalesOrderOrderChargeLines", "OrderID", parent=("SalesOrders", "OrderID")),
    _spec("PrintedSalesOrders", "OrderId", key="OrderId"),
    _spec(
        "GoodsDeliveries",
        "DeliveryAccount",
        "DeliveryNumber",
        key="EntryID",
        deleted=16,
        topic="GoodsDeliveries",
        endpoint="salesorder/GoodsDeliveries",
    ),
    _spec(
        "GoodsDeliveryLines", "EntryID", "Item", "SalesOrderLineID", deleted=17, parent=("GoodsDeliveries", "EntryID")
    ),
    _spec("PlannedSalesReturns", "DeliveredTo", key="PlannedSalesReturnID"),
    _spec("PlannedSalesReturnLines", "PlannedSalesReturnID", parent=("PlannedSalesReturns", "PlannedSalesReturnID")),
    _spec(
        "Quotations",
        "OrderAccount",
        "QuotationNumber",
        key="QuotationID",
        deleted=34,
        topic="Quotations",
        endpoint="crm/Quotations",
    ),
    _spec("QuotationLines", "QuotationID", "Item", deleted=35, parent=("Quotations", "QuotationID")),
    _spec(
        "SalesInvoices",
        "OrderedBy",
        "InvoiceTo",
        "InvoiceNumber",
        key="InvoiceID",
        topic="SalesInvoices",
        endpoint="salesinvoice/SalesInvoices",
        versions=2,
    ),
    _spec("SalesInvoiceLines", "InvoiceID", "Item", "SalesOrderLine", parent=("SalesInvoices", "InvoiceID")),
    _spec("SalesInvoiceOrderChargeLines", "InvoiceID", parent=("SalesInvoices", "InvoiceID")),
    _spec("PayablesList", "AccountId", "InvoiceNumber", key="HID", audit=False),
    _spec("Payments", "Account", "TransactionEntryID"),
    _spec("Receivables", "Account", "TransactionEntryID"),
    _spec(
        "PurchaseEntries",
        "Supplier",
        "EntryNumber",
        key="EntryID",
        topic="PurchaseEntries",
        endpoint="purchaseentry/PurchaseEntries",
    ),
    _spec("PurchaseEntryLines", "EntryID", parent=("PurchaseEntries", "EntryID")),
    _spec(
        "Transactions",
        "EntryNumber",
        "JournalCode",
        key="EntryID",
        topic="FinancialTransactions",
        endpoint="financialtransaction/Transactions",
    ),
    _spec("TransactionLines", "EntryID", "Account", deleted=1, parent=("Transactions", "EntryID")),
    _spec("ReceivablesList", "AccountId", "InvoiceNumber", key="HID", audit=False),
    _spec(
        "PurchaseOrders",
        "Supplier",
        "OrderNumber",
        "YourRef",
        key="PurchaseOrderID",
        topic="PurchaseOrders",
        endpoint="purchaseorder/PurchaseOrders",
    ),
    _spec("PurchaseOrderLines", "PurchaseOrderID", "Item", parent=("PurchaseOrders", "PurchaseOrderID")),
    _spec("GoodsReceipts", "Supplier", "ReceiptNumber"),
    _spec(
        "GoodsReceiptLines", "GoodsReceiptID", "Item", "PurchaseOrderLineID", parent=("GoodsReceipts", "GoodsReceiptID")
    ),
    _spec("BillOfMaterialVersions", "Item", deleted=55),
    _spec("BillOfMaterialMaterials", "ItemVersion", "PartItem", deleted=54),
    _spec("AssemblyBillOfMaterialHeader", "Code"),
    _spec("AssemblyBillOfMaterialMaterials", "AssembledItem", "PartItem"),
    _spec("AssemblyOrders", "Item"),
    _spec("VATCodes", "Code"),
    _spec("VatPercentages", "VATCodeID"),
    _spec("GLAccounts", "Code", deleted=7, topic="GLAccounts", endpoint="financial/GLAccounts"),
    _spec("ExchangeRates", "SourceCurrency"),
    _spec("Journals", "Code", "Type"),
    _spec("Currencies", key="Code"),
    _spec("PaymentConditions", "Code"),
    _spec("Costcenters", "Code"),
    _spec("Costunits", "Code"),
    _spec("Documents", "Account", "Type", deleted=6, topic="Documents", endpoint="documents/Documents"),
    _spec("DocumentAttachments", "Document", deleted=4),
    _spec("DocumentTypes", key="ID"),
    _spec("DocumentCategories", key="ID"),
    _spec("Employees", "Code"),
    _spec("Users", "UserName", key="UserID"),
    _spec("WebhookSubscriptions", "Topic"),
    _spec("CustomFields", "LinkId", key="Key", audit=False),
    _spec("AvailableFeatures", audit=False),
    _spec("Files", "Owner", key="Name", audit=False),
    _spec("Deleted", "EntityType", "EntityKey", key="Timestamp", audit=False),
)

SPECS: dict[str, TableSpec] = {spec.name: spec for spec in _ALL}
"""Every known table by its name; a division makes a plain one for any other name of the schema."""


def owned_tables(name: str) -> list[tuple[str, str]]:
    """Return the tables whose rows belong to a row of this one, each with the field that names its owner."""
    return [(spec.name, spec.parent[1]) for spec in _ALL if spec.parent is not None and spec.parent[0] == name]


@dataclass(frozen=True)
class FlatStream:
    """A sync stream of headers and lines together; `deleted` is its number in sync/Deleted.

    `vat` is the header's field with the VAT in the company's currency where the stream has a VAT row.
    """

    header: str
    lines: str
    link: str
    deleted: int
    vat: str | None = None


_FLAT = (
    FlatStream("SalesInvoices", "SalesInvoiceLines", "InvoiceID", 13, vat="VATAmountDC"),
    FlatStream("PurchaseOrders", "PurchaseOrderLines", "PurchaseOrderID", 22),
)

FLAT_STREAMS: dict[str, FlatStream] = {stream.header: stream for stream in _FLAT}
"""The flat streams by the table of their headers."""

FLAT_TABLES: dict[str, FlatStream] = {name: stream for stream in _FLAT for name in (stream.header, stream.lines)}
"""The flat streams by either table."""
