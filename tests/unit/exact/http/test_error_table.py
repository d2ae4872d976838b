"""What each answer of Exact means."""

from __future__ import annotations

import json

import pytest

from exact_connector.exact.http.business_texts import explain, first_code
from exact_connector.exact.http.error_table import Outcome, judge


def error(text: str) -> bytes:
    return json.dumps({"error": {"code": "", "message": {"lang": "", "value": text}}}).encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome", "code"),
    [
        pytest.param(200, {}, b"", Outcome.OK, "OK", id="200"),
        pytest.param(201, {}, b"", Outcome.OK, "OK", id="201"),
        pytest.param(204, {}, b"", Outcome.OK, "OK", id="204"),
        pytest.param(302, {}, b"", Outcome.RETRY, "UNAVAILABLE", id="a redirect to the log-in page"),
        pytest.param(400, {}, error("Verplicht: Artikel"), Outcome.REJECT, "FIELD_MANDATORY", id="400 business text"),
        pytest.param(400, {}, b"", Outcome.REJECT, "BAD_REQUEST", id="400 without a text"),
        pytest.param(
            400,
            {},
            error("Please add a $select or a $top=1 statement to the query string."),
            Outcome.BUG,
            "SELECT_MISSING",
            id="400 no select",
        ),
        pytest.param(
            400,
            {},
            error(
                "Error processing request stream. Error encountered in converting the value from request payload for"
                " property 'WarehouseID' to type 'Guid'"
            ),
            Outcome.BUG,
            "REQUEST_MALFORMED",
            id="400 empty guid",
        ),
        pytest.param(401, {}, b"", Outcome.TOKEN, "TOKEN_REFUSED", id="401"),
        pytest.param(
            403, {}, error("Forbidden - WrongDivision"), Outcome.REAUTHORIZE, "DIVISION_FORBIDDEN", id="wrong division"
        ),
        pytest.param(
            403, {"reason": "NoDivisionAccess"}, b"", Outcome.REAUTHORIZE, "DIVISION_FORBIDDEN", id="reason in a header"
        ),
        pytest.param(
            403,
            {},
            error("Forbidden - Application Scope Violated. Cannot read 'organization.administration' scope."),
            Outcome.REAUTHORIZE,
            "SCOPE_MISSING",
            id="scope",
        ),
        pytest.param(403, {"reason": "BlockedUser"}, b"", Outcome.REJECT, "USER_BLOCKED", id="blocked user"),
        pytest.param(403, {"reason": "InactiveUser"}, b"", Outcome.REJECT, "USER_BLOCKED", id="inactive user"),
        pytest.param(403, {"reason": "BlockedCustomer"}, b"", Outcome.REJECT, "LICENSE_BLOCKED", id="blocked customer"),
        pytest.param(403, {"reason": "LicenseExpired"}, b"", Outcome.REJECT, "LICENSE_EXPIRED", id="licence expired"),
        pytest.param(
            403, {"reason": "DivisionBlocked"}, b"", Outcome.REJECT, "DIVISION_BLOCKED", id="division blocked"
        ),
        pytest.param(403, {}, b"", Outcome.REJECT, "ACCESS_DENIED", id="403 without a reason"),
        pytest.param(404, {}, error("Not found"), Outcome.REJECT, "NOT_FOUND", id="404"),
        pytest.param(405, {}, b"", Outcome.BUG, "METHOD_NOT_ALLOWED", id="405"),
        pytest.param(408, {}, b"", Outcome.RETRY, "TIMED_OUT", id="408"),
        pytest.param(413, {}, b"", Outcome.REJECT, "TOO_LARGE", id="413"),
        pytest.param(429, {}, b"", Outcome.PAUSE, "RATE_LIMITED", id="429 empty"),
        pytest.param(429, {}, b"<html>", Outcome.PAUSE, "RATE_LIMITED", id="429 html"),
        pytest.param(
            429,
            {"reason": "ErrorVelocityExceeded"},
            b"",
            Outcome.PAUSE,
            "ENDPOINT_BLOCKED",
            id="429 for too many errors",
        ),
        pytest.param(
            403,
            {"reason": "ErrorVelocityExceeded"},
            b"",
            Outcome.PAUSE,
            "ENDPOINT_BLOCKED",
            id="403 for too many errors",
        ),
        pytest.param(500, {}, error("Gegeven bestaat reeds."), Outcome.REJECT, "ALREADY_EXISTS", id="500 business"),
        pytest.param(
            500, {}, error("Iets wat niemand kent"), Outcome.REJECT, "EXACT_REJECTED", id="500 with an unknown text"
        ),
        pytest.param(
            500,
            {},
            error("A problem has occurred. The cause of this issue will be investigated as soon as possible."),
            Outcome.RETRY,
            "UNAVAILABLE",
            id="500 unexpected",
        ),
        pytest.param(500, {}, b"", Outcome.RETRY, "UNAVAILABLE", id="500 empty"),
        pytest.param(500, {}, b"<html>", Outcome.RETRY, "UNAVAILABLE", id="500 html"),
        pytest.param(502, {}, b"", Outcome.RETRY, "UNAVAILABLE", id="502"),
        pytest.param(503, {}, error("Maintenance"), Outcome.RETRY, "UNAVAILABLE", id="503 maintenance"),
        pytest.param(504, {}, b"", Outcome.RETRY, "UNAVAILABLE", id="504"),
    ],
)
def test_an_answer_has_one_meaning(
    status: int, headers: dict[str, str], body: bytes, outcome: Outcome, code: str
) -> None:
    verdict = judge(status, headers, body)
    assert (verdict.outcome, verdict.code) == (outcome, code)


