"""Rows -> the JSON that Exact Online sends: envelopes, `__metadata`, `__deferred`, dates and 64-bit numbers.

Shapes: `{"d":{"results":[..],"__next":".."}}`, `{"d":[..]}` where the answer cannot page, `{"d":{..}}` for one
entity, `{"d":{"results":[..],"__count":"n"}}` with `$inlinecount`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from .odata import Selection, type_name, write_literal
from .schema import Endpoint, Field

Row = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - Exact's wall times have no zone
_MILLISECOND = timedelta(milliseconds=1)


def date_text(value: datetime) -> str:
    """Write a Dutch wall time as `/Date(ms)/`, with the milliseconds counted as if it were UTC."""
    return f"/Date({(value - _EPOCH) // _MILLISECOND})/"


def atom_date(value: str) -> str:
    """Turn `/Date(ms)/` into the ISO form of Atom: the same wall time, without a zone."""
    moment = _EPOCH + int(value[6:-2]) * _MILLISECOND
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _int64_text(value: object) -> str:
    return str(value)


def _binary_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "DateTime": date_text,
    "Int64": _int64_text,
    "Binary": _binary_text,
    "Double": float,
}


class Renderer:
    """Renders the rows of one address under one selection; built once per call, used per row.

    `base` is the address up to and including the division, such as `http://host/api/v1/123456`.
    """

    def __init__(self, endpoint: Endpoint, selection: Selection, base: str) -> None:
        self.endpoint = endpoint
        self.selection = selection
        names = list(endpoint.fields) if selection.fields is None else list(selection.fields)
        shown = [endpoint.fields[name] for name in dict.fromkeys([*names, *selection.expanded])]
        self._blank: dict[str, Any] = {"__metadata": None, **{each.name: None for each in shown}}
        self._converters = {**_converters(shown), **_addresses(shown, _host(base))}
        self._plain = frozenset(each.name for each in shown) - self._converters.keys()
        self._collections = [each.name for each in shown if each.is_collection]
        self._uri_start = f"{base}/{endpoint.path}("
        self._type = type_name(endpoint)
        key = "Timestamp" if endpoint.mode == "sync" else endpoint.entity.key
        self._key = key
        self._key_type = endpoint.fields[key].type if key in endpoint.fields else "Int64"

    def uri(self, row: Row) -> str:
        """Return the address of one row; sync rows are addressed by their Timestamp."""
        return f"{self._uri_start}{write_literal(row.get(self._key), self._key_type)})"

    def entity(self, row: Row, expanded: Mapping[str, list[dict[str, Any]]] | None = None) -> dict[str, Any]:
        """Return the JSON object of one row."""
        uri = self.uri(row)
        shown = self._blank.copy()
        shown["__metadata"] = {"uri": uri, "type": self._type}
        plain, converters = self._plain, self._converters
        for name, value in row.items():
            if name in plain:
                shown[name] = value
            elif name in converters and value is not None:
                shown[name] = converters[name](value)
        for name in self._collections:
            rows = (expanded or {}).get(name)
            shown[name] = {"__deferred": {"uri": f"{uri}/{name}"}} if rows is None else {"results": rows}
        return shown


def _converters(fields: Iterable[Field]) -> dict[str, Callable[[Any], Any]]:
    return {each.name: _CONVERTERS[each.type] for each in fields if each.type in _CONVERTERS}


def _addresses(fields: Iterable[Field], host: str) -> dict[str, Callable[[Any], Any]]:
    """Addresses are stored without the host; `host` completes them."""

    def complete(value: str) -> str:
        return f"{host}{value}" if value.startswith("/") else value

    names = (each.name for each in fields if each.type == "String")
    return {name: complete for name in names if name.endswith(("Url", "URL")) or name == "CustomField"}


def _host(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Page:
    """The rows of one answer, already rendered, and what stands around them."""

    rows: list[dict[str, Any]]
    next: str | None = None
    count: int | None = None
    bare: bool = False
    """Whether the answer is an array without `results` (it cannot page)."""


def page_json(page: Page) -> bytes:
    """Write a collection in the envelope that fits it."""
    if page.bare and page.next is None and page.count is None:
        return dump({"d": page.rows})
    inner: dict[str, Any] = {"results": page.rows}
    if page.count is not None:
        inner["__count"] = str(page.count)
    if page.next is not None:
        inner["__next"] = page.next
    return dump({"d": inner})


def entity_json(entity: Mapping[str, Any]) -> bytes:
    """Write one entity."""
    return dump({"d": entity})


def error_json(message: str) -> bytes:
    """Write Exact's error envelope: the code is empty, several problems are joined by CR LF."""
    return dump({"error": {"code": "", "message": {"lang": "", "value": message}}})


def dump(value: object) -> bytes:
    """Write JSON as UTF-8 without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
