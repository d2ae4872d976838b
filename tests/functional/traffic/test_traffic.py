"""What leaves the product in a company's whole life: calls as Exact takes them, and nobody's secrets in logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from exact_connector.orders.model.kinds import DOCUMENTS
from exact_connector.sync.streams.catalogue import STREAMS
from fakes.product import CLIENT_SECRET, OPERATOR_KEY, WEBHOOK_SECRET
from functional.traffic.life import NEW_CUSTOMER, PERSON, PLACE, Life, lived, posted
from unit.exact.http.exact_rules import faults_of_request

pytestmark = pytest.mark.slow

KINDS = ("order", "quotation", "invoice", "live stock", "return", "purchase")
# Read for options and settings that do not go together with those of the company.
NOT_WANTED_TOGETHER = {
    "bank_accounts",
    "classification_names",
    "currencies",
    "extra_fields",
    "gl_accounts",
    "goods_deliveries",
    "goods_delivery_lines",
    "journals",
    "linked_accounts",
    "sales_invoices",
    "shipping_methods",
    "costcenters",
    "costunits",
}


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    """One company's life."""
    with lived() as found:
        yield found


def test_every_call_to_exact_is_one_that_exact_takes(life: Life) -> None:
    base = life.company.sandbox.base
    found = {
        f"{request.method} {urlsplit(request.url).path}: {fault}"
        for request in life.sender.requests
        for fault in faults_of_request(request, base)
    }

    assert sorted(found) == []


def test_every_stream_of_the_company_and_every_kind_of_document_was_among_the_calls(life: Life) -> None:
    called = {(request.method, urlsplit(request.url).path.partition("123456/")[2]) for request in life.sender.requests}

    assert {("POST", each.path) for each in DOCUMENTS.values()} <= called
    assert {("POST", path) for path in ("crm/Accounts", "crm/Addresses", "crm/Contacts")} <= called
    assert {("GET", STREAMS[name].path) for name in STREAMS.keys() - NOT_WANTED_TOGETHER} <= called


@pytest.mark.parametrize("name", KINDS)
def test_a_document_of_every_kind_is_in_exact_as_it_was_sent(life: Life, name: str) -> None:
    state = life.states[name]

    assert state["state"] == "SUBMITTED", state
    assert "LINES_DIFFER" not in {warning["code"] for warning in state["warnings"]}


@pytest.mark.parametrize("name", KINDS)
def test_a_document_of_every_kind_is_found_again_when_the_answer_was_lost(life: Life, name: str) -> None:
    company, (path, order) = life.company, life.sent[name]
    match = {"purchase": "PurchaseOrders$", "quotation": "Quotations$", "invoice": "SalesInvoices$"}.get(
        name, "PlannedSalesReturns$" if name == "return" else "SalesOrders$"
    )
    company.sandbox.control("POST", "/faults", {"kind": "drop", "match": match, "method": "POST", "count": 1})
    before = len(company.exact_orders())
    state = posted(life, f"{name} again", path, {**order, "reference": f"again {name}"[:30]})

    assert state["state"] == "SUBMITTED", state
    assert len(company.exact_orders()) == before + 1


def secrets_of(life: Life) -> set[str]:
    """Return every secret that was in play: tokens, codes, keys, and the application's own."""
    tokens = [json.loads(body) for body in life.sender.bodies]
    forms = [dict(parse_qsl((each.body or b"").decode())) for each in life.sender.requests if "oauth2" in each.url]
    found = {str(answer[name]) for answer in tokens for name in ("access_token", "refresh_token")}
    found |= {form["code"] for form in forms if "code" in form}
    return {*found, *life.keys, CLIENT_SECRET, OPERATOR_KEY, WEBHOOK_SECRET, "ec_wrongkeyofsomebody", "stolen!code"}


def people_of(life: Life) -> set[str]:
    """Return who and where people are: those of Exact, and those whom clients sent."""
    sent = [PERSON["last_name"], PERSON["email"], PLACE["name"], PLACE["street"]]
    return {*life.people, *sent, *(str(NEW_CUSTOMER[name]) for name in ("name", "email", "phone", "street"))}


def told(life: Life) -> list[str]:
    """Return every log line and event."""
    events = life.company.box.platform.events.events  # type: ignore[attr-defined]
    return [*life.logs.lines, *(json.dumps(event, default=str, ensure_ascii=False) for event in events)]


def test_no_secret_is_in_a_log_line_or_an_event(life: Life) -> None:
    text = "\n".join(told(life))

    assert len(secrets_of(life)) >= 8
    assert [secret[:6] for secret in sorted(secrets_of(life)) if secret in text] == []


def test_no_person_or_company_is_in_a_log_line_or_an_event(life: Life) -> None:
    text = "\n".join(told(life)).casefold()

    assert len(people_of(life)) > 50
    assert [name for name in sorted(people_of(life)) if len(name) > 3 and name.casefold() in text] == []


def test_what_went_wrong_is_in_the_logs_and_events_all_the_same(life: Life) -> None:
    text = "\n".join(told(life))

    for word in ("MALFORMED_JSON", "UNAUTHENTICATED", "SIGNATURE_INVALID", "sync.parked", "order.rejected", "parked"):
        assert word in text


def test_only_the_pointer_to_a_secret_is_stored_in_the_tables(life: Life) -> None:
    rows = "\n".join(str(row) for row in life.company.rows().values())

    assert [secret[:6] for secret in sorted(secrets_of(life)) if secret in rows] == []
