package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

// billLetter is an invented billing mail and what a person reads in it.
type billLetter struct {
	name    string
	from    string // default "NC Billing <billing@northcounsel.example>"
	to      string // default gc@firm.example
	date    string // default Mon, 2 Mar 2026 09:15:00 -0500
	subject string
	text    string
	html    string
	head    string // more lines of the header
	forged  bool   // our own server says that the sender is not proved
	files   []billFile

	// want is "CLASS[/EVENT]", then after each semicolon one invoice: its number, "-" for
	// none, the amount with its currency, and name=value of date, due, matter and bank.
	// What is not named is not asked for. "" is no billing mail.
	want  string
	fraud bool
}

type billFile struct {
	name, kind string // kind: MIME type
	body       []byte
}

const billDay = "Mon, 2 Mar 2026 09:15:00 -0500"

// id is the Message-ID that a mail of this name has.
func (l billLetter) id() string { return "<" + l.name + "@bills.example>" }

// raw is the mail as it arrives.
func (l billLetter) raw() []byte {
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	from := or(l.from, "NC Billing <billing@northcounsel.example>")
	_, addr, _ := strings.Cut(from, "<")
	_, domain, _ := strings.Cut(strings.TrimSuffix(addr, ">"), "@")
	result := "pass"
	if l.forged {
		result = "fail"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\nTo: %s\nDate: %s\nMessage-ID: %s\nSubject: %s\nAuthentication-Results: mx.firm.example; dmarc=%s header.from=%s\n%sMIME-Version: 1.0\n",
		from, or(l.to, "Gale Chen <gc@firm.example>"), or(l.date, billDay), l.id(), l.subject, result, domain, l.head)
	const mixed, alternative = "=_mixed_b1", "=_alt_b1"
	if len(l.files) > 0 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"%s\"\n\n--%s\n", mixed, mixed)
	}
	body := func(kind, text string) {
		fmt.Fprintf(&b, "Content-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n", kind, text)
	}
	switch {
	case l.html != "" && l.text != "":
		fmt.Fprintf(&b, "Content-Type: multipart/alternative; boundary=\"%s\"\n\n--%s\n", alternative, alternative)
		body("plain", l.text)
		fmt.Fprintf(&b, "--%s\n", alternative)
		body("html", l.html)
		fmt.Fprintf(&b, "--%s--\n", alternative)
	case l.html != "":
		body("html", l.html)
	default:
		body("plain", l.text)
	}
	for _, f := range l.files {
		fmt.Fprintf(&b, "--%s\nContent-Type: %s; name=\"%s\"\nContent-Disposition: attachment; filename=\"%s\"\nContent-Transfer-Encoding: base64\n\n%s\n",
			mixed, f.kind, f.name, f.name, lines76(base64.StdEncoding.EncodeToString(f.body)))
	}
	if len(l.files) > 0 {
		fmt.Fprintf(&b, "--%s--\n", mixed)
	}
	return []byte(strings.ReplaceAll(b.String(), "\n", "\r\n"))
}

// lines76 cuts base64 into lines (RFC 2045 section 6.8).
func lines76(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return b.String() + s
}

// wantedBill is one invoice of a label.
type wantedBill struct {
	number, amount, currency string // "-": the mail has none
	date, due                string // YYYY-MM-DD; "" for not asked
	matter, bank             string
}

type wanted struct {
	class, event string
	bills        []wantedBill
}

// label reads want.
func (l billLetter) label(t testing.TB) (w wanted) {
	t.Helper()
	parts := strings.Split(l.want, ";")
	w.class, w.event, _ = strings.Cut(strings.TrimSpace(parts[0]), "/")
	for _, part := range parts[1:] {
		b := wantedBill{}
		for i, word := range strings.Fields(part) {
			name, value, named := strings.Cut(word, "=")
			switch {
			case i == 0:
				b.number = word
			case !named && b.amount == "":
				b.amount = word
			case !named:
				b.currency = word
			case name == "date":
				b.date = value
			case name == "due":
				b.due = value
			case name == "matter":
				b.matter = value
			case name == "bank":
				b.bank = value
			default:
				t.Fatalf("%s: label %q", l.name, word)
			}
		}
		w.bills = append(w.bills, b)
	}
	return w
}

// minor is an amount of a label in hundredths.
func minor(t testing.TB, s string) int64 {
	t.Helper()
	whole, cents, ok := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	var n, c int64
	if _, err := fmt.Sscanf(whole, "%d", &n); err != nil || ok && len(cents) != 2 {
		t.Fatalf("amount %q of a label", s)
	}
	_, _ = fmt.Sscanf(cents, "%d", &c)
	if n = n*100 + c; strings.HasPrefix(s, "-") {
		n = -n
	}
	return n
}

// unixDay is midnight UTC of a date of a label.
func unixDay(t testing.TB, s string) int64 {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatalf("date %q of a label", s)
	}
	return d.Unix()
}
