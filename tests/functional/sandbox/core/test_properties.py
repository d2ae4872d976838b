"""What holds for every input: literals, filters against plain Python, and pages against the whole listing."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exact_sandbox.protocol.odata import ODataError, parse_literal, parse_options, write_literal
from exact_sandbox.protocol.odata_filter import compile_filter, parse_filter
from exact_sandbox.protocol.reads import Call, Reader
from exact_sandbox.protocol.schema import load_schema
from functional.sandbox.core.small_world import DIVISION, USER, frozen_clock, small_world

ITEMS = load_schema().endpoints["logistics/Items"]
WORLD = small_world(frozen_clock())
CALL = Call(WORLD, WORLD.divisions[DIVISION], WORLD.users[USER], (DIVISION,), f"http://sandbox/api/v1/{DIVISION}")
READER = Reader()

texts = st.text(string.printable + "éß€中'")


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        pytest.param("String", texts, id="text"),
        pytest.param("Guid", st.uuids().map(str), id="guid"),
        pytest.param("Int32", st.integers(-(2**31) + 1, 2**31 - 1), id="int32"),
        pytest.param("Int64", st.integers(-(2**63) + 1, 2**63 - 1), id="int64"),
        pytest.param("Double", st.floats(allow_nan=False, allow_infinity=False), id="double"),
        pytest.param("Boolean", st.booleans(), id="boolean"),
        pytest.param("DateTime", st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), id="datetime"),  # noqa: DTZ001
    ],
)
def test_a_literal_reads_back_as_it_was_written(type_: str, values: st.SearchStrategy[Any]) -> None:
    @settings(deadline=None)
    @given(values)
    def holds(value: object) -> None:
        literal = parse_literal(write_literal(value, type_))
        assert (literal.type, literal.value) == (type_, value)

    holds()


@settings(deadline=None)
@given(texts)
def test_any_text_is_either_a_filter_or_refused(text: str) -> None:
    try:
        expression = parse_filter(text, ITEMS.fields, "Item")
    except ODataError:
        return
    assert compile_filter(expression)({}) in (True, False)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda one, two: one == two,
    "ne": lambda one, two: one != two,
    "gt": lambda one, two: one is not None and one > two,
    "ge": lambda one, two: one is not None and one >= two,
    "lt": lambda one, two: one is not None and one < two,
    "le": lambda one, two: one is not None and one <= two,
}
Condition = tuple[str, Callable[[dict[str, Any]], bool]]
"""A filter as text and the same as a Python function."""


def compared(operator: str, number: int) -> Condition:
    return f"AverageCost {operator} {number}", lambda row: COMPARISONS[operator](row.get("AverageCost"), number)


def joined(both: tuple[Condition, Condition], word: str) -> Condition:
    (one, first), (two, second) = both
    if word == "and":
        return f"({one}) and ({two})", lambda row: first(row) and second(row)
    return f"({one}) or ({two})", lambda row: first(row) or second(row)


def negated(condition: Condition) -> Condition:
    return f"not ({condition[0]})", lambda row: not condition[1](row)


conditions = st.recursive(
    st.builds(compared, st.sampled_from(sorted(COMPARISONS)), st.integers(-3, 3)),
    lambda inner: (
        st.builds(joined, st.tuples(inner, inner), st.sampled_from(["and", "or"])) | st.builds(negated, inner)
    ),
    max_leaves=8,
)
rows = st.lists(st.builds(lambda cost: {} if cost is None else {"AverageCost": cost}, st.none() | st.integers(-3, 3)))


@settings(deadline=None)
@given(conditions, rows)
def test_a_filter_means_what_it_says(condition: Condition, found: list[dict[str, Any]]) -> None:
    text, meaning = condition
    predicate = compile_filter(parse_filter(text, ITEMS.fields, "Item"))
    assert [predicate(row) for row in found] == [bool(meaning(row)) for row in found]


orders = st.lists(
    st.tuples(st.sampled_from(["Code", "EndDate", "Modified", "IsSalesItem", "Stock"]), st.sampled_from(["", " desc"])),
    max_size=3,
    unique_by=lambda term: term[0],
)


@settings(max_examples=25, deadline=None)
@given(orders, st.none() | st.integers(0, 200))
def test_pages_together_are_the_whole_listing(order: list[tuple[str, str]], top: int | None) -> None:
    query = [("$filter", "Code gt 'A'"), ("$select", "Code")]
    if order:
        query.append(("$orderby", ",".join(name + direction for name, direction in order)))
    whole = pages(query)
    assert len(set(whole)) == len(whole) == 150
    if top is not None:
        assert pages([*query, ("$top", str(top))]) == whole[:top]


def pages(query: list[tuple[str, str]]) -> list[str]:
    """Return the codes of every page, following the next addresses."""
    codes: list[str] = []
    following: list[tuple[str, str]] | None = query
    while following is not None:
        page, _ = READER.collection(CALL, ITEMS, parse_options(ITEMS, following))
        codes += [json.loads(row)["Code"] for row in page.rows]
        following = None if page.next is None else parse_qsl(urlsplit(page.next).query)
    return codes
