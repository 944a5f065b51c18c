package billing

import (
	"strings"
	"time"
	"unicode"
)

// reading is what one text says: a zone of a mail, or what a person reads in a file. It
// keeps the best candidate for each fact.
type reading struct {
	zone string
	file string
	doc  bool // the text of a file: its labels stand in columns
	sent time.Time

	numbers []numbered
	any     candidate // the total or what is owed, whichever was told more surely
	total   candidate
	owed    candidate
	due     candidate
	date    candidate
	from    candidate
	till    candidate
	upon    *Place
	termed  *Place
	days    int
	eom     bool
	sums    []Money // amounts that have another name
	taxes   []Money // of these, taxes
	matters []numbered
	money   string // the currency that is announced for all amounts
	credit  bool   // it is a credit note
	abroad  int    // words that are not English

	// How many dates of the text can be read day first only, or month first only;
	// counted if one can be read both ways.
	dayFirst, monthFirst int
}

// numbered is a number of a bill or of a matter, and where it stands.
type numbered struct {
	text string
	at   int // offset of the number
	end  int
	Place
	rank int
}

// candidate is a value for one fact; rank 0 is none.
type candidate struct {
	rank  int
	money Money
	day   time.Time
	other time.Time // the other reading of a date such as 03/04/2026; zero if there is one reading
	Place
}

// read looks at each cue of a text and reads what stands behind it, or below it.
func (r *reading) read(s string, list []found) {
	for i, c := range list {
		if c.abroad && c.kind != 0 {
			r.abroad++
		}
		if c.kind == 0 {
			continue
		}
		stop := len(s)
		for _, n := range list[i+1:] {
			if c.paid() && r.doc && (n.kind == dueCue || n.kind == dateCue) {
				continue // "payable by due date", and the amount
			}
			if c.paid() && r.doc && n.kind == invoiceCue && n.beg-c.end <= 16 && !columns(s[c.end:n.beg]) {
				continue // "Total amount due - this invoice"
			}
			if c.paid() && r.doc && n.kind == otherSumCue && n.beg-c.end <= 12 && inclusive(s[c.end:n.beg]) {
				continue // "Total incl. VAT", "Total NZD incl GST": one label
			}
			if n.kind != 0 && n.kind != itemCue {
				stop = n.beg
				break
			}
		}
		r.cue(s, c, stop, list)
	}
	if r.unsure() {
		r.orders(s)
	}
}

func (r *reading) cue(s string, c found, stop int, list []found) {
	switch c.kind {
	case invoiceCue:
		r.invoice(s, c)
		if strings.HasPrefix(c.words, "credit") || c.words == "gutschrift" || c.words == "avoir" {
			r.credit = r.credit || c.beg < 600
		}
	case totalCue, owedCue, otherSumCue:
		r.sum(s, c, stop, list)
	case dueCue:
		r.dueBy(s, c, stop)
	case receiptCue:
		if r.upon == nil {
			r.upon = r.place(s, c.beg, c.end)
		}
	case dateCue:
		if c.rank == 1 && r.zone == "quoted" && inHeader(s, c.beg) {
			return
		}
		reach := 20
		if len(c.words) < 5 && c.abroad {
			reach = 2 // "von" is a small word
			if r.doc && c.rank > 1 && !announced(s, c, list) {
				return
			}
		}
		if r.doc && c.rank == 1 && itemsLine(s, c, list) {
			return // the heading of a column
		}
		if r.doc && c.rank <= 3 && r.ofAnother(s, c) {
			return
		}
		r.day(s, c, stop, reach, &r.date)
	case periodCue:
		r.period(s, c)
	case termsCue:
		if days := daysAfter(s, c); days > 0 && r.days == 0 {
			r.days, r.termed = days, r.place(s, c.beg, c.end)
		}
	case monthEndCue:
		r.eom = r.eom || r.days > 0 && r.termed != nil
	case matterCue:
		r.matter(s, c)
	case currencyCue:
		if a := blankRun(s, c.end); a+3 <= len(s) && known[s[a:a+3]] && r.money == "" {
			r.money = s[a : a+3]
		}
	}
}

