"""What each answer of Exact means."""

from __future__ import annotations

import json

import pytest

from exact_connector.exact.http.error_table import Outcome, judge, judge_file


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
            Outcome.REJECT,
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
            500,
            {},
            error("Iets wat niemand kent"),
            Outcome.RETRY,
            "UNRECOGNISED_FAILURE",
            id="500 with an unknown text",
        ),
        pytest.param(
            500,
            {},
            error("A problem has occurred. The cause of this issue will be investigated as soon as possible."),
            Outcome.RETRY,
            "UNRECOGNISED_FAILURE",
            id="500 unexpected",
        ),
        pytest.param(500, {}, b"", Outcome.RETRY, "UNAVAILABLE", id="500 empty"),
        pytest.param(500, {}, b"<html>", Outcome.RETRY, "FOREIGN_ANSWER", id="500 html"),
        pytest.param(400, {}, b"<html>Bad Request</html>", Outcome.RETRY, "FOREIGN_ANSWER", id="400 of a proxy"),
        pytest.param(403, {}, b"<html>Blocked</html>", Outcome.RETRY, "FOREIGN_ANSWER", id="403 of a firewall"),
        pytest.param(403, {}, b"Forbidden", Outcome.REJECT, "ACCESS_DENIED", id="403 in one plain word"),
        pytest.param(
            403,
            {},
            b'<?xml version="1.0"?><m:error xmlns:m="http://example.test/metadata"><m:code/><m:message xml:lang="">'
            b"Forbidden - Application Scope Violated &amp; more</m:message></m:error>",
            Outcome.REAUTHORIZE,
            "SCOPE_MISSING",
            id="403 in XML",
        ),
        pytest.param(404, {}, b"no such host", Outcome.RETRY, "FOREIGN_ANSWER", id="404 of a proxy"),
        pytest.param(413, {}, b"<html>", Outcome.RETRY, "FOREIGN_ANSWER", id="413 of a proxy"),
        pytest.param(
            400, {}, b'{"message":"Forbidden"}', Outcome.RETRY, "FOREIGN_ANSWER", id="JSON that is not Exact's"
        ),
        pytest.param(
            403, {}, b"Forbidden - WrongDivision", Outcome.REAUTHORIZE, "DIVISION_FORBIDDEN", id="403 in plain words"
        ),
        pytest.param(400, {}, error("Timeout expired."), Outcome.RETRY, "UNRECOGNISED_FAILURE", id="400 of a stumble"),
        pytest.param(400, {}, error("Iets wat niemand kent"), Outcome.REJECT, "BAD_REQUEST", id="400 unknown text"),
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


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Filtering on these fields is not supported: Account", "FILTER_REFUSED"),
        ("This $filter parameter is not supported for this resource", "FILTER_REFUSED"),
        ("Error in query syntax.", "QUERY_SYNTAX"),
        ("The type 'Exact.Web.Api.Models.Item' does not have a property named 'Main'.", "PROPERTY_UNKNOWN"),
        ("Please add a $select or a $top=1 statement to the query string.", "SELECT_MISSING"),
        (
            "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter"
            " parameter with one of the following fields in the url: ID",
            "FILTER_MISSING",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_refused_query_is_a_fault_of_the_connector(status: int, text: str, code: str) -> None:
    verdict = judge(status, {}, error(text))
    assert (verdict.outcome, verdict.code, verdict.judges_record) == (Outcome.BUG, code, False)


@pytest.mark.parametrize(
    ("status", "headers", "body", "judges"),
    [
        pytest.param(500, {}, error("Verplicht: Artikel"), True, id="a known text"),
        pytest.param(400, {}, error("Verplicht: Artikel"), True, id="a known text in a 400"),
        pytest.param(400, {}, error("Iets wat niemand kent"), True, id="Exact calls it bad in its own words"),
        pytest.param(413, {}, b"", True, id="too large"),
        pytest.param(400, {}, b"", False, id="bad without a word"),
        pytest.param(404, {}, b"", False, id="no such resource"),
        pytest.param(403, {"reason": "BlockedUser"}, b"", False, id="the user"),
        pytest.param(403, {}, error("Forbidden"), False, id="the rights"),
        pytest.param(403, {}, error("Forbidden - Application Scope Violated."), False, id="the scope"),
    ],
)
def test_only_a_refusal_of_the_record_judges_it(
    status: int, headers: dict[str, str], body: bytes, *, judges: bool
) -> None:
    assert judge(status, headers, body).judges_record is judges


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        (404, Outcome.REJECT, "NOT_FOUND"),
        (403, Outcome.REJECT, "ACCESS_DENIED"),
        (410, Outcome.REJECT, "BAD_REQUEST"),
        (401, Outcome.TOKEN, "TOKEN_REFUSED"),
        (429, Outcome.PAUSE, "RATE_LIMITED"),
        (503, Outcome.RETRY, "UNAVAILABLE"),
        (500, Outcome.RETRY, "FOREIGN_ANSWER"),
        (200, Outcome.OK, "OK"),
    ],
)
def test_a_page_in_place_of_a_file_is_a_refusal_of_the_file(status: int, outcome: Outcome, code: str) -> None:
    verdict = judge_file(status, {}, b"<html>Not here</html>")
    assert (verdict.outcome, verdict.code, verdict.judges_record) == (outcome, code, False)


def test_exact_s_own_text_is_always_kept() -> None:
    assert judge(500, {}, error("Iets wat niemand kent")).text == "Iets wat niemand kent"
    assert judge(403, {"reason": "BlockedUser"}, b"").text == "BlockedUser"
