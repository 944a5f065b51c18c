package billing

// ledesXMLInvoiceFields are the fields that an invoice has once.
var ledesXMLInvoiceFields = [...]int{fInvoiceDate, fNumber, fClient, fTotal, fFrom, fTill, fInvoiceText, fLawFirm, fTax, fCurrency, fFirmName, fClientName, fClientTax}

// ledesXMLLineFields are the fields of a fee or an expense.
var ledesXMLLineFields = [...]int{fUnits, fAdjustment, fLineTotal, fLineDate, fTask, fExpense, fActivity, fKeeper, fText, fCost, fClass}

// fill shows the item what stands above it.
func (f *ledesXMLFile) fill() {
	for i := range f.item.f {
		f.item.f[i] = f.values[i].b
	}
	if len(f.item.f[fClient]) == 0 {
		f.item.f[fClient] = f.values[xClientOwn].b
	}
	if len(f.item.f[fLawFirm]) == 0 {
		f.item.f[fLawFirm] = f.values[xVendor].b
	}
	f.item.n, f.item.task, f.item.activity, f.item.expense = [numFields]fixed{}, 0, 0, 0
	for _, i := range [...]int{fInvoiceDate, fFrom, fTill} {
		f.item.day[i] = ledesDay(f.item.f[i], true)
	}
}

// start opens the invoice at its first line, or at its end if it has none.
func (f *ledesXMLFile) start() {
	if f.started {
		return
	}
	f.started = true
	line := f.line
	defer func() { f.line = line }()
	for _, e := range f.stack[:f.depth+1] { // the segment that ends is still there
		if e.seg == segInvoice {
			f.line = e.line
		}
	}
	before := len(f.table.order)
	f.table.find(f.ledesCheck)
	if o := f.inv; o.Lines > 0 || len(f.table.order) == before && f.table.others == 0 {
		f.say(codeNumberAgain, f.nameOf(fNumber), "", f.item.f[fNumber])
		f.inv = f.table.open(f.ledesCheck)
		f.table.last = f.inv
		if len(f.table.order) < maxOpen {
			f.table.order = append(f.table.order, f.inv)
		}
	}
	f.item.n[fTotal], _ = readFixed(f.item.f[fTotal])
	f.begin()
}

// charge checks a fee or an expense at its end.
func (f *ledesXMLFile) charge(kind lineKind) {
	f.fill()
	f.start()
	it := &f.item
	it.kind = kind
	it.f[fType] = []byte("F")
	if kind == lineExpense {
		it.f[fType] = []byte("E")
	}
	it.flat = string(f.values[xCharge].b) == "F"
	f.out.Lines++
	line := f.line
	for _, i := range ledesXMLLineFields {
		if len(it.f[i]) > 0 {
			f.line = f.values[i].line
		}
		f.field(i)
		f.line = line
	}
	if kind == lineFee {
		f.want(fKeeper, true)
		f.want(fUnits, !it.flat)
		f.want(fCost, !it.flat)
	}
	f.codes()
	f.rest()
	base, _ := readFixed(f.values[xBase].b)
	if kind == lineFee {
		f.matterFees.add(it.n[fLineTotal])
		f.base.add(base)
	} else {
		f.matterExpenses.add(it.n[fLineTotal])
		f.baseExpenses.add(base)
	}
}

// want tells of a blank field.
func (f *ledesXMLFile) want(field int, yes bool) {
	if yes && len(f.item.f[field]) == 0 {
		f.say(codeBlank, f.nameOf(field), "", nil)
	}
}

// xmlMath compares the amounts of a fee or an expense. Exporters write a discount
// with a minus and without one, and a total with the tax of the line and without it:
// each is taken.
func (f *ledesXMLFile) math() {
	it := &f.item
	units, cost, total := it.n[fUnits], it.n[fCost], it.n[fLineTotal]
	base, ok := readFixed(f.values[xBase].b)
	if !ok && len(f.values[xBase].b) > 0 {
		f.say(codeNumber, "base_amount", "digits, a point, a leading minus", f.values[xBase].b)
		return
	}
	if base.known && units.known && cost.known && !it.flat && !balances(units.v, cost.v, -base.v) {
		f.say(codeBaseAmount, "base_amount", productString(units.v, cost.v, 0), f.values[xBase].b)
	}
	if !base.known {
		if !units.known || !cost.known || it.flat {
			return
		}
	} else {
		units, cost = fixed{v: million}, base
	}
	change := it.n[fAdjustment]
	if !total.known || len(it.f[fAdjustment]) > 0 && !change.known || f.itemTax.unsure {
		return
	}
	for _, d := range [...]int64{change.v, -change.v} {
		for _, tax := range [...]int64{f.itemTax.v, 0} {
			if balances(units.v, cost.v, d+tax-total.v) {
				return
			}
		}
	}
	f.say(codeLineTotal, f.nameOf(fLineTotal), productString(units.v, cost.v, change.v+f.itemTax.v), it.f[fLineTotal])
}

