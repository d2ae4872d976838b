"""What every run of projections uses: the repositories, and the context built from settings and reference rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from exact_connector.clock import Clock, today
from exact_connector.fields import Row
from exact_connector.storage.packing import pack
from exact_connector.storage.ports import EventBus
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import Key
from exact_connector.sync.ports import ContextBuilder, FamilyProjection, TenantView
from exact_connector.sync.stores.affected import AffectedKeys
from exact_connector.sync.stores.checkpoints import Checkpoints
from exact_connector.sync.stores.parts import LoadParts
from exact_connector.sync.stores.records import Records
from exact_connector.sync.stores.reports import Reports
from exact_connector.sync.stores.states import ProjectionStates
from exact_connector.sync.streams.catalogue import Mode, of_family, stream, wanted

REFERENCE = "reference"
PARTS_FROM_ROWS = 4_000
"""From so many stored rows a family's first load is shared."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run of projections is based on: the context, and how its settings and reference rows are recognised."""

    context: Any
    fingerprint: str
    reference: Mapping[str, Sequence[Row]]
    superseded: tuple[Key, ...]


class ProjectionServices:
    """What runs use. ``worker`` names this process in the lease; ``call`` asks other workers to help with a family of a
    tenant; ``parts_from``: from how many stored rows a first load is shared."""

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        projections: Mapping[str, FamilyProjection],
        contexts: ContextBuilder,
        *,
        worker: str,
        call: Callable[[str, str], None] = lambda _tenant, _family: None,
        parts_from: int = PARTS_FROM_ROWS,
    ) -> None:
        self.stores = stores
        self.clock = clock
        self.events = events
        self.projections = projections
        self.contexts = contexts
        self.worker = worker
        self.call = call
        self.parts_from = parts_from
        self.parts = LoadParts(stores.catalog)
        self.checkpoints = Checkpoints(stores.sync)
        self.affected = AffectedKeys(stores.sync)
        self.records = Records(stores.records)
        self.reports = Reports(stores.sync)
        self.states = ProjectionStates(stores.sync)

    def rows_of(self, tenant: str, family: str) -> int:
        """Return how many rows the last full loads of a family's streams brought."""
        found = self.checkpoints.of_tenant(tenant)
        return sum(each.rows_full for each in found if stream(each.stream).family == family)

    def loads(self, view: TenantView, family: str) -> dict[str, int]:
        """Return how many full loads of the family's main streams are complete, by stream."""
        main = {
            each.name
            for each in of_family(wanted(view.streams), family)
            if each.row_is_owner and each.mode in (Mode.SYNC, Mode.MODIFIED)
        }
        return {
            each.stream: each.generation - (1 if each.phase and each.run_kind == "full" else 0)
            for each in self.checkpoints.of_tenant(view.tenant)
            if each.stream in main
        }

    def basis(self, view: TenantView, family: str) -> Basis:
        """Read the reference rows and build the context."""
        rows: dict[str, list[Row]] = {}
        superseded: list[Key] = []
        for owner in self.records.bucket(view.tenant, REFERENCE, 0):
            rows.update(owner.by_kind())
            superseded.extend(owner.superseded)
        kinds = self.projections[family].reference_kinds
        shaping = {kind: found for kind, found in rows.items() if kinds is None or kind in kinds}
        fingerprint = _fingerprint(view.fingerprints.get(family, ""), shaping)
        return Basis(self.contexts(view, today(self.clock), rows), fingerprint, rows, tuple(superseded))


def _fingerprint(settings: str, reference: Mapping[str, Sequence[Row]]) -> str:
    digest = blake2b(settings.encode(), digest_size=16)
    for kind in sorted(reference):
        rows = sorted(pack(dict(sorted(row.items()))) for row in reference[kind])
        digest.update(kind.encode())
        for row in rows:
            digest.update(row)
    return digest.hexdigest()
