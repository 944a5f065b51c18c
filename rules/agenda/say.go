package agenda

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// telling is one conflict in words, for the hold and the note alike.
type telling struct {
	s      *settlement
	c      *conflict
	d      *diary
	slots  []slot
	moved  []slot // times a person chose to offer
	record bool   // it is settled, and only what was done is told
	digest string
	first  side // keeps its time, or the first of two that a person must weigh
	second side
}

// side is one of the two meetings.
type side struct{ title, when, part string }

func (s *settlement) telling(c *conflict, d *diary) telling {
	t := telling{s: s, c: c, d: d}
	wanted := s.wanted(c)
	if !c.person && d != nil {
		t.slots, t.moved = s.offersOf(c, d, wanted)
	}
	t.first, t.second = s.side(c.keeps, "keeps its time"), s.side(c.yields, "should move")
	if c.person {
		t.first.part, t.second.part = "fixed", "fixed"
	}
	if c.keeps.soft {
		t.first.part += notYet
	}
	if c.yields.soft {
		t.second.part += notYet
	}
	if deed := t.deed(); deed != "" {
		t.second.part = deed + " by rule"
	}
	t.digest = t.digestOf(wanted)
	return t
}

const notYet = ", not accepted yet"

func (s *settlement) side(b *block, part string) side {
	return side{s.title(b), s.when(b.Start, b.End, b.whole()), part}
}

// title is what people may read of a meeting.
func (s *settlement) title(b *block) string {
	if s.o.Discreet {
		return name(b)
	}
	if s.hidden(b) {
		return "Private appointment"
	}
	if t := clean(b.Occurrence.Summary); t != "" {
		return t
	}
	return "Untitled (" + name(b) + ")"
}

// hidden: RFC 5545 section 3.8.1.3 lets the owner ask for it, and an unknown
// class counts as private.
func (s *settlement) hidden(b *block) bool {
	return b.Occurrence.Class != "" && b.Occurrence.Class != "PUBLIC" || s.veiled(b)
}

// private: the hold inherits the wish of its meetings. Discretion alone does not
// ask for it, because many servers hide private events from assistants.
func (s *settlement) private(c *conflict) bool {
	return s.hidden(c.keeps) || s.hidden(c.yields)
}

