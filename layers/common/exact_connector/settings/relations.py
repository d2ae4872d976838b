"""What settings do to each other: contradictions that reject a document, and switches without effect."""

from __future__ import annotations

from collections.abc import Iterator

from exact_connector.settings.model import Settings
from exact_connector.settings.parsed import (
    GENERATED_FREE_FIELDS,
    codes,
    contains_code,
    price_mode_switches,
    renaming,
    text_target,
)
from exact_connector.settings.problems import Code, Problem, show

_TEXT_SETTINGS = ("UseItemExtraDescriptionForItemField", "UseItemNotesForItemField")
_SLOTS = ("PriceList2Id", "PriceList3Id", "PriceList4Id")
_NOT_LIABLE = ("NotVatLiableCode", "NotVatLiableCodeOutsideEU")


def conflicts(settings: Settings) -> list[Problem]:
    """Return contradictions: two texts on one target, one VAT code that means liable and not liable."""
    return [*_target_conflicts(settings), *_vat_conflicts(settings)]


def warnings_of(settings: Settings) -> list[Problem]:
    """Return the warnings: settings without effect beside others, and one field read with two meanings."""
    return [
        *_ignored_prefix(settings),
        *_ignored_price_lists(settings),
        *_excluded_price_lists(settings),
        *_ignored_list_options(settings),
        *_ignored_package_parts(settings),
        *_ignored_manager_property(settings),
        *_ignored_price_modes(settings),
        *_ignored_price_changes(settings),
        *_ignored_date_guard(settings),
        *_ignored_renaming(settings),
        *_ignored_history(settings),
        *_double_use(settings),
    ]


def _target_conflicts(settings: Settings) -> Iterator[Problem]:
    taken: dict[tuple[str, str], str] = {}
    for free_field, key in GENERATED_FREE_FIELDS.items():
        if getattr(settings, key):
            taken["free", free_field.casefold()] = key
    for key in _TEXT_SETTINGS:
        target = text_target(getattr(settings, key))
        if target is None:
            continue
        place = (target.kind, target.name.casefold())
        if place in taken:
            yield _conflict(
                key, f"{key} and {taken[place]} both write {show(target.name)}; give one of them another target"
            )
        else:
            taken[place] = key
    yield from _renaming_conflicts(settings, taken)


def _renaming_conflicts(settings: Settings, taken: dict[tuple[str, str], str]) -> Iterator[Problem]:
    renames = renaming(settings)
    renamed = {source.casefold() for source in renames}
    for source, target in renames.items():
        writer = taken.get(("free", target.casefold()))
        if writer is not None and target.casefold() not in renamed:
            message = f"the new name {show(target)} is already written by {writer}; choose another for {show(source)}"
            yield _conflict("FreeFieldsRenaming", message)


def _vat_conflicts(settings: Settings) -> Iterator[Problem]:
    for key in _NOT_LIABLE:
        for code in codes(getattr(settings, key)):
            if contains_code(settings.VatLiableCode, code):
                yield _conflict(
                    key, f"VAT code {show(code)} stands in VatLiableCode and in {key}; keep it in one of them"
                )


def _ignored_prefix(settings: Settings) -> Iterator[Problem]:
    if settings.AddPrefixForProspectsAndSuspects and not (settings.GetProspects or settings.GetSuspects):
        yield _ignored("AddPrefixForProspectsAndSuspects", "GetProspects and GetSuspects are off")


def _ignored_price_lists(settings: Settings) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for key in _SLOTS:
        named = getattr(settings, key)
        if not named:
            continue
        if settings.AutoSyncPriceLists:
            yield _ignored(key, "AutoSyncPriceLists delivers all price lists")
        elif named.casefold() in taken:
            yield _ignored(key, f"{taken[named.casefold()]} names the same price list")
        taken.setdefault(named.casefold(), key)


def _excluded_price_lists(settings: Settings) -> Iterator[Problem]:
    for key in (*_SLOTS, "PriceListCodeForStaffelFreeField"):
        if contains_code(settings.ExcludePriceList, getattr(settings, key)):
            yield _ignored(key, f"ExcludePriceList names {show(getattr(settings, key))}, which is never used then")


