"""The people and addresses of customers and suppliers, page by page, also of those that have thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from exact_connector.errors import Fault, InvalidInput, NotFound
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.paging import PAGE, cut, decode_cursor, limit_of, next_link
from exact_connector.web.routes import route

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import Address, AddressPage, ContactPerson, ContactPersonPage
    from exact_connector.serving.nested_lists import NestedName
    from exact_connector.wiring.container import Container


class NestedRoutes:
    """Lists that stand in the document of an account, whole or as far as they fit."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /v1/customers/{key}/addresses",
        "listCustomerAddresses",
        "Read the addresses of a customer.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "A page, in the order of their IDs."},
        parameters=PAGE,
    )
    def customer_addresses(self, request: Request) -> Json[AddressPage]:
        """Return a page of a customer's addresses."""
        rows, following = self._page(request, "customer", "addresses")
        return Json({"addresses": cast("list[Address]", rows), "next": following})

    @route(
        "GET /v1/customers/{key}/contact-persons",
        "listCustomerContactPersons",
        "Read the contact persons of a customer.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "A page, in the order of their IDs."},
        parameters=PAGE,
    )
    def customer_contact_persons(self, request: Request) -> Json[ContactPersonPage]:
        """Return a page of a customer's contact persons."""
        rows, following = self._page(request, "customer", "contact_persons")
        return Json({"contact_persons": cast("list[ContactPerson]", rows), "next": following})

    @route(
        "GET /v1/suppliers/{key}/addresses",
        "listSupplierAddresses",
        "Read the addresses of a supplier.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "A page, in the order of their IDs."},
        parameters=PAGE,
    )
    def supplier_addresses(self, request: Request) -> Json[AddressPage]:
        """Return a page of a supplier's addresses."""
        rows, following = self._page(request, "supplier", "addresses")
        return Json({"addresses": cast("list[Address]", rows), "next": following})

    @route(
        "GET /v1/suppliers/{key}/contact-persons",
        "listSupplierContactPersons",
        "Read the contact persons of a supplier.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "A page, in the order of their IDs."},
        parameters=PAGE,
    )
    def supplier_contact_persons(self, request: Request) -> Json[ContactPersonPage]:
        """Return a page of a supplier's contact persons."""
        rows, following = self._page(request, "supplier", "contact_persons")
        return Json({"contact_persons": cast("list[ContactPerson]", rows), "next": following})

    def _page(self, request: Request, kind: str, name: NestedName) -> tuple[list[dict[str, Any]], str | None]:
        from catalog_api.finding import Finder
        from exact_connector.serving.nested_lists import nested_page

        documents = self._box.documents.store
        account = Finder(documents).first(request.tenant, kind, request.keys)
        if account is None:
            raise NotFound(f"There is no {kind} {request.params['key'][:60]!r}; list them to see which there are.")
        after, limit = decode_cursor(request.query), limit_of(request.query)
        if after is not None and not after.startswith(f"{account.key}/"):
            fault = Fault("?cursor", "CURSOR", "Send the cursor of the previous answer unchanged.")
            raise InvalidInput("The cursor belongs to another list.", [fault])
        page = nested_page(documents, request.tenant, account, name, after, limit)
        rows, position = cut(page.rows, page.positions, page.position)
        return [*rows], next_link(request.path, request.query, position)
