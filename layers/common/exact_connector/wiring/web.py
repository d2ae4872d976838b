"""HTTP: who calls, and the Lambda handlers over routes."""

from __future__ import annotations

from exact_connector.tenants.operators import OperatorKey
from exact_connector.web.auth import Authenticator
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.tenants import TenantParts


def build_authenticator(platform: Platform, tenants: TenantParts) -> Authenticator:
    """Return what reads the caller from a request; tokens of an issuer only where one is configured."""
    variables = platform.environment
    operator_key = OperatorKey(platform.secrets, variables.OPERATOR_KEY_SECRET, platform.clock)
    if not variables.OIDC_ISSUER:
        return Authenticator(tenants.keys, operator_key, None)
    from exact_connector.tenants.issuer import fetch_public
    from exact_connector.web.oidc import OidcTokens

    tokens = OidcTokens(
        variables.OIDC_ISSUER,
        variables.OIDC_AUDIENCE,
        lambda address: fetch_public(platform.sender, address),
        platform.clock,
    )
    return Authenticator(tenants.keys, operator_key, tokens)
