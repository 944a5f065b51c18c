package mime

import (
	"slices"
	"strings"

	"chancery/internal/ical"
	"chancery/internal/model"
)

// invites is what is left to read of the calendar parts of one message.
type invites struct {
	wanted bool // somebody asks for them
	left   int
	over   bool     // there were more
	bare   []string // in whose name calendars without a method speak
}

// sniffedHead is how much of a file is looked at to tell whether it is a calendar.
const sniffedHead = 512

// KeepInvite asks for the scheduling message of the mail: Mail.Invite. Calendar
// parts are then decoded whole, up to the limits; of other files no more is kept
// than before. Call it before the first Write.
func (r *Reader) KeepInvite() { r.invites = invites{wanted: true, left: MaxInvites} }

// calendarTypes are the types under which programs send calendars. RFC 6047
// section 2.4 knows the first alone.
var calendarTypes = map[string]bool{
	"text/calendar": true, "application/ics": true, "text/x-vcalendar": true, "application/calendar": true, "text/ics": true,
	"application/x-ics": true, "application/icalendar": true, "application/vnd.ms-outlook-calendar": true,
}

var calendarNames = []string{".ics", ".ical", ".vcs", ".icalendar"}

// openInvite makes room for a calendar. What stands in an attached message was not
// sent by the author of this one.
func (r *Reader) openInvite(l *leaf) {
	if l.text {
		return // too long for one is too long to be read
	}
	name := strings.ToLower(l.name)
	l.invites = calendarTypes[l.kind] || slices.ContainsFunc(calendarNames, func(end string) bool { return strings.HasSuffix(name, end) })
	switch {
	case l.invites && r.invites.left > 0:
		l.limit = max(l.limit, MaxInvite)
	default:
		l.limit = max(l.limit, sniffedHead)
	}
}

// calendarOn makes room for a file that turns out to be a calendar. head is its
// beginning.
func (r *Reader) calendarOn(head []byte) bool {
	if r.invites.left == 0 || r.leaf.invites || !isCalendar(head) || r.attached() {
		return false
	}
	r.leaf.limit = max(r.leaf.limit, MaxInvite)
	return true
}

const vcalendar = "BEGIN:VCALENDAR"

// isCalendar reports whether content begins as a calendar does. One in UTF-16 shows
// it every other octet.
func isCalendar[T string | []byte](content T) bool {
	content = content[:min(len(content), sniffedHead)]
	wide := len(content) > 1 && (content[0] == 0xff && content[1] == 0xfe || content[0] == 0xfe && content[1] == 0xff)
	n := 0
	for i := range len(content) {
		switch c := content[i]; {
		case wide && (c == 0 || i < 2):
		case n == 0 && (c <= ' ' || c == 0xef || c == 0xbb || c == 0xbf): // blanks and a byte order mark
		case c|0x20 != vcalendar[n]|0x20:
			return false
		default:
			if n++; n == len(vcalendar) {
				return true
			}
		}
	}
	return false
}

// readInvite reads what was kept of the leaf, if it is a calendar.
func (r *Reader) readInvite(content []byte) {
	l := &r.leaf
	if r.attached() || !l.invites && !isCalendar(content) {
		return
	}
	if r.invites.left == 0 {
		r.invites.over = true
		if in := r.mail.Invite; in != nil {
			in.Several = true
			in.Problems = once(in.Problems, "invites-cut")
		}
		return
	}
	r.invites.left--
	r.meetInvite(inviteOf(l, content))
}

// inviteOf reads one calendar part. Nothing is believed of one that is not whole.
func inviteOf(l *leaf, content []byte) model.Invite {
	switch {
	case l.cut && len(content) >= l.limit:
		return model.Invite{Method: methodName(l.method), Problems: []string{"ics-too-large"}}
	case l.cut:
		return model.Invite{Method: methodName(l.method), Problems: []string{"ics-truncated"}}
	}
	if !l.text && l.charset != "" && !strings.EqualFold(l.charset, "utf-8") && !strings.EqualFold(l.charset, "us-ascii") {
		if s, _ := toUTF8(content, l.charset); s != "" {
			content = []byte(s)
		}
	}
	claimed := methodName(l.method)
	in, fault := ical.Invite(content, claimed)
	if fault != nil {
		in.Problems = once(in.Problems, fault.Code)
	}
	switch {
	case in.Method == "":
		// Programs differ in what they make of it; the one that is left is what they have.
		if in.Method = claimed; claimed != "" {
			in.Problems = once(in.Problems, "method-missing")
		}
	case claimed != "" && claimed != in.Method:
		in.Differs = true
	}
	return in
}

// meetInvite takes one calendar part in. The first that has a method counts; a
// later one that says something else is a fact about it.
func (r *Reader) meetInvite(in model.Invite) {
	was := r.mail.Invite
	switch {
	case in.Method == "" && len(in.Problems) == 0: // a calendar that nobody asks anything by
		r.invites.bare = once(r.invites.bare, in.Speakers...)
		if was != nil {
			was.Speakers = once(was.Speakers, in.Speakers...)
		}
		return
	case in.Method == "" && was != nil:
		was.Problems, was.Speakers = once(was.Problems, in.Problems...), once(was.Speakers, in.Speakers...)
		return
	case was == nil:
	case was.Method == "":
		in.Problems, in.Speakers = once(in.Problems, was.Problems...), once(in.Speakers, was.Speakers...)
	default:
		was.Several = was.Several || !sameInvite(was, &in)
		was.Differs = was.Differs || in.Differs || was.Answers() != in.Answers()
		was.Speakers = once(was.Speakers, in.Speakers...)
		return
	}
	in.Speakers = once(in.Speakers, r.invites.bare...)
	if r.invites.over {
		in.Several, in.Problems = true, once(in.Problems, "invites-cut")
	}
	r.mail.Invite = &in
}

// sameInvite compares what matters: mail programs send one message in two forms.
func sameInvite(a, b *model.Invite) bool {
	x, y := a.Series, b.Series
	if a.Method != b.Method || x.UID != y.UID || len(x.Overrides) != len(y.Overrides) || (x.Master == nil) != (y.Master == nil) {
		return false
	}
	same := func(a, b *model.Occurrence) bool {
		return a.Start == b.Start && a.End == b.End && a.RRule == b.RRule && a.Sequence == b.Sequence && a.Organizer.Addr == b.Organizer.Addr
	}
	for i := range x.Overrides {
		if !same(&x.Overrides[i], &y.Overrides[i]) {
			return false
		}
	}
	return x.Master == nil || same(x.Master, y.Master)
}

// methodName is a method as RFC 5545 section 3.7.2 writes it; "" for what is none.
func methodName(s string) string {
	if len(s) > 32 || strings.ContainsFunc(s, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' }) {
		return ""
	}
	return s
}

// once appends the codes that are not there.
func once(list []string, codes ...string) []string {
	for _, c := range codes {
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}
