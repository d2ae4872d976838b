"""Write `docs/settings.md` from the catalogue: `python -m exact_connector.settings.docs > docs/settings.md`."""

from __future__ import annotations

import sys

from exact_connector.settings.catalogue import ENTRIES, in_area
from exact_connector.settings.document import MAX_BYTES
from exact_connector.settings.entry import Area, Entry
from exact_connector.settings.problems import Code

_HEAD = f"""# Settings

The {len(ENTRIES)} settings of a company, by area. This page is generated from the catalogue in
`exact_connector/settings`; change it there and run `python -m exact_connector.settings.docs > docs/settings.md`.

Settings are one JSON object, `{{"key": value}}`. A key that is absent has its default. Keys are spelt exactly as here.
A switch takes `true` and `false`, or the texts `true`, `false`, `1` and `0`. Texts lose the white space around them,
except the split character. `;` splits lists. Codes are compared without regard to capitals and padding. A new document
takes effect on the next run as if it had always been so; what is stored, only values that differ from the default,
may take {MAX_BYTES} bytes. Secrets and tokens are never settings.

## What can be wrong

| code | when | effect |
|---|---|---|
| `{Code.UNKNOWN_SETTING}` | the key is not one of these | the document is refused |
| `{Code.INVALID_TYPE}` | the value has the wrong JSON type | the document is refused |
| `{Code.INVALID_VALUE}` | the value has not the form stated below | the document is refused |
| `{Code.CONFLICT}` | two settings contradict each other | the document is refused |
| `{Code.TOO_LARGE}` | the document is larger than can be stored | the document is refused |
| `{Code.REFERENCE_NOT_FOUND}` | Exact lacks the code, or it cannot be used | found by a check and when a run starts |
| `{Code.IGNORED_SETTING}` | a setting has no effect beside the others | warning |
| `{Code.DOUBLE_USE}` | one field of Exact is read with two meanings | warning |
"""


def settings_page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(_section(area) for area in Area)])


def _section(area: Area) -> str:
    entries = in_area(area)
    return "\n".join([f"## {area.value} ({len(entries)})", "", *(_block(entry) for entry in entries)])


def _block(entry: Entry) -> str:
    lines = [f"### `{entry.key}`", "", f"{entry.label}. {entry.help}", "", f"- Type: {entry.type_name}"]
    lines.append(f"- Default: {_default(entry)}")
    if entry.constraint is not None:
        lines.append(f"- Form: {entry.constraint.form}")
    if entry.reference is not None:
        lines.append(f"- Looked up in: {entry.reference.value.replace('_', ' ')}")
    if entry.calls:
        lines.append(f"- May need: {', '.join(f'`{call}`' for call in entry.calls)}")
    if entry.shapes:
        lines.append(f"- Shapes: {', '.join(sorted(entry.shapes))}")
    return "\n".join([*lines, ""])


def _default(entry: Entry) -> str:
    if entry.type_name == "string":
        return "empty"
    return f"`{str(entry.default).lower()}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
