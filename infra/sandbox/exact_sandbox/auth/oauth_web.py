"""The sign-in and consent pages of the sandbox, usable by a browser and by a script.

Both are plain HTML forms that post back to the address of the authorisation request:
the first with `username`, `password`, `action=login`; the second with the hidden `ticket`, one `division` per
company, and `action=allow` or `action=deny`. A cookie keeps the session, so that `force_login=0` skips the first.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template

from aiohttp import web

from exact_sandbox.auth.oauth import AuthorizeRefused, AuthorizeRequest, OAuth
from exact_sandbox.world.store import User

COOKIE = "ExactSandboxSession"


@cache
def _template(name: str) -> Template:
    return Template(files(__package__).joinpath("pages", f"{name}.html").read_text("utf-8"))


def page(
    name: str, title: str, *, status: int = 200, markup: Mapping[str, str] | None = None, **texts: str
) -> web.Response:
    """Fill a page; `texts` are escaped, `markup` is not."""
    filled = {each: html.escape(text) for each, text in texts.items()}
    content = _template(name).substitute(filled, **(markup or {}))
    whole = _template("base").substitute(title=html.escape(title), content=content)
    return web.Response(text=whole, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def listed(texts: Sequence[str]) -> str:
    """Return the texts as the entries of a list."""
    return "\n".join(f"<li>{html.escape(text)}</li>" for text in texts)


def _problem(text: str) -> dict[str, str]:
    return {"problem": f'<p class="error" role="alert">{html.escape(text)}</p>' if text else ""}


@dataclass
class AuthorizePages:
    """Answers GET and POST of the authorisation address."""

    oauth: OAuth
    sessions: dict[str, str] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.Response:
        """Show the fitting page, or send the browser back to the application."""
        try:
            wanted = self.oauth.check_request(request.query)
        except AuthorizeRefused as refusal:
            return page("problem", "Request refused", status=400, problem=str(refusal))
        if request.method == "POST":
            return self._posted(request, wanted, await request.post())
        user = None if wanted.force_login else self._session_user(request.cookies.get(COOKIE, ""))
        if user is None:
            return self._login(request, "")
        return self._consent(request, wanted, user, request.cookies[COOKIE])

    def _posted(self, request: web.Request, wanted: AuthorizeRequest, form: Mapping[str, object]) -> web.Response:
        action = form.get("action", "login")
        if action == "login":
            return self._sign_in(request, wanted, str(form.get("username", "")), str(form.get("password", "")))
        user = self._session_user(str(form.get("ticket", "")))
        if user is None:
            return self._login(request, "Your session has ended. Please log in again.")
        if action == "deny":
            return _go(self.oauth.deny(wanted))
        chosen = _chosen(user, form)
        if not chosen:
            return self._consent(request, wanted, user, str(form.get("ticket")), "Choose at least one company.")
        return _go(self.oauth.allow(wanted, user, chosen))

    def _sign_in(self, request: web.Request, wanted: AuthorizeRequest, name: str, password: str) -> web.Response:
        user = self.oauth.sign_in(name, password)
        if user is None:
            return self._login(request, "The user name or the password is not correct.", name)
        ticket = secrets.token_urlsafe(24)
        self.sessions[ticket] = user.user_name
        response = self._consent(request, wanted, user, ticket)
        response.set_cookie(COOKIE, ticket, httponly=True, samesite="Lax", path="/api/oauth2/")
        return response

    def _session_user(self, ticket: str) -> User | None:
        return self.oauth.world.users.get(self.sessions.get(ticket, ""))

    def _login(self, request: web.Request, problem: str, username: str = "") -> web.Response:
        return page(
            "login",
            "Log in - Exact Online sandbox",
            markup=_problem(problem),
            action=request.raw_path,
            username=username,
        )

    def _consent(
        self, request: web.Request, wanted: AuthorizeRequest, user: User, ticket: str, problem: str = ""
    ) -> web.Response:
        divisions = self.oauth.world.divisions
        boxes = [_box(code, divisions[code].description) for code in user.divisions if code in divisions]
        return page(
            "consent",
            "Allow access - Exact Online sandbox",
            markup={"companies": "\n".join(boxes), **_problem(problem)},
            action=request.raw_path,
            app=wanted.app.name,
            user=user.full_name,
            ticket=ticket,
        )


def _box(code: int, description: str) -> str:
    return (
        f'    <label><input type="checkbox" name="division" value="{code}" checked> '
        f"{html.escape(description)} ({code})</label>"
    )


def _chosen(user: User, form: Mapping[str, object]) -> tuple[int, ...]:
    every: Sequence[object] = form.getall("division", []) if hasattr(form, "getall") else []
    ticked = {str(value) for value in every}
    return tuple(code for code in user.divisions if str(code) in ticked)


def _go(address: str) -> web.Response:
    return web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
