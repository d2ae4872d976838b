"""Lambda handler of the chunk worker."""

from __future__ import annotations

from exact_connector.wiring import container
from exact_connector.wiring.workers import sync_worker

handler = sync_worker(container())
