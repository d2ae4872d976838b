"""A large first load, projected in parts by several workers: who leads it, and who helps."""

from __future__ import annotations

from collections.abc import Callable

from exact_connector.documents.writer import DocumentWriter
from exact_connector.errors import ConnectorError
from exact_connector.storage.buckets import buckets
from exact_connector.storage.leases import LeaseLost, release, whole
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.owners import OwnersProjection
from exact_connector.sync.projection.services import ProjectionServices
from exact_connector.sync.stores.parts import Part, laid_out
from exact_connector.sync.stores.states import ProjectionState
from exact_connector.sync.streams.catalogue import Mode, stream

_PAUSE = 0.5

ProjectBucket = Callable[[DocumentWriter, int], None]


class SharedLoad:
    """The parts of one first load, as one worker sees them. ``project`` projects a bucket of owners; ``written`` counts
    the documents that were written through parts."""

    def __init__(
        self,
        services: ProjectionServices,
        view: TenantView,
        family: str,
        pass_id: str,
        owners: OwnersProjection,
        project: ProjectBucket,
        deadline_passed: Callable[[], bool],
    ) -> None:
        self._services = services
        self._view = view
        self._family = family
        self._pass_id = pass_id
        self._owners = owners
        self._project = project
        self._deadline_passed = deadline_passed
        self.written = 0
        self.warnings = 0

    def begins(self, writer: DocumentWriter, state: ProjectionState, *, counted: bool) -> bool:
        """Tell whether the first load is done in parts, laying them out where it is large and begins; ``counted``:
        documents of the family exist already."""
        services, tenant = self._services, self._view.tenant
        rows = services.parts.rows(tenant, self._family)
        if any(row.get("run") != self._pass_id for row in rows):  # of an earlier pass
            writer.absorb(services.parts.close(rows), services.clock.now())
            return False
        if not rows:
            fresh = state.position == 0 and not counted and len(buckets(self._family)) > 1
            if not fresh or services.rows_of(tenant, self._family) < services.parts_from:
                return False
            writer.lay_out(laid_out(tenant, self._family, self._pass_id), services.clock.now())
            services.call(tenant, self._family)
        return True

    def lead(self, writer: DocumentWriter) -> bool:
        """Work on parts until all are done, then take their counts over; False when the time is up."""
        services = self._services
        while not self._deadline_passed():
            part = self._next()
            if part is not None:
                self._work(part, writer)
            elif self._take_over(writer):
                return True
            else:
                services.clock.sleep(_PAUSE)
            writer.keep(services.clock.now())
        return False

    def help(self) -> None:
        """Work on parts until none is left to take."""
        while not self._deadline_passed():
            part = self._next()
            if part is None:
                return
            try:
                self._work(part, None)
            except ConnectorError:  # who leads will meet it too, and reports it
                return

    def _next(self) -> Part | None:
        services = self._services
        return services.parts.take(
            self._view.tenant, self._family, self._pass_id, services.worker, services.clock.now()
        )

    def _take_over(self, writer: DocumentWriter) -> bool:
        """Take the counts of all parts over; False while one is not done."""
        rows = self._services.parts.rows(self._view.tenant, self._family)
        if not rows:  # the tenant was removed
            raise LeaseLost
        if not all(whole(row.get("done")) for row in rows):
            return False
        writer.absorb(rows, self._services.clock.now())
        owners = self._owners
        self.warnings = sum(whole(row.get("warnings")) for row in rows) - sum(owners.warnings.values())
        owners.required.update(name for row in rows for name in str(row.get("required") or "").split())
        owners.requested.update(name for name in owners.required if stream(name).mode is Mode.NAMED)
        return True

    def _work(self, part: Part, leading: DocumentWriter | None) -> None:
        """Project what is left of a part; a part that was lost is left to whoever has it now."""
        services, key = self._services, part.lease.key
        rule = services.projections[self._family].rule
        writer = DocumentWriter(
            services.stores, self._view.tenant, self._family, part.lease, 0, announce=False, rule=rule, head=key
        )
        try:
            for bucket in part.left(self._family):
                if self._deadline_passed():
                    return
                advanced = self._bucket(writer, part, bucket)
                if advanced is None:
                    return
                part = advanced
                if leading is not None:
                    leading.keep(services.clock.now())
            services.parts.finish(part)
        finally:
            self.written += writer.written
            self._owners.report_refused(writer)
            release(services.stores.catalog, part.lease)

    def _bucket(self, writer: DocumentWriter, part: Part, bucket: int) -> Part | None:
        """Project a bucket of a part; None when the part was lost."""
        warned = sum(self._owners.warnings.values())
        try:
            self._project(writer, bucket)
            writer.keep(self._services.clock.now())
        except LeaseLost:
            return None
        self._owners.request()
        warned = sum(self._owners.warnings.values()) - warned
        return self._services.parts.advance(part, self._owners.required_text, warned)
