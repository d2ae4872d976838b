"""Fetch the items of the sandbox in one of three ways and tell what that used: ``python -m bench.fetching``.

``connector``: ExactClient.pages with its tokens, call budget and error budget over tables in memory. ``bare``: a loop
of httpx and json.loads along ``__next``. ``exactonline``: the package of that name, which keeps every row.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

from bench.measuring import Measured, Meter, tell, trusting
from exact_connector.clock import SystemClock, from_text
from exact_connector.errors import BudgetExhausted
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint, TokenPair
from exact_connector.exact.auth.token_manager import TokenKeeper
from exact_connector.exact.auth.token_store import ParameterTokenStore
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query
from exact_connector.exact.http.transport import HttpxSender
from exact_connector.exact.limits.call_budget import CallBudget, Purpose
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.sync.streams.selects import ITEMS
from fakes.ports import MemoryEvents, MemoryParameters
from fakes.tables import MemoryDatabase

PATH = "sync/Logistics/Items"
EVERYTHING = "Timestamp gt 1L"
QUERY = Query(PATH, select=ITEMS, filter=EVERYTHING)


def connector(job: dict[str, Any]) -> Measured:
    """Read all pages with the connector's client."""
    clock = SystemClock()
    sender = HttpxSender(httpx.Client(trust_env=False, verify=trusting(job["certificate"])))
    database = MemoryDatabase()
    application = ClientCredentials(job["client_id"], job["client_secret"])
    keeper = TokenKeeper(
        "bench",
        database["control"],
        ParameterTokenStore(MemoryParameters(), "bench"),
        TokenEndpoint(sender, clock),
        lambda connection: application,
        MemoryEvents(),
        clock,
    )
    pair = TokenPair(job["access_token"], job["refresh_token"], from_text(job["issued"]), from_text(job["expires"]))
    connection = keeper.link(pair, base_url=job["base"], client_id=job["client_id"], division=job["division"])
    budget = CallBudget(database["sync"], job["client_id"], job["division"], clock)
    errors = ErrorBudget(database["sync"], job["client_id"], job["division"], clock)
    client = ExactClient(connection, keeper, budget, errors, sender, clock, purpose=Purpose.SYNC)
    meter = Meter()
    rows, cursor = 0, None
    while True:
        try:
            for page in client.pages(QUERY, cursor):
                rows += len(page.rows)
                cursor = page.next_url
        except BudgetExhausted as pause:  # the last second of a minute is left alone
            clock.sleep(((pause.retry_after or clock.now()) - clock.now()).total_seconds())
        else:
            return meter.result(rows)


def bare(job: dict[str, Any]) -> Measured:
    """Read all pages with httpx and the JSON reader alone."""
    headers = {"Authorization": f"Bearer {job['access_token']}", "Accept": "application/json"}
    with httpx.Client(headers=headers, trust_env=False, verify=trusting(job["certificate"]), timeout=60) as http:
        meter = Meter()
        rows, address = 0, QUERY.url(job["base"], job["division"])
        while address:
            answer = http.get(address)
            answer.raise_for_status()
            page = json.loads(answer.content)["d"]
            rows += len(page["results"])
            address = page.get("__next")
        return meter.result(rows)


def exactonline(job: dict[str, Any]) -> Measured:
    """Read all pages with the package ``exactonline``, unmodified, as its own interface returns them."""
    from exactonline.api import ExactApi
    from exactonline.resource import GET
    from exactonline.storage.ini import IniStorage

    base = job["base"]
    ini = (
        f"[server]\nauth_url = {base}/api/oauth2/auth\nrest_url = {base}/api\ntoken_url = {base}/api/oauth2/token\n"
        f"[application]\nbase_url = {base}\niteration_limit = 100000\n"
        f"client_id = {{{job['client_id']}}}\nclient_secret = {job['client_secret']}\n"
        f"[transient]\naccess_expiry = {int(time.time()) + 590}\naccess_token = {job['access_token']}\n"
        f"refresh_token = {job['refresh_token']}\ndivision = {job['division']}\n"
    )
    api = ExactApi(storage=IniStorage(io.StringIO(ini.replace("%", "%%"))))
    resource = QUERY.url(base, job["division"]).split(f"/api/v1/{job['division']}/", 1)[1]
    meter = Meter()
    rows = api.restv1(GET(resource))
    return meter.result(len(rows))


WAYS: dict[str, Callable[[dict[str, Any]], Measured]] = {
    "connector": connector,
    "bare": bare,
    "exactonline": exactonline,
}

if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    tell(WAYS[asked["way"]](asked))
