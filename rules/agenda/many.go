package agenda

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/internal/model"
)

// Bounds of a request for several holds.
const (
	MinHolds  = 2
	MaxHolds  = 10
	maxTagged = 100 // events with a tag
)

// The roots of what is held: by an event with a tag, or by a command.
const (
	byEvent   = "e"
	byCommand = "q"
)

var holdTag = regexp.MustCompile(`(?i)^#hold(10|[2-9])$`)

// HoldTag reads the wish for several holds in a category or a word of the title:
// "#hold4". A category may leave the sign away.
func HoldTag(o *model.Occurrence) (n int, ok bool) {
	for _, c := range o.Categories {
		if n, ok := holdNumber("#" + strings.TrimPrefix(strings.TrimSpace(c), "#")); ok {
			return n, true
		}
	}
	if !strings.Contains(o.Summary, "#") {
		return 0, false
	}
	for w := range strings.FieldsSeq(o.Summary) {
		if n, ok := holdNumber(w); ok {
			return n, true
		}
	}
	return 0, false
}

func holdNumber(word string) (int, bool) {
	m := holdTag.FindStringSubmatch(word)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// wants is HoldTag for what the principal leads, or nobody: who invites may write into
// a title what he likes, and must not fill a calendar by it.
func (s *settlement) wants(o *model.Occurrence) (n int, ok bool) {
	if !s.mine[strings.ToLower(o.Organizer.Addr)] && (o.Organizer != (model.Address{}) || len(o.Attendees) > 0) {
		return 0, false // also where the organizer has no address
	}
	return HoldTag(o)
}

// withoutTag is the title without the wish.
func withoutTag(title string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(title), func(w string) bool {
		_, ok := holdNumber(w)
		return ok
	}), " ")
}

// asked is one wish for several holds.
type asked struct {
	root    string
	title   string
	n       int
	like    *block // in whose place; nil for a command
	private bool
}

// many brings the holds that somebody asked for to what should stand: those of
// events with a tag follow their event, those of a command stay until one is
// confirmed or their time has come.
func (s *settlement) many(d *diary) {
	wanted := map[string]bool{}
	if s.v.Principal.Holds != "" {
		for _, a := range s.tagged() {
			wanted[kindMany+a.root] = true
			s.offerMany(a, d)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.held)) {
		if !strings.HasPrefix(key, kindMany) || wanted[key] {
			continue
		}
		hs := s.held[key]
		switch {
		case hs.confirmed():
			s.sweep(hs, nil, "another hold was confirmed")
		case strings.HasPrefix(key, kindMany+byEvent):
			s.sweep(hs, nil, "nobody asks for these holds any more")
		default:
			keep := map[model.Ident]bool{}
			for _, h := range hs {
				if keep[h.of] = h.start.After(s.v.Now); keep[h.of] && h.f.Hold != "" {
					s.look(h.start)
				}
			}
			s.sweep(hs, keep, "its time has come")
		}
	}
}

// tagged lists the events that ask for several holds in their place.
func (s *settlement) tagged() (out []asked) {
	for _, n := range s.book.list {
		if !n.asks {
			continue
		}
		s.book.wake(n)
		e := n.event
		m := e.Body.Reveal().Master
		if m == nil || e.Own != nil || e.Tagged || m.Status == "CANCELLED" || m.Start.Date || recurs(e) {
			continue
		}
		n, ok := s.wants(m)
		if !ok {
			continue
		}
		in, _ := Expand(e, s.zone, s.v.Now.AddDate(0, 0, -1), s.v.Now.Add(s.horizon()), 1)
		if len(in) == 0 || !in[0].End.After(in[0].Start) {
			continue
		}
		b := &block{Instance: in[0], key: keyOf(e), verdict: &verdict{r: s.rank(e, m)}}
		out = append(out, asked{root: byEvent + short(16, "many", s.v.Principal.Name, string(b.key)), title: clean(withoutTag(m.Summary)), n: n, like: b, private: s.hidden(b)})
	}
	slices.SortFunc(out, func(a, b asked) int { return strings.Compare(a.root, b.root) })
	out = slices.CompactFunc(out, func(a, b asked) bool { return a.root == b.root })
	if len(out) > maxTagged {
		s.report("limit", "hold", "there are more events that ask for holds than can be served")
		out = out[:maxTagged]
	}
	return out
}

// offerMany holds the times for one event with a tag.
func (s *settlement) offerMany(a asked, d *diary) {
	hs := s.slotsOf(kindMany, a.root)
	s.look(a.like.End)
	if hs.confirmed() {
		s.sweep(hs, nil, "another hold was confirmed")
		return
	}
	length := a.like.End.Sub(a.like.Start)
	var kept []slot
	for _, h := range hs {
		if h.f.Hold != "" && !h.touched() && s.standsFor(h, a) {
			kept = append(kept, slot{h.start, h.start.Add(length)})
		}
	}
	d.never, d.asker = hs.never(), kindMany+a.root
	at := d.alternatives(a.like, hs.wanted(a.n), kept)
	d.never = nil
	d.promises.add(d.asker, at...)
	s.writeMany(a, at)
}

// standsFor reports whether a hold was made for the event as it is now: when the
// event moves or its length changes, other times are looked for.
func (s *settlement) standsFor(h slotHold, a asked) bool {
	return strings.HasSuffix(h.f.Hold, "-"+likeness(a.like.Start, a.like.End))
}

func likeness(start, end time.Time) string {
	return short(4, strconv.FormatInt(start.Unix(), 36), strconv.FormatInt(end.Unix(), 36))
}

// writeMany writes holds on times, beside those that a person moved.
func (s *settlement) writeMany(a asked, at []slot) {
	moved, _ := s.slotsOf(kindMany, a.root).moved(s.zone)
	starts := make([]time.Time, 0, len(at)+len(moved))
	for _, w := range at {
		starts = append(starts, w.start)
		s.look(w.start)
	}
	for _, h := range moved {
		starts = append(starts, h.start)
	}
	keep := map[model.Ident]bool{}
	for _, w := range at {
		of := identAt(kindMany, a.root, w.start)
		keep[of] = true
		digest, body := s.manyHold(a, w, ordinal(starts, w.start), len(starts))
		s.slot(of, digest, body, "somebody asked for several holds")
	}
	s.sweep(s.slotsOf(kindMany, a.root), keep, "this time is no longer offered")
}

const chooseMany = "Confirm this hold, or show it as busy, to take this date: the other holds go.\n" +
	"Move it, and it stays where you put it. Delete it, and this date is not held again."

// manyHold is one of several holds as people see it.
func (s *settlement) manyHold(a asked, w slot, n, of int) (digest string, body model.HoldBody) {
	summary := fmt.Sprintf("Hold %d of %d", n, of)
	if !s.o.Discreet && a.title != "" && !a.private {
		summary += ": " + a.title
	}
	body = model.HoldBody{
		Start: model.UnixTime(w.start.Unix()), End: model.UnixTime(w.end.Unix()), Stamp: model.UnixTime(s.v.Now.Unix()),
		Summary: summary, Description: chooseMany + "\n\nNobody was told.", Private: a.private,
	}
	digest = short(12, "1", summary, strconv.FormatBool(a.private), strconv.FormatInt(w.start.Unix(), 36), strconv.FormatInt(w.end.Unix(), 36))
	if a.like != nil {
		body.Related = s.related(a.like)
		digest += "-" + likeness(a.like.Start, a.like.End)
	}
	return digest, body
}
