"""A sandbox that refuses filters one by one: documents and customers whose answers were lost are found all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from exact_connector.exactly_once.second_ways import partition
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.storage.table import clear
from fakes.product import running_sandbox
from functional.product.company import DIVISION, MANY_CALLS, SMALL, Company, unlinked_company
from functional.product.test_every_kind import SETTINGS, body_of, made, post, settled
from functional.product.test_orders import RATE, TurnedClock, later

KINDS = [kind.value for kind in OrderKind]


@pytest.fixture(scope="module")
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="module")
def linked(clock: TurnedClock) -> Iterator[Company]:
    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox, unlinked_company(sandbox, clock=clock) as found:
        sandbox.control("PUT", "/clock", {"rate": RATE, "now": clock.now().isoformat()})
        found.link(options={"supplier_links": True})
        found.work()
        found.ok("PATCH", "/v1/tenants/acme/settings", SETTINGS)
        yield found


@pytest.fixture
def company(linked: Company) -> Iterator[Company]:
    """The company, in which nothing is known of refused filters."""
    clear(linked.box.memory["orders"], partition(linked.tenant, DIVISION))
    linked.box.orders.refused_filters._known.clear()
    yield linked
    linked.sandbox.control("PUT", "/switches", {"refused_filters": []})
    linked.sandbox.control("DELETE", "/faults")


def refuse(company: Company, names: Sequence[str]) -> None:
    company.sandbox.control("PUT", "/switches", {"refused_filters": list(names)})


def filters_of(kind: str) -> dict[str, tuple[str, ...]]:
    """The filters of a kind that are refused together."""
    found = DOCUMENTS[OrderKind(kind)]
    customer, created, modified = (f"{found.path}.{name}" for name in (found.customer, "Created", "Modified"))
    return {
        "customer": (customer,),
        "Created": (created,),
        "Modified": (customer, modified),
        "lines": (f"{found.lines_path}.{found.lines_parent}",),
        "key": (f"{found.path}.{found.key}",),
    }


@pytest.mark.parametrize("refused", ["customer", "Created", "Modified", "lines", "key"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_whose_answer_was_lost_is_found_though_a_filter_is_refused(
    company: Company, clock: TurnedClock, kind: str, refused: str
) -> None:
    body, document = body_of(company, kind), DOCUMENTS[OrderKind(kind)]
    match = document.path.rpartition("/")[2] + "$"
    company.sandbox.control("POST", "/faults", {"match": match, "method": "POST", "count": 1, "kind": "drop"})
    refuse(company, filters_of(kind)[refused])
    found = settled(company, clock, kind, post(company, kind, body)["order_id"])
    assert (found["state"], found["attempts"]) == ("SUBMITTED", 1), found
    (row,) = made(company, kind, body)
    number = row.get(document.number)
    assert (str(row[document.key]), number and str(number)) == (found["exact_id"], found["exact_number"])
    later(company, clock, 3_700)


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_read_back_though_they_may_not_be_filtered_by_their_document(
    company: Company, clock: TurnedClock, kind: str
) -> None:
    refuse(company, filters_of(kind)["lines"])
    order = settled(company, clock, kind, post(company, kind, body_of(company, kind))["order_id"])
    company.work_on_orders()
    path = "purchase-orders" if kind == "purchase" else "orders"
    found = company.ok("GET", f"/v1/{path}/{order['order_id']}")
    assert (found["lines_read_back"], found["warnings"]) == (True, [])
    later(company, clock, 3_700)


def test_a_customer_whose_answer_was_lost_is_found_though_no_moment_may_be_filtered(
    company: Company, clock: TurnedClock
) -> None:
    refuse(company, ["crm/Accounts.Created", "crm/Accounts.Modified"])
    company.sandbox.control("POST", "/faults", {"match": "Accounts$", "method": "POST", "count": 1, "kind": "drop"})
    _, found, _ = company.call("POST", "/v1/customers", {"name": "Zonder filter", "external_id": "F-1"})
    assert (found["state"], found["attempts"]) == ("CREATED", 1)
    assert len([row for row in company.exact_rows("Accounts") if row["Name"] == "Zonder filter"]) == 1


def test_ledger_accounts_of_a_new_customer_are_found_though_their_code_may_not_be_filtered(company: Company) -> None:
    receivable = next(row for row in company.exact_rows("GLAccounts") if row["Type"] == 20 and not row.get("IsBlocked"))
    refuse(company, ["GLAccounts.Code"])
    company.ok("PATCH", "/v1/tenants/acme/settings", {"GLAccountGLARCode": receivable["Code"].strip()})
    _, found, _ = company.call("POST", "/v1/customers", {"name": "Met grootboek", "external_id": "F-2"})
    assert found["state"] == "CREATED", found
    (account,) = [row for row in company.exact_rows("Accounts") if row["Name"] == "Met grootboek"]
    assert account["GLAR"] == receivable["ID"]
