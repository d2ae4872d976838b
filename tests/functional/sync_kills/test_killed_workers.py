"""Killing workers in the middle changes nothing in what is stored and served at the end."""

from __future__ import annotations

import base64
import random
import uuid
from pathlib import Path
from typing import Any

import pytest

from fakes.product import SandboxProcess, running_sandbox
from functional.sync_kills.workers import run, set_clock

pytestmark = pytest.mark.slow

ITEMS, KILLS, RATE = 3_000, 8, 15.0
DIVISION, MANY = 123456, 250
CALLS_LOST = 2
"""A kill loses the page that is being stored and the one that is fetched ahead meanwhile."""


def enlarge(exact: SandboxProcess) -> None:
    """Give an account more addresses than its document holds, an item notes larger than a row, and a price for each of
    many customers."""
    chance = random.Random(2)
    account = rows(exact, "Accounts", Status="C")[0]["ID"]
    item, other = rows(exact, "Items")[:2]
    for number in range(MANY):
        place = {"AddressLine1": f"{chance.randbytes(8).hex()}straat {number}", "City": "Delft", "Country": "NL "}
        key = {"ID": str(uuid.UUID(int=chance.getrandbits(128)))}
        exact.control("POST", f"/records/{DIVISION}/Addresses", {**key, **place, "Account": account, "Type": 4})
        price = {"Item": other["ID"], "ItemCode": other["Code"], "Price": 5 + number, "Quantity": 1, "Currency": "EUR"}
        customer = str(uuid.UUID(int=chance.getrandbits(128)))
        key = {"ID": str(uuid.UUID(int=chance.getrandbits(128)))}
        exact.control("POST", f"/records/{DIVISION}/SalesItemPrices", {**key, **price, "Account": customer})
    notes = base64.b64encode(chance.randbytes(450_000)).decode()
    exact.control("PATCH", f"/records/{DIVISION}/Items/{item['ID']}", {"Notes": notes})


def rows(exact: SandboxProcess, entity: str, **match: str) -> list[dict[str, Any]]:
    """Return rows of the company."""
    query = "&".join(f"{name}={value}" for name, value in match.items())
    return list(exact.control("GET", f"/records/{DIVISION}/{entity}?{query}")["records"])


def test_eight_killed_workers_end_in_the_state_of_an_undisturbed_run(tmp_path: Path) -> None:
    wide = ("--minute-limit", "100000", "--day-limit", "1000000", "--born", "2026-01-05")
    with running_sandbox("--items", str(ITEMS), "--customers", "60", "--orders", "30", *wide) as exact:
        clock = set_clock(exact, RATE, "2026-01-05T07:00:00Z")
        enlarge(exact)
        exact.control("PUT", "/latency", {"match": "/api/v1/", "ms": 200, "per_rows": 1000})
        calm = run(exact, clock, tmp_path / "calm.db", kills=0, pause=(0, 0))
        wild = run(exact, clock, tmp_path / "wild.db", kills=KILLS, pause=(0.1, 1.2))
    calls, more = sum(calm.calls.values()), sum(wild.calls.values())
    print(f"{calm.seconds:.0f} s and {calls} calls in peace, {wild.seconds:.0f} s and {more} with {wild.kills} kills")
    assert wild.kills == KILLS
    assert wild.documents == calm.documents
    assert wild.stored == calm.stored
    assert wild.served == calm.served
    assert (calm.faults, wild.faults) == (0, 0)
    assert calm.documents["doc#acme#_address"] >= MANY
    assert calm.documents["doc#acme#agreement"] >= MANY
    assert 0 < calls <= more <= calls + CALLS_LOST * KILLS
