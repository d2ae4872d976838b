"""Sales from invoices and purchase orders: lines without header and VAT rows, in both forms of the signs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from fakes.product import SandboxProcess
from functional.catalog.shop import DIVISION, Shop, linked_shop

pytestmark = pytest.mark.slow
CREDIT_NOTE = 8021


@pytest.fixture(scope="module", params=["observed", "documented"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A company whose planner reads invoices."""
    options = {"item_rule": "purchase", "sales_history": "invoices"}

    def credit(sandbox: SandboxProcess) -> None:
        invoices = sandbox.control("GET", f"/records/{DIVISION}/SalesInvoices?Status=50&_limit=1")["records"]
        path = f"/records/{DIVISION}/SalesInvoices/{invoices[0]['InvoiceID']}"
        sandbox.control("PATCH", path, {"Type": CREDIT_NOTE})

    with linked_shop("--sync-signs", request.param, prepare=credit, options=options) as found:
        yield found


def test_every_sale_has_the_lines_and_amounts_of_its_invoice(shop: Shop) -> None:
    invoices = {row["InvoiceID"]: row for row in shop.exact_rows("SalesInvoices") if row["Status"] != 10}
    lines: dict[str, dict[int, Decimal]] = {}
    for row in shop.exact_rows("SalesInvoiceLines"):
        sign = -1 if invoices.get(row["InvoiceID"], {}).get("Type") == CREDIT_NOTE else 1
        lines.setdefault(row["InvoiceID"], {})[row["LineNumber"]] = Decimal(str(row["AmountDC"])) * sign
    served = {row["sale_id"]: row for row in shop.every("/v1/sales")}
    assert {sale["status"] for sale in served.values()} == {"complete", "credit"}
    assert {
        key: {line["line_number"]: Decimal(line["amount"]) for line in sale["lines"]} for key, sale in served.items()
    } == {key: lines[key] for key in invoices}
    assert {sale["amounts_agree"] for sale in served.values()} == {True}


def test_a_purchase_order_has_the_lines_that_exact_has(shop: Shop) -> None:
    ordered: dict[str, set[str]] = {}
    for row in shop.exact_rows("PurchaseOrderLines"):
        ordered.setdefault(row["PurchaseOrderID"], set()).add(row["ID"])
    head = shop.ok("GET", "/v1/status")
    counts = next(each for each in head["families"] if each["family"] == "documents")["counts"]
    assert counts["purchase_order"] == len(ordered)
    assert [each for each in head["skipped_records"] if each["code"] == "AMOUNTS_DIFFER"] == []


def test_an_invoice_that_does_not_add_up_is_reported_until_it_does(shop: Shop) -> None:
    invoice = next(row for row in shop.exact_rows("SalesInvoices") if row["Status"] == 50 and row["Type"] == 8020)
    path = f"/records/{DIVISION}/SalesInvoices/{invoice['InvoiceID']}"

    def state(amount: float) -> tuple[bool, list[str]]:
        shop.sandbox.control("PATCH", path, {"AmountFCExclVat": amount})
        shop.ok("POST", f"/v1/tenants/{shop.tenant}/sync/documents", {"full": False})
        shop.work()
        report = shop.ok("GET", "/v1/status")["skipped_records"]
        sale = shop.ok("GET", f"/v1/sales/{invoice['InvoiceID']}")
        return sale["amounts_agree"], [each["key"] for each in report if each["code"] == "AMOUNTS_DIFFER"]

    assert state(invoice["AmountFCExclVat"] + 100) == (False, [invoice["InvoiceID"]])
    assert state(invoice["AmountFCExclVat"]) == (True, [])
