package caldav

import (
	"context"
	"encoding/xml"
	"net"
	"net/http"
	"strings"
	"time"

	"chancery/connectors"
)

// Exam is what an examination of an account found. It holds facts; what follows
// from them is for others to say. Names of calendars that the configuration does
// not name are not in it.
type Exam struct {
	Reached string        // address that took the connection; "" if none did
	Dialed  time.Duration // name look-up and connection
	Peer    *connectors.Peer
	Server  string         // Server header; "" if there is none
	Clock   *time.Duration // how far the server's clock is ahead, by the Date header; nil: not told

	Classes   []string // of the DAV header (RFC 4918 section 10.1), lower case
	Home      bool     // principal and home of calendars were found
	CanMake   *bool    // the home takes new calendars (RFC 3744 section 3.9); nil: not told
	Calendars []CalendarExam

	// Stage is how far it came: "dial", "tls", "login", "home", "calendars",
	// "done". Err is why it did not come further.
	Stage string
	Err   error
}

// CalendarExam is what is known of one calendar of the configuration.
type CalendarExam struct {
	Match  string
	Err    error // why it cannot be followed; nil if it can, or could be made
	Absent bool  // it is not there, and Create says to make it
	Sync   bool  // sync-collection (RFC 6578 section 3.2)
	CTag   bool
	Read   *bool // privileges (RFC 3744 section 5.4); nil: not told
	Write  *bool
	Events bool // it may hold events (RFC 4791 section 5.2.3)
}

// Examine connects as Open would, for every calendar of an account, and looks at
// what a person who looks after it should know. It writes nothing, and makes no
// calendar. Match and Create of o itself are not looked at.
func Examine(ctx context.Context, o Options, calendars []Options) *Exam {
	e := &Exam{Stage: "dial"}
	e.Err = failed(e.run(ctx, o, calendars))
	return e
}

func (e *Exam) run(ctx context.Context, o Options, calendars []Options) error {
	urls, err := o.urls(ctx)
	if err != nil {
		return err
	}
	o.URL = urls[0]
	c, err := newClient(o)
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	if o.Client == nil {
		if err := e.knock(ctx, c); err != nil {
			return err
		}
	}
	e.Stage = "login"
	s := &Source{o: o, c: c}
	before := time.Now()
	r, err := c.do(ctx, "PROPFIND", c.base.EscapedPath(), map[string]string{"Depth": "0", "Content-Type": "application/xml; charset=utf-8"},
		[]byte(describeBody), maxDiscovery)
	e.hear(r, before)
	if connectorAuth(err) || status(err) == http.StatusForbidden {
		return err
	}
	e.Stage = "home"
	homes, err := s.homes(ctx)
	if err != nil && connectorAuth(err) {
		return err
	}
	e.Home = err == nil
	e.Stage = "calendars"
	if e.Home {
		if e.CanMake, err = e.askHome(ctx, c, homes[0]); err != nil {
			return err
		}
	}
	for _, cal := range calendars {
		found, err := e.examine(ctx, cal)
		if err != nil {
			return err
		}
		e.Calendars = append(e.Calendars, found)
	}
	e.Stage = "done"
	return nil
}

// knock tries the connection and TLS by themselves, so that a failure has a name.
func (e *Exam) knock(ctx context.Context, c *client) error {
	t, ok := c.http.Transport.(*http.Transport)
	if !ok {
		return nil
	}
	start := time.Now()
	socket, err := t.DialContext(ctx, "tcp", net.JoinHostPort(c.base.Hostname(), port(c.base)))
	if err != nil {
		return &connectors.Error{Class: connectors.Network, Code: "connection", Err: err}
	}
	defer func() { _ = socket.Close() }()
	e.Reached, e.Dialed = socket.RemoteAddr().String(), time.Since(start)
	if c.base.Scheme != "https" {
		return nil
	}
	e.Stage = "tls"
	ctx, cancel := context.WithTimeout(ctx, t.TLSHandshakeTimeout)
	defer cancel()
	config := t.TLSClientConfig.Clone()
	config.ServerName = c.base.Hostname()
	_, peer := connectors.Handshake(ctx, socket, config)
	e.Peer = &peer
	if peer.Err != nil {
		return &connectors.Error{Class: connectors.Network, Code: "tls", Err: peer.Err}
	}
	return nil
}

