package main

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// pdfOf is a small PDF with a text layer, one page for each text; its content is
// compressed as programs do it (ISO 32000-1 section 7.5).
func pdfOf(pages ...string) []byte { return pdfHolding("", "", pages...) }

// pdfHolding is pdfOf with a file inside, as Factur-X has it (ISO 32000-1 section
// 7.11.4); without a name there is none.
func pdfHolding(name, data string, pages ...string) []byte {
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 4+2*i))
	}
	names, file := "", 4+2*len(pages)
	if name != "" {
		names = fmt.Sprintf(" /Names << /EmbeddedFiles << /Names [(%s) %d 0 R] >> >>", name, file)
	}
	object("<< /Type /Catalog /Pages 2 0 R" + names + " >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(pages)))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	for i, text := range pages {
		var c strings.Builder
		c.WriteString("BT /F1 10 Tf 14 TL 50 780 Td\n")
		for line := range strings.Lines(text) {
			line = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "€", "\x80", "é", "\xe9", "ü", "\xfc", "ä", "\xe4", "°", "\xb0").Replace(strings.TrimSuffix(line, "\n"))
			// What stands in columns is shown as strings of their own.
			for k, cell := range strings.Split(line, "\t") {
				if k > 0 {
					fmt.Fprintf(&c, "150 0 Td (%s) Tj\n", cell)
					continue
				}
				fmt.Fprintf(&c, "(%s) Tj\n", cell)
			}
			fmt.Fprintf(&c, "%d -14 Td\n", -150*strings.Count(line, "\t"))
		}
		c.WriteString("ET")
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, _ = w.Write([]byte(c.String()))
		_ = w.Close()
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>", 5+2*i))
		object(fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", z.Len(), z.String()))
	}
	if name != "" {
		object(fmt.Sprintf("<< /Type /Filespec /F (%s) /UF (%[1]s) /AFRelationship /Alternative /EF << /F %d 0 R >> >>", name, file+1))
		object(fmt.Sprintf("<< /Type /EmbeddedFile /Subtype /text#2Fxml /Length %d >>\nstream\n%s\nendstream", len(data), data))
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

func pdfFile(name string, pages ...string) billFile {
	return billFile{name, "application/pdf", pdfOf(pages...)}
}

// zipOf is an archive of name, content, name, content.
func zipOf(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			panic(err) // of a test's own table
		}
	}
	_ = w.Close()
	return b.Bytes()
}

func zipFile(name string, files ...string) billFile {
	return billFile{name, "application/zip", zipOf(files...)}
}

// xlsxOf is a workbook of one sheet with shared strings (ISO/IEC 29500-1 section
// 18.4); a cell that begins with "=" is the number behind it.
func xlsxOf(rows ...[]string) []byte {
	var shared, sheet strings.Builder
	n := 0
	for i, row := range rows {
		fmt.Fprintf(&sheet, `<row r="%d">`, i+1)
		for k, cell := range row {
			at := fmt.Sprintf("%c%d", 'A'+k, i+1)
			if num, ok := strings.CutPrefix(cell, "="); ok {
				fmt.Fprintf(&sheet, `<c r="%s"><v>%s</v></c>`, at, num)
				continue
			}
			fmt.Fprintf(&shared, "<si><t>%s</t></si>", cell)
			fmt.Fprintf(&sheet, `<c r="%s" t="s"><v>%d</v></c>`, at, n)
			n++
		}
		sheet.WriteString("</row>")
	}
	const top, ns = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`, `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	return zipOf(
		"[Content_Types].xml", top+`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
		"_rels/.rels", top+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", top+`<workbook `+ns+` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Statement" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", top+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", top+`<worksheet `+ns+`><sheetData>`+sheet.String()+`</sheetData></worksheet>`,
		"xl/sharedStrings.xml", top+fmt.Sprintf(`<sst %s count="%d" uniqueCount="%d">`, ns, n, n)+shared.String()+`</sst>`)
}

const ledesHead = "LEDES1998B[]\r\nINVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]\r\n"

// ledesInvoice are the lines of one invoice: hours of one timekeeper at 400.00.
func ledesInvoice(number, matter, total string, hours ...string) string {
	var b strings.Builder
	for i, h := range hours {
		var n float64
		_, _ = fmt.Sscanf(h, "%g", &n)
		fmt.Fprintf(&b, "20260227|%s|ACME|HF-7|%s|20260201|20260228|February services|%d|F|%s||%.2f|202602%02d|L120||A103|KB|Draft of a motion|24-6437381|400.00|Brandt, Kit|PARTNR|%s[]\r\n",
			number, total, i+1, h, n*400, 3+i%20, matter)
	}
	return b.String()
}

// ublOf is a UBL 2.1 invoice (OASIS UBL 2.1 section 3.2).
func ublOf(root, number, date, due, currency, amount, buyerRef, iban string) string {
	inner := fmt.Sprintf(`<cbc:ID>%s</cbc:ID><cbc:IssueDate>%s</cbc:IssueDate>`, number, date)
	if due != "" {
		inner += `<cbc:DueDate>` + due + `</cbc:DueDate>`
	}
	inner += fmt.Sprintf(`<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>%s</cbc:DocumentCurrencyCode><cbc:BuyerReference>%s</cbc:BuyerReference>
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Weber Gutachten GmbH</cbc:Name></cac:PartyName><cac:PartyTaxScheme><cbc:CompanyID>DE811193231</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>
<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>%s</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="%s">1.00</cbc:LineExtensionAmount><cbc:PayableAmount currencyID="%s">%s</cbc:PayableAmount></cac:LegalMonetaryTotal>`, currency, buyerRef, iban, currency, currency, amount)
	return `<?xml version="1.0" encoding="UTF-8"?>
<` + root + ` xmlns="urn:oasis:names:specification:ubl:schema:xsd:` + root + `-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">` + inner + `</` + root + `>`
}

// ciiOf is a Cross Industry Invoice as Factur-X and XRechnung use it.
func ciiOf(number, date, due, currency, amount, ref string) string {
	day := func(s string) string {
		return `<udt:DateTimeString format="102">` + strings.ReplaceAll(s, "-", "") + `</udt:DateTimeString>`
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>` + number + `</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>` + day(date) + `</ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>` + ref + `</ram:BuyerReference><ram:SellerTradeParty><ram:Name>Datenraum AG</ram:Name><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE298765432</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery/><ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>` + currency + `</ram:InvoiceCurrencyCode>
<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>` + day(due) + `</ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:GrandTotalAmount>` + amount + `</ram:GrandTotalAmount><ram:DuePayableAmount>` + amount + `</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>`
}
