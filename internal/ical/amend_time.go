package ical

import (
	"strconv"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// move sets DTSTART and DTEND or DURATION of one event, each in the form it has:
// in its zone, in UTC, or as a date. SEQUENCE counts up, as it must when the time
// of a meeting changes (RFC 5546 section 2.1.4).
func (d *layout) move(e *vevent, a model.Amend, now time.Time) string {
	for _, code := range e.problems {
		switch code {
		case "end-kind", "end-unreadable", "end-before-start", "duration-unreadable", "start-unreadable", "start-missing", "too-long":
			return AmendImpossible
		}
	}
	from, to := d.find(e, goical.PropDateTimeStart), d.find(e, goical.PropDateTimeEnd)
	start, end := e.occ.Start, e.occ.End
	if !start.Date && start.Loc == nil && end.Loc == nil {
		start.Loc, end.Loc = a.Zone, a.Zone // where such a time is read; it is written without a zone
	}
	if from < 0 || start.Unsure || end.Unsure || !start.Date && (start.Loc == nil || end.Loc == nil) {
		return AmendImpossible
	}
	var offset int64 // of the principal's zone from UTC, for dates
	was, isNow := stands(start, end, a.Was), stands(start, end, a.Now)
	switch {
	case !was && isNow:
		return AmendAlready
	case !was:
		return AmendChanged
	case start.Date:
		offset = start.Wall.Unix() - int64(a.Was.Start)
	}
	newStart, ok1 := inForm(start, a.Now.Start, offset)
	newEnd, ok2 := inForm(end, a.Now.End, offset)
	if !ok1 || !ok2 {
		return AmendImpossible
	}
	d.setTime(from, newStart)
	switch length := d.find(e, goical.PropDuration); {
	case to >= 0:
		d.setTime(to, newEnd)
	case length >= 0:
		s, ok := readSpan(d.lines[length].prop.Value)
		if !ok || !s.add(newStart).Wall.Equal(newEnd.Wall) {
			d.set(length, withValue(d.lines[length], writeSpan(newStart, newEnd)))
		}
	case !sameLength(start, end, newStart, newEnd):
		name := strings.IndexAny(d.lines[from].text, ";:")
		d.after(from, goical.PropDateTimeEnd+d.lines[from].withTime(newEnd)[name:])
	}
	d.count(e, now)
	return ""
}

// stands reports whether an event stands where m says. The instants of a date are
// midnights of the principal's zone, which is not known here: any real offset will
// do, the same at both ends give or take a change of the clocks.
func stands(start, end model.Time, m model.Amended) bool {
	if !start.Date {
		return start.In(time.UTC).Unix() == int64(m.Start) && end.In(time.UTC).Unix() == int64(m.End)
	}
	const hour = 3600
	first, last := start.Wall.Unix()-int64(m.Start), end.Wall.Unix()-int64(m.End)
	return first >= -12*hour && first < 12*hour+2*hour && last-first <= 2*hour && first-last <= 2*hour
}

// inForm writes an instant in the form of was. A date must fall on a midnight, give
// or take a change of the clocks.
func inForm(was model.Time, at model.UnixTime, offset int64) (model.Time, bool) {
	out := was
	if !was.Date {
		out.Wall = wall(time.Unix(int64(at), 0).In(was.Loc))
		return out, true
	}
	shown := time.Unix(int64(at)+offset, 0).UTC()
	out.Wall = shown.Round(24 * time.Hour)
	off := shown.Sub(out.Wall)
	return out, off >= -2*time.Hour && off <= 2*time.Hour
}

func sameLength(start, end, newStart, newEnd model.Time) bool {
	return end.In(time.UTC).Sub(start.In(time.UTC)) == newEnd.In(time.UTC).Sub(newStart.In(time.UTC))
}

// setTime writes t over the value of a line.
func (d *layout) setTime(i int, t model.Time) {
	d.set(i, d.lines[i].withTime(t))
}

// withTime returns the line with t as its value. A value in UTC, or with an offset,
// stays in UTC; in a zone it stays the wall clock of that zone.
func (l *line) withTime(t model.Time) string {
	value := t.Wall.Format("20060102T150405")
	old := strings.ToUpper(strings.TrimSpace(l.prop.Value))
	_, clock, _ := strings.Cut(old, "T")
	offset, _ := cutOffset(clock)
	switch {
	case t.Date:
		value = t.Wall.Format("20060102")
	case offset != nil:
		value = t.In(time.UTC).UTC().Format("20060102T150405Z")
	}
	return withValue(*l, value)
}

// withValue returns the line with another value.
func withValue(l line, value string) string {
	head := strings.TrimSuffix(l.text, l.prop.Value)
	if head == l.text || !strings.HasSuffix(head, ":") {
		return l.prop.Name + ":" + value
	}
	return head + value
}

// writeSpan writes a length as RFC 5545 section 3.3.6 has it.
func writeSpan(start, end model.Time) string {
	if start.Date {
		return "P" + strconv.Itoa(int(end.Wall.Sub(start.Wall)/(24*time.Hour))) + "D"
	}
	n := int(end.In(time.UTC).Sub(start.In(time.UTC)) / time.Second)
	s := "PT"
	for _, part := range []struct {
		seconds int
		letter  string
	}{{3600, "H"}, {60, "M"}, {1, "S"}} {
		if k := n / part.seconds; k > 0 {
			s += strconv.Itoa(k) + part.letter
		}
		n %= part.seconds
	}
	if s == "PT" {
		return "PT0S"
	}
	return s
}

// count notes that the time of the meeting changed.
func (d *layout) count(e *vevent, now time.Time) {
	stamp := now.UTC().Format("20060102T150405Z")
	for _, name := range []string{goical.PropDateTimeStamp, goical.PropLastModified} {
		if i := d.find(e, name); i >= 0 {
			d.set(i, name+":"+stamp)
		}
	}
	next := "SEQUENCE:" + strconv.Itoa(e.occ.Sequence+1)
	if i := d.find(e, goical.PropSequence); i >= 0 {
		d.set(i, next)
	} else {
		d.after(e.start(d), next)
	}
}
