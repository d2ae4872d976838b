"""Orders over HTTP: the example client against the product, and events at a tenant's own signed webhook."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import httpx
import pytest

from exact_connector.exact.http.transport import HttpxSender
from fakes.product import ROOT, Product, running_sandbox
from functional.product.company import MANY_CALLS, SMALL

EXAMPLE = ROOT / "docs" / "examples" / "order_client.py"
Answer = tuple[int, bytes, dict[str, str]]
Handle = Callable[[str, str, dict[str, str], bytes], Answer]


@contextmanager
def serving(handle: Handle) -> Iterator[str]:
    """Serve HTTP on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer, headers = handle(self.command, self.path, dict(self.headers.items()), body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox:
        made = Product(sandbox)
        made.link()
        made.work()
        yield made
        sender = made.box.platform.sender
        assert isinstance(sender, HttpxSender)
        sender.close()


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("order_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["order_client"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def order(product: Product) -> dict[str, Any]:
    customers = product.ok("GET", "/v1/customers", query={"limit": "200"})["customers"]
    items = product.ok("GET", "/v1/items", query={"limit": "200"})["items"]
    customer = next(row for row in customers if not row["is_blocked"] and not row["invoice_customer_id"])
    item = next(row for row in items if row["sales_price"] and row["item_code"].isdigit())
    return {
        "customer_id": customer["customer_id"],
        "lines": [{"item_code": item["item_code"], "quantity": 1, "unit_price": item["sales_price"]}],
    }


def webhook(product: Product, method: str, body: object = None) -> tuple[int, Any]:
    status, found, _ = product.call(method, f"/v1/tenants/{product.tenant}/webhook", body)
    return status, found


def front(product: Product, *, lose: int = 0) -> Handle:
    """Hand HTTP requests to the product; the first ``lose`` answers are lost as a 503 of something in between."""
    left = [lose]

    def handle(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        given = {name.lower(): value for name, value in headers.items()}
        status, found, sent = product.call(method, path, body.decode() or None, headers=given)
        if left[0]:
            left[0] -= 1
            return 503, b"{}", {"Retry-After": "0"}
        return status, json.dumps(found).encode(), {**sent, "Content-Type": "application/json"}

    return handle


def test_the_example_client_gets_one_order_into_exact_though_its_answers_are_lost(
    product: Product, example: ModuleType, order: dict[str, Any]
) -> None:
    before = product.sandbox.control("GET", "/orders")["count"]
    with serving(front(product, lose=2)) as url:
        headers = {"Authorization": f"Bearer {product.key}", "X-Tenant-Id": product.tenant}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
            client = example.OrderClient(http, sleep=lambda _: None)
            accepted = client.submit(order, key="example-1", wait=0)
            product.work_on_orders()
            final = client.wait_until_final(accepted["order_id"])
    assert (final["state"], final["lines_read_back"]) == ("SUBMITTED", True)
    assert product.sandbox.control("GET", "/orders")["count"] == before + 1


def test_the_example_client_tells_why_an_order_was_refused(
    product: Product, example: ModuleType, order: dict[str, Any]
) -> None:
    with serving(front(product)) as url:
        headers = {"Authorization": f"Bearer {product.key}", "X-Tenant-Id": product.tenant}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
            client = example.OrderClient(http, sleep=lambda _: None)
            with pytest.raises(example.Refused) as caught:
                client.submit({**order, "lines": [{"item_code": "no such item", "quantity": 1}]}, key="example-2")
    assert caught.value.problem["errors"][0]["pointer"] == "/lines/0/item_code"


def test_events_reach_the_registered_webhook_with_a_signature_that_the_example_accepts(
    product: Product, example: ModuleType, order: dict[str, Any]
) -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    def take(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        received.append((headers, body))
        return 204, b"", {}

    with serving(take) as url:
        status, made = webhook(product, "PUT", {"url": f"{url}/events"})
        assert status == 200
        accepted = product.ok("POST", "/v1/orders", order, headers={"idempotency-key": "hooked"})
        product.box.orders.dispatch(product.box.clock.now())
        for message in product.box.messages("orders"):
            product.box.orders.handle(message, product.box.clock.now() + timedelta(seconds=300))
    (headers, body) = received[-1]
    now = product.box.clock.now().timestamp()
    assert example.signature_is_right(made["secret"], headers, body, now=now)
    assert not example.signature_is_right(made["secret"], headers, body + b" ", now=now)
    assert not example.signature_is_right(made["secret"], headers, body, now=now + 3600)
    event = json.loads(body)
    assert (event["type"], event["data"]["order_id"]) == ("order.submitted", accepted["order_id"])


def test_a_webhook_is_shown_without_its_secret_and_can_be_removed(product: Product) -> None:
    webhook(product, "PUT", {"url": "https://shop.example.com/events"})
    status, shown = webhook(product, "GET")
    assert (status, shown["url"], "secret" in shown) == (200, "https://shop.example.com/events", False)
    assert webhook(product, "DELETE")[0] == 204
    assert webhook(product, "GET")[0] == 404


def test_a_webhook_address_that_is_not_public_https_is_refused_with_a_pointer(product: Product) -> None:
    status, problem = webhook(product, "PUT", {"url": "http://10.0.0.1/events"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/url")
