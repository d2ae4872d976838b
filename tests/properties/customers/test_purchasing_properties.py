"""Sales divided over components and needs turned into purchase units, whatever the numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from exact_connector.purchasing.bills import split_over_components
from exact_connector.purchasing.suppliers import purchase_quantity

CODES = "ABCDE"
QUANTITIES = st.integers(1, 5).map(str)


@st.composite
def bills(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Draw bills in which items may contain each other, themselves included."""
    part = st.fixed_dictionaries({"item_code": st.sampled_from(CODES), "quantity": QUANTITIES})
    return {
        code: {"components": draw(st.lists(part, max_size=3))}
        for code in draw(st.lists(st.sampled_from(CODES), max_size=4))
    }


@run_with(deadline=None)
@given(st.sampled_from(CODES), st.integers(-5, 5), bills())
def test_dividing_ends_and_names_each_item_once(code: str, quantity: int, drawn: dict[str, dict[str, Any]]) -> None:
    found = split_over_components(code, Decimal(quantity), drawn)
    codes = [demand.item_code for demand in found]
    assert codes == sorted(set(codes))
    assert all((demand.via is None) == (demand.item_code == code) for demand in found)


@run_with(deadline=None)
@given(st.sampled_from(CODES), st.integers(-5, 5), bills())
def test_dividing_is_proportional(code: str, quantity: int, drawn: dict[str, dict[str, Any]]) -> None:
    of_one = {demand.item_code: demand.quantity for demand in split_over_components(code, Decimal(1), drawn)}
    found = {demand.item_code: demand.quantity for demand in split_over_components(code, Decimal(quantity), drawn)}
    assert found == {name: amount * quantity for name, amount in of_one.items()}


@run_with(deadline=None)
@given(
    st.decimals(0, 500, places=2),
    st.sampled_from(["0.5", "1", "12", "2.4"]),
    st.none() | st.integers(0, 20).map(str),
    st.none() | st.integers(0, 9).map(str),
)
def test_an_order_covers_the_need_and_keeps_minimum_and_lot(
    needed: Decimal, factor: str, minimum: str | None, lot: str | None
) -> None:
    product = {"purchase_unit_factor": factor, "minimum_quantity": minimum, "lot_size": lot}
    found = purchase_quantity(needed, product)
    assert found.item_units == found.purchase_units * Decimal(factor) >= needed
    assert found.purchase_units == found.purchase_units.to_integral_value()
    if needed > 0:
        assert found.purchase_units >= Decimal(minimum or 0)
        assert int(found.purchase_units) % (int(lot or 0) or 1) == 0