// inclusive reports whether s, between a total and a tax, makes one label of them.
func inclusive(s string) bool {
	return !columns(s) && countDigits(s) == 0 && (strings.Trim(s, " .:(/") == "" || strings.Contains(strings.ToLower(s), "inc"))
}

// ofAnother reports whether the words before a date say that it is that of something else:
// "Costs agreement dated 2 February", "Invoice 768220, dated 14 August" of others.
func (r *reading) ofAnother(s string, c found) bool {
	beg, _ := line(s, c.beg)
	words := s[max(beg, c.beg-40):c.beg]
	if i := strings.LastIndex(words, "  "); i >= 0 {
		words = words[i:]
	}
	if strings.TrimSpace(words) == "" {
		return false
	}
	of := stemList.traits(words)
	if of&ofBill == 0 || countDigits(words) < 3 {
		return of&ofOther != 0 && of&ofBill == 0
	}
	other := false
	for _, n := range r.numbers {
		if strings.Contains(words, n.text) {
			if other = n.rank < 2; !other {
				return false
			}
		}
	}
	return other && r.numbers[0].rank > 1
}

// paid reports whether a cue announces what is to be paid.
func (c found) paid() bool { return c.kind == totalCue || c.kind == owedCue }

// announced reports whether a small word such as "vom" follows an invoice, or begins its
// line: "Rechnung 17 vom 4. Mai", and not "Bestellung vom 3. Mai".
func announced(s string, c found, list []found) bool {
	beg, _ := line(s, c.beg)
	if strings.TrimSpace(s[beg:c.beg]) == "" {
		return true
	}
	for _, o := range list {
		if o.kind == invoiceCue && o.beg >= beg && o.end <= c.beg && c.beg-o.end < 30 {
			return true
		}
	}
	return false
}

// place says where s[beg:end] stands. Lines are counted in files alone.
func (r *reading) place(s string, beg, end int) *Place {
	p := &Place{Zone: r.zone, File: r.file, Word: s[beg:end]}
	if r.doc {
		p.Line = 1 + strings.Count(s[:beg], "\n")
	}
	return p
}

// offer takes a candidate that is surer than the one there is; in a file the later one
// of two equals wins among sums, since totals stand at the end.
func (c *candidate) offer(n candidate, later bool) {
	if n.rank > c.rank || later && n.rank == c.rank && n.rank > 0 {
		*c = n
	}
}

// invoice reads the numbers behind a word, else below it.
func (r *reading) invoice(s string, c found) {
	whole := s
	_, eol := line(s, c.beg)
	eol = max(eol, c.end)
	take := func(s string, c found) bool {
		list := numbersAfter(s, c, r.doc)
		if r.doc && len(list) > 0 && owned(whole, c.beg, c.end, list[0].beg) {
			return false
		}
		for _, n := range list {
			r.number(s, n, c)
		}
		if len(list) > 0 {
			r.behind(s, list[len(list)-1].end, c)
		}
		return len(list) > 0
	}
	if take(s[:eol], c) {
		return
	}
	if below(s, c, c.rank > 1, func(beg, end int) bool {
		at := beg + len(s[beg:end]) - len(strings.TrimLeft(s[beg:end], "# "))
		for _, q := range []string{"no", "nr", "number", "num", "n\u00b0", "n\u00ba"} {
			if stop, ok := matchWords(s[:end], at, q); ok {
				at = gap(s[:end], stop, ".: #")
				break
			}
		}
		n, stop := numberToken(s[:end], at, c.rank > 1)
		if n != "" && r.doc && c.rank > 1 {
			n, stop = groupsOf(s[:end], at, stop)
		}
		if n == "" || c.rank == 1 && (countDigits(n) < 3 || strings.ContainsFunc(s[stop:end], unicode.IsLetter)) {
			return false // a title, and an address below it
		}
		r.number(s, spelled{n, beg, stop}, c)
		return true
	}) {
		return
	}
	if !r.doc {
		take(s, c)
	}
}

