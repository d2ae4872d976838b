"""The books of a company: what its processed invoices and invoiced purchases did to ledger, debtors and creditors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exact_sandbox.documents import ledger, purchase_entries
from exact_sandbox.documents.context import Context, described, exchange_rate
from exact_sandbox.documents.files_written import attachment_address, view_address
from exact_sandbox.world.base import Base
from exact_sandbox.world.kit import Kit, Row
from exact_sandbox.world.store import Division

SALES_DOCUMENT = 10
CREDIT_TYPES = (8021, 8024)


@dataclass
class Books:
    """The bookkeeping of one company while it is generated; every kind of number has its own row."""

    division: Division
    kit: Kit
    base: Base
    context: Context = field(init=False)
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = Context(self.division, self.division.world.first_user(), guids=self.kit.guid)
        self.context.moment = self.kit.today

    def sell(self, invoice: Row, lines: list[Row], moment: datetime, *, open_share: float) -> None:
        """Book a processed invoice: its document, its entry, what is still to come in and what came in."""
        document = self._sales_document(invoice, moment)
        entry = self._sales_entry(invoice, document)
        credit = entry.kind == ledger.SALES_CREDIT
        booked = ledger.sales_lines(self.context, entry, invoice, lines)
        if credit:
            booked = [{**row, **{name: 0.0 - row[name] for name in ("AmountFC", "AmountDC")}} for row in booked]
        self._book(entry, booked, moment)
        total = booked[0]["AmountFC"]
        self._settle("Receivables", entry, booked[0], total, round(total * open_share, 2), ledger.DEBTORS)

    def _sales_entry(self, invoice: Row, document: Row) -> ledger.Entry:
        credit = invoice["Type"] in CREDIT_TYPES
        return ledger.Entry(
            key=self.kit.guid(),
            number=invoice["InvoiceNumber"],
            journal=invoice["Journal"],
            kind=ledger.SALES_CREDIT if credit else ledger.SALES,
            status=ledger.OPEN,
            day=invoice["InvoiceDate"],
            account=self.division.table("Accounts").get(invoice["InvoiceTo"]) or {},
            currency=invoice["Currency"],
            rate=exchange_rate(self.division, invoice["Currency"], invoice["OrderDate"]),
            description=invoice.get("Description"),
            your_ref=invoice.get("YourRef"),
            due=invoice["DueDate"],
            payment=self.base.payments.get(invoice.get("PaymentCondition", "")),
            document=document,
            invoice_number=invoice["InvoiceNumber"],
        )

    def buy(self, order: Row, lines: list[Row], day: datetime, *, paid: bool) -> None:
        """Book the supplier's invoice for a purchase order that was received."""
        values: Row = {
            "Journal": "80", "Supplier": order["Supplier"], "EntryDate": day, "Currency": order["Currency"],
            "YourRef": f"F{order['OrderNumber']}", "Description": f"Inkooporder {order['OrderNumber']}",
            "PurchaseEntryLines": [
                {"GLAccount": self.base.ledgers["3000"]["ID"], "AmountFC": line["AmountFC"],
                 "VATCode": line.get("VATCode"), "Description": line["Description"], "Quantity": line["Quantity"]}
                for line in lines],
        }  # fmt: skip
        header, rows = purchase_entries.build(self.context, values)
        header, document = purchase_entries.numbered(
            self.context, header, self._number("purchases", 26800001), self._number("documents", 2001)
        )
        entry = purchase_entries.entry_of(self.context, header, document)
        booked = ledger.purchase_lines(self.context, entry, header["AmountFC"], rows)
        self._store("Documents", [document], day)
        self._store("PurchaseEntries", [header], day)
        self._store("PurchaseEntryLines", rows, day)
        self._book(entry, booked, day)
        total = header["AmountFC"]
        self._settle("Payments", entry, booked[0], total, 0.0 if paid else total, ledger.CREDITORS)

    def _sales_document(self, invoice: Row, moment: datetime) -> Row:
        number, key, attached = invoice["InvoiceNumber"], self.kit.guid(), self.kit.guid()
        account = self.division.table("Accounts").get(invoice["InvoiceTo"])
        document: Row = {
            "ID": key, "HID": self._number("documents", 2001), "Subject": f"Factuur: {number}", "Type": SALES_DOCUMENT,
            "TypeDescription": "Verkoopfactuur", "DocumentDate": invoice["InvoiceDate"], "HasEmptyBody": True,
            "InheritShare": False, "SendMethod": 0, "Currency": self.division.currency,
            "SalesInvoiceNumber": number, "DocumentViewUrl": view_address(self.division.code, key),
            **described(account, {"Account": "ID", "AccountCode": "Code", "AccountName": "Name"}),
        }  # fmt: skip
        self._store("Documents", [document], moment)
        file: Row = {"ID": attached, "Document": key, "FileName": f"inv{number}.PDF", "FileSize": 5200.0,
                     "Url": attachment_address(self.division.code, attached)}  # fmt: skip
        self._store("DocumentAttachments", [file], moment)
        return document

    def _book(self, entry: ledger.Entry, lines: list[Row], moment: datetime) -> None:
        self._store("Transactions", [ledger.transaction(self.context, entry)], moment)
        self._store("TransactionLines", lines, moment)

    def _settle(self, table: str, entry: ledger.Entry, line: Row, total: float, left: float, account: str) -> None:
        """Divide what an entry asks for into what was paid, by bank, and what is open and on the list of open items."""
        done = round(total - left, 2)
        if done:
            paid = min((entry.due or entry.day) + timedelta(days=2), self.kit.today)
            self._store(table, [ledger.term(self.context, entry, line, done, total, paid=paid)], paid)
            self._pay(entry, paid, done if table == "Receivables" else -done, account)
        if left:
            self._store(table, [ledger.term(self.context, entry, line, left, total, paid=None)], entry.day)
            self.base.put("ReceivablesList" if table == "Receivables" else "PayablesList", [self._open(entry, left)])

    def _pay(self, entry: ledger.Entry, day: datetime, amount: float, account: str) -> None:
        bank = ledger.Entry(
            key=self.kit.guid(), number=self._number("bank", 26200001), journal="20", kind=ledger.CASH,
            status=ledger.PROCESSED, day=day, account=entry.account, currency=entry.currency, rate=entry.rate,
            description=entry.description, your_ref=entry.your_ref, invoice_number=entry.invoice_number,
        )  # fmt: skip
        self._book(bank, ledger.bank_lines(self.context, bank, amount, account), day)

    def _open(self, entry: ledger.Entry, amount: float) -> Row:
        return {
            "HID": self._number("open items", 5001), "Id": self.kit.guid(), "AccountId": entry.account["ID"],
            "AccountCode": entry.account["Code"], "AccountName": entry.account["Name"], "Amount": amount,
            "AmountInTransit": 0.0, "CurrencyCode": entry.currency, "DueDate": entry.due, "InvoiceDate": entry.day,
            "InvoiceNumber": entry.invoice_number, "EntryNumber": entry.number, "JournalCode": entry.journal,
            "JournalDescription": self.base.journals[entry.journal]["Description"],
            "Description": entry.description or "", "YourRef": entry.your_ref or "",
        }  # fmt: skip

    def _number(self, kind: str, first: int) -> int:
        self.numbers[kind] = self.numbers.get(kind, first - 1) + 1
        return self.numbers[kind]

    def _store(self, table: str, rows: list[Row], moment: datetime) -> None:
        stamps = self.kit.audit_at(moment)
        self.base.put(
            table, ({name: value for name, value in {**row, **stamps}.items() if value is not None} for row in rows)
        )
