"""What the worker processes of the tests and of the bench do: ask for tokens, and make calls under one budget."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.managers import BaseManager
from typing import Any

from exact_connector.clock import SystemClock
from exact_connector.errors import BudgetExhausted, ReauthorizationRequired, TransientError
from exact_connector.exact.budget import CallBudget, Purpose
from exact_connector.exact.client import ExactClient
from exact_connector.exact.connection import Connection
from exact_connector.exact.error_budget import ErrorBudget
from exact_connector.exact.oauth import ClientCredentials, TokenEndpoint
from exact_connector.exact.query import Query
from exact_connector.exact.token_store import ParameterTokenStore
from exact_connector.exact.tokens import KeeperTimes, TokenKeeper
from exact_connector.exact.transport import HttpAnswer, HttpRequest, HttpSender, HttpxSender
from exact_connector.ports_memory import MemoryEvents
from functional.exact.shared_store import RemoteParameters, RemoteTable

TENANT = "acme"


@dataclass(frozen=True)
class Site:
    """Everything that a process needs to reach the stores and the sandbox."""

    stores: Any
    base: str
    client: ClientCredentials
    division: int
    clock: SystemClock
    times: KeeperTimes = field(default_factory=KeeperTimes)
    post_seconds: float = 25.0


class WithoutDate:
    """Drops the ``Date`` header, which tells the machine's time and not that of a sped-up sandbox."""

    def __init__(self, sender: HttpSender) -> None:
        self._sender = sender

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send, and answer without the date."""
        answer = self._sender.send(request)
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        return HttpAnswer(answer.status, headers, answer.body)


def keeper(site: Site, sender: HttpSender) -> TokenKeeper:
    """Return the token keeper of one process."""
    return TokenKeeper(
        TENANT,
        RemoteTable(site.stores, "control"),
        ParameterTokenStore(RemoteParameters(site.stores), "test"),
        TokenEndpoint(sender, site.clock, seconds=site.post_seconds),
        lambda connection: site.client,
        MemoryEvents(),
        site.clock,
        times=site.times,
    )


def exact_client(site: Site, sender: HttpSender, purpose: Purpose) -> ExactClient:
    """Return an Exact client of one process."""
    table = RemoteTable(site.stores, "sync")
    connection = Connection(TENANT, site.base, site.client.client_id, site.division)
    return ExactClient(
        connection,
        keeper(site, sender),
        CallBudget(table, site.client.client_id, site.division, site.clock),
        ErrorBudget(table, site.client.client_id, site.division, site.clock),
        sender if site.clock.rate == 1 else WithoutDate(sender),
        site.clock,
        purpose=purpose,
    )


def ask_for_tokens(site: Site, until: float, out: Any) -> None:
    """Ask for an access token over and over until a real moment; tell how often there was one."""
    mine, given, refused = keeper(site, HttpxSender()), 0, 0
    while time.time() < until:
        try:
            mine.access_token()
            given += 1
        except (TransientError, ReauthorizationRequired):
            refused += 1
        time.sleep(0.02)
    out.put((given, refused))


def read_all_the_time(site: Site, stream: str, until: float, out: Any) -> None:
    """Read pages as fast as the budget allows until a real moment; tell how many calls were made in each minute."""
    calls: Counter[int] = Counter()
    with exact_client(site, HttpxSender(), Purpose.SYNC) as client:
        while time.time() < until:
            try:
                client.fetch(Query(stream, select=("ID", "Timestamp"), filter="Timestamp gt 1L", top=1))
                calls[int(site.clock.now().timestamp() // 60)] += 1
            except BudgetExhausted as error:
                now = site.clock.now()
                wait = ((error.retry_after or now) - now).total_seconds() / site.clock.rate
                time.sleep(max(0.005, min(wait, until - time.time() + 0.01)))
    out.put(calls)


def in_processes(jobs: list[tuple[Callable[..., None], tuple[Any, ...]]], meanwhile: Callable[[], None]) -> list[Any]:
    """Run each job in a process of its own and return what they put out; ``meanwhile`` runs here until they end."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    processes = [context.Process(target=job, args=(*arguments, out)) for job, arguments in jobs]
    for process in processes:
        process.start()
    try:
        while any(process.is_alive() for process in processes) and out.empty():
            meanwhile()
            time.sleep(0.02)
        return [out.get(timeout=60) for _ in processes]
    finally:
        for process in processes:
            process.join(30)
        out.close()


def started(manager: BaseManager) -> BaseManager:
    """Start the process of the shared stores."""
    manager.start()
    return manager
