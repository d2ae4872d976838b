"""Webhooks: the signature over the raw bytes, repeats and floods, and subscriptions."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from exact_connector.errors import ExactRejected, InvalidInput
from exact_connector.exact.http.paging import FetchedPage
from exact_connector.exact.http.query import Query
from exact_connector.exact.webhooks import (
    SUBSCRIPTIONS,
    Gate,
    Notice,
    SignatureInvalid,
    is_validation,
    subscribe,
    unsubscribe,
    verify,
)
from exact_connector.storage.table import Table
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase
from unit.exact.auth.interrupted import Interrupted

SECRET = "webhook-secret"
CONTENT = (
    '{"Topic":"Items","ClientId":"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}","Division":123456,"Action":"Update",'
    '"Key":"0a0a0a0a-0000-0000-0000-000000000001","ExactOnlineEndpoint":"https://start.exactonline.nl/api/v1/123456/x",'
    '"EventCreatedOn":"2026-06-10T10:00:00.123"}'
)


def signed(content: str, secret: str = SECRET, *, upper: bool = True) -> bytes:
    code = hmac.new(secret.encode(), content.encode(), hashlib.sha256).hexdigest()
    return f'{{"Content":{content},"HashCode":"{code.upper() if upper else code}"}}'.encode()


def test_a_signed_notification_tells_what_changed_where() -> None:
    notice = verify(signed(CONTENT), SECRET)
    assert (notice.topic, notice.division, notice.action) == ("Items", 123456, "Update")
    assert notice.key == "0a0a0a0a-0000-0000-0000-000000000001"
    assert notice.client_id == "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def test_the_signature_is_the_one_that_openssl_computes() -> None:
    """``printf '%s' '{"Topic":"Items","Division":1}' | openssl dgst -sha256 -hmac k``, in upper case."""
    body = (
        b'{"Content":{"Topic":"Items","Division":1},"HashCode":'
        b'"7B191D0337C10196DFDD4BA9389DF4B6091A5DC6E2AD2C45F053AC7697DC28CF"}'
    )
    assert verify(body, "k").topic == "Items"


def test_raw_bytes_are_signed_and_not_a_rewritten_form() -> None:
    spaced = '{ "Topic" : "Items",  "Division":123456, "Key":"é\\u00e9" }'
    assert verify(signed(spaced), SECRET).topic == "Items"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(signed(CONTENT, "client-secret"), id="another secret"),
        pytest.param(signed(CONTENT).replace(b"123456,", b"654321,"), id="a changed administration"),
        pytest.param(signed(CONTENT, upper=False), id="lower-case hex"),
        pytest.param(f'{{"Content":{CONTENT},"HashCode":""}}'.encode(), id="no signature"),
        pytest.param(f'{{"Content":{CONTENT},"HashCode":null}}'.encode(), id="a null signature"),
        pytest.param(f'{{"Content":{CONTENT},"HashCode":"é"}}'.encode(), id="a signature that is no ASCII"),
    ],
)
def test_a_wrong_signature_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify(body, SECRET)


def test_an_empty_secret_accepts_nothing() -> None:
    with pytest.raises(SignatureInvalid):
        verify(signed(CONTENT, ""), "")


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"x", b'{"Content":{}}', signed('{"Division":1}'), signed("[1]"), b"{" + b"x" * 70_000],
    ids=["empty object", "array", "text", "no hash", "no topic", "array content", "too large"],
)
def test_what_is_no_notification_is_refused_as_such(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        verify(body, SECRET)


@pytest.mark.parametrize(("body", "is_it"), [(b"", True), (b" \r\n", True), (signed(CONTENT), False)])
def test_the_call_after_a_subscription_has_an_empty_body(body: bytes, is_it: bool) -> None:
    assert is_validation(body) is is_it


def notice(number: int, topic: str = "Items") -> Notice:
    return Notice(topic, 123456, f"key-{number}", "Update", "client", f"fingerprint-{number}")


class TestGate:
    """The gate in front of the streams."""

    def setup_method(self) -> None:
        self.clock = ManualClock()
        self.gate = Gate(MemoryDatabase()["sync"], self.clock, spacing=15)

    def test_the_first_notification_makes_its_stream_due_at_once(self) -> None:
        assert self.gate.admit(notice(1)) == self.clock.now()

    def test_a_repeat_is_dropped(self) -> None:
        self.gate.admit(notice(1))
        self.clock.sleep(3600)
        assert self.gate.admit(notice(1)) is None

    def test_a_change_right_after_makes_the_stream_due_again_a_little_later(self) -> None:
        self.gate.admit(notice(1))
        self.clock.sleep(2)
        assert self.gate.admit(notice(2)) == self.clock.now() + timedelta(seconds=13)

    def test_a_flood_makes_the_stream_due_no_more_often_than_the_spacing(self) -> None:
        due = set()
        for number in range(600):
            due.add(self.gate.admit(notice(number)))
            self.clock.sleep(0.1)
        assert 4 <= len(due) <= 6

    def test_no_change_of_a_flood_is_forgotten(self) -> None:
        for number in range(50):
            due = self.gate.admit(notice(number))
            assert due is not None
            assert due >= self.clock.now()
            self.clock.sleep(0.7)

    def test_two_notifications_at_once_are_both_remembered(self) -> None:
        table = MemoryDatabase()["sync"]
        other = Gate(table, self.clock)
        meeting = Interrupted(table, lambda: other.admit(notice(2)))
        Gate(cast(Table, meeting), self.clock).admit(notice(1))
        assert other.admit(notice(1)) is None
        assert other.admit(notice(2)) is None

    def test_topics_do_not_hinder_each_other(self) -> None:
        self.gate.admit(notice(1))
        assert self.gate.admit(notice(2, "StockPositions")) == self.clock.now()


class Subscriptions:
    """Exact's subscriptions: one per topic, duplicates are refused."""

    def __init__(self, *rows: dict[str, Any], hidden: bool = False) -> None:
        self.rows_ = list(rows)
        self.hidden = hidden

    def fetch(self, query: Query, cursor: str | None = None) -> FetchedPage:
        assert query.path == SUBSCRIPTIONS
        if self.hidden:
            self.hidden = False
            return FetchedPage([], None, 0)
        return FetchedPage(list(self.rows_), None, 0)

    def create(self, path: str, body: Mapping[str, Any], *, record: str = "") -> dict[str, Any]:
        if any(row["Topic"] == body["Topic"] for row in self.rows_):
            raise ExactRejected("exists", status=500, exact_text="Gegeven bestaat reeds.", code="ALREADY_EXISTS")
        row = {"ID": f"s{len(self.rows_) + 1}", **body}
        self.rows_.append(row)
        return row

    def remove(self, path: str, key: str | int) -> None:
        self.rows_ = [row for row in self.rows_ if row["ID"] != key]


