"""The addresses of an order: which delivery address the document gets, and the upsert of the invoice address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from exact_connector.customers.addresses import address_lines
from exact_connector.orders.mapping.contacts import Receiver
from exact_connector.orders.mapping.context import Work
from exact_connector.orders.mapping.plan import Body, Step, StepResult
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND
from exact_connector.orders.model.canonical import PostalAddress
from exact_connector.orders.model.references import KnownAddress
from exact_connector.settings.model import Settings

INVOICE, DELIVERY = 3, 4
"""`Address.Type`."""
ADDRESSES = "crm/Addresses"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery address of a document, the writes it needs, and what the remarks have to tell of it."""

    address: str | StepResult | None = None
    steps: tuple[Step, ...] = ()
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
    """Tell whether two addresses say the same, whatever their capitals, white space and spread over the lines."""
    if any(_bare(a) != _bare(b) for a, b in zip(_place(one), _place(other), strict=True)):
        return False
    by_line = [_bare(line) for line in one.lines] == [_bare(line) for line in other.lines]
    return by_line or _words(one) == _words(other)


def delivery(work: Work, person: Receiver) -> Delivery:
    """Decide the delivery address: the one named by ID, an equal one, a new one, or text in the remarks."""
    if work.order.delivery_address_id is not None:
        return _by_id(work, work.order.delivery_address_id)
    address = work.order.alternative_delivery_address
    if address is None:
        return Delivery()
    known = work.known(work.references.addresses, "addresses")
    if known is None:
        return Delivery()
    wanted = _wanted(work, address, DELIVERY)
    found = matching_address(wanted, (one for one in known if one.kind == DELIVERY))
    remarks = (f"Deliver to: {address.name}",) if address.name else ()
    if found is not None:
        return Delivery(found.address_id, _linked(found, person), remarks)
    if work.settings.CreateAlternateAddressAtCustomer:
        return Delivery(StepResult("delivery_address"), (_creation(work, wanted, person),), remarks)
    message = (
        "the customer does not have this delivery address, so its text went to the remarks; "
        "switch on CreateAlternateAddressAtCustomer to have it created"
    )
    work.findings.warn("ALT_ADDRESS_NOT_CREATED", message)
    return Delivery(remarks=(f"Delivery address: {address_text(address, wanted)}",))


def address_text(address: PostalAddress, wanted: KnownAddress) -> str:
    """Write an address on one line: name, lines, postcode and city, country."""
    street = " ".join(part for part in (address.street, address.house_number, address.house_number_addition) if part)
    town = " ".join(part for part in (address.postcode, address.city) if part)
    parts = (address.name, street, address.address_line2, address.address_line3, town, wanted.country)
    return ", ".join(part for part in parts if part)


def invoice_address(work: Work) -> Step | None:
    """Return the write that makes the order's invoice address the main one of the account that is invoiced.

    The main address is overwritten, lines that the new one does not have are emptied; None where it says the same.
    """
    address = work.order.alternative_invoice_address
    if address is None:
        return None
    if not work.settings.CreateInvoiceAddress:
        message = "the invoice address of the order was not used; switch on CreateInvoiceAddress to have it written"
        work.findings.warn("ALT_INVOICE_ADDRESS_IGNORED", message)
        return None
    known = work.known(work.references.invoice_addresses, "invoice addresses")
    if known is None:
        return None
    wanted = _wanted(work, address, INVOICE)
    mains = sorted(
        (one for one in known if one.kind == INVOICE and one.is_main), key=lambda address: address.address_id
    )
    if not mains:
        account = work.customer.invoice_customer_id or work.customer.customer_id
        body = {"Account": account, "Type": INVOICE, "Main": True, **_filled_fields(wanted)}
        return Step("invoice_address", "create", ADDRESSES, body)
    if _same_as_written(wanted, mains[0]):
        return None
    return Step("invoice_address", "change", ADDRESSES, _fields(wanted), key=mains[0].address_id)


def _by_id(work: Work, wanted: str) -> Delivery:
    known = work.known(work.references.addresses, "addresses")
    if known is not None and all(address.address_id != wanted for address in known):
        message = f"address {wanted} is no address of the customer; choose another or send the address itself"
        work.findings.fault("/delivery_address_id", message, code=REFERENCE_NOT_FOUND)
    return Delivery(wanted)


def _linked(found: KnownAddress, person: Receiver) -> tuple[Step, ...]:
    if person.contact is None or found.contact_id is not None:
        return ()
    body: Body = {"Contact": person.contact}
    return (Step("delivery_address_contact", "change", ADDRESSES, body, key=found.address_id),)


def _creation(work: Work, wanted: KnownAddress, person: Receiver) -> Step:
    body: Body = {
        "Account": work.customer.customer_id,
        "Type": DELIVERY,
        "Main": False,
        **_filled_fields(wanted),
    }
    if person.contact is not None:
        body["Contact"] = person.contact
    return Step("delivery_address", "create", ADDRESSES, body)


def _wanted(work: Work, address: PostalAddress, kind: int) -> KnownAddress:
    return KnownAddress(
        address_id="",
        kind=kind,
        is_main=kind == INVOICE,
        lines=written_lines(address, work.settings),
        postcode=address.postcode,
        city=address.city,
        country=address.country or work.customer.country,
    )


def _fields(address: KnownAddress) -> Body:
    lines = {f"AddressLine{number}": line for number, line in enumerate(address.lines, 1)}
    return {**lines, "Postcode": address.postcode, "City": address.city, "Country": address.country}


def _filled_fields(address: KnownAddress) -> Body:
    return {name: value for name, value in _fields(address).items() if value}


def _same_as_written(wanted: KnownAddress, known: KnownAddress) -> bool:
    """Compare line by line: an invoice address is meant to look exactly as it was sent."""
    return [*wanted.lines, *_place(wanted)] == [*known.lines, *_place(known)]


def _place(address: KnownAddress) -> tuple[str | None, str | None, str | None]:
    return address.postcode, address.city, address.country


def _bare(text: str | None) -> str:
    return "".join((text or "").casefold().split())


def _words(address: KnownAddress) -> list[str]:
    return " ".join(line or "" for line in address.lines).casefold().split()
