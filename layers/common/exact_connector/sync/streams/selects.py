"""The fields that each stream selects, as names of Exact's properties.

Only names that the endpoint itself has: one unknown name refuses the whole call. Left out: pictures as bytes, the
names of the people who created or changed a row, citizen and identity numbers, and nested collections.
"""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ITEMS = _names(
    """
    ID AssembledLeadDays AverageCost Barcode BatchQuantity Class_01 Class_02 Class_03 Class_04 Class_05 Class_06
    Class_07 Class_08 Class_09 Class_10 Code CopyRemarks CostPriceCurrency CostPriceNew CostPriceStandard Created
    CustomField Description EndDate ExtraDescription FreeBoolField_01 FreeBoolField_02 FreeBoolField_03
    FreeBoolField_04 FreeBoolField_05 FreeDateField_01 FreeDateField_02 FreeDateField_03 FreeDateField_04
    FreeDateField_05 FreeNumberField_01 FreeNumberField_02 FreeNumberField_03 FreeNumberField_04 FreeNumberField_05
    FreeNumberField_06 FreeNumberField_07 FreeNumberField_08 FreeTextField_01 FreeTextField_02 FreeTextField_03
    FreeTextField_04 FreeTextField_05 FreeTextField_06 FreeTextField_07 FreeTextField_08 FreeTextField_09
    FreeTextField_10 GLCosts GLCostsCode GLCostsDescription GLCostsWorkInProgress GLCostsWorkInProgressCode
    GLCostsWorkInProgressDescription GLRevenue GLRevenueCode GLRevenueDescription GLRevenueWorkInProgress
    GLRevenueWorkInProgressCode GLRevenueWorkInProgressDescription GLStock GLStockCode GLStockDescription
    GrossWeight IsBatchItem IsFractionAllowedItem IsMakeItem IsNewContract IsOnDemandItem IsPackageItem
    IsPurchaseItem IsRegistrationCodeItem IsSalesItem IsSerialItem IsStockItem IsSubcontractedItem IsTaxableItem
    IsTime IsWebshopItem ItemGroup ItemGroupCode ItemGroupDescription Modified NetWeight NetWeightUnit Notes
    PictureName PictureThumbnailUrl PictureUrl SalesVatCode SalesVatCodeDescription SearchCode SecurityLevel
    StartDate StatisticalCode StatisticalNetWeight StatisticalUnits StatisticalValue Stock Unit UnitDescription
    UnitType UseExplosion Timestamp
    """
)

SALES_PRICES = _names(
    """
    ID Account AccountName Barcode Created Currency DefaultItemUnit DefaultItemUnitDescription Employee EndDate Item
    ItemCode ItemDescription Modified NumberOfItemsPerUnit Price Project ProjectDescription Quantity StartDate Unit
    UnitDescription Timestamp
    """
)

STOCK = _names(
    """
    FreeStock ItemId PlanningIn PlanningOut ProjectedStock ReservedStock Timestamp CurrentStock ID ItemCode
    ItemDescription ReorderPoint UnitCode UnitDescription Warehouse WarehouseCode WarehouseDescription
    """
)

ITEM_WAREHOUSES = _names(
    """
    ID CountingCycle Created DefaultStorageLocation DefaultStorageLocationCode DefaultStorageLocationDescription
    Item ItemCode ItemDescription MaximumStock Modified OrderPolicy Period ReorderPoint ReorderQuantity
    ReplenishmentType ReservedStock SafetyStock StorageLocationSequenceNumber Warehouse WarehouseCode
    WarehouseDescription Timestamp
    """
)

SUPPLIER_ITEMS = _names(
    """
    ID Barcode CopyRemarks CountryOfOrigin CountryOfOriginDescription Created Currency CurrencyDescription
    DropShipment EndDate Item ItemCode ItemDescription ItemUnit ItemUnitCode ItemUnitDescription MainSupplier
    MinimumQuantity Modified Notes PurchaseLeadTime PurchaseLotSize PurchasePrice PurchaseUnit
    PurchaseUnitDescription PurchaseUnitFactor PurchaseVATCode PurchaseVATCodeDescription StartDate Supplier
    SupplierCode SupplierDescription SupplierItemCode Timestamp
    """
)

