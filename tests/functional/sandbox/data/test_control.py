"""The control routes over HTTP: look, change records, turn the clock, arm faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from exact_sandbox.admin.routes import routes
from exact_sandbox.world.files import content_type, handler, pdf, png
from exact_sandbox.world.store import World
from functional.sandbox.data.worlds import Office, tiny_world

RECORDS = "/sandbox/records/123456"


class Remote:
    """A world behind its control routes and file addresses; every bearer token `t` is the first user's."""

    def __init__(self, world: World, client: TestClient[Any, Any]) -> None:
        self.world, self.client, self.office = world, client, Office(world)

    async def json(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        async with self.client.request(method, path, json=body) as answer:
            found = await answer.json()
            assert answer.status == status, found
            return found


def with_remote(story: Callable[[Remote], Awaitable[None]]) -> None:
    async def play() -> None:
        world, app = tiny_world(items=60, customers=24, orders=4), web.Application()
        app.router.add_routes(routes(world))
        user = world.first_user()
        files = handler(world, lambda request: user if request.headers.get("Authorization") == "Bearer t" else None)
        app.router.add_get("/docs/{tail:.*}", files)
        async with TestClient(TestServer(app, host="127.0.0.1")) as client:
            await story(Remote(world, client))

    asyncio.run(play())


def test_info_tells_everything_that_a_client_needs() -> None:
    async def story(remote: Remote) -> None:
        info = await remote.json("GET", "/sandbox/info")
        (app,) = info["apps"]
        assert app["client_id"] in remote.world.apps
        assert app["client_secret"] == remote.world.apps[app["client_id"]].client_secret
        assert {user["user_name"]: user["password"] for user in info["users"]} == {
            "demo@example.test": "demo", "second@example.test": "second"}  # fmt: skip
        assert [each["code"] for each in info["divisions"]] == [123456, 123459]
        assert info["late_bound_s"] == 5.0

    with_remote(story)


def test_counters_are_summed_narrowed_and_reset() -> None:
    async def story(remote: Remote) -> None:
        for path, status in (("crm/Accounts", 200), ("crm/Accounts", 200), ("sync/CRM/Accounts", 429)):
            remote.world.counters.count(123456, "GET", path, status)
        remote.world.counters.count(None, "GET", "current/Me", 200)
        assert (await remote.json("GET", "/sandbox/counters"))["total"] == 4
        narrowed = await remote.json("GET", "/sandbox/counters?division=123456&path=sync/")
        assert narrowed["calls"] == [
            {"division": 123456, "method": "GET", "path": "sync/CRM/Accounts", "status": 429, "calls": 1}
        ]
        await remote.json("DELETE", "/sandbox/counters")
        assert (await remote.json("GET", "/sandbox/counters"))["total"] == 0

    with_remote(story)


def test_the_clock_is_moved_set_and_sped_up() -> None:
    async def story(remote: Remote) -> None:
        before = await remote.json("GET", "/sandbox/clock")
        after = await remote.json("PUT", "/sandbox/clock", {"advance": 3600})
        assert after["epoch"] - before["epoch"] == pytest.approx(3600)
        assert (await remote.json("PUT", "/sandbox/clock", {"offset": 60}))["offset"] == pytest.approx(60)
        set_to = await remote.json("PUT", "/sandbox/clock", {"now": "2026-12-01T12:00:00+00:00", "rate": 10})
        assert (set_to["now"], set_to["rate"]) == ("2026-12-01T12:00:00+00:00", 10)
        assert set_to["local"] == "2026-12-01T13:00:00"

    with_remote(story)


@pytest.mark.parametrize(
    "body", [{"now": "2026-12-01T12:00:00"}, {"speed": 2}, {"rate": -1}], ids=["no zone", "unknown name", "backwards"]
)
def test_a_wrong_clock_request_is_refused_with_a_reason(body: dict[str, object]) -> None:
    async def story(remote: Remote) -> None:
        assert (await remote.json("PUT", "/sandbox/clock", body, 400))["error"]

    with_remote(story)


def test_a_record_is_inserted_changed_found_and_deleted() -> None:
    async def story(remote: Remote) -> None:
        item = remote.office.item()
        changed = await remote.json("PATCH", f"{RECORDS}/Items/{item['ID']}", {"Description": "Anders", "Stock": 7})
        assert (changed["Description"], changed["Stock"]) == ("Anders", 7.0)
        assert changed["Timestamp"] > item["Timestamp"]
        found = await remote.json("GET", f"{RECORDS}/Items?Description=Anders")
        assert (found["count"], found["records"][0]["ID"]) == (1, item["ID"])
        new = await remote.json(
            "POST", f"{RECORDS}/Items", {"Code": "C9", "Description": "x", "EndDate": "2026-01-01"}, 201
        )
        assert new["EndDate"] == "2026-01-01T00:00:00"
        await remote.json("DELETE", f"{RECORDS}/Items/{new['ID']}")
        assert (await remote.json("GET", f"{RECORDS}/Deleted?EntityKey={new['ID']}"))["count"] == 1

    with_remote(story)


def test_a_record_is_stored_with_the_stamps_that_it_was_given() -> None:
    async def story(remote: Remote) -> None:
        given = {"ID": "99999999-0000-4000-8000-00000000000a", "Code": "C10", "Description": "x",
                 "Created": "2018-09-21T04:18:55.617000", "CreatorFullName": "Exact Online",
                 "Modified": "/Date(1537503535617)/"}  # fmt: skip
        await remote.json("POST", f"{RECORDS}/Items", given, 201)
        found = (await remote.json("GET", f"{RECORDS}/Items?Code=C10"))["records"][0]
        wanted = {**given, "Modified": "2018-09-21T04:18:55.617000"}
        assert {name: found[name] for name in wanted} == wanted
        assert found["Modifier"] == remote.world.first_user().user_id

    with_remote(story)


def test_an_empty_change_only_gives_a_new_row_version() -> None:
    async def story(remote: Remote) -> None:
        position = remote.office.rows("StockPositions")[0]
        changed = await remote.json("PATCH", f"{RECORDS}/StockPositions/{position['ID']}", {})
        assert changed["Timestamp"] == remote.office.division.version
        assert {**changed, "Timestamp": 0} == {**position, "Timestamp": 0}

    with_remote(story)


def test_a_record_can_be_inserted_by_the_rules_of_a_post() -> None:
    async def story(remote: Remote) -> None:
        body = {"OrderedBy": remote.office.customer()["ID"], "SalesOrderLines": [{"Item": remote.office.item()["ID"]}]}
        order = await remote.json("POST", f"{RECORDS}/SalesOrders?_rules=1", body, 201)
        assert order["OrderNumber"] > 10000
        refused = await remote.json("POST", f"{RECORDS}/SalesOrders?_rules=1", {}, 500)
        assert refused["error"].startswith("Verplicht: Factuur voor")

    with_remote(story)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/sandbox/records/1/Items", 404, id="company"),
        pytest.param("GET", f"{RECORDS}/Nothing", 404, id="entity"),
        pytest.param("PATCH", f"{RECORDS}/Items/none", 404, id="key"),
        pytest.param("POST", f"{RECORDS}/Items", 400, id="field"),
    ],
)
def test_what_is_not_known_is_named(method: str, path: str, status: int) -> None:
    async def story(remote: Remote) -> None:
        body = {"Wrong": 1} if method == "POST" else {}
        assert (await remote.json(method, path, body, status))["error"]

    with_remote(story)


