"""Collects what is wrong or odd while an order is mapped, so that a client hears of all of it at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from exact_connector import fields
from exact_connector.catalog.projection import Warning
from exact_connector.errors import Fault, InvalidInput
from exact_connector.orders.model.canonical import ORDER_VALIDATION

REFERENCE_NOT_FOUND = "ORDER_REFERENCE_NOT_FOUND"
CURRENCY_MISMATCH = "ORDER_CURRENCY_MISMATCH"
DELIVERY_NOT_FOUND = "RETURN_DELIVERY_NOT_FOUND"
IGNORED_SETTING = "CONFIG_IGNORED_SETTING"


@dataclass(slots=True)
class Validation:
    """Faults stop an order, warnings go with its result. The same finding is kept once."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)

    def fault(self, pointer: str, message: str, *, code: str = ORDER_VALIDATION) -> None:
        """Note something that has to be corrected: where in the order, and what to do."""
        found = Fault(pointer, code, message)
        if found not in self.faults:
            self.faults.append(found)

    def warn(self, code: str, message: str) -> None:
        """Note something odd that stops nothing."""
        found = Warning(code, message)
        if found not in self.warnings:
            self.warnings.append(found)

    def raise_faults(self) -> None:
        """Raise InvalidInput when there are faults; its code is theirs when they share one."""
        if self.faults:
            codes = {fault.code for fault in self.faults}
            code = codes.pop() if len(codes) == 1 else ORDER_VALIDATION
            message = f"the order cannot be sent: {self.faults[0].message}"
            if len(self.faults) > 1:
                message += f" (and {len(self.faults) - 1} more)"
            raise InvalidInput(message, self.faults, code=code)


def nearest_multiples(quantity: Decimal, size: Decimal) -> str:
    """Return the two multiples of a size next to a quantity, in words; nothing is no quantity."""
    below = (quantity / size).to_integral_value(rounding=ROUND_FLOOR)
    return " or ".join(fields.plain(number * size) for number in (below, below + 1) if number)
