"""The customer settings and reference rows of one projection run, read once instead of once per customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exact_connector import fields
from exact_connector.catalog.codes import by_code
from exact_connector.catalog.context import ProjectionContext
from exact_connector.customers.custom_fields import FieldMapping, field_mappings
from exact_connector.customers.names import Classifications, classifications_by_id
from exact_connector.customers.vat import VatRules, vat_rules
from exact_connector.fields import Row
from exact_connector.settings.mappings import ObjectName


@dataclass(frozen=True, slots=True)
class CustomerRules:
    """What all customers of one run share."""

    vat: VatRules
    classifications: Classifications
    mappings: Mapping[ObjectName, FieldMapping]
    payment_conditions: Mapping[str, Row]


_latest: list[tuple[ProjectionContext, CustomerRules]] = []


def rules_of(context: ProjectionContext) -> CustomerRules:
    """Return the rules of a context. The rules of the latest context are kept, since a run asks for each customer."""
    if not _latest or _latest[0][0] is not context:
        _latest[:] = [(context, read_customer_rules(context))]
    return _latest[0][1]


def read_customer_rules(context: ProjectionContext) -> CustomerRules:
    """Read the rules from the settings and the reference rows of a context."""
    reference = context.reference
    return CustomerRules(
        vat=vat_rules(context.settings, fields.text(context.division, "Country")),
        classifications=classifications_by_id(reference.get("classification", ())),
        mappings=field_mappings(context.settings),
        payment_conditions=by_code(reference.get("payment_condition", ())),
    )
