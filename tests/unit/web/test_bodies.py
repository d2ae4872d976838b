"""Bodies are read in one way: strictly, with our codes, words and pointers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo

from catalog_api.openapi_build import all_routes
from exact_connector.errors import InvalidInput
from exact_connector.orders.model.canonical import CanonicalOrder, PurchaseOrder
from exact_connector.web.bodies import NUMBER, Body, Flag, Line, Whole, faults, read_model, wrong
from exact_connector.web.json_text import MalformedBody, read_json


class Colour(StrEnum):
    RED = "red"


class Part(Body):
    size: Annotated[Whole, Field(ge=1, le=9)] = 1


class Thing(Body):
    name: Annotated[Line, Field(min_length=2, max_length=5)]
    full: Flag = False
    kind: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    part: Part = Part()
    parts: Annotated[list[Part], Field(max_length=1)] = Field(default_factory=list)
    shares: dict[str, Annotated[float, Field(gt=0, lt=1), NUMBER]] = Field(default_factory=dict)
    secret: SecretStr | None = None

    @model_validator(mode="after")
    def _is_not_odd(self) -> Thing:
        if self.name == "odd":
            raise wrong("Send another name than {odd}.", code="ODD")
        return self


CASES: list[Any] = [
    ({}, "/name", "REQUIRED", "This field is needed; send a value."),
    ({"name": "ab", "nmae": 1}, "/nmae", "UNKNOWN_FIELD", "There is no such field; did you mean name?"),
    ({"name": "ab", "zzz": 1}, "/zzz", "UNKNOWN_FIELD", "There is no such field; the known ones are name, full"),
    ({"name": "ab", "part": {"siz": 1}}, "/part/siz", "UNKNOWN_FIELD", "There is no such field; did you mean size?"),
    ({"name": 1}, "/name", "INVALID_VALUE", "Send a text in quotes."),
    ({"name": "a"}, "/name", "INVALID_VALUE", "Send at least 2 character(s)."),
    ({"name": "abcdef"}, "/name", "INVALID_VALUE", "Send at most 5 characters."),
    ({"name": "odd"}, "", "ODD", "Send another name than {odd}."),
    ({"name": "ab", "full": "yes"}, "/full", "INVALID_VALUE", "Send true or false, without quotes."),
    ({"name": "ab", "full": 1}, "/full", "INVALID_VALUE", "Send true or false, without quotes."),
    ({"name": "ab", "kind": "c"}, "/kind", "INVALID_VALUE", "Send 'a' or 'b'."),
    ({"name": "ab", "colour": "blue"}, "/colour", "INVALID_VALUE", "Send 'red'."),
    ({"name": "ab", "part": []}, "/part", "INVALID_VALUE", "Send a JSON object."),
    ({"name": "ab", "part": {"size": "3"}}, "/part/size", "INVALID_VALUE", "Send a whole number, without quotes."),
    ({"name": "ab", "part": {"size": True}}, "/part/size", "INVALID_VALUE", "Send a whole number, without quotes."),
    ({"name": "ab", "part": {"size": 0}}, "/part/size", "INVALID_VALUE", "Send a number of at least 1."),
    ({"name": "ab", "part": {"size": 10}}, "/part/size", "INVALID_VALUE", "Send a number of at most 9."),
    ({"name": "ab", "parts": {}}, "/parts", "INVALID_VALUE", "Send a JSON list."),
    ({"name": "ab", "parts": [{}, {}]}, "/parts", "INVALID_VALUE", "Send at most 1 of them."),
    ({"name": "ab", "shares": {"a/b": 0}}, "/shares/a~1b", "INVALID_VALUE", "Send a number above 0.0."),
    ({"name": "ab", "shares": {"a": 2}}, "/shares/a", "INVALID_VALUE", "Send a number below 1.0."),
    ({"name": "ab", "shares": {"a": "x"}}, "/shares/a", "INVALID_VALUE", "Send a number, without quotes."),
    ({"name": "ab", "secret": 1}, "/secret", "INVALID_VALUE", "Send a text in quotes."),
]


@pytest.mark.parametrize(("body", "pointer", "code", "message"), CASES, ids=[f"{case[0]}"[:40] for case in CASES])
def test_what_is_wrong_is_said_in_our_words(body: dict[str, Any], pointer: str, code: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_model(Thing, body)
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.code) == (pointer, code)
    assert fault.message.startswith(message)


def test_a_good_body_is_read_and_its_texts_are_trimmed() -> None:
    assert read_model(Thing, {"name": " ab ", "full": True}).name == "ab"


@pytest.mark.parametrize("body", [case[0] for case in CASES], ids=[f"{case[0]}"[:40] for case in CASES])
def test_no_fault_shows_a_text_of_the_library(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Thing.model_validate(body)
    theirs = {each["msg"] for each in caught.value.errors() if each["type"] != "own_words"}
    assert theirs.isdisjoint(fault.message for fault in faults(Thing, caught.value))


def test_a_kind_of_error_that_nobody_thought_of_gets_words_of_ours() -> None:
    class Odd(Body):
        pattern: Annotated[str, Field(pattern="^a$")]

    with pytest.raises(InvalidInput) as caught:
        read_model(Odd, {"pattern": "b"})
    assert [fault.message for fault in caught.value.faults] == [
        "The value does not have the form of this field; see the API description."
    ]


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models(part)


def _is_type(part: Any) -> bool:
    return isinstance(part, type)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


OF_ORDERS = (CanonicalOrder, PurchaseOrder)
NAMED = {each.body.__name__: each.body for each in all_routes() if isinstance(each.body, type)}
BODIES = [NAMED[name] for name in sorted(NAMED) if NAMED[name] not in OF_ORDERS]
FIELDS = {
    f"{model.__name__}.{name}": field
    for body in BODIES
    for model in models(body)
    for name, field in model.model_fields.items()
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_a_flag_or_number_of_a_body_takes_no_text(field: FieldInfo) -> None:
    """`yes` is no flag and `12` in quotes no number: what is meant is never guessed."""
    parts = [*field.metadata, *_parts(field.annotation)]
    assert any(getattr(part, "strict", False) for part in parts) or not {bool, int} & {*filter(_is_type, parts)}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_a_field_that_does_not_exist_is_refused_by_every_body(body: type[BaseModel]) -> None:
    assert all(model.model_config.get("extra") == "forbid" for model in models(body))


REFUSED: list[Any] = [
    ('{"a":1,"a":2}', "The name 'a' occurs more than once in one object; send it once."),
    ('{"b":{"a":1,"c":[{"x":1,"x":1}]}}', "The name 'x' occurs more than once in one object; send it once."),
    ('{"a":' + "9" * 5_000 + "}", "The body holds a whole number of 5000 digits; 400 is the most."),
    ('{"a":NaN}', "The body holds NaN, which is not a JSON number; send a number or null."),
    ('{"a":1e999999999999999999999}', "The body holds a number that is too large to be read; correct it."),
    ('{"a":', "The body is not valid JSON at line 1, column 6; send one JSON value."),
    ("", "The body is not valid JSON at line 1, column 1; send one JSON value."),
    ("[" * 100_000, "The body is nested too deeply to be read; send a plain JSON object."),
    ('"\\ud800"', "The body holds half of a character (a lone surrogate); send whole ones."),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[case[0][:30] for case in REFUSED])
def test_json_that_cannot_be_read_is_refused_in_our_words(text: str, message: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        read_json(text.encode())
    assert caught.value.message == message


def test_bytes_that_are_no_text_are_refused_in_our_words() -> None:
    with pytest.raises(MalformedBody) as caught:
        read_json(b'{"a":"\xff"}')
    assert caught.value.message == "The body is not UTF-8 from byte 6 on; send JSON in UTF-8."
