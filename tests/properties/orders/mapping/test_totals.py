"""Whatever the order and the settings: what is sent comes to what the client computed, and is always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from exact_connector.catalog.codes import by_code
from exact_connector.errors import InvalidInput
from exact_connector.orders.mapping.document import plan_document
from exact_connector.orders.mapping.plan import Body, DocumentPlan
from exact_connector.orders.mapping.preflight import check_order
from exact_connector.orders.mapping.required_references import required_references
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.model.reading import body_of, read_order
from exact_connector.orders.model.references import (
    DeliveredLine,
    KnownAddress,
    KnownContact,
    KnownPriceList,
    OrderCustomer,
    OrderItem,
    ResolvedReferences,
)
from exact_connector.settings.model import Settings

TODAY = date(2025, 6, 10)
HUNDRED = Decimal(100)


def guid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


ITEMS = {
    "A": OrderItem(guid(1), "A", "Chair", "pc", Decimal(21), vat_included=False, package_size=Decimal(6)),
    "B": OrderItem(guid(2), "B", "Table", "pc", Decimal(9), vat_included=True),
    "7": OrderItem(guid(3), "7", None, None, None, is_stock_item=False),
}
REFERENCES = ResolvedReferences(
    customer=OrderCustomer(guid(100), "25", vat_liable=True, country="NL", price_list_code="DEALER"),
    items=ITEMS,
    addresses=[KnownAddress(guid(21), 4, True, ("Dorpsstraat 12", None, None), "3511 AB", "Utrecht", "NL")],
    invoice_addresses=[KnownAddress(guid(31), 3, True, ("Kade 1", None, None), "3511 AB", "Utrecht", "NL")],
    contacts=[KnownContact(guid(11), "Eva Vos", "eva@example.nl")],
    warehouses=by_code([{"ID": guid(301), "Code": "1", "Main": 1}]),
    shipping_methods=by_code([{"ID": guid(401), "Code": "DHL"}]),
    cost_centers=by_code([{"ID": guid(501), "Code": "SALES"}]),
    cost_units=by_code([{"ID": guid(601), "Code": "FAIR"}]),
    gl_accounts=by_code([{"ID": guid(701), "Code": "8010"}]),
    journals=by_code([{"ID": guid(801), "Code": "70", "Type": 20}]),
    price_lists={"DEALER": KnownPriceList("DEALER", "EUR", guid(901))},
    delivered_lines=[
        DeliveredLine(guid(1000 + number), guid(number), Decimal(10**9), date(2025, 5, 1), 1, "501")
        for number in (1, 2, 3)
    ],
    stock={},
)

money = st.decimals(min_value=0, max_value=100_000, places=4)
percentages = st.decimals(min_value=0, max_value=100, places=2)
quantities = st.decimals(min_value=Decimal("0.001"), max_value=10_000, places=3)
maybe_money, maybe_percentage = st.none() | money, st.none() | percentages
sources = st.sampled_from([None, "default", "price_list", "tier", "agreement", "manual"])


@st.composite
def posted_lines(draw: st.DrawFn) -> dict[str, Any]:
    unit = draw(money)
    line: dict[str, Any] = {
        "item_code": draw(st.sampled_from(sorted(ITEMS))),
        "quantity": draw(quantities),
        "unit_price": unit,
        "original_price": draw(st.none() | st.just(unit) | money),
        "discount_percentage": draw(maybe_percentage),
        "original_discount_percentage": draw(maybe_percentage),
        "price_source": draw(sources),
        "instruction": draw(st.sampled_from([None, "gift wrap", "20-06-2025"])),
    }
    if line["discount_percentage"] is None:
        # A net price of its own, between nothing and the gross price; a surcharge is sent as a net price alone.
        line["net_price"] = draw(maybe_money)
    return line


@st.composite
def orders(draw: st.DrawFn, kinds: tuple[str, ...] = ("order", "quotation", "invoice")) -> CanonicalOrder:
    place = {"street": "Dorpsstraat 12", "postcode": "3511AB", "city": draw(st.sampled_from(["Utrecht", "Zeist"]))}
    return read_order(
        {
            "customer_id": guid(100),
            "order_type": {"kind": draw(st.sampled_from(kinds)), "name": draw(st.sampled_from([None, "Fair"]))},
            "lines": draw(st.lists(posted_lines(), min_size=1, max_size=6)),
            "discount_percentage": draw(maybe_percentage),
            "reference": draw(st.sampled_from([None, "PO1", "r" * 70])),
            "notes": draw(st.sampled_from([None, "Call", "Call\nat nine"])),
            "order_date": draw(st.sampled_from([None, "2025-06-20"])),
            "created_at": draw(st.sampled_from([None, "2025-06-10T08:00:00Z"])),
            "alternative_delivery_address": draw(st.none() | st.just(place)),
            "alternative_invoice_address": draw(st.none() | st.just(place)),
            "alternative_contact_person": draw(st.none() | st.just({"last_name": "Vos"})),
            "warehouse_code": draw(st.sampled_from([None, "1"])),
        }
    )


CODES: Mapping[str, tuple[str, ...]] = {
    "WarehouseForOrder": ("", "1"),
    "ShippingMethodCode": ("", "DHL"),
    "CostCenterCodeForOrders": ("", "SALES"),
    "CostUnitForOrders": ("", "FAIR"),
    "GLAccountCodeForOrders": ("", "8010"),
    "CurrencyCodeIso": ("", "EUR"),
}
SWITCHES = tuple(
    name
    for name, value in ((field.name, getattr(Settings(), field.name)) for field in dataclass_fields(Settings))
    if isinstance(value, bool)
)


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    on = draw(st.sets(st.sampled_from(SWITCHES), max_size=12))
    chosen: dict[str, Any] = {name: draw(st.sampled_from(values)) for name, values in CODES.items()}
    chosen |= {name: not getattr(Settings(), name) for name in on}
    return replace(Settings(), **chosen)


def planned(order: CanonicalOrder, chosen: Settings, *, liable: bool) -> DocumentPlan | None:
    """Plan an order, None where it is refused."""
    customer = replace(REFERENCES.customer, vat_liable=liable) if REFERENCES.customer else None
    try:
        return plan_document(order, chosen, replace(REFERENCES, customer=customer), TODAY)
    except InvalidInput:
        return None


def net_of(line: Body) -> Decimal | None:
    """Return the net price per unit as Exact works it out, None where Exact prices the line itself."""
    if "NetPrice" in line:
        return Decimal(line["NetPrice"])
    if "UnitPrice" in line:
        return Decimal(line["UnitPrice"]) * (1 - Decimal(line["Discount"]))
    return None


def clients_net(order: CanonicalOrder, place: int, chosen: Settings) -> Decimal:
    """Work out the client's net price anew: the tier rule, then a net price of its own, then price less discount."""
    line = order.lines[place]
    assert line.unit_price is not None
    if chosen.SkipDiscountForStafflItems and line.price_source == "tier":
        return line.unit_price
    if line.net_price is not None:
        return line.net_price
    return line.unit_price * (HUNDRED - (line.discount_percentage or 0)) / HUNDRED