// clean makes foreign text fit for one line: no control characters, nothing
// that changes the direction of writing, at most 80 runes.
func clean(in string) string {
	if tidyText(in) {
		return in
	}
	var b strings.Builder
	for _, r := range in {
		joiner := r == '\u200c' || r == '\u200d' // Persian and Indic words need them
		if unicode.Is(unicode.Cf, r) && !joiner || r == unicode.ReplacementChar {
			continue
		}
		if unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	words := []rune(strings.Join(strings.Fields(b.String()), " "))
	if len(words) > 80 {
		return strings.TrimSpace(string(words[:79])) + "…"
	}
	return string(words)
}

// tidyText reports whether a text is short, of printable ASCII, and has no space
// too many: clean has nothing to do, as mostly.
func tidyText(s string) bool {
	if len(s) > 80 {
		return false
	}
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}

const (
	dayForm   = "Mon 2 Jan 2006"
	clockForm = "15:04"
)

// when gives a stretch of time in the principal's zone, which is named on the days
// away from home: "Mon 7 Dec 2026, 10:30–12:30 London time".
func (s *settlement) when(start, end time.Time, date bool) string {
	out := s.span(start, end, date)
	if zone := s.zoneOf(start); !date && zone.String() != s.zone.String() {
		out += " " + zoneWords(zone)
	}
	return out
}

// span is when without the name of the zone.
func (s *settlement) span(start, end time.Time, date bool) string {
	zone := s.zoneOf(start)
	a, b := start.In(zone), end.In(zone)
	if date {
		last := b.Add(-time.Second)
		if a.Format(dayForm) == last.Format(dayForm) {
			return a.Format(dayForm) + ", all day"
		}
		return a.Format(dayForm) + " to " + last.Format(dayForm)
	}
	if a.Format(dayForm) == b.Format(dayForm) {
		if a.Equal(b) {
			return a.Format(dayForm + ", " + clockForm)
		}
		return a.Format(dayForm+", "+clockForm) + "–" + b.Format(clockForm)
	}
	return a.Format(dayForm+", "+clockForm) + " to " + b.Format(dayForm+", "+clockForm)
}

// clash says in one sentence what is wrong.
func (t telling) clash() string {
	who := "Two appointments"
	if n := clean(cmp.Or(t.s.v.Principal.Title, t.s.v.Principal.Name)); n != "" {
		who += " of " + n
	}
	a, b := t.c.keeps, t.c.yields
	verb := " overlap."
	if t.record {
		verb = " overlapped."
	}
	if a.Start.Before(b.End) && b.Start.Before(a.End) || t.record {
		if into := t.into(); into != "" && !t.record {
			return "An appointment" + strings.TrimPrefix(who, "Two appointments") + into
		}
		return who + verb
	}
	return who + " leave less than " + minutes(gapOf(a, b)) + " between them."
}

// into says what one appointment runs into, where the other is none; "" if both are.
func (t telling) into() string {
	for _, k := range []struct {
		kind kind
		say  string
	}{{deadline, " falls into the hours before a deadline."}, {guarded, " falls into time that is kept free."}, {absence, " falls on a day out of office."}} {
		a, b := t.c.keeps.kind == k.kind, t.c.yields.kind == k.kind
		if a != b {
			return k.say
		}
	}
	return ""
}

// zoneLine says in which zone times are given that do not say it themselves.
func (s *settlement) zoneLine(at ...time.Time) string {
	var names []string
	for _, t := range at {
		if n := s.zoneOf(t).String(); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	switch home := s.zone.String(); {
	case len(names) == 1:
		return "Times are in " + names[0] + "."
	case slices.Contains(names, home):
		return "Times without a place are in " + home + "."
	}
	return "Each time says where."
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func minutes(d time.Duration) string {
	if d%time.Hour == 0 && d > time.Hour {
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d minutes", d/time.Minute)
}

// again says that this is not the only date.
func (t telling) again() string {
	if t.record {
		return ""
	}
	return t.c.often()
}

// advice says what the rules make of it.
func (t telling) advice() string {
	switch {
	case t.record:
		return t.deeds()
	case t.c.person:
		return "Why: " + t.c.why() + ". Please decide."
	case len(t.c.done) > 0:
		return "Why: " + t.c.why() + ". " + t.deeds()
	}
	return "Why: " + t.c.why() + "."
}

// places lists where the ranks stand in the rule files.
func (t telling) places() string {
	var out []string
	for _, b := range []*block{t.c.keeps, t.c.yields} {
		if p := clean(b.r.Place); p != "" && (len(out) == 0 || out[0] != p) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return clean(t.s.o.Place)
	}
	return strings.Join(out, ", ")
}

// offer heads the list of slots, or says that there is none; "" if none was
// looked for.
func (t telling) offer() string {
	switch {
	case t.record || t.c.person || t.s.o.Alternatives == 0 || t.c.yields.whole():
		return ""
	case len(t.offers()) == 0:
		return "No free time was found nearby."
	case t.c.more > 0 && !slices.ContainsFunc(t.offers(), func(w slot) bool { n, _ := t.clears(w); return n > 0 }):
		return "Free instead, for this date:"
	}
	return "Free instead:"
}

// offers are all times that are offered, by time.
func (t telling) offers() []slot {
	if len(t.moved) == 0 {
		return t.slots
	}
	out := slices.Concat(t.slots, t.moved)
	slices.SortFunc(out, func(a, b slot) int { return a.start.Compare(b.start) })
	return out
}

func (t telling) why() string {
	w := t.c.why()
	if p := t.places(); p != "" {
		w += " (" + p + ")"
	}
	return w
}
