"""One address for browsers and programs: a small reverse proxy in front of the deployed HTTP API.

On AWS an HTTP API answers at the root of its own host name. The local AWS serves it below a path instead; this proxy
takes that path away again, so that links, redirects and cookies are the same as on AWS.
"""

from __future__ import annotations

import aiohttp
from aiohttp import web
from yarl import URL

from exact_local.state import LOOPBACK

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    }
)
# Written by the local AWS in front of every answer; no HTTP API on AWS sends them.
_NOT_FROM_THE_API = ("access-control-", "x-amz", "server", "date")
LARGEST_REQUEST = 10 * 1024 * 1024


class Front:
    """The proxy."""

    def __init__(self, port: int, aws_url: str, api_id: str) -> None:
        self._port = port
        self._prefix = f"{aws_url}/_aws/execute-api/{api_id}/$default"
        self._session: aiohttp.ClientSession | None = None
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.router.add_route("*", "/{path:.*}", self._forward)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Open the address."""
        # A request may wait for Exact; the API's own time-out is the limit.
        self._session = aiohttp.ClientSession(
            auto_decompress=False, timeout=aiohttp.ClientTimeout(total=60), cookie_jar=aiohttp.DummyCookieJar()
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self._port).start()

    async def close(self) -> None:
        """Close the address."""
        await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        headers |= {
            "X-Forwarded-For": request.remote or LOOPBACK,
            "X-Forwarded-Proto": request.headers.get("X-Forwarded-Proto", "http"),
            "X-Forwarded-Host": request.headers.get("Host", ""),
        }
        # The raw path goes on as it came: an encoded slash in a code is not a slash in a path.
        target = URL(self._prefix + request.raw_path, encoded=True)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _too_large()
        try:
            async with self._session.request(
                request.method, target, headers=headers, data=body or None, allow_redirects=False
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientError:
            return web.json_response({"message": "The local AWS does not answer."}, status=502)
        response = web.Response(status=answer.status, body=content)
        for name, value in answer.headers.items():
            if name.lower() == "content-type":
                response.headers[name] = value
            elif name.lower() not in _HOP_BY_HOP | {"content-length"} and not name.lower().startswith(
                _NOT_FROM_THE_API
            ):
                response.headers.add(name, value)
        return response


def _too_large() -> web.Response:
    """Return the problem document that the API answers to a body that is too large, before the local AWS sees it."""
    problem = {
        "type": "about:blank",
        "title": "Request Entity Too Large",
        "status": 413,
        "code": "BODY_TOO_LARGE",
        "detail": f"The body has more than {LARGEST_REQUEST} bytes; send it in several requests.",
    }
    return web.json_response(problem, status=413, content_type="application/problem+json")
