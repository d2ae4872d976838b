"""The whole product with a small company: what ``make run ARGS=--once`` does, twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.conftest import ROOT

pytestmark = pytest.mark.slow


def test_a_company_is_linked_synchronised_and_ordered_for_and_stays_over_a_restart(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    first = _run(tmp_path, port)
    assert "Linked through Exact's consent page: division 123456" in first
    assert re.search(r"Order \d+ is in Exact", first)

    second = _run(tmp_path, port)
    assert "(unchanged, " in second
    assert "The company is still linked" in second
    assert re.search(r"Order \d+ is in Exact", second)
    assert _served(second) == _served(first) != []


def _served(printed: str) -> list[str]:
    return [" ".join(line.split()) for line in printed.splitlines() if line.rstrip(" │").endswith("served")]


def _run(state: Path, port: int) -> str:
    options = ["--state", str(state), "--port", str(port), "--items", "120", "--customers", "30", "--once"]
    result = subprocess.run(
        [sys.executable, "-m", "exact_local", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "infra/local")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    logs = {log.name: log.read_text()[-2000:] for log in (state / "logs").glob("*.log")}
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}\n{logs}"
    return result.stdout
