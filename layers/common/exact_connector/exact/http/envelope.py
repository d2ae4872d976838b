"""Read the bodies of Exact: every envelope it uses, numbers as exact decimals, and its error texts.

Shapes seen: ``{"d":{"results":[..],"__next":".."}}``, ``{"d":[..]}``, ``{"d":{one entity}}``, and ``__count`` beside
``results``. The shape never follows from the query, so all are accepted everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any, NoReturn

from exact_connector.errors import ExactUnavailable

_XML_ERROR = re.compile(r"<(?:\w+:)?error\b.*?<(?:\w+:)?message\b[^>]*>(?P<message>.*?)</(?:\w+:)?message>", re.DOTALL)
EXPANDED_LINES = 60
"""An expanded collection stops silently at this many rows."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """The rows of one answer, the address of the next page as Exact wrote it, and the total where it was asked for."""

    rows: list[dict[str, Any]]
    next_url: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    """The rows of an expanded collection; not ``complete`` means that more may exist: page the lines themselves."""

    rows: list[dict[str, Any]]
    complete: bool


def read_page(body: bytes) -> PageContent:
    """Return the rows of any envelope; raises ExactUnavailable for a body that is cut off or is no such envelope."""
    data = _payload(body)
    if data is None:
        return PageContent([])
    if isinstance(data, list):
        return PageContent(_rows(data))
    if "results" in data:
        return PageContent(_rows(data["results"]), _next(data), _count(data))
    return PageContent([data])


def read_entity(body: bytes) -> dict[str, Any] | None:
    """Return the single entity of an answer, None for an empty one; raises ExactUnavailable."""
    rows = read_page(body).rows
    return rows[0] if rows else None


def read_error(body: bytes) -> str:
    """Return Exact's own error text, or an empty text when the body has none (empty, a page of HTML, cut off)."""
    error = _error(body)
    message = error.get("message") if error is not None else None
    value = message.get("value") if isinstance(message, dict) else message
    return value.strip() if isinstance(value, str) else ""


def is_foreign(body: bytes) -> bool:
    """Return whether the body of a failure is not Exact's own: a page of a proxy, a firewall or a web server.

    Exact writes its errors as ``{"error":{"message":...}}``, now and then as the same in XML, or leaves the body empty.
    """
    return bool(body.strip()) and _error(body) is None


def _error(body: bytes) -> dict[str, Any] | None:
    """Return the error object of a body in JSON or XML, None where there is none."""
    if body.lstrip().startswith(b"<"):
        match = _XML_ERROR.search(body.decode("utf-8", "replace"))
        return None if match is None else {"message": unescape(match["message"])}
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = data.get("error") if isinstance(data, dict) else None
    return error if isinstance(error, dict) else None


def expanded(row: Mapping[str, Any], name: str) -> Expanded:
    """Return an expanded collection of a row, and whether it is sure to be whole (Exact stops at 60 lines)."""
    value = row.get(name)
    if isinstance(value, dict) and "__deferred" in value:
        return Expanded([], complete=False)
    following = isinstance(value, dict) and bool(value.get("__next"))
    rows = _rows(value.get("results", []) if isinstance(value, dict) else value or [])
    return Expanded(rows, complete=not following and len(rows) < EXPANDED_LINES)


def _payload(body: bytes) -> dict[str, Any] | list[Any] | None:
    try:
        data = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ExactUnavailable(f"an answer of {len(body)} bytes is cut off or not JSON; it is read again") from error
    if not isinstance(data, dict) or "d" not in data:
        raise ExactUnavailable(f"an answer of {len(body)} bytes contains no data envelope; it is read again")
    inner = data["d"]
    if inner is not None and not isinstance(inner, (dict, list)):
        raise ExactUnavailable(f"the data envelope of an answer is a {type(inner).__name__}; it is read again")
    return inner


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _rows(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ExactUnavailable("the rows of an answer are not a list of objects; it is read again")
    return value


def _next(data: Mapping[str, Any]) -> str | None:
    value = data.get("__next")
    if value is not None and not isinstance(value, str):
        raise ExactUnavailable("the address of the next page is not a text; the page is read again")
    return value or None


def _count(data: Mapping[str, Any]) -> int | None:
    value = data.get("__count")
    return int(value) if isinstance(value, (str, int)) and str(value).isdigit() else None
