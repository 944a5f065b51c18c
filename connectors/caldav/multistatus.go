package caldav

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxResponses bounds the entries of one multistatus.
const maxResponses = 200_000

const nsDAV = "DAV:"

// multistatus is a DAV:multistatus (RFC 4918 section 14.16).
type multistatus struct {
	responses []response
	token     string // DAV:sync-token (RFC 6578 section 6.4)
	path      string
	date      time.Time // of the answer, by the server's clock; zero if unsaid
}

// response is one entry. A property counts only if its propstat says 200.
type response struct {
	Href     string     `xml:"DAV: href"`
	Status   string     `xml:"DAV: status"`
	Propstat []propstat `xml:"DAV: propstat"`
}

type propstat struct {
	Status string `xml:"DAV: status"`
	Prop   props  `xml:"DAV: prop"`
}

// props are the properties we ask for. The ETag stays as it came: quoted,
// unquoted or weak, it is opaque.
type props struct {
	ETag        string       `xml:"DAV: getetag"`
	Data        *string      `xml:"urn:ietf:params:xml:ns:caldav calendar-data"`
	CTag        string       `xml:"http://calendarserver.org/ns/ getctag"`
	Token       string       `xml:"DAV: sync-token"`
	Modified    string       `xml:"DAV: getlastmodified"`
	DisplayName string       `xml:"DAV: displayname"`
	Type        resourceType `xml:"DAV: resourcetype"`
	Home        hrefs        `xml:"urn:ietf:params:xml:ns:caldav calendar-home-set"`
	Principal   hrefs        `xml:"DAV: current-user-principal"`
	Outbox      hrefs        `xml:"urn:ietf:params:xml:ns:caldav schedule-outbox-URL"`
	Addresses   hrefs        `xml:"urn:ietf:params:xml:ns:caldav calendar-user-address-set"`
	Privileges  *granted     `xml:"DAV: current-user-privilege-set"`
	Components  struct {
		Comp []struct {
			Name string `xml:"name,attr"`
		} `xml:"urn:ietf:params:xml:ns:caldav comp"`
	} `xml:"urn:ietf:params:xml:ns:caldav supported-calendar-component-set"`
}

type resourceType struct {
	Collection *struct{} `xml:"DAV: collection"`
	Calendar   *struct{} `xml:"urn:ietf:params:xml:ns:caldav calendar"`
}

type hrefs struct {
	Href []string `xml:"DAV: href"`
}

// prop joins the properties that were found.
func (r *response) prop() props {
	for _, p := range r.Propstat {
		if c := statusCode(p.Status); c == 0 || c/100 == 2 {
			return p.Prop
		}
	}
	return props{}
}

// code is the status of the entry as a whole; 0 if it has none.
func (r *response) code() int {
	if c := statusCode(r.Status); c != 0 {
		return c
	}
	for _, p := range r.Propstat {
		if c := statusCode(p.Status); c == 0 || c/100 == 2 {
			return 0
		}
	}
	if len(r.Propstat) > 0 {
		return statusCode(r.Propstat[0].Status)
	}
	return 0
}

// maxTag bounds an ETag in octets.
const maxTag = 1 << 10

// opaque returns an ETag as it came; "" if it can be no condition of a request, for
// it holds what no header may hold (RFC 9110 section 8.8.3): through it a server
// would make every later write fail.
func opaque(etag string) string {
	etag = strings.TrimSpace(etag)
	if len(etag) > maxTag || strings.ContainsFunc(etag, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return etag
}

// statusCode reads "HTTP/1.1 200 OK"; the reason may be missing.
func statusCode(s string) int {
	f := strings.Fields(s)
	if len(f) < 2 {
		return 0
	}
	n, err := strconv.Atoi(f[1])
	if err != nil {
		return 0
	}
	return n
}

// query sends an XML request and reads the multistatus it is answered with.
func (c *client) query(ctx context.Context, method, path, depth, body string) (*multistatus, error) {
	r, err := c.do(ctx, method, path, map[string]string{
		"Depth": depth, "Content-Type": "application/xml; charset=utf-8",
	}, []byte(body), maxBody)
	if err != nil {
		return nil, err
	}
	if r.status != 207 {
		return nil, protocol("not-multistatus")
	}
	ms, err := readMultistatus(r.body)
	if err != nil {
		return nil, err
	}
	ms.path = r.path
	ms.date, _ = http.ParseTime(r.header.Get("Date"))
	return ms, nil
}

// readMultistatus reads entry by entry, so that a listing of a million entries
// fails at the limit and not for want of memory.
func readMultistatus(b []byte) (*multistatus, error) {
	if err := scanXML(b); err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	ms := &multistatus{}
	inside := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) && inside {
			return ms, nil
		}
		if err != nil {
			return nil, protocol("xml-malformed")
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case !inside:
			if start.Name != (xml.Name{Space: nsDAV, Local: "multistatus"}) {
				return nil, protocol("not-multistatus")
			}
			inside = true
		case start.Name == xml.Name{Space: nsDAV, Local: "response"}:
			var r response
			if err := d.DecodeElement(&r, &start); err != nil {
				return nil, protocol("xml-malformed")
			}
			if len(ms.responses) == maxResponses {
				return nil, protocol("too-many-responses")
			}
			ms.responses = append(ms.responses, r)
		case start.Name == xml.Name{Space: nsDAV, Local: "sync-token"}:
			if err := d.DecodeElement(&ms.token, &start); err != nil {
				return nil, protocol("xml-malformed")
			}
			ms.token = strings.TrimSpace(ms.token)
		default:
			if err := d.Skip(); err != nil {
				return nil, protocol("xml-malformed")
			}
		}
	}
}

func escapeXML(s string) string {
	var b strings.Builder
	// A strings.Builder never fails.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
