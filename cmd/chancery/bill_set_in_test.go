package main

import "strings"

// billsIn are invoices that come to the office: of outside counsel and of others.
var billsIn = []billLetter{
	{name: "in-plain", subject: "Invoice No. 88121 / 10042.0071", text: `Dear Gale,

attached is our invoice no. 88121 dated February 28, 2026 for professional services
rendered through February 27, 2026 in Harbor Freight v. Acme (10042.0071).

Total due: $12,480.50
Payment is due by March 30, 2026.

Kind regards
NC Billing
`, want: "invoice-in; 88121 12480.50 USD date=2026-02-28 due=2026-03-30 matter=10042.0071"},
	{name: "in-terms", subject: "Invoice 88122", text: `Invoice Number: 88122
Invoice Date: 02/15/2026
Client/Matter: 10042.0070 (Lease of Pier 9)
For professional services through January 31, 2026

  Fees             $4,100.00
  Disbursements      $212.35
  Total this invoice $4,312.35

Terms: Net 30
`, want: "invoice-in; 88122 4312.35 USD date=2026-02-15 due=2026-03-17 matter=10042.0070"},
	{name: "in-balance", subject: "Invoice 88140 for legal services", text: `Invoice 88140                         March 1, 2026
Matter 10055.0001 General advice

Balance forward                       $9,000.00
Payments received                    -$9,000.00
Current fees                          $1,750.00
Current costs                            $20.00
Total due this invoice                $1,770.00

Please pay by 31 March 2026.
`, want: "invoice-in; 88140 1770.00 USD date=2026-03-01 due=2026-03-31 matter=10055.0001"},
	{name: "in-html", subject: "Your invoice from North Counsel LLP", html: `<html><body><p>Dear client,</p><table border=1>
<tr><th align=left>Invoice number</th><td>NC-2026-0311</td></tr><tr><th align=left>Invoice date</th><td>March 2, 2026</td></tr>
<tr><th align=left>Matter</th><td>10042.0071</td></tr><tr><th align=left>Subtotal</th><td>$8,000.00</td></tr>
<tr><th align=left>Amount due</th><td><b>$8,640.00</b></td></tr><tr><th align=left>Due date</th><td>April 1, 2026</td></tr></table>
<p>For legal services rendered in February.</p><p style="color:#888;font-size:9px">This message may be privileged and confidential.</p></body></html>`,
		want: "invoice-in; NC-2026-0311 8640.00 USD date=2026-03-02 due=2026-04-01 matter=10042.0071"},
	{name: "in-alternative", subject: "Invoice 5520", text: "Invoice 5520\nDate: 2026-02-20\nMatter no. 00420.0003\nAmount due: GBP 2,400.00\nDue: 2026-03-22\nFor legal services rendered.\n",
		html: "<p>Invoice 5520<br>Date: 2026-02-20<br>Matter no. 00420.0003<br>Amount due: GBP 2,400.00<br>Due: 2026-03-22<br>For legal services rendered.</p>",
		want: "invoice-in; 5520 2400.00 GBP date=2026-02-20 due=2026-03-22 matter=00420.0003"},
	{name: "in-forwarded", from: "Sam Ortiz <sam.ortiz@firm.example>", subject: "FW: Invoice 7713", text: `Gale, can you have this one paid?

Sam

-----Original Message-----
From: Hale Morrow Accounts <accounts@hale-morrow.example>
Sent: Friday, February 27, 2026 4:11 PM
To: Sam Ortiz
Subject: Invoice 7713

Our invoice 7713 of February 27, 2026 for professional services rendered, matter 10055.0001.
Total amount due: USD 3,960.00
Due date: March 29, 2026
`, want: "invoice-in; 7713 3960.00 USD date=2026-02-27 due=2026-03-29 matter=10055.0001"},
	{name: "in-german", from: "Kanzlei Brandt <buchhaltung@brandt-recht.example>", subject: "Rechnung Nr. 2026-0417", text: `Sehr geehrte Frau Chen,

für unsere anwaltliche Tätigkeit in der Sache 10042.0070 erlauben wir uns zu berechnen:

Rechnungsnummer: 2026-0417
Rechnungsdatum: 27.02.2026
Nettobetrag: 2.000,00 EUR
19 % USt.: 380,00 EUR
Gesamtbetrag: 2.380,00 EUR

Zahlbar bis 29.03.2026 ohne Abzug.
Bankverbindung: IBAN DE89 3704 0044 0532 0130 00

Mit freundlichen Grüßen
`, want: "invoice-in; 2026-0417 2380.00 EUR date=2026-02-27 due=2026-03-29 matter=10042.0070 bank=DE89370400440532013000"},
	{name: "in-french", from: "Cabinet Lefort <comptabilite@lefort-avocats.example>", subject: "Facture n° F26-0088", text: `Madame,

Veuillez trouver ci-joint notre facture n° F26-0088 du 24 février 2026 (dossier 10055.0001).

Honoraires HT :     1 500,00 €
TVA 20 % :            300,00 €
Montant total TTC : 1 800,00 €

Échéance : 26 mars 2026

Cordialement,
Service comptabilité
`, want: "invoice-in; F26-0088 1800.00 EUR date=2026-02-24 due=2026-03-26 matter=10055.0001"},
	{name: "in-spanish", from: "Bufete Ruiz <facturacion@ruiz-abogados.example>", subject: "Factura 2026/114", text: `Estimada señora Chen:

Adjuntamos la factura 2026/114 por honorarios profesionales, asunto 10042.0071.

Fecha de factura: 20/02/2026
Importe total: 3.025,00 EUR
Fecha de vencimiento: 22/03/2026

Atentamente,
`, want: "invoice-in; 2026/114 3025.00 EUR date=2026-02-20 due=2026-03-22 matter=10042.0071"},
	{name: "in-uk", from: "Hale Morrow Accounts <accounts@hale-morrow.example>", subject: "Fee note 40177 - Pier 9", text: `Dear Gale

Please find enclosed our fee note no 40177 dated 26 February 2026 in the matter of the lease of Pier 9 (10042.0070).

Our fees: £5,000.00
VAT @ 20%: £1,000.00
Total payable: £6,000.00

Our terms are 28 days net.

Hale Morrow LLP, Solicitors
`, want: "invoice-in; 40177 6000.00 GBP date=2026-02-26 due=2026-03-26 matter=10042.0070"},
	{name: "in-swiss", from: "Advokatur Keller <rechnung@keller-advokatur.example>", subject: "Honorarrechnung 26-031", text: "Honorarrechnung Nr. 26-031\nDatum: 25. Februar 2026\nMandat: 10055.0001\nTotal CHF 4'250.50\nZahlungsfrist: 30 Tage netto\n",
		want: "invoice-in; 26-031 4250.50 CHF date=2026-02-25 due=2026-03-27 matter=10055.0001"},
	{name: "in-several", subject: "February invoices, Acme Robotics", text: `Dear Gale,

our February invoices:

Invoice 9001   Matter 10042.0070   $1,200.00   due March 31, 2026
Invoice 9002   Matter 10042.0071   $15,750.25  due March 31, 2026
Invoice 9003   Matter 10055.0001   $310.00     due March 31, 2026

For professional services rendered in February 2026.
`, want: "invoice-in; 9001 1200.00 USD due=2026-03-31 matter=10042.0070; 9002 15750.25 USD due=2026-03-31 matter=10042.0071; 9003 310.00 USD due=2026-03-31 matter=10055.0001"},
	{name: "in-ledes-txt", subject: "February 2026 - North Counsel Statement", text: "Please see the attached e-bill.\n", files: []billFile{{"10042.0071 #9103 ledes1998b (Acme).txt", "text/plain", []byte(ledesHead + ledesInvoice("9103", "10042.0071", "3200.00", "5.00", "3.00"))}},
		want: "invoice-in; 9103 3200.00 - date=2026-02-27 matter=10042.0071"},
	{name: "in-ledes-bare", subject: "512298", text: "see attached\n", files: []billFile{{"512298.TXT", "application/octet-stream", []byte(ledesHead + ledesInvoice("512298", "10042.0070", "600.00", "1.50"))}},
		want: "invoice-in; 512298 600.00 - date=2026-02-27 matter=10042.0070"},
	{name: "in-ledes-zip", subject: "LEDES files for February", text: "Attached as one archive.\n", files: []billFile{zipFile("february.zip", "9104.txt", ledesHead+ledesInvoice("9104", "10042.0070", "800.00", "2.00"), "9105.txt", ledesHead+ledesInvoice("9105", "10042.0071", "400.00", "1.00"))},
		want: "invoice-in; 9104 800.00 - date=2026-02-27 matter=10042.0070; 9105 400.00 - date=2026-02-27 matter=10042.0071"},
	{name: "in-ledes-two", subject: "e-bill", text: "Two invoices in one file.\n", files: []billFile{{"ebill.txt", "text/plain", []byte(ledesHead + ledesInvoice("9106", "10042.0070", "400.00", "1.00") + ledesInvoice("9107", "10055.0001", "1200.00", "3.00"))}},
		want: "invoice-in; 9106 400.00 - matter=10042.0070; 9107 1200.00 - matter=10055.0001"},
	{name: "in-ledes-pdf", subject: "Invoice 9108", text: "Our invoice as a PDF and as a LEDES file.\n", files: []billFile{pdfFile("9108.pdf", "North Counsel LLP\nInvoice No. 9108\nMatter 10042.0071\nTotal due $2,000.00"), {"9108.txt", "text/plain", []byte(ledesHead + ledesInvoice("9108", "10042.0071", "2000.00", "5.00"))}},
		want: "invoice-in; 9108 2000.00 USD date=2026-02-27 matter=10042.0071"},
	{name: "in-pdf", subject: "Invoice from North Counsel", text: "Please find our invoice attached.\n", files: []billFile{pdfFile("invoice.pdf", `North Counsel LLP
100 Pier Street
INVOICE
Invoice Number:	NC-40991
Invoice Date:	February 27, 2026
Matter:	10042.0071
Professional services rendered through February 26, 2026
Fees	$6,400.00
Costs	$155.10
Total Due	$6,555.10
Payment due	March 29, 2026`)}, want: "invoice-in; NC-40991 6555.10 USD date=2026-02-27 due=2026-03-29 matter=10042.0071"},
	{name: "in-pdf-pages", subject: "Statement for services", text: "Attached.\n", files: []billFile{pdfFile("nc.pdf", strings.Repeat("02/03/26 KB Draft motion to compel 1.20 $480.00\n", 40), `Total hours 48.00
INVOICE NO. 40992
DATE: 02/28/2026
OUR FILE: 10042.0070
Legal services
TOTAL AMOUNT DUE: $19,200.00
DUE UPON RECEIPT`)}, want: "invoice-in; 40992 19200.00 USD date=2026-02-28 due=2026-02-28 matter=10042.0070"},
	{name: "in-credit", subject: "Credit note CN-118", text: "Credit Note No. CN-118\nDate: February 26, 2026\nRe: our invoice 88121, matter 10042.0071\nLegal services credited in full as discussed.\nCredit total: ($1,250.00)\n",
		want: "invoice-in; CN-118 -1250.00 USD date=2026-02-26 matter=10042.0071"},
	{name: "in-zero-matter", subject: "Invoice 6001", text: "Invoice no. 6001 of 2 March 2026 for legal services\nClient-Matter 00420.0003\nTotal due: USD 980.00\nPlease remit within 45 days.\n",
		want: "invoice-in; 6001 980.00 USD date=2026-03-02 due=2026-04-16 matter=00420.0003"},
	{name: "in-reply", from: "Rae Hale <rae@hale-morrow.example>", subject: "Re: Outstanding fees", text: `Hi Gale,

of course. Invoice HM/26/55 dated 1 March 2026, total due £720.00, is attached again. It concerns 10042.0070.

Rae

On 28 Feb 2026, Gale Chen wrote:
> Could you send me the invoice for the February work?
> I only have invoice HM/26/31 over £9,999.00.
`, want: "invoice-in; HM/26/55 720.00 GBP date=2026-03-01 matter=10042.0070"},
	{name: "in-footer", subject: "Invoice 88150", text: `Invoice 88150 for legal services in 10042.0071: total due $450.00, payable by April 2, 2026.

--
This electronic mail transmission contains confidential information that is legally privileged
and intended only for the addressee. If you are not the addressee, please delete it.
`, want: "invoice-in; 88150 450.00 USD due=2026-04-02 matter=10042.0071"},
	{name: "in-usd-eu", subject: "Invoice 88151", text: "Invoice 88151 for legal services, matter 10042.0071\nTotal due: USD 1.684,45\nDue date: 2 April 2026\n",
		want: "invoice-in; 88151 1684.45 USD due=2026-04-02 matter=10042.0071"},
	{name: "in-jpy", subject: "Invoice J-77", text: "Invoice no. J-77 for legal services, matter 10055.0001\nTotal due: JPY 1,250,000\nDue date: April 30, 2026\n",
		want: "invoice-in; J-77 1250000 JPY due=2026-04-30 matter=10055.0001"},

	{name: "vendor-transcript", from: "Capital Reporting <billing@capital-reporting.example>", subject: "Invoice 30918 - Transcript of J. Doe", text: `CAPITAL REPORTING
Invoice No. 30918    Invoice Date 2/24/2026
Job No. 55121   Deposition of J. Doe taken February 10, 2026
Case: Harbor Freight v. Acme   Your ref: 10042.0071

Original and one certified transcript   $1,108.00
Exhibits                                   $64.00
TOTAL DUE                              $1,172.00
Net 30 days.
`, want: "vendor; 30918 1172.00 USD date=2026-02-24 due=2026-03-26 matter=10042.0071"},
	{name: "vendor-ediscovery", from: "Lodestar eDiscovery <ar@lodestar.example>", subject: "Lodestar invoice INV-004471 is ready", html: "<p>Hosting and processing, February 2026, workspace 10042.0071</p><p>Invoice: <b>INV-004471</b><br>Issued: Mar 1, 2026<br>Due: Mar 31, 2026<br>Balance due: <b>US$ 7,310.40</b></p><p>312 GB hosted e-discovery data</p>",
		want: "vendor; INV-004471 7310.40 USD date=2026-03-01 due=2026-03-31 matter=10042.0071"},
	{name: "vendor-expert", from: "Prof. Ada Kern <kern@kern-expert.example>", subject: "Expert witness fees, Harbor Freight", text: "Dear Gale,\n\nmy invoice 2026-02 for expert witness services (report and deposition preparation, 12 hours at $650):\n\nTotal: $7,800.00\nInvoice date: February 28, 2026\nPayable within 30 days.\nMatter 10042.0071\n\nA. Kern\n",
		want: "vendor; 2026-02 7800.00 USD date=2026-02-28 due=2026-03-30 matter=10042.0071"},
	{name: "vendor-process", from: "Swift Process Servers <accounts@swiftserve.example>", subject: "Invoice #8841 service of process", text: "Invoice #8841\nService of process on Bolt Ltd., file 10042.0071\nAmount due $95.00 upon receipt\nDate 03/01/2026\n",
		want: "vendor; 8841 95.00 USD date=2026-03-01 due=2026-03-01 matter=10042.0071"},
	{name: "vendor-translation", from: "Lingua <rechnung@lingua-uebersetzung.example>", subject: "Rechnung 1190/26", text: "Rechnung Nr. 1190/26 vom 26.02.2026\nÜbersetzung Mietvertrag, Ihr Zeichen 10042.0070\nRechnungsbetrag: 714,00 EUR\nZahlungsziel 14 Tage\n",
		want: "vendor; 1190/26 714.00 EUR date=2026-02-26 due=2026-03-12 matter=10042.0070"},
	{name: "vendor-ubl", from: "Weber Gutachten <rechnung@weber-gutachten.example>", subject: "E-Rechnung RE-2026-77", text: "Anbei unsere E-Rechnung.\n", files: []billFile{{"rechnung.xml", "application/xml", []byte(ublOf("Invoice", "RE-2026-77", "2026-02-25", "2026-03-27", "EUR", "3451.00", "10042.0070", "DE75512108001245126199"))}},
		want: "vendor; RE-2026-77 3451.00 EUR date=2026-02-25 due=2026-03-27 matter=10042.0070 bank=DE75512108001245126199"},
	{name: "vendor-cii", from: "Datenraum AG <billing@datenraum.example>", subject: "Rechnung DR-5510", text: "Siehe Anhang.\n", files: []billFile{{"factur-x.xml", "text/xml", []byte(ciiOf("DR-5510", "2026-02-26", "2026-03-12", "EUR", "1190.00", "10055.0001"))}},
		want: "vendor; DR-5510 1190.00 EUR date=2026-02-26 due=2026-03-12 matter=10055.0001"},
	{name: "vendor-ubl-zip", from: "Weber Gutachten <rechnung@weber-gutachten.example>", subject: "Rechnungen Februar", text: "Zwei E-Rechnungen im Archiv.\n", files: []billFile{zipFile("rechnungen.zip", "a.xml", ublOf("Invoice", "RE-2026-78", "2026-02-26", "2026-03-28", "EUR", "119.00", "10042.0070", "DE75512108001245126199"), "b.xml", ublOf("Invoice", "RE-2026-79", "2026-02-26", "2026-03-28", "EUR", "238.00", "10055.0001", "DE75512108001245126199"))},
		want: "vendor; RE-2026-78 119.00 EUR due=2026-03-28 matter=10042.0070; RE-2026-79 238.00 EUR due=2026-03-28 matter=10055.0001"},
	{name: "vendor-pdf-de", from: "Gutachterbüro Maier <buero@maier-sv.example>", subject: "Rechnung", text: "Guten Tag, anbei die Rechnung.\n", files: []billFile{pdfFile("Rechnung_4410.pdf", "Sachverständigenbüro Maier\nRechnung\nRechnungs-Nr.:	4410\nRechnungsdatum:	26.02.2026\nIhr Zeichen:	10042.0070\nGutachten Pier 9\nNettobetrag	1.500,00 €\nMwSt. 19 %	285,00 €\nRechnungsbetrag	1.785,00 €\nZahlbar bis zum 12.03.2026\nIBAN DE89 3704 0044 0532 0130 00")},
		want: "vendor; 4410 1785.00 EUR date=2026-02-26 due=2026-03-12 matter=10042.0070"},
	{name: "vendor-filing", from: "File & Serve <noreply@fileandserve.example>", subject: "Receipt and invoice 202602-118", text: "Invoice 202602-118\nCourt filing fees and e-service for 10042.0071, February 2026\nAmount due: $214.50\nDue date: 03/20/2026\n",
		want: "vendor; 202602-118 214.50 USD due=2026-03-20 matter=10042.0071"},
	{name: "vendor-mediator", from: "Bay Mediation <office@bay-mediation.example>", subject: "Invoice M-771 / mediator's fee", text: "Invoice M-771, dated March 2, 2026.\nMediator's fee, one day, Harbor Freight v. Acme (10042.0071), your half:\nTotal: $4,500.00. Due in full by March 16, 2026.\n",
		want: "vendor; M-771 4500.00 USD date=2026-03-02 due=2026-03-16 matter=10042.0071"},
}
