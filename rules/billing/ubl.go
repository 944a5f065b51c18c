package billing

import "strings"

const ublSpace = "urn:oasis:names:specification:ubl:schema:xsd:"

// isUBL reports whether a namespace is of UBL 2. Its extensions are not: what stands in
// them is anybody's.
func isUBL(space string) bool {
	name, ok := strings.CutPrefix(space, ublSpace)
	return ok && (name == "Invoice-2" || name == "CreditNote-2" || name == "CommonAggregateComponents-2" || name == "CommonBasicComponents-2")
}

// ublForm is where the facts stand in an Invoice or CreditNote (UBL 2.4 sections
// 3.2.24 and 3.2.9), by the paths that EN 16931 binds to its terms (CEN/TS 16931-3-2).
var ublForm = form(map[string]xmlFact{
	"ID":                   xmlNumber,
	"IssueDate":            xmlDate,
	"DueDate":              xmlDue,
	"InvoiceTypeCode":      xmlType,
	"CreditNoteTypeCode":   xmlType,
	"DocumentCurrencyCode": xmlCurrency,
	"BuyerReference":       xmlBuyerReference,

	"ProjectReference/ID":            xmlProject,
	"OrderReference/ID":              xmlOrder,
	"OrderReference/SalesOrderID":    xmlSellerReference,
	"ContractDocumentReference/ID":   xmlContract,
	"OriginatorDocumentReference/ID": xmlTender,
	"InvoicePeriod/StartDate":        xmlFrom,
	"InvoicePeriod/EndDate":          xmlTill,

	"AccountingSupplierParty/Party/PartyName/Name":                    xmlSellerTrade,
	"AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName": xmlSeller,
	"AccountingSupplierParty/Party/PartyLegalEntity/CompanyID":        xmlSellerLegalID,
	"AccountingSupplierParty/Party/PartyTaxScheme/CompanyID":          xmlSellerTax,
	"AccountingSupplierParty/Party/PartyTaxScheme/TaxScheme/ID":       xmlSellerTaxScheme,
	"AccountingCustomerParty/Party/PartyName/Name":                    xmlBuyerTrade,
	"AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName": xmlBuyer,
	"AccountingCustomerParty/Party/PartyIdentification/ID":            xmlBuyerID,
	"PaymentMeans/PaymentDueDate":                                     xmlDue,
	"PaymentMeans/PayeeFinancialAccount/ID":                           xmlBank,
	"PaymentTerms/PaymentDueDate":                                     xmlDue,
	"PaymentTerms/InstallmentDueDate":                                 xmlDue,
	"PaymentTerms/Note":                                               xmlTerms,
	"LegalMonetaryTotal/TaxInclusiveAmount":                           xmlGrand,
	"LegalMonetaryTotal/PayableAmount":                                xmlPayable,
})

func ublRoot(name string) bool { return name == "Invoice" || name == "CreditNote" }
