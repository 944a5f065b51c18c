package billing

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"chancery/config"
)

// maxDays bounds for how many days of how many timekeepers hours are added up.
const maxDays = 100_000

// clientLine holds a line against the guidelines of its invoice.
func (c *ledesCheck) clientLine() {
	for i, g := range c.inv.guides {
		c.guide = g
		c.clientFields(g)
		c.clientAmounts(g)
		c.clientCodes(g)
		if c.item.kind == lineFee {
			c.clientTime(g, i)
		}
		c.clientText(g)
	}
	c.guide = nil
}

// clientFields looks for what the client requires. What a timekeeper has, only fees
// need; what 98BI has, 1998B cannot say.
func (c *ledesCheck) clientFields(g *guide) {
	it := &c.item
	for _, i := range g.required {
		switch {
		case len(it.f[i]) > 0, i >= num98B && !c.bi && !c.isXML, c.isXML && ledesXMLNames[i] == "":
		case it.kind != lineFee && (i == fKeeperName || i == fClass || i == fKeeperLast || i == fKeeperFirst):
		default:
			c.say(codeClientField, c.nameOf(i), "", nil)
		}
	}
	if most := wholeDays(g.MaxLineAge); most > 0 && c.today != 0 && it.day[fLineDate] != noDay && c.today-it.day[fLineDate] > most {
		c.say(codeClientAge, c.nameOf(fLineDate), "at most "+strconv.Itoa(int(most))+" days old", it.f[fLineDate])
	}
}

func (c *ledesCheck) clientAmounts(g *guide) {
	it := &c.item
	if g.MaxLine > 0 && it.n[fLineTotal].v > int64(g.MaxLine) {
		c.say(codeClientLine, c.nameOf(fLineTotal), "at most "+fixedString(int64(g.MaxLine)), it.f[fLineTotal])
	}
	decimals := func(field, most int) {
		if most >= 0 && int(it.n[field].decs) > most {
			c.say(codeClientDecimals, c.nameOf(field), "at most "+strconv.Itoa(most), it.f[field])
		}
	}
	decimals(fUnits, g.UnitDecimals)
	decimals(fCost, g.RateDecimals)
	decimals(fLineTotal, g.AmountDecimals)
	decimals(fAdjustment, g.AmountDecimals)
	if g.NoNegative && it.n[fUnits].v < 0 {
		c.say(codeClientNegative, c.nameOf(fUnits), "", it.f[fUnits])
	}
	if len(g.expenses)+len(g.unitCosts) == 0 || !it.kind.expense() {
		return
	}
	code := string(bytes.ToUpper(clipped(it.f[fExpense], c.cols[fExpense].max)))
	if most, ok := g.expenses[code]; ok && it.n[fLineTotal].v > most {
		c.say(codeClientExpense, c.nameOf(fLineTotal), code+" at most "+fixedString(most), it.f[fLineTotal])
	}
	if most, ok := g.unitCosts[code]; ok && it.n[fCost].v > most {
		c.say(codeClientExpense, c.nameOf(fCost), code+" at most "+fixedString(most)+" each", it.f[fCost])
	}
}

func (c *ledesCheck) clientCodes(g *guide) {
	it := &c.item
	if len(g.keepers) > 0 && it.kind == lineFee && len(it.f[fKeeper]) > 0 && !g.keepers[string(bytes.ToUpper(clipped(it.f[fKeeper], c.cols[fKeeper].max)))] {
		c.say(codeClientKeeper, c.nameOf(fKeeper), "", it.f[fKeeper])
	}
	need := func(yes bool, field int) {
		if yes && len(it.f[field]) == 0 {
			c.say(codeClientCode, c.nameOf(field), "", nil)
		}
	}
	need(g.task && it.kind == lineFee, fTask)
	need(g.activity && it.kind == lineFee, fActivity)
	need(g.expense && it.kind == lineExpense, fExpense)
	if len(g.blocked) == 0 {
		return
	}
	for _, i := range [...]int{fTask, fActivity, fExpense} {
		if len(it.f[i]) > 0 && g.blocked[string(bytes.ToUpper(clipped(it.f[i], c.cols[i].max)))] {
			c.say(codeClientBlocked, c.nameOf(i), "", it.f[i])
		}
	}
}

