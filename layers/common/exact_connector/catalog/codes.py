"""Exact's codes as they are compared: without padding, without regard to capitals."""

from __future__ import annotations

from collections.abc import Sequence

from exact_connector.fields import Row


def code_key(code: object) -> str:
    """Return a code as it is compared: without Exact's padding, in capitals."""
    return "" if code is None else str(code).strip().upper()


def by_code(rows: Sequence[Row], name: str = "Code") -> dict[str, Row]:
    """Index rows by their code; of two rows with one code the one with the smallest ID counts."""
    ordered = sorted(rows, key=lambda row: str(row.get("ID") or ""), reverse=True)
    return {code_key(row.get(name)): row for row in ordered if code_key(row.get(name))}
