"""The webhook of a tenant: where it wants to hear of events, and the secret that signs them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.errors import Fault, InvalidInput, NotFound
from exact_connector.storage.table import Key, Table
from exact_connector.tenants.store import TenantStore

_SECRET_LENGTH = 40
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class TenantWebhook:
    """One registered webhook. The secret is shown once, when it is registered."""

    url: str
    secret: str
    created_at: datetime


class TenantWebhooks:
    """Keeps one webhook per tenant. ``loopback``: addresses of this machine are allowed, for a local run."""

    def __init__(
        self, tenants: TenantStore, control: Table, clock: Clock, random_text: Callable[[int], str], *, loopback: bool
    ) -> None:
        self._tenants = tenants
        self._control = control
        self._clock = clock
        self._random_text = random_text
        self._loopback = loopback

    def register(self, tenant: str, url: str, *, who: str) -> TenantWebhook:
        """Register a webhook with a new secret in the place of an earlier one; raises InvalidInput, NotFound."""
        self._tenants.get(tenant)
        check_url(url, loopback=self._loopback)
        webhook = TenantWebhook(url, self._random_text(_SECRET_LENGTH), self._clock.now())
        key = _key(tenant)
        self._control.put(
            {
                "pk": key.pk,
                "sk": key.sk,
                "url": url,
                "secret": webhook.secret,
                "created_at": to_text(webhook.created_at),
            }
        )
        self._tenants.record(tenant, "webhook.registered", who, {"host": urlsplit(url).hostname or ""})
        return webhook

    def find(self, tenant: str) -> TenantWebhook | None:
        """Return the webhook of a tenant, None without one."""
        row = self._control.get(_key(tenant))
        if row is None:
            return None
        return TenantWebhook(str(row["url"]), str(row["secret"]), from_text(str(row["created_at"])))

    def get(self, tenant: str) -> TenantWebhook:
        """Return the webhook of a tenant; raises NotFound."""
        self._tenants.get(tenant)
        found = self.find(tenant)
        if found is None:
            raise NotFound(f"The tenant {tenant!r} has no webhook; register one with PUT.")
        return found

    def remove(self, tenant: str, *, who: str) -> None:
        """Remove the webhook; without one nothing happens."""
        self._tenants.get(tenant)
        self._control.delete(_key(tenant))
        self._tenants.record(tenant, "webhook.removed", who, {})


def check_url(url: str, *, loopback: bool) -> None:
    """Refuse an address that events must not go to: anything but https on a public host. Raises InvalidInput."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        host, port_is_fine, parts = "", False, urlsplit("")
    if loopback and host in _LOOPBACK and parts.scheme in ("http", "https"):
        return
    public = bool(host) and host not in _LOOPBACK and "." in host and _is_public(host)
    if parts.scheme != "https" or not public or not port_is_fine or parts.username or parts.password or parts.fragment:
        message = "Send an https address of a public host, without user, password or fragment."
        raise InvalidInput("The webhook's address cannot be used.", [Fault("/url", "WEBHOOK_URL", message)])


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return not host.endswith((".local", ".internal", ".localhost"))


def _key(tenant: str) -> Key:
    return Key(f"tenant#{tenant}", "webhook")
