"""What an administrator does in a browser while linking: follow redirects, log in, tick the companies, allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from exact_local.failures import LocalRunError

_LONGEST_WALK = 20


@dataclass(slots=True)
class Form:
    """A form of a page as a browser would send it: hidden and ticked fields, and its buttons."""

    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, answers: Mapping[str, str], button: str) -> list[tuple[str, str]]:
        """Return the form's data with these answers, sent by one of its buttons."""
        pressed = [(name, value) for name, value in self.buttons if value == button]
        return [*self.fields, *((name, value) for name, value in answers.items() if name in self.asked), *pressed]


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        elif tag in ("input", "button") and self.forms and values.get("name"):
            self._add(self.forms[-1], tag, values, ticked=any(name == "checked" for name, _ in attrs))

    def _add(self, form: Form, tag: str, values: Mapping[str, str], *, ticked: bool) -> None:
        name, value, kind = values["name"], values.get("value", ""), values.get("type", "text")
        if tag == "button" or kind == "submit":
            form.buttons.append((name, value))
        elif kind in ("text", "password", "email"):
            form.asked.add(name)
        elif kind == "hidden" or ticked:
            form.fields.append((name, value))


def forms_of(page: str) -> list[Form]:
    """Return the forms of an HTML page."""
    reader = _FormReader()
    reader.feed(page)
    return reader.forms


async def give_consent(browser: httpx.AsyncClient, address: str, user: Mapping[str, str], until: str) -> str:
    """Walk from an authorisation address, through login and consent, to an address that starts with ``until``.

    ``user`` holds ``username`` and ``password``. Returns the address reached. Raises LocalRunError when the walk ends
    on another page, with the words of that page.
    """
    answer = await browser.get(address)
    for _ in range(_LONGEST_WALK):
        here = str(answer.url)
        if answer.is_redirect:
            target = urljoin(here, answer.headers["location"])
            if target.startswith(until):
                return target
            answer = await browser.get(target)
            continue
        forms = forms_of(answer.text)
        if not forms:
            raise LocalRunError(f"Linking stopped at {answer.url.copy_with(query=None)}: {_words(answer)}")
        form = forms[0]
        button = "login" if "password" in form.asked else "allow"
        answer = await browser.post(urljoin(here, form.action), data=_as_data(form.filled(user, button)))
    raise LocalRunError(f"Linking did not come to an end after {_LONGEST_WALK} pages.")


def _as_data(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return data


def _words(answer: httpx.Response) -> str:
    reader = _TextReader()
    reader.feed(answer.text)
    words = " ".join(" ".join(reader.words).split())
    return f"status {answer.status_code}: {words[:300]}"


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._silent = tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
