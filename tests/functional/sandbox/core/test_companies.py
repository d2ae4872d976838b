"""Companies: who am I, which companies are there, and which may a token use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functional.sandbox.core.small_world import CLIENT_ID, DIVISION, FOREIGN, OTHER, Connected, Running, guid


def message(answer: object) -> str:
    return str(answer.json()["error"]["message"]["value"])  # type: ignore[attr-defined]


def test_me_tells_the_current_company_and_the_servers_dutch_time(exact: Connected) -> None:
    me = exact.results(f"{exact.running.base}/api/v1/current/Me")[0]
    assert me["CurrentDivision"] == DIVISION
    assert (me["ServerTime"], me["ServerUtcOffset"]) == ("2026-06-16T14:00:00", 7200)
    assert me["UserName"] == "demo@example.test"


def test_me_takes_a_selection(exact: Connected) -> None:
    me = exact.results(f"{exact.running.base}/api/v1/current/Me?$select=CurrentDivision")[0]
    assert set(me) == {"__metadata", "CurrentDivision"}


def test_only_the_ticked_companies_are_listed(running: Running) -> None:
    exact = running.connect([DIVISION, FOREIGN])
    assert [row["Code"] for row in exact.results("system/Divisions")] == [DIVISION, FOREIGN]


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        pytest.param("system/Divisions", [DIVISION, OTHER, 123458, FOREIGN], id="across licences"),
        pytest.param("system/AllDivisions", [DIVISION, OTHER, 123458], id="of this licence"),
        pytest.param("hrm/Divisions", [DIVISION, OTHER, 123458], id="older variant"),
    ],
)
def test_the_three_lists_of_companies(exact: Connected, path: str, codes: list[int]) -> None:
    assert [row["Code"] for row in exact.results(path)] == codes


def test_a_company_has_a_number_for_urls_and_a_human_number_as_text(exact: Connected) -> None:
    row = exact.results(f"system/Divisions?$filter=Code eq {OTHER}")[0]
    assert (row["Code"], row["Hid"], row["Description"]) == (OTHER, "457", "de groothandel b.v.")


def test_names_of_companies_are_compared_exactly(exact: Connected) -> None:
    rows = exact.results("system/Divisions?$filter=Description eq 'de groothandel b.v.'")
    assert [row["Code"] for row in rows] == [OTHER]


def test_a_company_that_was_not_ticked_is_the_wrong_one_for_every_call(running: Running) -> None:
    exact = running.connect([DIVISION])
    exact.division = OTHER
    for path in ("vat/VATCodes", "system/Divisions"):
        answer = exact.get(path)
        assert (answer.status_code, message(answer)) == (403, "Forbidden - WrongDivision")


def test_a_company_that_does_not_exist_is_the_wrong_one(exact: Connected) -> None:
    exact.division = 999999
    assert message(exact.get("vat/VATCodes")) == "Forbidden - WrongDivision"


def test_a_company_that_the_user_lost_is_the_wrong_one(exact: Connected) -> None:
    world = exact.running.sandbox.world
    world.users["demo@example.test"] = replace(
        world.users["demo@example.test"], divisions=[OTHER], current_division=OTHER
    )
    assert exact.get("vat/VATCodes").status_code == 403


def test_a_blocked_company_is_refused_with_a_reason(exact: Connected) -> None:
    exact.division = 123458
    answer = exact.get("vat/VATCodes")
    assert (answer.status_code, answer.headers["Reason"]) == (403, "DivisionBlocked")
    assert message(answer) == "Forbidden - DivisionBlocked"


@pytest.mark.parametrize(
    ("scopes", "path", "refused"),
    [
        pytest.param({"crm.accounts"}, "system/Divisions", "organization.administration", id="companies"),
        pytest.param(
            {"crm.accounts"}, "sync/Deleted?$filter=Timestamp gt 1L", "organization.administration", id="deleted"
        ),
        pytest.param({"crm.accounts"}, "sync/Logistics/Items?$filter=Timestamp gt 1L", "logistics.items", id="items"),
        pytest.param({"logistics.items"}, "sync/Logistics/Items?$filter=Timestamp gt 1L", None, id="granted"),
        pytest.param({"logistics.items:read"}, "logistics/Units", None, id="granted to read"),
        pytest.param({"sales.invoices"}, "logistics/Incoterms", None, id="one of several"),
    ],
)
def test_an_app_without_the_area_is_refused(exact: Connected, scopes: set[str], path: str, refused: str | None) -> None:
    exact.running.sandbox.world.apps[CLIENT_ID].scopes = frozenset(scopes)
    answer = exact.get(path)
    if refused is None:
        assert answer.status_code == 200
    else:
        text = f"Forbidden - Application Scope Violated. Cannot read '{refused}' scope."
        assert (answer.status_code, message(answer)) == (403, text)


def test_an_area_granted_to_read_cannot_be_written(exact: Connected) -> None:
    exact.running.sandbox.world.apps[CLIENT_ID].scopes = frozenset({"logistics.items:read"})
    answer = exact.send("DELETE", f"logistics/Items(guid'{guid(1, 1)}')")
    assert answer.status_code == 403
    assert "Cannot manage 'logistics.items' scope." in message(answer)


def test_the_basic_edition_has_no_supplier_items(exact: Connected) -> None:
    exact.running.sandbox.world.divisions[DIVISION].edition = "basic"
    assert exact.get("logistics/SupplierItem?$filter=MainSupplier eq true").status_code == 403
    assert exact.get("vat/VATCodes").status_code == 200


def test_the_human_number_is_filtered_as_text(exact: Connected) -> None:
    assert [row["Code"] for row in exact.results("system/Divisions?$filter=Hid eq '457'")] == [OTHER]
    assert exact.get("system/Divisions?$filter=Hid eq 457").status_code == 400
