"""The types of documents say everything about their fields, and cost the running product nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import TypeAdapter

from catalog_api.data_model import DOCUMENTS
from catalog_api.kinds import FEED_KINDS
from catalog_api.openapi_build import models
from fakes.product import ROOT

BUILDERS = (
    "exact_connector.catalog.items, exact_connector.catalog.reference, exact_connector.customers.project,"
    "exact_connector.purchasing.movements, exact_connector.purchasing.planning, exact_connector.serving.views"
)


def schema(name: str) -> dict[str, Any]:
    return TypeAdapter(models()[name]).json_schema()


def described(name: str) -> dict[str, dict[str, Any]]:
    """Return every field of a document and of its parts."""
    found = schema(name)
    parts = {name: found, **found.get("$defs", {})}
    return {
        f"{part}.{field}": about for part, each in parts.items() for field, about in each.get("properties", {}).items()
    }


def test_every_kind_of_document_has_a_type() -> None:
    assert set(DOCUMENTS) == set(FEED_KINDS)
    assert set(DOCUMENTS.values()) <= set(models())


FIELDS = {name: about for model in sorted(set(DOCUMENTS.values())) for name, about in described(model).items()}


@pytest.mark.parametrize("about", FIELDS.values(), ids=FIELDS.keys())
def test_every_field_says_what_it_is_where_it_comes_from_and_when_it_is_null(about: dict[str, Any]) -> None:
    assert about["description"]
    assert about["x-source"]
    nullable = any(each.get("type") == "null" for each in about.get("anyOf", ()))
    assert nullable == ("x-null" in about)


def test_what_builds_documents_loads_neither_their_types_nor_their_schemas() -> None:
    code = f"import sys, {BUILDERS}; print([name for name in sys.modules if 'documents.models' in name])"
    environment = {"PYTHONPATH": f"{ROOT}/layers/common"}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
