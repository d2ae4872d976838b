"""Decisions of a run: full or incremental, from where, what is asked of Exact, what comes after the last page. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from exact_connector import fields
from exact_connector.clock import EXACT_ZONE
from exact_connector.errors import (
    ExactQueryRefused,
    ExactRejected,
    NotConnected,
    ReauthorizationRequired,
    TerminalError,
)
from exact_connector.exact.http.query import Query, moment_literal, newer_than
from exact_connector.fields import Row
from exact_connector.sync.extraction.overlap import MODIFIED_ROWS, SYNC_ROWS, Overlap
from exact_connector.sync.stores.checkpoints import Checkpoint
from exact_connector.sync.streams.catalogue import EVERYTHING_SINCE, Mode, Stream

ABSENCE = timedelta(days=50)
"""Exact keeps deletions for two months: whoever was away longer than this loads everything again."""

FULL_EVERY = timedelta(days=7)
FIRST_VERSION = 1
DIVISION_MARKS = ("DivisionMoveDate", "DivisionHRLinkUnlinkDate")
MASS_DELETION_REFUSED = "MASS_DELETION_REFUSED"
_SETTLED = timedelta(hours=1)
"""So long after a second, every row that was changed in it is visible."""

_NO_ACCESS = (403, 404)
_FILTER_FAULTS = frozenset({"FILTER_REFUSED", "QUERY_SYNTAX"})
_NIGHT_BEGINS = 1
_NIGHT_SECONDS = 10_000


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run's beginning depends on beside the checkpoint. ``moved``: ``division_marks`` of the administration's
    row, "" while it was never read. ``slack``: the budget has room for a comparison."""

    now: datetime
    division: int
    moved: str
    slack: bool = True


def overlap_limit(stream: Stream) -> int:
    """Return how many rows below the watermark are read again."""
    return MODIFIED_ROWS if stream.mode is Mode.MODIFIED else SYNC_ROWS


def overlap_of(checkpoint: Checkpoint, stream: Stream) -> Overlap:
    """Return the overlap of a checkpoint."""
    return Overlap.from_bytes(checkpoint.overlap, overlap_limit(stream))


def full_reason(checkpoint: Checkpoint, stream: Stream, context: RunContext) -> str | None:
    """Say why a run has to load everything; None when what changed is enough."""
    if not stream.incremental:
        return "whole set"
    if not checkpoint.first_loaded:
        return "first load"
    if checkpoint.division != context.division:
        return "another administration"
    if checkpoint.full_wanted:
        return "asked for"
    if renumbered(checkpoint.moved, context.moved):
        return "administration moved"
    if checkpoint.last_run_at is not None and context.now - checkpoint.last_run_at > ABSENCE:
        return "absence"
    comparable = stream.mode in (Mode.SYNC, Mode.MODIFIED)
    due = checkpoint.full_due_at is not None and context.now >= checkpoint.full_due_at - _sooner(stream)
    return "comparison" if comparable and due and context.slack else None


def division_marks(row: Row) -> str:
    """Return the dates of an administration's row whose change means new row versions (``DivisionMoveDate`` and
    ``DivisionHRLinkUnlinkDate`` of ``system/Divisions``), "-" for one that it does not have."""
    return " ".join(fields.text(row, name) or "-" for name in DIVISION_MARKS)


def renumbered(before: str, now: str) -> bool:
    """Return whether rows were given new versions since a stream was loaded.

    A stream that was loaded before the administration's row was read cannot know, so it counts as renumbered. The marks
    that earlier versions stored lack the second date: what was not stored is not compared.
    """
    if not now:
        return False
    return not before or any(old != new for old, new in zip(before.split(" "), now.split(" "), strict=False))


def begin(checkpoint: Checkpoint, stream: Stream, context: RunContext) -> Checkpoint:
    """Return the checkpoint at the start of a new run."""
    fresh = replace(
        checkpoint,
        status="running",
        run_no=checkpoint.run_no + 1,
        phase="extract",
        cursor=None,
        newest=0,
        position=0,
        counted=0,
        missing=0,
        rows_run=0,
        pages_run=0,
        skipped_run=0,
        started_at=context.now,
        due_at=context.now,
        unfiltered_until=_still(checkpoint.unfiltered_until, context.now),
    )
    if full_reason(checkpoint, stream, context) is None:
        overlap = overlap_of(checkpoint, stream)
        moved = context.moved or checkpoint.moved
        since = _start(overlap, stream, _last_complete(checkpoint))
        return replace(fresh, run_kind="incremental", since=since, newest=checkpoint.watermark, moved=moved)
    return replace(
        fresh,
        run_kind="full",
        since=0,
        generation=checkpoint.generation + 1,
        overlap=b"",
        full_wanted=False,
        division=context.division,
        moved=context.moved,
    )


def query(checkpoint: Checkpoint, stream: Stream) -> Query:
    """Return the query of a run; its later pages are reached through the cursor."""
    headers = {} if stream.language is None else {"CustomDescriptionLanguage": stream.language}
    found = stream.second_filter if checkpoint.unfiltered_until is not None else _filter(checkpoint, stream)
    return Query(stream.path, select=stream.select, filter=found, headers=headers)


def concerns(checkpoint: Checkpoint, stream: Stream, row: Row, mark: int) -> bool:
    """Return whether a row is one that the stream's filter asks for, where Exact may have given all of them."""
    if stream.division_filter is not None and fields.integer(row, stream.division_filter) != checkpoint.division:
        return False
    return stream.mode is not Mode.MODIFIED or mark >= checkpoint.since


