"""The query options of OData: filters, selections, order, expansion, paging, and what is refused."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest

from exact_sandbox.protocol.switches import Switches
from exact_sandbox.world.store import Row
from functional.sandbox.core.conftest import Start
from functional.sandbox.core.small_world import ITEMS, Connected, guid

EVERY_ITEM = quote("IsFractionAllowedItem eq false")
"""A filter that every item of the little company passes; these addresses want one."""


def codes(exact: Connected, condition: str, options: str = "$select=Code") -> list[str]:
    rows = exact.results(f"logistics/Items?$filter={quote(condition)}&{options}")
    return [row["Code"] for row in rows]


def text_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"]["value"])


# --- $filter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        pytest.param(f"ID eq guid'{guid(1, 7)}'", ["A0007"], id="guid"),
        pytest.param(f"ID eq guid'{guid(1, 7).upper()}'", ["A0007"], id="guid in capitals"),
        pytest.param("Code eq 'A0007'", ["A0007"], id="text"),
        pytest.param("'A0007' eq Code", ["A0007"], id="literal first"),
        pytest.param("Description eq 'Kop ''n schotel 7'", ["A0007"], id="doubled quote"),
        pytest.param("Code eq 'A0007' or Code eq 'A0009'", ["A0007", "A0009"], id="or"),
        pytest.param(
            f"ID eq guid'{guid(1, 9)}' or guid'{guid(1, 7).upper()}' eq ID or ID eq guid'{guid(1, 9)}'",
            ["A0007", "A0009"],
            id="or over guids, one of them twice",
        ),
        pytest.param(
            f"(ID eq guid'{guid(1, 7)}' or ID eq guid'{guid(1, 9)}') and Code gt 'A0008'",
            ["A0009"],
            id="guids and more",
        ),
        pytest.param(f"ID eq guid'{guid(1, 7)}' or Code eq 'A0009'", ["A0007", "A0009"], id="a guid or a text"),
        pytest.param(
            f"ID eq guid'{guid(1, 7)}' or ID ne null and Code eq 'A0009'", ["A0007", "A0009"], id="guid or and"
        ),
        pytest.param("(Code eq 'A0001' or Code eq 'A0002') and IsTime eq 0", ["A0001", "A0002"], id="parentheses"),
        pytest.param("Code eq 'A0001' or Code eq 'A0002' and Code eq 'A0003'", ["A0001"], id="and binds tighter"),
        pytest.param("Code gt 'A0147' and not (Code eq 'A0149')", ["A0148", "A0150"], id="not"),
        pytest.param("Code lt 'A0003'", ["A0001", "A0002"], id="lt"),
        pytest.param("Code le 'A0002'", ["A0001", "A0002"], id="le"),
        pytest.param("Code ge 'A0150'", ["A0150"], id="ge"),
        pytest.param("substringof('otel 15',Description) eq true", ["A0015", "A0150"], id="substringof"),
        pytest.param("startswith(Code,'A014') and endswith(Code,'7')", ["A0147"], id="startswith and endswith"),
        pytest.param("tolower(Code) eq 'a0007'", ["A0007"], id="tolower"),
        pytest.param("trim(Code) eq 'A0007'", ["A0007"], id="trim"),
        pytest.param("EndDate lt datetime'2026-06-01T00:00:00' and Code lt 'A0025'", ["A0010", "A0020"], id="datetime"),
        pytest.param("EndDate ne null and Code lt 'A0025'", ["A0010", "A0020"], id="ne null"),
        pytest.param("ExtraDescription eq null and Code lt 'A0005'", ["A0002", "A0004"], id="eq null"),
        pytest.param("IsWebshopItem eq 1 and Code lt 'A0004'", ["A0001", "A0003"], id="byte flag"),
        pytest.param("IsSalesItem eq false and Code lt 'A0007'", ["A0003", "A0006"], id="boolean"),
        pytest.param("IsSalesItem and Code lt 'A0003'", ["A0001", "A0002"], id="bare boolean"),
    ],
)
def test_a_filter_finds(exact: Connected, condition: str, found: list[str]) -> None:
    assert codes(exact, condition) == found


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param("Colour eq 'red'", id="unknown field"),
        pytest.param("Code eq", id="no right side"),
        pytest.param("Code = 'A0001'", id="foreign operator"),
        pytest.param("Code eq 'A0001", id="open quote"),
        pytest.param("(Code eq 'A0001'", id="open parenthesis"),
        pytest.param("Code eq 'A0001' Code", id="leftover"),
        pytest.param("ID eq '00000001-0000-4000-8000-000000000007'", id="text for a guid"),
        pytest.param("ID eq guid'nonsense'", id="broken guid"),
        pytest.param("IsWebshopItem eq true", id="boolean for a byte flag"),
        pytest.param("Code eq 7", id="number for text"),
        pytest.param("EndDate eq '2026-01-01'", id="text for a date"),
        pytest.param("CostPriceNew gt 99999999999", id="whole number beyond Int32 without L"),
        pytest.param("Code eq Description", id="field against field"),
        pytest.param("concat(Code,'x') eq 'A0001x'", id="unknown function"),
        pytest.param("startswith(Code) eq true", id="missing argument"),
        pytest.param("CostPriceNew add 1 eq 2", id="arithmetic"),
        pytest.param("Code", id="no condition"),
        pytest.param("(" * 1000 + "Code eq 'A0001'" + ")" * 1000, id="nested too deeply"),
        pytest.param("not " * 900 + "(Code eq 'A0001')", id="negated too often"),
        pytest.param("UnitDescription eq 'Stuk'", id="not marked filterable"),
    ],
)
def test_a_filter_that_exact_refuses_is_400(exact: Connected, condition: str) -> None:
    answer = exact.get(f"logistics/Items?$filter={quote(condition)}&$select=Code")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == ""
    assert text_of(answer)


def test_a_long_row_of_conditions_is_answered(exact: Connected) -> None:
    assert codes(exact, " or ".join(f"Code eq 'A{number:04d}'" for number in range(1, 190))) != []


def test_numbers_may_carry_a_suffix(exact: Connected) -> None:
    rows = exact.results(f"sync/Logistics/Items?$filter={quote('Timestamp gt 1L')}&$select=Code&$top=1")
    assert rows[0]["Code"] == "A0001"


def test_an_account_code_is_found_padded_to_18_and_not_bare(exact: Connected) -> None:
    padded = "Code eq '" + "25".rjust(18) + "'"
    assert [row["Name"] for row in exact.results(f"crm/Accounts?$filter={quote(padded)}")] == ["Klant 25"]
    assert exact.results("crm/Accounts?$filter=Code eq '25'") == []
    trimmed = quote("trim(Code) eq '25'")
    assert [row["Name"] for row in exact.results(f"crm/Accounts?$filter={trimmed}")] == ["Klant 25"]


def test_trailing_blanks_do_not_matter_in_a_comparison(exact: Connected) -> None:
    condition = quote("Country eq 'NL' and Name eq 'Klant 3'")
    assert len(exact.results(f"crm/Accounts?$filter={condition}")) == 1


def test_a_filter_on_a_collection_is_refused(exact: Connected) -> None:
    assert exact.get(f"salesorder/SalesOrders?$filter={quote('SalesOrderLines/Quantity gt 1')}").status_code == 400


@pytest.mark.parametrize(
    "path", ["logistics/Items?$select=Code", "crm/Accounts?$select=ID", "bulk/Logistics/Items?$select=Code"]
)
def test_an_address_with_a_sync_twin_wants_a_filter(exact: Connected, path: str) -> None:
    assert exact.get(path).status_code == 400


def test_the_lenient_switch_lets_a_listing_without_filter_pass(start: Start) -> None:
    exact = start(switches=Switches(mandatory_filter=False)).connect()
    assert len(exact.results("logistics/Items?$select=Code")) == 60


def test_an_address_without_a_sync_twin_needs_no_filter(exact: Connected) -> None:
    assert len(exact.results("vat/VATCodes")) == 1


# --- $select and $expand ------------------------------------------------------------------------------------


def test_a_selection_leaves_the_named_fields_and_the_metadata(exact: Connected) -> None:
    rows = exact.results("logistics/Items?$filter=Code eq 'A0001'&$select=Code,Stock")
    assert {name: value for name, value in rows[0].items() if name != "__metadata"} == {"Code": "A0001", "Stock": 1.0}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param("$select=Code,Colour", id="select"),
        pytest.param("$orderby=Colour", id="orderby"),
        pytest.param("$expand=Colour", id="expand"),
        pytest.param("$expand=Description", id="expand of a value"),
        pytest.param("$select=Code,Timestamp", id="field of the sync twin only"),
        pytest.param("$select=SalesOrderLines/ID", id="nested without expand"),
        pytest.param("$top=many", id="top"),
        pytest.param("$top=-1", id="negative top"),
        pytest.param("$inlinecount=some", id="inlinecount"),
        pytest.param("$search=x", id="unknown option"),
        pytest.param("$top=1&$top=2", id="twice"),
        pytest.param("$skiptoken=nonsense", id="skiptoken"),
        pytest.param("$skiptoken=5", id="skiptoken of another type"),
    ],
)
def test_one_wrong_option_fails_the_whole_call(exact: Connected, options: str) -> None:
    assert exact.get(f"salesorder/SalesOrders?$filter=OrderNumber%20gt%200&{options}").status_code == 400


def test_system_divisions_has_no_main_field(exact: Connected) -> None:
    assert exact.get("system/Divisions?$select=Code,Main").status_code == 400
    assert exact.get("system/Divisions?$select=Code,IsMainDivision").status_code == 200


def test_an_order_without_expand_has_a_deferred_address_for_its_lines(exact: Connected) -> None:
    order = exact.results("salesorder/SalesOrders?$filter=OrderNumber%20eq%201")[0]
    address = order["SalesOrderLines"]["__deferred"]["uri"]
    assert address.endswith(f"/salesorder/SalesOrders(guid'{guid(3, 1)}')/SalesOrderLines")
    assert [row["LineNumber"] for row in exact.results(address)] == [1, 2]


LINES = f"salesorder/SalesOrders(guid'{guid(3, 2)}')/SalesOrderLines"


def test_the_options_of_a_deferred_address_speak_of_the_lines(exact: Connected) -> None:
    options = quote("LineNumber gt 70 and LineNumber lt 75", safe="")
    lines = exact.results(f"{LINES}?$select=LineNumber&$filter={options}&$orderby=LineNumber%20desc")
    assert [line["LineNumber"] for line in lines] == [74, 73, 72, 71]
    assert set(lines[0]) == {"__metadata", "LineNumber"}
    assert exact.get(f"{LINES}?$select=OrderNumber,Colour").status_code == 400


def test_a_deferred_address_pages_like_every_other(exact: Connected) -> None:
    first = exact.get(f"{LINES}?$select=LineNumber&$inlinecount=allpages").json()["d"]
    assert (len(first["results"]), first["__count"]) == (60, "75")
    second = exact.get(first["__next"]).json()["d"]
    assert "__next" not in second
    numbers = [line["LineNumber"] for line in first["results"] + second["results"]]
    assert numbers == list(range(1, 76))


def test_expanded_lines_stand_in_results_and_nested_selections_thin_them(exact: Connected) -> None:
    options = "$expand=SalesOrderLines&$select=OrderID,SalesOrderLines/ID,SalesOrderLines/LineNumber"
    order = exact.results(f"salesorder/SalesOrders?$filter=OrderNumber%20eq%201&{options}")[0]
    lines = order["SalesOrderLines"]["results"]
    assert [set(line) for line in lines] == [{"__metadata", "ID", "LineNumber"}] * 2
    assert set(order) == {"__metadata", "OrderID", "SalesOrderLines"}


def test_an_expansion_holds_at_most_sixty_lines(exact: Connected) -> None:
    order = exact.results("salesorder/SalesOrders?$filter=OrderNumber%20eq%202&$expand=SalesOrderLines")[0]
    assert len(order["SalesOrderLines"]["results"]) == 60


def test_bulk_wants_a_selection_or_a_top_of_one(exact: Connected) -> None:
    answer = exact.get(f"bulk/Logistics/Items?$filter={EVERY_ITEM}")
    assert answer.status_code == 400
    assert text_of(answer) == "Please add a $select or a $top=1 statement to the query string."
    assert len(exact.results("bulk/Logistics/Items?$filter=Code gt 'A'&$top=1")) == 1
    assert len(exact.results("bulk/Logistics/Items?$filter=Code gt 'A'&$select=ID")) == ITEMS


@pytest.mark.parametrize("path", ["sync/Inventory/StockPositions", "sync/Logistics/SalesItemPrices"])
def test_a_star_is_refused_where_the_reference_says_so(exact: Connected, path: str) -> None:
    assert exact.get(f"{path}?$select=*&$filter=Timestamp%20gt%201L").status_code == 400


# --- order and pages ----------------------------------------------------------------------------------------


def pages(exact: Connected, path: str) -> list[list[Row]]:
    found, address = [], path
    while address:
        inner = exact.get(address).raise_for_status().json()["d"]
        found.append(inner["results"])
        address = inner.get("__next", "")
    return found


WIDE = quote("Code gt 'A'")


def test_a_listing_comes_in_pages_of_sixty_that_cover_everything_once(exact: Connected) -> None:
    found = pages(exact, f"logistics/Items?$filter={WIDE}&$select=Code")
    assert [len(page) for page in found] == [60, 60, 30]
    assert len({row["Code"] for page in found for row in page}) == ITEMS


def test_the_next_address_is_absolute_and_keeps_the_other_options(exact: Connected) -> None:
    address = exact.get(f"logistics/Items?$filter={WIDE}&$select=Code,Description").json()["d"]["__next"]
    assert address.startswith(f"{exact.running.base}/api/v1/123456/logistics/Items?")
    options = dict(parse_qsl(urlsplit(address).query))
    assert options == {
        "$filter": "Code gt 'A'",
        "$select": "Code,Description",
        "$skiptoken": f"guid'{guid(1, 60)}'",
    }


def test_a_top_beyond_the_page_is_lowered_on_the_way(exact: Connected) -> None:
    address = exact.get(f"logistics/Items?$filter={WIDE}&$select=Code&$top=100").json()["d"]["__next"]
    assert dict(parse_qsl(urlsplit(address).query))["$top"] == "40"
    second = exact.get(address).json()["d"]
    assert len(second["results"]) == 40


def test_a_next_link_is_written_as_exact_writes_it(exact: Connected) -> None:
    address = exact.get("logistics/Items?$orderby=Modified asc&$filter=Code gt 'A'&$select=Code&$skip=0&$top=100")
    following = address.json()["d"]["__next"]
    start = f"{exact.running.base}/api/v1/123456/logistics/Items?$orderby=Modified%20asc&$filter=Code%20gt%20'A'"
    assert following == (
        f"{start}&$select=Code&$top=40&$skiptoken=datetime'2026-03-16T14%3A28%3A11.123',guid'{guid(1, 56)}'"
    )


UNSORTED = (
    "74752c10-3d31-4725-a66d-001edba8c47f", "00000000-ffff-ffff-0001-000000000002",
    "ffffffff-0000-0000-0002-000000000001", "01000000-0000-0100-0001-000000000003",
    "00000001-0000-0001-0001-000000000003", "00000001-0001-0000-0001-000000000003",
)  # fmt: skip
IN_ORDER = (
    "ffffffff-0000-0000-0002-000000000001", "00000000-ffff-ffff-0001-000000000002",
    "00000001-0001-0000-0001-000000000003", "01000000-0000-0100-0001-000000000003",
    "00000001-0000-0001-0001-000000000003", "74752c10-3d31-4725-a66d-001edba8c47f",
)  # fmt: skip


def test_guids_stand_in_the_order_of_exacts_database(exact: Connected) -> None:
    rows = exact.running.sandbox.world.divisions[123456].table("Costcenters")
    rows.load({"ID": key, "Code": "same"} for key in UNSORTED)
    found = [row["ID"] for row in exact.results("hrm/Costcenters?$select=ID")]
    assert found == list(IN_ORDER)
    assert [row["ID"] for row in exact.results("hrm/Costcenters?$orderby=Code&$select=ID")] == found
    assert [row["ID"] for row in exact.results("hrm/Costcenters?$filter=Code eq 'same'&$select=ID")] == found


@pytest.mark.parametrize("options", ["", "$orderby=Code&", "$filter=Code eq 'same'&"])
def test_pages_follow_that_order_too(exact: Connected, options: str) -> None:
    rows = exact.running.sandbox.world.divisions[123456].table("Costcenters")
    keys = [f"{number * 7919 % 251:08x}-0000-4000-8000-{number * 104729 % 997:012x}" for number in range(150)]
    rows.load({"ID": key, "Code": "same"} for key in keys)
    found = [row["ID"] for page in pages(exact, f"hrm/Costcenters?{options}$select=ID,Code") for row in page]
    assert found == sorted(keys, key=lambda key: (key[24:], key[:8]))


def test_an_order_is_kept_over_the_pages(exact: Connected) -> None:
    path = f"logistics/Items?$filter={WIDE}&$select=Code,Modified&$orderby=Modified desc,Code"
    rows = [row for page in pages(exact, path) for row in page]
    assert len(rows) == ITEMS
    assert rows == sorted(rows, key=lambda row: (-int(str(row["Modified"])[6:-2]), row["Code"]))


def test_the_skip_token_of_an_order_holds_its_values_and_the_key(exact: Connected) -> None:
    path = f"logistics/Items?$filter={WIDE}&$select=Code&$orderby=StartDate"
    token = dict(parse_qsl(urlsplit(exact.get(path).json()["d"]["__next"]).query))["$skiptoken"]
    assert token == f"datetime'2020-01-01T00:00:00',guid'{guid(1, 60)}'"


def test_an_order_with_empty_values_is_kept_over_the_pages(exact: Connected) -> None:
    path = f"logistics/Items?$filter={WIDE}&$select=Code,EndDate&$orderby=EndDate"
    rows = [row for page in pages(exact, path) for row in page]
    assert len({row["Code"] for row in rows}) == ITEMS
    assert [row["EndDate"] is None for row in rows] == [True] * 135 + [False] * 15


def test_skip_works_on_old_addresses_only(exact: Connected) -> None:
    rows = exact.results(f"logistics/Items?$filter={WIDE}&$select=Code&$skip=2&$top=1")
    assert rows[0]["Code"] == "A0003"
    assert exact.get("sync/Logistics/Items?$filter=Timestamp%20gt%201L&$skip=2").status_code == 400
    assert exact.get("sales/SalesChannels?$skip=2").status_code == 400


def test_inlinecount_counts_everything_that_matches(exact: Connected) -> None:
    inner = exact.get(f"logistics/Items?$filter={WIDE}&$select=Code&$top=2&$inlinecount=allpages").json()["d"]
    assert inner["__count"] == str(ITEMS)
    assert len(inner["results"]) == 2


def test_count_is_a_bare_number_and_wants_no_json(exact: Connected) -> None:
    answer = exact.get("logistics/Items/$count?$filter=Code lt 'A0005'", Accept="")
    assert (answer.status_code, answer.text) == (200, "4")
    assert exact.get(f"logistics/Items/$count?$filter={WIDE}").status_code == 415


# --- addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"logistics/Items(guid'{guid(1, 1)}')", 200, id="by key"),
        pytest.param(f"logistics/Items(guid'{guid(1, 999)}')", 404, id="no such key"),
        pytest.param("logistics/Items('A0001')", 400, id="key of another type"),
        pytest.param("general/Currencies('EUR')", 200, id="text key"),
        pytest.param("system/Divisions(123457)", 200, id="number key"),
        pytest.param("logistics/Products", 404, id="no such resource"),
        pytest.param("logistics/$batch", 400, id="batch"),
        pytest.param("logistics/Nothing/$metadata", 404, id="metadata of nothing"),
        pytest.param(f"sync/Logistics/Items(guid'{guid(1, 1)}')", 400, id="sync has no Guid as its key"),
    ],
)
def test_an_address_answers(exact: Connected, path: str, status: int) -> None:
    assert exact.get(path).status_code == status


def test_other_cases_of_an_address_work_unless_the_switch_forbids_them(start: Start) -> None:
    assert start().connect().get("VAT/vatcodes").status_code == 200
    assert start(strict_case=True).connect().get("VAT/vatcodes").status_code == 404


def test_a_url_of_more_than_6000_characters_is_refused(exact: Connected) -> None:
    condition = quote("Code eq 'A0001'" + " or Code eq 'A0001'" * 300)
    assert exact.get(f"logistics/Items?$filter={condition}").status_code == 400
    shorter = quote("Code eq 'A0001'" + " or Code eq 'A0001'" * 100)
    assert exact.get(f"logistics/Items?$filter={shorter}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "logistics/Units", "GET"),
        ("DELETE", f"salesorder/GoodsDeliveries(guid'{guid(1, 1)}')", "GET, POST, PUT"),
        ("POST", "sync/Logistics/Items", "GET"),
        ("PATCH", f"logistics/Items(guid'{guid(1, 1)}')", "DELETE, GET, POST, PUT"),
    ],
    ids=["list of units", "delivery", "sync", "patch"],
)
def test_a_method_that_an_address_does_not_have_is_405(exact: Connected, method: str, path: str, allowed: str) -> None:
    answer = exact.send(method, path, {})
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
