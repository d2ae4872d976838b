"""Functions that read no pictures start without the library for pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_building_the_product_does_not_load_the_library_for_pictures() -> None:
    code = "import sys, exact_connector.wiring.container; print('PIL' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "layers" / "common")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "False"
