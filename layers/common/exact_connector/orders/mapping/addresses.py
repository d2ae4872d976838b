"""The addresses of an order: which delivery address the document gets, and the upsert of the invoice address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exact_connector.countries import normalised
from exact_connector.customers.addresses import address_lines
from exact_connector.orders.mapping.contacts import Receiver
from exact_connector.orders.mapping.context import MappingContext
from exact_connector.orders.mapping.plan import Body, PriorWrite, StepResult
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND
from exact_connector.orders.model.canonical import PostalAddress
from exact_connector.orders.model.references import KnownAddress
from exact_connector.settings.model import Settings

INVOICE, DELIVERY = 3, 4
"""`Address.Type`."""
ADDRESSES = "crm/Addresses"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery address of a document, the writes it needs, and what the remarks say of it."""

    address: str | StepResult | None = None
    steps: tuple[PriorWrite, ...] = ()
    remarks: tuple[str, ...] = field(default=())


def written_lines(address: PostalAddress, settings: Settings) -> tuple[str | None, str | None, str | None]:
    """Return the three lines in which an address is written to Exact."""
    lines = address_lines(
        street=address.street,
        house_number=address.house_number,
        addition=address.house_number_addition,
        line2=address.address_line2,
        line3=address.address_line3,
        separate=settings.SendHouseNumberAndAdditionSeperate,
    )
    return lines.line1, lines.line2, lines.line3


def matching_address(wanted: KnownAddress, known: Iterable[KnownAddress]) -> KnownAddress | None:
    """Return an address that says the same, main ones first; capitals and white space do not count.

    The same words spread otherwise over the lines are the same address, so that a change of
    `SendHouseNumberAndAdditionSeperate` creates nothing twice; house number 1 with addition 2 is not number 12.
    """
    possible = sorted(known, key=lambda address: (not address.is_main, address.address_id))
    return next((address for address in possible if same_address(wanted, address)), None)


def same_address(one: KnownAddress, other: KnownAddress) -> bool:
    """Return whether two addresses say the same, whatever their capitals, white space and spread over the lines."""
    if any(_bare(a) != _bare(b) for a, b in zip(_place(one), _place(other), strict=True)):
        return False
    by_line = [_bare(line) for line in one.lines] == [_bare(line) for line in other.lines]
    return by_line or _words(one) == _words(other)


def delivery(context: MappingContext, person: Receiver) -> Delivery:
    """Decide the delivery address: the one named by ID, an equal one, a new one, or text in the remarks."""
    if context.order.delivery_address_id is not None:
        return _by_id(context, context.order.delivery_address_id)
    address = context.order.alternative_delivery_address
    if address is None:
        return Delivery()
    known = context.known(context.references.addresses, "addresses")
    if known is None:
        return Delivery()
    wanted = _wanted(context, address, DELIVERY)
    found = matching_address(wanted, (one for one in known if one.kind == DELIVERY))
    remarks = (f"Deliver to: {address.name}",) if address.name else ()
    if found is not None:
        return Delivery(found.address_id, _linked(found, person), remarks)
    if context.settings.CreateAlternateAddressAtCustomer:
        return Delivery(StepResult("delivery_address"), (_creation(context, wanted, person),), remarks)
    message = (
        "the customer does not have this delivery address, so its text went to the remarks; "
        "switch on CreateAlternateAddressAtCustomer to have it created"
    )
    context.validation.warn("ALT_ADDRESS_NOT_CREATED", message)
    return Delivery(remarks=(f"Delivery address: {address_text(address, wanted)}",))


def address_text(address: PostalAddress, wanted: KnownAddress) -> str:
    """Write an address on one line: name, lines, postcode and city, country."""
    street = " ".join(part for part in (address.street, address.house_number, address.house_number_addition) if part)
    town = " ".join(part for part in (address.postcode, address.city) if part)
    parts = (address.name, street, address.address_line2, address.address_line3, town, wanted.country)
    return ", ".join(part for part in parts if part)


