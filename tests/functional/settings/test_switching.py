"""Switching a setting changes what is served as if it had always been so, and asks Exact only what it has to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exact_connector.settings.catalogue import BY_KEY
from exact_connector.settings.entry import Reference
from exact_connector.settings.references import LIST_ENDPOINTS
from functional.settings.cases import AT_CREATION, CASES, CONNECTION, IN_THE_FEED, LABELS, ON_THE_CARD, Case
from functional.settings.conftest import Company
from functional.settings.served import changes, everything

pytestmark = pytest.mark.slow

BASE_CALLS = frozenset(
    {"current/Me", "system/Divisions", "vat/VATCodes", "cashflow/PaymentConditions", "crm/AccountClassifications"}
    | {"logistics/ItemGroups", "logistics/Units", "sync/Deleted", "sync/Logistics/Items"}
    | {"sync/Logistics/SalesItemPrices", "sync/Inventory/StockPositions"}
    | {"sync/CRM/Accounts", "sync/CRM/Contacts", "sync/CRM/Addresses"}
)
SHAPING = frozenset(case.key for case in CASES)
ELSEWHERE = SHAPING | ON_THE_CARD | IN_THE_FEED | AT_CREATION | CONNECTION
ON_ORDERS = sorted(BY_KEY.keys() - ELSEWHERE)
VALUES_ON_ORDERS = {"ShippingMethodCode": "DHL", "WarehouseForOrder": "2", "GLAccountCodeForOrders": "8000"}


@pytest.fixture(autouse=True)
def _defaults_stay(company: Company) -> Iterator[None]:
    yield
    company.shop.settings({})


def called(company: Company) -> frozenset[str]:
    return frozenset(company.shop.calls())


def looked_up(key: str) -> frozenset[str]:
    """Return the list in which saving a setting looks its code up; a label of a free field is not looked up then."""
    reference = BY_KEY[key].reference
    if reference is None or reference is Reference.ITEM_EXTRA_FIELDS:
        return frozenset()
    ledger = reference is Reference.GL_ACCOUNTS
    return frozenset({"sync/Financial/GLAccounts" if ledger else LIST_ENDPOINTS[reference]})


def test_with_all_defaults_only_the_base_resources_are_read(company: Company) -> None:
    asked = {path for path in company.first_calls if not path.startswith("oauth2")}
    assert asked == BASE_CALLS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_switching_a_setting_changes_just_what_it_is_about_and_switching_back_undoes_it(
    company: Company, case: Case
) -> None:
    shop = company.shop
    shop.settings(case.base)
    before = everything(shop) if case.base else company.defaults

    shop.forget_calls()
    shop.settings({**case.base, case.key: case.value})
    assert called(company) - looked_up(case.key) == case.calls - looked_up(case.key)
    assert changes(before, everything(shop)) == case.changes

    shop.forget_calls()
    shop.settings(case.base)
    assert called(company) == frozenset()
    assert changes(before, everything(shop)) == frozenset()


def test_a_free_field_named_by_its_label_is_looked_up_once_per_item(company: Company) -> None:
    shop = company.shop
    shop.forget_calls()
    shop.settings({"FreeSortField": "Merk"})
    assert called(company) == LABELS
    assert shop.calls() == {"read/logistics/ItemExtraField": 150}
    by_label = everything(shop)
    assert changes(company.defaults, by_label) == {"item.free_sort_field"}

    shop.forget_calls()
    shop.settings({"FreeSortField": "FreeTextField_01"})
    assert called(company) == frozenset()
    assert everything(shop) == by_label


@pytest.mark.parametrize("key", ON_ORDERS)
def test_a_setting_of_orders_changes_nothing_that_is_served_and_asks_for_its_code_only(
    company: Company, key: str
) -> None:
    shop, default = company.shop, BY_KEY[key].default
    value = not default if isinstance(default, bool) else VALUES_ON_ORDERS.get(key, "X1")
    shop.forget_calls()
    shop.settings({key: value})
    assert called(company) == looked_up(key)
    assert changes(company.defaults, everything(shop)) == frozenset()


def test_every_setting_is_in_exactly_one_group(company: Company) -> None:
    groups = [SHAPING, ON_THE_CARD, IN_THE_FEED, AT_CREATION, CONNECTION, frozenset(ON_ORDERS)]
    assert sum(len(group) for group in groups) == len(BY_KEY) == 106
