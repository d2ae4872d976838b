"""Communication notes on a customer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import Note

SKIPPED_STATUSES = frozenset({0, 5})
"""Statuses of a note that is void or rejected."""


def note_documents(rows: Iterable[Row]) -> list[Note]:
    """Return the notes of a customer, newest first; void and rejected ones are left out.

    The text is what Exact holds in `Notes`, without surrounding white space.
    """
    kept = [row for row in rows if fields.integer(row, "Status") not in SKIPPED_STATUSES]
    by_id = sorted(kept, key=lambda row: fields.guid(row, "ID") or "")
    newest_first = sorted(by_id, key=lambda row: _day(row) or "", reverse=True)
    return [_note(row) for row in newest_first]


def _note(row: Row) -> Note:
    return {
        "note_id": fields.guid(row, "ID"),
        "date": _day(row),
        "subject": fields.text(row, "Subject"),
        "text": fields.text(row, "Notes"),
        "user": fields.text(row, "UserFullName"),
        "contact_person_id": fields.guid(row, "Contact"),
    }


def _day(row: Row) -> str | None:
    day = fields.day(row, "Date")
    return day.isoformat() if day else None
