"""The client: what it sends, what it repeats, and which error each trouble becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.errors import (
    BudgetExhausted,
    EndpointParked,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    NotConnected,
)
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, Sending, budget_key, read_windows
from exact_connector.exact.limits.error_budget import ErrorBudget
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase

BASE = "https://start.exactonline.nl"
ROOT = f"{BASE}/api/v1/123456/"
GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def page(*rows: Mapping[str, Any], following: str | None = None) -> HttpAnswer:
    data: dict[str, Any] = {"results": list(rows)}
    if following:
        data["__next"] = following
    return HttpAnswer(200, {}, json.dumps({"d": data}).encode())


def refusal(status: int, text: str = "") -> HttpAnswer:
    body = json.dumps({"error": {"code": "", "message": {"lang": "", "value": text}}}).encode() if text else b""
    return HttpAnswer(status, {}, body)


@dataclass
class Script:
    """Answers in the order in which the test wrote them down, and keeps what was sent."""

    answers: list[HttpAnswer | Exception]
    clock: ManualClock
    requests: list[HttpRequest] = field(default_factory=list)
    takes: float = 0.0

    def send(self, request: HttpRequest) -> HttpAnswer:
        self.requests.append(request)
        self.clock.sleep(self.takes)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Tokens:
    """A chain of access tokens; a refused one is followed by the next, if there is one."""

    chain: list[str]
    clock: ManualClock
    refusals: list[str] = field(default_factory=list)
    takes: float = 0.0

    def access_token(self, *, division: int | None = None) -> str:
        assert division == 123456
        if self.refusals:
            self.clock.sleep(self.takes)
        return self.chain[0]

    def refused(self, token: str) -> None:
        self.refusals.append(token)
        if len(self.chain) > 1:
            self.chain.pop(0)


class Ground:
    def __init__(self, *answers: HttpAnswer | Exception, tokens: list[str] | None = None) -> None:
        self.clock = ManualClock()
        self.table = MemoryDatabase()["sync"]
        self.exact = Script(list(answers), self.clock)
        self.tokens = Tokens(tokens or ["t1"], self.clock)
        self.connection = Connection("acme", BASE, "client", 123456)
        self.budget = CallBudget(self.table, "client", 123456, self.clock)
        self.errors = ErrorBudget(self.table, "client", 123456, self.clock)
        self.client = self.new_client(Purpose.SYNC)

    def new_client(self, purpose: Purpose, *, seconds: float = 120.0) -> ExactClient:
        return ExactClient(
            self.connection,
            self.tokens,
            self.budget,
            self.errors,
            self.exact,
            self.clock,
            purpose=purpose,
            seconds=seconds,
            monotonic=lambda: self.clock.now().timestamp(),
        )

    @property
    def sent(self) -> list[str]:
        return [f"{request.method} {request.url.removeprefix(ROOT)}" for request in self.exact.requests]


ITEMS = Query("sync/Logistics/Items", select=("ID",), filter="Timestamp gt 1L")


def test_a_page_is_read_with_token_and_the_query_s_headers() -> None:
    ground = Ground(page({"ID": "1"}))
    found = ground.client.fetch(Query("logistics/Items", headers={"CustomDescriptionLanguage": "EN"}))
    assert (found.rows, found.next_url) == ([{"ID": "1"}], None)
    (request,) = ground.exact.requests
    assert request.headers["Authorization"] == "Bearer t1"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["CustomDescriptionLanguage"] == "EN"


def test_pages_follow_exact_s_own_addresses() -> None:
    second = ROOT + "sync/Logistics/Items?$skiptoken=17L&$filter=Timestamp%20gt%201L"
    ground = Ground(page({"ID": "1"}, following=second), page({"ID": "2"}))
    assert ground.client.rows(ITEMS) == [{"ID": "1"}, {"ID": "2"}]
    assert ground.exact.requests[1].url == second


def test_a_cursor_goes_on_where_an_earlier_process_stopped() -> None:
    cursor = ROOT + "sync/Logistics/Items?$skiptoken=17L"
    ground = Ground(page({"ID": "2"}))
    assert ground.client.fetch(ITEMS, cursor).rows == [{"ID": "2"}]
    assert ground.exact.requests[0].url == cursor


def test_the_token_is_never_sent_to_another_site() -> None:
    evil = "https://evil.example/api/v1/123456/sync/Logistics/Items"
    ground = Ground(*[page({"ID": "1"}, following=evil)] * 3)
    with pytest.raises(ExactUnavailable):
        ground.client.fetch(ITEMS)
    with pytest.raises(ExactUnavailable):
        ground.client.fetch(ITEMS, evil)
    with pytest.raises(ExactRejected):
        ground.client.download("https://evil.example/picture.png")
    assert all(request.url.startswith(BASE) for request in ground.exact.requests)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(ExactUnavailable("reset"), id="a reset connection"),
        pytest.param(ExactUnavailable("refused", sent=False), id="a refused connection"),
        pytest.param(HttpAnswer(503, {}, b""), id="503"),
        pytest.param(HttpAnswer(408, {}, b""), id="408"),
        pytest.param(HttpAnswer(500, {}, b""), id="500 without a text"),
        pytest.param(HttpAnswer(200, {}, b'{"d":{"results":[{"ID":"1"},{"I'), id="a cut body"),
        pytest.param(HttpAnswer(200, {}, b"<html>"), id="a body that is no JSON"),
    ],
)
def test_reading_is_repeated_while_no_usable_answer_comes(trouble: HttpAnswer | Exception) -> None:
    ground = Ground(trouble, trouble, page({"ID": "1"}))
    assert ground.client.fetch(ITEMS).rows == [{"ID": "1"}]
    ground = Ground(trouble, trouble, trouble, page({"ID": "1"}))
    with pytest.raises(ExactUnavailable):
        ground.client.fetch(ITEMS)
    assert len(ground.exact.requests) == 3


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        pytest.param(refusal(400, "Verplicht: Artikel"), ExactRejected, "FIELD_MANDATORY", id="400"),
        pytest.param(refusal(403, "Forbidden - WrongDivision"), ExactRejected, "DIVISION_FORBIDDEN", id="403"),
        pytest.param(refusal(404), ExactRejected, "NOT_FOUND", id="404"),
        pytest.param(refusal(500, "Gegeven bestaat reeds."), ExactRejected, "ALREADY_EXISTS", id="500 business"),
        pytest.param(refusal(429), BudgetExhausted, "BUDGET_EXHAUSTED", id="429"),
    ],
)
def test_a_refused_call_is_not_repeated(answer: HttpAnswer, error: type[Exception], code: str) -> None:
    ground = Ground(answer)
    with pytest.raises(error) as caught:
        ground.client.fetch(ITEMS)
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert len(ground.exact.requests) == 1


def test_a_refusal_for_several_reasons_is_one_sentence_that_ends_once() -> None:
    ground = Ground(refusal(500, "Verplicht: Factuur voor\r\nGegeven bestaat reeds."))
    with pytest.raises(ExactRejected) as caught:
        ground.client.fetch(Query("logistics/Units"))
    assert "(500): Verplicht: Factuur voor; Gegeven bestaat reeds. " in caught.value.message
    assert caught.value.exact_text == "Verplicht: Factuur voor\r\nGegeven bestaat reeds."


def test_a_refusal_carries_exact_s_text_and_what_to_fix() -> None:
    ground = Ground(refusal(500, "Inkoopprijs niet gevonden"))
    with pytest.raises(ExactRejected, match="Give the item a purchase price") as caught:
        ground.client.create("purchaseorder/PurchaseOrders", {})
    assert (caught.value.status, caught.value.exact_text) == (500, "Inkoopprijs niet gevonden")


def test_a_create_posts_once_and_gives_the_entity_back() -> None:
    ground = Ground(HttpAnswer(201, {}, b'{"d":{"OrderID":"o1","OrderNumber":17}}'))
    body = {"Quantity": Decimal("2.50"), "Lines": [{"N": Decimal("3")}], "OrderDate": date(2026, 1, 29), "Naam": "Zoë"}
    assert ground.client.create("salesorder/SalesOrders", body) == {"OrderID": "o1", "OrderNumber": 17}
    (request,) = ground.exact.requests
    assert (request.method, request.url) == ("POST", ROOT + "salesorder/SalesOrders")
    assert request.headers["Prefer"] == "return=representation"
    assert json.loads(request.body or b"") == {
        "Quantity": 2.5,
        "Lines": [{"N": 3}],
        "OrderDate": "2026-01-29",
        "Naam": "Zoë",
    }


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(ExactUnavailable("reset"), id="a reset connection"),
        pytest.param(HttpAnswer(503, {}, b""), id="503"),
        pytest.param(HttpAnswer(504, {}, b"<html>"), id="504"),
        pytest.param(HttpAnswer(408, {}, b""), id="408"),
        pytest.param(HttpAnswer(500, {}, b""), id="500 without a text"),
        pytest.param(
            refusal(500, "A problem has occurred. The cause of this issue will be investigated as soon as possible."),
            id="500 with the general text",
        ),
        pytest.param(HttpAnswer(201, {}, b'{"d":{"OrderID":"o'), id="a cut body after 201"),
        pytest.param(HttpAnswer(302, {}, b""), id="a redirect"),
    ],
)
def test_a_create_whose_outcome_is_in_doubt_is_never_sent_again(trouble: HttpAnswer | Exception) -> None:
    ground = Ground(trouble, HttpAnswer(201, {}, b'{"d":{}}'))
    with pytest.raises(ExactAnswerUnknown, match="looked up"):
        ground.client.create("salesorder/SalesOrders", {})
    assert len(ground.exact.requests) == 1


def test_a_create_that_never_left_says_so() -> None:
    ground = Ground(ExactUnavailable("refused", sent=False))
    with pytest.raises(ExactUnavailable) as caught:
        ground.client.create("salesorder/SalesOrders", {})
    assert caught.value.sent is False


def test_a_change_puts_the_record() -> None:
    ground = Ground(HttpAnswer(204, {}, b""))
    ground.client.change("crm/Accounts", GUID, {"Name": "x"})
    assert ground.sent == [f"PUT crm/Accounts(guid'{GUID}')"]


@pytest.mark.parametrize("answer", [HttpAnswer(204, {}, b""), refusal(404)], ids=["removed", "gone already"])
def test_removing_ends_with_the_record_gone(answer: HttpAnswer) -> None:
    ground = Ground(answer)
    ground.client.remove("crm/Accounts", GUID)
    assert ground.sent == [f"DELETE crm/Accounts(guid'{GUID}')"]


def test_a_file_comes_with_its_type() -> None:
    ground = Ground(HttpAnswer(200, {"content-type": "image/png"}, b"\x89PNG"))
    found = ground.client.download(f"{BASE}/docs/SysAttachment.aspx?ID=1&_Division_=123456&Download=1")
    assert (found.body, found.content_type) == (b"\x89PNG", "image/png")
    assert ground.exact.requests[0].headers["Authorization"] == "Bearer t1"


@pytest.mark.parametrize("status", [403, 404])
def test_a_file_that_is_not_there_is_refused_though_the_answer_is_a_page(status: int) -> None:
    ground = Ground(HttpAnswer(status, {"content-type": "text/html"}, b"<html>not here</html>"))
    with pytest.raises(ExactRejected) as caught:
        ground.client.download(f"{BASE}/docs/SysAttachment.aspx?ID=1&_Division_=123456")
    assert caught.value.status == status


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda client: client.change("crm/Accounts", GUID, {}), id="a change"),
        pytest.param(lambda client: client.remove("crm/Accounts", GUID), id="a removal"),
    ],
)
def test_a_page_in_place_of_an_answer_to_a_write_leaves_doubt(send: Callable[[ExactClient], None]) -> None:
    ground = Ground(HttpAnswer(200, {}, b"<html>log in</html>"))
    with pytest.raises(ExactUnavailable) as caught:
        send(ground.client)
    assert caught.value.sent is True


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500])
def test_a_page_that_is_not_exact_s_own_never_judges_a_document(status: int) -> None:
    ground = Ground(HttpAnswer(status, {}, b"<html>proxy</html>"))
    with pytest.raises(ExactAnswerUnknown):
        ground.client.create("salesorder/SalesOrders", {})


@pytest.mark.parametrize("status", [400, 404])
def test_a_page_in_place_of_rows_is_asked_for_once_and_not_before_a_minute(status: int) -> None:
    ground = Ground(HttpAnswer(status, {}, b"<html>proxy</html>"))
    with pytest.raises(ExactUnavailable) as caught:
        ground.client.fetch(ITEMS)
    assert caught.value.retry_after == ground.clock.now() + timedelta(minutes=1)
    assert len(ground.exact.requests) == 1


def test_a_failure_in_unknown_words_carries_them_with_the_doubt() -> None:
    ground = Ground(refusal(500, "Timeout expired."))
    with pytest.raises(ExactAnswerUnknown, match="Timeout expired") as caught:
        ground.client.create("salesorder/SalesOrders", {})
    assert (caught.value.status, caught.value.exact_text) == (500, "Timeout expired.")


def test_a_refused_filter_is_a_fault_of_the_connector() -> None:
    ground = Ground(refusal(400, "Filtering on these fields is not supported: Account"))
    with pytest.raises(ExactQueryRefused, match="report it") as caught:
        ground.client.fetch(ITEMS)
    assert (caught.value.code, caught.value.status) == ("FILTER_REFUSED", 400)


@pytest.mark.parametrize(
    ("answer", "judges"),
    [
        pytest.param(refusal(500, "Geblokkeerd: Klant"), True, id="the record"),
        pytest.param(refusal(403, "Forbidden - Application Scope Violated."), False, id="the consent"),
        pytest.param(HttpAnswer(403, {"reason": "LicenseExpired"}, b""), False, id="the licence"),
    ],
)
def test_a_refusal_says_whether_it_judges_the_record(answer: HttpAnswer, *, judges: bool) -> None:
    with pytest.raises(ExactRejected) as caught:
        Ground(answer).client.create("salesorder/SalesOrders", {})
    assert caught.value.judges_record is judges


def test_a_refused_token_is_looked_up_anew_and_the_call_made_once_more() -> None:
    ground = Ground(refusal(401), page({"ID": "1"}), tokens=["t1", "t2"])
    assert ground.client.fetch(ITEMS).rows == [{"ID": "1"}]
    assert [request.headers["Authorization"] for request in ground.exact.requests] == ["Bearer t1", "Bearer t2"]


def test_a_refused_token_without_a_newer_one_is_not_hammered() -> None:
    ground = Ground(refusal(401), refusal(401))
    with pytest.raises(ExactUnavailable) as caught:
        ground.client.fetch(ITEMS)
    assert len(ground.exact.requests) == 1
    assert caught.value.retry_after is not None
    assert caught.value.sent is False


def test_a_post_whose_token_was_refused_was_not_carried_out_and_is_sent_again() -> None:
    ground = Ground(refusal(401), HttpAnswer(201, {}, b'{"d":{"ID":"1"}}'), tokens=["t1", "t2"])
    assert ground.client.create("crm/Accounts", {"Name": "x"}) == {"ID": "1"}


def test_six_errors_within_an_hour_stop_the_endpoint_before_exact_does() -> None:
    ground = Ground(*[refusal(404)] * 9)
    for _ in range(6):
        with pytest.raises(ExactRejected):
            ground.client.fetch(Query("crm/Accounts"))
    with pytest.raises(EndpointParked):
        ground.client.fetch(Query("crm/Accounts"))
    assert len(ground.exact.requests) == 6


def test_business_refusals_with_500_do_not_count_as_errors() -> None:
    ground = Ground(*[refusal(500, "Gegeven bestaat reeds.")] * 9)
    for _ in range(9):
        with pytest.raises(ExactRejected):
            ground.client.create("crm/Accounts", {})


def test_a_429_pauses_until_the_next_minute_for_everybody() -> None:
    ground = Ground(HttpAnswer(429, {}, b""))
    with pytest.raises(BudgetExhausted) as caught:
        ground.client.fetch(ITEMS)
    assert caught.value.retry_after is not None
    with pytest.raises(BudgetExhausted):
        CallBudget(ground.table, "client", 123456, ground.clock).take(Purpose.ORDERS)


def test_calls_without_an_administration_take_no_budget() -> None:
    class Spent:
        def take(self, purpose: Purpose, stream: str = "") -> Sending:
            raise BudgetExhausted("nothing is left")

        def observe(self, headers: Mapping[str, str], *, limited: bool = False, sending: Sending | None = None) -> None:
            raise AssertionError("such an answer has no limit headers")

        def refused(self, headers: Mapping[str, str]) -> BudgetExhausted:
            return BudgetExhausted("")

        def release_unused(self) -> None:
            return

    ground = Ground(HttpAnswer(200, {}, b'{"d":[{"CurrentDivision":1}]}'))
    client = ExactClient(
        ground.connection, ground.tokens, Spent(), ground.errors, ground.exact, ground.clock, purpose=Purpose.ADMIN
    )
    assert client.fetch(Query("current/Me")).rows == [{"CurrentDivision": 1}]
    with pytest.raises(BudgetExhausted):
        client.fetch(ITEMS)


def test_a_client_bounds_the_time_of_each_call() -> None:
    ground = Ground(page(), page())
    ground.client.fetch(ITEMS)
    ground.new_client(Purpose.ORDERS, seconds=8).fetch(ITEMS)
    assert [(each.timeout, each.total) for each in ground.exact.requests] == [(30, 120), (8, 8)]


@pytest.mark.parametrize(
    ("seconds", "sending", "token", "second"),
    [
        pytest.param(40, 0, 0, (30, 40), id="refused at once"),
        pytest.param(40, 7, 0, (30, 33), id="refused after seven seconds"),
        pytest.param(40, 7, 5, (28, 28), id="and the newer token took five"),
        pytest.param(8, 7.5, 0, (0.5, 0.5), id="refused shortly before the end"),
    ],
)
def test_a_call_sent_once_more_for_its_token_has_what_is_left_of_its_time(
    seconds: float, sending: float, token: float, second: tuple[float, float]
) -> None:
    ground = Ground(refusal(401), page(), tokens=["t1", "t2"])
    ground.exact.takes, ground.tokens.takes = sending, token
    ground.new_client(Purpose.ORDERS, seconds=seconds).fetch(ITEMS)
    assert (ground.exact.requests[1].timeout, ground.exact.requests[1].total) == second


@pytest.mark.parametrize(("sending", "token"), [(8, 0), (6, 2), (6, 60)], ids=["sending", "both", "the token"])
def test_a_post_is_not_sent_once_more_when_its_time_is_over_and_was_provably_not_carried_out(
    sending: float, token: float
) -> None:
    ground = Ground(refusal(401), HttpAnswer(201, {}, b'{"d":{}}'), tokens=["t1", "t2"])
    ground.exact.takes, ground.tokens.takes = sending, token
    with pytest.raises(ExactUnavailable) as caught:
        ground.new_client(Purpose.ORDERS, seconds=8).create("crm/Accounts", {"Name": "x"})
    assert caught.value.sent is False
    assert len(ground.exact.requests) == 1


def test_preparing_gets_the_token_and_sends_nothing() -> None:
    ground = Ground()
    ground.client.prepare()
    assert ground.sent == []


def test_closing_gives_unused_calls_back() -> None:
    ground = Ground(page({"ID": "1"}))
    with ground.client as client:
        client.fetch(ITEMS)
    windows = read_windows(ground.table.get(budget_key("client", 123456)))
    assert (windows.minute_left, windows.day_left) == (59, 4999)


def test_an_unlinked_tenant_sends_nothing() -> None:
    ground = Ground()
    unlinked = Connection("acme", "", "", None)
    client = ExactClient(
        unlinked, ground.tokens, ground.budget, ground.errors, ground.exact, ground.clock, purpose=Purpose.SYNC
    )
    with pytest.raises(NotConnected):
        client.fetch(ITEMS)


def test_messages_hold_no_token_and_no_filter_value() -> None:
    ground = Ground(refusal(400, "x"))
    with pytest.raises(ExactRejected) as caught:
        ground.client.fetch(Query("crm/Accounts", filter="Name eq 'Jansen'"))
    assert "t1" not in caught.value.message
    assert "Jansen" not in caught.value.message
