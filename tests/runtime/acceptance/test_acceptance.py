"""What must hold when processes die and networks fail: proven on the running product, with kill -9."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest

from runtime.acceptance.stack import DIVISION, Row, Stack, Tenant, wait_for

pytestmark = pytest.mark.slow

SYNC = ("sync_items.app", "sync_customers.app")
POST_ORDER = {"match": "SalesOrders$", "method": "POST"}


def test_what_is_served_is_what_exact_holds(undisturbed: Tenant, stack: Stack) -> None:
    items = {row["Code"].strip(): row for row in stack.exact_rows("Items") if row["IsSalesItem"]}
    served = {row["item_code"]: row for row in undisturbed.served("/v1/items")}
    assert served.keys() == items.keys()
    assert {code: row["description"] for code, row in served.items()} == {
        code: row["Description"].strip() for code, row in items.items()
    }
    counts = {kind: n for family in undisturbed.status()["families"] for kind, n in family["counts"].items()}
    assert (counts["item"], counts["unit"]) == (len(items), len(stack.exact_rows("Units")))


@dataclass(frozen=True)
class HardKill:
    """What was there when everything was killed: what was served, and the orders under way."""

    served: dict[str, list[Row]]
    posting: Row
    accepted: Row

    @property
    def orders(self) -> tuple[Row, Row]:
        """Both orders."""
        return self.posting, self.accepted


@pytest.fixture(scope="module")
def hard_kill(undisturbed: Tenant, stack: Stack) -> HardKill:
    """Kill the run while Exact works on one order and another was accepted; start it again.

    The orders wait for the lease of the dead process to end, so the tests of other things come before theirs.
    """
    before = HardKill(undisturbed.everything_served(), undisturbed.order("posting"), undisturbed.order("accepted"))
    stack.sandbox("POST", "/faults", {"kind": "delay", "delay_ms": 4_000, "count": 1, **POST_ORDER})
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(undisturbed.post, before.posting, wait=20)
        wait_for("the order to be on its way", lambda: _state(undisturbed, before.posting) == "SUBMITTING")
        assert undisturbed.post(before.accepted).status_code == 202
        stack.kill()
        with pytest.raises(httpx.TransportError):
            answer.result()
    stack.start()
    return before


def test_after_a_hard_kill_of_everything_the_state_is_there(hard_kill: HardKill, undisturbed: Tenant) -> None:
    assert undisturbed.ok("GET", "/v1/tenants/undisturbed")["connection"]["state"] == "CONNECTED"
    assert _without_stock(undisturbed.everything_served()) == _without_stock(hard_kill.served)


def test_after_the_restart_a_change_in_exact_still_arrives(
    hard_kill: HardKill, undisturbed: Tenant, stack: Stack
) -> None:
    row = next(row for row in stack.exact_rows("Items") if row["IsSalesItem"] and row["Code"].strip().isdigit())
    stack.sandbox("PATCH", f"/records/{DIVISION}/Items/{row['ID']}", {"Description": "na de herstart"})
    undisturbed.synchronise()
    path = f"/v1/items/{row['Code'].strip()}"
    wait_for("the change", lambda: undisturbed.ok("GET", path)["description"] == "na de herstart")


def test_workers_killed_again_and_again_end_in_the_same_stored_state(
    undisturbed: Tenant, hard_kill: HardKill, stack: Stack
) -> None:
    stack.sandbox("DELETE", "/counters")
    stack.sandbox("PUT", "/latency", {"match": ".", "ms": 250})
    disturbed = Tenant(stack, "disturbed")
    disturbed.link()
    moments: tuple[tuple[str, Callable[[], object]], ...] = (
        ("items being read", lambda: stack.calls("sync/Logistics/Items") >= 1),
        ("prices being read", lambda: stack.calls("SalesItemPrices") >= 2),
        ("addresses being read", lambda: stack.calls("sync/CRM/Addresses") >= 1),
        ("items being projected", lambda: disturbed.ok("GET", "/v1/items?limit=1")["items"]),
    )
    for what, moment in moments:
        wait_for(what, moment)
        _kill_at_work(stack, what)
    stack.sandbox("DELETE", "/latency")
    disturbed.wait_until_loaded()
    # Orders move stock: when the last one is in Exact, both read what changed in the meantime.
    for order in hard_kill.orders:
        undisturbed.settled(_order_id(undisturbed, order))
    for tenant in (disturbed, undisturbed):
        tenant.synchronise()
    wait_for("the same documents", lambda: disturbed.everything_served() == undisturbed.everything_served(), seconds=60)
    assert _counts(disturbed) == _counts(undisturbed)


def test_an_order_from_before_the_kill_is_in_exact_once(hard_kill: HardKill, undisturbed: Tenant) -> None:
    for order in hard_kill.orders:
        again = undisturbed.post(order)
        assert again.headers["Idempotent-Replay"] == "true"
        settled = undisturbed.settled(again.json()["order_id"])
        (row,) = undisturbed.in_exact(order["reference"])
        assert settled["exact_number"] == str(row["OrderNumber"])


@pytest.fixture
def without_faults(stack: Stack) -> Iterator[None]:
    yield
    stack.sandbox("DELETE", "/faults")


@pytest.mark.usefixtures("without_faults")
@pytest.mark.parametrize("lost", [False, True], ids=["answers arrive", "the answer is lost"])
def test_the_same_order_five_times_at_once_is_one_order(undisturbed: Tenant, stack: Stack, *, lost: bool) -> None:
    order = undisturbed.order(f"five at once, answer lost: {lost}")
    if lost:
        stack.sandbox("POST", "/faults", {"kind": "drop", "count": 1, **POST_ORDER})
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: undisturbed.post(order, wait=5), range(5)))
    assert {answer.status_code for answer in answers} <= {200, 201, 202}
    (order_id,) = {answer.json()["order_id"] for answer in answers}
    settled = undisturbed.settled(order_id)
    (row,) = undisturbed.in_exact(order["reference"])
    assert settled["exact_number"] == str(row["OrderNumber"])


def test_a_removed_tenant_leaves_no_row_in_any_table(stack: Stack) -> None:
    leaver = Tenant(stack, "leaver")
    leaver.link()
    leaver.wait_until_loaded()
    leaver.post(leaver.order("of the leaver"), wait=20)
    assert stack.rows_of("leaver")
    leaver.ok("DELETE", "/v1/tenants/leaver")
    assert stack.rows_of("leaver") == []


def _state(tenant: Tenant, order: Row) -> str | None:
    found = tenant.ok("GET", f"/v1/orders?external_id={order['external_id']}")["orders"]
    return found[0]["state"] if found else None


def _order_id(tenant: Tenant, order: Row) -> str:
    (found,) = tenant.ok("GET", f"/v1/orders?external_id={order['external_id']}")["orders"]
    return str(found["order_id"])


def _without_stock(served: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Leave out what an order moves; a run may have read it since."""
    moved = ("attributes", "last_available_stock")
    items = [{name: value for name, value in item.items() if name not in moved} for item in served["/v1/items"]]
    return {path: rows for path, rows in served.items() if path != "/v1/stock"} | {"/v1/items": items}


def _kill_at_work(stack: Stack, what: str) -> None:
    """Kill the workers until one of them died over its work."""
    before = stack.killed_at_work("sync-")
    wait_for(f"{what}, by a worker", lambda: stack.kill_workers(*SYNC) and stack.killed_at_work("sync-") > before)


def _counts(tenant: Tenant) -> dict[str, int]:
    return {kind: n for family in tenant.status()["families"] for kind, n in family["counts"].items()}
