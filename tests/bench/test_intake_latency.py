"""An order is accepted as fast as was promised, on the running product with a warm function."""

from __future__ import annotations

from pathlib import Path

from bench.intake_latency import LONGEST_P95_MS, measure


def test_an_order_is_accepted_in_time(tmp_path: Path) -> None:
    found = measure(tmp_path / "state", 300)
    print("\n" + "\n".join(found.lines()))
    assert found.sequential.at(0.95) < LONGEST_P95_MS