def test_faults_are_armed_listed_and_cleared() -> None:
    async def story(remote: Remote) -> None:
        rules = [
            {"kind": "drop", "match": "SalesOrders$", "method": "POST", "count": 1},
            {"kind": "delay", "delay_ms": 5},
        ]
        ids = (await remote.json("POST", "/sandbox/faults", rules, 201))["ids"]
        assert [rule.kind for rule in remote.world.faults.strike("POST", "/salesorder/SalesOrders", 1)] == [
            "drop",
            "delay",
        ]
        listed = (await remote.json("GET", "/sandbox/faults"))["faults"]
        assert [(each["id"], each["hits"]) for each in listed] == [(ids[0], 1), (ids[1], 1)]
        assert len((await remote.json("DELETE", f"/sandbox/faults/{ids[0]}"))["faults"]) == 1
        assert (await remote.json("DELETE", "/sandbox/faults"))["faults"] == []

    with_remote(story)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"kind": "explode"}, id="unknown kind"),
        pytest.param({"kind": "drop", "path": "x"}, id="unknown name"),
        pytest.param({"kind": "late", "delay_ms": 5001}, id="later than the stated bound"),
        pytest.param({"kind": "drop", "match": "("}, id="no regular expression"),
    ],
)
def test_a_wrong_fault_is_refused_with_a_reason(rule: dict[str, object]) -> None:
    async def story(remote: Remote) -> None:
        good = {"kind": "delay", "delay_ms": 1}
        assert (await remote.json("POST", "/sandbox/faults", [good, rule], 400))["error"]
        assert remote.world.faults.armed == []

    with_remote(story)


