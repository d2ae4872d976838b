"""The route that resolves one price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector.catalog.currencies import is_currency
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.parameters import Parameter, WrongForm, day, quantity, text
from exact_connector.web.routes import route

if TYPE_CHECKING:
    from exact_connector.documents.models.prices import Quote
    from exact_connector.wiring.container import Container


def _currency(value: str) -> str:
    if not is_currency(value):
        raise WrongForm("Send the code of a currency (ISO 4217), such as EUR, or leave it out.")
    return value.strip().upper()


ITEM = text("item", "Item code.").needed()
CUSTOMER = text("customer", "Customer id or code.")
QUANTITY = quantity("quantity", "Quantity in item units; 1 when absent.", most=Decimal("1e9"))
DATE = day("date", "Date YYYY-MM-DD; today when absent.")
CURRENCY = Parameter(
    "currency",
    "Currency (ISO 4217); the customer's when absent.",
    {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    _currency,
)


class PriceRoutes:
    """Resolved prices."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /v1/prices/quote",
        "quotePrice",
        "Resolve the one price for an item, customer, quantity, date and currency.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={
            200: "The price, the rule that won and those that lost.",
            404: "There is no such item or customer.",
            409: "The tenant is not linked.",
        },
        parameters=(ITEM, CUSTOMER, QUANTITY, DATE, CURRENCY),
    )
    def quote(self, request: Request) -> Json[Quote]:
        """Return the price that one customer pays."""
        from exact_connector.serving.price_quotes import QuoteRequest

        query = request.query
        asked = QuoteRequest(
            item=ITEM.of(query) or "",
            customer=CUSTOMER.of(query),
            quantity=QUANTITY.of(query) or Decimal(1),
            on=DATE.of(query),
            currency=CURRENCY.of(query) or "",
        )
        return Json(self._box.serving.quotes.quote(request.tenant, asked))
