"""Outgoing events: written with the transition that caused them, delivered afterwards at least once each.

row written with the transition ──▶ event bus ──▶ no webhook registered: row gone
                                            └──▶ webhook: 2xx: row gone; else again later, for about three days
event of a connection: event bus at once, and a row for the webhook alone
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from exact_connector.clock import Clock, to_text
from exact_connector.errors import ExactUnavailable, StoreUnavailable
from exact_connector.exact.http.transport import HttpRequest, HttpSender
from exact_connector.exactly_once.record import OutgoingEvent, OutgoingRecord
from exact_connector.observability import logger
from exact_connector.storage.packing import pack_posted, unpack
from exact_connector.storage.ports import EventBus
from exact_connector.storage.table import ConditionFailed, Key, Present, Row, Table, Value, query_rows

DUE_SHARD = "outbox"
SIGNATURE_HEADER = "X-Connector-Signature"
TIMESTAMP_HEADER = "X-Connector-Timestamp"
DELIVERY_HEADER = "X-Connector-Delivery"

_FIRST_PAUSE = 30.0
_LONGEST_PAUSE = 3600.0
_TRIES = 80
_FAILURES_PER_VISIT = 3
_SECONDS = 10.0


class Target(Protocol):
    """Where a tenant receives events, and the secret that signs them."""

    @property
    def url(self) -> str:
        """The address that events are posted to."""
        ...

    @property
    def secret(self) -> str:
        """The secret of the signature."""
        ...


def outbox_pk(tenant: str) -> str:
    """Return the partition of a tenant's outgoing events."""
    return f"outbox#{tenant}"


def outgoing_rows(record: OutgoingRecord, events: Sequence[OutgoingEvent]) -> list[Row]:
    """Return the rows of events that go out with a transition."""
    return [
        _row(
            record.tenant, record.division, f"{record.record_id}#{record.version:06d}#{place}", event, record.updated_at
        )
        for place, event in enumerate(events)
    ]


class Outbox:
    """Delivers the events of tenants to the event bus and to their webhooks."""

    def __init__(
        self,
        orders: Table,
        bus: EventBus,
        webhook: Callable[[str], Target | None],
        sender: HttpSender,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._bus = bus
        self._webhook = webhook
        self._sender = sender
        self._clock = clock

    def deliver(self, tenant: str) -> int:
        """Deliver what is due of a tenant, the event bus first; return how many events left the outbox."""
        for row in self._due(tenant):
            if not row.get("published"):
                self._publish(row)
        target = self._webhook(tenant)
        return self._send_all(tenant, target)

    def add(self, tenant: str, division: int, event: OutgoingEvent, *, unique: str) -> None:
        """Have an event that is on the event bus already go to the tenant's webhook too; the same one again is one."""
        row = _row(tenant, division, unique, event, self._clock.now())
        self._orders.put({**row, "sk": unique, "published": True})

    def due(self, until: datetime, *, limit: int = 1000) -> list[tuple[str, int]]:
        """Return tenants (and an administration of each) with events that are due. A hint."""
        rows = self._orders.due(DUE_SHARD, to_text(until), limit=limit)
        return list({str(row["tenant"]): (str(row["tenant"]), int(str(row["division"]))) for row in rows}.values())

    def _due(self, tenant: str) -> Iterator[Row]:
        now = to_text(self._clock.now())
        return (row for row in query_rows(self._orders, outbox_pk(tenant), size=100) if str(row["due_at"]) <= now)

    def _publish(self, row: Row) -> None:
        try:
            self._bus.publish(str(row["kind"]), _detail(row))
        except StoreUnavailable:
            self._put_off(row, "the event bus did not answer")
            raise
        self._change(row, {"published": True})

    def _send_all(self, tenant: str, target: Target | None) -> int:
        gone = failures = 0
        for row in self._due(tenant):
            if not row.get("published"):
                continue
            if target is not None and not self._sent(row, target):
                failures += 1
                if failures == _FAILURES_PER_VISIT:
                    break
                continue
            self._orders.delete(_key(row))
            gone += 1
        return gone

    def _sent(self, row: Row, target: Target) -> bool:
        """Post one event; True when it is done with: taken, or refused for so long that it is given up."""
        try:
            answer = self._sender.send(signed_request(target, row, self._clock.now()))
        except ExactUnavailable:
            return self._refused(row, "the webhook did not answer")
        return 200 <= answer.status < 300 or self._refused(row, f"the webhook answered {answer.status}")

    def _refused(self, row: Row, reason: str) -> bool:
        if _tries(row) + 1 >= _TRIES:
            logger().error("an event was given up", tenant=str(row["tenant"]), kind=str(row["kind"]), reason=reason)
            return True
        self._put_off(row, reason)
        return False

    def _put_off(self, row: Row, reason: str) -> None:
        due_at = self._clock.now() + pause_after(_tries(row))
        changed: dict[str, Value] = {"due_at": to_text(due_at), "reason": reason, "tries": _tries(row) + 1}
        self._change(row, changed)

    def _change(self, row: Row, values: Mapping[str, Value]) -> None:
        try:
            self._orders.update(_key(row), set=values, condition=Present())
        except ConditionFailed:
            # Another worker delivered it at the same time; receivers recognise the repetition by its id.
            return


def pause_after(tries: int) -> timedelta:
    """Return the pause after so many refusals before this one: half a minute, doubled up to an hour."""
    return timedelta(seconds=min(_FIRST_PAUSE * 2 ** min(tries, 20), _LONGEST_PAUSE))


def signed_request(target: Target, row: Row, now: datetime) -> HttpRequest:
    """Return the POST of one event: JSON, its delivery id, the moment, and an HMAC-SHA256 over moment and body."""
    body = json.dumps(
        {
            "id": delivery_id(row),
            "type": str(row["kind"]),
            "created_at": str(row["at"]),
            "data": _detail(row),
        },
        default=str,
        separators=(",", ":"),
    ).encode()
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        TIMESTAMP_HEADER: timestamp,
        DELIVERY_HEADER: delivery_id(row),
        SIGNATURE_HEADER: "sha256=" + signature(target.secret, timestamp, body),
    }
    return HttpRequest("POST", target.url, headers, body, timeout=_SECONDS, total=_SECONDS, body_limit=65536)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature that a receiver compares: HMAC-SHA256 over ``timestamp.body``, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def delivery_id(row: Mapping[str, Value]) -> str:
    """Return the id of an event, the same at every delivery, so that a receiver recognises a repetition."""
    return hashlib.sha256(f"{row['pk']!s}/{row['sk']!s}".encode()).hexdigest()[:32]


def _row(tenant: str, division: int, unique: str, event: OutgoingEvent, at: datetime) -> Row:
    return {
        "pk": outbox_pk(tenant),
        "sk": f"{to_text(at)}#{unique}",
        "tenant": tenant,
        "division": division,
        "kind": event.kind,
        "detail": pack_posted(event.detail),
        "at": to_text(at),
        "due_shard": DUE_SHARD,
        "due_at": to_text(at),
        "tries": 0,
    }


def _key(row: Row) -> Key:
    return Key(str(row["pk"]), str(row["sk"]))


def _detail(row: Row) -> dict[str, Any]:
    detail = row["detail"]
    assert isinstance(detail, bytes)
    found: dict[str, Any] = unpack(detail)
    return found


def _tries(row: Row) -> int:
    return int(str(row.get("tries", 0)))
