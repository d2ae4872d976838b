"""What Exact Online offers: every entity with its addresses, methods, fields and their marks.

The facts are in `schema.json`; this module gives them types. A field is written there as its type, its marks and its
width, such as `"String mcpf <18"`.

mark  meaning
m     mandatory on create
c, p  may be sent on create, on update
f     may be filtered
v     never null: 0 or false, even in the answer to a POST that shows little else
z     read as 0, false or '' where the record holds nothing
t     shown without the blanks that the code has elsewhere
<18   filled up with blanks on the left; >3 on the right

A type that starts with `>` is a collection of another entity.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

Mode = Literal["crud", "sync", "bulk", "read"]

LARGE_PAGE = 1000


@dataclass(frozen=True)
class Field:
    """One property of an entity; `type` is an EDM type without its prefix, or the name of a collection.

    The only other type is DivisionClass, a nested value of companies that is never filled.
    """

    name: str
    type: str
    mandatory: bool = False
    post: bool = False
    put: bool = False
    filterable: bool = False
    never_null: bool = False
    empty: bool | int | str | None = None
    """What is read where the record holds nothing: 0, false, '' or null."""
    width: int = 0
    """Characters that a text is filled up to with blanks: on the left when negative; 0 = as it is."""
    trimmed: bool = False

    @property
    def type_name(self) -> str:
        """Return the type as `$metadata` names it."""
        return "Exact.Web.Api.Models.HRM.DivisionClass" if self.type == "DivisionClass" else f"Edm.{self.type}"

    @property
    def is_collection(self) -> bool:
        """Tell whether the property holds other entities instead of a value."""
        return self.type.startswith(">")

    @property
    def has_form(self) -> bool:
        """Return whether a reader may see something else than what is stored."""
        return self.empty is not None or self.trimmed or self.width != 0

    def shown(self, value: Any) -> Any:
        """Return a stored value as a reader sees it: padded or trimmed, and 0, false or '' in place of nothing."""
        if value is None:
            return self.empty
        if self.trimmed:
            return value.strip()
        if self.width and value:
            return value.rjust(-self.width) if self.width < 0 else value.ljust(self.width)
        return value


@dataclass(frozen=True)
class Collection:
    """How a collection property finds its rows: rows of `entity` whose `parent_field` equals our `own_field`."""

    entity: str
    parent_field: str
    own_field: str


@dataclass(frozen=True)
class Entity:
    """One entity with up to three addresses; paths are what follows `/api/v1/{division}/`."""

    name: str
    path: str | None
    sync_path: str | None
    bulk_path: str | None
    methods: frozenset[str]
    page_size: int | None
    key: str
    scopes: tuple[str, ...]
    webhook: bool
    fields: dict[str, Field]
    sync_fields: dict[str, Field]
    bulk_fields: dict[str, Field]
    collections: dict[str, Collection]

    @cached_property
    def restricts_filters(self) -> bool:
        """Tell whether only marked properties may be filtered (the reference page has a Filter column)."""
        return any(field.filterable for field in self.fields.values())

    @property
    def key_type(self) -> str:
        """Return the EDM type of the key property."""
        return "Int64" if self.key == "Timestamp" else self.fields[self.key].type

    def fields_of(self, mode: Mode) -> dict[str, Field]:
        """Return the properties that this entity shows at the addresses of `mode`."""
        if mode == "sync":
            return self.sync_fields
        return self.bulk_fields if mode == "bulk" else self.fields


@dataclass(frozen=True)
class Endpoint:
    """One readable or writable address: an entity seen in one mode."""

    entity: Entity
    mode: Mode
    path: str

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Return the properties visible here."""
        return self.entity.fields_of(self.mode)

    @property
    def page_size(self) -> int | None:
        """Return the rows per answer; None when the address does not page (read functions)."""
        return LARGE_PAGE if self.mode in ("sync", "bulk") else self.entity.page_size

    @property
    def methods(self) -> frozenset[str]:
        """Return the HTTP methods allowed here; sync, bulk and read addresses only answer GET."""
        return self.entity.methods if self.mode == "crud" else frozenset({"GET"})


@dataclass(frozen=True)
class Schema:
    """All entities by name and all addresses by path."""

    entities: dict[str, Entity]
    endpoints: dict[str, Endpoint]

    def __getitem__(self, name: str) -> Entity:
        return self.entities[name]

    @cached_property
    def endpoints_by_lower_path(self) -> dict[str, Endpoint]:
        """Return the addresses by lower-case path: clients in production mix cases."""
        return {path.lower(): endpoint for path, endpoint in self.endpoints.items()}


_EMPTY: dict[str, bool | int | str] = {"Boolean": False, "String": ""}


def _field(name: str, written: str) -> Field:
    type_, *words = written.split(" ")
    width = next((int(word[1:]) * (-1 if word[0] == "<" else 1) for word in words if word[0] in "<>"), 0)
    marks = next((word for word in words if word[0] not in "<>"), "")
    return Field(
        name,
        type_,
        mandatory="m" in marks,
        post="c" in marks,
        put="p" in marks,
        filterable="f" in marks,
        never_null="v" in marks,
        empty=_EMPTY.get(type_, 0) if "v" in marks or "z" in marks else None,
        width=width,
        trimmed="t" in marks,
    )


def _variant(base: dict[str, Field], difference: dict[str, Any]) -> dict[str, Field]:
    lacking = set(difference.get("lack", ()))
    shown = {name: field for name, field in base.items() if name not in lacking}
    shown.update({name: _field(name, written) for name, written in difference.get("add", {}).items()})
    return shown


def _entity(name: str, raw: dict[str, Any]) -> Entity:
    fields = {field: _field(field, written) for field, written in raw["fields"].items()}
    return Entity(
        name=name,
        path=raw.get("path"),
        sync_path=raw.get("sync"),
        bulk_path=raw.get("bulk"),
        methods=frozenset(raw["methods"].split()),
        page_size=raw["page"],
        key=raw["key"],
        scopes=tuple(raw.get("scope", ())),
        webhook=raw.get("webhook", False),
        fields=fields,
        sync_fields=_variant(fields, raw.get("sync_diff", {})),
        bulk_fields=_variant(fields, raw.get("bulk_diff", {})),
        collections={field: Collection(*link) for field, link in raw.get("collections", {}).items()},
    )


def _endpoints(entities: dict[str, Entity]) -> dict[str, Endpoint]:
    found: dict[str, Endpoint] = {}
    for entity in entities.values():
        if entity.path:
            found[entity.path] = Endpoint(entity, "read" if entity.path.startswith("read/") else "crud", entity.path)
        if entity.sync_path:
            found[entity.sync_path] = Endpoint(entity, "sync", entity.sync_path)
        if entity.bulk_path:
            found[entity.bulk_path] = Endpoint(entity, "bulk", entity.bulk_path)
    return found


@cache
def load_schema() -> Schema:
    """Read `schema.json` once and return it typed."""
    raw = json.loads(files(__package__).joinpath("schema.json").read_text("utf-8"))
    entities = {name: _entity(name, entry) for name, entry in raw.items()}
    return Schema(entities, _endpoints(entities))
