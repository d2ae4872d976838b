"""Bodies of Exact: every envelope, and nothing half read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exact_connector.errors import ExactUnavailable
from exact_connector.exact.http.envelope import expanded, read_entity, read_error, read_page


@pytest.mark.parametrize(
    ("body", "rows", "following", "count"),
    [
        (b'{"d":{"results":[{"A":1}],"__next":"https://x/n"}}', [{"A": 1}], "https://x/n", None),
        (b'{"d":{"results":[{"A":1}]}}', [{"A": 1}], None, None),
        (b'{"d":[{"A":1},{"A":2}]}', [{"A": 1}, {"A": 2}], None, None),
        (b'{"d":[]}', [], None, None),
        (b'{"d":{"results":[]}}', [], None, None),
        (b'{"d":{"ID":"1","Name":"x"}}', [{"ID": "1", "Name": "x"}], None, None),
        (b'{"d":{"results":[],"__count":"17"}}', [], None, 17),
        (b'{"d":null}', [], None, None),
        (b'{"d":{"results":[{"New":{"deep":[1]}}],"surprise":true}}', [{"New": {"deep": [1]}}], None, None),
    ],
    ids=[
        "results and next",
        "results",
        "array",
        "empty array",
        "no results",
        "entity",
        "count",
        "null",
        "unknown fields",
    ],
)
def test_every_envelope_is_read(body: bytes, rows: list[object], following: str | None, count: int | None) -> None:
    page = read_page(body)
    assert (page.rows, page.next_url, page.count) == (rows, following, count)


def test_numbers_keep_their_digits() -> None:
    (row,) = read_page(b'{"d":[{"Price":0.1,"Small":1e-7,"Stock":12,"Timestamp":123456789012345678}]}').rows
    assert row == {
        "Price": Decimal("0.1"),
        "Small": Decimal("1e-7"),
        "Stock": 12,
        "Timestamp": 123456789012345678,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"d":{"results":[{"ID":"1"},{"ID":',
        b"<html>maintenance</html>",
        b"[1,2]",
        b'{"error":{}}',
        b'{"d":"text"}',
        b'{"d":{"results":{"ID":1}}}',
        b'{"d":[1,2]}',
        b'{"d":{"results":[],"__next":7}}',
        b'{"d":[{"A":NaN}]}',
        b'{"d":' + b"[" * 100_000,
        b'\xff\xfe{"d":[]}',
    ],
    ids=["empty", "cut", "html", "array", "error", "text", "object", "numbers", "next", "nan", "deep", "bytes"],
)
def test_what_is_cut_off_or_no_envelope_is_read_again(body: bytes) -> None:
    with pytest.raises(ExactUnavailable):
        read_page(body)


def test_an_entity_is_the_one_row_or_none() -> None:
    assert read_entity(b'{"d":{"ID":"1"}}') == {"ID": "1"}
    assert read_entity(b'{"d":[{"ID":"1"}]}') == {"ID": "1"}
    assert read_entity(b'{"d":{"results":[]}}') is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":{"code":"","message":{"lang":"","value":"Gegeven bestaat reeds."}}}', "Gegeven bestaat reeds."),
        (b'{"error":{"code":"","message":"plain"}}', "plain"),
        (b'{"error":{}}', ""),
        (b'{"error":"x"}', ""),
        (b"<html></html>", ""),
        (b"", ""),
    ],
    ids=["nested", "plain", "empty", "other", "html", "nothing"],
)
def test_exact_s_text_is_found_where_there_is_one(body: bytes, text: str) -> None:
    assert read_error(body) == text


@pytest.mark.parametrize(
    ("lines", "rows", "complete"),
    [
        ({"results": [{"ID": "1"}]}, 1, True),
        ({"results": [{"ID": str(n)} for n in range(59)]}, 59, True),
        ({"results": [{"ID": str(n)} for n in range(60)]}, 60, False),
        ({"results": [{"ID": "1"}], "__next": "https://x"}, 1, False),
        ({"__deferred": {"uri": "https://x"}}, 0, False),
        ([{"ID": "1"}], 1, True),
        (None, 0, True),
    ],
    ids=["one", "59", "60", "next", "not expanded", "array", "null"],
)
def test_an_expanded_collection_says_whether_it_is_whole(lines: object, rows: int, complete: bool) -> None:
    found = expanded({"SalesOrderLines": lines}, "SalesOrderLines")
    assert (len(found.rows), found.complete) == (rows, complete)
