"""The storage form, its size, the history and the fingerprints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exact_connector.settings import KEYS, Settings
from exact_connector.settings.catalogue import BY_KEY
from exact_connector.settings.document import (
    MAX_BYTES,
    SettingChange,
    diff,
    document,
    fingerprint,
    fingerprints,
    merge,
    size,
    size_problem,
    to_json,
)
from exact_connector.settings.entry import FAMILIES, Family
from exact_connector.settings.validate import validate


def test_defaults_are_not_stored() -> None:
    assert document(Settings()) == {}
    assert to_json(Settings()) == "{}"


def test_only_what_differs_is_stored_with_sorted_keys() -> None:
    settings = Settings(WarehouseForOrder="1", GetProspects=True, SetItemDescriptionWhenSendingOrder=False)
    assert (
        to_json(settings) == '{"GetProspects":true,"SetItemDescriptionWhenSendingOrder":false,"WarehouseForOrder":"1"}'
    )


def test_the_storage_form_is_ascii_and_reads_back() -> None:
    settings = Settings(FreeSortField="Größe 尺寸")
    assert to_json(settings).isascii()
    assert size(settings) == len(to_json(settings).encode())
    assert validate(json.loads(to_json(settings))).settings == settings


@pytest.mark.parametrize("text", ["{{x}}", "{{{{", "}}}", "a{b}c", "{{ssm:name}}"])
def test_doubled_braces_never_reach_the_parameter_store(text: str) -> None:
    settings = Settings(FreeSortField=text, WarehouseForOrder=text)
    assert "{{" not in to_json(settings)
    assert "}}" not in to_json(settings)
    assert json.loads(to_json(settings)) == document(settings)


def test_the_size_limit_is_exact() -> None:
    overhead = size(Settings(ShippingMethodCode="x")) - 1
    assert size_problem(Settings(ShippingMethodCode="x" * (MAX_BYTES - overhead))) is None
    problem = size_problem(Settings(ShippingMethodCode="x" * (MAX_BYTES - overhead + 1)))
    assert problem is not None
    assert problem.key == "ShippingMethodCode"
    assert "8193 bytes" in problem.message


def test_the_three_largest_keys_are_named_largest_first() -> None:
    settings = Settings(
        VatLiableCode="1" * 100, WarehouseForStock="1" * 5000, ExcludePriceList="1" * 4000, FreeSortField="1"
    )
    problem = size_problem(settings)
    assert problem is not None
    positions = [problem.message.index(key) for key in ("WarehouseForStock", "ExcludePriceList", "VatLiableCode")]
    assert positions == sorted(positions)
    assert "FreeSortField" not in problem.message


def test_a_patch_replaces_keys_and_null_resets_one() -> None:
    merged = merge({"GetProspects": True, "WarehouseForOrder": "1"}, {"WarehouseForOrder": None, "GetSuspects": True})
    assert merged == {"GetProspects": True, "GetSuspects": True}


def test_the_history_shows_old_and_new_values_in_the_order_of_the_form() -> None:
    old = Settings(GetProspects=True, WarehouseForOrder="1")
    new = Settings(WarehouseForOrder="2", CurrencyCodeIso="EUR")
    assert diff(old, new) == (
        SettingChange("CurrencyCodeIso", "", "EUR"),
        SettingChange("GetProspects", True, False),
        SettingChange("WarehouseForOrder", "1", "2"),
    )
    assert diff(old, old) == ()


@pytest.mark.parametrize("key", KEYS)
def test_a_setting_changes_the_fingerprints_of_what_it_shapes_and_no_other(key: str) -> None:
    default = getattr(Settings(), key)
    value: Any = (not default) if isinstance(default, bool) else 1 if default == 0 else "X"
    changed = Settings(**{key: value})
    different = {family for family in FAMILIES if fingerprint(changed, family) != fingerprint(Settings(), family)}
    assert different == BY_KEY[key].shapes


@pytest.mark.parametrize(
    ("key", "families"),
    [
        ("Applicationkey", set()),
        ("CheckIfItemIsActive", {"items"}),
        ("CurrencyCodeIso", {"items", "customers", "orders"}),
        ("AutoSyncPriceLists", {"items", "customers"}),
        ("GetProspects", {"customers"}),
        ("VatLiableCode", {"customers", "orders"}),
        ("SetUnitPrice", {"orders"}),
        ("OrderSelectTop", {"history"}),
    ],
)
def test_a_setting_shapes_its_families(key: str, families: set[Family]) -> None:
    assert BY_KEY[key].shapes == families


def test_fingerprints_are_stable_and_differ_between_families() -> None:
    assert fingerprints(Settings()) == fingerprints(Settings())
    assert len(set(fingerprints(Settings()).values())) == len(FAMILIES)
