"""`$filter`: text -> tree -> predicate over rows.

Grammar: `or` / `and` / `not`, comparisons of a property (or of a function of one) with a literal, the functions
substringof, startswith, endswith, trim, tolower. A comparison of two properties, a property of a collection and
arithmetic are refused, as Exact does. A literal must fit the type of the property: flags of type Byte are
compared with 1 and 0, Guids with `guid'..'`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from exact_sandbox.protocol.odata import SYNTAX_ERROR, Literal, ODataError, parse_literal
from exact_sandbox.protocol.schema import Field

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]
Read = Callable[[Row], Any]

NUMBERS = frozenset({"Byte", "Int16", "Int32", "Int64", "Double"})
NET_TYPES = {"Null": "Object", "Binary": "Byte[]"}
"""Names of types in messages, where they differ from those of the EDM."""
MAX_DEPTH = 100
"""How deeply conditions may be nested."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
STRING_TESTS: dict[str, Callable[[str, str], bool]] = {
    "substringof": lambda needle, text: needle in text,
    "startswith": lambda text, start: text.startswith(start),
    "endswith": lambda text, end: text.endswith(end),
}
STRING_CHANGES: dict[str, Callable[[str], str]] = {"trim": str.strip, "tolower": str.lower}


@dataclass(frozen=True)
class Property:
    """A property of the entity; its field knows how a stored value is shown, which is what is compared."""

    name: str
    field: Field | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Call:
    """A function call."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Compare:
    """A comparison; one side is a literal."""

    left: Expression
    operator: str
    right: Expression


@dataclass(frozen=True)
class Logic:
    """`and` or `or` of two or more conditions."""

    operator: str
    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    condition: Expression


Expression = Property | Call | Compare | Logic | Not | Literal

_TOKEN = re.compile(
    r"\s*(?:(?P<literal>(?:guid|datetime)?'(?:[^']|'')*')|(?P<number>-?\d[\w.]*(?:(?<=[eE])[+-]\d+)?)"
    r"|(?P<word>[A-Za-z_][\w/]*)|(?P<mark>[(),]))"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match:
            raise ODataError(SYNTAX_ERROR)
        kind = str(match.lastgroup)
        yield _Token(kind, match.group(kind), match.start(kind))
        at = match.end()
    yield _Token("end", "", end)


class _Parser:
    """Recursive descent over the tokens; `fields` are the properties that exist."""

    def __init__(self, text: str, fields: Mapping[str, Field], type_name: str) -> None:
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0
        self.fields = fields
        self.type_name = type_name

    @property
    def current(self) -> _Token:
        return self.tokens[self.position]

    def take(self, text: str) -> bool:
        if self.current.text != text or self.current.kind not in ("word", "mark"):
            return False
        self.position += 1
        return True

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.error()

    def error(self) -> ODataError:
        return ODataError(SYNTAX_ERROR)

    def parse(self) -> Expression:
        expression = self.either()
        if self.current.kind != "end":
            raise self.error()
        self.condition(expression)
        return expression

    def either(self) -> Expression:
        return self.chain("or", self.both)

    def both(self) -> Expression:
        return self.chain("and", self.negation)

    def chain(self, word: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self.take(word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return Logic(word, tuple(self.condition(each) for each in parts))

    def negation(self) -> Expression:
        return Not(self.condition(self.deeper(self.negation))) if self.take("not") else self.comparison()

    def deeper(self, inner: Callable[[], Expression]) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ODataError("The $filter expression is nested too deeply.")
        found = inner()
        self.depth -= 1
        return found

    def comparison(self) -> Expression:
        left = self.value()
        token = self.current
        if token.kind != "word" or token.text not in COMPARISONS:
            return left
        self.position += 1
        return self.compared(left, token, self.value())

    def compared(self, left: Expression, token: _Token, right: Expression) -> Compare:
        if not isinstance(left, Literal) and not isinstance(right, Literal):
            raise ODataError(SYNTAX_ERROR)
        types = self.type_of(left), self.type_of(right)
        if not _comparable(types[0], types[1], token.text):
            names = [f"System.{NET_TYPES.get(each, each)}" for each in types]
            raise ODataError(
                f"Operator '{token.text}' incompatible with operand types "
                f"'{names[0]}' and '{names[1]}' at position {token.at}."
            )
        return Compare(left, token.text, right)

    def value(self) -> Expression:
        token = self.current
        self.position += 1
        if token.text == "(" and token.kind == "mark":
            inner = self.deeper(self.either)
            self.need(")")
            return inner
        if token.kind in ("literal", "number") or token.text in ("true", "false", "null"):
            return parse_literal(token.text)
        if token.kind != "word":
            self.position -= 1
            raise self.error()
        return self.call(token) if self.take("(") else self.property(token)

    def property(self, token: _Token) -> Property:
        head = token.text.partition("/")[0]
        if head not in self.fields:
            raise ODataError(f"No property '{head}' exists in type '{self.type_name}' at position {token.at}.")
        if self.fields[head].is_collection or head != token.text:
            raise ODataError("This $filter parameter is not supported for this resource")
        return Property(head, self.fields[head])

    def call(self, token: _Token) -> Call:
        arguments = [self.value()]
        while self.take(","):
            arguments.append(self.value())
        self.need(")")
        wanted = 2 if token.text in STRING_TESTS else 1 if token.text in STRING_CHANGES else 0
        if not wanted:
            raise ODataError(f"Unknown function '{token.text}' at position {token.at}.")
        if len(arguments) != wanted or any(self.type_of(argument) != "String" for argument in arguments):
            raise ODataError(f"No applicable function found for '{token.text}' at position {token.at}.")
        return Call(token.text, tuple(arguments))

    def condition(self, expression: Expression) -> Expression:
        if self.type_of(expression) != "Boolean":
            raise ODataError("Expression of type 'System.Boolean' expected at position 0.")
        return expression

    def type_of(self, expression: Expression) -> str:
        if isinstance(expression, Property):
            return self.fields[expression.name].type
        if isinstance(expression, Literal):
            return expression.type
        if isinstance(expression, Call):
            return "Boolean" if expression.function in STRING_TESTS else "String"
        return "Boolean"


def _comparable(left: str, right: str, operation: str) -> bool:
    if "Null" in (left, right):
        return operation in ("eq", "ne")
    if left in NUMBERS and right in NUMBERS:
        return True
    return left == right and (left in ("String", "DateTime") or operation in ("eq", "ne"))


def parse_filter(text: str, fields: Mapping[str, Field], type_name: str) -> Expression:
    """Parse a `$filter` over the given properties; ODataError (400) for anything that Exact refuses."""
    return _Parser(text, fields, type_name).parse()


def properties_in(expression: Expression) -> set[str]:
    """Return the names of all properties that the expression reads."""
    if isinstance(expression, Property):
        return {expression.name}
    if isinstance(expression, Call):
        return {name for argument in expression.arguments for name in properties_in(argument)}
    if isinstance(expression, Logic):
        return {name for part in expression.parts for name in properties_in(part)}
    if isinstance(expression, Compare):
        return properties_in(expression.left) | properties_in(expression.right)
    return properties_in(expression.condition) if isinstance(expression, Not) else set()


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """Yield the conditions that must all hold: the parts of the outermost `and`s."""
    if isinstance(expression, Logic) and expression.operator == "and":
        for part in expression.parts:
            yield from conjuncts(part)
    else:
        yield expression


def equalities(expression: Expression) -> Iterator[tuple[str, Any]]:
    """Yield (property, value) for each condition `property eq literal` that must hold."""
    for part in conjuncts(expression):
        if not isinstance(part, Compare) or part.operator != "eq":
            continue
        side, literal = (part.left, part.right) if isinstance(part.right, Literal) else (part.right, part.left)
        if isinstance(side, Property) and isinstance(literal, Literal) and literal.value is not None:
            yield side.name, literal.value


def alternatives(expression: Expression) -> Iterator[tuple[str, list[str]]]:
    """Yield (property, GUIDs) for each condition `property eq guid or property eq guid ...` that must hold."""
    for part in conjuncts(expression):
        if not isinstance(part, Logic) or part.operator != "or":
            continue
        found: dict[str, list[str]] = {}
        for each in _parts_of_or(part):
            name, value = next(equalities(each), ("", None))
            found.setdefault(name if isinstance(value, str) and _names_guid(each) else "", []).append(str(value))
        if len(found) == 1 and "" not in found:
            yield from found.items()


def _parts_of_or(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Logic) and expression.operator == "or":
        for part in expression.parts:
            yield from _parts_of_or(part)
    else:
        yield expression


def _names_guid(condition: Expression) -> bool:
    sides = (condition.left, condition.right) if isinstance(condition, Compare) else ()
    return any(isinstance(side, Literal) and side.type == "Guid" for side in sides)


def lower_bound(expression: Expression, name: str) -> int:
    """Return the highest n for which the expression says `name gt n` (or `ge n + 1`); 0 without one."""
    bound = 0
    for part in conjuncts(expression):
        if not isinstance(part, Compare) or part.left != Property(name) or not isinstance(part.right, Literal):
            continue
        if part.right.value is not None and part.operator in ("gt", "ge", "eq"):
            bound = max(bound, int(part.right.value) - (part.operator != "gt"))
    return bound


def compile_filter(expression: Expression, *, ignore_case: bool = False) -> Predicate:
    """Turn an expression into a predicate. Text is compared without trailing spaces, as the database does."""
    if isinstance(expression, Logic):
        parts = [compile_filter(part, ignore_case=ignore_case) for part in expression.parts]
        if expression.operator == "and":
            return lambda row: all(part(row) for part in parts)
        return lambda row: any(part(row) for part in parts)
    if isinstance(expression, Not):
        inner = compile_filter(expression.condition, ignore_case=ignore_case)
        return lambda row: not inner(row)
    if isinstance(expression, Compare):
        return _compile_compare(expression, ignore_case=ignore_case)
    read = _reader(expression, ignore_case=ignore_case)
    return lambda row: read(row) is True


def _compile_compare(compare: Compare, *, ignore_case: bool) -> Predicate:
    left, right = (_reader(side, ignore_case=ignore_case) for side in (compare.left, compare.right))
    test = COMPARISONS[compare.operator]
    unequal = compare.operator == "ne"

    def matches(row: Row) -> bool:
        one, other = left(row), right(row)
        if one is None or other is None:
            return (one is not other) if unequal else (compare.operator == "eq" and one is other)
        if isinstance(one, str):
            return test(one.rstrip(" "), other.rstrip(" "))
        return test(one, other)

    return matches


def _reader(expression: Expression, *, ignore_case: bool) -> Read:
    if isinstance(expression, Literal):
        value = _folded(expression.value) if ignore_case else expression.value
        return lambda _row: value
    if isinstance(expression, Property):
        return _property_reader(expression, ignore_case=ignore_case)
    if isinstance(expression, Call):
        return _call_reader(expression, ignore_case=ignore_case)
    return compile_filter(expression, ignore_case=ignore_case)


def _property_reader(known: Property, *, ignore_case: bool) -> Read:
    name, shown = known.name, known.field.shown if known.field is not None and known.field.has_form else None
    if ignore_case:
        return lambda row: _folded(shown(row.get(name)) if shown else row.get(name))
    return (lambda row: shown(row.get(name))) if shown else (lambda row: row.get(name))


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _call_reader(call: Call, *, ignore_case: bool) -> Read:
    arguments = [_reader(argument, ignore_case=ignore_case) for argument in call.arguments]
    function: Callable[..., Any] = (
        STRING_TESTS[call.function] if call.function in STRING_TESTS else STRING_CHANGES[call.function]
    )

    def read(row: Row) -> Any:
        values = [argument(row) for argument in arguments]
        return None if None in values else function(*values)

    return read
