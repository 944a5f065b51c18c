package billing

// homeCodes are the currencies of countries, by the letters with which their tax numbers
// and bank accounts begin.
var homeCodes = map[string]string{
	"AT": "EUR", "BE": "EUR", "CY": "EUR", "DE": "EUR", "EE": "EUR", "ES": "EUR", "FI": "EUR", "FR": "EUR", "GR": "EUR", "EL": "EUR", "HR": "EUR", "IE": "EUR", "IT": "EUR", "LT": "EUR",
	"LU": "EUR", "LV": "EUR", "MT": "EUR", "NL": "EUR", "PT": "EUR", "SI": "EUR", "SK": "EUR", "BG": "BGN", "CZ": "CZK", "DK": "DKK", "HU": "HUF", "PL": "PLN", "RO": "RON", "SE": "SEK",
	"GB": "GBP", "NO": "NOK", "CH": "CHF", "LI": "CHF", "IS": "ISK", "RS": "RSD", "TR": "TRY",
}
