package ical

import (
	"bytes"
	"strings"
	"unicode/utf8"

	goical "github.com/emersion/go-ical"

	"chancery/internal/model"
)

// layout is an object as lines that know their octets, for edits that leave all
// others alone.
type layout struct {
	raw    []byte
	uid    string
	lines  []line
	events []*vevent // of uid, in the order of the object
	zones  *zones
	p      *problems
}

// line is one content line with what it was folded from.
type line struct {
	octets []byte // with folds and line end
	eol    string
	text   string // unfolded, as the octets say it
	prop   prop   // read from text; no Name for what is no property
	extra  []byte // a new line that stands after this one
	gone   bool
}

// vevent is one VEVENT of the series.
type vevent struct {
	from, to int // lines of BEGIN and END
	lines    []int
	c        *component
	occ      model.Occurrence
	problems []string
}

func (e *vevent) has(name string) bool { _, ok := e.c.get(name); return ok }

// start returns the line of DTSTART, or of BEGIN.
func (e *vevent) start(d *layout) int {
	return max(e.from, d.find(e, goical.PropDateTimeStart))
}

// find returns the first line of a property, or -1.
func (d *layout) find(e *vevent, name string) int {
	for _, i := range e.lines {
		if d.lines[i].prop.Name == name {
			return i
		}
	}
	return -1
}

// layOut reads an object strictly: what Parse repairs in the nesting or the
// character set is no ground to edit on.
func layOut(raw []byte, uid string) (*layout, string) {
	p := &problems{}
	root, f := read(raw, p, false)
	if f != nil || len(root.children) == 0 {
		return nil, AmendImpossible
	}
	parts := root.parts(p)
	for _, code := range p.codes {
		switch code {
		case "charset", "end-missing", "end-unmatched", "no-vcalendar", "several-calendars", "line-malformed", "line-too-long":
			return nil, AmendImpossible
		}
	}
	d := &layout{raw: raw, uid: uid, zones: newZones(parts, p), p: p}
	d.split(raw)
	if !d.group() {
		return nil, AmendImpossible
	}
	if len(d.events) == 0 {
		return nil, AmendChanged
	}
	masters := 0
	for _, e := range d.events {
		if e.occ.Recurrence == nil {
			masters++
		}
	}
	if masters > 1 {
		return nil, AmendImpossible
	}
	return d, ""
}

// split cuts raw into content lines as scan does, and keeps every octet.
func (d *layout) split(raw []byte) {
	none := &problems{}
	var text []byte
	from, at := 0, 0
	eol := "\r\n"
	flush := func(to int) {
		if to == from {
			return
		}
		l := line{octets: raw[from:to], eol: eol, text: string(text)}
		if prop, ok := readLine(rawLine{text: cleanLine(text, none)}, none); ok {
			l.prop = prop
		}
		d.lines = append(d.lines, l)
		from, text = to, text[:0]
	}
	for at < len(raw) {
		body, rest := cutLine(raw[at:])
		next := len(raw) - len(rest)
		bom := at == 0 && bytes.HasPrefix(body, []byte("\xef\xbb\xbf"))
		switch {
		case len(body) == 0: // belongs to the line before it
		case (body[0] == ' ' || body[0] == '\t') && len(text) > 0:
			text = append(text, body[1:]...)
		default:
			flush(at)
			text = append(text, body...)
			if bom {
				text = text[3:]
			}
			eol = string(raw[at+len(body) : next])
		}
		at = next
	}
	flush(len(raw))
}

// group finds the events of the series; false if the nesting is not sound.
func (d *layout) group() bool {
	type open struct {
		name string
		e    *vevent
	}
	var stack []open
	for i, l := range d.lines {
		switch l.prop.Name {
		case "BEGIN":
			o := open{name: componentName(l.prop.Value)}
			if o.name == goical.CompEvent && len(stack) == 1 {
				o.e = &vevent{from: i, c: &component{name: o.name, closed: true}}
			}
			stack = append(stack, o)
		case "END":
			if len(stack) == 0 || stack[len(stack)-1].name != componentName(l.prop.Value) {
				return false
			}
			e := stack[len(stack)-1].e
			stack = stack[:len(stack)-1]
			if e != nil && !d.keep(e, i) {
				return false
			}
		default:
			if len(stack) > 0 && stack[len(stack)-1].e != nil && l.prop.Name != "" {
				e := stack[len(stack)-1].e
				e.lines = append(e.lines, i)
				e.c.props = append(e.c.props, l.prop)
			}
		}
	}
	return len(stack) == 0
}

