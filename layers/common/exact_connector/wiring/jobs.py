"""Work in the background: customers, exports, pictures and logos."""

from __future__ import annotations

from exact_connector.background import BackgroundJobs, Job
from exact_connector.wiring.assets import AssetParts
from exact_connector.wiring.customers import CustomerParts
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.serving import ServingParts


def build_jobs(
    platform: Platform, customers: CustomerParts, serving: ServingParts, assets: AssetParts
) -> BackgroundJobs:
    """Return the jobs by their names in messages."""
    jobs = {
        "customers": Job(lambda now: [tenant for tenant, _ in customers.requests.due(now)], customers.engine.work),
        "exports": Job(serving.exports.due, serving.exports.work),
        "assets": Job(assets.fetcher.due, assets.fetcher.work),
    }
    return BackgroundJobs(jobs, lambda: platform.queues["assets"])
