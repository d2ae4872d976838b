"""The shapes of answers: envelopes, dates, padding, types, Atom, errors."""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from functional.sandbox.core.small_world import DIVISION, Connected, guid

ONE = quote("Code eq 'A0001'")
ATOM = "{http://www.w3.org/2005/Atom}"
DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
META = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        pytest.param(f"logistics/Items?$filter={ONE}", "results", id="collection"),
        pytest.param(f"logistics/Items?$filter={ONE}&$top=60", "array", id="top of a page"),
        pytest.param(f"logistics/Items?$filter={ONE}&$top=61", "results", id="top beyond a page"),
        pytest.param("sync/Logistics/Items?$filter=Timestamp%20gt%201L&$top=1000", "array", id="top of a large page"),
        pytest.param("salesinvoice/SalesInvoices?$filter=Status%20eq%2050&$top=60", "results", id="invoices"),
        pytest.param(f"logistics/Items?$filter={ONE}&$top=1&$inlinecount=allpages", "results", id="with a count"),
        pytest.param(f"read/logistics/StockPosition?itemId=guid'{guid(1, 3)}'", "array", id="read function"),
        pytest.param(f"logistics/Items(guid'{guid(1, 1)}')", "entity", id="one key"),
        pytest.param("system/Divisions", "results", id="companies"),
    ],
)
def test_the_envelope_is(exact: Connected, path: str, shape: str) -> None:
    inner = exact.get(path).raise_for_status().json()["d"]
    found = "array" if isinstance(inner, list) else "results" if "results" in inner else "entity"
    assert found == shape


def test_every_row_tells_its_address_and_type(exact: Connected) -> None:
    row = exact.results(f"logistics/Items?$filter={ONE}&$select=ID")[0]
    assert row["__metadata"] == {
        "uri": f"{exact.running.base}/api/v1/123456/logistics/Items(guid'{guid(1, 1)}')",
        "type": "Exact.Web.Api.Models.Item",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("Modified", "/Date(1771252091123)/", id="wall time 2026-02-16 14:28:11.123 counted as UTC"),
        pytest.param("StartDate", "/Date(1577836800000)/", id="a day is midnight exactly"),
        pytest.param("EndDate", None, id="empty"),
        pytest.param("IsWebshopItem", 1, id="a byte flag is a number"),
        pytest.param("IsSalesItem", True, id="a boolean is a boolean"),
        pytest.param("Unit", "pc      ", id="unit code padded to 8"),
        pytest.param("Stock", 1.0, id="a quantity is a number"),
        pytest.param("Barcode", None, id="never filled"),
    ],
)
def test_a_field_of_an_item_is_written(exact: Connected, field: str, value: object) -> None:
    assert exact.results(f"logistics/Items?$filter={ONE}")[0][field] == value


def test_codes_of_accounts_are_padded(exact: Connected) -> None:
    row = exact.results("crm/Accounts?$filter=Name eq 'Klant 1'")[0]
    assert (row["Code"], row["Country"], row["SalesVATCode"]) == ("1".rjust(18), "NL ", "2  ")


def test_a_timestamp_is_written_as_text(exact: Connected) -> None:
    row = exact.results("sync/Logistics/Items?$filter=Timestamp%20gt%201L&$select=Timestamp&$top=1")[0]
    assert isinstance(row["Timestamp"], str)
    assert row["__metadata"]["uri"].endswith(f"/sync/Logistics/Items({row['Timestamp']}L)")


def test_an_error_has_an_empty_code_and_a_text(exact: Connected) -> None:
    error = exact.get("logistics/Items?$select=Colour").json()["error"]
    assert (error["code"], error["message"]["lang"]) == ("", "")
    assert "Colour" in error["message"]["value"]


