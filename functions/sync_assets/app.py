"""Lambda handler of the work in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exact_connector.observability import count, instrumented, logger
from exact_connector.wiring import container
from exact_connector.workers import deadline, handle_batch

_box = container()


def _handle(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Do the jobs of the tenants that the messages name."""
    until = deadline(_box.clock, context, rate=_box.environment.CLOCK_RATE)

    def process(body: Mapping[str, str]) -> None:
        try:
            done = _box.jobs.work(body["job"], body["tenant"], until)
        finally:
            _box.exact.release_unused()
        count(Jobs=1)
        logger().info("a job was worked on", tenant=body["tenant"], job=body["job"], done=done)

    return handle_batch(event, process, logger())


handler = instrumented(_handle)
