"""The page on settings is what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from exact_connector.settings import KEYS
from exact_connector.settings.docs import settings_page

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_committed_page_is_the_generated_one() -> None:
    hint = "run: cd layers/common && python -m exact_connector.settings.docs > ../../docs/settings.md"
    assert PAGE.read_text(encoding="utf-8") == settings_page(), hint


def test_every_setting_has_its_heading_once_and_in_order() -> None:
    headings = [line[5:-1] for line in settings_page().splitlines() if line.startswith("### `")]
    assert headings == list(KEYS)
