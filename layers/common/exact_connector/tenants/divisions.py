"""Find the administration that an administrator named among those the consent covers (Exact: system/Divisions)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exact_connector import fields
from exact_connector.errors import TerminalError

_ACTIVE = 1
_SHOWN = 10


class DivisionNotFound(TerminalError):
    """No administration of the consent is the one that was named; the message offers what comes near."""

    code = "ADMINISTRATION_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Division:
    """One administration as Exact lists it: ``code`` goes into addresses, ``hid`` is the number that users see."""

    code: int
    hid: str
    description: str
    usable: bool
    currency: str | None = None
    country: str | None = None
    customer_name: str | None = None


def read_division(row: Mapping[str, Any]) -> Division:
    """Read a row of system/Divisions; usable means active and not blocked. The name keeps its spaces."""
    return Division(
        code=fields.integer(row, "Code") or 0,
        hid=fields.text(row, "Hid") or "",
        description=str(row.get("Description") or ""),
        usable=fields.integer(row, "Status") in (None, _ACTIVE) and not fields.integer(row, "BlockingStatus"),
        currency=fields.text(row, "Currency"),
        country=fields.text(row, "Country"),
        customer_name=fields.text(row, "CustomerName"),
    )


def match_division(divisions: Sequence[Division], *, name: str | None, number: int | None) -> Division:
    """Return the one administration with exactly this name, or this code or (if no code fits) number.

    With both given both must fit. A name of digits that no administration bears is taken as its number. Raises
    DivisionNotFound with the near misses or the choices in its message.
    """
    found = _by_number(divisions, number) if number is not None else list(divisions)
    if name is not None:
        named = [division for division in found if division.description == name]
        typed = number_in(name) if number is None else None
        found = _by_number(divisions, typed) if typed is not None and not named else named
    usable = [division for division in found if division.usable]
    if len(usable) == 1:
        return usable[0]
    raise DivisionNotFound(_reason(divisions, found, usable, name, number))


def number_in(name: str | None) -> int | None:
    """Return the number that somebody typed instead of a name; None for anything else."""
    typed = (name or "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() else None


def _by_number(divisions: Sequence[Division], number: int) -> list[Division]:
    by_code = [division for division in divisions if division.code == number]
    return by_code or [division for division in divisions if division.hid == str(number)]


def _reason(
    divisions: Sequence[Division],
    found: Sequence[Division],
    usable: Sequence[Division],
    name: str | None,
    number: int | None,
) -> str:
    wanted = " and ".join(
        part for part in (f"the name {name!r}" if name else "", f"the number {number}" if number else "") if part
    )
    if len(usable) > 1:
        codes = ", ".join(str(division.code) for division in usable)
        return f"Several administrations have {wanted} ({codes}); name the one you mean by its division_code."
    if found:
        return (
            f"The administration with {wanted} is archived or blocked in Exact; make it usable there or choose another."
        )
    if not divisions:
        return "The consent covers no administration; link again and tick the company on Exact's consent page."
    near = [division for division in divisions if name is not None and _folded(division.description) == _folded(name)]
    if near:
        offered = ", ".join(f"{division.description!r}" for division in near[:_SHOWN])
        return (
            f"There is no administration with {wanted}, but there is {offered}: capitals and spaces count. "
            "Correct the name of the tenant and link again."
        )
    offered = ", ".join(f"{division.description!r}" for division in divisions[:_SHOWN])
    return (
        f"There is no administration with {wanted} among those that the consent covers ({offered}). Correct the name,"
        " or link again and tick the right company."
    )


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
