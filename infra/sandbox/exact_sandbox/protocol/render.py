"""Rows -> the JSON that Exact Online sends: envelopes, `__metadata`, `__deferred`, dates and 64-bit numbers.

Shapes: `{"d":{"results":[..],"__next":".."}}`, `{"d":[..]}` where the answer cannot page, `{"d":{..}}` for one
entity, `{"d":{"results":[..],"__count":"n"}}` with `$inlinecount`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any
from urllib.parse import urlsplit

from exact_sandbox.protocol.odata import Selection, type_name, write_literal
from exact_sandbox.protocol.schema import Endpoint, Field
from exact_sandbox.protocol.switches import Int64Form

Row = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - Exact's wall times have no zone
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=65536)
def date_text(value: datetime) -> str:
    """Write a Dutch wall time as `/Date(ms)/`, with the milliseconds counted as if it were UTC."""
    return f"/Date({(value - _EPOCH) // _MILLISECOND})/"


def atom_date(value: str) -> str:
    """Turn `/Date(ms)/` into the ISO form of Atom: the same wall time, without a zone."""
    moment = _EPOCH + int(value[6:-2]) * _MILLISECOND
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


Encode = Callable[[Any], str]
"""Turns a stored value into JSON text."""


def _text(value: object) -> str:
    return _quoted(str(value))


def _double(value: float) -> str:
    """Write a number as .NET does: whole ones without a point, zero without a sign."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


_ENCODERS: dict[str, Encode] = {
    "String": _text,
    "DateTime": lambda value: f'"{date_text(value)}"',
    "Guid": lambda value: f'"{value}"',
    "Int64": lambda value: f'"{value}"',
    "Binary": lambda value: f'"{base64.b64encode(value).decode("ascii")}"',
    "Double": lambda value: _double(float(value)),
    "Boolean": lambda value: "true" if value else "false",
    "Byte": lambda value: str(int(value)),
    "Int16": str,
    "Int32": str,
}


class Renderer:
    """Writes the rows of one address under one selection as JSON texts; built once per call, used per row.

    `base` is the address up to and including the division, such as `http://host/api/v1/123456`. A row starts as
    the list of its properties, all empty, and only those that the row fills are replaced: rows are mostly empty.
    """

    def __init__(self, endpoint: Endpoint, selection: Selection, base: str, int64_form: Int64Form = "text") -> None:
        names = list(endpoint.fields) if selection.fields is None else list(selection.fields)
        shown = [endpoint.fields[name] for name in dict.fromkeys([*names, *selection.expanded])]
        self._blank = ["", *(f'"{each.name}":{json.dumps(each.empty)}' for each in shown)]
        places = {each.name: place for place, each in enumerate(shown, 1)}
        self._collections = [(each.name, places[each.name]) for each in shown if each.is_collection]
        self._places = {
            each.name: (places[each.name], f'"{each.name}":', _encoder(each, _host(base), int64_form))
            for each in shown
            if each.type in _ENCODERS
        }
        self._uri_start = f"{base}/{endpoint.path}("
        self._type = type_name(endpoint)
        self._key = "Timestamp" if endpoint.mode == "sync" else endpoint.entity.key
        self._key_type = endpoint.fields[self._key].type if self._key in endpoint.fields else "Int64"

    def uri(self, row: Row) -> str:
        """Return the address of one row; sync rows are addressed by their Timestamp."""
        return f"{self._uri_start}{write_literal(row.get(self._key), self._key_type)})"

    def text(self, row: Row, expanded: Mapping[str, Sequence[str]] | None = None) -> str:
        """Return the JSON object of one row; `expanded` holds the rows of its expanded collections."""
        uri = self.uri(row)
        parts, places = self._blank.copy(), self._places
        parts[0] = f'{{"__metadata":{{"uri":{_quoted(uri)},"type":"{self._type}"}}'
        for name, value in row.items():
            place = places.get(name)
            if place is not None and value is not None:
                at, start, encode = place
                parts[at] = start + encode(value)
        for name, at in self._collections:
            rows = (expanded or {}).get(name)
            deferred = f'{{"__deferred":{{"uri":{_quoted(f"{uri}/{name}")}}}}}'
            parts[at] = f'"{name}":' + (deferred if rows is None else f'{{"results":[{",".join(rows)}]}}')
        return ",".join(parts) + "}"


def _encoder(field: Field, host: str, int64_form: Int64Form) -> Encode:
    """Return how a property is written; addresses are stored without the host, which completes them."""
    if field.type == "Int64" and int64_form == "number":
        return str
    if field.type == "String" and (field.name.endswith(("Url", "URL")) or field.name == "CustomField"):
        return lambda value: _quoted(_address(host, value))
    if field.has_form and field.type == "String":
        return lambda value: _quoted(str(field.shown(value)))
    return _ENCODERS[field.type]


def _address(host: str, value: str) -> str:
    """Complete an address; those of Exact's own pictures have two slashes behind the host."""
    if value.startswith("/docs/images/"):
        return f"{host}/{value}"
    return f"{host}{value}" if value.startswith("/") else value


def _host(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Page:
    """The rows of one answer as JSON texts, and what stands around them."""

    rows: Sequence[str]
    next: str | None = None
    count: int | None = None
    bare: bool = False
    """Whether the answer is an array without `results` (it cannot page)."""


def page_json(page: Page) -> bytes:
    """Write a collection in the envelope that fits it."""
    rows = ",".join(page.rows)
    if page.bare and page.next is None and page.count is None:
        return f'{{"d":[{rows}]}}'.encode()
    count = "" if page.count is None else f',"__count":"{page.count}"'
    following = "" if page.next is None else f',"__next":{_quoted(page.next)}'
    return f'{{"d":{{"results":[{rows}]{count}{following}}}}}'.encode()


def entity_json(entity: Mapping[str, Any]) -> bytes:
    """Write one entity."""
    return dump({"d": entity})


def error_json(message: str) -> bytes:
    """Write Exact's error envelope: the code is empty, several problems are joined by CR LF."""
    return dump({"error": {"code": "", "message": {"lang": "", "value": message}}})


def dump(value: object) -> bytes:
    """Write JSON as UTF-8 without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
