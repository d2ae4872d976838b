"""Projection: from stored rows to canonical documents and the change feed, without any call to Exact.

One worker per tenant at a time holds the lease that lies on the feed's head. What it does, in this order:

    first load    when every stream of the family has completed its first load: all owners, then one reset entry;
                  a large one in parts, with the help of other workers
    again         the settings or the reference rows changed: all owners, entries for what differs
    check         a main stream was fully loaded: all owners, compared with what is really served, whatever is
                  remembered of it; what no owner has is removed
    dates         a new day began: the owners whose documents change by date alone
    key lists     what extraction touched since
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from exact_connector.documents.feed import head_key
from exact_connector.documents.writer import DocumentWriter
from exact_connector.storage.leases import LeaseLost, acquire, release, whole
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.run import AFTER_ERROR, ProjectionRun
from exact_connector.sync.projection.services import REFERENCE, ProjectionServices
from exact_connector.sync.results import ProjectionResult
from exact_connector.sync.streams.catalogue import of_family, wanted


class Projector(ProjectionServices):
    """Projects families of documents, one worker per tenant at a time."""

    def run(
        self,
        view: TenantView,
        family: str,
        deadline: datetime,
        *,
        renewed: Callable[[], TenantView | None] | None = None,
    ) -> ProjectionResult:
        """Bring a family's documents up to what is stored, or until the time is up.

        ``renewed`` looks the tenant up again once it is known which requests are answered by this run: settings that
        were changed before such a request are then always seen.
        """
        if family not in self.projections:
            return ProjectionResult(view.tenant, family, "off")
        state = self.states.get(view.tenant, family)
        if state.status != "live" and not self.ready(view, family):
            self.states.rest(state, self.clock.now() + AFTER_ERROR)
            return ProjectionResult(view.tenant, family, "waiting")
        given = acquire(self.stores.catalog, head_key(view.tenant), self.worker, self.clock.now())
        if given is None:
            return ProjectionResult(view.tenant, family, "busy")
        lease, head = given
        try:
            state = self.states.get(view.tenant, family)
            newest = view if renewed is None else renewed()
            if newest is None:
                return ProjectionResult(view.tenant, family, "off")
            run = ProjectionRun(self, newest, family, state, deadline, loads=self.loads(newest, family))
            run.counted = any(whole(head.get(f"count_{kind}")) for kind in run.projection.kinds)
            writer = DocumentWriter(
                self.stores,
                view.tenant,
                family,
                lease,
                whole(head.get("seq")),
                announce=state.status == "live",
                rule=self.projections[family].rule,
            )
            return run.work(writer)
        except LeaseLost:
            return ProjectionResult(view.tenant, family, "lost")
        finally:
            release(self.stores.catalog, lease)

    def help(self, view: TenantView, family: str, deadline: datetime) -> ProjectionResult | None:
        """Take parts of a first load that another worker leads; None when there is nothing to help with."""
        state = self.states.get(view.tenant, family)
        if state.status == "live" or state.run != "load" or not self.parts.rows(view.tenant, family):
            return None
        run = ProjectionRun(self, view, family, state, deadline)
        return run.help() if run.basis.fingerprint == state.pass_fingerprint else None

    def ready(self, view: TenantView, family: str) -> bool:
        """Tell whether every stream that the family needs has completed its first load or is refused by Exact."""
        streams = wanted(view.streams)
        needed = {each.name for each in (*of_family(streams, family), *of_family(streams, REFERENCE))}
        needed -= {each.name for each in streams if each.mode.on_request}
        loaded = {
            each.stream
            for each in self.checkpoints.of_tenant(view.tenant)
            if each.first_loaded or (each.status == "parked" and each.error_code == "EXACT_REJECTED")
        }
        return needed <= loaded
