"""The engine: planning, dispatching, following up, an administrator's requests, and what a person sees."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exact_connector.clock import EXACT_ZONE, from_text, to_text
from exact_connector.documents.models.sync import FamilyState
from exact_connector.errors import BudgetExhausted, ExactRejected, InvalidInput, ReauthorizationRequired
from exact_connector.storage.table import Key
from exact_connector.sync.control import SyncControl
from exact_connector.sync.dispatch import Hint, in_turn, worth_sending
from exact_connector.sync.extraction import named
from exact_connector.sync.extraction.runs import until_night
from exact_connector.sync.forecast import Volumes, forecast
from exact_connector.sync.ports import TenantView
from exact_connector.sync.results import Poison
from exact_connector.sync.streams.catalogue import BASE, DELETIONS, STREAMS, Worker, stream, wanted
from unit.sync.engine_model import ITEM_KINDS, REQUIRING, Connector, Tenants
from unit.sync.sync_model import TENANT, guid

ITEMS = "sync/Logistics/Items"
PRICES = "sync/Logistics/SalesItemPrices"
STANDARD = "bulk/Logistics/Items"


@pytest.fixture
def connector() -> Connector:
    connector = Connector()
    for number in range(3):
        connector.ground.feed.put(ITEMS, guid(number), Code=f"A{number}")
    return connector


def control(connector: Connector) -> SyncControl:
    return SyncControl(connector.engine, {"items": ITEM_KINDS}, connector.ground.clock)


def messages(connector: Connector) -> list[str]:
    found = [body["stream"] for queue in connector.queues.values() for _, body in queue.messages]
    for queue in connector.queues.values():
        queue.messages.clear()
    return found


def test_planning_creates_the_base_streams_and_those_of_the_settings(connector: Connector) -> None:
    connector.tenants.views[TENANT] = replace(
        connector.ground.view, streams=frozenset({"price_lists", "item_texts:DE", "not_a_stream"})
    )
    assert set(connector.engine.plan(TENANT)) == BASE | {"price_lists", "item_texts:DE"}


def test_a_stream_that_is_needed_no_more_is_switched_off_and_comes_back(connector: Connector) -> None:
    with_lists = replace(connector.ground.view, streams=frozenset({"price_lists"}))
    connector.tenants.views[TENANT] = with_lists
    connector.engine.plan(TENANT)
    connector.tenants.views[TENANT] = connector.ground.view
    connector.engine.plan(TENANT)
    assert connector.message("price_lists").chunk is not None
    assert connector.ground.checkpoint("price_lists").status == "off"
    connector.tenants.views[TENANT] = with_lists
    connector.engine.plan(TENANT)
    assert connector.ground.checkpoint("price_lists").due_at == connector.ground.clock.now()


def test_what_is_due_goes_to_the_queue_of_its_worker(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    connector.engine.dispatch(connector.ground.clock.now())
    assert {body["stream"] for _, body in connector.queues["customers"].messages} >= {"accounts", "contacts"}
    assert {body["stream"] for _, body in connector.queues["items"].messages} >= {"items", "deleted", "stock"}
    assert {group for group, _ in connector.queues["items"].messages} == {TENANT}


def test_what_was_sent_is_sent_again_only_after_a_while(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    clock = connector.ground.clock
    sent = connector.engine.dispatch(clock.now())
    assert connector.engine.dispatch(clock.now() + timedelta(seconds=60)) == 0
    assert connector.engine.dispatch(clock.now() + timedelta(seconds=121)) == sent


def test_messages_alone_bring_a_tenant_up_to_date(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    for _ in range(4):
        connector.engine.dispatch(connector.ground.clock.now())
        for name in messages(connector):
            connector.message(name)
        connector.ground.clock.advance(150)
    assert connector.documents() == connector.expected()


@pytest.mark.parametrize(
    ("row", "worth"),
    [
        pytest.param({"due_at": "2026-03-02T09:00:00.000000Z"}, True, id="never sent"),
        pytest.param({"due_at": "2026", "lease_until": "2026-03-02T09:01:00.000000Z"}, False, id="somebody is at it"),
        pytest.param({"due_at": "2026", "lease_until": "2026-03-02T08:59:00.000000Z"}, True, id="a dead lease"),
        pytest.param(
            {"due_at": "2026-03-02T08:59:50.000000Z", "hinted_at": "2026-03-02T08:59:55.000000Z"},
            False,
            id="sent a moment ago",
        ),
        pytest.param(
            {"due_at": "2026-03-02T08:59:59.000000Z", "hinted_at": "2026-03-02T08:59:55.000000Z"},
            True,
            id="due again since it was sent",
        ),
    ],
)
def test_a_due_row_is_worth_a_message(connector: Connector, row: dict[str, Any], worth: bool) -> None:
    assert worth_sending(row, connector.ground.clock.now()) is worth


def test_every_tenant_has_its_first_turn_before_any_has_its_second() -> None:
    def hints(tenant: str, count: int) -> list[Hint]:
        return [Hint(tenant, f"s{number}", Worker.ITEMS, Key("p", "s"), "") for number in range(count)]

    turns = in_turn([*hints("big", 30), *hints("small", 2)], per_tenant=5)
    assert [each.tenant for each in turns] == ["big", "small", "big", "small", "big", "big", "big"]


def test_a_message_for_a_tenant_that_left_takes_its_row_out_of_the_index(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    connector.tenants.views.clear()
    connector.message("items")
    rows = connector.ground.database["sync"].due("sync", "9999", limit=1000)
    assert (f"stream#{TENANT}", "items") not in {(row["pk"], row["sk"]) for row in rows}


def test_a_reconnection_wakes_what_a_dead_connection_parked(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    connector.ground.feed.refusals[ITEMS] = ReauthorizationRequired("consent again")
    connector.message("items")
    assert connector.ground.checkpoint("items").due_at is None
    connector.ground.feed.refusals.clear()
    connector.engine.plan(TENANT)
    connector.message("items")
    assert connector.ground.checkpoint("items").status == "idle"


def test_a_stream_that_exact_refuses_does_not_hold_the_family_up(connector: Connector) -> None:
    connector.tenants.views[TENANT] = replace(connector.ground.view, streams=frozenset({"supplier_items"}))
    connector.engine.plan(TENANT)
    connector.ground.feed.faults = [ExactRejected("no right to read", status=403)]
    connector.message("supplier_items")
    for each in wanted(()):
        connector.message(each.name)
    assert connector.documents() == connector.expected()


def test_the_division_is_read_before_the_first_run_of_a_stream_with_row_versions(connector: Connector) -> None:
    connector.ground.feed.put("system/Divisions", "123456", Code=123456, DivisionMoveDate="/Date(1600000000000)/")
    connector.engine.plan(TENANT)
    connector.message("items")
    assert connector.ground.feed.calls[0].startswith("system/Divisions")
    assert connector.ground.checkpoint("items").moved == connector.ground.checkpoint("division").moved
    connector.load()
    connector.again("items")
    assert connector.ground.checkpoint("items").generation == 1
    assert sum(call.startswith("system/Divisions") for call in connector.ground.feed.calls) == 1


def test_a_division_that_exact_refuses_stops_no_other_stream(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    connector.ground.feed.refusals["system/Divisions"] = ExactRejected("no right to read", status=403)
    connector.message("items")
    assert connector.ground.checkpoint("division").status == "parked"
    assert connector.ground.checkpoint("items").status == "idle"


def test_a_worker_waits_a_moment_for_the_division_that_another_one_reads(connector: Connector) -> None:
    def meanwhile(path: str) -> None:
        if path == "system/Divisions":
            connector.message("items", engine=other)

    other = connector.process("other")
    connector.engine.plan(TENANT)
    connector.ground.feed.before_fetch = meanwhile
    connector.message("division")
    assert 0 < sum(connector.ground.clock.slept) < 30
    assert connector.ground.checkpoint("items").status == "idle"


@pytest.fixture
def priceless(connector: Connector) -> Connector:
    """The first item has a price row, the other two have only the standard price on the item itself."""
    connector.projection = REQUIRING
    connector.engine = connector.process("w2")
    connector.ground.feed.put(PRICES, guid(0, 1), Item=guid(0), Price=5)
    for number in range(3):
        connector.ground.feed.put(STANDARD, guid(number), StandardSalesPrice=10 + number)
    return connector


def asked(connector: Connector) -> list[list[str]]:
    """The items that each call for standard prices named."""
    calls = [call for call in connector.ground.feed.calls if call.startswith(STANDARD)]
    return [re.findall(r"guid'([^']+)'", call) for call in calls]


def test_the_standard_price_is_read_at_once_for_the_items_without_a_price_row_and_for_no_other(
    priceless: Connector,
) -> None:
    priceless.load()
    assert asked(priceless) == [[guid(1), guid(2)]]
    assert priceless.documents() == priceless.expected()
    priceless.engine.plan(TENANT)
    assert priceless.ground.checkpoint("standard_prices").status == "idle"


def test_it_is_read_again_only_for_an_item_that_changed(priceless: Connector) -> None:
    priceless.load()
    priceless.ground.feed.put(STANDARD, guid(2), StandardSalesPrice=99)
    priceless.ground.feed.put(ITEMS, guid(2), Description="dearer")
    priceless.again()
    priceless.again("standard_prices")
    assert asked(priceless) == [[guid(1), guid(2)], [guid(2)]]
    assert priceless.documents() == priceless.expected()


def test_settings_that_change_while_a_worker_is_on_its_way_to_project_are_projected(connector: Connector) -> None:
    class ChangedInBetween(Tenants):
        """The settings change, and a projection with them is asked for, just after the worker looked."""

        pending = True

        def view(self, tenant: str) -> TenantView | None:
            found = super().view(tenant)
            if self.pending:
                self.pending = False
                connector.settings("new")
                other.plan(TENANT)
            return found

    connector.load()
    other = connector.process("other")
    connector.tenants = ChangedInBetween(connector.tenants.views)
    connector.engine = connector.process("w2")
    connector.message("projection:items")
    assert connector.documents() == connector.expected()
    assert {each["context"] for each in connector.documents().values()} == {"new []"}


def test_a_button_makes_the_streams_due_that_documents_showed_to_be_needed(priceless: Connector) -> None:
    priceless.load()
    assert "standard_prices" in control(priceless).start(TENANT, "items", full=False)["streams"]


def test_an_item_whose_price_row_ends_gets_its_standard_price(priceless: Connector) -> None:
    priceless.load()
    priceless.ground.feed.delete(PRICES, guid(0, 1))
    priceless.again("deleted")
    assert asked(priceless)[1:] == [[guid(0)]]
    assert priceless.documents() == priceless.expected()


def test_an_item_that_exact_does_not_return_is_not_asked_for_again_and_again(priceless: Connector) -> None:
    del priceless.ground.feed.tables[STANDARD][guid(1)]
    priceless.load()
    priceless.settings("other")
    priceless.engine.plan(TENANT)
    priceless.message("projection:items")
    assert asked(priceless) == [[guid(1), guid(2)]]


def test_no_call_is_left_for_the_standard_prices_so_they_are_read_later(priceless: Connector) -> None:
    def empty(path: str) -> None:
        if path == STANDARD:
            raise BudgetExhausted("the minute's calls are used up", retry_after=later)

    later = priceless.ground.clock.now() + timedelta(hours=1)
    priceless.ground.feed.before_fetch = empty
    priceless.load()
    assert priceless.ground.checkpoint("standard_prices").due_at == later
    priceless.ground.feed.before_fetch = None
    priceless.ground.clock.advance(3_600)
    priceless.message("standard_prices")
    assert priceless.documents() == priceless.expected()


def test_the_filter_of_many_items_is_split_over_calls_that_exact_takes(connector: Connector) -> None:
    ids = [guid(number) for number in range(170)]
    groups = list(named.calls(stream("standard_prices"), ids))
    assert [each for group, _ in groups for each in group] == ids
    assert len(groups) == 3
    assert all(len(query.url("https://start.exactonline.nl", 123456)) < 6_000 for _, query in groups)


def test_the_light_is_grey_then_red_then_blue_with_counts_and_the_last_run(connector: Connector) -> None:
    desk = control(connector)

    def items() -> FamilyState:
        return next(each for each in desk.status(TENANT)["families"] if each["family"] == "items")

    connector.engine.plan(TENANT)
    assert items()["light"] == "grey"
    connector.message("items")
    assert items()["light"] == "red"
    for each in wanted(()):
        connector.message(each.name)
    assert items()["light"] == "blue"
    assert items()["counts"] == {"item": 3}
    assert items()["last_run_at"] == to_text(connector.ground.clock.now())


def test_a_parked_stream_shows_its_reason(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.faults = [ExactRejected("Forbidden - Application Scope Violated", status=403)]
    connector.again("items")
    shown = control(connector).status(TENANT)
    assert next(each for each in shown["families"] if each["family"] == "items")["light"] == "orange"
    reason = next(each for each in shown["streams"] if each["name"] == "items")["reason"]
    assert reason is not None
    assert reason.startswith("Forbidden")


def test_what_is_wrong_in_the_settings_is_never_crowded_out_of_the_report(connector: Connector) -> None:
    reports, now = connector.engine.extractor.reports, connector.ground.clock.now()
    reports.add(TENANT, "customers", [Poison(f"c{number}", "ODD", "odd") for number in range(80)], now)
    reports.add(TENANT, "reference", [Poison("VatLiableCode", "CONFIG_UNKNOWN_VAT_CODE", "no such code")], now)
    shown = control(connector).status(TENANT)["skipped_records"]
    assert len(shown) == 50
    assert shown[0]["key"] == "VatLiableCode"


def test_a_button_makes_a_family_due_with_its_reference_lists(connector: Connector) -> None:
    connector.load()
    started = control(connector).start(TENANT, "items", full=False)
    assert set(started["streams"]) >= {"deleted", "items", "sales_prices", "stock", "units", "vat_codes"}
    assert "accounts" not in started["streams"]


def test_a_full_load_can_be_asked_for_by_family(connector: Connector) -> None:
    connector.load()
    control(connector).start(TENANT, "items", full=True)
    connector.message("items")
    assert connector.ground.checkpoint("items").generation == 2


def test_a_family_can_be_paused_and_resumed(connector: Connector) -> None:
    connector.load()
    desk = control(connector)
    desk.control(TENANT, "customers", "pause")
    connector.message("accounts")
    assert connector.ground.checkpoint("accounts").status == "paused"
    assert "accounts" not in connector.engine.make_due(TENANT, ["accounts"])
    desk.control(TENANT, "customers", "resume")
    connector.message("accounts")
    assert connector.ground.checkpoint("accounts").status == "idle"


def test_a_paused_family_does_not_look_up_to_date(connector: Connector) -> None:
    def shown(family: str) -> FamilyState:
        kinds = {"items": ITEM_KINDS, "customers": frozenset({"customer"})}
        found = SyncControl(connector.engine, kinds, connector.ground.clock).status(TENANT)
        return next(each for each in found["families"] if each["family"] == family)

    connector.load()
    desk = control(connector)
    desk.control(TENANT, "items", "pause")
    for name in ("items", "stock", "sales_prices"):
        connector.message(name)
    assert (shown("items")["light"], shown("items")["complete"], shown("items")["served"]) == ("orange", False, True)
    assert "paused" in (shown("items")["reason"] or "")
    desk.control(TENANT, "items", "resume")
    for each in wanted(()):
        connector.message(each.name)
    assert (shown("items")["light"], shown("items")["complete"], shown("items")["reason"]) == ("blue", True, None)


def test_a_family_that_waits_for_the_next_day_says_so(connector: Connector) -> None:
    later = connector.ground.clock.now() + timedelta(hours=5)
    connector.ground.feed.refusals[ITEMS] = BudgetExhausted("the day's calls are used up", retry_after=later)
    connector.load()
    found = next(each for each in control(connector).status(TENANT)["families"] if each["family"] == "items")
    assert (found["light"], found["served"]) == ("orange", False)
    assert to_text(later) in (found["reason"] or "")


@pytest.mark.parametrize(("family", "action"), [("items", "explode"), ("nothing", "pause")])
def test_an_unknown_request_is_refused_with_what_is_known(connector: Connector, family: str, action: str) -> None:
    with pytest.raises(InvalidInput, match=r"use pause|known are"):
        control(connector).control(TENANT, family, action)


def test_deleting_a_tenant_leaves_nothing_of_it(connector: Connector) -> None:
    connector.load()
    assert control(connector).delete_tenant_data(TENANT)["rows"] > 10
    left = [row for name in ("sync", "records", "catalog") for row in connector.ground.database[name].all_rows()]
    assert left == []


def test_another_administration_starts_from_scratch(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.tables.clear()
    connector.ground.feed.put(ITEMS, guid(70), Code="B1")
    control(connector).linked(TENANT, from_scratch=True)
    for each in wanted(()):
        connector.message(each.name)
    assert set(connector.documents()) == {"B1"}


def test_the_default_settings_are_forecast_to_fit_the_day() -> None:
    rows = {"items": 5_000, "sales_prices": 6_000, "stock": 15_000, "vat_codes": 30}
    found = forecast(wanted(()), {}, Volumes(rows, {"stock": 4_000}, orders_per_day=100))
    assert found.fits
    assert 600 < found.total < 1_500


def test_a_forecast_says_when_the_day_does_not_suffice() -> None:
    found = forecast(wanted({"planning_details"}), {"planning_details": 900}, Volumes({"planning_details": 20_000}))
    assert not found.fits


def test_a_forecast_reaches_the_administrator(connector: Connector) -> None:
    connector.load()
    shown = control(connector).forecast(TENANT)
    assert shown["fits"] is True
    assert shown["streams"]["items"] >= 96


def test_streams_have_unique_kinds_and_deletion_numbers() -> None:
    kinds = [target for each in STREAMS.values() for target in each.targets]
    numbers = [each.entity_type for each in STREAMS.values() if each.entity_type is not None]
    assert len(set(kinds)) == len(kinds)
    assert len(set(numbers)) == len(numbers)
    assert wanted(())[0] is DELETIONS


def test_item_texts_are_a_stream_per_language() -> None:
    german = stream("item_texts:DE")
    assert (german.kind, german.language) == ("item_text.DE", "DE")


@pytest.mark.parametrize(
    "now", ["2026-03-02T09:00:00Z", "2026-03-02T00:30:00Z", "2026-03-28T23:30:00Z", "2026-10-24T23:30:00Z"]
)
def test_daily_streams_are_read_at_night_and_not_all_at_once(now: str) -> None:
    moment = from_text(now)
    found = {moment + timedelta(seconds=until_night(moment, f"{number} units")) for number in range(50)}
    assert all(moment < each <= moment + timedelta(hours=26) for each in found)
    assert all(1 <= each.astimezone(EXACT_ZONE).hour <= 4 for each in found)
    assert len(found) > 40
