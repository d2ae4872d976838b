"""Customer codes: Exact's own code, with a prefix for prospects and suspects when the tenant wants one."""

from __future__ import annotations

from dataclasses import dataclass

from exact_connector import fields
from exact_connector.customers.selection import status_of
from exact_connector.fields import Row
from exact_connector.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Prefixes:
    """The texts before the code of a prospect (status P) and of a suspect (status S)."""

    prospect: str = "P-"
    suspect: str = "S-"

    def of_status(self, status: str | None) -> str:
        """Return the prefix of a status, empty for a customer."""
        return {"P": self.prospect, "S": self.suspect}.get(status or "", "")


DEFAULT_PREFIXES = Prefixes()


def customer_code(account: Row, settings: Settings, prefixes: Prefixes = DEFAULT_PREFIXES) -> str | None:
    """Return the code that clients see; a prospect that became a customer has the bare code again."""
    code = fields.text(account, "Code")
    if code is None or not settings.AddPrefixForProspectsAndSuspects:
        return code
    return prefixes.of_status(status_of(account)) + code


def readings(code: str, settings: Settings, prefixes: Prefixes = DEFAULT_PREFIXES) -> tuple[str, ...]:
    """Return the bare codes that a code from a client may mean, best first: as it stands, then without a prefix.

    The prefix need not fit the present status: an order may still carry the prefixed code of a prospect that became a
    customer a minute ago.
    """
    given = code.strip()
    found = [given] if given else []
    if settings.AddPrefixForProspectsAndSuspects:
        for prefix in (prefixes.prospect, prefixes.suspect):
            bare = given[len(prefix) :].strip()
            if prefix and bare and given.casefold().startswith(prefix.casefold()):
                found.append(bare)
    return tuple(found)
