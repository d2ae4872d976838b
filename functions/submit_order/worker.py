"""Lambda handler of the order worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exact_connector.observability import count, instrumented, logger
from exact_connector.wiring import container
from exact_connector.workers import deadline, handle_batch

_box = container()


def _handle(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Work through the open orders of the administrations that the messages name."""
    until = deadline(_box.clock, context, rate=_box.environment.CLOCK_RATE)

    def process(body: Mapping[str, str]) -> None:
        try:
            counts = _box.orders.handle(body, until)
        finally:
            _box.exact.release_unused()
        count(OrdersFinished=counts.get("finished", 0), OrdersLeft=counts.get("left", 0))
        logger().info("orders were worked on", tenant=body["tenant"], counts=counts)

    return handle_batch(event, process, logger())


handler = instrumented(_handle)
