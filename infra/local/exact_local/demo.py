"""The demo: what an administrator and a platform do with a new company, through the running product's own doors."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from rich.table import Table

from exact_local.browser import give_consent
from exact_local.calls import Api, Refused, refusal
from exact_local.failures import LocalRunError
from exact_local.progress import Progress, last_runs, read_progress, show_progress
from exact_local.running import Running
from exact_local.screen import Screen

TENANT = "demo"
STARTED = ("items", "customers")
WATCHED = ("reference", "items", "customers")
SCOPES = ("catalog:read", "orders:read", "orders:write", "tenant:admin")
_KEY_LABEL = "local demo"
_POLL_SECONDS = 0.7
_LONGEST_SYNC_SECONDS = 1800
_LONGEST_CONSENT_SECONDS = 900


@dataclass(slots=True)
class Findings:
    """What the demo has to tell at the end."""

    key: str = ""
    order: dict[str, Any] = field(default_factory=dict)
    sync_seconds: float = 0.0
    served: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Company:
    """The company that is linked, and who may consent for it."""

    administration: str
    division: int | None = None
    user: dict[str, str] | None = None


async def show(running: Running, screen: Screen) -> int:
    """Run the demo; return 0 when all went well, else 1."""
    timeout = httpx.Timeout(40)
    async with httpx.AsyncClient(base_url=running.url, timeout=timeout) as client:
        try:
            findings = await _walk(running, client, screen)
        except (Refused, LocalRunError) as problem:
            screen.problem(str(problem))
            return 1
    _summary(running, findings, screen)
    return 0


async def _walk(running: Running, client: httpx.AsyncClient, screen: Screen) -> Findings:
    operator = Api(client, running.operator_key, tenant=TENANT)
    company = await company_of(running, client)
    await ensure_tenant(operator, company, screen)
    # Linking makes every stream due, so the first synchronisation begins there; a person may take minutes to consent.
    started = time.monotonic()
    if not await ensure_linked(running, operator, company, screen) or company.user is None:
        started = time.monotonic()
    findings = Findings(key=await make_key(operator))
    tenant = Api(client, findings.key)
    findings.sync_seconds = await _synchronise(tenant, started, screen)
    findings.served = await _served(tenant)
    findings.order = await _order(tenant, screen)
    return findings


async def company_of(running: Running, client: httpx.AsyncClient) -> Company:
    """Return the company to link: the sandbox's first one with its first user, or the one that the options name."""
    if not running.has_sandbox:
        return Company(running.administration or "")
    info = (await client.get(f"{running.site.url}/sandbox/info")).json()
    division, user = info["divisions"][0], info["users"][0]
    login = {"username": user["user_name"], "password": user["password"]}
    return Company(division["description"], division["code"], login)


async def ensure_tenant(operator: Api, company: Company, screen: Screen) -> None:
    """Make the demo tenant unless it is there."""
    if await operator.exists(f"/v1/tenants/{TENANT}"):
        return
    await operator.call(
        "POST",
        "/v1/tenants",
        {"id": TENANT, "name": "Demo", "country": "nl", "administration": company.administration},
    )
    screen.step(f"Tenant '{TENANT}' for the administration '{company.administration}'")


async def ensure_linked(running: Running, operator: Api, company: Company, screen: Screen) -> bool:
    """Link the tenant unless it is; return whether it was linked now."""
    if await _connected(operator):
        screen.step("The company is still linked")
        return False
    started = await operator.call("POST", f"/v1/tenants/{TENANT}/authorize", {})
    if company.user is None:
        await _wait_for_a_person(operator, started["authorize_url"], screen)
    else:
        await _consent(running, started["authorize_url"], company.user)
    described = await operator.get(f"/v1/tenants/{TENANT}")
    screen.step(f"Linked through Exact's consent page: division {described['connection']['division']}")
    return True


async def _connected(operator: Api) -> bool:
    described = await operator.get(f"/v1/tenants/{TENANT}")
    return bool(described["connection"]["state"].upper() == "CONNECTED")


async def _consent(running: Running, address: str, user: dict[str, str]) -> None:
    async with httpx.AsyncClient(timeout=40) as browser:
        callback = await give_consent(browser, address, user, f"{running.public_url}/oauth/callback")
        answer = await browser.get(callback)
    target = answer.headers.get("location", "")
    if not answer.is_redirect or "ExactOnlineCallback=True" not in target:
        raise Refused(f"The callback did not end on the console: {refusal(answer)}")


