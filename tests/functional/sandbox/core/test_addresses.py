"""Every address of the schema answers, in JSON and in Atom, and large pages are quick."""

from __future__ import annotations

import time
from itertools import islice
from xml.etree import ElementTree

import pytest

from exact_sandbox.protocol.atom import VALUES_WITHOUT_KEY
from exact_sandbox.protocol.limits import Allowance
from exact_sandbox.protocol.odata import Selection
from exact_sandbox.protocol.render import Page, Renderer, page_json
from exact_sandbox.protocol.schema import Endpoint, load_schema
from functional.sandbox.core.conftest import Start
from functional.sandbox.core.small_world import DIVISION, frozen_clock, guid, item, small_world

SCHEMA = load_schema()
READABLE = [each for each in SCHEMA.endpoints.values() if "GET" in each.methods]
PARAMETERS = {
    "read/logistics/ItemExtraField": f"itemId=guid'{guid(1, 1)}'&modified=datetime'2026-01-01T00:00:00'",
    "read/logistics/ItemDetailsByID": f"itemId=guid'{guid(1, 1)}'",
    "read/logistics/SalesItemPrice": f"itemId=guid'{guid(1, 1)}'",
    "read/logistics/AccountItems": f"accountId=guid'{guid(2, 1)}'",
    "read/logistics/StockPosition": f"itemId=guid'{guid(1, 1)}'",
    "read/crm/DefaultAddressForAccount": f"accountId=guid'{guid(2, 1)}'&addressType=4",
    "read/sync/Sync/SyncTimestamp": "modified=datetime'2026-01-01'&endPoint='SalesOrderHeaders'",
    "customfield/CustomFields": f"LinkId=guid'{guid(1, 1)}'&BcName=Items",
}


def listing(endpoint: Endpoint, base: str) -> str:
    """Return a call for the first page of an address that satisfies every demand."""
    if endpoint.path in PARAMETERS:
        return f"{endpoint.path}?{PARAMETERS[endpoint.path]}"
    if endpoint.path == "current/Me":
        return f"{base}/api/v1/current/Me"
    if endpoint.mode == "sync":
        return f"{endpoint.path}?$filter=Timestamp gt 1L"
    key = endpoint.entity.key
    return f"{endpoint.path}?$filter={key} ne null&$select={key}"


@pytest.mark.parametrize("accept", ["application/json", "application/atom+xml"], ids=["json", "atom"])
def test_every_readable_address_answers(start: Start, accept: str) -> None:
    exact = start(allowance=Allowance(minute=1000)).connect()
    for endpoint in READABLE:
        answer = exact.get(listing(endpoint, exact.running.base), Accept=accept)
        assert answer.status_code == 200, (endpoint.path, answer.text)
        if accept == "application/json":
            rows = answer.json()["d"]
            assert isinstance(rows if endpoint.page_size is None else rows["results"], list), endpoint.path
        else:
            name = endpoint.path.split("/")[-1] if endpoint.entity.name in VALUES_WITHOUT_KEY else "feed"
            assert ElementTree.fromstring(answer.content).tag.endswith(f"}}{name}"), endpoint.path


@pytest.mark.parametrize(
    ("path", "page"),
    [
        pytest.param("logistics/Items", 60, id="items"),
        pytest.param("bulk/Logistics/Items", 1000, id="items in bulk"),
        pytest.param("sync/Logistics/Items", 1000, id="items in sync"),
        pytest.param("sync/Inventory/StockPositions", 1000, id="stock per warehouse"),
        pytest.param("sync/SalesOrder/SalesOrderHeaders", 1000, id="order headers"),
        pytest.param("sync/Logistics/PurchaseItemPrices", 1000, id="purchase prices"),
        pytest.param("sync/Deleted", 1000, id="deletions"),
        pytest.param("read/financial/ReceivablesList", None, id="receivables"),
        pytest.param("activities/CommunicationNotes", 60, id="notes"),
        pytest.param("crm/Quotations", 60, id="quotations"),
        pytest.param("salesorder/PlannedSalesReturns", 60, id="returns"),
        pytest.param("inventory/ItemWarehousePlanningDetails", 60, id="planning"),
    ],
)
def test_an_address_has_its_page_size(path: str, page: int | None) -> None:
    assert SCHEMA.endpoints[path].page_size == page


@pytest.mark.parametrize("path", ["sync/SalesOrder/SalesOrders", "sync/CRM/Quotations", "sync/Logistics/ItemGroups"])
def test_addresses_that_are_gone_or_never_were_are_404(start: Start, path: str) -> None:
    assert start().connect().get(path).status_code == 404


def test_a_page_of_a_thousand_items_with_every_field_takes_well_under_100_ms_of_work() -> None:
    division = small_world(frozen_clock()).divisions[DIVISION]
    division.table("Items").load(item(number) for number in range(1000, 2000))
    endpoint = SCHEMA.endpoints["sync/Logistics/Items"]

    def work() -> float:
        began = time.process_time()
        renderer = Renderer(endpoint, Selection(), "http://127.0.0.1/api/v1/123456")
        rows = [renderer.text(row) for row in islice(division.sync_rows("Items"), 1000)]
        assert len(page_json(Page(rows))) > 1_000_000
        return time.process_time() - began

    assert min(work() for _ in range(5)) < 0.1
