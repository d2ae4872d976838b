"""Purchase entries, financial entries, payments and open items: they follow from the invoices and agree with them."""

from __future__ import annotations

from collections import defaultdict

import pytest

from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.protocol.writes import RULES
from exact_sandbox.world.store import Row, World
from functional.sandbox.data.worlds import Office

CENT = 0.005


@pytest.fixture(scope="module")
def shop(shared_world: World) -> Office:
    return Office(shared_world)


def lines_of(office: Office, entry: str) -> list[Row]:
    found = office.division.table("TransactionLines").lookup("EntryID", entry) or []
    return sorted(found, key=lambda row: row["LineNumber"])


def by_number(office: Office, table: str, field: str = "InvoiceNumber") -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in office.rows(table):
        found[row[field]].append(row)
    return found


@pytest.mark.parametrize("amount", ["AmountDC", "AmountFC"])
def test_the_lines_of_every_financial_entry_add_up_to_zero(shop: Office, amount: str) -> None:
    entries = shop.rows("Transactions")
    sums = [sum(line[amount] for line in lines_of(shop, entry["EntryID"])) for entry in entries]
    assert len(sums) > 20
    assert max(abs(each) for each in sums) < CENT


def test_a_processed_invoice_is_booked_on_debtors_revenue_and_vat(shop: Office) -> None:
    entries = {row["EntryNumber"]: row for row in shop.rows("Transactions") if row["JournalCode"] == "70"}
    processed = [row for row in shop.rows("SalesInvoices") if row["Status"] == 50]
    assert sorted(entries) == sorted(row["InvoiceNumber"] for row in processed)
    for invoice in processed:
        entry = entries[invoice["InvoiceNumber"]]
        debtors, *rest = lines_of(shop, entry["EntryID"])
        sign = -1 if invoice["Type"] == 8021 else 1
        assert (debtors["GLAccountCode"], debtors["AmountFC"]) == ("1300", sign * invoice["AmountFC"])
        assert (entry["Type"], entry["Date"]) == (21 if sign < 0 else 20, invoice["InvoiceDate"])
        taxes = sum(line["AmountFC"] for line in rest if line["LineNumber"] > 9000)
        assert taxes == pytest.approx(-sign * invoice["VATAmountFC"], abs=0.02)


def test_every_processed_invoice_has_a_document_of_type_10_with_its_file(shop: Office) -> None:
    documents = {row["SalesInvoiceNumber"]: row for row in shop.rows("Documents") if row["Type"] == 10}
    files = {row["Document"]: row["FileName"] for row in shop.rows("DocumentAttachments")}
    numbers = [row["InvoiceNumber"] for row in shop.rows("SalesInvoices") if row["Status"] == 50]
    assert sorted(documents) == sorted(numbers)
    for number, document in documents.items():
        assert (document["Subject"], files[document["ID"]]) == (f"Factuur: {number}", f"inv{number}.PDF")


def test_receivables_are_the_amounts_of_invoices_paid_by_bank_or_open(shop: Office) -> None:
    terms, open_items = by_number(shop, "Receivables"), by_number(shop, "ReceivablesList")
    states = set()
    for invoice in (row for row in shop.rows("SalesInvoices") if row["Status"] == 50 and row["AmountFC"]):
        rows = terms[invoice["InvoiceNumber"]]
        sign = -1 if invoice["Type"] == 8021 else 1
        assert sum(row["AmountFC"] for row in rows) == pytest.approx(sign * invoice["AmountFC"])
        left = [row["AmountFC"] for row in rows if row["Status"] == 20]
        assert [row["Amount"] for row in open_items[invoice["InvoiceNumber"]]] == left
        assert invoice["StarterSalesInvoiceStatus"] == (1 if left else 3)
        states.add(tuple(sorted(row["Status"] for row in rows)))
    assert states == {(20,), (50,), (20, 50)}


def test_what_was_paid_went_through_the_bank(shop: Office) -> None:
    paid = sum(row["AmountDC"] for row in shop.rows("Receivables") if row["Status"] == 50)
    paid -= sum(row["AmountDC"] for row in shop.rows("Payments") if row["Status"] == 50)
    bank = sum(row["AmountDC"] for row in shop.rows("TransactionLines") if row["GLAccountCode"] == "1100")
    assert bank == pytest.approx(paid, abs=0.05)
    assert {row["Status"] for row in shop.rows("Transactions") if row["JournalCode"] == "20"} == {50}


def test_debtors_and_creditors_are_what_the_lists_of_open_items_say(shop: Office) -> None:
    for ledger, table, sign in (("1300", "Receivables", 1), ("1600", "Payments", -1)):
        balance = sum(row["AmountDC"] for row in shop.rows("TransactionLines") if row["GLAccountCode"] == ledger)
        left = sum(row["AmountDC"] for row in shop.rows(table) if row["Status"] == 20)
        assert balance == pytest.approx(sign * left, abs=0.05)
    assert {row["InvoiceNumber"] for row in shop.rows("PayablesList")} == {
        row["InvoiceNumber"] for row in shop.rows("Payments") if row["Status"] == 20}  # fmt: skip


