"""The forms a text setting can take: each constraint normalises a trimmed text or refuses it with a reason."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from exact_connector.countries import country_code
from exact_connector.settings.mappings import parse_custom_fields, parse_renaming
from exact_connector.settings.problems import Refused, show

Check = Callable[[str], str | Refused]

MAX_LANGUAGES = 10
LONGEST_CODE = 60
"""Characters of a code or ID; the longest codes of Exact have 30."""
LONGEST_NAME = 100
"""Characters of the label of a free field."""
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[A-Z]{2}(-[A-Z]{2})?")
_INDEX = re.compile(r"[0-9]{1,2}")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CLASSIFICATION = re.compile(r"classification([1-8])")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ANY_SPACE = r"^\s*"

TEXT_TARGETS: Mapping[str, str] = MappingProxyType(
    {
        "description": "description",
        **{f"description{n}": f"description{n}" for n in range(2, 6)},
        "searchdescription": "search_description",
    }
)
"""Case-folded name of a canonical text target -> the item's field of that name; other names are free fields."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A form: how it is described to people, the check, and its JSON Schema keywords for a text."""

    form: str
    check: Check
    schema: Mapping[str, object] = field(default_factory=dict)


def split_list(text: str) -> tuple[str, ...]:
    """Split a `;` list into trimmed elements, without empty ones and repetitions (capitals do not count)."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        if part.strip():
            found.setdefault(part.strip().casefold(), part.strip())
    return tuple(found.values())


def refuse_unprintable(text: str) -> Refused | None:
    """Refuse control characters and broken Unicode, which no code or text of Exact contains."""
    found = _UNWANTED.search(text)
    if found is None:
        return None
    return Refused(f"the text contains the unprintable character U+{ord(found[0]):04X}; remove it")


def _as_is(text: str) -> str:
    return text


def _client_id(text: str) -> str | Refused:
    bare = text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text
    if _GUID.fullmatch(bare.lower()):
        return str(uuid.UUID(bare))
    # What was pasted here by mistake may be the client secret, so the text itself is never repeated.
    return Refused(f"a text of {len(text)} characters is not a GUID; copy the client id of the app from the App Centre")


def _currency(text: str) -> str | Refused:
    code = text.upper()
    if _CURRENCY.fullmatch(code):
        return code
    return Refused(f"{show(text)} is not a currency code; give three letters, such as EUR")


def _country(text: str) -> str | Refused:
    return _known_country(text) or Refused(f"{show(text)} is not a country; give its code of two letters, such as NL")


def _known_country(text: str) -> str | None:
    return country_code(text) if _COUNTRY.fullmatch(text.upper()) else None


def _one_code(text: str) -> str | Refused:
    if len(text) <= LONGEST_CODE:
        return text
    return Refused(f"{show(text)} has {len(text)} characters; a code of Exact has at most {LONGEST_CODE}")


def _code_list(text: str) -> str | Refused:
    codes = split_list(text)
    wrong = next((each for each in map(_one_code, codes) if isinstance(each, Refused)), None)
    return ";".join(codes) if wrong is None else wrong


def _name(text: str) -> str | Refused:
    if len(text) <= LONGEST_NAME:
        return text
    return Refused(f"{show(text)} has {len(text)} characters; a name of a field has at most {LONGEST_NAME}")


def _languages(text: str) -> str | Refused:
    codes = split_list(text.upper())
    wrong = [code for code in codes if not _LANGUAGE.fullmatch(code)]
    if wrong:
        return Refused(f"{show(wrong[0])} is not a language code of Exact; give codes such as NL or FR-BE, split by ;")
    if len(codes) > MAX_LANGUAGES:
        return Refused(f"{len(codes)} languages are named, {MAX_LANGUAGES} is the most; each costs a read of its own")
    return ";".join(codes)


def parse_country_map(text: str) -> dict[str, str] | Refused:
    """Read `DE=D19;FR=F20` into country -> VAT code; a broken pair or a repeated country is refused."""
    pairs: dict[str, str] = {}
    for part in (part.strip() for part in text.split(";")):
        if not part:
            continue
        country, separator, code = (piece.strip() for piece in part.partition("="))
        if not separator or not country or not code or "=" in code:
            return Refused(f"{show(part)} is not a pair; write country=VAT code, such as DE=D19")
        found = _known_country(country)
        if found is None:
            return Refused(f"{show(country)} is not a country; give its code of two letters, such as DE")
        if found in pairs:
            return Refused(f"country {found} is named twice; keep one VAT code for it")
        pairs[found] = code
    return pairs


def _country_map(text: str) -> str | Refused:
    pairs = parse_country_map(text)
    if isinstance(pairs, Refused):
        return pairs
    return ";".join(f"{country}={code}" for country, code in pairs.items())


def _text_target(text: str) -> str | Refused:
    if _IDENTIFIER.fullmatch(text):
        return text
    return Refused(
        f"{show(text)} is not a field name; give Description, Description2 to Description5, SearchDescription, "
        "or a name of letters, digits and underscores that starts with a letter"
    )


def _classification(text: str) -> str | Refused:
    match = _CLASSIFICATION.fullmatch(text.casefold())
    if match:
        return f"Classification{match[1]}"
    return Refused(f"{show(text)} is not a classification of an account; give Classification1 to Classification8")


def _split_character(text: str) -> str | Refused:
    if len(text) == 1 or text == r"\t":
        return text
    return Refused(f"{show(text)} has {len(text)} characters; give exactly one, or \\t for a tab")


def _index(text: str) -> str | Refused:
    if _INDEX.fullmatch(text):
        return text
    return Refused(f"{show(text)} is not a position; give one or two digits, 0 is the first part")


def _renaming(text: str) -> str | Refused:
    parsed = parse_renaming(text)
    return parsed if isinstance(parsed, Refused) else text


def _custom_fields(text: str) -> str | Refused:
    parsed = parse_custom_fields(text)
    return parsed if isinstance(parsed, Refused) else text


def _pattern(inner: str) -> dict[str, object]:
    return {"pattern": rf"{_ANY_SPACE}({inner})?\s*$"}


ANY_TEXT = Constraint("text", _as_is)
CLIENT_ID = Constraint(
    "GUID, braces allowed",
    _client_id,
    _pattern(r"\{?\s*[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\s*\}?"),
)
CURRENCY = Constraint("currency code of three letters", _currency, _pattern("[A-Za-z]{3}"))
COUNTRY = Constraint("country code of two letters", _country, _pattern("[A-Za-z]{2}"))
CODE = Constraint("one code", _one_code)
PRICE_LIST = Constraint("code or GUID of one price list", _one_code)
CODES = Constraint("codes split by `;`", _code_list)
PRICE_LISTS = Constraint("codes or GUIDs of price lists, split by `;`", _code_list)
LANGUAGES = Constraint("at most ten language codes split by `;`", _languages)
COUNTRY_MAP = Constraint("pairs `country=VAT code` split by `;`", _country_map)
ITEM_FIELD = Constraint("name of an item property, or label of a free field", _name)
TEXT_TARGET = Constraint(
    "`Description`, `Description2` to `Description5`, `SearchDescription` or a free field's name",
    _text_target,
    _pattern("[A-Za-z][A-Za-z0-9_]*"),
)
CLASSIFICATION = Constraint(
    "`Classification1` to `Classification8`",
    _classification,
    _pattern("[Cc][Ll][Aa][Ss][Ss][Ii][Ff][Ii][Cc][Aa][Tt][Ii][Oo][Nn][1-8]"),
)
SPLIT_CHARACTER = Constraint(r"one character, or `\t` for a tab", _split_character, {"maxLength": 2})
INDEX = Constraint("one or two digits, counted from 0", _index, _pattern("[0-9]{1,2}"))
RENAMING = Constraint("JSON object of present name or label to new name", _renaming)
CUSTOM_FIELDS = Constraint("JSON list of field mappings", _custom_fields)
COUNT = Constraint("whole number, 0 for no limit", _as_is)
