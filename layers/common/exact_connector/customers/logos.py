"""The logo of a customer: its file name in Exact and, once the file is stored, where it is served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.files import StoredFile

_PLACEHOLDER = "placeholder"


def logo(account: Row, stored: Sequence[Row]) -> StoredFile | None:
    """Return the logo of an account, None when it has none (Exact then points at a placeholder).

    `stored` are the rows of kind `logo`: `file_name`, `url`, `thumbnails`, `content_type`, `sha256` of the stored file.
    """
    name = fields.text(account, "LogoFileName")
    if name is None or _PLACEHOLDER in (fields.text(account, "LogoUrl") or ""):
        return None
    found: Row = next((row for row in stored if row.get("file_name") == name), {})
    return {
        "file_name": name,
        "url": found.get("url"),
        "thumbnails": found.get("thumbnails") or {},
        "content_type": found.get("content_type"),
        "sha256": found.get("sha256"),
    }
