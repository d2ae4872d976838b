"""Accounts, contacts, addresses, items, prices and the small entities: defaults, duplicates, derived fields."""

from __future__ import annotations

import asyncio
import base64

import pytest

from exact_sandbox.documents.plain import PLAIN
from exact_sandbox.protocol import writes
from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.world.files import png, uploaded
from exact_sandbox.world.store import Row
from functional.sandbox.data.worlds import Office, refused

NOBODY = "00000000-0000-0000-0000-000000000000"
EXISTS = (500, "Gegeven bestaat reeds.")


def test_an_account_needs_only_a_name_and_gets_the_next_code_padded(office: Office) -> None:
    used = max(int(row["Code"]) for row in office.rows("Accounts") if len(row["Code"].strip()) < 10)
    account = office.post("Accounts", {"Name": "Nieuw"})
    assert account["Code"] == str(used + 1).rjust(18)
    assert (account["Country"], account["SalesCurrency"], account["IsSupplier"]) == ("NL ", "EUR", False)
    assert "Status" not in account
    assert "placeholder" in account["LogoUrl"]
    assert office.refusal("Accounts", {}) == (500, "Verplicht: Naam")


def test_an_account_is_created_beside_one_without_a_code(office: Office) -> None:
    office.division.table("Accounts").load([{"ID": NOBODY, "Name": "Zonder code"}])
    assert office.post("Accounts", {"Name": "Nieuw"})["Code"].strip().isdigit()


def test_an_account_shows_its_visit_address_and_follows_it(office: Office) -> None:
    account = office.post("Accounts", {"Name": "N", "AddressLine1": "Weg 1", "City": "Ede", "Country": "be"})
    (address,) = office.division.table("Addresses").lookup("Account", account["ID"]) or []
    assert (address["Type"], address["Main"], address["City"], address["Country"]) == (1, True, "Ede", "BE ")
    office.put("Addresses", address["ID"], {"City": "Arnhem"})
    assert (office.division.table("Accounts").get(account["ID"]) or {})["City"] == "Arnhem"
    office.put("Accounts", account["ID"], {"City": "Nijmegen"})
    assert (office.division.table("Addresses").get(address["ID"]) or {})["City"] == "Nijmegen"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param({"Status": "X"}, "Ongeldig: Status", id="status"),
        pytest.param({"PriceList": NOBODY}, "Ongeldige referentie: Prijslijst", id="price list"),
        pytest.param({"SalesVATCode": "99"}, "Ongeldige referentie: Btw-code", id="VAT code"),
        pytest.param(
            {"PaymentConditionSales": "99"}, "Ongeldige referentie: Betalingsconditie", id="payment condition"
        ),
        pytest.param({"Classification1": NOBODY}, "Ongeldige referentie: Classification1", id="classification"),
        pytest.param({"Country": "Nederland"}, "Ongeldige referentie: Land", id="country"),
        pytest.param({"Country": "UK"}, "Ongeldige referentie: Land", id="UK for GB"),
        pytest.param({"Country": "EL"}, "Ongeldige referentie: Land", id="EL for GR"),
        pytest.param({"Country": "XX"}, "Ongeldige referentie: Land", id="country that does not exist"),
        pytest.param({"Code": "ABC"}, "Ongeldig: Code", id="code that is no number"),
    ],
)
def test_an_account_with_a_wrong_value_is_refused(office: Office, body: Row, text: str) -> None:
    assert office.refusal("Accounts", {"Name": "N", **body}) == (500, text)


def test_codes_are_taken_trimmed_or_padded_and_stored_padded(office: Office) -> None:
    account = office.post("Accounts", {"Name": "N", "SalesVATCode": "4", "Code": "88001", "Language": "en"})
    assert (account["SalesVATCode"], account["SalesVATCodeDescription"]) == ("4  ", "Btw hoog tarief, exclusief")
    assert (account["Code"], account["Language"]) == ("             88001", "EN   ")
    assert office.post("Accounts", {"Name": "M", "SalesVATCode": "4  "})["SalesVATCode"] == "4  "


