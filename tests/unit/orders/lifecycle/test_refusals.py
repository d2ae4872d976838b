"""What Exact refuses in words comes back with a pointer into the order, a code, what to do, and the words."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.errors import ExactRejected, Fault, InvalidInput
from exact_connector.exact.http.business_texts import first_code
from exact_connector.orders.lifecycle.refusals import refusal_reasons

BODY: dict[str, Any] = {
    "customer_code": "10001",
    "warehouse_code": "1",
    "order_date": "2026-06-10",
    "lines": [{"item_code": "A-1", "quantity": 1}, {"item_code": "A-10", "quantity": 1}],
}
ONE_LINE = {**BODY, "lines": BODY["lines"][:1]}
BOUGHT = {"supplier_id": "s", "lines": [{"item_code": "B", "quantity": 1}]}


def rejected(text: str, code: str | None = None) -> ExactRejected:
    return ExactRejected(f"Exact refused: {text}", status=500, exact_text=text, code=code or first_code(text))


def places(text: str, body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(str(each["pointer"]), str(each["code"])) for each in refusal_reasons(rejected(text), body)]


CASES: list[Any] = [
    pytest.param("Geblokkeerd: Klant", BODY, "/customer_code", "ACCOUNT_BLOCKED", id="blocked customer"),
    pytest.param("Geblokkeerd: Besteld door", BODY, "/customer_code", "ACCOUNT_BLOCKED", id="blocked, by its field"),
    pytest.param("Blocked: Customer", {"customer_id": "c"}, "/customer_id", "ACCOUNT_BLOCKED", id="in English, by ID"),
    pytest.param("Leverancier is geblokkeerd", BOUGHT, "/supplier_id", "ACCOUNT_BLOCKED", id="blocked supplier"),
    pytest.param("Verplicht: Besteld door", BODY, "/customer_code", "FIELD_MANDATORY", id="missing customer"),
    pytest.param("Ongeldig: Artikel A-10 - Niet actief", BODY, "/lines/1/item_code", "ITEM_NOT_ACTIVE", id="one item"),
    pytest.param("Ongeldig: Artikel - Niet actief", BODY, "/lines", "ITEM_NOT_ACTIVE", id="some item"),
    pytest.param("Ongeldig: Artikel - Niet actief", ONE_LINE, "/lines/0/item_code", "ITEM_NOT_ACTIVE", id="its item"),
    pytest.param("Ongeldig: Aantal", ONE_LINE, "/lines/0/item_code", "REFERENCE_INVALID", id="quantity"),
    pytest.param("Not allow to update in Basic : Warehouse", BODY, "/warehouse_code", "NOT_IN_EDITION", id="edition"),
    pytest.param("Ongeldig: Magazijn", ONE_LINE | {"warehouse_code": None}, "", "REFERENCE_INVALID", id="of a setting"),
    pytest.param("Periode is afgesloten: 2026 - 5", BODY, "/order_date", "PERIOD_CLOSED", id="period"),
    pytest.param("Invalid: GL account", BODY, "", "REFERENCE_INVALID", id="ledger account"),
    pytest.param("Ongeldig: Besteld door (Einddatum)", BODY, "/customer_code", "ACCOUNT_NOT_ACTIVE", id="ended"),
    pytest.param("Klant: Non actief", BODY, "/customer_code", "ACCOUNT_NOT_ACTIVE", id="not active"),
    pytest.param("Leverancier: Non actief", BOUGHT, "/supplier_id", "ACCOUNT_NOT_ACTIVE", id="supplier not active"),
    pytest.param("Te lang: Uw ref.", {"your_reference": "x"}, "/your_reference", "FIELD_TOO_LONG", id="long reference"),
    pytest.param("Zu lang: Ihre Referenz", {"reference": "x"}, "/reference", "FIELD_TOO_LONG", id="in German"),
    pytest.param("Niet gevonden: Inkoopprijs", BOUGHT, "/lines/0/item_code", "PURCHASE_PRICE_MISSING", id="no price"),
    pytest.param("Ongeldige referentie: Leveren aan", BODY, "/customer_code", "REFERENCE_INVALID", id="receiver"),
    pytest.param("Geblokkeerd: Btw code (00E)", BODY, "", "VAT_CODE_BLOCKED", id="VAT code, of no field"),
    pytest.param("Krijg nou wat", BODY, "", "EXACT_REJECTED", id="unknown words"),
]


@pytest.mark.parametrize(("text", "body", "pointer", "code"), CASES)
def test_a_refusal_points_into_the_order(text: str, body: dict[str, Any], pointer: str, code: str) -> None:
    assert places(text, body) == [(pointer, code)]
    (reason,) = refusal_reasons(rejected(text), body)
    assert reason["exact_text"] == text
    assert text in reason["message"]


def test_each_problem_is_a_reason_of_its_own() -> None:
    text = "Verplicht: Factuur voor\r\nGeblokkeerd: Klant\r\nGeblokkeerd: Artikel A-1"
    assert places(text, BODY) == [
        ("", "FIELD_MANDATORY"),
        ("/customer_code", "ACCOUNT_BLOCKED"),
        ("/lines/0/item_code", "ITEM_BLOCKED"),
    ]


def test_a_refusal_that_is_not_about_the_order_stays_one_reason() -> None:
    error = rejected("Forbidden\r\nGeblokkeerd: Klant", "ACCESS_DENIED")
    (reason,) = refusal_reasons(error, BODY)
    assert (reason["pointer"], reason["code"]) == ("", "ACCESS_DENIED")
    assert reason["exact_text"] == error.exact_text


def test_faults_found_before_sending_stay_as_they_are() -> None:
    faults = [Fault("/lines/0", "X", "m"), Fault("/lines/1", "Y", "n")]
    found = refusal_reasons(InvalidInput("no", faults), BODY)
    assert [(each["pointer"], each["code"], each["message"]) for each in found] == [
        ("/lines/0", "X", "m"),
        ("/lines/1", "Y", "n"),
    ]