URL = "https://connector.example/webhooks/exact"


def test_subscribing_creates_one_subscription() -> None:
    exact = Subscriptions()
    assert subscribe(exact, "Items", URL) == "s1"
    assert exact.rows_ == [{"ID": "s1", "CallbackURL": URL, "Topic": "Items"}]


def test_subscribing_again_changes_nothing() -> None:
    exact = Subscriptions({"ID": "old", "Topic": "Items", "CallbackURL": URL})
    assert subscribe(exact, "Items", URL) == "old"
    assert len(exact.rows_) == 1


def test_an_older_address_of_the_app_gives_way() -> None:
    exact = Subscriptions({"ID": "old", "Topic": "Items", "CallbackURL": "https://before.example/"})
    assert subscribe(exact, "Items", URL) == "s1"
    assert [row["CallbackURL"] for row in exact.rows_] == [URL]


def test_a_subscription_that_somebody_else_made_meanwhile_is_taken_over() -> None:
    exact = Subscriptions({"ID": "raced", "Topic": "Items", "CallbackURL": URL}, hidden=True)
    assert subscribe(exact, "Items", URL) == "raced"


def test_unsubscribing_removes_every_subscription_of_the_topic() -> None:
    exact = Subscriptions({"ID": "a", "Topic": "Items", "CallbackURL": URL})
    assert unsubscribe(exact, "Items") == 1
    assert exact.rows_ == []


def test_the_fingerprint_is_of_the_content() -> None:
    other = json.loads(CONTENT) | {"Key": "other"}
    assert verify(signed(CONTENT), SECRET).fingerprint == verify(signed(CONTENT), SECRET).fingerprint
    assert verify(signed(json.dumps(other)), SECRET).fingerprint != verify(signed(CONTENT), SECRET).fingerprint