// hear reads what any answer tells about the server.
func (e *Exam) hear(r *reply, asked time.Time) {
	if r == nil {
		return
	}
	e.Server = clean(r.header.Get("Server"))
	if at, err := http.ParseTime(r.header.Get("Date")); err == nil && e.Clock == nil {
		// RFC 9110 section 6.6.1: whole seconds, of some moment between question and answer.
		half := time.Since(asked) / 2
		skew := at.Add(500 * time.Millisecond).Sub(asked.Add(half)).Round(time.Second)
		e.Clock = &skew
	}
}

// clean makes a header fit for a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return -1
		}
		return r
	}, s[:min(len(s), 60)])
}

const privilegeBody = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"><prop><current-user-privilege-set/><S:getctag/><C:supported-calendar-component-set/></prop></propfind>`

// granted is a DAV:current-user-privilege-set.
type granted struct {
	Privilege []struct {
		Any []struct {
			XMLName xml.Name
		} `xml:",any"`
	} `xml:"DAV: privilege"`
}

// privileges reads what this user may do (RFC 3744 section 5.4); nil if the server
// does not tell.
func privileges(ctx context.Context, c *client, path string) (map[string]bool, props, error) {
	ms, err := c.query(ctx, "PROPFIND", path, "0", privilegeBody)
	if err != nil {
		return nil, props{}, err
	}
	if len(ms.responses) == 0 {
		return nil, props{}, nil
	}
	p := ms.responses[0].prop()
	if p.Privileges == nil {
		return nil, p, nil
	}
	out := map[string]bool{}
	for _, x := range p.Privileges.Privilege {
		for _, name := range x.Any {
			out[name.XMLName.Local] = true
		}
	}
	return out, p, nil
}

// may reports whether any of the names is granted; nil if nothing is known.
func may(have map[string]bool, names ...string) *bool {
	if have == nil {
		return nil
	}
	ok := false
	for _, n := range append(names, "all") {
		ok = ok || have[n]
	}
	return &ok
}

// askHome learns the DAV classes and whether calendars can be made.
func (e *Exam) askHome(ctx context.Context, c *client, home string) (*bool, error) {
	path, ok := c.hrefPath(home)
	if !ok {
		return nil, misconfigured("no-home", nil)
	}
	r, err := c.do(ctx, http.MethodOptions, path, nil, nil, maxDiscovery)
	if connectorAuth(err) {
		return nil, err
	}
	if err == nil {
		for _, line := range r.header.Values("Dav") {
			for class := range strings.SplitSeq(line, ",") {
				e.Classes = append(e.Classes, strings.ToLower(strings.TrimSpace(class)))
			}
		}
	}
	have, _, err := privileges(ctx, c, path)
	if connectorAuth(err) {
		return nil, err
	}
	return may(have, "bind", "write", "write-content"), nil
}

// examine looks at one calendar of the configuration.
func (e *Exam) examine(ctx context.Context, o Options) (CalendarExam, error) {
	out := CalendarExam{Match: o.Match}
	create := o.Create
	o.Create, o.ReadOnly = false, true
	s, err := Open(ctx, o)
	if err != nil {
		if _, code := connectors.Classify(err); code == "no-calendar" && create {
			out.Absent = true
			return out, nil
		}
		if out.Err = err; connectorAuth(err) {
			return out, err
		}
		return out, nil
	}
	defer func() { _ = s.Close() }()
	have, p, err := privileges(ctx, s.c, s.asked)
	if err != nil {
		out.Err = failed(err)
		return out, nil
	}
	out.Sync, out.CTag = s.sync, strings.TrimSpace(p.CTag) != ""
	out.Read, out.Write = may(have, "read"), may(have, "write", "write-content")
	if w := out.Write; w != nil && *w && !have["write"] && !have["all"] {
		*w = have["bind"] // RFC 3744 section 3.9: a new object needs bind on its collection
	}
	out.Events = len(p.Components.Comp) == 0
	for _, c := range p.Components.Comp {
		out.Events = out.Events || strings.EqualFold(c.Name, "VEVENT")
	}
	return out, nil
}