def test_a_code_that_exists_is_refused_also_an_unchanged_one_in_an_update(office: Office) -> None:
    account = office.post("Accounts", {"Name": "N", "Code": "88002"})
    assert office.refusal("Accounts", {"Name": "M", "Code": " 88002"}) == EXISTS
    assert refused(lambda: office.put("Accounts", account["ID"], {"Code": account["Code"]})) == EXISTS


@pytest.mark.parametrize("entity", ["Items", "Accounts", "Contacts"])
def test_these_answers_hold_only_the_new_id_without_a_wish_for_more(office: Office, entity: str) -> None:
    bodies: dict[str, Row] = {
        "Items": {"Code": "NEW", "Description": "x"},
        "Accounts": {"Name": "x"},
        "Contacts": {"Account": office.customer()["ID"], "FirstName": "A", "LastName": "B"},
    }

    def created(*, representation: bool) -> writes.Created:
        body = {**bodies[entity], **({"Code": f"N{representation}"} if entity == "Items" else {})}
        return asyncio.run(
            writes.create(office.world, office.division, entity, body, office.user, representation=representation)
        )

    assert created(representation=False).only == frozenset({"ID"})
    assert created(representation=True).only is None


def test_orders_are_answered_filled_in(office: Office) -> None:
    body = {"OrderedBy": office.customer()["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]}
    created = asyncio.run(writes.create(office.world, office.division, "SalesOrders", body, office.user))
    assert created.only is None


def test_the_first_contact_becomes_the_main_one(office: Office) -> None:
    account = office.post("Accounts", {"Name": "N"})
    first = office.post("Contacts", {"Account": account["ID"], "FirstName": "Eva", "MiddleName": "de",
                                     "LastName": "Vos",
                                     "Email": "e@x.test"})  # fmt: skip
    second = office.post("Contacts", {"Account": account["ID"], "FirstName": "Jan", "LastName": "Vos"})
    assert (first["FullName"], first["IsMainContact"], first["BusinessEmail"]) == ("Eva de Vos", True, "e@x.test")
    assert second["IsMainContact"] is False
    assert (office.division.table("Accounts").get(account["ID"]) or {})["MainContact"] == first["ID"]
    office.remove("Contacts", first["ID"])
    assert "MainContact" not in (office.division.table("Accounts").get(account["ID"]) or {})
    assert [row["EntityType"] for row in office.rows("Deleted")] == [5]


def test_a_contact_needs_an_account_and_both_names(office: Office) -> None:
    assert office.refusal("Contacts", {}) == (500, "Verplicht: Relatie\r\nVerplicht: Voornaam\r\nVerplicht: Achternaam")


def test_an_address_that_exists_is_answered_with_its_id(office: Office) -> None:
    body = {
        "Account": office.customer()["ID"],
        "Type": 4,
        "AddressLine1": "Nieuwe weg 1",
        "City": "Ede",
        "Postcode": "1",
    }
    first = office.post("Addresses", body)
    version = office.division.version
    assert office.post("Addresses", body)["ID"] == first["ID"]
    assert office.division.version == version
    assert office.post("Addresses", {**body, "Type": 3})["ID"] != first["ID"]


def test_a_state_is_one_of_its_country(office: Office) -> None:
    body = {"Account": office.post("Accounts", {"Name": "N"})["ID"], "City": "Utrecht", "Country": "NL"}
    assert office.post("Addresses", {**body, "State": "UT"})["StateDescription"] == "Utrecht"
    assert office.refusal("Addresses", {**body, "State": "NY"}) == (500, "Ongeldige referentie: Provincie")


def test_one_address_of_a_type_is_main(office: Office) -> None:
    account = office.post("Accounts", {"Name": "N"})["ID"]
    first = office.post("Addresses", {"Account": account, "Type": 4, "City": "A"})
    second = office.post("Addresses", {"Account": account, "Type": 4, "City": "B"})
    third = office.post("Addresses", {"Account": account, "Type": 4, "City": "C", "Main": True})
    table = office.division.table("Addresses")
    mains = [(table.get(row["ID"]) or {})["Main"] for row in (first, second, third)]
    assert mains == [False, False, True]


def test_an_item_needs_code_and_description_and_gets_defaults(office: Office) -> None:
    item = office.post("Items", {"Code": "NEW", "Description": "Nieuw"})
    assert {name: item[name] for name in ("IsStockItem", "Unit", "SecurityLevel", "ItemGroupCode")} == {
        "IsStockItem": True, "Unit": "pc      ", "SecurityLevel": 10, "ItemGroupCode": "OVERIG"}  # fmt: skip
    assert "placeholder" in item["PictureUrl"]
    assert office.refusal("Items", {}) == (500, "Verplicht: Code\r\nVerplicht: Omschrijving")
    assert office.refusal("Items", {"Code": "new", "Description": "x"}) == EXISTS
    assert office.refusal("Items", {"Code": "Y", "Description": "x" * 61}) == (500, "Te lang: Omschrijving")


def test_read_only_item_fields_stay_as_they_are(office: Office) -> None:
    item = office.item()
    office.put("Items", item["ID"], {"StandardSalesPrice": 1, "Stock": 1, "CostPriceStandard": 1, "Notes": "n"})
    after = office.division.table("Items").get(item["ID"]) or {}
    names = ("StandardSalesPrice", "Stock", "CostPriceStandard")
    assert [after.get(name) for name in names] == [item.get(name) for name in names]
    assert after["Notes"] == "n"


def test_a_new_description_is_shown_by_the_rows_of_the_item_without_new_versions(office: Office) -> None:
    item = office.item()
    before = office.position(item)
    office.put("Items", item["ID"], {"Description": "Anders"})
    after = office.position(item)
    assert (after["ItemDescription"], after["Timestamp"]) == ("Anders", before["Timestamp"])
    prices = office.division.table("SalesItemPrices").lookup("Item", item["ID"]) or []
    assert {price["ItemDescription"] for price in prices} == {"Anders"}


def test_a_general_price_becomes_the_standard_sales_price(office: Office) -> None:
    item = office.post("Items", {"Code": "NEW", "Description": "x"})
    price = office.post("SalesItemPrices", {"Item": item["ID"], "Price": 12.5, "StartDate": "2026-01-01"})
    items = office.division.table("Items")
    assert (items.get(item["ID"]) or {})["StandardSalesPrice"] == 12.5
    assert (price["ItemCode"], price["Unit"], price["Currency"]) == ("NEW", "pc      ", "EUR")
    office.put("SalesItemPrices", price["ID"], {"Price": 13})
    assert (items.get(item["ID"]) or {})["StandardSalesPrice"] == 13.0
    assert office.refusal("SalesItemPrices", {"Item": item["ID"], "Price": 1, "StartDate": "2026-01-01"}) == EXISTS
    office.remove("SalesItemPrices", price["ID"])
    assert [row["EntityType"] for row in office.rows("Deleted")] == [8]


def test_a_picture_is_taken_and_its_address_appears(office: Office) -> None:
    data = png("77", (3, 3))
    body = {"Code": "PIC", "Description": "x", "Picture": base64.b64encode(data).decode(), "PictureName": "a.png"}
    item = office.post("Items", body)
    assert (item["PictureName"], "placeholder" in item["PictureUrl"], "Picture" in item) == ("a.png", False, False)
    assert uploaded(office.division, item["ID"]) == data


def test_an_item_on_a_document_cannot_be_deleted_and_another_takes_its_prices_along(office: Office) -> None:
    used = office.rows("SalesOrderLines")[0]["Item"]
    assert refused(lambda: office.remove("Items", used))[0] == 500
    item = office.post("Items", {"Code": "NEW", "Description": "x"})
    office.post("SalesItemPrices", {"Item": item["ID"], "Price": 1})
    office.remove("Items", item["ID"])
    assert [row["EntityType"] for row in office.rows("Deleted")] == [8, 9]


@pytest.mark.parametrize("entity", sorted(PLAIN))
def test_small_entities_name_what_is_mandatory(office: Office, entity: str) -> None:
    status, text = office.refusal(entity, {})
    assert status == 500
    assert text.count("Verplicht:") == len(PLAIN[entity].mandatory)


@pytest.mark.parametrize("entity", ["Costcenters", "Costunits", "GLAccounts", "Journals", "Warehouses", "VATCodes"])
def test_a_small_entity_is_stored_changed_and_removed(office: Office, entity: str) -> None:
    body = {"Code": "ZZ", "Description": "eerste"}
    row = office.post(entity, body)
    assert office.refusal(entity, {**body, "Code": "zz"}) == EXISTS
    office.put(entity, row["ID"], {"Description": "tweede"})
    assert (office.division.table(entity).get(row["ID"]) or {})["Description"] == "tweede"
    office.remove(entity, row["ID"])
    assert office.division.table(entity).get(row["ID"]) is None


def test_a_new_supplier_link_takes_over_as_main_supplier(office: Office) -> None:
    old = next(row for row in office.rows("SupplierItem") if row["MainSupplier"])
    suppliers = [row for row in office.rows("Accounts") if row["IsSupplier"] and row["ID"] != old["Supplier"]]
    links = office.division.table("SupplierItem").lookup("Item", old["Item"]) or []
    supplier = next(row for row in suppliers if row["ID"] not in {link["Supplier"] for link in links})
    unit = next(row for row in office.rows("Units") if row["Code"].strip() == "pc")
    new = office.post("SupplierItem", {"Item": old["Item"], "Supplier": supplier["ID"], "ItemUnit": unit["ID"],
                                       "PurchasePrice": 3, "PurchaseUnit": "box", "MainSupplier": True})  # fmt: skip
    table = office.division.table("SupplierItem")
    assert (table.get(new["ID"]) or {})["PurchaseUnit"] == "box     "
    assert (table.get(old["ID"]) or {})["MainSupplier"] is False
    assert new["SupplierCode"] == supplier["Code"]


def test_an_item_gets_a_stock_position_with_its_warehouse(office: Office) -> None:
    item = office.post("Items", {"Code": "NEW", "Description": "x"})
    house = office.rows("Warehouses")[1]
    office.post("ItemWarehouses", {"Item": item["ID"], "Warehouse": house["ID"], "ReorderPoint": 4})
    position = office.position(item, house["Code"])
    assert (position["CurrentStock"], position["ReorderPoint"], position["ItemCode"]) == (0.0, 4.0, "NEW")


def test_every_entity_that_takes_posts_has_rules_but_those_named_in_the_docs() -> None:
    posting = {name for name, entity in load_schema().entities.items() if "POST" in entity.methods}
    without = posting - {name for name, rules in writes.RULES.items() if rules.create} - set(writes.ASYNC_CREATES)
    assert without == writes.NOT_WRITABLE


def test_a_custom_field_is_written_one_at_a_time(office: Office) -> None:
    account = office.customer()
    body = {"LinkId": account["ID"], "BusinessComponentName": "Account", "PropertyName": "Klantscore", "Value": "9,5"}
    for value in ("9,5", "8"):
        office.post("UpdateCustomField", {**body, "Value": value})
        found = office.division.table("CustomFields").lookup("LinkId", account["ID"]) or []
        assert {row["PropertyName"]: row["Value"] for row in found}["Klantscore"] == value
    assert office.refusal("UpdateCustomField", {**body, "PropertyName": "Anders"}) == (500, "Ongeldig: PropertyName")
