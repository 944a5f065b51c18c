package rules

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/rules/text"
)

// showWords are the words of ev.show, by model.Show.
var showWords = [...]string{"busy", "tentative", "free", "out-of-office", "elsewhere"}

// eventFacts is one occurrence of an event as rules see it.
type eventFacts struct {
	set       *Set
	event     *model.Event
	o         *model.Occurrence
	recurring bool
	principal *model.Principal
}

func (e *eventFacts) people() []string {
	var list []string
	add := func(a model.Address) {
		if s := address(a); s != "" && !slices.Contains(list, s) && len(list) < 1000 {
			list = append(list, s)
		}
	}
	add(e.o.Organizer)
	for _, a := range e.o.Attendees {
		if a.Type != "ROOM" && a.Type != "RESOURCE" {
			add(a.Address)
		}
	}
	return list
}

// mine reports whether the principal leads the event: it has no organizer, or
// the principal is it.
func (e *eventFacts) mine() bool {
	o := address(e.o.Organizer)
	return o == "" || slices.Contains(e.principal.Addresses, o)
}

// partstat is the principal's own answer, in lower case; "" if not invited.
func (e *eventFacts) partstat() string {
	for _, a := range e.o.Attendees {
		if slices.Contains(e.principal.Addresses, address(a.Address)) {
			return strings.ToLower(a.PartStat)
		}
	}
	return ""
}

func (e *eventFacts) start(t model.Time) ref.Val {
	if t.IsZero() {
		return noTime
	}
	zone := e.principal.Zone
	if zone == nil {
		zone = noTime.Location()
	}
	return instant(t.In(zone))
}

func (e *eventFacts) length() ref.Val {
	a, ok := e.start(e.o.Start).(types.Timestamp)
	b, good := e.start(e.o.End).(types.Timestamp)
	if !ok || !good || b.Before(a.Time) {
		return types.Duration{}
	}
	return types.Duration{Duration: b.Sub(a.Time)}
}

// matter is the one listed matter that the title names, else the location or a
// category; none if several stand there.
func (e *eventFacts) matter() *matterValue {
	none := &matterValue{set: e.set}
	if e.set.matters.Len() == 0 {
		return none
	}
	places := []struct{ where, text string }{{"title", e.o.Summary}, {"location", e.o.Location}, {"category", strings.Join(e.o.Categories, "\n")}}
	for _, p := range places {
		s := text.Fold(bounded(p.text))
		found := e.set.matters.FindIn(s, text.Starts(nil, s))
		for _, h := range found {
			if h.Matter != found[0].Matter {
				return none
			}
		}
		if len(found) > 0 {
			return &matterValue{e.set, found[0].Matter, p.where}
		}
	}
	return none
}

func evText(get func(e *eventFacts) string) field {
	return field{cel.StringType, func(v any) any { return types.String(bounded(strings.ToValidUTF8(get(v.(*eventFacts)), "?"))) }}
}

func evFlag(get func(e *eventFacts) bool) field {
	return field{cel.BoolType, func(v any) any { return types.Bool(get(v.(*eventFacts))) }}
}

// eventKind is ev.
var eventKind = newKind("event", map[string]field{
	"title":      evText(func(e *eventFacts) string { return e.o.Summary }),
	"location":   evText(func(e *eventFacts) string { return e.o.Location }),
	"organizer":  evText(func(e *eventFacts) string { return address(e.o.Organizer) }),
	"calendar":   evText(func(e *eventFacts) string { return string(e.event.Ref.Source) }),
	"show":       evText(func(e *eventFacts) string { return showWord(e.o.Show) }),
	"status":     evText(func(e *eventFacts) string { return strings.ToLower(e.o.Status) }),
	"class":      evText(func(e *eventFacts) string { return strings.ToLower(e.o.Class) }),
	"partstat":   evText((*eventFacts).partstat),
	"conference": evFlag(func(e *eventFacts) bool { return e.o.Conference != "" }),
	"all_day":    evFlag(func(e *eventFacts) bool { return e.o.Start.Date }),
	"recurring":  evFlag(func(e *eventFacts) bool { return e.recurring }),
	"mine":       evFlag((*eventFacts).mine),
	"focus":      evFlag(func(e *eventFacts) bool { return e.o.Focus }),
	"place":      evFlag(func(e *eventFacts) bool { return agenda.Place(e.o) != "" }),
	"travel":     {cel.DurationType, func(v any) any { return types.Duration{Duration: v.(*eventFacts).o.Travel} }},
	"matter":     {matterKind.typ, func(v any) any { return record{matterKind, v.(*eventFacts).matter()} }},
	"start":      {cel.TimestampType, func(v any) any { e := v.(*eventFacts); return e.start(e.o.Start) }},
	"end":        {cel.TimestampType, func(v any) any { e := v.(*eventFacts); return e.start(e.o.End) }},
	"duration":   {cel.DurationType, func(v any) any { return v.(*eventFacts).length() }},
	"people": {stringList, func(v any) any {
		e := v.(*eventFacts)
		return types.NewStringList(e.set.types, e.people())
	}},
	"people_count": {cel.IntType, func(v any) any { return types.Int(len(v.(*eventFacts).people())) }},
	"categories": {stringList, func(v any) any {
		e := v.(*eventFacts)
		return types.NewStringList(e.set.types, e.o.Categories)
	}},
})

func showWord(s model.Show) string {
	if s < 0 || int(s) >= len(showWords) {
		return showWords[0]
	}
	return showWords[s]
}

// eventScope resolves the variables of calendar rules.
type eventScope struct{ e *eventFacts }

func (s eventScope) Parent() cel.Activation { return nil }

func (s eventScope) ResolveName(name string) (any, bool) {
	switch name {
	case "ev":
		return record{eventKind, s.e}, true
	case "lists":
		return record{s.e.set.listKind, s.e.set}, true
	}
	return nil, false
}
