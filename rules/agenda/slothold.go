package agenda

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// slotHold is a hold on one offered time, as it was left.
type slotHold struct {
	of    model.Ident
	start time.Time // as it was offered; a person may have moved it since
	f     model.Finding
	now   *model.Event // as it stands; nil if it is not seen
}

func (h slotHold) compare(o slotHold) int {
	return cmp.Or(h.start.Compare(o.start), cmp.Compare(h.of, o.of))
}

// touched reports whether a person decided about it.
func (h slotHold) touched() bool { return h.f.Dismissed || h.f.Pinned || h.f.Confirmed }

// slotHolds are all that were ever made for one finding, by time.
type slotHolds []slotHold

func (s *settlement) slotsOf(kind, root string) slotHolds { return s.held[kind+root] }

// collect groups what is known of slot holds by their finding.
func (s *settlement) collect() {
	s.held, s.amends = map[string]slotHolds{}, map[string][]amended{}
	for of := range s.v.Findings {
		switch kind, root, at := split(of); kind {
		case kindSlot, kindMany:
			s.held[kind+root] = append(s.held[kind+root], slotHold{of, at, s.v.Findings[of], s.own[of]})
		case kindAmend:
			s.amends[root] = append(s.amends[root], amended{of, at, s.v.Findings[of]})
		}
	}
	for _, hs := range s.held {
		slices.SortFunc(hs, slotHold.compare)
	}
	for _, list := range s.amends {
		slices.SortFunc(list, func(a, b amended) int { return cmp.Compare(a.of, b.of) })
	}
}

// confirmed reports whether a person made one of them a real appointment.
func (hs slotHolds) confirmed() bool {
	return slices.ContainsFunc(hs, func(h slotHold) bool { return h.f.Confirmed })
}

// never lists the starts that are not offered by us any more: those a person
// deleted, and those of holds a person moved.
func (hs slotHolds) never() map[int64]bool {
	out := map[int64]bool{}
	for _, h := range hs {
		if h.touched() {
			out[h.start.Unix()] = true
		}
	}
	return out
}

// wanted is how many times are to be offered, when n were asked for: what a person
// deleted is offered anew at another time, but not for ever.
func (hs slotHolds) wanted(n int) int {
	deleted, moved := 0, 0
	for _, h := range hs {
		switch {
		case h.f.Dismissed:
			deleted++
		case h.f.Pinned:
			moved++
		}
	}
	return max(0, min(n, 2*n-deleted)-moved)
}

// moved returns the holds that a person put elsewhere: they are offers, too. at
// is where each of them stands now.
func (hs slotHolds) moved(zone *time.Location) (out slotHolds, at []slot) {
	for _, h := range hs {
		if !h.f.Pinned || h.f.Dismissed || h.f.Confirmed || h.now == nil {
			continue
		}
		if m := h.now.Body.Reveal().Master; m != nil && !m.Start.IsZero() {
			start, end := own(m, zone)
			out, at = append(out, h), append(at, slot{start, end})
		}
	}
	return out, at
}

// sweep takes the untouched ones away, but for those in keep.
func (s *settlement) sweep(hs slotHolds, keep map[model.Ident]bool, why string) {
	for _, h := range hs {
		if h.f.Hold != "" && !h.touched() && !keep[h.of] {
			s.withdrawFor(h.of, h.f, why)
		}
	}
}

// slots brings the holds on the offered times to what should stand.
func (s *settlement) slots(t telling) {
	hs, keep := s.slotsOf(kindSlot, Root(t.c.of)), map[model.Ident]bool{}
	if s.o.Slots && s.v.Principal.Holds != "" && s.lead(t.c) == t.c {
		moved, _ := s.kinSlots(t.c).moved(s.zone)
		starts := make([]time.Time, 0, len(t.slots)+len(moved))
		for _, w := range t.slots {
			starts = append(starts, w.start)
		}
		for _, h := range moved {
			starts = append(starts, h.start)
		}
		for _, w := range t.slots {
			of := identAt(kindSlot, Root(t.c.of), w.start)
			keep[of] = true
			n := ordinal(starts, w.start)
			if digest := t.slotDigest(w, n, len(starts)); s.v.Findings[of].Hold != digest {
				s.slot(of, digest, t.slotBody(w, n, len(starts)), t.why())
			}
		}
	}
	s.sweep(hs, keep, "this time is no longer offered")
}

// ordinal is the place of a time among several, from 1: the order of the days, so
// that a person who moves or deletes one does not renumber the rest by chance.
func ordinal(starts []time.Time, at time.Time) int {
	n := 1
	for _, x := range starts {
		if x.Before(at) {
			n++
		}
	}
	return n
}

// slot writes one hold, if it does not stand as it should.
func (s *settlement) slot(of model.Ident, digest string, body model.HoldBody, why string) {
	f := s.v.Findings[of]
	if f.Hold == digest || f.Dismissed || f.Pinned || f.Confirmed {
		return
	}
	base := model.Ref{}
	if f.Hold != "" {
		base = f.HoldRef
	}
	s.act(cmp.Or(base.Source, s.v.Principal.Holds), base, of, why, model.Hold{
		UID: s.holdUID(of), Of: of, Digest: digest, Base: base, Body: model.Hide(body),
	})
}

// slotDigest is a hash of what a slot hold means, not of its words.
func (t telling) slotDigest(w slot, n, of int) string {
	return short(12, "1", t.first.title, t.first.when, t.second.title, t.second.when, strconv.Itoa(n), strconv.Itoa(of),
		strconv.FormatInt(w.start.Unix(), 36), strconv.FormatInt(w.end.Unix(), 36), strconv.FormatBool(t.s.private(t.c)), t.s.zone.String()) +
		"-" + short(6, string(t.c.yields.key))
}

// standsIn reports whether one of two is a hold for the other: a time that was
// chosen does not clash with the meeting that shall come to it.
func standsIn(a, b *block) bool {
	for _, x := range [2][2]*block{{a, b}, {b, a}} {
		if own := x[0].Event.Own; own != nil && strings.HasSuffix(own.Digest, "-"+short(6, string(x[1].key))) {
			return true
		}
	}
	return false
}

const choose = "Confirm this hold, or show it as busy, to take this time: the other holds go.\n" +
	"Move it to offer another time. Delete it, and this time is not offered again."

// slotBody is one offered time as people see it. The number comes first: lists
// cut titles at their end.
func (t telling) slotBody(w slot, n, of int) model.HoldBody {
	var b strings.Builder
	b.WriteString("Free instead of " + t.second.when + ", which clashes with:\n")
	b.WriteString(t.first.title + "\n" + t.first.when + "\n\n" + choose + "\n")
	b.WriteString("\nNothing was moved and nobody was told. " + t.s.zoneLine(w.start))
	return model.HoldBody{
		Start: model.UnixTime(w.start.Unix()), End: model.UnixTime(w.end.Unix()),
		Stamp:   model.UnixTime(t.s.v.Now.Unix()),
		Summary: fmt.Sprintf("Hold %d of %d: %s", n, of, t.second.title), Description: b.String(),
		Related: t.s.related(t.c.yields),
		Private: t.s.private(t.c),
	}
}

// counts reports whether an object of this program takes time like any event: a
// hold that a person confirmed does.
func counts(e *model.Event) bool {
	if e.Own != nil {
		return e.Own.Confirmed && IsSlot(e.Own.Of)
	}
	return !e.Tagged
}
