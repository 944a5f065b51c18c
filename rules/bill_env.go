package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// billClasses and billEvents are the words of msg.bill.class and msg.bill.event.
var (
	billClasses = []string{"", "prebill", "invoice-out", "invoice-in", "vendor", "portal", "remittance", "past-due", "aging", "write-off", "trust", "accrual", "budget"}
	billEvents  = []string{"", "received", "approved", "reduced", "rejected", "on-hold", "deadline", "paid", "part-paid"}
)

// billStr, billTime and billList make fields of msg.bill. Nothing of them is worked out
// for mail that cannot be billing mail.
func billStr(get func(m *billMail) string) field {
	return field{cel.StringType, func(v any) any { return types.String(get(v.(*facts).weighed())) }}
}

func billYes(get func(m *billMail) bool) field {
	return field{cel.BoolType, func(v any) any { return types.Bool(get(v.(*facts).weighed())) }}
}

func billTime(get func(b *model.Bill) model.UnixTime) field {
	return field{cel.TimestampType, func(v any) any {
		if at := get(v.(*facts).weighed().one()); at != 0 {
			return instant(time.Unix(int64(at), 0).UTC())
		}
		return noTime
	}}
}

func billList(name string, get func(m *billMail) []string) field {
	return strs("bill."+name, func(f *facts) []string { return get(f.weighed()) })
}

// billKind is msg.bill: what the surest of the bills of the mail says, and what holds
// for any of them. It is all empty in other mail.
var billKind = newKind("bill", map[string]field{
	"found":       billYes(func(m *billMail) bool { return m.Class != "" }),
	"class":       billStr(func(m *billMail) string { return m.Class }),
	"event":       billStr(func(m *billMail) string { return m.one().Event }),
	"number":      billStr(func(m *billMail) string { return m.one().Number }),
	"numbers":     billList("numbers", (*billMail).numbers),
	"count":       {cel.IntType, func(v any) any { return types.Int(len(v.(*facts).weighed().bills)) }},
	"vendor":      billStr(func(m *billMail) string { return m.one().Vendor }),
	"vendor_name": billStr(func(m *billMail) string { return m.one().Name }),
	"client":      billStr(func(m *billMail) string { return m.one().Client }),
	"matter":      {matterKind.typ, func(v any) any { f := v.(*facts); return matterRecord(f.set, f.billMatter()) }},
	"total": {moneyKind.typ, func(v any) any {
		b := v.(*facts).weighed().one()
		return record{moneyKind, &billing.Money{Minor: b.Amount, Currency: b.Currency}}
	}},
	"date":         billTime(func(b *model.Bill) model.UnixTime { return b.Date }),
	"due":          billTime(func(b *model.Bill) model.UnixTime { return b.Due }),
	"from":         billTime(func(b *model.Bill) model.UnixTime { return b.From }),
	"till":         billTime(func(b *model.Bill) model.UnixTime { return b.Till }),
	"terms":        {cel.IntType, func(v any) any { return types.Int(v.(*facts).weighed().terms()) }},
	"duplicate":    billYes(func(m *billMail) bool { return m.earlier != nil }),
	"duplicate_of": {cel.StringType, func(v any) any { return types.String(v.(*facts).duplicateOf()) }},
	"layer":        billStr(func(m *billMail) string { return m.layer() }),
	"likeness": billStr(func(m *billMail) string {
		if m.earlier == nil {
			return ""
		}
		return billing.SayLayer(m.layer())
	}),
	"doubts":     billList("doubts", func(m *billMail) []string { return m.codes }),
	"warning":    billStr(func(m *billMail) string { return billing.SayDoubts(m.codes) }),
	"suspicious": billYes(func(m *billMail) bool { return billing.Hard(m.codes) }),
	"faults":     billList("faults", (*billMail).faults),
	"paid":       billYes((*billMail).paid),
	"reasons":    billList("reasons", (*billMail).reasons),
})

// one is the surest bill.
func (m *billMail) one() *model.Bill {
	if len(m.bills) > 0 {
		return &m.bills[0]
	}
	return &model.Bill{}
}

func (m *billMail) numbers() []string {
	var out []string
	for i := range m.bills {
		if n := m.bills[i].Number; n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func (m *billMail) terms() int {
	if len(m.from) > 0 && m.from[0].Terms > 0 {
		return m.from[0].Terms
	}
	return m.Terms
}

func (m *billMail) faults() []string {
	var out []string
	for i := range m.bills {
		for _, code := range m.bills[i].Faults {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// paid reports that the ledger has all of the bills as paid: nothing is to be done.
func (m *billMail) paid() bool {
	return len(m.bills) > 0 && m.Class != "remittance" && !slices.ContainsFunc(m.bills, func(b model.Bill) bool { return b.State != statePaid })
}

func (m *billMail) layer() string {
	if m.earlier == nil {
		return ""
	}
	return m.bills[m.twin].Layer
}

// sayBill is a bill in a sentence.
func sayBill(b *model.Bill) string {
	parts := []string{"invoice"}
	if b.Number != "" {
		parts = append(parts, b.Number)
	}
	if b.Name != "" {
		parts = append(parts, "of "+b.Name)
	} else if b.Vendor != "" && b.Vendor != vendorSelf {
		parts = append(parts, "of "+b.Vendor)
	}
	if b.Amount != 0 {
		parts = append(parts, "for "+billing.Money{Minor: b.Amount, Currency: b.Currency}.String())
	}
	if b.At != 0 {
		parts = append(parts, "that came on "+time.Unix(int64(b.At), 0).UTC().Format(time.DateOnly))
	}
	if b.MessageID != "" {
		parts = append(parts, fmt.Sprintf("(message %s)", b.MessageID))
	}
	return shortened(strings.Join(parts, " "))
}

// reasons are why the mail is taken for what it is: the code, and the wording.
func (m *billMail) reasons() []string {
	var out []string
	for _, r := range m.Why {
		if s := strings.TrimSpace(r.Code + " " + r.Word); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// billMatter is the matter of the surest bill.
func (f *facts) billMatter() *found {
	m := f.weighed()
	if len(m.bills) == 0 || m.bills[0].Matter == "" {
		return nil
	}
	for _, found := range f.named() {
		if found.matter.Number == m.bills[0].Matter {
			return &found
		}
	}
	return &found{matter: m.matters[0], zone: zoneFile}
}

// asksDoubts reports whether the condition of a rule looks at the doubts about a bill:
// it knows then that the bill may be forged.
func (r *rule) asksDoubts() bool {
	asks := false
	look := func(e *expression) {
		if e == nil {
			return
		}
		ast.PreOrderVisit(e.root(), ast.NewExprVisitor(func(n ast.Expr) {
			if n.Kind() == ast.SelectKind && fieldOf(n.AsSelect().Operand(), "msg") == "bill" {
				asks = asks || n.AsSelect().FieldName() == "doubts" || n.AsSelect().FieldName() == "suspicious"
			}
		}))
	}
	for _, l := range r.lets {
		look(l.expr)
	}
	look(r.when)
	look(r.unless)
	return asks
}
