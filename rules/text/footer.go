package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	enough  = 4   // weight that makes boilerplate
	carries = 2   // weight that continues boilerplate of the paragraph before
	reach   = 450 // longest way between two phrases of one notice, in octets
	maxLead = 6   // lines with text that may stand above what a gateway put in front
	tail    = 300 // what may follow the last phrase inside its paragraph
)

// span is a stretch of the body: a footer.
type span struct{ beg, end int32 }

// para is a paragraph: lines without a blank line, a divider or a change of
// quote depth between them.
type para struct{ from, till int } // line numbers, till exclusive

// footers finds boilerplate in new and quoted text alike and cuts it out.
func (b *body) footers() {
	var hits []hit
	anchored().paragraphs(b, func(from, till int) { hits = boilerplate().scan(hits, b.text, b.lines, from, till) })
	b.footersOf(hits)
}

// tagWords are lines that gateways put above a mail, without the signs around
// them. A tag in brackets may say less.
var tagWords = map[string]bool{
	"external email": true, "external e-mail": true, "external mail": true, "external sender": true, "external message": true,
	"external email warning": true, "external sender warning": true, "caution external email": true, "caution external": true,
	"warning external email": true, "warning external sender": true, "caution external sender": true, "externe e-mail": true, "externe mail": true,
	"externer absender": true, "achtung externe e-mail": true, "courriel externe": true, "expéditeur externe": true, "correo externo": true,
	"mittente esterno": true, "e-mail esterna": true, "e-mail externo": true, "externe afzender": true, "extern e-post": true, "ekstern e-post": true,
	"ekstern mail": true, "this message is from an external sender": true, "message from external sender": true, "outside email": true,
}

// tags marks single lines near the top of a mail that only say it came from
// outside.
func (b *body) tags() {
	full := 0
	for i := range b.lines {
		l := &b.lines[i]
		if l.blank() {
			continue
		}
		if full++; full > maxLead+2 {
			break
		}
		if l.zone != inFooter && l.end-l.beg <= 80 && tag(b.at(i)) {
			l.zone = inFooter
		}
	}
}

// tag reports whether a line is such a tag.
func tag(s string) bool {
	if strings.IndexByte("EeCWcAM[*-=!<(#", s[0]) < 0 && s[0] < 0x80 {
		return false
	}
	words := strings.Trim(Fold(s), "[](){}<>*-=_!:.#~+| \u26a0\u2757")
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r == ' ' || r == ':' || r == '!' }), " ")
	return tagWords[words] || (words == "external" || words == "ext" || words == "extern") && !isLetter(s[0])
}

// footersOf is footers for the phrases found.
func (b *body) footersOf(hits []hit) {
	if len(hits) == 0 {
		return
	}
	var spans []span
	top, last := b.nextFull(0), -1 // last: line after the footer paragraph before
	for i := 0; i < len(b.lines); {
		p := b.para(i)
		i = p.till
		lo := 0
		for lo < len(hits) && int(hits[lo].line) < p.from {
			lo++
		}
		hi := lo
		for hi < len(hits) && int(hits[hi].line) < p.till {
			hi++
		}
		inside := hits[lo:hi]
		hits = hits[hi:]
		found := b.notices(p, inside)
		if len(found) == 0 && last >= 0 && b.onlyGap(last, p.from) && weigh(inside).weight >= carries && weigh(inside).self {
			found = []span{b.whole(p)}
		}
		if len(found) > 0 {
			if found[0].beg == b.lines[p.from].beg {
				found[0].beg = b.title(p.from, top, found[0].beg)
			}
			if found[len(found)-1].end == b.lines[p.till-1].end {
				last = p.till
				if p.till < len(b.lines) && b.divider(p.till) {
					found[len(found)-1].end = b.lines[p.till].end
				}
			}
			spans = append(spans, found...)
		} else if p.till > p.from && !b.divider(p.from) {
			last = -1
		}
	}
	b.carve(spans)
}

// para returns the paragraph at or after line i.
func (b *body) para(i int) para {
	for i < len(b.lines) && (b.lines[i].blank() || b.divider(i)) {
		i++
	}
	p := para{i, i}
	for p.till < len(b.lines) {
		l := b.lines[p.till]
		if l.blank() || b.divider(p.till) || l.depth != b.lines[p.from].depth || l.zone != b.lines[p.from].zone {
			break
		}
		if p.till > p.from && ruled(b.at(p.till)) {
			break
		}
		p.till++
	}
	return p
}

func (b *body) whole(p para) span { return span{b.lines[p.from].beg, b.lines[p.till-1].end} }

// divider reports whether a line is only a rule of signs.
func (b *body) divider(i int) bool {
	s := b.at(i)
	return len(s) >= 3 && isSign(s[0]) && isSign(s[len(s)-1]) && strings.Trim(s, "*=-_+~#. ") == "" && strings.Trim(s, ". ") != "" && s != "-- "
}

