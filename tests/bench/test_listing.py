"""A catalogue is listed at a steady rate: the last pages take no longer than the first."""

from __future__ import annotations

from pathlib import Path

from bench.listing import measure


def test_the_last_pages_of_a_long_list_take_no_longer_than_the_first(tmp_path: Path) -> None:
    assert measure(tmp_path / "state", 30_000).slowing < 1.5
