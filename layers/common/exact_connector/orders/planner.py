"""Checks orders at the door and plans their documents: settings, stored documents and Exact brought together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exact_connector.catalog.context import Options
from exact_connector.catalog.projection import Warning
from exact_connector.clock import Clock, today
from exact_connector.errors import InvalidInput
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.transitions import Plan
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.steps import Steps
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants
from exact_connector.orders.mapping.document import plan_document
from exact_connector.orders.mapping.plan import DocumentPlan, PriorWrite, filled
from exact_connector.orders.mapping.preflight import check_order
from exact_connector.orders.mapping.purchase import check_purchase_order, plan_purchase_order, require_switched_on
from exact_connector.orders.mapping.required_references import required_references
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.model.purchase_references import required_purchase_references
from exact_connector.orders.model.reading import read_order, read_purchase_order
from exact_connector.orders.references.code_lists import CodeLists
from exact_connector.orders.references.lookup import StoredReferences, purchase_with_exact, with_exact, with_stock
from exact_connector.settings import Settings

Checked = tuple[OrderKind, str, tuple[Mapping[str, Any], ...]]


class OrderPlanner:
    """Both halves of the judgement on an order: at intake without Exact, and before sending with it."""

    def __init__(
        self,
        stored: StoredReferences,
        settings: Callable[[str], Settings],
        options: Callable[[str], Options],
        clock: Clock,
        *,
        constants: Constants = DEFAULT_CONSTANTS,
    ) -> None:
        self._constants = constants
        self._stored = stored
        self._settings = settings
        self._options = options
        self._clock = clock
        self._lists = CodeLists(clock)

    def check(self, tenant: str, body: object, *, purchase: bool) -> Checked:
        """Judge a posted order; return its kind, its customer or supplier, and warnings. Raises InvalidInput."""
        if purchase:
            return self._check_purchase(tenant, body)
        order, settings, day = read_order(body), self._settings(tenant), today(self._clock)
        references = self._stored.of_order(tenant, required_references(order, settings, day, self._constants))
        found = check_order(order, settings, references, day, self._constants)
        found.raise_faults()
        assert references.customer is not None
        return order.kind, references.customer.customer_id, shown_warnings(found.warnings)

    def _check_purchase(self, tenant: str, body: object) -> Checked:
        options = self._options(tenant)
        require_switched_on(purchase_orders=options.purchase_orders)
        order = read_purchase_order(body)
        request = required_purchase_references(order)
        references = self._stored.of_purchase(tenant, request, links_stored=options.supplier_links)
        found = check_purchase_order(order, references, today(self._clock))
        found.raise_faults()
        assert references.supplier is not None
        return OrderKind.PURCHASE, references.supplier.supplier_id, shown_warnings(found.warnings)

    def plan(self, record: OrderRecord, exact: ExactCalls, steps: Steps) -> Plan:
        """Plan the document of an accepted order and carry the steps before it out.

        An order is never refused for a list of codes that was read earlier: the list is read again before that, and
        for an order that a person sends again.
        """
        calls = self._lists.over(exact, record.tenant, record.division, again=record.resent)
        try:
            return self._planned(record, calls, steps)
        except InvalidInput:
            if not calls.remembered:
                raise
        return self._planned(record, self._lists.over(exact, record.tenant, record.division, again=True), steps)

    def _planned(self, record: OrderRecord, exact: ExactCalls, steps: Steps) -> Plan:
        if record.kind is OrderKind.PURCHASE:
            return _posted(record, self._purchase_plan(record, exact), {})
        order, settings, day = read_order(record.body), self._settings(record.tenant), today(self._clock)
        request = required_references(order, settings, day, self._constants)
        stored = self._stored.of_order(record.tenant, request)
        references = with_exact(stored, request, exact, settings, day)
        plan = plan_document(order, settings, references, day, self._constants)
        results: dict[str, str] = {}
        for step in plan.steps:
            results[step.name] = steps.run(step.name, _maker(exact, step, results, record.order_id))
        if request.stock_warehouses is not None:
            references = with_stock(references, order, request, exact, day)
            plan = plan_document(order, settings, references, day, self._constants)
        return _posted(record, plan, results)

    def _purchase_plan(self, record: OrderRecord, exact: ExactCalls) -> DocumentPlan:
        # What was accepted before the tenant switched them off waits until they are on again, or is taken back.
        require_switched_on(purchase_orders=self._options(record.tenant).purchase_orders)
        order = read_purchase_order(record.body)
        request = required_purchase_references(order)
        stored = self._stored.of_purchase(record.tenant, request, links_stored=False)
        references = purchase_with_exact(stored, request, exact)
        return plan_purchase_order(order, references, today(self._clock))


def _posted(record: OrderRecord, plan: DocumentPlan, results: Mapping[str, str]) -> Plan:
    body = filled(plan.body, results)
    account = str(body[DOCUMENTS[record.kind].customer])
    return Plan(plan.path, body, account, shown_warnings(plan.warnings))


def _maker(exact: ExactCalls, step: PriorWrite, results: Mapping[str, str], record: str) -> Callable[[], str]:
    def make() -> str:
        body = filled(step.body, results)
        if step.method == "create":
            return str(exact.create(step.path, body, record=record)["ID"])
        key = results.get(step.key or "", step.key or "")
        exact.change(step.path, key, body)
        return key

    return make


def shown_warnings(warnings: Sequence[Warning]) -> tuple[Mapping[str, Any], ...]:
    """Return warnings as they are kept with an order."""
    return tuple({"code": warning.code, "message": warning.message} for warning in warnings)