// clientTime looks at the rate, the step and the hours of a fee.
func (c *ledesCheck) clientTime(g *guide, index int) {
	it := &c.item
	units := it.n[fUnits]
	if it.flat {
		return // no hours are billed
	}
	whose := it.f[fKeeper]
	most, ok := g.rates[string(whose)]
	if !ok {
		whose = it.f[fClass]
		most, ok = g.rates[string(whose)]
	}
	want := string(whose) + " at most " + fixedString(most)
	if g.Travel > 0 && ok && travels(it) {
		most = config.Share(most, g.Travel)
		want = string(whose) + " at most " + fixedString(most) + " for travel"
	}
	if ok && it.n[fCost].v > most {
		c.say(codeClientRate, c.nameOf(fCost), want, it.f[fCost])
	}
	if step := int64(g.Increment); step > 0 && units.known && units.v%step != 0 {
		c.say(codeClientIncrement, c.nameOf(fUnits), "steps of "+fixedString(step), it.f[fUnits])
	}
	if g.Hours == 0 || !units.known || it.day[fLineDate] == noDay || len(it.f[fKeeper]) == 0 {
		return
	}
	key := append(c.seen.key[:0], byte(index))
	key = append(append(key, it.f[fLineDate]...), '|')
	key = append(key, it.f[fKeeper]...)
	c.seen.key = key
	sum, ok := c.hours.add(c.seen.hash(key), units.v, maxDays)
	if limit := int64(g.Hours); ok && sum > limit && sum-units.v <= limit {
		c.say(codeClientHours, c.nameOf(fUnits), "at most "+fixedString(limit)+" a day", []byte(fixedString(sum)+" by "+string(clipped(it.f[fKeeper], 20))+" on "+string(clipped(it.f[fLineDate], 10))))
	}
}

func (c *ledesCheck) clientText(g *guide) {
	f := c.item.f[fText]
	if c.item.kind.adjusts() {
		return
	}
	if n := utf8.RuneCount(f); n < g.DescriptionMin || g.DescriptionMax > 0 && n > g.DescriptionMax {
		want := "at least " + strconv.Itoa(g.DescriptionMin)
		if n >= g.DescriptionMin {
			want = "at most " + strconv.Itoa(g.DescriptionMax)
		}
		c.say(codeClientDescription, c.nameOf(fText), want+" characters", f)
	}
	if g.OneTask && c.item.kind == lineFee {
		if tasks := tasksIn(f); len(tasks) > 1 {
			c.say(codeClientTasks, c.nameOf(fText), "one task", []byte(strings.Join(tasks[:min(len(tasks), 6)], ", ")))
		}
	}
	if len(g.words) == 0 {
		return
	}
	lower := bytes.ToLower(f)
	var found []string
	for _, w := range g.words {
		if len(found) < 6 && wordIn(lower, w) {
			found = append(found, string(w))
		}
	}
	if len(found) > 0 {
		c.say(codeClientWord, c.nameOf(fText), "without "+strings.Join(found, ", "), f)
	}
}

// wordIn reports whether a phrase stands in a text and is no part of longer words.
func wordIn(s, w []byte) bool {
	for at := 0; ; {
		i := bytes.Index(s[at:], w)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(w)
		if (i == 0 || !alnum(s[i-1])) && (end == len(s) || !alnum(s[end])) {
			return true
		}
		at = i + 1
	}
}

// travels reports whether a fee is for time under way: by its code (A112, or B195 of
// bankruptcies), or by one of the first three words of its description.
func travels(it *ledesItem) bool {
	for _, i := range [...]int{fActivity, fTask} {
		if code, ok := utbmsFold(it.f[i]); ok && (code == utbmsCode{'A', '1', '1', '2'} || code == utbmsCode{'B', '1', '9', '5'}) {
			return true
		}
	}
	n := 0
	for word := range bytes.FieldsFuncSeq(clipped(it.f[fText], 80), func(r rune) bool { return r <= ' ' || r == '-' || r == ',' || r == ';' || r == ':' || r == '/' }) {
		lower := string(bytes.ToLower(word))
		if n++; n > 3 || topicWords[lower] {
			break
		}
		if travelWords[lower] {
			return true
		}
	}
	return false
}

var travelWords = setOf(`travel traveled traveling travelled travelling`)
