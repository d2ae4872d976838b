"""The words with which Exact refuses, as vendors publish them, in Dutch and in English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exact_sandbox.documents.refusals import text
from exact_sandbox.world.store import Row
from functional.sandbox.data.worlds import Office, day, refused, tiny_world

Change = Callable[[Office, Row], None]


@pytest.fixture
def buyer() -> Office:
    return Office(tiny_world(customers=100))


def english(office: Office) -> Office:
    user = next(user for user in office.world.users.values() if user.language == "EN")
    return Office(office.world, user=user)


def link_of(office: Office) -> Row:
    """Return a supplier's link to a stock item that can be ordered today."""
    accounts, items = office.division.table("Accounts"), office.division.table("Items")

    def orderable(row: Row) -> bool:
        supplier, item = accounts.get(row["Supplier"]) or {}, items.get(row["Item"]) or {}
        open_ended = "EndDate" not in supplier and "EndDate" not in item and not supplier["Blocked"]
        return open_ended and item["StartDate"] <= day("2026-06-15") and item["IsStockItem"]

    return next(row for row in office.rows("SupplierItem") if row["PurchasePrice"] > 0 and orderable(row))


def purchase_order(link: Row, **line: object) -> Row:
    lines = [{"Item": link["Item"], "QuantityInPurchaseUnits": 2, **line}]
    return {"Supplier": link["Supplier"], "PurchaseOrderLines": lines}


def set_fields(table: str, field: str, **changes: object) -> Change:
    """Return a change of the row that a link names in one of its fields."""
    return lambda office, link: office.division.table(table).update(link[field], changes)  # type: ignore[return-value]


def unlink_warehouse(office: Office, link: Row) -> None:
    main = next(row["ID"] for row in office.rows("Warehouses") if row["Main"])
    for row in list(office.division.table("ItemWarehouses").lookup("Item", link["Item"]) or []):
        if row["Warehouse"] == main:
            office.division.table("ItemWarehouses").delete(row["ID"])


def unlink_supplier(office: Office, link: Row) -> None:
    office.division.table("SupplierItem").delete(link["ID"])


PURCHASES: dict[str, tuple[Change, str, str]] = {
    "item that starts later": (
        set_fields("Items", "Item", StartDate=day("2027-01-01")), "Artikel: Toekomstig", "Item: Future"),
    "item that ended": (
        set_fields("Items", "Item", EndDate=day("2026-06-14")), "Artikel: Non actief", "Item: Inactive"),
    "item that is not bought": (
        set_fields("Items", "Item", IsPurchaseItem=False), "Verplicht: Inkoop", "Mandatory: Purchase"),
    "supplier that ended": (
        set_fields("Accounts", "Supplier", EndDate=day("2026-06-14")), "Leverancier: Non actief",
        "Supplier: Inactive"),
    "no purchase price": (
        set_fields("SupplierItem", "ID", PurchasePrice=0.0), "Niet gevonden: Inkoopprijs",
        "Not found: Purchase price"),
    "purchase price left out": (
        set_fields("SupplierItem", "ID", PurchasePrice=None), "Niet gevonden: Inkoopprijs",
        "Not found: Purchase price"),
    "item not at the supplier": (
        unlink_supplier, "Het artikel en de leverancier zijn niet gekoppeld",
        "The item and the supplier are not linked"),
    "item not in the warehouse": (
        unlink_warehouse, "Het artikel en het magazijn zijn niet gekoppeld.",
        "The item and the warehouse are not linked."),
    "blocked VAT code": (
        set_fields("SupplierItem", "ID", PurchaseVATCode="19 "), "Geblokkeerd: Btw code (19)",
        "Blocked: VAT code (19)"),
    "VAT code for sales": (
        set_fields("SupplierItem", "ID", PurchaseVATCode="6  "), "Ongeldig: Btw-code", "Invalid: VAT code"),
}  # fmt: skip


@pytest.mark.parametrize("case", PURCHASES)
def test_a_purchase_order_is_refused_for_what_vendors_publish(buyer: Office, case: str) -> None:
    change, dutch, in_english = PURCHASES[case]
    link = link_of(buyer)
    change(buyer, link)
    version = buyer.division.version
    assert buyer.refusal("PurchaseOrders", purchase_order(link)) == (500, dutch)
    assert english(buyer).refusal("PurchaseOrders", purchase_order(link)) == (500, in_english)
    assert buyer.division.version == version


@pytest.mark.parametrize("price", [{"UnitPrice": 3}, {"NetPrice": 3}, {"NetPrice": 0}])
def test_a_price_on_the_line_stands_for_a_missing_purchase_price(buyer: Office, price: Row) -> None:
    link = link_of(buyer)
    buyer.division.table("SupplierItem").update(link["ID"], {"PurchasePrice": 0.0})
    order = buyer.post("PurchaseOrders", purchase_order(link, **price))
    assert order["AmountFCExclVat"] == 2 * sum(price.values())


def test_the_same_link_is_ordered_when_nothing_is_wrong(buyer: Office) -> None:
    assert buyer.post("PurchaseOrders", purchase_order(link_of(buyer)))["OrderStatus"] == 10


