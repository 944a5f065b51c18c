package ical

import (
	"cmp"
	"slices"
	"strings"
	"time"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// maxSentBy bounds who may act for others in one scheduling message.
const maxSentBy = 20

// Invite reads the scheduling message of a mail (RFC 5546 section 3): its method, and the
// events of its first UID. Unlike Read it takes events without a start, which a
// REPLY, a CANCEL and a REFRESH need not have (RFC 5546 sections 3.2.3, 3.2.5 and
// 3.2.6). claimed is the method that the mail names, which counts where the object has
// none. With a fault the method may be known all the same.
func Invite(data []byte, claimed string) (model.Invite, *model.Fault) {
	p := &problems{}
	root, f := read(data, p, false)
	if f == nil && len(root.children) == 0 {
		f = fault(faultEmpty, 1)
	}
	if f != nil {
		return model.Invite{Problems: p.codes}, f
	}
	var in model.Invite
	in.Method, in.Differs = methodOf(root, p)
	parts := root.parts(p)
	speaker := goical.PropOrganizer
	if (&model.Invite{Method: cmp.Or(in.Method, claimed)}).Answers() {
		speaker = goical.PropAttendee
	}
	in.Speakers = speakers(parts, speaker)
	in.Differs = in.Differs || saysTwice(parts)
	uid, events, f := eventsOf(root, parts, p)
	if f == nil && len(events) > 0 {
		in.Series = series(uid, events, newZones(parts, p), p)
		if in.Series.Master == nil && len(in.Series.Overrides) == 0 {
			in.Series.Master = startless(events[0], p)
		}
		in.Stamp = stampOf(events)
		in.SentBy = sentBy(events, speaker)
		if uid != "" {
			in.Ident = Ident(uid, "")
		}
	}
	in.Problems = p.codes
	return in, f
}

// methodOf reads METHOD (RFC 5545 section 3.7.2) of every calendar in the object;
// differs if there are two.
func methodOf(root *component, p *problems) (method string, differs bool) {
	for _, c := range root.children {
		if c.name != goical.CompCalendar {
			continue
		}
		for _, v := range c.all(goical.PropMethod) {
			m := strings.ToUpper(strings.TrimSpace(v.Value))
			switch {
			case !isName(m) || len(m) > 32:
				p.add("method-unreadable")
			case method == "":
				method = m
			default:
				differs = differs || m != method
			}
		}
	}
	return method, differs
}

// startless is what an event says that has no start.
func startless(c *component, p *problems) *model.Occurrence {
	o := &model.Occurrence{Summary: text(c, goical.PropSummary), Status: status(c, p), Class: class(c), Show: show(c), Sequence: sequence(c)}
	o.Organizer, o.Attendees = people(c, p)
	return o
}

// stampOf is the newest DTSTAMP (RFC 5545 section 3.8.7.2).
func stampOf(events []*component) (at time.Time) {
	for _, c := range events {
		if v, ok := c.get(goical.PropDateTimeStamp); ok {
			if t, ok := readTime(v.Value, nil, nil); ok && t.Wall.After(at) {
				at = t.Wall
			}
		}
	}
	return at
}

// sentBy lists the SENT-BY (RFC 5545 section 3.2.18) of whoever speaks: those who
// answer, or the organizer.
func sentBy(events []*component, speaker string) (out []string) {
	for _, c := range events {
		for _, v := range c.all(speaker) {
			for _, s := range v.Params.Values("SENT-BY") {
				v := prop{Prop: goical.Prop{Value: s}}
				if a := address(v).Addr; a != "" && len(out) < maxSentBy && !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// maxSpeakers bounds in whose name one scheduling message speaks. Those over it are
// one who cannot be read.
const maxSpeakers = 100

// speakers lists in whose name any of the events speaks, also those that are not
// followed: another program may show them. "" is one who is named in a way that
// programs read differently.
func speakers(parts []*component, property string) (out []string) {
	seen := map[string]bool{}
	for _, c := range parts {
		if c.name != goical.CompEvent {
			continue
		}
		for _, v := range c.all(property) {
			a := address(v).Addr
			if a == "" && !strings.Contains(v.Value, "@") {
				continue // an identifier of a program, and nobody's name
			}
			if len(out) >= maxSpeakers {
				a = ""
			}
			if !seen[a] {
				seen[a] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// saysTwice reports whether an event says one thing in two ways: programs would
// read two different messages.
func saysTwice(parts []*component) bool {
	for _, c := range parts {
		if c.name != goical.CompEvent {
			continue
		}
		first := map[string]string{}
		for _, v := range c.props {
			was, again := first[v.Name]
			switch {
			case !slices.Contains(once, v.Name):
			case !again:
				first[v.Name] = v.Value
			case was != v.Value:
				return true
			}
		}
	}
	return false
}
