"""The catalogue of the 106 settings: one entry per key, in the order of the form."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from exact_connector.settings.areas import customers, history, items, orders, prices, stock, vat
from exact_connector.settings.entry import Area, Entry, Family

ENTRIES: tuple[Entry, ...] = tuple(
    chain(
        *(items.ENTRIES, prices.ENTRIES, stock.ENTRIES, customers.ENTRIES),
        *(vat.ENTRIES, orders.ENTRIES, history.ENTRIES),
    )
)

BY_KEY: Mapping[str, Entry] = MappingProxyType({entry.key: entry for entry in ENTRIES})


def in_area(area: Area) -> tuple[Entry, ...]:
    """Return the entries of one area, in the order of the form."""
    return tuple(entry for entry in ENTRIES if entry.area is area)


def shaping(family: Family) -> tuple[Entry, ...]:
    """Return the entries that shape a family."""
    return tuple(entry for entry in ENTRIES if family in entry.shapes)
