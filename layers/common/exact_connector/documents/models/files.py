"""Pictures and logos as documents name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About

_NOT_STORED = "until the file was fetched from Exact"


class StoredFile(TypedDict):
    """A picture or logo: its name in Exact and, once it was fetched, where it is served."""

    file_name: Annotated[str, About("Name of the file in Exact", "Item.PictureName, Account.LogoFileName")]
    url: Annotated[
        str | None, About("Address of the original, below this API", "the connector", null=_NOT_STORED, example=None)
    ]
    thumbnails: Annotated[
        Mapping[str, str],
        About(
            "Addresses of smaller copies by their longest side in pixels; empty until the file was fetched",
            "the connector",
            example={},
        ),
    ]
    content_type: Annotated[
        str | None, About("Media type of the original", "the connector", null=_NOT_STORED, example="image/jpeg")
    ]
    sha256: Annotated[
        str | None, About("SHA-256 of the original, in hexadecimal", "the connector", null=_NOT_STORED, example=None)
    ]
