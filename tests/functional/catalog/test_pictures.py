"""Pictures and logos: fetched once, fetched again when changed, served with smaller copies."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from exact_connector.assets.fetcher import AssetsDesk
from exact_connector.exact.limits.call_budget import Purpose
from functional.catalog.shop import DIVISION, Shop, linked_shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gallery() -> Iterator[Shop]:
    """A company of its own, since every test fetches."""
    with linked_shop() as found:
        yield found


def fetch(shop: Shop) -> None:
    """Let the worker fetch what is wanted and the others make the documents anew."""
    while shop.box.assets.fetcher.work(shop.tenant, shop.box.clock.now() + timedelta(minutes=5)):
        shop.work()


def named(shop: Shop) -> dict[str, str]:
    """Return the pictures of Exact's items that are on sale: item code -> file name."""
    sold = {row["item_code"] for row in shop.every("/v1/items")}
    names = {row["Code"].strip(): row.get("PictureName") for row in shop.exact_rows("Items")}
    return {code: str(name) for code, name in names.items() if name and code in sold}


def stored(shop: Shop, url: str) -> bytes:
    path, _, query = url.partition("?")
    size = dict([query.split("=")]) if query else {}
    status, _, headers = shop.call("GET", path, query=size)
    assert status == 302
    body = shop.box.platform.blobs.get(headers["Location"].removeprefix("memory://").partition("?")[0])
    assert body is not None
    return body


def pictures(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["item_code"]: row["pictures"][0] for row in shop.every("/v1/items") if row["pictures"]}


def test_every_picture_is_fetched_once_and_served_with_smaller_copies(gallery: Shop) -> None:
    assert all(each["url"] is None for each in pictures(gallery).values())
    gallery.forget_calls()
    fetch(gallery)
    found = pictures(gallery)
    assert {code: each["file_name"] for code, each in found.items()} == named(gallery)
    calls = {path: count for path, count in gallery.calls().items() if "SysImage" in path}
    assert sum(calls.values()) == len(found) + len(logos(gallery))
    for each in list(found.values())[:5]:
        body = stored(gallery, each["url"])
        assert hashlib.sha256(body).hexdigest() == each["sha256"]
        for size, url in each["thumbnails"].items():
            with Image.open(io.BytesIO(stored(gallery, url))) as copy:
                assert max(copy.size) == int(size)


def logos(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["customer_id"]: row["logo"] for row in shop.every("/v1/customers") if row["logo"]}


def test_files_wait_for_the_first_load_then_are_fetched_and_nothing_afterwards() -> None:
    half_an_hour = timedelta(minutes=31)
    with linked_shop() as shop:
        assert shop.work_on_jobs() == 0
        assert shop.work_on_jobs(later=half_an_hour) == 1
        shop.work()
        assert shop.work_on_jobs(later=half_an_hour) == 0
        assert all(each["url"] for each in pictures(shop).values())


def test_logos_of_customers_are_served(gallery: Shop) -> None:
    fetch(gallery)
    found = logos(gallery)
    assert found
    for each in found.values():
        assert hashlib.sha256(stored(gallery, each["url"])).hexdigest() == each["sha256"]


def test_nothing_is_fetched_again_while_nothing_changes(gallery: Shop) -> None:
    fetch(gallery)
    gallery.forget_calls()
    gallery.ok("POST", f"/v1/tenants/{gallery.tenant}/sync/items", {"full": False})
    gallery.work()
    fetch(gallery)
    assert not [path for path in gallery.calls() if "SysImage" in path]


def test_a_changed_item_has_its_picture_looked_at_again(gallery: Shop) -> None:
    fetch(gallery)
    code = next(iter(named(gallery)))
    change(gallery, code, {"PictureName": "nieuw.png", "Modified": "2027-01-01T10:00:00"})
    gallery.forget_calls()
    fetch(gallery)
    assert sum(count for path, count in gallery.calls().items() if "SysImage" in path) == 1
    assert pictures(gallery)[code]["file_name"] == "nieuw.png"
    assert pictures(gallery)[code]["url"] is not None


