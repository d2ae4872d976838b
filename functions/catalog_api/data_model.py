"""Write the data model from the types of documents: ``python -m catalog_api.data_model FILE [FILE ...]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from catalog_api.kinds import ADDRESSES, COLLECTIONS
from catalog_api.openapi_build import models
from exact_connector.catalog.attributes import ITEM_ATTRIBUTES
from exact_connector.customers.attributes import attribute_names

Schema = Mapping[str, Any]

DOCUMENTS: Mapping[str, str] = {
    **{collection.kind: collection.one for collection in COLLECTIONS},
    "price_list_rows": "PriceListRows",
    "agreement": "Agreement",
    "purchase_order": "PurchaseOrderDocument",
    "bill_of_material_components": "VersionMaterials",
}
"""Kind of a document -> its type."""

_HEAD = """# Data model

What the connector serves, field by field. This page is written from the types in `documents/models/` by
`make openapi`; a test compares it with them.

Decimals are texts, so that no reader rounds them; dates are `YYYY-MM-DD` in Europe/Amsterdam; moments are RFC 3339 with
an offset; IDs of Exact are in lower case. "Source" is the property of Exact that a field comes from, or the setting or
rule that makes it.
"""


def text() -> str:
    """Return the page as it is committed."""
    types = models()
    parts = [_HEAD, *(_document(kind, name, types[name]) for kind, name in sorted(DOCUMENTS.items())), _attributes()]
    shared = {name: each for kind in DOCUMENTS.values() for name, each in _parts(types[kind]).items()}
    parts.append("## Parts of documents\n")
    parts += [_section(name, each, level=3) for name, each in sorted(shared.items())]
    return "\n".join(parts).rstrip() + "\n"


def _document(kind: str, name: str, found: Any) -> str:
    schema = TypeAdapter(found).json_schema()
    where = f"Served at `{ADDRESSES[kind]}`, " if kind in ADDRESSES else "Of "
    return _section(name, schema, level=2, note=f"{where}kind `{kind}` in the change feed.")


def _parts(found: Any) -> dict[str, Schema]:
    return {
        name: each for name, each in TypeAdapter(found).json_schema().get("$defs", {}).items() if "properties" in each
    }


def _section(name: str, schema: Schema, *, level: int, note: str = "") -> str:
    rows = "\n".join(_row(field, about, schema) for field, about in schema["properties"].items())
    head = "| field | type | meaning | unit | source | null or absent |\n|---|---|---|---|---|---|"
    return f"{'#' * level} {name}\n\n{schema['description']} {note}".rstrip() + f"\n\n{head}\n{rows}\n"


def _row(field: str, about: Schema, document: Schema) -> str:
    meaning = about.get("description", "").partition(". ")[0].rstrip(".")
    absences = [f"{word} {about[key]}" for word, key in (("null", "x-null"), ("absent", "x-absent")) if about.get(key)]
    if field not in document.get("required", ()) and not about.get("x-absent"):
        absences.append("may be absent")
    cells = [
        f"`{field}`",
        _type(about),
        meaning,
        about.get("x-unit", ""),
        about.get("x-source", ""),
        "; ".join(absences),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        return "map"
    return _text_type(schema) if schema.get("type") == "string" else str(schema.get("type", "any"))


def _text_type(schema: Schema) -> str:
    form = schema.get("format")
    if form:
        return {"date": "date", "date-time": "moment"}[form]
    pattern = schema.get("pattern", "")
    return next((word for word, mark in _FORMS.items() if mark in pattern), "text")


_FORMS = {"decimal": "[0-9]+(", "ID": "[0-9a-f]{8}", "currency": "[A-Z]{3}"}


def _attributes() -> str:
    lists = {
        "Item": ITEM_ATTRIBUTES,
        "Customer": attribute_names("Customer"),
        "ContactPerson": attribute_names("ContactPerson"),
        "Address": attribute_names("Address"),
    }
    return (
        "## Attributes\n\nWith `view=full` items and customers carry `attributes`: every property of Exact by name.\n\n"
        + "\n".join(_listed(name, names) for name, names in lists.items())
    )


def _listed(name: str, names: tuple[str, ...]) -> str:
    return f"**{name}** ({len(names)}): " + "\n".join(_wrapped(names)) + "\n"


def _wrapped(names: tuple[str, ...]) -> Iterator[str]:
    line = ""
    for name in names:
        if len(line) + len(name) > 140:
            yield line.rstrip()
            line = ""
        line += f"`{name}`" + ("." if name == names[-1] else ", ")
    yield line


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(text(), encoding="utf-8")
