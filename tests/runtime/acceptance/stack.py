"""The whole product as ``make run`` starts it, in processes of its own, driven over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import boto3
import httpx

from exact_local.aws import client_options
from exact_local.browser import give_consent
from runtime.conftest import ROOT

DIVISION, ADMINISTRATION = 123456, "De Groothandel B.V."
USER = {"username": "demo@example.test", "password": "demo"}
LISTS = {
    "/v1/items": "items",
    "/v1/stock": "stock",
    "/v1/customers": "customers",
    "/v1/suppliers": "suppliers",
    "/v1/item-groups": "item_groups",
    "/v1/units": "units",
    "/v1/vat-codes": "vat_codes",
}
FULL = {"/v1/items", "/v1/customers"}
_POLL = 0.05
_LONGEST = 400.0

Row = dict[str, Any]
T = TypeVar("T")


def wait_for(what: str, found: Callable[[], T | None], *, seconds: float = _LONGEST) -> T:
    """Ask again and again until there is an answer; fails with ``what`` was waited for."""
    until = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < until, f"waited {seconds:.0f} s for {what}"
        time.sleep(_POLL)


class Stack:
    """A running product over one state folder; can be killed and started again."""

    def __init__(self, state: Path, port: int, *options: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._state = state
        own = ["--state", str(state), "--port", str(port), "--no-demo"]
        self._command = [sys.executable, "-m", "exact_local", *own, *options]
        self.http = httpx.Client(base_url=self.url, timeout=40, trust_env=False)
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "infra/local"), "PYTHONUNBUFFERED": "1"}
        with (self._state.parent / "launcher.log").open("a+") as log:
            begin = log.seek(0, os.SEEK_END)
            self._process = subprocess.Popen(
                self._command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        printed = Path(log.name)
        wait_for("the product to start", lambda: self._has_started(printed.read_text()[begin:]))
        said = printed.read_text()[begin:]
        self.aws_url = next(line.split()[-1] for line in said.splitlines() if "Local AWS on" in line)
        secrets = boto3.client("secretsmanager", **client_options(self.aws_url))
        self.operator_key = secrets.get_secret_value(SecretId="/local/exact/operator-key")["SecretString"]
        secrets.close()
        exact = next(line.split()[-1] for line in said.splitlines() if "Exact sandbox on" in line)
        self.exact = httpx.Client(base_url=f"{exact}/sandbox", timeout=40, trust_env=False)

    def rows_of(self, tenant: str) -> list[str]:
        """Return the keys of all rows and parameters that a tenant has in the local AWS, wherever they are."""
        tables = boto3.client("dynamodb", **client_options(self.aws_url))
        found = []
        for table in tables.list_tables()["TableNames"]:
            for page in tables.get_paginator("scan").paginate(TableName=table):
                keys = [f"{table} {row['pk']['S']} {row['sk']['S']}" for row in page["Items"]]
                found += [key for key in keys if tenant in key]
        tables.close()
        parameters = boto3.client("ssm", **client_options(self.aws_url))
        names = [each["Name"] for each in parameters.describe_parameters()["Parameters"]]
        parameters.close()
        return found + [name for name in names if tenant in name]

    def state_file(self, name: str) -> str:
        """Return the text of a file of the run's state folder."""
        return (self._state / name).read_text()

    def _has_started(self, said: str) -> bool:
        assert self._process.poll() is None, said
        return "stays up" in said

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self._close_clients()
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(90) == 0

    def kill(self) -> None:
        """Kill the launcher and every handler at once, and wait until nothing of the run is left."""
        started = descendants(self._process.pid)
        handlers = [pid for pid in started if "awslambdaric" in command_of(pid)]
        for pid in (self._process.pid, *handlers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._close_clients()
        wait_for("the end of every process", lambda: not any(command_of(pid) for pid in started))

    def kill_workers(self, *functions: str) -> int:
        """Kill every process of these functions at once, as ``kill -9`` does; return how many there were."""
        handlers = {f"{name}.handler" for name in functions}
        doomed = [pid for pid in descendants(self._process.pid) if handlers & set(command_of(pid))]
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(doomed)

    def killed_at_work(self, prefix: str) -> int:
        """Return how many events of these functions ended with the death of their process."""
        log = (self._state / "logs" / "aws.log").read_text()
        ends = [line for line in log.splitlines() if "stopped without an answer: exit code -9" in line]
        return len([line for line in ends if f"exact-local-{prefix}" in line])

    def _close_clients(self) -> None:
        self.exact.close()

    def close(self) -> None:
        """Make sure that nothing stays behind, whatever happened."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(90)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._close_clients()
        self.http.close()

    # The sandbox beside it.

    def sandbox(self, method: str, path: str, body: object = None) -> Any:
        """Call a control route of the sandbox."""
        answer = self.exact.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def exact_rows(self, entity: str) -> list[Row]:
        """Return every stored row of an entity as the sandbox holds it."""
        rows: list[Row] = self.sandbox("GET", f"/records/{DIVISION}/{entity}?_limit=1000000")["records"]
        return rows

    def calls(self, path: str) -> int:
        """Return how often an address of Exact was called since the counters were reset."""
        return int(self.sandbox("GET", f"/counters?{urlencode({'path': path})}")["total"])


class Tenant:
    """One tenant of a running product, seen with the operator's key."""

    def __init__(self, stack: Stack, tenant: str) -> None:
        self.stack = stack
        self.id = tenant

    def call(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send one request."""
        own = {"Authorization": f"Bearer {self.stack.operator_key}", "X-Tenant-Id": self.id}
        return self.stack.http.request(method, path, json=body, headers={**own, **(headers or {})})

    def ok(self, method: str, path: str, body: object = None) -> Any:
        """Send one request that must succeed and return its JSON."""
        answer = self.call(method, path, body)
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def link(self) -> None:
        """Make the tenant and link it through Exact's login and consent pages."""
        wanted = {"id": self.id, "name": self.id, "country": "nl", "administration": ADMINISTRATION}
        self.ok("POST", "/v1/tenants", wanted)
        address = self.ok("POST", f"/v1/tenants/{self.id}/authorize", {})["authorize_url"]

        async def walk() -> str:
            async with httpx.AsyncClient(timeout=40, trust_env=False) as browser:
                return await give_consent(browser, address, USER, f"{self.stack.url}/oauth/callback")

        answer = self.stack.http.get(asyncio.run(walk()))
        assert answer.is_redirect, answer.text
        assert answer.headers["location"].endswith(f"/console/tenants/{self.id}?ExactOnlineCallback=True")

    def status(self) -> Row:
        """Return how the tenant stands."""
        found: Row = self.ok("GET", f"/v1/tenants/{self.id}/status")
        return found

    def wait_until_loaded(self) -> Row:
        """Wait until items and customers are complete and nothing runs; return the status then."""
        return wait_for(f"the synchronisation of {self.id}", self._loaded)

    def _loaded(self) -> Row | None:
        status = self.status()
        families = {each["family"]: each for each in status["families"]}
        done = all(families[name]["light"] == "blue" for name in ("reference", "items", "customers"))
        return status if done and not any(each["running"] for each in status["streams"]) else None

    def synchronise(self) -> None:
        """Read the changes of items once more; what changed is served a moment later."""
        before = self._last_runs()
        self.ok("POST", f"/v1/tenants/{self.id}/sync/items", {})
        wait_for("another run", lambda: all(at > before[name] for name, at in self._last_runs().items()))

    def _last_runs(self) -> dict[str, str]:
        wanted = ("items", "sales_prices", "stock")
        return {each["name"]: each["last_run_at"] for each in self.status()["streams"] if each["name"] in wanted}

    def served(self, path: str) -> list[Row]:
        """Return every document of a list, following its pages."""
        rows: list[Row] = []
        following: str | None = f"{path}?limit=500{'&view=full' if path in FULL else ''}"
        while following:
            page = self.ok("GET", following)
            rows += page[LISTS[path]]
            following = page["next"]
        return rows

    def everything_served(self) -> dict[str, list[Row]]:
        """Return every list."""
        return {path: self.served(path) for path in LISTS}

    def order(self, external_id: str) -> Row:
        """Return an order that Exact takes, recognisable there by its reference."""
        customers = self.ok("GET", "/v1/customers?status=C&limit=50")["customers"]
        customer = next(each for each in customers if not each["is_blocked"] and not each["invoice_customer_id"])
        items = [each for each in self.ok("GET", "/v1/items?limit=50")["items"] if each["sales_price"]][:2]
        return {
            "external_id": external_id,
            "customer_id": customer["customer_id"],
            "reference": external_id,
            "lines": [{"item_code": i["item_code"], "quantity": "2", "unit_price": i["sales_price"]} for i in items],
        }

    def post(self, order: Row, *, wait: int = 0) -> httpx.Response:
        """Post an order."""
        return self.call("POST", "/v1/orders", order, headers={"Prefer": f"wait={wait}"} if wait else {})

    def settled(self, order_id: str) -> Row:
        """Wait until an order has come to an end."""

        def found() -> Row | None:
            order: Row = self.ok("GET", f"/v1/orders/{order_id}")
            return order if order["state"] in ("SUBMITTED", "REJECTED") else None

        return wait_for(f"order {order_id} to be settled", found, seconds=200)

    def in_exact(self, reference: str) -> list[Row]:
        """Return the sales orders in Exact with this reference."""
        return [row for row in self.stack.exact_rows("SalesOrders") if row.get("Description") == reference]


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes below one."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children: dict[int, list[int]] = {}
    for line in listing.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    waiting: list[int] = [pid]
    while waiting:
        below: Iterable[int] = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def command_of(pid: int) -> list[str]:
    """Return the command line of a process, empty when it is gone or a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []
