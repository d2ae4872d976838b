"""A query parameter is read in one form and refused in every other; one that does not exist is refused as well."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from catalog_api.openapi_build import all_routes
from exact_connector.errors import InvalidInput
from exact_connector.web.parameters import (
    Parameter,
    choice,
    choices,
    day,
    flag,
    moment,
    quantity,
    query_faults,
    text,
    whole,
)

READ: list[Any] = [
    (flag("f", "F."), {"true": True, "TRUE": True, "1": True, "false": False, "0": False}),
    (whole("n", "N.", least=1, most=9), {"1": 1, "9": 9}),
    (choice("c", "C.", ("C", "P"), fold=str.upper), {"C": "C", "p": "P"}),
    (choices("k", "K.", ("item", "stock")), {"item": ("item",), "item, stock,": ("item", "stock")}),
    (
        moment("m", "M."),
        {
            "2026-06-10T08:00:00Z": datetime(2026, 6, 10, 8, tzinfo=UTC),
            "2026-06-10T10:00:00 02:00": datetime(2026, 6, 10, 8, tzinfo=UTC),
        },
    ),
    (day("d", "D."), {"2026-06-10": date(2026, 6, 10)}),
    (quantity("q", "Q.", most=Decimal(100)), {"2,5": Decimal("2.5"), "12": Decimal(12)}),
    (text("t", "T."), {"": "", "é": "é"}),
]
REFUSED: list[Any] = [
    (flag("f", "F."), ["maybe", "yes", "", "2"], "Send true or false."),
    (
        whole("n", "N.", least=1, most=9),
        ["0", "10", "x", "-1", "1.5", "٣", "9" * 5_000, ""],
        "Send a whole number",
    ),
    (choice("c", "C.", ("C", "P")), ["X", "", "c"], "Send one of C, P."),
    (choices("k", "K.", ("item", "stock")), ["items", ",", "item,x"], "Send some of item, stock"),
    (moment("m", "M."), ["yesterday", "2026-06-10", "2026-06-10T08:00:00", ""], "Send an RFC 3339 moment"),
    (day("d", "D."), ["10-06-2026", "20260610", "2026-02-30", "", "2026-06-10T08:00:00"], "Send a date as YYYY-MM-DD."),
    (quantity("q", "Q.", most=Decimal(100)), ["0", "-1", "101", "x", "9" * 5_000], "Send a number above 0"),
    (text("t", "T."), ["x" * 1_001], "Send at most 1000 characters."),
]


@pytest.mark.parametrize(
    ("parameter", "written", "value"),
    [(parameter, written, value) for parameter, read in READ for written, value in read.items()],
)
def test_a_parameter_is_read(parameter: Parameter[Any], written: str, value: object) -> None:
    assert parameter.of({parameter.name: written}) == value
    assert parameter.of({}) is None


@pytest.mark.parametrize(
    ("parameter", "written", "message"),
    [(parameter, written, message) for parameter, texts, message in REFUSED for written in texts],
)
def test_any_other_form_is_refused_with_the_right_one(parameter: Parameter[Any], written: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parameter.of({parameter.name: written})
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.code) == (f"?{parameter.name}", parameter.name.upper())
    assert fault.message.startswith(message)


def test_a_needed_parameter_is_missed() -> None:
    with pytest.raises(InvalidInput, match="item"):
        text("item", "Item code.").needed().of({})


def test_every_fault_of_a_query_is_named_at_once() -> None:
    known = (flag("overdue", "Late ones."), text("q", "Words."))
    found = query_faults(known, {"overdue": "maybe", "overdeu": "true", "q": "x"})
    assert [(fault.pointer, fault.code) for fault in found] == [
        ("?overdeu", "UNKNOWN_PARAMETER"),
        ("?overdue", "OVERDUE"),
    ]
    assert found[0].message == "There is no such parameter. The known ones are overdue, q."
    assert query_faults((), {"x": "1"})[0].message == "There is no such parameter. This address takes none."


PARAMETERS = {f"{route.operation}.{each.name}": each for route in all_routes() for each in route.parameters}


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS.keys())
def test_a_parameter_has_a_schema_that_is_one(parameter: Parameter[Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(dict(parameter.schema))
