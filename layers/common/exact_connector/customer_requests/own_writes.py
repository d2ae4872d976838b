"""Serve customers at once that were created or edited here, before a synchronisation has read them from Exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exact_connector import fields
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.projection import OwnerRows
from exact_connector.clock import Clock
from exact_connector.customer_requests.record import CustomerRequest
from exact_connector.customers.addresses import address_document
from exact_connector.customers.project import project_customer
from exact_connector.customers.rules import rules_of
from exact_connector.documents.by_code import customer_index
from exact_connector.documents.store import CatalogStore
from exact_connector.documents.unconfirmed import KINDS, UnconfirmedDocuments, Written
from exact_connector.fields import Row

_EDITED = ("customer_name", "status", "country", "vat_number", "email", "phone", "language_code")
"""The fields of a customer that an edit may change."""
_EDITED_OF_SUPPLIER: Mapping[str, str] = {
    "supplier_name": "Name",
    "country": "Country",
    "vat_number": "VATNumber",
    "email": "Email",
    "phone": "Phone",
    "language_code": "Language",
}
_OF_ADDRESS = ("address_line1", "address_line2", "address_line3", "postcode", "city", "country")
_VISIT = 1


class OwnWrites:
    """Keeps what was written, and has it read back soon.

    ``context``: tenant -> the settings and reference rows by which its customers are read. ``changed``: has a tenant's
    accounts and addresses read at once.
    """

    def __init__(
        self,
        unconfirmed: UnconfirmedDocuments,
        documents: CatalogStore,
        context: Callable[[str], ProjectionContext],
        changed: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._unconfirmed = unconfirmed
        self._documents = documents
        self._context = context
        self._changed = changed
        self._clock = clock

    def created(self, record: CustomerRequest) -> None:
        """Serve a customer that was created; repeating it is harmless."""
        assert record.attempt is not None
        key = str(record.exact_id)
        if self._documents.get(record.tenant, "customer", key) is None:
            account = {**record.attempt.body, "ID": key, "Code": record.exact_number}
            rows = OwnerRows(key, {"account": [account]})
            documents = project_customer(rows, self._context(record.tenant))
            every = [*documents, *customer_index(rows, documents)]
            writes = [
                Written(one.kind, one.key, record.updated_at, created=one.document)
                for one in every
                if one.document is not None and one.kind in KINDS
            ]
            self._unconfirmed.keep(record.tenant, writes)
            self._changed(record.tenant)

    def edited(self, tenant: str, key: str, account: Row) -> None:
        """Serve an account as it is in Exact after an edit, as far as the served documents differ from it."""
        now, context = self._clock.now(), self._context(tenant)
        projected = project_customer(OwnerRows(key, {"account": [account]}), context)
        customer = next(one for one in projected if one.kind == "customer")
        for kind in ("customer", "supplier"):
            served = self._documents.get(tenant, kind, key)
            if served is None:
                continue
            if kind == "supplier":
                wanted: dict[str, Any] = {name: fields.text(account, of) for name, of in _EDITED_OF_SUPPLIER.items()}
            else:
                wanted = {name: (customer.document or {}).get(name) for name in _EDITED if customer.document}
            changed = {name: value for name, value in wanted.items() if served.body.get(name) != value}
            changed |= _addresses(served.body, account, context)
            if changed:
                self._unconfirmed.keep(tenant, [Written(kind, key, now, changed=changed)])
        self._changed(tenant)


def _addresses(served: Mapping[str, Any], account: Row, context: ProjectionContext) -> dict[str, Any]:
    """Return how the main visiting address differs from the account's own lines, which are the same in Exact."""
    document, _ = address_document({**account, "Type": _VISIT, "Main": True}, rules_of(context).mappings["Address"])
    own: Mapping[str, Any] = document
    lines = {name: own[name] for name in _OF_ADDRESS}
    visited = [each for each in served.get("addresses") or () if each["type"] == _VISIT and each["is_main"]]
    differing = {str(each["address_id"]): lines for each in visited if {**each, **lines} != each}
    return {"addresses": differing} if differing else {}
