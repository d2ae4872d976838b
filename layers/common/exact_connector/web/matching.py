"""Find the route of a request: by its path as the gateway hands it over, decoded or not, and by its method."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exact_connector.errors import NotFound
from exact_connector.web.addresses import decoded, safe
from exact_connector.web.http import MethodNotAllowed
from exact_connector.web.routes import Route

KEY = "key"
"""The parameter that holds a code or key of a document: a gateway may have decoded a slash in it."""

LONGEST = 512
"""Bytes of a name in an address; keys of tables take 1,024 with what stands before them."""

_PARAMETER = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Match:
    """A route with the decoded parameters of its path, and its address in the form that we write ourselves."""

    route: Route
    params: Mapping[str, str]
    path: str


class Router:
    """The routes of one function. Of several that fit, the one with more written out goes first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        ordered = sorted(by_path, key=lambda path: len(_PARAMETER.sub("", path)), reverse=True)
        self._patterns = [(_pattern(path), by_path[path]) for path in ordered]

    def match(self, method: str, path: str) -> Match:
        """Return the route of a request; raises NotFound, MethodNotAllowed."""
        for pattern, methods in self._patterns:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            route = methods.get(method)
            if route is None:
                raise MethodNotAllowed(method, tuple(sorted(methods)))
            return _match(route, found.groupdict())
        raise NotFound("There is nothing at this address; see /v1/openapi.json for what there is.")


def _match(route: Route, segments: Mapping[str, str]) -> Match:
    params = {name: decoded(segment) for name, segment in segments.items()}
    if any(len(value.encode(errors="replace")) > LONGEST for value in params.values()):
        raise NotFound(f"There is nothing at this address; no name in it is longer than {LONGEST} bytes.")
    return Match(route, params, _PARAMETER.sub(lambda found: safe(params[found[1]]), route.path))


def _pattern(path: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(path)
    literals, names = parts[::2], parts[1::2]
    groups = [f"(?P<{name}>{'.+' if name == KEY else '[^/]+'})" for name in names]
    joined = "".join(re.escape(literal) + group for literal, group in zip(literals, [*groups, ""], strict=True))
    return re.compile(joined, re.DOTALL)
