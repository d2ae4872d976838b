"""The scalar properties of the Exact resources that settings may name.

Facts of Exact's REST resources `logistics/Items`, `crm/Accounts`, `crm/Contacts` and `crm/Addresses`. Binary properties
(`Picture`, `Logo`) and nested collections (`BankAccounts`) cannot be delivered as one value and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_ITEM = """
    ID AssembledLeadDays AverageCost Barcode BatchQuantity Class_01 Class_02 Class_03 Class_04 Class_05 Class_06
    Class_07 Class_08 Class_09 Class_10 Code CopyRemarks CostPriceCurrency CostPriceNew CostPriceStandard
    Created Creator CreatorFullName CustomField Description Division EndDate ExtraDescription FreeBoolField_01
    FreeBoolField_02 FreeBoolField_03 FreeBoolField_04 FreeBoolField_05 FreeDateField_01 FreeDateField_02
    FreeDateField_03 FreeDateField_04 FreeDateField_05 FreeNumberField_01 FreeNumberField_02 FreeNumberField_03
    FreeNumberField_04 FreeNumberField_05 FreeNumberField_06 FreeNumberField_07 FreeNumberField_08
    FreeTextField_01 FreeTextField_02 FreeTextField_03 FreeTextField_04 FreeTextField_05 FreeTextField_06
    FreeTextField_07 FreeTextField_08 FreeTextField_09 FreeTextField_10 GLCosts GLCostsCode GLCostsDescription
    GLCostsWorkInProgress GLCostsWorkInProgressCode GLCostsWorkInProgressDescription GLRevenue GLRevenueCode
    GLRevenueDescription GLRevenueWorkInProgress GLRevenueWorkInProgressCode GLRevenueWorkInProgressDescription
    GLStock GLStockCode GLStockDescription GrossWeight IsBatchItem IsBatchNumberItem IsFractionAllowedItem
    IsMakeItem IsNewContract IsOnDemandItem IsPackageItem IsPurchaseItem IsRegistrationCodeItem IsSalesItem
    IsSerialItem IsSerialNumberItem IsStockItem IsSubcontractedItem IsTaxableItem IsTime IsWebshopItem ItemGroup
    ItemGroupCode ItemGroupDescription Modified Modifier ModifierFullName NetWeight NetWeightUnit Notes
    PictureName PictureThumbnailUrl PictureUrl SalesVatCode SalesVatCodeDescription SearchCode SecurityLevel
    StandardSalesPrice StartDate StatisticalCode StatisticalNetWeight StatisticalUnits StatisticalValue Stock
    Unit UnitDescription UnitType UseExplosion
"""

_ACCOUNT = """
    ID Accountant AccountManager AccountManagerFullName AccountManagerHID ActivitySector ActivitySubSector
    AddressLine1 AddressLine2 AddressLine3 AddressSource AutomaticProcessProposedEntry Blocked BRIN BSN
    BusinessType CanDropShip ChamberOfCommerce City Classification Classification1 Classification2
    Classification3 Classification4 Classification5 Classification6 Classification7 Classification8
    ClassificationDescription Code CodeAtSupplier CompanySize ConsolidationScenario ControlledDate Costcenter
    CostcenterDescription CostPaid Country CountryName Created Creator CreatorFullName CreditLinePurchase
    CreditLineSales Currency CustomerSince CustomField DatevCreditorCode DatevDebtorCode DeliveryAdvice
    DiscountPurchase DiscountSales Division Document DunsNumber Email EnableSalesPaymentLink EndDate EORINumber
    EstablishedDate Fax GLAccountPurchase GLAccountSales GLAP GLAR GlnNumber HasWithholdingTaxSales
    IgnoreDatevWarningMessage IncotermAddressPurchase IncotermAddressSales IncotermCodePurchase
    IncotermCodeSales IncotermVersionPurchase IncotermVersionSales IntraStatArea IntraStatDeliveryTerm
    IntraStatSystem IntraStatTransactionA IntraStatTransactionB IntraStatTransportMethod InvoiceAccount
    InvoiceAccountCode InvoiceAccountName InvoiceAttachmentType InvoicingMethod IsAccountant IsAgency
    IsAnonymised IsBank IsCompetitor IsExtraDuty IsMailing IsMember IsPilot IsPurchase IsReseller IsSales
    IsSupplier Language LanguageDescription Latitude LeadPurpose LeadSource LogoFileName LogoThumbnailUrl
    LogoUrl Longitude MainContact Modified Modifier ModifierFullName Name OINNumber Parent PayAsYouEarn
    PaymentConditionPurchase PaymentConditionPurchaseDescription PaymentConditionSales
    PaymentConditionSalesDescription PeppolIdentifier PeppolIdentifierType Phone PhoneExtension Postcode
    PriceList PurchaseCurrency PurchaseCurrencyDescription PurchaseLeadDays PurchaseVATCode
    PurchaseVATCodeDescription RecepientOfCommissions Remarks Reseller ResellerCode ResellerName RSIN
    SalesCurrency SalesCurrencyDescription SalesTaxSchedule SalesTaxScheduleCode SalesTaxScheduleDescription
    SalesVATCode SalesVATCodeDescription SearchCode SecurityLevel SeparateInvPerProject
    SeparateInvPerSubscription ShippingLeadDays ShippingMethod ShowRemarkForSales Source StartDate State
    StateName Status StatusSince TradeName Type UniqueTaxpayerReference VATLiability VATNumber Website
