"""Exact rows of one account -> the canonical customer and the canonical supplier. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from exact_connector import fields
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.dates import earliest
from exact_connector.catalog.projection import OwnerRows, Projection, Warning
from exact_connector.customers.attributes import account_attributes
from exact_connector.customers.codes import customer_code
from exact_connector.customers.contacts import contacts_change_on
from exact_connector.customers.links import customer_currency, price_list_code
from exact_connector.customers.logos import logo
from exact_connector.customers.names import classification_documents, customer_name, manager, shown_classification
from exact_connector.customers.nested import EMBEDDED, Relations, relations_of, url, version
from exact_connector.customers.notes import note_documents
from exact_connector.customers.payment import payment_condition
from exact_connector.customers.rules import CustomerRules, rules_of
from exact_connector.customers.selection import ends_on, status_of, why_no_customer, why_no_supplier
from exact_connector.customers.vat import VatRule, decide_liability
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import Customer
    from exact_connector.documents.models.files import StoredFile
    from exact_connector.documents.models.suppliers import Supplier

CUSTOMER_REFERENCE_KINDS = frozenset(
    {
        *("division", "vat_code", "classification", "payment_condition"),
        *("price_list", "price_list_period", "exchange_rate"),
    }
)
"""The kinds of reference rows that customers and suppliers depend on."""


def project_customer(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    """Return the documents of one account: kind `customer` and kind `supplier`, keyed by the account's ID, and those of
    its people and addresses where there are many.

    A document of None says that the account is no customer (or no supplier) today. The answer does not depend on the
    order of the rows.
    """
    key = rows.owner.lower()
    account = rows.one("account")
    customer, supplier = Projection("customer", key, None), Projection("supplier", key, None)
    is_customer = account is not None and why_no_customer(account, context.settings, context.today) is None
    is_supplier = account is not None and why_no_supplier(account, context.today) is None
    if account is None or not (is_customer or is_supplier):
        return [customer, supplier]
    relations = relations_of(account, rows, context.today, rules_of(context))
    if is_customer:
        customer = _customer(key, account, rows, relations, context)
    if is_supplier:
        supplier = _supplier(key, account, rows, relations, context)
    return [customer, supplier, *relations.documents(key)]


def _customer(key: str, account: Row, rows: OwnerRows, relations: Relations, context: ProjectionContext) -> Projection:
    rules = rules_of(context)
    parts = _Parts(relations, logo(account, rows.of("logo")))
    document, own_warnings = _customer_document(key, account, parts, context, rules)
    if context.settings.SyncCustomerNotes:
        document["notes"] = note_documents(rows.of("note"))
    changes_on = earliest(_changes_on(account, rows, context.today), _rates_change_on(account, context))
    return Projection("customer", key, document, changes_on, (*own_warnings, *relations.warnings))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a customer is made of beside its account."""

    relations: Relations
    logo: StoredFile | None


