"""Which files of an owner have to be fetched from Exact, told from its stored rows alone. Pure.

A file is fetched when its name is new or its owner was modified since it was looked at; Exact gives a file no version
of its own. What was fetched, and what could not be, is kept as a row beside Exact's rows (kinds `picture`, `logo`).
"""

from __future__ import annotations

from dataclasses import dataclass

from exact_connector import fields
from exact_connector.catalog.projection import Document, OwnerRows, Warning
from exact_connector.fields import Row

PLACEHOLDER = "placeholder"
UNAVAILABLE = "PICTURE_UNAVAILABLE"
WANTED_PICTURE, WANTED_LOGO = "_wanted_picture", "_wanted_logo"
"""Kinds of the hidden documents that say what is to be fetched, by the id of their owner."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: the kind of row that names it, the fields of name and address, the kind of row kept of it."""

    source: str
    name: str
    address: str
    kept: str


PICTURE = FileKind("item", "PictureName", "PictureUrl", "picture")
LOGO = FileKind("account", "LogoFileName", "LogoUrl", "logo")


def wanted_file(rows: OwnerRows, kind: FileKind) -> Document | None:
    """Return what to fetch (`address`, `file_name`, `modified`), None when there is no file or it is known already."""
    source = rows.one(kind.source) or {}
    name, address = fields.text(source, kind.name), fields.text(source, kind.address)
    if name is None or address is None or PLACEHOLDER in address:
        return None
    modified = fields.text(source, "Modified") or ""
    if any(is_current(row, name, modified) for row in rows.of(kind.kept)):
        return None
    return {"address": address, "file_name": name, "modified": modified}


def is_current(kept: Row, name: str, modified: str) -> bool:
    """Tell whether a kept row is about this file as it is now."""
    return kept.get("file_name") == name and kept.get("modified") == modified


def unavailable(rows: OwnerRows, kind: FileKind) -> tuple[Warning, ...]:
    """Return the warning for a file that Exact names and does not give, or that is no picture."""
    name = fields.text(rows.one(kind.source) or {}, kind.name)
    return tuple(
        Warning(UNAVAILABLE, f"the {kind.kept} could not be fetched: {row['reason']}; put it into Exact anew")
        for row in rows.of(kind.kept)
        if row.get("file_name") == name and row.get("reason")
    )
