"""Where a tenant's files lie and how they are served: by their content, so that the same picture is kept once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from exact_connector.errors import Fault, InvalidInput, NotFound
from exact_connector.storage.ports import BlobStore
from exact_connector.storage.table import Key, Table, clear

if TYPE_CHECKING:
    from exact_connector.assets.images import Picture

LINK_SECONDS = 600
ORIGINAL = "original"


class Library:
    """The files of all tenants: bytes in S3, and a row per picture that says which copies there are."""

    def __init__(self, table: Table, blobs: Callable[[], BlobStore]) -> None:
        self._table = table
        self._blobs = blobs

    def keep(self, tenant: str, picture: Picture, file_name: str) -> dict[str, Any]:
        """Store a picture with its copies and return how documents show it; one that is known is not stored again."""
        sizes = [str(size) for size in picture.smaller]
        if self._table.get(_key(tenant, picture.sha256)) is None:
            files = {ORIGINAL: picture.original, **{str(size): file for size, file in picture.smaller.items()}}
            for size, file in files.items():
                self._blobs().put(_place(tenant, picture.sha256, size), file.body, content_type=file.content_type)
            key = _key(tenant, picture.sha256)
            self._table.put({"pk": key.pk, "sk": key.sk, "sizes": [ORIGINAL, *sizes], "file_name": file_name})
        address = f"/v1/assets/{picture.sha256}"
        return {
            "url": address,
            "thumbnails": {size: f"{address}?size={size}" for size in sizes},
            "content_type": picture.original.content_type,
            "sha256": picture.sha256,
        }

    def link(self, tenant: str, asset: str, size: str) -> str:
        """Return a link that gives one copy for some minutes; raises NotFound, InvalidInput for another size."""
        row = self._table.get(_key(tenant, asset))
        if row is None:
            raise NotFound("There is no such file; take the address from the item's or customer's document.")
        known = row["sizes"]
        assert isinstance(known, list)
        if size not in known:
            sizes = ", ".join(str(each) for each in known)
            raise InvalidInput(f"There is no size {size[:20]!r}.", [Fault("?size", "SIZE", f"Send one of {sizes}.")])
        return self._blobs().signed_url(_place(tenant, asset, size), seconds=LINK_SECONDS)

    def forget(self, tenant: str) -> int:
        """Remove every file of a tenant; return how many pictures."""
        self._blobs().delete_prefix(f"assets/{tenant}/")
        return clear(self._table, f"asset#{tenant}")


def _key(tenant: str, asset: str) -> Key:
    return Key(f"asset#{tenant}", asset)


def _place(tenant: str, asset: str, size: str) -> str:
    return f"assets/{tenant}/{asset}/{size}"
