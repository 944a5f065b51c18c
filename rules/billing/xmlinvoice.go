package billing

import (
	"slices"
	"strings"
	"time"
)

const (
	maxXML      = 16 << 20 // octets of one document
	maxXMLBanks = 20
	maxXMLNotes = 20
)

// XMLCodes holds every code that ReadXMLInvoice returns, with its meaning in one line.
var XMLCodes = map[string]string{
	"xml-kind":     "XML, but no invoice of UBL 2 or of the cross industry invoice",
	"xml-broken":   "not well-formed, or its end is missing: nothing of it is used",
	"xml-doctype":  "it has a DOCTYPE, as no invoice has: nothing of it is used",
	"xml-entity":   "an entity that only a DOCTYPE could define: nothing of it is used",
	"xml-limit":    "larger or deeper than any honest invoice: nothing of it is used",
	"xml-charset":  "octets that are not of the charset it claims: read as Windows-1252",
	"xml-number":   "no invoice number, or none of at most 200 octets",
	"xml-amount":   "no amount that is to be paid, or none that can be read",
	"xml-date":     "a date that cannot be read",
	"xml-currency": "no currency, or an amount in another than that of the invoice",
	"xml-twice":    "a fact that can stand there once stands there twice: the first counts",
	"xml-type":     "no invoice and no credit note by its type code",
}

// xmlFact is what an element says.
type xmlFact uint8

const (
	xmlNumber        xmlFact = iota + 1 // BT-1 of EN 16931-1 section 6.3, as the others
	xmlType                             // BT-3
	xmlDate                             // BT-2
	xmlDue                              // BT-9
	xmlCurrency                         // BT-5
	xmlFrom                             // BT-73
	xmlTill                             // BT-74
	xmlGrand                            // BT-112
	xmlPayable                          // BT-115
	xmlSeller                           // BT-27
	xmlSellerTrade                      // BT-28
	xmlSellerLegalID                    // BT-30
	xmlSellerTax                        // BT-31 or BT-32, told apart by what follows
	xmlSellerTaxScheme
	xmlSellerRegistration // BT-31 or BT-32, told apart by its attribute
	xmlSellerVAT          // BT-31
	xmlSellerFC           // BT-32
	xmlBuyer              // BT-44
	xmlBuyerTrade         // BT-45
	xmlBuyerID            // BT-46
	xmlBuyerReference     // BT-10
	xmlProject            // BT-11
	xmlContract           // BT-12
	xmlOrder              // BT-13
	xmlSellerReference    // BT-14
	xmlTender             // BT-17
	xmlBank               // BT-84
	xmlTerms              // BT-20
	xmlFacts
)

// xmlOnce are the facts that one invoice has once.
var xmlOnce = []xmlFact{xmlNumber, xmlType, xmlDate, xmlCurrency, xmlGrand, xmlPayable}

// ReadXMLInvoice reads an electronic invoice: Invoice and CreditNote of UBL 2, and the
// cross industry invoice of UN/CEFACT, which ZUGFeRD 1 and 2, Factur-X and XRechnung
// are. It returns one bill, or none, and a code of XMLCodes, "" if nothing is wrong.
// Beside a code there may be a bill, with what could be read.
//
// Total is the amount due for payment (BT-115): what was paid before is not in it. Of
// an invoice that was paid in full, so that nothing is due, it is the whole amount
// (BT-112), and there is no due date. Of a credit note it is negative, however its
// writer sees that. The due date is that of the invoice, the first of several, else
// what its terms say; see the function netTerms. Where names each fact: "number", "type",
// "total", "date", "due", "terms", "from", "till", "vendor", "vendor-id", "client",
// "matter", "lawfirm", "bank"; its Word is the element, of "type" with the code.
func ReadXMLInvoice(data []byte) ([]Bill, string) {
	if len(data) > maxXML {
		return nil, "xml-limit"
	}
	s, sure := xmlText(data)
	v := xmlInvoice{}
	x := xmlReader{s: s, take: v.take}
	x.root = func(space, name string) *xmlNode {
		switch {
		case ublRoot(name) && isUBL(space):
			v.credit = name == "CreditNote"
			x.foreign = func(s string) bool { return !isUBL(s) }
			return ublForm
		case ciiRoot(space, name) && isCII(space):
			bare := strings.HasPrefix(space, ciiDraft)
			x.foreign = func(s string) bool { return !isCII(s) && !(bare && s == "") }
			return ciiForm
		}
		return nil
	}
	x.run()
	if x.code != "" {
		return nil, x.code
	}
	b := v.bill()
	if !sure {
		v.problem("xml-charset")
	}
	if b.Number == "" && b.Total.IsZero() {
		return nil, v.code
	}
	return []Bill{b}, v.code
}

