"""Link a tenant through OAuth: a state that works once, the consent, the administration, then tokens and streams.

    authorize  -> state row (hash, 10 minutes) -> Exact's consent page
    callback   -> state row taken (conditional delete: the second caller finds nothing)
               -> code for a token pair, held in memory
               -> current/Me, system/Divisions: the named administration, exactly
               -> token pair and pointer stored in one go, streams made due

Nothing is stored before the administration is found, so a refusal at any point leaves the tenant as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from exact_connector.clock import Clock, from_text, later, to_text
from exact_connector.errors import Conflict, ConnectorError, NotFound, TerminalError
from exact_connector.exact.auth.oauth import TokenPair, authorization_url
from exact_connector.exact.connection import Connection, ConnectionState
from exact_connector.storage.table import ConditionFailed, Key, Present, Row, Table
from exact_connector.tenants.applications import Application
from exact_connector.tenants.divisions import Division, match_division
from exact_connector.tenants.link_failures import LinkFailures
from exact_connector.tenants.model import Tenant

STATE_SECONDS = 600


class StateInvalid(TerminalError):
    """The state of a callback is unknown, used, or too old."""

    code = "STATE_INVALID"


class ConsentRefused(TerminalError):
    """The administrator refused on Exact's page, or Exact reported another error there."""

    code = "CONSENT_REFUSED"


@dataclass(frozen=True, slots=True)
class Started:
    """Where to send the administrator, and until when that works."""

    url: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The outcome of a callback that went well."""

    tenant: str
    division: Division


class Onboarding:
    """Starts and finishes the linking of tenants; every effect on Exact is passed in."""

    def __init__(
        self,
        control: Table,
        clock: Clock,
        random_text: Callable[[int], str],
        *,
        redirect_uri: str,
        application: Callable[[Tenant], Application],
        tenant: Callable[[str], Tenant],
        connection: Callable[[str], Connection],
        exchange: Callable[[Application, str, str], TokenPair],
        divisions: Callable[[Tenant, Application, TokenPair], list[Division]],
        link: Callable[[Tenant, Application, TokenPair, Division], None],
        failures: LinkFailures,
    ) -> None:
        self._control = control
        self._clock = clock
        self._random_text = random_text
        self._redirect_uri = redirect_uri
        self._application = application
        self._tenant = tenant
        self._connection = connection
        self._exchange = exchange
        self._divisions = divisions
        self._link = link
        self._failures = failures

    def start(self, tenant_id: str, *, who: str, allow_division_change: bool = False) -> Started:
        """Make a state and return the address of Exact's consent page."""
        tenant = self._tenant(tenant_id)
        application = self._application(tenant)
        state = self._random_text(43)
        expires = to_text(later(self._clock.now(), STATE_SECONDS))
        row: Row = {
            "pk": _state_key(state).pk,
            "sk": "state",
            "tenant": tenant_id,
            "tenant_born": to_text(tenant.created_at),
            "client_id": application.client_id,
            "expires_at": expires,
            "expires": int(self._clock.now().timestamp()) + 86400,
            "allow_division_change": allow_division_change,
            "who": who,
        }
        self._control.put(row)
        url = authorization_url(
            application.base_url,
            client_id=application.client_id,
            redirect_uri=self._redirect_uri,
            state=state,
        )
        return Started(url, expires)

    def finish(self, *, state: str | None, code: str | None, error: str | None) -> Linked:
        """Carry a callback out; raises StateInvalid, ConsentRefused, DivisionNotFound, Conflict or Exact's errors.

        Why it failed is kept for the tenant whose linking it was.
        """
        taken = self._take(state)
        tenant = self._same_tenant(taken)
        try:
            division = self._finish(tenant, taken, code=code, error=error)
        except ConnectorError as failure:
            self._failures.note(tenant.tenant, failure)
            raise
        self._failures.clear(tenant.tenant)
        return Linked(tenant.tenant, division)

    def _finish(self, tenant: Tenant, taken: Row, *, code: str | None, error: str | None) -> Division:
        if from_text(str(taken["expires_at"])) < self._clock.now():
            raise StateInvalid("This link is older than ten minutes; start the linking again.")
        if error or not code:
            raise ConsentRefused(_refusal(error), code="CONSENT_REFUSED")
        application = self._application(tenant)
        if application.client_id != taken["client_id"]:
            raise Conflict("The application of the tenant was changed since the linking began; start it again.")
        pair = self._exchange(application, code, self._redirect_uri)
        division = match_division(
            self._divisions(tenant, application, pair), name=tenant.administration, number=tenant.division_code
        )
        self._refuse_silent_change(tenant, division, allowed=bool(taken["allow_division_change"]))
        self._link(tenant, application, pair, division)
        return division

    def _same_tenant(self, taken: Row) -> Tenant:
        """Return the tenant for which a linking was started; one that came later under its id is another company."""
        gone = StateInvalid("The tenant for which this link was given out is gone; start the linking again.")
        try:
            tenant = self._tenant(str(taken["tenant"]))
        except NotFound:
            raise gone from None
        if taken.get("tenant_born") != to_text(tenant.created_at):
            raise gone
        return tenant

    def _take(self, state: str | None) -> Row:
        key = _state_key(state or "")
        row = self._control.get(key)
        try:
            self._control.delete(key, Present())
        except ConditionFailed:
            row = None
        if row is None:
            raise StateInvalid("This link was used already or never given out; start the linking again.")
        return row

    def _refuse_silent_change(self, tenant: Tenant, division: Division, *, allowed: bool) -> None:
        current = self._connection(tenant.tenant)
        linked = current.division if current.state is not ConnectionState.DISCONNECTED else None
        if linked is not None and linked != division.code and not allowed:
            raise Conflict(
                f"The tenant was linked to administration {linked} and would now be linked to {division.code}."
                " Start the linking with allow_division_change if that is meant; all data is then loaded again.",
                code="DIVISION_CHANGED",
            )


def _state_key(state: str) -> Key:
    return Key("state#" + hashlib.sha256(state.encode()).hexdigest(), "state")


def _refusal(error: str | None) -> str:
    if error == "access_denied":
        return "The consent was refused on Exact's page; nothing was linked. Start again and choose to allow it."
    shown = "".join(character for character in error or "" if character.isascii() and character.isprintable())[:60]
    return f"Exact's page sent no code ({shown or 'no reason given'}); nothing was linked. Start the linking again."
