"""The order in which Exact's database keeps keys: a Guid is compared from its last group to its first.

SQL Server compares a uniqueidentifier by its last six bytes, then the two before, and then the first three groups,
each from its last byte. Listings without `$orderby`, recorded from Exact, stand in this order.

    ...-0000-000000000001  <  ...-00ff-000000000001  <  ...-0000-000000000002
"""

from __future__ import annotations

from typing import Any

GUID_LENGTH = 36


def key_order(value: Any) -> Any:
    """Return what to compare a value by: of a Guid in text form its bytes in the database's order, else itself."""
    if not isinstance(value, str) or len(value) != GUID_LENGTH or value[8] != "-":
        return value
    third = value[16:18] + value[14:16]
    second = value[11:13] + value[9:11]
    first = value[6:8] + value[4:6] + value[2:4] + value[0:2]
    return f"{value[24:]}{value[19:23]}{third}{second}{first}"
