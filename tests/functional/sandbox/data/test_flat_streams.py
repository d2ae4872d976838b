"""The sync streams of invoices and purchase orders: header row 0, lines, VAT row 9999, signs, versions, deletions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from exact_sandbox.admin.records import change_record, insert_record, remove_record
from exact_sandbox.world.flat import row_id
from exact_sandbox.world.store import Row
from functional.sandbox.data.worlds import Office

VAT_HIGH = "4  "


def invoice(office: Office, *prices: float, **header: object) -> Row:
    """Post an invoice with a line of these net prices each, at 21 % VAT."""
    item = office.item(SalesVatCode=VAT_HIGH)
    lines = [{"Item": item["ID"], "Quantity": 1, "NetPrice": price, "VATCode": VAT_HIGH} for price in prices]
    customer = office.customer(SalesVATCode=VAT_HIGH, SalesCurrency="EUR")
    return office.post(
        "SalesInvoices", {"OrderedBy": customer["ID"], "Journal": "70", "SalesInvoiceLines": lines, **header}
    )


def purchase_order(office: Office, lines: int = 2) -> Row:
    """Return a generated purchase order of that many lines of which nothing was received."""
    table = office.division.table("PurchaseOrderLines")
    return next(
        order
        for order in office.rows("PurchaseOrders")
        if order["OrderStatus"] == 10 and len(table.lookup("PurchaseOrderID", order["PurchaseOrderID"]) or []) >= lines
    )


def stream(office: Office, name: str, key: str, after: int = 0) -> dict[int, Row]:
    """Return the rows of one document by line number."""
    link = "InvoiceID" if name == "SalesInvoices" else "PurchaseOrderID"
    return {row["LineNumber"]: row for row in office.division.sync_rows(name, after) if row[link] == key}


def deleted(office: Office) -> list[tuple[int, str]]:
    return [(row["EntityType"], row["EntityKey"]) for row in office.rows("Deleted")]


def test_an_invoice_has_a_header_row_its_lines_and_a_vat_row(office: Office) -> None:
    made = invoice(office, 300, 200)
    rows = stream(office, "SalesInvoices", made["InvoiceID"])
    assert {number: (row["AmountDC"], row["AmountFC"]) for number, row in rows.items()} == {
        0: (605.0, 605.0), 1: (-300.0, -300.0), 2: (-200.0, -200.0), 9999: (-105.0, -105.0)}  # fmt: skip
    assert [rows[number].get("ItemCode") is not None for number in (0, 1, 2, 9999)] == [False, True, True, False]
    assert {row["OrderedBy"] for row in rows.values()} == {made["OrderedBy"]}
    assert len({row["ID"] for row in rows.values()}) == 4


def test_the_same_lines_come_with_their_own_sign_from_the_table_of_lines(office: Office) -> None:
    made = invoice(office, 500)
    (line,) = office.division.table("SalesInvoiceLines").lookup("InvoiceID", made["InvoiceID"]) or []
    assert (line["AmountDC"], stream(office, "SalesInvoices", made["InvoiceID"])[1]["AmountDC"]) == (500.0, -500.0)


def test_with_the_documented_signs_every_amount_is_positive(office: Office) -> None:
    office.division.sync_signs = "documented"
    rows = stream(office, "SalesInvoices", invoice(office, 500)["InvoiceID"])
    assert {number: row["AmountDC"] for number, row in rows.items()} == {0: 605.0, 1: 500.0, 9999: 105.0}


def test_an_invoice_without_vat_has_no_vat_row(office: Office) -> None:
    item = office.item()
    body = {"OrderedBy": office.customer(SalesVATCode="7  ")["ID"], "Journal": "70",
            "SalesInvoiceLines": [{"Item": item["ID"], "NetPrice": 5, "VATCode": "0"}]}  # fmt: skip
    made = office.post("SalesInvoices", body)
    assert sorted(stream(office, "SalesInvoices", made["InvoiceID"])) == [0, 1]


def test_a_purchase_order_has_a_header_row_and_its_lines_with_positive_amounts(office: Office) -> None:
    order = purchase_order(office)
    rows = stream(office, "PurchaseOrders", order["PurchaseOrderID"])
    assert sorted(rows) == list(range(order["PurchaseOrderLineCount"] + 1))
    assert (rows[0]["AmountDC"], rows[0]["AmountFCExclVat"]) == (order["AmountDC"], order["AmountFCExclVat"])
    assert all(row["AmountDC"] >= 0 and "AmountFCExclVat" not in row for number, row in rows.items() if number)
    assert "Item" not in rows[0]


def test_row_versions_of_a_stream_are_unique_and_rise(office: Office) -> None:
    for name in ("SalesInvoices", "PurchaseOrders"):
        versions = [row["Timestamp"] for row in office.division.sync_rows(name)]
        assert versions == sorted(set(versions))
        middle = versions[len(versions) // 2]
        assert [row["Timestamp"] for row in office.division.sync_rows(name, middle)] == [
            version for version in versions if version > middle
        ]


def test_a_company_that_moved_has_unique_row_versions_too(office: Office) -> None:
    before = len(list(office.division.sync_rows("SalesInvoices")))
    office.division.move_database()
    versions = [row["Timestamp"] for row in office.division.sync_rows("SalesInvoices")]
    assert versions == sorted(set(versions))
    assert len(versions) == before


def change_header(office: Office, order: Row) -> None:
    office.put("PurchaseOrders", order["PurchaseOrderID"], {"YourRef": "nieuw"})


def patch_header(office: Office, order: Row) -> None:
    change_record(office.division, "PurchaseOrders", order["PurchaseOrderID"], {"YourRef": "nieuw"})


def change_line(office: Office, order: Row) -> None:
    row = stream(office, "PurchaseOrders", order["PurchaseOrderID"])[1]
    office.put("PurchaseOrderLines", row["ID"], {"Notes": "nieuw"})


def patch_line(office: Office, order: Row) -> None:
    row = stream(office, "PurchaseOrders", order["PurchaseOrderID"])[1]
    change_record(office.division, "PurchaseOrderLines", row["ID"], {"Notes": "nieuw"})


@pytest.mark.parametrize("change", [change_header, patch_header, change_line, patch_line])
def test_any_change_of_a_document_gives_all_its_rows_new_versions(office: Office, change: Any) -> None:
    order = purchase_order(office)
    before, version = stream(office, "PurchaseOrders", order["PurchaseOrderID"]), office.division.version
    change(office, order)
    after = stream(office, "PurchaseOrders", order["PurchaseOrderID"], version)
    assert sorted(after) == sorted(before)
    others = {row["PurchaseOrderID"] for row in office.division.sync_rows("PurchaseOrders", version)}
    assert others == {order["PurchaseOrderID"]}


def test_a_late_change_moves_all_rows_when_it_becomes_visible(office: Office) -> None:
    order, clock = purchase_order(office), office.world.clock
    cursor = office.division.version
    with office.division.transaction(late_s=3):
        office.division.table("PurchaseOrders").update(order["PurchaseOrderID"], {"YourRef": "laat"})
    assert stream(office, "PurchaseOrders", order["PurchaseOrderID"], cursor) == {}
    clock.advance(3)  # type: ignore[attr-defined]
    rows = stream(office, "PurchaseOrders", order["PurchaseOrderID"], cursor)
    assert sorted(rows) == list(range(order["PurchaseOrderLineCount"] + 1))
    assert {row["YourRef"] for row in rows.values()} == {"laat"}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param("line", {"line", "row 0", "row 9999"}, id="keys of the rows"),
        pytest.param("header", {"header"}, id="key of the header"),
        pytest.param("both", {"line", "row 0", "row 9999", "header"}, id="both"),
    ],
)
def test_a_removed_invoice_leaves_the_keys_that_the_company_is_set_to(
    office: Office, keys: str, expected: set[str]
) -> None:
    office.division.deletion_keys = keys
    made = invoice(office, 500)
    rows, key = stream(office, "SalesInvoices", made["InvoiceID"]), made["InvoiceID"]
    names = {rows[1]["ID"]: "line", row_id(key, 0): "row 0", row_id(key, 9999): "row 9999", key: "header"}
    office.remove("SalesInvoices", key)
    assert sorted((number, names[left]) for number, left in deleted(office)) == sorted((13, name) for name in expected)
    assert stream(office, "SalesInvoices", key) == {}


def test_both_kinds_of_keys_are_left_unless_told_otherwise(office: Office) -> None:
    order = purchase_order(office, 1)
    lines = office.division.table("PurchaseOrderLines").lookup("PurchaseOrderID", order["PurchaseOrderID"]) or []
    key = order["PurchaseOrderID"]
    expected = {*(line["ID"] for line in lines), row_id(key, 0), key}
    office.remove("PurchaseOrders", key)
    assert set(deleted(office)) == {(22, left) for left in expected}


@pytest.mark.parametrize("keys", ["line", "header", "both"])
def test_a_removed_line_leaves_its_own_key_whatever_the_switch(office: Office, keys: str) -> None:
    office.division.deletion_keys = keys
    made = invoice(office, 300, 200)
    rows = stream(office, "SalesInvoices", made["InvoiceID"])
    office.remove("SalesInvoiceLines", rows[2]["ID"])
    assert deleted(office) == [(13, rows[2]["ID"])]
    left = stream(office, "SalesInvoices", made["InvoiceID"])
    assert {number: row["AmountDC"] for number, row in left.items()} == {0: 363.0, 1: -300.0, 9999: -63.0}


def test_a_vat_row_that_goes_leaves_its_key(office: Office) -> None:
    made = invoice(office, 500)
    line = stream(office, "SalesInvoices", made["InvoiceID"])[1]
    office.put("SalesInvoiceLines", line["ID"], {"VATCode": "0"})
    assert deleted(office) == [(13, row_id(made["InvoiceID"], 9999))]
    assert sorted(stream(office, "SalesInvoices", made["InvoiceID"])) == [0, 1]


def test_a_document_that_somebody_removes_in_exact_takes_its_lines_along(office: Office) -> None:
    order = purchase_order(office, 1)
    remove_record(office.division, "PurchaseOrders", order["PurchaseOrderID"])
    assert stream(office, "PurchaseOrders", order["PurchaseOrderID"]) == {}
    assert (22, order["PurchaseOrderID"]) in deleted(office)


def test_rows_that_are_inserted_as_given_appear_in_the_stream(office: Office) -> None:
    order = {**purchase_order(office), "OrderNumber": 99}
    values: Row = {name: order[name] for name in ("Supplier", "OrderNumber", "Currency", "OrderStatus")}
    world, division = office.world, office.division
    header = asyncio.run(insert_record(world, division, "PurchaseOrders", values, ruled=False))
    line = {"PurchaseOrderID": header["PurchaseOrderID"], "LineNumber": 1, "Quantity": 2}
    asyncio.run(insert_record(world, division, "PurchaseOrderLines", line, ruled=False))
    assert sorted(stream(office, "PurchaseOrders", header["PurchaseOrderID"])) == [0, 1]
