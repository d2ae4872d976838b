"""A hand-made little company for tests of the sandbox, and a running server around it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from aiohttp import web

from exact_sandbox.clock import SandboxClock
from exact_sandbox.server import Sandbox
from exact_sandbox.world.store import App, Division, Options, Row, User, World

DIVISION = 123456
OTHER = 123457
FOREIGN = 200001
NOON = 1_781_611_200.0
"""2026-06-16 12:00:00 UTC: summer, so Dutch time is two hours ahead."""

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
SECRET = "a-secret-of-the-tests"
CALLBACK = "https://connector.example.com/oauth/callback"
USER, PASSWORD = "demo@example.test", "demo"

ITEMS = 150
WAREHOUSE = "99999999-0000-4000-8000-000000000001"


def guid(kind: int, number: int) -> str:
    """Return a Guid that tells kind and number."""
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def moment(text: str) -> datetime:
    """Return a Dutch wall time, which has no zone."""
    return datetime.fromisoformat(text)


def item(number: int) -> Row:
    """Return one item; every tenth has an end date, descriptions of even ones are empty."""
    row: Row = {
        "ID": guid(1, number),
        "Code": f"A{number:04d}",
        "Description": f"Kop 'n schotel {number}",
        "Division": DIVISION,
        "Unit": "pc      ",
        "StandardSalesPrice": 10.0 + number,
        "Stock": float(number),
        "IsWebshopItem": number % 2,
        "IsSalesItem": number % 3 != 0,
        "StartDate": moment("2020-01-01"),
        "Created": moment("2026-01-15T09:30:00"),
        "Modified": moment(f"2026-0{1 + number % 6}-16T14:28:11.123"),
        "PictureUrl": "/docs/images/placeholder_item.png",
    }
    if number % 10 == 0:
        row["EndDate"] = moment("2026-05-31")
    if number % 2:
        row["ExtraDescription"] = f"Maat {number}"
    return row


def account(number: int) -> Row:
    """Return one customer with a padded code."""
    return {
        "ID": guid(2, number),
        "Code": str(number).rjust(18),
        "Name": f"Klant {number}",
        "Country": "NL ",
        "SalesVATCode": "2  ",
        "Status": "C",
        "Modified": moment("2026-02-01T08:00:00"),
    }


def order(number: int, lines: int) -> tuple[Row, list[Row]]:
    """Return a sales order with so many lines."""
    order_id = guid(3, number)
    head = {"OrderID": order_id, "ID": guid(5, number), "OrderNumber": number, "OrderedBy": guid(2, 1)}
    rows = [
        {"ID": guid(4, number * 1000 + line), "OrderID": order_id, "LineNumber": line, "Quantity": float(line)}
        for line in range(1, lines + 1)
    ]
    return head, rows


def company(code: int, name: str, **more: Any) -> Row:
    """Return a row of system/Divisions."""
    return {
        "Code": code,
        "Hid": str(code % 1000),
        "Description": name,
        "Country": "NL ",
        "Currency": "EUR",
        "Customer": guid(7, 1),
        "CustomerCode": "4711".rjust(18),
        "CustomerName": "Demo licence",
        "Status": 1,
        "BlockingStatus": 0,
        "IsMainDivision": code == DIVISION,
        **more,
    }


def small_world(clock: SandboxClock) -> World:
    """Build the world: 150 items, 70 accounts, orders of 2 and 75 lines, three usable companies and a blocked one."""
    world = World(clock, Options())
    world.guid_source = _guids()
    for row in (
        company(DIVISION, "De Groothandel B.V."),
        company(OTHER, "de groothandel b.v."),
        company(FOREIGN, "Vreemd Bedrijf", Customer=guid(7, 2)),
        company(123458, "Geblokkeerd", BlockingStatus=2),
    ):
        world.divisions[row["Code"]] = Division(world, row)
    every = list(world.divisions)
    world.users[USER] = User(guid(8, 1), USER, PASSWORD, "Demo Gebruiker", every, DIVISION)
    world.users["one@example.test"] = User(guid(8, 2), "one@example.test", "one", "Een Bedrijf", [OTHER], OTHER)
    world.apps[CLIENT_ID] = App(CLIENT_ID, SECRET, [CALLBACK], "webhook-secret")
    fill(world.divisions[DIVISION])
    return world


def _guids() -> Any:
    numbers = iter(range(1, 1_000_000))
    return lambda: guid(9, next(numbers))


def fill(division: Division) -> None:
    """Load the rows of the first company."""
    division.table("Items").load(item(number) for number in range(1, ITEMS + 1))
    division.table("Accounts").load(account(number) for number in range(1, 71))
    division.table("Units").load([{"ID": guid(12, 1), "Code": "pc      ", "Description": "Stuk"}])
    division.table("Warehouses").load([{"ID": WAREHOUSE, "Code": "1", "Description": "Magazijn"}])
    division.table("StockPositions").load(
        {"ID": guid(6, n), "ItemId": guid(1, n), "Warehouse": WAREHOUSE, "CurrentStock": n * 1.5, "PlanningIn": 2.0}
        for n in range(1, 11)
    )
    division.table("VATCodes").load([{"ID": guid(10, 1), "Code": "2  ", "Percentage": 0.21, "Type": "E"}])
    division.table("PaymentConditions").load([{"ID": guid(14, 1), "Code": "30", "Description": "30 dagen"}])
    division.table("Currencies").load(
        [{"Code": "EUR", "Description": "Euro"}, {"Code": "USD", "Description": "Dollar"}]
    )
    for number, lines in ((1, 2), (2, 75)):
        head, rows = order(number, lines)
        division.table("SalesOrders").load([head])
        division.table("SalesOrderLines").load(rows)


class _Form(HTMLParser):
    """Reads the fields of the one form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif tag == "input" and "name" in found:
            self.fields.append((found["name"], found.get("value", "")))