VOLUME_DISCOUNTS = _names(
    """
    ID BasePrice BasePriceAmount Created Discount EntryMethod Item ItemCode ItemDescription ItemGroup ItemGroupCode
    ItemGroupDescription Modified NewPrice NumberOfItemsPerUnit PriceListCode PriceListDescription PriceListPeriod
    Quantity Unit UnitDescription Timestamp
    """
)

BOM_VERSIONS = _names(
    """
    ID BatchQuantity CadDrawingUrl CalculatedCostPrice Created Description IsDefault Item ItemDescription Modified
    Notes OrderLeadDays ProductionLeadDays Status StatusDescription Type TypeDescription VersionDate VersionNumber
    Timestamp
    """
)

BOM_MATERIALS = _names(
    """
    ID Backflush CalculatorType CostBatch CostCenter CostCenterDescription CostUnit CostUnitDescription Description
    DetailDrawing ItemVersion LineNumber NetWeight NetWeightUnit Notes PartItem PartItemAverageCost PartItemCode
    PartItemCostPriceStandard PartItemDescription Quantity QuantityBatch RoutingStepID syscreated sysmodified Type
    WastePercentage Timestamp
    """
)

ASSEMBLY_MATERIALS = _names(
    """
    ID AssembledItem AssembledItemCode AssembledItemDescription AssembledLeadDays BatchQuantity Created LineNumber
    Modified PartItem PartItemCode PartItemDescription Quantity QuantityBatch UpdateCostPrice UseExplosion
    """
)

PLANNING = _names(
    """
    ID Item ItemCode ItemDescription PlannedDate PlannedQuantity PlanningSourceDescription PlanningSourceID
    PlanningSourceLineNumber PlanningSourceNumber PlanningType PlanningTypeDescription Warehouse WarehouseCode
    WarehouseDescription
    """
)

ACCOUNTS = _names(
    """
    ID Accountant AccountManager AccountManagerFullName AccountManagerHID ActivitySector ActivitySubSector
    AddressLine1 AddressLine2 AddressLine3 AddressSource AutomaticProcessProposedEntry Blocked BRIN BusinessType
    CanDropShip ChamberOfCommerce City Classification Classification1 Classification2 Classification3
    Classification4 Classification5 Classification6 Classification7 Classification8 ClassificationDescription Code
    CodeAtSupplier CompanySize ConsolidationScenario ControlledDate Costcenter CostcenterDescription CostPaid
    Country CountryName Created CreditLinePurchase CreditLineSales Currency CustomerSince CustomField
    DatevCreditorCode DatevDebtorCode DeliveryAdvice DiscountPurchase DiscountSales Document DunsNumber Email
    EnableSalesPaymentLink EndDate EORINumber EstablishedDate Fax GLAccountPurchase GLAccountSales GLAP GLAR
    GlnNumber HasWithholdingTaxSales IgnoreDatevWarningMessage IncotermAddressPurchase IncotermAddressSales
    IncotermCodePurchase IncotermCodeSales IncotermVersionPurchase IncotermVersionSales IntraStatArea
    IntraStatDeliveryTerm IntraStatSystem IntraStatTransactionA IntraStatTransactionB IntraStatTransportMethod
    InvoiceAccount InvoiceAccountCode InvoiceAccountName InvoiceAttachmentType InvoicingMethod IsAccountant IsAgency
    IsAnonymised IsBank IsCompetitor IsExtraDuty IsMailing IsMember IsPilot IsPurchase IsReseller IsSales IsSupplier
    Language LanguageDescription Latitude LeadPurpose LeadSource LogoFileName LogoThumbnailUrl LogoUrl Longitude
    MainContact Modified Name OINNumber Parent PayAsYouEarn PaymentConditionPurchase
    PaymentConditionPurchaseDescription PaymentConditionSales PaymentConditionSalesDescription PeppolIdentifier
    PeppolIdentifierType Phone PhoneExtension Postcode PriceList PurchaseCurrency PurchaseCurrencyDescription
    PurchaseLeadDays PurchaseVATCode PurchaseVATCodeDescription RecepientOfCommissions Remarks Reseller ResellerCode
    ResellerName RSIN SalesCurrency SalesCurrencyDescription SalesTaxSchedule SalesTaxScheduleCode
    SalesTaxScheduleDescription SalesVATCode SalesVATCodeDescription SearchCode SecurityLevel SeparateInvPerProject
    SeparateInvPerSubscription ShippingLeadDays ShippingMethod ShowRemarkForSales Source StartDate State StateName
    Status StatusSince TradeName Type UniqueTaxpayerReference VATLiability VATNumber Website Timestamp
    """
)

