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

from collections.abc import Callable, Iterable
from datetime import datetime

from exact_connector.documents.feed import head_key
from exact_connector.documents.writer import DocumentWriter
from exact_connector.storage.leases import LeaseLost, acquire, release, whole
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.run import AFTER_ERROR, ProjectionRun
from exact_connector.sync.projection.services import ProjectionServices
from exact_connector.sync.results import ProjectionResult
from exact_connector.sync.stores.checkpoints import Checkpoint
from exact_connector.sync.streams.catalogue import REFERENCE, Mode, Stream, needed_by, of_family, wanted


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

    def ready(self, view: TenantView, family: str, checkpoints: Iterable[Checkpoint] | None = None) -> bool:
        """Tell whether every stream that the family needs has completed its first load, or cannot be read for now.

        Without the rows of its main stream, or of any stream of its own, a family has nothing to serve and waits.
        ``checkpoints`` are all of the tenant, where the caller has read them already.
        """
        streams, now = wanted(view.streams), self.clock.now()
        needed = needed_by(streams, family, self.projections[family].reference_kinds)
        known = list(self.checkpoints.of_tenant(view.tenant) if checkpoints is None else checkpoints)
        loaded = {each.stream for each in known if each.first_loaded}
        unreadable = {each.stream for each in known if each.unreadable(now)}
        names = {each.name for each in needed if not each.mode.on_request}
        names |= {each.name for each in needed if each.mode is Mode.LOOKUP and not self._labels_known(view, each)}
        main = {each.name for each in needed if each.main}
        own = names & {each.name for each in of_family(streams, family)}
        return names <= loaded | unreadable and main <= loaded and (not own or bool(own & loaded))

    def _labels_known(self, view: TenantView, looked_up: Stream) -> bool:
        """Tell whether the labels are there: the values of single owners come later, and change little."""
        found = self.records.owners(view.tenant, REFERENCE, [looked_up.kind])
        return any(owner.rows.get(looked_up.kind) for owner in found)
