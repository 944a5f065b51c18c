package billing

// LedesCode is one kind of problem.
type LedesCode struct {
	Code  string
	Level string
	Means string // what is wrong, one line
	Do    string // what a billing desk does about it
}

// LedesCodes returns every code that CheckLedes knows, those of the format first,
// then those of guidelines, which begin with "client-".
func LedesCodes() []LedesCode { return append([]LedesCode(nil), ledesCodes[:]...) }

type ledesCode uint8

const (
	codeVersion ledesCode = iota
	codeUTF16
	codeBOM
	codeUTF8
	codeControl
	codeLineEnds
	codeHeader
	codeHeaderOrder
	codeHeaderMissing
	codeFields
	codeRecordEnd
	codeFieldBreak
	codeBracket
	codeJoined
	codeEmptyLine
	codeRecordLong
	codeNoLines
	codeInvoicesMany
	codeLinesMany
	codeXML
	codeXMLCut
	codeXMLEntity
	codeXMLDepth
	codeXMLEncoding
	codeXMLSegment

	codeBlank
	codeLength
	codeDate
	codeNumber
	codeNumberSize
	codeDecimals
	codeType
	codeCurrency
	codeCountry
	codeAccount
	codeTaxRate
	codeClass
	codeNegative
	codeCodeUnknown
	codeCodeKind
	codeCodePlace
	codeCodeMissing

	codeLineTotal
	codeBaseAmount
	codeSum
	codeSumTax
	codeTaxSum
	codeNet
	codeTaxAmount
	codeTotalDiffers
	codeFraction
	codeMatterSum
	codeMatterDue

	codePeriod
	codeOutside
	codeEarly
	codeFuture
	codeDiffers
	codeMatterSecond
	codeNumberAgain
	codeLineNumber
	codeLineTwice

	codeClientFormat
	codeClientExtension
	codeClientField
	codeClientNumber
	codeClientMatter
	codeClientCurrency
	codeClientTotal
	codeClientLine
	codeClientAge
	codeClientLate
	codeClientDecimals
	codeClientCode
	codeClientBlocked
	codeClientRate
	codeClientKeeper
	codeClientHours
	codeClientIncrement
	codeClientExpense
	codeClientDescription
	codeClientTasks
	codeClientWord
	codeClientNegative
	numLedesCodes
)

