"""Bodies: what is not an object, unknown, read-only or of the wrong type, before any business rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exact_sandbox.documents.payload import parse
from exact_sandbox.protocol.schema import load_schema
from functional.sandbox.data.worlds import Office, refused

NOT_AN_OBJECT = "Error processing request stream. The request should be a valid top-level resource object."


def parsed(entity: str, body: object, *, update: bool = False) -> dict[str, Any]:
    return parse(load_schema()[entity], body, update=update)


@pytest.mark.parametrize("body", [[], "x", 1, None, [{"Code": "A"}]], ids=lambda body: json.dumps(body))
def test_a_body_that_is_no_object_is_refused_with_400(body: object) -> None:
    assert refused(lambda: parsed("Items", body)) == (400, NOT_AN_OBJECT)


def test_an_empty_text_for_a_guid_is_refused_with_exacts_text() -> None:
    assert refused(lambda: parsed("SalesOrders", {"WarehouseID": ""})) == (
        400,
        "Error processing request stream. Error encountered in converting the value from request payload for property "
        "'WarehouseID' to type 'Guid', which is the property's expected type. See inner exception for more detail.",
    )


def test_an_unknown_property_is_refused_and_named() -> None:
    status, text = refused(lambda: parsed("SalesOrders", {"Reference": "x"}))
    assert (status, "'Reference'" in text) == (400, True)


def test_an_unknown_property_of_a_line_is_refused_and_named() -> None:
    body = {"SalesOrderLines": [{"Item": "00000000-0000-0000-0000-000000000000", "Price": 1}]}
    status, text = refused(lambda: parsed("SalesOrders", body))
    assert (status, "'Price'" in text) == (400, True)


@pytest.mark.parametrize(
    ("entity", "name", "value"),
    [
        pytest.param("SalesOrders", "OrderDate", "/Date(1750000000000)/", id="date in answer form"),
        pytest.param("SalesOrders", "OrderDate", "2026-06-15T00:00:00Z", id="date with a zone"),
        pytest.param("SalesOrders", "OrderDate", "15-06-2026", id="Dutch date"),
        pytest.param("SalesOrders", "OrderDate", "2026-02-30", id="no such day"),
        pytest.param("SalesOrders", "OrderedBy", "25", id="code for a Guid"),
        pytest.param("SalesOrderLines", "Quantity", "2,5", id="decimal comma"),
        pytest.param("SalesOrderLines", "Quantity", True, id="yes for a number"),
        pytest.param("Items", "IsSalesItem", 1, id="1 for a Boolean"),
        pytest.param("Items", "IsWebshopItem", True, id="true for a Byte"),
        pytest.param("Items", "IsWebshopItem", 256, id="Byte too big"),
        pytest.param("Items", "Description", {"a": 1}, id="object for a text"),
        pytest.param("Items", "Picture", "not base64!", id="no Base64"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_400(entity: str, name: str, value: object) -> None:
    status, text = refused(lambda: parsed(entity, {name: value}))
    assert (status, f"'{name}'" in text) == (400, True)


@pytest.mark.parametrize(
    ("entity", "name", "value", "stored"),
    [
        pytest.param("SalesOrders", "OrderedBy", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
                     "3f2504e0-4f89-11d3-9a0c-0305e82c3301", id="Guid in braces and capitals"),
        pytest.param("SalesOrderLines", "Quantity", 2, 2.0, id="whole number for a Double"),
        pytest.param("SalesOrderLines", "Quantity", "2.5", 2.5, id="number as text"),
        pytest.param("Items", "Code", 1001, "1001", id="number for a text"),
        pytest.param("Items", "IsWebshopItem", 1, 1, id="Byte"),
        pytest.param("Items", "Notes", None, None, id="null"),
    ],
)  # fmt: skip
def test_a_value_is_taken_in_its_own_type(entity: str, name: str, value: object, stored: object) -> None:
    assert parsed(entity, {name: value}) == {name: stored}
    assert type(parsed(entity, {name: value})[name]) is type(stored)


@pytest.mark.parametrize("text", ["2026-06-25", "2026-06-25T00:00:00", "2026-06-25T00:00", "2026-06-25T00:00:00.000"])
def test_iso_dates_without_a_zone_are_taken(text: str) -> None:
    assert parsed("SalesOrders", {"OrderDate": text})["OrderDate"].isoformat() == "2026-06-25T00:00:00"


def test_read_only_properties_are_passed_over_but_their_type_counts() -> None:
    assert parsed("SalesOrderLines", {"ItemCode": "A", "Quantity": 1}) == {"Quantity": 1.0}
    assert refused(lambda: parsed("SalesOrderLines", {"QuantityDelivered": "many"}))[0] == 400


def test_lines_are_not_looked_at_in_an_update() -> None:
    assert parsed("SalesOrders", {"SalesOrderLines": [{"Quantity": 1}]}, update=True) == {}


def test_metadata_of_a_read_record_may_be_sent_back() -> None:
    assert parsed("Items", {"__metadata": {"uri": "x"}, "Notes": "y"}) == {"Notes": "y"}


def test_a_refused_body_changes_nothing(office: Office) -> None:
    before = office.division.version
    office.refusal("SalesOrders", {"OrderedBy": ""})
    office.refusal("SalesOrders", {})
    assert office.division.version == before
