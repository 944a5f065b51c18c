package billing

import "strings"

// Minor units that are not two, by ISO 4217.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0,
	"XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// exponent returns the decimals of a currency.
func exponent(code string) int {
	if n, ok := exponents[code]; ok {
		return n
	}
	return 2
}

// known are the currency codes of ISO 4217 that are read without a symbol. Any
// three capitals before a number would be too many: "PDF 417" is not money.
var known = func() map[string]bool {
	m := map[string]bool{}
	for _, c := range []string{
		"USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "JPY", "CNY", "HKD", "SGD", "INR", "KRW", "TWD", "THB", "MYR", "IDR", "PHP", "VND",
		"SEK", "NOK", "DKK", "ISK", "PLN", "CZK", "HUF", "RON", "BGN", "RSD", "UAH", "RUB", "TRY", "ILS", "AED", "SAR", "QAR", "KWD", "BHD", "OMR",
		"JOD", "EGP", "MAD", "TND", "ZAR", "NGN", "KES", "GHS", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "UYU", "PYG", "CRC", "DOP", "PKR", "BDT",
		"LKR", "KZT", "GEL", "AZN", "AMD", "XOF", "XAF", "XPF", "LYD", "IQD", "UGX", "RWF",
	} {
		m[c] = true
	}
	return m
}()

// symbol is how money is written with signs; longer ones first.
type symbol struct{ sign, code string }

var symbols = []symbol{
	{"US$", "USD"}, {"CA$", "CAD"}, {"AU$", "AUD"}, {"NZ$", "NZD"}, {"HK$", "HKD"}, {"MX$", "MXN"}, {"SG$", "SGD"},
	{"C$", "CAD"}, {"A$", "AUD"}, {"S$", "SGD"}, {"R$", "BRL"}, {"SFr.", "CHF"}, {"Fr.", "CHF"}, {"Rs.", "INR"}, {"Rs", "INR"}, {"₨", "INR"},
	{"Kč", "CZK"}, {"Ft", "HUF"}, {"lei", "RON"}, {"Lei", "RON"}, {"лв", "BGN"}, {"руб", "RUB"}, {"грн", "UAH"}, {"₴", "UAH"}, {"дин", "RSD"}, {"din.", "RSD"}, {"TL", "TRY"}, {"Eur", "EUR"},
	{"€", "EUR"}, {"£", "GBP"}, {"¥", "JPY"}, {"₹", "INR"}, {"₩", "KRW"}, {"₽", "RUB"}, {"₪", "ILS"}, {"₺", "TRY"}, {"zł", "PLN"},
	{"Euros", "EUR"}, {"euros", "EUR"}, {"Euro", "EUR"}, {"euro", "EUR"}, {"dollars", "USD"}, {"Dollars", "USD"}, {"$", "USD"},
}

// symbolsBeginning and symbolsEnding are the symbols by their first and their last octet.
var symbolsBeginning, symbolsEnding = func() (first, last [256][]symbol) {
	for _, y := range symbols {
		first[y.sign[0]] = append(first[y.sign[0]], y)
		end := y.sign[len(y.sign)-1]
		last[end] = append(last[end], y)
	}
	return first, last
}()

