"""Canonical orders -> the documents that Exact gets. Pure."""
