package ical

import (
	"net/url"
	"regexp"
	"strings"

	goical "github.com/emersion/go-ical"
	"golang.org/x/net/idna"

	"chancery/internal/model"
)

// people reads ORGANIZER and ATTENDEE (RFC 5545 sections 3.8.4.1 and 3.8.4.3).
func people(c *component, p *problems) (model.Address, []model.Attendee) {
	var organizer model.Address
	if o, ok := c.get(goical.PropOrganizer); ok {
		organizer = address(o)
	}
	var attendees []model.Attendee
	for _, v := range c.props {
		if v.Name != goical.PropAttendee {
			continue
		}
		if len(attendees) == MaxAttendees {
			p.add("attendees-cut")
			break
		}
		a := model.Attendee{
			Address:  address(v),
			PartStat: strings.ToUpper(v.Params.Get(goical.ParamParticipationStatus)),
			Role:     strings.ToUpper(v.Params.Get(goical.ParamRole)),
			Type:     strings.ToUpper(v.Params.Get(goical.ParamCalendarUserType)),
		}
		if a.PartStat == "" {
			a.PartStat = "NEEDS-ACTION"
		}
		attendees = append(attendees, a)
	}
	return organizer, attendees
}

// address reads a CAL-ADDRESS. Apple writes urn:uuid and puts the address into
// EMAIL (RFC 7986 section 6.2).
func address(v prop) model.Address {
	a := model.Address{Name: strings.Join(v.Params.Values(goical.ParamCommonName), ", ")}
	for _, s := range []string{v.Value, v.Params.Get("EMAIL")} {
		s = strings.Trim(strings.TrimSpace(s), "<>\"'")
		named := len(s) >= len("mailto:") && strings.EqualFold(s[:len("mailto:")], "mailto:")
		if named {
			s = s[len("mailto:"):]
			if u, err := url.PathUnescape(s); err == nil {
				s = u
			}
		}
		s, _, _ = strings.Cut(s, "?")
		if addr, ok := mailbox(s); ok {
			a.Addr = addr
			return a
		}
		if named {
			return a // somebody else than EMAIL says, for other programs
		}
	}
	return a
}

func mailbox(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	i := strings.LastIndexByte(s, '@')
	if i <= 0 || i == len(s)-1 || len(s) > 320 || strings.ContainsAny(s, " \t\n<>:,;") || strings.Contains(s[:i], "@") {
		return "", false
	}
	domain := s[i+1:]
	if d, err := idna.ToASCII(domain); err == nil {
		domain = d
	}
	return s[:i+1] + domain, true
}

// callProps carry the URL of a call, the surest first.
var callProps = []string{
	"X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK", "CONFERENCE",
}

var (
	anyURL  = regexp.MustCompile(`https://[^\s<>"')\]]+`)
	callURL = regexp.MustCompile(`https://(?:[a-z0-9-]+\.)*(?:zoom\.us|zoom\.com|teams\.microsoft\.com|teams\.live\.com|meet\.google\.com|webex\.com|gotomeeting\.com|goto\.com|whereby\.com|bluejeans\.com|meet\.jit\.si)/[^\s<>"')\]]+`)
)

// conference finds the URL of the call. A link in the place may be any; in URL or
// in the description it must be one of a meeting service, since it is usually
// something else.
func conference(c *component, location string) string {
	for _, name := range callProps {
		if v, ok := c.get(name); ok {
			if u := anyURL.FindString(unescape(v.Value)); u != "" {
				return callAddress(u)
			}
		}
	}
	link, _ := c.get(goical.PropURL)
	if u := callURL.FindString(link.Value); u != "" {
		return callAddress(u)
	}
	if u := anyURL.FindString(location); u != "" {
		return callAddress(u)
	}
	about, _ := c.get(goical.PropDescription)
	return callAddress(callURL.FindString(unescape(about.Value)))
}

func callAddress(u string) string {
	return strings.TrimRight(u[:min(len(u), 2048)], ".,;")
}
