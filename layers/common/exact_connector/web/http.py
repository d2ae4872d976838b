"""A request and a response as the handlers see them, free of the API gateway's event forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from exact_connector.errors import Forbidden, InvalidInput, NotFound, TerminalError
from exact_connector.web.addresses import names_in
from exact_connector.web.auth import ANONYMOUS, Principal
from exact_connector.web.json_text import read_json, write_json

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar("Model", bound="BaseModel")
Body = TypeVar("Body")

PROBLEM = "application/problem+json"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class BodyTooLarge(TerminalError):
    """The body is larger than any request needs; answered with 413."""

    code = "BODY_TOO_LARGE"


class MethodNotAllowed(TerminalError):
    """There is something at the address, but not for this method; answered with 405."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method[:20]} is not possible at this address; use {', '.join(allowed)}.")
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body and headers."""

    status: int
    body: str
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Json(Generic[Body]):
    """An answer whose body has a type: what the document says of a route is read from the signature of its handler."""

    body: Body
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_response(self) -> Response:
        """Write the body as JSON."""
        return Response(self.status, write_json(self.body), JSON, self.headers)


def _any_tenant(_tenant: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Request:
    """One request: header names in lower case, query and path parameters decoded, the caller already known.

    ``path`` is the address in the form that we write ourselves (see `addresses`). ``tenant_exists`` says whether there
    is a tenant that an operator named; a key's own tenant is not asked for.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    principal: Principal = ANONYMOUS
    tenant_exists: Callable[[str], bool] = field(default=_any_tenant, repr=False, compare=False)

    @property
    def tenant(self) -> str:
        """Return the tenant the request is about: of the key, or named by an operator; raises Forbidden, NotFound."""
        named = self.params.get("tenant") or self.headers.get("x-tenant-id")
        own = self.principal.tenant
        if own is not None:
            if named is not None and named != own:
                raise Forbidden(f"This key belongs to another tenant than {named!r}; use a key of that tenant.")
            return own
        if not named:
            raise InvalidInput("An operator names the tenant in the header X-Tenant-Id.", code="TENANT_MISSING")
        if not _TENANT.fullmatch(named):
            if "tenant" in self.params:
                raise NotFound("There is no such tenant; GET /v1/tenants lists them.")
            raise InvalidInput("The named tenant does not have the form of a tenant's id.", code="TENANT_INVALID")
        if not self.tenant_exists(named):
            raise NotFound(f"There is no tenant {named!r}; GET /v1/tenants lists them.")
        return named

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what the parameter ``key`` of the address may name, the likeliest first."""
        return names_in(self.params["key"])

    def json(self, *, decimals: bool = True) -> Any:
        """Return the body as JSON, fractions as Decimal (or float); raises MalformedBody."""
        return read_json(self.body, decimals=decimals)

    def model(self, model: type[Model], *, may_be_empty: bool = False) -> Model:
        """Return the body as a checked model; raises InvalidInput with a pointer for each fault.

        ``may_be_empty``: a request without a body counts as one with an empty object.
        """
        from exact_connector.web.bodies import read_model

        return read_model(model, {} if may_be_empty and not self.body.strip() else self.json())


def json_response(
    status: int, document: object, *, headers: Mapping[str, str] | None = None, content_type: str = JSON
) -> Response:
    """Return a JSON answer; decimals become strings."""
    return Response(status, write_json(document), content_type, headers or {})
