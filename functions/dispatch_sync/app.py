"""Lambda handler of the minute: send what is due to the workers, keep idle connections alive."""

from __future__ import annotations

from typing import Any

from exact_connector.observability import correlated, count, instrumented, logger
from exact_connector.wiring import container

_box = container()


def _handle(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Dispatch streams, orders and jobs that are due."""
    now = _box.clock.now()
    with correlated(context.aws_request_id):
        streams = _box.sync.engine.dispatch(now)
        orders = _box.orders.dispatch(now) + _box.jobs.dispatch(now)
        kept = _box.exact.keep_alive(now)
        if streams or orders or kept:
            logger().info("dispatched", streams=streams, orders=orders, kept_alive=kept)
    count(DispatchedStreams=streams, DispatchedOrders=orders, ConnectionsKeptAlive=kept)
    return {"streams": streams, "orders": orders, "kept_alive": kept}


handler = instrumented(_handle)
