"""The `/sandbox/*` routes: what a test or a person needs to see and to turn, beside Exact's own API. No token needed.

They are described in docs/sandbox-control.md.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Protocol, cast

from aiohttp import web

from exact_sandbox.admin.records import change_record, find_records, insert_record, plain, remove_record
from exact_sandbox.faults import Latency, Rule, check
from exact_sandbox.world.store import SWITCHES, Division, Refusal, Row, World

Handler = Callable[[web.Request], Awaitable[web.Response]]


class MovableClock(Protocol):
    """What the clock route turns."""

    rate: float

    def now(self) -> datetime:
        """Return the sandbox time."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        ...

    def set(self, epoch: float) -> None:
        """Set the clock."""
        ...

    def set_rate(self, rate: float) -> None:
        """Set its rate."""
        ...

    @property
    def offset(self) -> float:
        """Return how far it is ahead of real time, in seconds."""
        ...


def answer(value: object, status: int = 200) -> web.Response:
    """Return a JSON answer; datetimes become ISO text, bytes become their length."""
    return web.Response(
        text=json.dumps(value, default=plain, ensure_ascii=False), status=status, content_type="application/json"
    )


def problem(text: str, status: int = 400) -> web.Response:
    """Return what was wrong with a control request."""
    return answer({"error": text}, status)


async def _body(request: web.Request) -> Any:
    text = await request.text()
    return json.loads(text) if text.strip() else {}


