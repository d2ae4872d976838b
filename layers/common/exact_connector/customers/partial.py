"""What a change of a customer means for readers of the change feed: everything, a few fields, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from exact_connector.catalog.projection import Document
from exact_connector.settings.model import Settings


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """One entry for the change feed: a whole document, the changed fields, or None for a deletion."""

    op: Literal["upsert", "partial", "delete"]
    fields: Document | None


def partial_fields(settings: Settings) -> tuple[str, ...]:
    """Return the only fields that updates of a known customer carry; empty means updates are complete."""
    wanted = {"email": settings.UpdateEmailOnlyForCustomer, "phone": settings.UpdatePhoneOnlyForCustomer}
    return tuple(name for name, wants in wanted.items() if wants)


def customer_change(
    before: Mapping[str, Any] | None, after: Document | None, settings: Settings
) -> CustomerChange | None:
    """Compare the delivered document with the new one; None when readers need not hear of it.

    New customers and deletions are always complete.
    """
    if after is None:
        return None if before is None else CustomerChange("delete", None)
    names = partial_fields(settings)
    if before is None or not names:
        return None if before == after else CustomerChange("upsert", after)
    if all(before.get(name) == after.get(name) for name in names):
        return None
    changed = {name: after.get(name) for name in names}
    return CustomerChange("partial", {"customer_id": after["customer_id"], "partial": True, **changed})
