package ical

import (
	"slices"
	"sort"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// MaxTaken bounds the stretches of one person's time that are read.
const MaxTaken = 10_000

// FreeBusy reads the VFREEBUSY components of an answer (RFC 5545 section 3.6.4):
// what is taken between from and till, sorted and joined. ok is false if the answer
// cannot be read whole: then nothing of it is known, and unknown is not free.
func FreeBusy(data []byte, from, till time.Time) (fb model.FreeBusy, ok bool) {
	p := &problems{}
	root, f := read(data, p, false)
	if f != nil || !closed(root) {
		return fb, false
	}
	fb = model.FreeBusy{From: model.UnixTime(from.Unix()), Till: model.UnixTime(till.Unix())}
	found := false
	for _, c := range root.parts(p) {
		if c.name != goical.CompFreeBusy {
			continue
		}
		if !c.closed || !takenOf(c, &fb) {
			return model.FreeBusy{}, false
		}
		found = true
	}
	if slices.ContainsFunc(p.codes, func(code string) bool { return code != "several-calendars" && code != "no-vcalendar" }) {
		return model.FreeBusy{}, false // a line that was left out may have been busy
	}
	if !found || fb.From >= fb.Till {
		return model.FreeBusy{}, false
	}
	fb.Taken = joined(fb)
	return fb, true
}

// takenOf adds the stretches of one component, and narrows what is known to what
// it speaks of.
func takenOf(c *component, fb *model.FreeBusy) bool {
	if at, ok := instant(c, goical.PropDateTimeStart); ok {
		fb.From = max(fb.From, at)
	}
	if at, ok := instant(c, goical.PropDateTimeEnd); ok {
		fb.Till = min(fb.Till, at)
	}
	for _, v := range c.all(goical.PropFreeBusy) {
		kind := strings.ToUpper(v.Params.Get(goical.ParamFreeBusyType))
		if kind == "FREE" {
			continue
		}
		for text := range strings.SplitSeq(v.Value, ",") {
			start, end, ok := period(text)
			if !ok || len(fb.Taken) == MaxTaken {
				return false
			}
			// RFC 5545 section 3.2.9: what is not known counts as busy.
			fb.Taken = append(fb.Taken, model.Stretch{Start: start, End: end, Soft: kind == "BUSY-TENTATIVE"})
		}
	}
	return true
}

func instant(c *component, name string) (model.UnixTime, bool) {
	v, ok := c.get(name)
	if !ok {
		return 0, false
	}
	t, ok := readTime(v.Value, nil, nil)
	return model.UnixTime(t.Wall.Unix()), ok && t.Loc != nil
}

// period reads a PERIOD in UTC (RFC 5545 section 3.3.9).
func period(s string) (start, end model.UnixTime, ok bool) {
	a, b, _ := strings.Cut(strings.TrimSpace(s), "/")
	from, ok := readTime(a, nil, nil)
	if !ok || from.Date || from.Loc == nil {
		return 0, 0, false
	}
	to, ok := readTime(b, nil, nil)
	if !ok || to.Date {
		d, isSpan := readSpan(b)
		if !isSpan {
			return 0, 0, false
		}
		to = d.add(from)
	} else if to.Loc == nil {
		return 0, 0, false
	}
	start, end = model.UnixTime(from.Wall.Unix()), model.UnixTime(to.Wall.Unix())
	return start, end, end >= start
}

// joined sorts the stretches, cuts them at what is known and joins those of a kind
// that touch.
func joined(fb model.FreeBusy) []model.Stretch {
	sort.Slice(fb.Taken, func(i, j int) bool {
		a, b := fb.Taken[i], fb.Taken[j]
		if a.Start != b.Start {
			return a.Start < b.Start
		}
		return a.End < b.End
	})
	var out []model.Stretch
	last := map[bool]int{} // the newest of each kind, counted from one
	for _, s := range fb.Taken {
		s.Start, s.End = max(s.Start, fb.From), min(s.End, fb.Till)
		if s.Start >= s.End {
			continue
		}
		if i := last[s.Soft]; i > 0 && out[i-1].End >= s.Start {
			out[i-1].End = max(out[i-1].End, s.End)
			continue
		}
		out = append(out, s)
		last[s.Soft] = len(out)
	}
	return out
}
