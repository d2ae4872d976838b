"""Measure the first synchronisation of a company on the running product, from its link on. By hand:

PYTHONPATH=infra/local:layers/common:tests python tests/bench/first_sync.py --items 5000 --customers 1000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from runtime.acceptance.stack import Stack, Tenant, free_port, wait_for

LONGEST_FIRST_SYNC_SECONDS = 45.0
LONGEST_WHOLE_SECONDS = 120.0


@dataclass(frozen=True)
class Figures:
    """What was measured, in seconds, calls and documents."""

    start: float
    link: float
    items_served: float
    everything_served: float
    order: float
    second_run: float
    settings_change: float
    whole: float
    calls: int
    second_calls: int
    settings_calls: int
    documents: dict[str, int]

    def lines(self) -> list[str]:
        """Return the figures as lines for a person."""
        documents = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.documents.items()) if count)
        return [
            f"started and deployed            {self.start:6.1f} s",
            f"linked through the consent page {self.link:6.1f} s",
            f"items, prices, stock served     {self.items_served:6.1f} s after the link",
            f"everything served               {self.everything_served:6.1f} s after the link, {self.calls} calls",
            f"order in Exact                  {self.order:6.1f} s after it was posted",
            f"second run                      {self.second_run:6.1f} s, {self.second_calls} calls",
            f"settings change on all items    {self.settings_change:6.1f} s, {self.settings_calls} calls",
            f"all of it                       {self.whole:6.1f} s",
            f"served: {documents}",
        ]


def measure(state: Path, items: int, customers: int) -> Figures:
    """Start the product on an empty state folder, link a company, load it, order, and load it again."""
    begun = time.monotonic()
    stack = Stack(state, free_port(), "--items", str(items), "--customers", str(customers))
    try:
        started = time.monotonic()
        tenant = Tenant(stack, "bench")
        tenant.link()
        linked = time.monotonic()
        wait_for("the items", lambda: _light(tenant, "items") == "blue", seconds=600)
        items_served = time.monotonic()
        tenant.wait_until_loaded()
        loaded, calls = time.monotonic(), stack.calls("")
        posted = tenant.post(tenant.order("bench"), wait=20)
        assert posted.status_code == 201, posted.text
        ordered = time.monotonic()
        stack.sandbox("DELETE", "/counters")
        tenant.synchronise()
        again = time.monotonic()
        second_calls = stack.calls("")
        changed, settings_calls = _change_settings(stack, tenant)
        counts = {kind: n for family in tenant.status()["families"] for kind, n in family["counts"].items()}
        return Figures(
            start=started - begun,
            link=linked - started,
            items_served=items_served - linked,
            everything_served=loaded - linked,
            order=ordered - loaded,
            second_run=again - ordered,
            settings_change=changed,
            whole=time.monotonic() - begun,
            calls=calls,
            second_calls=second_calls,
            settings_calls=settings_calls,
            documents=counts,
        )
    finally:
        stack.close()


def _change_settings(stack: Stack, tenant: Tenant) -> tuple[float, int]:
    """Change what every item shows; return the seconds until all are served so, and the calls of Exact."""
    stack.sandbox("DELETE", "/counters")
    began = time.monotonic()
    tenant.ok("PATCH", f"/v1/tenants/{tenant.id}/settings", {"ExtraDescriptionOnDescription": True})
    wait_for("the items with the new settings", lambda: _light(tenant, "items") == "blue", seconds=300)
    return time.monotonic() - began, stack.calls("")


def _light(tenant: Tenant, family: str) -> str:
    return str(next(each["light"] for each in tenant.status()["families"] if each["family"] == family))


def main() -> int:
    """Print the figures; 1 when the first load or the whole took longer than promised."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--customers", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "state", given.items, given.customers)
    print("\n".join(found.lines()))
    promised = found.items_served <= LONGEST_FIRST_SYNC_SECONDS and found.whole <= LONGEST_WHOLE_SECONDS
    return 0 if promised else 1


if __name__ == "__main__":
    sys.exit(main())
