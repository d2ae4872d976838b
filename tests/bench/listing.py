"""List a hundred thousand items from the first page to the last on the running product. By hand:

PYTHONPATH=infra/local:layers/common:tests python tests/bench/listing.py --items 100000

The documents are written straight into the catalogue's table, as the projection writes them; nothing is synchronised.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from exact_connector.aws.dynamodb import DynamoTable
from exact_connector.documents.bodies import partition, to_body
from exact_connector.storage.table import Row
from exact_local.aws import handler_environment
from runtime.acceptance.stack import Stack, Tenant, free_port

PAGE = 1_000
_AT_ONCE = 5_000
_ACCEPTED = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Listing:
    """The seconds that each page took, in order, and how many items came."""

    items: int
    pages: tuple[float, ...]

    @property
    def slowing(self) -> float:
        """How many times longer a page of the last tenth took than one of the first, by the medians."""
        part = max(1, len(self.pages) // 10)
        return median(self.pages[-part:]) / median(self.pages[:part])

    @property
    def rate(self) -> float:
        """Items a second over everything."""
        return self.items / sum(self.pages)


def fill(table: DynamoTable, tenant: str, items: int) -> None:
    """Write that many item documents of a usual size."""
    pk = partition(tenant, "item")
    for start in range(0, items, _AT_ONCE):
        rows: list[Row] = []
        for number in range(start, min(items, start + _AT_ONCE)):
            body = to_body(_document(number))
            rows.append(
                {
                    "pk": pk,
                    "sk": f"ART-{number:06d}",
                    "owner": f"{number:032x}",
                    "body": body.pieces[0],
                    "hash": body.hash,
                    "seq": 0,
                    "updated_at": "2026-03-02T09:00:00.000000Z",
                }
            )
        table.batch_write(rows)


def _document(number: int) -> dict[str, object]:
    texts = {f"class_{place:02d}": f"class {(number * 7 + place) % 31}" for place in range(10)}
    return {
        "item_id": f"{number:032x}",
        "item_code": f"ART-{number:06d}",
        "description": f"Item number {number} of a wholesale catalogue, as long as such texts are",
        "sales_price": f"{number % 997}.95",
        "unit": "pc",
        "is_sales_item": True,
        "attributes": {f"attribute_{place:02d}": f"value {number % (place + 3)}" for place in range(40)},
        **texts,
    }


def measure(state: Path, items: int) -> Listing:
    """Start the product, fill a tenant's catalogue and list it page by page."""
    stack = Stack(state, free_port(), "--items", "10", "--customers", "2")
    try:
        tenant = Tenant(stack, "bench")
        tenant.ok("POST", "/v1/tenants", {"id": "bench", "name": "bench", "country": "nl", "administration": "None"})
        os.environ.update(handler_environment(stack.aws_url, "local"))
        fill(DynamoTable("exact-local-catalog"), "bench", items)
        found, seconds = 0, list[float]()
        codes = set[str]()
        following: str | None = f"/v1/items?limit={PAGE}"
        while following:
            began = time.perf_counter()
            answer = tenant.call("GET", following, headers=_ACCEPTED).json()
            seconds.append(time.perf_counter() - began)
            found += len(answer["items"])
            codes.update(each["item_code"] for each in answer["items"])
            following = answer["next"]
        assert found == len(codes) == items
        return Listing(found, tuple(seconds))
    finally:
        stack.close()


def main() -> None:
    """Print how fast the pages come."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "state", given.items)
    tenth = max(1, len(found.pages) // 10)
    print(f"{found.items:,} items in {len(found.pages)} pages, {found.rate:,.0f} items a second")
    print(f"page of the first tenth {1000 * median(found.pages[:tenth]):.0f} ms, of the last", end=" ")
    print(f"{1000 * median(found.pages[-tenth:]):.0f} ms ({found.slowing:.2f} times), slowest", end=" ")
    print(f"{1000 * max(found.pages):.0f} ms")


if __name__ == "__main__":
    main()
