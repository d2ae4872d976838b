"""The journal: what was answered survives a restart, also a hard kill; nothing else sneaks in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from exact_sandbox.admin.routes import replay_division
from exact_sandbox.clock import SandboxClock
from exact_sandbox.world.generate import build
from exact_sandbox.world.store import World
from functional.sandbox.data.worlds import SMALL, Office, counter_guids, still_clock

SIZES: dict[str, Any] = {"items": 60, "customers": 30, "orders": 5}


def open_world(folder: Path, **changes: Any) -> World:
    world = build(replace(SMALL, **SIZES, state_dir=str(folder), **changes), still_clock())
    world.restore()
    return world


def state(world: World) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted((row["Timestamp"], str(row)) for row in table.rows())
        for name, table in world.divisions[123456].tables.items()
        if len(table)
    }


def test_changes_are_there_again_after_a_restart(tmp_path: Path) -> None:
    office = Office(open_world(tmp_path))
    order = office.order({"Item": office.item()["ID"], "Quantity": 2})
    account = office.post("Accounts", {"Name": "Nieuw – ünïcode"})
    office.remove("Accounts", account["ID"])
    office.put("SalesOrders", order["OrderID"], {"Description": "later"})
    office.world.journal.close()
    again = open_world(tmp_path)
    assert state(again) == state(office.world)
    assert again.divisions[123456].version == office.division.version
    assert again.posted == office.world.posted
    again.journal.close()


def test_the_next_order_number_goes_on_after_a_restart(tmp_path: Path) -> None:
    office = Office(open_world(tmp_path))
    first = office.order({"Item": office.item()["ID"]})
    office.world.journal.close()
    again = Office(open_world(tmp_path))
    assert again.order({"Item": again.item()["ID"]})["OrderNumber"] == first["OrderNumber"] + 1
    again.world.journal.close()


def test_a_late_commit_is_still_pending_after_a_restart(tmp_path: Path) -> None:
    office = Office(open_world(tmp_path))
    body = {"OrderedBy": office.customer()["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]}
    order = office.post("SalesOrders", body, late_s=4)
    office.world.journal.close()
    again = open_world(tmp_path)
    orders = again.divisions[123456].table("SalesOrders")
    assert orders.get(order["OrderID"]) is None
    cast(SandboxClock, again.clock).advance(4)
    assert (orders.get(order["OrderID"]) or {})["OrderNumber"] == order["OrderNumber"]
    again.journal.close()


def test_other_parts_see_their_own_events_again(tmp_path: Path) -> None:
    world = open_world(tmp_path)
    world.record("oauth", {"token": "t1"})
    world.record("oauth", {"token": "t2"})
    world.journal.close()
    world = build(replace(SMALL, **SIZES, state_dir=str(tmp_path)), still_clock())
    seen: list[Any] = []
    world.replayers["oauth"] = seen.append
    world.restore()
    assert seen == [{"token": "t1"}, {"token": "t2"}]
    world.journal.close()


def test_a_moved_company_is_the_same_after_a_restart(tmp_path: Path) -> None:
    office = Office(open_world(tmp_path))
    office.order({"Item": office.item()["ID"]})
    event = {"code": 123456, "changes": {"DivisionMoveDate": "2026-06-15"}}
    office.world.record("division", event)
    replay_division(office.world, event)
    office.order({"Item": office.item()["ID"]})
    office.world.journal.close()
    again = open_world(tmp_path)
    assert state(again) == state(office.world)
    assert again.divisions[123456].info == office.division.info
    again.journal.close()


def test_a_torn_last_line_is_ignored_and_written_over(tmp_path: Path) -> None:
    office = Office(open_world(tmp_path))
    office.post("Costcenters", {"Code": "A1", "Description": "eerste"})
    office.world.journal.close()
    path = tmp_path / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"d":123456,"ops":[{"table":"Cost')
    again = Office(open_world(tmp_path))
    again.post("Costcenters", {"Code": "A2", "Description": "tweede"})
    again.world.journal.close()
    third = open_world(tmp_path)
    codes = {row["Code"] for row in third.divisions[123456].table("Costcenters").rows()}
    assert {"A1", "A2"} <= codes
    third.journal.close()


def test_a_journal_of_another_seed_is_refused_with_what_to_do(tmp_path: Path) -> None:
    open_world(tmp_path).journal.close()
    other = build(replace(SMALL, **{**SIZES, "items": 61}, state_dir=str(tmp_path)), still_clock())
    with pytest.raises(RuntimeError, match="same seed and sizes"):
        other.restore()


def test_day_one_is_remembered_so_that_the_company_is_the_same_tomorrow(tmp_path: Path) -> None:
    first = build(replace(SMALL, **SIZES, state_dir=str(tmp_path), born=None), still_clock())
    first.restore()
    first.journal.close()
    clock = still_clock()
    clock.advance(3 * 86400)
    again = build(replace(SMALL, **SIZES, state_dir=str(tmp_path), born=None), clock, guids=counter_guids())
    again.restore()
    assert state(again) == state(first)
    again.journal.close()


WRITER = """
import sys
from pathlib import Path
from functional.sandbox.data.test_journal import open_world
from functional.sandbox.data.worlds import Office
office = Office(open_world(Path(sys.argv[1])))
item = office.item()["ID"]
while True:
    print(office.order({"Item": item, "Quantity": 1})["OrderNumber"], flush=True)
"""


def test_every_answered_order_survives_a_hard_kill(tmp_path: Path) -> None:
    path = os.pathsep.join(sys.path)
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": path}
    )
    assert process.stdout is not None
    with process.stdout:
        answered = [int(process.stdout.readline()) for _ in range(25)]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    process.wait()
    answered += [int(line) for line in rest.split("\n")[:-1]]
    world = open_world(tmp_path)
    numbers = {row["OrderNumber"] for row in world.divisions[123456].table("SalesOrders").rows()}
    assert set(answered) <= numbers
    lines = world.divisions[123456].table("SalesOrderLines")
    for number in answered:
        assert len(lines.lookup("OrderNumber", number) or []) == 1
    world.journal.close()
