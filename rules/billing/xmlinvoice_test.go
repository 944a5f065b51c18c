package billing

import (
	"fmt"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// written is an invoice as a test writes it. Empty fields are left out.
type written struct {
	root, number, kind, date, due, currency       string
	seller, trade, vat, taxNumber, buyer          string
	order, project, reference, contract, ours     string
	from, till, note, grand, payable, bank, cents string
}

func element(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "<%s>%s</%s>\n", name, xmlEscape.Replace(value), strings.Fields(name)[0])
	}
}

var xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&#60;", ">", "&gt;", `"`, "&quot;")

// ubl prints the invoice with prefixes nobody uses.
func (w written) ubl() string {
	var b strings.Builder
	root := "Invoice"
	if w.root != "" {
		root = w.root
	}
	fmt.Fprintf(&b, "<?xml version='1.0'?>\n<i:%s xmlns:i=%q xmlns:a=%q xmlns:b=\"%sCommonBasicComponents-2\">\n", root, ublSpace+root+"-2", ublSpace+"CommonAggregateComponents-2", ublSpace)
	element(&b, "b:ID", w.number)
	element(&b, "b:IssueDate", w.date)
	element(&b, "b:DueDate", w.due)
	element(&b, "b:"+root+"TypeCode", w.kind)
	element(&b, "b:DocumentCurrencyCode", w.currency)
	element(&b, "b:BuyerReference", w.reference)
	b.WriteString("<a:InvoicePeriod>")
	element(&b, "b:StartDate", w.from)
	element(&b, "b:EndDate", w.till)
	b.WriteString("</a:InvoicePeriod><a:OrderReference>")
	element(&b, "b:ID", w.order)
	element(&b, "b:SalesOrderID", w.ours)
	b.WriteString("</a:OrderReference><a:ContractDocumentReference>")
	element(&b, "b:ID", w.contract)
	b.WriteString("</a:ContractDocumentReference><a:ProjectReference>")
	element(&b, "b:ID", w.project)
	b.WriteString("</a:ProjectReference><a:AccountingSupplierParty><a:Party><a:PartyName>")
	element(&b, "b:Name", w.trade)
	b.WriteString("</a:PartyName>")
	for _, tax := range [][2]string{{w.taxNumber, "FC"}, {w.vat, "VAT"}} {
		b.WriteString("<a:PartyTaxScheme>")
		element(&b, "b:CompanyID", tax[0])
		b.WriteString("<a:TaxScheme><b:ID>" + tax[1] + "</b:ID></a:TaxScheme></a:PartyTaxScheme>")
	}
	b.WriteString("<a:PartyLegalEntity>")
	element(&b, "b:RegistrationName", w.seller)
	b.WriteString("</a:PartyLegalEntity></a:Party></a:AccountingSupplierParty><a:AccountingCustomerParty><a:Party><a:PartyLegalEntity>")
	element(&b, "b:RegistrationName", w.buyer)
	b.WriteString("</a:PartyLegalEntity></a:Party></a:AccountingCustomerParty><a:PaymentMeans><a:PayeeFinancialAccount>")
	element(&b, "b:ID", w.bank)
	b.WriteString("</a:PayeeFinancialAccount></a:PaymentMeans><a:PaymentTerms>")
	element(&b, "b:Note", w.note)
	b.WriteString("</a:PaymentTerms><a:LegalMonetaryTotal>")
	element(&b, `b:TaxInclusiveAmount currencyID="`+w.cents+`"`, w.grand)
	element(&b, `b:PayableAmount currencyID="`+w.cents+`"`, w.payable)
	b.WriteString("</a:LegalMonetaryTotal><a:InvoiceLine><b:ID>line</b:ID></a:InvoiceLine></i:" + root + ">\n")
	return b.String()
}

