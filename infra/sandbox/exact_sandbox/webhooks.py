"""Webhooks: subscriptions with a validation call, signed notifications, retries, and a log of every attempt.

    POST WebhookSubscriptions ── empty POST to the callback ── 2xx: stored ── else 500 `Invalid: Post to callback ...`
                                 about a second after the answer: the same empty POST once more
    a record changes ── one signed body per subscription of the topic ── 2xx: done ── else again, ten times

The signature is the upper-case hex HMAC-SHA256, under the application's webhook secret, of the bytes between
`{"Content":` and `,"HashCode":`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from exact_sandbox.documents.context import Context
from exact_sandbox.documents.refusals import exists, is_dutch
from exact_sandbox.world.store import Division, Refusal, Row, User, World

SUBSCRIPTIONS = "WebhookSubscriptions"
TOPICS = frozenset({
    "Accounts", "Contacts", "Items", "StockPositions", "SalesOrders", "SalesInvoices", "PurchaseOrders",
    "GoodsDeliveries", "Quotations", "Documents", "BankAccounts", "FinancialTransactions", "BankEntries", "CashEntries",
    "CostTransactions", "TimeTransactions", "Opportunities", "Projects", "GLAccounts", "DocumentAttachments",
})  # fmt: skip
RETRIES = 10
"""How often a notification is tried again; before try number n it waits 2^n of `Options.webhook_retry_s`."""
SECOND_VALIDATION_S = 1.0
UNREACHABLE = (500, "An error occurred while sending the request.")
"""What Exact names as status and reason of a callback that did not answer."""


def signed(content: Row, secret: str) -> bytes:
    """Return the body of a notification with its hash code."""
    inner = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    code = hmac.new(secret.encode(), inner, hashlib.sha256).hexdigest().upper()
    return b'{"Content":' + inner + b',"HashCode":"' + code.encode() + b'"}'


async def subscribe(world: World, context: Context, values: Row, user: User) -> Row:
    """Validate the callback with an empty POST and store the subscription; the hooks carry the second POST."""
    context.need(values, "CallbackURL", "Topic")
    topic, url = values.get("Topic"), values.get("CallbackURL") or ""
    if topic and topic not in TOPICS:
        context.problems.add("invalid", "Topic")
    if url and not _public(url, world):
        context.problems.add("invalid", "CallbackURL")
    if values.get("IsInstant") and topic != "GoodsDeliveries":
        context.problems.add("invalid", "IsInstant")
    context.check()
    client = values["_client"]
    table = context.division.table(SUBSCRIPTIONS)
    if any(row["Topic"] == topic and row["ClientID"] == client for row in table.rows()):
        raise exists(user.language)
    status, reason = await _post(world, context.division.code, url, b"", "validation")
    if not 200 <= status < 300:
        head = "Ongeldig" if is_dutch(user.language) else "Invalid"
        raise Refusal(500, f"{head}: Post to callback URL endpoint returns {status} {reason}")
    row: Row = {
        "ID": context.guid(), "Topic": topic, "CallbackURL": url, "ClientID": client, "UserID": user.user_id,
        "Description": topic, "IsInstant": bool(values.get("IsInstant")),
    }  # fmt: skip
    stored = table.insert(row, stamp=user)
    for hook in world.hooks:
        hook(context.division, SUBSCRIPTIONS, "Create", stored)
    return stored


def delete(context: Context, row: Row) -> None:
    """End a subscription."""
    context.division.table(SUBSCRIPTIONS).delete(row["ID"])


def _public(url: str, world: World) -> bool:
    parts = urlsplit(url)
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if loopback:
        return world.options.allow_loopback and parts.scheme in ("http", "https")
    return parts.scheme == "https" and bool(parts.hostname)


async def _post(world: World, division: int, url: str, body: bytes, kind: str) -> tuple[int, str]:
    """Call a callback; return its status and reason, or those of no answer. Every attempt is logged."""
    status, reason, error = *UNREACHABLE, ""
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        headers = {"Content-Type": "application/json"} if body else {"Content-Length": "0"}
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status, reason = answer.status, answer.reason or ""
    except (aiohttp.ClientError, TimeoutError) as failure:
        error = type(failure).__name__
    world.deliveries.append({
        "kind": kind, "division": division, "url": url, "status": 0 if error else status, "error": error,
        "body": body.decode(), "at": world.clock.now().isoformat(),
    })  # fmt: skip
    return status, reason


class Courier:
    """Carries notifications of changes to the subscribers; start it in the server's loop."""

    def __init__(self, world: World, *, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        self._world = world
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listen to the changes of every company from now on; needs a running loop when a change comes."""
        self._world.hooks.append(self.notice)

    async def stop(self) -> None:
        """Stop listening and drop what is still waiting for a retry."""
        if self.notice in self._world.hooks:
            self._world.hooks.remove(self.notice)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until every notification was delivered or given up."""
        while self._tasks:
            await asyncio.gather(*list(self._tasks), return_exceptions=True)

    def notice(self, division: Division, table: str, action: str, row: Row) -> None:
        """Send a change to the subscribers of its topic; a new subscription is validated a second time."""
        if table == SUBSCRIPTIONS:
            self._start(self._validate_again(division.code, row["CallbackURL"]))
            return
        subscriptions = division.tables.get(SUBSCRIPTIONS)
        if subscriptions is None or not len(subscriptions):
            return
        spec = division.table(table).spec
        for subscription in subscriptions.lookup("Topic", spec.topic) or []:
            app = self._world.apps.get(subscription["ClientID"])
            if app is None:
                continue
            content = {
                "Topic": spec.topic, "ClientId": app.client_id, "Division": division.code, "Action": action,
                "Key": row[spec.key],
                "ExactOnlineEndpoint": f"{self._world.base_url}/api/v1/{division.code}/{spec.endpoint}"
                                       f"(guid'{row[spec.key]}')",
                "EventCreatedOn": self._world.clock.local().isoformat(timespec="milliseconds"),
            }  # fmt: skip
            body = signed(content, app.webhook_secret)
            self._start(self._deliver(division.code, subscription["CallbackURL"], body))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _validate_again(self, division: int, url: str) -> None:
        await self._sleep(SECOND_VALIDATION_S)
        await _post(self._world, division, url, b"", "validation")

    async def _deliver(self, division: int, url: str, body: bytes) -> None:
        for retry in range(RETRIES + 1):
            if retry:
                await self._sleep(self._world.options.webhook_retry_s * 2**retry)
            status, _ = await _post(self._world, division, url, body, "notification")
            if 200 <= status < 300:
                return
