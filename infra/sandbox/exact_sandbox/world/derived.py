"""Tables that are computed when somebody asks: free fields of items with captions, translations, custom fields."""

from __future__ import annotations

from exact_sandbox.world.store import Division, Row, Table
from exact_sandbox.world.tables import SPECS, TableSpec
from exact_sandbox.world.texts import FREE_FIELD_LABELS, translate

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
        if item is None or int(item["ID"][-2:], 16) % 5 == 0:
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


CUSTOM_FIELDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Items": (("Houtkeurmerk", "Houtkeurmerk", "Text"), ("Garantiejaren", "Garantie in jaren", "Number")),
    "Accounts": (("Openingstijden", "Openingstijden", "Text"), ("Klantscore", "Score", "Decimal")),
}
"""The custom fields of a Premium company by entity: property name, caption, type."""

COMPONENTS = {"Items": "Item", "Accounts": "Account"}


def custom_field_address(division: int, entity: str, key: str) -> str:
    """Return where the custom fields of a record are read: the value of its property CustomField."""
    return f"/api/v1/{division}/customfield/CustomFields?LinkId=guid'{key}'&BcName='{COMPONENTS[entity]}'"


class CustomFields(Table):
    """The custom fields of one record by `LinkId`: what was written, else a value that follows from its Guid."""

    def lookup(self, field_name: str, value: object) -> list[Row] | None:
        """Return the custom fields of one record; other fields are not looked up."""
        if field_name != "LinkId" or not isinstance(value, str):
            return None
        written = {row["PropertyName"]: row for row in super().lookup("LinkId", value) or []}
        for entity, fields in CUSTOM_FIELDS.items():
            if value in self._division.table(entity):
                return [written.get(field[0]) or self._made(entity, value, *field) for field in fields]
        return []

    def _made(self, entity: str, key: str, name: str, caption: str, kind: str) -> Row:
        number = int(key[:4], 16)
        value = {"Number": str(number % 11), "Decimal": f"{number % 100 / 10:.1f}".replace(".", ",")}.get(kind)
        return {"LinkId": key, "BusinessComponentName": COMPONENTS[entity], "PropertyName": name, "Caption": caption,
                "Type": kind, "Value": value or ("FSC 100%", "ma-vr 8:30-17:00", "")[number % 3]}  # fmt: skip


def attach(division: Division) -> None:
    """Give a company its computed tables."""
    division.tables["ItemExtraFields"] = ExtraFields(division)
    division.tables["ItemTranslations"] = Translations(division)
    if division.edition == "premium":
        division.tables["CustomFields"] = CustomFields(SPECS["CustomFields"], division)
