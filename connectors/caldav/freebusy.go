package caldav

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/internal/ical"
	"chancery/internal/model"
)

const (
	maxAsked  = 50                   // addresses in one question
	maxWindow = 400 * 24 * time.Hour // a longer one is not asked
)

// busyHome is what is known of free and busy times at a server.
type busyHome struct {
	outbox string   // RFC 6638 section 2.1.1; "" if the server has none
	self   []string // addresses of the account, lower case (RFC 6638 section 2.4.1)
	homes  []string
}

// FreeBusy returns the time of those addresses of whom the server tells it, by
// address in lower case: of everybody it knows where it schedules (RFC 6638 section
// 5), else of the account's own addresses (RFC 4791 section 7.10). Who is left out
// is unknown, not free. It may be called while another method runs.
func (s *Source) FreeBusy(ctx context.Context, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error) {
	ctx, done := s.bound(ctx)
	defer done()
	var asked []string
	for _, a := range addresses {
		if a = strings.ToLower(strings.TrimSpace(a)); plainAddress(a) && !slices.Contains(asked, a) {
			asked = append(asked, a)
		}
	}
	out := map[string]model.FreeBusy{}
	if len(asked) == 0 || !till.After(from) || till.Sub(from) > maxWindow {
		return out, nil
	}
	b, err := s.busyHome(ctx)
	if err != nil {
		return nil, failed(err)
	}
	if b.outbox == "" || len(b.self) == 0 {
		return out, failed(s.ownBusy(ctx, b, asked, from, till, out))
	}
	for part := range slices.Chunk(asked, maxAsked) {
		if err := s.askOutbox(ctx, b, part, from, till, out); err != nil {
			return nil, failed(err)
		}
	}
	return out, nil
}

// plainAddress keeps out what would be more than an address in a calendar object.
func plainAddress(a string) bool {
	at := strings.LastIndexByte(a, '@')
	return at > 0 && at < len(a)-1 && len(a) <= 320 && !strings.ContainsFunc(a, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"<>:;,\?`, r)
	})
}

const busyBody = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:schedule-outbox-URL/><C:calendar-user-address-set/><C:calendar-home-set/></prop></propfind>`

// busyHome finds the outbox and the addresses of the account, once.
func (s *Source) busyHome(ctx context.Context) (*busyHome, error) {
	s.busyMu.Lock()
	defer s.busyMu.Unlock()
	if s.busy != nil {
		return s.busy, nil
	}
	principal := ""
	for _, at := range []string{s.calendar, s.c.base.EscapedPath(), "/.well-known/caldav", "/"} {
		_, p, err := s.homesAt(ctx, at)
		if connectorAuth(err) {
			return nil, err
		}
		if p != "" {
			principal = p
			break
		}
	}
	b := &busyHome{}
	if principal != "" {
		ms, err := s.c.query(ctx, "PROPFIND", principal, "0", busyBody)
		if err != nil {
			return nil, err
		}
		for _, r := range ms.responses {
			p := r.prop()
			for _, h := range p.Outbox.Href {
				if path, ok := s.c.hrefPath(h); ok {
					b.outbox = path
				}
			}
			for _, h := range p.Addresses.Href {
				if a, ok := mailto(h); ok && len(b.self) < maxAsked {
					b.self = append(b.self, a)
				}
			}
			for _, h := range p.Home.Href {
				if path, ok := s.c.hrefPath(h); ok && len(b.homes) < maxHomes {
					b.homes = append(b.homes, path)
				}
			}
		}
	}
	s.busy = b
	return b, nil
}

func mailto(href string) (string, bool) {
	href = strings.ToLower(strings.TrimSpace(href))
	a, ok := strings.CutPrefix(href, "mailto:")
	return a, ok && plainAddress(a)
}

// scheduleResponse is the answer of an outbox (RFC 6638 section 10.1).
type scheduleResponse struct {
	XMLName  xml.Name `xml:"urn:ietf:params:xml:ns:caldav schedule-response"`
	Response []struct {
		Recipient hrefs  `xml:"urn:ietf:params:xml:ns:caldav recipient"`
		Status    string `xml:"urn:ietf:params:xml:ns:caldav request-status"`
		Data      string `xml:"urn:ietf:params:xml:ns:caldav calendar-data"`
	} `xml:"urn:ietf:params:xml:ns:caldav response"`
}

// askOutbox asks for the time of several people (RFC 6638 section 5). Nothing is
// stored and nobody is told.
func (s *Source) askOutbox(ctx context.Context, b *busyHome, asked []string, from, till time.Time, out map[string]model.FreeBusy) error {
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Chancery//Chancery//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY",
		"UID:" + rand.Text(), "DTSTAMP:" + utc(time.Now()), "DTSTART:" + utc(from), "DTEND:" + utc(till), "ORGANIZER:mailto:" + b.self[0],
	}
	for _, a := range asked {
		lines = append(lines, "ATTENDEE:mailto:"+a)
	}
	lines = append(lines, "END:VFREEBUSY", "END:VCALENDAR")
	body := ical.Fold(lines)
	r, err := s.c.do(ctx, http.MethodPost, b.outbox, map[string]string{"Content-Type": "text/calendar; charset=utf-8; component=VFREEBUSY; method=REQUEST"}, body, maxBody)
	if err != nil {
		return err
	}
	var answer scheduleResponse
	if err := scanXML(r.body); err != nil {
		return err
	}
	if err := xml.Unmarshal(r.body, &answer); err != nil {
		return protocol("xml-malformed")
	}
	for _, one := range answer.Response {
		// RFC 5546 section 3.6: 2 is success, all else says nothing of the time.
		if len(one.Recipient.Href) != 1 || !strings.HasPrefix(strings.TrimSpace(one.Status), "2.") {
			continue
		}
		addr, ok := mailto(one.Recipient.Href[0])
		if _, told := out[addr]; !ok || told || !slices.Contains(asked, addr) {
			continue
		}
		if fb, ok := ical.FreeBusy([]byte(one.Data), from, till); ok {
			out[addr] = fb
		}
	}
	return nil
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// ownBusy asks the calendars of the account themselves. If one does not answer, the
// time is unknown.
func (s *Source) ownBusy(ctx context.Context, b *busyHome, asked []string, from, till time.Time, out map[string]model.FreeBusy) error {
	mine := slices.DeleteFunc(slices.Clone(asked), func(a string) bool { return !slices.Contains(b.self, a) })
	if len(mine) == 0 || len(b.homes) == 0 {
		return nil
	}
	query := `<?xml version="1.0" encoding="utf-8"?><C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="` + utc(from) + `" end="` + utc(till) + `"/></C:free-busy-query>`
	var joined []byte
	for _, home := range b.homes {
		calendars, err := s.calendars(ctx, home)
		if err != nil {
			return err
		}
		for _, cal := range calendars {
			if !cal.events {
				continue
			}
			r, err := s.c.do(ctx, "REPORT", cal.path, map[string]string{"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}, []byte(query), maxBody)
			if fatal(err) {
				return err
			}
			if err != nil || r.status != http.StatusOK {
				return nil
			}
			if joined = append(append(joined, r.body...), "\r\n"...); len(joined) > ical.MaxSize {
				return nil
			}
		}
	}
	if fb, ok := ical.FreeBusy(joined, from, till); ok {
		for _, a := range mine {
			out[a] = fb
		}
	}
	return nil
}
