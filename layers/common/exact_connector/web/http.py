"""A request and a response as the handlers see them, free of the API gateway's event forms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from exact_connector.errors import Fault, Forbidden, InvalidInput, NotFound
from exact_connector.web.auth import ANONYMOUS, Principal

Model = TypeVar("Model", bound=BaseModel)

PROBLEM = "application/problem+json"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class MalformedBody(InvalidInput):
    """The body is not JSON at all; answered with 400."""

    code = "MALFORMED_JSON"


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body and headers."""

    status: int
    body: str
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def _any_tenant(_tenant: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Request:
    """One request: header names in lower case, query and path parameters decoded, the caller already known.

    ``there_is`` tells whether there is a tenant that an operator named; a key's own tenant is not asked for.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    principal: Principal = ANONYMOUS
    there_is: Callable[[str], bool] = field(default=_any_tenant, repr=False, compare=False)

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
        if not self.there_is(named):
            raise NotFound(f"There is no tenant {named!r}; GET /v1/tenants lists them.")
        return named

    def json(self, *, decimals: bool = True) -> Any:
        """Return the body as JSON, fractions as Decimal (or float); raises MalformedBody."""
        fraction = Decimal if decimals else float
        try:
            text = self.body.decode("utf-8")
            document = json.loads(text, parse_float=fraction, parse_constant=_refuse_constant)
            if "\\u" in text:
                dump(document).encode("utf-8")
        except RecursionError as error:
            raise MalformedBody("The body is nested too deeply to be read; send a plain JSON object.") from error
        except InvalidOperation as error:
            raise MalformedBody("The body holds a number that is too large to be read.") from error
        except UnicodeEncodeError as error:
            raise MalformedBody("The body holds half of a character (a lone surrogate); send whole ones.") from error
        except (ValueError, UnicodeDecodeError) as error:
            raise MalformedBody(f"The body is not valid JSON in UTF-8 ({error}); send one JSON object.") from error
        return document

    def model(self, model: type[Model]) -> Model:
        """Return the body as a checked model; raises InvalidInput with a pointer for each fault."""
        document = self.json()
        if not isinstance(document, dict):
            raise InvalidInput(
                "The body is not a JSON object.",
                [Fault("", "NOT_AN_OBJECT", f"Send a JSON object, not {_kind(document)}.")],
            )
        try:
            return model.model_validate(document)
        except ValidationError as error:
            raise InvalidInput(f"{error.error_count()} field(s) of the body are wrong.", faults(error)) from error


def faults(error: ValidationError) -> list[Fault]:
    """Turn pydantic's errors into faults with JSON pointers (RFC 6901)."""
    return [
        Fault(pointer(found["loc"]), found["type"].upper(), found["msg"].removeprefix("Value error, "))
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def pointer(parts: tuple[int | str, ...]) -> str:
    """Write a path as a JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def json_response(
    status: int, document: object, *, headers: Mapping[str, str] | None = None, content_type: str = JSON
) -> Response:
    """Return a JSON answer; decimals become strings."""
    return Response(status, dump(document), content_type, headers or {})


def dump(document: object) -> str:
    """Write JSON; decimals become strings."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _kind(document: object) -> str:
    return {list: "a list", str: "a text", type(None): "null", bool: "a boolean"}.get(type(document), "a number")
