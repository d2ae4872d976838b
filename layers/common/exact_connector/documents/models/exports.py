"""Exports of a whole kind of documents."""

from __future__ import annotations

from typing import Literal

ExportKind = Literal[
    "items",
    "item_groups",
    "units",
    "vat_codes",
    "price_lists",
    "price_list_prices",
    "agreements",
    "stock",
    "customers",
    "suppliers",
    "supplier_products",
    "bills_of_material",
    "sales",
    "receipts",
]
ExportView = Literal["default", "full"]
