package billdesk

import (
	"math/big"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"chancery/internal/model"
	"chancery/rules/billing"
)

// How much of what others wrote is told.
const (
	maxName    = 60 // characters
	maxNumber  = 40
	maxSubject = 90
	maxLink    = 180 // octets of a Message-ID that is told
)

// clean makes what others wrote fit for one line: no control, nothing invisible,
// nothing that turns the direction of the text, and not longer than most characters.
func clean(in string, most int) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range in {
		joiner := r == '\u200c' || r == '\u200d' // Persian and Indic words need them
		switch {
		case unicode.Is(unicode.Cf, r) && !joiner, r == utf8.RuneError, unicode.Is(unicode.Co, r):
			continue
		case unicode.IsControl(r), unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			space = n > 0
			continue
		}
		if n >= most-1 {
			return b.String() + "…"
		}
		if space {
			b.WriteByte(' ')
			n++
		}
		b.WriteRune(r)
		n, space = n+1, false
	}
	return b.String()
}

// joined puts what is not empty side by side.
func joined(between string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, between)
}

// currency is what amounts are added by.
func currency(b *model.Bill) string { return clean(b.Currency, 9) }

// money prints an amount for people: "USD 12,345.60".
func money(minor *big.Int, currency string) string {
	whole, rest := new(big.Int).Abs(minor).String(), ""
	if n := decimals(currency); n > 0 {
		if len(whole) <= n {
			whole = strings.Repeat("0", n+1-len(whole)) + whole
		}
		whole, rest = whole[:len(whole)-n], "."+whole[len(whole)-n:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if minor.Sign() < 0 {
		whole = "−" + whole
	}
	return joined("\u00a0", currency, whole+rest)
}

// decimals is how many digits of an amount are below one.
func decimals(currency string) int {
	_, rest, _ := strings.Cut(billing.Money{Currency: currency}.String(), ".")
	return len(rest)
}

// amount is what a bill asks for; "" if it does not say.
func amount(b *model.Bill) string {
	if b.Amount == 0 && b.Currency == "" {
		return ""
	}
	return money(big.NewInt(b.Amount), currency(b))
}

// number calls a bill by its number.
func number(b *model.Bill) string {
	n := clean(b.Number, maxNumber)
	if n == "" {
		return ""
	}
	return "invoice " + n
}

func vendor(b *model.Bill) string {
	if name := clean(b.Name, maxName); name != "" {
		return name
	}
	if b.Vendor == "self" {
		return ""
	}
	return clean(b.Vendor, maxName)
}

func matter(b *model.Bill) string { return clean(b.Matter, maxNumber) }
func client(b *model.Bill) string { return clean(b.Client, maxName) }

// party is who the other side is: of our own invoices the client.
func party(b *model.Bill) string {
	if owed(b) || b.Class == "prebill" {
		if c := client(b); c != "" {
			return c
		}
		return matter(b)
	}
	if v := vendor(b); v != "" {
		return v
	}
	return client(b)
}

// messageID is what to search for, without the angle brackets; "" if the mail has
// none that can be told.
func messageID(b *model.Bill) string {
	id := strings.TrimSuffix(strings.TrimPrefix(b.MessageID, "<"), ">")
	if id == "" || len(id) > maxLink || strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' }) >= 0 {
		return ""
	}
	return id
}

// midLink is the link by Message-ID that Thunderbird opens (RFC 2392 section 2).
func midLink(id string) string { return "mid:" + escapeID(id) }

// appleLink is the one that Mail on a Mac or a phone opens.
func appleLink(id string) string { return "message:%3C" + escapeID(id) + "%3E" }

func escapeID(id string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(id), "+", "%20"), "%40", "@")
}

// plural is "1 bill" or "2 bills".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return big.NewInt(int64(n)).String() + " " + one + "s"
}

// capital makes a phrase fit for the beginning of a line.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