// xmlInvoice is what was read of one invoice.
type xmlInvoice struct {
	facts  [xmlFacts]xmlValue
	tax    xmlValue // waits for its scheme
	due    []xmlValue
	banks  []xmlValue
	terms  []xmlValue
	credit bool
	code   string
}

func (v *xmlInvoice) problem(code string) {
	if v.code == "" {
		v.code = code
	}
}

// take notes one fact; of several the first.
func (v *xmlInvoice) take(f xmlFact, val xmlValue) {
	if val.text == "" || len(val.text) > maxXMLText {
		return
	}
	switch f {
	case xmlDue:
		v.due = appendSome(v.due, val)
		return
	case xmlBank:
		v.banks = appendSome(v.banks, val)
		return
	case xmlTerms:
		v.terms = appendSome(v.terms, val)
		return
	case xmlSellerTax:
		v.tax = val
		f = xmlSellerFC
		if v.facts[f].text != "" {
			return
		}
	case xmlSellerTaxScheme:
		if val.text != "VAT" || v.tax.text == "" {
			return
		}
		if v.facts[xmlSellerFC] == v.tax {
			v.facts[xmlSellerFC] = xmlValue{}
		}
		f, val = xmlSellerVAT, v.tax
	case xmlSellerRegistration:
		if f = xmlSellerFC; val.scheme == "VA" {
			f = xmlSellerVAT
		}
	}
	switch old := v.facts[f]; {
	case old.text == "":
		v.facts[f] = val
	case slices.Contains(xmlOnce, f) && old.text != val.text:
		v.problem("xml-twice")
	}
}

func appendSome(list []xmlValue, v xmlValue) []xmlValue {
	if len(list) == max(maxXMLBanks, maxXMLNotes) {
		return list
	}
	return append(list, v)
}

// bill makes a bill of the facts.
func (v *xmlInvoice) bill() Bill {
	b := Bill{Where: map[string]Place{}}
	if n := v.facts[xmlNumber]; n.text == "" || len(n.text) > 200 {
		v.problem("xml-number")
	} else {
		v.put(&b, "number", &b.Number, xmlNumber)
	}
	v.put(&b, "vendor", &b.Vendor, xmlSeller, xmlSellerTrade)
	v.put(&b, "vendor-id", &b.VendorID, xmlSellerVAT, xmlSellerFC, xmlSellerLegalID)
	v.put(&b, "client", &b.Client, xmlBuyer, xmlBuyerTrade, xmlBuyerID)
	v.put(&b, "matter", &b.Matter, xmlProject, xmlOrder, xmlBuyerReference, xmlContract, xmlTender)
	v.put(&b, "lawfirm", &b.LawFirm, xmlSellerReference)
	for _, bank := range v.banks {
		if n := accountNumber(bank.text); !slices.Contains(b.Bank, n) {
			b.Bank = append(b.Bank, n)
		}
	}
	if len(v.banks) > 0 {
		b.Where["bank"] = placeOf(v.banks[0])
	}
	b.Date = v.day(&b, "date", v.facts[xmlDate])
	b.From = v.day(&b, "from", v.facts[xmlFrom])
	b.Till = v.day(&b, "till", v.facts[xmlTill])
	paid := v.total(&b)
	v.duties(&b, paid)
	return b
}

// put takes the first of some facts.
func (v *xmlInvoice) put(b *Bill, name string, to *string, facts ...xmlFact) {
	for _, f := range facts {
		if val := v.facts[f]; val.text != "" {
			*to, b.Where[name] = val.text, placeOf(val)
			return
		}
	}
}

