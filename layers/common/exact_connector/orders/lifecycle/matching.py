"""Tell whether a document in Exact is the one that was sent: same lines in the same sequence, same texts. Pure.

Only what was sent is compared: Exact fills in the rest. Identical twins are interchangeable, so a match needs no mark
in the customer's document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from exact_connector import fields
from exact_connector.orders.model.kinds import DocumentKind

Body = Mapping[str, Any]

_QUANTITY_PLACES = 4


def same_document(kind: DocumentKind, sent: Body, header: Body, lines: Sequence[Body]) -> bool:
    """Tell whether the header and lines read from Exact are those that were sent."""
    return not differences(kind, sent, header, lines)


def same_header(kind: DocumentKind, sent: Body, header: Body) -> bool:
    """Tell whether the texts of the header are those that were sent, so that its lines are worth reading."""
    return not _header_differences(kind, sent, header)


def differences(kind: DocumentKind, sent: Body, header: Body, lines: Sequence[Body]) -> list[str]:
    """Return in words what Exact has otherwise than it was sent; empty for the same document."""
    found = _header_differences(kind, sent, header)
    wanted, stored = list(sent.get(kind.lines, ())), sorted(lines, key=lambda line: _order_of(kind, line))
    if len(wanted) != len(stored):
        return [*found, f"{len(wanted)} line(s) were sent and {len(stored)} are there"]
    for number, (ours, theirs) in enumerate(zip(wanted, stored, strict=True), start=1):
        found += [f"line {number}: {name} differs" for name in _line_differences(kind, ours, theirs)]
    return found


def same_goods(kind: DocumentKind, sent: Body, lines: Sequence[Body]) -> bool:
    """Tell whether the lines hold the same items and quantities in any sequence; texts are not looked at."""
    return _goods(kind, sent.get(kind.lines, ())) == _goods(kind, lines)


def _header_differences(kind: DocumentKind, sent: Body, header: Body) -> list[str]:
    names = (name for name in kind.header_texts if name in sent)
    return [f"{name} differs" for name in names if _text(sent[name]) != _text(header.get(name))]


def _line_differences(kind: DocumentKind, ours: Body, theirs: Body) -> list[str]:
    found = []
    if _item(ours) != _item(theirs):
        found.append("Item")
    if _quantity(ours, kind.quantity) != _quantity(theirs, kind.quantity):
        found.append(kind.quantity)
    names = (name for name in kind.line_references if name in ours)
    found += [name for name in names if fields.guid(ours, name) != fields.guid(theirs, name)]
    found += [name for name in kind.line_texts if name in ours and _text(ours[name]) != _text(theirs.get(name))]
    return found


def _goods(kind: DocumentKind, lines: Sequence[Body]) -> list[tuple[str, Decimal]]:
    return sorted((_item(line), _quantity(line, kind.quantity)) for line in lines)


def _item(line: Body) -> str:
    return fields.guid(line, "Item") or ""


def _quantity(line: Body, name: str) -> Decimal:
    value = fields.number(line, name)
    return Decimal(0) if value is None else fields.round_half_up(value, _QUANTITY_PLACES).normalize()


def _order_of(kind: DocumentKind, line: Body) -> tuple[int, str]:
    return fields.integer(line, kind.line_number) or 0, str(line.get(kind.line_key) or "")


def _text(value: object) -> str:
    """Compare texts as they read: line ends and white space at the ends do not count."""
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
