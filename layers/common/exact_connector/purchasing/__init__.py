"""Suppliers' products, bills of material, sold and received goods, and purchase orders."""
