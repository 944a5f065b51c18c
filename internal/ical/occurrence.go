package ical

import (
	"strconv"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// maxText bounds a title or a place in the view, in octets.
const maxText = 4 << 10

// occurrence reads one VEVENT (RFC 5545 section 3.6.1); false if it has no start
// at all.
func occurrence(c *component, z *zones, p *problems) (model.Occurrence, bool) {
	o := model.Occurrence{
		Summary:    text(c, goical.PropSummary),
		Location:   text(c, goical.PropLocation),
		Categories: categories(c),
		Class:      class(c),
		Status:     status(c, p),
		Show:       show(c),
		Focus:      focus(c),
		Travel:     travel(c),
		NoCounter:  word(c, "X-MICROSOFT-DISALLOW-COUNTER") == "TRUE",
		Untold:     untold(c),
		Sequence:   sequence(c),
		Created:    created(c),
	}
	if id, ok := c.get(goical.PropRecurrenceID); ok {
		if t, ok := eventTime(id.Value, id.Params, z); ok {
			o.Recurrence = &t
			o.ThisFuture = strings.EqualFold(id.Params.Get(goical.ParamRange), "THISANDFUTURE")
		} else {
			p.add("recurrence-id-unreadable")
			return o, false
		}
	}
	if !start(&o, c, z, p) {
		return o, false
	}
	o.End = end(&o, c, z, p)
	rule(&o, c, p)
	o.RDates, o.REnds = dates(c, goical.PropRecurrenceDates, z, p)
	o.ExDates, _ = dates(c, goical.PropExceptionDates, z, p)
	o.Organizer, o.Attendees = people(c, p)
	o.Conference = conference(c, o.Location)
	return o, true
}

// eventTime is readTime without the years before 1000, which stand for "none" in
// some programs, as the zero time does here.
func eventTime(text string, params goical.Params, z *zones) (model.Time, bool) {
	t, ok := readTime(text, params, z)
	return t, ok && t.Wall.Year() >= 1000
}

func start(o *model.Occurrence, c *component, z *zones, p *problems) bool {
	for _, from := range c.all(goical.PropDateTimeStart) {
		if t, ok := eventTime(from.Value, from.Params, z); ok {
			o.Start = t
			return true
		}
		p.add("start-unreadable")
	}
	if o.Recurrence != nil { // a cancelled instance may carry its name only
		p.add("start-missing")
		o.Start = *o.Recurrence
		return true
	}
	return false
}

// end computes the exclusive end by RFC 5545 section 3.6.1.
func end(o *model.Occurrence, c *component, z *zones, p *problems) model.Time {
	fallback := o.Start
	if o.Start.Date {
		fallback.Wall = o.Start.Wall.AddDate(0, 0, 1)
	}
	if to, ok := c.get(goical.PropDateTimeEnd); ok {
		t, ok := eventTime(to.Value, to.Params, z)
		if !ok {
			p.add("end-unreadable")
			return fallback
		}
		if !t.Date && t.Loc == nil && !t.Unsure { // some programs name the zone once
			t.Loc, t.Unsure = o.Start.Loc, o.Start.Unsure
		}
		return checkEnd(o.Start, sameKind(o.Start, t, p), fallback, p)
	}
	if d, ok := c.get(goical.PropDuration); ok {
		s, ok := readSpan(d.Value)
		if !ok {
			p.add("duration-unreadable")
			return fallback
		}
		return checkEnd(o.Start, s.add(o.Start), fallback, p)
	}
	return fallback
}

// sameKind makes the end a date where the start is one, and the other way round.
func sameKind(start, end model.Time, p *problems) model.Time {
	if start.Date == end.Date {
		return end
	}
	p.add("end-kind")
	if !start.Date {
		return model.Time{Wall: end.Wall, Loc: start.Loc, Unsure: start.Unsure}
	}
	day := end.Wall.Truncate(24 * time.Hour)
	if end.Wall.After(day) {
		day = day.AddDate(0, 0, 1)
	}
	return model.Time{Wall: day, Date: true}
}

func checkEnd(start, end, fallback model.Time, p *problems) model.Time {
	from, to := start.In(time.UTC), end.In(time.UTC)
	switch {
	case to.Before(from):
		p.add("end-before-start")
		return fallback
	case start.Date && to.Equal(from): // Outlook writes both the same for one day
		return fallback
	case to.Sub(from) > maxSpan*24*time.Hour:
		p.add("too-long")
		return fallback
	}
	return end
}

func rule(o *model.Occurrence, c *component, p *problems) {
	rules := c.all(goical.PropRecurrenceRule)
	if len(rules) > 1 {
		p.add("rule-repeated")
	}
	if len(c.all("EXRULE")) > 0 {
		p.add("exrule-ignored")
	}
	if len(rules) == 0 {
		return
	}
	text, _, ok := readRule(rules[0].Value)
	if !ok {
		p.add("rule-not-expandable")
		return
	}
	o.RRule = text
}

// dates reads RDATE and EXDATE (RFC 5545 sections 3.8.5.1 and 3.8.5.2): lists,
// dates against a timed start, and periods. Ends is nil if there is no period.
func dates(c *component, name string, z *zones, p *problems) (out, ends []model.Time) {
	for _, d := range c.all(name) {
		for v := range strings.SplitSeq(d.Value, ",") {
			if v = strings.TrimSpace(v); v == "" {
				continue
			}
			from, to, period := strings.Cut(v, "/")
			t, ok := eventTime(from, d.Params, z)
			if !ok {
				p.add("date-unreadable")
				continue
			}
			if len(out) == MaxDates {
				p.add("dates-cut")
				return out, ends
			}
			if period && name == goical.PropRecurrenceDates {
				ends = append(ends, make([]model.Time, len(out)-len(ends))...)
				ends = append(ends, periodEnd(t, to, d.Params, z, p))
			}
			out = append(out, t)
		}
	}
	if ends != nil {
		ends = append(ends, make([]model.Time, len(out)-len(ends))...)
	}
	return out, ends
}

// periodEnd reads the second half of a PERIOD, a time or a duration (RFC 5545
// section 3.3.9); zero if it says nothing that can be used.
func periodEnd(start model.Time, text string, params goical.Params, z *zones, p *problems) model.Time {
	end, ok := eventTime(text, params, z)
	if s, is := readSpan(text); is {
		end, ok = s.add(start), true
	}
	if !ok || end.Date != start.Date {
		p.add("period-length-ignored")
		return model.Time{}
	}
	return checkEnd(start, end, model.Time{}, p)
}

func text(c *component, name string) string {
	v, _ := c.get(name)
	s := strings.TrimSpace(unescape(v.Value))
	return strings.ToValidUTF8(s[:min(len(s), maxText)], "")
}

func word(c *component, name string) string {
	v, _ := c.get(name)
	return strings.ToUpper(strings.TrimSpace(v.Value))
}

func categories(c *component) (out []string) {
	for _, v := range c.all(goical.PropCategories) {
		for _, s := range splitText(v.Value) {
			if s = strings.TrimSpace(unescape(s)); s != "" && len(out) < 100 {
				out = append(out, s[:min(len(s), 256)])
			}
		}
	}
	return out
}

// class reads CLASS; a value nobody knows counts as private (RFC 5545 section
// 3.8.1.3).
func class(c *component) string {
	switch v := word(c, goical.PropClass); v {
	case "", "PUBLIC":
		return "PUBLIC"
	case "CONFIDENTIAL":
		return v
	}
	return "PRIVATE"
}

func status(c *component, p *problems) string {
	switch v := word(c, goical.PropStatus); v {
	case "TENTATIVE", "CANCELLED":
		return v
	case "CANCELED":
		return "CANCELLED"
	case "", "CONFIRMED":
	default:
		p.add("status-unknown")
	}
	return "CONFIRMED"
}

// busyStatus is what Outlook shows an event as.
const busyStatus = "X-MICROSOFT-CDO-BUSYSTATUS"

// maxTravel bounds the way to a meeting.
const maxTravel = 24 * time.Hour

// travel reads the way that Apple's calendar keeps free before an event.
func travel(c *component) time.Duration {
	v, _ := c.get("X-APPLE-TRAVEL-DURATION")
	s, ok := readSpan(v.Value)
	if !ok {
		return 0
	}
	return max(0, min(maxTravel, time.Duration(s.days)*24*time.Hour+time.Duration(s.seconds)*time.Second))
}

// focus finds the category that Outlook's planner gives to focus time; iCalendar
// has no word for it.
func focus(c *component) bool {
	for _, s := range categories(c) {
		if strings.EqualFold(s, "Focus time") {
			return true
		}
	}
	return false
}

// show joins TRANSP (RFC 5545 section 3.8.2.7) with Outlook's finer word.
func show(c *component) model.Show {
	busy := word(c, busyStatus)
	switch {
	case busy == "OOF":
		return model.OutOfOffice
	case busy == "WORKINGELSEWHERE":
		return model.Elsewhere
	case word(c, goical.PropTransparency) == "TRANSPARENT", busy == "FREE":
		return model.Free
	case busy == "TENTATIVE", word(c, goical.PropStatus) == "TENTATIVE":
		return model.Tentative
	}
	return model.Busy
}

func sequence(c *component) int {
	n, err := strconv.Atoi(word(c, goical.PropSequence))
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}

func created(c *component) time.Time {
	for _, name := range []string{goical.PropCreated, goical.PropDateTimeStamp} {
		if v, ok := c.get(name); ok {
			if t, ok := readTime(v.Value, nil, nil); ok {
				return t.Wall
			}
		}
	}
	return time.Time{}
}
