"""Customers with their contact persons and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.files import StoredFile
from exact_connector.documents.models.terms import (
    About,
    Attribute,
    Attributes,
    DayText,
    GuidText,
)

_EMPTY = "when it is empty in Exact"
_IN_FULL = "when all of them stand in this document"
_ALL = "unless `view=full` asks for it"

CustomFields = Annotated[
    Mapping[str, Attribute | None],
    About("Properties that the tenant maps on fields of its own", "`CustomCustomerFieldsMapping`", example={}),
]


class ContactPerson(TypedDict):
    """A person at a customer or supplier who is active today; the main one goes first."""

    contact_person_id: Annotated[GuidText | None, About("ID of the person", "Contact.ID", null=_EMPTY)]
    full_name: Annotated[
        str | None, About("Whole name", "Contact.FullName, else first to last name", null=_EMPTY, example="Eva Vos")
    ]
    first_name: Annotated[str | None, About("First name", "Contact.FirstName", null=_EMPTY, example="Eva")]
    last_name: Annotated[str | None, About("Last name", "Contact.LastName", null=_EMPTY, example="Vos")]
    email: Annotated[
        str | None,
        About("E-mail address", "Contact.Email, else BusinessEmail", null=_EMPTY, example="eva@example.com"),
    ]
    phone: Annotated[
        str | None,
        About("Telephone", "Contact.Phone, BusinessPhone, Mobile, BusinessMobile", null=_EMPTY, example="020 555 0100"),
    ]
    is_main: Annotated[bool, About("Whether it is the main contact", "Contact.IsMainContact, Account.MainContact")]
    custom_fields: CustomFields
    attributes: NotRequired[
        Annotated[Attributes, About("Every property of Exact by name", "Contact", absent=_ALL, example={})]
    ]


class Address(TypedDict):
    """An address of a customer or supplier."""

    address_id: Annotated[GuidText | None, About("ID of the address", "Address.ID", null=_EMPTY)]
    type: Annotated[int | None, About("What it is used for, as a number", "Address.Type", null=_EMPTY, example=4)]
    type_name: Annotated[
        Literal["visit", "postal", "invoice", "delivery"] | None,
        About("What it is used for", "Address.Type", null="for another type", example="delivery"),
    ]
    is_main: Annotated[bool, About("Whether it is the main one of its type", "Address.Main")]
    address_line1: Annotated[
        str | None, About("Street and number", "Address.AddressLine1", null=_EMPTY, example="Dorpsstraat 12")
    ]
    address_line2: Annotated[str | None, About("Second line", "Address.AddressLine2", null=_EMPTY, example=None)]
    address_line3: Annotated[str | None, About("Third line", "Address.AddressLine3", null=_EMPTY, example=None)]
    postcode: Annotated[str | None, About("Postcode", "Address.Postcode", null=_EMPTY, example="3511 AB")]
    city: Annotated[str | None, About("City", "Address.City", null=_EMPTY, example="Utrecht")]
    country: Annotated[str | None, About("Country, two letters", "Address.Country", null=_EMPTY, example="NL")]
    contact_person_id: Annotated[GuidText | None, About("Person at this address", "Address.Contact", null=_EMPTY)]
    custom_fields: CustomFields
    attributes: NotRequired[
        Annotated[Attributes, About("Every property of Exact by name", "Address", absent=_ALL, example={})]
    ]


class Classification(TypedDict):
    """A classification that a customer has."""

    property: Annotated[
        str, About("Property of the account", "Account.Classification1 to 8", example="Classification1")
    ]
    name: Annotated[
        str | None,
        About(
            "What the tenant calls that property",
            "AccountClassification.AccountClassificationNameDescription",
            null=_EMPTY,
            example="Branch",
        ),
    ]
    code: Annotated[str | None, About("Its code", "AccountClassification.Code", null=_EMPTY, example="H")]
    description: Annotated[
        str | None, About("Its name", "AccountClassification.Description", null=_EMPTY, example="Horeca")
    ]


class Note(TypedDict):
    """A communication note on a customer."""

    note_id: Annotated[GuidText | None, About("ID of the note", "CommunicationNote.ID", null=_EMPTY)]
    date: Annotated[DayText | None, About("Its day", "CommunicationNote.Date", null=_EMPTY)]
    subject: Annotated[str | None, About("Subject", "CommunicationNote.Subject", null=_EMPTY, example="Called")]
    text: Annotated[str | None, About("Text", "CommunicationNote.Notes", null=_EMPTY, example=None)]
    user: Annotated[str | None, About("Who wrote it", "CommunicationNote.UserFullName", null=_EMPTY, example=None)]
    contact_person_id: Annotated[GuidText | None, About("Person it is about", "CommunicationNote.Contact", null=_EMPTY)]


Unconfirmed = Annotated[
    Literal[True],
    About(
        "It has what was written here and not read back from Exact yet",
        "What was written",
        absent="once it was read",
        example=True,
    ),
]


class Customer(TypedDict):
    """One account that is a customer, prospect or suspect, as the settings say."""

    customer_id: Annotated[GuidText, About("ID of the account", "Account.ID")]
    customer_code: Annotated[
        str | None, About("Code, with the prefix that a setting gives", "Account.Code", null=_EMPTY, example="10001")
    ]
    customer_name: Annotated[
        str | None,
        About(
            "Name, with a classification behind it when a setting says so",
            "Account.Name",
            null="when it is mapped on a property that is empty",
            example="Bakkerij Vos",
        ),
    ]
    status: Annotated[
        str | None, About("C customer, P prospect, S suspect", "Account.Status", null=_EMPTY, example="C")
    ]
    manager: Annotated[
        str | None,
        About("Who looks after the customer", "Account.AccountManagerFullName, settings", null=_EMPTY, example=None),
    ]
    classification: Annotated[
        str | None,
        About("The classification that a setting names", "AccountClassification", null="without it", example="Horeca"),
    ]
    classifications: Annotated[list[Classification], About("Every classification", "AccountClassification")]
    price_list_code: Annotated[
        str | None,
        About(
            "Code of the price list that counts for the customer",
            "Account.PriceList",
            null="without one, or when it is not delivered or in another currency",
            example="DEALER",
        ),
    ]
    discount_percentage: Annotated[
        str | None,
        About(
            "Discount",
            "Account.DiscountSales",
            null="when it is mapped on a property that is empty",
            unit="percent, 0 to 100",
            example="2.5",
        ),
    ]
    currency: Annotated[
        str | None,
        About(
            "Currency of sales",
            "Account.SalesCurrency, else the administration's",
            null="when it is mapped on a property that is empty",
            example="EUR",
        ),
    ]
    vat_liable: Annotated[bool, About("Whether VAT is charged", "settings on VAT")]
    vat_rule: Annotated[str, About("The rule that decided on VAT, as a stable word", "the connector", example="rate")]
    vat_code: Annotated[
        str | None, About("VAT code that counted", "Account.SalesVATCode, settings", null="without one", example="2")
    ]
    vat_number: Annotated[str | None, About("VAT number", "Account.VATNumber", null=_EMPTY, example=None)]
    country: Annotated[str | None, About("Country, two letters", "Account.Country", null=_EMPTY, example="NL")]
    language_code: Annotated[str | None, About("Language", "Account.Language", null=_EMPTY, example="nl")]
    email: Annotated[str | None, About("E-mail address", "Account.Email", null=_EMPTY, example="info@example.com")]
    phone: Annotated[str | None, About("Telephone", "Account.Phone", null=_EMPTY, example="020 555 0100")]
    payment_condition_code: Annotated[
        str | None, About("Code of the payment condition", "Account.PaymentConditionSales", null=_EMPTY, example="30")
    ]
    payment_condition: Annotated[
        str | None,
        About("Payment condition in words", "PaymentCondition.Description", null=_EMPTY, example="30 days"),
    ]
    invoice_customer_id: Annotated[
        GuidText | None,
        About("Account that is invoiced instead", "Account.InvoiceAccount", null="when it is the customer itself"),
    ]
    is_dealer: Annotated[bool, About("Whether it is a reseller", "Account.IsReseller")]
    is_blocked: Annotated[bool, About("Whether it is blocked", "Account.Blocked")]
    custom_fields: CustomFields
    notes: NotRequired[
        Annotated[
            list[Note],
            About("Notes, newest first", "CommunicationNote", absent="unless `SyncCustomerNotes` is on"),
        ]
    ]
    contact_persons: Annotated[list[ContactPerson], About("Its people; the first 100", "Contact")]
    contact_persons_count: Annotated[int, About("How many people it has", "Contact", example=1)]
    contact_persons_url: Annotated[
        str | None, About("Where all its people are read", "the number of contacts", null=_IN_FULL, example=None)
    ]
    contact_persons_version: Annotated[
        str | None, About("Changes with any of its people", "all contacts", null=_IN_FULL, example=None)
    ]
    addresses: Annotated[list[Address], About("Its addresses, by type, the main one first; the first 100", "Address")]
    addresses_count: Annotated[int, About("How many addresses it has", "Address", example=1)]
    addresses_url: Annotated[
        str | None, About("Where all its addresses are read", "the number of addresses", null=_IN_FULL, example=None)
    ]
    addresses_version: Annotated[
        str | None, About("Changes with any of its addresses", "all addresses", null=_IN_FULL, example=None)
    ]
    attributes: NotRequired[
        Annotated[Attributes, About("Every property of Exact by name", "Account", absent=_ALL, example={})]
    ]
    logo: Annotated[StoredFile | None, About("Its logo", "Account.LogoFileName", null="without one", example=None)]
    unconfirmed: NotRequired[Unconfirmed]


class CustomerPage(TypedDict):
    """A page of customers."""

    customers: list[Customer]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class AddressPage(TypedDict):
    """A page of the addresses of a customer or supplier, in the order of their IDs."""

    addresses: list[Address]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


class ContactPersonPage(TypedDict):
    """A page of the contact persons of a customer or supplier, in the order of their IDs."""

    contact_persons: list[ContactPerson]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]
