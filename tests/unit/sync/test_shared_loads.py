"""First loads that several workers share, and projections whose ground is taken away while they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.errors import ConfigurationError
from exact_connector.storage.table import Key
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.run import ProjectionRun
from exact_connector.sync.purge import purge
from exact_connector.sync.results import ProjectionResult
from exact_connector.sync.stores.parts import LoadParts
from exact_connector.sync.streams.catalogue import wanted
from unit.sync.engine_model import REQUIRING, Connector
from unit.sync.sync_model import TENANT, document_of, guid

ITEMS = "sync/Logistics/Items"
MOST_RUNS = 30


@pytest.fixture
def connector() -> Connector:
    """A company of forty items, of which every stream is read and nothing is projected yet."""
    connector = Connector()
    connector.share_first_loads()
    for number in range(40):
        connector.ground.feed.put(ITEMS, guid(number), Code=f"A{number}", Description="old")
    connector.engine.plan(TENANT)
    for each in wanted(()):
        connector.engine.run_chunk(TENANT, each.name, soon(connector))
    return connector


def soon(connector: Connector) -> datetime:
    return connector.ground.clock.now() + timedelta(minutes=10)


def project(connector: Connector) -> ProjectionResult:
    view = connector.engine.view(TENANT)
    assert view is not None
    return connector.engine.projector.run(view, "items", soon(connector))


def parts_done(connector: Connector) -> int:
    rows = LoadParts(connector.ground.stores.catalog).rows(TENANT, "items")
    return sum(int(str(row["done"])) for row in rows)


def project_some(connector: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the load until a few parts are done and the time is up."""
    with monkeypatch.context() as patched:
        patched.setattr(ProjectionRun, "_deadline_passed", lambda _: parts_done(connector) >= 6)
        assert project(connector).outcome == "more"
    assert 0 < parts_done(connector) < 16


def test_a_load_that_is_broken_off_goes_on_where_it_was(connector: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    project_some(connector, monkeypatch)
    assert project(connector).outcome == "finished"
    assert connector.documents() == connector.expected()
    assert connector.counts() == {"count_item": 40}


def test_parts_of_an_earlier_pass_are_not_taken_over_when_its_settings_come_back(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_some(connector, monkeypatch)
    for number in range(40):
        connector.ground.feed.put(ITEMS, guid(number), Description="new")
    connector.engine.make_due(TENANT, ["items"])
    connector.engine.run_chunk(TENANT, "items", soon(connector))
    before = connector.ground.view
    connector.settings("other")
    with monkeypatch.context() as patched:
        patched.setattr(LoadParts, "rows", _unreachable)
        with pytest.raises(KeyboardInterrupt):
            project(connector)
    connector.tenants.views[TENANT] = connector.ground.view = before
    connector.ground.clock.advance(1_000)
    assert project(connector).outcome == "finished"
    assert connector.documents() == connector.expected()
    assert connector.counts() == {"count_item": 40}


def _unreachable(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_removed_tenant_has_no_fence_left_when_its_documents_go(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_some(connector, monkeypatch)
    catalog = connector.ground.stores.catalog
    delete = catalog.batch_write

    def watched(puts: Sequence[Any] = (), deletes: Sequence[Key] = ()) -> None:
        if any(key.pk.startswith(("doc#", "made#")) for key in deletes):
            fences = [row for row in connector.ground.database["catalog"].all_rows() if "fence" in row]
            assert fences == []
        delete(puts, deletes)

    monkeypatch.setattr(catalog, "batch_write", watched)
    assert purge(connector.ground.stores, TENANT, [], ["item"]) > 40
    assert connector.ground.database["catalog"].all_rows() == []


def counting(connector: Connector, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the outcome of every run of the projector; too many are a fault."""
    outcomes: list[str] = []
    run = connector.engine.projector.run

    def counted(view: TenantView, family: str, deadline: datetime, **more: Any) -> ProjectionResult:
        assert len(outcomes) < MOST_RUNS, "it runs again and again"
        result = run(view, family, deadline, **more)
        outcomes.append(result.outcome)
        return result

    monkeypatch.setattr(connector.engine.projector, "run", counted)
    return outcomes


def test_a_tenant_that_goes_while_it_is_projected_is_let_go(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(connector)
    connector.engine.projector.states.request(TENANT, "items", connector.ground.clock.now())
    view = connector.tenants.view
    answers = iter([connector.ground.view, None])
    monkeypatch.setattr(connector.tenants, "view", lambda tenant: next(answers, None) and view(tenant))
    outcomes = counting(connector, monkeypatch)
    connector.message("projection:items")
    assert outcomes == ["off"]


def test_a_projection_that_fails_rests_also_when_its_documents_ask_for_a_stream(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_late(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        if rows.owner == guid(39):
            raise ConfigurationError("the field Nonsense does not exist")
        return document_of(rows, context)

    connector.projection = replace(REQUIRING, project=fails_late)
    connector.engine = connector.process("w2")
    outcomes = counting(connector, monkeypatch)
    connector.message("projection:items")
    assert outcomes.count("parked") == 1
    assert connector.engine.projector.states.get(TENANT, "items").due_at > connector.ground.clock.now()  # type: ignore[operator]
