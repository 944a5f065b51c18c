package billdesk

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

const (
	// maxDue bounds the due dates that stand in a calendar; the next ones count.
	maxDue = 500
	// dueSteps bounds the writes of one look, so that a mistake does not fill a
	// calendar before anybody sees it; the rest follows after a pause.
	dueSteps = 250
	duePause = time.Minute
	// dueKept is how many days a due date that has passed stands while its bill is
	// open. After that the billing note tells of it.
	dueKept = 30
)

// deadline is one bill that is to stand in the calendar.
type deadline struct {
	b   *model.Bill
	due day
	on  day // where its event stands
}

// dueKinds says how the event of a class is called; what is not here has none.
var dueKinds = map[string]string{
	"invoice-in": "Pay by", "vendor": "Pay by", "invoice-out": "Payment expected", "prebill": "Prebill due back",
	"accrual": "Accrual due", "budget": "Budget due", "portal": "Portal deadline", "trust": "Bill due",
}

// dueDates brings the billing calendar up to date.
func (s *desk) dueDates() {
	room := dueSteps
	spend := func(to model.SourceID, ref model.Ref, of model.Ident, why string, a model.Action) {
		if room--; room >= 0 {
			s.act(to, ref, of, why, a)
		} else {
			s.look(s.v.Now.Add(duePause))
		}
	}
	standing := map[model.Ident]bool{}
	for _, d := range s.deadlines() {
		of := DueIdent(s.v.Principal, s.d.Calendar, d.b.ID)
		standing[of] = true
		if h, ok := s.event(of, d); ok {
			spend(s.d.Calendar, h.Base, of, "a bill is due", h)
		}
	}
	unknown := s.unknown(func(b *model.Bill) []model.Ident { return []model.Ident{DueIdent(s.v.Principal, s.d.Calendar, b.ID)} })
	for _, of := range slices.Sorted(maps.Keys(s.v.Findings)) {
		f := s.v.Findings[of]
		if !IsDue(of) || standing[of] || f.Hold == "" || touched(f) || unknown(of) {
			continue
		}
		if f.HoldRef.Source == "" {
			s.look(s.v.Now.Add(duePause)) // where it stands is not known yet
			continue
		}
		base := based(f)
		spend(f.HoldRef.Source, base, of, "the bill is settled, told by another, or long past",
			model.Withdraw{UID: UID(s.v.Principal.Name, of), Of: of, Base: base})
	}
}

// deadlines lists the bills that stand in the calendar, the earliest first.
func (s *desk) deadlines() (out []deadline) {
	if s.d.Calendar == "" {
		return nil
	}
	for _, b := range s.book.bills {
		if d, ok := s.deadline(b); ok {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b deadline) int { return cmp.Compare(a.due, b.due) })
	if len(out) > maxDue {
		s.report("", "limit", "hold", "there are more due dates than a calendar can show")
		out = fairly(out, maxDue)
	}
	return out
}

// fairly takes so many, in their order: the first of each vendor, then the second of
// each. Else one sender with many bills drives those of all others out.
func fairly(list []deadline, most int) []deadline {
	turn, of := make([]int, len(list)), map[string]int{}
	for i, d := range list {
		turn[i] = of[d.b.Vendor]
		of[d.b.Vendor]++
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(turn[a], turn[b]) })
	slices.Sort(order[:most])
	out := make([]deadline, most)
	for i, at := range order[:most] {
		out[i] = list[at]
	}
	return out
}

// covered reports whether the event of another bill stands for that of b: of one that
// it repeats, and that is due no later and has an event or is settled.
func (s *desk) covered(b *model.Bill) bool {
	return s.book.repeats(b) && slices.ContainsFunc(b.Twins, func(id string) bool {
		t := s.book.byID[id]
		return t == nil && !s.book.some || t != nil && (!open(t) || t.Due != 0 && t.Due <= b.Due && s.timely(t))
	})
}

// timely reports whether a due date is one of which a calendar tells.
func (s *desk) timely(b *model.Bill) bool {
	due := dayAt(b.Due)
	return due >= dayOf(time.Unix(int64(b.At), 0).In(s.zone)) && due >= s.today-dueKept && due <= s.today+maxAhead
}

// deadline finds where the event of a bill stands, if it has one. A bill that comes
// late stands where it came, one that came after its due date nowhere.
func (s *desk) deadline(b *model.Bill) (d deadline, ok bool) {
	if dueKinds[b.Class] == "" || b.Due == 0 || !open(b) || s.covered(b) || !s.timely(b) {
		return d, false
	}
	if b.Class == "portal" && b.Event != "deadline" {
		return d, false
	}
	came := dayOf(time.Unix(int64(b.At), 0).In(s.zone))
	d = deadline{b: b, due: dayAt(b.Due)}
	d.on = min(max(before(d.due, max(s.d.Before, 0), s.off), came, s.began()), d.due)
	return d, true
}

