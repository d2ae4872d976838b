"""A client that is not ours: the PyPI package `exactonline`, unmodified, over TLS as it insists on.

It lists without filters and takes a loopback redirect here, so it needs the two switches for that.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from exactonline.api import ExactApi
from exactonline.http import HTTPError
from exactonline.resource import GET, POST
from exactonline.storage.ini import IniStorage

from exact_sandbox.protocol.switches import Switches
from exact_sandbox.server import Rules, Sandbox
from functional.sandbox.core.small_world import (
    CLIENT_ID,
    DIVISION,
    ITEMS,
    OTHER,
    PASSWORD,
    SECRET,
    USER,
    ServerThread,
    frozen_clock,
    read_form,
    small_world,
)
from functional.sandbox.core.tls import certificate

LOOPBACK_CALLBACK = "https://127.0.0.1:8443/oauth/callback"


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a sandbox over TLS with a certificate that this process trusts."""
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    sandbox = Sandbox(
        small_world(frozen_clock()), Rules(switches=Switches(mandatory_filter=False), allow_loopback=True)
    )
    server = ServerThread(sandbox.application(), context)
    yield server.base
    server.stop()


@pytest.fixture
def api(base: str, tmp_path: Path) -> ExactApi:
    """Return the package's API object, configured through its own ini file."""
    ini = tmp_path / "exact.ini"
    ini.write_text(
        f"[server]\nauth_url = {base}/api/oauth2/auth\nrest_url = {base}/api\ntoken_url = {base}/api/oauth2/token\n"
        f"[application]\nbase_url = {LOOPBACK_CALLBACK}\nclient_id = {{{CLIENT_ID}}}\nclient_secret = {SECRET}\n"
    )
    return ExactApi(storage=IniStorage(str(ini)))


def code_of(api: ExactApi, base: str, user: str = USER, password: str = PASSWORD) -> str:
    """Do what the person in the browser does and return the code."""
    with httpx.Client(verify=ssl.create_default_context()) as browser:
        address, _ = read_form(browser.get(api.create_auth_request_url()).text)
        page = browser.post(base + address, data={"username": user, "password": password, "action": "login"})
        address, fields = read_form(page.text)
        sent = browser.post(
            base + address,
            content=urlencode([*fields, ("action", "allow")]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
    return httpx.URL(sent.headers["Location"]).params["code"]


@pytest.fixture
def signed_in(api: ExactApi, base: str) -> ExactApi:
    """Return the API object after signing in and choosing a company."""
    api.request_token(code_of(api, base))
    api.set_division(DIVISION)
    return api


def test_it_signs_in_and_finds_its_companies(api: ExactApi, base: str) -> None:
    api.request_token(code_of(api, base))
    choices, current = api.get_divisions()
    assert current == DIVISION
    assert choices[DIVISION] == "De Groothandel B.V."
    assert choices[OTHER] == "de groothandel b.v."


def test_it_lists_every_account_over_its_pages(signed_in: ExactApi) -> None:
    accounts = signed_in.relations.all()
    assert len(accounts) == 70
    assert {"ID", "Code", "Name"} <= set(accounts[0])


def test_it_finds_one_account_by_its_padded_code(signed_in: ExactApi) -> None:
    assert signed_in.relations.get(relation_code="25")["Name"] == "Klant 25"


def test_it_lists_every_item_over_its_pages(signed_in: ExactApi) -> None:
    items = signed_in.restv1(GET("logistics/Items?$select=ID,Code,Description"))
    assert len({item["ID"] for item in items}) == ITEMS


def test_it_creates_an_account_and_reads_it_back(signed_in: ExactApi) -> None:
    made = signed_in.restv1(POST("crm/Contacts", {"Account": "00000002-0000-4000-8000-000000000001",
                                                   "FirstName": "An", "LastName": "Bakker"}))  # fmt: skip
    found = signed_in.restv1(GET(f"crm/Contacts?$filter=ID+eq+guid'{made['ID']}'&$select=LastName"))
    assert [row["LastName"] for row in found] == ["Bakker"]


def test_an_early_refresh_shows_as_the_400_that_it_is(signed_in: ExactApi) -> None:
    with pytest.raises(HTTPError) as refused:
        signed_in.refresh_token()
    assert refused.value.code == 400
    assert b"access_token not expired" in refused.value.response