// isSign reports whether c is one of the signs of a divider, or a space.
func isSign(c byte) bool {
	switch c {
	case '*', '=', '-', '_', '+', '~', '#', '.', ' ':
		return true
	}
	return false
}

// ruled reports whether a line opens with signs, as in "+++++ NOTICE +++++".
func ruled(s string) bool {
	return len(s) > 6 && strings.IndexByte("*=+_", s[0]) >= 0 && s[1] == s[0] && s[2] == s[0]
}

// onlyGap reports whether nothing but blank lines and dividers lies between.
func (b *body) onlyGap(from, till int) bool {
	for i := from; i < till; i++ {
		if !b.lines[i].blank() && !b.divider(i) {
			return false
		}
	}
	return true
}

// weight is what some phrases tell together; each counts once.
type weight struct {
	weight       int
	self, banner bool
}

func weigh(hits []hit) weight {
	var w weight
	var seen uint64
	for _, h := range hits {
		if seen&(1<<h.phrase) != 0 {
			continue
		}
		seen |= 1 << h.phrase
		p := &phrases[h.phrase]
		w.weight += int(p.weight)
		w.self = w.self || p.role == self || p.role == heading
		w.banner = w.banner || p.role == banner
	}
	return w
}

// notices returns the footers inside one paragraph: groups of phrases close
// together that weigh enough. Below twice enough they must speak of the message.
func (b *body) notices(p para, hits []hit) []span {
	var spans []span
	for len(hits) > 0 {
		n := 1
		for n < len(hits) && hits[n].beg-hits[n-1].end < reach {
			n++
		}
		group := hits[:n]
		hits = hits[n:]
		for len(group) > 1 && phrases[group[0].phrase].weight < 2 && phrases[group[0].phrase].role == plainRole &&
			group[1].beg-group[0].end > 120 {
			group = group[1:]
		}
		for len(group) > 0 && phrases[group[0].phrase].role == stamp && group[0].line != group[len(group)-1].line {
			group = group[1:]
		}
		w := weigh(group)
		if w.banner && w.self && w.weight >= enough-1 && b.leads(p) {
			// Above a message few words do.
		} else if w.weight < enough || !w.self && !w.banner && w.weight < enough+1 && !single(group) {
			continue
		}
		s := span{b.sentenceStart(p, group[0]), b.sentenceEnd(p, group[len(group)-1], w.banner)}
		if k := len(spans); k > 0 && s.beg <= spans[k-1].end {
			spans[k-1].end = max(s.end, spans[k-1].end)
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

// leads reports whether a paragraph stands where gateways write: among the first
// of a mail or in what is quoted.
func (b *body) leads(p para) bool {
	if b.lines[p.from].zone == inQuoted {
		return true
	}
	full := 0
	for i := 0; i < p.from && full <= maxLead; i++ {
		if !b.lines[i].blank() {
			full++
		}
	}
	return full <= maxLead
}

// single reports whether one phrase of the group is enough by itself.
func single(group []hit) bool {
	for _, h := range group {
		if phrases[h.phrase].weight >= enough {
			return true
		}
	}
	return false
}

// sentenceStart walks back from a phrase to where its sentence begins: after a
// full stop, after a line that was left short, or where the paragraph begins.
func (b *body) sentenceStart(p para, h hit) int32 {
	n := int(h.line)
	for at := h.beg; ; {
		l := b.lines[n]
		for i := at - 1; i > l.beg; i-- {
			if c := b.text[i]; isSpace(c) && stops(b.text[l.beg:i]) {
				return i + 1
			} else if ruler(b.text[max(l.beg, i-4) : i+1]) {
				for i > l.beg && strings.IndexByte("*=+_-", b.text[i-1]) >= 0 {
					i--
				}
				return i
			}
		}
		if n == p.from || h.beg-l.beg > 600 {
			return l.beg
		}
		up := b.lines[n-1]
		if stops(b.text[up.beg:up.end]) || up.end-up.beg < 45 && 3*(up.end-up.beg) < 2*(l.end-l.beg) {
			return l.beg
		}
		n--
		at = up.end
	}
}

// ruler reports whether five octets are a run of one sign.
func ruler(s string) bool {
	return len(s) == 5 && strings.IndexByte("*=+_-", s[0]) >= 0 && strings.Count(s, s[:1]) == 5
}

// stops reports whether s ends a sentence. One letter and a dot is a name.
func stops(s string) bool {
	s = strings.TrimRight(s, "\"')]")
	if s == "" {
		return false
	}
	switch s[len(s)-1] {
	case '!', '?':
		return true
	case '.':
		return (len(s) < 3 || s[len(s)-3] != ' ') && !abbreviated(s)
	}
	return false
}

// abbreviated reports whether the full stop that s ends with is one of a short form.
func abbreviated(s string) bool {
	word := s[:len(s)-1]
	word = word[strings.LastIndexAny(word, " \t\n(")+1:]
	if len(word) < 2 || len(word) > 4 {
		return false
	}
	switch strings.ToLower(word) {
	case "ltd", "inc", "corp", "mr", "mrs", "ms", "dr", "no", "nos", "vs", "st", "art", "sec", "nr", "bzw", "evtl", "ggf", "sog", "gem", "abs":
		return true
	}
	return false
}

// sentenceEnd returns where the notice ends: with its paragraph if little is
// left of it, else with the sentence of the last phrase. What a gateway puts in
// front of a mail ends with its own sentence always.
func (b *body) sentenceEnd(p para, h hit, banner bool) int32 {
	end := b.lines[p.till-1].end
	first := p.from == b.nextFull(0) && b.nextFull(p.till) < len(b.lines)
	if !banner && !first && end-h.end <= tail {
		return end
	}
	for n := int(h.line); n < p.till; n++ {
		l := b.lines[n]
		for i := max(l.beg, h.end); i < l.end; i++ {
			if (i+1 == l.end || isSpace(b.text[i+1])) && stops(b.text[max(l.beg, i-4):i+1]) {
				if n == p.till-1 && l.end-i < 3 {
					return end
				}
				return i + 1
			}
		}
		if l.end-h.end > 600 || banner && n+1 < p.till && b.ends(n) {
			return l.end
		}
	}
	return end
}

// ends reports whether a sentence without a full stop ends with line n: the next
// begins with a capital, and this one not with a word that wants another.
func (b *body) ends(n int) bool {
	s, next := b.at(n), b.at(n+1)
	if r, _ := utf8.DecodeRuneInString(next); !unicode.IsUpper(r) {
		return false
	}
	switch word := s[strings.LastIndexByte(s, ' ')+1:]; word {
	case "of", "the", "our", "your", "a", "an", "from", "or", "and", "to", "in", "is", "not", "by", "unless", "this", "der", "die", "das", "von", "de", "la":
		return false
	default:
		return word[len(word)-1] != ','
	}
}

// title takes a short line above a footer into it: a heading or a rule of
// signs. A marking among the first lines of a mail is nobody's boilerplate.
func (b *body) title(from, top int, beg int32) int32 {
	for n, k := from-1, 0; n > top && k < 3; n-- {
		s := b.at(n)
		switch {
		case b.lines[n].blank() || b.lines[n].zone != b.lines[from].zone:
			return beg
		case b.divider(n):
			beg = b.lines[n].beg
		case len(s) < 70 && n > top+2 && titled(s):
			beg = b.lines[n].beg
		default:
			return beg
		}
		k++
	}
	return beg
}

var titles = []string{"confidential", "privileged", "notice", "disclaimer", "vertraulich", "confidenti"}

func titled(s string) bool {
	s = Fold(s)
	for _, t := range titles {
		if strings.Contains(s, t) {
			return true
		}
	}
	return false
}

// carve cuts lines where a footer begins or ends inside them, and marks what
// lies in one.
func (b *body) carve(spans []span) {
	if len(spans) == 0 {
		return
	}
	lines := make([]line, 0, len(b.lines)+2*len(spans))
	k := 0
	for _, l := range b.lines {
		for k < len(spans) && spans[k].end <= l.beg {
			k++
		}
		for k < len(spans) && spans[k].beg < l.end && !l.blank() {
			s := spans[k]
			if s.beg > l.beg {
				lines = append(lines, b.piece(l, l.beg, s.beg, l.zone))
				l.beg = s.beg
			}
			cutAt := min(s.end, l.end)
			lines = append(lines, b.piece(l, l.beg, cutAt, inFooter))
			l.beg = cutAt
			if s.end > l.end || l.beg == l.end {
				break
			}
			k++
		}
		if l.beg < l.end || l.blank() && (len(lines) == 0 || !consumed(lines, l)) {
			lines = append(lines, b.piece(l, l.beg, l.end, l.zone))
		}
	}
	b.lines = lines
}

// consumed reports whether l is what is left, empty, of a line already written.
func consumed(lines []line, l line) bool {
	last := lines[len(lines)-1]
	return !last.blank() && last.end == l.end
}

// piece is a part of a line, without white space around it.
func (b *body) piece(l line, beg, end int32, z zone) line {
	for beg < end && isSpace(b.text[beg]) {
		beg++
	}
	for end > beg && isSpace(b.text[end-1]) {
		end--
	}
	return line{beg, end, l.depth, z}
}
