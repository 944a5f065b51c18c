package mime

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// word is one token of an address: an atom run or a quoted string.
type word struct {
	text   string
	quoted bool // text is without its quotes, escapes resolved
	apart  bool // white space or a comment stands before it
}

// addressReader reads an address list (RFC 5322 section 3.4 with the obsolete
// syntax of section 4.4, and what mail really holds) in one pass.
type addressReader struct {
	s       string
	at      int
	list    []model.Address
	max     int
	words   []word // of the address that is being read
	angle   string // what stood between < and >
	hasAddr bool   // an angle part was seen
	comment string // the last comment: the display name of the oldest syntax
	apart   bool
	problem string // "" or a code
}

// parseAddresses appends the addresses in s to list, up to max in all. Groups
// are flattened. problem is "" or a code: "address" when what stands there can be
// read in more than one way, "addresses" when max was reached.
func parseAddresses(list []model.Address, s string, max int) (out []model.Address, problem string) {
	var room [8]word
	r := addressReader{s: s, list: list, max: max, words: room[:0]}
	for r.at < len(s) {
		if len(r.list) >= max {
			if strings.Trim(s[r.at:], " \t\r\n,;") != "" {
				r.problem = "addresses"
			}
			return r.list, r.problem
		}
		r.step()
	}
	r.end()
	return r.list, r.problem
}

// step reads one token. It always moves on.
func (r *addressReader) step() {
	switch c := r.s[r.at]; c {
	case ' ', '\t', '\r', '\n', 0:
		r.at++
		r.apart = true
	case '(':
		r.comment = r.readComment()
		r.apart = true
	case '"':
		text, n := unquote(r.s[r.at:])
		r.at += n
		r.push(word{text, true, r.apart})
	case '<':
		r.readAngle()
	case ',', ';': // Outlook joins with semicolons; they also end a group
		r.at++
		r.end()
	case ':':
		r.at++
		if r.hasAddr || len(r.words) == 0 {
			return
		}
		for _, w := range r.words {
			if strings.Contains(w.text, "@") {
				r.problem = "address"
			}
		}
		r.words, r.comment = r.words[:0], "" // the name of a group
	case '>':
		r.at++
	default:
		n := 1
		for r.at+n < len(r.s) && !ends[r.s[r.at+n]] {
			n++
		}
		text := r.s[r.at : r.at+n]
		if strings.Contains(text, "@[") && text[len(text)-1] != ']' {
			// A domain literal may hold colons (RFC 5321 section 4.1.3).
			if i := strings.IndexByte(r.s[r.at+n:min(r.at+n+64, len(r.s))], ']'); i >= 0 {
				n += i + 1
			}
		}
		r.push(word{r.s[r.at : r.at+n], false, r.apart})
		r.at += n
	}
}

// ends are the octets at which a word ends.
var ends = func() (t [256]bool) {
	for _, c := range " \t\r\n\x00(\"<,;:>" {
		t[c] = true
	}
	return t
}()

func (r *addressReader) push(w word) {
	if r.hasAddr {
		r.problem = "address" // words behind the angle: ignored, but somebody may read them otherwise
		return
	}
	r.words = append(r.words, w)
	r.apart = false
}

// readComment reads a comment, which may nest (RFC 5322 section 3.2.2).
func (r *addressReader) readComment() string {
	from, depth := r.at+1, 0
	for ; r.at < len(r.s); r.at++ {
		switch r.s[r.at] {
		case '\\':
			r.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.at++
				return r.s[from : r.at-1]
			}
		}
	}
	r.at = len(r.s)
	r.problem = "address" // no end: everything behind it is gone
	return r.s[min(from, len(r.s)):]
}

// readAngle reads <...>. Without its end it runs to the next comma.
func (r *addressReader) readAngle() {
	if r.hasAddr {
		r.problem = "address"
		r.end() // <a@x><b@y>: two
	}
	from := r.at + 1
	for i := from; i < len(r.s); i++ {
		switch r.s[i] {
		case '"':
			_, n := unquote(r.s[i:])
			i += n - 1
		case '<': // "<</O=FIRM/CN=X>@firm.example>" of old Exchange
			if i == from {
				from = i + 1
				continue
			}
		case '>':
			r.angle, r.hasAddr, r.at = r.s[from:i], true, i+1
			return
		}
	}
	r.problem = "address"
	n := strings.IndexAny(r.s[from:], ",;")
	if n < 0 {
		n = len(r.s) - from
	}
	r.angle, r.hasAddr, r.at = r.s[from:from+n], true, from+n
}

// end completes the address that was being read.
func (r *addressReader) end() {
	switch {
	case r.hasAddr:
		addr := mailbox(r.angle)
		if addr == "" && strings.Contains(r.angle, "@") {
			r.problem = "address"
		}
		name := r.phrase(r.words)
		if name == "" && addr == "" { // X.400 and the like: shown, never compared
			name = strings.TrimSpace(flat(valid(r.angle)))
		}
		r.emit(name, addr)
	case len(r.words) > 0:
		r.bare()
	case r.comment != "":
		r.emit(r.phrase(nil), "")
	}
	r.words, r.angle, r.hasAddr, r.comment, r.apart = r.words[:0], "", false, "", false
}

func (r *addressReader) emit(name, addr string) {
	if len(r.list) < r.max && (name != "" || addr != "") {
		if len(r.list) == cap(r.list) {
			r.list = slices.Grow(r.list, min(1+strings.Count(r.s[min(r.at, len(r.s)):], ","), r.max-len(r.list), 64))
		}
		r.list = append(r.list, model.Address{Name: name, Addr: addr})
	}
}

// bare reads an address without angle brackets. Words that touch form a run,
// also across the white space that the obsolete syntax allows around "@" and
// "."; a run with an "@" outside quotes is an address, the others are the name.
func (r *addressReader) bare() {
	if w := r.words[0]; len(r.words) == 1 && !w.quoted && plainSpec(w.text) {
		r.emit(r.phrase(nil), mailbox(w.text))
		return
	}
	name := r.words[:0:0]
	var addrs []string
	for i := 0; i < len(r.words); {
		j, at := i, false
		for j < len(r.words) && (j == i || r.touches(j)) {
			at = at || !r.words[j].quoted && strings.Contains(r.words[j].text, "@")
			j++
		}
		if at {
			addrs = append(addrs, mailboxOf(r.words[i:j]))
		} else {
			name = append(name, r.words[i:j]...)
		}
		i = j
	}
	if len(addrs) == 0 {
		r.emit(r.phrase(name), "")
		return
	}
	if len(addrs) > 1 || len(name) > 0 {
		r.problem = "address"
	}
	r.emit(r.phrase(name), addrs[0])
	for _, a := range addrs[1:] {
		r.emit("", a)
	}
}

// touches reports whether word i belongs to the address of the word before it.
func (r *addressReader) touches(i int) bool {
	w, before := r.words[i], r.words[i-1]
	if !w.apart {
		return true
	}
	return !w.quoted && w.text[0] == '@' || !before.quoted && strings.HasSuffix(before.text, "@")
}

// phrase joins words to a display name. Encoded words are decoded here, after
// the address was found: what they decode to is a name and nothing else.
func (r *addressReader) phrase(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 && w.apart {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	s := b.String()
	if s == "" {
		s = strings.TrimSpace(unescape(r.comment))
	}
	text, problem := decodeWords(s)
	if problem != "" {
		r.problem = problem
	}
	return strings.TrimSpace(text)
}