async def _wait_for_a_person(operator: Api, address: str, screen: Screen) -> None:
    screen.step(f"Open this address in a browser, log in at Exact and allow access:\n  {address}")
    deadline = time.monotonic() + _LONGEST_CONSENT_SECONDS
    while not await _connected(operator):
        if time.monotonic() > deadline:
            raise Refused(f"Nobody gave consent within {_LONGEST_CONSENT_SECONDS // 60} minutes.")
        await asyncio.sleep(2)


async def make_key(operator: Api) -> str:
    """Make a key for this run; it is shown once, so the ones of earlier runs are of no use to anybody."""
    for key in (await operator.get(f"/v1/tenants/{TENANT}/keys"))["keys"]:
        if key["label"] == _KEY_LABEL:
            await operator.call("DELETE", f"/v1/tenants/{TENANT}/keys/{key['id']}")
    made = await operator.call("POST", f"/v1/tenants/{TENANT}/keys", {"label": _KEY_LABEL, "scopes": list(SCOPES)})
    return str(made["key"])


async def _synchronise(tenant: Api, started: float, screen: Screen) -> float:
    """Start the families and show how they come in; return the seconds since ``started``."""
    address = f"/v1/tenants/{TENANT}/status"
    before = last_runs(await tenant.get(address))
    for family in STARTED:
        await tenant.call("POST", f"/v1/tenants/{TENANT}/sync/{family}", {})

    async def progress() -> Progress:
        return read_progress(await tenant.get(address), WATCHED, before)

    finished = await show_progress(screen, progress, _POLL_SECONDS, _LONGEST_SYNC_SECONDS)
    if finished.problems:
        raise Refused(f"The synchronisation stopped: {'; '.join(finished.problems)}")
    seconds = time.monotonic() - started
    screen.step(f"Synchronised in {seconds:.1f} s")
    return seconds


async def _served(tenant: Api) -> dict[str, int]:
    """Return how many documents of each kind are served."""
    status = await tenant.get(f"/v1/tenants/{TENANT}/status")
    return {
        kind.replace("_", " "): count
        for family in status["families"]
        if family["family"] in WATCHED
        for kind, count in family["counts"].items()
        if count
    }


async def _order(tenant: Api, screen: Screen) -> dict[str, Any]:
    """Post an order of a customer who may buy for two items that have a price."""
    customers = (await tenant.get("/v1/customers?status=C&limit=50"))["customers"]
    customer = next(each for each in customers if not each["is_blocked"])
    items = [item for item in (await tenant.get("/v1/items?limit=50"))["items"] if item["sales_price"]][:2]
    now = datetime.now(UTC)
    order = {
        "external_id": f"demo-{uuid.uuid4()}",
        "customer_id": customer["customer_id"],
        "created_at": now.isoformat(),
        "order_date": now.date().isoformat(),
        "reference": "Demo order",
        "lines": [
            {"item_code": item["item_code"], "quantity": "2", "unit_price": item["sales_price"]} for item in items
        ],
    }
    started = time.monotonic()
    posted = await tenant.call("POST", "/v1/orders", order, headers={"Prefer": "wait=20"})
    posted = await _until_settled(tenant, posted)
    number = posted.get("exact_number")
    if number is None:
        raise Refused(f"The order is {posted.get('state')}: {posted.get('reasons')}")
    screen.step(f"Order {number} is in Exact, {time.monotonic() - started:.1f} s after it was posted")
    return posted


async def _until_settled(tenant: Api, order: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while order.get("exact_number") is None and order.get("state") not in ("REJECTED",) and time.monotonic() < deadline:
        await asyncio.sleep(1)
        order = await tenant.get(f"/v1/orders/{order['order_id']}")
    return order


def _summary(running: Running, findings: Findings, screen: Screen) -> None:
    table = Table(title="Exact Connector on this machine", title_justify="left", show_header=False)
    for name, count in findings.served.items():
        table.add_row(name, f"{count:,} served")
    table.add_row("synchronised in", f"{findings.sync_seconds:.1f} s")
    table.add_row("order in Exact", str(findings.order.get("exact_number")))
    table.add_row("API", running.public_url)
    table.add_row("Exact", running.site.url)
    screen.console.print(table)
    screen.console.print(
        f"curl -H 'Authorization: Bearer {findings.key}' '{running.public_url}/v1/items?limit=3'", soft_wrap=True
    )
