"""What the worker processes of the tests and of the bench do: ask for tokens, and make calls under one budget."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from exact_connector.clock import SystemClock
from exact_connector.errors import BudgetExhausted, ReauthorizationRequired, TransientError
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint
from exact_connector.exact.auth.token_manager import KeeperTimes, TokenKeeper
from exact_connector.exact.auth.token_store import ParameterTokenStore
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest, HttpSender, HttpxSender
from exact_connector.exact.limits.call_budget import CallBudget, Purpose
from exact_connector.exact.limits.error_budget import ErrorBudget
from fakes.ports import MemoryEvents
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


@dataclass(frozen=True)
class Race:
    """How processes begin together, learn that it is over, and tell what they did."""

    barrier: Any
    stop: Any
    out: Any

    def begin(self) -> None:
        """Wait until every process is there."""
        self.barrier.wait(120)

    def over(self) -> bool:
        """Tell whether to stop."""
        return bool(self.stop.is_set())

    def tell(self, result: Any) -> None:
        """Hand a result to the process that started this one."""
        self.out.put(result)


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


def ask_for_tokens(site: Site, race: Race) -> None:
    """Ask for an access token over and over until told to stop; tell how often there was one."""
    mine, given, refused = keeper(site, HttpxSender()), 0, 0
    race.begin()
    while not race.over():
        try:
            mine.access_token()
            given += 1
        except (TransientError, ReauthorizationRequired):
            refused += 1
        time.sleep(0.02)
    race.tell((given, refused))


def read_all_the_time(site: Site, stream: str, race: Race) -> None:
    """Read pages as fast as the budget allows until told to stop; tell how many calls were made in each minute."""
    calls: Counter[int] = Counter()
    race.begin()
    with exact_client(site, HttpxSender(), Purpose.SYNC) as client:
        while not race.over():
            try:
                client.fetch(Query(stream, select=("ID", "Timestamp"), filter="Timestamp gt 1L", top=1))
                calls[int(site.clock.now().timestamp() // 60)] += 1
            except BudgetExhausted as error:
                now = site.clock.now()
                wait = ((error.retry_after or now) - now).total_seconds() / site.clock.rate
                time.sleep(max(0.005, min(wait, 0.5)))
    race.tell(calls)


def in_processes(jobs: list[tuple[Callable[..., None], tuple[Any, ...]]], meanwhile: Callable[[], bool]) -> list[Any]:
    """Run each job in a process of its own, all beginning together, and return what they told.

    ``meanwhile`` is called here again and again until it says that it is enough.
    """
    context = multiprocessing.get_context("spawn")
    race = Race(context.Barrier(len(jobs) + 1), context.Event(), context.Queue())
    processes = [context.Process(target=job, args=(*arguments, race)) for job, arguments in jobs]
    for process in processes:
        process.start()
    try:
        race.begin()
        while not meanwhile():
            time.sleep(0.02)
        race.stop.set()
        return [race.out.get(timeout=60) for _ in processes]
    finally:
        race.stop.set()
        for process in processes:
            process.join(30)
        race.out.close()
