"""JSON Web Tokens of a configured issuer (OpenID Connect) as a way to authenticate, beside API keys.

The claim ``scope`` holds our scopes separated by spaces, ``tenant`` the tenant; an operator's token has the scope
``operator`` and no tenant. Source: RFC 7519, OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from exact_connector.clock import Clock
from exact_connector.errors import StoreUnavailable, Unauthenticated
from exact_connector.web.auth import Principal, Scope

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
_FRESH = timedelta(hours=1)
_RETRY = timedelta(seconds=60)
_LEEWAY = 60


class OidcTokens:
    """Checks tokens against the issuer's key set, which is read when needed and kept for an hour.

    ``fetch`` returns the body of an https address; it raises StoreUnavailable. A token signed by a key that is not
    known yet has the set read again, at most once a minute.
    """

    def __init__(self, issuer: str, audience: str, fetch: Callable[[str], bytes], clock: Clock) -> None:
        self._issuer = issuer
        self._audience = audience
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet | None = None
        self._read_at: datetime | None = None

    def __call__(self, token: str) -> Principal | None:
        """Return the principal of a valid token, None for one that is not; raises Unauthenticated for a misfit."""
        claims = self._claims(token)
        if claims is None:
            return None
        scopes = frozenset(Scope(name) for name in str(claims.get("scope", "")).split() if name in set(Scope))
        tenant = claims.get("tenant")
        if Scope.OPERATOR not in scopes and not isinstance(tenant, str):
            raise Unauthenticated("The token names no tenant; ask its issuer for the claim tenant.")
        name = f"token of {str(claims.get('sub', 'unknown'))[:80]}"
        return Principal(None if Scope.OPERATOR in scopes else str(tenant), scopes, name)

    def _claims(self, token: str) -> dict[str, Any] | None:
        for anew in (False, True):
            keys = self._key_set(anew=anew)
            try:
                claims: dict[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
                self._registry().validate(claims)
            except (JoseError, ValueError):
                continue
            return claims
        return None

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
        )

    def _key_set(self, *, anew: bool) -> KeySet:
        now = self._clock.now()
        age = None if self._read_at is None else now - self._read_at
        stale = age is None or age > (_RETRY if anew else _FRESH)
        if self._keys is None or stale:
            self._keys = KeySet.import_key_set(json.loads(self._fetch(self._jwks_address())))
            self._read_at = now
        return self._keys

    def _jwks_address(self) -> str:
        found = json.loads(self._fetch(self._issuer.rstrip("/") + "/.well-known/openid-configuration"))
        address = str(found.get("jwks_uri", ""))
        if not address.startswith("https://"):
            raise StoreUnavailable("the issuer's configuration names no https address of its keys")
        return address
