"""The XML side: Atom feeds and entries for callers that do not ask for JSON, errors, and `$metadata`.

Without an Accept header Exact answers `application/atom+xml`; `application/xml` is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from exact_sandbox.protocol.odata import type_name
from exact_sandbox.protocol.render import Page, atom_date
from exact_sandbox.protocol.schema import Endpoint, Field, load_schema

_HEAD = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'
_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
_SPACES = f'xmlns:d="{_DATA}" xmlns:m="{_DATA}/metadata" xmlns="http://www.w3.org/2005/Atom"'
_EDM = "http://schemas.microsoft.com/ado/2006/04/edm"
_EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"


VALUES_WITHOUT_KEY = frozenset({"StockPositionRead", "SalesItemPriceRead", "ItemExtraField"})
"""Read functions whose values are no entities: in XML they are plain elements under the function's name, no feed."""


def collection(endpoint: Endpoint, base: str, page: Page, updated: str) -> bytes:
    """Write the XML form of a collection: an Atom feed, or the elements of a read function without keys."""
    if endpoint.entity.name in VALUES_WITHOUT_KEY:
        return _elements(endpoint, page)
    return feed(endpoint, base, page, updated)


def feed(endpoint: Endpoint, base: str, page: Page, updated: str) -> bytes:
    """Write a collection as an Atom feed; the rows are those of the JSON renderer."""
    title = endpoint.path.split("/")[-1]
    parts = [
        f"{_HEAD}<feed xml:base={quoteattr(base + '/')} {_SPACES}>",
        f'<title type="text">{title}</title><id>{escape(f"{base}/{endpoint.path}")}</id><updated>{updated}</updated>',
        f'<link rel="self" title="{title}" href="{title}" />',
    ]
    if page.count is not None:
        parts.append(f"<m:count>{page.count}</m:count>")
    parts += [_entry(endpoint, json.loads(row), updated, "") for row in page.rows]
    if page.next is not None:
        parts.append(f'<link rel="next" href={quoteattr(page.next)} />')
    return "".join([*parts, "</feed>"]).encode("utf-8")


def _elements(endpoint: Endpoint, page: Page) -> bytes:
    name = endpoint.path.split("/")[-1]
    head = f'<element p2:type="{type_name(endpoint)}" xmlns:p2="{_DATA}/metadata">'
    elements = []
    for row in map(json.loads, page.rows):
        values = [
            _property(each, value, endpoint.fields[each], "", "p2:")
            for each, value in row.items()
            if each != "__metadata"
        ]
        elements.append(f"{head}{''.join(values)}</element>")
    return f'{_HEAD}<{name} xmlns="{_DATA}">{"".join(elements)}</{name}>'.encode()


def entry_document(endpoint: Endpoint, row: Mapping[str, Any], updated: str) -> bytes:
    """Write one entity as an Atom entry."""
    return f"{_HEAD}{_entry(endpoint, row, updated, f' {_SPACES}')}".encode()


def error(message: str) -> bytes:
    """Write an error in the XML form of OData 2."""
    return (
        f'{_HEAD}<error xmlns="{_DATA}/metadata"><code></code><message xml:lang="">{escape(message)}</message></error>'
    ).encode()


def _entry(endpoint: Endpoint, row: Mapping[str, Any], updated: str, spaces: str) -> str:
    uri, type_ = row["__metadata"]["uri"], row["__metadata"]["type"]
    links = [_link(endpoint, row, name) for name in row if _is_collection(endpoint, name)]
    values = [
        _property(name, value, endpoint.fields[name])
        for name, value in row.items()
        if name != "__metadata" and not _is_collection(endpoint, name)
    ]
    return (
        f'<entry{spaces}><id>{escape(uri)}</id><category term="{type_}" scheme="{_DATA}/scheme" />'
        f"<title /><updated>{updated}</updated><author><name /></author>{''.join(links)}"
        f'<content type="application/xml"><m:properties>{"".join(values)}</m:properties></content></entry>'
    )


def _is_collection(endpoint: Endpoint, name: str) -> bool:
    return name in endpoint.fields and endpoint.fields[name].is_collection


def _link(endpoint: Endpoint, row: Mapping[str, Any], name: str) -> str:
    head = (
        f'<link rel="{_DATA}/related/{name}" type="application/atom+xml;type=feed" title="{name}" '
        f"href={quoteattr(row['__metadata']['uri'] + '/' + name)}"
    )
    rows = row[name].get("results")
    if rows is None:
        return f"{head} />"
    link = endpoint.entity.collections.get(name)
    schema = load_schema()
    path = schema[link.entity].path if link else None
    entries = "".join(_entry(schema.endpoints[path], each, "", "") for each in rows) if path else ""
    return f"{head}><m:inline><feed>{entries}</feed></m:inline></link>"


def _property(name: str, value: Any, field: Field, data: str = "d:", meta: str = "m:") -> str:
    marks = "" if field.type == "String" else f' {meta}type="{field.type_name}"'
    if value is None:
        return f'<{data}{name}{marks} {meta}null="true" />'
    text = atom_date(value) if field.type == "DateTime" else _text(value)
    return f"<{data}{name}{marks}>{escape(text)}</{data}{name}>"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- $metadata ----------------------------------------------------------------------------------------------


def metadata(service: str) -> bytes | None:
    """Describe the entities of one service folder, such as `crm` or `sync/CRM`; None when there is none."""
    endpoints = [each for each in load_schema().endpoints.values() if _folder(each) == service.lower()]
    if not endpoints:
        return None
    types = "".join(_entity_type(each) for each in endpoints)
    sets = "".join(
        f'<EntitySet Name="{each.path.split("/")[-1]}" EntityType="{type_name(each)}" />' for each in endpoints
    )
    return (
        f'{_HEAD}<edmx:Edmx Version="1.0" xmlns:edmx="{_EDMX}">'
        f'<edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="{_DATA}/metadata">'
        f'<Schema Namespace="Exact.Web.Api.Models" xmlns="{_EDM}">{types}'
        f'<EntityContainer Name="Service" m:IsDefaultEntityContainer="true">{sets}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def _folder(endpoint: Endpoint) -> str:
    return endpoint.path.rpartition("/")[0].lower()


def _entity_type(endpoint: Endpoint) -> str:
    name, key = type_name(endpoint).rpartition(".")[2], endpoint.entity.key
    return (
        f'<EntityType Name="{name}"><Key><PropertyRef Name="{key}" /></Key>'
        f"{''.join(_properties(endpoint.fields.values(), key))}</EntityType>"
    )


def _properties(fields: Iterable[Field], key: str) -> Iterable[str]:
    for field in fields:
        if field.is_collection:
            yield f'<NavigationProperty Name="{field.name}" />'
        else:
            nullable = "false" if field.name == key else "true"
            yield f'<Property Name="{field.name}" Type="{field.type_name}" Nullable="{nullable}" />'
