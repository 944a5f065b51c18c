package main

// billsHouse are what a firm's own billing office and its people write.
var billsHouse = []billLetter{
	{name: "prebill-plain", from: "Billing Office <billing@firm.example>", subject: "Prebill for your review: 10042.0071", text: `Pat,

attached is the prebill for matter 10042.0071 (Harbor Freight v. Acme), period February 1 to 28, 2026.
WIP amount: $18,220.00
Please return your edits by March 9, 2026.

Billing
`, want: "prebill; - 18220.00 USD matter=10042.0071"},
	{name: "prebill-proforma", from: "Billing Office <billing@firm.example>", subject: "Proforma 61120 - Orchard Trust", text: "Proforma 61120, client-matter 00420.0003, time through 02/28/2026, total $3,310.00. Kindly mark up and send back by 03/06/2026.\n",
		want: "prebill; 61120 3310.00 USD matter=00420.0003"},
	{name: "prebill-draft", from: "Billing Office <billing@firm.example>", subject: "DRAFT INVOICE - 10055.0001 - please review", text: "Draft invoice attached for your review before it goes to the client. Total $940.00.\n", files: []billFile{pdfFile("draft.pdf", "DRAFT\nBlue Heron Foods 10055.0001\nTotal $940.00")},
		want: "prebill; - 940.00 USD matter=10055.0001"},
	{name: "prebill-reminder", from: "Billing Office <billing@firm.example>", subject: "Reminder: pre-bill 10042.0070 awaits your approval", text: "The pre-bill for 10042.0070 sent on February 26 is still with you. Please approve or edit it by Wednesday.\n",
		want: "prebill; - matter=10042.0070"},
	{name: "prebill-many", from: "Billing Office <billing@firm.example>", subject: "Monthly prebills", html: "<p>Prebills ready for review:</p><table><tr><td>10042.0070</td><td>$1,100.00</td></tr><tr><td>10042.0071</td><td>$22,000.00</td></tr></table><p>Return by 3/10/2026.</p>", want: "prebill"},
	{name: "prebill-german", from: "Buchhaltung <billing@firm.example>", subject: "Rechnungsentwurf 10055.0001 zur Prüfung", text: "Anbei der Rechnungsentwurf zur Akte 10055.0001 über 1.240,00 EUR. Bitte bis 09.03.2026 freigeben.\n",
		want: "prebill; - 1240.00 EUR matter=10055.0001"},

	{name: "out-plain", from: "Billing Office <billing@firm.example>", to: "accounts.payable@acme.example", head: "Cc: gc@firm.example\n", subject: "Invoice 20260211 - Harbor Freight v. Acme", text: `Dear Sir or Madam,

enclosed is our invoice no. 20260211 dated March 2, 2026, for professional services rendered through February 28, 2026 (our matter 10042.0071).

Total due: $18,220.00
Terms: net 30

Firm LLP
`, want: "invoice-out; 20260211 18220.00 USD date=2026-03-02 due=2026-04-01 matter=10042.0071"},
	{name: "out-ledes", from: "Billing Office <billing@firm.example>", to: "ebilling@acme.example", head: "Cc: gc@firm.example\n", subject: "E-bill 20260212", text: "LEDES file for our invoice 20260212.\n", files: []billFile{{"20260212.txt", "text/plain", []byte(ledesHead + ledesInvoice("20260212", "10042.0070", "1600.00", "4.00"))}},
		want: "invoice-out; 20260212 1600.00 - date=2026-02-27 matter=10042.0070"},
	{name: "out-pdf", from: "Billing Office <billing@firm.example>", to: "legal@orchard.example", head: "Cc: gc@firm.example\n", subject: "Our invoice 20260213", text: "Please find our invoice attached.\n", files: []billFile{pdfFile("20260213.pdf", "Firm LLP\nInvoice 20260213\nDate March 2, 2026\nMatter 00420.0003 Series B financing\nFor professional services rendered\nTotal due	$5,000.00\nDue date	April 1, 2026")},
		want: "invoice-out; 20260213 5000.00 USD date=2026-03-02 due=2026-04-01 matter=00420.0003"},
	{name: "out-credit", from: "Billing Office <billing@firm.example>", to: "ap@acme.example", head: "Cc: gc@firm.example\n", subject: "Credit memo 20260099", text: "Credit memo no. 20260099 dated March 2, 2026 against our invoice 20260055, matter 10042.0070. Total credit: -$800.00\n",
		want: "invoice-out; 20260099 -800.00 USD date=2026-03-02 matter=10042.0070"},

	{name: "writeoff-request", from: "Pat Lee <pat.lee@firm.example>", to: "billing@firm.example", head: "Cc: gc@firm.example\n", subject: "Write off time on 10042.0070", text: "Please write off 3.2 hours ($1,280.00) of KB's time on 10042.0070 before the February bill goes out. Approved by me.\n\nPat\n", want: "write-off; - 1280.00 USD matter=10042.0070"},
	{name: "writeoff-discount", from: "Sam Ortiz <sam.ortiz@firm.example>", to: "billing@firm.example", head: "Cc: gc@firm.example\n", subject: "Courtesy discount", text: "Could you apply a courtesy discount of 10 % to invoice 20260201 for 10055.0001?\n", want: "write-off"},
	{name: "writeoff-down", from: "Pat Lee <pat.lee@firm.example>", to: "billing@firm.example", subject: "write-down request 10042.0071", text: "Client will not pay for the second associate. Please write down WIP by $4,500.00 on 10042.0071.\n", want: "write-off; - 4500.00 USD matter=10042.0071"},
	{name: "writeoff-ar", from: "Collections <collections@firm.example>", subject: "Request to write off A/R: 10055.0001", text: "Invoice 20250102 (10055.0001, $312.00) is uncollectible. Please approve the write-off.\n", want: "write-off"},

	{name: "trust-replenish", from: "Trust Accounting <trust@firm.example>", subject: "Trust replenishment needed: 10042.0071", text: "The evergreen retainer for 10042.0071 has fallen to $1,900.00, below its minimum of $10,000.00. Please ask the client to replenish $8,100.00.\n", want: "trust"},
	{name: "trust-iolta", from: "First Bank <notices@firstbank.example>", subject: "IOLTA account statement February 2026", text: "Your IOLTA account ending 4471: beginning balance $120,000.00, ending balance $98,500.00.\n", want: "trust"},
	{name: "trust-transfer", from: "Trust Accounting <trust@firm.example>", subject: "Transfer from client trust account", text: "We will transfer $5,000.00 from the client trust account of Orchard Trust (00420.0003) to operating against invoice 20260150.\n", want: "trust"},
	{name: "trust-retainer", from: "Trust Accounting <trust@firm.example>", subject: "Retainer balance Blue Heron Foods", text: "Retainer balance for matter 10055.0001 as of 2/28/2026: $2,250.00 held in trust.\n", want: "trust"},
	{name: "trust-german", from: "Buchhaltung <trust@firm.example>", subject: "Anderkonto: Fremdgeld 10042.0070", text: "Auf dem Anderkonto zur Akte 10042.0070 sind 25.000,00 EUR Fremdgeld eingegangen.\n", want: "trust"},

	{name: "accrual-request", from: "Acme Legal Ops <legalops@acme.example>", subject: "February accruals due March 5", text: "Please submit your accrual (unbilled estimate) for all Acme matters for February 2026 by March 5, 2026.\n", want: "accrual"},
	{name: "accrual-wip", from: "Acme Finance <finance@acme.example>", subject: "Unbilled fees estimate needed", text: "For our month-end close we need your estimate of unbilled fees and expenses for 10042.0071 through February 28.\n", want: "accrual"},
	{name: "accrual-portal", from: "Brightflag <noreply@brightflag.example>", subject: "Accrual Submission Deadline: 5 March 2026", text: "Accruals for the period February 2026 are open. Submission deadline: 5 March 2026.\n", want: "accrual"},
	{name: "budget-request", from: "Acme Legal Ops <legalops@acme.example>", subject: "Matter budget request: Harbor Freight v. Acme", text: "Please provide a budget by phase (UTBMS) for matter 10042.0071 by March 20, 2026.\n", want: "budget"},
	{name: "budget-approved", from: "Acme Legal Ops <legalops@acme.example>", subject: "Budget for 10042.0070 approved", text: "Your revised matter budget of $45,000.00 for 10042.0070 has been approved.\n", want: "budget"},
	{name: "budget-over", from: "Acme Legal Ops <legalops@acme.example>", subject: "Matter over budget", text: "Fees on 10042.0071 have reached 92 % of the approved matter budget. Please send a revised budget estimate.\n", want: "budget"},

	{name: "remit-one", from: "Acme AP <ap@acme.example>", subject: "Remittance advice", text: `Remittance Advice
Payment date: March 2, 2026
Payment method: ACH

Invoice       Amount
20260211      $18,220.00

Total paid    $18,220.00
`, want: "remittance/paid; 20260211 18220.00 USD"},
	{name: "remit-many", from: "Orchard AP <payments@orchard.example>", subject: "Payment advice 77120", text: `Payment advice 77120 - wire value date 03/02/2026

Invoice no.   Invoice date   Gross      Paid
20260150      01/31/2026     5,000.00   5,000.00
20260151      01/31/2026     1,200.00   1,200.00
20260152      01/31/2026       480.00     480.00
Total USD                    6,680.00   6,680.00
`, want: "remittance/paid; 20260150 5000.00 USD; 20260151 1200.00 USD; 20260152 480.00 USD"},
	{name: "remit-short", from: "Acme AP <ap@acme.example>", subject: "Remittance: invoice 20260160 short-paid", text: "We have paid $4,000.00 of invoice 20260160 ($4,500.00). Short-pay of $500.00: travel time not allowed by the guidelines.\n", want: "remittance/part-paid; 20260160 4000.00 USD"},
	{name: "remit-xlsx", from: "Acme AP <ap@acme.example>", subject: "Remittance detail attached", text: "ACH payment of $2,100.00 sent today. Detail attached.\n", files: []billFile{{"remit.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsxOf([]string{"Invoice number", "Invoice date", "Amount paid"}, []string{"20260170", "2026-01-31", "=1500"}, []string{"20260171", "2026-01-31", "=600"})}},
		want: "remittance/paid; 20260170 1500.00 -; 20260171 600.00 -"},
	{name: "remit-csv", from: "Blue Heron <treasury@blueheron.example>", subject: "EFT remittance 4471", text: "An electronic funds transfer has been made to your account.\n", files: []billFile{{"remit.csv", "text/csv", []byte("Invoice,Date,Paid\n20260180,2026-01-31,\"1,250.00\"\n20260181,2026-01-31,75.00\n")}},
		want: "remittance/paid; 20260180 1250.00 -; 20260181 75.00 -"},
	{name: "remit-german", from: "Heron Buchhaltung <zahlung@blueheron.example>", subject: "Zahlungsavis 2026-118", text: "Zahlungsavis\nWir haben heute überwiesen:\nRechnung 20260190 vom 31.01.2026: 1.190,00 EUR\nGesamt: 1.190,00 EUR\n", want: "remittance/paid; 20260190 1190.00 EUR"},
	{name: "remit-french", from: "Acme France <tresorerie@acme.example>", subject: "Avis de virement", text: "Avis de paiement : facture n° 20260191, montant payé 2 400,00 €, date de valeur 02/03/2026.\n", want: "remittance/paid; 20260191 2400.00 EUR"},
	{name: "remit-html", from: "PayNet <no-reply@paynet.example>", subject: "You've been paid by Acme Robotics", html: "<h2>Payment notification</h2><p>Acme Robotics has sent you a payment.</p><table><tr><td>Invoice #</td><td>20260192</td></tr><tr><td>Amount paid</td><td>$640.00</td></tr></table><p>Remittance reference 889</p>", want: "remittance/paid; 20260192 640.00 USD"},

	{name: "pastdue-plain", from: "NC Billing <billing@northcounsel.example>", subject: "PAST DUE: Invoice 87001", text: "Our records show that invoice 87001 of December 15, 2025 (matter 10042.0071) in the amount of $2,210.00 was due January 14, 2026 and is 47 days past due.\n", want: "past-due; 87001 2210.00 USD matter=10042.0071"},
	{name: "pastdue-second", from: "NC Billing <billing@northcounsel.example>", subject: "Second reminder", text: "SECOND REMINDER\nInvoice no. 87002 remains unpaid.\nAmount overdue: $310.00\nPlease pay at once.\n", want: "past-due; 87002 310.00 USD"},
	{name: "pastdue-german", from: "Kanzlei Brandt <buchhaltung@brandt-recht.example>", subject: "Mahnung zur Rechnung 2025-0998", text: "1. Mahnung\nRechnung Nr. 2025-0998 vom 15.12.2025 über 595,00 EUR ist seit dem 14.01.2026 fällig. Offener Betrag: 595,00 EUR\n", want: "past-due; 2025-0998 595.00 EUR"},
	{name: "pastdue-french", from: "Cabinet Lefort <comptabilite@lefort-avocats.example>", subject: "Relance : facture F25-0911 impayée", text: "Sauf erreur de notre part, la facture n° F25-0911 d'un montant de 960,00 € échue le 15 janvier 2026 reste impayée.\n", want: "past-due; F25-0911 960.00 EUR"},
	{name: "pastdue-collections", from: "Collections <collections@firm.example>", to: "ap@acme.example", head: "Cc: gc@firm.example\n", subject: "Overdue account 10042", text: "Invoice 20251101, $7,000.00, has been outstanding since December 1, 2025. Kindly remit or tell us when we may expect payment.\n", want: "past-due; 20251101 7000.00 USD"},
	{name: "aging-csv", from: "Collections <collections@firm.example>", subject: "AR aging report as of 2/28/2026", text: "Attached is the aging report.\n", files: []billFile{{"aging.csv", "text/csv", []byte("Invoice,Matter,Current,31-60,61-90,Over 90,Balance\n20251101,10042.0070,0,0,7000.00,0,7000.00\n20251205,10055.0001,0,310.00,0,0,310.00\n")}}, want: "aging"},
	{name: "aging-statement", from: "NC Billing <billing@northcounsel.example>", subject: "Statement of account", text: "Statement of account as of February 28, 2026\n\nInvoice   Date        Balance\n87001     12/15/2025  $2,210.00\n87050     01/15/2026  $1,000.00\nCurrent 0.00 | 30 days 1,000.00 | 60 days 2,210.00 | 90 days 0.00\nTotal outstanding $3,210.00\n", want: "aging; 87001 2210.00 USD; 87050 1000.00 USD"},
	{name: "aging-wip", from: "Billing Office <billing@firm.example>", subject: "WIP and A/R aging by partner", text: "Your aged WIP and accounts receivable: 0-30 $40,100, 31-60 $8,000, 61-90 $7,310, 90+ $312.\n", want: "aging"},
	{name: "aging-spanish", from: "Bufete Ruiz <facturacion@ruiz-abogados.example>", subject: "Estado de cuenta al 28/02/2026", text: "Estado de cuenta\nFactura 2025/881  15/12/2025  1.210,00 EUR  vencida\nSaldo pendiente: 1.210,00 EUR\n", want: "aging"},
}