// cii prints it as a cross industry invoice; in the words of 2012 if old is set.
func (w written) cii(old bool) string {
	doc, tx, trade, sum := "r:ExchangedDocument", "r:SupplyChainTradeTransaction", "m:ApplicableHeaderTrade", "m:SpecifiedTradeSettlementHeaderMonetarySummation"
	root, space, id := "CrossIndustryInvoice", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "m:IssuerAssignedID"
	if old {
		doc, tx, trade, sum = "r:HeaderExchangedDocument", "r:SpecifiedSupplyChainTradeTransaction", "m:ApplicableSupplyChainTrade", "m:SpecifiedTradeSettlementMonetarySummation"
		root, space, id = "CrossIndustryDocument", "urn:ferd:CrossIndustryDocument:invoice:1p0", "m:ID"
	}
	var b strings.Builder
	day := func(name, d string) {
		if d != "" {
			b.WriteString("<" + name + `><u:DateTimeString format="102">` + strings.ReplaceAll(d, "-", "") + "</u:DateTimeString></" + name + ">")
		}
	}
	fmt.Fprintf(&b, "<r:%s xmlns:r=%q xmlns:m=\"urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100\" xmlns:u=\"urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100\">\n<%s>", root, space, doc)
	element(&b, "m:ID", w.number)
	element(&b, "m:TypeCode", w.kind)
	day("m:IssueDateTime", w.date)
	b.WriteString("</" + doc + "><" + tx + "><" + trade + "Agreement>")
	element(&b, "m:BuyerReference", w.reference)
	b.WriteString("<m:SellerTradeParty>")
	element(&b, "m:Name", w.seller)
	b.WriteString("<m:SpecifiedLegalOrganization>")
	element(&b, "m:TradingBusinessName", w.trade)
	b.WriteString("</m:SpecifiedLegalOrganization><m:SpecifiedTaxRegistration>")
	element(&b, `m:ID schemeID="FC"`, w.taxNumber)
	b.WriteString("</m:SpecifiedTaxRegistration><m:SpecifiedTaxRegistration>")
	element(&b, `m:ID schemeID="VA"`, w.vat)
	b.WriteString("</m:SpecifiedTaxRegistration></m:SellerTradeParty><m:BuyerTradeParty>")
	element(&b, "m:Name", w.buyer)
	b.WriteString("</m:BuyerTradeParty>")
	for _, ref := range [][2]string{{"SellerOrder", w.ours}, {"BuyerOrder", w.order}, {"Contract", w.contract}} {
		b.WriteString("<m:" + ref[0] + "ReferencedDocument>")
		element(&b, id, ref[1])
		b.WriteString("</m:" + ref[0] + "ReferencedDocument>")
	}
	b.WriteString("<m:SpecifiedProcuringProject>")
	element(&b, "m:ID", w.project)
	b.WriteString("</m:SpecifiedProcuringProject></" + trade + "Agreement><" + trade + "Settlement>")
	element(&b, "m:InvoiceCurrencyCode", w.currency)
	b.WriteString("<m:SpecifiedTradeSettlementPaymentMeans><m:PayeePartyCreditorFinancialAccount>")
	element(&b, "m:IBANID", w.bank)
	b.WriteString("</m:PayeePartyCreditorFinancialAccount></m:SpecifiedTradeSettlementPaymentMeans><m:BillingSpecifiedPeriod>")
	day("m:StartDateTime", w.from)
	day("m:EndDateTime", w.till)
	b.WriteString("</m:BillingSpecifiedPeriod><m:SpecifiedTradePaymentTerms>")
	element(&b, "m:Description", w.note)
	day("m:DueDateDateTime", w.due)
	b.WriteString("</m:SpecifiedTradePaymentTerms><" + sum + ">")
	element(&b, "m:GrandTotalAmount", w.grand)
	element(&b, "m:DuePayableAmount", w.payable)
	b.WriteString("</" + sum + "></" + trade + "Settlement></" + tx + "></r:" + root + ">")
	return b.String()
}

func dayOf(s string) time.Time {
	t, _ := time.Parse("2006-01-02", s)
	return t
}

// facts is what must be read of it, without places.
func (w written) facts() Bill {
	b := Bill{
		Number: w.number, Vendor: w.seller, VendorID: w.vat, Client: w.buyer, Matter: w.project, LawFirm: w.ours,
		Date: dayOf(w.date), Due: dayOf(w.due), From: dayOf(w.from), Till: dayOf(w.till), Bank: []string{w.bank},
	}
	minor, _ := xmlDecimal(w.payable, exponent(w.currency))
	if creditTypes[w.kind] && minor > 0 {
		minor = -minor
	}
	b.Total = Money{Minor: minor, Currency: w.currency}
	return b
}

