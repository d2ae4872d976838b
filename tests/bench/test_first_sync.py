"""The first synchronisation of 5,000 items and 1,000 customers keeps what was promised."""

from __future__ import annotations

from pathlib import Path

from bench.first_sync import LONGEST_FIRST_SYNC_SECONDS, LONGEST_WHOLE_SECONDS, measure


def test_five_thousand_items_are_served_in_time(tmp_path: Path) -> None:
    found = measure(tmp_path / "state", 5000, 1000)
    print("\n" + "\n".join(found.lines()))
    assert found.items_served <= LONGEST_FIRST_SYNC_SECONDS
    assert found.whole <= LONGEST_WHOLE_SECONDS
