"""Linking that must not happen says why, and leaves everything as it was; linking that may happen, happens once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from exact_local.browser import forms_of, give_consent
from fakes.ports import MemoryEvents
from fakes.product import CALLBACK, running_sandbox
from functional.product.company import MANY_CALLS, Company, unlinked_company

FIETSLAND = "Fietsland Nederland"
GROOTHANDEL = "De Groothandel B.V."
NOTHING_STORED_FOR = ("stream#", "doc#", "feed#", "head#", "projection#")


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    small = ("--items", "20", "--customers", "10")
    with running_sandbox(*small, *MANY_CALLS) as sandbox, unlinked_company(sandbox) as found:
        yield found


@pytest.fixture
def tenant(company: Company) -> Iterator[Company]:
    """A tenant of its own for each test, not linked yet."""
    company.tenant = "acme"
    yield company
    if company.call("GET", "/v1/tenants/acme")[0] == 200:
        company.ok("DELETE", "/v1/tenants/acme")


def make(company: Company, **wanted: Any) -> None:
    company.ok("POST", "/v1/tenants", {"id": company.tenant, "name": "Acme", "country": "nl", **wanted})


def callback_query(
    company: Company, user: Mapping[str, str] | None = None, *, allow_division_change: bool = False
) -> dict[str, str]:
    """Walk through login and consent; return what Exact's redirect brings back."""
    wish = {"allow_division_change": allow_division_change}
    started = company.ok("POST", f"/v1/tenants/{company.tenant}/authorize", wish)

    async def walk() -> str:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
            answers = user or {"username": "demo@example.test", "password": "demo"}
            return await give_consent(browser, started["authorize_url"], answers, CALLBACK)

    return {name: each[0] for name, each in parse_qs(urlsplit(asyncio.run(walk())).query).items()}


def refused_consent(company: Company) -> dict[str, str]:
    """Log in and press Refuse; return what Exact's redirect brings back."""
    address = company.ok("POST", f"/v1/tenants/{company.tenant}/authorize", {})["authorize_url"]
    with httpx.Client(trust_env=False, timeout=30) as browser:
        answer = browser.get(address)
        for button in ("login", "deny"):
            while answer.is_redirect:
                answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
            form = forms_of(answer.text)[0]
            answers = {"username": "demo@example.test", "password": "demo"}
            fields = dict(form.filled(answers, button))
            answer = browser.post(urljoin(str(answer.url), form.action), data=fields)
        target = answer.headers["location"]
    assert target.startswith(CALLBACK)
    return {name: each[0] for name, each in parse_qs(urlsplit(target).query).items()}


def consent_to(company: Company, *codes: str) -> dict[str, str]:
    """Tick only these administrations and allow; return what Exact's redirect brings back."""
    address = company.ok("POST", f"/v1/tenants/{company.tenant}/authorize", {})["authorize_url"]
    with httpx.Client(trust_env=False, timeout=30) as browser:
        answer = browser.get(address)
        for button in ("login", "allow"):
            while answer.is_redirect:
                answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
            form = forms_of(answer.text)[0]
            fields = form.filled({"username": "demo@example.test", "password": "demo"}, button)
            kept = dict(each for each in fields if each[0] != "division")
            answer = browser.post(urljoin(str(answer.url), form.action), data={**kept, "division": list(codes)})
        target = answer.headers["location"]
    return {name: each[0] for name, each in parse_qs(urlsplit(target).query).items()}


def connection(company: Company) -> Any:
    return company.ok("GET", f"/v1/tenants/{company.tenant}")["connection"]


def assert_nothing_is_linked(company: Company) -> None:
    assert connection(company)["state"] == "DISCONNECTED"
    assert connection(company)["division"] is None
    assert not [key for key in company.rows() if key[1].startswith(NOTHING_STORED_FOR)]
    assert not [name for name in company.parameters() if "tokens" in name]
    assert company.box.sync.engine.dispatch(company.box.clock.now()) == 0


