"""The whole client against the running sandbox: consent, pages, documents, files, webhooks, and the breaker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from exact_connector.clock import SystemClock
from exact_connector.errors import (
    EndpointParked,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
)
from exact_connector.exact.auth.oauth import TokenEndpoint
from exact_connector.exact.auth.token_manager import TokenKeeper
from exact_connector.exact.auth.token_store import ParameterTokenStore
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query, guid_literal, newer_than, record_path, text_literal
from exact_connector.exact.http.transport import HttpxSender
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, budget_key, read_windows
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.exact.webhooks import is_validation, subscribe, unsubscribe, verify
from fakes.ports import MemoryEvents, MemoryParameters
from fakes.sandbox_process import SandboxProcess, sandbox
from fakes.tables import MemoryDatabase


@dataclass
class Linked:
    """A tenant linked to the sandbox."""

    exact: SandboxProcess
    client: ExactClient
    database: MemoryDatabase
    keeper: TokenKeeper


@pytest.fixture(scope="module")
def site() -> Iterator[SandboxProcess]:
    with sandbox("--items", "1200", "--minute-limit", "600") as running:
        yield running


@pytest.fixture
def linked(site: SandboxProcess) -> Iterator[Linked]:
    site.disarm()
    clock, sender, database = SystemClock(), HttpxSender(), MemoryDatabase()
    keeper = TokenKeeper(
        "acme",
        database["control"],
        ParameterTokenStore(MemoryParameters(), "test"),
        TokenEndpoint(sender, clock),
        lambda connection: site.client,
        MemoryEvents(),
        clock,
    )
    connection: Connection = keeper.link(
        site.consent(clock, sender), base_url=site.base, client_id=site.client.client_id, division=site.division
    )
    budget = CallBudget(database["sync"], site.client.client_id, site.division, clock)
    errors = ErrorBudget(database["sync"], site.client.client_id, site.division, clock)
    with ExactClient(connection, keeper, budget, errors, sender, clock, purpose=Purpose.ORDERS) as client:
        yield Linked(site, client, database, keeper)
    sender.close()


ITEMS = Query("sync/Logistics/Items", select=("ID", "Code", "Timestamp"), filter=newer_than(1))


def test_every_item_is_read_once_over_two_pages(linked: Linked) -> None:
    pages = list(linked.client.pages(ITEMS))
    codes = [row["Code"] for page in pages for row in page.rows]
    assert len(pages) == 2
    assert len(codes) == len(set(codes)) == 1200


def test_a_page_that_is_cut_off_is_read_again_and_nothing_is_lost(linked: Linked) -> None:
    linked.exact.arm({"kind": "truncate", "match": "sync/Logistics/Items", "count": 1, "skip": 1})
    assert len(linked.client.rows(ITEMS)) == 1200


def test_the_balance_follows_exact_s_own_count(linked: Linked) -> None:
    linked.client.fetch(ITEMS)
    row = linked.database["sync"].get(budget_key(linked.exact.client.client_id, linked.exact.division))
    windows = read_windows(row)
    assert windows.minute_limit == 600
    assert windows.day_left <= 4999


def test_the_current_division_is_asked_without_an_administration(linked: Linked) -> None:
    (row,) = linked.client.fetch(Query("current/Me", select=("CurrentDivision",))).rows
    assert isinstance(row["CurrentDivision"], int)


def test_a_relation_is_created_found_by_its_code_changed_and_removed(linked: Linked) -> None:
    created = linked.client.create("crm/Accounts", {"Name": "O'Neill & Zoë", "Status": "C"}, record="test")
    key = str(created["ID"])
    assert created["Name"] == "O'Neill & Zoë"
    by_name = Query("crm/Accounts", select=("ID", "Code"), filter=f"Name eq {text_literal(str(created['Name']))}")
    (found,) = linked.client.rows(by_name)
    assert found["ID"] == key
    padded = text_literal(str(found["Code"]).rjust(18))
    by_code = Query("crm/Accounts", select=("ID",), filter=f"Code eq {padded}")
    assert [row["ID"] for row in linked.client.rows(by_code)] == [key]
    linked.client.change("crm/Accounts", key, {"Name": "Changed"})
    (row,) = linked.client.rows(Query(record_path("crm/Accounts", key), select=("Name",)))
    assert row["Name"] == "Changed"
    linked.client.remove("crm/Accounts", key)
    linked.client.remove("crm/Accounts", key)
    assert linked.client.rows(Query("crm/Accounts", select=("ID",), filter=f"ID eq {guid_literal(key)}")) == []


def test_a_refused_document_says_why_and_what_to_do(linked: Linked) -> None:
    with pytest.raises(ExactRejected) as caught:
        linked.client.create("salesorder/SalesOrders", {"SalesOrderLines": []})
    assert caught.value.exact_text
    assert caught.value.code != "EXACT_REJECTED"


def test_an_order_whose_answer_is_lost_is_in_doubt_and_sent_once(linked: Linked) -> None:
    accounts = linked.client.fetch(Query("sync/CRM/Accounts", select=("ID", "Status"), filter=newer_than(1))).rows
    items = Query("sync/Logistics/Items", select=("ID", "IsSalesItem"), filter=newer_than(1))
    item = next(row["ID"] for row in linked.client.fetch(items).rows if row["IsSalesItem"])
    customer = next(row["ID"] for row in accounts if row["Status"] == "C")
    before = linked.exact.http.get(linked.exact.base + "/sandbox/orders").json()["count"]
    linked.exact.arm({"kind": "drop", "match": "salesorder/SalesOrders", "method": "POST", "count": 1})
    with pytest.raises(ExactAnswerUnknown):
        linked.client.create(
            "salesorder/SalesOrders", {"OrderedBy": customer, "SalesOrderLines": [{"Item": item, "Quantity": 1}]}
        )
    assert linked.exact.http.get(linked.exact.base + "/sandbox/orders").json()["count"] == before + 1


def test_a_picture_comes_as_bytes(linked: Linked) -> None:
    rows = linked.client.fetch(Query("sync/Logistics/Items", select=("PictureUrl",), filter=newer_than(1))).rows
    url = next(str(row["PictureUrl"]) for row in rows if row["PictureUrl"] and "placeholder" not in row["PictureUrl"])
    found = linked.client.download(url)
    assert found.content_type.startswith("image/")
    assert len(found.body) > 100


def test_maintenance_is_unavailable_and_over_when_it_is_over(linked: Linked) -> None:
    linked.exact.arm({"kind": "status", "status": 503, "match": "sync/CRM"})
    query = Query("sync/CRM/Contacts", select=("ID",), filter=newer_than(1))
    with pytest.raises(ExactUnavailable):
        linked.client.fetch(query)
    linked.exact.disarm()
    assert linked.client.fetch(query).rows


def test_the_sixth_error_within_an_hour_stops_an_endpoint_while_others_go_on(linked: Linked) -> None:
    wrong = Query("crm/AccountClassifications", select=("NoSuchField",))
    for _ in range(6):
        with pytest.raises(ExactQueryRefused, match="fault of the connector"):
            linked.client.fetch(wrong)
    with pytest.raises(EndpointParked, match=r"\d00 "):
        linked.client.fetch(wrong)
    assert linked.client.fetch(ITEMS).rows


@dataclass
class Listener:
    """Keeps what is posted to it."""

    bodies: list[bytes] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening() -> Iterator[tuple[str, Listener]]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            listener.bodies.append(body)
            self.send_response(200)
            self.end_headers()
            if not is_validation(body):
                listener.came.set()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_subscription_is_validated_and_its_notifications_carry_a_good_signature(linked: Linked) -> None:
    secret = str(linked.exact.info()["apps"][0]["webhook_secret"])
    with listening() as (url, listener):
        first = subscribe(linked.client, "Accounts", url)
        assert subscribe(linked.client, "Accounts", url) == first
        assert [is_validation(body) for body in listener.bodies] == [True]
        created = linked.client.create("crm/Accounts", {"Name": "Notified"})
        assert listener.came.wait(20)
        notice = verify(listener.bodies[-1], secret)
        assert (notice.topic, notice.division, notice.key) == ("Accounts", linked.exact.division, str(created["ID"]))
        assert notice.client_id == linked.exact.client.client_id
        assert unsubscribe(linked.client, "Accounts") == 1
