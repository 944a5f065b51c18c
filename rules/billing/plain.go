package billing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxPlain = 64 // octets of a number that are compared

// Plain is a number as it is compared: in capitals, letters and digits alone, without
// a word for "invoice" and zeros in front. "Invoice No. 2026-0012", "INV-20260012" and
// "2026/0012" are one. Two numbers that differ may become the same ("0123-1" and
// "123-1"), so whoever tells of it tells the number as written as well. It is "" for a
// text without letter or digit, and Plain(Plain(x)) is Plain(x).
func Plain(number string) string {
	s := strings.ToUpper(number)
	for {
		s = strings.TrimLeftFunc(s, separates)
		rest, ok := withoutWord(s)
		if !ok {
			break
		}
		s = rest
	}
	s = strings.Map(func(r rune) rune {
		if separates(r) {
			return -1
		}
		return r
	}, s)
	for {
		before := s
		if t := strings.TrimLeft(s, "0"); t != "" {
			s = t
		} else if s != "" {
			s = "0"
		}
		if rest, ok := withoutWord(s); ok {
			s = rest
		}
		if s == before {
			break
		}
	}
	if len(s) > maxPlain {
		at := maxPlain
		for !utf8.RuneStart(s[at]) {
			at--
		}
		s = s[:at]
	}
	return s
}

// numberWords stand in front of a number and are no part of it. None begins with
// another that stands after it.
var numberWords = []string{"INVOICE", "INV", "RECHNUNG", "FACTURE", "FACTURA", "FACTUUR", "RE", "RG", "NUMBER", "NUM", "NO", "NR"}

// withoutWord takes one of numberWords away, if what is left is a number and not the
// rest of a longer word.
func withoutWord(s string) (string, bool) {
	for _, w := range numberWords {
		rest, ok := strings.CutPrefix(s, w)
		if !ok || !strings.ContainsFunc(rest, unicode.IsDigit) {
			continue
		}
		if r, _ := utf8.DecodeRuneInString(rest); !unicode.IsLetter(r) {
			return rest, true
		}
	}
	return s, false
}

func separates(r rune) bool {
	return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// revised takes the ending that a new version of an invoice has away: "-R1", " rev. 2",
// "(revised)", "v2". It reports whether there was one. What stands before it must still
// be a number.
func revised(number string) (base string, ok bool) {
	s := strings.TrimRightFunc(strings.ToUpper(number), separates)
	bare := strings.TrimRightFunc(s, unicode.IsDigit)
	digits := len(s) - len(bare)
	if digits > 2 {
		return "", false
	}
	word := strings.TrimRightFunc(bare, separates)
	for _, w := range versionWords {
		before, found := strings.CutSuffix(word, w)
		if !found || len(w) == 1 && (digits == 0 || word != bare) {
			continue
		}
		r, _ := utf8.DecodeLastRuneInString(before)
		if before == "" || !separates(r) && !(len(w) > 2 && unicode.IsDigit(r)) {
			continue
		}
		if base = Plain(before); strings.ContainsFunc(base, unicode.IsDigit) {
			return base, true
		}
	}
	return "", false
}

// versionWords say that a number is that of a new version of an invoice. Of one letter
// they need digits right behind.
var versionWords = []string{"REVISED", "REVISION", "CORRECTED", "CORRECTION", "KORRIGIERT", "KORREKTUR", "RECTIFICATIVE", "CORR", "REV", "VERSION", "R", "V"}