// keep takes an event in if it is of the series.
func (d *layout) keep(e *vevent, end int) bool {
	e.to = end
	if id, _ := e.c.get(goical.PropUID); strings.TrimSpace(unescape(id.Value)) != d.uid {
		return true
	}
	p := &problems{}
	zones := *d.zones
	zones.p = p
	occ, ok := occurrence(e.c, &zones, p)
	e.occ, e.problems = occ, p.codes
	d.events = append(d.events, e)
	return ok
}

// bytes writes the object with what was set.
func (d *layout) bytes() []byte {
	var out bytes.Buffer
	for _, l := range d.lines {
		if !l.gone {
			out.Write(l.octets)
		}
		out.Write(l.extra)
	}
	return out.Bytes()
}

// set replaces a line.
func (d *layout) set(i int, text string) {
	l := &d.lines[i]
	bom := ""
	if bytes.HasPrefix(l.octets, []byte("\xef\xbb\xbf")) {
		bom = "\xef\xbb\xbf"
	}
	l.octets = append([]byte(bom), fold(text, l.eol)...)
	l.text = text
}

// after adds a line behind line i.
func (d *layout) after(i int, text string) {
	d.lines[i].extra = append(d.lines[i].extra, fold(text, d.lines[i].end())...)
}

// end returns a line end that does end a line; the last one of an object may lack it.
func (l *line) end() string {
	if l.eol == "" {
		return "\r\n"
	}
	return l.eol
}

// Fold writes content lines, each folded and ended.
func Fold(lines []string) []byte {
	var out []byte
	for _, l := range lines {
		out = append(out, fold(l, "\r\n")...)
	}
	return out
}

// fold folds at 75 octets without the line end, on rune boundaries (RFC 5545
// section 3.1).
func fold(s, eol string) []byte {
	var out []byte
	room := 75
	for len(s) > room {
		cut := room
		for cut > room-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
			cut--
		}
		out = append(append(out, s[:cut]...), eol+" "...)
		s, room = s[cut:], 74
	}
	return append(append(out, s...), eol...)
}

// partStat reads the answer of an ATTENDEE as people does.
func partStat(p prop) string {
	if v := strings.ToUpper(p.Params.Get(goical.ParamParticipationStatus)); v != "" {
		return v
	}
	return "NEEDS-ACTION"
}

// setPartStat edits one ATTENDEE line; false if that would say anything else.
func (d *layout) setPartStat(i int, answer string) bool {
	text := d.lines[i].text
	from, to, ok := paramSpan(text, goical.ParamParticipationStatus)
	set := goical.ParamParticipationStatus + "=" + answer
	switch {
	case ok:
		text = text[:from] + set + text[to:]
	case from > 0:
		text = text[:from] + ";" + set + text[from:]
	default:
		return false
	}
	none := &problems{}
	edited, ok := readLine(rawLine{text: cleanLine([]byte(text), none)}, none)
	if !ok || partStat(edited) != answer || len(edited.Params.Values(goical.ParamParticipationStatus)) > 1 || edited.Value != d.lines[i].prop.Value || address(edited) != address(d.lines[i].prop) {
		return false
	}
	d.set(i, text)
	return true
}

// paramSpan returns where a parameter with its name stands in a line; without it
// where the name of the property ends.
func paramSpan(s, name string) (from, to int, ok bool) {
	end := strings.IndexAny(s, ";:")
	if end <= 0 {
		return 0, 0, false
	}
	for _, plain := range []bool{false, true} {
		r := lineReader{s: s, at: end, plain: plain, p: &problems{}}
		for sound := true; sound && r.at < len(s); {
			switch s[r.at] {
			case ':':
				return end, end, false
			case ';':
				start := r.at + 1
				r.at = start
				sound = r.param()
				key, _, found := strings.Cut(s[start:r.at], "=")
				if sound && found && strings.EqualFold(strings.TrimSpace(key), name) {
					return start, r.at, true
				}
			default:
				r.at++
			}
		}
	}
	return end, end, false
}
