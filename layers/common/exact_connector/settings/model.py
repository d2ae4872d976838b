"""The connector settings of one tenant as one frozen value.

The attribute names are the public keys, letter for letter, odd spellings included: what a person types in the settings
document is what the code reads. What each key means, accepts and shapes stands in `exact_connector.settings.catalogue`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

SettingValue = bool | int | str


@dataclass(frozen=True, slots=True)
class Settings:
    """The 106 settings of a tenant; `Settings()` has every default.

    Text settings are in their normalised form (trimmed, codes in capitals where Exact has them so); build one from a
    document with `exact_connector.settings.validate.validate`.
    """

    # Authentication & general
    Applicationkey: str = ""
    CurrencyCodeIso: str = ""

    # Items & descriptions
    PassWebShopItem: bool = False
    CheckIfItemIsActive: bool = False
    IncludeNonSalesItems: bool = False
    FieldUsedToIncludeItemsInSync: str = ""
    SearchCodeForEanCode: bool = False
    UseItemExtraDescriptionForItemField: str = ""
    UseItemNotesForItemField: str = ""
    ExtraDescriptionOnDescription: bool = False
    FreeSortField: str = ""
    Languages: str = ""
    FreeFieldsRenaming: str = ""
    ItemFreeFieldNameForItemStatus: str = ""
    UseItemAssortmentDescriptions: bool = False
    CreateWarehouseItemFilter: bool = False

    # Pictures
    DisablePicturesFromEOL: bool = False

    # Prices & price lists
    AutoSyncPriceLists: bool = False
    PriceList2Id: str = ""
    PriceList3Id: str = ""
    PriceList4Id: str = ""
    ExcludePriceList: str = ""
    VariantCurrency: bool = False
    GenerateCurrencyPriceLists: bool = False
    DisableCurrencyPriceListCheck: bool = False
    GetPriceBasedOnItemUnit: bool = False
    UseSalesPriceInclVatAsFreeField: bool = False
    GetItemGroupByDescription: bool = False
    DontDeletePriceListPricesSameAsDefaultPrice: bool = False

    # Tier prices
    PriceListCodeForStaffelFreeField: str = ""
    EnableOfflineTierPrices: bool = False
    SkipDiscountForStafflItems: bool = False

    # Package size
    GetPurchasePackageSizeFromFreeField: str = ""
    GetPurchasePackageSizeFromSearchCode: bool = False
    GetPurchasePackageSizeOnExtraItemDescription: bool = False
    SplitCharacterForExtraItemDescription: str = ""
    PurchasePackeSizeIndex: str = ""
    WarehouseForPackageSize: str = ""
    UnitFactorAsPurchasePackageSize: bool = False
    StorePackageSizeInInstructionLine: bool = False

    # Stock & delivery dates
    WarehouseForStock: str = ""
    UseCurrentQuantityAsLastAvailableStock: bool = False
    SyncNextDeliveryDate: bool = False
    GetDeliveryDatesOffline: bool = False
    CheckStockAndSetDeliveryDateOnOrderLine: bool = False

    # Customers & classification
    GetProspects: bool = False
    GetSuspects: bool = False
    AddPrefixForProspectsAndSuspects: bool = False
    OnlyLoadDealers: bool = False
    AccountClassificationProperty: str = ""
    AccountClassificationOnCustomerName: bool = False
    AccountClassificationPropertyForCustomerManager: str = ""
    AccountClassificationOnCustomerManager: bool = False
    SearchCodeOnCustomerManager: bool = False
    CustomCustomerFieldsMapping: str = ""
    SyncCustomerNotes: bool = False
    UpdateEmailOnlyForCustomer: bool = False
    UpdatePhoneOnlyForCustomer: bool = False
    GLAccountGLARCode: str = ""
    GLAccountSalesCode: str = ""

    # VAT
    VatLiableCode: str = ""
    NotVatLiableCode: str = ""
    NotVatLiableCodeOutsideEU: str = ""
    VatCodeBasedOnCountryCode: str = ""
    UseVatLiabilityForDefaultCountry: bool = False
    DefaultCountryForVatLiability: str = ""
    VatLiabilityBasedOnVatRegime: bool = False
    VatCodeEmptyIsVatLiable: bool = False
    NetPriceIncludingVat: bool = False
    NetPriceBasedOnVatLiability: bool = False

    # Orders header
    UseNotesAsDescription: bool = False
    UseReferenceAsYourRef: bool = False
    FillDescriptionWithApp4SalesOrderWhenEmpty: bool = True
    AddOrderTypeToDescription: bool = False
    UseDateAsDeliveryDate: bool = False
    OnlySetDeliveryDateForUnchangedOrderDate: bool = False
    ShippingMethodCode: str = ""
    WarehouseFromOrderType: bool = False
    WarehousePerSalesRep: bool = False
    WarehouseForOrder: str = ""
    UseCurrencyFromPriceList: bool = False

    # Orders lines
    SetUnitPrice: bool = False
    SetOriginalPriceOnUnitPrice: bool = False
    UseDiscountWithoutPriceOnOrder: bool = False
    DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged: bool = False
    RoundOrderLinePricesToTwoDecimals: bool = False
    SetItemDescriptionWhenSendingOrder: bool = True
    SortOrderLinesByItemCodeNumeric: bool = False
    DisableInstructionAsOrderLineDeliveryDate: bool = False
    CostCenterCodeForOrders: str = ""
    CostCenterCodeForOrdersBySalesRep: bool = False
    CostUnitForOrders: str = ""
    CostUnitForOrdersBySalesRep: bool = False

    # Orders addresses & contacts
    ContactPersonToBackoffice: bool = False
    CreateAndLinkAlternativeContactPerson: bool = False
    CreateAlternateAddressAtCustomer: bool = False
    CreateInvoiceAddress: bool = False
    SendHouseNumberAndAdditionSeperate: bool = False

    # Returns & invoices
    AlwaysCreateCreditNoteForReturnOrders: bool = False
    GLAccountCodeForOrders: str = ""
    HideInvoicesOnRelationCard: bool = False

    # Order history
    OrderHistoryBackoffice: bool = False
    OrderSelectTop: int = 0
    ShowOnlyBackOrderLines: bool = False
    ShowNextDeliveryDateOnBackOrderLines: bool = False
    ExcludeVatFromHistoryTotals: bool = False

    def as_dict(self) -> dict[str, SettingValue]:
        """Return every key with its value, in the order of the catalogue."""
        return dict(self.items())

    def items(self) -> Iterator[tuple[str, SettingValue]]:
        """Yield every key with its value, in the order of the catalogue."""
        for field in fields(self):
            yield field.name, getattr(self, field.name)


KEYS: tuple[str, ...] = tuple(field.name for field in fields(Settings))
DEFAULTS: Settings = Settings()
