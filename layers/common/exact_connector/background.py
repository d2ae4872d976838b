"""Jobs in the background, such as exports and pictures: which tenants have one due, and the work itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from exact_connector.storage.ports import Queue


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of job.

    ``due``: the tenants that have one at a moment. ``work``: does a tenant's jobs until a moment, returns how many.
    """

    due: Callable[[datetime], Iterable[str]]
    work: Callable[[str, datetime], int]


class BackgroundJobs:
    """Sends tenants with due jobs to the worker, and does their jobs there."""

    def __init__(self, jobs: Mapping[str, Job], queue: Callable[[], Queue]) -> None:
        self._jobs = jobs
        self._queue = queue

    def dispatch(self, now: datetime) -> int:
        """Send one message for every tenant and job that is due; return how many."""
        due = [(name, tenant) for name, job in self._jobs.items() for tenant in dict.fromkeys(job.due(now))]
        for name, tenant in due:
            self._queue().send({"tenant": tenant, "job": name}, group=tenant)
        return len(due)

    def work(self, name: str, tenant: str, until: datetime) -> int:
        """Do a tenant's jobs of one kind; return how many were done."""
        return self._jobs[name].work(tenant, until)
