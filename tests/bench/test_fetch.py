"""What fetching costs, next to a bare loop and next to the package ``exactonline``, on one sandbox in one run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.fetching import PATH, WAYS
from bench.measuring import (
    PAGE_SECONDS,
    Measured,
    bench_sandbox,
    calls,
    consent,
    forget_calls,
    in_child,
    set_latency,
    table,
)
from exact_connector.clock import to_text
from fakes.sandbox_process import SandboxProcess
from functional.sandbox.core.tls import certificate

HEAD = ("way", "rows", "requests", "wall s", "CPU s", "CPU ms/row", "peak MB", "before MB")
ROUNDS = {5_000: 3, 100_000: 2}
"""Rounds per way; the least processor time counts, because other work on the machine only ever adds to it."""


def fetch(exact: SandboxProcess, way: str, path: Path) -> Measured:
    """Fetch everything once in a fresh process."""
    pair = consent(exact, path)
    forget_calls(exact)
    job = {
        "way": way,
        "certificate": str(path),
        "base": exact.base,
        "division": exact.division,
        "client_id": exact.client.client_id,
        "client_secret": exact.client.client_secret,
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "issued": to_text(pair.issued_at),
        "expires": to_text(pair.expires_at),
    }
    measured = in_child("bench.fetching", job, environment={"SSL_CERT_FILE": str(path)})
    return replace(measured, requests=sum(calls(exact, PATH).values()))


def best(rounds: list[Measured]) -> Measured:
    """Return the round that used the least processor time."""
    return min(rounds, key=lambda each: each.cpu)


@pytest.mark.parametrize("latency", [0.0, PAGE_SECONDS], ids=["without latency", "300 ms a page"])
@pytest.mark.parametrize("items", [5_000, 100_000])
def test_fetching_costs_at_most_a_third_more_than_a_bare_loop(items: int, latency: float, tmp_path: Path) -> None:
    path = certificate(tmp_path)
    with bench_sandbox(items, certificate=path) as exact:
        set_latency(exact, latency)
        rounds = {way: [] for way in WAYS}  # type: dict[str, list[Measured]]
        for _ in range(ROUNDS[items]):
            for way in WAYS:
                rounds[way].append(fetch(exact, way, path))
    found = {way: best(measured) for way, measured in rounds.items()}
    ours, bare = found["connector"], found["bare"]
    print(
        table(
            f"Fetching {items:,} items, {latency * 1000:.0f} ms a page",
            HEAD,
            [
                (way, each.rows, each.requests, each.wall, each.cpu, each.cpu_ms_per_row, each.peak_mb, each.base_mb)
                for way, each in found.items()
            ],
        )
    )
    for way, each in found.items():
        print(f"{way}: {ours.cpu / each.cpu:.2f} x its CPU and {ours.wall / each.wall:.2f} x its time are ours")
    assert {each.rows for each in found.values()} == {items}
    assert ours.requests == bare.requests == found["exactonline"].requests
    assert ours.cpu_ms_per_row <= 1.3 * bare.cpu_ms_per_row
    assert ours.peak_mb - ours.base_mb <= 256
