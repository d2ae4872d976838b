"""The composition root: one object with every part of the product, built in floors that use only the floors below.

Container        HTTP
Linking          from consent to connection, administrators
Background       exports, pictures, who is sent to work
Relations        customers, their prices and history
Ordering         orders and events
Synchronisation  streams, documents, change feed
Connections      tenants, tokens, clients, budgets
Ground           clock, tables, services
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, cached_property
from http import HTTPStatus

from exact_connector.environment import read_environment
from exact_connector.errors import ExactUnavailable, StoreUnavailable
from exact_connector.exact.http.transport import HttpRequest
from exact_connector.observability import logger
from exact_connector.web.auth import Authenticator
from exact_connector.web.oidc import OidcTokens
from exact_connector.web.routes import Api, Route
from exact_connector.wiring.linking import Linking

_OPERATOR_KEY_SECONDS = 300.0


class Container(Linking):
    """Every part of the product, each built when first asked for."""

    _operator_key_read: tuple[datetime, str | None] | None = None

    @cached_property
    def authenticator(self) -> Authenticator:
        """Reads the caller from a request."""
        return Authenticator(self.keys, self._operator_key, self._oidc())

    def api(self, routes: Sequence[Route]) -> Api:
        """Return the Lambda handler over routes."""
        return Api(
            routes,
            self.authenticator,
            self.clock,
            logger(),
            there_is=lambda tenant: self.tenants.find(tenant) is not None,
        )

    def _oidc(self) -> OidcTokens | None:
        found = self.environment
        if not found.OIDC_ISSUER:
            return None
        return OidcTokens(found.OIDC_ISSUER, found.OIDC_AUDIENCE, self._fetch_public, self.clock)

    def _fetch_public(self, address: str) -> bytes:
        """Read a public document of the token issuer."""
        try:
            answer = self.sender.send(HttpRequest("GET", address, timeout=5, total=10, body_limit=1024 * 1024))
        except ExactUnavailable as error:
            raise StoreUnavailable("the issuer of tokens did not answer; try again") from error
        if answer.status != HTTPStatus.OK:
            raise StoreUnavailable(f"the issuer of tokens answered {answer.status}; try again")
        return answer.body

    def _operator_key(self) -> str | None:
        now = self.clock.now()
        read = self._operator_key_read
        if read is None or read[0] < now - timedelta(seconds=_OPERATOR_KEY_SECONDS):
            read = (now, self.secrets.get(self.environment.OPERATOR_KEY_SECRET))
            self._operator_key_read = read
        return read[1]


@cache
def container() -> Container:
    """Return the process's container; raises ConfigurationError for a wrong environment."""
    return Container(read_environment())
