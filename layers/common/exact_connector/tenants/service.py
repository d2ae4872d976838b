"""What administrators and operators do with tenants: make, change, link, set, synchronise, remove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import BaseModel

from exact_connector.clock import Clock, to_text, today
from exact_connector.errors import (
    ConfigurationError,
    Conflict,
    ConnectorError,
    Fault,
    InvalidInput,
    NotConnected,
    NotFound,
)
from exact_connector.exact.connection import Connection, ConnectionState
from exact_connector.settings import Settings
from exact_connector.settings.entry import Reference
from exact_connector.settings.problems import Code, Problem
from exact_connector.settings.references import check, lists_of, needed_lists
from exact_connector.storage.table import Page, Value
from exact_connector.tenants.applications import Applications
from exact_connector.tenants.divisions import Division
from exact_connector.tenants.keys import ApiKey, ApiKeys
from exact_connector.tenants.model import SyncChoices, SyncInput, Tenant, TenantInput, TenantPatch
from exact_connector.tenants.onboarding import Linked, Onboarding, Started
from exact_connector.tenants.settings_store import Saved, SettingsStore
from exact_connector.tenants.store import TenantStore
from exact_connector.web.auth import Scope
from exact_connector.web.bodies import pointer

if TYPE_CHECKING:
    from exact_connector.documents.models.settings import SettingsCheck, SettingsProblem, SettingsSave
    from exact_connector.documents.models.sync import (
        CallForecast,
        CallsLeft,
        ControlledSync,
        DocumentsCheck,
        EndpointState,
        OrdersSummary,
        StartedSync,
        SyncState,
        TenantStatus,
    )
    from exact_connector.documents.models.tenants import (
        Administration,
        AuditEvent,
        RemovedData,
        RemovedTenant,
        TenantWithConnection,
    )
    from exact_connector.documents.models.tenants import Connection as ConnectionDocument
    from exact_connector.documents.models.tenants import Tenant as TenantDocument

Rows = list[dict[str, Any]]


class SyncControl(Protocol):
    """What the synchronisation offers to an administrator."""

    def has_stream(self, name: str) -> bool:
        """Return whether there is such a stream."""
        ...

    def status(self, tenant: str) -> SyncState:
        """Return how each stream and family stands."""
        ...

    def start(self, tenant: str, family: str, *, full: bool) -> StartedSync:
        """Make the streams of a family due now."""
        ...

    def control(self, tenant: str, family: str, action: str) -> ControlledSync:
        """Pause, resume or cancel the streams of a family."""
        ...

    def forecast(self, tenant: str) -> CallForecast:
        """Estimate the calls per day."""
        ...

    def check_documents(self, tenant: str) -> DocumentsCheck:
        """Compare the served documents with what their owners have."""
        ...

    def settings_changed(self, tenant: str) -> None:
        """Project again what the new settings shape, and make newly needed streams due."""
        ...

    def linked(self, tenant: str, *, from_scratch: bool) -> None:
        """Make every stream due; from scratch when another administration is linked than before."""
        ...

    def delete_tenant_data(self, tenant: str) -> dict[str, int]:
        """Remove everything that was stored for a tenant and return how much of what."""
        ...


class ExactAccess(Protocol):
    """What administrators see of and do with a tenant's access to Exact."""

    def connection(self, tenant: str) -> Connection:
        """Return the connection as it is now."""
        ...

    def described(self, tenant: str) -> ConnectionDocument:
        """Return the connection in words: its state, why, and when it would die unused."""
        ...

    def unlink(self, tenant: str) -> None:
        """End the connection and remove its tokens."""
        ...

    def divisions(self, tenant: str) -> list[Division]:
        """Return the administrations that the connection may use."""
        ...

    def reference_rows(self, tenant: str, lists: Iterable[Reference]) -> Mapping[str, Rows]:
        """Read lists of codes from Exact."""
        ...

    def calls_left(self, tenant: str) -> CallsLeft | None:
        """Return what is left of both limits."""
        ...

    def endpoints(self, tenant: str) -> list[EndpointState]:
        """Return the endpoints that had errors within the hour, and which of them rest and why."""
        ...

    def reset_endpoint(self, tenant: str, endpoint: str) -> None:
        """Let an endpoint be called again at once."""
        ...

    def follow_webhooks(self, tenant: str) -> Mapping[str, str]:
        """Subscribe or unsubscribe webhooks as the tenant's options want; return what was done per topic."""
        ...


