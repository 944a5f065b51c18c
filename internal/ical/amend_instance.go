package ical

import (
	"bytes"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// instance returns the component that stands for one instance; nil if none does.
func (d *layout) instance(at model.Time) *vevent {
	for _, e := range d.events {
		if id := e.occ.Recurrence; id != nil && sameMoment(*id, at) {
			return e
		}
	}
	return nil
}

// sameMoment compares two names of an instance. One that came through the journal
// may have lost a zone that only its object defines: then the wall clocks decide.
func sameMoment(a, b model.Time) bool {
	if a.Date != b.Date {
		return false
	}
	if a.Loc == nil || b.Loc == nil {
		return a.Wall.Equal(b.Wall)
	}
	return a.In(a.Loc).Equal(b.In(b.Loc))
}

// addInstance gives an instance a component that says what the series says.
func (d *layout) addInstance(at model.Time) string {
	master := d.master()
	if master == nil || !master.has(goical.PropRecurrenceRule) && !master.has(goical.PropRecurrenceDates) {
		return AmendNoInstance
	}
	for _, e := range d.events {
		if e.occ.ThisFuture {
			return AmendImpossible // the instance may follow another component than the series
		}
	}
	start, ok := master.at(at)
	if !ok || start.Wall.Before(master.occ.Start.Wall) {
		return AmendNoInstance
	}
	for _, x := range master.occ.ExDates {
		if sameMoment(x, start) || x.Date && x.Wall.Equal(start.Wall.Truncate(24*time.Hour)) {
			return AmendNoInstance
		}
	}
	if yes, known := master.occurs(start); known && !yes {
		return AmendNoInstance
	}
	data := append(bytes.Clone(d.raw[:d.offset(master.to+1)]), d.plain(master, start)...)
	again, code := layOut(append(data, d.raw[d.offset(master.to+1):]...), d.uid)
	if code != "" || again.instance(start) == nil {
		return AmendImpossible
	}
	raw := d.raw
	*d = *again
	d.raw = raw
	return ""
}

func (d *layout) master() *vevent {
	for _, e := range d.events {
		if e.occ.Recurrence == nil {
			return e
		}
	}
	return nil
}

// offset returns where line i begins in what was read.
func (d *layout) offset(i int) int {
	n := 0
	for _, l := range d.lines[:i] {
		n += len(l.octets)
	}
	return n
}

// at returns an instance in the form of the start of its series.
func (e *vevent) at(t model.Time) (model.Time, bool) {
	start := e.occ.Start
	if start.Date != t.Date || start.Unsure {
		return model.Time{}, false
	}
	if start.Loc == nil || t.Loc == nil {
		start.Wall = t.Wall
		return start, true
	}
	start.Wall = wall(t.In(t.Loc).In(start.Loc))
	return start, true
}

// plain writes the component of an instance out of the lines of its series. Its
// length is that of the series on the wall clock.
func (d *layout) plain(master *vevent, start model.Time) []byte {
	var out bytes.Buffer
	first := d.find(master, goical.PropDateTimeStart)
	for i := master.from; i <= master.to; i++ {
		l := d.lines[i]
		direct := master.owns(i)
		switch {
		case direct && unrepeated[l.prop.Name]:
		case i == first:
			out.Write(fold(l.withTime(start), l.end()))
			id := l.withTime(start)
			out.Write(fold(goical.PropRecurrenceID+id[strings.IndexAny(id, ";:"):], l.end()))
		case direct && l.prop.Name == goical.PropDateTimeEnd:
			end := master.occ.End
			end.Wall = end.Wall.Add(start.Wall.Sub(master.occ.Start.Wall))
			out.Write(fold(l.withTime(end), l.end()))
		case i == master.to && l.eol == "":
			out.WriteString(l.text + "\r\n")
		default:
			out.Write(l.octets)
		}
	}
	return out.Bytes()
}

// unrepeated are the properties of a series that its instances do not have.
var unrepeated = map[string]bool{
	goical.PropRecurrenceRule: true, goical.PropRecurrenceDates: true, goical.PropExceptionDates: true,
	goical.PropRecurrenceID: true, "EXRULE": true,
}

func (e *vevent) owns(i int) bool {
	for _, own := range e.lines {
		if own == i {
			return true
		}
	}
	return false
}

// dropIfPlain takes the component of an instance away if it says what the series
// says: nothing is lost, and an Amend that is taken back leaves no trace. A meeting
// with an organizer keeps it: Cyrus 3.6 tells nobody that a component is gone, and
// the others would be left with what was taken back.
func (d *layout) dropIfPlain(at model.Time) {
	if e := d.instance(at); e != nil && !e.has(goical.PropOrganizer) {
		d.dropPlain(at)
	}
}

func (d *layout) dropPlain(at model.Time) {
	edited, code := layOut(d.bytes(), d.uid)
	if code != "" {
		return
	}
	e, master := edited.instance(at), edited.master()
	if e == nil || master == nil {
		return
	}
	start, ok := master.at(at)
	if !ok || !master.has(goical.PropRecurrenceRule) && !master.has(goical.PropRecurrenceDates) {
		return
	}
	if digestLines(edited.plain(master, start)) != digestLines(edited.octets(e)) {
		return
	}
	for i := e.from; i <= e.to; i++ {
		edited.lines[i].gone = true
	}
	raw := d.raw
	without, code := layOut(edited.bytes(), d.uid)
	if code != "" {
		return
	}
	*d = *without
	d.raw = raw
}

func (d *layout) octets(e *vevent) []byte {
	var out bytes.Buffer
	for i := e.from; i <= e.to; i++ {
		out.Write(d.lines[i].octets)
	}
	return out.Bytes()
}

// digestLines is the digest of one component by itself.
func digestLines(component []byte) string {
	return Digest(append(append([]byte("BEGIN:VCALENDAR\r\n"), component...), "END:VCALENDAR\r\n"...))
}