// What is printed as an invoice of any of the three forms is read as the same bill.
func TestXMLInvoiceReadsWhatIsPrinted(t *testing.T) {
	r := rand.New(rand.NewSource(6))
	pick := func(s ...string) string { return s[r.Intn(len(s))] }
	day := func() string {
		return time.Date(2020+r.Intn(10), 1, r.Intn(365), 0, 0, 0, 0, time.UTC).Format("2006-01-02")
	}
	for range 500 {
		w := written{
			number: pick("RE-", "2026/", "<&>\" ") + fmt.Sprint(r.Intn(1e6)), kind: pick("380", "381", "384", "326", "389"),
			date: day(), due: day(), from: day(), till: day(), currency: pick("EUR", "USD", "JPY", "KWD"),
			seller: pick("Kanzlei Öztürk & Söhne", "A < B LLP"), trade: "Trade", vat: fmt.Sprintf("DE%09d", r.Intn(1e9)), taxNumber: "22/815",
			buyer: "Buyer plc", order: "PO 1", project: "10042.0070", reference: "04011000-12345-34", contract: "C1", ours: "M-7", bank: fmt.Sprintf("DE%020d", r.Int63n(1e18)),
			payable: fmt.Sprintf("%d.%02d", r.Intn(2e6)-1e6, r.Intn(100)), grand: "1",
		}
		if w.currency == "JPY" {
			w.payable = fmt.Sprint(1 + r.Intn(1e6))
		}
		w.cents = w.currency
		for name, text := range map[string]string{"ubl": w.ubl(), "cii": w.cii(false), "zugferd 1": w.cii(true)} {
			bills, code := ReadXMLInvoice([]byte(text))
			if len(bills) != 1 || code != "" {
				t.Fatalf("%s: %d bills, code %q:\n%s", name, len(bills), code, text)
			}
			got := bills[0]
			got.Where = nil
			if want := w.facts(); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s:\ngot  %+v\nwant %+v\n%s", name, got, want, text)
			}
		}
	}
}

func TestXMLInvoiceTotals(t *testing.T) {
	for name, tt := range map[string]struct {
		kind, grand, payable string
		total                int64
		due                  bool
		code                 string
	}{
		"plain":                    {"380", "119.00", "119.00", 11900, true, ""},
		"partly prepaid":           {"380", "119.00", "19.00", 1900, true, ""},
		"paid in full":             {"380", "119.00", "0.00", 11900, false, ""},
		"nothing to pay":           {"380", "0", "0", 0, true, ""},
		"credit note":              {"381", "119.00", "119.00", -11900, true, ""},
		"credit note with a sign":  {"381", "-119.00", "-119.00", -11900, true, ""},
		"correction":               {"384", "-8.79", "-8.79", -879, true, ""},
		"no amount due is told":    {"380", "119.00", "", 11900, true, ""},
		"no amount at all":         {"380", "", "", 0, true, "xml-amount"},
		"more than cents":          {"380", "", "1.005", 101, true, ""},
		"no number":                {"380", "", "1,50", 0, true, "xml-amount"},
		"endless":                  {"380", "", strings.Repeat("9", 5000), 0, true, "xml-amount"},
		"too large for an int":     {"380", "", "92233720368547758080", 0, true, "xml-amount"},
		"hexadecimal":              {"380", "", "0x10", 0, true, "xml-amount"},
		"an order":                 {"220", "1", "1", 100, true, "xml-type"},
		"digits that are not ours": {"380", "", "١٢", 0, true, "xml-amount"},
	} {
		w := written{number: "1", date: "2026-11-23", due: "2026-12-23", currency: "EUR", cents: "EUR", kind: tt.kind, grand: tt.grand, payable: tt.payable}
		for form, text := range map[string]string{"ubl": w.ubl(), "cii": w.cii(false)} {
			bills, code := ReadXMLInvoice([]byte(text))
			if len(bills) != 1 || code != tt.code {
				t.Errorf("%s %s: %d bills, code %q", name, form, len(bills), code)
				continue
			}
			if b := bills[0]; b.Total.Minor != tt.total || b.Due.IsZero() == tt.due {
				t.Errorf("%s %s: %v, due %v", name, form, b.Total, b.Due)
			}
		}
	}
	w := written{root: "CreditNote", number: "1", currency: "EUR", cents: "EUR", payable: "5", date: "2026-11-23"}
	if bills, code := ReadXMLInvoice([]byte(w.ubl())); len(bills) != 1 || code != "" || bills[0].Total.Minor != -500 {
		t.Errorf("credit note: %v, code %q", bills, code)
	}
	w = written{number: "1", currency: "EUR", cents: "USD", payable: "5", date: "2026-11-23"}
	if bills, code := ReadXMLInvoice([]byte(w.ubl())); len(bills) != 1 || code != "xml-currency" || bills[0].Total.Currency != "USD" {
		t.Errorf("other currency: %v, code %q", bills, code)
	}
}

