"""The route `/sandbox/switches`: what may be filtered, and the forms of which Exact's documentation says nothing."""

from __future__ import annotations

import json

from aiohttp import web

from exact_sandbox.admin.routes import answer, problem
from exact_sandbox.protocol.switches import Switches


def switch_routes(switches: Switches) -> list[web.RouteDef]:
    """Return the routes that show and turn the switches."""

    async def show(_: web.Request) -> web.Response:
        return answer(switches.shown())

    async def turn(request: web.Request) -> web.Response:
        try:
            changes = json.loads(await request.text())
            if not isinstance(changes, dict):
                return problem("Give an object with the switches to turn.")
            switches.turn(changes)
        except ValueError as wrong:
            return problem(str(wrong))
        return answer(switches.shown())

    return [web.get("/sandbox/switches", show), web.put("/sandbox/switches", turn)]
