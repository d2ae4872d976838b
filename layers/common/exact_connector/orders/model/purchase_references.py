"""What a purchase order refers to: the supplier, what it sells of each item, items and warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.fields import Row
from exact_connector.orders.model.canonical import PurchaseOrder
from exact_connector.orders.model.references import Codes, OrderItem

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class OrderSupplier:
    """The supplier as a purchase order needs it; ``lead_time_days`` counts for products without one of their own."""

    supplier_id: str
    code: str | None
    lead_time_days: int | None = None
    is_blocked: bool = False
    vat_code: str | None = None

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> OrderSupplier:
        """Read a canonical `supplier`."""
        return cls(
            supplier_id=str(document["supplier_id"]).lower(),
            code=document.get("supplier_code"),
            lead_time_days=document.get("lead_time_days"),
            is_blocked=bool(document.get("is_blocked")),
            vat_code=document.get("vat_code"),
        )


@dataclass(frozen=True, slots=True)
class SupplierProduct:
    """How the supplier sells an item: ``factor`` item units make one purchase unit.

    Minimum and lot size count in purchase units. ``price`` 0 says that Exact has no purchase price, None that it is not
    known whether it has one.
    """

    unit: str | None
    factor: Decimal
    minimum: Decimal | None = None
    lot_size: Decimal | None = None
    lead_time_days: int | None = None
    price: Decimal | None = None
    vat_code: str | None = None

    @property
    def lacks_price(self) -> bool:
        """Return whether Exact has no purchase price for it."""
        return self.price == 0

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> SupplierProduct:
        """Read a canonical `supplier_product`."""
        return cls(
            unit=document.get("purchase_unit"),
            factor=fields.positive(document.get("purchase_unit_factor")) or ONE,
            minimum=fields.positive(document.get("minimum_quantity")),
            lot_size=fields.positive(document.get("lot_size")),
            lead_time_days=document.get("lead_time_days"),
            price=Decimal(document["purchase_price"] or 0) if "purchase_price" in document else None,
            vat_code=document.get("vat_code"),
        )

    @classmethod
    def of_row(cls, row: Row) -> SupplierProduct:
        """Read a row of `logistics/SupplierItem`."""
        return cls(
            unit=fields.text(row, "PurchaseUnit"),
            factor=fields.positive(fields.number(row, "PurchaseUnitFactor")) or ONE,
            minimum=fields.positive(fields.number(row, "MinimumQuantity")),
            lot_size=fields.positive(fields.number(row, "PurchaseLotSize")),
            lead_time_days=fields.integer(row, "PurchaseLeadTime"),
            price=(fields.number(row, "PurchasePrice") or Decimal(0)) if "PurchasePrice" in row else None,
            vat_code=fields.text(row, "PurchaseVATCode"),
        )


@dataclass(frozen=True, slots=True)
class PurchaseRequest:
    """What has to be looked up for a purchase order; the supplier by ID, else by code."""

    supplier_id: str | None
    supplier_code: str | None
    item_codes: tuple[str, ...]
    warehouse_code: str | None


@dataclass(frozen=True, slots=True)
class PurchaseReferences:
    """What a purchase order refers to: items by `code_key`, the supplier's products by item ID, warehouses by code.

    ``warehouses`` None means "not looked up". ``all_products`` False says that an item without a product may still be
    linked to the supplier: the links are only stored for tenants with the option `supplier_links`. ``item_warehouses``:
    item ID -> keys of the codes of its warehouses. ``blocked_vat_codes`` are keys of those that the order comes to.
    """

    supplier: OrderSupplier | None
    items: Mapping[str, OrderItem]
    products: Mapping[str, SupplierProduct]
    warehouses: Codes | None = None
    all_products: bool = True
    item_warehouses: Mapping[str, frozenset[str]] | None = None
    blocked_vat_codes: frozenset[str] = frozenset()


def required_purchase_references(order: PurchaseOrder) -> PurchaseRequest:
    """Return what has to be looked up for a purchase order."""
    codes = tuple(dict.fromkeys(code_key(line.item_code) for line in order.lines))
    code = None if order.supplier_id else order.supplier_code
    return PurchaseRequest(order.supplier_id, code, codes, order.warehouse_code)