def test_the_exact_name_links_and_the_right_administration_is_pinned(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    status, _, headers = tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    assert (status, headers["Location"]) == (302, "http://127.0.0.1:9/console/tenants/acme?ExactOnlineCallback=True")
    assert (connection(tenant)["state"], connection(tenant)["division"]) == ("CONNECTED", 123459)


@pytest.mark.parametrize(
    ("name", "division"),
    [
        pytest.param("De Groothandel B.V.", 123456, id="as it is"),
        pytest.param("de groothandel b.v.", 123457, id="small letters"),
        pytest.param("De Groothandel  B.V.", 123458, id="two blanks"),
    ],
)
def test_names_that_differ_in_capitals_and_blanks_are_different_companies(
    tenant: Company, name: str, division: int
) -> None:
    make(tenant, administration=name)
    assert tenant.call("GET", "/oauth/callback", query=callback_query(tenant))[0] == 302
    assert connection(tenant)["division"] == division


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        pytest.param({"administration": "fietsland nederland"}, ["'Fietsland Nederland'", "capitals"], id="capitals"),
        pytest.param({"administration": "Fietsland  Nederland"}, ["'Fietsland Nederland'", "spaces"], id="spaces"),
        pytest.param({"administration": "Bakkerij Bol"}, ["'Bakkerij Bol'", "'De Groothandel B.V.'"], id="another"),
        pytest.param({"administration": "Oud Archief B.V."}, ["archived or blocked"], id="archived"),
        pytest.param({"administration": "In Conversie B.V."}, ["archived or blocked"], id="in conversion"),
        pytest.param({"division_code": 999}, ["the number 999"], id="number"),
        pytest.param({"administration": FIETSLAND, "division_code": 123456}, [FIETSLAND, "123456"], id="disagreeing"),
    ],
)
def test_a_wrong_administration_is_said_in_words_and_links_nothing(
    tenant: Company, wanted: dict[str, Any], words: list[str]
) -> None:
    make(tenant, **wanted)
    status, found, _ = tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    assert (status, found["code"]) == (400, "ADMINISTRATION_NOT_FOUND")
    for word in words:
        assert word in found["detail"]
    assert_nothing_is_linked(tenant)


def test_a_consent_without_the_company_that_is_open_in_exact_links_one_that_is_named_by_its_code(
    tenant: Company,
) -> None:
    make(tenant, division_code=123459)
    assert tenant.call("GET", "/oauth/callback", query=consent_to(tenant, "123459"))[0] == 302
    assert connection(tenant)["division"] == 123459


