"""The public documents of the issuer whose JSON Web Tokens are accepted."""

from __future__ import annotations

from http import HTTPStatus

from exact_connector.errors import ExactUnavailable, StoreUnavailable
from exact_connector.exact.http.transport import HttpRequest, HttpSender


def fetch_public(sender: HttpSender, address: str) -> bytes:
    """Return a public document of the token issuer; raises StoreUnavailable when it does not answer."""
    try:
        answer = sender.send(HttpRequest("GET", address, timeout=5, total=10, body_limit=1024 * 1024))
    except ExactUnavailable as error:
        raise StoreUnavailable("the issuer of tokens did not answer; try again") from error
    if answer.status != HTTPStatus.OK:
        raise StoreUnavailable(f"the issuer of tokens answered {answer.status}; try again")
    return answer.body
