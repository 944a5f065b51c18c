package billing

import "strings"

// dollars are tax numbers and names of taxes of countries that count in dollars or pesos
// and write a bare "$".
var dollars = []struct{ word, code string }{
	{"ABN", "AUD"}, {"ACN", "AUD"}, {"NZBN", "NZD"}, {"IRD", "NZD"}, {"HST", "CAD"}, {"TPS", "CAD"}, {"TVQ", "CAD"}, {"QST", "CAD"}, {"UEN", "SGD"},
	{"CFDI", "MXN"}, {"CUIT", "ARS"},
}

// states are those of Canada and of Australia, as they stand before a postal code.
var states = []struct{ word, code string }{
	{"AB ", "CAD"}, {"BC ", "CAD"}, {"MB ", "CAD"}, {"NB ", "CAD"}, {"NL ", "CAD"}, {"NS ", "CAD"}, {"ON ", "CAD"}, {"PE ", "CAD"}, {"QC ", "CAD"}, {"SK ", "CAD"}, {"YT ", "CAD"},
	{"NSW ", "AUD"}, {"VIC ", "AUD"}, {"QLD ", "AUD"}, {"TAS ", "AUD"}, {"WA ", "AUD"},
}

// maxAddress bounds the text whose addresses are read.
const maxAddress = 16 << 10

// dollarOf is the currency of the country whose tax numbers stand in a text that writes a
// bare "$", else that of its addresses, if none of them is in the United States; "" if
// nothing tells.
func dollarOf(s string) string {
	for _, h := range dollars {
		if standsAlone(s, h.word) {
			return h.code
		}
	}
	s = s[:min(len(s), maxAddress)]
	code, american := "", false
	for i := 0; i+7 < len(s); i++ {
		if s[i] != ' ' || s[i+1] < 'A' || s[i+1] > 'Z' {
			continue
		}
		for _, h := range states {
			if rest, ok := strings.CutPrefix(s[i+1:], h.word); code == "" && ok && postal(strings.TrimLeft(rest, " "), h.code) {
				code = h.code
			}
		}
		if rest := s[i+1:]; rest[1] >= 'A' && rest[1] <= 'Z' && rest[2] == ' ' && shaped(rest[3:], "00000") {
			american = true
		}
	}
	if american {
		return ""
	}
	return code
}

// postal reports whether s begins with a postal code of Canada, or of Australia.
func postal(s, code string) bool {
	if code == "AUD" {
		return shaped(s, "0000")
	}
	return shaped(s, "A0A 0A0") || shaped(s, "A0A0A0")
}

// shaped reports whether s begins with digits where form has "0" and capitals where it has
// "A", and a word ends there.
func shaped(s, form string) bool {
	if len(s) < len(form) || len(s) > len(form) && alnum(s[len(form)]) {
		return false
	}
	for i := range len(form) {
		switch c := s[i]; form[i] {
		case '0':
			if !digit(c) {
				return false
			}
		case 'A':
			if c < 'A' || c > 'Z' {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}
