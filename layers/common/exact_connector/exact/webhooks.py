"""Exact's webhooks: check what comes in, and subscribe to what should come.

A notification names a topic and a key, nothing more, and can be lost: its whole effect is that a stream becomes due.
Source: Exact's webhook pages; the signature covers the raw bytes between ``{"Content":`` and ``,"HashCode":``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.errors import ExactRejected, InvalidInput
from exact_connector.exact.http.paging import FetchedPage
from exact_connector.exact.http.query import Query
from exact_connector.storage.table import Absent, Condition, Contended, Equals, Key, Row, Table, Value, compare_and_set

BODY_LIMIT = 64 * 1024
SUBSCRIPTIONS = "webhooks/WebhookSubscriptions"
_START = b'{"Content":'
_MIDDLE = b',"HashCode":'
_TRIES = 10
_REMEMBERED = 50


class SignatureInvalid(InvalidInput):
    """A notification is not from Exact, or was changed on its way."""

    code = "SIGNATURE_INVALID"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification: what changed where. ``fingerprint`` is the same for each repeat of it."""

    topic: str
    division: int
    key: str
    action: str
    client_id: str
    fingerprint: str


def is_validation(body: bytes) -> bool:
    """Return whether this is the empty call that Exact makes after a subscription; it wants a plain 200."""
    return not body.strip()


def verify(body: bytes, secret: str) -> Notice:
    """Return the notification of a body with the right signature; raises SignatureInvalid or InvalidInput.

    ``secret`` is the application's webhook secret, which is not its client secret.
    """
    if len(body) > BODY_LIMIT:
        raise InvalidInput(f"a notification of {len(body)} bytes is larger than {BODY_LIMIT}", code="TOO_LARGE")
    content, given = _split(body)
    expected = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest().upper()
    if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
        raise SignatureInvalid("the signature of a notification is wrong: check the application's webhook secret")
    return _notice(content)


class Subscriber(Protocol):
    """The calls that subscriptions need; ``ExactClient`` is the real one."""

    def fetch(self, query: Query, cursor: str | None = None) -> FetchedPage:
        """Return one page."""
        ...

    def create(self, path: str, body: Mapping[str, Any], *, record: str = "") -> dict[str, Any]:
        """POST a record."""
        ...

    def remove(self, path: str, key: str | int) -> None:
        """DELETE a record."""
        ...


def subscribe(client: Subscriber, topic: str, callback_url: str) -> str:
    """Subscribe an administration to a topic and return the subscription's id; an existing one is taken over.

    Exact calls ``callback_url`` at once with an empty body and refuses the subscription unless it answers 200.
    """
    existing = _subscriptions(client, topic)
    same = next((row for row in existing if str(row.get("CallbackURL", "")) == callback_url), None)
    if same is not None:
        return str(same["ID"])
    for row in existing:
        # One subscription per topic and app: an older address of ours would keep the place.
        client.remove(SUBSCRIPTIONS, str(row["ID"]))
    try:
        created = client.create(SUBSCRIPTIONS, {"CallbackURL": callback_url, "Topic": topic}, record=topic)
    except ExactRejected as error:
        other = next(iter(_subscriptions(client, topic)), None) if error.code == "ALREADY_EXISTS" else None
        if other is None or str(other.get("CallbackURL", "")) != callback_url:
            raise
        return str(other["ID"])
    return str(created["ID"])


def unsubscribe(client: Subscriber, topic: str) -> int:
    """End the subscriptions of an administration to a topic and return how many there were."""
    existing = _subscriptions(client, topic)
    for row in existing:
        client.remove(SUBSCRIPTIONS, str(row["ID"]))
    return len(existing)


@dataclass(frozen=True, slots=True)
class Gate:
    """Replay and flood protection of one (application, administration, topic), kept in one row.

    ``spacing`` seconds lie between the moments at which a topic makes its stream due, so that no flood costs more calls
    than the schedule of the fastest stream would.
    """

    table: Table
    clock: Clock
    spacing: float = 15.0

    def admit(self, notice: Notice) -> datetime | None:
        """Return the moment at which the stream is due for a notification, None for a repeat of an earlier one."""
        key = Key(f"webhook#{notice.client_id}#{notice.division}", notice.topic)

        def admit(row: Row | None) -> datetime | None:
            decided = admitted(row, notice.fingerprint, self.clock.now(), self.spacing)
            if decided is None:
                return None
            due, values = decided
            self.table.put({**values, "pk": key.pk, "sk": key.sk, "version": _version(row) + 1}, _same(row))
            return due

        try:
            return compare_and_set(lambda: self.table.get(key), admit, what="the row of a webhook", tries=_TRIES)
        except Contended:
            return self.clock.now() + timedelta(seconds=self.spacing)


def admitted(row: Row | None, fingerprint: str, now: datetime, spacing: float) -> tuple[datetime, Row] | None:
    """Return when a stream is due for a notification, and the row's new attributes; None for a repeat. Pure."""
    seen = row.get("seen") if row is not None else None
    earlier: list[Value] = list(seen) if isinstance(seen, list) else []
    if fingerprint in earlier:
        return None
    last = from_text(str(row["due_at"])) if row is not None and row.get("due_at") else None
    due = now if last is None else max(now, last if last > now else last + timedelta(seconds=spacing))
    return due, {"seen": [*earlier, fingerprint][-_REMEMBERED:], "due_at": to_text(due)}


def _subscriptions(client: Subscriber, topic: str) -> list[dict[str, Any]]:
    """Return the subscriptions of a topic, picked out of all: few there are, and a filter might be refused."""
    query, cursor = Query(SUBSCRIPTIONS, select=("ID", "CallbackURL", "Topic"), orderby=("ID",)), None
    found: list[dict[str, Any]] = []
    while True:
        page = client.fetch(query, cursor)
        found += [row for row in page.rows if row.get("Topic") == topic]
        cursor = page.next_url
        if cursor is None:
            return found


def _split(body: bytes) -> tuple[bytes, str]:
    end = body.rfind(_MIDDLE)
    if not body.startswith(_START) or end < 0:
        raise InvalidInput("a notification does not have the form of Exact's", code="MALFORMED")
    try:
        given = json.loads(b"{" + body[end + 1 :])["HashCode"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput("a notification's signature cannot be read", code="MALFORMED") from error
    return body[len(_START) : end], given if isinstance(given, str) else ""


def _notice(content: bytes) -> Notice:
    try:
        data = json.loads(content)
        return Notice(
            topic=str(data["Topic"]),
            division=int(data["Division"]),
            key=str(data.get("Key") or ""),
            action=str(data.get("Action") or ""),
            client_id=str(data.get("ClientId") or "").strip("{}").lower(),
            fingerprint=hashlib.sha256(content).hexdigest()[:32],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("a signed notification lacks its topic or administration", code="MALFORMED") from error


def _version(row: Row | None) -> int:
    return 0 if row is None else int(str(row["version"]))


def _same(row: Row | None) -> Condition:
    return Absent() if row is None else Equals("version", row["version"])