def without_filter(
    checkpoint: Checkpoint, stream: Stream, error: ExactQueryRefused, now: datetime
) -> Checkpoint | None:
    """Return the checkpoint that goes on with the whole set where Exact refused the stream's filter; None where that is
    not the cause, or the whole set is read already.

    It does so for a day: each refused filter counts against the endpoint at Exact.
    """
    if error.code not in _FILTER_FAULTS or not stream.has_second_way or checkpoint.unfiltered_until is not None:
        return None
    until = now + timedelta(days=1)
    return replace(checkpoint, unfiltered_until=until, cursor=None, due_at=now)


def after_last_page(checkpoint: Checkpoint, stream: Stream, now: datetime, interval: int) -> Checkpoint:
    """Return the checkpoint after the last page: finished, or on to looking for rows that were not seen any more."""
    compare = checkpoint.run_kind == "full" and checkpoint.generation > 1 and stream.mode is not Mode.DELETED
    if compare:
        return replace(checkpoint, phase="count", cursor=None, position=0, counted=0, missing=0, due_at=now)
    return finished(checkpoint, now, interval)


def finished(checkpoint: Checkpoint, now: datetime, interval: int) -> Checkpoint:
    """Return the checkpoint after a complete run: the watermark is committed only here."""
    full = checkpoint.run_kind == "full"
    stays = checkpoint.error_code == MASS_DELETION_REFUSED and not full
    return replace(
        checkpoint,
        status="idle",
        phase="",
        run_kind="",
        cursor=None,
        position=0,
        watermark=checkpoint.newest if full else max(checkpoint.watermark, checkpoint.newest),
        rows_last=checkpoint.rows_run,
        pages_last=checkpoint.pages_run,
        skipped_last=checkpoint.skipped_run,
        rows_full=checkpoint.rows_run if full else checkpoint.rows_full,
        attempts=0,
        error_code=checkpoint.error_code if stays else None,
        error_message=checkpoint.error_message if stays else None,
        error_at=checkpoint.error_at if stays else None,
        failing_since=None,
        last_run_at=now,
        first_loaded=True,
        full_due_at=now + FULL_EVERY if full else checkpoint.full_due_at,
        due_at=now + timedelta(seconds=interval),
    )


def may_vanish(total: int, missing: int, share: float) -> bool:
    """Return whether so many missing rows are believable; small sets may lose a few rows whatever the share."""
    return missing <= max(5, int(total * share))


def until_night(now: datetime, name: str) -> int:
    """Return the seconds until the next night, in Dutch time and clear of Exact's maintenance at four; each ``name``
    (tenant and stream) has its own moment, so that not all read at once."""
    moment = timedelta(hours=_NIGHT_BEGINS, seconds=zlib.crc32(name.encode()) % _NIGHT_SECONDS)
    local = now.astimezone(EXACT_ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    found = midnight + moment
    if found <= local + timedelta(minutes=1):
        found += timedelta(days=1)
    return int((found.astimezone(UTC) - now).total_seconds())


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after so many failures in a row: a minute, doubling, an hour at most."""
    return timedelta(minutes=min(60, 2 ** max(0, attempts - 1)))


def retry_after_refusal(error: TerminalError, attempts: int) -> timedelta | None:
    """Return when to try again what Exact refused, None for only after a new consent.

    Rights, editions and licences change rarely, and Exact counts each refusal: once a day is enough. What may pass
    sooner is tried after an hour, doubling up to a day.
    """
    if isinstance(error, (ReauthorizationRequired, NotConnected)):
        return None
    if isinstance(error, ExactRejected) and error.status in _NO_ACCESS:
        return timedelta(days=1)
    return min(timedelta(days=1), timedelta(hours=2 ** min(attempts - 1, 5)))


def _sooner(stream: Stream) -> timedelta:
    """Return by how much a stream is compared sooner than others."""
    return FULL_EVERY - timedelta(seconds=stream.compared_after)


def _still(until: datetime | None, now: datetime) -> datetime | None:
    return until if until is not None and until > now else None


def _last_complete(checkpoint: Checkpoint) -> datetime | None:
    """Return when the last run began, None when it was broken off."""
    began, ended = checkpoint.started_at, checkpoint.last_run_at
    return began if began is not None and ended is not None and ended >= began else None


def _start(overlap: Overlap, stream: Stream, last_began: datetime | None) -> int:
    """Return the mark from which to read. Thousands of rows can bear the same second, as after an import; when the last
    run began long after that second, and was complete, it saw them all: the next second is early enough."""
    if overlap.start is None:
        return 0
    if stream.mode is not Mode.MODIFIED or last_began is None:
        return overlap.start
    settled = last_began.timestamp() * 1000 - overlap.start > _SETTLED.total_seconds() * 1000
    return (overlap.start // 1000 + 1) * 1000 if settled else overlap.start


def _filter(checkpoint: Checkpoint, stream: Stream) -> str | None:
    match stream.mode:
        case Mode.SYNC | Mode.DELETED:
            return newer_than(max(FIRST_VERSION, checkpoint.since - 1))
        case Mode.MODIFIED:
            return modified_filter(checkpoint.since)
        case _:
            if stream.division_filter is not None:
                return f"{stream.division_filter} eq {checkpoint.division}"
            return stream.filter


def modified_filter(since: int) -> str:
    """Return the filter on the change date, in Dutch wall time. In the hour that the clock runs twice, an hour more is
    read, because a later change may bear an earlier time."""
    if since <= 0:
        return EVERYTHING_SINCE
    wall = datetime.fromtimestamp(since / 1000, UTC).replace(tzinfo=None, microsecond=0)
    if wall.replace(tzinfo=EXACT_ZONE).utcoffset() != wall.replace(tzinfo=EXACT_ZONE, fold=1).utcoffset():
        wall -= timedelta(hours=1)
    return f"Modified ge {moment_literal(wall)}"
