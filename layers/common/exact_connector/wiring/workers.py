"""The Lambda handler that every chunk worker shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exact_connector.observability import LambdaHandler, count, instrumented, logger
from exact_connector.wiring.container import Container
from exact_connector.workers import deadline, handle_batch


def sync_worker(box: Container) -> LambdaHandler:
    """Return the handler that works on the streams named by queue messages."""

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
        until = deadline(box.clock, context, rate=box.environment.CLOCK_RATE)

        def process(body: Mapping[str, str]) -> None:
            try:
                result = box.sync.engine.run_worker(body["tenant"], body["stream"], until)
            finally:
                box.exact.release_unused()
            chunk = result.chunk
            documents = sum(each.written + each.removed for each in result.projections)
            count(Chunks=1, SyncRows=0 if chunk is None else chunk.rows, SyncDocuments=documents)
            logger().info(
                "a chunk ended",
                tenant=body["tenant"],
                stream=body["stream"],
                outcome=None if chunk is None else chunk.outcome,
                pages=0 if chunk is None else chunk.pages,
                rows=0 if chunk is None else chunk.rows,
                documents=documents,
            )

        return handle_batch(event, process, logger())

    return instrumented(handler)
