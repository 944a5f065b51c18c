package rules

import (
	"slices"
	"strings"
)

// twoWays are codes of mails whose parts programs take apart in different ways.
var twoWays = map[string]bool{"duplicate-content-type": true, "duplicate-content-transfer-encoding": true}

// speaksFor reports whether a condition holds for all in whose name the message
// speaks: which of them people see depends on their program. Who proposes another
// time may name more attendees (RFC 5546 section 3.2.7), and is one of them.
func (in *invitation) speaksFor(is func(who string) bool) bool {
	if in.Method == "COUNTER" {
		return slices.ContainsFunc(in.Speakers, is)
	}
	return !slices.ContainsFunc(in.Speakers, func(who string) bool { return !is(who) })
}

// spoofed reports whether the message speaks in the name of somebody who did not
// send it. That a sender is not proved does not make it spoofed: nothing may be
// known of anyone's mail.
func (in *invitation) spoofed() bool {
	f := in.f
	switch {
	case in.Differs, slices.ContainsFunc(f.mail.Problems, func(code string) bool { return twoWays[code] }):
		return true // programs would read two different messages
	case f.authentication().known && f.authentication().dmarc == "fail":
		return true
	case in.Method == "":
		return false
	}
	if len(in.Speakers) > 0 && !in.speaksFor(in.actsFor) {
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
	return !in.one() || !sameSpeaker(f.from, leaders) || slices.ContainsFunc(in.Speakers, func(s string) bool { return !sameSpeaker(s, leaders) })
}

// one reports whether the message has one author, who can be told. Several are
// nobody.
func (in *invitation) one() bool {
	return len(in.f.mail.From) == 1 && !slices.Contains(in.f.mail.Problems, "duplicate-from") && in.f.from != ""
}

// actsFor reports whether the author is somebody, of one house with them, or says
// openly to act for them, who are not ours.
func (in *invitation) actsFor(who string) bool {
	f := in.f
	if !in.one() || who == "" {
		return false
	}
	if sameSpeaker(f.from, []string{who}) {
		return true
	}
	ours := func(a string) bool {
		return f.set.ours(a) || slices.ContainsFunc(in.view.Principal.Addresses, func(p string) bool { return strings.EqualFold(p, a) })
	}
	return slices.Contains(in.SentBy, f.from) && !ours(who) && (f.proved() || !f.authentication().known)
}

// proved reports whether the author is proved to be who the message speaks for.
func (in *invitation) proved() bool {
	return len(in.Speakers) > 0 && in.f.proved() && in.speaksFor(func(who string) bool { return sameSpeaker(in.f.from, []string{who}) })
}

// sameSpeaker reports whether an address is one of a list, or of the house of one:
// assistants send for those they work for. At a provider of mail for everybody only
// the address itself counts.
func sameSpeaker(a string, list []string) bool {
	d := domain(a)
	return slices.ContainsFunc(list, func(b string) bool {
		return a == b || d != a && !everybody[d] && !everybody[domain(b)] && aligned(d, domain(b))
	})
}

// everybody are domains at which anyone can have an address.
var everybody = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "hotmail.co.uk": true, "live.com": true, "msn.com": true,
	"yahoo.com": true, "yahoo.co.uk": true, "ymail.com": true, "aol.com": true, "icloud.com": true, "me.com": true, "mac.com": true,
	"gmx.de": true, "gmx.net": true, "gmx.com": true, "gmx.at": true, "gmx.ch": true, "web.de": true, "t-online.de": true, "mail.com": true,
	"proton.me": true, "protonmail.com": true, "pm.me": true, "fastmail.com": true, "zoho.com": true, "tutanota.com": true,
	"orange.fr": true, "wanadoo.fr": true, "free.fr": true, "laposte.net": true, "libero.it": true, "mail.ru": true, "yandex.ru": true,
	"yahoo.de": true, "yahoo.fr": true, "yahoo.it": true, "yahoo.es": true, "yahoo.ca": true, "yahoo.com.au": true, "yahoo.co.jp": true, "yahoo.co.in": true,
	"outlook.de": true, "outlook.fr": true, "hotmail.de": true, "hotmail.fr": true, "hotmail.it": true, "hotmail.es": true, "live.co.uk": true, "live.de": true,
	"rocketmail.com": true, "yandex.com": true, "tuta.com": true, "hey.com": true, "hushmail.com": true, "mailbox.org": true, "posteo.de": true, "freenet.de": true,
	"bluewin.ch": true, "sfr.fr": true, "cox.net": true, "sbcglobal.net": true, "rogers.com": true, "bigpond.com": true, "naver.com": true, "rediffmail.com": true,
	"qq.com": true, "163.com": true, "126.com": true, "comcast.net": true, "verizon.net": true, "att.net": true, "btinternet.com": true,
}
