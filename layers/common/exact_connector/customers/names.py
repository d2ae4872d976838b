"""Classification, customer name and customer manager."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.fields import Row
from exact_connector.settings.model import Settings
from exact_connector.settings.parsed import classification_property, manager_classification_property

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import Classification as ClassificationDocument


@dataclass(frozen=True, slots=True)
class Classification:
    """One row of `crm/AccountClassifications`; `name` is what the tenant calls the property that holds it."""

    code: str | None
    description: str | None
    name: str | None = None

    @property
    def shown(self) -> str | None:
        """Return the description, the code where that is empty."""
        return self.description or self.code


Classifications = Mapping[str, Classification]
CLASSIFICATION_PROPERTIES = tuple(f"Classification{number}" for number in range(1, 9))


def classifications_by_id(rows: Iterable[Row]) -> Classifications:
    """Index the rows of `crm/AccountClassifications` by ID."""
    return {
        found: Classification(
            fields.text(row, "Code"),
            fields.text(row, "Description"),
            fields.text(row, "AccountClassificationNameDescription"),
        )
        for row in rows
        if (found := fields.guid(row, "ID")) is not None
    }


def classification_of(account: Row, name: str, known: Classifications) -> Classification | None:
    """Return the classification that a property of the account points at, None when it is empty or unknown."""
    found = fields.guid(account, name)
    return None if found is None else known.get(found)


def shown_classification(account: Row, settings: Settings, known: Classifications) -> str | None:
    """Return the text of the customer's classification."""
    found = classification_of(account, classification_property(settings), known)
    return found.shown if found else None


def classification_documents(account: Row, known: Classifications) -> list[ClassificationDocument]:
    """Return every classification that the account has, in the order of the properties."""
    held = ((name, classification_of(account, name, known)) for name in CLASSIFICATION_PROPERTIES)
    return [
        {"property": name, "name": found.name, "code": found.code, "description": found.description}
        for name, found in held
        if found is not None
    ]


def customer_name(account: Row, settings: Settings, known: Classifications) -> str:
    """Return the name that clients see, with the classification behind it when the tenant wants that."""
    name = fields.text(account, "Name") or ""
    classification = shown_classification(account, settings, known)
    if settings.AccountClassificationOnCustomerName and classification:
        return f"{name} ({classification})"
    return name


def name_for_exact(name: str, account: Row, settings: Settings, known: Classifications) -> str:
    """Return the name to write back after an edit, without the classification that only clients see.

    A name that equals the stored one stays, even if it ends in brackets by itself. The suffix of the present
    classification goes first; the client may also still hold the suffix of an earlier one.
    """
    given = name.strip()
    if not settings.AccountClassificationOnCustomerName or given == fields.text(account, "Name"):
        return given
    present = shown_classification(account, settings, known)
    others = sorted({shown for found in known.values() if (shown := found.shown)})
    for classification in ([present] if present else []) + others:
        suffix = f" ({classification})"
        if given.endswith(suffix):
            return given.removesuffix(suffix).rstrip()
    return given


def manager(account: Row, settings: Settings, known: Classifications) -> str | None:
    """Return the customer manager: classification, search code, then the account manager; the first with a text."""
    by_classification = None
    if settings.AccountClassificationOnCustomerManager:
        found = classification_of(account, manager_classification_property(settings), known)
        by_classification = found.description if found else None
    by_search_code = fields.text(account, "SearchCode") if settings.SearchCodeOnCustomerManager else None
    return by_classification or by_search_code or fields.text(account, "AccountManagerFullName")