def read_form(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the address and the fields of the form in a page."""
    form = _Form()
    form.feed(text)
    return form.action, form.fields


@dataclass
class Running:
    """A sandbox that listens on a loopback port, with a client that speaks plain HTTP to it."""

    sandbox: Sandbox
    clock: SandboxClock
    base: str
    http: httpx.Client

    def authorize_url(self, **more: str) -> str:
        """Return the address of an authorisation request."""
        params = {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "response_type": "code", "state": "s 1"} | more
        return str(httpx.URL(f"{self.base}/api/oauth2/auth", params=params))

    def log_in(self, user: str = USER, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Fill in the login page and return the consent page."""
        page = self.http.get(self.authorize_url(**more))
        action, _ = read_form(page.text)
        return self.http.post(self.base + action, data={"username": user, "password": password, "action": "login"})

    def consent(self, page: httpx.Response, divisions: list[int] | None = None, action: str = "allow") -> httpx.URL:
        """Fill in the consent page (all companies unless named) and return where the browser is sent."""
        address, fields = read_form(page.text)
        ticked = [value for name, value in fields if name == "division"]
        if divisions is not None:
            ticked = [str(code) for code in divisions]
        ticket = dict(fields)["ticket"]
        answer = self.http.post(self.base + address, data={"ticket": ticket, "division": ticked, "action": action})
        return httpx.URL(answer.headers["Location"])

    def code(self, divisions: list[int] | None = None, user: str = USER, password: str = PASSWORD) -> str:
        """Sign in, consent, and return the code."""
        there = self.consent(self.log_in(user, password), divisions)
        return parse_qs(urlsplit(str(there)).query)["code"][0]

    def token(self, **form: str) -> httpx.Response:
        """Post to the token endpoint with the app's id and secret."""
        return self.http.post(
            f"{self.base}/api/oauth2/token", data={"client_id": CLIENT_ID, "client_secret": SECRET} | form
        )

    def exchange(self, code: str) -> httpx.Response:
        """Trade a code for tokens."""
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    def refresh(self, refresh_token: str) -> httpx.Response:
        """Trade a refresh token for new tokens."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def connect(self, divisions: list[int] | None = None) -> Connected:
        """Go through the whole sign-in and return a client with an access token."""
        return Connected(self, self.exchange(self.code(divisions)).json()["access_token"])


@dataclass
class Connected:
    """A client with an access token; `get` takes the path after the company."""

    running: Running
    access: str
    division: int = DIVISION

    def url(self, path: str) -> str:
        """Return the whole address of a path such as `crm/Accounts?$top=1`."""
        return path if path.startswith("http") else f"{self.running.base}/api/v1/{self.division}/{path}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Call GET, asking for JSON unless told otherwise."""
        sent = {"Authorization": f"Bearer {self.access}", "Accept": "application/json"} | headers
        return self.running.http.get(self.url(path), headers={name: value for name, value in sent.items() if value})

    def results(self, path: str) -> list[Row]:
        """Call GET and return the rows, whatever the envelope."""
        inner = self.get(path).raise_for_status().json()["d"]
        return inner if isinstance(inner, list) else inner["results"]

    def send(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Call POST, PUT or DELETE with a JSON body."""
        sent = {"Authorization": f"Bearer {self.access}", "Accept": "application/json"} | headers
        return self.running.http.request(method, self.url(path), json=body, headers=sent)


class ServerThread:
    """Runs a web application on a free loopback port, in a thread of its own; over TLS when given a context."""

    def __init__(self, app: web.Application, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._runner = web.AppRunner(app, max_line_size=65536, access_log=None)
        self.base = ""
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"{'https' if self._tls else 'http'}://{host}:{port}"

    def stop(self) -> None:
        """Stop the server and wait for its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


def frozen_clock() -> SandboxClock:
    """Return a clock that stands at noon until it is moved."""
    return SandboxClock(wall=lambda: NOON)
