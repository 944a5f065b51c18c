package google

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/api/calendar/v3"

	"chancery/connectors"
	"chancery/internal/ical"
	"chancery/internal/model"
)

const (
	maxID = 1024 // Google's own bound
	// maxItem bounds one event in octets: beyond it is unreadable.
	maxItem = 16 << 20
)

// member is one event of Google's: a single one, the master of a series, or an
// exception to one. Its content is kept as lines of iCalendar.
type member struct {
	id, etag  string
	uid       string // iCalUID
	parent    string // id of the series; "" in masters and single events
	cancelled bool
	recurring bool
	lines     []byte
	problems  []string
	focus     bool
	own       *model.Own
	tagged    bool
	fault     string
}

// size is how many octets are kept of it.
func (m *member) size() int {
	return 256 + len(m.id) + len(m.etag) + len(m.uid) + len(m.parent) + len(m.lines)
}

// family returns what one model.Event is made of: the id of the master.
func (m *member) family() string {
	if m.parent != "" {
		return m.parent
	}
	return m.id
}

// readMember reads one item of a listing; what cannot be read has a fault, and a
// name of its own if it has no id.
func readMember(raw json.RawMessage, verify connectors.Sign) member {
	if len(raw) > maxItem {
		return unreadable(raw, "event-too-large")
	}
	var e calendar.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return unreadable(raw, "event-json")
	}
	if e.Id == "" || len(e.Id) > maxID || len(e.RecurringEventId) > maxID {
		return unreadable(raw, "event-json")
	}
	m := memberOf(&e, verify)
	if m.etag == "" {
		sum := sha256.Sum256(raw)
		m.etag = "digest:" + hex.EncodeToString(sum[:16])
	}
	return m
}

func memberOf(e *calendar.Event, verify connectors.Sign) member {
	m := member{
		id: e.Id, etag: e.Etag, uid: holdUID(e, verify), parent: e.RecurringEventId,
		cancelled: e.Status == "cancelled", recurring: len(e.Recurrence) > 0,
		focus: e.EventType == "focusTime", own: readOwn(e, verify), tagged: tagOf(e) != "",
	}
	if m.cancelled && m.parent == "" {
		return m
	}
	m.lines, m.problems = vevent(e)
	return m
}

// unreadable saves the names from an item that is not what it should be.
func unreadable(raw json.RawMessage, code string) member {
	var names struct {
		ID     json.RawMessage `json:"id"`
		Etag   json.RawMessage `json:"etag"`
		Parent json.RawMessage `json:"recurringEventId"`
		Status json.RawMessage `json:"status"`
	}
	_ = json.Unmarshal(raw, &names) // nothing is a name then
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:16])
	m := member{id: text(names.ID), etag: text(names.Etag), parent: text(names.Parent), fault: code}
	if m.id == "" {
		m.id = "?" + hash
	}
	if m.etag == "" {
		m.etag = "digest:" + hash
	}
	m.cancelled = text(names.Status) == "cancelled"
	return m
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil || len(s) > maxID {
		return ""
	}
	return s
}

// versionOf names the state of a family: the ETag of an event that stands alone,
// else a hash of all of them, since the master's does not change with an exception.
func versionOf(members []member) string {
	if len(members) == 1 {
		return members[0].etag
	}
	var tags []string
	for _, m := range members {
		tags = append(tags, m.id+"\n"+m.etag)
	}
	slices.Sort(tags)
	sum := sha256.Sum256([]byte(strings.Join(tags, "\n")))
	return "x:" + hex.EncodeToString(sum[:16])
}

// eventOf joins a family into one object. The guards of internal/ical hold for it
// as for every other: it is written as iCalendar and read again.
func eventOf(source model.SourceID, key string, members []member) model.Change {
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.parent+"\x00"+a.id, b.parent+"\x00"+b.id) })
	ref := model.Ref{Source: source, Href: model.Name(key), Version: versionOf(members)}
	c := model.Change{Op: model.Put, Ref: ref}
	e := &model.Event{Ref: ref}
	uid, focus := "", false
	var lines bytes.Buffer
	lines.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	for _, m := range members {
		if uid == "" {
			uid = m.uid
		}
	}
	for _, m := range members {
		if m.fault != "" && c.Fault == nil {
			c.Fault = &model.Fault{Code: m.fault}
		}
		if m.parent == "" {
			e.Own = m.own
		}
		e.Tagged = e.Tagged || m.tagged
		focus = focus || m.focus
		e.Problems = append(e.Problems, m.problems...)
		lines.WriteString("BEGIN:VEVENT\r\nUID:" + escape(uid) + "\r\n")
		lines.Write(m.lines)
		lines.WriteString("END:VEVENT\r\n")
	}
	lines.WriteString("END:VCALENDAR\r\n")
	c.Ident = ical.Ident(uid, key)
	if c.Fault != nil {
		c.Op = model.Unreadable
		return c
	}
	series, _, problems, fault := ical.Parse(lines.Bytes(), nil)
	if fault != nil {
		c.Op, c.Fault = model.Unreadable, &model.Fault{Code: fault.Code}
		return c
	}
	if focus {
		mark(&series)
	}
	e.Ident = c.Ident
	e.Problems = append(e.Problems, problems...)
	slices.Sort(e.Problems)
	e.Problems = slices.Compact(e.Problems)
	e.Body = model.Hide(series)
	c.Event = e
	return c
}

// mark says of a series that it is focus time: the type of an event never changes.
func mark(s *model.Series) {
	if s.Master != nil {
		s.Master.Focus = true
	}
	for i := range s.Overrides {
		s.Overrides[i].Focus = true
	}
}
