"""Who calls: API keys and JSON Web Tokens become a principal with scopes."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from exact_connector.errors import Forbidden, Unauthenticated


class Scope(StrEnum):
    """What a key may do; ``operator`` may do everything for every tenant."""

    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"
    CATALOG_READ = "catalog:read"
    TENANT_ADMIN = "tenant:admin"
    OPERATOR = "operator"


TENANT_SCOPES = frozenset(Scope) - {Scope.OPERATOR}


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: its tenant (None for an operator), its scopes and the name of its key for the audit trail."""

    tenant: str | None = None
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    name: str = "anonymous"

    def require(self, scope: Scope, or_scope: Scope | None = None) -> None:
        """Raise Forbidden unless the caller has the scope, or the other one where one is enough."""
        if not self.scopes & {scope, or_scope, Scope.OPERATOR}:
            raise Forbidden(
                f"This needs the scope {scope.value!r}, which the key does not carry; use a key that has it."
            )


ANONYMOUS = Principal()


class KeyReader(Protocol):
    """Finds the principal of an API key."""

    def find(self, key: str) -> Principal | None:
        """Return the principal of a key that is known and not revoked."""
        ...


class Authenticator:
    """Reads ``Authorization: Bearer``: the operator's key, an API key, or a JWT of the configured issuer."""

    def __init__(
        self,
        keys: KeyReader,
        operator_key: Callable[[], str | None],
        tokens: Callable[[str], Principal | None] | None = None,
    ) -> None:
        self._keys = keys
        self._operator_key = operator_key
        self._tokens = tokens

    def principal(self, headers: Mapping[str, str]) -> Principal:
        """Return the caller; raises Unauthenticated."""
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        credential = credential.strip()
        if not credential or scheme.lower() != "bearer":
            raise Unauthenticated("No API key was sent; add the header Authorization: Bearer <key>.")
        found = self._operator(credential) or self._keys.find(credential)
        if found is None and self._tokens is not None and credential.count(".") == 2:
            found = self._tokens(credential)
        if found is None:
            raise Unauthenticated("The API key is not known or was revoked; make a new one and send that.")
        return found

    def _operator(self, credential: str) -> Principal | None:
        known = self._operator_key()
        if known and hmac.compare_digest(known.encode(), credential.encode()):
            return Principal(None, frozenset({Scope.OPERATOR}), "operator")
        return None
