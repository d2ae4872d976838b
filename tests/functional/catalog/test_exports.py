"""Whole kinds of documents as files: all rows once, in parts, whatever happens to the worker."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from exact_connector.documents.models.exports import Export
from exact_connector.identifiers import order_id
from exact_connector.serving.exports import Exports
from functional.catalog.shop import Shop


def lines(shop: Shop, export: Export) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for link in export["links"]:
        key = link["url"].removeprefix("memory://").partition("?")[0]
        body = shop.box.platform.blobs.get(key)
        assert body is not None
        assert len(body) == link["bytes"]
        rows = [json.loads(line) for line in gzip.decompress(body).splitlines()]
        assert len(rows) == link["rows"]
        found += rows
    return found


def small_parts(shop: Shop) -> Exports:
    """Exports that begin a new part after every page."""
    box = shop.box
    return Exports(
        box.platform.sync_table,
        box.documents.store,
        box.documents.feed,
        lambda: box.platform.blobs,
        box.clock,
        new_id=order_id,
        part_bytes=1,
    )


@pytest.mark.parametrize("view", ["default", "full"])
@pytest.mark.parametrize(
    ("kind", "path"), [("items", "/v1/items"), ("customers", "/v1/customers"), ("stock", "/v1/stock")]
)
def test_an_export_holds_what_the_list_serves(shop: Shop, kind: str, path: str, view: str) -> None:
    status, asked, headers = shop.call("POST", "/v1/exports", {"kind": kind, "view": view})
    assert (status, asked["state"], asked["links"]) == (202, "PENDING", [])
    assert shop.work_on_jobs() >= 1
    ready = shop.ok("GET", headers["Location"])
    assert ready["state"] == "READY"
    shown = {} if path == "/v1/stock" else {"view": view}
    assert lines(shop, ready) == shop.every(path, **shown)
    assert ready["rows"] == len(shop.every(path))


def test_the_feed_goes_on_where_an_export_began(shop: Shop) -> None:
    export = shop.ok("POST", "/v1/exports", {"kind": "items"})
    assert export["since"] == shop.ok("GET", "/v1/status")["feed_head"]


def test_an_export_without_documents_is_one_empty_file(shop: Shop) -> None:
    export = shop.ok("POST", "/v1/exports", {"kind": "receipts"})
    shop.work_on_jobs()
    ready = shop.ok("GET", f"/v1/exports/{export['export_id']}")
    assert (ready["rows"], len(ready["links"]), lines(shop, ready)) == (0, 1, [])


def test_a_part_that_a_dead_worker_wrote_is_written_anew_and_named_once(shop: Shop) -> None:
    exports = small_parts(shop)
    export = exports.request(shop.tenant, "items")
    exports._part(export)  # written, but the worker died before it said so
    deadline = shop.box.clock.now() + timedelta(minutes=5)
    assert exports.work(shop.tenant, deadline) >= 1
    ready = exports.to_response(exports.get(shop.tenant, export.export_id))
    assert lines(shop, ready) == shop.every("/v1/items")


def test_two_workers_at_once_name_every_document_once(shop: Shop) -> None:
    slow, fast = small_parts(shop), small_parts(shop)
    export = slow.request(shop.tenant, "items")
    deadline = shop.box.clock.now() + timedelta(minutes=5)
    fast.work(shop.tenant, deadline)
    assert slow._write(export, deadline) is False
    ready = slow.to_response(slow.get(shop.tenant, export.export_id))
    assert lines(shop, ready) == shop.every("/v1/items")


def test_an_export_without_time_stays_due(shop: Shop) -> None:
    export = shop.box.serving.exports.request(shop.tenant, "items")
    assert shop.box.serving.exports.work(shop.tenant, shop.box.clock.now()) == 0
    assert shop.tenant in shop.box.serving.exports.due(shop.box.clock.now())
    assert shop.box.serving.exports.get(shop.tenant, export.export_id).state == "PENDING"
    shop.work_on_jobs()
    assert shop.tenant not in shop.box.serving.exports.due(shop.box.clock.now())


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/kind"), ({"kind": ["items"]}, "/kind"), ({"kind": "items", "view": "wide"}, "/view"), ([], ""),
     ({"kind": "items", "since": 1}, "/since")],
    ids=["nothing", "list", "view", "no_object", "unknown_field"],
)  # fmt: skip
def test_a_wrong_request_is_named(shop: Shop, body: Any, pointer: str) -> None:
    status, problem, _ = shop.call("POST", "/v1/exports", body)
    assert (status, [each["pointer"] for each in problem["errors"]]) == (422, [pointer])


def test_an_unknown_export_is_not_found(shop: Shop) -> None:
    assert shop.call("GET", "/v1/exports/x1")[0] == 404


def test_removing_a_tenant_removes_its_exports_and_files(shop: Shop) -> None:
    shop.ok("POST", "/v1/exports", {"kind": "units"})
    shop.work_on_jobs()
    assert shop.box.serving.exports.forget(shop.tenant) > 0
    assert not [key for key in shop.box.platform.blobs.objects if key.startswith("exports/")]  # type: ignore[attr-defined]
