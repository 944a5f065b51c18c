package rules

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/config"
	"chancery/rules/billing"
)

// extracted is x: the typed values of one message for one rule.
type extracted struct {
	f      *facts
	matter *found // overrides the facts' own when set by assume
	assume bool
	near   map[string]near
	cache  map[string]billing.Value
}

// near is one entry under extract.
type near struct {
	kind  string
	words []string
}

func (x *extracted) which() *found {
	if x.assume {
		return x.matter
	}
	return x.f.matter()
}

// value returns what an extract entry finds; the built-in names fall back to
// what the whole mail says.
func (x *extracted) value(name string) billing.Value {
	if v, ok := x.cache[name]; ok {
		return v
	}
	var v billing.Value
	found := false
	n, declared := x.near[name]
	if declared && (name != "total" && name != "invoice" || len(x.f.billing().Ledes) == 0) {
		v, found = billing.Near(*x.f.text(), n.kind, n.words)
	}
	if !found {
		b := x.f.billing()
		switch name {
		case "invoice":
			v = billing.Value{Text: b.Invoice, Zone: b.Where["invoice"]}
		case "total":
			v = billing.Value{Money: b.Total, Zone: b.Where["total"]}
		case "due":
			v = billing.Value{Time: b.Due, Zone: b.Where["due"]}
		}
	}
	if x.cache == nil {
		x.cache = map[string]billing.Value{}
	}
	x.cache[name] = v
	return v
}

// matterKind is x.matter and each element of matters.
var matterKind = newKind("matter", map[string]field{
	"found":   {cel.BoolType, func(v any) any { return types.Bool(v.(*matterValue).m != nil) }},
	"open":    {cel.BoolType, func(v any) any { return types.Bool(v.(*matterValue).get().Open) }},
	"number":  {cel.StringType, func(v any) any { return types.String(v.(*matterValue).get().Number) }},
	"client":  {cel.StringType, func(v any) any { return types.String(v.(*matterValue).get().Client) }},
	"name":    {cel.StringType, func(v any) any { return types.String(v.(*matterValue).get().Name) }},
	"partner": {cel.StringType, func(v any) any { return types.String(strings.ToLower(v.(*matterValue).get().Partner)) }},
	"folder": {stringList, func(v any) any {
		m := v.(*matterValue)
		return types.NewStringList(m.set.types, m.get().Folder)
	}},
	"team": {stringList, func(v any) any {
		m := v.(*matterValue)
		return newAddresses(m.set.types, m.get().Team)
	}},
	"wall": {stringList, func(v any) any {
		m := v.(*matterValue)
		return newAddresses(m.set.types, m.get().Wall)
	}},
	"hold":  {cel.BoolType, func(v any) any { return types.Bool(v.(*matterValue).get().Hold) }},
	"where": {cel.StringType, func(v any) any { return types.String(v.(*matterValue).where) }},
})

// matterValue is a matter, or none.
type matterValue struct {
	set   *Set
	m     *config.Matter
	where string
}

var noMatter config.Matter

func (m *matterValue) get() *config.Matter {
	if m.m == nil {
		return &noMatter
	}
	return m.m
}

func matterRecord(s *Set, f *found) ref.Val {
	if f == nil {
		return record{matterKind, &matterValue{set: s}}
	}
	return record{matterKind, &matterValue{s, f.matter, zoneWords[f.zone]}}
}

// moneyKind is x.total and every extract of kind money.
var moneyKind = newKind("money", map[string]field{
	"cents":    {cel.IntType, func(v any) any { return types.Int(v.(*billing.Money).Minor) }},
	"currency": {cel.StringType, func(v any) any { return types.String(v.(*billing.Money).Currency) }},
	"text": {cel.StringType, func(v any) any {
		if m := v.(*billing.Money); *m != (billing.Money{}) {
			return types.String(m.String())
		}
		return types.String("")
	}},
})

// extractTypes says which type each kind of extract gives.
var extractTypes = map[string]*cel.Type{
	"matter": matterKind.typ, "invoice": cel.StringType, "money": moneyKind.typ, "date": cel.TimestampType,
}

// builtin says which kind the fields of x have that are always there.
var builtin = map[string]string{"matter": "matter", "invoice": "invoice", "total": "money", "due": "date"}

// extractField makes the field x.<name>.
func extractField(name, kind string) field {
	f := field{typ: extractTypes[kind]}
	switch kind {
	case "matter":
		f.get = func(v any) any { x := v.(*extracted); return matterRecord(x.f.set, x.which()) }
	case "money":
		f.get = func(v any) any { m := v.(*extracted).value(name).Money; return record{moneyKind, &m} }
	case "date":
		f.get = func(v any) any { return instant(v.(*extracted).value(name).Time) }
	default:
		f.get = func(v any) any { return types.String(v.(*extracted).value(name).Text) }
	}
	return f
}

// extractKind makes the type of x for the entries of one rule.
func extractKind(name string, entries []config.Extract) *kind {
	fields := map[string]field{
		"ledes": {cel.BoolType, func(v any) any { return types.Bool(len(v.(*extracted).f.billing().Ledes) > 0) }},
	}
	for n, k := range builtin {
		fields[n] = extractField(n, k)
	}
	for _, e := range entries {
		if extractTypes[e.Kind.Value] != nil {
			fields[e.Name.Value] = extractField(e.Name.Value, e.Kind.Value)
		}
	}
	return newKind(name, fields)
}

// show tells a value of x in words; "" if there is none.
func (x *extracted) show(name string) string {
	switch kind := x.kindOf(name); kind {
	case "matter":
		if m := x.which(); m != nil {
			return m.matter.Number + " in " + zonePlaces[m.zone]
		}
	case "money":
		if v := x.value(name); v.Money != (billing.Money{}) {
			return v.Money.String()
		}
	case "date":
		if v := x.value(name); !v.Time.IsZero() {
			return v.Time.UTC().Format(time.DateOnly)
		}
	case "ledes":
		if len(x.f.billing().Ledes) > 0 {
			return "attached"
		}
	default:
		return x.value(name).Text
	}
	return ""
}

func (x *extracted) kindOf(name string) string {
	if n, ok := x.near[name]; ok {
		return n.kind
	}
	if k, ok := builtin[name]; ok {
		return k
	}
	return name
}