def _ignored_list_options(settings: Settings) -> Iterator[Problem]:
    """Yield options of price lists where none is delivered: neither all of them nor one in a slot."""
    if settings.AutoSyncPriceLists or any(getattr(settings, key) for key in _SLOTS):
        return
    none_delivered = "no price list is delivered (AutoSyncPriceLists is off and no slot names one)"
    for key in ("DisableCurrencyPriceListCheck", "DontDeletePriceListPricesSameAsDefaultPrice"):
        if getattr(settings, key):
            yield _ignored(key, none_delivered)
    by_other = (
        settings.PriceListCodeForStaffelFreeField,
        settings.UseCurrencyFromPriceList,
        settings.DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged,
    )
    if settings.ExcludePriceList and not any(by_other):
        yield _ignored("ExcludePriceList", none_delivered)


def _ignored_package_parts(settings: Settings) -> Iterator[Problem]:
    index = "PurchasePackeSizeIndex"
    if not settings.GetPurchasePackageSizeOnExtraItemDescription:
        for key in ("SplitCharacterForExtraItemDescription", index):
            if getattr(settings, key):
                yield _ignored(key, "GetPurchasePackageSizeOnExtraItemDescription is off")
    elif int(settings.PurchasePackeSizeIndex or 0) and not settings.SplitCharacterForExtraItemDescription:
        reason = f"without SplitCharacterForExtraItemDescription there is only part 0, and {index} is not 0"
        yield _ignored("GetPurchasePackageSizeOnExtraItemDescription", reason)


def _ignored_manager_property(settings: Settings) -> Iterator[Problem]:
    key = "AccountClassificationPropertyForCustomerManager"
    if getattr(settings, key) and not settings.AccountClassificationOnCustomerManager:
        yield _ignored(key, "AccountClassificationOnCustomerManager is off")


def _ignored_price_modes(settings: Settings) -> Iterator[Problem]:
    winner, *losers = price_mode_switches(settings) or ("",)
    for key in losers:
        yield _ignored(key, f"{winner} goes first")


def _ignored_price_changes(settings: Settings) -> Iterator[Problem]:
    if settings.UseDiscountWithoutPriceOnOrder:
        for key in ("RoundOrderLinePricesToTwoDecimals", "NetPriceIncludingVat", "NetPriceBasedOnVatLiability"):
            if getattr(settings, key):
                yield _ignored(key, "UseDiscountWithoutPriceOnOrder sends no price")


def _ignored_date_guard(settings: Settings) -> Iterator[Problem]:
    key = "OnlySetDeliveryDateForUnchangedOrderDate"
    automatic = settings.UseDateAsDeliveryDate or settings.CheckStockAndSetDeliveryDateOnOrderLine
    if getattr(settings, key) and not automatic:
        yield _ignored(key, "UseDateAsDeliveryDate and CheckStockAndSetDeliveryDateOnOrderLine are off")


def _ignored_renaming(settings: Settings) -> Iterator[Problem]:
    for source in renaming(settings):
        writer = GENERATED_FREE_FIELDS.get(source)
        if writer is not None and not getattr(settings, writer):
            message = f"FreeFieldsRenaming renames {show(source)}, which {writer} does not write: it is off"
            yield Problem("FreeFieldsRenaming", Code.IGNORED_SETTING, message)


def _ignored_history(settings: Settings) -> Iterator[Problem]:
    next_date = "ShowNextDeliveryDateOnBackOrderLines"
    for key in ("ShowOnlyBackOrderLines", next_date):
        if getattr(settings, key) and not settings.OrderHistoryBackoffice:
            yield _ignored(key, "OrderHistoryBackoffice is off")
    if settings.ShowNextDeliveryDateOnBackOrderLines and not settings.SyncNextDeliveryDate:
        yield _ignored(next_date, "SyncNextDeliveryDate is off")


def _double_use(settings: Settings) -> Iterator[Problem]:
    if settings.SearchCodeForEanCode and settings.GetPurchasePackageSizeFromSearchCode:
        message = "the search code is read as EAN and as package size; both happen, switch one off if that is not meant"
        for key in ("SearchCodeForEanCode", "GetPurchasePackageSizeFromSearchCode"):
            yield Problem(key, Code.DOUBLE_USE, message)


def _conflict(key: str, message: str) -> Problem:
    return Problem(key, Code.CONFLICT, message)


def _ignored(key: str, reason: str) -> Problem:
    return Problem(key, Code.IGNORED_SETTING, f"{key} has no effect: {reason}")
