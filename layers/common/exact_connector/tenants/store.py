"""Tenants in the control table, with the audit trail of what was done to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from exact_connector.catalog.context import Options
from exact_connector.clock import Clock, from_text, to_text
from exact_connector.errors import Conflict, Fault, InvalidInput, NotFound
from exact_connector.storage.table import (
    Absent,
    ConditionFailed,
    Database,
    Equals,
    Key,
    Page,
    Put,
    Row,
    Table,
    TransactionCancelled,
    Value,
    clear,
    query_all,
    read_page,
    transact,
)
from exact_connector.tenants.model import SyncChoices, Tenant

_LIST = "tenants"


class TenantStore:
    """Reads and writes tenants; one row per tenant and one in the list of all."""

    def __init__(self, database: Database, control: Table, clock: Clock) -> None:
        self._database = database
        self._control = control
        self._clock = clock

    def create(self, tenant: Tenant) -> None:
        """Store a new tenant; raises Conflict when the id is taken."""
        listed: Row = {"pk": _LIST, "sk": tenant.tenant}
        actions = [
            Put(self._control.name, _row(tenant), Absent()),
            Put(self._control.name, listed, Absent()),
        ]
        try:
            transact(self._database, actions, self._clock.sleep)
        except TransactionCancelled as error:
            raise Conflict(f"There already is a tenant {tenant.tenant!r}; choose another id.") from error

    def get(self, tenant: str) -> Tenant:
        """Return a tenant; raises NotFound."""
        row = self._control.get(_profile(tenant))
        if row is None:
            raise NotFound(f"There is no tenant {tenant!r}; make it first with POST /v1/tenants.")
        return _tenant(row)

    def find(self, tenant: str) -> Tenant | None:
        """Return a tenant or None."""
        row = self._control.get(_profile(tenant))
        return None if row is None else _tenant(row)

    def exists(self, tenant: str) -> bool:
        """Tell whether there is such a tenant."""
        return self._control.get(_profile(tenant)) is not None

    def created_before(self, moment: datetime) -> list[str]:
        """Return the ids of the tenants that were made before a moment, in alphabetical order."""
        return [tenant for tenant in self.ids() if (row := self.find(tenant)) is not None and row.created_at <= moment]

    def replace(self, tenant: Tenant) -> Tenant:
        """Store a changed tenant; raises Conflict when somebody else changed it meanwhile."""
        following = replace(tenant, version=tenant.version + 1)
        try:
            self._control.put(_row(following), Equals("version", tenant.version))
        except ConditionFailed as error:
            raise Conflict("The tenant was changed by somebody else meanwhile; read it again and repeat.") from error
        return following

    def ids(self) -> list[str]:
        """Return the ids of all tenants in alphabetical order."""
        return [str(row["sk"]) for row in query_all(self._control, _LIST)]

    def page(self, after: str | None, limit: int) -> tuple[list[Tenant], str | None]:
        """Return one page of tenants and the id after which the next one starts."""
        start = None if after is None else Key(_LIST, after)
        page = read_page(self._control, _LIST, limit, after=start)
        rows = self._control.batch_get([_profile(str(row["sk"])) for row in page.rows])
        tenants = sorted((_tenant(row) for row in rows), key=lambda tenant: tenant.tenant)
        return tenants, None if page.next is None else page.next.sk

    def remove(self, tenant: str) -> None:
        """Remove every row of a tenant from the control table, its place in the list last."""
        clear(self._control, f"tenant#{tenant}")
        self._control.delete(Key(_LIST, tenant))

    def record(self, tenant: str, kind: str, who: str, detail: Mapping[str, Value]) -> None:
        """Add an event to the tenant's audit trail."""
        now = to_text(self._clock.now())
        row: Row = {
            "pk": f"tenant#{tenant}",
            "sk": f"event#{now}#{uuid4().hex[:8]}",
            "kind": kind,
            "who": who,
            "at": now,
            "detail": dict(detail),
        }
        self._control.put(row)

    def events(self, tenant: str, *, after: str | None = None, limit: int = 50) -> Page:
        """Return a page of the audit trail, newest first."""
        return newest(self._control, f"tenant#{tenant}", "event#", after=after, limit=limit)


def newest(table: Table, pk: str, prefix: str, *, after: str | None, limit: int) -> Page:
    """Return a page of the rows with a prefix, newest first; raises InvalidInput for a place that is none of them."""
    if after is not None and not after.startswith(prefix):
        fault = Fault("?cursor", "CURSOR", "Send the cursor of the previous answer unchanged.")
        raise InvalidInput("The cursor belongs to another list.", [fault])
    start = None if after is None else Key(pk, after)
    return read_page(table, pk, limit, prefix=prefix, after=start, reverse=True)


def _profile(tenant: str) -> Key:
    return Key(f"tenant#{tenant}", "profile")


def _row(tenant: Tenant) -> Row:
    key = _profile(tenant.tenant)
    return {
        "pk": key.pk,
        "sk": key.sk,
        "tenant": tenant.tenant,
        "name": tenant.name,
        "country": tenant.country,
        "administration": tenant.administration,
        "division_code": tenant.division_code,
        "own_client_id": tenant.own_client_id,
        "created_at": to_text(tenant.created_at),
        "version": tenant.version,
        "options": dict(asdict(tenant.options)),
        "sync": json.dumps(asdict(tenant.sync), sort_keys=True),
    }


def _tenant(row: Row) -> Tenant:
    values = cast("dict[str, Any]", row)
    return Tenant(
        tenant=values["tenant"],
        name=values["name"],
        country=values["country"],
        administration=values["administration"],
        division_code=values["division_code"],
        own_client_id=values["own_client_id"],
        created_at=from_text(values["created_at"]),
        version=values["version"],
        options=Options(**values["options"]),
        sync=SyncChoices(**json.loads(values["sync"])),
    )
