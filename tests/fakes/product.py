"""The whole product in one process: real parts over tables in memory, and the Exact sandbox in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from exact_connector.clock import Clock, SystemClock
from exact_connector.environment import Environment
from exact_connector.exact.http.transport import HttpSender, HttpxSender
from exact_connector.wiring.container import Container
from exact_connector.wiring.platform import Platform
from exact_local.browser import give_consent
from fakes.ports import MemoryBlobs, MemoryEvents, MemoryParameters, MemoryQueue, MemorySecrets
from fakes.tables import MemoryDatabase

ROOT = Path(__file__).resolve().parents[2]
OPERATOR_KEY = "operator-key-of-the-tests"
CALLBACK = "http://127.0.0.1:9/oauth/callback"
CLIENT_ID, CLIENT_SECRET = "0b5a1c6e-3f0d-4a53-9f07-5f3f0c0a1b2c", "secret-of-the-tests"
WEBHOOK_SECRET = "webhook-secret-of-the-tests"
ADMINISTRATION = "De Groothandel B.V."
QUEUES = ("items", "customers", "documents", "assets", "orders")
CONTEXT = SimpleNamespace(
    aws_request_id="test",
    function_name="test",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-west-1:1:function:test",
    get_remaining_time_in_millis=lambda: 600_000,
)


class SandboxProcess:
    """The Exact sandbox, started for a test."""

    def __init__(self, *arguments: str) -> None:
        port = _free_port()
        command = [
            *(sys.executable, "-m", "exact_sandbox", "--port", str(port), "--allow-loopback"),
            *("--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET, "--redirect-uri", CALLBACK),
            *("--webhook-secret", WEBHOOK_SECRET, *arguments),
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "infra" / "sandbox")}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        self.http = httpx.Client(base_url=self.base, timeout=60, trust_env=False)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process."""
        self.http.close()
        self._process.terminate()
        self._process.wait(30)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call a control route and return its JSON."""
        answer = self.http.request(method, f"/sandbox{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError("the sandbox ended while it started")
            try:
                if self.http.get("/sandbox/info").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError("the sandbox did not start")


class MemoryPlatform(Platform):
    """Ports in memory, and a real HTTP client for the sandbox."""

    def __init__(
        self, exact_url: str, clock: Clock | None, database: MemoryDatabase | None, sender: HttpSender
    ) -> None:
        super().__init__(environment(exact_url))
        self.memory = database or MemoryDatabase()
        credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "webhook_secret": WEBHOOK_SECRET}
        self.__dict__.update(
            clock=clock or SystemClock(),
            database=self.memory,
            control_table=self.memory["control"],
            sync_table=self.memory["sync"],
            records_table=self.memory["records"],
            catalog_table=self.memory["catalog"],
            orders_table=self.memory["orders"],
            parameters=MemoryParameters(),
            secrets=MemorySecrets(
                {"/test/exact/applications/nl": json.dumps(credentials), "/test/exact/operator-key": OPERATOR_KEY}
            ),
            events=MemoryEvents(),
            blobs=MemoryBlobs(),
            queues={name: MemoryQueue() for name in QUEUES},
            sender=sender,
        )


class MemoryContainer(Container):
    """The composition root over ports in memory."""

    def __init__(
        self,
        exact_url: str,
        *,
        clock: Clock | None = None,
        database: MemoryDatabase | None = None,
        sender: HttpSender | None = None,
    ) -> None:
        platform = MemoryPlatform(exact_url, clock, database, sender or HttpxSender())
        super().__init__(platform)
        self.memory = platform.memory

    def messages(self, queue: str) -> list[dict[str, str]]:
        """Take the messages out of a queue."""
        found = self.platform.queues[queue]
        assert isinstance(found, MemoryQueue)
        bodies = [body for _, body in found.messages]
        found.messages.clear()
        return bodies


class Product:
    """A running product with one tenant, driven through its HTTP routes and its queue messages."""

    def __init__(
        self, sandbox: SandboxProcess, *, clock: Clock | None = None, sender: HttpSender | None = None
    ) -> None:
        self.sandbox = sandbox
        self.box = MemoryContainer(sandbox.base, clock=clock, sender=sender)
        self.tenant = "acme"
        self._apis = _apis(self.box)
        self.key = OPERATOR_KEY

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """Send one request; return status, parsed body and headers."""
        answer = self.answer(method, path, body, headers=headers, query=query)
        text = answer.get("body") or ""
        shown = json.loads(text) if text[:1] in ("{", "[") else text
        return answer["statusCode"], shown, answer.get("headers", {})

    def answer(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send one request through API Gateway's event form and return the answer in its form."""
        function = _function_of(path)
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"authorization": f"Bearer {self.key}", "x-tenant-id": self.tenant, **(headers or {})},
            "queryStringParameters": dict(query or {}),
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer: dict[str, Any] = self._apis[function](event, CONTEXT)
        return answer

    def ok(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """Call and return the body of an answer that must be good."""
        status, found, _ = self.call(method, path, body, **more)
        assert status < 400, (status, found)
        return found

    def link(self, **tenant: Any) -> Any:
        """Make the tenant and link it through Exact's login and consent pages."""
        wanted = {"id": self.tenant, "name": "Acme", "country": "nl", "administration": ADMINISTRATION, **tenant}
        self.ok("POST", "/v1/tenants", wanted)
        return self.authorize()

    def authorize(self) -> tuple[int, Any, dict[str, str]]:
        """Walk to the consent page and back; return the callback's answer."""
        started = self.ok("POST", f"/v1/tenants/{self.tenant}/authorize", {})
        target = consent(started["authorize_url"])
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        return self.call("GET", "/oauth/callback", query=query)

    def work(self, *, seconds: float = 600) -> int:
        """Let the workers handle every message there is, and dispatch until nothing is due; return how many."""
        count = 0
        while True:
            self.box.sync.engine.dispatch(self.box.clock.now())
            handled = self._drain(self.box.clock.now() + timedelta(seconds=seconds))
            count += handled
            if not handled:
                return count

    def work_on_orders(self, *, seconds: float = 300) -> None:
        """Let the order worker handle what is due."""
        self.box.orders.dispatch(self.box.clock.now())
        self.box.jobs.dispatch(self.box.clock.now())
        until = self.box.clock.now() + timedelta(seconds=seconds)
        for body in self.box.messages("orders"):
            self.box.orders.engine.work(body["tenant"], int(body["division"]), until)

    def _drain(self, until: datetime) -> int:
        bodies = [body for queue in ("items", "customers", "documents") for body in self.box.messages(queue)]
        for body in bodies:
            self.box.sync.engine.run_worker(body["tenant"], body["stream"], until)
            self.box.exact.release_unused()
        return len(bodies)


def consent(address: str, *, user: Mapping[str, str] | None = None) -> str:
    """Log in and allow, as an administrator does; return the callback address that Exact redirects to."""

    async def walk() -> str:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
            answers = user or {"username": "demo@example.test", "password": "demo"}
            return await give_consent(browser, address, answers, CALLBACK)

    return asyncio.run(walk())


@contextmanager
def running_sandbox(*arguments: str) -> Iterator[SandboxProcess]:
    """Run a sandbox for the time of a block."""
    sandbox = SandboxProcess(*arguments)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def environment(exact_url: str) -> Environment:
    """Return the environment of the product in one process."""
    return Environment(
        STAGE="test",
        CONTROL_TABLE="control",
        SYNC_TABLE="sync",
        RECORDS_TABLE="records",
        CATALOG_TABLE="catalog",
        ORDERS_TABLE="orders",
        ASSETS_BUCKET="assets",
        EVENT_BUS="events",
        EXACT_HOSTS=f"nl={exact_url}",
        PUBLIC_BASE_URL="http://127.0.0.1:9",
        OPERATOR_KEY_SECRET="/test/exact/operator-key",
        APPLICATION_SECRET_PREFIX="/test/exact/applications/",
    )


def _apis(box: Container) -> dict[str, Any]:
    import catalog_api.routes
    import console.routes
    import oauth_callback.routes
    import receive_webhook.routes
    import submit_order.routes
    import tenant_api.routes

    return {
        "tenant_api": box.api(tenant_api.routes.routes(box)),
        "oauth_callback": box.api(oauth_callback.routes.routes(box)),
        "catalog_api": box.api(catalog_api.routes.routes(box)),
        "console": box.api(console.routes.routes(box)),
        "submit_order": box.api(submit_order.routes.routes(box)),
        "receive_webhook": box.api(receive_webhook.routes.routes(box)),
    }


def _function_of(path: str) -> str:
    prefixes = {
        "/oauth": "oauth_callback",
        "/console": "console",
        "/v1/tenants": "tenant_api",
        "/v1/settings": "tenant_api",
        "/health": "tenant_api",
        "/v1/orders": "submit_order",
        "/v1/purchase-orders": "submit_order",
        "/v1/webhooks": "receive_webhook",
    }
    return next((name for prefix, name in prefixes.items() if path.startswith(prefix)), "catalog_api")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