def test_a_purchase_that_was_invoiced_has_an_entry_with_lines_document_and_payment(shop: Office) -> None:
    entries = shop.rows("PurchaseEntries")
    orders = {row["OrderNumber"]: row for row in shop.rows("PurchaseOrders") if row["InvoiceStatus"] == 30}
    assert sorted(int(row["YourRef"][1:]) for row in entries) == sorted(orders)
    for entry in entries:
        order = orders[int(entry["YourRef"][1:])]
        assert (entry["Supplier"], entry["AmountFC"]) == (order["Supplier"], pytest.approx(order["AmountFC"], abs=0.03))
        assert entry["VATAmountFC"] == pytest.approx(order["VATAmount"], abs=0.03)
        assert shop.division.table("Transactions").get(entry["EntryID"]) is not None
        document = shop.division.table("Documents").get(entry["Document"]) or {}
        assert (document["Type"], document["FinancialTransactionEntryID"]) == (20, entry["EntryID"])
        rows = shop.division.table("PurchaseEntryLines").lookup("EntryID", entry["EntryID"]) or []
        assert len(rows) == order["PurchaseOrderLineCount"]
        assert len(shop.division.table("Payments").lookup("TransactionEntryID", entry["EntryID"]) or []) == 1


def test_an_entry_is_in_the_period_of_its_date(shop: Office) -> None:
    for row in shop.rows("Transactions"):
        assert (row["FinancialYear"], row["FinancialPeriod"]) == (row["Date"].year, row["Date"].month)


@pytest.mark.parametrize(
    "entity", ["TransactionLines", "Transactions", "Payments", "Receivables", "PayablesList", "PurchaseEntryLines"]
)
def test_the_books_are_read_only(entity: str) -> None:
    assert load_schema()[entity].methods == frozenset({"GET"})
    assert entity not in RULES


def entry_body(office: Office, **changes: object) -> Row:
    supplier = next(row for row in office.rows("Accounts") if row["IsSupplier"] and not row["Blocked"]
                    and "EndDate" not in row)  # fmt: skip
    ledger = next(row["ID"] for row in office.rows("GLAccounts") if row["Code"] == "4999")
    return {"Journal": "80", "Supplier": supplier["ID"], "EntryDate": "2026-05-30", "Description": "Test",
            "PurchaseEntryLines": [{"GLAccount": ledger, "AmountFC": 100, "VATCode": "4"}], **changes}  # fmt: skip


def test_a_posted_purchase_entry_is_booked_and_answered_without_its_vat(office: Office) -> None:
    answer = office.post("PurchaseEntries", entry_body(office))
    assert (answer["AmountDC"], answer["EntryNumber"], answer["InvoiceNumber"], "VATAmountDC" in answer) == (
        121.0, answer["EntryNumber"], answer["EntryNumber"], False)  # fmt: skip
    assert {name: answer[name] for name in ("Type", "Status", "ProcessNumber", "Rate", "ReportingYear",
                                            "ReportingPeriod", "Reversal", "DocumentSubject")} == {
        "Type": 30, "Status": 20, "ProcessNumber": 0, "Rate": 1.0, "ReportingYear": 2026, "ReportingPeriod": 5,
        "Reversal": False, "DocumentSubject": "Test"}  # fmt: skip
    booked = [(line["GLAccountCode"], line["AmountDC"]) for line in lines_of(office, answer["EntryID"])]
    assert booked == [("1600", -121.0), ("4999", 100.0), ("1520", 21.0)]
    (payment,) = office.division.table("Payments").lookup("TransactionEntryID", answer["EntryID"]) or []
    assert (payment["AmountDC"], payment["Status"]) == (121.0, 20)


def test_a_line_with_an_amount_that_is_only_read_is_worth_nothing(office: Office) -> None:
    body = entry_body(office)
    body["PurchaseEntryLines"][0] |= {"AmountFC": None, "AmountDC": 100}
    assert office.post("PurchaseEntries", body)["AmountDC"] == 0.0


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Journal": "70"}, "Ongeldig: Dagboek (Type)"),
        ({"Journal": None, "Supplier": None, "PurchaseEntryLines": []},
         "Verplicht: Dagboek\r\nVerplicht: Leverancier\r\nVerplicht: Regels"),
        ({"EntryNumber": 26800001}, "In gebruik: Boekstuknummer"),
    ],
)  # fmt: skip
def test_a_purchase_entry_is_refused(office: Office, changes: Row, text: str) -> None:
    assert office.refusal("PurchaseEntries", entry_body(office, **changes)) == (500, text)


def test_a_purchase_entry_in_a_closed_period_is_refused(office: Office) -> None:
    office.division.closed_periods = frozenset({"2026-5"})
    assert office.refusal("PurchaseEntries", entry_body(office)) == (500, "Periode is afgesloten: 2026 - 5")