def _customer_document(
    key: str, account: Row, parts: _Parts, context: ProjectionContext, rules: CustomerRules
) -> tuple[Customer, tuple[Warning, ...]]:
    settings = context.settings
    people, addresses, path = parts.relations.people, parts.relations.addresses, f"/v1/customers/{key}"
    vat = decide_liability(account, rules.vat, context.vat_codes)
    price_list, link_warning = price_list_code(account, settings, context.price_lists, context.base_currency)
    condition, condition_text = payment_condition(account, "PaymentConditionSales", rules.payment_conditions)
    mapped = rules.mappings["Customer"].read(account)
    document: Customer = {
        "customer_id": key,
        "customer_code": customer_code(account, settings),
        "customer_name": customer_name(account, settings, rules.classifications),
        "status": status_of(account),
        "manager": manager(account, settings, rules.classifications),
        "classification": shown_classification(account, settings, rules.classifications),
        "classifications": classification_documents(account, rules.classifications),
        "price_list_code": price_list,
        "discount_percentage": _percentage(account, "DiscountSales"),
        "currency": customer_currency(account, context.base_currency),
        "vat_liable": vat.liable,
        "vat_rule": vat.rule.value,
        "vat_code": vat.code,
        "vat_number": fields.text(account, "VATNumber"),
        "country": fields.text(account, "Country"),
        "language_code": fields.text(account, "Language"),
        "email": fields.text(account, "Email"),
        "phone": fields.text(account, "Phone"),
        "payment_condition_code": condition,
        "payment_condition": condition_text,
        "invoice_customer_id": fields.guid(account, "InvoiceAccount"),
        "is_dealer": fields.flag(account, "IsReseller"),
        "is_blocked": fields.flag(account, "Blocked"),
        "custom_fields": mapped.own,
        "contact_persons": people[:EMBEDDED],
        "contact_persons_count": len(people),
        "contact_persons_url": url(people, f"{path}/contact-persons"),
        "contact_persons_version": version(people),
        "addresses": addresses[:EMBEDDED],
        "addresses_count": len(addresses),
        "addresses_url": url(addresses, f"{path}/addresses"),
        "addresses_version": version(addresses),
        "attributes": account_attributes(account),
        "logo": parts.logo,
    }
    warnings = [link_warning] if link_warning else []
    if vat.rule is VatRule.UNKNOWN_CODE:
        warnings.append(_unknown_vat_code(vat.code))
    return cast("Customer", {**document, **mapped.canonical}), (*warnings, *mapped.warnings)


def _supplier(key: str, account: Row, rows: OwnerRows, relations: Relations, context: ProjectionContext) -> Projection:
    rules = rules_of(context)
    people, addresses, path = relations.people, relations.addresses, f"/v1/suppliers/{key}"
    condition, condition_text = payment_condition(account, "PaymentConditionPurchase", rules.payment_conditions)
    document: Supplier = {
        "supplier_id": key,
        "supplier_code": fields.text(account, "Code"),
        "supplier_name": fields.text(account, "Name"),
        "our_code_at_supplier": fields.text(account, "CodeAtSupplier"),
        "lead_time_days": fields.integer(account, "PurchaseLeadDays"),
        "currency": (fields.text(account, "PurchaseCurrency") or context.base_currency).upper(),
        "discount_percentage": _percentage(account, "DiscountPurchase"),
        "vat_code": fields.text(account, "PurchaseVATCode"),
        "vat_number": fields.text(account, "VATNumber"),
        "country": fields.text(account, "Country"),
        "language_code": fields.text(account, "Language"),
        "email": fields.text(account, "Email"),
        "phone": fields.text(account, "Phone"),
        "website": fields.text(account, "Website"),
        "payment_condition_code": condition,
        "payment_condition": condition_text,
        "is_blocked": fields.flag(account, "Blocked"),
        "contact_persons": people[:EMBEDDED],
        "contact_persons_count": len(people),
        "contact_persons_url": url(people, f"{path}/contact-persons"),
        "contact_persons_version": version(people),
        "addresses": addresses[:EMBEDDED],
        "addresses_count": len(addresses),
        "addresses_url": url(addresses, f"{path}/addresses"),
        "addresses_version": version(addresses),
    }
    return Projection("supplier", key, document, _changes_on(account, rows, context.today), relations.warnings)


def _changes_on(account: Row, rows: OwnerRows, today: date) -> date | None:
    return earliest(ends_on(account, today), contacts_change_on(rows.of("contact"), today))


def _rates_change_on(account: Row, context: ProjectionContext) -> date | None:
    """Return when the next exchange rate starts, for a customer whose price list may be a generated one."""
    book = context.price_lists
    return book.changes_on if book.generated and fields.guid(account, "PriceList") else None


def _percentage(row: Row, name: str) -> str:
    return fields.plain((fields.number(row, name) or Decimal(0)) * 100)


def _unknown_vat_code(code: str | None) -> Warning:
    return Warning(
        "VAT_CODE_UNKNOWN",
        f"VAT code {code} of this customer is not in Exact's list of VAT codes, so the customer counts as not liable; "
        "correct the code in Exact or name it in VatLiableCode or NotVatLiableCode",
    )
