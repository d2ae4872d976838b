"""Header texts: description, remarks and the customer's reference, with the settings that shape them."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.orders.mapping.texts import FILLING, header_texts
from unit.orders.mapping.order_cases import codes_of, header_of, order, places_of, settings_of

TEXTS: dict[str, Any] = {"reference": "PO1", "your_reference": "X9", "notes": "Call"}

TABLE = [
    pytest.param(False, False, "PO1", "Call", "X9", id="neither"),
    pytest.param(False, True, "PO1", "Call", "PO1", id="reference as your ref"),
    pytest.param(True, False, "Call", "PO1", "X9", id="notes as description"),
    pytest.param(True, True, "Call", "PO1", "PO1", id="both"),
]


@pytest.mark.parametrize(("swap", "as_your_ref", "description", "remarks", "your_ref"), TABLE)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_texts_land_where_the_two_settings_send_them(
    kind: str, swap: bool, as_your_ref: bool, description: str, remarks: str, your_ref: str
) -> None:
    header = header_of(order(kind, **TEXTS), UseNotesAsDescription=swap, UseReferenceAsYourRef=as_your_ref)

    assert (header["Description"], header["Remarks"], header["YourRef"]) == (description, remarks, your_ref)


def test_a_return_has_no_place_for_the_customers_reference() -> None:
    header = header_of(order("return", **TEXTS), UseReferenceAsYourRef=True)

    assert "YourRef" not in header
    assert (header["Description"], header["Remarks"]) == ("PO1", "Call")
    assert "CONFIG_IGNORED_SETTING" in codes_of(order("return", **TEXTS), UseReferenceAsYourRef=True)


COMPOSED: list[Any] = [
    pytest.param({"reference": "PO1", "notes": "Call first"}, {}, "PO1", "Call first", id="as they are"),
    pytest.param({}, {}, FILLING, "", id="an empty description is filled"),
    pytest.param({}, {"FillDescriptionWithApp4SalesOrderWhenEmpty": False}, "", "", id="filling switched off"),
    pytest.param({"notes": "Call"}, {}, FILLING, "Call", id="notes stay notes when the description is filled"),
    pytest.param(
        {"reference": "PO1", "order_type": {"name": "Fair"}},
        {"AddOrderTypeToDescription": True},
        "Fair - PO1",
        "",
        id="order type in front",
    ),
    pytest.param(
        {"order_type": {"name": "Fair"}},
        {"AddOrderTypeToDescription": True},
        "Fair - App4sales order",
        "",
        id="order type before the filling",
    ),
    pytest.param(
        {"order_type": {"name": "Fair"}},
        {"AddOrderTypeToDescription": True, "FillDescriptionWithApp4SalesOrderWhenEmpty": False},
        "Fair",
        "",
        id="order type alone",
    ),
    pytest.param(
        {"reference": "PO1"}, {"AddOrderTypeToDescription": True}, "PO1", "", id="an order type without a name"
    ),
    pytest.param(
        {"reference": "PO1", "order_type": {"name": "Fair"}}, {}, "PO1", "", id="the order type only when asked for"
    ),
    pytest.param(
        {"reference": "PO1", "notes": "Call\nat nine"},
        {"UseNotesAsDescription": True},
        "Call",
        "Call\nat nine\nPO1",
        id="notes of two lines are whole in the remarks",
    ),
    pytest.param(
        {"reference": "PO1", "notes": "n" * 61},
        {"UseNotesAsDescription": True},
        "n" * 60,
        "n" * 61 + "\nPO1",
        id="notes that are cut are whole in the remarks",
    ),
    pytest.param(
        {"notes": "n" * 60, "order_type": {"name": "Fair"}},
        {"UseNotesAsDescription": True, "AddOrderTypeToDescription": True},
        "Fair - " + "n" * 53,
        "n" * 60,
        id="notes cut by the order type are whole in the remarks",
    ),
    pytest.param({"reference": "r" * 60}, {}, "r" * 60, "", id="sixty characters fit"),
    pytest.param({"reference": "r" * 61}, {}, "r" * 60, "", id="the sixty-first is cut"),
    pytest.param({"reference": "PO1"}, {"UseNotesAsDescription": True}, FILLING, "PO1", id="no notes to describe with"),
]


@pytest.mark.parametrize(("posted", "settings", "description", "remarks"), COMPOSED)
def test_description_and_remarks_are_composed_in_sequence(
    posted: dict[str, Any], settings: dict[str, Any], description: str, remarks: str
) -> None:
    texts = header_texts(order(**posted), settings_of(**settings))

    assert (texts.description, texts.remarks) == (description, remarks)


def test_empty_texts_are_left_out_of_the_document() -> None:
    header = header_of(order(), FillDescriptionWithApp4SalesOrderWhenEmpty=False)

    assert not {"Description", "Remarks", "YourRef"} & header.keys()


def test_the_filling_is_the_same_on_every_kind_of_document() -> None:
    assert {header_of(order(kind))["Description"] for kind in ("order", "quotation", "invoice", "return")} == {FILLING}


def test_a_cut_description_is_told() -> None:
    assert codes_of(order(reference="r" * 61)) == ["DESCRIPTION_CUT"]
    assert codes_of(order(reference="r" * 60)) == []
    assert codes_of(order(notes="n" * 61), UseNotesAsDescription=True) == []


def test_neither_reference_stands_in_for_the_other() -> None:
    assert "YourRef" not in header_of(order(your_reference="X9"), UseReferenceAsYourRef=True)
    assert "YourRef" not in header_of(order(reference="PO1"))


@pytest.mark.parametrize(
    ("posted", "as_your_ref", "pointer"),
    [
        pytest.param({"your_reference": "x" * 41}, False, "/your_reference", id="your reference"),
        pytest.param({"reference": "x" * 41}, True, "/reference", id="reference"),
    ],
)
def test_a_customers_reference_beyond_forty_characters_is_refused_and_never_cut(
    posted: dict[str, Any], as_your_ref: bool, pointer: str
) -> None:
    assert places_of(order(**posted), UseReferenceAsYourRef=as_your_ref) == [(pointer, "ORDER_VALIDATION")]


def test_forty_characters_fit_the_customers_reference() -> None:
    assert header_of(order(your_reference="x" * 40))["YourRef"] == "x" * 40


def test_the_length_of_the_reference_does_not_matter_where_there_is_no_place_for_it() -> None:
    assert "YourRef" not in header_of(order("return", your_reference="x" * 41))