CONTACTS = _names(
    """
    ID Account AccountIsCustomer AccountIsSupplier AccountMainContact AccountName AddressLine2 AddressStreet
    AddressStreetNumber AddressStreetNumberSuffix AllowMailing BirthDate BirthName BirthNamePrefix BirthPlace
    BusinessEmail BusinessFax BusinessMobile BusinessPhone BusinessPhoneExtension City Code Country Created
    CustomField Email EndDate FirstName FullName Gender HID IdentificationDate Initials IsAnonymised
    IsMailingExcluded IsMainContact JobTitleDescription Language LastName LeadPurpose LeadSource MarketingNotes
    MiddleName Mobile Modified Nationality Notes PartnerName PartnerNamePrefix Person Phone PhoneExtension
    PictureName PictureThumbnailUrl PictureUrl Postcode StartDate State Title TitleAbbreviation TitleDescription
    Timestamp
    """
)

ADDRESSES = _names(
    """
    ID Account AccountIsSupplier AccountName AddressLine1 AddressLine2 AddressLine3 City Contact ContactName Country
    CountryName Created CustomField Fax FreeBoolField_01 FreeBoolField_02 FreeBoolField_03 FreeBoolField_04
    FreeBoolField_05 FreeDateField_01 FreeDateField_02 FreeDateField_03 FreeDateField_04 FreeDateField_05
    FreeNumberField_01 FreeNumberField_02 FreeNumberField_03 FreeNumberField_04 FreeNumberField_05 FreeTextField_01
    FreeTextField_02 FreeTextField_03 FreeTextField_04 FreeTextField_05 Mailbox Main Modified NicNumber Notes Phone
    PhoneExtension Postcode Source State StateDescription Type Warehouse WarehouseCode WarehouseDescription
    Timestamp
    """
)

BANK_ACCOUNTS = _names(
    """
    ID Account AccountName Bank BankAccount BankAccountHolderName BankDescription BankName BICCode Blocked Created
    Description Format IBAN Main Modified PaymentServiceAccount Type TypeDescription
    """
)

SALES_ORDERS = _names(
    """
    OrderID AmountDC AmountDiscount AmountDiscountExclVat AmountFC AmountFCExclVat ApprovalStatus
    ApprovalStatusDescription Approved Approver ApproverFullName Created Currency CustomField DeliverTo
    DeliverToContactPerson DeliverToContactPersonFullName DeliverToName DeliveryAddress DeliveryDate DeliveryStatus
    DeliveryStatusDescription Description Discount Document DocumentNumber IncotermAddress IncotermCode
    IncotermVersion InvoiceStatus InvoiceStatusDescription InvoiceTo InvoiceToContactPerson
    InvoiceToContactPersonFullName InvoiceToName Modified OrderDate OrderedBy OrderedByContactPerson
    OrderedByContactPersonFullName OrderedByName OrderNumber PaymentCondition PaymentConditionDescription
    PaymentReference Remarks SalesChannel SalesChannelCode SalesChannelDescription Salesperson SalespersonFullName
    SelectionCode SelectionCodeCode SelectionCodeDescription ShippingMethod ShippingMethodDescription Status
    StatusDescription WarehouseCode WarehouseDescription WarehouseID YourRef Timestamp ID Notes Project ProjectCode
    ProjectDescription ShippingMethodCode VATAmount VATCode VATCodeDescription
    """
)

