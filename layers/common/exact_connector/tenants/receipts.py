"""Proof for the browser that came back from a consent: which tenant was linked in it, for ten minutes.

Without it the page after linking would say that the connection works for any tenant whose id somebody types.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from exact_connector.clock import Clock, from_text, later, to_text
from exact_connector.storage.table import Key, Table

SECONDS = 600


class LinkReceipts:
    """Gives receipts out and reads them again; kept with the tenant under the hash of the text that the browser has, so
    that they go with the tenant."""

    def __init__(self, control: Table, clock: Clock, random_text: Callable[[int], str]) -> None:
        self._control = control
        self._clock = clock
        self._random_text = random_text

    def issue(self, tenant: str) -> str:
        """Return the text that proves to the page after linking that this browser linked the tenant."""
        receipt = f"{tenant}.{self._random_text(43)}"
        now = self._clock.now()
        key = _key(tenant, receipt)
        self._control.put(
            {
                "pk": key.pk,
                "sk": key.sk,
                "tenant": tenant,
                "expires_at": to_text(later(now, SECONDS)),
                "expires": int(now.timestamp()) + 86400,
            }
        )
        return receipt

    def tenant_of(self, receipt: str) -> str | None:
        """Return the tenant that a receipt is for, None for an unknown or old one."""
        tenant, _, secret = receipt.rpartition(".")
        row = self._control.get(_key(tenant, receipt)) if tenant and secret else None
        if row is None or from_text(str(row["expires_at"])) < self._clock.now():
            return None
        return str(row["tenant"])


def _key(tenant: str, receipt: str) -> Key:
    return Key(f"tenant#{tenant}", "receipt#" + hashlib.sha256(receipt.encode()).hexdigest())
