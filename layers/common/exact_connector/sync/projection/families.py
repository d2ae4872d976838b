"""Which function turns the rows of each family into documents, and what the feed says of a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from exact_connector import fields
from exact_connector.assets.wanted import LOGO, PICTURE, WANTED_LOGO, WANTED_PICTURE, FileKind, unavailable, wanted_file
from exact_connector.catalog.context import ProjectionContext, build_context
from exact_connector.catalog.items import ITEM_REFERENCE_KINDS, LEFT_OUT_ITEM, left_out_item, project_item
from exact_connector.catalog.pricing.prices import needs_standard_sales_price
from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.catalog.reference import project_reference
from exact_connector.customers.nested import NESTED_KINDS
from exact_connector.customers.partial import customer_change, partial_fields
from exact_connector.customers.project import CUSTOMER_REFERENCE_KINDS, project_customer
from exact_connector.documents.by_code import INDEX_KINDS, ITEM_INDEX_KINDS, customer_index, item_index
from exact_connector.documents.changes import Change
from exact_connector.fields import Row
from exact_connector.purchasing.movements import project_document
from exact_connector.purchasing.planning import project_planning
from exact_connector.sync.ports import FamilyProjection, TenantView


class PartialCustomers:
    """Customers may be announced by their e-mail and phone only, when the settings say so."""

    def applies(self, context: ProjectionContext) -> bool:
        """Tell whether updates are partial."""
        return bool(partial_fields(context.settings))

    def change(
        self,
        kind: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        context: ProjectionContext,
    ) -> Change | None:
        """Return what the feed says of a changed customer; other kinds are announced whole."""
        if kind != "customer":
            return Change("delete" if after is None else "upsert")
        found = customer_change(before, None if after is None else dict(after), context.settings)
        if found is None:
            return None
        return Change(found.op, found.fields if found.op == "partial" else None)


def contexts(view: TenantView, today: date, reference: Mapping[str, Sequence[Row]]) -> ProjectionContext:
    """Build the context of one projection run."""
    return build_context(view.settings, view.options, today, reference)


def _items(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    documents = [*project_item(rows, context), *project_planning(rows, context)]
    with_pictures = not context.settings.DisablePicturesFromEOL
    files = wanted(rows, documents, "item", PICTURE, WANTED_PICTURE) if with_pictures else []
    return [*documents, *item_index(documents), *left_out_item(rows, documents, context), *files]


def wanted(
    rows: OwnerRows, documents: Iterable[Projection], shown_by: str, kind: FileKind, name: str
) -> list[Projection]:
    """Return what is to be fetched for the documents of an owner, and what could not be, where one is delivered."""
    if not any(each.kind == shown_by and each.document is not None for each in documents):
        return []
    file, warnings = wanted_file(rows, kind), unavailable(rows, kind)
    return [Projection(name, rows.owner, file, None, warnings)] if file is not None or warnings else []


def streams_required(rows: OwnerRows, documents: Sequence[Projection], context: ProjectionContext) -> frozenset[str]:
    """Return the stream that an item without an active price row needs: the standard price on the item itself.

    Items that the settings leave out are read as well, so that other settings need no call; but not ended ones.
    """
    item, row = next((each.document for each in documents if each.kind == "item"), None), rows.one("item")
    if row is None:
        return frozenset()
    if item is None:
        end = fields.day(row, "EndDate")
        priceless = (end is None or end >= context.today) and needs_standard_sales_price(rows, context)
    else:
        priceless = item["sales_price"] is None or (
            bool(rows.of("standard_price")) and needs_standard_sales_price(rows, context)
        )
    return frozenset({"standard_prices"}) if priceless else frozenset()


def _customers(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    documents = project_customer(rows, context)
    files = wanted(rows, documents, "customer", LOGO, WANTED_LOGO)
    return [*documents, *customer_index(rows, documents), *files]


def _reference(_rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    return project_reference(context)


PROJECTIONS: Mapping[str, FamilyProjection] = {
    "reference": FamilyProjection(frozenset({"item_group", "unit", "vat_code", "price_list"}), _reference),
    "items": FamilyProjection(
        frozenset({"item", "stock", "price_list_rows", "agreement", "supplier_product", "bill_of_material"})
        | ITEM_INDEX_KINDS
        | {LEFT_OUT_ITEM, WANTED_PICTURE},
        _items,
        reference_kinds=ITEM_REFERENCE_KINDS,
        required_streams=streams_required,
    ),
    "customers": FamilyProjection(
        frozenset({"customer", "supplier"}) | NESTED_KINDS | INDEX_KINDS | {WANTED_LOGO},
        _customers,
        PartialCustomers(),
        reference_kinds=CUSTOMER_REFERENCE_KINDS,
    ),
    "documents": FamilyProjection(
        frozenset({"sale", "purchase_order", "receipt", "bill_of_material_components"}),
        project_document,
        reference_kinds=frozenset(),
    ),
}