def test_latency_is_set_and_taken_away() -> None:
    async def story(remote: Remote) -> None:
        await remote.json("PUT", "/sandbox/latency", {"match": "/sync/", "ms": 300, "per_rows": 1000})
        assert remote.world.faults.latency_s("/api/v1/1/sync/Deleted", 1000) == pytest.approx(0.3)
        await remote.json("DELETE", "/sandbox/latency")
        assert remote.world.faults.latency_s("/api/v1/1/sync/Deleted", 1000) == 0

    with_remote(story)


def test_orders_are_listed_with_number_and_time_of_creation() -> None:
    async def story(remote: Remote) -> None:
        body = {"OrderedBy": remote.office.customer()["ID"], "YourRef": "R1",
                "SalesOrderLines": [{"Item": remote.office.item()["ID"]}]}  # fmt: skip
        await remote.json("POST", f"{RECORDS}/SalesOrders?_rules=1", body, 201)
        listed = await remote.json("GET", "/sandbox/orders?entity=SalesOrders&division=123456")
        (entry,) = listed["orders"]
        assert (listed["count"], entry["your_ref"], entry["visible"]) == (1, "R1", True)
        assert entry["at"] == remote.world.clock.now().isoformat()

    with_remote(story)


def test_a_company_can_be_moved_blocked_and_changed_of_edition() -> None:
    async def story(remote: Remote) -> None:
        body = {"DivisionMoveDate": "2026-06-15", "BlockingStatus": 3, "edition": "basic"}
        changed = await remote.json("PATCH", "/sandbox/divisions/123456", body)
        division = remote.world.divisions[123456]
        assert (changed["DivisionMoveDate"], division.edition, division.usable) == (
            "2026-06-15T00:00:00",
            "basic",
            False,
        )

    with_remote(story)


@pytest.mark.parametrize("name", ["DivisionMoveDate", "DivisionHRLinkUnlinkDate"])
def test_a_date_on_which_exact_numbers_anew_makes_every_row_version_new_and_lower(name: str) -> None:
    async def story(remote: Remote) -> None:
        before = remote.office.division.version
        remote.office.division.table("Items").touch(remote.office.item()["ID"])
        changed = await remote.json("PATCH", "/sandbox/divisions/123456", {name: "2026-06-15"})
        versions = [row["Timestamp"] for row in remote.office.division.table("Items").scan_by_timestamp()]
        assert (changed[name], len(versions)) == ("2026-06-15T00:00:00", len(remote.office.rows("Items")))
        assert max(versions) < before

    with_remote(story)


def test_periods_of_a_company_can_be_closed() -> None:
    async def story(remote: Remote) -> None:
        changed = await remote.json("PATCH", "/sandbox/divisions/123456", {"closed_periods": ["2026-5"]})
        body = {"OrderedBy": remote.office.customer()["ID"], "Journal": "70", "InvoiceDate": "2026-05-02",
                "SalesInvoiceLines": [{"Item": remote.office.item()["ID"], "Quantity": 1}]}  # fmt: skip
        refused = await remote.json("POST", f"{RECORDS}/SalesInvoices?_rules=1", body, 500)
        assert (changed["closed_periods"], refused["error"]) == (["2026-5"], "Periode is afgesloten: 2026 - 5")

    with_remote(story)