def invoice_address(context: MappingContext) -> PriorWrite | None:
    """Return the write that makes the order's invoice address the main one of the account that is invoiced.

    The main address is overwritten, lines that the new one does not have are emptied; None where it says the same.
    """
    address = context.order.alternative_invoice_address
    if address is None:
        return None
    if not context.settings.CreateInvoiceAddress:
        message = "the invoice address of the order was not used; switch on CreateInvoiceAddress to have it written"
        context.validation.warn("ALT_INVOICE_ADDRESS_IGNORED", message)
        return None
    known = context.known(context.references.invoice_addresses, "invoice addresses")
    if known is None:
        return None
    wanted = _wanted(context, address, INVOICE)
    mains = sorted(
        (one for one in known if one.kind == INVOICE and one.is_main), key=lambda address: address.address_id
    )
    if not mains:
        account = context.customer.invoice_customer_id or context.customer.customer_id
        body = {"Account": account, "Type": INVOICE, "Main": True, **_filled_fields(wanted)}
        return PriorWrite("invoice_address", "create", ADDRESSES, body)
    if _same_as_written(wanted, mains[0]):
        return None
    return PriorWrite("invoice_address", "change", ADDRESSES, _fields(wanted), key=mains[0].address_id)


def _by_id(context: MappingContext, wanted: str) -> Delivery:
    known = context.known(context.references.addresses, "addresses")
    if known is not None and all(address.address_id != wanted for address in known):
        message = f"address {wanted} is no address of the customer; choose another or send the address itself"
        context.validation.fault("/delivery_address_id", message, code=REFERENCE_NOT_FOUND)
    return Delivery(wanted)


def _linked(found: KnownAddress, person: Receiver) -> tuple[PriorWrite, ...]:
    if person.contact is None or found.contact_id is not None:
        return ()
    body: Body = {"Contact": person.contact}
    return (PriorWrite("delivery_address_contact", "change", ADDRESSES, body, key=found.address_id),)


def _creation(context: MappingContext, wanted: KnownAddress, person: Receiver) -> PriorWrite:
    body: Body = {
        "Account": context.customer.customer_id,
        "Type": DELIVERY,
        "Main": False,
        **_filled_fields(wanted),
    }
    if person.contact is not None:
        body["Contact"] = person.contact
    return PriorWrite("delivery_address", "create", ADDRESSES, body)


def _wanted(context: MappingContext, address: PostalAddress, kind: int) -> KnownAddress:
    return KnownAddress(
        address_id="",
        kind=kind,
        is_main=kind == INVOICE,
        lines=written_lines(address, context.settings),
        postcode=address.postcode,
        city=address.city,
        country=address.country or context.customer.country,
    )


def _fields(address: KnownAddress) -> Body:
    lines = {f"AddressLine{number}": line for number, line in enumerate(address.lines, 1)}
    return {**lines, "Postcode": address.postcode, "City": address.city, "Country": address.country}


def _filled_fields(address: KnownAddress) -> Body:
    return {name: value for name, value in _fields(address).items() if value}


def _same_as_written(wanted: KnownAddress, known: KnownAddress) -> bool:
    """Compare line by line, since an invoice address is meant to look as sent; capitals and blanks do not count."""
    pairs = zip([*wanted.lines, *_place(wanted)], [*known.lines, *_place(known)], strict=True)
    return all(_words_of(one) == _words_of(other) for one, other in pairs)


def _place(address: KnownAddress) -> tuple[str | None, str | None, str | None]:
    return address.postcode, address.city, normalised(address.country)


def _bare(text: str | None) -> str:
    return "".join((text or "").casefold().split())


def _words_of(text: str | None) -> list[str]:
    return (text or "").casefold().split()


def _words(address: KnownAddress) -> list[str]:
    return " ".join(line or "" for line in address.lines).casefold().split()