def with_vat(net: Decimal, item: OrderItem, chosen: Settings, *, liable: bool) -> Decimal:
    """Work out anew in which basis the price has to arrive."""
    if item.vat_percentage is None:
        return net
    rate = 1 + item.vat_percentage / HUNDRED
    if chosen.NetPriceBasedOnVatLiability and not liable:
        return net / rate if item.vat_included else net
    if chosen.NetPriceIncludingVat and not item.vat_included:
        return net * rate
    return net


def sequence(order: CanonicalOrder, chosen: Settings) -> list[int]:
    """Return the places of the lines in the sequence in which they are sent."""
    places = list(range(len(order.lines)))
    if chosen.SortOrderLinesByItemCodeNumeric and all(line.item_code.isdigit() for line in order.lines):
        places.sort(key=lambda place: int(order.lines[place].item_code))
    return places


@run_with(max_examples=200, deadline=None)
@given(orders(), settings(), st.booleans())
def test_the_total_sent_is_the_total_that_the_client_computed(
    order: CanonicalOrder, chosen: Settings, liable: bool
) -> None:
    plan = planned(order, chosen, liable=liable)
    if plan is None:
        return
    lines = plan.body[DOCUMENTS[order.kind].lines]
    assert len(lines) == len(order.lines)
    step = Decimal("0.005") if chosen.RoundOrderLinePricesToTwoDecimals else Decimal("0.0000005")
    for place, sent in zip(sequence(order, chosen), lines, strict=True):
        posted = order.lines[place]
        item = ITEMS[posted.item_code]
        assert (sent["Item"], sent["Quantity"]) == (item.item_id, posted.quantity)
        net = net_of(sent)
        if net is None:
            assert "Pricelist" in sent or sent["Discount"] >= 0
            continue
        expected = with_vat(clients_net(order, place, chosen), item, chosen, liable=liable)
        # A discount that follows from a net price is known to nine decimals.
        slack = step + (posted.unit_price or Decimal(0)) * 2 * Decimal("1e-9")
        assert abs(net - expected) * posted.quantity <= slack * posted.quantity
    if order.kind is not OrderKind.QUOTATION:
        assert plan.body.get("Discount", Decimal(0)) == (order.discount_percentage or Decimal(0)) / HUNDRED


