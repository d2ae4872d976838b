"""The error budget: stop an endpoint at six errors within an hour, because Exact blocks it after ten.

    errors  1 2 3 4 5 6 | parked, with the reason | one probe --good--> open again
                                        ^---------bad--------'

Exact counts 400, 401, 403 and 404 per key, user, company, endpoint and hour; the block grows with repetition.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.errors import EndpointParked
from exact_connector.observability import logger
from exact_connector.storage.table import (
    Absent,
    Condition,
    Contended,
    Equals,
    Key,
    Row,
    Table,
    compare_and_set,
    query_all,
)

LIMIT = 6
HOUR = timedelta(hours=1)
_FRESH = timedelta(seconds=5)
_TEXT = 500
_PREFIX = "errors#"


@dataclass(frozen=True, slots=True)
class EndpointSummary:
    """The errors of an endpoint of the last hour, until when it rests, and why.

    ``record``, ``text`` and ``status`` are of the last error: the resource or record, Exact's own words, HTTP status.
    """

    endpoint: str
    errors: tuple[datetime, ...] = field(default=())
    parked_until: datetime | None = None
    status: int = 0
    text: str = ""
    record: str = ""

    def parked(self, now: datetime) -> bool:
        """Return whether the endpoint rests at a moment."""
        return self.parked_until is not None and now < self.parked_until

    def reason(self) -> str:
        """Say why it rests, for the people who can repair it."""
        what = f"{self.record}: " if self.record and self.record != self.endpoint else ""
        return f"{len(self.errors)} errors within an hour on {self.endpoint}, the last: {what}{self.status} {self.text}"


def after_error(summary: EndpointSummary, now: datetime, *, status: int, text: str, record: str) -> EndpointSummary:
    """Return the summary after one more error; the sixth of an hour, and a failed probe, park the endpoint."""
    errors = (*(moment for moment in summary.errors if now - moment < HOUR), now)
    probing = summary.parked_until is not None
    until = now + HOUR if probing or len(errors) >= LIMIT else None
    return EndpointSummary(summary.endpoint, errors[-LIMIT:], until, status, text[:_TEXT], record)


@dataclass(frozen=True, slots=True)
class _Error:
    """One answer that Exact counts as an error."""

    at: datetime
    status: int
    text: str
    record: str


class ErrorBudget:
    """Counts errors per endpoint of one (application, administration), shared by every worker."""

    def __init__(self, table: Table, client_id: str, division: int | None, clock: Clock) -> None:
        self._table = table
        self._pk = f"budget#{client_id}#{division}"
        self._clock = clock
        self._lock = threading.RLock()
        self._cache: dict[str, tuple[datetime, EndpointSummary]] = {}
        self._unwritten: dict[str, list[_Error]] = {}

    def check(self, endpoint: str) -> None:
        """Let a call pass, or raise EndpointParked with the reason; after the rest one call passes as a probe."""
        with self._lock:
            now = self._clock.now()
            summary = self._summary(endpoint, now)
            if summary.parked_until is None:
                return
            if summary.parked(now) or not self._may_probe(endpoint, now):
                summary = self._summary(endpoint, now)
                raise EndpointParked(
                    f"{endpoint} rests: {summary.reason()}. Repair the cause; it is tried again by itself",
                    retry_after=summary.parked_until,
                )

    def failed(self, endpoint: str, *, status: int, text: str, record: str = "") -> None:
        """Count one answer that Exact counts: 400, 401, 403 or 404.

        An error whose row is changed by others all the time is remembered and written with the next look.
        """
        with self._lock:
            error = _Error(self._clock.now(), status, text, record)
            self._unwritten.setdefault(endpoint, []).append(error)
            self._write_errors(endpoint)

    def succeeded(self, endpoint: str) -> None:
        """Open an endpoint again whose probe went well; nothing is written otherwise."""
        with self._lock:
            _, summary = self._cache.get(endpoint, (None, EndpointSummary(endpoint)))
            if summary.parked_until is not None:
                self.reset(endpoint)

    def reset(self, endpoint: str) -> None:
        """Forget the errors of an endpoint: an administrator repaired the cause."""
        with self._lock:
            self._table.delete(self._key(endpoint))
            self._cache.pop(endpoint, None)

    def end_rests(self) -> None:
        """Let every endpoint that rests be probed at once: a new consent may have repaired the cause."""
        with self._lock:
            now = self._clock.now()

            def end(old: EndpointSummary) -> EndpointSummary:
                return replace(old, parked_until=now) if old.parked(now) else old

            for summary in self.summaries():
                try:
                    self._change(summary.endpoint, end)
                except Contended:
                    logger().warning("an endpoint rests on, its row is busy", endpoint=summary.endpoint)

    def summaries(self) -> list[EndpointSummary]:
        """Return every endpoint that had errors, for the status page."""
        return [_read(row) for row in query_all(self._table, self._pk, prefix=_PREFIX)]

    def _may_probe(self, endpoint: str, now: datetime) -> bool:
        """Take the right to the one probe: whoever moves the rest on by an hour has it."""

        def claim(old: EndpointSummary) -> EndpointSummary:
            return old if old.parked(now) or old.parked_until is None else replace(old, parked_until=now + HOUR)

        try:
            before, after = self._change(endpoint, claim)
        except Contended:
            return False
        return after != before or before.parked_until is None

    def _summary(self, endpoint: str, now: datetime) -> EndpointSummary:
        self._write_errors(endpoint)
        unwritten = self._unwritten.get(endpoint, [])
        cached = self._cache.get(endpoint)
        if cached is not None and not unwritten and not cached[1].errors and now - cached[0] < _FRESH:
            return cached[1]
        row = self._table.get(self._key(endpoint))
        summary = _with_errors(EndpointSummary(endpoint) if row is None else _read(row), unwritten)
        self._cache[endpoint] = (now, summary)
        return summary

    def _write_errors(self, endpoint: str) -> None:
        """Write the errors that are not in the row yet; they stay when they meet too many other writers."""
        errors = self._unwritten.get(endpoint)
        if not errors:
            return
        try:
            self._change(endpoint, lambda old: _with_errors(old, errors))
        except Contended:
            logger().warning("errors of an endpoint wait to be counted", endpoint=endpoint, errors=len(errors))
        else:
            del self._unwritten[endpoint]

    def _change(
        self, endpoint: str, decide: Callable[[EndpointSummary], EndpointSummary]
    ) -> tuple[EndpointSummary, EndpointSummary]:
        """Write what ``decide`` makes of the summary; return it before and after. Raises Contended."""

        def change(row: Row | None) -> tuple[EndpointSummary, EndpointSummary]:
            before = EndpointSummary(endpoint) if row is None else _read(row)
            after = decide(before)
            if after != before:
                self._table.put(_row(self._key(endpoint), after, row), _same(row))
            self._cache[endpoint] = (self._clock.now(), after)
            return before, after

        return compare_and_set(lambda: self._table.get(self._key(endpoint)), change, what=f"the row of {endpoint}")

    def _key(self, endpoint: str) -> Key:
        return Key(self._pk, _PREFIX + endpoint)


def _with_errors(summary: EndpointSummary, errors: Iterable[_Error]) -> EndpointSummary:
    for error in errors:
        summary = after_error(summary, error.at, status=error.status, text=error.text, record=error.record)
    return summary


def _read(row: Row) -> EndpointSummary:
    errors = row.get("errors")
    parked = row.get("parked_until")
    return EndpointSummary(
        endpoint=str(row["sk"]).removeprefix(_PREFIX),
        errors=tuple(from_text(str(moment)) for moment in errors) if isinstance(errors, list) else (),
        parked_until=from_text(str(parked)) if parked else None,
        status=int(str(row.get("status", 0))),
        text=str(row.get("text", "")),
        record=str(row.get("record", "")),
    )


def _row(key: Key, summary: EndpointSummary, old: Row | None) -> Row:
    row: Row = {
        "pk": key.pk,
        "sk": key.sk,
        "errors": [to_text(moment) for moment in summary.errors],
        "status": summary.status,
        "text": summary.text,
        "record": summary.record,
        "version": 1 if old is None else int(str(old["version"])) + 1,
    }
    if summary.parked_until is not None:
        row["parked_until"] = to_text(summary.parked_until)
    return row


def _same(row: Row | None) -> Condition:
    return Absent() if row is None else Equals("version", row["version"])