SALES_ORDER_LINES = _names(
    """
    ID AmountDC AmountFC CostCenter CostCenterDescription CostPriceFC CostUnit CostUnitDescription CustomerItemCode
    CustomField DeliveryDate DeliveryStatus Description Discount InvoiceStatus Item ItemCode ItemDescription
    ItemVersion ItemVersionDescription LineNumber Margin NetPrice Notes OrderID OrderNumber Pricelist
    PricelistDescription Project ProjectDescription PurchaseOrder PurchaseOrderLine PurchaseOrderLineNumber
    PurchaseOrderNumber Quantity QuantityDelivered QuantityInvoiced ShopOrder UnitCode UnitDescription UnitPrice
    UseDropShipment VATAmount VATCode VATCodeDescription VATPercentage Timestamp Created DeliveryStatusDescription
    InvoiceStatusDescription Modified ProjectCode ShopOrderNumber Status StatusDescription
    """
)

INVOICE_LINES = _names(
    """
    InvoiceID AmountDC AmountDiscount AmountDiscountExclVat AmountFC AmountFCExclVat Created Currency DeliverTo
    DeliverToAddress DeliverToContactPerson DeliverToContactPersonFullName DeliverToName Description Discount
    DiscountType Document DocumentNumber DueDate ExtraDutyAmountFC GAccountAmountFC IncotermAddress IncotermCode
    IncotermVersion InvoiceDate InvoiceNumber InvoiceTo InvoiceToContactPerson InvoiceToContactPersonFullName
    InvoiceToName IsExtraDuty Journal JournalDescription Modified OrderDate OrderedBy OrderedByContactPerson
    OrderedByContactPersonFullName OrderedByName OrderNumber PaymentCondition PaymentConditionDescription
    PaymentReference Remarks SalesChannel SalesChannelCode SalesChannelDescription Salesperson SalespersonFullName
    StarterSalesInvoiceStatus StarterSalesInvoiceStatusDescription Status StatusDescription TaxSchedule
    TaxScheduleCode TaxScheduleDescription Type TypeDescription VATAmountDC VATAmountFC Warehouse
    WithholdingTaxAmountFC WithholdingTaxBaseAmount WithholdingTaxPercentage YourRef Timestamp CostCenter
    CostCenterDescription CostUnit CostUnitDescription CustomerItemCode CustomField DeliveryDate Employee
    EmployeeFullName EndTime ExtraDutyPercentage GLAccount GLAccountDescription ID Item ItemCode ItemDescription
    LineNumber NetPrice Notes Pricelist PricelistDescription Project ProjectDescription ProjectWBS
    ProjectWBSDescription Quantity SalesOrder SalesOrderLine SalesOrderLineNumber SalesOrderNumber StartTime
    Subscription SubscriptionDescription UnitCode UnitDescription UnitPrice VATCode VATCodeDescription VATPercentage
    """
)

DELIVERIES = _names(
    """
    EntryID Created DeliveryAccount DeliveryAccountCode DeliveryAccountName DeliveryAddress DeliveryContact
    DeliveryContactPersonFullName DeliveryDate DeliveryNumber Description Document EntryNumber Modified Remarks
    ShippingMethod ShippingMethodCode ShippingMethodDescription TrackingNumber Warehouse WarehouseCode
    WarehouseDescription Timestamp
    """
)

DELIVERY_LINES = _names(
    """
    ID Created CustomerItemCode DeliveryDate Description EntryID Item ItemCode ItemDescription LineNumber Modified
    Notes QuantityDelivered QuantityOrdered SalesOrderLineID SalesOrderLineNumber SalesOrderNumber StorageLocation
    StorageLocationCode StorageLocationDescription TrackingNumber Unitcode Timestamp
    """
)