def test_a_picture_that_exact_does_not_give_is_reported_and_not_asked_for_again(gallery: Shop) -> None:
    fetch(gallery)
    code = list(named(gallery))[1]
    gallery.sandbox.control("POST", "/faults", {"kind": "status", "match": "SysImage", "status": 404, "count": 1})
    change(gallery, code, {"PictureName": "weg.png", "Modified": "2027-01-02T10:00:00"})
    fetch(gallery)
    assert pictures(gallery)[code]["url"] is None
    skipped = gallery.ok("GET", "/v1/status")["skipped_records"]
    assert any(each["code"] == "PICTURE_UNAVAILABLE" for each in skipped)
    gallery.forget_calls()
    fetch(gallery)
    assert not [path for path in gallery.calls() if "SysImage" in path]
    gallery.sandbox.control("DELETE", "/faults")


def test_with_pictures_switched_off_none_is_fetched(gallery: Shop) -> None:
    fetch(gallery)
    gallery.settings({"DisablePicturesFromEOL": True})
    code = list(named(gallery))[2]
    change(gallery, code, {"PictureName": "uit.png", "Modified": "2027-01-03T10:00:00"})
    gallery.forget_calls()
    fetch(gallery)
    assert not [path for path in gallery.calls() if "SysImage" in path]
    gallery.settings({})


def test_no_more_files_are_fetched_a_day_than_leave_calls_for_the_others() -> None:
    with linked_shop() as shop:
        box = shop.box
        exact = (box.exact.connected(shop.tenant).base_url, box.exact.client(shop.tenant, Purpose.SYNC))
        desk = AssetsDesk(
            lambda: box.sync.engine,
            box.documents.store,
            box.assets.library,
            lambda _: exact,
            box.clock,
            worker="w",
            tenants=lambda _: [shop.tenant],
            files_a_day=3,
        )
        deadline = box.clock.now() + timedelta(minutes=5)
        assert [desk.work(shop.tenant, deadline) for _ in range(3)] == [3, 0, 0]
        shop.work()
        assert sum(each["url"] is not None for each in pictures(shop).values()) == 3


def test_a_file_that_gives_no_answer_rests_and_the_others_are_fetched(gallery: Shop) -> None:
    fetch(gallery)
    silent, fine = list(named(gallery))[3:5]
    gallery.sandbox.control("POST", "/faults", {"kind": "status", "match": "SysImage", "status": 503, "count": 4})
    change(gallery, silent, {"Modified": "2027-01-04T10:00:00"})
    assert gallery.box.assets.fetcher.work(gallery.tenant, gallery.box.clock.now() + timedelta(minutes=5)) == 1
    gallery.work()
    gallery.sandbox.control("DELETE", "/faults")
    assert pictures(gallery)[silent]["url"] is not None
    change(gallery, fine, {"PictureName": "ook.png", "Modified": "2027-01-04T10:00:00"})
    gallery.forget_calls()
    assert gallery.box.assets.fetcher.work(gallery.tenant, gallery.box.clock.now() + timedelta(minutes=5)) == 1
    gallery.work()
    assert pictures(gallery)[fine]["url"] is not None


def test_an_unknown_file_or_size_is_refused(gallery: Shop) -> None:
    fetch(gallery)
    assert gallery.call("GET", "/v1/assets/" + "0" * 64)[0] == 404
    asset = next(iter(pictures(gallery).values()))["sha256"]
    status, problem, _ = gallery.call("GET", f"/v1/assets/{asset}", query={"size": "7"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "?size")


def test_another_tenant_does_not_see_the_file(gallery: Shop) -> None:
    fetch(gallery)
    asset = next(iter(pictures(gallery).values()))["sha256"]
    assert gallery.call("GET", f"/v1/assets/{asset}", headers={"x-tenant-id": "other"})[0] == 404


def test_removing_a_tenant_removes_its_files(gallery: Shop) -> None:
    fetch(gallery)
    assert gallery.box.assets.library.forget(gallery.tenant) > 0
    assert not [key for key in gallery.box.platform.blobs.objects if key.startswith("assets/")]  # type: ignore[attr-defined]


def change(shop: Shop, code: str, values: dict[str, Any]) -> None:
    item = next(row for row in shop.exact_rows("Items") if row["Code"].strip() == code)
    shop.sandbox.control("PATCH", f"/records/{DIVISION}/Items/{item['ID']}", values)
    shop.ok("POST", f"/v1/tenants/{shop.tenant}/sync/items", {"full": False})
    shop.work()
