"""Tables that are computed from the items when somebody asks: captions and values of free fields, translations."""

from __future__ import annotations

from exact_sandbox.generate_texts import FREE_FIELD_LABELS, translate
from exact_sandbox.store import Division, Row, Table
from exact_sandbox.tables import TableSpec

LANGUAGES = ("EN", "DE", "FR", "FR-BE")


def free_field(number: int) -> str:
    """Return the item property behind a free field number: 1-10 text, 11-18 number, 19-23 date, 24-28 yes/no."""
    if number <= 10:
        return f"FreeTextField_{number:02d}"
    if number <= 18:
        return f"FreeNumberField_{number - 10:02d}"
    return f"FreeDateField_{number - 18:02d}" if number <= 23 else f"FreeBoolField_{number - 23:02d}"


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:g}"
    return value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else str(value)


class ExtraFields(Table):
    """The captioned free fields of an item, by `ItemID`."""

    def __init__(self, division: Division) -> None:
        super().__init__(TableSpec("ItemExtraFields", key="Key", audit=False), division)
        self._items = division.table("Items")

    def lookup(self, field_name: str, value: object) -> list[Row] | None:
        """Return the rows of one item; other fields are not looked up."""
        if field_name != "ItemID":
            return None
        item = self._items.get(value) if isinstance(value, str) else None
        if item is None:
            return []
        return [
            {"ItemID": item["ID"], "Number": number, "Description": label, "Value": _text(item.get(free_field(number)))}
            for number, label in FREE_FIELD_LABELS.items()
        ]


class Translations(Table):
    """The item texts in other languages, by `Item`; one item in five was never translated."""

    def __init__(self, division: Division) -> None:
        super().__init__(TableSpec("ItemTranslations", key="Key", audit=False), division)
        self._items = division.table("Items")

    def lookup(self, field_name: str, value: object) -> list[Row] | None:
        """Return the translations of one item; other fields are not looked up."""
        if field_name != "Item":
            return None
        item = self._items.get(value) if isinstance(value, str) else None
        if item is None or int(item["ID"][:2], 16) % 5 == 0:
            return []
        rows = []
        for language in LANGUAGES:
            row: Row = {
                "Item": item["ID"],
                "Language": language,
                "Description": translate(item["Description"], language),
            }
            if item.get("ExtraDescription"):
                row["ExtraDescription"] = translate(item["ExtraDescription"], language)
            rows.append(row)
        return rows


def attach(division: Division) -> None:
    """Give a company its computed tables."""
    division.tables["ItemExtraFields"] = ExtraFields(division)
    division.tables["ItemTranslations"] = Translations(division)