PURCHASE_ORDER_LINES = _names(
    """
    PurchaseOrderID AmountDC AmountDiscount AmountDiscountExclVat AmountFC AmountFCExclVat ApprovalStatus
    ApprovalStatusDescription Approved Approver ApproverFullName Created Currency DeliveryAccount
    DeliveryAccountCode DeliveryAccountName DeliveryAddress DeliveryContact DeliveryContactPersonFullName
    Description Discount Document DropShipment ExchangeRate IncotermAddress IncotermCode IncotermVersion
    InvoiceStatus Modified OrderDate OrderNumber OrderStatus PaymentCondition PaymentConditionDescription
    PurchaseAgent PurchaseAgentFullName ReceiptDate ReceiptStatus Remarks SalesOrder SalesOrderNumber SelectionCode
    SelectionCodeCode SelectionCodeDescription ShippingMethod ShippingMethodCode ShippingMethodDescription Source
    Supplier SupplierCode SupplierContact SupplierContactPersonFullName SupplierName VATAmount Warehouse
    WarehouseCode WarehouseDescription YourRef Timestamp CostCenter CostCenterCode CostCenterDescription CostUnit
    CostUnitCode CostUnitDescription CustomField DocumentNumber Expense ExpenseDescription ID InvoicedQuantity
    IsBatchNumberItem IsSerialNumberItem Item ItemBarcode ItemCode ItemDescription ItemDivisable LineNumber NetPrice
    Notes Project ProjectCode ProjectDescription Quantity QuantityInPurchaseUnits Rebill ReceivedQuantity
    SalesOrderLine SalesOrderLineNumber SendingMethod SupplierItemCode SupplierItemCopyRemarks Unit UnitDescription
    UnitPrice VATCode VATDescription VATPercentage
    """
)

RECEIPTS = _names(
    """
    ID Created Description Document EntryNumber GoodsReceiptLineCount Modified ReceiptDate ReceiptNumber Remarks
    Supplier SupplierCode SupplierContact SupplierContactFullName SupplierName Warehouse WarehouseCode
    WarehouseDescription YourRef
    """
)

RECEIPT_LINES = _names(
    """
    ID Created Description Expense ExpenseDescription GoodsReceiptID Item ItemCode ItemDescription ItemUnitCode
    LineNumber Location LocationCode LocationDescription Modified Notes Project ProjectCode ProjectDescription
    PurchaseOrderID PurchaseOrderLineID PurchaseOrderNumber QuantityOrdered QuantityReceived Rebill SupplierItemCode
    """
)

VAT_CODES = _names(
    """
    ID Account AccountCode AccountName CalculationBasis Charged Code Country Created CustomField Description
    EUSalesListing ExcludeVATListing GLDiscountPurchase GLDiscountPurchaseCode GLDiscountPurchaseDescription
    GLDiscountSales GLDiscountSalesCode GLDiscountSalesDescription GLToClaim GLToClaimCode GLToClaimDescription
    GLToPay GLToPayCode GLToPayDescription IntraStat IntrastatType IsBlocked LegalText Modified OssCountry
    Percentage TaxReturnType Type VatDocType VatMargin VATPartialRatio VATTransactionType
    """
)

ITEM_GROUPS = _names(
    """
    ID Code Created Description GLCosts GLCostsCode GLCostsDescription GLCostsWorkInProgress
    GLCostsWorkInProgressCode GLCostsWorkInProgressDescription GLPurchaseAccount GLPurchaseAccountCode
    GLPurchaseAccountDescription GLPurchasePriceDifference GLPurchasePriceDifferenceCode
    GLPurchasePriceDifferenceDescr GLRevenue GLRevenueCode GLRevenueDescription GLRevenueWorkInProgress
    GLRevenueWorkInProgressCode GLRevenueWorkInProgressDescription GLStock GLStockCode GLStockDescription
    GLStockVariance GLStockVarianceCode GLStockVarianceDescription IsDefault Modified Notes
    """
)

UNITS = _names(
    """
    ID Active Code Description Main TimeUnit Type
    """
)

WAREHOUSES = _names(
    """
    ID Code Created DefaultStorageLocation DefaultStorageLocationCode DefaultStorageLocationDescription Description
    EMail Main ManagerUser Modified UseStorageLocations
    """
)

PRICE_LISTS = _names(
    """
    ID Code Created Currency Description Entity Modified Notes Type
    """
)

PRICE_LIST_PERIODS = _names(
    """
    ID Created Currency EndDate Modified PriceList StartDate Type
    """
)

LINKED_ACCOUNTS = _names(
    """
    ID Code Created Modified Name PriceList
    """
)

ASSORTMENT_PROPERTIES = _names(
    """
    ID Code Description ItemAssortmentCode
    """
)

CLASSIFICATIONS = _names(
    """
    ID AccountClassificationName AccountClassificationNameDescription Code Created Description Modified
    """
)

CLASSIFICATION_NAMES = _names(
    """
    ID Created Description Modified SequenceNumber
    """
)

