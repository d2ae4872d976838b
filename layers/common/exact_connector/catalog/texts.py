"""The texts and free fields of an item, in the order in which the settings that shape them apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from exact_connector import fields
from exact_connector.catalog.attributes import Attribute, attribute_name
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.field_reference import Labels, fold, property_of_label
from exact_connector.catalog.projection import OwnerRows
from exact_connector.fields import Row
from exact_connector.settings.parsed import TextTarget
from exact_connector.settings.properties import FREE_FIELD_PROPERTIES

if TYPE_CHECKING:
    from exact_connector.documents.models.items import ItemTexts as TextFields

CLASS_PROPERTIES = tuple((number, f"Class_{number:02d}") for number in range(1, 11))
TextField = Literal["description", "description2", "description3", "description4", "description5", "search_description"]
"""A field of the item document that a setting may copy a text to."""

_FREE_FIELDS = tuple((name, attribute_name(name)) for name in FREE_FIELD_PROPERTIES)


@dataclass(slots=True)
class ItemTexts:
    """The texts of an item: `canonical` by field of the item document, `free_fields` by name, non-null ones only."""

    canonical: TextFields
    descriptions: dict[str, str | None]
    free_fields: dict[str, Attribute] = field(default_factory=dict)


def item_texts(
    rows: OwnerRows,
    context: ProjectionContext,
    attributes: Mapping[str, Attribute],
    computed: Mapping[str, str | None],
) -> ItemTexts:
    """Return an item's texts: description, translations, copied texts, ``computed`` free fields, then renaming.

    ``attributes`` are the item's own; ``computed`` are free fields that other settings write, such as ``Staffel``;
    None leaves one out.
    """
    item = rows.one("item") or {}
    longer = context.settings.ExtraDescriptionOnDescription
    texts = ItemTexts(
        canonical={
            "description": description(item, longer=longer),
            "description2": None,
            "description3": None,
            "description4": None,
            "description5": None,
            "search_description": None,
        },
        descriptions=_translations(rows, context, longer=longer),
        free_fields=free_fields(attributes),
    )
    _copy(texts, context.rules.extra_description_target, fields.text(item, "ExtraDescription"))
    _copy(texts, context.rules.notes_target, fields.text(item, "Notes"))
    texts.free_fields.update({name: value for name, value in computed.items() if value is not None})
    if context.rules.renaming:
        texts.free_fields = renamed(texts.free_fields, context.rules.renaming, rows.of("extra_field"), context.labels)
    return texts


def description(item: Row, *, longer: bool) -> str | None:
    """Return an item's description: the extra description instead when ``longer`` is set and it is not empty."""
    extra = fields.text(item, "ExtraDescription") if longer else None
    return extra or fields.text(item, "Description")


def free_fields(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Return the filled free fields by Exact's name: numbers as decimal text, dates ``yyyy-MM-dd``, flags as flags."""
    return {name: attributes[attribute] for name, attribute in _FREE_FIELDS if attribute in attributes}


def renamed(
    values: Mapping[str, Attribute], renaming: Mapping[str, str], extra_fields: Sequence[Row], labels: Labels
) -> dict[str, Attribute]:
    """Rename free fields all at once, by folded name or label; a renamed field beats one that bears its new name."""
    targets: dict[str, str] = {}
    for source, target in renaming.items():
        targets.setdefault(fold(property_of_label(source, extra_fields, labels) or source), target)
        # A name is taken before a label that happens to be spelt like it.
        targets[source] = target
    kept = {name: value for name, value in values.items() if fold(name) not in targets}
    return kept | {targets[fold(name)]: value for name, value in values.items() if fold(name) in targets}


def classes(item: Row, context: ProjectionContext) -> dict[str, str]:
    """Return the item's classes by number: the code, or the assortment's description of it when that is set."""
    names = context.class_names if context.settings.UseItemAssortmentDescriptions else {}
    found: dict[str, str] = {}
    for number, name in CLASS_PROPERTIES:
        code = fields.text(item, name)
        if code is not None:
            found[str(number)] = names.get((number, code.upper()), code)
    return found


def warehouse_filter(rows: Sequence[Row]) -> list[str]:
    """Return the codes of the warehouses that an item is linked to, sorted, whatever its stock there."""
    return sorted({code for row in rows if (code := fields.text(row, "WarehouseCode"))})


def _translations(rows: OwnerRows, context: ProjectionContext, *, longer: bool) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for language in context.rules.languages:
        row = rows.one(f"item_text.{language}")
        if row is not None:
            found[language] = description(row, longer=longer)
    return found


def _copy(texts: ItemTexts, target: TextTarget | None, text: str | None) -> None:
    """Write a text to its target; an empty one clears it, but never the description."""
    if target is None:
        return
    if target.kind == "item":
        if text is not None or target.name != "description":
            texts.canonical[cast("TextField", target.name)] = text
    elif text is None:
        texts.free_fields.pop(target.name, None)
    else:
        texts.free_fields[target.name] = text
