"""Fetch the pictures and logos that documents want, and have those documents made anew with them.

    wanted (a hidden document) ──▶ fetch ──▶ bytes in S3 ──▶ key list (open), rows, key list (ready) ──▶ projection
    a crash before the rows: still wanted, fetched again; after the rows: the open list is made ready by the next run

One worker per tenant (lease); a second one would only fetch the same files twice.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urljoin

from exact_connector.assets.library import Library
from exact_connector.assets.wanted import LOGO, PICTURE, WANTED_LOGO, WANTED_PICTURE, FileKind, is_current
from exact_connector.clock import Clock, to_text
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.errors import (
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    NotConnected,
    ReauthorizationRequired,
    TransientError,
)
from exact_connector.storage.leases import Lease, acquire, held, release, renewal, whole
from exact_connector.storage.table import ConditionFailed, Key, Value
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.stores.records import StoredRow

STREAM = "assets"
_SOURCES: tuple[tuple[str, str, FileKind], ...] = (
    (WANTED_PICTURE, "items", PICTURE),
    (WANTED_LOGO, "customers", LOGO),
)
_AT_ONCE = 20
_FIRST_LOAD = timedelta(minutes=30)
_ROOM = timedelta(seconds=45)
_TENANTS_A_MINUTE = 500
FILES_A_DAY = 1500
"""So many files of a tenant are fetched a day (UTC): each costs a call, and the other streams need theirs."""

_REST = timedelta(hours=1)
_SILENT = 3
"""After so many files without an answer in one go, Exact is left alone."""


class Fetched(Protocol):
    """The bytes of a file."""

    @property
    def body(self) -> bytes:
        """The bytes."""
        ...


class FileCalls(Protocol):
    """The call to Exact that files need; ``ExactClient`` carries it out."""

    def download(self, url: str) -> Fetched:
        """Return the bytes at an address on the tenant's own site."""
        ...


@dataclass(slots=True)
class _Batch:
    """What was fetched of one family and is not written yet."""

    family: str
    rows: list[StoredRow]


@dataclass(frozen=True, slots=True)
class _File:
    """A wanted file of an owner, and what is kept of the file it had before."""

    owner: str
    wanted: Mapping[str, Any]
    kept: Mapping[str, Any]

    @property
    def is_current(self) -> bool:
        return is_current(self.kept, self.wanted["file_name"], self.wanted["modified"])

    @property
    def earlier(self) -> Mapping[str, Any]:
        """What was shown of the same file so far: it stays until there is something newer."""
        return self.kept if self.kept.get("file_name") == self.wanted["file_name"] else {}

    @property
    def rests_until(self) -> str:
        return str(self.earlier.get("rests_until", ""))


