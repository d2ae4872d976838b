"""Properties that hold for any settings document."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exact_connector.settings import KEYS, Settings
from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.document import diff, document, to_json
from exact_connector.settings.entry import Entry
from exact_connector.settings.needs import needed_streams
from exact_connector.settings.references import check, needed_lists
from exact_connector.settings.schema import settings_schema
from exact_connector.settings.validate import Validated, validate

SCHEMA = Draft202012Validator(settings_schema())
ANY_TEXT = st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=10,
)
LIKELY_TEXTS = st.sampled_from(
    [
        *("", " ", "1", "0", "true", "EUR", "nl;de", "NL", "Classification2", "DE=D19;FR=F20", r"\t", ";", "A;b;a"),
        *("FreeTextField_01", "Merk", "Description2", "Staffel", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"),
        *('{"FreeTextField_01":"Brand"}', '{"Merk":"Staffel"}', "[]", "{}", "7", "ß", "ı", "\u2028"),
    ]
)
ANY_VALUE = st.one_of(LIKELY_TEXTS, st.booleans(), st.integers(-2, 5), ANY_TEXT, JSON)


def _value(entry: Entry) -> st.SearchStrategy[Any]:
    if entry.type_name == "bool":
        return st.booleans() | st.sampled_from(["true", "FALSE", "1", " 0 "])
    return st.integers(0, 100) | st.just("7") if entry.type_name == "int" else LIKELY_TEXTS | ANY_TEXT


LIKELY_DOCUMENTS = st.fixed_dictionaries({}, optional={entry.key: _value(entry) for entry in ENTRIES})
FEW_KEYS = st.lists(st.sampled_from(ENTRIES), max_size=3, unique_by=lambda entry: entry.key).flatmap(
    lambda entries: st.fixed_dictionaries({entry.key: _value(entry) for entry in entries})
)


def consistent(outcome: Validated) -> bool:
    return (outcome.settings is None) == bool(outcome.problems)


@settings(deadline=None)
@given(JSON | st.dictionaries(st.sampled_from(KEYS) | ANY_TEXT, ANY_VALUE, max_size=6))
def test_any_json_gives_an_answer(value: object) -> None:
    outcome = validate(value)
    assert consistent(outcome)
    for problem in (*outcome.problems, *outcome.warnings):
        assert problem.message
        json.dumps(problem.as_dict())


@settings(max_examples=50, deadline=None)
@given(LIKELY_DOCUMENTS)
def test_any_likely_document_gives_an_answer(value: dict[str, Any]) -> None:
    assert consistent(validate(value))


@settings(deadline=None)
@given(FEW_KEYS)
def test_what_is_accepted_survives_storage_unchanged(value: dict[str, Any]) -> None:
    accepted = validate(value).settings
    if accepted is None:
        return
    again = validate(json.loads(to_json(accepted)))
    assert again.settings == accepted
    assert again.problems == ()
    assert validate(document(accepted)).settings == accepted
    assert diff(accepted, accepted) == ()


@settings(deadline=None)
@given(FEW_KEYS)
def test_what_is_accepted_fits_the_schema(value: dict[str, Any]) -> None:
    if validate(value).settings is not None:
        SCHEMA.validate(value)


@settings(deadline=None)
@given(FEW_KEYS)
def test_what_is_accepted_can_be_checked_and_planned(value: dict[str, Any]) -> None:
    accepted = validate(value).settings or Settings()
    needed_streams(accepted)
    lists = {reference.value: list[dict[str, Any]]() for reference in needed_lists(accepted)}
    outcome = check(accepted, lists, date(2025, 6, 10))
    assert outcome.unchecked == frozenset()
    assert bool(lists) == bool(outcome.problems or outcome.warnings)
