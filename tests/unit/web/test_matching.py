"""An address leads to its route in every form in which a gateway hands it over; a wrong method names the right ones."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exact_connector.errors import NotFound
from exact_connector.web.addresses import decoded, names_in, safe
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, MethodNotAllowed, Request
from exact_connector.web.matching import LONGEST, Router
from exact_connector.web.routes import Answer, Route

CODES = [
    *("AB/12", "MUSIC/CD/1234578", "X/stock", "A?B", "M#1", "50%", "A+B", "é", "A B", "~", "a~2Fb", "%2F", ".", ".."),
    *("A&B=C", "A;B", "a%2Fb"),
]


def nothing(_request: Request) -> Json[None]:
    """Answer nothing."""
    return Json(None)


def route(method: str, path: str) -> Route:
    return Route(method, path, f"{method} {path}", "It.", "t", Scope.CATALOG_READ, nothing, {200: Answer("It.")})


ROUTER = Router(
    [
        route("GET", "/v1/items"),
        route("GET", "/v1/items/{key}"),
        route("GET", "/v1/items/{key}/agreements"),
        route("PATCH", "/v1/items/{key}"),
        route("GET", "/v1/orders/{order}"),
        route("POST", "/v1/orders/{order}/cancel"),
    ]
)


def as_http_api(segment: str) -> str:
    """Decode a segment as API Gateway's HTTP APIs do: every escape but that of the percent sign itself."""
    return decoded(segment.replace("%25", "%2525"))


def encoded(code: str) -> str:
    """Encode a code as a client does."""
    from urllib.parse import quote

    return quote(code, safe="")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("below", ["", "/agreements"])
@pytest.mark.parametrize("hand_over", [str, as_http_api], ids=["encoded", "decoded"])
def test_a_code_is_reached_by_its_own_address_however_the_gateway_hands_it_over(
    code: str, below: str, hand_over: type[str]
) -> None:
    for segment in (encoded(code), safe(code)):
        found = ROUTER.match("GET", f"/v1/items/{hand_over(segment)}{below}")
        assert found.route.path == "/v1/items/{key}" + below
        assert code in names_in(found.params["key"])


@given(code=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
@example(code="~41")
@example(code="..")
def test_the_address_that_we_write_means_exactly_one_code_and_no_gateway_changes_it(code: str) -> None:
    written = safe(code)
    assert names_in(written)[0] == code
    assert decoded(written) == as_http_api(written) == written
    assert written.strip(".")


@pytest.mark.parametrize("segment", ["~C3", "~FF", "~zz", "100~", "~2"])
def test_a_tilde_that_stands_for_nothing_is_a_tilde(segment: str) -> None:
    assert names_in(segment) == (segment,)


def test_a_code_that_looks_like_a_written_address_is_found_as_well() -> None:
    assert names_in("a~2Fb") == ("a/b", "a~2Fb")


def test_the_address_of_a_match_is_the_one_that_we_write() -> None:
    assert ROUTER.match("GET", "/v1/items/AB/12/agreements").path == "/v1/items/AB~2F12/agreements"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/items", ("GET",)),
        ("DELETE", "/v1/items/A", ("GET", "PATCH")),
        ("GET", "/v1/orders/x/cancel", ("POST",)),
        ("PATCH", "/v1/items/A/agreements", ("GET",)),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(method: str, path: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        ROUTER.match(method, path)
    assert caught.value.allowed == allowed


@pytest.mark.parametrize(
    "path",
    ["/", "", "/v1", "/v1/items/", "/v1/orders/a/b", "/v1/orders/", "//v1/items", f"/v1/orders/{'a' * (LONGEST + 1)}"],
)
def test_an_address_of_nothing_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        ROUTER.match("GET", path)