def test_a_purchase_order_line_is_not_taken_alone(buyer: Office) -> None:
    order = next(row for row in buyer.rows("PurchaseOrders") if row["OrderStatus"] == 10)
    link = link_of(buyer)
    line = {"PurchaseOrderID": order["PurchaseOrderID"], "Item": link["Item"], "QuantityInPurchaseUnits": 1}
    before = len(buyer.rows("PurchaseOrderLines"))
    assert buyer.refusal("PurchaseOrderLines", line) == (500, "Niet toegestaan: Inkooporderregel")
    assert english(buyer).refusal("PurchaseOrderLines", {}) == (500, "Not allowed: Purchase order line")
    assert len(buyer.rows("PurchaseOrderLines")) == before


def test_several_problems_of_several_lines_come_once_each_in_one_text(buyer: Office) -> None:
    link = link_of(buyer)
    buyer.division.table("SupplierItem").update(link["ID"], {"PurchasePrice": 0.0, "PurchaseVATCode": "19 "})
    body = purchase_order(link)
    body["PurchaseOrderLines"] *= 2
    assert buyer.refusal("PurchaseOrders", body) == (500, "Niet gevonden: Inkoopprijs\r\nGeblokkeerd: Btw code (19)")


def invoice(office: Office, **header: object) -> Row:
    lines = [{"Item": office.item()["ID"], "NetPrice": 1}]
    return {"OrderedBy": office.customer()["ID"], "Journal": "70", "SalesInvoiceLines": lines, **header}


def test_an_invoice_without_accounts_names_payer_and_customer_in_one_text(buyer: Office) -> None:
    body = invoice(buyer, OrderedBy=None, Journal=None)
    assert buyer.refusal("SalesInvoices", body) == (500, "Verplicht: Factuur voor\r\nVerplicht: Besteld door")


def test_an_unknown_account_is_named_under_each_part_that_it_plays(buyer: Office) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    expected = "\r\n".join(f"Ongeldige referentie: {name}" for name in ("Leveren aan", "Besteld door", "Factuur voor"))
    assert buyer.refusal("SalesInvoices", invoice(buyer, OrderedBy=nobody, InvoiceTo=nobody)) == (500, expected)


def test_an_invoice_in_a_closed_period_is_refused(buyer: Office) -> None:
    buyer.division.closed_periods = frozenset({"2026-5"})
    body = invoice(buyer, InvoiceDate="2026-05-31")
    assert buyer.refusal("SalesInvoices", body) == (500, "Periode is afgesloten: 2026 - 5")
    assert english(buyer).refusal("SalesInvoices", body) == (500, "Period is closed: 2026 - 5")
    assert buyer.post("SalesInvoices", invoice(buyer, InvoiceDate="2026-06-01"))["InvoiceDate"] == day("2026-06-01")


def test_a_balance_sheet_ledger_takes_no_revenue(buyer: Office) -> None:
    bank = next(row["ID"] for row in buyer.rows("GLAccounts") if row["Code"] == "1100")
    body = invoice(buyer)
    body["SalesInvoiceLines"][0]["GLAccount"] = bank
    assert buyer.refusal("SalesInvoices", body) == (500, "Ongeldig grootboekrekeningtype")


def test_what_is_in_use_cannot_be_removed(buyer: Office) -> None:
    item = buyer.rows("SalesOrderLines")[0]["Item"]
    assert refused(lambda: buyer.remove("Items", item)) == (500, "In gebruik: Artikel")
    customer = buyer.rows("SalesOrders")[0]["OrderedBy"]
    assert refused(lambda: english(buyer).remove("Accounts", customer)) == (500, "In use: Account")


@pytest.mark.parametrize(
    ("kind", "name", "dutch", "in_english"),
    [
        ("inactive", "Customer", "Klant: non-actief", "Customer: Inactive"),
        ("exists", "Code", "Bestaat reeds: Code", "Already exists: Code"),
        ("in_use", "EntryNumber", "In gebruik: Boekstuknummer", "In use: Document number"),
        ("long", "YourRef", "Te lang: Uw ref.", "Too long: Your ref."),
        ("reference", "VATCode", "Ongeldige referentie: Btw-code", "Invalid reference: VAT code"),
    ],
)
def test_a_text_has_the_form_that_is_published(kind: str, name: str, dutch: str, in_english: str) -> None:
    assert [text(kind, name, language) for language in ("NL", "EN")] == [dutch, in_english]


def test_captions_of_the_user_are_words_not_property_names(buyer: Office) -> None:
    answers: list[Any] = [english(buyer).refusal(entity, {}) for entity in ("Contacts", "SupplierItem")]
    assert answers == [
        (500, "Mandatory: Account\r\nMandatory: First name\r\nMandatory: Last name"),
        (500, "Mandatory: Item\r\nMandatory: Item unit\r\nMandatory: Purchase price\r\nMandatory: Purchase unit\r\n"
              "Mandatory: Supplier"),
    ]  # fmt: skip
