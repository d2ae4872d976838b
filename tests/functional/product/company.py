"""What a test needs to look at the product from outside and at Exact beside it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from exact_connector.clock import Clock
from exact_connector.exact.http.transport import HttpSender
from fakes.product import Product, SandboxProcess, running_sandbox

DIVISION = 123456
SMALL = ("--items", "150", "--customers", "40", "--orders", "30")
# Several tests share a minute: the limits themselves have tests of their own.
MANY_CALLS = ("--minute-limit", "5000", "--day-limit", "500000")
LISTS = {
    "/v1/items": "items",
    "/v1/item-groups": "item_groups",
    "/v1/units": "units",
    "/v1/vat-codes": "vat_codes",
    "/v1/price-lists": "price_lists",
    "/v1/stock": "stock",
    "/v1/customers": "customers",
    "/v1/suppliers": "suppliers",
}

Row = dict[str, Any]


class Company(Product):
    """The product linked to one administration of the sandbox."""

    def exact_rows(self, entity: str) -> list[Row]:
        """Return every stored row of an entity as the sandbox holds it, not as the connector reads it."""
        found = self.sandbox.control("GET", f"/records/{DIVISION}/{entity}?_limit=1000000")
        rows: list[Row] = found["records"]
        assert len(rows) == found["count"]
        return rows

    def served(self, path: str, **query: str) -> list[Row]:
        """Return every document of a list, following its pages."""
        rows: list[Row] = []
        following: str | None = f"{path}?{urlencode({'limit': '70', **query})}"
        while following:
            parts = urlsplit(following)
            page = self.ok("GET", parts.path, query={name: each[0] for name, each in parse_qs(parts.query).items()})
            rows += page[LISTS.get(parts.path, parts.path.rsplit("/", 1)[-1])]
            following = page["next"]
        return rows

    def everything_served(self) -> dict[str, list[Row]]:
        """Return every list, items and customers with all their attributes."""
        full = {"/v1/items", "/v1/customers"}
        return {path: self.served(path, **({"view": "full"} if path in full else {})) for path in LISTS}

    def one(self, path: str, key: str) -> Row | None:
        """Return one document, None when it is not there."""
        status, found, _ = self.call("GET", f"{path}/{quote(key, safe='')}")
        assert status in (200, 404), found
        return dict(found) if status == 200 else None

    @property
    def head(self) -> int:
        """The newest number of the change feed."""
        return int(self.ok("GET", "/v1/status")["feed_head"])

    def changes(self, since: int) -> list[Row]:
        """Return the change feed after a number."""
        page = self.ok("GET", "/v1/changes", query={"since": str(since), "limit": "1000"})
        assert page["next"] == page["head"]
        return list(page["changes"])

    def synchronise(self, *, full: bool = False, families: Iterable[str] = ("items", "customers")) -> None:
        """Press the button of each family and let the workers do it."""
        for family in families:
            self.ok("POST", f"/v1/tenants/{self.tenant}/sync/{family}", {"full": full})
        self.work()

    def calls(self) -> dict[str, int]:
        """Return how often each resource of Exact was called since they were forgotten.

        A token is refreshed when its time has come, on a slow machine within any test, so those calls do not count.
        """
        counts: dict[str, int] = {}
        for row in self.sandbox.control("GET", "/counters")["calls"]:
            if "oauth2" in row["path"]:
                continue
            counts[row["path"]] = counts.get(row["path"], 0) + row["calls"]
        return counts

    def forget_calls(self) -> None:
        """Count the calls anew."""
        self.sandbox.control("DELETE", "/counters")

    def rows(self) -> dict[tuple[str, str, str], Row]:
        """Return every row of every table."""
        return {
            (name, str(row["pk"]), str(row["sk"])): copy.deepcopy(row)
            for name, table in self.box.memory.tables.items()
            for partition in table._rows.values()
            for row in partition.values()
        }

    def parameters(self) -> dict[str, list[str]]:
        """Return every stored parameter with its versions."""
        return copy.deepcopy(self.box.platform.parameters._values)  # type: ignore[attr-defined]

    def exact_orders(self) -> list[Row]:
        """Return the documents that clients created in the sandbox."""
        return list(self.sandbox.control("GET", "/orders")["orders"])

    def orders_in_exact(self, reference: str) -> list[Row]:
        """Return the sales orders in Exact with this description."""
        return [row for row in self.exact_rows("SalesOrders") if row.get("Description") == reference]


@contextmanager
def linked_company(*arguments: str) -> Iterator[Company]:
    """Run a sandbox and a product whose tenant is linked to it and synchronised."""
    with running_sandbox(*SMALL, *MANY_CALLS, *arguments) as sandbox, unlinked_company(sandbox) as company:
        status, found, headers = company.link()
        assert status == 302, found
        assert headers["Location"].endswith("?ExactOnlineCallback=True")
        company.work()
        yield company


@contextmanager
def unlinked_company(
    sandbox: SandboxProcess, *, clock: Clock | None = None, sender: HttpSender | None = None
) -> Iterator[Company]:
    """Run a product that has no tenant yet, beside a sandbox."""
    company = Company(sandbox, clock=clock, sender=sender)
    try:
        yield company
    finally:
        company.box.platform.sender.close()  # type: ignore[attr-defined]