def test_a_consent_without_the_company_that_is_open_in_exact_says_what_to_do(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    status, found, _ = tenant.call("GET", "/oauth/callback", query=consent_to(tenant, "123459"))
    assert (status, found["code"]) == (400, "ADMINISTRATION_NOT_FOUND")
    assert "open in Exact (123456)" in found["detail"]
    assert_nothing_is_linked(tenant)


def test_a_wrong_name_can_be_corrected_and_linked(tenant: Company) -> None:
    make(tenant, administration="fietsland nederland")
    assert tenant.call("GET", "/oauth/callback", query=callback_query(tenant))[0] == 400
    tenant.ok("PATCH", "/v1/tenants/acme", {"administration": FIETSLAND})
    assert tenant.call("GET", "/oauth/callback", query=callback_query(tenant))[0] == 302
    assert connection(tenant)["division"] == 123459


def test_a_user_without_access_to_the_company_links_nothing(tenant: Company) -> None:
    make(tenant, administration=GROOTHANDEL)
    query = callback_query(tenant, {"username": "second@example.test", "password": "second"})
    status, found, _ = tenant.call("GET", "/oauth/callback", query=query)
    assert (status, found["code"]) == (400, "ADMINISTRATION_NOT_FOUND")
    assert FIETSLAND in found["detail"]
    assert_nothing_is_linked(tenant)


def test_a_refused_consent_is_said_and_links_nothing(tenant: Company) -> None:
    make(tenant, administration=GROOTHANDEL)
    status, found, _ = tenant.call("GET", "/oauth/callback", query=refused_consent(tenant))
    assert (status, found["code"]) == (400, "CONSENT_REFUSED")
    assert "refused on Exact's page" in found["detail"]
    assert_nothing_is_linked(tenant)


def test_a_failed_linking_is_shown_with_its_reason_and_announced_until_one_goes_well(tenant: Company) -> None:
    make(tenant, administration=GROOTHANDEL)
    assert connection(tenant)["reason"] is None
    assert tenant.call("GET", "/oauth/callback", query=refused_consent(tenant))[0] == 400
    assert "CONSENT_REFUSED" in connection(tenant)["reason"]
    audit = [each for each in tenant.ok("GET", "/v1/tenants/acme/events")["events"] if each["kind"] == "link.failed"]
    assert [each["detail"]["code"] for each in audit] == ["CONSENT_REFUSED"]
    bus = tenant.box.platform.events
    assert isinstance(bus, MemoryEvents)
    published = [detail for kind, detail in bus.events if kind == "connection.link_failed"]
    assert [(each["tenant"], each["code"]) for each in published][-1:] == [("acme", "CONSENT_REFUSED")]
    assert tenant.call("GET", "/oauth/callback", query=callback_query(tenant))[0] == 302
    assert connection(tenant)["reason"] is None


def test_a_wrong_administration_is_the_reason_of_the_failed_linking(tenant: Company) -> None:
    make(tenant, administration="No such company")
    assert tenant.call("GET", "/oauth/callback", query=callback_query(tenant))[0] >= 400
    assert "ADMINISTRATION_NOT_FOUND" in connection(tenant)["reason"]
    kept = json.dumps([connection(tenant), tenant.ok("GET", "/v1/tenants/acme/events")])
    assert not [name for name in (GROOTHANDEL, FIETSLAND) if name in kept]


def test_a_refused_consent_of_a_linked_tenant_leaves_it_linked(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    tenant.work()
    before, served = connection(tenant), tenant.everything_served()
    assert tenant.call("GET", "/oauth/callback", query=refused_consent(tenant))[0] == 400
    assert connection(tenant) == before
    assert tenant.everything_served() == served


def test_a_browser_gets_the_refusal_as_a_page(tenant: Company) -> None:
    make(tenant, administration=GROOTHANDEL)
    query = refused_consent(tenant)
    status, page, headers = tenant.call("GET", "/oauth/callback", query=query, headers={"accept": "text/html"})
    assert status == 400
    assert headers["Content-Type"].startswith("text/html")
    assert "The consent was refused on Exact&#x27;s page" in page


def test_a_replayed_callback_is_refused_and_changes_nothing(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    query = callback_query(tenant)
    assert tenant.call("GET", "/oauth/callback", query=query)[0] == 302
    tenant.work()
    before, parameters = tenant.rows(), tenant.parameters()
    status, found, _ = tenant.call("GET", "/oauth/callback", query=query)
    assert (status, found["code"]) == (400, "STATE_INVALID")
    assert "used already" in found["detail"]
    assert (tenant.rows(), tenant.parameters()) == (before, parameters)


def test_of_two_callbacks_at_once_one_links(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    query = callback_query(tenant)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: tenant.call("GET", "/oauth/callback", query=query)[0], range(2)))
    assert sorted(answers) == [302, 400]
    assert connection(tenant)["state"] == "CONNECTED"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, id="forged"),
        pytest.param({"state": ""}, id="empty"),
        pytest.param({"state": None}, id="missing"),
    ],
)
def test_a_state_that_was_never_given_out_is_refused_and_the_code_is_not_used(
    tenant: Company, changes: dict[str, str | None]
) -> None:
    make(tenant, administration=FIETSLAND)
    query = callback_query(tenant)
    exchanges = tenant.sandbox.control("GET", "/tokens")["code_exchanges"]
    forged = {name: value for name, value in {**query, **changes}.items() if value is not None}
    status, found, _ = tenant.call("GET", "/oauth/callback", query=forged)
    assert (status, found["code"]) == (400, "STATE_INVALID")
    assert tenant.sandbox.control("GET", "/tokens")["code_exchanges"] == exchanges
    assert_nothing_is_linked(tenant)
    assert tenant.call("GET", "/oauth/callback", query=query)[0] == 302


