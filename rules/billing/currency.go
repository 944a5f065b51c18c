package billing

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
	{"Kč", "CZK"}, {"Ft", "HUF"}, {"lei", "RON"},
	{"€", "EUR"}, {"£", "GBP"}, {"¥", "JPY"}, {"₹", "INR"}, {"₩", "KRW"}, {"₽", "RUB"}, {"₪", "ILS"}, {"₺", "TRY"}, {"zł", "PLN"},
	{"Euros", "EUR"}, {"euros", "EUR"}, {"Euro", "EUR"}, {"euro", "EUR"}, {"dollars", "USD"}, {"Dollars", "USD"}, {"$", "USD"},
}
