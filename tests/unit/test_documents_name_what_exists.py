"""Every module, path, class and setting that a page of the docs names exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers/common/exact_connector"
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
FOLDERS = ("functions/", "layers/", "infra/", "tests/", "docs/", "tools/")
HISTORY = {"CHANGELOG.md"}


def spans(page: Path) -> set[str]:
    """Return what stands between backticks on a page, outside of code blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", text))


@cache
def rooms() -> frozenset[str]:
    """Return the names of the folders of the package."""
    return frozenset(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")


@cache
def sources() -> str:
    """Return the text of all code."""
    places = ("functions", "layers/common/exact_connector", "infra/local/exact_local", "infra/sandbox", "tests")
    files = [path for place in places for path in (ROOT / place).rglob("*.py") if path != Path(__file__)]
    return "\n".join(path.read_text() for path in files)


def is_there(name: str) -> bool:
    """Tell whether a dotted or slashed name below the package is a module, a folder, or a name in a module."""
    parts = re.split(r"[./]", name)
    place = PACKAGE
    for number, part in enumerate(parts):
        if (place / part).is_dir():
            place = place / part
        elif (place / f"{part}.py").exists():
            rest = parts[number + 1 :]
            return not rest or rest == ["py"] or _is_named(rest[0], place / f"{part}.py")
        else:
            init = place / "__init__.py"
            return init.exists() and _is_named(part, init)
    return True


def _is_named(name: str, module: Path) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", module.read_text()) is not None


def is_wrong(span: str, page: Path) -> bool:
    """Tell whether a span names something of the project that is not there."""
    name = span.removeprefix("exact_connector/").removeprefix("exact_connector.").rstrip("/")
    parts = re.split(r"[./]", name)
    if re.fullmatch(r"[\w/.-]+", span) and span.startswith(FOLDERS):
        return not (ROOT / span).exists() and page.name not in HISTORY
    if re.fullmatch(r"[a-z_]+(?:[./]\w+)+", name) and parts[0] in rooms():
        is_resource_of_exact = parts[1][:1].isupper()
        return not (is_resource_of_exact or is_there(name) or f'"{span}"' in sources())
    if re.fullmatch(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+", span) and page.name == "architecture.md":
        return re.search(rf"\b{span}\b", sources()) is None
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_what_exists(page: Path) -> None:
    assert sorted(span for span in spans(page) if is_wrong(span, page)) == []


def test_a_name_that_is_not_there_is_found() -> None:
    page = ROOT / "docs/architecture.md"
    assert is_wrong("sync/no_such_module.py", page)
    assert is_wrong("tests/no_such_folder", page)
    assert is_wrong("NoSuchClass", page)
    assert not is_wrong("sync/Logistics/Items", page)
    assert not is_wrong("storage/table.py", page)