// homes are tax numbers and their like that tell in which currency an invoice is written
// that names none.
var homes = []struct{ word, code string }{
	{"GSTIN", "INR"}, {"PAN No", "INR"}, {"CST#", "INR"}, {"VAT/TIN", "INR"}, {"HSN", "INR"}, {"CGST", "INR"}, {"CNPJ", "BRL"}, {"NIP", "PLN"}, {"ABN", "AUD"},
	{"Momsreg", "SEK"}, {"Bankgiro", "SEK"}, {"CVR", "DKK"}, {"MVA", "NOK"}, {"CHE-", "CHF"}, {"MWST-Nr", "CHF"},
	{"USt-Id", "EUR"}, {"UStId", "EUR"}, {"Steuernummer", "EUR"}, {"SIRET", "EUR"}, {"TVA intra", "EUR"}, {"P.IVA", "EUR"}, {"Partita IVA", "EUR"}, {"BTW", "EUR"}, {"KvK", "EUR"}, {"KVK", "EUR"}, {"NIF", "EUR"}, {"CIF", "EUR"}, {"MwSt", "EUR"},
	{"Förfallo", "SEK"}, {"Förfaller", "SEK"}, {"Plusgiro", "SEK"}, {"Att betala", "SEK"}, {"Forfaldsdato", "DKK"}, {"Forfald", "DKK"}, {"Forfallsdato", "NOK"}, {"Forfall", "NOK"}, {"Foretaksregisteret", "NOK"},
	{"Y-tunnus", "EUR"}, {"ALV", "EUR"}, {"OIB", "EUR"}, {"ΑΦΜ", "EUR"}, {"ΦΠΑ", "EUR"}, {"ДДС", "BGN"}, {"ЕИК", "BGN"}, {"ИНН", "RUB"}, {"КПП", "RUB"}, {"ЄДРПОУ", "UAH"}, {"ÁFA", "HUF"}, {"Adószám", "HUF"}, {"VKN", "TRY"}, {"KDV", "TRY"},
	{"EUROS", "EUR"}, {"euros", "EUR"}, {"TTC", "EUR"}, {"TVA", "EUR"},
}

// homeOf is the currency of the country whose tax numbers stand in a text; "" if none do.
func homeOf(s string) string {
	for _, h := range homes {
		if at := strings.Index(s, h.word); at >= 0 && (at == 0 || !alnum(s[at-1])) {
			return h.code
		}
	}
	if code := crowns(s); code != "" {
		return code
	}
	return homeCode(s)
}

// crowns tells by its letters and words whose crowns a text counts in; "" if it counts in
// none.
func crowns(s string) string {
	if !standsAlone(s, "kr") && !standsAlone(s, "kr.") && !standsAlone(s, "Kr") {
		return ""
	}
	switch low := strings.ToLower(s); {
	case strings.ContainsAny(s, "\u00f0\u00fe"):
		return "ISK"
	case standsAlone(low, "mva"):
		return "NOK"
	case strings.ContainsAny(s, "\u00e6\u00f8\u00c6\u00d8"):
		if standsAlone(low, "moms") {
			return "DKK"
		}
		return "NOK"
	}
	return "SEK"
}

// homeCode is the currency of the country with whose letters a tax number or a bank
// account begins.
func homeCode(s string) string {
	for i := 0; i+10 < len(s); i++ {
		if s[i] < 'A' || s[i] > 'Z' || s[i+1] < 'A' || s[i+1] > 'Z' || i > 0 && alnum(s[i-1]) {
			continue
		}
		code := homeCodes[s[i:i+2]]
		if code == "" {
			continue
		}
		digits, k := 0, i+2
		for ; k < len(s) && k < i+16 && (digit(s[k]) || s[k] == ' ' || s[k] == '.' || s[k] >= 'A' && s[k] <= 'Z'); k++ {
			if digit(s[k]) {
				digits++
			}
		}
		if digits >= 8 {
			return code
		}
	}
	return ""
}

// shared are signs of several currencies: the first is meant unless the text names one of
// the others, and not the first.
var shared = map[string][]string{"USD": {"CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}, "JPY": {"CNY", "RMB"}}

// meant is the currency that the text names for a sign that several share.
func meant(s, code string) string {
	list, ok := shared[code]
	if !ok || standsAlone(s, code) || strings.Contains(s, "US$") || strings.Contains(s, "U.S.") {
		return code
	}
	for _, c := range list {
		if standsAlone(s, c) {
			if c == "RMB" {
				c = "CNY"
			}
			return c
		}
	}
	if code == "USD" {
		if home := dollarOf(s); home != "" {
			return home
		}
	}
	return code
}

// standsAlone reports whether a code stands in a text as a word.
func standsAlone(s, code string) bool {
	for at := 0; ; {
		i := strings.Index(s[at:], code)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(code)
		if (i == 0 || !alnum(s[i-1])) && (at == len(s) || !alnum(s[at])) {
			return true
		}
	}
}