class TenantService:
    """The use cases of tenants over their stores."""

    def __init__(
        self,
        tenants: TenantStore,
        keys: ApiKeys,
        settings: SettingsStore,
        applications: Applications,
        onboarding: Onboarding,
        sync: SyncControl,
        exact: ExactAccess,
        clock: Clock,
        *,
        new_id: Callable[[], str],
        forget_orders: Callable[[str], int],
        standing_of_orders: Callable[[str, int], OrdersSummary],
    ) -> None:
        self._tenants = tenants
        self._keys = keys
        self._settings = settings
        self._applications = applications
        self._onboarding = onboarding
        self._sync = sync
        self._clock = clock
        self._new_id = new_id
        self._exact = exact
        self._forget_orders = forget_orders
        self._standing_of_orders = standing_of_orders

    def create(self, wanted: TenantInput, *, who: str) -> Tenant:
        """Make a tenant; raises Conflict for a taken id, InvalidInput for a country that is not allowed."""
        self._require_allowed(wanted.country)
        tenant = Tenant(
            tenant=wanted.id or self._new_id(),
            name=wanted.name,
            country=wanted.country,
            administration=wanted.administration,
            division_code=wanted.division_code,
            own_client_id=None if wanted.application is None else wanted.application.client_id,
            created_at=self._clock.now(),
            options=wanted.options.to_options(),
            sync=self._choices(wanted.sync),
        )
        self._tenants.create(tenant)
        if wanted.application is not None:
            self._applications.store_own(tenant.tenant, wanted.application)
        self._tenants.record(tenant.tenant, "tenant.created", who, {"country": tenant.country})
        return tenant

    def _require_allowed(self, country: str) -> None:
        try:
            self._applications.base_url(country)
        except ConfigurationError as error:
            raise InvalidInput(error.message, [Fault("/country", error.code, error.message)]) from error

    def page(self, after: str | None, limit: int) -> tuple[list[Tenant], str | None]:
        """Return one page of tenants."""
        return self._tenants.page(after, limit)

    def describe(self, tenant_id: str) -> TenantWithConnection:
        """Return a tenant with the state of its connection."""
        tenant = self._tenants.get(tenant_id)
        return {**to_response(tenant), "connection": self._exact.described(tenant_id)}

    def change(self, tenant_id: str, patch: TenantPatch, *, who: str) -> Tenant:
        """Change a tenant; a linked one keeps its country. Raises Conflict, NotFound."""
        tenant = self._tenants.get(tenant_id)
        linked = self._exact.connection(tenant_id).state is not ConnectionState.DISCONNECTED
        if linked and patch.country is not None and patch.country != tenant.country:
            raise Conflict("A linked tenant cannot move to another country site; make a new tenant for that.")
        if patch.country is not None:
            self._require_allowed(patch.country)
        fields = patch.model_fields_set - {"application", "options", "sync"}
        changed = replace(tenant, **{name: getattr(patch, name) for name in fields})
        if patch.application is not None:
            changed = replace(changed, own_client_id=patch.application.client_id)
        if patch.options is not None:
            changed = replace(changed, options=replace(tenant.options, **_sent(patch.options)))
        if patch.sync is not None:
            self._choices(patch.sync)
            changed = replace(changed, sync=replace(tenant.sync, **_sent(patch.sync)))
        if changed.administration is None and changed.division_code is None:
            raise Conflict("A tenant names its administration or its division_code; keep one of the two.")
        changed = self._tenants.replace(changed)
        if patch.application is not None:
            self._applications.store_own(tenant_id, patch.application)
            self._drop_foreign_connection(tenant_id, patch.application.client_id)
        changed_fields: list[Value] = [*sorted(patch.model_fields_set)]
        self._tenants.record(tenant_id, "tenant.changed", who, {"fields": changed_fields})
        if changed.options != tenant.options or changed.sync != tenant.sync:
            self._sync.settings_changed(tenant_id)
            if changed.options.webhooks != tenant.options.webhooks:
                self._follow_webhooks(tenant_id, who)
        return changed

    def remove(self, tenant_id: str, *, who: str) -> RemovedTenant:
        """Remove a tenant with everything that belongs to it; may be repeated after a crash."""
        self._tenants.get(tenant_id)
        for key in self._keys.list(tenant_id):
            self._keys.revoke(tenant_id, key.key_id)
        self._exact.unlink(tenant_id)
        removed: RemovedData = {
            "rows": self._sync.delete_tenant_data(tenant_id),
            "orders": self._forget_orders(tenant_id),
        }
        self._settings.forget(tenant_id)
        self._applications.forget_own(tenant_id)
        self._tenants.remove(tenant_id)
        return {"id": tenant_id, "removed": removed, "by": who}

    def status(self, tenant_id: str) -> TenantStatus:
        """Return the connection, the calls left, the open orders and how each stream stands."""
        tenant = self._tenants.get(tenant_id)
        division = self._exact.connection(tenant_id).division
        return {
            "tenant": tenant.tenant,
            "connection": self._exact.described(tenant_id),
            "calls_left": None if division is None else self._exact.calls_left(tenant_id),
            "endpoints": [] if division is None else self._exact.endpoints(tenant_id),
            "orders": None if division is None else self._standing_of_orders(tenant_id, division),
            **self._sync.status(tenant_id),
        }

    def reset_endpoint(self, tenant_id: str, endpoint: str, *, who: str) -> list[EndpointState]:
        """Let an endpoint that rests be called again at once; return how the endpoints stand."""
        self._tenants.get(tenant_id)
        known = {row["endpoint"] for row in self._exact.endpoints(tenant_id)}
        if endpoint not in known:
            raise NotFound(f"The endpoint {endpoint!r} had no errors; the status lists those that had.")
        self._exact.reset_endpoint(tenant_id, endpoint)
        self._tenants.record(tenant_id, "endpoint.reset", who, {"endpoint": endpoint})
        return self._exact.endpoints(tenant_id)

    def authorize(self, tenant_id: str, *, who: str, allow_division_change: bool) -> Started:
        """Start linking and return where to send the administrator."""
        started = self._onboarding.start(tenant_id, who=who, allow_division_change=allow_division_change)
        self._tenants.record(tenant_id, "link.started", who, {"allow_division_change": allow_division_change})
        return started

    def callback(self, *, state: str | None, code: str | None, error: str | None) -> Linked:
        """Finish linking; every outcome but a bad state is recorded."""
        linked = self._onboarding.finish(state=state, code=code, error=error)
        self._tenants.record(linked.tenant, "link.finished", "callback", {"division": linked.division.code})
        return linked

    def divisions(self, tenant_id: str) -> list[Administration]:
        """Return the administrations that the connection may use."""
        self._tenants.get(tenant_id)
        if self._exact.connection(tenant_id).state is not ConnectionState.CONNECTED:
            self._require_application(tenant_id)
            raise NotConnected("The tenant is not linked; start with POST .../authorize.")
        return [_administration(division) for division in self._exact.divisions(tenant_id)]

    def settings(self, tenant_id: str) -> Settings:
        """Return the settings."""
        self._tenants.get(tenant_id)
        return self._settings.get(tenant_id)

    def put_settings(self, tenant_id: str, values: object, *, who: str) -> Saved:
        """Replace the settings."""
        self._tenants.get(tenant_id)
        return self._applied(tenant_id, self._settings.put(tenant_id, values, who=who))

    def patch_settings(self, tenant_id: str, values: object, *, who: str) -> Saved:
        """Change some settings."""
        self._tenants.get(tenant_id)
        return self._applied(tenant_id, self._settings.patch(tenant_id, values, who=who))

    def check_settings(self, tenant_id: str) -> SettingsCheck:
        """Look up in Exact every code that the settings name; only the lists that are needed are read."""
        settings = self.settings(tenant_id)
        lists = needed_lists(settings)
        if lists and self._exact.connection(tenant_id).state is not ConnectionState.CONNECTED:
            self._require_application(tenant_id)
            raise NotConnected("The tenant is not linked, so its codes cannot be looked up; link it first.")
        rows: Mapping[str, Rows] = self._exact.reference_rows(tenant_id, lists) if lists else {}
        found = check(settings, rows, self._today())
        return {
            "problems": [problem_response(problem) for problem in found.problems],
            "warnings": [problem_response(problem) for problem in found.warnings],
            "stopped": sorted(found.stopped),
            "not_checked": sorted(found.unchecked),
        }

    def settings_history(
        self, tenant_id: str, *, after: str | None, limit: int
    ) -> tuple[list[SettingsSave], list[str], str | None]:
        """Return a page of who changed what, newest first, the place of each row, and where the next page starts."""
        self._tenants.get(tenant_id)
        page = self._settings.history(tenant_id, after=after, limit=limit)
        saves = [{name: row[name] for name in ("at", "who", "changes")} for row in page.rows]
        return cast("list[SettingsSave]", saves), _places(page), None if page.next is None else page.next.sk

    def start_sync(self, tenant_id: str, family: str, *, full: bool) -> StartedSync:
        """Make a family due now; raises NotConnected before the tenant is linked."""
        self._tenants.get(tenant_id)
        if self._exact.connection(tenant_id).state is not ConnectionState.CONNECTED:
            self._require_application(tenant_id)
            raise NotConnected(
                "The tenant is not linked, so nothing can be synchronised; start with POST .../authorize."
            )
        return self._sync.start(tenant_id, family, full=full)

    def control_sync(self, tenant_id: str, family: str, action: str) -> ControlledSync:
        """Pause, resume or cancel a family."""
        self._tenants.get(tenant_id)
        return self._sync.control(tenant_id, family, action)

    def forecast(self, tenant_id: str) -> CallForecast:
        """Estimate the calls per day."""
        self._tenants.get(tenant_id)
        return self._sync.forecast(tenant_id)

    def check_documents(self, tenant_id: str) -> DocumentsCheck:
        """Compare the served documents with what their owners have: counts of each kind, and the first differences."""
        self._tenants.get(tenant_id)
        return self._sync.check_documents(tenant_id)

    def keys(self, tenant_id: str) -> list[ApiKey]:
        """Return the tenant's keys."""
        self._tenants.get(tenant_id)
        return self._keys.list(tenant_id)

    def create_key(self, tenant_id: str, label: str, scopes: Iterable[Scope], *, who: str) -> tuple[ApiKey, str]:
        """Make a key."""
        self._tenants.get(tenant_id)
        key, secret = self._keys.create(tenant_id, label, scopes)
        self._tenants.record(tenant_id, "key.created", who, {"key": key.key_id})
        return key, secret

    def revoke_key(self, tenant_id: str, key_id: str, *, who: str) -> None:
        """Revoke a key."""
        self._keys.revoke(tenant_id, key_id)
        self._tenants.record(tenant_id, "key.revoked", who, {"key": key_id})

    def events(
        self, tenant_id: str, *, after: str | None, limit: int
    ) -> tuple[list[AuditEvent], list[str], str | None]:
        """Return a page of the audit trail, newest first, the place of each row, and where the next page starts."""
        self._tenants.get(tenant_id)
        page = self._tenants.events(tenant_id, after=after, limit=limit)
        events = [{name: row[name] for name in ("at", "kind", "who", "detail")} for row in page.rows]
        return cast("list[AuditEvent]", events), _places(page), None if page.next is None else page.next.sk

    def _applied(self, tenant_id: str, saved: Saved) -> Saved:
        self._drop_foreign_connection(tenant_id, saved.settings.Applicationkey)
        self._sync.settings_changed(tenant_id)
        return replace(saved, warnings=(*saved.warnings, *self._unknown_codes(tenant_id, saved)))

    def _unknown_codes(self, tenant_id: str, saved: Saved) -> list[Problem]:
        """Look the codes of the changed settings up in Exact; the settings are saved, whatever comes of it."""
        lists = lists_of(saved.settings, saved.changed)
        if not lists:
            return []
        try:
            if self._exact.connection(tenant_id).state is not ConnectionState.CONNECTED:
                raise NotConnected("the tenant is not linked")
            rows = self._exact.reference_rows(tenant_id, dict.fromkeys(lists.values()))
        except ConnectorError as error:
            reason = f"was saved and not looked up in Exact ({error.code}); check the settings when Exact answers"
            return [Problem(key, Code.NOT_CHECKED, f"{key} {reason}") for key in lists]
        found = check(saved.settings, rows, self._today())
        return [problem for problem in (*found.problems, *found.warnings) if problem.key in lists]

    def _require_application(self, tenant_id: str) -> None:
        """Raise AUTH_NOT_CONFIGURED where linking would fail for want of an application."""
        client_id = self._settings.get(tenant_id).Applicationkey
        self._applications.of(self._tenants.get(tenant_id), client_id=client_id)

    def _drop_foreign_connection(self, tenant_id: str, client_id: str) -> None:
        """Tokens belong to the application that got them: another application means linking again."""
        connection = self._exact.connection(tenant_id)
        if client_id and connection.client_id and connection.client_id.lower() != client_id.lower():
            self._exact.unlink(tenant_id)

    def _follow_webhooks(self, tenant_id: str, who: str) -> None:
        """Webhooks only make data fresher, so what goes wrong with them is noted and stops nothing."""
        if self._exact.connection(tenant_id).state is ConnectionState.CONNECTED:
            done: dict[str, Value] = {**self._exact.follow_webhooks(tenant_id)}
            self._tenants.record(tenant_id, "webhooks.changed", who, done)

    def _choices(self, wanted: SyncInput) -> SyncChoices:
        unknown = sorted(name for name in wanted.intervals if not self._sync.has_stream(name))
        if unknown:
            message = "There is no such stream; the status lists the tenant's streams."
            faults = [Fault(pointer(("sync", "intervals", name)), "UNKNOWN_STREAM", message) for name in unknown]
            raise InvalidInput("An interval names a stream that does not exist.", faults)
        return wanted.to_choices()

    def _today(self) -> date:
        return today(self._clock)


