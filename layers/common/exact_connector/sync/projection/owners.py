"""Owners on their way to documents: read, projected, compared with what they have, and handed to the writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.documents.owned import Changes, OwnedDocuments, compare
from exact_connector.documents.writer import DocumentWriter
from exact_connector.errors import ConnectorError
from exact_connector.storage.table import Key
from exact_connector.sync.extraction import lookups, named
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.services import REFERENCE, Basis, ProjectionServices
from exact_connector.sync.results import Poison
from exact_connector.sync.stores.records import Owner
from exact_connector.sync.streams.catalogue import Mode, stream

REPORTED = 50
"""Lines of one code that a run adds to the report."""

_KEY_SHOWN = 200

PROJECTION_FAILED, DOCUMENT_TOO_LARGE = "PROJECTION_FAILED", "DOCUMENT_TOO_LARGE"


class OwnersProjection:
    """Projects owners of one family in one run. ``required`` are the streams that documents showed to be needed,
    ``requested`` those of them that got owners to read."""

    def __init__(
        self, services: ProjectionServices, view: TenantView, family: str, basis: Basis, required: Iterable[str]
    ) -> None:
        self._services = services
        self._view = view
        self._family = family
        self._basis = basis
        self._projection = services.projections[family]
        self._known = services.reports.known(view.tenant, family)
        self._failed: list[Poison] = []
        self._superseded: list[Key] = []
        self._requests: dict[str, list[str]] = {}
        self.count = 0
        self.warnings: Counter[str] = Counter()
        self.required: set[str] = set(required)
        self.requested: Counter[str] = Counter()

    @property
    def required_text(self) -> str:
        """The required streams as a state keeps them."""
        return " ".join(sorted(self.required))

    def bucket(self, bucket: int) -> Iterable[Owner]:
        """Read all owners of a bucket."""
        if self._family == REFERENCE:
            return [self._reference()]
        return self._services.records.bucket(self._view.tenant, self._family, bucket)

    def named(self, owners: Iterable[str]) -> Iterable[Owner]:
        """Read these owners."""
        wanted_owners = set(owners)
        if not wanted_owners:
            return []
        if self._family == REFERENCE:
            return [self._reference()]
        return self._services.records.owners(self._view.tenant, self._family, wanted_owners)

    def write(self, writer: DocumentWriter, owners: Iterable[Owner], previous: Mapping[str, OwnedDocuments]) -> None:
        """Hand what changes of owners to the writer; ``previous`` is what they have."""
        batch: list[Changes] = []
        for owner in owners:
            self.count += 1
            self._superseded.extend(owner.superseded)
            before = previous.get(owner.owner, OwnedDocuments(owner.owner))
            projections = self._project(owner)
            if projections is not None:
                changes = compare(before, projections)
                batch.append(changes)
                self._settle(before, projections, changes)
        writer.write(batch, self._basis.context, self._services.clock.now())

    def report_refused(self, writer: DocumentWriter) -> None:
        """Report documents that no table takes; the others are written."""
        for owner, (kind, key), why in writer.refused:
            shown = key[:_KEY_SHOWN] or owner
            self._report(Poison(shown, DOCUMENT_TOO_LARGE, f"a {kind or 'date'} document was left out: {why}"))
        writer.refused.clear()

    def request(self) -> None:
        """Write the lists of whom to read more about, before what showed the need is forgotten."""
        now = self._services.clock.now()
        for name, requests in self._requests.items():
            self.requested[name] += 1
            self._services.affected.request(self._view.tenant, name, requests, now=now, name=uuid4().hex)
        self._requests = {}

    def tidy(self) -> None:
        """Remove packs of rows that nothing needs any more, and bring the report up to date."""
        self._services.records.remove(self._superseded)
        self._services.reports.clear(self._view.tenant, self._family, self._known.settled)
        if self._failed:
            self._services.reports.add(self._view.tenant, self._family, self._failed, self._services.clock.now())

    def _reference(self) -> Owner:
        return Owner(REFERENCE, {}, self._basis.superseded)

    def _project(self, owner: Owner) -> Sequence[Projection] | None:
        """Return an owner's documents; None when its rows cannot be projected: it is reported, the others go on."""
        rows = self._basis.reference if self._family == REFERENCE else owner.by_kind()
        try:
            found = self._projection.project(OwnerRows(owner.owner, rows), self._basis.context)
        except ConnectorError:
            raise
        except Exception as error:  # whatever one record's data provokes must not stop the others
            message = f"the rows of this record could not be turned into documents: {type(error).__name__}"
            self._report(Poison(owner.owner, PROJECTION_FAILED, message))
            return None
        if self._projection.required_streams is not None:
            required = self._projection.required_streams(OwnerRows(owner.owner, rows), found, self._basis.context)
            self._require(owner, required)
        for each in found:
            for warning in each.warnings:
                self._report(Poison(each.key, warning.code, warning.message))
        return found

    def _report(self, line: Poison) -> None:
        self.warnings[line.code] += 1
        if self.warnings[line.code] <= REPORTED:
            self._failed.append(line)

    def _require(self, owner: Owner, streams: Iterable[str]) -> None:
        """Note that an owner needs rows of these streams; those read on request are asked for what it has not yet."""
        for name in streams:
            self.required.add(name)
            version = lookups.pending(owner, stream(name)) if stream(name).mode is Mode.NAMED else None
            if version is not None:
                self._requests.setdefault(name, []).append(named.request(owner.owner, version))

    def _settle(self, before: OwnedDocuments, projections: Sequence[Projection], changes: Changes) -> None:
        """Report what cannot be stored, and note which lines of the report an owner has set right."""
        wrong: dict[str, set[str]] = {}
        for (kind, key), length in changes.too_large.items():
            message = (
                f"the {kind} document has {length:,} bytes, more than can be stored and served, and stays as it was; "
                "shorten its texts in Exact, or remove pictures from them"
            )
            self._report(Poison(key, DOCUMENT_TOO_LARGE, message))
            wrong.setdefault(key, set()).add(DOCUMENT_TOO_LARGE)
        if not self._known.codes:
            return
        codes: dict[str, set[str]] = {before.owner: set(), **{key: set() for _, key in before.digests}}
        for each in projections:
            codes.setdefault(each.key, set()).update(warning.code for warning in each.warnings)
        for key, named_codes in codes.items():
            self._known.seen(key, named_codes | wrong.get(key, set()))
