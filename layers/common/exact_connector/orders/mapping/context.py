"""One order while it is mapped: what it says, what it refers to, and what was found wrong so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.fields import Row
from exact_connector.orders.mapping.choices import Choice
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND, Validation
from exact_connector.orders.model.canonical import CanonicalOrder, OrderLine
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.references import OrderCustomer, OrderItem, ResolvedReferences
from exact_connector.settings.model import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Constants:
    """What a deployment fixes: the journal of invoices (empty: the first open sales journal)."""

    sales_journal: str = ""


DEFAULT_CONSTANTS = Constants()


@dataclass(frozen=True, slots=True)
class MappingContext:
    """One order while it is mapped. ``lenient`` passes over what was not looked up, for checks before Exact is read."""

    order: CanonicalOrder
    settings: Settings
    references: ResolvedReferences
    customer: OrderCustomer
    today: date
    constants: Constants = DEFAULT_CONSTANTS
    validation: Validation = field(default_factory=Validation)
    lenient: bool = False

    @property
    def kind(self) -> OrderKind:
        """Return the kind of document."""
        return self.order.kind

    def known(self, found: T | None, what: str) -> T | None:
        """Return what was looked up; None only where the check is lenient. Raises LookupError otherwise."""
        if found is None and not self.lenient:
            raise LookupError(f"{what} of the order were not looked up; `required_references` asks for them")
        return found

    def row(
        self, choice: Choice, rows: Mapping[str, Row] | None, what: str, usable: Callable[[Row], bool] | None = None
    ) -> Row | None:
        """Return the row of a code, None with a fault when Exact has no usable one."""
        table = self.known(rows, f"{what}s")
        if table is None:
            return None
        found = table.get(code_key(choice.code))
        if found is not None and (usable is None or usable(found)):
            return found
        state = "does not have" if found is None else "has closed"
        message = f"{choice.source} names {what} {choice.code!r}, which Exact {state}; correct the code"
        self.validation.fault(choice.pointer, message, code=REFERENCE_NOT_FOUND)
        return None

    def row_id(
        self, choice: Choice, rows: Mapping[str, Row] | None, what: str, usable: Callable[[Row], bool] | None = None
    ) -> str | None:
        """Return the ID of the row of a code."""
        found = self.row(choice, rows, what, usable)
        return None if found is None else fields.guid(found, "ID")


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line with its item and its place in the order as the client sent it."""

    place: int
    line: OrderLine
    item: OrderItem

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the line."""
        return f"/lines/{self.place}"
