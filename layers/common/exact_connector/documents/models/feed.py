"""The change feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.customers import Customer
from exact_connector.documents.models.items import Item
from exact_connector.documents.models.prices import Agreement, PriceListRows
from exact_connector.documents.models.purchasing import (
    BillOfMaterial,
    PurchaseOrderDocument,
    Receipt,
    Sale,
    VersionMaterials,
)
from exact_connector.documents.models.reference import ItemGroup, PriceList, Unit, VatCode
from exact_connector.documents.models.stock import Stock
from exact_connector.documents.models.suppliers import Supplier, SupplierProduct
from exact_connector.documents.models.terms import About, MomentText

FeedDocument = (
    Item
    | Stock
    | PriceListRows
    | Agreement
    | Customer
    | Supplier
    | SupplierProduct
    | BillOfMaterial
    | VersionMaterials
    | Sale
    | Receipt
    | PurchaseOrderDocument
    | PriceList
    | ItemGroup
    | Unit
    | VatCode
)


class Change(TypedDict):
    """One changed document, or that everything of some kinds is to be read again."""

    seq: Annotated[int, About("Number of the entry; numbers have no gaps", example=17)]
    op: Annotated[
        Literal["upsert", "partial", "delete", "reset"],
        About("What happened; `reset`: read all documents of `kinds` again", example="upsert"),
    ]
    kind: Annotated[str, About("Kind of the document; of a `reset` the family", example="item")]
    key: Annotated[str, About("Key of the document; `*` for a `reset`", example="AB/12")]
    at: Annotated[MomentText, About("When it was written")]
    href: NotRequired[
        Annotated[str, About("Address of the document", absent="where it has none", example="/v1/items/AB~2F12")]
    ]
    fields: NotRequired[
        Annotated[Mapping[str, Any], About("The changed fields", absent="unless `op` is `partial`", example={})]
    ]
    kinds: NotRequired[Annotated[list[str], About("Kinds to read again", absent="unless `op` is `reset`", example=[])]]
    document: NotRequired[
        Annotated[FeedDocument, About("The document as it is now", absent="unless `documents=true` asks for it")]
    ]


class ChangePage(TypedDict):
    """Changes, oldest first."""

    changes: list[Change]
    next: Annotated[int, About("The `since` to read on from", example=17)]
    head: Annotated[int, About("Number of the newest entry", example=17)]
    reset: Annotated[bool, About("Whether `since` is no place in this feed: read everything again, then from `next`")]
