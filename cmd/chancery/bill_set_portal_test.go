package main

// billsPortal are notices of e-billing portals about the firm's own invoices.
var billsPortal = []billLetter{
	{name: "portal-approved", from: "Brightflag <noreply@brightflag.com>", subject: "Invoice 20260211 approved", text: "Your invoice 20260211 for matter Harbor Freight v. Acme has been approved for payment.\nApproved amount: $18,220.00\n", want: "portal/approved; 20260211 18220.00 USD"},
	{name: "portal-rejected", from: "Brightflag <noreply@brightflag.com>", subject: "Invoice rejected: 20260212", text: "Invoice Number: 20260212\nStatus: Rejected\nReason: The invoice was submitted after the matter was closed.\n", want: "portal/rejected; 20260212"},
	{name: "portal-reduced", from: "Legal Tracker <notifications@legaltracker.example>", subject: "Invoice 20260213 has been reduced", text: "Acme has adjusted invoice 20260213 (matter 972034.004).\nInvoiced: $5,000.00\nReduced by: $350.00\nApproved: $4,650.00\n", want: "portal/reduced; 20260213"},
	{name: "portal-hold", from: "Legal Tracker <notifications@legaltracker.example>", subject: "Invoice 20260214: Delivery on Hold", text: "Delivery of invoice 20260214 to Acme Robotics is on hold because the budget for the matter is missing. This is the first notice; the next will be sent in 7 days.\n", want: "portal/on-hold; 20260214"},
	{name: "portal-hold2", from: "CounselLink <noreply@counsellink.example>", subject: "Invoice pended", html: "<p>Invoice <b>20260215</b> has been placed on hold: timekeeper KB is not approved.</p><p><a href='https://portal.example/x'>View invoice</a></p>", want: "portal/on-hold; 20260215"},
	{name: "portal-deadline", from: "Collaborati <do-not-reply@collaborati.example>", subject: "Invoice submission deadline approaching", text: "Invoices for services in February 2026 must be submitted through Collaborati by March 15, 2026.\n", want: "portal/deadline"},
	{name: "portal-received", from: "Tymetrix 360 <no-reply@tymetrix.example>", subject: "Invoice 20260216 received", text: "We have received invoice 20260216 in the amount of $1,900.00. It is awaiting review.\n", want: "portal/received; 20260216 1900.00 USD"},
	{name: "portal-error", from: "Collaborati <do-not-reply@collaborati.example>", subject: "LEDES upload failed: 20260217.txt", text: "Your LEDES file could not be processed. Invoice 20260217 was rejected: INVOICE_TOTAL does not equal the sum of the line items (error 007).\n", want: "portal/rejected; 20260217"},
	{name: "portal-dup", from: "Legal Tracker <notifications@legaltracker.example>", subject: "Posting error", text: "An invoice with this number has already been posted by Firm LLP on 2/11/2026. Invoice number 20260218 was not posted and has been rejected.\n", want: "portal/rejected; 20260218"},
	{name: "portal-disputed", from: "Passport <alerts@passport.example>", subject: "Invoice 20260219 disputed", text: "Line items 4 and 7 of invoice 20260219 were disputed by the reviewer. The invoice has been returned to the firm.\n", want: "portal/rejected; 20260219"},
	{name: "portal-footer", from: "Legal Tracker <notifications@legaltracker.example>", subject: "Invoice 20260220 approved with adjustments", text: "Invoice 20260220 was approved. Adjustments: -$120.00. Net approved: $2,080.00.\n\nThis electronic mail transmission contains confidentialinformation that may be privileged. If you are not the addressee, delete it.\n", want: "portal/reduced; 20260220"},
	{name: "portal-paid", from: "Brightflag <noreply@brightflag.com>", subject: "Payment notification: invoice 20260221", text: "Invoice 20260221 has been marked as paid by Acme Robotics. Amount paid: $880.00, payment date 2 March 2026.\n", want: "remittance/paid; 20260221 880.00 USD"},
}