func TestXMLInvoiceTerms(t *testing.T) {
	date := dayOf("2026-11-01")
	for note, want := range map[string]struct {
		days int
		due  string
	}{
		"Zahlbar innerhalb 30 Tagen netto bis 04.12.2026, 3% Skonto innerhalb 10 Tagen bis 15.11.2026": {30, "2026-12-04"},
		"3 % Skonto bis 11.11.2026, 30 Tage netto":                                                     {30, "2026-12-01"},
		"Payable within 14 days":            {14, "2026-11-15"},
		"Net 45":                            {45, "2026-12-16"},
		"Paiement sous 60 jours":            {60, "2026-12-31"},
		"Zahlbar sofort rein netto":         {0, "2026-11-01"},
		"Zahlbar ohne Abzug bis 22.12.2026": {0, "2026-12-22"},
		"#SKONTO#TAGE=14#PROZENT=2.25#":     {0, ""},
		"2 % Skonto innerhalb 10 Tagen":     {0, ""},
		"Order 30 days ago":                 {0, ""},
		"Net 9999":                          {0, ""},
		"Zahlbar bis 31.02.2026":            {0, ""},
		"Zahlbar innerhalb 30 Tagen netto" + strings.Repeat(" und so fort", 99): {0, ""},
	} {
		days, due, ok := netTerms(note, date)
		if days != want.days || !due.Equal(dayOf(want.due)) || ok != (want.days > 0 || want.due != "") {
			t.Errorf("%.40q: %d days, due %s, %v", note, days, due.Format("2006-01-02"), ok)
		}
	}
}

func TestXMLInvoiceCharsets(t *testing.T) {
	w := written{number: "1", currency: "EUR", cents: "EUR", payable: "5", date: "2026-11-23", seller: "Müller"}
	plain := strings.TrimPrefix(w.ubl(), "<?xml version='1.0'?>\n")
	declared := func(enc string) string { return `<?xml version="1.0" encoding="` + enc + `"?>` + plain }
	wide := func(s string, big bool) string {
		var b []byte
		for _, c := range utf16.Encode([]rune(s)) {
			if big {
				b = append(b, byte(c>>8), byte(c))
			} else {
				b = append(b, byte(c), byte(c>>8))
			}
		}
		return string(b)
	}
	latin := strings.ReplaceAll(plain, "ü", "\xfc")
	for name, tt := range map[string]struct{ text, seller, code string }{
		"utf-8":                    {declared("UTF-8"), "Müller", ""},
		"nothing said":             {plain, "Müller", ""},
		"byte order mark":          {"\xef\xbb\xbf" + declared("utf-8"), "Müller", ""},
		"utf-16 with mark":         {"\xff\xfe" + wide(declared("UTF-16"), false), "Müller", ""},
		"utf-16 big":               {"\xfe\xff" + wide(declared("UTF-16"), true), "Müller", ""},
		"utf-16 without mark":      {wide(declared("UTF-16LE"), false), "Müller", ""},
		"utf-16 big without mark":  {wide(declared("UTF-16BE"), true), "Müller", ""},
		"utf-16 that is not":       {declared("utf-16"), "Müller", ""},
		"latin 1":                  {`<?xml version="1.0" encoding="ISO-8859-1"?>` + latin, "Müller", ""},
		"windows":                  {`<?xml version="1.0" encoding='windows-1252'?>` + latin, "Müller", ""},
		"latin 1 that says utf-8":  {`<?xml version="1.0" encoding="UTF-8"?>` + latin, "Müller", "xml-charset"},
		"unknown":                  {declared("x-nothing"), "Müller", "xml-charset"},
		"an encoding without end":  {`<?xml version="1.0" encoding="` + plain, "", "xml-broken"},
		"characters by their code": {strings.ReplaceAll(plain, "ü", "&#xFC;"), "Müller", ""},
		"marked as no markup":      {strings.ReplaceAll(plain, "Müller", "<![CDATA[Mü]]>ller"), "Müller", ""},
	} {
		bills, code := ReadXMLInvoice([]byte(tt.text))
		if code != tt.code || tt.seller != "" && (len(bills) != 1 || bills[0].Vendor != tt.seller || bills[0].Total.Minor != 500) {
			t.Errorf("%s: code %q, %+v", name, code, bills)
		}
	}
}