def test_a_company_can_be_told_to_number_its_invoices_at_entry() -> None:
    async def story(remote: Remote) -> None:
        changed = await remote.json("PATCH", "/sandbox/divisions/123456", {"invoice_numbers": "entry"})
        body = {"OrderedBy": remote.office.customer()["ID"], "Journal": "70",
                "SalesInvoiceLines": [{"Item": remote.office.item()["ID"], "Quantity": 1}]}  # fmt: skip
        await remote.json("POST", f"{RECORDS}/SalesInvoices?_rules=1", body, 201)
        (entry,) = (await remote.json("GET", "/sandbox/orders?entity=SalesInvoices"))["orders"]
        assert (changed["invoice_numbers"], entry["number"] > 26700000) == ("entry", True)
        refused = await remote.json("PATCH", "/sandbox/divisions/123456", {"invoice_numbers": "never"}, 400)
        assert refused["error"] == "invoice_numbers is one of printing, entry, not 'never'."

    with_remote(story)


def test_tokens_and_webhooks_are_counted() -> None:
    async def story(remote: Remote) -> None:
        remote.world.tokens.rotated_and_dropped += 1
        assert (await remote.json("GET", "/sandbox/tokens"))["rotated_and_dropped"] == 1
        assert await remote.json("GET", "/sandbox/webhooks") == {"subscriptions": [], "attempts": []}

    with_remote(story)


async def fetched(remote: Remote, path: str, token: str = "t") -> tuple[int, str, bytes]:
    async with remote.client.get(path, headers={"Authorization": f"Bearer {token}"}) as answer:
        return answer.status, answer.content_type, await answer.read()


def test_pictures_and_thumbnails_are_images_behind_the_token() -> None:
    async def story(remote: Remote) -> None:
        item = next(row for row in remote.office.rows("Items") if "PictureName" in row)
        status, kind, picture = await fetched(remote, item["PictureUrl"])
        assert (status, kind, picture[:8]) == (200, "image/png", b"\x89PNG\r\n\x1a\n")
        status, _, thumbnail = await fetched(remote, item["PictureThumbnailUrl"])
        assert status == 200
        assert len(thumbnail) < len(picture)
        assert (await fetched(remote, item["PictureUrl"], "wrong"))[0] == 401
        assert (await fetched(remote, item["PictureUrl"].replace("123456", "123457")))[0] == 403

    with_remote(story)


def test_every_picture_is_another_and_a_new_name_changes_it() -> None:
    async def story(remote: Remote) -> None:
        items = [row for row in remote.office.rows("Items") if "PictureName" in row]
        pictures = {(await fetched(remote, row["PictureUrl"]))[2] for row in items}
        assert len(pictures) == len(items)
        before = (await fetched(remote, items[0]["PictureUrl"]))[2]
        await remote.json("PATCH", f"{RECORDS}/Items/{items[0]['ID']}", {"PictureName": "nieuw.png"})
        assert (await fetched(remote, items[0]["PictureUrl"]))[2] != before

    with_remote(story)


def test_the_placeholder_is_an_image_and_a_missing_picture_is_404() -> None:
    async def story(remote: Remote) -> None:
        assert (await fetched(remote, "/docs/images/placeholder_item.png"))[1] == "image/png"
        plain = next(row for row in remote.office.rows("Items") if "PictureName" not in row)
        path = f"/docs/SysImage.aspx?Table=Items&ID={plain['ID']}&_Division_=123456"
        assert (await fetched(remote, path))[0] == 404

    with_remote(story)


def test_an_attachment_is_raw_only_when_it_is_downloaded() -> None:
    async def story(remote: Remote) -> None:
        row = next(row for row in remote.office.rows("DocumentAttachments") if row["FileName"].endswith(".pdf"))
        assert (await fetched(remote, row["Url"]))[1] == "text/html"
        status, kind, data = await fetched(remote, f"{row['Url']}&Download=1")
        assert (status, kind, data[:5]) == (200, "application/pdf", b"%PDF-")

    with_remote(story)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(png("ab", (2, 2)), "image/png", id="PNG"),
        pytest.param(pdf("titel (met haakjes)"), "application/pdf", id="PDF"),
        pytest.param(b"\xff\xd8\xff\xe0", "image/jpeg", id="JPEG"),
        pytest.param(b"tekst", "application/octet-stream", id="other"),
    ],
)
def test_the_media_type_follows_the_bytes(data: bytes, kind: str) -> None:
    assert content_type(data) == kind
