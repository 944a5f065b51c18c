package billing

// class is a class of billing mail; its names are those of model.Bill.Class.
type class uint8

const (
	noClass class = iota
	invoiceOut
	invoiceIn
	vendorMail
	prebillMail
	portalMail
	remittanceMail
	pastDueMail
	agingMail
	writeOffMail
	trustMail
	accrualMail
	budgetMail

	// What speaks for a kind of invoice, or only for billing at all.
	invoiceMail
	lawFirm
	supplier
	aboutBilling
	asking
	promotion
	partPaid
	legalBill // an invoice, and of lawyers
	classes
)

var classNames = [classes]string{
	invoiceOut: "invoice-out", invoiceIn: "invoice-in", vendorMail: "vendor", prebillMail: "prebill", portalMail: "portal", remittanceMail: "remittance",
	pastDueMail: "past-due", agingMail: "aging", writeOffMail: "write-off", trustMail: "trust", accrualMail: "accrual", budgetMail: "budget",
}

// sign lists wordings that speak for a class: 4 points are unmistakable, 1 is a word
// that people use for other things, too.
type sign struct {
	class  class
	points int
	abroad bool
	words  string // separated by "|"
}

var signs = []sign{
	{prebillMail, 4, false, "rechnungsentwurf|entwurf der rechnung|projet de facture|borrador de factura|conceptfactuur|bozza di fattura|prebill|prebills|pre-bill|pre-bills|pre bill|pre bills|draft invoice|draft invoices|proforma invoice|pro forma invoice|proforma invoices|pro forma invoices|draft bill|draft bills|prebill edits|billing proforma|billing proformas|proformarechnung|facture proforma|factura proforma"},
	{prebillMail, 3, false, "proforma|proformas|billing edits|edits to your bill|wip report"},
	{prebillMail, 1, false, "pro forma|pro formas"},

	{remittanceMail, 4, false, "eft remittance|wir haben heute überwiesen|you've been paid|remittance advice|payment advice|remittance details|ach remittance|remittance notification|payment remittance|payment notification|zahlungsavis|avis de paiement|avis de virement|aviso de pago|avviso di pagamento|betalingsadvies|betaalspecificatie|remittance information"},
	{remittanceMail, 3, false, "has sent you a payment|marked as paid|we have paid|has been paid|have been paid|payment has been issued|payment has been sent|payment has been made|payment was sent|payment was issued|ach payment|wire payment|eft payment|payment details|check has been mailed|short paid|short pay|short-paid|short payment|payment summary"},
	{remittanceMail, 2, false, "we paid|remittance|wired|payment of invoice|payment for invoice|in payment of"},
	{partPaid, 3, false, "short paid|short pay|short-paid|short payment|short-pay|partial payment|part payment|paid in part|partially paid|underpaid|underpayment|less deduction|deductions taken|remaining balance|balance remaining|teilzahlung|paiement partiel|pago parcial"},

	{pastDueMail, 4, false, "second reminder|third reminder|overdue account|facture impayée|relance|past due invoice|past due invoices|overdue invoice|overdue invoices|invoice overdue|invoices overdue|past due notice|past-due notice|collection notice|second notice|final notice|payment reminder|invoice reminder|zahlungserinnerung|mahnung|letzte mahnung|rappel de paiement|facture impayée|factures impayées|recordatorio de pago|factura vencida|sollecito di pagamento|betalingsherinnering|aanmaning|wezwanie do zapłaty|invoices past due|invoice past due|past due account|past-due account|past due balance"},
	{pastDueMail, 3, false, "amount overdue|remains unpaid|has been outstanding|still unpaid|reste impayée|impayée|past due|past-due|outstanding invoice|outstanding invoices|unpaid invoice|unpaid invoices|invoices outstanding|days overdue|days past due|invoice is overdue|bill is overdue|account is overdue|amount past due|past due amount|have not received payment|delinquent account"},
	{pastDueMail, 1, false, "overdue|delinquent|collections"},

	{agingMail, 4, false, "aging report|ar aging|a/r aging|aged receivables|accounts receivable aging|aging summary|aged trial balance|aged debtors|ageing report|receivables aging|aged debt"},
	{agingMail, 4, false, "statement of account|account statement|kontoauszug|offene posten|relevé de compte|estado de cuenta|estratto conto|rekeningoverzicht"},
	{agingMail, 2, false, "0-30|31-60|61-90|over 90|90+|over 120|1-30|91-120|aging|ageing"},

	{writeOffMail, 4, false, "request to write off a/r|write off a/r|write-off of a/r|write-off request|write off request|write-down request|write down request|request to write off|approve write-off|approve the write-off|approve a write-off|wip write-off|wip write-down"},
	{writeOffMail, 3, false, "please write off|please write down|courtesy discount|adjust wip|adjust the wip|write off the balance|write off the remaining|write off wip|write down the time|courtesy reduction|write off time|write off the time"},
	{writeOffMail, 2, false, "write off|write-off|write-offs|write offs|written off|write down|write-down|written down"},

	{trustMail, 4, false, "iolta|iola|trust replenishment|retainer replenishment|replenish your retainer|replenish the retainer|replenish the trust|replenish retainer|evergreen retainer|trust request|trust account replenishment|trust deposit|client trust account|trust account balance|trust transfer|retainer replenish|advance payment retainer"},
	{trustMail, 3, false, "held in trust|retainer balance|trust balance|client funds account|client trust|trust accounting|attorney trust account|anderkonto|fremdgeld|trust ledger"},
	{trustMail, 2, false, "trust account|retainer|replenish|replenishment|client account"},

	{accrualMail, 4, false, "your unbilled fees|your unbilled time|unbilled fees for matter|unbilled time for matter|accrual request|accrual due|accruals due|accrual deadline|accrual submission|unbilled estimate|unbilled estimates|submit accruals|submit your accruals|submit your accrual|legal accrual|legal accruals|accrual reminder|fee accrual|fee accruals|unbilled fees and expenses|unbilled legal fees"},
	{accrualMail, 2, false, "unbilled|unbilled time|unbilled fees|estimate of fees"},
	{accrualMail, 1, false, "accrual|accruals|accrue"},

	{budgetMail, 4, false, "revised matter budget|approved matter budget|matter budget|matter budgets|budget for the matter|litigation budget|legal budget request|fee budget|case budget|budget request for matter|matter budget request|budget approval for matter|phase budget|task-based budget"},
	{budgetMail, 2, false, "budget request|budget approval|revised budget|budget increase|over budget|legal budget"},
	{budgetMail, 1, false, "budget"},

	{invoiceMail, 4, false, "attached is our invoice|attached please find our invoice|please find attached our invoice|please find our invoice|enclosed is our invoice|invoice attached|invoices attached|invoice is attached|attached invoice|attached invoices|enclosed invoice|please find attached invoice|please find attached the invoice|please find enclosed our invoice|attached is invoice|attached is the invoice|attached is your invoice|your invoice is ready|your invoice is attached|anbei unsere rechnung|anbei die rechnung|unsere rechnung|veuillez trouver ci-joint notre facture|notre facture|adjuntamos factura|in allegato la fattura|bijgaand onze factuur|new invoice|invoice from|ledes file|bill for services|bill of costs|tax invoice|e-bill|e-invoice|e-rechnung|invoice is ready|statement for services|our invoice|my invoice|revised invoice|die rechnung|adjuntamos la factura|notre facture n|credit note|gutschrift|credit memo"},
	{invoiceMail, 3, false, "please pay invoice|please pay our invoice|please settle invoice|please settle our invoice|pay the attached invoice|payment of our invoice"},
	{legalBill, 4, false, "for professional services rendered|professional services rendered|for professional services|our statement for services|for legal services|legal services rendered|legal services|fee note|note d'honoraires|honorarnote|honorarrechnung|kostennote|fees and disbursements|honorarios profesionales|honoraires|anwaltliche tätigkeit|onorari|honorarium"},
	{lawFirm, 3, false, "law firm|law offices|law office|attorneys at law|attorney at law|solicitors|barristers|rechtsanwälte|rechtsanwalt|avocats|abogados|avvocati|studio legale|advocaten|kancelaria|outside counsel|counsel fees|advokatur|kanzlei|mandat|dossier|attorney fees|attorneys' fees|timekeeper|timekeepers|ledes"},
	{lawFirm, 2, false, "llp|outstanding fees|our fees|legal fees|p.l.l.c|pllc|partner|associate|paralegal"},
	{supplier, 4, false, "court reporter|court reporters|court reporting|deposition|depositions|transcript|transcripts|videographer|certified copy|e-discovery|ediscovery|document hosting|data hosting|expert witness|expert fees|process server|service of process|process serving|translation services|interpreting|job no|job number|job #|subscription|per page|expert services|consulting services|mediator|mediation|mediator's fee|arbitrator|arbitrators|court filing|filing fees|e-service|e-discovery data|translation|übersetzung|übersetzungen|gutachten|sachverständigenbüro|sachverständiger|dolmetscher|gerichtsvollzieher|traduction|expertise|huissier|traducción|perito|traduzione|perizia|vertaling|deskundige|gerechtsdeurwaarder|trial graphics|records retrieval"},
	{supplier, 2, false, "original and copy|exhibits|hosting|supplies|purchase order|po number|po no|license fee|shipping|delivery"},
	{aboutBilling, 1, false, "billing|billed|client-matter|client matter|client/matter|matter no|matter number|timekeeper|timekeepers|disbursements|wip|fees|iban|bank account|remit|remit to|remit payment|remittance address|amount due|accounts payable|accounts receivable|billing department|billing guidelines|time entries|wire instructions|law firm|outside counsel|hours billed|collections|receivables|paid"},
	{asking, 2, false, "send me the invoice|send me an invoice|send me your invoice|send the invoice to|send us the invoice|send us an invoice|have you received the invoice|where is the invoice|did you get the invoice|do you have the invoice|do you have a copy of the invoice|waiting for the invoice|copy of the invoice|question about the invoice|question on the invoice|questions about your invoice|can you check|could you check|can you look|could you look|please call me|what do you think|any idea|let me know what you think|let me know if"},
	{promotion, 2, false, "webinar|register now|save your seat|white paper|whitepaper|unsubscribe|newsletter|subscribe|read more|click here|learn more|conference|sponsor|sponsors|free trial|limited time|special offer|press release|in this issue"},
}
