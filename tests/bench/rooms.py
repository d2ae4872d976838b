"""Count how often one posted order changes rooms: run as `python tests/bench/rooms.py` with the paths of `make test`.

A room is a folder of `exact_connector` (`orders`, `sync`, ...) or a function. Every call from a frame of one
room to a frame of another is a change; what lies on the ground floor (errors, clock, fields, storage, ...) is where
everybody reads and writes, so calls into it do not count, and neither do calls within one room.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

GROUND = frozenset(
    {
        "errors",
        "clock",
        "observability",
        "environment",
        "fields",
        "identifiers",
        "storage",
        "client_values",
        "countries",
    }
)
PACKAGE = "exact_connector/"


def room_of(filename: str) -> str | None:
    """Return the room of a source file, None for the ground floor and for what is not the product's."""
    if "/functions/" in filename:
        return "functions/" + filename.rpartition("/functions/")[2].partition("/")[0]
    head, found, path = filename.rpartition(PACKAGE)
    if not found or not head.endswith("layers/common/"):
        return None
    parts = path.removesuffix(".py").split("/")
    if parts[0] in GROUND:
        return None
    return parts[0]


class Changes:
    """Calls from room to room, counted with `sys.setprofile`."""

    def __init__(self) -> None:
        self.pairs: Counter[tuple[str, str]] = Counter()
        self._stack: list[str | None] = []

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Take one event of the profiler."""
        if event == "call":
            room = room_of(frame.f_code.co_filename)
            caller = next((each for each in reversed(self._stack) if each is not None), None)
            if room is not None and caller is not None and room != caller:
                self.pairs[caller, room] += 1
            self._stack.append(room)
        elif event == "return" and self._stack:
            self._stack.pop()


@contextmanager
def counted() -> Iterator[Changes]:
    """Count the changes of room within a block."""
    changes = Changes()
    sys.setprofile(changes)
    try:
        yield changes
    finally:
        sys.setprofile(None)


def main() -> None:
    """Post one order to a product that has served one before, and print the changes of room."""
    from fakes.product import running_sandbox
    from functional.product.company import MANY_CALLS, SMALL, unlinked_company

    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox, unlinked_company(sandbox) as company:
        company.link()
        company.work()
        customer = company.ok("GET", "/v1/customers")["customers"][0]["customer_code"]
        item = company.ok("GET", "/v1/items")["items"][0]["item_code"]
        body = {"customer_code": customer, "lines": [{"item_code": item, "quantity": 1}]}
        wait = {"prefer": "wait=20"}
        company.ok("POST", "/v1/orders", {**body, "external_id": "ROOMS-1"}, headers=wait)
        with counted() as changes:
            answer = company.ok("POST", "/v1/orders", {**body, "external_id": "ROOMS-2"}, headers=wait)
    total = sum(changes.pairs.values())
    wiring = sum(count for pair, count in changes.pairs.items() if "wiring" in pair)
    print(f"one order, {answer['state']}: {total} changes of room, {wiring} of them lead into or out of wiring")
    for (caller, room), count in changes.pairs.most_common():
        print(f"{count:4} {caller} -> {room}")


if __name__ == "__main__":
    main()
