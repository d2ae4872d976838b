"""How writes are answered over HTTP; the rules of each entity have their own tests."""

from __future__ import annotations

import pytest

from functional.sandbox.core.small_world import Connected, guid

PATH = "logistics/Items"
BODY = {"Code": "W1", "Description": "Nieuw"}


def test_a_post_answers_201_with_the_new_id_and_little_else(exact: Connected) -> None:
    answer = exact.send("POST", PATH, BODY)
    row = answer.json()["d"]
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/logistics/Items(guid'{row['ID']}')")
    assert row["__metadata"]["uri"] == answer.headers["Location"]
    assert (row["Code"], row["Description"], row["IsSalesItem"]) == (None, None, None)


def test_with_prefer_a_post_answers_the_whole_entity(exact: Connected) -> None:
    row = exact.send("POST", PATH, BODY, Prefer="return=representation").json()["d"]
    assert (row["Code"], row["Description"]) == ("W1", "Nieuw")


def test_put_and_delete_answer_204_without_a_body(exact: Connected) -> None:
    address = f"{PATH}(guid'{guid(1, 3)}')"
    changed = exact.send("PUT", address, {"Description": "Anders"})
    assert (changed.status_code, changed.content) == (204, b"")
    assert exact.results(f"{PATH}?$filter=Code eq 'A0003'")[0]["Description"] == "Anders"
    assert exact.send("DELETE", address).status_code == 204
    assert exact.get(address).status_code == 404


def test_a_business_error_is_500_in_the_error_envelope(exact: Connected) -> None:
    answer = exact.send("POST", PATH, {"Code": "A0001", "Description": "Dubbel"})
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert (error["code"], error["message"]["lang"]) == ("", "")
    assert error["message"]["value"] == "Gegeven bestaat reeds."


def test_several_faults_stand_in_one_message_divided_by_cr_lf(exact: Connected) -> None:
    answer = exact.send("POST", PATH, {})
    text = "Verplicht: Code\r\nVerplicht: Omschrijving"
    assert (answer.status_code, answer.json()) == (500, {"error": {"code": "", "message": {"lang": "", "value": text}}})


def test_a_key_that_does_not_exist_is_refused_in_english(exact: Connected) -> None:
    answer = exact.send("PUT", f"{PATH}(guid'{guid(1, 999)}')", {"Description": "x"})
    text = "Resource not found for the segment 'Items'."
    assert (answer.status_code, answer.json()) == (404, {"error": {"code": "", "message": {"lang": "", "value": text}}})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"text"], ids=["empty", "array", "torn", "text"])
def test_a_body_that_is_no_json_object_is_400(exact: Connected, body: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {exact.access}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    answer = exact.running.http.post(exact.url(PATH), content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]["value"] == (
        "Error processing request stream. The request should be a valid top-level resource object."
    )


def test_a_body_of_another_type_is_refused(exact: Connected) -> None:
    headers = {"Authorization": f"Bearer {exact.access}", "Content-Type": "text/plain"}
    assert exact.running.http.post(exact.url(PATH), content=b"{}", headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", f"{PATH}(guid'{guid(1, 1)}')"), ("PUT", PATH), ("DELETE", PATH)],
    ids=["post with a key", "put without", "delete without"],
)
def test_a_key_stands_where_it_belongs(exact: Connected, method: str, path: str) -> None:
    assert exact.send(method, path, BODY).status_code == 405


def test_a_key_that_does_not_exist_is_404(exact: Connected) -> None:
    assert exact.send("PUT", f"{PATH}(guid'{guid(1, 999)}')", {"Description": "x"}).status_code == 404
    assert exact.send("DELETE", f"{PATH}(guid'{guid(1, 999)}')").status_code == 404
