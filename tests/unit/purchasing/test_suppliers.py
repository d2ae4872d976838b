"""Products of suppliers: price, unit, minimum quantity and lead time per supplier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.projection import Projection
from exact_connector.fields import Row
from exact_connector.purchasing.planning import project_planning
from exact_connector.purchasing.suppliers import PurchaseQuantity, purchase_quantity, supplier_products
from unit.purchasing.purchase_rows import TODAY, context_of, exact_date, guid, item, rows_of, supplier_item


def products(
    *links: Row, prices: tuple[Row, ...] = (), item_row: Row | None = None, **options: Any
) -> list[Projection]:
    return supplier_products(rows_of(item_row, supplier_item=links, purchase_item_price=prices), context_of(**options))


def product(*links: Row, prices: tuple[Row, ...] = ()) -> Mapping[str, Any]:
    (found,) = products(*links, prices=prices)
    assert found.document is not None
    return found.document


def price(number: int, amount: str, supplier: int = 50, **values: Any) -> Row:
    return {
        "ID": guid(number),
        "Account": guid(supplier),
        "Price": Decimal(amount),
        "Quantity": 1,
        "Unit": "box",
        **values,
    }


def test_a_product_of_a_supplier_carries_what_an_order_needs() -> None:
    link = supplier_item(
        SupplierItemCode="S-1",
        MinimumQuantity=Decimal(2),
        PurchaseLotSize=4,
        PurchaseLeadTime=14,
        Currency="usd",
        DropShipment=0,
        PurchaseVATCode="2  ",
        ItemUnitCode="pc ",
        Barcode="8712345000011",
        CountryOfOrigin="CN ",
    )
    (found,) = products(link)
    assert (found.kind, found.key) == ("supplier_product", f"CHAIR/{guid(50)}")
    assert found.warnings == ()
    assert found.document == {
        "item_id": guid(1),
        "item_code": "CHAIR",
        "item_description": "Chair",
        "item_unit": "pc",
        "supplier_id": guid(50),
        "supplier_code": "50",
        "supplier_name": "Supplier 50",
        "supplier_item_code": "S-1",
        "is_main_supplier": True,
        "barcode": "8712345000011",
        "purchase_price": "60",
        "price_per_item_unit": "5",
        "currency": "USD",
        "purchase_unit": "box",
        "purchase_unit_factor": "12",
        "minimum_quantity": "2",
        "lot_size": "4",
        "lead_time_days": 14,
        "drop_shipment": "no",
        "vat_code": "2",
        "country_of_origin": "CN",
        "notes": None,
        "prices": [],
    }


def test_what_a_supplier_does_not_say_stays_open() -> None:
    found = product(supplier_item(PurchaseUnitFactor=None, MinimumQuantity=0))
    assert (found["minimum_quantity"], found["lot_size"], found["lead_time_days"]) == (None, None, None)
    assert (found["purchase_unit_factor"], found["price_per_item_unit"]) == ("1", "60")
    assert (found["currency"], found["item_unit"]) == ("EUR", "pc")


def test_the_cost_price_is_never_the_purchase_price() -> None:
    (found,) = products(supplier_item(PurchasePrice=0), item_row=item(CostPriceStandard=Decimal(3)))
    assert found.document is not None
    assert found.document["purchase_price"] is None
    assert [warning.code for warning in found.warnings] == ["PURCHASE_PRICE_MISSING"]
    assert "supplier 50" in found.warnings[0].message


def test_a_price_of_the_price_history_stands_in_when_the_link_has_none() -> None:
    prices = (
        price(71, "58", Quantity=10),
        price(72, "59"),
        price(73, "9", EndDate=exact_date(date(2025, 6, 9))),
        price(74, "8", Unit="pc"),
        price(75, "7", supplier=51),
    )
    found = product(supplier_item(PurchasePrice=0), prices=prices)
    assert found["purchase_price"] == "59"
    assert [(tier["min_quantity"], tier["unit"], tier["price"]) for tier in found["prices"]] == [
        ("1", "box", "59"),
        ("1", "pc", "8"),
        ("10", "box", "58"),
    ]
    assert product(supplier_item(), prices=prices)["purchase_price"] == "60"


def test_each_supplier_has_a_product_of_its_own() -> None:
    found = products(supplier_item(10, 51, MainSupplier=False), supplier_item(11, 50))
    assert [projection.key for projection in found] == [f"CHAIR/{guid(50)}", f"CHAIR/{guid(51)}"]


def test_of_two_links_with_one_supplier_the_active_one_counts() -> None:
    old = supplier_item(10, PurchasePrice=Decimal(50), EndDate=exact_date(date(2025, 6, 9)))
    new = supplier_item(11, PurchasePrice=Decimal(60), StartDate=exact_date(TODAY))
    assert product(old, new) == product(new, old)
    assert product(old, new)["purchase_price"] == "60"


def test_of_links_that_are_alike_the_main_one_and_then_the_smallest_id_counts() -> None:
    links = [supplier_item(number, PurchasePrice=Decimal(number)) for number in (12, 11, 13)]
    minor = supplier_item(10, PurchasePrice=Decimal(10), MainSupplier=False)
    assert product(*links, minor)["purchase_price"] == product(minor, *links[::-1])["purchase_price"] == "11"


def test_of_prices_that_are_alike_the_newest_and_then_the_smallest_id_counts() -> None:
    prices = (
        price(71, "1", StartDate=exact_date(date(2025, 1, 1))),
        price(73, "3", StartDate=exact_date(date(2025, 6, 1))),
        price(72, "2", StartDate=exact_date(date(2025, 6, 1))),
    )
    for rows in (prices, prices[::-1]):
        assert product(supplier_item(PurchasePrice=0), prices=rows)["purchase_price"] == "2"


def test_a_price_that_starts_or_ends_changes_the_document_on_that_day() -> None:
    prices = (price(71, "58", StartDate=exact_date(date(2025, 7, 1))),)
    assert products(supplier_item(), prices=prices)[0].changes_on == date(2025, 7, 1)
    assert products(supplier_item(EndDate=exact_date(date(2025, 6, 20))), prices=prices)[0].changes_on == date(
        2025, 6, 21
    )
    assert products(supplier_item())[0].changes_on is None


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 1),
        ({"IsPurchaseItem": False}, 0),
        ({"EndDate": exact_date(date(2025, 6, 11))}, 1),
        ({"EndDate": exact_date(TODAY)}, 0),
        ({"EndDate": exact_date(date(2025, 6, 9))}, 0),
    ],
    ids=["purchased", "not purchased", "ends tomorrow", "ends today", "ended"],
)
def test_only_items_that_are_purchased_have_products(values: dict[str, Any], count: int) -> None:
    assert len(products(supplier_item(), item_row=item(**values))) == count


def test_tenants_that_do_not_want_suppliers_get_none() -> None:
    assert products(supplier_item(), supplier_links=False) == []
    assert project_planning(rows_of(supplier_item=(supplier_item(),)), context_of(supplier_links=False)) == []


@pytest.mark.parametrize(("value", "word"), [(0, "no"), (1, "yes"), (2, "optional"), (None, None)])
def test_drop_shipment_is_told_in_words(value: int | None, word: str | None) -> None:
    assert product(supplier_item(DropShipment=value))["drop_shipment"] == word


QUANTITIES: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "whole boxes": ("24", {}, "2", "24"),
    "rounded up to a box": ("25", {}, "3", "36"),
    "nothing needed": ("0", {"minimum_quantity": "5"}, "0", "0"),
    "less than nothing needed": ("-3", {}, "0", "0"),
    "at least the minimum": ("13", {"minimum_quantity": "5"}, "5", "60"),
    "a broken minimum": ("1", {"minimum_quantity": "1.5"}, "2", "24"),
    "a multiple of the lot": ("25", {"lot_size": "4"}, "4", "48"),
    "minimum and lot": ("1", {"minimum_quantity": "5", "lot_size": "4"}, "8", "96"),
    "sold by the half": ("1", {"purchase_unit_factor": "0.5"}, "2", "1"),
}


@pytest.mark.parametrize(("needed", "values", "units", "pieces"), QUANTITIES.values(), ids=QUANTITIES)
def test_a_need_in_pieces_is_ordered_in_boxes(needed: str, values: dict[str, Any], units: str, pieces: str) -> None:
    found = purchase_quantity(Decimal(needed), {"purchase_unit_factor": "12", **values})
    assert found == PurchaseQuantity(Decimal(units), Decimal(pieces))
