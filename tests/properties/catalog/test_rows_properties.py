"""Whatever Exact puts into a field, an item still becomes documents that JSON can hold."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exact_connector.catalog.attributes import ITEM_ATTRIBUTES
from exact_connector.catalog.items import project_item
from exact_connector.catalog.projection import OwnerRows
from exact_connector.settings import Settings
from exact_connector.settings.properties import ITEM_PROPERTIES
from properties.catalog import strategies as some
from unit.catalog.rows import ITEM_ID, context, exact_date, item

anything = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)
    | st.text(max_size=20)
    | st.sampled_from([exact_date("9999-12-31"), exact_date("1753-01-01"), "2025-01-01", "/Date(x)/"])
)
odd_items = st.dictionaries(st.sampled_from(sorted(set(ITEM_PROPERTIES.values()) - {"ID", "Code"})), anything)
odd_settings = st.builds(
    Settings,
    IncludeNonSalesItems=st.just(value=True),
    CheckIfItemIsActive=st.booleans(),
    FreeSortField=st.sampled_from(["FreeDateField_01", "Modified", "NetWeight", "IsSalesItem", "Label"]),
    ItemFreeFieldNameForItemStatus=st.sampled_from(["FreeTextField_01", "FreeNumberField_01", "Notes"]),
    FieldUsedToIncludeItemsInSync=st.sampled_from(["", "FreeBoolField_01", "FreeDateField_02", "SearchCode"]),
    GetPurchasePackageSizeFromFreeField=st.sampled_from(["", "FreeNumberField_02", "FreeTextField_02", "EndDate"]),
    UseItemNotesForItemField=st.sampled_from(["", "Description", "FreeTextField_01", "Own"]),
    FreeFieldsRenaming=st.sampled_from(["", '{"FreeTextField_01":"Own","FreeBoolField_01":"FreeTextField_09x"}']),
)
odd_price = st.fixed_dictionaries(
    dict.fromkeys(("Price", "Currency", "Unit", "Quantity", "NumberOfItemsPerUnit"), anything)
    | {"StartDate": some.dates, "EndDate": some.dates | st.just(exact_date("9999-12-31")), "Account": st.none()}
)


@settings(max_examples=200, deadline=None)
@given(odd_settings, odd_items, some.rows_of(odd_price), some.plans)
def test_any_row_becomes_documents(
    chosen: Settings, values: dict[str, Any], prices: list[dict[str, Any]], plans: list[dict[str, Any]]
) -> None:
    rows = {"item": [item(**values)], "sales_price": prices, "planning": plans}
    found = project_item(OwnerRows(ITEM_ID, rows), context(chosen))
    assert json.loads(json.dumps([entry.document for entry in found])) == [entry.document for entry in found]
    document = found[0].document
    if document is not None:
        assert set(document["attributes"]) <= set(ITEM_ATTRIBUTES)
        assert Decimal(document["purchase_package_size"]) > 0
