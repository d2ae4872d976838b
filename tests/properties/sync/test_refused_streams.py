"""What Exact refuses to one stream: the rest of the family is served, the stream is named, and it is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.clock import from_text, to_text
from exact_connector.errors import (
    EndpointParked,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    NotConnected,
    ReauthorizationRequired,
    TerminalError,
)
from exact_connector.sync.control import SyncControl
from exact_connector.sync.ports import FamilyProjection
from exact_connector.sync.projection.families import PROJECTIONS
from exact_connector.sync.streams.catalogue import BASE, DELETIONS, FAMILIES, STREAMS, Mode, Stream, stream, wanted
from unit.sync.engine_model import Connector
from unit.sync.sync_model import DIVISION, TENANT, Ground, guid, view

TEXTS = "item_texts:DE"
CONDITIONAL = frozenset({*(name for name, each in STREAMS.items() if not each.base), TEXTS})
EVERY = sorted({*STREAMS, TEXTS})
OWNERS = {"items": guid(1), "customers": guid(2)}


LABELS: dict[str, set[str]] = {"items": set(), "customers": set(), "documents": set(), "reference": {"extra_field"}}


def owner_of(each: Stream) -> str:
    """Rows of items and customers shape one document each; every document stream has one of its own."""
    return OWNERS.get(each.family, guid(EVERY.index(each.name), 5))


def served_kind(family: str) -> str:
    return "item" if family == "items" else f"{family}_kinds"


def projection_of(family: str) -> FamilyProjection:
    """Show which kinds of rows there are."""

    def project(rows: OwnerRows, _context: Any) -> Sequence[Projection]:
        kinds = sorted(kind for kind, found in rows.rows.items() if found and not kind.endswith("_seen"))
        main = {"items": "item", "customers": "account"}.get(family)
        if not kinds or (main is not None and main not in kinds):
            return []
        return [Projection(served_kind(family), rows.owner, {"kinds": kinds})]

    required = (lambda *_: frozenset({"standard_prices"})) if family == "items" else None
    kinds = PROJECTIONS[family].reference_kinds
    return FamilyProjection(frozenset({served_kind(family)}), project, reference_kinds=kinds, required_streams=required)


def fill(ground: Ground) -> None:
    """Give every stream a row."""
    for number, name in enumerate(EVERY):
        each = stream(name)
        if each.mode is Mode.DELETED:
            continue
        key = OWNERS["items"] if each.path in ("bulk/Logistics/Items", "logistics/Items") else guid(number, 3)
        key = str(DIVISION) if each.division_filter is not None else key
        owner = {each.owner: owner_of(each)} if each.owner else {}
        row: dict[str, Any] = {each.row_id: key, **owner, "Modified": "2026-01-01T00:00:00", "FreeTextField_01": "red"}
        if each.division_filter is not None:
            row[each.division_filter] = DIVISION
        if each.mode is Mode.LOOKUP:
            row |= {"Number": "1", "Description": "Colour"}
        ground.feed.put(each.path, str(row[each.row_id]), **row)


@pytest.fixture
def connector(request: pytest.FixtureRequest) -> Connector:
    """A tenant that needs every stream, or for a test about one stream those of its family and one of documents."""
    name = request.node.callspec.params.get("name") if hasattr(request.node, "callspec") else None
    family = None if name is None else stream(name).family
    needed = {each for each in CONDITIONAL if family is None or stream(each).family == family}
    ground = Ground(view=view(streams=frozenset({"goods_receipts", *needed})))
    ground.feed.page_size = 100
    fill(ground)
    others = {family: projection_of(family) for family in FAMILIES if family != "items"}
    connector = Connector(ground, projection=projection_of("items"), others=others)
    connector.engine.plan(TENANT)
    return connector


def work(connector: Connector) -> None:
    """Handle messages until nothing is due."""
    for _ in range(30):
        connector.engine.dispatch(connector.ground.clock.now())
        queued = [body["stream"] for queue in connector.queues.values() for _, body in queue.messages]
        for queue in connector.queues.values():
            queue.messages.clear()
        if not queued:
            return
        for name in queued:
            connector.ground.clock.advance(0.001)
            connector.message(name)
    raise AssertionError("the work does not come to an end")


def status(connector: Connector) -> dict[str, Any]:
    kinds = {family: frozenset({served_kind(family)}) for family in FAMILIES}
    return {**SyncControl(connector.engine, kinds, connector.ground.clock).status(TENANT)}


def families(connector: Connector) -> dict[str, dict[str, Any]]:
    return {each["family"]: each for each in status(connector)["families"]}


def served(connector: Connector, family: str) -> set[str]:
    """The kinds of rows that a family's documents show, but for the labels, which have no stream of their own."""
    page = connector.catalog.list(TENANT, served_kind(family), limit=100)
    return {kind for each in page.documents for kind in each.body["kinds"]} - LABELS[family]


