"""What a business rule works with: the company, the user, the date, and look-ups that note what does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exact_sandbox.documents.refusals import Problems, blocked_vat, closed_period, is_dutch
from exact_sandbox.world.store import Division, User

Row = dict[str, Any]

LENGTHS: dict[tuple[str, str], int] = {
    ("Items", "Description"): 60,
    ("Items", "ExtraDescription"): 255,
    ("Accounts", "Code"): 18,
    ("SalesOrders", "Description"): 60,
    ("SalesOrders", "YourRef"): 40,
    ("Quotations", "Description"): 60,
    ("Quotations", "YourRef"): 40,
    ("SalesInvoices", "Description"): 60,
    ("SalesInvoices", "YourRef"): 40,
    ("PurchaseOrders", "Description"): 60,
    ("PurchaseOrders", "YourRef"): 40,
}
"""The lengths that are known; the metadata names none."""


@dataclass
class Context:
    """One write: who does what where, and what is wrong with it."""

    division: Division
    user: User
    guids: Callable[[], str] | None = None
    problems: Problems = field(init=False)
    moment: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.problems = Problems(self.user.language)
        self.moment = self.division.world.clock.local()

    @property
    def today(self) -> datetime:
        """Return midnight of the company's today."""
        return self.moment.replace(hour=0, minute=0, second=0, microsecond=0)

    def guid(self) -> str:
        """Return a new Guid."""
        return self.guids() if self.guids is not None else self.division.world.new_guid()

    def worded(self, words: tuple[str, str]) -> str:
        """Return the Dutch or the English of two words, as the user reads."""
        return words[0 if is_dutch(self.user.language) else 1]

    def need(self, values: Row, *names: str) -> None:
        """Note every mandatory property that is missing or empty."""
        for name in names:
            if values.get(name) in (None, "", []):
                self.problems.add("mandatory", name)

    def lengths(self, entity: str, values: Row) -> None:
        """Note every text that is too long."""
        for (owner, name), most in LENGTHS.items():
            if owner == entity and len(values.get(name) or "") > most:
                self.problems.add("long", name)

    def find(self, table: str, key: str | None, name: str) -> Row | None:
        """Return the row that a Guid property points at; note it when there is none."""
        if key is None:
            return None
        row = self.division.table(table).get(key)
        if row is None:
            self.problems.add("reference", name)
        return row

    def find_code(self, table: str, code: str | None, name: str) -> Row | None:
        """Return the row with this code, whatever its padding and capitals; note it when there is none."""
        if code is None or not code.strip():
            return None
        row = by_code(self.division, table, code)
        if row is None:
            self.problems.add("reference", name)
        return row

    def account(self, key: str | None, name: str, *, statuses: str = "") -> Row | None:
        """Return a usable account: not blocked, within its dates, of one of the statuses when given."""
        row = self.find("Accounts", key, name)
        if row is None:
            return None
        if statuses and row.get("Status", "") not in tuple(statuses):
            self.problems.add("invalid", name if name == "InvoiceTo" else "Customer", "type")
        elif row.get("Blocked"):
            self.problems.add("blocked", name)
        elif state := inactive(row, self.today):
            self.problems.add(state, "Supplier" if name == "Supplier" else "Customer")
        return row

    def supplier(self, key: str | None) -> Row | None:
        """Return a usable supplier."""
        row = self.account(key, "Supplier")
        if row is not None and not row.get("IsSupplier"):
            self.problems.add("invalid", "Supplier", "type")
            return None
        return row

    def vat(self, code: str | None, *, use: str) -> Row | None:
        """Return a VAT code that may be used in `sales` or `purchase`: not blocked, not for the other side."""
        row = self.find_code("VATCodes", code, "VATCode")
        if row is None:
            return None
        if row.get("IsBlocked"):
            self.problems.say(blocked_vat(row["Code"], self.user.language))
        elif row.get("VATTransactionType") == ("P" if use == "sales" else "S"):
            self.problems.add("invalid", "VATCode")
        return row

    def open_period(self, day: datetime) -> None:
        """Note a date that lies in a closed period of the company."""
        if f"{day.year}-{day.month}" in self.division.closed_periods:
            self.problems.say(closed_period(day.year, day.month, self.user.language))

    def owned(self, table: str, key: str | None, name: str, owner: str | None) -> Row | None:
        """Return a contact or address and note it when it belongs to another account."""
        row = self.find(table, key, name)
        if row is not None and row.get("Account") != owner:
            self.problems.add("invalid", name, "other_company")
        return row

    def item(self, key: str | None, *, use: str) -> Row | None:
        """Return an item that may be sold (`sales`) or bought (`purchase`) today."""
        row = self.find("Items", key, "Item")
        if row is None:
            return None
        flag = "IsSalesItem" if use == "sales" else "IsPurchaseItem"
        if state := inactive(row, self.today):
            self.problems.add(state, "Item")
        elif not row.get(flag):
            self.problems.add("mandatory", "Sales" if use == "sales" else "Purchase")
        return row

    def check(self) -> None:
        """Refuse the write when anything was noted."""
        self.problems.check()


def active(row: Row, today: datetime) -> bool:
    """Tell whether today lies within StartDate and EndDate (the end date itself counts)."""
    return bool(row.get("StartDate", today) <= today <= row.get("EndDate", today))


def inactive(row: Row, today: datetime) -> str:
    """Return `future` before the StartDate, `inactive` beyond the EndDate, else nothing."""
    if row.get("StartDate", today) > today:
        return "future"
    return "inactive" if row.get("EndDate", today) < today else ""


def by_code(division: Division, table: str, code: str) -> Row | None:
    """Return the row whose trimmed code equals this one, capitals aside."""
    wanted = code.strip().casefold()
    store = division.table(table)
    for form in (code, code.strip(), code.strip().rjust(18), code.strip().ljust(3), code.strip().ljust(8)):
        found = store.lookup("Code", form)
        if found:
            return found[0]
    return next((row for row in store.rows() if str(row.get("Code", "")).strip().casefold() == wanted), None)


def described(source: Row | None, names: dict[str, str]) -> Row:
    """Copy fields of another row under new names, e.g. {"WarehouseCode": "Code"}; nothing when there is no row."""
    return {} if source is None else {name: source.get(origin) for name, origin in names.items()}


def exchange_rate(division: Division, currency: str, day: datetime) -> float:
    """Return how much one unit of the currency is in the company's currency on a day (1.0 when unknown)."""
    if currency == division.currency:
        return 1.0
    rates = division.table("ExchangeRates").lookup("SourceCurrency", currency) or []
    valid = [rate for rate in rates if rate["StartDate"] <= day]
    return float(max(valid, key=lambda rate: rate["StartDate"])["Rate"]) if valid else 1.0
