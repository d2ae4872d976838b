"""Which document is served under a key that several owners claim.

A document belongs to the record of Exact that it was made from, its owner. Its key, often a code, is a claim: two items
claim one code for a moment when codes are exchanged and only half of that was read. The rule: **of several claims the
one whose owner has the lowest ID is served**; the others wait, and the next one is served when that owner leaves.

    doc#…    {key}            the document that is served, with its owner, and how many claims wait behind it
    claim#…  {key}.{owner}    a document that waits

    X (1) has A1, Y (2) has A2          doc A1 = X   doc A2 = Y
    half of a swap read: X has A2       doc A2 = X   claim A2.Y
    the other half: Y has A1            doc A1 = Y   doc A2 = X

Nobody deletes or replaces what another owner has: what an owner writes is decided by what lies there, and every write
is on condition that it still does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from exact_connector.documents.bodies import DocumentKey, partition
from exact_connector.storage.leases import whole
from exact_connector.storage.table import (
    Absent,
    Action,
    AllOf,
    Check,
    Condition,
    Delete,
    Equals,
    Key,
    Missing,
    Put,
    Table,
    Update,
    all_of,
    query_all,
)
from exact_connector.storage.table import Row as Stored

_JOINT = "\x1f"
WAITING = "claims"
"""Attribute of a served document: how many claims wait behind it."""

FREE = Absent()
"""The condition that a key is no one's."""

_UNCONTESTED = Missing(WAITING)


@dataclass(frozen=True, slots=True)
class Slot:
    """What lies under a key: the owner that is served, "" when there is none, and the claims that wait. ``row`` is what
    was read; None where it is only expected, which the condition of the write then proves."""

    owner: str = ""
    row: Stored | None = None
    waiting: tuple[Stored, ...] = ()

    @property
    def counted(self) -> int:
        """How many claims wait, as the row says."""
        return 0 if self.row is None else whole(self.row.get(WAITING))


@dataclass(frozen=True, slots=True)
class Settled:
    """What a claim or its withdrawal comes to: the rows to write, what is served afterwards ("" : the same as before),
    and by how much the number of served documents changes."""

    actions: tuple[Action, ...]
    op: Literal["", "upsert", "delete"]
    count: int
    served: Stored | None = None


def settle(table: str, tenant: str, document_key: DocumentKey, owner: str, claim: Stored | None, slot: Slot) -> Settled:
    """Return what has to be written when an owner claims a key with this document, or leaves it (None). Pure."""
    before = {str(each["owner"]): each for each in slot.waiting}
    claims: dict[str, Stored | None] = {**before, **({slot.owner: slot.row} if slot.owner else {})}
    known = owner in claims
    if claim is not None:
        claims[owner] = claim
    elif known:
        del claims[owner]
    else:
        return Settled((), "", 0)
    first = min(claims, default="")
    after = {name: row for name, row in claims.items() if name != first}
    changed = first != slot.owner or first == owner
    actions = [_slot(table, tenant, document_key, claims.get(first), slot, len(after), changed=changed)]
    for name, row in after.items():
        if row is not None and (name not in before or name == owner):
            actions.append(Put(table, _waiting(tenant, document_key, row)))
    for name, row in before.items():
        if name not in after:
            actions.append(Delete(table, claim_key(tenant, document_key, name), Equals("hash", str(row["hash"]))))
    count = (1 if first else 0) - (1 if slot.owner else 0)
    op: Literal["", "upsert", "delete"] = "" if not changed else "upsert" if first else "delete"
    return Settled(tuple(actions), op, count, claims.get(first) if changed else None)


def read_slots(table: Table, tenant: str, document_keys: Sequence[tuple[DocumentKey, str]]) -> list[Slot]:
    """Return what lies under keys, each with the owner that asks; waiting claims are read where they matter."""
    keys = [Key(partition(tenant, kind), key) for (kind, key), _ in document_keys]
    rows = {(str(row["pk"]), str(row["sk"])): row for row in table.batch_get(list(dict.fromkeys(keys)))}
    found = []
    for key, (document_key, owner) in zip(keys, document_keys, strict=True):
        row = rows.get((key.pk, key.sk))
        holder = "" if row is None else str(row["owner"])
        alone = row is not None and holder == owner and not whole(row.get(WAITING))
        found.append(Slot(holder, row, () if alone else waiting_claims(table, tenant, document_key)))
    return found


def waiting_claims(table: Table, tenant: str, document_key: DocumentKey) -> tuple[Stored, ...]:
    """Return the claims on a key that wait."""
    kind, key = document_key
    return tuple(query_all(table, claims_partition(tenant, kind), prefix=f"{key}{_JOINT}"))


def claims_partition(tenant: str, kind: str) -> str:
    """Return the partition key of a kind's claims that wait."""
    return f"claim#{tenant}#{kind}"


def claim_key(tenant: str, document_key: DocumentKey, owner: str) -> Key:
    """Return the key under which an owner's claim waits."""
    kind, key = document_key
    return Key(claims_partition(tenant, kind), f"{key}{_JOINT}{owner}")


def _waiting(tenant: str, document_key: DocumentKey, row: Stored) -> Stored:
    key = claim_key(tenant, document_key, str(row["owner"]))
    return {**{name: value for name, value in row.items() if name != WAITING}, "pk": key.pk, "sk": key.sk, "seq": 0}


def _slot(
    table: str,
    tenant: str,
    document_key: DocumentKey,
    served: Stored | None,
    slot: Slot,
    waiting: int,
    *,
    changed: bool,
) -> Action:
    """Return the action on the row of the served document."""
    key = Key(partition(tenant, document_key[0]), document_key[1])
    condition = _as_seen(slot)
    if not changed:
        if waiting == slot.counted:
            return Check(table, key, condition)
        if not waiting:
            return Update(table, key, remove=(WAITING,), condition=condition)
        return Update(table, key, set={WAITING: waiting}, condition=condition)
    if served is None:
        return Delete(table, key, condition)
    row: Stored = {**served, "pk": key.pk, "sk": key.sk}
    row.pop(WAITING, None)
    if waiting:
        row[WAITING] = waiting
    return Put(table, row, condition)


def alone(owner: str) -> Condition:
    """Return the condition that a key is an owner's, and that no claim waits behind it."""
    return AllOf((Equals("owner", owner), _UNCONTESTED))


def _as_seen(slot: Slot) -> Condition:
    """Return the condition that a key is as it was seen or expected."""
    if not slot.owner:
        return FREE
    if slot.row is None:
        return alone(slot.owner)
    parts: list[Condition] = [Equals("owner", slot.owner)]
    parts.append(Equals(WAITING, slot.counted) if slot.counted else Missing(WAITING))
    parts.append(Equals("hash", str(slot.row["hash"])))
    return all_of(*parts)
