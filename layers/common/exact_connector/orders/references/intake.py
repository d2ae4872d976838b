"""What an order names by codes, looked up while its client waits: as far as Exact answers, and never at its expense.

A list that Exact does not give now (no calls left, no connection, no answer) stays "not looked up": the order is
accepted with a warning, and the list is read before the order is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from exact_connector.catalog.projection import Warning
from exact_connector.clock import Clock
from exact_connector.errors import ConnectorError, ExactQueryRefused, ExactRejected
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.orders.mapping.required_references import ReferenceRequest
from exact_connector.orders.model.purchase_references import PurchaseReferences, PurchaseRequest
from exact_connector.orders.model.references import ResolvedReferences
from exact_connector.orders.references.code_lists import CodeLists, RememberingCalls
from exact_connector.orders.references.live import LiveReferences, named_fields, to_read
from exact_connector.orders.references.stored import StoredReferences
from exact_connector.settings import Settings

NOT_CHECKED = "REFERENCE_NOT_CHECKED"

_CALLED = {
    "warehouses": "the warehouse",
    "shipping_methods": "the shipping method",
    "cost_centers": "the cost centre",
    "cost_units": "the cost unit",
    "gl_accounts": "the ledger account",
    "price_lists": "the price list",
    "addresses": "the delivery address",
    "contacts": "the contact person",
}

IntakeAccess = Callable[[str], tuple[int, ExactCalls]]
"""Tenant -> its administration and short calls to it; raises NotConnected."""


R = TypeVar("R", ResolvedReferences, PurchaseReferences)


@dataclass(frozen=True, slots=True)
class IntakeReferences(Generic[R]):
    """The references of a posted order; ``remembered``: a list was read earlier, so a code may have come since."""

    references: R
    warnings: tuple[Warning, ...] = ()
    remembered: bool = False


class IntakeLookups:
    """Looks up for orders that are being posted."""

    def __init__(self, lists: CodeLists, stored: StoredReferences, clock: Clock, access: IntakeAccess | None) -> None:
        self._lists = lists
        self._stored = stored
        self._clock = clock
        self._access = access

    def of_order(
        self,
        tenant: str,
        known: ResolvedReferences,
        request: ReferenceRequest,
        settings: Settings,
        *,
        again: bool = False,
    ) -> IntakeReferences[ResolvedReferences]:
        """Add what the order names by a code or an ID; ``again``: lists that were read earlier do not count."""
        wanted = named_fields(known, request) if known.customer is not None else ()
        if not wanted or self._access is None:
            return IntakeReferences(known)
        live, failure = self._live(tenant, again=again)
        found: dict[str, object] = {}
        warnings: list[Warning] = []
        for name in wanted:
            found[name] = None
            if live is not None and not _ends(failure):
                try:
                    found[name] = live.read(name, known, request, settings)
                    continue
                except ConnectorError as error:
                    failure = error
            warnings.append(_not_checked(_CALLED[name], failure))
        remembered = live is not None and live.calls.remembered
        return IntakeReferences(replace(known, **found), tuple(warnings), remembered)  # type: ignore[arg-type]

    def of_purchase(
        self, tenant: str, known: PurchaseReferences, request: PurchaseRequest, *, again: bool = False
    ) -> IntakeReferences[PurchaseReferences]:
        """Add what only Exact knows of a purchase order."""
        if known.supplier is None or self._access is None or not (to_read(known) or request.warehouse_code):
            return IntakeReferences(known)
        live, failure = self._live(tenant, again=again)
        if live is not None:
            try:
                return IntakeReferences(live.of_purchase(known, request), (), live.calls.remembered)
            except ConnectorError as error:
                failure = error
        return IntakeReferences(known, (_not_checked("what Exact has of the warehouse and the products", failure),))

    def _live(self, tenant: str, *, again: bool) -> tuple[LiveReferences | None, ConnectorError | None]:
        assert self._access is not None
        try:
            division, exact = self._access(tenant)
        except ConnectorError as error:
            return None, error
        calls: RememberingCalls = self._lists.over(exact, tenant, division, again=again)
        return LiveReferences(calls, lambda account: self._stored.card(tenant, account), self._clock.now()), None


def _ends(failure: ConnectorError | None) -> bool:
    """Return whether an error would meet the next reading as well; a refusal is about one list."""
    return failure is not None and not isinstance(failure, (ExactRejected, ExactQueryRefused))


def _not_checked(what: str, failure: ConnectorError | None) -> Warning:
    code = "" if failure is None else f" ({failure.code})"
    message = f"{what} was not looked up, because Exact does not answer now{code}; it is before the order is sent"
    return Warning(NOT_CHECKED, message)