def test_exact_s_own_text_is_always_kept() -> None:
    assert judge(500, {}, error("Iets wat niemand kent")).text == "Iets wat niemand kent"
    assert judge(403, {"reason": "BlockedUser"}, b"").text == "BlockedUser"


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("Verplicht: Factuur voor", "FIELD_MANDATORY", "Factuur voor"),
        ("Mandatory: Ordered by", "FIELD_MANDATORY", "Ordered by"),
        ("Verplicht: Inkoop", "ITEM_NOT_PURCHASED", "Inkoop"),
        ("Mandatory: Purchase", "ITEM_NOT_PURCHASED", "Purchase"),
        ("Gegeven bestaat reeds.", "ALREADY_EXISTS", None),
        ("Data already exists.", "ALREADY_EXISTS", None),
        ("Not allow to update in Basic : Warehouse", "NOT_IN_EDITION", "Warehouse"),
        ("Ongeldig: Klant (Type)", "REFERENCE_INVALID", "Klant (Type)"),
        ("Invalid: Supplier", "REFERENCE_INVALID", "Supplier"),
        (
            "Invalid: Post to callback URL endpoint returns 500 InternalServerError",
            "CALLBACK_REFUSED",
            None,
        ),
        ("Periode is afgesloten: 2024 - 5", "PERIOD_CLOSED", None),
        ("Period is closed: 2024 - 5", "PERIOD_CLOSED", None),
        ("Inkoopprijs niet gevonden", "PURCHASE_PRICE_MISSING", None),
        ("Purchase price not found", "PURCHASE_PRICE_MISSING", None),
        ("Artikel niet actief / toekomstig: A-1", "ITEM_NOT_ACTIVE", None),
        ("Item is not active: A-1", "ITEM_NOT_ACTIVE", None),
        ("Artikel A-1 is niet gekoppeld aan magazijn 1", "ITEM_NOT_IN_WAREHOUSE", None),
        ("Item A-1 is not linked to supplier 70", "ITEM_NOT_AT_SUPPLIER", None),
        ("BTW-code 4 is geblokkeerd", "VAT_CODE_BLOCKED", None),
        ("VAT code is blocked: 4", "VAT_CODE_BLOCKED", None),
        ("Klant is geblokkeerd", "ACCOUNT_BLOCKED", None),
        ("Account is blocked", "ACCOUNT_BLOCKED", None),
        ("Klant niet actief", "ACCOUNT_NOT_ACTIVE", None),
        ("Kredietlimiet overschreden", "CREDIT_LIMIT", None),
        ("Iets heel anders", "EXACT_REJECTED", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_text_of_exact_has_a_stable_code(text: str, code: str, field: str | None) -> None:
    (found,) = explain(text)
    assert (found.code, found.field, found.original) == (code, field, text)
    assert found.remedy


def test_several_problems_in_one_text_are_told_apart() -> None:
    found = explain("Verplicht: Factuur voor\r\nVerplicht: Besteld door\r\n")
    assert [each.field for each in found] == ["Factuur voor", "Besteld door"]


def test_the_first_known_problem_gives_the_code() -> None:
    assert first_code("Onbekend\r\nGegeven bestaat reeds.") == "ALREADY_EXISTS"
    assert first_code("") == "EXACT_REJECTED"


def test_no_text_has_no_explanation() -> None:
    assert explain(" \r\n ") == []
