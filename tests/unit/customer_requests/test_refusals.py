"""What Exact refuses of a customer comes back with a pointer into what was posted, a code, a remedy, and the words."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.customer_requests.refusals import refusal_reasons
from exact_connector.errors import ExactRejected
from exact_connector.exact.http.business_texts import first_code

BODY: dict[str, Any] = {"name": "Veld", "country": "NL", "street": "Dorpsstraat", "email": "a@example.com"}


def reasons(text: str, body: dict[str, Any] = BODY, **more: Any) -> list[tuple[str, str]]:
    error = ExactRejected(text, status=500, exact_text=text, code=first_code(text), **more)
    return [(str(reason["pointer"]), str(reason["code"])) for reason in refusal_reasons(error, body)]


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        pytest.param("Te lang: Naam", "/name", "FIELD_TOO_LONG", id="name"),
        pytest.param("Ongeldig: Land", "/country", "REFERENCE_INVALID", id="country"),
        pytest.param("Invalid: Email []", "/email", "REFERENCE_INVALID", id="e-mail"),
        pytest.param("Trop long : Adresse", "/street", "FIELD_TOO_LONG", id="address in French"),
        pytest.param("Verplicht: Postcode", "/postcode", "FIELD_MANDATORY", id="one that is missing"),
        pytest.param("Ongeldig: Btw-nummer", "", "REFERENCE_INVALID", id="one that was not sent"),
        pytest.param("Ongeldig grootboekrekeningtype", "", "REFERENCE_INVALID", id="of a setting"),
        pytest.param("Bestaat al: Code", "", "ALREADY_EXISTS", id="of no field"),
    ],
)
def test_a_refusal_points_into_the_posted_customer(text: str, pointer: str, code: str) -> None:
    assert reasons(text) == [(pointer, code)]


def test_each_problem_is_a_reason_of_its_own() -> None:
    assert reasons("Verplicht: Naam\r\nOngeldig: Land") == [
        ("/name", "FIELD_MANDATORY"),
        ("/country", "REFERENCE_INVALID"),
    ]
