"""Stock of items."""

from __future__ import annotations

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.prices import ItemCode
from exact_connector.documents.models.terms import About, DayText, DecimalText, GuidText

_UNIT = "units of the item"
_NO_STOCK = "for items that are not kept in stock"


class StockLevels(TypedDict):
    """Quantities in some warehouses together."""

    shelf: Annotated[DecimalText, About("On the shelf", "StockPosition.CurrentStock", unit=_UNIT)]
    to_be_delivered: Annotated[DecimalText, About("To be delivered", "StockPosition.PlanningOut", unit=_UNIT)]
    to_be_received: Annotated[DecimalText, About("To be received", "StockPosition.PlanningIn", unit=_UNIT)]


class WarehouseStock(StockLevels):
    """Stock in one warehouse."""

    code: Annotated[str, About("Code of the warehouse", "StockPosition.WarehouseCode", example="1")]


class PlanningStock(StockLevels):
    """The stock that purchase planning uses."""

    warehouse: Annotated[str, About("The warehouse, or `all`", "option `stock_warehouse`", example="1")]


class ExpectedReceipt(TypedDict):
    """What is expected on one day."""

    date: Annotated[DayText, About("The day", "ItemWarehousePlanningDetail.PlannedDate")]
    quantity: Annotated[DecimalText, About("How much", "ItemWarehousePlanningDetail.PlannedQuantity", unit=_UNIT)]


class Stock(TypedDict):
    """Stock of one item: in the warehouses that the settings name together, and in each warehouse."""

    item_id: Annotated[GuidText, About("ID of the item", "Item.ID")]
    item_code: ItemCode
    unit: Annotated[str | None, About("Unit of the item", "Item.Unit", null="without one", example="piece")]
    warehouse_codes: Annotated[
        list[str],
        About("The warehouses that the quantities are of", "`WarehouseForStock`, else all with stock", example=["1"]),
    ]
    shelf: Annotated[
        DecimalText | None, About("On the shelf", "StockPosition.CurrentStock", null=_NO_STOCK, unit=_UNIT)
    ]
    to_be_delivered: Annotated[
        DecimalText | None, About("To be delivered", "StockPosition.PlanningOut", null=_NO_STOCK, unit=_UNIT)
    ]
    to_be_received: Annotated[
        DecimalText | None, About("To be received", "StockPosition.PlanningIn", null=_NO_STOCK, unit=_UNIT)
    ]
    last_available_stock: Annotated[
        DecimalText | None,
        About(
            "What can still be sold: on the shelf less what is to be delivered, or the shelf alone while "
            "`UseCurrentQuantityAsLastAvailableStock` is on",
            "StockPosition",
            null=_NO_STOCK,
            unit=_UNIT,
        ),
    ]
    warehouses: Annotated[list[WarehouseStock], About("Stock in each warehouse, by code", "StockPosition")]
    planning: Annotated[PlanningStock | None, About("Stock for purchase planning", "StockPosition", null=_NO_STOCK)]
    next_delivery_date: NotRequired[
        Annotated[
            DayText | None,
            About(
                "Day of the next expected receipt",
                "ItemWarehousePlanningDetail",
                null="when none is expected",
                absent="unless `SyncNextDeliveryDate` is on",
            ),
        ]
    ]
    delivery_dates: NotRequired[
        Annotated[
            list[ExpectedReceipt],
            About(
                "Expected receipts by day",
                "ItemWarehousePlanningDetail",
                absent="unless `GetDeliveryDatesOffline` is on",
            ),
        ]
    ]


class StockPage(TypedDict):
    """A page of stock."""

    stock: list[Stock]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
