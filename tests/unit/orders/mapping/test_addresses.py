"""Contacts and addresses: reuse before create, the writes before the document, and what goes to the remarks."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.orders.mapping.addresses import same_address
from exact_connector.orders.mapping.plan import PriorWrite, StepResult, filled
from unit.orders.mapping.order_cases import (
    CUSTOMER,
    HEAD_OFFICE,
    address,
    codes_of,
    contact,
    guid,
    header_of,
    order,
    places_of,
    plan,
    references,
    settings_of,
)

CREATE: dict[str, Any] = {"CreateAlternateAddressAtCustomer": True}
PEOPLE: dict[str, Any] = {"CreateAndLinkAlternativeContactPerson": True}
INVOICE: dict[str, Any] = {"CreateInvoiceAddress": True}
SPLIT: dict[str, Any] = {"SendHouseNumberAndAdditionSeperate": True}
PLACE = {
    "street": "Dorpsstraat",
    "house_number": "12",
    "house_number_addition": "A",
    "postcode": "3511AB",
    "city": "Utrecht",
}
EVA: dict[str, Any] = {"first_name": "Eva", "last_name": "Vos", "email": "eva@example.nl", "phone": "0301234567"}


def steps_of(posted: Any, known: Any = None, **settings: Any) -> tuple[PriorWrite, ...]:
    return plan(posted, settings_of(**settings), known or references()).steps


def test_the_contact_of_the_order_is_sent_only_when_asked_for() -> None:
    known = references(contacts=(contact(11, "Eva Vos"),))
    posted = order(contact_person_id=guid(11))

    assert header_of(posted, known, ContactPersonToBackoffice=True)["OrderedByContactPerson"] == guid(11)
    assert "OrderedByContactPerson" not in header_of(posted, known)


def test_no_contact_and_the_empty_guid_are_left_out() -> None:
    nobody = order(contact_person_id="00000000-0000-0000-0000-000000000000")

    for posted in (order(), nobody):
        assert "OrderedByContactPerson" not in header_of(posted, ContactPersonToBackoffice=True)


def test_a_contact_of_another_account_refuses_the_order() -> None:
    posted = order(contact_person_id=guid(99))

    assert places_of(posted, ContactPersonToBackoffice=True) == [("/contact_person_id", "ORDER_REFERENCE_NOT_FOUND")]
    assert header_of(posted)


def test_another_person_is_only_named_in_the_remarks_by_default() -> None:
    posted = order(notes="Call", alternative_contact_person=EVA)

    assert header_of(posted)["Remarks"] == "Call\nContact: Eva Vos"
    assert steps_of(posted) == ()


def test_an_unknown_person_is_created_before_the_document() -> None:
    planned = plan(order(alternative_contact_person=EVA), settings_of(**PEOPLE))
    (step,) = planned.steps

    assert (step.name, step.method, step.path) == ("contact", "create", "crm/Contacts")
    assert step.body == {
        "Account": CUSTOMER,
        "FirstName": "Eva",
        "LastName": "Vos",
        "Email": "eva@example.nl",
        "Phone": "0301234567",
    }
    assert planned.body["DeliverToContactPerson"] == StepResult("contact")
    assert filled(planned.body, {"contact": guid(12)})["DeliverToContactPerson"] == guid(12)
    assert "Remarks" not in planned.body


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("order", "DeliverToContactPerson"),
        ("quotation", "DeliveryAccountContact"),
        ("invoice", "DeliverToContactPerson"),
    ],
)
def test_a_known_person_is_reused(kind: str, name: str) -> None:
    known = references(contacts=(contact(12, "eva  VOS"),))
    posted = order(kind, alternative_contact_person={"first_name": "Eva", "last_name": "Vos"})

    assert header_of(posted, known, **PEOPLE)[name] == guid(12)
    assert steps_of(posted, known, **PEOPLE) == ()


def test_the_same_mail_address_beats_the_same_name() -> None:
    known = references(contacts=(contact(12, "Eva Vos"), contact(13, "E. Vos", "EVA@example.nl")))

    assert header_of(order(alternative_contact_person=EVA), known, **PEOPLE)["DeliverToContactPerson"] == guid(13)


def test_a_person_with_one_name_gets_a_stand_in_for_the_other_and_is_found_again() -> None:
    posted = order(alternative_contact_person={"last_name": "Vos"})
    (step,) = steps_of(posted, **PEOPLE)
    known = references(contacts=(contact(12, f"{step.body['FirstName']} {step.body['LastName']}"),))

    assert (step.body["FirstName"], step.body["LastName"]) == ("-", "Vos")
    assert steps_of(posted, known, **PEOPLE) == ()


def test_a_return_names_the_other_person_in_its_remarks() -> None:
    posted = order("return", alternative_contact_person=EVA)

    assert header_of(posted, **PEOPLE)["Remarks"] == "Contact: Eva Vos"
    assert (steps_of(posted, **PEOPLE), codes_of(posted, **PEOPLE)) == ((), ["CONFIG_IGNORED_SETTING"])


def test_an_address_of_the_customer_is_sent_by_its_id() -> None:
    known = references(addresses=(address(21),))

    assert header_of(order(delivery_address_id=guid(21)), known)["DeliveryAddress"] == guid(21)
    assert places_of(order(delivery_address_id=guid(22)), known) == [
        ("/delivery_address_id", "ORDER_REFERENCE_NOT_FOUND")
    ]


@pytest.mark.parametrize("settings", [{}, CREATE], ids=["switched off", "switched on"])
def test_an_equal_address_is_reused_either_way(settings: dict[str, Any]) -> None:
    known = references(
        addresses=(address(22, kind=1), address(21, lines=("dorpsstraat  12 a", None, None), city="UTRECHT"))
    )
    posted = order(alternative_delivery_address=PLACE)

    assert header_of(posted, known, **settings)["DeliveryAddress"] == guid(21)
    assert steps_of(posted, known, **settings) == ()


def test_an_unknown_address_is_created_before_the_document() -> None:
    planned = plan(order(alternative_delivery_address=PLACE), settings_of(**CREATE))
    (step,) = planned.steps

    assert (step.name, step.method, step.path) == ("delivery_address", "create", "crm/Addresses")
    assert step.body == {
        "Account": CUSTOMER,
        "Type": 4,
        "Main": False,
        "AddressLine1": "Dorpsstraat 12 A",
        "Postcode": "3511AB",
        "City": "Utrecht",
        "Country": "NL",
    }
    assert planned.body["DeliveryAddress"] == StepResult("delivery_address")


def test_an_unknown_address_goes_to_the_remarks_by_default() -> None:
    posted = order(notes="Call", alternative_delivery_address={**PLACE, "name": "Fair", "address_line2": "Gate 3"})

    assert header_of(posted)["Remarks"] == (
        "Call\nDelivery address: Fair, Dorpsstraat 12 A, Gate 3, 3511AB Utrecht, NL"
    )
    assert "DeliveryAddress" not in header_of(posted)
    assert codes_of(posted) == ["ALT_ADDRESS_NOT_CREATED"]


def test_the_remarks_name_address_and_contact_in_this_sequence() -> None:
    posted = order(reference="PO1", notes="Call", alternative_delivery_address=PLACE, alternative_contact_person=EVA)

    assert header_of(posted, UseNotesAsDescription=True)["Remarks"].split("\n") == [
        "PO1",
        "Delivery address: Dorpsstraat 12 A, 3511AB Utrecht, NL",
        "Contact: Eva Vos",
    ]


def test_the_name_at_an_address_is_not_lost_although_addresses_have_none() -> None:
    posted = order(alternative_delivery_address={**PLACE, "name": "Fair stand 7"})

    assert header_of(posted, references(addresses=(address(21),)))["Remarks"] == "Deliver to: Fair stand 7"
    assert header_of(posted, **CREATE)["Remarks"] == "Deliver to: Fair stand 7"


def test_a_new_address_gets_the_new_contact() -> None:
    first, second = steps_of(
        order(alternative_delivery_address=PLACE, alternative_contact_person=EVA), **CREATE, **PEOPLE
    )

    assert (first.name, second.name) == ("contact", "delivery_address")
    assert filled(second.body, {"contact": guid(12)})["Contact"] == guid(12)


LINKED: list[Any] = [
    pytest.param(None, [("delivery_address_contact", "change", guid(21), {"Contact": guid(12)})], id="no contact yet"),
    pytest.param(guid(13), [], id="another contact stays"),
]


@pytest.mark.parametrize(("present", "expected"), LINKED)
def test_an_existing_address_is_linked_to_the_contact_only_when_it_has_none(
    present: str | None, expected: list[Any]
) -> None:
    known = references(addresses=(address(21, contact_id=present),), contacts=(contact(12, "Eva Vos"),))
    found = steps_of(order(alternative_delivery_address=PLACE, alternative_contact_person=EVA), known, **PEOPLE)

    assert [(step.name, step.method, step.key, step.body) for step in found] == expected


LAYOUTS: list[Any] = [
    pytest.param(PLACE, SPLIT, ("Dorpsstraat", "12", "A"), id="apart"),
    pytest.param(PLACE, {}, ("Dorpsstraat 12 A", None, None), id="together"),
    pytest.param(
        {**PLACE, "house_number_addition": None, "address_line2": "Gate 3"},
        {},
        ("Dorpsstraat 12", "Gate 3", None),
        id="own line 2",
    ),
    pytest.param(
        {"street": "Dorpsstraat 12", "city": "Utrecht"}, SPLIT, ("Dorpsstraat 12", None, None), id="never taken apart"
    ),
    pytest.param(
        {**PLACE, "address_line2": "Gate 3"},
        SPLIT,
        ("Dorpsstraat", "12", "A Gate 3"),
        id="own lines behind the addition",
    ),
]


@pytest.mark.parametrize(("posted", "settings", "lines"), LAYOUTS)
def test_house_number_and_addition_lie_where_the_setting_says(
    posted: dict[str, Any], settings: dict[str, Any], lines: tuple[str | None, ...]
) -> None:
    (step,) = steps_of(order(alternative_delivery_address=posted), **CREATE, **settings)

    assert tuple(step.body.get(f"AddressLine{number}") for number in (1, 2, 3)) == lines


def test_a_change_of_layout_creates_no_address_twice() -> None:
    known = references(addresses=(address(21, lines=("Dorpsstraat", "12", "A")),))

    assert header_of(order(alternative_delivery_address=PLACE), known, **CREATE)["DeliveryAddress"] == guid(21)


SAME: list[Any] = [
    pytest.param(("Straat 12A", None, None), ("Straat 12 A", None, None), True, id="white space"),
    pytest.param(("Straat", "12", None), ("straat 12", None, None), True, id="layout and capitals"),
    pytest.param(("Straat", "1", "2"), ("Straat 12", None, None), False, id="number 1 addition 2 is not 12"),
    pytest.param(("Straat 12", "Gate 3", None), ("Straat 12", None, None), False, id="another line"),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_which_addresses_are_the_same(one: Any, other: Any, same: bool) -> None:
    assert same_address(address(1, lines=one), address(2, lines=other)) is same
    assert same_address(address(2, lines=other), address(1, lines=one)) is same


@pytest.mark.parametrize("change", [{"postcode": "3511AC"}, {"city": "Zeist"}, {"country": "BE"}], ids=str)
def test_another_place_is_another_address(change: dict[str, str]) -> None:
    assert not same_address(address(1), address(2, **change))


def test_the_main_one_of_equal_addresses_is_taken() -> None:
    known = references(addresses=(address(21), address(23, is_main=True), address(22)))

    assert header_of(order(alternative_delivery_address=PLACE), known)["DeliveryAddress"] == guid(23)


def test_a_missing_country_is_the_customers() -> None:
    known = references(customer={"country": "BE"})
    (step,) = steps_of(order(alternative_delivery_address=PLACE), known, **CREATE)

    assert step.body["Country"] == "BE"


NEW: dict[str, Any] = {"street": "New", "house_number": "2", "postcode": "1000", "city": "Zeist", "country": "NL"}


def old(**values: Any) -> Any:
    given = {
        "kind": 3,
        "is_main": True,
        "lines": ("Old 1", "Floor 2", None),
        "postcode": "1000",
        "city": "Zeist",
        **values,
    }
    return address(31, **given)


def test_the_main_invoice_address_is_overwritten_and_loses_lines_that_the_new_one_lacks() -> None:
    (step,) = steps_of(order(alternative_invoice_address=NEW), references(invoice_addresses=(old(),)), **INVOICE)

    assert (step.name, step.method, step.path, step.key) == ("invoice_address", "change", "crm/Addresses", guid(31))
    assert step.body == {
        "AddressLine1": "New 2",
        "AddressLine2": None,
        "AddressLine3": None,
        "Postcode": "1000",
        "City": "Zeist",
        "Country": "NL",
    }


def test_an_equal_invoice_address_is_left_alone() -> None:
    same = old(lines=("New 2", None, None))

    assert steps_of(order(alternative_invoice_address=NEW), references(invoice_addresses=(same,)), **INVOICE) == ()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"lines": ("NEW  2 ", None, "")}, id="capitals and blanks of a line"),
        pytest.param({"city": "ZEIST"}, id="capitals of the city"),
        pytest.param({"country": "nl "}, id="padding and capitals of the country"),
        pytest.param({"postcode": " 1000"}, id="a blank before the postcode"),
    ],
)
def test_an_invoice_address_that_differs_in_capitals_blanks_or_padding_is_left_alone(change: dict[str, Any]) -> None:
    same = old(**{"lines": ("New 2", None, None), "postcode": "1000", "city": "Zeist", "country": "NL", **change})

    assert steps_of(order(alternative_invoice_address=NEW), references(invoice_addresses=(same,)), **INVOICE) == ()


@pytest.mark.parametrize(
    ("known", "account"),
    [
        pytest.param({}, CUSTOMER, id="the customer pays"),
        pytest.param({"customer": {"invoice_customer_id": HEAD_OFFICE}}, HEAD_OFFICE, id="another account pays"),
        pytest.param(
            {"invoice_addresses": (old(is_main=False),)}, CUSTOMER, id="only an address that is not the main one"
        ),
    ],
)
def test_a_missing_invoice_address_is_created_at_the_account_that_is_invoiced(
    known: dict[str, Any], account: str
) -> None:
    (step,) = steps_of(order(alternative_invoice_address=NEW), references(**known), **INVOICE)

    assert (step.method, step.body["Account"], step.body["Type"], step.body["Main"]) == ("create", account, 3, True)


def test_an_invoice_address_is_ignored_by_default_and_told() -> None:
    posted = order(alternative_invoice_address=NEW)

    assert steps_of(posted) == ()
    assert codes_of(posted) == ["ALT_INVOICE_ADDRESS_IGNORED"]


def test_the_steps_come_in_the_sequence_invoice_contact_delivery() -> None:
    posted = order(alternative_invoice_address=NEW, alternative_delivery_address=PLACE, alternative_contact_person=EVA)
    found = steps_of(posted, **INVOICE, **CREATE, **PEOPLE)

    assert [step.name for step in found] == ["invoice_address", "contact", "delivery_address"]


def test_what_an_earlier_attempt_created_is_found_again() -> None:
    posted = order(alternative_invoice_address=NEW, alternative_delivery_address=PLACE, alternative_contact_person=EVA)
    made = references(
        contacts=(contact(12, "Eva Vos", "eva@example.nl"),),
        addresses=(address(21, contact_id=guid(12)),),
        invoice_addresses=(old(lines=("New 2", None, None)),),
    )
    again = plan(posted, settings_of(**INVOICE, **CREATE, **PEOPLE), made)

    assert again.steps == ()
    assert (again.body["DeliverToContactPerson"], again.body["DeliveryAddress"]) == (guid(12), guid(21))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("order", "DeliveryAddress"),
        ("quotation", "DeliveryAddress"),
        ("invoice", "DeliverToAddress"),
        ("return", "DeliveryAddress"),
    ],
)
def test_every_kind_carries_the_delivery_address(kind: str, name: str) -> None:
    known = references(addresses=(address(21),))

    assert header_of(order(kind, alternative_delivery_address=PLACE), known)[name] == guid(21)
