"""Exact rows -> canonical items, prices, price lists and stock. Pure: no clock, no I/O."""