func TestXMLInvoiceHostile(t *testing.T) {
	good := written{number: "1", currency: "EUR", cents: "EUR", payable: "5", date: "2026-11-23"}.ubl()
	body := strings.TrimPrefix(good, "<?xml version='1.0'?>\n")
	inside := func(s string) string { return strings.Replace(body, "<a:InvoiceLine>", s+"<a:InvoiceLine>", 1) }
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, " a%d='1'", i)
	}
	for name, tt := range map[string]struct{ text, code string }{
		"empty":               {"", "xml-broken"},
		"prose":               {"Dear all", "xml-broken"},
		"other":               {"<html></html>", "xml-kind"},
		"other namespace":     {"<Invoice xmlns='urn:example'><ID>1</ID></Invoice>", "xml-kind"},
		"no namespace":        {"<Invoice><ID>1</ID></Invoice>", "xml-kind"},
		"bomb":                {`<!DOCTYPE Invoice [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + strings.Replace(body, ">1<", ">&b;<", 1), "xml-doctype"},
		"outside entity":      {`<!DOCTYPE Invoice [<!ENTITY a SYSTEM "file:///x">]>` + body, "xml-doctype"},
		"undefined entity":    {strings.Replace(body, ">1<", ">&xxe;<", 1), "xml-entity"},
		"half an entity":      {strings.Replace(body, ">1<", ">&amp<", 1), "xml-entity"},
		"character zero":      {strings.Replace(body, ">1<", ">&#0;<", 1), "xml-entity"},
		"cut":                 {body[:len(body)/2], "xml-broken"},
		"crossed":             {inside("<x><y></x></y>"), "xml-broken"},
		"twice":               {body + body, "xml-broken"},
		"words behind":        {body + "x", "xml-broken"},
		"deep":                {inside(strings.Repeat("<x>", 1000) + strings.Repeat("</x>", 1000)), "xml-limit"},
		"many attributes":     {inside("<x" + many.String() + "/>"), "xml-limit"},
		"attribute twice":     {inside("<x a='1' a='2'/>"), "xml-broken"},
		"attribute unquoted":  {inside("<x a=1/>"), "xml-broken"},
		"attribute open":      {inside("<x a='1/>"), "xml-broken"},
		"long attribute":      {inside("<x a='" + strings.Repeat("x", 1<<20) + "'/>"), "xml-limit"},
		"long name":           {inside("<" + strings.Repeat("x", 1<<20) + "/>"), "xml-limit"},
		"many namespaces":     {inside(nested(150)), "xml-limit"},
		"remark open":         {inside("<!-- "), "xml-broken"},
		"number twice":        {strings.Replace(body, "<b:ID>1</b:ID>", "<b:ID>1</b:ID><b:ID>2</b:ID>", 1), "xml-twice"},
		"long number":         {strings.Replace(body, ">1<", ">"+strings.Repeat("1", 300)+"<", 1), "xml-number"},
		"another's elements":  {inside("<b:ID xmlns:b='urn:example'>2</b:ID>"), ""},
		"extension":           {inside("<e:UBLExtensions xmlns:e='" + ublSpace + "CommonExtensionComponents-2'><b:ID>2</b:ID></e:UBLExtensions>"), ""},
		"hidden in a remark":  {inside("<!--<b:ID>2</b:ID>-->"), ""},
		"other default space": {inside("<ID xmlns='urn:example'><ID>2</ID></ID>"), ""},
		"bad date":            {strings.Replace(body, "2026-11-23", "2026-13-23", 1), "xml-date"},
		"date of no time":     {strings.Replace(body, "2026-11-23", "0001-01-01", 1), "xml-date"},
		"large":               {strings.Repeat(" ", maxXML) + body, "xml-limit"},
	} {
		bills, code := ReadXMLInvoice([]byte(tt.text))
		if code != tt.code {
			t.Errorf("%s: code %q, want %q", name, code, tt.code)
		}
		if tt.code != "" && XMLCodes[tt.code] == "" {
			t.Errorf("%s: %q has no meaning", name, tt.code)
		}
		if len(bills) > 0 && bills[0].Number != "1" && tt.code != "xml-number" {
			t.Errorf("%s: number %q", name, bills[0].Number)
		}
	}
	bills, _ := ReadXMLInvoice([]byte(good))
	if w := bills[0].Where["number"]; w != (Place{Zone: "file", Line: 3, Word: "ID"}) {
		t.Errorf("place %+v", w)
	}
}

// nested are elements within elements, each with a namespace of its own.
func nested(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<x xmlns:n%d='u' xmlns:m%d='u'>", i, i)
	}
	return b.String() + strings.Repeat("</x>", n)
}

// What an attacker makes dear costs no more than reading as many octets.
func TestXMLInvoiceIsLinear(t *testing.T) {
	good := written{number: "1", currency: "EUR", cents: "EUR", payable: "5", date: "2026-11-23"}.ubl()
	for name, piece := range map[string]string{
		"numbers": "<b:ID>1</b:ID>", "entities": "<b:ID>" + strings.Repeat("&lt;", 500) + "</b:ID>", "remarks": "<!---->", "marked": "<b:ID><![CDATA[1]]></b:ID>",
		"elements": "<x/>", "attributes": "<b:ID" + attributesOf(60) + ">1</b:ID>", "namespaces": "<b:ID" + strings.ReplaceAll(attributesOf(60), " a", " xmlns:a") + ">1</b:ID>",
		"dates": "<b:DueDate>2026-11-23</b:DueDate>", "notes": "<a:PaymentTerms><b:Note>net 30</b:Note></a:PaymentTerms>",
	} {
		data := []byte(strings.Replace(good, "<a:InvoiceLine>", strings.Repeat(piece, (8<<20)/len(piece))+"<a:InvoiceLine>", 1))
		start := time.Now()
		bills, _ := ReadXMLInvoice(data)
		if t.Logf("%s: %v", name, time.Since(start).Round(time.Millisecond)); len(bills) != 1 || bills[0].Number != "1" {
			t.Errorf("%s: %d bills", name, len(bills))
		}
	}
}

func attributesOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d='1'", i)
	}
	return b.String()
}

func FuzzXMLInvoice(f *testing.F) {
	w := written{number: "1", kind: "380", currency: "EUR", cents: "EUR", payable: "5", date: "2026-11-23", note: "net 30", vat: "DE1", bank: "DE1"}
	f.Add([]byte(w.ubl()))
	f.Add([]byte(w.cii(false)))
	f.Add([]byte(w.cii(true)))
	f.Add([]byte("\xff\xfe<\x00a\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		bills, code := ReadXMLInvoice(b)
		if code != "" && XMLCodes[code] == "" {
			t.Errorf("code %q", code)
		}
		if len(bills) > 1 || len(bills) == 0 && code == "" {
			t.Errorf("%d bills without a code", len(bills))
		}
		for _, b := range bills {
			if len(b.Number) > 200 || len(b.Bank) > maxXMLBanks || b.Number == "" && b.Total.IsZero() {
				t.Errorf("a bill of nothing, or too much: %+v", b)
			}
		}
	})
}

func BenchmarkReadXMLInvoice(b *testing.B) {
	w := written{number: "1", kind: "380", currency: "EUR", cents: "EUR", payable: "5", date: "2026-11-23", note: "net 30", vat: "DE1", bank: "DE1"}
	line := "<a:InvoiceLine><b:ID>1</b:ID><b:LineExtensionAmount currencyID=\"EUR\">1.00</b:LineExtensionAmount></a:InvoiceLine>\n"
	for _, size := range []int{10 << 10, 1 << 20, 8 << 20} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			data := []byte(strings.Replace(w.ubl(), "<a:InvoiceLine>", strings.Repeat(line, size/len(line))+"<a:InvoiceLine>", 1))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if bills, _ := ReadXMLInvoice(data); len(bills) != 1 {
					b.Fatal("nothing was read")
				}
			}
		})
	}
}
