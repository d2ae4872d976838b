"""Tenants, keys, settings and applications are kept, changed and removed without a trace of another tenant."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from exact_connector.catalog.context import Options
from exact_connector.errors import ConfigurationError, Conflict, InvalidInput, NotFound, StoreUnavailable
from exact_connector.storage.ports import Parameter
from exact_connector.storage.table import Key
from exact_connector.tenants.applications import Applications
from exact_connector.tenants.keys import ApiKeys
from exact_connector.tenants.model import ApplicationInput, Tenant
from exact_connector.tenants.settings_store import SettingsStore
from exact_connector.tenants.store import TenantStore
from exact_connector.web.auth import Scope
from fakes.clocks import ManualClock
from fakes.ports import MemoryParameters, MemorySecrets
from fakes.tables import BusyDatabase, MemoryDatabase

CLOCK = ManualClock()
TENANT = Tenant(
    tenant="acme",
    name="Acme",
    country="nl",
    administration="De Groothandel B.V.",
    division_code=None,
    own_client_id=None,
    created_at=CLOCK.now(),
    options=Options(stock_warehouse="all"),
)


@pytest.fixture
def database() -> MemoryDatabase:
    """Return empty tables."""
    return MemoryDatabase()


@pytest.fixture
def tenants(database: MemoryDatabase) -> TenantStore:
    """Return a store of tenants."""
    return TenantStore(database, database["control"], CLOCK)


@pytest.fixture
def keys(database: MemoryDatabase) -> ApiKeys:
    """Return a store of keys that are easy to foresee."""
    counter = itertools.count(1)
    return ApiKeys(database, database["control"], CLOCK, lambda length: f"{next(counter)}".rjust(length, "x"))


def test_a_tenant_comes_back_as_it_was_made(tenants: TenantStore) -> None:
    tenants.create(TENANT)
    assert tenants.get("acme") == TENANT
    assert tenants.ids() == ["acme"]


def test_a_taken_id_is_refused(tenants: TenantStore) -> None:
    tenants.create(TENANT)
    with pytest.raises(Conflict, match="choose another id"):
        tenants.create(TENANT)


def test_a_tenant_that_meets_another_writer_is_stored_all_the_same() -> None:
    database = BusyDatabase(2)
    tenants = TenantStore(database, database["control"], ManualClock())
    tenants.create(TENANT)
    assert tenants.get("acme") == TENANT


def test_a_tenant_that_always_meets_others_is_not_said_to_exist() -> None:
    database = BusyDatabase(100)
    with pytest.raises(StoreUnavailable, match="busy"):
        TenantStore(database, database["control"], ManualClock()).create(TENANT)


def test_a_key_that_meets_another_writer_is_made_and_revoked_all_the_same() -> None:
    database = BusyDatabase(1)
    keys = ApiKeys(database, database["control"], ManualClock(), lambda length: "k" * length)
    key, secret = keys.create("acme", "shop", [Scope.CATALOG_READ])
    assert keys.find(secret) is not None
    database.meetings = 1
    keys.revoke("acme", key.key_id)
    assert keys.find(secret) is None


def test_a_missing_tenant_is_named(tenants: TenantStore) -> None:
    with pytest.raises(NotFound, match="'acme'"):
        tenants.get("acme")


def test_of_two_simultaneous_changes_the_second_is_refused(tenants: TenantStore) -> None:
    tenants.create(TENANT)
    changed = tenants.replace(replace(TENANT, name="New"))
    assert changed.version == 2
    with pytest.raises(Conflict, match="meanwhile"):
        tenants.replace(replace(TENANT, name="Other"))
    assert tenants.get("acme").name == "New"


def test_tenants_are_listed_page_by_page(tenants: TenantStore) -> None:
    for name in ("a1", "a2", "a3"):
        tenants.create(replace(TENANT, tenant=name))
    first, position = tenants.page(None, 2)
    rest, end = tenants.page(position, 2)
    assert [tenant.tenant for tenant in first + rest] == ["a1", "a2", "a3"]
    assert end is None


def test_removing_a_tenant_leaves_the_others(tenants: TenantStore, database: MemoryDatabase) -> None:
    tenants.create(TENANT)
    tenants.create(replace(TENANT, tenant="acme-2"))
    tenants.record("acme", "tenant.created", "operator", {"name": "Acme"})
    tenants.remove("acme")
    assert tenants.ids() == ["acme-2"]
    assert not [row for row in database["control"].all_rows() if row["pk"] == "tenant#acme"]


def test_events_are_read_newest_first(tenants: TenantStore) -> None:
    clock = ManualClock()
    store = TenantStore(MemoryDatabase(), MemoryDatabase()["control"], clock)
    for kind in ("one", "two"):
        store.record("acme", kind, "operator", {})
        clock.sleep(1)
    assert [row["kind"] for row in store.events("acme").rows] == ["two", "one"]


def test_a_key_is_found_by_its_text_only_and_never_stored(keys: ApiKeys, database: MemoryDatabase) -> None:
    key, secret = keys.create("acme", "shop", [Scope.CATALOG_READ])
    principal = keys.find(secret)
    assert principal is not None
    assert (principal.tenant, principal.scopes) == ("acme", frozenset({Scope.CATALOG_READ}))
    assert keys.find(secret + "x") is None
    assert keys.find("") is None
    assert secret not in str(database["control"].all_rows())
    assert keys.list("acme") == [key]


def test_a_revoked_key_is_gone_at_once(keys: ApiKeys) -> None:
    key, secret = keys.create("acme", "shop", [Scope.CATALOG_READ])
    keys.revoke("acme", key.key_id)
    assert keys.find(secret) is None
    with pytest.raises(NotFound):
        keys.revoke("acme", key.key_id)


def test_a_key_of_another_tenant_cannot_be_revoked(keys: ApiKeys) -> None:
    key, secret = keys.create("acme", "shop", [Scope.CATALOG_READ])
    with pytest.raises(NotFound):
        keys.revoke("other", key.key_id)
    assert keys.find(secret) is not None


@pytest.fixture
def settings(database: MemoryDatabase) -> SettingsStore:
    """Return a store of settings."""
    return SettingsStore(MemoryParameters(), database["control"], ManualClock(), stage="test")


def test_settings_are_defaults_until_something_is_saved(settings: SettingsStore) -> None:
    assert settings.get("acme").CheckIfItemIsActive is False
    settings.put("acme", {"CheckIfItemIsActive": "1"}, who="me")
    assert settings.get("acme").CheckIfItemIsActive is True


class CountedParameters(MemoryParameters):
    """Counts how often it is read."""

    reads = 0

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        self.reads += 1
        return super().get(name, version=version)


def test_settings_are_read_from_the_parameter_once_until_anybody_saves_others(database: MemoryDatabase) -> None:
    parameters = CountedParameters()
    one, other = (SettingsStore(parameters, database["control"], ManualClock(), stage="test") for _ in range(2))
    for saved in (True, False, True):
        one.put("acme", {"GetProspects": saved}, who="me")
        parameters.reads = 0
        assert [other.get("acme").GetProspects for _ in range(5)] == [saved] * 5
        assert parameters.reads == 1


def test_a_save_that_dies_half_way_changes_nothing_and_the_next_one_counts(database: MemoryDatabase) -> None:
    parameters = MemoryParameters()
    store = SettingsStore(parameters, database["control"], ManualClock(), stage="test")
    store.put("acme", {"GetProspects": True}, who="me")
    parameters.put("/test/tenants/acme/settings", "{}", secure=False)
    assert store.get("acme").GetProspects is True
    store.patch("acme", {"GetSuspects": True}, who="me")
    assert (store.get("acme").GetProspects, store.get("acme").GetSuspects) == (True, True)


def test_a_save_that_comes_late_does_not_push_a_newer_one_aside(database: MemoryDatabase) -> None:
    class Overtaken(MemoryParameters):
        """Another process saves just after this one wrote its parameter."""

        def put(self, name: str, value: str, *, secure: bool) -> int:
            version = super().put(name, value, secure=secure)
            if version == 1:
                SettingsStore(self, database["control"], ManualClock(), stage="test").put(
                    "acme", {"GetSuspects": True}, who="other"
                )
            return version

    store = SettingsStore(Overtaken(), database["control"], ManualClock(), stage="test")
    store.put("acme", {"GetProspects": True}, who="me")
    assert (store.get("acme").GetProspects, store.get("acme").GetSuspects) == (False, True)


def test_a_tenant_that_comes_back_is_not_served_its_former_settings(database: MemoryDatabase) -> None:
    parameters = MemoryParameters()
    one, other = (SettingsStore(parameters, database["control"], ManualClock(), stage="test") for _ in range(2))
    one.put("acme", {"GetProspects": True}, who="me")
    assert other.get("acme").GetProspects is True
    one.forget("acme")
    one.put("acme", {"GetSuspects": True}, who="me")
    assert (other.get("acme").GetProspects, other.get("acme").GetSuspects) == (False, True)


def test_settings_whose_version_is_gone_can_be_saved_anew(settings: SettingsStore, database: MemoryDatabase) -> None:
    settings.put("acme", {"GetProspects": True}, who="me")
    database["control"].update(Key("tenant#acme", "settings"), set={"version": 9})
    with pytest.raises(StoreUnavailable, match="version 9"):
        settings.get("acme")
    settings.put("acme", {"GetSuspects": True}, who="me")
    assert (settings.get("acme").GetProspects, settings.get("acme").GetSuspects) == (False, True)


def test_a_tenant_that_was_forgotten_begins_with_defaults(settings: SettingsStore) -> None:
    settings.put("acme", {"GetProspects": True}, who="me")
    settings.forget("acme")
    assert settings.get("acme").GetProspects is False
    settings.put("acme", {"GetSuspects": True}, who="me")
    assert settings.get("acme").GetSuspects is True


def test_one_wrong_setting_rejects_the_whole_document(settings: SettingsStore) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings.put("acme", {"CheckIfItemIsActive": True, "CurrencyCodeIso": "euro"}, who="me")
    assert [(fault.pointer, fault.key, fault.code) for fault in caught.value.faults] == [
        ("/CurrencyCodeIso", "CurrencyCodeIso", "CONFIG_INVALID_VALUE")
    ]
    assert settings.get("acme").CheckIfItemIsActive is False
    assert settings.history("acme").rows == []


def test_a_document_that_is_no_object_is_refused_as_a_whole(settings: SettingsStore) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings.put("acme", [], who="me")
    assert [(fault.pointer, fault.key) for fault in caught.value.faults] == [("", None)]


def test_a_patch_with_a_misspelt_key_is_refused_even_if_it_only_asks_for_the_default(settings: SettingsStore) -> None:
    with pytest.raises(InvalidInput) as caught:
        settings.patch("acme", {"getprospects": None}, who="me")
    assert [(fault.key, fault.code) for fault in caught.value.faults] == [("getprospects", "CONFIG_UNKNOWN_SETTING")]
    assert "GetProspects" in caught.value.faults[0].message


def test_a_patch_changes_only_what_it_names_and_the_history_tells_it(settings: SettingsStore) -> None:
    settings.put("acme", {"CheckIfItemIsActive": True, "GetProspects": True}, who="me")
    settings.patch("acme", {"GetProspects": None}, who="you")
    assert settings.get("acme").CheckIfItemIsActive is True
    assert settings.get("acme").GetProspects is False
    newest = [row for row in settings.history("acme").rows if row["who"] == "you"]
    assert newest[0]["changes"] == [{"key": "GetProspects", "old": True, "new": False}]


def test_saving_the_same_settings_again_leaves_no_history(settings: SettingsStore) -> None:
    settings.put("acme", {"GetProspects": True}, who="me")
    settings.put("acme", {"GetProspects": True}, who="me")
    assert len(settings.history("acme").rows) == 1


PLATFORM = {"/test/exact/applications/nl": json.dumps({"client_id": "P1", "client_secret": "top-secret"})}
HOSTS = {"nl": "https://start.exactonline.nl", "be": "https://start.exactonline.be"}


@pytest.fixture
def applications() -> Applications:
    """Return the registry with a platform application for NL only."""
    return Applications(
        MemorySecrets(PLATFORM), MemoryParameters(), HOSTS, prefix="/test/exact/applications", stage="test"
    )


def test_the_platform_application_of_the_country_is_used(applications: Applications) -> None:
    found = applications.of(TENANT)
    assert (found.client_id, found.base_url) == ("P1", HOSTS["nl"])
    assert "top-secret" not in repr(found)


def test_an_own_application_beats_the_platforms(applications: Applications) -> None:
    own = ApplicationInput.model_validate({"client_id": "OWN", "client_secret": "top"})
    applications.store_own("acme", own)
    found = applications.of(replace(TENANT, own_client_id="OWN"))
    assert found.client_id == "OWN"
    assert "top" not in repr(found)


@pytest.mark.parametrize(
    ("tenant", "code"),
    [
        pytest.param(replace(TENANT, country="be"), "AUTH_NOT_CONFIGURED", id="no-application-for-the-country"),
        pytest.param(replace(TENANT, own_client_id="X"), "AUTH_NOT_CONFIGURED", id="own-application-without-secret"),
        pytest.param(replace(TENANT, country="fr"), "COUNTRY_NOT_ALLOWED", id="country-not-in-this-deployment"),
    ],
)
def test_a_missing_application_stops_before_any_call(applications: Applications, tenant: Tenant, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        applications.of(tenant)
    assert caught.value.code == code
