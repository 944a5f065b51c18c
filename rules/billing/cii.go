package billing

import (
	"maps"
	"strings"
)

// ciiSpaces begin the names of the namespaces of a cross industry invoice; the end is
// a version. ZUGFeRD 1.0 has a root of its own.
var ciiSpaces = []string{
	"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
	"urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:",
	"urn:un:unece:uncefact:data:standard:UnqualifiedDataType:",
	"urn:un:unece:uncefact:data:standard:QualifiedDataType:",
	"urn:ferd:CrossIndustryDocument:invoice:",
	ciiDraft,
}

// ciiDraft begins the only namespace of the draft of ZUGFeRD of 2013. In it the
// elements below the second level have no namespace.
const ciiDraft = "urn:un:unece:uncefact:data:standard:CBFBUY:"

func isCII(space string) bool {
	for _, s := range ciiSpaces {
		if strings.HasPrefix(space, s) {
			return true
		}
	}
	return false
}

func ciiRoot(space, name string) bool {
	return name == "CrossIndustryInvoice" || name == "CrossIndustryDocument" || name == "Invoice" && strings.HasPrefix(space, ciiDraft)
}

// ciiForm is where the facts stand in a CrossIndustryInvoice (D16B and later: ZUGFeRD
// 2, Factur-X, XRechnung), by the paths that EN 16931 binds to its terms (CEN/TS
// 16931-3-3), and in the CrossIndustryDocument of ZUGFeRD 1.0 and its draft, in which
// dates have no element of their own.
var ciiForm = func() *xmlNode {
	all := map[string]xmlFact{}
	maps.Copy(all, ciiPaths("ExchangedDocument", "SupplyChainTradeTransaction/ApplicableHeaderTrade", "SpecifiedTradeSettlementHeaderMonetarySummation"))
	maps.Copy(all, ciiPaths("HeaderExchangedDocument", "SpecifiedSupplyChainTradeTransaction/ApplicableSupplyChainTrade", "SpecifiedTradeSettlementMonetarySummation"))
	return form(all)
}()

// ciiPaths are the paths with the names that changed between the versions.
func ciiPaths(document, trade, summation string) map[string]xmlFact {
	agreement, settlement := trade+"Agreement/", trade+"Settlement/"
	summation = settlement + summation + "/"
	return map[string]xmlFact{
		document + "/ID":                           xmlNumber,
		document + "/TypeCode":                     xmlType,
		document + "/IssueDateTime/DateTimeString": xmlDate,
		document + "/IssueDateTime":                xmlDate,
		agreement + "BuyerReference":               xmlBuyerReference,
		agreement + "SellerTradeParty/Name":        xmlSeller,
		agreement + "SellerTradeParty/SpecifiedLegalOrganization/TradingBusinessName":                        xmlSellerTrade,
		agreement + "SellerTradeParty/SpecifiedLegalOrganization/ID":                                         xmlSellerLegalID,
		agreement + "SellerTradeParty/SpecifiedTaxRegistration/ID":                                           xmlSellerRegistration,
		agreement + "BuyerTradeParty/Name":                                                                   xmlBuyer,
		agreement + "BuyerTradeParty/ID":                                                                     xmlBuyerID,
		agreement + "SellerOrderReferencedDocument/IssuerAssignedID":                                         xmlSellerReference,
		agreement + "SellerOrderReferencedDocument/ID":                                                       xmlSellerReference,
		agreement + "BuyerOrderReferencedDocument/IssuerAssignedID":                                          xmlOrder,
		agreement + "BuyerOrderReferencedDocument/ID":                                                        xmlOrder,
		agreement + "ContractReferencedDocument/IssuerAssignedID":                                            xmlContract,
		agreement + "ContractReferencedDocument/ID":                                                          xmlContract,
		agreement + "SpecifiedProcuringProject/ID":                                                           xmlProject,
		settlement + "InvoiceCurrencyCode":                                                                   xmlCurrency,
		settlement + "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID":        xmlBank,
		settlement + "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/ProprietaryID": xmlBank,
		settlement + "BillingSpecifiedPeriod/StartDateTime/DateTimeString":                                   xmlFrom,
		settlement + "BillingSpecifiedPeriod/StartDateTime":                                                  xmlFrom,
		settlement + "BillingSpecifiedPeriod/EndDateTime/DateTimeString":                                     xmlTill,
		settlement + "BillingSpecifiedPeriod/EndDateTime":                                                    xmlTill,
		settlement + "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString":                             xmlDue,
		settlement + "SpecifiedTradePaymentTerms/DueDateDateTime":                                            xmlDue,
		settlement + "SpecifiedTradePaymentTerms/Description":                                                xmlTerms,
		summation + "GrandTotalAmount":                                                                       xmlGrand,
		summation + "DuePayableAmount":                                                                       xmlPayable,
	}
}