def _guard(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except KeyError as missing:
            return problem(f"Not known here: {missing.args[0]}", 404)
        except (ValueError, TypeError) as wrong:
            return problem(str(wrong))
        except Refusal as refusal:
            return problem(refusal.text, refusal.status)

    return guarded


class Control:
    """The handlers of one world."""

    def __init__(self, world: World, clock: MovableClock) -> None:
        self._world = world
        self._clock = clock

    # --- what there is --------------------------------------------------------------------------------------

    async def info(self, request: web.Request) -> web.Response:
        """Tell everything that a client needs to begin."""
        world, options = self._world, self._world.options
        return answer({
            "base_url": world.base_url or f"{request.scheme}://{request.host}",
            "apps": [{"client_id": app.client_id, "client_secret": app.client_secret, "name": app.name,
                      "redirect_uris": app.redirect_uris, "webhook_secret": app.webhook_secret,
                      "scopes": None if app.scopes is None else sorted(app.scopes)} for app in world.apps.values()],
            "users": [{"user_name": user.user_name, "password": user.password, "user_id": user.user_id,
                       "full_name": user.full_name, "divisions": user.divisions, "language": user.language,
                       "current_division": user.current_division} for user in world.users.values()],
            "divisions": [{"code": each.code, "description": each.description, "hid": each.hid, "edition": each.edition,
                           "usable": each.usable, "currency": each.currency, "country": each.country.strip(),
                           "version": each.version} for each in world.divisions.values()],
            "options": asdict(options), "late_bound_s": options.late_bound_s,
        })  # fmt: skip

    async def counters(self, request: web.Request) -> web.Response:
        """List the counted calls, with sums; `?division=` and `?path=` narrow them."""
        rows: list[Row] = [
            {"division": division, "method": method, "path": path, "status": status, "calls": calls}
            for (division, method, path, status), calls in sorted(
                self._world.counters.calls.items(), key=lambda entry: str(entry[0])
            )
            if request.query.get("division") in (None, str(division)) and request.query.get("path", "") in path
        ]
        return answer({"total": sum(row["calls"] for row in rows), "calls": rows})

    async def reset_counters(self, _: web.Request) -> web.Response:
        """Forget the counted calls."""
        self._world.counters.reset()
        return answer({"total": 0, "calls": []})

    async def tokens(self, _: web.Request) -> web.Response:
        """Tell what happened at the token endpoint."""
        return answer(asdict(self._world.tokens))

    async def orders(self, request: web.Request) -> web.Response:
        """List what clients created, oldest first, also when its answer was lost or it is not visible yet."""
        wanted = {name: request.query[name] for name in ("entity", "division", "number") if name in request.query}
        rows = [row for row in self._world.posted if all(str(row.get(k)) == v for k, v in wanted.items())]
        return answer({"count": len(rows), "orders": [self._posted(row) for row in rows]})

    def _posted(self, row: Row) -> Row:
        division = self._world.divisions.get(row["division"])
        stored = division.table(row["entity"]).get(row["key"]) if division else None
        return {**row, "visible": stored is not None, "your_ref": (stored or {}).get("YourRef")}

    async def webhooks(self, _: web.Request) -> web.Response:
        """List the subscriptions and every attempt to reach one."""
        subscriptions = [
            {"division": division.code, **{name: row.get(name) for name in ("ID", "Topic", "CallbackURL", "ClientID")}}
            for division in self._world.divisions.values()
            for row in division.table("WebhookSubscriptions").rows()
        ]
        return answer({"subscriptions": subscriptions, "attempts": self._world.deliveries})

    # --- time, latency, faults ------------------------------------------------------------------------------

    async def clock(self, _: web.Request) -> web.Response:
        """Tell the sandbox time."""
        now = self._clock.now()
        return answer({"now": now.isoformat(), "epoch": now.timestamp(), "local": self._world.clock.local(),
                       "offset": self._clock.offset, "rate": self._clock.rate})  # fmt: skip

    async def set_clock(self, request: web.Request) -> web.Response:
        """Turn the clock: `rate`, then `now` (ISO with a zone) or `offset` (seconds), then `advance` (seconds)."""
        body = await _body(request)
        unknown = body.keys() - {"now", "offset", "rate", "advance"}
        if unknown:
            return problem(f"Unknown: {', '.join(sorted(unknown))}; give now, offset, rate or advance.")
        if "rate" in body:
            self._clock.set_rate(float(body["rate"]))
        if "now" in body:
            moment = datetime.fromisoformat(body["now"])
            if moment.tzinfo is None:
                return problem("`now` needs a zone, e.g. 2026-11-21T12:00:00+00:00.")
            self._clock.set(moment.timestamp())
        if "offset" in body:
            self._clock.advance(float(body["offset"]) - self._clock.offset)
        if "advance" in body:
            self._clock.advance(float(body["advance"]))
        return await self.clock(request)

    async def latency(self, _: web.Request) -> web.Response:
        """List the latencies."""
        return answer({"latencies": [asdict(each) for each in self._world.faults.latencies]})

    async def set_latency(self, request: web.Request) -> web.Response:
        """Replace the latencies: one object or a list of {match, ms, per_rows}."""
        body = await _body(request)
        self._world.faults.latencies = [Latency(**each) for each in (body if isinstance(body, list) else [body])]
        return await self.latency(request)

    async def clear_latency(self, request: web.Request) -> web.Response:
        """Take every latency away."""
        self._world.faults.latencies = []
        return await self.latency(request)

    async def faults(self, _: web.Request) -> web.Response:
        """List the armed faults with how often they struck."""
        return answer({"faults": self._world.faults.listing()})

    async def add_faults(self, request: web.Request) -> web.Response:
        """Arm one rule or a list of rules; answers their numbers."""
        body = await _body(request)
        names = {each.name for each in fields(Rule)}
        rules = []
        for each in body if isinstance(body, list) else [body]:
            if unknown := each.keys() - names:
                return problem(f"Unknown in a fault rule: {', '.join(sorted(unknown))}.")
            if each.get("kind") == "late" and each.get("delay_ms", 0) > self._world.options.late_bound_s * 1000:
                return problem(f"Later than the stated bound of {self._world.options.late_bound_s} s.")
            rules.append(Rule(**each))
            check(rules[-1])
        return answer({"ids": [self._world.faults.add(rule) for rule in rules]}, 201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Disarm all rules, or the one whose number is in the address."""
        number = request.match_info.get("number")
        self._world.faults.clear(int(number) if number else None)
        return await self.faults(request)

    # --- records --------------------------------------------------------------------------------------------

    def _division(self, request: web.Request) -> Division:
        code = int(request.match_info["division"])
        if code not in self._world.divisions:
            raise KeyError(f"division {code}")
        return self._world.divisions[code]

    async def records(self, request: web.Request) -> web.Response:
        """List stored rows: `?Field=value` narrows, `?_limit=` (100) bounds, `_count` counts only."""
        return answer(find_records(self._division(request), request.match_info["entity"], dict(request.query)))

    async def add_record(self, request: web.Request) -> web.Response:
        """Insert a row as it is given, or by the rules of a POST with `?_rules=1`."""
        ruled = request.query.get("_rules") == "1"
        row = await insert_record(
            self._world, self._division(request), request.match_info["entity"], await _body(request), ruled=ruled
        )
        return answer(row, 201)

    async def change_record(self, request: web.Request) -> web.Response:
        """Change fields of a row, read-only ones too; an empty body only gives it a new row version."""
        match = request.match_info
        row = change_record(self._division(request), match["entity"], match["key"], await _body(request))
        return answer(row)

    async def remove_record(self, request: web.Request) -> web.Response:
        """Remove a row; sync/Deleted gets its entry."""
        match = request.match_info
        remove_record(self._division(request), match["entity"], match["key"])
        return answer({"deleted": match["key"]})

    async def change_division(self, request: web.Request) -> web.Response:
        """Change a company: fields of system/Divisions, `edition`, and the switches of a company."""
        division, body = self._division(request), await _body(request)
        for name, known in SWITCHES.items():
            if body.get(name, known[0]) not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {body[name]!r}.")
        self._world.record("division", {"code": division.code, "changes": body})
        replay_division(self._world, {"code": division.code, "changes": body})
        switches: Row = {name: getattr(division, name) for name in SWITCHES}
        switches["closed_periods"] = sorted(division.closed_periods)
        return answer({"edition": division.edition, **switches, **division.info})


RENUMBERING = frozenset({"DivisionMoveDate", "DivisionHRLinkUnlinkDate"})
"""Dates of a company that come with new row versions."""


def replay_division(world: World, event: Row) -> None:
    """Carry out a change of a company, also when the journal is replayed."""
    division = world.divisions[event["code"]]
    for name, value in event["changes"].items():
        if name == "edition" or name in SWITCHES:
            setattr(division, name, value)
        elif name == "closed_periods":
            division.closed_periods = frozenset(value)
        elif name.endswith("Date"):
            division.info[name] = datetime.fromisoformat(value)
            if name in RENUMBERING:
                division.move_database()
        else:
            division.info[name] = value
    division.description = division.info["Description"]


def replay_posted(world: World, event: Row) -> None:
    """Take up what a client created before a restart."""
    world.posted.append(event)


def routes(world: World) -> list[web.RouteDef]:
    """Return every control route of a world; its clock must be one that can be moved."""
    control = Control(world, cast(MovableClock, world.clock))
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/sandbox/info", control.info),
        ("GET", "/sandbox/counters", control.counters),
        ("DELETE", "/sandbox/counters", control.reset_counters),
        ("GET", "/sandbox/tokens", control.tokens),
        ("GET", "/sandbox/orders", control.orders),
        ("GET", "/sandbox/webhooks", control.webhooks),
        ("GET", "/sandbox/clock", control.clock),
        ("PUT", "/sandbox/clock", control.set_clock),
        ("GET", "/sandbox/latency", control.latency),
        ("PUT", "/sandbox/latency", control.set_latency),
        ("DELETE", "/sandbox/latency", control.clear_latency),
        ("GET", "/sandbox/faults", control.faults),
        ("POST", "/sandbox/faults", control.add_faults),
        ("DELETE", "/sandbox/faults", control.clear_faults),
        ("DELETE", "/sandbox/faults/{number:\\d+}", control.clear_faults),
        ("PATCH", "/sandbox/divisions/{division:\\d+}", control.change_division),
        ("GET", "/sandbox/records/{division:\\d+}/{entity}", control.records),
        ("POST", "/sandbox/records/{division:\\d+}/{entity}", control.add_record),
        ("PATCH", "/sandbox/records/{division:\\d+}/{entity}/{key}", control.change_record),
        ("DELETE", "/sandbox/records/{division:\\d+}/{entity}/{key}", control.remove_record),
    ]
    return [web.route(method, path, _guard(handler)) for method, path, handler in table]
