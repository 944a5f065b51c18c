package billing

import (
	"testing"

	"chancery/internal/model"
)

func TestEnvelope(t *testing.T) {
	const invoice = `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>4711</cbc:ID><cbc:IssueDate>2026-03-02</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">99.50</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>`
	const head = `<%StandardBusinessDocumentHeader><%HeaderVersion>1.0</%HeaderVersion><%DocumentIdentification><%Type>Invoice</%Type></%DocumentIdentification></%StandardBusinessDocumentHeader>`
	for _, tt := range []struct{ name, text, code string }{
		{"default", `<?xml version="1.0"?><!-- x --><StandardBusinessDocument xmlns="urn:sbdh">` + fill(head, "") + invoice + "</StandardBusinessDocument>\n", ""},
		{"prefix", `<sh:StandardBusinessDocument xmlns:sh="urn:sbdh">` + fill(head, "sh:") + "\n" + invoice + "</sh:StandardBusinessDocument>", ""},
		{"no end", `<StandardBusinessDocument xmlns="urn:sbdh">` + fill(head, "") + invoice, "xml-broken"},
		{"no header", `<StandardBusinessDocument xmlns="urn:sbdh">` + invoice + "</StandardBusinessDocument>", "xml-broken"},
		{"two", `<StandardBusinessDocument xmlns="urn:sbdh">` + fill(head, "") + invoice + invoice + "</StandardBusinessDocument>", "xml-broken"},
		{"empty", `<StandardBusinessDocument xmlns="urn:sbdh">` + fill(head, "") + "</StandardBusinessDocument>", "xml-broken"},
	} {
		list, code := ReadXMLInvoice([]byte(tt.text))
		if code != tt.code || code == "" && (len(list) != 1 || list[0].Number != "4711" || list[0].Total.String() != "EUR 99.50") {
			t.Errorf("%s: %d bills, code %q", tt.name, len(list), code)
		}
		if k := Kind(model.Attachment{Name: "x.xml", Head: []byte(tt.text)}); k != "xml-invoice" {
			t.Errorf("%s: kind %q", tt.name, k)
		}
	}
}

func fill(s, prefix string) string {
	out := ""
	for _, c := range s {
		if c == '%' {
			out += prefix
			continue
		}
		out += string(c)
	}
	return out
}
