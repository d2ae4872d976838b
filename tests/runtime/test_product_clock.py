"""Time of a local run: sped up together, and never going back over a restart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from exact_local.product_clock import ProductClock, continued_clock

NOON = 1_700_000_000.0


def test_without_a_rate_the_product_lives_in_real_time(tmp_path: Path) -> None:
    assert continued_clock(tmp_path / "clock.json", Decimal(1), NOON) == ProductClock()
    assert ProductClock().at(NOON) == NOON


def test_a_minute_takes_a_second_at_a_rate_of_sixty(tmp_path: Path) -> None:
    clock = continued_clock(tmp_path / "clock.json", Decimal(60), NOON)
    assert clock.at(NOON) == NOON
    assert clock.at(NOON + 1) == NOON + 60


@pytest.mark.parametrize("rate", [Decimal(1), Decimal("0.5"), Decimal(100)], ids=["real", "slower", "faster"])
def test_a_restart_goes_on_where_the_clock_would_be(tmp_path: Path, rate: Decimal) -> None:
    before = continued_clock(tmp_path / "clock.json", Decimal(60), NOON)
    after = continued_clock(tmp_path / "clock.json", rate, NOON + 100)
    assert after.at(NOON + 100) == pytest.approx(before.at(NOON + 100))
    assert after.at(NOON + 101) - after.at(NOON + 100) == pytest.approx(float(rate))


def test_a_restart_in_real_time_changes_nothing(tmp_path: Path) -> None:
    continued_clock(tmp_path / "clock.json", Decimal(1), NOON)
    assert continued_clock(tmp_path / "clock.json", Decimal(1), NOON + 100) == ProductClock()


def test_a_broken_file_means_real_time(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text("{")
    assert continued_clock(tmp_path / "clock.json", Decimal(1), NOON) == ProductClock()
