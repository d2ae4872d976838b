"""Random rows of one item: prices, price lists, stock and free fields, sensible and not."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from exact_connector.settings import Settings
from unit.catalog.rows import CUSTOMER, TODAY, exact_date, item, period, price_list, rate

LISTS = ("DEALER", "EXPORT", "GROUP")
OTHER_CUSTOMER = "33333333-3333-4333-8333-333333333333"

amounts = st.decimals(min_value=0, max_value=10_000, places=4) | st.none()
quantities = st.sampled_from([None, 0, 1, 2, 10, 24, "2.5"]).map(
    lambda value: None if value is None else Decimal(value)
)
days = st.integers(-3, 3).map(lambda shift: (TODAY + timedelta(days=shift)).isoformat())
dates = st.none() | days.map(exact_date)
units = st.sampled_from([None, "pc", "PC ", "box"])
currencies = st.sampled_from([None, "EUR", "USD", "GBP"])


def with_ids(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number rows, since no two rows of Exact share an identifier."""
    return [{**row, "ID": f"{number:04d}"} for number, row in enumerate(rows)]


def rows_of(values: st.SearchStrategy[dict[str, Any]], most: int = 6) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return a strategy for a few numbered rows."""
    return st.lists(values, max_size=most).map(with_ids)


sales_prices = rows_of(
    st.fixed_dictionaries(
        {
            "Price": amounts,
            "Currency": currencies,
            "Unit": units,
            "Quantity": quantities,
            "NumberOfItemsPerUnit": quantities,
            "StartDate": dates,
            "EndDate": dates,
            "Account": st.sampled_from([None, None, CUSTOMER, OTHER_CUSTOMER]),
        }
    )
)
volume_discounts = rows_of(
    st.fixed_dictionaries(
        {
            "PriceListPeriod": st.sampled_from([f"p-{code}" for code in LISTS] + ["p-special", "p-unknown"]),
            "EntryMethod": st.sampled_from([1, 2, None]),
            "NewPrice": amounts,
            "BasePriceAmount": amounts,
            "Discount": st.sampled_from([None, Decimal("0.1"), Decimal("0.055"), Decimal(1)]),
            "Quantity": quantities,
            "Unit": units,
        }
    )
)
group_discounts = rows_of(
    st.fixed_dictionaries(
        {
            "PriceListPeriod": st.sampled_from(["p-GROUP", "p-unknown"]),
            "ItemGroupCode": st.sampled_from(["DRK", "FD", None]),
            "ItemGroupDescription": st.sampled_from(["Drinks", "Food", None]),
            "Discount": st.sampled_from([None, Decimal("0.1"), Decimal("0.25")]),
            "Quantity": quantities,
        }
    )
)


@st.composite
def references(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the price lists of an administration with their periods, discounts and rates."""
    special = {**period("DEALER"), "ID": "p-special", "Type": 2, "StartDate": draw(dates), "EndDate": draw(dates)}
    entities = {"GROUP": 2}
    rates = [rate("USD", draw(st.sampled_from(["0.8", "0"]))), rate("USD", "0.7", (date(2025, 6, 12)).isoformat())]
    return {
        "price_list": [
            price_list(code, draw(st.sampled_from(["EUR", "USD"])), entities.get(code, 1)) for code in LISTS
        ],
        "price_list_period": [*(period(code) for code in LISTS), special],
        "group_discount": draw(group_discounts),
        "exchange_rate": rates,
    }


@st.composite
def chosen_settings(draw: st.DrawFn) -> Settings:
    """Draw the settings that shape prices, receipts and which items are active."""
    flag = st.booleans()
    return Settings(
        AutoSyncPriceLists=draw(flag),
        PriceList2Id=draw(st.sampled_from(["", "DEALER", "X"])),
        ExcludePriceList=draw(st.sampled_from(["", "EXPORT", "DEALER"])),
        VariantCurrency=draw(flag),
        GenerateCurrencyPriceLists=draw(flag),
        DisableCurrencyPriceListCheck=draw(flag),
        GetPriceBasedOnItemUnit=draw(flag),
        GetItemGroupByDescription=draw(flag),
        DontDeletePriceListPricesSameAsDefaultPrice=draw(flag),
        EnableOfflineTierPrices=draw(flag),
        PriceListCodeForStaffelFreeField=draw(st.sampled_from(["", "DEALER"])),
        UseSalesPriceInclVatAsFreeField=draw(flag),
        UnitFactorAsPurchasePackageSize=draw(flag),
        CheckIfItemIsActive=draw(flag),
        SyncNextDeliveryDate=draw(flag),
        GetDeliveryDatesOffline=draw(flag),
        WarehouseForStock=draw(st.sampled_from(["", "1"])),
    )


items = st.fixed_dictionaries(
    {
        "Unit": st.sampled_from([None, "pc ", "box"]),
        "SalesVatCode": st.sampled_from([None, "2  ", "4", "99"]),
        "StandardSalesPrice": amounts,
        "ItemGroupCode": st.sampled_from([None, "DRK"]),
        "ItemGroupDescription": st.sampled_from([None, "Drinks"]),
        "SearchCode": st.sampled_from([None, " 6 ", "0", "CHAIR", "1,5"]),
        "ExtraDescription": st.sampled_from([None, "A|12", "7", "|", "x|-1"]),
        "FreeNumberField_01": st.sampled_from([None, Decimal(0), Decimal("2.50"), Decimal(-1)]),
        "FreeTextField_01": st.none() | st.text(max_size=8),
        "StartDate": dates,
        "EndDate": dates,
    }
).map(lambda values: item(**values))

stock_rows = rows_of(
    st.fixed_dictionaries(
        {
            "WarehouseCode": st.sampled_from(["1", "2 ", "3"]),
            "CurrentStock": amounts,
            "PlanningOut": amounts,
            "PlanningIn": amounts,
            "ReorderQuantity": amounts,
        }
    )
)
plans = rows_of(
    st.fixed_dictionaries(
        {
            "PlannedDate": dates,
            "PlannedQuantity": amounts,
            "PlanningType": st.sampled_from([120, 130, 134, 140, None]),
            "WarehouseCode": st.sampled_from(["1", "2"]),
        }
    )
)
