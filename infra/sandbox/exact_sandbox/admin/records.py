"""Look at, insert, change and remove stored rows from outside, as somebody in Exact's own pages would."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from typing import Any

from exact_sandbox.documents.context import Context
from exact_sandbox.documents.goods import delete_receipt
from exact_sandbox.documents.items import spread_item
from exact_sandbox.documents.relations import spread_account
from exact_sandbox.protocol import writes
from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.world.store import Division, Key, Row, Table, World
from exact_sandbox.world.tables import owned_tables

STAMPS = ("Created", "Creator", "CreatorFullName", "Division", "Modified", "Modifier", "ModifierFullName")
"""What every record says about who wrote it when."""


EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - Exact's wall times have no zone


def plain(value: object) -> object:
    """Return what JSON can hold: ISO text for a moment, Base64 for bytes."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"A {type(value).__name__} has no form in JSON.")


def _table(division: Division, entity: str) -> Table:
    if entity not in load_schema().entities and entity not in division.tables:
        raise KeyError(f"entity {entity}")
    return division.table(entity)


def _types(entity: str) -> dict[str, str]:
    found = load_schema().entities.get(entity)
    if found is None:
        return {}
    return {name: field.type for name, field in {**found.fields, **found.sync_fields}.items()}


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "DateTime" and isinstance(value, str):
        return _moment(value)
    if kind == "Guid" and isinstance(value, str):
        return value.strip("{}").lower()
    if kind == "Double" and not isinstance(value, bool):
        return float(value)
    if kind == "Binary" and isinstance(value, str):
        return base64.b64decode(value)
    return value


def _moment(text: str) -> datetime:
    """Read ISO text or `/Date(ms)/`, as answers write it."""
    found = re.fullmatch(r"/Date\((-?\d+)\)/", text)
    return EPOCH + timedelta(milliseconds=int(found.group(1))) if found else datetime.fromisoformat(text)


def _values(entity: str, body: Row) -> Row:
    types = _types(entity)
    unknown = [name for name in body if types and name not in types and not name.startswith("_")]
    if unknown:
        raise ValueError(f"{entity} has no field {', '.join(sorted(unknown))}.")
    return {name: _value(types.get(name, "String"), value) for name, value in body.items()}


def _key(table: Table, text: str) -> Key:
    if text in table:
        return text
    if text.lower() in table:
        return text.lower()
    if text.isdigit() and int(text) in table:
        return int(text)
    raise KeyError(f"{table.name} {text}")


def find_records(division: Division, entity: str, query: dict[str, str]) -> Row:
    """Return the rows whose fields have these values (compared as text, padding aside), and how many there are."""
    table = _table(division, entity)
    limit = int(query.pop("_limit", "100"))
    counting = query.pop("_count", "") == "1"
    rows = [
        row for row in table.rows()
        if all(str(plain_text(row.get(name))).strip() == value.strip() for name, value in query.items())
    ]  # fmt: skip
    return {"count": len(rows), "records": [] if counting else rows[:limit]}


def plain_text(value: object) -> object:
    """Return a value as a query string would hold it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else value


async def insert_record(world: World, division: Division, entity: str, body: Row, *, ruled: bool) -> Row:
    """Insert a row, by the rules of a POST or just as it is given (a missing Guid key is made)."""
    table = _table(division, entity)
    if ruled:
        created = await writes.create(world, division, entity, body, world.first_user(), representation=True)
        return created.row
    row = _values(entity, body)
    row.setdefault(table.spec.key, world.new_guid())
    stored = table.insert(row, stamp=world.first_user())
    return _with_stamps(table, stored, row)


def _with_stamps(table: Table, stored: Row, given: Row) -> Row:
    """Put the stamps that were given in place of those of now."""
    stamps = {name: given[name] for name in STAMPS if given.get(name) is not None and given[name] != stored.get(name)}
    if not stamps:
        return stored
    key = stored[table.spec.key]
    table.refresh(key, stamps)
    return table.get(key) or {**stored, **stamps}


def change_record(division: Division, entity: str, key: str, body: Row) -> Row:
    """Change fields of a row and carry names on to the rows that show them."""
    table = _table(division, entity)
    found, changes = _key(table, key), _values(entity, body)
    before = table.get(found) or {}
    row = table.update(found, changes, stamp=division.world.first_user())
    context = Context(division, division.world.first_user())
    if entity == "Items":
        spread_item(context, str(found), changes)
    elif entity == "Accounts":
        spread_account(context, before, changes)
    return row


def remove_record(division: Division, entity: str, key: str) -> None:
    """Remove a row whatever refers to it, with the lines that it owns; a receipt gives its goods back."""
    table = _table(division, entity)
    found = _key(table, key)
    with division.transaction():
        if entity == "GoodsReceipts":
            delete_receipt(Context(division, division.world.first_user()), table.get(found) or {})
            return
        for name, link in owned_tables(entity):
            for line in list(division.table(name).lookup(link, found) or []):
                division.table(name).delete(line["ID"])
        table.delete(found)