func placeOf(v xmlValue) Place { return Place{Zone: "file", Line: v.line, Word: v.name} }

// total reads what is to be paid; it reports that the invoice was paid in full.
func (v *xmlInvoice) total(b *Bill) (paid bool) {
	kind := v.facts[xmlType]
	if kind.text != "" {
		b.Where["type"] = Place{Zone: "file", Line: kind.line, Word: kind.name + " " + kind.text[:min(len(kind.text), 10)]}
		if !invoiceTypes[kind.text] && !creditTypes[kind.text] {
			v.problem("xml-type")
		}
	}
	payable, ok := v.amount(xmlPayable)
	grand, whole := v.amount(xmlGrand)
	at := v.facts[xmlPayable]
	if whole && (!ok || payable.Minor == 0 && grand.Minor != 0) {
		paid = ok
		payable, at, ok = grand, v.facts[xmlGrand], true
	}
	if !ok {
		v.problem("xml-amount")
		return false
	}
	if (v.credit || creditTypes[kind.text]) && payable.Minor > 0 {
		payable.Minor = -payable.Minor
	}
	b.Total, b.Where["total"] = payable, placeOf(at)
	return paid
}

// amount reads one amount in the currency of the invoice, or in its own.
func (v *xmlInvoice) amount(f xmlFact) (Money, bool) {
	val := v.facts[f]
	if val.text == "" {
		return Money{}, false
	}
	code := v.facts[xmlCurrency].text
	if val.scheme != "" && val.scheme != code {
		if code != "" {
			v.problem("xml-currency")
		}
		code = val.scheme
	}
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		v.problem("xml-currency")
		code = ""
	}
	minor, ok := xmlDecimal(val.text, exponent(code))
	if !ok {
		v.problem("xml-amount")
		return Money{}, false
	}
	return Money{Minor: minor, Currency: code}, true
}

// xmlDecimal reads a decimal number (XML Schema part 2 section 3.2.3) in minor units;
// half of one is rounded away from zero.
func xmlDecimal(s string, decimals int) (int64, bool) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	whole, part, _ := strings.Cut(s, ".")
	if whole == "" && part == "" || len(s) > 100 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	up := len(part) > decimals && part[decimals] >= '5'
	part = (part + "0000")[:decimals]
	whole = strings.TrimLeft(whole, "0")
	if len(whole)+decimals > 17 {
		return 0, false
	}
	var n int64
	for _, c := range whole + part {
		n = n*10 + int64(c-'0')
	}
	if up {
		n++
	}
	if neg {
		n = -n
	}
	return n, true
}

// invoiceTypes and creditTypes are codes of UNTDID 1001 that are invoices and credit
// notes by EN 16931-1 section 6.3.
var (
	invoiceTypes = typeCodes("71 80 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 389 390 393 394 395 456 457 471 500 501 502 503 527 553 575 623 633 751 780 817 870 875 876 877 935")
	creditTypes  = typeCodes("81 83 261 262 296 308 381 396 420 458 472 473 532")
)

func typeCodes(s string) map[string]bool {
	m := map[string]bool{}
	for c := range strings.FieldsSeq(s) {
		m[c] = true
	}
	return m
}

// day reads a date: of UBL "2026-11-23" with or without a zone, of a cross industry
// invoice by its format (UNTDID 2379): 102 is "20261123".
func (v *xmlInvoice) day(b *Bill, name string, val xmlValue) time.Time {
	if val.text == "" {
		return time.Time{}
	}
	t, ok := xmlDay(val.text, val.scheme)
	if !ok {
		v.problem("xml-date")
		return time.Time{}
	}
	b.Where[name] = placeOf(val)
	return t
}

func xmlDay(s, format string) (time.Time, bool) {
	layout, n := "20060102", 8
	switch {
	case strings.Contains(s, "-"):
		layout, n = "2006-01-02", 10
	case format == "101":
		layout, n = "060102", 6
	}
	if len(s) < n {
		return time.Time{}, false
	}
	t, err := time.Parse(layout, s[:n])
	return t, err == nil && t.Year() >= 1950 && t.Year() <= 2150
}

// accountNumber brings an account number to how it is compared.
func accountNumber(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}
