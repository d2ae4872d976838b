"""The package size is a positive number for any rows and settings, and does not depend on the order of rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exact_connector.catalog.package_size import package_size
from exact_connector.catalog.pricing.prices import read_points, smallest_unit_factor
from exact_connector.catalog.projection import OwnerRows
from exact_connector.settings import Settings
from properties.catalog import strategies as some
from unit.catalog.rows import ITEM_ID, context

chosen_settings = st.builds(
    Settings,
    GetPurchasePackageSizeFromFreeField=st.sampled_from(["", "FreeNumberField_01", "FreeTextField_01", "Label"]),
    GetPurchasePackageSizeFromSearchCode=st.booleans(),
    GetPurchasePackageSizeOnExtraItemDescription=st.booleans(),
    SplitCharacterForExtraItemDescription=st.sampled_from(["", "|", " ", r"\t"]),
    PurchasePackeSizeIndex=st.sampled_from(["", "0", "1", "99"]),
    WarehouseForPackageSize=st.sampled_from(["", "1", "9"]),
    UnitFactorAsPurchasePackageSize=st.booleans(),
)
labels = some.rows_of(
    st.fixed_dictionaries(
        {
            "Number": st.integers(1, 28),
            "Description": st.sampled_from(["Label", "label ", "Other"]),
            "Value": st.sampled_from([None, "12", "x", "0", "3,5"]),
        }
    )
)


@settings(max_examples=200, deadline=None)
@given(chosen_settings, some.items, some.sales_prices, some.stock_rows, labels)
def test_a_package_size_is_positive_and_independent_of_the_order_of_rows(
    chosen: Settings,
    row: dict[str, Any],
    prices: list[dict[str, Any]],
    warehouses: list[dict[str, Any]],
    extra: list[dict[str, Any]],
) -> None:
    known = context(chosen)

    def size(step: int) -> Decimal:
        rows = OwnerRows(
            ITEM_ID,
            {
                "item": [row],
                "sales_price": prices[::step],
                "item_warehouse": warehouses[::step],
                "extra_field": extra[::step],
            },
        )
        return package_size(rows, smallest_unit_factor(read_points(rows, known), known.today), known)

    found = size(1)
    assert found > 0
    assert found == size(-1)


@given(some.items, some.sales_prices)
def test_without_a_source_the_package_size_is_one(row: dict[str, Any], prices: list[dict[str, Any]]) -> None:
    rows = OwnerRows(ITEM_ID, {"item": [row], "sales_price": prices})
    assert package_size(rows, Decimal(12), context()) == 1
