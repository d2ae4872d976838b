"""Measure how many item documents a second one core projects: ``python -m bench_projection`` from this folder.

Each item has prices, a price list with tiers, stock of three warehouses and filled free fields, as Exact delivers them.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from decimal import Decimal
from typing import Any

from exact_connector.catalog.context import Options, build_context
from exact_connector.catalog.items import project_item
from exact_connector.catalog.projection import OwnerRows
from exact_connector.settings import Settings

TODAY = date(2025, 6, 10)
WANTED_PER_SECOND = 2_500
JANUARY = "/Date(1735689600000)/"


def bench_rows(number: int) -> OwnerRows:
    """Return the rows of one item as they are stored."""
    owner = f"{number:08x}-0000-4000-8000-000000000000"
    item: dict[str, Any] = {
        "ID": owner,
        "Code": f"ITEM{number:06d}".ljust(30),
        "Description": f"Garden chair {number}",
        "ExtraDescription": "Teak|12|large",
        "Barcode": f"87{number:011d}",
        "SearchCode": str(number),
        "Unit": "pc        ",
        "IsSalesItem": True,
        "IsStockItem": True,
        "IsPurchaseItem": True,
        "IsWebshopItem": 1,
        "SalesVatCode": "2  ",
        "ItemGroupCode": "DRK",
        "ItemGroupDescription": "Drinks",
        "StartDate": JANUARY,
        "Created": JANUARY,
        "Modified": JANUARY,
        "Class_01": "RD",
        "NetWeight": Decimal("1.250"),
        "Stock": Decimal("42"),
        "AverageCost": Decimal("4.1234"),
        "PictureName": f"{number}.jpg",
        **{f"FreeTextField_{n:02d}": f"text {n} of {number}" for n in range(1, 11)},
        **{f"FreeNumberField_{n:02d}": Decimal(n) for n in range(1, 9)},
        **{f"FreeBoolField_{n:02d}": n % 2 == 0 for n in range(1, 6)},
        **{f"FreeDateField_{n:02d}": JANUARY for n in range(1, 6)},
    }
    price = {"Item": owner, "Currency": "EUR", "StartDate": JANUARY, "Unit": "pc", "NumberOfItemsPerUnit": Decimal(1)}
    volume = {"Item": owner, "PriceListPeriod": "p1", "EntryMethod": 2, "Unit": "pc"}
    return OwnerRows(
        owner,
        {
            "item": [item],
            "sales_price": [
                {**price, "ID": f"{number}-1", "Price": Decimal("10.25"), "Quantity": Decimal(1)},
                {**price, "ID": f"{number}-2", "Price": Decimal("9.25"), "Quantity": Decimal(12)},
                {**price, "ID": f"{number}-3", "Price": Decimal("8.25"), "Quantity": Decimal(1), "Account": "c1"},
            ],
            "volume_discount": [
                {**volume, "ID": f"{number}-4", "NewPrice": Decimal("9.95"), "Quantity": Decimal(1)},
                {**volume, "ID": f"{number}-5", "NewPrice": Decimal("9.05"), "Quantity": Decimal(24)},
            ],
            "stock": [
                {
                    "WarehouseCode": code,
                    "CurrentStock": Decimal(10),
                    "PlanningOut": Decimal(3),
                    "PlanningIn": Decimal(5),
                }
                for code in ("1", "2", "3")
            ],
        },
    )


def documents_per_second(count: int) -> tuple[float, float]:
    """Project that many items and return items and documents a second of processor time, JSON writing included."""
    settings = Settings(AutoSyncPriceLists=True, EnableOfflineTierPrices=True)
    reference: dict[str, Any] = {
        "division": [{"Currency": "EUR"}],
        "vat_code": [{"ID": "v", "Code": "2  ", "Percentage": Decimal("0.21"), "Type": "E"}],
        "price_list": [{"ID": "l1", "Code": "DEALER", "Currency": "EUR", "Entity": 1}],
        "price_list_period": [{"ID": "p1", "PriceList": "l1", "Type": 1, "StartDate": JANUARY}],
    }
    context = build_context(settings, Options(), TODAY, reference)
    items = [bench_rows(number) for number in range(count)]
    documents = 0
    started = time.process_time()
    for rows in items:
        for projection in project_item(rows, context):
            json.dumps(projection.document, separators=(",", ":"), sort_keys=True)
            documents += 1
    spent = time.process_time() - started
    return count / spent, documents / spent


def main(count: int = 5_000) -> int:
    """Print the measured rates; fail when fewer items a second are projected than wanted."""
    items, documents = documents_per_second(count)
    print(f"{items:,.0f} items a second, {documents:,.0f} documents a second ({count:,} items)")
    return 0 if items >= WANTED_PER_SECOND else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
