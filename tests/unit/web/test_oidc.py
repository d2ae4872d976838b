"""A token counts when its issuer, audience, times and signature are right, and says tenant and scopes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import Key, KeySet, RSAKey

from exact_connector.errors import Unauthenticated
from exact_connector.web.auth import Principal, Scope
from exact_connector.web.oidc import OidcTokens
from fakes.clocks import ManualClock

ISSUER, AUDIENCE = "https://login.example.test", "exact-connector"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
NEXT = RSAKey.generate_key(2048, {"kid": "two"})


class Issuer:
    """Serves its configuration and its keys, and counts how often."""

    def __init__(self) -> None:
        self.keys: list[Key] = [KEY]
        self.reads = 0

    def __call__(self, address: str) -> bytes:
        """Return the document at an address."""
        if address.endswith("/.well-known/openid-configuration"):
            return json.dumps({"jwks_uri": f"{ISSUER}/keys"}).encode()
        self.reads += 1
        return json.dumps(KeySet(self.keys).as_dict(private=False)).encode()


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that stands still."""
    return ManualClock()


@pytest.fixture
def issuer() -> Issuer:
    """Return an issuer."""
    return Issuer()


@pytest.fixture
def tokens(issuer: Issuer, clock: ManualClock) -> OidcTokens:
    """Return the reader of tokens."""
    return OidcTokens(ISSUER, AUDIENCE, issuer, clock)


def token(clock: ManualClock, *, key: RSAKey = KEY, **claims: Any) -> str:
    """Return a signed token."""
    now = int(clock.now().timestamp())
    body = {"iss": ISSUER, "aud": AUDIENCE, "exp": now + 300, "sub": "u1", "tenant": "acme", "scope": "orders:read x"}
    body |= claims
    chosen = {name: value for name, value in body.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": key.kid}, chosen, key)


def test_a_good_token_is_a_principal(tokens: OidcTokens, clock: ManualClock) -> None:
    assert tokens(token(clock)) == Principal("acme", frozenset({Scope.ORDERS_READ}), "token of u1")


def test_an_operators_token_has_no_tenant(tokens: OidcTokens, clock: ManualClock) -> None:
    found = tokens(token(clock, scope="operator"))
    assert found is not None
    assert (found.tenant, found.scopes) == (None, frozenset({Scope.OPERATOR}))


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "https://other.example.test"}, id="other-issuer"),
        pytest.param({"aud": "other"}, id="other-audience"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="never-ends"),
        pytest.param({"key": NEXT}, id="unknown-key"),
    ],
)
def test_anything_wrong_makes_it_no_token(tokens: OidcTokens, clock: ManualClock, claims: dict[str, Any]) -> None:
    assert tokens(token(clock, **claims)) is None


@pytest.mark.parametrize("text", ["a.b.c", "", "eyJhbGciOiJub25lIn0.e30."])
def test_rubbish_is_no_token(tokens: OidcTokens, text: str) -> None:
    assert tokens(text) is None


def test_a_token_without_tenant_says_what_is_missing(tokens: OidcTokens, clock: ManualClock) -> None:
    with pytest.raises(Unauthenticated, match="claim tenant"):
        tokens(token(clock, tenant=None))


def test_a_new_key_of_the_issuer_is_found_without_a_restart(
    tokens: OidcTokens, issuer: Issuer, clock: ManualClock
) -> None:
    assert tokens(token(clock)) is not None
    issuer.keys.append(NEXT)
    clock.sleep(120)
    assert tokens(token(clock, key=NEXT)) is not None


def test_bad_tokens_do_not_make_us_flood_the_issuer(tokens: OidcTokens, issuer: Issuer, clock: ManualClock) -> None:
    for _ in range(10):
        assert tokens(token(clock, key=NEXT)) is None
    assert issuer.reads == 1
