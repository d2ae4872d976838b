"""Checks orders at intake and plans their documents: settings, stored documents and Exact brought together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exact_connector.catalog.context import Options
from exact_connector.catalog.projection import Warning
from exact_connector.clock import Clock, today
from exact_connector.errors import Fault, InvalidInput
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.transitions import Plan
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.steps import Steps
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants
from exact_connector.orders.mapping.document import plan_document
from exact_connector.orders.mapping.plan import PriorWrite, filled
from exact_connector.orders.mapping.preflight import Preflight, check_order
from exact_connector.orders.mapping.purchase import check_purchase_order, plan_purchase_order, require_switched_on
from exact_connector.orders.mapping.required_references import required_references
from exact_connector.orders.mapping.validation import Validation
from exact_connector.orders.model.canonical import CanonicalOrder, PurchaseOrder
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.model.purchase_references import required_purchase_references
from exact_connector.orders.model.reading import (
    Readable,
    joined,
    raise_faults,
    read_order,
    read_purchase_order,
    readable_order,
    readable_purchase_order,
)
from exact_connector.orders.model.references import ResolvedReferences
from exact_connector.orders.own_writes import WrittenParty
from exact_connector.orders.references.code_lists import CodeLists, RememberingCalls
from exact_connector.orders.references.intake import IntakeAccess, IntakeLookups
from exact_connector.orders.references.live import LiveReferences
from exact_connector.orders.references.stored import StoredReferences
from exact_connector.orders.service import Checked
from exact_connector.settings import Settings

Serve = Callable[[str, Sequence[str], WrittenParty], None]


class OrderPlanner:
    """Both halves of the judgement on an order: at intake, and before sending.

    ``access``: short calls to Exact at intake, for codes that are not stored; None: only what is stored is judged then.
    ``serve``: tenant, accounts and what was written of one of them before a document; it is served at once.
    """

    def __init__(
        self,
        stored: StoredReferences,
        settings: Callable[[str], Settings],
        options: Callable[[str], Options],
        clock: Clock,
        *,
        constants: Constants = DEFAULT_CONSTANTS,
        access: IntakeAccess | None = None,
        serve: Serve | None = None,
    ) -> None:
        self._serve = serve
        self._constants = constants
        self._stored = stored
        self._settings = settings
        self._options = options
        self._clock = clock
        self._lists = CodeLists(clock)
        self._lookups = IntakeLookups(self._lists, stored, clock, access)

    def check(self, tenant: str, body: object, *, purchase: bool) -> Checked:
        """Judge a posted order; return its kind, its customer or supplier, and warnings.

        Raises InvalidInput with the faults in its form and those of what could be read in spite of them.
        """
        if purchase:
            return self._check_purchase(tenant, body)
        posted = readable_order(body)
        order = posted.order if posted.order is not None else posted.required()
        settings = self._settings(tenant)
        request = required_references(order, settings, today(self._clock), self._constants)
        stored = self._stored.of_order(tenant, request)
        found = self._lookups.of_order(tenant, stored, request, settings)
        judged = self._judged(order, settings, found.references)
        if judged.faults and found.remembered:
            found = self._lookups.of_order(tenant, stored, request, settings, again=True)
            judged = self._judged(order, settings, found.references)
        _refuse(posted, judged.faults)
        assert stored.customer is not None
        return order.kind, stored.customer.customer_id, shown_warnings([*judged.warnings, *found.warnings])

    def _judged(self, order: CanonicalOrder, settings: Settings, references: ResolvedReferences) -> Preflight:
        return check_order(order, settings, references, today(self._clock), self._constants)

    def _check_purchase(self, tenant: str, body: object) -> Checked:
        options = self._options(tenant)
        require_switched_on(purchase_orders=options.purchase_orders)
        posted = readable_purchase_order(body)
        order = posted.order if posted.order is not None else posted.required()
        request = required_purchase_references(order)
        stored = self._stored.of_purchase(tenant, request, links_stored=options.supplier_links)
        found = self._lookups.of_purchase(tenant, stored, request)
        judged = check_purchase_order(order, found.references, today(self._clock))
        if judged.faults and found.remembered:
            found = self._lookups.of_purchase(tenant, stored, request, again=True)
            judged = check_purchase_order(order, found.references, today(self._clock))
        _refuse(posted, judged.faults)
        assert stored.supplier is not None
        return OrderKind.PURCHASE, stored.supplier.supplier_id, shown_warnings([*judged.warnings, *found.warnings])

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

    def _planned(self, record: OrderRecord, calls: RememberingCalls, steps: Steps) -> Plan:
        live = LiveReferences(calls, lambda account: self._stored.card(record.tenant, account), self._clock.now())
        if record.kind is OrderKind.PURCHASE:
            return self._purchase_plan(record, live)
        order, settings, day = read_order(record.body), self._settings(record.tenant), today(self._clock)
        request = required_references(order, settings, day, self._constants)
        stored = self._stored.of_order(record.tenant, request)
        references = live.of_order(stored, request, settings)
        plan = plan_document(order, settings, references, day, self._constants)
        results: dict[str, str] = {}
        for step in plan.steps:
            results[step.name] = self._carried_out(record, references, step, results, calls, steps)
        if request.stock_warehouses is not None:
            references = live.with_stock(references, order, request)
            plan = plan_document(order, settings, references, day, self._constants)
        warnings = self._judged(order, settings, references).warnings
        return _plan_of(record.kind, plan.path, filled(plan.body, results), warnings)

    def _carried_out(
        self,
        record: OrderRecord,
        references: ResolvedReferences,
        step: PriorWrite,
        results: Mapping[str, str],
        calls: RememberingCalls,
        steps: Steps,
    ) -> str:
        """Carry out a write before the document, and serve what it wrote once it is remembered."""
        carried_out: list[WrittenParty] = []
        key = steps.run(step.name, _maker(calls, step, results, record.order_id, carried_out))
        customer = references.customer
        if self._serve is not None and customer is not None:
            accounts = list(dict.fromkeys([customer.customer_id, customer.invoice_customer_id or customer.customer_id]))
            for party in carried_out:
                self._serve(record.tenant, accounts, party)
        return key

    def _purchase_plan(self, record: OrderRecord, live: LiveReferences) -> Plan:
        # What was accepted before the tenant switched them off waits until they are on again, or is taken back.
        require_switched_on(purchase_orders=self._options(record.tenant).purchase_orders)
        order = read_purchase_order(record.body)
        request = required_purchase_references(order)
        stored = self._stored.of_purchase(record.tenant, request, links_stored=False)
        plan = plan_purchase_order(order, live.of_purchase(stored, request), today(self._clock))
        return _plan_of(record.kind, plan.path, plan.body, plan.warnings)


def _refuse(posted: Readable[CanonicalOrder] | Readable[PurchaseOrder], faults: Sequence[Fault]) -> None:
    """Raise InvalidInput when there are faults in the form of an order or in what it refers to."""
    if posted.faults:
        raise_faults(joined(posted.faults, faults))
    Validation(list(faults)).raise_faults()


def _plan_of(kind: OrderKind, path: str, body: Mapping[str, Any], warnings: Sequence[Warning]) -> Plan:
    return Plan(path, body, str(body[DOCUMENTS[kind].customer]), shown_warnings(warnings))


def _maker(
    exact: ExactCalls, step: PriorWrite, results: Mapping[str, str], record: str, carried_out: list[WrittenParty]
) -> Callable[[], str]:
    """Return the function that carries a write out, and notes in ``carried_out`` what was written."""

    def make() -> str:
        body, created = filled(step.body, results), step.method == "create"
        if created:
            key = str(exact.create(step.path, body, record=record)["ID"])
        else:
            key = results.get(step.key or "", step.key or "")
            exact.change(step.path, key, body)
        carried_out.append(WrittenParty(step.path, key.lower(), body, created=created))
        return key

    return make


def shown_warnings(warnings: Sequence[Warning]) -> tuple[Mapping[str, Any], ...]:
    """Return warnings as they are kept with an order, each once."""
    return tuple({"code": each.code, "message": each.message} for each in dict.fromkeys(warnings))
