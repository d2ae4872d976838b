"""Workers that are killed in the middle of a synchronisation change nothing in what is stored at the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from exact_local.calls import Api
from exact_local.demo import TENANT, WATCHED, company_of, ensure_linked, ensure_tenant, make_key
from exact_local.options import Options
from exact_local.progress import Progress, Runs, last_runs, read_progress, show_progress
from runtime.conftest import LoopThread
from runtime.processes import descendants
from runtime.product import Product

pytestmark = pytest.mark.slow
STATUS = f"/v1/tenants/{TENANT}/status"
KINDS = ("items", "stock", "customers", "suppliers")
KILLS = 3


def is_sync_worker(command: str) -> bool:
    return "awslambdaric sync_" in command


async def link(product: Product) -> str:
    async with httpx.AsyncClient(base_url=product.running.url, timeout=40) as client:
        operator = Api(client, product.running.operator_key, tenant=TENANT)
        company = await company_of(product.running, client)
        await ensure_tenant(operator, company, product.screen)
        key = await make_key(operator)
        await ensure_linked(product.running, operator, company, product.screen)
    return key


def documents(product: Product, headers: dict[str, str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for kind in KINDS:
        address: str | None = f"/v1/{kind}?limit=1000"
        while address:
            page = product.http.get(address, headers=headers).json()
            found.setdefault(kind, []).extend(page[kind])
            address = page["next"]
    return found


class Watch:
    """Watches a synchronisation; kills all its workers whenever another page has come in."""

    def __init__(self, tenant: Api, before: Runs, kills: int) -> None:
        self._tenant = tenant
        self._before = before
        self._kills = kills
        self._pages = 0
        self.killed = 0

    async def look(self) -> Progress:
        progress = read_progress(await self._tenant.get(STATUS), WATCHED, self._before)
        pages = sum(family.pages for family in progress.families)
        if self.killed < self._kills and pages > self._pages and not progress.done:
            self._pages = pages
            self.killed += self._kill()
        return progress

    def _kill(self) -> int:
        workers = descendants(os.getpid(), is_sync_worker)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        return min(len(workers), 1)


async def until_done(product: Product, key: str, before: Runs, *, kills: int) -> int:
    """Watch until all is done and return how often workers were killed."""
    async with httpx.AsyncClient(base_url=product.running.url, timeout=40) as client:
        watch = Watch(Api(client, key), before, kills)
        last = await show_progress(product.screen, watch.look, 0.5, 600)
    assert last.problems == ()
    return watch.killed


def test_killed_workers_end_in_the_same_documents_as_an_undisturbed_full_load(
    loop: LoopThread, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    # Ten times as fast, so that leases of the dead and the next minute's calls come soon.
    options = Options(port=free_port(), state=tmp_path, items=1500, customers=300, demo=False, clock_rate=Decimal(10))
    with Product(loop, options) as product:
        key = loop.run(link(product))
        headers = {"Authorization": f"Bearer {key}"}
        assert loop.run(until_done(product, key, {}, kills=KILLS), 700) == KILLS
        disturbed = documents(product, headers)

        before = last_runs(product.http.get(STATUS, headers=headers).json())
        for family in ("items", "customers"):
            answer = product.http.post(f"/v1/tenants/{TENANT}/sync/{family}", json={"full": True}, headers=headers)
            assert answer.status_code == 202
        loop.run(until_done(product, key, before, kills=0), 700)
        assert documents(product, headers) == disturbed
        assert len(disturbed["items"]) > 1000
