"""One worked example of every setting that shapes customers, their VAT, their creation and their card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.codes import by_code
from exact_connector.catalog.context import ProjectionContext
from exact_connector.customer_requests.create import CreationReferences, account_changes, account_to_create
from exact_connector.customer_requests.input import read_customer_edit, read_new_customer
from exact_connector.customers.history.orders import exact_orders, history_source, order_history
from exact_connector.customers.partial import customer_change
from exact_connector.fields import Row
from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.entry import Area
from exact_connector.settings.model import Settings
from unit.customers.customer_rows import (
    VAT_CODES,
    account,
    context_of,
    exact_date,
    guid,
    projected,
    settings_of,
    vat_code,
)

Show = Callable[[Settings, Row], Any]
G1, G2 = guid(31), guid(32)
REFERENCE: Mapping[str, tuple[Row, ...]] = {
    "vat_code": (*VAT_CODES, vat_code("D19", "0.19")),
    "classification": (
        {"ID": G1, "Code": "G", "Description": "Gold"},
        {"ID": G2, "Code": "N", "Description": "Rep North"},
    ),
}
LEDGER: tuple[Row, ...] = (
    {"ID": guid(61), "Code": "1300", "Type": 20, "IsBlocked": False},
    {"ID": guid(62), "Code": "8000", "Type": 110, "IsBlocked": False},
)
HEADERS: tuple[Row, ...] = tuple(
    {
        "OrderID": guid(number),
        "OrderNumber": number,
        "OrderDate": exact_date(date(2025, 6, 1)),
        "Status": 12,
        "AmountFC": Decimal(121),
        "AmountFCExclVat": Decimal(100),
    }
    for number in (501, 502)
)
LINES: tuple[Row, ...] = tuple(
    {"ID": guid(number), "OrderID": guid(501), "LineNumber": number, "ItemCode": "A", **values, "DeliveryStatus": 12}
    for number, values in (
        (1, {"Quantity": Decimal(10), "QuantityDelivered": Decimal(10)}),
        (2, {"Quantity": Decimal(5), "QuantityDelivered": Decimal(2)}),
    )
)
MAPPING = json.dumps(
    [
        {
            "ObjectName": "Customer",
            "PropertyName": "Website",
            "XmlName": "CustomerWebsite",
            "NameInApp": "Site",
            "PropertyType": "string",
            "IsEntityField": "false",
        }
    ]
)


@dataclass(frozen=True)
class Example:
    """What is shown of an account with a setting and without it."""

    key: str
    value: Any
    show: Show
    expected: Any
    without: Any
    row: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)


def run(settings: Settings) -> ProjectionContext:
    return context_of(settings, reference=REFERENCE)


def of_customer(name: str) -> Show:
    """Show a field of the customer, None where it is not delivered."""

    def show(settings: Settings, row: Row) -> Any:
        return (projected(row, run(settings)).document or {}).get(name)

    return show


def is_delivered(settings: Settings, row: Row) -> bool:
    return projected(row, run(settings)).document is not None


def notes(settings: Settings, row: Row) -> Any:
    """Show the subjects of the notes on a customer."""
    rows = [{"ID": guid(71), "Subject": "Call", "Status": 20}, {"ID": guid(72), "Subject": "Void", "Status": 0}]
    document = projected(row, run(settings), note=rows).document or {}
    return [note["subject"] for note in document["notes"]] if "notes" in document else None


def new_account(*names: str, **posted: Any) -> Show:
    """Show properties of the account that a posted customer becomes."""

    def show(settings: Settings, _row: Row) -> Any:
        references = CreationReferences(by_code(REFERENCE["vat_code"]), by_code(LEDGER), "NL ")
        body = account_to_create(read_new_customer({"name": "Jansen BV", **posted}), settings, references)
        return tuple(body.get(name) for name in names)

    return show


def change(**changed: str) -> Show:
    """Show what readers hear when a customer changed."""

    def show(settings: Settings, _row: Row) -> Any:
        before = {"customer_id": "1", "customer_name": "Old", "email": "a@b.nl", "phone": "010"}
        found = customer_change(before, {**before, **changed}, settings)
        return None if found is None else (found.op, found.fields)

    return show


def written(**edit: str) -> Show:
    """Show which properties an edit writes."""

    def show(settings: Settings, row: Row) -> Any:
        return sorted(account_changes(read_customer_edit(edit), row, settings, {}).body)

    return show


def card(settings: Settings) -> Any:
    return order_history(exact_orders(HEADERS, LINES), settings, {"A": "2025-06-20"}).orders


def order_numbers(settings: Settings, _row: Row) -> list[int]:
    return [order["order_number"] for order in card(settings)]


def back_orders(settings: Settings, _row: Row) -> Any:
    """Show order, line, what is still to be delivered and the next delivery date."""
    return [
        (order["order_number"], line["line_number"], line["back_order_quantity"], line["next_delivery_date"])
        for order in card(settings)
        for line in order["lines"]
    ]


def totals(settings: Settings, _row: Row) -> Any:
    return {(order["total"], order["vat_included"]) for order in card(settings)}


EXACT = {"OrderHistoryBackoffice": True}
NEXT = {**EXACT, "SyncNextDeliveryDate": True}
LIABLE, CODE = of_customer("vat_liable"), of_customer("vat_code")
MANAGER = {"AccountManagerFullName": "A. Vos", "Classification2": G2, "SearchCode": " REP7 "}
BOTH_PARTS = {"UpdateEmailOnlyForCustomer": True}
WHOLE_MAIL = {"customer_id": "1", "customer_name": "New", "email": "c@d.nl", "phone": "010"}
WHOLE_PHONE = {"customer_id": "1", "customer_name": "Old", "email": "a@b.nl", "phone": "020"}
MAIL_ONLY = {"customer_id": "1", "partial": True, "email": "a@b.nl"}

EXAMPLES = (
    Example("GetProspects", True, is_delivered, True, False, {"Status": "P"}),
    Example("GetSuspects", True, is_delivered, True, False, {"Status": "S"}),
    Example(
        "AddPrefixForProspectsAndSuspects",
        True,
        of_customer("customer_code"),
        "P-25",
        "25",
        {"Status": "P", "Code": "25".rjust(18)},
        {"GetProspects": True},
    ),
    Example(
        "AddPrefixForProspectsAndSuspects", True, of_customer("customer_code"), "25", "25", {"Code": "25".rjust(18)}
    ),
    Example("OnlyLoadDealers", True, is_delivered, True, True, {"IsReseller": True}),
    Example("OnlyLoadDealers", True, is_delivered, False, True, {"IsReseller": False}),
    Example("OnlyLoadDealers", True, new_account("IsReseller"), (True,), (False,)),
    Example(
        "AccountClassificationProperty",
        "Classification2",
        of_customer("classification"),
        "Rep North",
        "Gold",
        {"Classification1": G1, "Classification2": G2},
    ),
    Example(
        "AccountClassificationOnCustomerName",
        True,
        of_customer("customer_name"),
        "Jansen BV (Gold)",
        "Jansen BV",
        {"Name": "Jansen BV", "Classification1": G1},
    ),
    Example(
        "AccountClassificationPropertyForCustomerManager",
        "Classification2",
        of_customer("manager"),
        "Rep North",
        "A. Vos",
        MANAGER,
        {"AccountClassificationOnCustomerManager": True},
    ),
    Example(
        "AccountClassificationOnCustomerManager",
        True,
        of_customer("manager"),
        "Rep North",
        "A. Vos",
        MANAGER,
        {"AccountClassificationPropertyForCustomerManager": "Classification2"},
    ),
    Example("SearchCodeOnCustomerManager", True, of_customer("manager"), "REP7", "A. Vos", MANAGER),
    Example(
        "CustomCustomerFieldsMapping",
        MAPPING,
        of_customer("custom_fields"),
        {"Site": "www.x.nl"},
        {},
        {"Website": "www.x.nl"},
    ),
    Example("SyncCustomerNotes", True, notes, ["Call"], None),
    Example(
        "UpdateEmailOnlyForCustomer",
        True,
        change(customer_name="New", email="c@d.nl"),
        ("partial", {"customer_id": "1", "partial": True, "email": "c@d.nl"}),
        ("upsert", WHOLE_MAIL),
    ),
    Example(
        "UpdateEmailOnlyForCustomer",
        True,
        change(customer_name="New"),
        None,
        ("upsert", {**WHOLE_MAIL, "email": "a@b.nl"}),
    ),
    Example("UpdateEmailOnlyForCustomer", True, written(name="New", email="c@d.nl"), ["Email"], ["Email", "Name"]),
    Example(
        "UpdatePhoneOnlyForCustomer",
        True,
        change(phone="020"),
        ("partial", {**MAIL_ONLY, "phone": "020"}),
        None,
        others=BOTH_PARTS,
    ),
    Example(
        "UpdatePhoneOnlyForCustomer",
        True,
        change(phone="020"),
        ("partial", {"customer_id": "1", "partial": True, "phone": "020"}),
        ("upsert", WHOLE_PHONE),
    ),
    Example("GLAccountGLARCode", "1300", new_account("GLAR"), (guid(61),), (None,)),
    Example("GLAccountSalesCode", "8000", new_account("GLAccountSales"), (guid(62),), (None,)),
    Example("VatLiableCode", "2;4", LIABLE, True, True, {"SalesVATCode": "4  "}),
    Example("VatLiableCode", "0", LIABLE, True, False, {"SalesVATCode": "0  "}),
    Example("VatLiableCode", "2;4", new_account("SalesVATCode", country="NL"), ("2",), (None,)),
    Example("NotVatLiableCode", "2", LIABLE, False, True, {"SalesVATCode": "2  "}),
    Example("NotVatLiableCode", "7", new_account("SalesVATCode", country="DE", vat_liable=False), ("7",), (None,)),
    Example(
        "NotVatLiableCodeOutsideEU",
        "6",
        new_account("SalesVATCode", country="CH", vat_liable=False),
        ("6",),
        ("7",),
        others={"NotVatLiableCode": "7"},
    ),
    Example(
        "NotVatLiableCodeOutsideEU",
        "6",
        new_account("SalesVATCode", country="BE", vat_liable=False),
        ("7",),
        ("7",),
        others={"NotVatLiableCode": "7"},
    ),
    Example("VatCodeBasedOnCountryCode", "DE=D19;FR=2", new_account("SalesVATCode", country="DE"), ("D19",), (None,)),
    Example("VatCodeBasedOnCountryCode", "DE=D19;FR=2", CODE, "D19", None, {"Country": "DE "}),
    Example(
        "UseVatLiabilityForDefaultCountry",
        True,
        LIABLE,
        True,
        False,
        {"Country": "NL ", "SalesVATCode": "7"},
        {"NotVatLiableCode": "7"},
    ),
    Example(
        "UseVatLiabilityForDefaultCountry",
        True,
        LIABLE,
        False,
        False,
        {"Country": "BE ", "SalesVATCode": "7"},
        {"NotVatLiableCode": "7"},
    ),
    Example(
        "DefaultCountryForVatLiability",
        "be",
        LIABLE,
        True,
        False,
        {"Country": "BE ", "SalesVATCode": "7"},
        {"UseVatLiabilityForDefaultCountry": True},
    ),
    Example(
        "VatLiabilityBasedOnVatRegime",
        True,
        LIABLE,
        True,
        False,
        {"VATLiability": "L", "SalesVATCode": "7"},
        {"NotVatLiableCode": "7"},
    ),
    Example("VatLiabilityBasedOnVatRegime", True, new_account("VATLiability", country="NL"), ("L",), (None,)),
    Example("VatCodeEmptyIsVatLiable", True, LIABLE, True, False, {"Country": "BE", "SalesVATCode": None}),
    Example("OrderHistoryBackoffice", True, lambda settings, _row: history_source(settings), "exact", "own"),
    Example("OrderSelectTop", 1, order_numbers, [502], [502, 501], others=EXACT),
    Example(
        "ShowOnlyBackOrderLines",
        True,
        back_orders,
        [(501, 2, "3", None)],
        [(501, 1, "0", None), (501, 2, "3", None)],
        others=EXACT,
    ),
    Example(
        "ShowNextDeliveryDateOnBackOrderLines",
        True,
        back_orders,
        [(501, 1, "0", None), (501, 2, "3", "2025-06-20")],
        [(501, 1, "0", None), (501, 2, "3", None)],
        others=NEXT,
    ),
    Example("ExcludeVatFromHistoryTotals", True, totals, {("100", False)}, {("121", True)}, others=EXACT),
)
ON_ORDERS = frozenset({"NetPriceIncludingVat", "NetPriceBasedOnVatLiability"})
"""They shape the lines of orders."""

AREAS = (Area.CUSTOMERS, Area.VAT, Area.HISTORY)


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{number}-{each.key}" for number, each in enumerate(EXAMPLES)])
def test_a_setting_does_what_its_worked_example_says_and_nothing_when_it_is_not_set(example: Example) -> None:
    row = account(**example.row)
    assert example.show(settings_of(**example.others, **{example.key: example.value}), row) == example.expected
    assert example.show(settings_of(**example.others), row) == example.without


def test_every_setting_of_customers_their_vat_and_their_card_has_a_worked_example() -> None:
    assert {each.key for each in EXAMPLES} == {entry.key for entry in ENTRIES if entry.area in AREAS} - ON_ORDERS
