"""Build the URL of a reading call: OData options, literals and the limit on its length.

Source: Exact's pages "Query string options" and "REST API Restrictions".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import quote

from exact_connector.clock import EXACT_ZONE
from exact_connector.errors import ConfigurationError

URL_LIMIT = 6000
"""Characters of a whole URL after encoding; Exact refuses longer ones."""

_WITHOUT_DIVISION = ("current/",)
_SAFE = "'(),/:!*~"


class UrlTooLong(ConfigurationError):
    """A query's URL is longer than Exact takes: split its filter or select fewer fields."""

    code = "URL_TOO_LONG"


@dataclass(frozen=True, slots=True)
class Query:
    """One reading call. ``path`` is what follows the division (``sync/Logistics/Items``, ``current/Me``); ``params``
    are the plain arguments of read functions (``itemId`` -> ``guid'..'``); ``headers`` go along with every page."""

    path: str
    select: Sequence[str] = ()
    filter: str | None = None
    orderby: Sequence[str] = ()
    top: int | None = None
    expand: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    inline_count: bool = False

    @property
    def endpoint(self) -> str:
        """The resource without the key of a single record, as Exact counts errors."""
        return self.path.partition("(")[0]

    def url(self, base_url: str, division: int | None) -> str:
        """Return the absolute URL; raises UrlTooLong, and ConfigurationError when a division is needed and absent."""
        options: dict[str, str] = dict(self.params)
        if self.filter:
            options["$filter"] = self.filter
        if self.select:
            options["$select"] = ",".join(self.select)
        if self.expand:
            options["$expand"] = ",".join(self.expand)
        if self.orderby:
            options["$orderby"] = ",".join(self.orderby)
        if self.top is not None:
            options["$top"] = str(self.top)
        if self.inline_count:
            options["$inlinecount"] = "allpages"
        encoded = "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in options.items())
        url = resource_url(base_url, division, self.path) + (f"?{encoded}" if encoded else "")
        if len(url) > URL_LIMIT:
            raise UrlTooLong(
                f"the URL of {self.path} has {len(url)} characters, Exact takes {URL_LIMIT}: split the filter"
            )
        return url


def has_division(path: str) -> bool:
    """Return whether a resource lies under a division; only those count in the call budget."""
    return not path.startswith(_WITHOUT_DIVISION)


def resource_url(base_url: str, division: int | None, path: str) -> str:
    """Return the absolute URL of a resource or of one of its records."""
    root = base_url.rstrip("/") + "/api/v1/"
    if not has_division(path):
        return root + path
    if division is None:
        raise ConfigurationError(f"{path} needs an administration, and none is linked", code="NO_DIVISION")
    return f"{root}{division}/{path}"


def record_path(path: str, key: str | int) -> str:
    """Return the path of one record: GUID keys as ``guid'..'``, whole numbers plain."""
    return f"{path}({key})" if isinstance(key, int) else f"{path}({guid_literal(key)})"


def guid_literal(value: str | uuid.UUID) -> str:
    """Write a GUID literal; raises ValueError for anything that is not one."""
    return f"guid'{uuid.UUID(str(value))}'"


def text_literal(value: str) -> str:
    """Write a text literal; a quote inside is doubled."""
    return "'" + value.replace("'", "''") + "'"


def long_literal(value: int) -> str:
    """Write a 64-bit number, such as a row version."""
    return f"{value}L"


def moment_literal(value: datetime | date) -> str:
    """Write a date or moment; an aware moment becomes Dutch wall time, in which Exact keeps its dates."""
    if isinstance(value, datetime):
        wall = value.astimezone(EXACT_ZONE).replace(tzinfo=None) if value.tzinfo else value
        return f"datetime'{wall.isoformat(timespec='milliseconds' if wall.microsecond else 'seconds')}'"
    return f"datetime'{value.isoformat()}T00:00:00'"


def newer_than(row_version: int) -> str:
    """Return the filter of a sync resource: rows above a row version."""
    return f"Timestamp gt {long_literal(row_version)}"


def either(field_name: str, literals: Iterable[str]) -> str:
    """Return a filter that holds for any of the values of one field."""
    return " or ".join(f"{field_name} eq {literal}" for literal in literals)


def in_groups(field_name: str, literals: Sequence[str], *, room: int = 4500) -> Iterator[str]:
    """Split ``either`` over as many filters as needed so that each takes at most ``room`` encoded characters."""
    for group in grouped(field_name, literals, room=room):
        yield either(field_name, group)


def grouped(field_name: str, literals: Sequence[str], *, room: int = 4500) -> Iterator[list[str]]:
    """Split values into groups that fit into one filter by ``either`` of at most ``room`` encoded characters."""
    group: list[str] = []
    used = 0
    for literal in literals:
        size = len(quote(f" or {field_name} eq {literal}", safe=_SAFE))
        if group and used + size > room:
            yield group
            group, used = [], 0
        group.append(literal)
        used += size
    if group:
        yield group