var ledesCodes = [numLedesCodes]LedesCode{
	codeVersion:       {"version", LevelError, "the first line is not that of a LEDES version", "begin the file with LEDES1998B[] or LEDES98BI V2[] and nothing else in that line"},
	codeUTF16:         {"utf-16", LevelError, "the file is written in UTF-16", "save it as plain text: ANSI for 1998B and 98BI, UTF-8 for XML"},
	codeBOM:           {"bom", LevelWarning, "the file begins with a byte order mark, which portals read as part of the first line", "save it as plain text without a mark"},
	codeUTF8:          {"utf-8", LevelWarning, "a character beyond ASCII, in UTF-8", "replace curly quotes and long dashes by plain ones; portals show others wrongly"},
	codeControl:       {"control", LevelError, "a control character", "take it out of the text in the billing system"},
	codeLineEnds:      {"line-ends", LevelWarning, "lines end in different ways", "export the file again instead of editing it"},
	codeHeader:        {"header", LevelError, "the second line does not name this column", "write the names of the columns exactly as the format does"},
	codeHeaderOrder:   {"header-order", LevelError, "the columns are not in the order of the format", "put them into that order"},
	codeHeaderMissing: {"header-missing", LevelError, "the second line, with the names of the columns, is not there", "write it below the first line"},
	codeFields:        {"fields", LevelError, "a line has too many or too few fields", "look for a vertical bar in a text (it divides fields), or for a field that was left out"},
	codeRecordEnd:     {"record-end", LevelError, "a line does not end with []", "end every line with []"},
	codeFieldBreak:    {"field-break", LevelError, "a field has a line break in it", "take the line break out of the description"},
	codeBracket:       {"bracket", LevelError, "a field has [] in it", "take it out: [] ends a line"},
	codeJoined:        {"joined", LevelWarning, "several records stand in one line", "begin a new line behind every []"},
	codeEmptyLine:     {"empty-line", LevelWarning, "an empty line between records", "take it out"},
	codeRecordLong:    {"record-long", LevelError, "a record is longer than any legal one; it was not read", "look for a missing [] or a text that was pasted whole"},
	codeNoLines:       {"no-lines", LevelError, "the file has no line items", "export it again"},
	codeInvoicesMany:  {"invoices-many", LevelError, "more invoices than are checked in one file: the totals of later ones were not", "split the file"},
	codeLinesMany:     {"lines-many", LevelWarning, "more lines than are compared with each other: later ones may be there twice", "split the file"},
	codeXML:           {"xml", LevelError, "the XML is not well-formed; nothing behind this was read", "export the file again instead of editing it"},
	codeXMLCut:        {"xml-cut", LevelError, "the XML ends before it is complete", "export or download the file again"},
	codeXMLEntity:     {"xml-entity", LevelError, "an entity that XML does not know by itself, or a document type", "write the character itself; portals refuse such files too"},
	codeXMLDepth:      {"xml-depth", LevelError, "elements stand inside each other too deeply; nothing behind this was read", "this is no invoice"},
	codeXMLEncoding:   {"xml-encoding", LevelError, "the text is not in UTF-8", "save the file as UTF-8"},
	codeXMLSegment:    {"xml-segment", LevelError, "an element stands where the format has none", "put fees and expenses into a matter, matters into an invoice, invoices into a client"},

	codeBlank:       {"blank", LevelError, "a field that must be filled is blank", "fill it in the billing system"},
	codeLength:      {"length", LevelError, "a text is longer than the field allows", "shorten it"},
	codeDate:        {"date", LevelError, "this is not a date", "write YYYYMMDD; in XML YYYY-MM-DD"},
	codeNumber:      {"number", LevelError, "this is not a number as LEDES writes it", "use digits, one point and a leading minus: no commas, blanks or $"},
	codeNumberSize:  {"number-size", LevelError, "a number has more digits before the point than the field allows", "correct the amount"},
	codeDecimals:    {"decimals", LevelError, "a number has more decimals than the field allows", "round it in the billing system"},
	codeType:        {"type", LevelError, "the type of a line is not F, E, IF or IE", "F for a fee, E for an expense, IF and IE for adjustments of an invoice"},
	codeCurrency:    {"currency", LevelError, "this is not a currency code of ISO 4217", "write for example USD, EUR or GBP"},
	codeCountry:     {"country", LevelWarning, "this is not a country code of ISO 3166", "write for example US or USA"},
	codeAccount:     {"account", LevelError, "the account type is not O or T", "O for the client's own account, T for that of a third party"},
	codeTaxRate:     {"tax-rate", LevelError, "a tax rate is a fraction from 0 to below 1", "write 0.19 for 19 %"},
	codeClass:       {"class", LevelWarning, "a timekeeper class that is not among the common ones of the LEDES list", "look it up in that list: PARTNR, ASSOC and PARALG are the most used"},
	codeNegative:    {"negative", LevelWarning, "the units of a line are negative", "put the minus into the adjustment or the unit cost: some portals refuse it here"},
	codeCodeUnknown: {"code-unknown", LevelWarning, "this is in none of the published UTBMS code sets", "check the code; clients may have sets of their own"},
	codeCodeKind:    {"code-kind", LevelError, "a code of another kind than its field", "tasks (L, P, C, B, J, PA, TR), activities (A) and expenses (E, X) have a field each"},
	codeCodePlace:   {"code-place", LevelWarning, "a fee has an expense code, or an expense a task or activity code", "blank it"},
	codeCodeMissing: {"code-missing", LevelWarning, "an expense has no expense code", "add one of E101 to E131"},

	codeLineTotal:    {"line-total", LevelError, "units times unit cost and the adjustment (in 98BI and XML with tax) do not make the total of the line", "correct the line in the billing system"},
	codeBaseAmount:   {"base-amount", LevelError, "units times rate do not make the base amount", "correct the line in the billing system"},
	codeSum:          {"sum", LevelError, "the lines of an invoice do not add up to its total", "look for a line that is missing, twice or changed"},
	codeSumTax:       {"sum-tax", LevelWarning, "the lines of a 98BI invoice, with their tax, do not add up to its total", "look for a line that is missing, and whether the portal wants totals with tax"},
	codeTaxSum:       {"tax-sum", LevelWarning, "the taxes of the lines do not add up to the tax total", "correct the tax total"},
	codeNet:          {"net", LevelWarning, "the net total is not the lines without their tax", "in 98BI net is without tax, in XML with it"},
	codeTaxAmount:    {"tax-amount", LevelWarning, "the tax of a line is not its rate of the amount before tax", "correct the rate or the tax: portals compute it again"},
	codeTotalDiffers: {"total-differs", LevelError, "the total is not the same on every line of the invoice", "export the file again"},
	codeFraction:     {"fraction", LevelWarning, "a total finer than the smallest coin of its currency", "round it in the billing system"},
	codeMatterSum:    {"matter-sum", LevelWarning, "the fees or expenses of a matter do not add up to its detail total", "correct the matter totals"},
	codeMatterDue:    {"matter-due", LevelWarning, "net fees and expenses, or the lines, do not make what is due for the matter", "correct the matter totals"},

	codePeriod:       {"period", LevelError, "the billing period ends before it begins", "correct the two dates"},
	codeOutside:      {"outside", LevelWarning, "the date of a line lies outside of the billing period", "widen the period, or bill the line with the period it belongs to"},
	codeEarly:        {"early", LevelWarning, "the invoice is dated before its period ends", "date it after the last day billed"},
	codeFuture:       {"future", LevelError, "a date lies in the future", "correct it"},
	codeDiffers:      {"differs", LevelWarning, "a value of the invoice is not the same on all of its lines; portals take the first", "export the file again"},
	codeMatterSecond: {"matter-second", LevelWarning, "an invoice has lines of several matters, which some portals refuse", "write an invoice for each matter"},
	codeNumberAgain:  {"number-again", LevelError, "the number of an earlier invoice comes again with another date, client or matter", "give each invoice a number of its own"},
	codeLineNumber:   {"line-number", LevelError, "two lines of an invoice have the same number", "number the lines through"},
	codeLineTwice:    {"line-twice", LevelWarning, "the same line stands in the invoice before", "bill it once, or tell the two apart in their descriptions"},

	codeClientFormat:      {"client-format", LevelError, "the client does not take this format", "export the file in the format that the guideline names"},
	codeClientExtension:   {"client-extension", LevelError, "the client does not take files of this extension", "rename the file"},
	codeClientField:       {"client-field", LevelError, "a field that this client requires is blank", "fill it in the billing system"},
	codeClientNumber:      {"client-number", LevelError, "the invoice number is not of the form that the client takes", "renumber the invoice"},
	codeClientMatter:      {"client-matter", LevelError, "the client takes one matter per invoice", "write an invoice for each matter"},
	codeClientCurrency:    {"client-currency", LevelError, "the client does not take this currency", "bill in one that it takes"},
	codeClientTotal:       {"client-total", LevelError, "the invoice is above what the client takes at once", "split it, or ask the client"},
	codeClientLine:        {"client-line", LevelError, "a line is above what the client takes at once", "split it by task and day, or ask the client"},
	codeClientAge:         {"client-age", LevelError, "the invoice or a line is older than the client takes", "ask the client before submitting"},
	codeClientLate:        {"client-late", LevelError, "the invoice comes later after its period than the client takes", "ask the client before submitting"},
	codeClientDecimals:    {"client-decimals", LevelError, "a number has more decimals than the client takes", "round it in the billing system"},
	codeClientCode:        {"client-code", LevelError, "a code that this client requires is blank", "add it"},
	codeClientBlocked:     {"client-blocked", LevelError, "the client does not pay for this code", "recode the line or write it off"},
	codeClientRate:        {"client-rate", LevelError, "the rate is above the one agreed for the timekeeper or the class, or for travel", "bill the agreed rate"},
	codeClientKeeper:      {"client-keeper", LevelError, "the client has not approved this timekeeper", "ask the client to approve them before submitting"},
	codeClientHours:       {"client-hours", LevelError, "a timekeeper has more hours on one day than the client takes", "check the time entries of that day"},
	codeClientIncrement:   {"client-increment", LevelError, "time is not in the steps that the client takes", "round it in the billing system"},
	codeClientExpense:     {"client-expense", LevelError, "an expense is above the client's cap", "bill the cap and write off the rest"},
	codeClientDescription: {"client-description", LevelError, "a description is shorter or longer than the client takes", "rewrite it"},
	codeClientTasks:       {"client-tasks", LevelError, "one description names several tasks (block billing)", "split the line by task"},
	codeClientWord:        {"client-word", LevelError, "a description has a word that the client does not pay for", "rewrite the line or write it off"},
	codeClientNegative:    {"client-negative", LevelError, "the client does not take negative units", "put the minus into the adjustment"},
}
