"""Sales orders: mandatory fields, defaults from the account, prices, amounts, stock, changes and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from exact_sandbox.world.store import Row
from functional.sandbox.data.worlds import Office, day, refused, tiny_world

NOBODY = "00000000-0000-0000-0000-000000000000"
UNKNOWN = "Ongeldige referentie"


def test_missing_mandatory_fields_come_in_one_text_joined_by_cr_lf(office: Office) -> None:
    assert office.refusal("SalesOrders", {}) == (
        500,
        "Verplicht: Factuur voor\r\nVerplicht: Besteld door\r\nVerplicht: Regels",
    )


def test_the_text_is_in_the_users_language(office: Office) -> None:
    english = next(user for user in office.world.users.values() if user.language == "EN")
    abroad = Office(office.world, user=english)
    assert abroad.refusal("SalesOrders", {}) == (
        500,
        "Mandatory: Invoice to\r\nMandatory: Ordered by\r\nMandatory: Lines",
    )


def test_the_header_is_filled_in_from_the_account(office: Office) -> None:
    account = next(
        row for row in office.rows("Accounts")
        if row.get("Status") == "C" and not row["Blocked"] and "EndDate" not in row and "MainContact" in row
        and "InvoiceAccount" not in row
    )  # fmt: skip
    order = office.post("SalesOrders", {"OrderedBy": account["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]})
    today = day("2026-06-15")
    main = next(row for row in office.rows("Warehouses") if row["Main"])
    assert {name: order.get(name) for name in (
        "DeliverTo", "InvoiceTo", "OrderedByName", "OrderedByContactPerson", "PaymentCondition", "WarehouseID",
        "OrderDate", "DeliveryDate", "Status", "DeliveryStatus", "InvoiceStatus", "Currency", "Discount")} == {
        "DeliverTo": account["ID"], "InvoiceTo": account["ID"], "OrderedByName": account["Name"],
        "OrderedByContactPerson": account["MainContact"], "PaymentCondition": account["PaymentConditionSales"],
        "WarehouseID": main["ID"], "OrderDate": today, "DeliveryDate": today, "Status": 12, "DeliveryStatus": 12,
        "InvoiceStatus": 12, "Currency": account["SalesCurrency"], "Discount": 0.0}  # fmt: skip
    address = office.division.table("Addresses").get(order["DeliveryAddress"]) or {}
    assert (address["Account"], address["Main"]) == (account["ID"], True)


def test_the_invoice_goes_to_the_accounts_payer(office: Office) -> None:
    account = next(
        row for row in office.rows("Accounts")
        if "InvoiceAccount" in row and row.get("Status") == "C" and not row["Blocked"] and "EndDate" not in row
    )  # fmt: skip
    order = office.post("SalesOrders", {"OrderedBy": account["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]})
    assert order["InvoiceTo"] == account["InvoiceAccount"]


def test_numbers_follow_each_other_and_a_refused_order_takes_none(office: Office) -> None:
    first = office.order({"Item": office.item()["ID"]})["OrderNumber"]
    office.refusal("SalesOrders", {"OrderedBy": NOBODY, "SalesOrderLines": [{"Item": NOBODY}]})
    assert office.order({"Item": office.item()["ID"]})["OrderNumber"] == first + 1


PRICES: list[tuple[str, Row, Row]] = [
    ("net price alone", {"NetPrice": 8}, {"NetPrice": 8.0, "UnitPrice": 10.0, "Discount": 0.2}),
    ("unit price alone", {"UnitPrice": 12}, {"NetPrice": 12.0, "UnitPrice": 12.0, "Discount": 0.0}),
    ("unit price and discount", {"UnitPrice": 12, "Discount": 0.25}, {"NetPrice": 9.0, "UnitPrice": 12.0,
                                                                      "Discount": 0.25}),
    ("unit and net price", {"UnitPrice": 12, "NetPrice": 9}, {"NetPrice": 9.0, "UnitPrice": 12.0, "Discount": 0.25}),
    ("discount alone", {"Discount": 0.1}, {"NetPrice": 9.0, "UnitPrice": 10.0, "Discount": 0.1}),
    ("nothing", {}, {"NetPrice": 10.0, "UnitPrice": 10.0, "Discount": 0.0}),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "stored"), [pytest.param(s, r, id=name) for name, s, r in PRICES])
def test_price_fields_complete_each_other(office: Office, sent: Row, stored: Row) -> None:
    item = priced_item(office, 10.0)
    (line,) = office.lines(office.order({"Item": item["ID"], "Quantity": 1, **sent}))
    assert {name: line[name] for name in stored} == stored


def priced_item(office: Office, price: float, **fields: object) -> Row:
    """Make an item with a general price and 21 % VAT on top."""
    item = office.post(
        "Items", {"Code": f"P{office.division.version}", "Description": "x", "SalesVatCode": "4", **fields}
    )
    office.post("SalesItemPrices", {"Item": item["ID"], "Price": price, "StartDate": "2026-01-01"})
    return item


def test_an_item_without_a_price_keeps_the_net_price_and_unit_price_zero(office: Office) -> None:
    item = office.post("Items", {"Code": "FREE", "Description": "x", "SalesVatCode": "4"})
    (line,) = office.lines(office.order({"Item": item["ID"], "NetPrice": 100}))
    assert (line["NetPrice"], line["UnitPrice"]) == (100.0, 0.0)


@pytest.mark.parametrize(
    ("vat", "amounts"),
    [
        pytest.param("4", (20.0, 4.2, 0.21), id="VAT on top"),
        pytest.param("3", (16.53, 3.47, 0.21), id="VAT included"),
        pytest.param("6", (20.0, 0.0, 0.0), id="no VAT"),
    ],
)
def test_line_amounts_are_without_vat_and_the_header_includes_it(
    office: Office, vat: str, amounts: tuple[float, float, float]
) -> None:
    item = priced_item(office, 10.0)
    order = office.order({"Item": item["ID"], "Quantity": 2, "NetPrice": 10, "VATCode": vat})
    (line,) = office.lines(order)
    assert (line["AmountFC"], line["VATAmount"], line["VATPercentage"]) == amounts
    assert order["AmountFC"] == pytest.approx(amounts[0] + amounts[1])
    assert order["AmountFCExclVat"] == amounts[0]


def test_a_header_discount_is_a_fraction_of_both_totals(office: Office) -> None:
    order = office.order({"Item": priced_item(office, 100.0)["ID"]}, Discount=0.1)
    assert (order["AmountFCExclVat"], order["AmountFC"]) == (90.0, 108.9)
    assert (order["AmountDiscountExclVat"], order["AmountDiscount"]) == (10.0, 12.1)


def test_an_order_in_dollars_has_amounts_in_both_currencies(office: Office) -> None:
    order = office.order({"Item": priced_item(office, 10.0)["ID"], "NetPrice": 100, "VATCode": "6"}, Currency="USD")
    assert (order["AmountFC"], order["AmountDC"]) == (100.0, 92.0)


def test_a_price_list_on_the_line_prices_it(office: Office) -> None:
    rows = office.rows("SalesPriceListVolumeDiscounts")
    row = next(row for row in rows if row["PriceListCode"] == "HORECA" and row["EntryMethod"] == 2)
    price_list = next(each for each in office.rows("SalesPriceLists") if each["Code"] == "HORECA")
    (line,) = office.lines(office.order({"Item": row["Item"], "Quantity": 1, "Pricelist": price_list["ID"]}))
    assert (line["NetPrice"], line["UnitPrice"]) == (row["NewPrice"], row["BasePriceAmount"])
    assert line["PricelistDescription"] == price_list["Description"]


def test_a_price_agreement_goes_before_the_general_price(office: Office) -> None:
    item, customer = priced_item(office, 10.0), office.customer(SalesVATCode="4  ")
    office.post(
        "SalesItemPrices", {"Item": item["ID"], "Account": customer["ID"], "Price": 7, "StartDate": "2026-01-01"}
    )
    assert office.lines(office.order({"Item": item["ID"]}))[0]["NetPrice"] == 7.0


def test_a_tier_counts_from_its_quantity(office: Office) -> None:
    item = priced_item(office, 10.0)
    office.post("SalesItemPrices", {"Item": item["ID"], "Price": 9, "Quantity": 10, "StartDate": "2026-01-01"})
    prices = [office.lines(office.order({"Item": item["ID"], "Quantity": q}))[0]["NetPrice"] for q in (9, 10)]
    assert prices == [10.0, 9.0]


def test_lines_keep_their_place_text_and_date(office: Office) -> None:
    one, two = priced_item(office, 1.0), priced_item(office, 2.0)
    order = office.order(
        {"Item": one["ID"], "Description": "eigen tekst", "Notes": "instructie"},
        {"Item": two["ID"], "DeliveryDate": "2026-07-01", "Quantity": -1},
        DeliveryDate="2026-06-20",
    )
    first, second = office.lines(order)
    assert (first["LineNumber"], first["Description"], first["Notes"]) == (1, "eigen tekst", "instructie")
    assert first["DeliveryDate"] == day("2026-06-20")
    assert (second["DeliveryDate"], second["Quantity"]) == (day("2026-07-01"), -1.0)
    assert (second["ItemCode"], second["Description"]) == (two["Code"], two["Description"])


def refusal_cases(office: Office) -> dict[str, tuple[Row, str]]:
    good, line = office.customer()["ID"], {"Item": office.item()["ID"]}
    accounts, items = office.rows("Accounts"), office.rows("Items")
    blocked = next(row for row in accounts if row["Blocked"] and row.get("Status") == "C")
    ended = next(row for row in accounts if row.get("Status") == "C" and not row["Blocked"]
                 and row.get("EndDate", day("2030-01-01")) < day("2026-06-15"))  # fmt: skip
    prospect = next(row for row in accounts if row.get("Status") == "P" and not row["Blocked"])
    unsold = next(row for row in items if not row["IsSalesItem"] and "EndDate" not in row)
    gone = next(row for row in items if row.get("EndDate", day("2030-01-01")) < day("2026-06-15"))
    coming = next(row for row in items if row["StartDate"] > day("2026-06-15"))
    stranger = next(row for row in office.rows("Addresses") if row["Account"] != good)
    contact = next(row for row in office.rows("Contacts") if row["Account"] != good)

    def order(by: str = good, the_line: Any = line, **header: object) -> Row:
        return {"OrderedBy": by, "SalesOrderLines": [the_line], **header}

    return {
        "unknown account": (order(NOBODY), f"{UNKNOWN}: Leveren aan\r\n{UNKNOWN}: Besteld door\r\n"
                                           f"{UNKNOWN}: Factuur voor"),
        "unknown payer": (order(InvoiceTo=NOBODY), f"{UNKNOWN}: Factuur voor"),
        "payer that is no customer": (order(InvoiceTo=prospect["ID"]), "Ongeldig: Factuur voor (Type)"),
        "blocked account": (order(blocked["ID"]), "Geblokkeerd: Besteld door"),
        "ended account": (order(ended["ID"]), "Klant: non-actief"),
        "prospect": (order(prospect["ID"]), "Ongeldig: Klant (Type)"),
        "unknown item": (order(the_line={"Item": NOBODY}), "Ongeldige referentie: Artikel"),
        "item not for sale": (order(the_line={"Item": unsold["ID"]}), "Verplicht: Verkoop"),
        "coming item": (order(the_line={"Item": coming["ID"]}), "Artikel: Toekomstig"),
        "ended item": (order(the_line={"Item": gone["ID"]}), "Artikel: Non actief"),
        "half a piece": (order(the_line={**line, "Quantity": 0.5}), "Ongeldig: Aantal - Artikel is niet deelbaar"),
        "line without item": (order(the_line={"Quantity": 1}), "Verplicht: Artikel"),
        "unknown warehouse": (order(WarehouseID=NOBODY), "Ongeldige referentie: Magazijn"),
        "address of another account": (order(DeliveryAddress=stranger["ID"]),
                                       "Ongeldig: Afleveradres - Andere relatie"),
        "contact of another account": (order(OrderedByContactPerson=contact["ID"]),
                                       "Ongeldig: Contactpersoon - Andere relatie"),
        "unknown payment condition": (order(PaymentCondition="XX"), "Ongeldige referentie: Betalingsconditie"),
        "unknown shipping method": (order(ShippingMethod=NOBODY), "Ongeldige referentie: Verzendwijze"),
        "unknown currency": (order(Currency="XXX"), "Ongeldige referentie: Valuta"),
        "unknown VAT code": (order(the_line={**line, "VATCode": "99"}), f"{UNKNOWN}: Btw-code"),
        "blocked VAT code": (order(the_line={**line, "VATCode": "19"}), "Geblokkeerd: Btw code (19)"),
        "purchase VAT code": (order(the_line={**line, "VATCode": "8"}), "Ongeldig: Btw-code"),
        "unknown unit": (order(the_line={**line, "UnitCode": "vat"}), f"{UNKNOWN}: Eenheid"),
        "unknown cost centre": (order(the_line={**line, "CostCenter": "NERGENS"}), f"{UNKNOWN}: Kostenplaats"),
        "unknown price list": (order(the_line={**line, "Pricelist": NOBODY}), f"{UNKNOWN}: Prijslijst"),
        "text too long": (order(Description="x" * 61), "Te lang: Omschrijving"),
    }  # fmt: skip


CASES = (
    "unknown account", "blocked account", "ended account", "prospect", "unknown item", "item not for sale",
    "ended item", "coming item", "unknown payer", "payer that is no customer", "blocked VAT code", "purchase VAT code",
    "half a piece", "line without item", "unknown warehouse", "address of another account",
    "contact of another account",
    "unknown payment condition", "unknown shipping method", "unknown currency", "unknown VAT code", "unknown unit",
    "unknown cost centre", "unknown price list", "text too long",
)  # fmt: skip


@pytest.fixture(scope="module")
def refusing() -> Office:
    return Office(tiny_world(customers=200))


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_order_is_refused_as_a_business_error_and_changes_nothing(refusing: Office, case: str) -> None:
    body, text = refusal_cases(refusing)[case]
    before = refusing.division.version
    assert refusing.refusal("SalesOrders", body) == (500, text)
    assert refusing.division.version == before


def test_every_refusal_is_tested(refusing: Office) -> None:
    assert set(refusal_cases(refusing)) == set(CASES)


def test_a_basic_edition_takes_no_warehouse(office: Office) -> None:
    basic = Office(office.world, 123459)
    house = basic.rows("Warehouses")[0]
    body: Row = {"OrderedBy": basic.customer()["ID"], "SalesOrderLines": [{"Item": basic.item()["ID"]}]}
    assert basic.refusal("SalesOrders", {**body, "WarehouseID": house["ID"]}) == (
        500,
        "Not allow to update in Basic : Warehouse",
    )
    assert "WarehouseID" not in basic.post("SalesOrders", body)


def test_an_order_plans_the_delivery_and_bumps_the_stock_position(office: Office) -> None:
    item = office.item()
    before = office.position(item)
    order = office.order({"Item": item["ID"], "Quantity": 5}, DeliveryDate="2026-06-20")
    after = office.position(item)
    assert after["Timestamp"] > before["Timestamp"]
    assert after["PlanningOut"] == before["PlanningOut"] + 5
    assert after["ProjectedStock"] == before["ProjectedStock"] - 5
    assert after["CurrentStock"] == before["CurrentStock"]
    detail = next(row for row in office.rows("ItemWarehousePlanningDetails")
                  if row["PlanningSourceID"] == order["OrderID"])  # fmt: skip
    assert (detail["PlannedQuantity"], detail["PlanningType"], detail["PlannedDate"]) == (
        -5.0,
        120,
        day("2026-06-20"),
    )
    link = next(
        row for row in office.rows("ItemWarehouses") if row["Item"] == item["ID"] and row["WarehouseCode"] == "1"
    )
    assert link["PlannedStockOut"] == after["PlanningOut"]


def test_deleting_an_order_takes_its_lines_and_planning_along(office: Office) -> None:
    item = office.item()
    before = office.position(item)
    order = office.order({"Item": item["ID"], "Quantity": 5}, {"Item": item["ID"], "Quantity": 1})
    keys = {line["ID"] for line in office.lines(order)}
    office.remove("SalesOrders", order["OrderID"])
    assert office.position(item)["PlanningOut"] == before["PlanningOut"]
    deleted = [(row["EntityType"], row["EntityKey"]) for row in office.rows("Deleted")]
    assert set(deleted) == {(32, order["OrderID"]), *((33, key) for key in keys)}


def test_lines_can_be_added_changed_and_removed_and_the_header_follows(office: Office) -> None:
    item = priced_item(office, 10.0)
    order = office.order({"Item": item["ID"], "Quantity": 1})
    added = office.post("SalesOrderLines", {"OrderID": order["OrderID"], "Item": item["ID"], "Quantity": 3})
    assert added["LineNumber"] == 2
    orders = office.division.table("SalesOrders")
    assert (orders.get(order["OrderID"]) or {})["AmountFCExclVat"] == 40.0
    office.put("SalesOrderLines", added["ID"], {"Quantity": 2, "NetPrice": 5})
    changed = orders.get(order["OrderID"]) or {}
    assert changed["AmountFCExclVat"] == 20.0
    assert changed["Timestamp"] > order["Timestamp"]
    office.remove("SalesOrderLines", added["ID"])
    assert (orders.get(order["OrderID"]) or {})["AmountFCExclVat"] == 10.0


def test_a_changed_quantity_keeps_the_agreed_price(office: Office) -> None:
    order = office.order({"Item": priced_item(office, 10.0)["ID"], "Quantity": 1, "NetPrice": 8})
    (line,) = office.lines(order)
    office.put("SalesOrderLines", line["ID"], {"Quantity": 4})
    assert {name: office.lines(order)[0][name] for name in ("NetPrice", "Quantity", "AmountFC")} == {
        "NetPrice": 8.0, "Quantity": 4.0, "AmountFC": 32.0}  # fmt: skip


def test_a_header_can_be_changed_but_not_its_accounts_or_lines(office: Office) -> None:
    order = office.order({"Item": office.item()["ID"]})
    other = next(row for row in office.rows("Accounts") if row["ID"] != order["InvoiceTo"])
    office.put("SalesOrders", order["OrderID"], {
        "Description": "nieuw", "InvoiceTo": other["ID"], "SalesOrderLines": [], "YourRef": None})  # fmt: skip
    changed = office.division.table("SalesOrders").get(order["OrderID"]) or {}
    assert (changed["Description"], changed["InvoiceTo"]) == ("nieuw", order["InvoiceTo"])
    assert len(office.lines(order)) == 1


def test_a_completed_order_cannot_be_changed(office: Office) -> None:
    done = next(row for row in office.rows("SalesOrders") if row["Status"] == 21)
    answer = refused(lambda: office.put("SalesOrders", done["OrderID"], {"Description": "x"}))
    assert answer == (500, "Niet toegestaan: Verkooporder - Order is volledig afgehandeld")


def test_a_delivered_order_cannot_be_deleted(office: Office) -> None:
    done = next(row for row in office.rows("SalesOrders") if row["Status"] == 21)
    assert refused(lambda: office.remove("SalesOrders", done["OrderID"]))[0] == 500


@pytest.mark.parametrize("what", ["put", "remove"])
def test_an_unknown_key_is_404(office: Office, what: str) -> None:
    action = (
        (lambda: office.put("SalesOrders", NOBODY, {}))
        if what == "put"
        else lambda: office.remove("SalesOrders", NOBODY)
    )
    assert refused(action)[0] == 404


def test_a_late_order_has_its_number_at_once_and_is_seen_later(office: Office) -> None:
    body = {"OrderedBy": office.customer()["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]}
    order = office.post("SalesOrders", body, late_s=60)
    orders = office.division.table("SalesOrders")
    assert orders.get(order["OrderID"]) is None
    next_one = office.order({"Item": office.item()["ID"]})
    assert next_one["OrderNumber"] == order["OrderNumber"] + 1
    assert order["Timestamp"] < next_one["Timestamp"]
    clock: Any = office.world.clock
    clock.advance(office.world.options.late_bound_s)
    assert (orders.get(order["OrderID"]) or {})["OrderNumber"] == order["OrderNumber"]
    assert len(office.lines(order)) == 1


def test_what_clients_created_is_listed_even_when_it_is_not_visible_yet(office: Office) -> None:
    body = {"OrderedBy": office.customer()["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]}
    order = office.post("SalesOrders", body, late_s=3)
    (entry,) = office.world.posted
    assert (entry["entity"], entry["key"], entry["number"]) == ("SalesOrders", order["OrderID"], order["OrderNumber"])
