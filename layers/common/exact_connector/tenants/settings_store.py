"""The settings document of a tenant: the values in the parameter store, who changed what in the control table.

A row in the control table names the version of the parameter that counts. It moves on after the parameter was written,
and only forwards. A version never changes, so a process keeps the one that it read: parameters may be read only some
forty times a second in an account, by all workers and all incoming orders together. Versions start again when a tenant
is removed and comes back, so the row also bears the mark of its own birth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from exact_connector.clock import Clock, to_text
from exact_connector.errors import Fault, InvalidInput, StoreUnavailable, TenantMisconfigured
from exact_connector.settings import Settings
from exact_connector.settings.document import diff, document, merge, to_json
from exact_connector.settings.problems import Problem
from exact_connector.settings.validate import validate
from exact_connector.storage.ports import Parameter, ParameterStore
from exact_connector.storage.table import Absent, ConditionFailed, Key, Less, Page, Row, Table
from exact_connector.tenants.store import newest
from exact_connector.web.bodies import pointer

if TYPE_CHECKING:
    from exact_connector.documents.models.settings import SettingValue

_MOST_KEPT = 500
"""Tenants whose settings a process keeps."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The settings as they are now, with what is odd but allowed, and the keys that changed."""

    settings: Settings
    warnings: tuple[Problem, ...]
    changed: tuple[str, ...] = ()


class SettingsStore:
    """Reads and saves the settings of a tenant."""

    def __init__(self, parameters: ParameterStore, control: Table, clock: Clock, *, stage: str) -> None:
        self._parameters = parameters
        self._control = control
        self._clock = clock
        self._stage = stage
        self._read: dict[str, tuple[str, Settings | None]] = {}

    def get(self, tenant: str) -> Settings:
        """Return a tenant's settings, all defaults when none were saved; raises TenantMisconfigured."""
        settings = self._stored(tenant)
        if settings is None:
            raise TenantMisconfigured(
                f"The stored settings of tenant {tenant!r} are no longer valid; save the settings again to see which."
            )
        return settings

    def put(self, tenant: str, values: object, *, who: str) -> Saved:
        """Replace the whole document; raises InvalidInput with every problem, and then nothing changes."""
        try:
            current = self._stored(tenant) or Settings()
        except StoreUnavailable:  # a whole document needs nothing of the one before
            current = Settings()
        return self._save(tenant, values, current, who)

    def patch(self, tenant: str, values: object, *, who: str) -> Saved:
        """SettingChange the named keys, null puts one back to its default; raises InvalidInput."""
        current = self.get(tenant)
        if not isinstance(values, dict):
            return self._save(tenant, values, current, who)
        return self._save(tenant, merge(document(current), values), current, who)

    def history(self, tenant: str, *, after: str | None = None, limit: int = 100) -> Page:
        """Return a page of the changes, newest first: when, who, which key, from what to what."""
        return newest(self._control, f"tenant#{tenant}", "history#", after=after, limit=limit)

    def forget(self, tenant: str) -> None:
        """Remove the document."""
        self._read.pop(tenant, None)
        self._control.delete(_version_key(tenant))
        self._parameters.delete(self._name(tenant))

    def _stored(self, tenant: str) -> Settings | None:
        """Return the settings that count, None when they are not valid (any more)."""
        row = self._control.get(_version_key(tenant))
        if row is None:
            parameter = self._parameters.get(self._name(tenant))
            return Settings() if parameter is None else _read(parameter)
        version = int(str(row["version"]))
        name = f"{row['born']!s}.{version}"
        known = self._read.get(tenant)
        if known is not None and known[0] == name:
            return known[1]
        parameter = self._parameters.get(self._name(tenant), version=version)
        if parameter is None:
            raise StoreUnavailable(f"version {version} of tenant {tenant!r}'s settings is not there yet; try again")
        settings = _read(parameter)
        if len(self._read) >= _MOST_KEPT:
            self._read.clear()
        self._read[tenant] = name, settings
        return settings

    def _point_at(self, tenant: str, version: int) -> None:
        """Let a version count, unless a later one does already that can be read."""
        key = _version_key(tenant)
        born: Row = {"pk": key.pk, "sk": key.sk, "version": version, "born": uuid4().hex}
        try:
            self._control.put(born, Absent())
        except ConditionFailed:
            try:
                self._control.update(key, set={"version": version}, condition=Less("version", version))
            except ConditionFailed:
                counted = (self._control.get(key) or born)["version"]
                if self._parameters.get(self._name(tenant), version=int(str(counted))) is None:
                    self._control.put(born)

    def _save(self, tenant: str, values: object, current: Settings, who: str) -> Saved:
        checked = validate(values)
        if checked.settings is None:
            raise InvalidInput(
                f"{len(checked.problems)} setting(s) are wrong; nothing was changed.",
                [_fault(problem) for problem in checked.problems],
                code="SETTINGS_INVALID",
            )
        changes = diff(current, checked.settings)
        if changes:
            version = self._parameters.put(self._name(tenant), to_json(checked.settings), secure=False)
            self._point_at(tenant, version)
            now = to_text(self._clock.now())
            row: Row = {
                "pk": f"tenant#{tenant}",
                "sk": f"history#{now}#{uuid4().hex[:8]}",
                "at": now,
                "who": who,
                "changes": [{"key": change.key, "old": change.old, "new": change.new} for change in changes],
            }
            self._control.put(row)
        return Saved(checked.settings, tuple(checked.warnings), tuple(change.key for change in changes))

    def _name(self, tenant: str) -> str:
        return f"/{self._stage}/tenants/{tenant}/settings"


def _read(parameter: Parameter) -> Settings | None:
    return validate(json.loads(parameter.value)).settings


def _version_key(tenant: str) -> Key:
    return Key(f"tenant#{tenant}", "settings")


def _fault(problem: Problem) -> Fault:
    """Return a problem as clients see it; one of the whole document names no key."""
    place = pointer((problem.key,)) if problem.key else ""
    return Fault(place, problem.code.value, problem.message, problem.key or None)


def as_dict(settings: Settings) -> dict[str, SettingValue]:
    """Return all 106 keys with their values, for an answer."""
    return dict(settings.items())
