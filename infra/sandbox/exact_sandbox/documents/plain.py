"""The many small entities: mandatory fields, codes that may not repeat, references that must exist, descriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from exact_sandbox.documents.context import Context, by_code, described
from exact_sandbox.documents.refusals import exists
from exact_sandbox.world.kit import unit_code, vat_code
from exact_sandbox.world.stock import position_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """A property that points at another table by Guid, or by code; `shown` are the descriptions it brings along."""

    name: str
    table: str
    shown: tuple[tuple[str, str], ...] = ()
    by_code: bool = False


@dataclass(frozen=True)
class Plain:
    """The rules of one small entity. `unique` are the fields that together may occur once."""

    table: str
    mandatory: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    defaults: tuple[tuple[str, object], ...] = ()
    used_by: tuple[tuple[str, str], ...] = ()
    after: Callable[[Context, Row], None] | None = None

    def create(self, context: Context, values: Row) -> Row:
        """Store a new record."""
        context.need(values, *self.mandatory)
        row = {**dict(self.defaults), **{name: value for name, value in values.items() if value is not None}}
        row |= self._shown(context, row)
        context.check()
        self._refuse_double(context, row)
        row["ID"] = values.get("ID") or context.guid()
        stored = context.division.table(self.table).insert(row, stamp=context.user)
        if self.after is not None:
            self.after(context, stored)
        return stored

    def update(self, context: Context, row: Row, values: Row) -> None:
        """Change a record; a repeated code counts as a duplicate."""
        if (
            values.get("Code") is not None
            and "Code" in self.unique
            and by_code(context.division, self.table, values["Code"])
        ):
            raise exists(context.user.language)
        for name in self.mandatory:
            if name in values and values[name] in (None, ""):
                context.problems.add("mandatory", name)
        changes = {name: value for name, value in values.items() if name != "ID"}
        changes |= self._shown(context, changes)
        context.check()
        context.division.table(self.table).update(row["ID"], changes, stamp=context.user)

    def delete(self, context: Context, row: Row) -> None:
        """Remove a record that nothing refers to."""
        for table, name in self.used_by:
            code = row["ID"] if name != "CODE" else row.get("Code")
            if context.division.table(table).lookup(name, code):
                context.problems.refuse("in_use", self.table)
        context.division.table(self.table).delete(row["ID"])

    def _shown(self, context: Context, given: Row) -> Row:
        found: Row = {}
        for reference in self.references:
            value = given.get(reference.name)
            if value is None:
                continue
            if reference.by_code:
                row = context.find_code(reference.table, value, reference.name)
            else:
                row = context.find(reference.table, value, reference.name)
            found |= described(row, dict(reference.shown))
        return found

    def _refuse_double(self, context: Context, row: Row) -> None:
        if not self.unique:
            return

        def same(one: object, two: object) -> bool:
            return str(one or "").strip().casefold() == str(two or "").strip().casefold()

        table = context.division.table(self.table)
        near = None if "Code" in self.unique else table.lookup(self.unique[0], row.get(self.unique[0]))
        for other in table.rows() if near is None else near:
            if all(same(other.get(name), row.get(name)) for name in self.unique):
                raise exists(context.user.language)


_ITEM = Reference("Item", "Items", (("ItemCode", "Code"), ("ItemDescription", "Description")))
_PART = Reference("PartItem", "Items", (("PartItemCode", "Code"), ("PartItemDescription", "Description")))
_ACCOUNT = Reference("Account", "Accounts", (("AccountName", "Name"),))
_HOUSE = Reference("Warehouse", "Warehouses", (("WarehouseCode", "Code"), ("WarehouseDescription", "Description")))


def _new_item_warehouse(context: Context, row: Row) -> None:
    item = context.division.table("Items").get(row["Item"]) or {}
    zero = {"CurrentStock": 0.0, "PlannedStockIn": 0.0, "PlannedStockOut": 0.0, "ProjectedStock": 0.0,
            "ReservedStock": 0.0, "ReorderPoint": row.get("ReorderPoint", 0.0), "ItemUnit": item.get("Unit"),
            "ItemUnitDescription": item.get("UnitDescription"), "ItemIsStockItem": item.get("IsStockItem"),
            "ItemIsFractionAllowedItem": item.get("IsFractionAllowedItem")}  # fmt: skip
    context.division.table("ItemWarehouses").refresh(row["ID"], zero)
    if item.get("IsStockItem"):
        context.division.table("StockPositions").insert(position_of({**row, **zero}, context.guid()))


def _one_main_supplier(context: Context, row: Row) -> None:
    if not row.get("MainSupplier"):
        return
    table = context.division.table("SupplierItem")
    for other in list(table.lookup("Item", row["Item"]) or []):
        if other.get("MainSupplier") and other["ID"] != row["ID"]:
            table.update(other["ID"], {"MainSupplier": False}, stamp=context.user)


def _vat_form(context: Context, row: Row) -> None:
    context.division.table("VATCodes").refresh(row["ID"], {"Code": vat_code(row["Code"].strip())})


def _purchase_unit(context: Context, row: Row) -> None:
    changes = {"PurchaseUnit": unit_code(row["PurchaseUnit"].strip())}
    context.division.table("SupplierItem").refresh(row["ID"], changes)
    _one_main_supplier(context, row)


_LIST: tuple[Plain, ...] = (
    Plain("BankAccounts", ("Account", "BankAccount"), ("Account", "BankAccount"), (_ACCOUNT,),
          (("Main", False), ("Blocked", False))),
    Plain("CommunicationNotes", ("Subject",), (), (
        _ACCOUNT, Reference("Contact", "Contacts", (("ContactFullName", "FullName"),)),
        Reference("Document", "Documents", (("DocumentSubject", "Subject"),))),
        (("Status", 20), ("StatusDescription", "Open"))),
    Plain("CustomerItems", ("Account", "Item"), ("Account", "Item"), (
        _ITEM, Reference("Account", "Accounts", (("AccountName", "Name"), ("AccountCode", "Code"))))),
    Plain("SupplierItem", ("Item", "ItemUnit", "PurchasePrice", "PurchaseUnit", "Supplier"), ("Item", "Supplier"), (
        _ITEM, Reference("Supplier", "Accounts", (("SupplierCode", "Code"), ("SupplierDescription", "Name"))),
        Reference("ItemUnit", "Units", (("ItemUnitCode", "Code"), ("ItemUnitDescription", "Description"))),
        Reference("PurchaseUnit", "Units", (("PurchaseUnitDescription", "Description"),), by_code=True),
        Reference("PurchaseVATCode", "VATCodes", (("PurchaseVATCodeDescription", "Description"),), by_code=True)),
        (("PurchaseUnitFactor", 1.0), ("MinimumQuantity", 0.0), ("MainSupplier", False), ("Currency", "EUR")),
        after=_purchase_unit),
    Plain("SalesChannels", ("Code", "Description"), ("Code",), (), (("Active", True),)),
    Plain("Warehouses", ("Code", "Description"), ("Code",), (), (("Main", 0), ("UseStorageLocations", 0)),
          (("ItemWarehouses", "Warehouse"),)),
    Plain("ItemWarehouses", ("Item", "Warehouse"), ("Item", "Warehouse"), (_ITEM, _HOUSE), (
        ("ReorderPoint", 0.0), ("SafetyStock", 0.0), ("MaximumStock", 0.0)), after=_new_item_warehouse),
    Plain("VATCodes", ("Code", "Description"), ("Code",), (), (
        ("Type", "E"), ("Percentage", 0.0), ("IsBlocked", False), ("VATTransactionType", "B")), after=_vat_form),
    Plain("GLAccounts", ("Code", "Description"), ("Code",), (), (("IsBlocked", False),)),
    Plain("ExchangeRates", ("SourceCurrency",), ("SourceCurrency", "StartDate"), (
        Reference("SourceCurrency", "Currencies", (("SourceCurrencyDescription", "Description"),)),),
        (("TargetCurrency", "EUR"), ("Rate", 1.0))),
    Plain("Journals", ("Code", "Description"), ("Code",), (), (("IsBlocked", False), ("Currency", "EUR"))),
    Plain("PaymentConditions", ("Code", "Description"), ("Code",), (), (("PaymentDays", 0), ("PaymentMethod", "B"))),
    Plain("Costcenters", ("Code", "Description"), ("Code",), (), (("Active", True),)),
    Plain("Costunits", ("Code", "Description"), ("Code",)),
    Plain("BillOfMaterialVersions", ("Item", "Description"), (), (
        Reference("Item", "Items", (("ItemDescription", "Description"),)),),
        (("Status", 30), ("Type", 20), ("BatchQuantity", 1.0), ("IsDefault", 0)),
        (("BillOfMaterialMaterials", "ItemVersion"),)),
    Plain("BillOfMaterialMaterials", ("ItemVersion", "PartItem"), (), (
        _PART, Reference("ItemVersion", "BillOfMaterialVersions")), (("Quantity", 1.0), ("Type", 1))),
    Plain("AssemblyBillOfMaterialMaterials", ("AssembledItem", "PartItem"), ("AssembledItem", "PartItem"), (
        _PART, Reference("AssembledItem", "Items", (("AssembledItemCode", "Code"),
                                                    ("AssembledItemDescription", "Description")))),
        (("Quantity", 1.0), ("BatchQuantity", 1.0))),
)  # fmt: skip

PLAIN: dict[str, Plain] = {plain.table: plain for plain in _LIST}
"""The small entities by name."""
