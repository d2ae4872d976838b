"""Imports go downwards only, as docs/import-direction.md says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "exact_connector"
PLACES = ("layers/common", "functions", "infra/sandbox", "infra/local")
PURE = (
    *(
        "purchasing",
        "order mapping",
        "order model",
        "assets wanted",
        "sync streams",
        "customers",
        "catalog",
        "settings",
    ),
    *("client values", "countries", "fields"),
)
EFFECTS = {
    *("asyncio", "boto3", "botocore", "httpx", "http", "io", "os", "pathlib", "random", "secrets", "shutil", "socket"),
    *("subprocess", "tempfile", "threading", "time", "urllib.request"),
}
OPENAPI_GENERATOR = "catalog_api.openapi_build"


@dataclass(frozen=True)
class Floor:
    """One row of the table."""

    name: str
    modules: frozenset[str]
    may_import: tuple[str, ...]


@cache
def floors() -> tuple[Floor, ...]:
    """Return the rows of the table, the top floor first."""
    text = (ROOT / "docs/import-direction.md").read_text()
    rows = re.findall(r"^\| ([\w ]+) \| (`.+`) \| ([\w, ]*)\|$", text, re.MULTILINE)
    return tuple(
        Floor(name, _modules(cell), tuple(filter(None, allowed.strip().split(", ")))) for name, cell, allowed in rows
    )


def _modules(cell: str) -> frozenset[str]:
    found: set[str] = set()
    for name in re.findall(r"`([^`]+)`", cell):
        head, _, inner = name.partition(".{")
        found |= {f"{head}.{each}" for each in inner.removesuffix("}").split(",")} if inner else {name}
    return frozenset(found)


@cache
def imports() -> dict[str, frozenset[str]]:
    """Return for every module of the repository the modules that it imports, as full names."""
    return {
        name: frozenset(_imported(path, name))
        for place in PLACES
        for path in sorted((ROOT / place).rglob("*.py"))
        if ".venv" not in path.parts
        for name in [_name(path, ROOT / place)]
    }


def _name(path: Path, base: Path) -> str:
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, name: str) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _run_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (above, node.module) if part)
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if _is_module(inner) else module


def _run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Return every node but those that only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from _run_nodes(node)


@cache
def _is_module(name: str) -> bool:
    path = name.replace(".", "/")
    return any((ROOT / place / f"{path}.py").exists() or (ROOT / place / path).is_dir() for place in PLACES)


@cache
def functions() -> frozenset[str]:
    """Return the names of the packages of the functions."""
    return frozenset(path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))


def floor_of(module: str) -> Floor | None:
    """Return the row that a module belongs to, None when it is not the product's or the package itself."""
    head, _, inner = module.partition(".")
    if head in functions():
        return next(floor for floor in floors() if "functions/*" in floor.modules)
    if head != PACKAGE or not inner:
        return None
    names = [".".join(inner.split(".")[:depth]) for depth in (3, 2, 1)]
    return next((floor for name in names for floor in floors() if name in floor.modules), None)


def _is_divided(name: str) -> bool:
    """Tell whether a module is a package that has a row for each of its parts, and does nothing itself."""
    own = [floor for floor in floors() for module in floor.modules if f"{PACKAGE}.{module}".startswith(f"{name}.")]
    return bool(own) and not imports()[name]


def product() -> Iterable[str]:
    """Return the modules of the product."""
    return [name for name in imports() if name.split(".")[0] in {PACKAGE, *functions()}]


def of_floors(*names: str) -> list[str]:
    """Return the modules of some rows."""
    return [name for name in product() if (floor := floor_of(name)) is not None and floor.name in names]


def test_the_table_is_read_whole() -> None:
    assert len(floors()) > 15
    assert len(list(product())) > 100


def test_every_module_belongs_to_a_row_of_the_table() -> None:
    assert [name for name in product() if floor_of(name) is None and not _is_divided(name)] == []


def test_every_row_of_the_table_names_only_modules_that_can_be() -> None:
    named = {module for floor in floors() for module in floor.modules if "." in module}
    assert [module for module in named if f"{PACKAGE}.{module}" not in imports()] == []


def test_a_row_names_only_rows_below_it() -> None:
    order = [floor.name for floor in floors()]
    wrong = [
        (floor.name, below)
        for floor in floors()
        for below in floor.may_import
        if below not in order[order.index(floor.name) + 1 :]
    ]
    assert wrong == []


def test_every_import_is_allowed_by_the_table() -> None:
    wrong = []
    for name in product():
        own = floor_of(name)
        for target in imports()[name]:
            other = floor_of(target)
            if own is not None and other is not None and other is not own and other.name not in own.may_import:
                wrong.append(f"{name} imports {target}: {own.name} may not import {other.name}")
    assert wrong == []


def test_no_module_imports_itself_through_others() -> None:
    known = imports()
    graph = {name: {target for target in targets if target in known} for name, targets in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize(
    ("library", "only"),
    [
        pytest.param("boto3", "aws", id="boto3 only in aws"),
        pytest.param("botocore", "aws", id="botocore only in aws"),
        pytest.param("httpx", "exact http", id="httpx only in exact.http"),
        pytest.param("authlib", "exact auth", id="authlib only in exact.auth"),
    ],
)
def test_a_library_of_an_adapter_is_imported_nowhere_else(library: str, only: str) -> None:
    users = [name for name in product() if any(target.split(".")[0] == library for target in imports()[name])]
    assert users
    assert [name for name in users if name not in of_floors(only)] == []


def test_only_the_platform_of_the_wiring_imports_the_adapters() -> None:
    users = [name for name in product() if any((floor_of(t) or floors()[0]).name == "aws" for t in imports()[name])]
    assert [name for name in users if name not in of_floors("aws")] == [f"{PACKAGE}.wiring.platform"]


def test_pure_packages_have_no_effects() -> None:
    wrong = [
        f"{name} imports {target}"
        for name in of_floors(*PURE)
        for target in imports()[name]
        if target in EFFECTS or target.split(".")[0] in EFFECTS
    ]
    assert wrong == []


def test_pure_packages_never_ask_for_the_time_or_for_chance() -> None:
    asks = re.compile(r"\b(?:datetime\.now|datetime\.utcnow|date\.today|uuid1|uuid4)\(")
    names = [name for name in of_floors(*PURE) if asks.search(_source(name))]
    assert names == []


def test_a_function_imports_no_other_function() -> None:
    wrong = [
        f"{name} imports {target}"
        for name in product()
        for target in imports()[name]
        if name.split(".")[0] in functions()
        and target.split(".")[0] in functions() - {name.split(".")[0]}
        and name != OPENAPI_GENERATOR
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("package", "stranger"),
    [
        pytest.param(PACKAGE, "exact_sandbox", id="the connector does not know the sandbox"),
        pytest.param(PACKAGE, "exact_local", id="the connector does not know the local run"),
        pytest.param("exact_sandbox", PACKAGE, id="the sandbox does not know the connector"),
        pytest.param("exact_sandbox", "exact_local", id="the sandbox does not know the local run"),
        pytest.param("exact_local", PACKAGE, id="the local run does not know the connector"),
    ],
)
def test_two_parts_do_not_know_each_other(package: str, stranger: str) -> None:
    wrong = [
        name
        for name, targets in imports().items()
        if name.split(".")[0] == package and any(target.split(".")[0] == stranger for target in targets)
    ]
    assert wrong == []


def _source(name: str) -> str:
    base = ROOT / "layers/common" / name.replace(".", "/")
    path = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
    return path.read_text()
