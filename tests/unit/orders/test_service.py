"""Taking orders in: the same order twice is one order, whatever the keys and however many post at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.errors import InvalidInput, NotConnected, NotFound, StoreUnavailable
from exact_connector.exactly_once.idempotency import body_hash
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.store import OrderStore, idempotency_keys
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.service import AcceptedOrder, OrderService, to_response
from exact_connector.storage.table import Action, TransactionCancelled
from fakes.tables import MemoryDatabase
from unit.orders.lifecycle.order_world import TENANT, World, assert_once, guid, order_body

NO_OBJECTS: dict[str, object] = {
    "an empty list": [],
    "a list of orders": [order_body(external_id="W1")],
    "a text": "order",
    "a number": 7,
    "a fraction": Decimal("1.5"),
    "null": None,
    "a boolean": True,
}


@pytest.fixture
def world() -> World:
    return World()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as caught:
        act()
    return caught.value.code


def test_the_same_key_and_body_give_the_same_order_again(world: World) -> None:
    first, again = world.post("k"), world.post("k")
    assert (first.replay, again.replay) == (False, True)
    assert again.record.order_id == first.record.order_id


def test_a_repetition_is_answered_even_when_the_order_would_not_pass_the_judgement_any_more(world: World) -> None:
    first = world.post("k")
    world.planner.check = refuse_all  # type: ignore[method-assign]
    assert world.post("k").record.order_id == first.record.order_id


def refuse_all(tenant: str, body: object, *, purchase: bool) -> Any:
    raise InvalidInput("the item is not active any more")


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    world.post("k")
    assert refused(lambda: world.post("k", reference="other")) == "IDEMPOTENCY_KEY_REUSED"


CANONICAL: dict[str, Any] = {
    "external_id": "E1",
    "customer_code": "52",
    "lines": [{"item_code": "100007", "quantity": 1, "net_price": "12.5"}],
}
OTHER_WRITINGS: dict[str, dict[str, Any]] = {
    "a zero behind a price": {"lines": [{"item_code": "100007", "quantity": 1, "net_price": "12.50"}]},
    "a quantity as a text": {"lines": [{"item_code": "100007", "quantity": "1", "net_price": 12.5}]},
    "a blank behind a code": {"lines": [{"item_code": "100007 ", "quantity": 1, "net_price": "12.5"}]},
    "an id as it came": {"external_id": " E1"},
    "empty fields": {"reference": "", "notes": None, "sales_rep": []},
}


@pytest.fixture
def taking(world: World) -> World:
    """A world whose judgement takes every order."""

    def take(tenant: str, body: object, *, purchase: bool) -> Any:
        return OrderKind.PURCHASE if purchase else OrderKind.ORDER, guid(101), ()

    world.planner.check = take  # type: ignore[method-assign]
    return world


@pytest.mark.parametrize("change", OTHER_WRITINGS.values(), ids=OTHER_WRITINGS.keys())
@pytest.mark.parametrize("stored", ["now", "before there were versions", "by an earlier version"])
def test_the_same_order_in_another_writing_is_a_replay(taking: World, change: dict[str, Any], stored: str) -> None:
    first = taking.service.accept(TENANT, CANONICAL, key=None).record
    if stored != "now":
        plain = body_hash(CANONICAL)
        known = f"1:{'0' * 64}:{plain}" if "earlier" in stored else plain
        (row,) = taking.rows("order#")
        taking.memory["orders"].put({**row, "body_hash": known})

    again = taking.service.accept(TENANT, {**CANONICAL, **change}, key=None)

    assert (again.replay, again.record.order_id) == (True, first.order_id)


def test_an_order_that_was_kept_under_its_id_as_it_was_written_is_found_again(taking: World) -> None:
    written = "A  B"
    taking.service.accept(TENANT, {**CANONICAL, "external_id": written}, key="k")

    assert taking.service.accept(TENANT, {**CANONICAL, "external_id": "A B"}, key=None).replay
    assert [record.external_id for record in taking.service.by_external_id(TENANT, written)] == ["A B"]
    assert taking.service.by_external_id(TENANT, " ") == []


def test_an_external_id_that_is_a_number_is_a_key(taking: World) -> None:
    first = taking.service.accept(TENANT, {**CANONICAL, "external_id": 4711}, key=None)

    assert taking.service.accept(TENANT, {**CANONICAL, "external_id": "4711"}, key=None).replay
    assert first.record.external_id == "4711"


def test_another_order_under_the_same_id_is_refused_in_any_writing(taking: World) -> None:
    taking.service.accept(TENANT, CANONICAL, key=None)
    more = {"lines": [{"item_code": "100007", "quantity": "2", "net_price": "12.50"}]}

    assert refused(lambda: taking.service.accept(TENANT, {**CANONICAL, **more}, key=None)) == "IDEMPOTENCY_KEY_REUSED"
    unreadable = {**CANONICAL, "currency": "euro"}
    assert refused(lambda: taking.service.accept(TENANT, unreadable, key=None)) == "IDEMPOTENCY_KEY_REUSED"


def test_an_external_id_alone_recognises_the_order(world: World) -> None:
    first, again = world.post(None, external_id="W1"), world.post(None, external_id="W1")
    assert (again.replay, again.record.order_id) == (True, first.record.order_id)


def test_an_order_without_any_key_is_refused_with_a_pointer(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.post(None)
    assert caught.value.faults[0].pointer == "/external_id"


@pytest.mark.parametrize("key", [None, "k"], ids=["without a key", "with a key"])
@pytest.mark.parametrize("purchase", [False, True], ids=["sales", "purchase"])
@pytest.mark.parametrize("body", NO_OBJECTS.values(), ids=NO_OBJECTS.keys())
def test_a_body_that_is_no_object_is_told_so_before_a_key_is_asked_for(
    world: World, body: object, purchase: bool, key: str | None
) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.service.accept(TENANT, body, key=key, purchase=purchase)
    (fault,) = caught.value.faults
    assert (caught.value.code, fault.pointer) == ("ORDER_VALIDATION", "")
    assert "JSON object" in fault.message
    assert world.rows() == []


def test_both_keys_of_one_order_find_it_each(world: World) -> None:
    first = world.post("k", external_id="W1")
    by_id = world.service.accept(TENANT, order_body(external_id="W1"), key=None)
    assert by_id.record.order_id == first.record.order_id


def test_keys_of_two_orders_do_not_agree(world: World) -> None:
    world.post("k1", external_id="W1")
    world.post("k2", external_id="W2")
    assert refused(lambda: world.post("k1", external_id="W2")) == "IDEMPOTENCY_KEYS_DISAGREE"


def test_a_second_key_under_which_an_order_was_repeated_means_that_order_from_then_on(world: World) -> None:
    first = world.post("k1", external_id="W1")
    assert world.post("k2", external_id="W1").record.order_id == first.record.order_id
    assert refused(lambda: world.post("k2", reference="another order")) == "IDEMPOTENCY_KEY_REUSED"


def test_a_sales_order_and_a_purchase_order_may_have_the_same_external_id(world: World) -> None:
    sale = world.service.accept(TENANT, order_body(external_id="1"), key=None)
    purchase = world.service.accept(TENANT, order_body(external_id="1"), key=None, purchase=True)
    assert sale.record.order_id != purchase.record.order_id


def test_a_key_of_a_sales_order_cannot_be_used_for_a_purchase_order(world: World) -> None:
    world.post("k")
    act = lambda: world.service.accept(TENANT, order_body(), key="k", purchase=True)  # noqa: E731
    assert refused(act) == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "é"], ids=["empty", "too long", "line end", "not ASCII"])
def test_a_key_that_is_not_printable_ascii_is_refused(world: World, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.post(key)
    assert caught.value.faults[0].pointer == "Idempotency-Key"


def test_an_order_that_does_not_fit_a_row_is_refused_before_anything_is_stored(world: World) -> None:
    noise = "".join(chr(33 + number * 7919 % 9973 % 90) + str(number * 104729 % 99991) for number in range(70_000))
    with pytest.raises(InvalidInput) as caught:
        world.post("k", notes=noise)
    assert caught.value.faults[0].code == "ORDER_TOO_LARGE"
    assert world.rows() == []


def test_a_tenant_that_is_not_linked_takes_no_orders(world: World) -> None:
    def unlinked(tenant: str) -> int:
        raise NotConnected("not linked")

    world.service._division = unlinked
    with pytest.raises(NotConnected):
        world.post()
    assert world.rows() == []


@pytest.mark.parametrize("same_body", [True, False], ids=["same order", "different orders"])
def test_five_posts_at_the_same_moment_under_one_key_are_one_order(same_body: bool) -> None:
    for _ in range(20):
        world = World()
        together = threading.Barrier(5)

        def post(number: int, world: World = world, together: threading.Barrier = together) -> AcceptedOrder | str:
            body = order_body() if same_body else order_body(reference=f"r{number}")
            service: OrderService = world.new_service()
            together.wait()
            try:
                return service.accept(TENANT, body, key="k")
            except InvalidInput as error:
                return error.code

        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(post, range(5)))
        accepted = [answer for answer in answers if not isinstance(answer, str)]
        assert len({answer.record.order_id for answer in accepted}) == 1
        assert sum(not answer.replay for answer in accepted) == 1
        assert len(accepted) == (5 if same_body else 1)
        assert {answer for answer in answers if isinstance(answer, str)} <= {"IDEMPOTENCY_KEY_REUSED"}
        world.settle()
        assert_once(world, accepted[0])


def test_posts_with_crossed_keys_at_the_same_moment_never_make_two_orders_of_one_external_id() -> None:
    for _ in range(20):
        world = World()
        together = threading.Barrier(4)

        def post(number: int, world: World = world, together: threading.Barrier = together) -> AcceptedOrder:
            service = world.new_service()
            together.wait()
            return service.accept(TENANT, order_body(external_id="W1"), key=f"k{number}")

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(post, range(4)))
        assert len({answer.record.order_id for answer in answers}) == 1


def test_waiting_inline_gives_exacts_number(world: World) -> None:
    order = world.post()
    record = world.service.wait(order.record, seconds=5, deadline=world.clock.now() + timedelta(seconds=100))
    assert (record.state, record.exact_number) == (State.SUBMITTED, "5001")


def test_an_inline_order_does_not_overtake_an_open_one_of_its_customer(world: World) -> None:
    world.exact.script = ["lost"]
    first = world.post("a")
    world.work()
    second = world.post("b")
    record = world.service.wait(second.record, seconds=3, deadline=world.clock.now() + timedelta(seconds=100))
    assert record.state is State.RECEIVED
    assert world.exact.posts == 1
    world.settle()
    assert_once(world, first, second)


def test_an_inline_order_waits_for_the_worker_that_has_the_lock(world: World) -> None:
    order = world.post()
    lease = world.lock.acquire(TENANT, order.record.division, "worker", world.clock.now())
    assert lease is not None
    before = world.clock.now()
    record = world.service.wait(order.record, seconds=3, deadline=before + timedelta(seconds=100))
    assert record.state is State.RECEIVED
    assert timedelta(seconds=3) <= world.clock.now() - before < timedelta(seconds=5)


def test_an_inline_post_is_not_begun_when_its_end_would_come_after_the_request(world: World) -> None:
    order = world.post()
    world.service.wait(order.record, seconds=3, deadline=world.clock.now() + timedelta(seconds=30))
    assert world.exact.posts == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"q": 2}, {"q": Decimal("2.0")}),
        ({"q": Decimal("1E+2")}, {"q": 100}),
        ([{"q": Decimal("2.50")}], [{"q": Decimal("2.5")}]),
    ],
    ids=["sequence of fields", "whole and fraction", "exponent", "trailing zero"],
)
def test_the_same_content_has_the_same_hash(one: object, other: object) -> None:
    assert body_hash(one) == body_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"q": 2}, {"q": "2"}),
        ({"q": 1}, {"q": True}),
        ({"q": None}, {}),
        ({"q": 10**30}, {"q": 10**30 + 1}),
        ([1, 2], [2, 1]),
    ],
    ids=["number and text", "number and flag", "null and absent", "large numbers", "sequence of lines"],
)
def test_other_content_has_another_hash(one: object, other: object) -> None:
    assert body_hash(one) != body_hash(other)


def test_a_hash_of_a_number_with_a_huge_exponent_is_quick() -> None:
    assert body_hash({"q": Decimal("1E+999999")}) != body_hash({"q": Decimal("1E+999998")})


class Busy:
    """A database whose transactions meet another one some times."""

    def __init__(self, conflicts: int) -> None:
        self.memory = MemoryDatabase()
        self.conflicts = conflicts

    def transact(self, actions: list[Action]) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise TransactionCancelled(())
        self.memory.transact(actions)


@pytest.mark.parametrize(("conflicts", "stored"), [(0, True), (5, True), (6, False)])
def test_a_transaction_that_meets_another_is_tried_again_but_not_for_ever(conflicts: int, stored: bool) -> None:
    world = World()
    order = world.post()
    busy = Busy(conflicts)
    store = OrderStore(busy, busy.memory["orders"], sleep=world.clock.sleep)  # type: ignore[arg-type]
    if stored:
        assert store.accept(order.record, ["key#1"]) == []
        assert store.get(TENANT, order.record.order_id) == order.record
    else:
        with pytest.raises(StoreUnavailable):
            store.accept(order.record, ["key#1"])


def test_an_order_id_given_out_twice_is_an_error_and_not_an_endless_loop(world: World) -> None:
    order = world.post("a")
    with pytest.raises(StoreUnavailable):
        world.store.accept(order.record, ["key#other"])


class Vanishing:
    """A database in which the tenant is removed at the moment in which another order has the key."""

    def __init__(self, world: World) -> None:
        self._world = world

    def transact(self, actions: Sequence[Action]) -> None:
        try:
            self._world.memory.transact(list(actions))
        except TransactionCancelled:
            self._world.store.delete_tenant_data(TENANT)
            raise


def test_an_order_whose_key_was_taken_by_one_that_is_gone_since_is_not_taken_for_stored(world: World) -> None:
    first = world.post("a")
    store = OrderStore(Vanishing(world), world.memory["orders"], sleep=world.clock.sleep)
    second = replace(first.record, record_id="o-second")
    with pytest.raises(StoreUnavailable, match="post it again"):
        store.accept(second, idempotency_keys("sales", "a", ()))
    assert world.rows() == []


class GoneMeanwhile(OrderStore):
    """A store whose tenant is removed while a further key is kept."""

    def remember_keys(self, record: OrderRecord, keys: Sequence[str]) -> None:
        self.delete_tenant_data(record.tenant)
        raise TransactionCancelled((0,))


def test_a_repetition_whose_order_is_gone_by_now_is_asked_to_come_again(world: World) -> None:
    world.post("a")
    world.store = GoneMeanwhile(world.memory, world.memory["orders"], sleep=world.clock.sleep)
    with pytest.raises(StoreUnavailable, match="post it again"):
        world.new_service().accept(TENANT, order_body(), key="a")


def test_what_is_shown_of_an_order_is_read_from_what_is_stored(world: World) -> None:
    order = world.post("k", external_id="W1")
    world.work()
    seen = to_response(world.service.get(TENANT, order.record.order_id))
    assert (seen["state"], seen["exact_number"], seen["external_id"]) == ("SUBMITTED", "5001", "W1")
    assert seen["next_try_at"] is None


def test_an_order_of_the_other_side_is_not_shown(world: World) -> None:
    order = world.post()
    with pytest.raises(InvalidInput):
        world.service.get(TENANT, order.record.order_id, purchase=True)
    with pytest.raises(NotFound):
        world.service.get(TENANT, "o-none")
