"""The one way in which bodies become checked models: pydantic's faults in our codes, words and JSON pointers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, StrictInt, ValidationError
from pydantic.types import StringConstraints
from pydantic_core import PydanticCustomError

from exact_connector.errors import Fault, InvalidInput

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[int | str, ...]

REQUIRED, UNKNOWN_FIELD, INVALID_VALUE = "REQUIRED", "UNKNOWN_FIELD", "INVALID_VALUE"
_OWN = "own_words"


def wrong(message: str, *, code: str = INVALID_VALUE) -> PydanticCustomError:
    """Return the error by which a validator refuses a value in words of its own."""
    # Braces would be read as places to fill in.
    return PydanticCustomError(_OWN, "{message}", {"message": message, "code": code})


Flag = StrictBool
"""`true` or `false`; no text and no number that could be meant as one."""

Whole = StrictInt
"""A whole number; no text and no flag."""


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise wrong("Send a number, without quotes.")
    return value


NUMBER = BeforeValidator(_number)
"""Marks a field as a number, with or without a fraction, that takes no text: `Annotated[float, ..., NUMBER]`."""

Line = Annotated[str, StringConstraints(strict=True, strip_whitespace=True)]
"""A text without white space around it."""


class Body(BaseModel):
    """A body that a client sends; a field that is not in the model is refused."""

    model_config = ConfigDict(extra="forbid")


def read_model(model: type[Model], document: object) -> Model:
    """Return a JSON value as a checked model; raises InvalidInput with a fault for each wrong place."""
    if not isinstance(document, dict):
        fault = Fault("", "NOT_AN_OBJECT", f"Send a JSON object, not {_kind(document)}.")
        raise InvalidInput("The body is not a JSON object.", [fault])
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = faults(model, error)
        raise InvalidInput(f"{len(found)} field(s) of the body are wrong; correct them.", found) from error


def faults(model: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Return pydantic's errors as faults with JSON pointers (RFC 6901)."""
    return [_fault(model, detail) for detail in error.errors(include_url=False, include_input=False)]


def pointer(parts: Place) -> str:
    """Write a path as a JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _fault(model: type[BaseModel], detail: Mapping[str, Any]) -> Fault:
    kind, place, context = detail["type"], detail["loc"], detail.get("ctx") or {}
    if kind == "extra_forbidden":
        return Fault(pointer(place), UNKNOWN_FIELD, _unknown(str(place[-1]), _field_names(model, place[:-1])))
    if kind == _OWN:
        return Fault(pointer(place), context["code"], context["message"])
    if kind == "missing":
        return Fault(pointer(place), REQUIRED, "This field is needed; send a value.")
    if place and place[-1] == "[key]":
        place = place[:-1]
    write = _WORDS.get(kind)
    return Fault(pointer(place), INVALID_VALUE, _OTHER if write is None else write(context))


def _unknown(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the known ones are {', '.join(known)}."
    return f"There is no such field; {hint}"


def _field_names(model: type[BaseModel], place: Place) -> list[str]:
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = next(iter(_models(model.model_fields[part].annotation)), model)
    return list(model.model_fields)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _kind(document: object) -> str:
    return {list: "a list", str: "a text", type(None): "null", bool: "a boolean"}.get(type(document), "a number")


def _always(message: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _context: message


def _with(message: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda context: message.format(**context)


_OTHER = "The value does not have the form of this field; see the API description."
_TEXT, _WHOLE = _always("Send a text in quotes."), _always("Send a whole number, without quotes.")
_FLAG, _LIST = _always("Send true or false, without quotes."), _always("Send a JSON list.")
_OBJECT, _NUMBER = _always("Send a JSON object."), _always("Send a number.")
_ONE_OF = _with("Send {expected}.")

_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), _TEXT),
        **dict.fromkeys(("bool_type", "bool_parsing"), _FLAG),
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
        **dict.fromkeys(("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"), _NUMBER),
        **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), _LIST),
        **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), _OBJECT),
        **dict.fromkeys(("literal_error", "enum"), _ONE_OF),
        "string_too_short": _with("Send at least {min_length} character(s)."),
        "string_too_long": _with("Send at most {max_length} characters."),
        "too_short": _with("Send at least {min_length} of them; there are {actual_length}."),
        "too_long": _with("Send at most {max_length} of them."),
        "greater_than": _with("Send a number above {gt}."),
        "greater_than_equal": _with("Send a number of at least {ge}."),
        "less_than": _with("Send a number below {lt}."),
        "less_than_equal": _with("Send a number of at most {le}."),
        "none_required": _always("Send null or leave the field out."),
    }
)
"""pydantic's type of an error -> what to send instead."""
