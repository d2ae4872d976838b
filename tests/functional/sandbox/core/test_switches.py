"""The switches: filters that are refused on demand, and forms that are not known for certain."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from exact_sandbox.__main__ import arguments, sandbox_of
from exact_sandbox.protocol.limits import Allowance
from exact_sandbox.protocol.switches import UNCLEAR_FILTERS, Switches
from functional.sandbox.core.conftest import Start
from functional.sandbox.core.small_world import Connected, guid

NOT_SUPPORTED = "This $filter parameter is not supported for this resource"

CONDITIONS = {
    "Addresses.Account": ("crm/Addresses", f"Account eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "Contacts.Account": ("crm/Contacts", f"Account eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "GLAccounts.Code": ("financial/GLAccounts", "Code eq '8000'", NOT_SUPPORTED),
    "PurchaseOrderLines.PurchaseOrderID": (
        "purchaseorder/PurchaseOrderLines", f"PurchaseOrderID eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "QuotationLines.QuotationID": ("crm/QuotationLines", f"QuotationID eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "SupplierItem.Item": ("logistics/SupplierItem", f"Item eq guid'{guid(1, 1)}'", NOT_SUPPORTED),
    "SupplierItem.Supplier": ("logistics/SupplierItem", f"Supplier eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "bulk/SalesOrder/GoodsDeliveries.DeliveryAccount": (
        "bulk/SalesOrder/GoodsDeliveries", f"DeliveryAccount eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "bulk/SalesOrder/GoodsDeliveryLines.EntryID": (
        "bulk/SalesOrder/GoodsDeliveryLines", f"EntryID eq guid'{guid(2, 1)}'", NOT_SUPPORTED),
    "Items.Code": ("logistics/Items", "Code eq 'A0001'", "Filtering on these fields is not supported: Code"),
}  # fmt: skip


def refusal(exact: Connected, name: str) -> tuple[int, str]:
    path, condition, _ = CONDITIONS[name]
    key = "EntryID" if path.endswith("GoodsDeliveries") else "ID"
    answer = exact.get(f"{path}?$filter={quote(condition)}&$select={key}")
    return answer.status_code, "" if answer.is_success else answer.json()["error"]["message"]["value"]


def turn(exact: Connected, **switches: object) -> dict[str, object]:
    answer = exact.running.http.put(f"{exact.running.base}/sandbox/switches", json=switches)
    return {"status": answer.status_code, **answer.json()}


def test_every_unclear_property_has_a_condition_here() -> None:
    assert set(CONDITIONS) == {*UNCLEAR_FILTERS, "Items.Code"}


@pytest.mark.parametrize("name", CONDITIONS)
def test_one_property_is_refused_on_demand_and_no_other(exact: Connected, name: str) -> None:
    assert refusal(exact, name) == (200, "")
    turn(exact, refused_filters=[name])
    assert refusal(exact, name) == (400, CONDITIONS[name][2])
    assert all(refusal(exact, other) == (200, "") for other in CONDITIONS if other != name)
    turn(exact, refused_filters=[])
    assert refusal(exact, name) == (200, "")


def test_a_property_of_one_address_stays_with_its_twin(exact: Connected) -> None:
    turn(exact, refused_filters=["bulk/SalesOrder/GoodsDeliveryLines.EntryID"])
    assert exact.get(f"salesorder/GoodsDeliveryLines?$filter=EntryID eq guid'{guid(2, 1)}'").status_code == 200


def test_unclear_refuses_all_of_them(exact: Connected) -> None:
    assert turn(exact, refused_filters=["unclear"])["refused_filters"] == sorted(UNCLEAR_FILTERS)
    assert [refusal(exact, name)[0] for name in sorted(UNCLEAR_FILTERS)] == [400] * len(UNCLEAR_FILTERS)


def test_without_marks_every_property_may_be_filtered(exact: Connected) -> None:
    path = "logistics/Items?$filter=UnitDescription eq 'Stuk'&$select=ID"
    assert exact.get(path).status_code == 400
    turn(exact, filter_marks=False)
    assert exact.get(path).status_code == 200


def test_a_timestamp_is_a_text_or_a_number(exact: Connected) -> None:
    path = "sync/Logistics/Items?$filter=Timestamp gt 1L&$select=Timestamp&$top=1"
    as_text = exact.results(path)[0]["Timestamp"]
    turn(exact, int64_form="number")
    assert (isinstance(as_text, str), exact.results(path)[0]["Timestamp"]) == (True, int(as_text))


def test_a_post_is_answered_201_or_200(exact: Connected) -> None:
    turn(exact, post_status=200)
    assert exact.send("POST", "logistics/Items", {"Code": "S1", "Description": "x"}).status_code == 200


def test_a_business_rule_refuses_under_500_or_400(exact: Connected) -> None:
    body = {"Code": "A0001", "Description": "Dubbel"}
    answers = [exact.send("POST", "logistics/Items", body)]
    turn(exact, refusal_status=400)
    answers.append(exact.send("POST", "logistics/Items", body))
    assert [answer.status_code for answer in answers] == [500, 400]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("switched", [False, True])
def test_a_429_may_carry_retry_after(start: Start, switched: bool) -> None:
    exact = start(allowance=Allowance(minute=1), switches=Switches(retry_after=switched)).connect()
    exact.running.clock.advance(7.5)
    exact.get("vat/VATCodes")
    answer = exact.get("vat/VATCodes")
    assert (answer.status_code, answer.content, answer.headers.get("Retry-After")) == (
        429, b"", "53" if switched else None)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param("Code eq 'a0007'", 1, id="equal"),
        pytest.param("startswith(Description,'KOP') and Code eq 'A0007'", 1, id="function"),
        pytest.param("Code eq 'a0008' or Code eq 'A0009'", 2, id="or"),
    ],
)
def test_capitals_may_not_matter(exact: Connected, condition: str, found: int) -> None:
    path = f"logistics/Items?$filter={quote(condition)}&$select=Code"
    strict = len(exact.results(path))
    turn(exact, ignore_case=True)
    assert (strict < found, len(exact.results(path))) == (True, found)


@pytest.mark.parametrize(
    ("switches", "text"),
    [
        pytest.param({"colour": 1}, "Unknown: colour; the switches are ", id="unknown"),
        pytest.param({"post_status": 202}, "post_status was 202; give one of 201, 200.", id="another status"),
        pytest.param({"ignore_case": "yes"}, "ignore_case was 'yes'; give one of True, False.", id="no boolean"),
        pytest.param({"refused_filters": "Items.Code"}, "refused_filters was 'Items.Code'; give a list", id="no list"),
        pytest.param({"refused_filters": ["Items.Colour"]}, "'Items.Colour' is no property; ", id="no property"),
    ],
)
def test_a_wrong_switch_is_refused_and_nothing_is_turned(
    exact: Connected, switches: dict[str, object], text: str
) -> None:
    before = exact.running.http.get(f"{exact.running.base}/sandbox/switches").json()
    answer = turn(exact, retry_after=True, **switches)
    assert (answer["status"], str(answer["error"]).startswith(text)) == (400, True)
    assert exact.running.http.get(f"{exact.running.base}/sandbox/switches").json() == before


def test_the_command_line_turns_the_same_switches() -> None:
    given = arguments([
        "--items", "10", "--customers", "5", "--orders", "2", "--lenient-filter", "--no-filter-marks",
        "--refuse-filter", "unclear", "--refuse-filter", "Items.Code", "--int64-form", "number", "--post-status", "200",
        "--refusal-status", "400", "--retry-after", "--ignore-case", "--webhook-retry-s", "0.5",
    ])  # fmt: skip
    sandbox = sandbox_of(given)
    assert sandbox.rules.switches == Switches(
        mandatory_filter=False, filter_marks=False, refused_filters=UNCLEAR_FILTERS | {"Items.Code"},
        int64_form="number", post_status=200, refusal_status=400, retry_after=True, ignore_case=True,
    )  # fmt: skip
    assert sandbox.world.options.webhook_retry_s == 0.5
