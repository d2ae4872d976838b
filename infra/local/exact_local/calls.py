"""Calls to the running product's API, with every refusal told in the API's own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx


class Refused(Exception):
    """The product, or the sandbox, answered with something else than expected; the message is for a person."""


class Api:
    """The product's API as one caller sees it."""

    def __init__(self, client: httpx.AsyncClient, key: str, *, tenant: str | None = None) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {key}"} | ({"X-Tenant-Id": tenant} if tenant else {})

    async def get(self, path: str) -> dict[str, Any]:
        """Return the JSON of a GET. Raises Refused."""
        return await self.call("GET", path)

    async def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the JSON of a call, an empty object when there is none. Raises Refused."""
        answer = await self._client.request(method, path, json=body, headers={**self._headers, **(headers or {})})
        if answer.status_code >= 400:
            raise Refused(f"{method} {path.partition('?')[0]} was refused: {refusal(answer)}")
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document

    async def pages(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """Return the pages of a list, following its ``next`` links."""
        following: str | None = path
        while following:
            page = await self.get(following)
            yield page
            following = page.get("next")

    async def exists(self, path: str) -> bool:
        """Tell whether there is something at an address. Raises Refused for any other refusal than 404."""
        answer = await self._client.get(path, headers=self._headers)
        if answer.status_code not in (200, 404):
            raise Refused(f"GET {path} was refused: {refusal(answer)}")
        return answer.status_code == 200


def refusal(answer: httpx.Response) -> str:
    """Return what a refusal says: the problem document's words, else the beginning of the body."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "detail" not in problem:
        return f"status {answer.status_code}: {answer.text[:300]}"
    faults = [f"{fault.get('pointer')}: {fault.get('message')}" for fault in problem.get("errors", [])]
    return "; ".join([f"{problem.get('code', answer.status_code)}: {problem['detail']}", *faults])
