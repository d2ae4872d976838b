"""Customers from the platform -> the body of `POST crm/Accounts` or `PUT crm/Accounts`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.projection import Warning
from exact_connector.customer_requests.input import ADDRESS_LINE_FIELDS, NAME, STATUS, VAT_LIABLE, CustomerInput
from exact_connector.customers.addresses import address_lines
from exact_connector.customers.names import Classifications, name_for_exact
from exact_connector.customers.partial import partial_fields
from exact_connector.customers.vat import vat_of_new_customer, vat_rules
from exact_connector.errors import Fault, InvalidInput, TenantMisconfigured
from exact_connector.fields import Row
from exact_connector.settings.model import Settings
from exact_connector.settings.problems import Code

RECEIVABLE = 20
REVENUE = 110
_PURCHASE_ONLY = "P"

_PROPERTIES: Mapping[str, str] = {
    NAME: "Name",
    STATUS: "Status",
    "country": "Country",
    "vat_number": "VATNumber",
    "email": "Email",
    "phone": "Phone",
    "postcode": "Postcode",
    "city": "City",
    "language_code": "Language",
}
_LINES = ("AddressLine1", "AddressLine2", "AddressLine3")


@dataclass(frozen=True, slots=True)
class CreationReferences:
    """What a new account refers to: rows of `vat/VATCodes` and `financial/GLAccounts` by trimmed code in capitals."""

    vat_codes: Mapping[str, Row]
    gl_accounts: Mapping[str, Row] = field(default_factory=dict)
    division_country: str | None = None


def account_to_create(customer: CustomerInput, settings: Settings, references: CreationReferences) -> dict[str, Any]:
    """Return the body of `POST crm/Accounts` for a new customer; empty properties are left out.

    Status is C unless the client said otherwise. Raises TenantMisconfigured when a setting names a VAT code or ledger
    account that Exact does not have or that cannot be used; nothing has been sent then.
    """
    body: dict[str, Any] = {"Status": "C", "IsReseller": settings.OnlyLoadDealers}
    body |= {name: value for field_name, name in _PROPERTIES.items() if (value := customer.text(field_name))}
    body |= {name: line for name, line in _lines(customer, settings).items() if line}
    body |= _vat(customer, settings, references)
    body |= _ledger(settings, references)
    return body


def ledger_codes(settings: Settings) -> tuple[str, ...]:
    """Return the ledger account codes to look up before a creation; none means that no such call is needed."""
    return tuple(code.strip() for code in (settings.GLAccountGLARCode, settings.GLAccountSalesCode) if code.strip())


def _vat(customer: CustomerInput, settings: Settings, references: CreationReferences) -> dict[str, Any]:
    rules = vat_rules(settings, references.division_country)
    new = vat_of_new_customer(customer.text("country"), customer.vat_liable, rules)
    body: dict[str, Any] = {}
    if new.code is not None:
        body["SalesVATCode"] = _sales_vat_code(new.code, new.setting or "", references)
    if new.liable and settings.VatLiabilityBasedOnVatRegime:
        body["VATLiability"] = "L"
    return body


def _sales_vat_code(code: str, setting: str, references: CreationReferences) -> str:
    row = references.vat_codes.get(code_key(code))
    if row is None or fields.flag(row, "IsBlocked") or fields.text(row, "VATTransactionType") == _PURCHASE_ONLY:
        raise TenantMisconfigured(
            f"{setting} names VAT code {code}, which Exact does not have as an open sales code; correct the setting",
            code=Code.REFERENCE_NOT_FOUND.value,
        )
    return fields.text(row, "Code") or code


def _ledger(settings: Settings, references: CreationReferences) -> dict[str, Any]:
    wanted = (
        ("GLAR", "GLAccountGLARCode", settings.GLAccountGLARCode, RECEIVABLE),
        ("GLAccountSales", "GLAccountSalesCode", settings.GLAccountSalesCode, REVENUE),
    )
    return {name: _gl_account(key, code, kind, references) for name, key, code, kind in wanted if code.strip()}


def _gl_account(setting: str, code: str, kind: int, references: CreationReferences) -> str | None:
    row = references.gl_accounts.get(code_key(code))
    if row is None:
        raise TenantMisconfigured(
            f"{setting} names ledger account {code}, which Exact does not have; correct or empty the setting",
            code=Code.REFERENCE_NOT_FOUND.value,
        )
    if fields.integer(row, "Type") != kind or fields.flag(row, "IsBlocked"):
        purpose = "accounts receivable" if kind == RECEIVABLE else "revenue"
        raise TenantMisconfigured(
            f"{setting} names ledger account {code}, which is blocked or not of type {kind} ({purpose}); take another",
            code=Code.INVALID_VALUE.value,
        )
    return fields.guid(row, "ID")


@dataclass(frozen=True, slots=True)
class AccountChange:
    """The body of `PUT crm/Accounts` (empty: nothing to send) and what the client asked that is not sent."""

    body: dict[str, Any]
    warnings: tuple[Warning, ...] = ()


def account_changes(
    edit: CustomerInput, account: Row, settings: Settings, classifications: Classifications
) -> AccountChange:
    """Return what an edit changes on an account as Exact has it now; values that are the same are left out.

    VAT liability, VAT code, ledger accounts and the dealer flag are set at creation only. With
    `UpdateEmailOnlyForCustomer` or `UpdatePhoneOnlyForCustomer` only those fields are sent. Raises InvalidInput when
    part of an address cannot be written without the rest.
    """
    only = partial_fields(settings)
    allowed = [name for name in edit.values if name != VAT_LIABLE and (not only or name in only)]
    asked = {_PROPERTIES[name]: edit.text(name) for name in allowed if name in _PROPERTIES}
    if "Name" in asked:
        asked["Name"] = name_for_exact(edit.text(NAME) or "", account, settings, classifications)
    if not only:
        asked |= _changed_lines(edit, settings)
    body = {name: value for name, value in asked.items() if value != fields.text(account, name)}
    return AccountChange(body, _not_sent(edit, allowed))


def _lines(customer: CustomerInput, settings: Settings) -> dict[str, str | None]:
    lines = address_lines(
        street=customer.text("street"),
        house_number=customer.text("house_number"),
        addition=customer.text("house_number_addition"),
        line2=customer.text("address_line2"),
        line3=customer.text("address_line3"),
        separate=settings.SendHouseNumberAndAdditionSeperate,
    )
    return dict(zip(_LINES, (lines.line1, lines.line2, lines.line3), strict=True))


def _changed_lines(edit: CustomerInput, settings: Settings) -> dict[str, str | None]:
    """Return the address lines to write: line 1 is made of parts, so a part of it is only known with the street."""
    separate = settings.SendHouseNumberAndAdditionSeperate
    sent = [name for name in ADDRESS_LINE_FIELDS if edit.has(name)]
    bound = ADDRESS_LINE_FIELDS[:3] if not separate else ADDRESS_LINE_FIELDS
    if not edit.has("street") and (alone := [name for name in sent if name in bound]):
        faults = [Fault(f"/{name}", "INCOMPLETE_ADDRESS", "give the street together with this field") for name in alone]
        raise InvalidInput("part of an address was sent without its street; send the whole address", faults)
    lines = _lines(edit, settings)
    if separate:
        return lines if sent else {}
    written = {"AddressLine1": "street", "AddressLine2": "address_line2", "AddressLine3": "address_line3"}
    return {line: lines[line] for line, name in written.items() if edit.has(name)}


def _not_sent(edit: CustomerInput, allowed: list[str]) -> tuple[Warning, ...]:
    left = sorted(name for name in edit.values if name not in allowed and name != VAT_LIABLE)
    found = []
    if edit.has(VAT_LIABLE):
        found.append(Warning("VAT_NOT_UPDATED", "VAT liability is set when a customer is created; change it in Exact"))
    if left:
        message = f"{', '.join(left)} not sent: the settings allow only e-mail or telephone to be changed"
        found.append(Warning("FIELD_NOT_SENT", message))
    return tuple(found)


def is_created_account(account: Row, body: Mapping[str, Any]) -> bool:
    """Return whether a row of `crm/Accounts` is what a creation with this body makes.

    For looking in Exact when the answer to a creation was lost: every text that was sent has to be there.
    """
    return all(
        _same(account, name, value)
        for name, value in body.items()
        if name not in ("GLAR", "GLAccountSales", "IsReseller")
    )


def _same(account: Row, name: str, value: Any) -> bool:
    return (fields.text(account, name) or "").casefold() == str(value or "").strip().casefold()
