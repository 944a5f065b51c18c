package billing

// label lists wordings that announce one kind of fact.
type label struct {
	kind   cueKind
	rank   int
	abroad bool
	words  string // separated by "|"
}

// labels are the words of English mail and invoices; those of other languages stand in
// label_abroad.go. At equal wording the first one holds.
var labels = append([]label{
	{invoiceCue, 3, false, "invoice number|invoice no|invoice num|invoice nbr|invoice id|invoice ref|invoice reference|invoice nos|invoice numbers|inv no|inv. no|inv. nos|bill number|bill no|tax invoice no|tax invoice number"},
	{invoiceCue, 2, false, "statement no|statement number|prebill no|prebill number|proforma no|proforma number|credit note no|credit note number|credit memo no|credit memo number|fee note no"},
	{invoiceCue, 1, false, "inv|reference invoice|our invoice|your invoice|my invoice|invoice|invoices|tax invoice|credit note|credit memo|e-bill|prebill|prebills|pre-bill|proforma|fee note"},

	{owedCue, 5, false, "total due|amount due|total amount due|balance due|amount payable|total payable|please pay this amount|pay this amount|due this invoice|due payable|amount owing|balance owing|net amount due|total now due|total balance due|total amount payable|amount to pay|total outstanding|outstanding balance|outstanding amount|amount outstanding"},
	{totalCue, 5, false, "invoice total|invoice amount|amount of invoice|total of this invoice|total this invoice|total for this invoice|total amount of this invoice|total current invoice|total current billing|total this bill|bill total|amount billed|total incl. vat|total including vat|total incl vat|total incl. tax|total including tax|credit total|total credit|total inc vat|total inc. vat|total inc gst|total incl. gst|gross total|gross amount"},
	{totalCue, 4, false, "total invoice|total amount|grand total|total current charges|total new charges|current charges|total amount billed|invoice value|total value"},
	{totalCue, 3, false, "total fees and expenses|total fees and costs|total fees and disbursements|total billed|total charges|total services and disbursements"},
	{totalCue, 2, false, "in the amount of|for the amount of|totaling|totalling|in the sum of"},
	{totalCue, 1, false, "total|totals"},
	{otherSumCue, 0, false, "balance forward|previous balance|prior balance|opening balance|balance brought forward|past due balance|past due amount|amount past due|subtotal|sub-total|sub total|trust balance|retainer balance|payments received|payment received|less payment|less payments|credits|total hours|total tax|total vat|vat total|tax total|total net|net total|total excl. vat|total excluding vat|total excl. tax|total before tax|total ex vat|net amount|amount paid|total paid|total payments|total discount|total savings|write-off|discount|vat amount|tax amount|prior invoices|total prior|late fee|late charge|unbilled|total taxable|taxable amount|total expenses|total fees|total costs|total disbursements|total for services|total time|hourly rate|shipping"},

	{dueCue, 5, false, "due date|payment due date|date due|due on or before|payable by|payable on or before|please pay by|due no later than|pay no later than|please remit until|please pay until|payment deadline"},
	{dueCue, 4, false, "payment due|payment is due|due in full by|due in full on|due in full|due not later than|due and payable by|due and payable on|due by|due on|due before|payable before|pay by|remit by|please remit by|payment by|payable on"},
	{dueCue, 1, false, "due"},
	{receiptCue, 3, false, "due upon receipt|due on receipt|payable upon receipt|payable on receipt|payment upon receipt|due when received"},
	{receiptCue, 2, false, "upon receipt|due immediately|payable immediately"},

	{dateCue, 5, false, "invoice date|date of invoice|invoice issue date|tax point|credit note date"},
	{dateCue, 4, false, "billing date|bill date|invoice dated|issue date|date of issue|date issued|issued on|issued|document date|invoiced on"},
	{dateCue, 3, false, "statement date|issued at"},
	{dateCue, 2, false, "dated"},
	{dateCue, 1, false, "date"},
	{otherDateCue, 0, false, "deposition date|job date|hearing|order date|date of order|delivery date|date of delivery|ship date|shipping date|service date|date of service|print date|payment date|date paid|date of payment|paid on|received on|date of birth|return date|renewal date|start date|end date|departure|arrival|check-in|check-out|sent|statement period|trial date"},
	{periodCue, 3, false, "billing period|service period|period of service|invoice period|period covered|period|services rendered through|services through|services rendered from|services from|for services rendered in|time entries through|fees through|rendered through|for the month of|professional services through|legal services through|for the period|covering the period|work performed through"},
	{periodCue, 1, false, "through"},

	{termsCue, 3, false, "payment terms|due within|payable within|payment within|terms of payment|credit terms"},
	{termsCue, 2, false, "net|terms"},
	{termsCue, 1, false, "within"},
	{monthEndCue, 0, false, "eom|end of month|end of the month"},

	{matterCue, 3, false, "client-matter|client matter|client/matter|client-matter no|client matter no|client/matter no|client-matter number|client matter number|client/matter number|matter number|matter no|matter id|our matter|our file no|our file|file no|file number|your matter|c/m|c-m|client-matter id|our ref|our reference"},
	{matterCue, 1, false, "matter"},
	{itemCue, 0, false, "qty|quantity|description|unit price|price|rate|hours|units|item|items|product|service|tax rate|vat rate|activity|timekeeper|disc.%"},
	{currencyCue, 0, false, "currency|amounts in|all amounts in|invoice currency"},
}, abroad...)