"""

_CONTACT = """
    ID Account AccountIsCustomer AccountIsSupplier AccountMainContact AccountName AddressLine2 AddressStreet
    AddressStreetNumber AddressStreetNumberSuffix AllowMailing BirthDate BirthName BirthNamePrefix BirthPlace
    BusinessEmail BusinessFax BusinessMobile BusinessPhone BusinessPhoneExtension City Code Country Created
    Creator CreatorFullName CustomField Division Email EndDate FirstName FullName Gender HID IdentificationDate
    IdentificationDocument IdentificationUser Initials IsAnonymised IsMailingExcluded IsMainContact
    JobTitleDescription Language LastName LeadPurpose LeadSource MarketingNotes MiddleName Mobile Modified
    Modifier ModifierFullName Nationality Notes PartnerName PartnerNamePrefix Person Phone PhoneExtension
    PictureName PictureThumbnailUrl PictureUrl Postcode SocialSecurityNumber StartDate State Title
    TitleAbbreviation TitleDescription
"""

_ADDRESS = """
    ID Account AccountIsSupplier AccountName AddressLine1 AddressLine2 AddressLine3 City Contact ContactName
    Country CountryName Created Creator CreatorFullName CustomField Division Fax FreeBoolField_01
    FreeBoolField_02 FreeBoolField_03 FreeBoolField_04 FreeBoolField_05 FreeDateField_01 FreeDateField_02
    FreeDateField_03 FreeDateField_04 FreeDateField_05 FreeNumberField_01 FreeNumberField_02 FreeNumberField_03
    FreeNumberField_04 FreeNumberField_05 FreeTextField_01 FreeTextField_02 FreeTextField_03 FreeTextField_04
    FreeTextField_05 Mailbox Main Modified Modifier ModifierFullName NicNumber Notes Phone PhoneExtension
    Postcode Source State StateDescription Type Warehouse WarehouseCode WarehouseDescription
"""


def _by_folded_name(text: str) -> Mapping[str, str]:
    return MappingProxyType({name.casefold(): name for name in text.split()})


ITEM_PROPERTIES: Mapping[str, str] = _by_folded_name(_ITEM)
"""Case-folded name -> exact name of each scalar property of `logistics/Items`."""

PROPERTIES_BY_OBJECT: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Customer": _by_folded_name(_ACCOUNT),
        "ContactPerson": _by_folded_name(_CONTACT),
        "Address": _by_folded_name(_ADDRESS),
    }
)
"""Object name of a custom field mapping -> case-folded name -> exact name of the property."""

ITEM_PROPERTIES_OUTSIDE_SYNC = frozenset({"StandardSalesPrice", "IsBatchNumberItem", "IsSerialNumberItem"})
"""Properties that `sync/Logistics/Items` does not carry, so that naming one costs another read."""

FREE_FIELD_PROPERTIES: tuple[str, ...] = tuple(name for name in _ITEM.split() if name.startswith("Free"))
"""The 28 free fields of an item: ten texts, eight numbers, five booleans, five dates."""

_NUMBERED = (("FreeTextField", 10), ("FreeNumberField", 8), ("FreeDateField", 5), ("FreeBoolField", 5))
FREE_FIELDS_BY_NUMBER: Mapping[int, str] = MappingProxyType(
    dict(enumerate((f"{kind}_{n:02}" for kind, count in _NUMBERED for n in range(1, count + 1)), start=1))
)
"""`Number` of an `ItemExtraField` row -> the free field it labels: texts, numbers, dates and booleans in that order.

Exact does not document the numbering; it is to be confirmed on a live administration.
"""