@run_with(max_examples=200, deadline=None)
@given(orders(("order", "quotation", "invoice", "return")), settings(), st.booleans())
def test_the_same_order_is_always_planned_the_same(order: CanonicalOrder, chosen: Settings, liable: bool) -> None:
    again = read_order(body_of(order))

    assert again == order
    assert planned(again, chosen, liable=liable) == planned(order, chosen, liable=liable)


@run_with(max_examples=200, deadline=None)
@given(orders(("order", "quotation", "invoice", "return")), settings())
def test_what_needs_no_look_up_is_never_asked_for(order: CanonicalOrder, chosen: Settings) -> None:
    needs = required_references(order, chosen, TODAY)
    empty = ResolvedReferences(customer=REFERENCES.customer, items=REFERENCES.items)
    asked = {
        "addresses": needs.addresses or needs.address_id is not None,
        "invoice_addresses": needs.invoice_addresses,
        "contacts": needs.contacts or needs.contact_id is not None,
        "warehouses": needs.warehouse_code is not None or needs.main_warehouse,
        "shipping_methods": needs.shipping_method_code is not None,
        "cost_centers": needs.cost_center_code is not None,
        "cost_units": needs.cost_unit_code is not None,
        "gl_accounts": needs.gl_account_code is not None,
        "journals": needs.journals,
        "price_lists": needs.price_lists,
        "delivered_lines": needs.deliveries,
        "stock": needs.stock_warehouses is not None,
    }
    found = replace(empty, **{name: getattr(REFERENCES, name) for name, wanted in asked.items() if wanted})

    try:
        narrow: DocumentPlan | InvalidInput = plan_document(order, chosen, found, TODAY)
    except InvalidInput as refused:
        narrow = refused
    try:
        wide: DocumentPlan | InvalidInput = plan_document(order, chosen, REFERENCES, TODAY)
    except InvalidInput as refused:
        wide = refused
    if isinstance(narrow, InvalidInput) or isinstance(wide, InvalidInput):
        assert isinstance(narrow, InvalidInput)
        assert isinstance(wide, InvalidInput)
        assert narrow.faults == wide.faults
    else:
        assert narrow == wide


@run_with(max_examples=200, deadline=None)
@given(orders(("order", "quotation", "invoice", "return")), settings())
def test_an_order_that_passes_the_checks_is_never_refused_by_the_mapping(
    order: CanonicalOrder, chosen: Settings
) -> None:
    if check_order(order, chosen, REFERENCES, TODAY).faults:
        return

    assert planned(order, chosen, liable=True) is not None


@run_with(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5) | st.sampled_from(sorted(CanonicalOrder.model_fields)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.text(max_size=5) | st.sampled_from(["item_code", "quantity", "street", "city", "kind"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        ),
        max_size=8,
    )
)
def test_reading_an_order_ends_in_an_order_or_in_faults(body: dict[str, Any]) -> None:
    try:
        order = read_order(body)
    except InvalidInput as refused:
        faults = refused.faults
    else:
        assert read_order(body_of(order)) == order
        return
    assert faults
    assert all(fault.pointer == "" or fault.pointer.startswith("/") for fault in faults)