def every_kind(connector: Connector, family: str, without: str = "") -> set[str]:
    """The kinds of rows of a family's streams, but for those that are read at one address."""
    names = [*connector.ground.view.streams, *BASE, *({"standard_prices"} if family == "items" else ())]
    streams = [stream(name) for name in names if stream(name).path != without and name != DELETIONS.name]
    return {kind for each in streams for target, kind in each.targets[:1] if target == family}


REFUSALS = [
    pytest.param(ExactRejected("Forbidden", status=403, code="ACCESS_DENIED"), id="403"),
    pytest.param(ExactRejected("Not found", status=404, code="NOT_FOUND"), id="404"),
    pytest.param(
        ExactRejected("Forbidden - Application Scope Violated", status=403, code="SCOPE_MISSING"), id="scope missing"
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("name", EVERY)
def test_all_but_the_refused_stream_is_served_and_it_is_named(
    connector: Connector, name: str, refusal: ExactRejected
) -> None:
    refused, clock = stream(name), connector.ground.clock
    connector.ground.feed.refusals[refused.path] = refusal
    since = to_text(clock.now())
    work(connector)
    found = families(connector)
    for family in FAMILIES:
        needs = needed(family, refused)
        entries = {each["stream"]: each for each in found[family]["refused"]}
        assert (name in entries) is needs
        assert (found[family]["light"], found[family]["complete"]) == (("orange", False) if needs else ("blue", True))
        if needs:
            assert entries[name]["endpoint"] == refused.path
            assert (entries[name]["code"], entries[name]["reason"]) == (refusal.code, refusal.message)
            assert since <= entries[name]["since"] <= to_text(clock.now())
            assert from_text(entries[name]["next_try"]) - from_text(entries[name]["since"]) == timedelta(days=1)
            assert refusal.message in found[family]["reason"]
        nothing_there = refused.main and refused.family == family
        assert found[family]["served"] is not nothing_there
        expected = set() if nothing_there else every_kind(connector, family, refused.path)
        assert served(connector, family) == expected
    report = [each for each in status(connector)["skipped_records"] if each["source"] == name]
    assert [(each["key"], each["code"]) for each in report] == [(refused.path, refusal.code)]


def needed(family: str, refused: Stream) -> bool:
    kinds = PROJECTIONS[family].reference_kinds
    shapes = refused.family == "reference" and (kinds is None or refused.kind in kinds)
    deletions = refused.mode is Mode.DELETED and family in ("items", "customers")
    return family in refused.families or shapes or deletions


@pytest.mark.parametrize("how", ["a day later", "a new consent"])
@pytest.mark.parametrize("name", EVERY)
def test_what_exact_allows_again_is_read_and_served(connector: Connector, name: str, how: str) -> None:
    feed, clock = connector.ground.feed, connector.ground.clock
    feed.refusals[stream(name).path] = ExactRejected("Forbidden", status=403, code="ACCESS_DENIED")
    work(connector)
    feed.refusals.clear()
    clock.advance(3_600)
    if how == "a new consent":
        SyncControl(connector.engine, {}, clock).linked(TENANT, from_scratch=False)
    else:
        work(connector)
        clock.advance(23 * 3_600)
    work(connector)
    found = families(connector)
    assert {family: each["refused"] for family, each in found.items()} == {family: [] for family in FAMILIES}
    assert {each["complete"] for each in found.values()} == {True}
    assert status(connector)["skipped_records"] == []
    for family in FAMILIES:
        assert served(connector, family) >= every_kind(connector, family)


@pytest.mark.parametrize("name", ["supplier_items", "purchase_orders", "classifications", "bank_accounts"])
def test_a_refusal_after_the_first_load_keeps_what_was_read_before(connector: Connector, name: str) -> None:
    work(connector)
    before = {family: served(connector, family) for family in FAMILIES}
    connector.ground.feed.refusals[stream(name).path] = ExactRejected("Forbidden", status=403, code="ACCESS_DENIED")
    connector.again(name)
    assert {family: served(connector, family) for family in FAMILIES} == before
    found = families(connector)[stream(name).family]
    assert (found["served"], found["complete"], [each["stream"] for each in found["refused"]]) == (True, False, [name])


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ReauthorizationRequired("consent again"), id="dead connection"),
        pytest.param(NotConnected("not linked"), id="not linked"),
        pytest.param(ExactRejected("licence", status=403, code="LICENSE_EXPIRED"), id="licence"),
        pytest.param(ExactRejected("division", status=403, code="DIVISION_FORBIDDEN"), id="administration"),
    ],
)
def test_a_fault_of_the_whole_connection_serves_no_half_of_a_first_load(
    connector: Connector, error: TerminalError
) -> None:
    connector.ground.feed.refusals = {stream(name).path: error for name in EVERY}
    work(connector)
    for found in families(connector).values():
        assert (found["served"], found["light"], found["reason"]) == (False, "orange", error.message)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ExactQueryRefused("filter", status=400, code="FILTER_REFUSED"), id="query refused"),
        pytest.param(EndpointParked("six errors"), id="endpoint parked"),
    ],
)
def test_other_refusals_stop_no_family_either(connector: Connector, error: Exception) -> None:
    connector.ground.feed.refusals[stream("supplier_items").path] = error
    work(connector)
    found = families(connector)["items"]
    assert (found["served"], found["complete"], found["reason"]) == (True, False, str(error))


