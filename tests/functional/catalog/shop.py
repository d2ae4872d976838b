"""A small company linked and synchronised, as platforms and tests see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from fakes.product import Product, SandboxProcess, running_sandbox

DIVISION = 123456
SIZE = ("--items", "150", "--customers", "40", "--orders", "30")
# The limits have tests of their own; here many tests share a minute.
MANY_CALLS = ("--minute-limit", "5000", "--day-limit", "500000")
LISTS = {"/v1/items": "items", "/v1/customers": "customers", "/v1/price-lists": "price_lists", "/v1/stock": "stock"}


class Shop(Product):
    """The product linked to the sandbox's main company."""

    def every(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return every document of a list."""
        page = self.ok("GET", path, query={"limit": "1000", **query})
        name = LISTS.get(path) or path.rsplit("/", 1)[-1].replace("-", "_")
        assert page["next"] is None
        return list(page[name])

    def exact_rows(self, entity: str, **match: str) -> list[dict[str, Any]]:
        """Return stored rows of the sandbox."""
        query = "&".join(f"{name}={value}" for name, value in {"_limit": "100000", **match}.items())
        return list(self.sandbox.control("GET", f"/records/{DIVISION}/{entity}?{query}")["records"])

    def calls(self) -> dict[str, int]:
        """Return the calls to the company's resources since they were forgotten, by path behind the administration."""
        found: dict[str, int] = {}
        for row in self.sandbox.control("GET", "/counters")["calls"]:
            path = str(row["path"]).partition(f"/{DIVISION}/")[2] or str(row["path"])
            found[path] = found.get(path, 0) + int(row["calls"])
        return found

    def forget_calls(self) -> None:
        """Count the calls anew."""
        self.sandbox.control("DELETE", "/counters")

    def settings(self, values: Mapping[str, Any]) -> None:
        """Replace the settings and let the workers do what follows."""
        self.ok("PUT", f"/v1/tenants/{self.tenant}/settings", dict(values))
        self.work()

    def work_on_jobs(self, *, seconds: float = 300, later: timedelta = timedelta()) -> int:
        """Let the worker in the background do what is due ``later`` than now; return how many messages it had."""
        self.box.jobs.dispatch(self.box.clock.now() + later)
        messages = self.box.messages("assets")
        for body in messages:
            self.box.jobs.work(body["job"], body["tenant"], self.box.clock.now() + timedelta(seconds=seconds))
        return len(messages)


@contextmanager
def linked_shop(
    *arguments: str, prepare: Callable[[SandboxProcess], None] = lambda sandbox: None, **tenant: Any
) -> Iterator[Shop]:
    """Run a sandbox, change its company with ``prepare``, and link and synchronise a tenant of a product."""
    with running_sandbox(*SIZE, *MANY_CALLS, *arguments) as sandbox:
        prepare(sandbox)
        shop = Shop(sandbox)
        try:
            status, found, _ = shop.link(**tenant)
            assert status == 302, found
            shop.work()
            yield shop
        finally:
            shop.box.platform.sender.close()  # type: ignore[attr-defined]
