"""What every part of the generator shares: its random source, Guids, dates and the audit stamps."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

Row = dict[str, Any]


def account_code(number: int | str) -> str:
    """Pad an account code as Exact does: leading spaces up to 18 characters."""
    return str(number).rjust(18)


def contact_code(number: int) -> str:
    """Write a contact's code as Exact does: seven digits, to the right of 18 characters."""
    return f"{number:07d}".rjust(18)


def vat_code(code: str) -> str:
    """Pad a VAT code as Exact does: trailing spaces up to 3 characters."""
    return code.ljust(3)


def unit_code(code: str) -> str:
    """Pad a unit code as Exact does: trailing spaces up to 8 characters."""
    return code.ljust(8)


def country_code(code: str) -> str:
    """Pad a country code as Exact does: trailing spaces up to 3 characters."""
    return code.ljust(3)


def language_code(code: str) -> str:
    """Pad a language code as Exact does: trailing spaces up to 5 characters."""
    return code.ljust(5)


class Kit:
    """The random source of one part of one company: the same seed gives the same rows, whatever is generated beside."""

    def __init__(self, seed: int, division: int, part: str, today: date, user: tuple[str, str]) -> None:
        self.random = random.Random(f"{seed}/{division}/{part}")
        self.division = division
        self.today = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - Dutch wall time carries no zone
        self._user = user
        bits = self.random.getrandbits
        self._moments = [self.today - timedelta(seconds=bits(26), milliseconds=bits(9)) for _ in range(997)]
        self._audits = [self._audit(moment) for moment in self._moments]
        self._turn = 0

    def guid(self) -> str:
        """Return the next Guid of this part."""
        text = f"{self.random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def day(self, offset: int) -> datetime:
        """Return midnight so many days from the company's today."""
        return self.today + timedelta(days=offset)

    def audit(self) -> Row:
        """Return shared Created/Modified/Creator/... stamps at some moment of the past two years."""
        self._turn += 1
        return self._audits[self._turn % 997]

    def audit_at(self, moment: datetime) -> Row:
        """Return the stamps of a record made and last changed at this moment."""
        return self._audit(moment, changed=moment)

    def chance(self, share: float) -> bool:
        """Return True in this share of the calls."""
        return self.random.random() < share

    def pick(self, choices: Any) -> Any:
        """Return one of the choices."""
        return choices[int(self.random.random() * len(choices))]

    def _audit(self, moment: datetime, changed: datetime | None = None) -> Row:
        user, name = self._user
        changed = changed or min(moment + timedelta(days=self.random.randrange(0, 30)), self.today)
        return {
            "Created": moment, "Creator": user, "CreatorFullName": name, "Division": self.division,
            "Modified": max(moment, changed), "Modifier": user, "ModifierFullName": name,
        }  # fmt: skip
