"""The addresses under `/api/v1/`: company, service, resource, key and what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exact_sandbox.protocol.odata import ODataError
from exact_sandbox.protocol.schema import Endpoint, load_schema

_COMPANY = re.compile(r"/api/v1/(beta/)?(\d+)/(.*)")
_RESOURCE = re.compile(r"([^(]*)(?:\(((?:[^()']|'(?:[^']|'')*')*)\))?(?:/(.*))?")


@dataclass(frozen=True)
class Place:
    """A parsed address. `division` is None for `current/Me`; `special` is `$count`, `$metadata`, `$batch` or empty."""

    root: str
    division: int | None
    endpoint: str
    key: str | None = None
    rest: str = ""
    special: str = ""


def parse(path: str) -> Place:
    """Take an unquoted path apart; whether the resource exists is not looked at."""
    found = _COMPANY.fullmatch(path)
    if found:
        beta, code, tail = found.groups()
        return _resource(f"/api/v1/{beta or ''}{code}", int(code), tail)
    return _resource("/api/v1", None, path.removeprefix("/api/v1/"))


def _resource(root: str, division: int | None, tail: str) -> Place:
    folder, _, last = tail.strip("/").rpartition("/")
    if last in ("$metadata", "$batch", "$count"):
        return Place(root, division, folder, special=last)
    found = _RESOURCE.fullmatch(tail.strip("/"))
    if found is None:
        return Place(root, division, tail)
    name, key, rest = found.groups()
    return Place(root, division, name, key, rest or "")


def endpoint_of(place: Place, *, strict_case: bool) -> Endpoint:
    """Return the address that a path names; 404 when there is none, or only one in another case."""
    schema = load_schema()
    found = schema.endpoints.get(place.endpoint)
    if found is None and not strict_case:
        found = schema.endpoints_by_lower_path.get(place.endpoint.lower())
    if found is None or (place.division is None) != found.path.startswith("current/"):
        raise ODataError(f"Resource not found for the segment '{place.endpoint.rsplit('/', 1)[-1]}'.", 404)
    return found