// billsFraud are mails that want money to go somewhere else.
var billsFraud = []billLetter{
	{name: "fraud-bank", from: "NC Billing <billing@northcounsel.example>", forged: true, subject: "Updated bank details for invoice 88121", text: "Please note that our bank account has changed with immediate effect. Kindly pay invoice 88121, $12,480.50, to IBAN GB29 NWBK 6016 1331 9268 19.\n", fraud: true, want: "invoice-in; 88121 12480.50 USD bank=GB29NWBK60161331926819"},
	{name: "fraud-lookalike", from: "NC Billing <billing@northcounse1.example>", subject: "Invoice 88160", text: "Invoice 88160 for legal services, matter 10042.0071. Total due $9,200.00, payable by March 20, 2026.\n", fraud: true, want: "invoice-in; 88160 9200.00 USD due=2026-03-20 matter=10042.0071"},
	{name: "fraud-urgent", from: "Pat Lee <pat.lee@firm-office.example>", subject: "Urgent wire today", text: "Gale, I am in a meeting. Please wire $48,000.00 today for invoice 5510 and keep this confidential. I will explain later. Do not call.\n", fraud: true},
	{name: "fraud-replyto", from: "Hale Morrow Accounts <accounts@hale-morrow.example>", head: "Reply-To: accounts@hale-morrow-billing.example\n", subject: "Invoice 40190 - new account", text: "Fee note 40190, £3,000.00. Please use our new bank account: sort code 20-00-00, account 55779911.\n", fraud: true, want: "invoice-in; 40190 3000.00 GBP"},
	{name: "fraud-unproved", from: "NC Billing <billing@northcounsel.example>", forged: true, subject: "Invoice 88161", text: "Invoice 88161, matter 10042.0071, legal services. Total due: $2,000.00\n", fraud: true, want: "invoice-in; 88161 2000.00 USD matter=10042.0071"},
	{name: "fraud-german", from: "Kanzlei Brandt <buchhaltung@brandt-recht.example>", forged: true, subject: "Neue Bankverbindung", text: "Unsere Bankverbindung hat sich geändert. Bitte überweisen Sie Rechnung 2026-0417 (2.380,00 EUR) auf IBAN LT12 1000 0111 0100 1000.\n", fraud: true},
	{name: "fraud-ceo", from: "Gale Chen <gale.chen.office@freemail.example>", to: "pa@firm.example", subject: "Invoice payment", text: "Are you at your desk? I need an overdue invoice paid immediately by wire, $23,750.00. Send me the confirmation.\n", fraud: true},
	{name: "fraud-pdf", from: "Capital Reporting <billing@capital-reporting.example>", forged: true, subject: "Revised invoice 30918", text: "Please disregard our earlier invoice and pay the attached with revised wire instructions.\n", files: []billFile{pdfFile("30918r.pdf", "Capital Reporting\nInvoice No. 30918\nTotal due $1,172.00\nNEW WIRE INSTRUCTIONS\nRouting 021000021 Account 99887766")}, fraud: true},
}

// billsNone only look like billing mail.
var billsNone = []billLetter{
	{name: "none-lunch", from: "Sam Ortiz <sam.ortiz@firm.example>", subject: "Lunch", text: "Lunch on Thursday? I'll pay the bill.\n"},
	{name: "none-act", from: "Law360 <news@lawnews.example>", head: "List-Id: <news.lawnews.example>\n", subject: "House passes bill on invoice factoring", text: "The bill, H.R. 4471, passed 220-210. It would require $2.1 billion in remittances to be reported by March 31, 2026.\n"},
	{name: "none-seminar", from: "CLE Institute <events@cle.example>", head: "List-Unsubscribe: <mailto:off@cle.example>\n", subject: "Webinar: e-billing and LEDES basics", text: "Learn how to avoid invoice rejections. Only $199 until March 10, 2026.\n"},
	{name: "none-advice", from: "Rae Hale <rae@hale-morrow.example>", subject: "Invoice clause in the lease", text: "Clause 14 says that the landlord may invoice service charges within 30 days. I would strike the words \"total due\".\n"},
	{name: "none-court", from: "CM/ECF <ecf@court.example>", subject: "Activity in Case 3:25-cv-00417 Harbor Freight v. Acme Bill of Costs", text: "BILL OF COSTS filed by Acme. Objections due by 3/16/2026.\n"},
	{name: "none-hr", from: "People <people@firm.example>", subject: "Budget for the summer party", text: "We have $2,000 for the party. Ideas by Friday please.\n"},
	{name: "none-newsletter", from: "Ledger Weekly <hello@ledgerweekly.example>", head: "List-Id: <weekly.ledger.example>\n", subject: "Past due: why firms wait 90 days for their money", text: "Average invoices are outstanding for 83 days. Read more.\n"},
	{name: "none-calendar", from: "Pat Lee <pat.lee@firm.example>", subject: "Call about the Acme invoice", text: "Can we talk on Tuesday at 3 pm about what they wrote?\n"},
	{name: "none-person-bill", from: "Bill Turner <bill.turner@other.example>", subject: "Bill is out on Monday", text: "I will be out of the office from March 2 to March 6, 2026.\n"},
	{name: "none-trust", from: "Rae Hale <rae@hale-morrow.example>", subject: "Orchard Trust: Series B", text: "I trust you had a good weekend. The term sheet for the trust is attached; $4,000,000 pre-money.\n"},
	{name: "none-discovery", from: "Kit Brandt <kit@brandt-kehoe.example>", subject: "Document production: invoices of Bolt Ltd.", text: "Pursuant to request no. 12 we produce invoices INV-1 to INV-840 of Bolt Ltd. (BOLT000001-BOLT004410).\n"},
	{name: "none-shop", from: "Book Shop <orders@books.example>", subject: "Your order has shipped", text: "Order 118-2231: one book. It will arrive by March 5.\n"},
}