// began is the day on which somebody began to look after the billing.
func (s *desk) began() day {
	if s.v.Billing.Began == 0 {
		return s.today
	}
	return dayOf(time.Unix(int64(s.v.Billing.Began), 0).In(s.zone))
}

// maxAhead is how many days from now a due date may lie: further is a slip of who
// wrote the bill.
const maxAhead = 3 * 366

// event returns the hold for a due date; ok unless it stands or is a person's.
func (s *desk) event(of model.Ident, d deadline) (h model.Hold, ok bool) {
	f := s.v.Findings[of]
	if touched(f) {
		what := "pinned"
		if f.Dismissed {
			what = "dismissed"
		}
		s.report(of, what, "hold", "a person decided about it")
		return h, false
	}
	title, text := s.eventText(d)
	b := d.b
	meaning := []string{"due 1", strconv.FormatInt(int64(d.on), 36), strconv.FormatInt(int64(d.due), 36), strconv.FormatBool(veiled(b)), strconv.Itoa(s.d.Before)}
	if !veiled(b) {
		meaning = append(meaning, b.Class, number(b), vendor(b), client(b), matter(b), amount(b), clean(b.Subject, maxSubject), messageID(b), doubts(b))
	}
	if told := newAccount(b); told != "" {
		meaning = append(meaning, told)
	}
	digest := short(12, meaning...)
	if f.Hold == digest || f.Hold == "" && d.due < s.today {
		return h, false // nobody needs to be told of the past by a new event
	}
	body := model.HoldBody{Start: d.on.unix(), End: (d.on + 1).unix(), Date: true, Stamp: model.UnixTime(s.v.Now.Unix()), Summary: title, Description: text}
	return model.Hold{UID: UID(s.v.Principal.Name, of), Of: of, Digest: digest, Base: based(f), Body: model.Hide(body)}, true
}

const (
	eventGoes = "It goes when the bill is paid, void or disputed."
	eventEnds = "Delete this event to hear no more of it here; edit it and Chancery will leave it alone."
)

// eventText is the title and the description of an event.
func (s *desk) eventText(d deadline) (title, text string) {
	b := d.b
	if veiled(b) {
		return dueKinds[b.Class], eventEnds
	}
	title = dueKinds[b.Class] + " " + d.due.shown(d.on)
	if alarming(b) {
		title = "Check before paying, due " + d.due.shown(d.on)
	}
	title += ": " + joined(", ", party(b), number(b), amount(b), unlessSame(matter(b), party(b)))
	title = strings.TrimSuffix(title, ": ")
	var lines []string
	add := func(parts ...string) {
		if text := joined("", parts...); text != "" {
			lines = append(lines, text)
		}
	}
	if alarming(b) {
		add("Do not pay before somebody has checked it: ", doubts(b), ".")
		add(" ")
	}
	of := ""
	if b.Date != 0 && number(b) != "" {
		of = "of " + dayAt(b.Date).long()
	}
	add(capital(joined(" ", number(b), of)))
	if v := vendor(b); v != "" && !owed(b) && v != client(b) {
		add("From ", v)
	}
	add(capital(joined(", ", amount(b), "due "+d.due.long())))
	add(newAccount(b))
	add(capital(joined(", ", prefixed("client ", client(b)), prefixed("matter ", matter(b)))))
	add(prefixed("Mail: ", clean(b.Subject, maxSubject)))
	if id := messageID(b); id != "" {
		add("Message-ID: <", id, ">")
		add(midLink(id))
	}
	add(" ")
	if d.on < d.due {
		add("This event stands ", plural(s.business(d.on, d.due), "business day"), " before the due date. ", eventGoes)
	} else {
		add(eventGoes)
	}
	add(eventEnds)
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return searchable(title), searchable(strings.Join(lines, "\n"))
}

// business counts the business days from one day to before another.
func (s *desk) business(from, till day) (n int) {
	for d := from; d < till; d++ {
		if business(d, s.off) {
			n++
		}
	}
	return n
}

func prefixed(with, s string) string {
	if s == "" {
		return ""
	}
	return with + s
}

func unlessSame(s, as string) string {
	if s == as {
		return ""
	}
	return s
}

// touched reports whether a person decided about what we wrote.
func touched(f model.Finding) bool { return f.Dismissed || f.Pinned || f.Confirmed }

// based is the version that an update replaces; zero while none is known.
func based(f model.Finding) model.Ref {
	if f.Hold == "" || f.HoldRef.Href == "" {
		return model.Ref{}
	}
	return f.HoldRef
}