def test_a_forged_code_is_refused_and_links_nothing(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    status, found, _ = tenant.call("GET", "/oauth/callback", query={**callback_query(tenant), "code": "forged!code"})
    assert status in (400, 422)
    assert found["detail"]
    assert_nothing_is_linked(tenant)


def test_a_state_of_one_tenant_links_that_tenant_only(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    query = callback_query(tenant)
    tenant.tenant = "other"
    make(tenant, administration=FIETSLAND)
    assert tenant.call("GET", "/oauth/callback", query=query)[0] == 302
    assert connection(tenant)["state"] == "DISCONNECTED"
    tenant.ok("DELETE", "/v1/tenants/other")
    tenant.tenant = "acme"
    assert connection(tenant)["state"] == "CONNECTED"


def test_another_administration_than_before_is_not_taken_silently(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    tenant.work()
    served = tenant.everything_served()
    tenant.ok("PATCH", "/v1/tenants/acme", {"administration": "de groothandel b.v."})
    status, found, _ = tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    assert (status, found["code"]) == (409, "DIVISION_CHANGED")
    assert connection(tenant)["division"] == 123459
    assert tenant.everything_served() == served


def test_another_administration_on_purpose_leaves_nothing_of_the_one_before(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    tenant.work()
    tenant.ok("PATCH", "/v1/tenants/acme", {"administration": GROOTHANDEL})
    query = callback_query(tenant, allow_division_change=True)
    assert tenant.call("GET", "/oauth/callback", query=query)[0] == 302
    tenant.work()
    moved, moved_rows = tenant.everything_served(), stored(tenant)
    tenant.tenant = "fresh"
    make(tenant, administration=GROOTHANDEL)
    tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    tenant.work()
    fresh, fresh_rows = tenant.everything_served(), stored(tenant)
    tenant.ok("DELETE", "/v1/tenants/fresh")
    tenant.tenant = "acme"
    assert moved == fresh
    assert moved_rows == fresh_rows


def stored(company: Company) -> set[tuple[str, str, str]]:
    """Return the keys of all rows and documents that a tenant has of Exact, without its name in them."""
    return {
        (table, pk.replace(company.tenant, ""), sk)
        for table, pk, sk in company.rows()
        if table in ("records", "catalog") and company.tenant in pk and "#deletions" not in pk
    }


def test_the_administrations_of_the_consent_can_be_listed(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    listed = tenant.ok("GET", "/v1/tenants/acme/divisions")["divisions"]
    exact = tenant.sandbox.control("GET", "/info")["divisions"]
    assert {each["code"]: each["description"] for each in listed} == {
        each["code"]: each["description"] for each in exact
    }
    assert {each["code"] for each in listed if not each["usable"]} == {123460, 123461}


def test_nobody_sees_a_token_or_a_secret(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    tenant.call("GET", "/oauth/callback", query=callback_query(tenant))
    (stored,) = [values for name, values in tenant.parameters().items() if "tokens" in name]
    shown = str(
        [
            tenant.ok("GET", f"/v1/tenants/acme{path}")
            for path in ("", "/status", "/settings", "/keys", "/events", "/divisions", "/settings/history")
        ]
    )
    tokens = [part for part in "".join(stored).replace('"', " ").split() if len(part) > 30]
    assert tokens
    assert not [token for token in tokens if token in shown]


def page_after_linking(company: Company, tenant: str, cookies: Sequence[str]) -> str:
    """Return the page that a browser with these cookies sees."""
    status, body, _ = company.call(
        "GET",
        f"/console/tenants/{tenant}",
        query={"ExactOnlineCallback": "True"},
        headers={"cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies)},
    )
    assert status == 200
    return str(body)


def test_only_the_browser_that_linked_a_tenant_is_told_that_the_connection_works(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    answer = tenant.answer("GET", "/oauth/callback", query=callback_query(tenant))
    (cookie,) = answer["cookies"]
    assert "The connection to Exact Online works" in page_after_linking(tenant, "acme", [cookie])
    assert "works" not in page_after_linking(tenant, "acme", [])
    assert "works" not in page_after_linking(tenant, "another", [cookie])
    assert "works" not in page_after_linking(tenant, "acme", ["linked=forged"])


def test_a_consent_address_does_not_outlive_its_tenant(tenant: Company) -> None:
    make(tenant, administration=FIETSLAND)
    query = callback_query(tenant)
    tenant.ok("DELETE", "/v1/tenants/acme")
    make(tenant, administration=FIETSLAND)

    status, problem, _ = tenant.call("GET", "/oauth/callback", query=query)

    assert (status, problem["code"]) == (400, "STATE_INVALID")
    assert "is gone; start the linking again" in problem["detail"]
    assert_nothing_is_linked(tenant)
