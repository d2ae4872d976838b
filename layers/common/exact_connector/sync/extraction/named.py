"""Streams that are read for the owners that asked for it, many in one call. Pure.

``bulk/Logistics/Items`` gives the standard sales price of items that have no price row; it is read with a filter over
just those items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from exact_connector.exact.http.query import Query, either, grouped, guid_literal
from exact_connector.sync.stores.records import Version
from exact_connector.sync.streams.catalogue import Stream


def request(owner: str, version: Version) -> str:
    """Write down that an owner asks, and in which version of it."""
    return f"{owner} {version[0]} {version[1]}"


def requests(written: Iterable[str]) -> dict[str, Version]:
    """Return the owners that ask, each with the newest version in which it did."""
    found: dict[str, Version] = {}
    for each in written:
        owner, generation, number = each.split(" ")
        version = (int(generation), int(number))
        found[owner] = max(version, found.get(owner, version))
    return found


def whole_set(stream: Stream) -> Query:
    """Return the query of every owner there is, where Exact refuses to be asked for single ones."""
    return Query(stream.path, select=stream.select, filter=stream.second_filter)


def calls(stream: Stream, owners: Sequence[str]) -> Iterator[tuple[list[str], Query]]:
    """Split owners into groups that fit into the filter of one call; yield each with its call."""
    for group in grouped(stream.row_id, [guid_literal(owner) for owner in owners]):
        ids = [literal.removeprefix("guid'").rstrip("'") for literal in group]
        yield ids, Query(stream.path, select=stream.select, filter=either(stream.row_id, group))
