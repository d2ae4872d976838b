"""What the change feed says of a changed document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Change:
    """What the feed says of a changed document: all of it, or with op ``partial`` only these fields."""

    op: Literal["upsert", "partial", "delete"]
    fields: Mapping[str, Any] | None = None


class ChangeRule(Protocol):
    """Decides what the feed says of a change, where that is not simply the whole document."""

    def applies(self, context: Any) -> bool:
        """Tell whether the rule has a say with these settings; if not, no old document is read."""
        ...

    def change(
        self, kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, context: Any
    ) -> Change | None:
        """Compare the documents; None when it is not announced."""
        ...
