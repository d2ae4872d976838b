"""What projections know besides the rows of an item: indexes, dates, warehouses."""

from __future__ import annotations

from datetime import date

import pytest

from exact_connector.catalog.codes import by_code, code_key
from exact_connector.catalog.context import Options, base_currency
from exact_connector.catalog.dates import day_after, day_of, earliest, holds, next_boundary
from exact_connector.fields import Row
from exact_connector.settings import Settings
from unit.catalog.rows import TODAY, context, exact_date, lists, rate

FIRST, LAST = date(2025, 6, 1), date(2025, 6, 30)


@pytest.mark.parametrize(
    ("settings", "division", "expected"),
    [
        pytest.param(Settings(CurrencyCodeIso="USD"), {"Currency": "GBP"}, "USD", id="setting"),
        pytest.param(Settings(), {"Currency": "GBP"}, "GBP", id="administration"),
        pytest.param(Settings(), {}, "EUR", id="nothing known"),
    ],
)
def test_the_base_currency_is_found(settings: Settings, division: dict[str, str], expected: str) -> None:
    assert base_currency(settings, division) == expected


def test_codes_are_compared_without_padding_and_capitals() -> None:
    assert code_key(" nl2 ") == "NL2"
    assert code_key(None) == ""


def test_of_two_rows_with_one_code_the_smallest_identifier_counts() -> None:
    rows: list[Row] = [{"ID": "b", "Code": "x"}, {"ID": "a", "Code": "X "}, {"ID": "c", "Code": None}]
    assert by_code(rows) == by_code(rows[::-1]) == {"X": rows[1]}


@pytest.mark.parametrize(
    ("start", "end", "today", "expected"),
    [
        pytest.param(FIRST, LAST, date(2025, 5, 1), FIRST, id="before"),
        pytest.param(FIRST, LAST, FIRST, date(2025, 7, 1), id="on the first day"),
        pytest.param(FIRST, LAST, LAST, date(2025, 7, 1), id="on the last day"),
        pytest.param(FIRST, LAST, date(2025, 7, 1), None, id="after"),
        pytest.param(None, None, FIRST, None, id="always"),
        pytest.param(FIRST, None, LAST, None, id="open end"),
        pytest.param(None, date.max, FIRST, None, id="ends never"),
        pytest.param(LAST, FIRST, date(2025, 5, 1), date(2025, 6, 2), id="ends before it starts"),
    ],
)
def test_a_window_says_when_it_opens_or_has_closed(
    start: date | None, end: date | None, today: date, expected: date | None
) -> None:
    assert next_boundary(start, end, today) == expected


def test_a_window_includes_both_its_ends() -> None:
    assert [holds(FIRST, LAST, day) for day in (FIRST, LAST, date(2025, 5, 31), date(2025, 7, 1))] == [
        *(True, True, False, False)
    ]


def test_dates_are_read_from_exacts_text() -> None:
    row = {"StartDate": exact_date("2025-03-30"), "EndDate": None}
    assert (day_of(row, "StartDate"), day_of(row, "EndDate")) == (date(2025, 3, 30), None)
    assert earliest(None, LAST, FIRST) == FIRST
    assert earliest(None) is None
    assert day_after(date(2025, 12, 31)) == date(2026, 1, 1)


def test_the_same_context_on_another_date_has_the_rates_of_that_date() -> None:
    reference = {**lists("A"), "exchange_rate": [rate("USD", "0.8"), rate("USD", "0.5", "2025-07-01")]}
    known = context(Settings(GenerateCurrencyPriceLists=True), reference)
    later = known.on(date(2025, 7, 1))
    assert [str(each.price_lists.rates["USD"]) for each in (known, later)] == ["0.8", "0.5"]
    assert (later.today, known.on(TODAY)) == (date(2025, 7, 1), known)


def test_purchase_planning_looks_at_warehouse_one_unless_told_otherwise() -> None:
    assert context().rules.planning_scope.codes == ("1",)
    assert context(options=Options(stock_warehouse="all")).rules.planning_scope.keys is None