// matterEnds compares the totals of a matter.
func (f *ledesXMLFile) matterEnds() {
	f.fill()
	f.start()
	if len(f.item.f[fMatter]) == 0 && len(f.item.f[fLawFirmMatter]) == 0 {
		f.say(codeBlank, f.nameOf(fLawFirmMatter), "", nil)
	}
	for _, i := range [...]int{fMatter, fLawFirmMatter, fMatterName, fOrder, fAccount} {
		f.field(i)
	}
	sum := func(leaf int, name string, a, b fixedSum) {
		n, ok := readFixed(f.values[leaf].b)
		if ok && n.known && !a.unsure && !agrees(n.v, a.v) && (b.unsure || !agrees(n.v, b.v)) {
			f.sayAt(f.values[leaf].line, codeMatterSum, name, fixedString(a.v), f.values[leaf].b)
		}
	}
	sum(xMatterFees, "matter_total_detail_fees", f.matterFees, f.base)
	sum(xMatterExpenses, "matter_total_detail_exp", f.matterExpenses, f.baseExpenses)
	fees, ok1 := readFixed(f.values[xNetFees].b)
	expenses, ok2 := readFixed(f.values[xNetExpenses].b)
	due, ok3 := readFixed(f.values[xMatterDue].b)
	if ok3 {
		f.dues++
		f.matterDue.add(due)
	}
	if !ok3 || !due.known {
		return
	}
	lines := f.matterFees.v + f.matterExpenses.v
	taxed := len(f.item.f[fTax]) > 0
	switch {
	case ok1 && ok2 && !taxed && !agrees(fees.v+expenses.v, due.v):
		f.sayAt(f.values[xMatterDue].line, codeMatterDue, "matter_total_due", fixedString(fees.v+expenses.v), f.values[xMatterDue].b)
	case !f.changed && !f.matterFees.unsure && !f.matterExpenses.unsure && !agrees(lines, due.v) && (!taxed || f.base.unsure || !agrees(f.base.v+f.baseExpenses.v, due.v)):
		f.sayAt(f.values[xMatterDue].line, codeMatterDue, "matter_total_due", fixedString(lines), f.values[xMatterDue].b)
	}
}

// invoiceEnds checks what belongs to the invoice, and its total: it is what is due
// for its matters, or where they do not say, the sum of the lines; with the taxes of
// the invoice or with those already in.
func (f *ledesXMLFile) invoiceEnds() {
	f.fill()
	f.start()
	it, o := &f.item, f.inv
	line := f.line
	for _, i := range ledesXMLInvoiceFields {
		if len(it.f[i]) > 0 && f.values[i].line > 0 {
			f.line = f.values[i].line
		}
		f.field(i)
		f.line = line
	}
	if len(it.f[fClient]) == 0 {
		f.say(codeBlank, f.nameOf(fClient), "", nil)
	}
	if len(f.values[xDue].b) > 0 {
		due := ledesDay(f.values[xDue].b, true)
		o.Due = dayTime(due)
		if due == noDay {
			f.sayAt(f.values[xDue].line, codeDate, "inv_due_date", "YYYY-MM-DD", f.values[xDue].b)
		}
	}
	f.invoiceDates()
	if o.total = it.n[fTotal]; !o.total.known {
		return
	}
	o.Total, _ = fixedMoney(o.total.v, o.currency)
	sum := o.sum
	if f.dues > 0 {
		sum = f.matterDue
	}
	tax := it.n[fTax]
	if sum.unsure || len(it.f[fTax]) > 0 && !tax.known || f.o.Cut {
		return
	}
	if !agrees(sum.v, o.total.v) && !agrees(sum.v+tax.v, o.total.v) && (o.sum.unsure || !agrees(o.sum.v, o.total.v) && !agrees(o.sum.v+tax.v, o.total.v)) {
		f.sayAt(f.values[fTotal].line, codeSum, f.nameOf(fTotal), fixedString(sum.v), it.f[fTotal])
	}
}
