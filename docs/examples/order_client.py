"""Post an order to the Exact Connector so that it is in Exact exactly once, whatever breaks in between.

    export CONNECTOR_URL=https://... CONNECTOR_KEY=exk_...
    python docs/examples/order_client.py 10001 A-1000 2

Needs ``httpx``. The rule is simple: one key per order, kept with the order on your side; and as long as there is no
clear answer, the same body again under the same key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

FINAL = frozenset({"SUBMITTED", "REJECTED", "CANCELLED"})
TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


class Refused(Exception):
    """The order was not accepted: ``problem`` says where and why. The same body will be refused again."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail")))
        self.problem = problem


@dataclass(frozen=True)
class OrderClient:
    """Posts orders with a key of the tenant that carries ``orders:write`` and ``orders:read``."""

    http: httpx.Client
    sleep: Callable[[float], None] = time.sleep

    def submit(self, order: Mapping[str, Any], key: str, *, wait: int = 10, tries: int = 20) -> dict[str, Any]:
        """Post an order until there is a clear answer; return it as it is accepted, or already in Exact."""
        headers = {"Idempotency-Key": key, "Prefer": f"wait={wait}"}
        for attempt in range(tries):
            try:
                answer = self.http.post("/v1/orders", json=dict(order), headers=headers, timeout=60)
            except httpx.TransportError:
                self.sleep(min(2.0**attempt, 60))
                continue
            if answer.status_code in TRY_AGAIN:
                self.sleep(float(answer.headers.get("Retry-After", min(2.0**attempt, 60))))
                continue
            document: dict[str, Any] = answer.json()
            if answer.status_code >= 400:
                raise Refused(document)
            return document
        raise TimeoutError("No clear answer came; post the same order under the same key again later.")

    def wait_until_final(self, order_id: str, *, seconds: float = 600) -> dict[str, Any]:
        """Ask until the order has come to an end, at most that long; return how it stands then."""
        until = time.monotonic() + seconds
        while True:
            document: dict[str, Any] = self.http.get(f"/v1/orders/{order_id}").raise_for_status().json()
            if document["state"] in FINAL or time.monotonic() > until:
                return document
            self.sleep(2)


def signature_is_right(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float, leeway: float = 300
) -> bool:
    """Tell whether a webhook request comes from the connector and is not an old one sent again."""
    timestamp = headers["X-Connector-Timestamp"]
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    fresh = abs(now - int(timestamp)) <= leeway
    return fresh and hmac.compare_digest(headers["X-Connector-Signature"], f"sha256={expected}")


def main(customer: str, item: str, quantity: str) -> int:
    """Post one order of one line and print what became of it."""
    http = httpx.Client(
        base_url=os.environ["CONNECTOR_URL"], headers={"Authorization": f"Bearer {os.environ['CONNECTOR_KEY']}"}
    )
    order = {"customer_code": customer, "lines": [{"item_code": item, "quantity": int(quantity)}]}
    with http:
        client = OrderClient(http)
        try:
            accepted = client.submit(order, key=str(uuid.uuid4()))
        except Refused as refused:
            for fault in refused.problem.get("errors", [refused.problem]):
                words = fault.get("message") or fault.get("detail")
                sys.stdout.write(f"{fault.get('pointer', '')} {fault.get('code')}: {words}\n")
            return 1
        final = client.wait_until_final(accepted["order_id"])
    sys.stdout.write(f"{final['state']} {final['exact_number'] or final['reasons']}\n")
    return 0 if final["state"] == "SUBMITTED" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
