package billing

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Elements beyond those that are fields of a line.
const (
	xDue = int(numFields) + iota
	xClientOwn
	xVendor
	xCharge
	xBase
	xItemTax
	xMatterFees
	xMatterExpenses
	xNetFees
	xNetExpenses
	xMatterDue
	numLeaves
)

type ledesXMLSegment uint8

const (
	segOther ledesXMLSegment = iota
	segRoot
	segFirm
	segClient
	segInvoice
	segMatter
	segFee
	segExpense
	segTax // of a fee or an expense
	numSegments
)

var ledesXMLSegments = map[string]ledesXMLSegment{
	"firm": segFirm, "client": segClient, "invoice": segInvoice, "matter": segMatter, "fee": segFee, "expense": segExpense,
	"tax_item_fee": segTax, "tax_item_expense": segTax,
}

// ledesXMLParents says in what a segment stands.
var ledesXMLParents = [numSegments][]ledesXMLSegment{
	segFirm: {segRoot}, segClient: {segFirm}, segInvoice: {segClient}, segMatter: {segInvoice}, segFee: {segMatter}, segExpense: {segMatter},
	segTax: {segFee, segExpense},
}

// ledesXMLLeaves are the elements of each segment that are read.
var ledesXMLLeaves = [numSegments]map[string]int{
	segFirm:   {"lf_vendor_id": xVendor, "lf_id": fLawFirm, "lf_name": fFirmName},
	segClient: {"cl_id": fClient, "cl_lf_id": xClientOwn, "cl_name": fClientName, "cl_tax_id": fClientTax},
	segInvoice: {"inv_id": fNumber, "inv_date": fInvoiceDate, "inv_due_date": xDue, "inv_currency": fCurrency, "inv_start_date": fFrom,
		"inv_end_date": fTill, "inv_desc": fInvoiceText, "inv_total_tax": fTax, "inv_total_net_due": fTotal},
	segMatter: {"cl_matter_id": fMatter, "lf_matter_id": fLawFirmMatter, "matter_name": fMatterName, "po_number": fOrder, "account_type": fAccount,
		"matter_total_detail_fees": xMatterFees, "matter_total_detail_exp": xMatterExpenses, "matter_net_fees": xNetFees,
		"matter_net_exp": xNetExpenses, "matter_total_due": xMatterDue},
	segFee: {"charge_date": fLineDate, "tk_id": fKeeper, "tk_level": fClass, "charge_desc": fText, "task_code": fTask, "task_activity": fActivity,
		"activity_code": fActivity, "charge_type": xCharge, "units": fUnits, "rate": fCost, "base_amount": xBase,
		"item_disc_cred_amount": fAdjustment, "total_amount": fLineTotal},
	segExpense: {"charge_date": fLineDate, "tk_id": fKeeper, "tk_level": fClass, "charge_desc": fText, "task_code": fTask, "expense_code": fExpense,
		"charge_type": xCharge, "units": fUnits, "rate": fCost, "base_amount": xBase,
		"item_disc_cred_amount": fAdjustment, "total_amount": fLineTotal},
	segTax: {"tax_amount": xItemTax},
}

// ledesXMLBelow are the leaves of a segment and of those that stand in it. Fees and
// expenses share theirs.
var ledesXMLBelow = func() (out [numSegments][]int) {
	for seg := segFirm; seg < numSegments; seg++ {
		from := seg
		if seg == segExpense {
			from = segFee
		}
		for below := from; below <= segExpense || below == seg; below++ {
			for _, leaf := range ledesXMLLeaves[below] {
				if !slices.Contains(out[seg], leaf) {
					out[seg] = append(out[seg], leaf)
				}
			}
		}
	}
	return out
}()

// ledesXMLColumns are ledesColumns as the XML formats have them.
var ledesXMLColumns = func() (cols [numFields]column) {
	cols = ledesColumns
	for i := range cols {
		cols[i].need = false
	}
	for _, i := range [...]int{fInvoiceDate, fNumber, fTotal, fFrom, fTill, fLineTotal, fLineDate} {
		cols[i].need = true
	}
	for _, i := range [...]int{fFirmName, fClientName, fMatterName} {
		cols[i].max = 255
	}
	for _, i := range [...]int{fTotal, fTax, fLineTotal, fUnits, fCost, fAdjustment} {
		cols[i].max = maxWhole
	}
	return cols
}()

// ledesXMLOpened is an element that has not ended.
type ledesXMLOpened struct {
	seg  ledesXMLSegment
	leaf int // what its text is; -1 for nothing that is read
	line int
	n    int
	name [maxLedesXMLName]byte
}

// ledesXMLValue is the text of an element.
type ledesXMLValue struct {
	b    []byte
	line int
}

// ledesXMLFile reads one file.
type ledesXMLFile struct {
	*ledesCheck
	x      ledesXML
	stack  [maxLedesXMLDepth]ledesXMLOpened
	depth  int
	values [numLeaves]ledesXMLValue

	matterFees, matterExpenses, matterDue fixedSum // matterDue of the whole invoice
	base, baseExpenses                    fixedSum
	dues                                  int // matters that say what is due
	itemTax                               fixedSum
	changed                               bool // the matter is shared, discounted or taxed as a whole
	started                               bool // a line of the invoice was there
	told                                  bool // of the encoding
}

