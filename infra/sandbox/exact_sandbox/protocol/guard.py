"""Who may call: access token, error velocity, call limits, company, app scope and edition."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from exact_sandbox.auth.oauth import OAuth
from exact_sandbox.protocol.answers import Rejected
from exact_sandbox.protocol.limits import Caller, CallLimits, ErrorVelocity, VelocityKey, with_retry_after
from exact_sandbox.protocol.paths import Place
from exact_sandbox.protocol.schema import Endpoint
from exact_sandbox.protocol.switches import Switches
from exact_sandbox.world.store import Division, User, World

HIDDEN_IN_BASIC = ("logistics/SupplierItem", "sync/Logistics/SupplierItem", "manufacturing/", "sync/Manufacturing/")
"""Addresses that the smallest edition does not have."""

UNAUTHORIZED = "Authentication Required"
"""The reason of a 401, as Exact's page "Set up authentication requests" names it."""

VELOCITY_HEADERS = {"Reason": "ErrorVelocityExceeded"}


@dataclass(frozen=True)
class Identity:
    """The user and app behind an access token, and the companies that the user ticked."""

    user: User
    client_id: str
    granted: tuple[int, ...]


@dataclass
class Guard:
    """Checks calls in the order in which Exact does."""

    world: World
    oauth: OAuth
    limits: CallLimits
    velocity: ErrorVelocity = field(default_factory=ErrorVelocity)
    velocity_status: int = 403
    switches: Switches = field(default_factory=Switches)

    def identify(self, request: web.Request, place: Place) -> Identity:
        """Return who calls; 401 without a valid access token (an expired one counts as an error of its owner)."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = self.oauth.bearer(token.strip()) if scheme.lower() == "bearer" else None
        unauthorized = Rejected(401, UNAUTHORIZED, {"WWW-Authenticate": "Bearer", "Reason": UNAUTHORIZED}, UNAUTHORIZED)
        if found is None:
            raise unauthorized
        grant, valid = found
        user = self.world.users.get(grant.user_name)
        if user is None or not valid:
            self.note((grant.client_id, grant.user_name, place.division, place.endpoint.lower()), 401)
            raise unauthorized
        return Identity(user, grant.client_id, grant.divisions)

    def velocity_key(self, who: Identity, place: Place) -> VelocityKey:
        """Return under what the errors of a call are counted."""
        return (who.client_id, who.user.user_name, place.division, place.endpoint.lower())

    def check_velocity(self, key: VelocityKey) -> None:
        """Refuse a key that made too many errors at this address."""
        if self.velocity.blocked_for(key, self._now()):
            raise Rejected(self.velocity_status, "Forbidden - Error velocity", VELOCITY_HEADERS)

    def note(self, key: VelocityKey, status: int) -> None:
        """Count an answer for the error velocity."""
        self.velocity.count(key, status, self._now())

    def admit(self, place: Place, client_id: str) -> dict[str, str]:
        """Count the call in its minute and day and return the headers; 429 when one of them is spent."""
        if place.division is None:
            return {}
        division = self.world.divisions.get(place.division)
        caller = Caller(
            client_id,
            place.division,
            contract=str(division.info.get("CustomerCode", "")) if division else "",
            premium=division is not None and division.edition == "premium" and self.limits.allowance.premium,
        )
        verdict = self.limits.admit(caller, int(self._now() * 1000))
        if not verdict.allowed:
            raise Rejected(429, "", self.refused(verdict.headers))
        return verdict.headers

    def refused(self, headers: dict[str, str]) -> dict[str, str]:
        """Return the headers of a 429, with `Retry-After` where the switch asks for it."""
        return with_retry_after(headers, int(self._now() * 1000)) if self.switches.retry_after else headers

    def division(self, place: Place, who: Identity) -> Division:
        """Return the company of the address; 403 when the token may not use it or it is blocked."""
        code = who.user.current_division if place.division is None else place.division
        division = self.world.divisions.get(code)
        if division is None or code not in who.user.divisions:
            raise Rejected(403, "Forbidden - WrongDivision")
        if place.division is None:
            return division
        if code not in who.granted:
            raise Rejected(403, "Forbidden - WrongDivision")
        if division.info.get("BlockingStatus", 0) != 0:
            raise Rejected(403, "Forbidden - DivisionBlocked", {"Reason": "DivisionBlocked"})
        return division

    def check_scope(self, endpoint: Endpoint, client_id: str, *, write: bool) -> None:
        """Refuse an app whose registration lacks the area; `area:read` only reads, `area` manages."""
        held, wanted = self.world.apps[client_id].scopes, endpoint.entity.scopes
        if held is None or not wanted:
            return
        enough = {*wanted} if write else {*wanted, *(f"{scope}:read" for scope in wanted)}
        if not enough & held:
            action = "manage" if write else "read"
            text = f"Forbidden - Application Scope Violated. Cannot {action} '{wanted[0]}' scope."
            raise Rejected(403, text)

    def check_edition(self, endpoint: Endpoint, division: Division) -> None:
        """Refuse an address that the edition of the company does not have."""
        if division.edition == "basic" and endpoint.path.startswith(HIDDEN_IN_BASIC):
            raise Rejected(403, "Forbidden - Not available in your edition.")

    def _now(self) -> float:
        return self.world.clock.now().timestamp()
