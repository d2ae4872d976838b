"""The headers that stand on every answer, and the types of bodies."""

from __future__ import annotations

import pytest

from functional.sandbox.core.small_world import Connected, Running, guid

DAY = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "1781654400000"}
MINUTE = {
    "X-RateLimit-Minutely-Limit": "60", "X-RateLimit-Minutely-Remaining": "59",
    "X-RateLimit-Minutely-Reset": "1781611260000",
}  # fmt: skip


def test_an_answer_of_a_company_has_the_headers_that_exact_sends(exact: Connected) -> None:
    answer = exact.get("vat/VATCodes")
    wanted = {
        "Content-Type": "application/json;charset=utf-8", "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin", "Date": "Tue, 16 Jun 2026 12:00:00 GMT", **DAY, **MINUTE,
    }  # fmt: skip
    assert {name: answer.headers[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("vat/VATCodes?$select=Colour", id="an error"),
        pytest.param(f"vat/VATCodes(guid'{guid(10, 9)}')", id="not found"),
    ],
)
def test_errors_have_them_too(exact: Connected, path: str) -> None:
    answer = exact.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {name: answer.headers[name] for name in {**DAY, **MINUTE}} == {**DAY, **MINUTE}


def test_an_answer_without_a_company_has_no_limits(exact: Connected) -> None:
    headers = exact.get(f"{exact.running.base}/api/v1/current/Me").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name in headers if name.startswith("x-ratelimit")]


def test_tokens_come_with_the_same_security_headers(running: Running) -> None:
    answer = running.exchange(running.code())
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
