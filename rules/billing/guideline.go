package billing

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"chancery/config"
)

// guide is a guideline in the form in which lines are held against it.
type guide struct {
	config.Guideline
	name, level string
	rates       map[string]int64
	expenses    map[string]int64
	unitCosts   map[string]int64
	keepers     map[string]bool
	blocked     map[string]bool
	formats     map[string]bool
	required    []int // fields
	task        bool  // which codes it requires
	activity    bool
	expense     bool
	words       [][]byte
	told        bool // of the format or the extension
}

func compileGuidelines(list []config.Guideline) []*guide {
	var out []*guide
	for _, g := range list {
		c := &guide{Guideline: g, name: g.Name.Value, level: LevelError, rates: caps(g.Rates), expenses: codeCaps(g.Expenses), unitCosts: codeCaps(g.UnitCosts), keepers: map[string]bool{}, blocked: map[string]bool{}, formats: map[string]bool{}}
		if g.Warn {
			c.level = LevelWarning
		}
		for _, t := range g.CodesBlocked {
			c.blocked[strings.ToUpper(t.Value)] = true
		}
		for _, t := range g.Timekeepers {
			c.keepers[strings.ToUpper(t.Value)] = true
		}
		for _, f := range g.Formats {
			c.formats[f] = true
		}
		for _, name := range g.Required {
			if i := columnOf([]byte(name), num98BI); i >= 0 {
				c.required = append(c.required, i)
			}
		}
		for _, kind := range g.CodesRequired {
			c.task, c.activity, c.expense = c.task || kind == "task", c.activity || kind == "activity", c.expense || kind == "expense"
		}
		for _, w := range g.Words {
			c.words = append(c.words, []byte(w.Value))
		}
		out = append(out, c)
	}
	return out
}

func caps(list []config.Cap) map[string]int64 {
	m := make(map[string]int64, len(list))
	for _, c := range list {
		m[c.Of.Value] = int64(c.Most)
	}
	return m
}

// codeCaps are caps by a UTBMS code, of which the case does not matter.
func codeCaps(list []config.Cap) map[string]int64 {
	m := make(map[string]int64, len(list))
	for _, c := range list {
		m[strings.ToUpper(c.Of.Value)] = int64(c.Most)
	}
	return m
}

// guidesFor are the guidelines that an invoice is held against: those for the client
// that the file names, and for the client whose matter it names.
func (c *ledesCheck) guidesFor(it *ledesItem) []*guide {
	if len(c.guides) == 0 {
		return nil
	}
	var out []*guide
	client := c.clientOfMatter(it)
	for _, g := range c.guides {
		if g.isFor(c, it, client) {
			out = append(out, g)
		}
	}
	return out
}

// clientOfMatter is the client of the invoice as our own list of matters has it.
func (c *ledesCheck) clientOfMatter(it *ledesItem) string {
	if c.o.Whose == nil || c.o.Client != "" {
		return ""
	}
	for _, i := range [...]int{fMatter, fLawFirmMatter} {
		if client := c.o.Whose(string(clipped(it.f[i], c.cols[i].max))); client != "" {
			return client
		}
	}
	return ""
}

func (g *guide) isFor(c *ledesCheck, it *ledesItem, client string) bool {
	for _, t := range g.Clients {
		if c.o.Client != "" {
			if strings.EqualFold(t.Value, c.o.Client) || strings.EqualFold(g.name, c.o.Client) {
				return true
			}
			continue
		}
		want := []byte(t.Value)
		if client != "" && strings.EqualFold(t.Value, client) {
			return true
		}
		if bytes.EqualFold(want, it.f[fClient]) || (c.bi || c.isXML) && bytes.EqualFold(want, it.f[fClientName]) {
			return true
		}
	}
	return len(g.Clients) == 0
}

// clientInvoice holds what an invoice says once against the guidelines.
func (c *ledesCheck) clientInvoice() {
	o, it := c.inv, &c.item
	for _, g := range o.guides {
		c.guide = g
		if !g.told {
			g.told = true
			c.clientFile(g)
		}
		c.clientNumber(g, it.f[fNumber])
		if len(g.Currencies) > 0 && o.currency != "" && !among(g.Currencies, o.currency) {
			c.say(codeClientCurrency, c.nameOf(fCurrency), listed(g.Currencies), it.f[fCurrency])
		}
		date, till := o.day[fInvoiceDate], o.day[fTill]
		if most := wholeDays(g.MaxAge); most > 0 && c.today != 0 && date != noDay && c.today-date > most {
			c.say(codeClientAge, c.nameOf(fInvoiceDate), "at most "+strconv.Itoa(int(most))+" days old", it.f[fInvoiceDate])
		}
		// With today unknown, the invoice is taken to go out on its date.
		sent := max(date, c.today)
		if most := wholeDays(g.Late); most > 0 && till != noDay && sent != noDay && sent-till > most {
			c.say(codeClientLate, c.nameOf(fTill), "within "+strconv.Itoa(int(most))+" days", it.f[fTill])
		}
	}
	c.guide = nil
}

// clientFile looks at the file as a whole.
func (c *ledesCheck) clientFile(g *guide) {
	if len(g.formats) > 0 && !g.formats[c.out.Version] {
		c.sayAt(1, codeClientFormat, "", strings.Join(g.Formats, ", "), []byte(c.out.Version))
	}
	i := strings.LastIndexByte(c.o.File, '.')
	if len(g.Extensions) > 0 && c.o.File != "" && !among(g.Extensions, strings.ToLower(c.o.File[i+1:])) {
		c.sayAt(1, codeClientExtension, "", listed(g.Extensions), []byte(c.o.File[i+1:]))
	}
}

func (c *ledesCheck) clientNumber(g *guide, number []byte) {
	name := c.nameOf(fNumber)
	if g.Number != nil && !g.Number.Match(clipped(number, 200)) {
		c.say(codeClientNumber, name, strings.TrimSuffix(strings.TrimPrefix(g.Number.String(), "^(?:"), ")$"), number)
	}
	if g.NumberLength > 0 && len(number) > g.NumberLength {
		c.say(codeClientNumber, name, "at most "+strconv.Itoa(g.NumberLength)+" characters", number)
	}
	if g.Alphanumeric && bytes.ContainsFunc(number, func(r rune) bool { return r >= 0x80 || !alnum(byte(r)) }) {
		c.say(codeClientNumber, name, "letters and digits only", number)
	}
}

// clientTotals holds the total of an invoice against its guidelines.
func (c *ledesCheck) clientTotals(o *ledesOpen) {
	for _, g := range o.guides {
		if c.guide = g; g.MaxTotal > 0 && o.total.v > int64(g.MaxTotal) {
			c.say(codeClientTotal, c.nameOf(fTotal), "at most "+fixedString(int64(g.MaxTotal)), []byte(fixedString(o.total.v)))
		}
	}
	c.guide = nil
}

func wholeDays(d time.Duration) int32 { return int32(d / (24 * time.Hour)) }

func among(list []config.Text, s string) bool {
	for _, t := range list {
		if t.Value == s {
			return true
		}
	}
	return false
}

func listed(list []config.Text) string {
	var words []string
	for _, t := range list {
		words = append(words, t.Value)
	}
	return strings.Join(words, ", ")
}
