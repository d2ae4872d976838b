"""The 106 keys, their types and defaults, against a list written out here."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from exact_connector.settings import KEYS, Settings
from exact_connector.settings.catalogue import BY_KEY, ENTRIES, in_area, shaping
from exact_connector.settings.entry import FAMILIES, Area

EXPECTED: dict[str, list[tuple[str, type, bool | int | str]]] = {
    "Authentication & general": [
        ("Applicationkey", str, ""),
        ("CurrencyCodeIso", str, ""),
    ],
    "Items & descriptions": [
        ("PassWebShopItem", bool, False),
        ("CheckIfItemIsActive", bool, False),
        ("IncludeNonSalesItems", bool, False),
        ("FieldUsedToIncludeItemsInSync", str, ""),
        ("SearchCodeForEanCode", bool, False),
        ("UseItemExtraDescriptionForItemField", str, ""),
        ("UseItemNotesForItemField", str, ""),
        ("ExtraDescriptionOnDescription", bool, False),
        ("FreeSortField", str, ""),
        ("Languages", str, ""),
        ("FreeFieldsRenaming", str, ""),
        ("ItemFreeFieldNameForItemStatus", str, ""),
        ("UseItemAssortmentDescriptions", bool, False),
        ("CreateWarehouseItemFilter", bool, False),
    ],
    "Pictures": [
        ("DisablePicturesFromEOL", bool, False),
    ],
    "Prices & price lists": [
        ("AutoSyncPriceLists", bool, False),
        ("PriceList2Id", str, ""),
        ("PriceList3Id", str, ""),
        ("PriceList4Id", str, ""),
        ("ExcludePriceList", str, ""),
        ("VariantCurrency", bool, False),
        ("GenerateCurrencyPriceLists", bool, False),
        ("DisableCurrencyPriceListCheck", bool, False),
        ("GetPriceBasedOnItemUnit", bool, False),
        ("UseSalesPriceInclVatAsFreeField", bool, False),
        ("GetItemGroupByDescription", bool, False),
        ("DontDeletePriceListPricesSameAsDefaultPrice", bool, False),
    ],
    "Tier prices": [
        ("PriceListCodeForStaffelFreeField", str, ""),
        ("EnableOfflineTierPrices", bool, False),
        ("SkipDiscountForStafflItems", bool, False),
    ],
    "Package size": [
        ("GetPurchasePackageSizeFromFreeField", str, ""),
        ("GetPurchasePackageSizeFromSearchCode", bool, False),
        ("GetPurchasePackageSizeOnExtraItemDescription", bool, False),
        ("SplitCharacterForExtraItemDescription", str, ""),
        ("PurchasePackeSizeIndex", str, ""),
        ("WarehouseForPackageSize", str, ""),
        ("UnitFactorAsPurchasePackageSize", bool, False),
        ("StorePackageSizeInInstructionLine", bool, False),
    ],
    "Stock & delivery dates": [
        ("WarehouseForStock", str, ""),
        ("UseCurrentQuantityAsLastAvailableStock", bool, False),
        ("SyncNextDeliveryDate", bool, False),
        ("GetDeliveryDatesOffline", bool, False),
        ("CheckStockAndSetDeliveryDateOnOrderLine", bool, False),
    ],
    "Customers & classification": [
        ("GetProspects", bool, False),
        ("GetSuspects", bool, False),
        ("AddPrefixForProspectsAndSuspects", bool, False),
        ("OnlyLoadDealers", bool, False),
        ("AccountClassificationProperty", str, ""),
        ("AccountClassificationOnCustomerName", bool, False),
        ("AccountClassificationPropertyForCustomerManager", str, ""),
        ("AccountClassificationOnCustomerManager", bool, False),
        ("SearchCodeOnCustomerManager", bool, False),
        ("CustomCustomerFieldsMapping", str, ""),
        ("SyncCustomerNotes", bool, False),
        ("UpdateEmailOnlyForCustomer", bool, False),
        ("UpdatePhoneOnlyForCustomer", bool, False),
        ("GLAccountGLARCode", str, ""),
        ("GLAccountSalesCode", str, ""),
    ],
    "VAT": [
        ("VatLiableCode", str, ""),
        ("NotVatLiableCode", str, ""),
        ("NotVatLiableCodeOutsideEU", str, ""),
        ("VatCodeBasedOnCountryCode", str, ""),
        ("UseVatLiabilityForDefaultCountry", bool, False),
        ("DefaultCountryForVatLiability", str, ""),
        ("VatLiabilityBasedOnVatRegime", bool, False),
        ("VatCodeEmptyIsVatLiable", bool, False),
        ("NetPriceIncludingVat", bool, False),
        ("NetPriceBasedOnVatLiability", bool, False),
    ],
    "Orders header": [
        ("UseNotesAsDescription", bool, False),
        ("UseReferenceAsYourRef", bool, False),
        ("FillDescriptionWithApp4SalesOrderWhenEmpty", bool, True),
        ("AddOrderTypeToDescription", bool, False),
        ("UseDateAsDeliveryDate", bool, False),
        ("OnlySetDeliveryDateForUnchangedOrderDate", bool, False),
        ("ShippingMethodCode", str, ""),
        ("WarehouseFromOrderType", bool, False),
        ("WarehousePerSalesRep", bool, False),
        ("WarehouseForOrder", str, ""),
        ("UseCurrencyFromPriceList", bool, False),
    ],
    "Orders lines": [
        ("SetUnitPrice", bool, False),
        ("SetOriginalPriceOnUnitPrice", bool, False),
        ("UseDiscountWithoutPriceOnOrder", bool, False),
        ("DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged", bool, False),
        ("RoundOrderLinePricesToTwoDecimals", bool, False),
        ("SetItemDescriptionWhenSendingOrder", bool, True),
        ("SortOrderLinesByItemCodeNumeric", bool, False),
        ("DisableInstructionAsOrderLineDeliveryDate", bool, False),
        ("CostCenterCodeForOrders", str, ""),
        ("CostCenterCodeForOrdersBySalesRep", bool, False),
        ("CostUnitForOrders", str, ""),
        ("CostUnitForOrdersBySalesRep", bool, False),
    ],
    "Orders addresses & contacts": [
        ("ContactPersonToBackoffice", bool, False),
        ("CreateAndLinkAlternativeContactPerson", bool, False),
        ("CreateAlternateAddressAtCustomer", bool, False),
        ("CreateInvoiceAddress", bool, False),
        ("SendHouseNumberAndAdditionSeperate", bool, False),
    ],
    "Returns & invoices": [
        ("AlwaysCreateCreditNoteForReturnOrders", bool, False),
        ("GLAccountCodeForOrders", str, ""),
        ("HideInvoicesOnRelationCard", bool, False),
    ],
    "Order history": [
        ("OrderHistoryBackoffice", bool, False),
        ("OrderSelectTop", int, 0),
        ("ShowOnlyBackOrderLines", bool, False),
        ("ShowNextDeliveryDateOnBackOrderLines", bool, False),
        ("ExcludeVatFromHistoryTotals", bool, False),
    ],
}
ALL = [(area, *row) for area, rows in EXPECTED.items() for row in rows]
TYPE_NAMES = {bool: "bool", int: "int", str: "string"}


@pytest.mark.parametrize(("area", "key", "kind", "default"), ALL, ids=[row[1] for row in ALL])
def test_a_setting_has_its_key_type_default_and_area(area: str, key: str, kind: type, default: object) -> None:
    entry = BY_KEY[key]
    assert type(getattr(Settings(), key)) is kind
    assert getattr(Settings(), key) == default
    assert (entry.area.value, entry.type_name, entry.default) == (area, TYPE_NAMES[kind], default)


def test_there_are_106_settings_and_no_other() -> None:
    expected = [row[1] for row in ALL]
    assert len(expected) == 106
    assert list(KEYS) == expected
    assert [entry.key for entry in ENTRIES] == expected
    assert [field.name for field in fields(Settings)] == expected


def test_areas_come_in_the_order_of_the_form() -> None:
    assert [area.value for area in Area] == list(EXPECTED)
    assert [entry for area in Area for entry in in_area(area)] == list(ENTRIES)


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().GetProspects = True  # type: ignore[misc]


@pytest.mark.parametrize("key", KEYS)
def test_a_setting_is_explained_in_sentences(key: str) -> None:
    found = BY_KEY[key]
    assert found.label
    assert not found.label.endswith(".")
    assert found.help.endswith(".")
    assert len(found.help) > len(found.label)


def test_no_two_settings_share_a_label_or_a_help_text() -> None:
    assert len({entry.label for entry in ENTRIES}) == len(ENTRIES)
    assert len({entry.help for entry in ENTRIES}) == len(ENTRIES)


def test_a_text_setting_has_a_form_and_a_switch_has_none() -> None:
    for entry in ENTRIES:
        assert (entry.constraint is None) is (entry.type_name == "bool"), entry.key


def test_every_family_is_shaped_and_only_the_client_id_shapes_nothing() -> None:
    assert all(shaping(family) for family in FAMILIES)
    assert [entry.key for entry in ENTRIES if not entry.shapes] == ["Applicationkey"]


def test_only_the_split_character_keeps_its_white_space() -> None:
    assert [entry.key for entry in ENTRIES if not entry.trimmed] == ["SplitCharacterForExtraItemDescription"]