def test_a_stream_without_any_answer_stops_its_family_for_an_hour_at_most(connector: Connector) -> None:
    connector.ground.feed.refusals[stream("supplier_items").path] = ExactUnavailable("no answer")
    work(connector)
    assert families(connector)["items"]["served"] is False
    for _ in range(8):
        connector.ground.clock.advance(600)
        work(connector)
    found = families(connector)["items"]
    assert (found["served"], found["complete"]) == (True, False)
    assert [(each["stream"], each["reason"]) for each in found["refused"]] == [("supplier_items", "no answer")]


def test_a_family_of_which_everything_is_refused_waits_and_says_why(connector: Connector) -> None:
    refusal = ExactRejected("Forbidden", status=403, code="ACCESS_DENIED")
    names = [each.name for each in wanted(CONDITIONAL) if each.family == "documents"]
    connector.ground.feed.refusals = {stream(name).path: refusal for name in names}
    work(connector)
    found = families(connector)["documents"]
    assert (found["served"], found["light"], found["reason"]) == (False, "orange", "Forbidden")
    assert {each["stream"] for each in found["refused"]} == set(names)


def test_a_stream_that_the_settings_need_later_is_refused_without_taking_anything_away(connector: Connector) -> None:
    connector.tenants.views[TENANT] = replace(connector.ground.view, streams=frozenset())
    connector.engine.plan(TENANT)
    work(connector)
    assert families(connector)["items"]["complete"] is True
    connector.tenants.views[TENANT] = connector.ground.view
    connector.ground.feed.refusals[stream("supplier_items").path] = ExactRejected("no", status=403)
    connector.engine.plan(TENANT)
    work(connector)
    found = families(connector)["items"]
    assert (found["served"], found["complete"]) == (True, False)
    assert served(connector, "items") >= every_kind(connector, "items", stream("supplier_items").path)
