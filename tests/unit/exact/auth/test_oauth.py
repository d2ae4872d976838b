"""OAuth with Exact: addresses, callbacks, and every answer of the token endpoint."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from exact_connector.errors import ConfigurationError, ExactUnavailable, InvalidInput
from exact_connector.exact.auth.oauth import (
    ClientCredentials,
    TokenEndpoint,
    TokenResult,
    authorization_url,
    read_token_answer,
)
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest
from fakes.clocks import ManualClock

NOW = ManualClock().now()
CALLBACK = "https://connector.example/oauth/callback"


def test_the_consent_page_gets_everything_it_needs() -> None:
    url = authorization_url("https://start.exactonline.be", "id-1", CALLBACK, "state+/=1")
    assert url.startswith("https://start.exactonline.be/api/oauth2/auth?")
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["id-1"],
        "redirect_uri": [CALLBACK],
        "state": ["state+/=1"],
        "force_login": ["1"],
    }


EARLY = "Rate limit exceeded: access_token not expired"


@pytest.mark.parametrize(
    ("status", "headers", "body", "result"),
    [
        pytest.param(200, {}, b'{"access_token":"a","refresh_token":"r","expires_in":"600"}', "ISSUED", id="issued"),
        pytest.param(200, {}, b'{"access_token":"a","refre', "LOST", id="a cut body: rotated and lost"),
        pytest.param(200, {}, b'{"access_token":"a"}', "LOST", id="no refresh token"),
        pytest.param(200, {}, b"<html>", "LOST", id="html"),
        pytest.param(
            400,
            {"reason": f"TooEarlyToRefreshTokens: {EARLY}"},
            b'{ "error":"access_denied","error_description":"Rate limit exceeded: access_token not expired" }',
            "TOO_EARLY",
            id="too early",
        ),
        pytest.param(
            400, {"reason": f"TooEarlyToRefreshTokens: {EARLY}"}, b"", "TOO_EARLY", id="too early, header only"
        ),
        pytest.param(
            401,
            {},
            b'{"error":"unauthorized_client","error_description":"Old refresh token used."}',
            "OLD",
            id="old, as seen for years",
        ),
        pytest.param(400, {}, b'{"error":"invalid_grant"}', "OLD", id="old, as documented in 2026"),
        pytest.param(
            400,
            {},
            b'{ "error":"invalid_grant",'
            b'"error_description":"Token is not allowed, because of invalid or empty chainId" }',
            "CHAIN",
            id="a chain that may come back",
        ),
        pytest.param(
            400,
            {},
            b'{"error":"invalid_request","error_description":"The refresh token expired at 10\\/11\\/2022 9:18:20 PM'
            b' and it is now 10\\/28\\/2022 4:15:50 PM."}',
            "EXPIRED",
            id="30 days unused",
        ),
        pytest.param(400, {}, b'{"error":"invalid_request"}', "CREDENTIALS", id="wrong id or secret"),
        pytest.param(401, {}, b'{"error":"invalid_client"}', "CREDENTIALS", id="invalid_client"),
        pytest.param(403, {}, b"<html>firewall</html>", "REFUSED", id="a firewall"),
        pytest.param(404, {}, b"", "REFUSED", id="404"),
        pytest.param(408, {}, b"", "LOST", id="408"),
        pytest.param(429, {}, b"", "BUSY", id="429"),
        pytest.param(302, {}, b"", "LOST", id="a redirect"),
        pytest.param(500, {}, b"", "LOST", id="500"),
        pytest.param(503, {}, b"", "BUSY", id="503: closed, nothing was done"),
    ],
)
def test_an_answer_of_the_token_endpoint_has_one_meaning(
    status: int, headers: dict[str, str], body: bytes, result: str
) -> None:
    found = read_token_answer(status, headers, body, sent_at=NOW, received_at=NOW)
    assert found.result is TokenResult[result]
    assert (found.pair is not None) is (result == "ISSUED")


@pytest.mark.parametrize(("life", "seconds"), [('"600"', 600), ("600", 600), ('"soon"', 600), ('"120"', 120)])
def test_the_life_time_is_a_text(life: str, seconds: int) -> None:
    body = f'{{"access_token":"a","refresh_token":"r","expires_in":{life}}}'.encode()
    found = read_token_answer(200, {}, body, sent_at=NOW, received_at=NOW + timedelta(seconds=3))
    assert found.pair is not None
    assert found.pair.issued_at == NOW + timedelta(seconds=3)
    assert found.pair.expires_at == NOW + timedelta(seconds=seconds)


class Fixed:
    def __init__(self, answer: HttpAnswer | Exception) -> None:
        self.answer = answer
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpAnswer:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


CLIENT = ClientCredentials("id-1", "s3cret&=")


def test_a_code_is_exchanged_with_the_whole_form() -> None:
    exact = Fixed(HttpAnswer(200, {}, b'{"access_token":"a","refresh_token":"r","expires_in":"600"}'))
    pair = TokenEndpoint(exact, ManualClock()).exchange("https://start.exactonline.nl", CLIENT, "NL1.a!b", CALLBACK)
    assert (pair.access_token, pair.refresh_token) == ("a", "r")
    (request,) = exact.requests
    assert (request.method, request.url) == ("POST", "https://start.exactonline.nl/api/oauth2/token")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs((request.body or b"").decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["NL1.a!b"],
        "redirect_uri": [CALLBACK],
        "client_id": ["id-1"],
        "client_secret": ["s3cret&="],
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(HttpAnswer(400, {}, b'{"error":"invalid_grant"}'), InvalidInput, id="the code was used"),
        pytest.param(
            HttpAnswer(400, {}, b'{"error":"invalid_grant","error_description":"invalid or empty chainId"}'),
            InvalidInput,
            id="the code has no chain",
        ),
        pytest.param(HttpAnswer(400, {}, b'{"error":"invalid_request"}'), ConfigurationError, id="wrong secret"),
        pytest.param(HttpAnswer(503, {}, b""), ExactUnavailable, id="maintenance"),
        pytest.param(ExactUnavailable("no", sent=False), ExactUnavailable, id="not sent"),
    ],
)
def test_a_code_that_gives_no_tokens_says_why(answer: HttpAnswer | Exception, error: type[Exception]) -> None:
    with pytest.raises(error):
        TokenEndpoint(Fixed(answer), ManualClock()).exchange("https://x.example", CLIENT, "c", CALLBACK)


def test_no_secret_shows_in_a_repr() -> None:
    found = read_token_answer(200, {}, b'{"access_token":"acc","refresh_token":"ref"}', sent_at=NOW, received_at=NOW)
    assert "acc" not in repr(found)
    assert "ref'" not in repr(found)
    assert "s3cret" not in repr(CLIENT)
