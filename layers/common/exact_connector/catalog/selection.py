"""Which items are delivered: flags, dates and the field that includes items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from exact_connector import fields
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.dates import next_boundary
from exact_connector.catalog.field_reference import Labels, fold, is_true, labelled, value_of
from exact_connector.errors import ConfigurationError
from exact_connector.fields import Row
from exact_connector.settings.parsed import FieldReference


def is_delivered(item: Row, extra_fields: Sequence[Row], context: ProjectionContext) -> bool:
    """Tell whether an item is delivered: the option's purchase rule, or the sales settings joined by AND.

    An item for which that cannot be told yet (see `is_undecided`) counts as delivered. Raises `ConfigurationError` when
    the field that includes items does not exist: delivering everything or nothing because of a typing error would both
    be worse than stopping.
    """
    if context.options.item_rule == "purchase":
        return _is_purchased(item, context.today)
    if not _passes_flags_and_dates(item, context):
        return False
    reference = context.rules.include_field
    if reference is None or is_undecided(item, extra_fields, context):
        return True
    require_known(reference, extra_fields, context.labels)
    return is_true(value_of(reference, item, extra_fields, context.labels))


def is_undecided(item: Row, extra_fields: Sequence[Row], context: ProjectionContext) -> bool:
    """Tell whether an item hangs on a free field named by its label while none of its labels were read yet."""
    reference = context.rules.include_field
    if reference is None or reference.kind != "label" or extra_fields or context.options.item_rule == "purchase":
        return False
    return fold(reference.name) not in context.labels and _passes_flags_and_dates(item, context)


def require_known(reference: FieldReference, extra_fields: Sequence[Row], labels: Labels) -> None:
    """Raise `ConfigurationError` unless the reference is a property of items or the label of a free field."""
    label = fold(reference.name)
    if reference.kind == "label" and label not in labels and labelled(label, extra_fields) is None:
        message = (
            f"FieldUsedToIncludeItemsInSync names {reference.name!r}, which is neither a property of items nor the "
            "label of a free field in Exact; correct the name or empty the setting. No item was added or removed."
        )
        raise ConfigurationError(message, code="CONFIG_INVALID_VALUE")


def _passes_flags_and_dates(item: Row, context: ProjectionContext) -> bool:
    settings = context.settings
    if not settings.IncludeNonSalesItems and not fields.flag(item, "IsSalesItem"):
        return False
    if settings.PassWebShopItem and not fields.flag(item, "IsWebshopItem"):
        return False
    return not settings.CheckIfItemIsActive or fields.active_on(item, context.today)


def changes_on(item: Row, context: ProjectionContext) -> date | None:
    """Return the next date on which the item joins or leaves by its dates alone, None when they do not matter."""
    today, end = context.today, fields.day(item, "EndDate")
    if context.options.item_rule == "purchase":
        return end if end is not None and end > today else None
    if not context.settings.CheckIfItemIsActive:
        return None
    return next_boundary(fields.day(item, "StartDate"), end, today)


def _is_purchased(item: Row, today: date) -> bool:
    end = fields.day(item, "EndDate")
    return fields.flag(item, "IsPurchaseItem") and (end is None or end > today)
