"""Which document in Exact is the one that was sent, and how it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.exact_search import created_bound
from exact_connector.orders.lifecycle.exact_search import created_since, numbers_of
from exact_connector.orders.lifecycle.matching import differences, same_document, same_goods, same_header
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from unit.orders.lifecycle.order_world import guid

T = TypeVar("T")

SALE, RETURN = DOCUMENTS[OrderKind.ORDER], DOCUMENTS[OrderKind.RETURN]
SENT = {
    "OrderedBy": guid(1),
    "YourRef": "PO 1",
    "Remarks": "two\nlines",
    "SalesOrderLines": [
        {"Item": guid(11), "Quantity": Decimal("2"), "Notes": "blue"},
        {"Item": guid(12), "Quantity": Decimal("3.5")},
    ],
}
HEADER = {"YourRef": "PO 1", "Remarks": "two\r\nlines ", "Description": "by Exact"}
LINES = [
    {"ID": "a", "LineNumber": 1, "Item": guid(11), "Quantity": 2.0, "Notes": "blue"},
    {"ID": "b", "LineNumber": 2, "Item": guid(12).upper(), "Quantity": 3.5, "Notes": "filled in by Exact"},
]


def line(place: int, **changes: Any) -> list[dict[str, Any]]:
    changed = [dict(each) for each in LINES]
    changed[place].update(changes)
    return changed


SAME: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "as sent": (HEADER, LINES),
    "lines in another sequence of rows": (HEADER, list(reversed(LINES))),
    "line ends and blanks": ({**HEADER, "Remarks": " two\rlines"}, LINES),
    "fields that were not sent": ({**HEADER, "Description": "x"}, line(1, Notes="anything")),
    "a quantity with noise of a float": (HEADER, line(0, Quantity=2.000000001)),
}
OTHER: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "another reference": ({**HEADER, "YourRef": "PO 2"}, LINES),
    "no remarks": ({**HEADER, "Remarks": None}, LINES),
    "another quantity": (HEADER, line(0, Quantity=3)),
    "another item": (HEADER, line(1, Item=guid(99))),
    "another text of a line": (HEADER, line(0, Notes="red")),
    "a line too few": (HEADER, LINES[:1]),
    "a line too many": (HEADER, [*LINES, {**LINES[1], "LineNumber": 3}]),
    "lines numbered otherwise": (HEADER, [{**LINES[0], "LineNumber": 5}, LINES[1]]),
    "no lines": (HEADER, []),
}


@pytest.mark.parametrize(("header", "lines"), SAME.values(), ids=SAME.keys())
def test_a_document_with_all_that_was_sent_is_the_same(header: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    assert same_document(SALE, SENT, header, lines)


@pytest.mark.parametrize(("header", "lines"), OTHER.values(), ids=OTHER.keys())
def test_a_document_that_differs_in_anything_sent_is_another(
    header: dict[str, Any], lines: list[dict[str, Any]]
) -> None:
    assert not same_document(SALE, SENT, header, lines)
    assert differences(SALE, SENT, header, lines)


def test_the_header_alone_tells_whether_its_lines_are_worth_reading() -> None:
    assert same_header(SALE, SENT, HEADER)
    assert not same_header(SALE, SENT, {**HEADER, "YourRef": "PO 2"})


def test_goods_agree_in_any_sequence_and_with_other_texts() -> None:
    assert same_goods(SALE, SENT, [{**LINES[1], "LineNumber": 1}, {**LINES[0], "Notes": "red", "LineNumber": 2}])
    assert not same_goods(SALE, SENT, line(0, Quantity=1))


def test_lines_of_a_return_are_told_apart_by_what_was_delivered() -> None:
    sent = {"PlannedSalesReturnLines": [{"GoodDeliveryLineID": guid(5), "PlannedReturnQuantity": 1}]}
    there = [{"LineNumber": 1, "GoodDeliveryLineID": guid(5), "PlannedReturnQuantity": 1.0}]
    assert same_document(RETURN, sent, {}, there)
    assert not same_document(RETURN, sent, {}, [{**there[0], "GoodDeliveryLineID": guid(6)}])


@pytest.mark.parametrize(
    ("since", "minutes", "wall"),
    [
        (datetime(2026, 6, 10, 10, 0, tzinfo=UTC), 5, "2026-06-10T12:00:00"),
        (datetime(2026, 12, 10, 10, 0, tzinfo=UTC), 5, "2026-12-10T11:00:00"),
        (datetime(2026, 10, 25, 0, 58, tzinfo=UTC), 5, "2026-10-25T01:58:00"),
        (datetime(2026, 3, 29, 0, 58, tzinfo=UTC), 5, "2026-03-29T01:58:00"),
    ],
    ids=["summer", "winter", "the clocks go back meanwhile", "the clocks go forward meanwhile"],
)
def test_the_search_begins_early_enough_in_dutch_wall_time(since: datetime, minutes: int, wall: str) -> None:
    assert created_bound(since, since + timedelta(minutes=minutes)).isoformat() == wall


class Asked:
    """Notes what is asked."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.filters: list[str] = []
        self._rows = rows

    def prepare(self) -> None:
        """Nothing to prepare."""

    def rows(self, query: Query) -> list[dict[str, Any]]:
        self.filters.append(query.filter or "")
        return self._rows

    def one_of(self, name: str, first: Callable[[], T], second: Callable[[], T]) -> T:
        return first()

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        raise AssertionError("nothing is written")

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        raise AssertionError("nothing is written")


def made_at(hour: int) -> str:
    return f"/Date({int(datetime(2026, 6, 10, hour, tzinfo=UTC).timestamp() * 1000)})/"


def test_documents_of_others_and_older_ones_that_were_changed_since_are_left_out() -> None:
    kind = DOCUMENTS[OrderKind.PURCHASE]
    rows = [
        {kind.key: guid(1), kind.number: 9, kind.customer: guid(7), "Created": made_at(13)},
        {kind.key: guid(2), kind.number: 10, kind.customer: guid(7).upper(), "Created": made_at(12)},
        {kind.key: guid(3), kind.number: 11, kind.customer: guid(8), "Created": made_at(13)},
        {kind.key: guid(4), kind.number: 12, kind.customer: guid(7), "Created": made_at(11)},
    ]
    asked, since = Asked(rows), datetime(2026, 6, 10, 10, tzinfo=UTC)
    found = created_since(asked, kind, guid(7), since, since + timedelta(hours=2))
    assert [row[kind.key] for row in found] == [guid(2), guid(1)]
    assert asked.filters == ["Modified ge datetime'2026-06-10T12:00:00'"]


def test_many_documents_are_asked_for_in_addresses_that_are_short_enough() -> None:
    asked = Asked([])
    assert numbers_of(asked, SALE, [guid(number) for number in range(200)]) == {}
    assert 2 <= len(asked.filters) <= 4
    assert sum(each.count("guid'") for each in asked.filters) == 200
