package rules

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// speakers are those in whose name a scheduling message speaks: the organizer, or
// in an answer the attendees (RFC 5546 section 1.4).
func (in *invitation) speakers() []string {
	var out []string
	see := func(o *model.Occurrence) {
		if !in.Answers() {
			if a := address(o.Organizer); a != "" {
				out = append(out, a)
			}
			return
		}
		for _, a := range o.Attendees {
			if s := address(a.Address); s != "" {
				out = append(out, s)
			}
		}
	}
	if in.Series.Master != nil {
		see(in.Series.Master)
	}
	for i := range in.Series.Overrides {
		see(&in.Series.Overrides[i])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// spoofed reports whether the message speaks in the name of somebody who did not
// send it. That a sender is not proved does not make it spoofed: nothing may be
// known of anyone's mail.
func (in *invitation) spoofed() bool {
	f := in.f
	switch {
	case in.Differs:
		return true // programs would read two different messages
	case f.authentication().known && f.authentication().dmarc == "fail":
		return true
	case in.Method == "":
		return false
	}
	speakers := in.speakers()
	if len(speakers) > 0 && !in.speaksFor(speakers) {
		return true
	}
	if in.Answers() || !in.view.Known || !effectful[in.Method] {
		return false
	}
	// Whoever knows the UID of a meeting can write to those who take part in it.
	leaders := in.weigh().Leaders
	if len(leaders) == 0 {
		return false
	}
	if len(speakers) == 0 {
		return !in.speaksFor(leaders)
	}
	return slices.ContainsFunc(speakers, func(s string) bool { return !sameSpeaker(s, leaders) })
}

// speaksFor reports whether the author is one of these people, of one house with
// one, or says openly to act for one who is not ours. Several authors are nobody.
func (in *invitation) speaksFor(people []string) bool {
	f := in.f
	if len(f.mail.From) != 1 || slices.Contains(f.mail.Problems, "duplicate-from") || f.from == "" {
		return false
	}
	if sameSpeaker(f.from, people) {
		return true
	}
	ours := func(a string) bool {
		return f.set.ours(a) || slices.ContainsFunc(in.view.Principal.Addresses, func(p string) bool { return strings.EqualFold(p, a) })
	}
	return slices.Contains(in.SentBy, f.from) && !slices.ContainsFunc(people, ours) && (f.proved() || !f.authentication().known)
}

// proved reports whether the author is proved to be who the message speaks for.
func (in *invitation) proved() bool {
	speakers := in.speakers()
	return len(speakers) > 0 && in.f.proved() && sameSpeaker(in.f.from, speakers)
}

// sameSpeaker reports whether an address is one of a list, or of the house of one:
// assistants send for those they work for. At a provider of mail for everybody only
// the address itself counts.
func sameSpeaker(a string, list []string) bool {
	d := domain(a)
	return slices.ContainsFunc(list, func(b string) bool {
		return a == b || d != a && !everybody[d] && aligned(d, domain(b))
	})
}

// everybody are domains at which anyone can have an address.
var everybody = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "hotmail.co.uk": true, "live.com": true, "msn.com": true,
	"yahoo.com": true, "yahoo.co.uk": true, "ymail.com": true, "aol.com": true, "icloud.com": true, "me.com": true, "mac.com": true,
	"gmx.de": true, "gmx.net": true, "gmx.com": true, "gmx.at": true, "gmx.ch": true, "web.de": true, "t-online.de": true, "mail.com": true,
	"proton.me": true, "protonmail.com": true, "pm.me": true, "fastmail.com": true, "zoho.com": true, "tutanota.com": true,
	"orange.fr": true, "wanadoo.fr": true, "free.fr": true, "laposte.net": true, "libero.it": true, "mail.ru": true, "yandex.ru": true,
	"qq.com": true, "163.com": true, "126.com": true, "comcast.net": true, "verizon.net": true, "att.net": true, "btinternet.com": true,
}