def _sent(part: BaseModel) -> dict[str, Any]:
    """Return the fields that a client sent, with their values."""
    return {name: getattr(part, name) for name in part.model_fields_set}


def problem_response(problem: Problem) -> SettingsProblem:
    """Return a finding about the settings as it is shown."""
    return {"key": problem.key, "code": problem.code.value, "message": problem.message}


def to_response(tenant: Tenant) -> TenantDocument:
    """Return a tenant as it is shown; never a secret."""
    options, sync = tenant.options, tenant.sync
    return {
        "id": tenant.tenant,
        "name": tenant.name,
        "country": tenant.country,
        "administration": tenant.administration,
        "division_code": tenant.division_code,
        "own_application": tenant.own_client_id,
        "created_at": to_text(tenant.created_at),
        "options": {
            "item_rule": options.item_rule,
            "stock_warehouse": options.stock_warehouse,
            "supplier_links": options.supplier_links,
            "bills_of_material": options.bills_of_material,
            "sales_history": options.sales_history,
            "purchase_orders": options.purchase_orders,
            "webhooks": options.webhooks,
        },
        "sync": {
            "intervals": sync.intervals,
            "batch_rows": sync.batch_rows,
            "safety_share": sync.safety_share,
        },
    }


def _places(page: Page) -> list[str]:
    return [str(row["sk"]) for row in page.rows]


def _administration(division: Division) -> Administration:
    return {
        "code": division.code,
        "hid": division.hid,
        "description": division.description,
        "usable": division.usable,
        "currency": division.currency,
        "country": division.country,
        "customer_name": division.customer_name,
    }
