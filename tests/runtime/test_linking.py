"""The walk through Exact's login and consent pages, on the sandbox as the local run starts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from exact_local.browser import forms_of, give_consent
from exact_local.failures import LocalRunError
from exact_local.options import Options
from exact_local.sandbox import Sandbox
from exact_local.state import StateFolder
from runtime.conftest import ROOT, LoopThread

CALLBACK = "http://127.0.0.1:9/oauth/callback"
USER = {"username": "demo@example.test", "password": "demo"}


@pytest.fixture(scope="module")
def sandbox(
    loop: LoopThread, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]
) -> Iterator[Sandbox]:
    state = StateFolder(tmp_path_factory.mktemp("state"))
    options = Options(items=20, customers=10)
    sandbox = loop.run(Sandbox.start(ROOT / "infra", state, free_port(), options, CALLBACK))
    yield sandbox
    loop.run(sandbox.stop())
    state.close()


def walk(loop: LoopThread, sandbox: Sandbox, user: dict[str, str], **changed: str) -> str:
    question = {
        "client_id": sandbox.site.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "state": "s-1",
        **changed,
    }

    async def go() -> str:
        async with httpx.AsyncClient(timeout=20) as browser:
            address = f"{sandbox.site.url}/api/oauth2/auth?{urlencode(question)}"
            return await give_consent(browser, address, user, CALLBACK)

    return loop.run(go())


def test_login_and_consent_end_at_the_callback_with_a_code(loop: LoopThread, sandbox: Sandbox) -> None:
    answer = parse_qs(urlsplit(walk(loop, sandbox, USER)).query)
    assert answer["state"] == ["s-1"]
    assert len(answer["code"][0]) > 10


def test_a_wrong_password_is_not_tried_for_ever(loop: LoopThread, sandbox: Sandbox) -> None:
    with pytest.raises(LocalRunError, match="did not come to an end"):
        walk(loop, sandbox, {**USER, "password": "wrong"})


def test_a_page_without_a_form_is_told_in_its_own_words(loop: LoopThread, sandbox: Sandbox) -> None:
    with pytest.raises(LocalRunError, match=r"Client with identifier .* not found"):
        walk(loop, sandbox, USER, client_id="6f9619ff-8b86-d011-b42d-00c04fc964ff")


def test_the_application_of_a_state_folder_stays_the_same(
    loop: LoopThread, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    seen = []
    for _ in range(2):
        state = StateFolder(tmp_path)
        sandbox = loop.run(Sandbox.start(ROOT / "infra", state, free_port(), Options(items=5, customers=5), CALLBACK))
        seen.append((sandbox.site.client_id, sandbox.site.client_secret, sandbox.site.webhook_secret))
        loop.run(sandbox.stop())
        state.close()
    assert seen[0] == seen[1]


def test_a_form_is_read_with_its_hidden_and_ticked_fields_and_its_buttons() -> None:
    (form,) = forms_of(
        '<form action="/go"><input type="hidden" name="t" value="1"><input type="text" name="username">'
        '<input type="checkbox" name="d" value="7" checked><input type="checkbox" name="d" value="8">'
        '<button name="action" value="allow"></button><button name="action" value="deny"></button></form>'
    )
    assert form.action == "/go"
    assert form.filled({"username": "me", "other": "x"}, "allow") == [
        ("t", "1"),
        ("d", "7"),
        ("username", "me"),
        ("action", "allow"),
    ]
