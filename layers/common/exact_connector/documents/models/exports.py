"""Exports of a whole kind of documents."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, MomentText

ExportKind = Literal[
    "items",
    "item_groups",
    "units",
    "vat_codes",
    "price_lists",
    "price_list_prices",
    "agreements",
    "stock",
    "customers",
    "suppliers",
    "supplier_products",
    "bills_of_material",
    "sales",
    "receipts",
]
ExportView = Literal["default", "full"]


class ExportLink(TypedDict):
    """One file of an export: gzip of one JSON document per line."""

    url: Annotated[str, About("Where it is fetched", example="https://example.com/items-1.ndjson.gz")]
    rows: Annotated[int, About("Documents in it", example=5000)]
    bytes: Annotated[int, About("Its size", unit="bytes, compressed", example=123456)]


class Export(TypedDict):
    """An export and how far it is."""

    export_id: Annotated[str, About("Its id", example="e019eb0a1c200k3j9x2mf")]
    kind: Annotated[ExportKind, About("What is exported", example="items")]
    view: Annotated[ExportView, About("How much of each document", example="default")]
    state: Annotated[Literal["PENDING", "READY"], About("READY once all files are written", example="READY")]
    requested_at: Annotated[MomentText, About("When it was asked for")]
    rows: Annotated[int, About("Documents written so far", example=5000)]
    since: Annotated[int, About("Place in the change feed to read on from", example=17)]
    links: Annotated[list[ExportLink], About("Its files, once it is READY")]
    links_end_at: Annotated[MomentText | None, About("When the links end", null="while it is PENDING")]