class AssetsDesk:
    """Fetches files. ``exact``: tenant -> its site's address and the calls to it, raises NotConnected.

    ``tenants``: the ids of those that were made before a moment.
    """

    def __init__(
        self,
        sync: Callable[[], SyncEngine],
        documents: CatalogStore,
        library: Library,
        exact: Callable[[str], tuple[str, FileCalls]],
        clock: Clock,
        *,
        worker: str,
        tenants: Callable[[datetime], Sequence[str]],
        files_a_day: int = FILES_A_DAY,
    ) -> None:
        self._files_a_day = files_a_day
        self._sync = sync
        self._documents = documents
        self._library = library
        self._exact = exact
        self._clock = clock
        self._worker = worker
        self._tenants = tenants

    def waits(self, tenant: str) -> bool:
        """Tell whether a file of the tenant is wanted."""
        return any(self._documents.list(tenant, kind, limit=1).documents for kind, _, _ in _SOURCES)

    def due(self, now: datetime) -> list[str]:
        """Return the tenants with wanted files; with very many tenants each is looked at every few minutes.

        A new tenant's calls are not spent on pictures until its first load lies behind it.
        """
        tenants = self._tenants(now - _FIRST_LOAD)
        turns = len(tenants) // _TENANTS_A_MINUTE + 1
        turn = int(now.timestamp() // 60) % turns
        return [each for each in tenants if zlib.crc32(each.encode()) % turns == turn and self.waits(each)]

    def work(self, tenant: str, deadline: datetime) -> int:
        """Fetch what a tenant's documents want, as far as time and calls go; return how many files were looked at."""
        given = acquire(self._sync().stores.sync, _lease_key(tenant), self._worker, self._clock.now())
        if given is None:
            return 0
        lease, row = given
        day = self._clock.now().date().isoformat()
        used = whole(row.get("files")) if row.get("day") == day else 0
        try:
            return self._work(tenant, lease, deadline, day, used)
        finally:
            release(self._sync().stores.sync, lease)

    def forget(self, tenant: str) -> int:
        """Remove every file of a tenant; return how many pictures."""
        self._sync().stores.sync.delete(_lease_key(tenant))
        return self._library.forget(tenant)

    def _work(self, tenant: str, lease: Lease, deadline: datetime, day: str, used: int) -> int:
        self._mend(tenant)
        site, exact = self._exact(tenant)
        count = 0
        for kind, family, file_kind in _SOURCES:
            for wanted in self._groups(tenant, kind):
                left = self._files_a_day - used - count
                if left <= 0 or self._clock.now() > deadline - _ROOM:
                    return count
                batch = _Batch(family, [])
                files = self._new(tenant, family, file_kind, wanted)[:left]
                going = self._fetch(tenant, site, exact, files, file_kind, batch)
                self._write(tenant, batch)
                count += len(batch.rows)
                if not self._note(lease, day, used + count) or not going:
                    return count
        return count

    def _groups(self, tenant: str, kind: str) -> Iterator[Sequence[StoredDocument]]:
        cursor: str | None = None
        while True:
            page = self._documents.list(tenant, kind, cursor=cursor, limit=_AT_ONCE)
            if page.documents:
                yield page.documents
            if page.cursor is None:
                return
            cursor = page.cursor

    def _new(self, tenant: str, family: str, kind: FileKind, wanted: Sequence[StoredDocument]) -> list[_File]:
        """Leave out what was fetched and is only not projected yet, and what rests after it gave no answer."""
        owners = self._sync().projector.records.owners(tenant, family, {each.key for each in wanted})
        kept = {owner.owner: next(iter(owner.by_kind().get(kind.kept, ())), {}) for owner in owners}
        found = [_File(each.key, each.body, kept.get(each.key, {})) for each in wanted]
        now = to_text(self._clock.now())
        return [file for file in found if not file.is_current and file.rests_until <= now]

    def _fetch(
        self, tenant: str, site: str, exact: FileCalls, files: Iterable[_File], kind: FileKind, batch: _Batch
    ) -> bool:
        """Fetch files into the batch; False when Exact cannot be asked any more for now."""
        silent = 0
        for file in files:
            try:
                row = self._file(tenant, exact, urljoin(site, str(file.wanted["address"])), file.wanted)
            except ExactUnavailable as error:
                silent += 1
                rest = to_text(self._clock.now() + _REST)
                row = {**file.earlier, "modified": "", "reason": error.message, "rests_until": rest}
            except (TransientError, ReauthorizationRequired, NotConnected):
                return False
            version = (0, int(self._clock.now().timestamp() * 1000))
            named = {"file_name": file.wanted["file_name"], "modified": file.wanted["modified"], **row}
            batch.rows.append(StoredRow(batch.family, file.owner, kind.kept, kind.kept, version, named))
            if silent == _SILENT:
                return False
        return True

    def _file(self, tenant: str, exact: FileCalls, address: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        # Here, so that only the worker that reads pictures loads the library for them.
        from exact_connector.assets.images import NoPicture, read_picture

        try:
            picture = read_picture(exact.download(address).body)
        except (ExactRejected, ExactQueryRefused) as error:
            return {"reason": f"Exact answered {error.status}"}
        except NoPicture as error:
            return {"reason": str(error)}
        return self._library.keep(tenant, picture, str(wanted["file_name"]))

    def _write(self, tenant: str, batch: _Batch) -> None:
        if not batch.rows:
            return
        projector, now = self._sync().projector, self._clock.now()
        owners = sorted({row.owner for row in batch.rows})
        name = f"{STREAM}.{owners[0]}"
        listed = projector.affected.open(
            tenant, batch.family, owners, stream=STREAM, fence=0, head=0, now=now, name=name
        )
        projector.records.write(tenant, batch.rows, at=to_text(now))
        projector.affected.make_ready(listed)
        projector.states.request(tenant, batch.family, now)

    def _mend(self, tenant: str) -> None:
        """Pass on to projection what a dead worker left behind."""
        projector = self._sync().projector
        for _, family, _ in _SOURCES:
            for listed in projector.affected.left_open(tenant, (family,), STREAM):
                projector.affected.make_ready(listed)
                projector.states.request(tenant, family, self._clock.now())

    def _note(self, lease: Lease, day: str, files: int) -> bool:
        """Keep the lease and note how many files were fetched today; False when the lease was lost."""
        noted: dict[str, Value] = {**renewal(self._clock.now()), "day": day, "files": files}
        try:
            self._sync().stores.sync.update(lease.key, set=noted, condition=held(lease))
        except ConditionFailed:
            return False
        return True


def _lease_key(tenant: str) -> Key:
    return Key(f"lease#{STREAM}#{tenant}", "lease")
