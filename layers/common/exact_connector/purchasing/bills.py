"""Bills of material and compositions: what one item is made of, and sales divided over the components. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.purchasing import BillOfMaterial as BillDocument
    from exact_connector.documents.models.purchasing import Component, Material, VersionMaterials

ACTIVE, HISTORIC = 30, 40
BY_PRODUCT = 2
PLACES = 6
ONE = Decimal(1)


def bill_of_material(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    """Return the bill of material of an item: kind `bill_of_material`, keyed by the item's code.

    Only for tenants with the option `bills_of_material`. Items that are not delivered have theirs too: a composition is
    sold and never purchased, and its sales still have to be divided. A composition (`AssemblyBillOfMaterialMaterials`)
    lists its components; of a manufactured item (`BillOfMaterialVersions`) they stand in the document of the version,
    see `components_of_version` and `complete_bill`.
    """
    item = rows.one("item")
    code = fields.text(item, "Code") if item is not None else None
    if item is None or code is None or not context.options.bills_of_material:
        return []
    assembly = rows.of("assembly_material")
    version = chosen_version(rows.of("bom_version"))
    if assembly:
        return [Projection("bill_of_material", code, _composition(item, code, assembly))]
    return [Projection("bill_of_material", code, _manufactured(item, code, version))] if version is not None else []


def chosen_version(versions: Iterable[Row]) -> Row | None:
    """Choose the version that counts: active and default first, then the highest number; historic ones never."""
    usable = [row for row in versions if fields.integer(row, "Status") != HISTORIC]
    ranked = sorted(
        usable,
        key=lambda row: (
            fields.integer(row, "Status") != ACTIVE,
            not fields.flag(row, "IsDefault"),
            -(fields.integer(row, "VersionNumber") or 0),
            fields.guid(row, "ID") or "",
        ),
    )
    return ranked[0] if ranked else None


def components_of_version(version_id: str, materials: Iterable[Row]) -> Projection:
    """Return the components of a version: kind `bill_of_material_components`, keyed by the version's ID."""
    components = [_component(row) for row in _in_order(materials) if fields.integer(row, "Type") != BY_PRODUCT]
    key = version_id.lower()
    document: VersionMaterials | None = {"version_id": key, "components": components} if components else None
    return Projection("bill_of_material_components", key, document)


def complete_bill(bill: BillDocument, components: Mapping[str, Any] | None) -> BillDocument:
    """Join the bill of a manufactured item with the document of its version's components."""
    if bill["version_id"] is None:
        return bill
    batch = Decimal(bill["batch_quantity"])
    found: Sequence[Material] = (components or {}).get("components") or ()
    return {**bill, "components": [_with_waste(component, batch) for component in found]}


def _with_waste(material: Material, batch: Decimal) -> Component:
    """Add what one item needs with waste, which is part of Exact's quantity of a batch only."""
    of_batch = material["quantity_per_batch"]
    needed = None if of_batch is None else fields.plain(fields.round_half_up(Decimal(of_batch) / batch, PLACES))
    quantity = material["quantity"] or needed or "0"
    return {
        "line_number": material["line_number"],
        "item_id": material["item_id"],
        "item_code": material["item_code"],
        "item_description": material["item_description"],
        "quantity": quantity,
        "quantity_per_batch": of_batch,
        "waste_percentage": material["waste_percentage"],
        "quantity_with_waste": needed or quantity,
    }


def _composition(item: Row, code: str, materials: Sequence[Row]) -> BillDocument:
    ordered = _in_order(materials)
    batch = fields.positive(fields.number(ordered[0], "BatchQuantity")) or ONE
    return {
        "item_id": fields.guid(item, "ID"),
        "item_code": code,
        "item_description": fields.text(item, "Description"),
        "source": "assembly",
        "is_composition": any(fields.flag(row, "UseExplosion") for row in ordered),
        "version_id": None,
        "version_number": None,
        "version_description": None,
        "batch_quantity": fields.plain(batch),
        "lead_days": fields.integer(ordered[0], "AssembledLeadDays"),
        "components": [_with_waste(_component(row), batch) for row in ordered],
    }


def _manufactured(item: Row, code: str, version: Row) -> BillDocument:
    """Return the bill of a version; its components stand in a document of their own."""
    return {
        "item_id": fields.guid(item, "ID"),
        "item_code": code,
        "item_description": fields.text(item, "Description"),
        "source": "manufacturing",
        "is_composition": False,
        "version_id": fields.guid(version, "ID"),
        "version_number": fields.integer(version, "VersionNumber"),
        "version_description": fields.text(version, "Description"),
        "batch_quantity": fields.plain(fields.positive(fields.number(version, "BatchQuantity")) or ONE),
        "lead_days": fields.integer(version, "ProductionLeadDays"),
        "components": [],
    }


def _component(row: Row) -> Material:
    return {
        "line_number": fields.integer(row, "LineNumber"),
        "item_id": fields.guid(row, "PartItem"),
        "item_code": fields.text(row, "PartItemCode"),
        "item_description": fields.text(row, "PartItemDescription"),
        "quantity": _plain(row, "Quantity"),
        "quantity_per_batch": _plain(row, "QuantityBatch"),
        "waste_percentage": _plain(row, "WastePercentage"),
    }


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(
        rows,
        key=lambda row: (
            fields.integer(row, "LineNumber") or 0,
            fields.text(row, "PartItemCode") or "",
            fields.guid(row, "ID") or "",
        ),
    )


def _plain(row: Row, name: str) -> str | None:
    value = fields.number(row, name)
    return None if value is None else fields.plain(value)


@dataclass(frozen=True, slots=True)
class Demand:
    """So much of one item; `via` is the sold item when this is a component of it, None when it was sold itself."""

    item_code: str
    quantity: Decimal
    via: str | None = None


def split_over_components(item_code: str, quantity: Decimal, bills: Mapping[str, Mapping[str, Any]]) -> list[Demand]:
    """Divide a sold quantity over the components, down to items without a bill of their own.

    `bills` maps the item code (trimmed, in capitals) to a complete `bill_of_material` document. Components that are
    reached along several ways are added up. An item that contains itself is not divided further.
    """
    found: dict[str, Decimal] = {}
    names: dict[str, str] = {}
    _divide(item_code, quantity, bills, (), found, names)
    sold = code_key(item_code)
    return [Demand(names[key], amount, None if key == sold else item_code) for key, amount in sorted(found.items())]


def _divide(
    item_code: str,
    quantity: Decimal,
    bills: Mapping[str, Mapping[str, Any]],
    above: tuple[str, ...],
    found: dict[str, Decimal],
    names: dict[str, str],
) -> None:
    key = code_key(item_code)
    components = [part for part in bills.get(key, {}).get("components", ()) if part.get("item_code")]
    if not components or key in above:
        found[key] = found.get(key, Decimal(0)) + quantity
        names.setdefault(key, item_code.strip())
        return
    for part in components:
        needed = quantity * Decimal(str(part.get("quantity_with_waste") or part["quantity"]))
        _divide(part["item_code"], needed, bills, (*above, key), found, names)