// behind reads what stands right behind a number: "Invoice 17 of May 5, 2026", "invoice
// 17, $250.00".
func (r *reading) behind(s string, at int, c found) {
	for _, n := range r.numbers {
		if r.doc && n.rank > c.rank {
			return // it is another invoice that this one mentions
		}
	}
	i := blankRun(s, at)
	if i < len(s) && strings.IndexByte(",(-/", s[i]) >= 0 {
		i = blanks(s, i+1, 2)
	}
	for range 2 {
		for _, w := range []string{"dated", "of", "from", "issued on", "issued at", "vom", "von", "du", "del", "van", "z dnia", "for", "over", "\u00fcber", "in the amount of", "date"} {
			if end, ok := matchWords(s, i, w); ok {
				i = blanks(s, end, 2)
				break
			}
		}
	}
	stop := min(len(s), i+24)
	if d, ok := dateFrom(s[:stop], i); ok && d.beg == i {
		if d.day, ok = d.in(r.sent); ok {
			r.date.offer(candidate{rank: 2, day: d.day, other: d.other, Place: *r.place(s, d.beg, d.end)}, false)
		}
		return
	}
	if a, ok := moneyAfter(s, i, min(len(s), i+8)); ok && a.beg <= i+1 && a.Currency != "" {
		n := candidate{rank: 1, money: inProse(s, a), Place: *r.place(s, a.beg, a.end)}
		r.total.offer(n, false)
		r.any.offer(n, false)
	}
}

func (r *reading) number(s string, n spelled, c found) {
	if len(r.numbers) == maxNumbers {
		return
	}
	p := r.place(s, c.beg, c.end)
	for i := range r.numbers {
		if r.numbers[i].text == n.text {
			if c.rank > r.numbers[i].rank {
				r.numbers[i].rank, r.numbers[i].Place = c.rank, *p
			}
			return
		}
	}
	r.numbers = append(r.numbers, numbered{n.text, n.beg, n.end, *p, c.rank})
}

// matter reads the number of a matter as it is written.
func (r *reading) matter(s string, c found) {
	if len(r.matters) >= 20 {
		return
	}
	_, eol := line(s, c.beg)
	i := gap(s, blankRun(s, c.end), ".:#(=")
	for _, w := range []string{"no", "number", "nr", "id"} {
		if end, ok := matchWords(s, i, w); ok {
			i = end
		}
	}
	i = blankRun(s, gap(s, i, ".:#= "))
	put := func(at, stop int) bool {
		n, end := numberToken(s[:stop], at, c.rank > 1)
		if n != "" {
			r.matters = append(r.matters, numbered{n, at, end, *r.place(s, c.beg, c.end), c.rank})
		}
		return n != ""
	}
	if i < eol && put(i, eol) {
		return
	}
	if c.rank > 1 {
		below(s, c, true, func(beg, end int) bool { return put(beg, end) })
	}
}

// inHeader reports whether a line stands among the lines of a header that a reply or a
// forward quotes.
func inHeader(s string, at int) bool {
	blank := func(l string) bool { return strings.Trim(l, " >\t\r\n") == "" }
	beg, end := line(s, at)
	for n := 0; n < 5 && beg > 0; n++ {
		above, _ := line(s, beg-1)
		if blank(s[above:beg]) {
			break
		}
		beg = above
	}
	for n := 0; n < 5 && end < len(s); n++ {
		_, next := line(s, end+1)
		if blank(s[end:next]) {
			break
		}
		end = next
	}
	for l := range strings.Lines(s[beg:end]) {
		name, _, _ := strings.Cut(strings.TrimLeft(l, " >*\t"), ":")
		switch strings.ToLower(strings.Trim(name, " *\u00a0")) {
		case "from", "subject", "von", "betreff", "de", "objet", "asunto", "da", "oggetto", "van", "onderwerp", "od", "temat":
			return true
		}
	}
	return false
}

// inProse is an amount of a sentence: parentheses there do not make it negative.
func inProse(s string, a amount) Money {
	if s[a.beg] == '(' && a.Minor < 0 {
		a.Minor = -a.Minor
	}
	return a.Money
}

// blankRun skips blanks and tabs.
func blankRun(s string, at int) int {
	for at < len(s) && (s[at] == ' ' || s[at] == '\t' || s[at] == ':') {
		at++
	}
	return at
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if digit(s[i]) {
			n++
		}
	}
	return n
}
