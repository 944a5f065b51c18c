package rules

import (
	"fmt"
	"strings"
	"testing"

	"chancery/internal/mime"
)

// What a sender can put into the field that our own server writes: the address of
// the envelope, domains of signatures, and fields of the same name below.
func TestWhatASenderWritesIntoOurFieldProvesNothing(t *testing.T) {
	ours := []string{"mx.firm.example"}
	// A field of many results that is cut where a domain of the sender's begins like
	// the one they claim.
	long := "mx.firm.example"
	for i := 0; len(long) < maxAuthField-700; i++ {
		long += fmt.Sprintf("; dkim=pass header.d=%s%d.evil.example", strings.Repeat("a", 400), i)
	}
	pad := maxAuthField - len(long) - len("; dkim=pass reason= header.d=b.example")
	long += "; dkim=pass reason=" + strings.Repeat("x", pad) + " header.d=b.example.evil.example; dmarc=fail header.from=b.example"
	for name, fields := range map[string][]string{
		"cut inside a domain":            {long},
		"an address that ends a comment": {`mx.firm.example; spf=pass (domain of "a); dkim=pass header.d=b.example ("@evil.example designates it) smtp.mailfrom=x`},
		"a comment without an end":       {`mx.firm.example; dkim=pass header.d=b.example; dmarc=none (of a(@evil.example); dmarc=fail header.from=b.example`},
		"an address with quotes":         {`mx.firm.example; spf=pass smtp.mailfrom="a; dkim=pass header.d=b.example; x="@evil.example; dkim=none`},
		"an address with a quote":        {`mx.firm.example; spf=pass smtp.mailfrom=a"; dkim=pass header.d=b.example; spf=pass smtp.mailfrom="@evil.example`},
		"ours in a comment":              {"(mx.firm.example;) evil.example; dkim=pass header.d=b.example"},
		"ours in quotes with a tail":     {`"mx.firm.example".evil.example; dkim=pass header.d=b.example`},
		"ours with a line break":         {"mx.firm.example\u0085; dkim=pass header.d=b.example"},
		"a letter that looks alike":      {"mx.fіrm.example; dkim=pass header.d=b.example"},
		"ours below ours":                {"mx.firm.example; spf=none", "mx.firm.example; dmarc=pass header.from=b.example"},
		"ours below ours, folded":        {"mx.firm.example 1 ; none", " (x)\r\n\t\"mx.firm.example\"; dmarc=pass header.from=b.example"},
		"a domain that looks alike":      {"mx.firm.example; dkim=pass header.d=ь.example"},
		"a dot behind":                   {"mx.firm.example; dkim=pass header.d=b.example.evil.example."},
		"a method of another name":       {"mx.firm.example; x-dkim=pass header.d=b.example; arc=pass header.d=b.example"},
	} {
		if a := authenticated(proving(fields...), ours); a.proves("jo@b.example") {
			t.Errorf("%s: proved by %+v", name, a)
		}
	}
}

// The same through the reader of mail: what is one field there, and whose From is
// the author.
func TestForgedMailProvesNothing(t *testing.T) {
	const good = "Authentication-Results: mx.firm.example; dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example\r\n"
	for name, head := range map[string]string{
		"one From of another":      good + "From: jo@b.example\r\n",
		"two From":                 good + "From: jo@evil.example\r\nFrom: jo@b.example\r\n",
		"two From, turned":         good + "From: jo@b.example\r\nFrom: jo@evil.example\r\n",
		"two authors":              good + "From: jo@b.example, jo@evil.example\r\n",
		"a name like an address":   good + "From: \"jo@b.example\" <jo@evil.example>\r\n",
		"a group":                  good + "From: jo@b.example: jo@evil.example;\r\n",
		"a second one, folded":     good + "Authentication-Results:\r\n mx.firm.example;\r\n dmarc=pass header.from=b.example\r\nFrom: jo@b.example\r\n",
		"an encoded second one":    good + "Authentication-Results: =?utf-8?q?mx.firm.example;_dmarc=3Dpass_header.from=3Db.example?=\r\nFrom: jo@b.example\r\n",
		"no header.from, two From": "Authentication-Results: mx.firm.example; dmarc=pass\r\nFrom: jo@evil.example\r\nFrom: jo@b.example\r\n",
		"turned, no header.from":   "Authentication-Results: mx.firm.example; dmarc=pass\r\nFrom: jo@b.example\r\nFrom: jo@evil.example\r\n",
		"an empty From before":     "Authentication-Results: mx.firm.example; dmarc=pass\r\nFrom:\r\nFrom: jo@b.example\r\n",
		"in the body":              "From: jo@b.example\r\n\r\nAuthentication-Results: mx.firm.example; dmarc=pass header.from=b.example\r\n",
		"a blank before the colon": good + "Authentication-Results : mx.firm.example; dmarc=pass header.from=b.example\r\nFrom: jo@b.example\r\n",
	} {
		m := mime.Read([]byte(head + "Subject: x\r\n\r\nx\r\n"))
		f := facts{set: &Set{authserv: []string{"mx.firm.example"}}, mail: m}
		if len(m.From) > 0 {
			f.from = m.From[0].Addr
		}
		if f.from != "jo@evil.example" && f.proved() {
			t.Errorf("%s: %v is proved", name, m.From)
		}
		if strings.Contains(name, "two From") && f.proved() {
			t.Errorf("%s: %v is proved, of two", name, m.From)
		}
	}
}
