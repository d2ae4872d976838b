"""Payment conditions of customers and suppliers."""

from __future__ import annotations

from collections.abc import Mapping

from exact_connector import fields
from exact_connector.fields import Row


def payment_condition(account: Row, name: str, conditions: Mapping[str, Row]) -> tuple[str | None, str | None]:
    """Return code and description of a payment condition that a property of the account names.

    `conditions` maps the trimmed code in capitals to its row of `cashflow/PaymentConditions`; the description that the
    account itself carries stands in for a condition that is not stored.
    """
    code = fields.text(account, name)
    row = conditions.get(code.upper()) if code else None
    stored = fields.text(row, "Description") if row is not None else None
    return code, stored or fields.text(account, f"{name}Description")