# --- Atom ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["", "application/atom+xml", "*/*"], ids=["none", "atom", "anything"])
def test_without_json_the_answer_is_an_atom_feed(exact: Connected, accept: str) -> None:
    exact.running.http.headers.pop("Accept")
    answer = exact.get("logistics/Items?$filter=Code lt 'A0004'", Accept=accept)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    entries = ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")
    properties = entries[0].find(f"{ATOM}content/{META}properties")
    assert properties is not None
    assert len(entries) == 3
    assert properties.findtext(f"{DATA}Description") == "Kop 'n schotel 1"
    assert properties.findtext(f"{DATA}Modified") == "2026-02-16T14:28:11.123"
    end = properties.find(f"{DATA}EndDate")
    assert end is not None
    assert end.attrib == {f"{META}type": "Edm.DateTime", f"{META}null": "true"}


def test_an_atom_feed_links_to_its_next_page(exact: Connected) -> None:
    answer = exact.get("logistics/Items?$filter=Code gt 'A'&$select=Code", Accept="application/atom+xml")
    links = {
        each.get("rel"): each.get("href") for each in ElementTree.fromstring(answer.content).findall(f"{ATOM}link")
    }
    following = exact.get(str(links["next"]), Accept="application/atom+xml")
    assert len(ElementTree.fromstring(following.content).findall(f"{ATOM}entry")) == 60


def test_one_entity_is_an_atom_entry_with_its_lines_inline_when_expanded(exact: Connected) -> None:
    path = f"salesorder/SalesOrders(guid'{guid(3, 1)}')?$expand=SalesOrderLines"
    entry = ElementTree.fromstring(exact.get(path, Accept="application/atom+xml").content)
    assert entry.tag == f"{ATOM}entry"
    assert len(entry.findall(f"{ATOM}link/{META}inline/{ATOM}feed/{ATOM}entry")) == 2


def test_a_read_function_without_keys_answers_plain_elements_instead_of_a_feed(exact: Connected) -> None:
    path = f"read/logistics/StockPosition?itemId=guid'{guid(1, 3)}'"
    answer = exact.get(path, Accept="application/atom+xml")
    assert answer.headers["Content-Type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{DATA}StockPosition"
    (element,) = root.findall(f"{DATA}element")
    assert element.findtext(f"{DATA}InStock") == "4.5"
    stock = element.find(f"{DATA}InStock")
    assert stock is not None
    assert stock.attrib == {f"{META}type": "Edm.Double"}


def test_plain_xml_is_refused(exact: Connected) -> None:
    assert exact.get("vat/VATCodes", Accept="application/xml").status_code == 415


def test_an_error_without_json_is_xml(exact: Connected) -> None:
    answer = exact.get("logistics/Items?$select=Colour", Accept="application/atom+xml")
    assert ElementTree.fromstring(answer.content).tag == f"{META}error"


def test_metadata_describes_the_entities_of_a_service(exact: Connected) -> None:
    answer = exact.get("crm/$metadata", Accept="")
    assert answer.headers["Content-Type"].startswith("application/xml")
    names = {
        each.get("Name") for each in ElementTree.fromstring(answer.content).iter() if each.tag.endswith("}EntityType")
    }
    assert {"Account", "Contact", "Address"} <= names


# --- languages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "path", "text"),
    [
        pytest.param("EN", "logistics/Items?$filter=Code eq 'A0001'", "Cup and saucer", id="translated"),
        pytest.param("en", "logistics/Items?$filter=Code eq 'A0001'", "Cup and saucer", id="in small letters"),
        pytest.param("FR-BE", "logistics/Items?$filter=Code eq 'A0001'", "Kop 'n schotel 1", id="no translation"),
        pytest.param("", "logistics/Items?$filter=Code eq 'A0001'", "Kop 'n schotel 1", id="no header"),
        pytest.param("EN", "sync/Logistics/Items?$top=1", "Kop 'n schotel 1", id="sync does not listen"),
    ],
)
def test_texts_come_in_the_language_asked_for(exact: Connected, language: str, path: str, text: str) -> None:
    translations = exact.running.sandbox.world.divisions[DIVISION].table("ItemTranslations")
    translations.load([{"Key": "1/EN", "Item": guid(1, 1), "Language": "EN", "Description": "Cup and saucer"}])
    row = exact.get(path, CustomDescriptionLanguage=language).json()["d"]
    rows = row if isinstance(row, list) else row["results"]
    assert rows[0]["Description"] == text
