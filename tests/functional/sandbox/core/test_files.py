"""Pictures and attachments over HTTP: behind the bearer token, and with the faults of every other address."""

from __future__ import annotations

import base64

import httpx
import pytest

from exact_sandbox.faults import Rule
from functional.sandbox.core.small_world import DIVISION, OTHER, Connected, Running, guid

PICTURE = b"\x89PNG\r\n\x1a\n not much of a picture"


@pytest.fixture
def address(exact: Connected) -> str:
    """Give the first item a picture and return its address."""
    path = f"logistics/Items(guid'{guid(1, 1)}')"
    answer = exact.send("PUT", path, {"Picture": base64.b64encode(PICTURE).decode(), "PictureName": "kop.png"})
    assert answer.status_code == 204
    return str(exact.get(path).json()["d"]["PictureUrl"])


def fetch(exact: Connected, address: str) -> httpx.Response:
    return exact.running.http.get(address, headers={"Authorization": f"Bearer {exact.access}"})


def test_an_uploaded_picture_comes_back_byte_for_byte(exact: Connected, address: str) -> None:
    answer = fetch(exact, address)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, PICTURE, "image/png")


def test_a_picture_is_never_part_of_a_row(exact: Connected, address: str) -> None:
    row = exact.get(f"logistics/Items(guid'{guid(1, 1)}')").json()["d"]
    assert (row["Picture"], row["PictureName"]) == (None, "kop.png")


def test_without_a_token_there_is_no_picture(running: Running, exact: Connected, address: str) -> None:
    assert running.http.get(address).status_code == 401


def test_a_picture_of_a_company_that_was_not_ticked_is_refused(exact: Connected, address: str) -> None:
    elsewhere = exact.running.connect([OTHER])
    assert fetch(elsewhere, address).status_code == 403
    assert fetch(exact.running.connect([DIVISION]), address).status_code == 200


def test_faults_strike_pictures_too(exact: Connected, address: str) -> None:
    exact.running.sandbox.world.faults.add(Rule("status", match="^/docs/", count=1, status=503))
    assert [fetch(exact, address).status_code for _ in range(2)] == [503, 200]
    exact.running.sandbox.world.faults.add(Rule("truncate", match="^/docs/", count=1))
    with pytest.raises(httpx.RemoteProtocolError):
        fetch(exact, address)