// xml reads a file of LEDES XML 2.0, 2.1 or 2.2.
func (c *ledesCheck) xml(in io.Reader) error {
	f := &ledesXMLFile{ledesCheck: c}
	f.x = ledesXML{r: in, line: 1}
	c.isXML, c.cols, c.math = true, &ledesXMLColumns, f.math
	for {
		event := f.x.next()
		c.line = f.x.at
		switch event {
		case ledesXMLText:
			f.characters()
			continue
		case ledesXMLOpen:
			if err := f.open(); err != nil {
				return err
			}
			if f.depth < maxLedesXMLDepth {
				continue
			}
			c.inv, c.broken = nil, true
			c.say(codeXMLDepth, "", "", nil)
		case ledesXMLClose:
			if f.close() {
				continue
			}
			c.inv, c.broken = nil, true
			c.say(codeXML, string(f.x.name), "", nil)
		case ledesXMLBad:
			f.stop()
		case ledesXMLEnd:
			if f.depth > 0 {
				f.x.code = codeXMLCut
				f.stop()
			}
		}
		break
	}
	switch {
	case f.x.err != nil:
		return f.x.err
	case c.out.Version == "":
		return ErrNotLedes
	}
	return nil
}

// stop tells why no more is read. The invoice that was open keeps its lines.
func (f *ledesXMLFile) stop() {
	f.inv, f.ledesCheck.broken = nil, true
	if !f.o.Cut || f.x.code != codeXMLCut {
		f.say(f.x.code, "", "", nil)
	}
}

func (f *ledesXMLFile) open() error {
	name := f.x.name
	if f.depth == 0 {
		if f.out.Version != "" { // a second root
			f.say(codeXML, string(name), "", nil)
			return nil
		}
		version, ok := strings.CutPrefix(string(name), "ledesxmlebilling")
		if !ok || version != "2.0" && version != "2.1" && version != "2.2" {
			return ErrNotLedes
		}
		f.out.Version = "XML " + version
		f.push(segRoot, -1)
		return nil
	}
	up := &f.stack[f.depth-1]
	if seg, ok := ledesXMLSegments[string(name)]; ok {
		if !slices.Contains(ledesXMLParents[seg], up.seg) {
			f.say(codeXMLSegment, string(name), "", nil)
			f.push(segOther, -1)
			return nil
		}
		f.begins(seg)
		f.push(seg, -1)
		return nil
	}
	leaf, ok := ledesXMLLeaves[up.seg][string(name)]
	if !ok {
		leaf = -1
		for _, prefix := range [...]string{"matter_disc", "matter_perc", "matter_tax"} {
			f.changed = f.changed || up.seg == segMatter && bytes.HasPrefix(name, []byte(prefix))
		}
	} else {
		f.values[leaf] = ledesXMLValue{f.values[leaf].b[:0], f.line}
	}
	f.push(segOther, leaf)
	return nil
}

func (f *ledesXMLFile) push(seg ledesXMLSegment, leaf int) {
	e := &f.stack[f.depth]
	e.seg, e.leaf, e.line = seg, leaf, f.line
	e.n = copy(e.name[:], f.x.name)
	f.depth++
}

// begins forgets what the last segment of the kind said.
func (f *ledesXMLFile) begins(seg ledesXMLSegment) {
	for _, leaf := range ledesXMLBelow[seg] {
		v := &f.values[leaf]
		v.b, v.line = v.b[:0], f.line
	}
	switch seg {
	case segInvoice:
		f.started, f.inv = false, nil
		f.matterDue, f.dues = fixedSum{}, 0
	case segMatter:
		f.changed = false
		f.matterFees, f.matterExpenses, f.base, f.baseExpenses = fixedSum{}, fixedSum{}, fixedSum{}, fixedSum{}
	case segFee, segExpense:
		f.itemTax = fixedSum{}
	}
}

// characters adds text to the element that it stands in.
func (f *ledesXMLFile) characters() {
	if f.depth == 0 {
		return
	}
	if !f.told && !utf8.Valid(f.x.text) && f.x.whole {
		f.told = true
		f.say(codeXMLEncoding, "", "UTF-8", f.x.text)
	}
	e := &f.stack[f.depth-1]
	if e.leaf < 0 {
		return
	}
	v := &f.values[e.leaf]
	v.b = append(v.b, f.x.text[:min(len(f.x.text), maxLedesXMLText-len(v.b))]...)
}

// close ends an element; it reports false if another one was open.
func (f *ledesXMLFile) close() bool {
	if f.depth == 0 {
		return false
	}
	e := &f.stack[f.depth-1]
	if !bytes.Equal(f.x.name, e.name[:e.n]) {
		return false
	}
	f.depth--
	if e.leaf >= 0 {
		f.values[e.leaf].b = bytes.TrimSpace(f.values[e.leaf].b)
		return true
	}
	f.line = e.line
	switch e.seg {
	case segTax:
		if n, ok := readFixed(f.values[xItemTax].b); ok {
			f.itemTax.add(n)
		}
	case segFee:
		f.charge(lineFee)
	case segExpense:
		f.charge(lineExpense)
	case segMatter:
		f.matterEnds()
	case segInvoice:
		f.invoiceEnds()
		f.inv = nil
	}
	return true
}
