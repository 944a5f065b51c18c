package billdesk

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	textWidth = 72
	textBar   = 24 // characters of the longest bar
)

const allAttached = "all in the attached " + ledgerName

// legend is what stands under every note.
func (r *report) legend() []string {
	out := []string{"Amounts of different currencies are never added, and what repeats an earlier bill for certain is not counted."}
	if r.undated > 0 {
		out = append(out, capital(plural(r.undated, "open bill"))+" without a due date "+isAre(r.undated)+" in the sums, and in no bar.")
	}
	all := "All that the ledger has is"
	if r.s.book.some {
		all = "The bills that this note knows are"
	}
	return append(out, all+" in the attached "+ledgerName+". Of trust and retainer mail nothing is told but that it is there.")
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

const idsLead = "To find a mail in a program that opens no links, search for its Message-ID."

// text is the note as plain text.
func (r *report) text() string {
	var b strings.Builder
	line := func(parts ...string) {
		b.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
	}
	line(r.title())
	line()
	var tiles []string
	for _, t := range r.tiles {
		tiles = append(tiles, fmt.Sprintf("%d %s", t.n, t.what))
	}
	line(strings.Join(tiles, "   "))
	for _, s := range r.sections {
		line()
		line()
		line(strings.ToUpper(s.title))
		for _, l := range wrapped(s.lead, textWidth) {
			line(l)
		}
		for _, it := range s.items {
			line()
			it.text(line)
		}
		if s.more > 0 {
			line()
			line("  ", moreItems(s.more))
		}
	}
	for _, c := range r.charts {
		line()
		line()
		line(strings.ToUpper(c.title))
		for _, x := range c.bars {
			line(padded(x.label, 20), padded(strings.Repeat("#", (x.share*textBar+99)/100), textBar), flush(x.amount(c.currency), textWidth-20-textBar))
		}
	}
	for _, t := range r.totals {
		line()
		line()
		line(strings.ToUpper(t.title))
		for _, x := range t.rows {
			line(beside(x.label(), x.amount(t.currency)))
		}
		if t.more > 0 {
			line(moreRows(t.more))
		}
		line(beside("Together", t.all.amount(t.currency)))
	}
	line()
	line("-- ")
	for _, l := range r.legend() {
		for _, w := range wrapped(l, textWidth) {
			line(w)
		}
	}
	if len(r.ids) > 0 {
		line()
		line(idsLead)
		for i, id := range r.ids {
			line(fmt.Sprintf("[%d] <%s>", i+1, id))
			line("    ", midLink(id))
		}
	}
	return searchable(b.String())
}

// searchable puts plain blanks for those that keep words together: people search for
// what they read.
func searchable(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

func (it item) text(line func(...string)) {
	line("* ", beside(it.who, it.money))
	for _, l := range wrapped(it.facts, textWidth-2) {
		line("  ", l)
	}
	for _, l := range wrapped(it.note, textWidth-2) {
		line("  ", l)
	}
	if it.subject != "" || it.ref > 0 {
		for _, l := range wrapped(joined(" ", quoted(it.subject), refOf(it.ref)), textWidth-2) {
			line("  ", l)
		}
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "“" + s + "”"
}

func refOf(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("[%d]", n)
}

func moreItems(n int) string { return fmt.Sprintf("and %d more, %s", n, allAttached) }

func moreRows(n int) string {
	if n == 1 {
		return "and 1 more matter, " + allAttached
	}
	return fmt.Sprintf("and %d more matters, %s", n, allAttached)
}

// amount is what a sum comes to, and of how many bills.
func (s *sum) amount(currency string) string {
	if s.n == 0 {
		return "–"
	}
	return money(&s.minor, currency) + fmt.Sprintf(" (%d)", s.n)
}

func (r row) label() string {
	if l := joined(between, r.client, r.matter); l != "" {
		return l
	}
	return "No matter known"
}

// beside puts an amount at the right end of a line.
func beside(left, right string) string {
	return left + strings.Repeat(" ", max(2, textWidth-2-utf8.RuneCountInString(left)-utf8.RuneCountInString(right))) + right
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(1, width-utf8.RuneCountInString(s)))
}

func flush(s string, width int) string {
	return strings.Repeat(" ", max(1, width-utf8.RuneCountInString(s))) + s
}

// wrapped breaks a text between words.
func wrapped(s string, width int) (out []string) {
	line := ""
	for word := range strings.SplitSeq(s, " ") {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			out, line = append(out, line), ""
		}
		line = joined(" ", line, word)
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}
