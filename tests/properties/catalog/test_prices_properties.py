"""Resolved prices and documents hold for any rows: total, deterministic, independent of the order of rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exact_connector.catalog.items import project_item
from exact_connector.catalog.pricing.quote import Buyer, quote, quote_document
from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.catalog.reference import project_reference
from exact_connector.settings import Settings
from properties.catalog import strategies as some
from unit.catalog.rows import CUSTOMER, ITEM_ID, context

kinds = st.fixed_dictionaries(
    {
        "sales_price": some.sales_prices,
        "volume_discount": some.volume_discounts,
        "stock": some.stock_rows,
        "planning": some.plans,
        "item_warehouse": some.stock_rows,
    }
)
buyers = st.builds(
    Buyer,
    customer_id=st.sampled_from([None, CUSTOMER]),
    price_list_id=st.sampled_from([None, "l-DEALER", "l-EXPORT", "l-GROUP", "l-unknown"]),
    currency=st.sampled_from([None, "EUR", "USD", "JPY"]),
)
orders = st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(24), Decimal(1000), Decimal(0)])


def shown(found: Sequence[Projection]) -> str:
    """Return documents as one text; fails for anything that JSON cannot hold."""
    return json.dumps(
        [(entry.kind, entry.key, entry.document, str(entry.changes_on), len(entry.warnings)) for entry in found]
    )


def turned(rows: dict[str, Any], shift: int) -> dict[str, Any]:
    """Put the rows of every kind in another order."""
    return {kind: [*each[shift:], *each[:shift]][::-1] for kind, each in rows.items()}


@settings(max_examples=150, deadline=None)
@given(some.chosen_settings(), some.references(), some.items, kinds, buyers, orders, st.integers(0, 5))
def test_every_question_has_one_answer_whatever_the_order_of_rows(
    chosen: Settings,
    reference: dict[str, Any],
    row: dict[str, Any],
    rows: dict[str, Any],
    buyer: Buyer,
    quantity: Decimal,
    shift: int,
) -> None:
    known = context(chosen, reference)
    found = quote_document(quote(OwnerRows(ITEM_ID, {"item": [row], **rows}), known, buyer, quantity))
    other = context(chosen, turned(reference, shift))
    again = quote_document(quote(OwnerRows(ITEM_ID, {"item": [row], **turned(rows, shift)}), other, buyer, quantity))
    assert found == again
    assert json.loads(json.dumps(found)) == found
    if found["rule"] is None or found["price"] is None:
        assert (found["rule"], found["price"]) == (None, None)
        assert all(lost["reason"] for lost in found["lost"])
    else:
        assert Decimal(found["price"]) >= 0
        assert Decimal(found["rule"]["min_quantity"]) <= max(quantity, Decimal(1))
        assert all(lost["reason"] for lost in found["lost"])


@settings(max_examples=150, deadline=None)
@given(some.chosen_settings(), some.references(), some.items, kinds, st.integers(0, 5))
def test_documents_do_not_depend_on_the_order_of_rows(
    chosen: Settings, reference: dict[str, Any], row: dict[str, Any], rows: dict[str, Any], shift: int
) -> None:
    known = context(chosen, reference)
    other = context(chosen, turned(reference, shift))
    found = project_item(OwnerRows(ITEM_ID, {"item": [row], **rows}), known)
    assert shown(found) == shown(project_item(OwnerRows(ITEM_ID, {"item": [row], **turned(rows, shift)}), other))
    assert shown(project_reference(known)) == shown(project_reference(other))
    keys = [(entry.kind, entry.key) for entry in found]
    assert len(keys) == len(set(keys))


@settings(max_examples=150, deadline=None)
@given(some.chosen_settings(), some.references(), some.items, kinds)
def test_the_price_of_one_piece_for_nobody_is_the_sales_price_that_is_delivered(
    chosen: Settings, reference: dict[str, Any], row: dict[str, Any], rows: dict[str, Any]
) -> None:
    known = context(chosen, reference)
    owner = OwnerRows(ITEM_ID, {"item": [row], **rows})
    [document] = [entry.document for entry in project_item(owner, known) if entry.kind == "item"]
    answer = quote_document(quote(owner, known, Buyer(), Decimal(1)))
    assert document is None or answer["price"] == document["sales_price"]


@settings(max_examples=150, deadline=None)
@given(some.chosen_settings(), some.references(), some.items, kinds)
def test_nothing_changes_before_the_date_that_was_announced(
    chosen: Settings, reference: dict[str, Any], row: dict[str, Any], rows: dict[str, Any]
) -> None:
    known = context(chosen, reference)
    owner = OwnerRows(ITEM_ID, {"item": [row], **rows})
    today = project_item(owner, known)
    announced = min((entry.changes_on for entry in today if entry.changes_on), default=None)
    for days in range(1, 6):
        later = known.today.fromordinal(known.today.toordinal() + days)
        if announced is not None and later >= announced:
            break
        documents = [(entry.kind, entry.key, entry.document) for entry in project_item(owner, known.on(later))]
        assert documents == [(entry.kind, entry.key, entry.document) for entry in today]
