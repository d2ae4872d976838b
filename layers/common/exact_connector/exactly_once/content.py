"""Whether two posted bodies say the same, however each is written: kept as a hash with a version.

stored <hash of the writing>                        before there were versions
stored <version>:<hash of the content>:<writing>    the content is compared, as this version of the reading has it
another version                                     the stored body is read once more and compared
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


def document_hash(document: Mapping[str, Any]) -> str:
    """Return a hash of a JSON document that does not depend on the sequence of its fields."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PostedContent:
    """The hashes of a posted body: of what it says (None: it cannot be read) and of how it is written."""

    version: str
    content: str | None
    writing: str

    def stored(self) -> str:
        """Return what is kept with the record."""
        return f"{self.version}:{self.content or ''}:{self.writing}"

    def is_same(self, stored: str, read_again: Callable[[], str | None]) -> bool:
        """Tell whether a record with this stored hash says the same; ``read_again`` hashes what its body says now."""
        version, _, rest = stored.partition(":")
        if stored.rpartition(":")[2] == self.writing:
            return True
        if self.content is None:
            return False
        return self.content == (rest.partition(":")[0] if version == self.version else read_again())
