"""Customer codes: Exact's code, prefixes of prospects and suspects, promotion, and reading them back."""

from __future__ import annotations

import pytest

from exact_connector.customers.codes import Prefixes, customer_code, readings
from unit.customers.customer_rows import account, context_of, customer, guid, settings_of

ALL = {"GetProspects": True, "GetSuspects": True}
PREFIXED = settings_of(**ALL, AddPrefixForProspectsAndSuspects=True)
BARE = settings_of(**ALL)


@pytest.mark.parametrize(
    ("status", "expected"), [("P", "P-25"), ("S", "S-25"), ("C", "25")], ids=["prospect", "suspect", "customer"]
)
def test_the_prefix_shows_what_the_account_is(status: str, expected: str) -> None:
    row = account(25, Status=status)
    assert customer(row, context_of(PREFIXED))["customer_code"] == expected
    assert customer(row, context_of(BARE))["customer_code"] == "25"


def test_a_promoted_prospect_keeps_its_id_and_loses_the_prefix() -> None:
    before = customer(account(25, Status="P"), context_of(PREFIXED))
    after = customer(account(25, Status="C"), context_of(PREFIXED))
    assert (before["customer_id"], after["customer_id"]) == (guid(25), guid(25))
    assert (before["customer_code"], after["customer_code"]) == ("P-25", "25")


def test_a_deployment_may_have_other_prefixes() -> None:
    prefixes = Prefixes(prospect="PR", suspect="SU")
    assert customer_code(account(25, Status="P"), PREFIXED, prefixes) == "PR25"
    assert readings("PR25", PREFIXED, prefixes) == ("PR25", "25")


def test_an_account_without_a_code_has_no_prefix_either() -> None:
    assert customer_code(account(Status="P", Code=None), PREFIXED) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [("P-25", ("P-25", "25")), ("s-25", ("s-25", "25")), (" 25 ", ("25",)), ("P-", ("P-",)), ("  ", ())],
    ids=["prospect", "small letters", "bare", "prefix alone", "blank"],
)
def test_a_client_may_use_the_prefixed_or_the_bare_code(given: str, expected: tuple[str, ...]) -> None:
    assert readings(given, PREFIXED) == expected


def test_without_the_setting_a_prefix_is_part_of_the_code() -> None:
    assert readings("P-25", BARE) == ("P-25",)
