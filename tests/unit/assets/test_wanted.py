"""Which files are fetched, told from the stored rows."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.assets.wanted import LOGO, PICTURE, unavailable, wanted_file
from exact_connector.catalog.projection import OwnerRows

ITEM = {
    "PictureName": "a.jpg",
    "PictureUrl": "https://x/docs/SysImage.aspx?ID=1",
    "Modified": "2026-06-01T10:00:00",
}
KEPT = {"file_name": "a.jpg", "modified": "2026-06-01T10:00:00", "url": "/v1/assets/1"}


def rows(kept: dict[str, Any] | None = None, **changes: Any) -> OwnerRows:
    return OwnerRows("i", {"item": [{**ITEM, **changes}], "picture": [kept] if kept else []})


def test_a_new_picture_is_wanted() -> None:
    assert wanted_file(rows(), PICTURE) == {
        "address": ITEM["PictureUrl"],
        "file_name": "a.jpg",
        "modified": ITEM["Modified"],
    }


def test_a_picture_that_is_kept_is_not_fetched_again() -> None:
    assert wanted_file(rows(KEPT), PICTURE) is None


@pytest.mark.parametrize(
    "changes", [{"PictureName": "b.jpg"}, {"Modified": "2026-06-02T10:00:00"}], ids=["name", "modified"]
)
def test_a_changed_picture_is_fetched_again(changes: dict[str, str]) -> None:
    assert wanted_file(rows(KEPT, **changes), PICTURE) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"PictureName": None},
        {"PictureName": " "},
        {"PictureUrl": None},
        {"PictureUrl": "https://x/docs/images/placeholder_item.png"},
    ],
    ids=["no_name", "blank_name", "no_address", "placeholder"],
)
def test_what_is_no_picture_is_not_wanted(changes: dict[str, Any]) -> None:
    assert wanted_file(rows(**changes), PICTURE) is None


def test_a_picture_that_could_not_be_fetched_waits_for_a_change_and_is_told() -> None:
    failed = {"file_name": "a.jpg", "modified": ITEM["Modified"], "reason": "Exact answered 404"}
    assert wanted_file(rows(failed), PICTURE) is None
    (warning,) = unavailable(rows(failed), PICTURE)
    assert warning.code == "PICTURE_UNAVAILABLE"
    assert "404" in warning.message
    assert unavailable(rows(failed, PictureName="b.jpg"), PICTURE) == ()


def test_logos_follow_the_same_rules() -> None:
    account = {"LogoFileName": "l.png", "LogoUrl": "https://x/docs/SysImage.aspx?ID=2", "Modified": "m"}
    assert wanted_file(OwnerRows("a", {"account": [account]}), LOGO) is not None
    empty = {**account, "LogoUrl": "https://x/docs/images/placeholder_account_myeol.png"}
    assert wanted_file(OwnerRows("a", {"account": [empty]}), LOGO) is None


def test_an_owner_that_is_gone_wants_nothing() -> None:
    assert wanted_file(OwnerRows("i", {"picture": [KEPT]}), PICTURE) is None
