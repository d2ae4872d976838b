"""What the API refuses is told in its own words."""

from __future__ import annotations

import httpx
import pytest

from exact_local.calls import Api, Refused, refusal
from runtime.conftest import LoopThread


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(
            httpx.Response(
                422,
                json={
                    "code": "ORDER",
                    "detail": "Two faults.",
                    "errors": [{"pointer": "/lines/0", "message": "No such item."}],
                },
            ),
            "ORDER: Two faults.; /lines/0: No such item.",
            id="problem with faults",
        ),
        pytest.param(httpx.Response(502, json={"message": "no"}), 'status 502: {"message":"no"}', id="no problem"),
        pytest.param(httpx.Response(500, text="oops"), "status 500: oops", id="plain text"),
        pytest.param(httpx.Response(500, json=["x"]), 'status 500: ["x"]', id="a list"),
    ],
)
def test_a_refusal_says_what_the_answer_says(answer: httpx.Response, words: str) -> None:
    assert refusal(answer) == words


def serve(request: httpx.Request) -> httpx.Response:
    if request.headers["authorization"] != "Bearer key":
        return httpx.Response(401, json={"detail": "No key.", "code": "AUTH"})
    match request.url.path, request.url.params.get("cursor"):
        case "/v1/items", None:
            return httpx.Response(200, json={"items": [1, 2], "next": "/v1/items?cursor=b"})
        case "/v1/items", _:
            return httpx.Response(200, json={"items": [3], "next": None})
        case "/v1/tenant", _:
            return httpx.Response(200, json={"tenant": request.headers.get("x-tenant-id")})
        case "/v1/nothing", _:
            return httpx.Response(204)
    return httpx.Response(404, json={"detail": "Nothing here.", "code": "NOT_FOUND"})


async def over(path: str, key: str = "key", tenant: str | None = None) -> object:
    async with httpx.AsyncClient(transport=httpx.MockTransport(serve), base_url="http://api.test") as client:
        api = Api(client, key, tenant=tenant)
        if path == "/v1/items":
            return [page["items"] async for page in api.pages(path)]
        if path == "exists":
            return [await api.exists("/v1/tenant"), await api.exists("/v1/gone")]
        return await api.get(path)


def test_pages_follow_the_next_links(loop: LoopThread) -> None:
    assert loop.run(over("/v1/items")) == [[1, 2], [3]]


def test_an_operator_names_the_tenant(loop: LoopThread) -> None:
    assert loop.run(over("/v1/tenant", tenant="demo")) == {"tenant": "demo"}


def test_an_answer_without_a_body_is_an_empty_object(loop: LoopThread) -> None:
    assert loop.run(over("/v1/nothing")) == {}


def test_only_a_404_means_that_something_does_not_exist(loop: LoopThread) -> None:
    assert loop.run(over("exists")) == [True, False]
    with pytest.raises(Refused, match="AUTH: No key"):
        loop.run(over("exists", key="wrong"))


def test_a_refused_call_names_method_and_path(loop: LoopThread) -> None:
    with pytest.raises(Refused, match=r"GET /v1/gone was refused: NOT_FOUND: Nothing here\."):
        loop.run(over("/v1/gone"))
