"""The sync streams of sales invoices and purchase orders: a header row, the lines, and on invoices a VAT row.

    LineNumber     0   header   its own row version
    LineNumber  1..9998 lines   a row version each
    LineNumber  9999   VAT      the version behind the header's, only while there is VAT

Any change of a header or a line gives every row of that document a new version. On invoices the amounts of lines and
VAT come with the opposite sign of the header's (observed), or with the same sign (documented): `Division.sync_signs`.
A removed document leaves the keys of its rows, of its header, or both: `Division.deletion_keys`.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from exact_sandbox.world.table import Key, Op, Row
from exact_sandbox.world.tables import FLAT_STREAMS, FLAT_TABLES, FlatStream

if TYPE_CHECKING:
    from exact_sandbox.world.store import Division

HEADER_LINE, VAT_LINE = 0, 9999
SIGNS = ("observed", "documented")
DELETION_KEYS = ("both", "line", "header")

_NAMESPACE = UUID("5d0c6a3e-6f0a-4c39-9b3e-2f5f3a1f7c10")
_HEADER_ONLY = ("AmountDiscount", "AmountDiscountExclVat", "AmountFCExclVat")
_AMOUNTS = ("AmountDC", "AmountFC", "VATAmountDC", "VATAmountFC")


def row_id(header_key: Key, number: int) -> str:
    """Return the `ID` of a header row (0) or a VAT row (9999)."""
    return str(uuid5(_NAMESPACE, f"{header_key}/{number}"))


def flat_rows(division: Division, stream: FlatStream, after: int) -> Iterator[Row]:
    """Walk the rows of a stream in the order of their versions, beyond `after`."""
    headers = division.table(stream.header)
    turned = stream.vat is not None and division.sync_signs == "observed"
    lines = (
        _line_row(headers.get(line[stream.link]) or {}, line, turned=turned)
        for line in division.table(stream.lines).scan_by_timestamp(after)
    )
    own = (
        row
        for header in headers.scan_by_timestamp(after - headers.spec.versions + 1)
        for row in _own_rows(stream, headers.spec.key, header, turned=turned)
        if row["Timestamp"] > after
    )
    return merge(lines, own, key=lambda row: row["Timestamp"])


def _line_row(header: Row, line: Row, *, turned: bool) -> Row:
    shared = {name: value for name, value in header.items() if name not in _HEADER_ONLY}
    return {**shared, **(_turned(line) if turned else line)}


def _turned(line: Row) -> Row:
    return {**line, **{name: 0.0 - line[name] for name in _AMOUNTS if name in line}}


def _own_rows(stream: FlatStream, key: str, header: Row, *, turned: bool) -> Iterator[Row]:
    yield {**header, "ID": row_id(header[key], HEADER_LINE), "LineNumber": HEADER_LINE}
    if stream.vat is not None and header.get(stream.vat):
        yield _vat_row(key, header, turned=turned)


def _vat_row(key: str, header: Row, *, turned: bool) -> Row:
    shared = {name: value for name, value in header.items() if name not in (*_HEADER_ONLY, *_AMOUNTS)}
    amounts = {"AmountDC": header.get("VATAmountDC", 0.0), "AmountFC": header.get("VATAmountFC", 0.0)}
    return {**shared, **(_turned(amounts) if turned else amounts), "ID": row_id(header[key], VAT_LINE),
            "LineNumber": VAT_LINE, "Timestamp": header["Timestamp"] + 1}  # fmt: skip


Before = dict[tuple[str, Key], Row | None]
"""What the rows of the flat streams were before a transaction, by table and key; None where there was no row."""


def follow(division: Division, ops: list[Op], before: Before) -> None:
    """Complete a transaction: every row of a changed document gets a new version, removed ones leave their keys."""
    for stream in FLAT_STREAMS.values():
        written = [op for op in ops if op.kind != "refresh" and FLAT_TABLES.get(op.table) is stream]
        if written:
            gone = {op.key for op in written if op.table == stream.header and op.kind == "delete"}
            _move(division, stream, written, gone, before)
            _remember(division, stream, written, gone, before)


def _move(division: Division, stream: FlatStream, written: list[Op], gone: set[Key], before: Before) -> None:
    done = {(op.table, op.key) for op in written}
    made = {op.key for op in written if op.table == stream.header and op.kind == "insert"}
    headers, lines = division.table(stream.header), division.table(stream.lines)
    for key in dict.fromkeys(_header_key(stream, op, before) for op in written):
        if key is None or key in made or key in gone or key not in headers:
            continue
        if (stream.header, key) not in done:
            headers.touch(key)
        for line in lines.lookup(stream.link, key) or []:
            if (stream.lines, line["ID"]) not in done:
                lines.touch(line["ID"])


def _header_key(stream: FlatStream, op: Op, before: Before) -> Key | None:
    if op.table == stream.header:
        return op.key
    found: Key | None = op.row.get(stream.link) or (before.get((op.table, op.key)) or {}).get(stream.link)
    return found


def _remember(division: Division, stream: FlatStream, written: list[Op], gone: set[Key], before: Before) -> None:
    for op in written:
        old = before.get((op.table, op.key)) or {}
        if op.table == stream.lines:
            alone = old.get(stream.link) not in gone
            if op.kind == "delete" and (alone or division.deletion_keys != "header"):
                division.record_deletion(stream.deleted, op.key)
        elif op.kind == "delete":
            for key in _document_keys(division, stream, op.key, old):
                division.record_deletion(stream.deleted, key)
        elif stream.vat and old.get(stream.vat) and stream.vat in op.row and not op.row[stream.vat]:
            division.record_deletion(stream.deleted, row_id(op.key, VAT_LINE))


def _document_keys(division: Division, stream: FlatStream, key: Key, header: Row) -> list[Key]:
    rows: list[Key] = [row_id(key, HEADER_LINE)]
    if stream.vat and header.get(stream.vat):
        rows.append(row_id(key, VAT_LINE))
    return {"line": rows, "header": [key], "both": [*rows, key]}[division.deletion_keys]
