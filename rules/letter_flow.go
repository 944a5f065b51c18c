package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Templates are written with lines as long as their author's window. letterWidth is
// how wide a letter is as plain text; a line of fewer than letterShort characters
// ends where its author ended it.
const (
	letterWidth = 72
	letterShort = 50
)

// flow joins the lines of each paragraph, so that mail programs break them where
// their window ends. Short lines, such as those of an address, and the entries of a
// list stay lines of their own.
func flow(text string) string {
	var out []string
	long := false // the line above was broken because it was long
	for line := range strings.SplitSeq(text, "\n") {
		if long && line != "" && !isEntry(line) {
			out[len(out)-1] += " " + strings.TrimLeft(line, " \t")
		} else {
			out = append(out, line)
		}
		long = utf8.RuneCountInString(line) >= letterShort
	}
	return strings.Join(out, "\n")
}

// flowParts lets the text of a template flow before values are put in: a line that
// is long because of a value stays what its author wrote.
func flowParts(parts []letterPart) []letterPart {
	const value = "\ue000"
	var b strings.Builder
	for _, p := range parts {
		if p.expr != nil {
			b.WriteString(value)
			continue
		}
		b.WriteString(strings.ReplaceAll(p.literal, value, ""))
	}
	texts := strings.Split(flow(b.String()), value)
	out := []letterPart{{literal: texts[0]}}
	for _, p := range parts {
		if p.expr != nil {
			texts = texts[1:]
			out = append(out, p, letterPart{literal: texts[0]})
		}
	}
	return out
}

// fold breaks what flow joined for a reader of plain text; the further lines of an
// entry of a list stand below its words.
func fold(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		foldLine(&b, line)
	}
	return b.String()
}

func foldLine(b *strings.Builder, line string) {
	if utf8.RuneCountInString(line) <= letterWidth {
		b.WriteString(line)
		return
	}
	words := strings.TrimLeft(line, " \t")
	lead := line[:len(line)-len(words)]
	hang := lead
	if isEntry(line) {
		hang += strings.Repeat(" ", strings.IndexByte(words, ' ')+1)
	}
	b.WriteString(lead)
	at, first := utf8.RuneCountInString(lead), true
	for word := range strings.FieldsSeq(words) {
		n := utf8.RuneCountInString(word)
		switch {
		case first:
		case at+1+n > letterWidth:
			b.WriteString("\n" + hang)
			at = utf8.RuneCountInString(hang)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at, first = at+n, false
	}
}

// isEntry reports whether a line begins an entry of a list: "- ", "* ", "1. ", "(a) ".
func isEntry(line string) bool {
	sign, _, found := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	if !found || sign == "" || len(sign) > 5 {
		return false
	}
	if sign == "-" || sign == "*" || sign == "•" {
		return true
	}
	body := strings.TrimPrefix(strings.TrimRight(sign, ".)"), "(")
	if body == "" || !strings.HasSuffix(sign, ".") && !strings.HasSuffix(sign, ")") {
		return false
	}
	return strings.IndexFunc(body, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 || len(body) == 1 && sign[len(sign)-1] == ')'
}
