"""Bills of material, compositions, and sales divided over their components."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from exact_connector.catalog.projection import OwnerRows
from exact_connector.documents.models.purchasing import BillOfMaterial
from exact_connector.fields import Row
from exact_connector.purchasing.bills import (
    Demand,
    bill_of_material,
    chosen_version,
    complete_bill,
    split_over_components,
)
from exact_connector.purchasing.movements import project_document
from exact_connector.purchasing.planning import SoldQuantity, sold_quantities
from unit.purchasing.purchase_rows import context_of, guid, item, rows_of


def part(number: int, code: str, quantity: str | None, **values: Any) -> Row:
    return {
        "ID": guid(number),
        "LineNumber": number,
        "PartItem": guid(1000 + number),
        "PartItemCode": code,
        "PartItemDescription": f"Part {code}",
        "Quantity": None if quantity is None else Decimal(quantity),
        **values,
    }


def assembly(number: int, code: str, quantity: str | None, **values: Any) -> Row:
    return {**part(number, code, quantity), "AssembledItem": guid(1), "BatchQuantity": 1, "UseExplosion": 1, **values}


def version(number: int, **values: Any) -> dict[str, Any]:
    return {"ID": guid(300 + number), "Item": guid(1), "VersionNumber": number, "Status": 30, "IsDefault": 0, **values}


def bill(**rows: tuple[Row, ...]) -> BillOfMaterial | None:
    found = bill_of_material(rows_of(None, **rows), context_of())
    assert all(projection.kind == "bill_of_material" and projection.key == "CHAIR" for projection in found)
    return cast("BillOfMaterial", found[0].document) if found else None


def test_a_composition_lists_its_components_in_order() -> None:
    document = bill(assembly_material=(assembly(2, "SCREW", "8"), assembly(1, "LEG", "4", AssembledLeadDays=3)))
    assert document is not None
    components = document["components"]
    assert {name: value for name, value in document.items() if name != "components"} == {
        "item_id": guid(1),
        "item_code": "CHAIR",
        "item_description": "Chair",
        "source": "assembly",
        "is_composition": True,
        "version_id": None,
        "version_number": None,
        "version_description": None,
        "batch_quantity": "1",
        "lead_days": 3,
    }
    assert [(found["item_code"], found["quantity"]) for found in components] == [("LEG", "4"), ("SCREW", "8")]
    assert components[0] == {
        "line_number": 1,
        "item_id": guid(1001),
        "item_code": "LEG",
        "item_description": "Part LEG",
        "quantity": "4",
        "quantity_per_batch": None,
        "waste_percentage": None,
        "quantity_with_waste": "4",
    }


def test_a_quantity_per_batch_is_brought_back_to_one_item() -> None:
    document = bill(assembly_material=(assembly(1, "GLUE", None, QuantityBatch=Decimal(5), BatchQuantity=20),))
    assert document is not None
    assert (document["batch_quantity"], document["components"][0]["quantity"]) == ("20", "0.25")


def test_an_assembled_item_that_is_not_exploded_is_no_composition() -> None:
    document = bill(assembly_material=(assembly(1, "LEG", "4", UseExplosion=0),))
    assert document is not None
    assert document["is_composition"] is False


def test_a_manufactured_item_points_at_the_version_that_counts() -> None:
    document = bill(
        bom_version=(version(1, IsDefault=1), version(2, BatchQuantity=10, Description="Oak"), version(3, Status=40))
    )
    assert document is not None
    assert (document["source"], document["version_id"], document["version_number"]) == ("manufacturing", guid(301), 1)


def test_versions_are_chosen_by_status_default_and_number() -> None:
    rows = (version(1, Status=20, IsDefault=1), version(2), version(3), version(4, Status=40, IsDefault=1))
    assert chosen_version(rows) == chosen_version(rows[::-1]) == rows[2]
    assert chosen_version((*rows, version(5, IsDefault=1), version(6))) == version(5, IsDefault=1)
    assert chosen_version(rows[:1]) == rows[0]
    assert chosen_version(rows[3:]) is None


def test_of_versions_and_components_that_are_alike_the_smallest_id_comes_first() -> None:
    versions = [version(1) | {"ID": guid(number)} for number in (302, 301)]
    parts = [{**assembly(1, "LEG", "4"), "ID": guid(number), "Quantity": number} for number in (3, 2)]
    assert chosen_version(versions) == versions[1]
    document = bill(assembly_material=tuple(parts))
    assert document is not None
    assert [entry["quantity"] for entry in document["components"]] == ["2", "3"]


def test_the_components_of_a_version_join_its_bill() -> None:
    materials = (
        part(2, "WOOD", "2", QuantityBatch=Decimal("22"), WastePercentage=10),
        part(1, "GLUE", None, QuantityBatch=Decimal(5)),
        part(3, "SAWDUST", "1", Type=2),
    )
    (found,) = project_document(OwnerRows(guid(301), {"bom_material": materials}), context_of())
    assert (found.kind, found.key) == ("bill_of_material_components", guid(301))
    document = bill(bom_version=(version(1, BatchQuantity=10),))
    assert document is not None
    complete = complete_bill(document, found.document)
    assert [
        (entry["item_code"], entry["quantity"], entry["quantity_with_waste"]) for entry in complete["components"]
    ] == [("GLUE", "0.5", "0.5"), ("WOOD", "2", "2.2")]


def test_a_bill_whose_components_are_not_stored_yet_has_none() -> None:
    document = bill(bom_version=(version(1),))
    assert document is not None
    assert complete_bill(document, None)["components"] == []


def test_a_composition_is_complete_by_itself() -> None:
    document = bill(assembly_material=(assembly(1, "LEG", "4"),))
    assert document is not None
    assert complete_bill(document, None) == document


def test_items_without_a_bill_and_tenants_that_do_not_want_them_get_none() -> None:
    rows = rows_of(assembly_material=(assembly(1, "LEG", "4"),))
    assert bill() is None
    assert bill_of_material(rows, context_of(bills_of_material=False)) == []


def test_a_composition_that_is_only_sold_has_its_bill() -> None:
    rows = rows_of(item(IsPurchaseItem=False), assembly_material=(assembly(1, "LEG", "4"),))
    assert [projection.key for projection in bill_of_material(rows, context_of())] == ["CHAIR"]


def made_of(*parts: tuple[str, str]) -> dict[str, Any]:
    return {
        "components": [
            {"item_code": code, "quantity": quantity, "quantity_with_waste": quantity} for code, quantity in parts
        ]
    }


SET = {
    "SET": made_of(("CHAIR", "4"), ("TABLE", "1")),
    "CHAIR": made_of(("LEG", "4"), ("SEAT", "1")),
    "TABLE": made_of(("LEG", "4")),
}


def test_a_sold_set_is_divided_down_to_what_has_no_bill() -> None:
    assert split_over_components("set", Decimal(2), SET) == [
        Demand("LEG", Decimal(40), "set"),
        Demand("SEAT", Decimal(8), "set"),
    ]


def test_a_component_without_waste_counts_with_its_plain_quantity() -> None:
    bills = {"SET": {"components": [{"item_code": "LEG", "quantity": "3"}, {"item_code": None, "quantity": "1"}]}}
    assert split_over_components("SET", Decimal(2), bills) == [Demand("LEG", Decimal(6), "SET")]


def test_an_item_without_a_bill_is_sold_itself() -> None:
    assert split_over_components("LEG", Decimal(3), SET) == [Demand("LEG", Decimal(3))]
    assert split_over_components("CHAIR", Decimal(3), {}) == [Demand("CHAIR", Decimal(3))]


def test_a_returned_set_returns_its_components() -> None:
    assert split_over_components("TABLE", Decimal(-1), SET) == [Demand("LEG", Decimal(-4), "TABLE")]


def test_an_item_that_contains_itself_is_not_divided_for_ever() -> None:
    loop = {"A": made_of(("B", "2")), "B": made_of(("A", "1"), ("C", "1"))}
    assert split_over_components("A", Decimal(1), loop) == [Demand("A", Decimal(2)), Demand("C", Decimal(2), "A")]


def sale(day: str, *lines: tuple[str | None, str]) -> dict[str, Any]:
    return {"date": day, "lines": [{"item_code": code, "quantity_sold": quantity} for code, quantity in lines]}


def test_sold_quantities_are_added_up_per_item_and_day() -> None:
    sales = [
        sale("2025-06-01", ("TABLE", "2"), ("LEG", "1")),
        sale("2025-06-01", ("LEG", "3"), (None, "1")),
        sale("2025-06-02", ("LEG", "5")),
    ]
    assert sold_quantities(sales, SET) == (
        SoldQuantity("LEG", "2025-06-01", Decimal(4), Decimal(8)),
        SoldQuantity("LEG", "2025-06-02", Decimal(5), Decimal(0)),
    )
    assert sold_quantities(sales[::-1], {})[0] == SoldQuantity("LEG", "2025-06-01", Decimal(4), Decimal(0))
    assert sold_quantities(sales, {})[-1] == SoldQuantity("TABLE", "2025-06-01", Decimal(2), Decimal(0))