PAYMENT_CONDITIONS = _names(
    """
    ID Code Created CreditManagementScenario CreditManagementScenarioCode CreditManagementScenarioDescription
    Description DiscountCalculation DiscountPaymentDays DiscountPercentage Modified PaymentDays PaymentDiscountType
    PaymentEndOfMonths PaymentMethod Percentage VATCalculation
    """
)

EXCHANGE_RATES = _names(
    """
    ID Created Modified Rate SourceCurrency SourceCurrencyDescription StartDate TargetCurrency
    TargetCurrencyDescription
    """
)

CURRENCIES = _names(
    """
    Code AmountPrecision Created Description Modified PricePrecision
    """
)

SHIPPING_METHODS = _names(
    """
    ID Active Amount Code Created Description Modified Notes ShippingRatesURL TrackingURL VATCode VATCodeDescription
    VATPercentage
    """
)

JOURNALS = _names(
    """
    ID AllowVariableCurrency AllowVariableExchangeRate AllowVAT AutoSave Bank BankAccountBICCode BankAccountCountry
    BankAccountDescription BankAccountIBAN BankAccountID BankAccountIncludingMask BankAccountUseSEPA
    BankAccountUseSepaDirectDebit BankName Code Created Currency CurrencyDescription CustomField Description
    GLAccount GLAccountCode GLAccountDescription GLAccountType IsBlocked Modified PaymentInTransitAccount
    PaymentServiceAccountIdentifier PaymentServiceProvider PaymentServiceProviderName Type
    """
)

COSTCENTERS = _names(
    """
    ID Active Code Created CustomField Description EndDate Modified
    """
)

COSTUNITS = _names(
    """
    ID Code Created CustomField Description EndDate Modified
    """
)

GL_ACCOUNTS = _names(
    """
    ID AllowCostsInSales AssimilatedVATBox BalanceSide BalanceType BelcotaxType Code Compress Costcenter
    CostcenterDescription Costunit CostunitDescription Created CustomField Description DescriptionTermID
    ExcludeVATListing ExpenseNonDeductiblePercentage IsBlocked Matching Modified PrivateGLAccount PrivatePercentage
    ReportingCode RevalueCurrency SearchCode Type TypeDescription UseCostcenter UseCostunit VATCode VATDescription
    VATGLAccountType VATNonDeductibleGLAccount VATNonDeductiblePercentage VATSystem YearEndCostGLAccount
    YearEndReflectionGLAccount Timestamp
    """
)

DIVISIONS = _names(
    """
    Code AddressLine1 AddressLine2 AddressLine3 ArchiveDate BlockingStatus BusinessTypeCode BusinessTypeDescription
    ChamberOfCommerceEstablishment ChamberOfCommerceNumber City CompanySizeCode CompanySizeDescription Country
    Created Currency Current Customer CustomerCode CustomerName DatevAccountantNumber DatevClientNumber Description
    DivisionHRLinkUnlinkDate DivisionMoveDate Email Fax Hid IsDossierDivision IsHRDivision IsMainDivision
    IsPracticeDivision Legislation Modified OBNumber Phone Postcode SbiCode SbiDescription SectorCode
    SectorDescription ShareCapital SiretNumber StartDate State Status SubsectorCode SubsectorDescription
    TaxOfficeNumber TaxReferenceNumber TemplateCode VATNumber Website
    """
)

NOTES = _names(
    """
    ID Account AccountName Contact ContactFullName Created Date HID Modified Notes Status StatusDescription Subject
    User UserFullName
    """
)

PURCHASE_ITEM_PRICES = _names(
    """
    Account AccountName Barcode Created Currency DefaultItemUnit DefaultItemUnitDescription EndDate ID Item ItemCode
    ItemDescription Modified NumberOfItemsPerUnit Price Quantity StartDate Unit UnitDescription Timestamp
    """
)

ITEM_TEXTS = ("ID", "Description", "ExtraDescription", "Modified")

STANDARD_PRICES = ("ID", "StandardSalesPrice")

ITEM_PROPERTIES = ("ID", "IsBatchNumberItem", "IsSerialNumberItem", "StandardSalesPrice", "Modified")

DELETED = ("Timestamp", "EntityType", "EntityKey", "DeletedDate")
