"""The pages and control addresses of the sandbox's own."""

from __future__ import annotations

from functional.sandbox.core.small_world import CLIENT_ID, DIVISION, Connected, Running, guid


def test_the_first_page_names_companies_and_users(running: Running) -> None:
    text = running.http.get(running.base).text
    assert "123456 De Groothandel B.V." in text
    assert "demo@example.test / demo" in text


def test_the_limits_in_use_can_be_seen_and_started_anew(exact: Connected) -> None:
    exact.get("vat/VATCodes")
    exact.get(f"logistics/Items(guid'{guid(1, 999)}')")
    shown = exact.running.http.get(f"{exact.running.base}/sandbox/limits").json()
    assert shown["calls"] == [{"client_id": CLIENT_ID, "division": DIVISION, "minute": 2, "day": 2}]
    errors = [each for each in shown["errors"] if each["errors"]]
    assert [(each["endpoint"], each["errors"]) for each in errors] == [("logistics/items", 1)]
    after = exact.running.http.delete(f"{exact.running.base}/sandbox/limits").json()
    assert after == {"calls": [], "errors": []}
    assert exact.get("vat/VATCodes").headers["X-RateLimit-Minutely-Remaining"] == "59"
