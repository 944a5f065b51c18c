package imap

import (
	"strconv"
	"strings"
)

// maxBoxes bounds how many mailboxes of an account we look at.
const maxBoxes = 20_000

// selected is the mailbox the connection stands in (RFC 9051 section 6.3.2).
type selected struct {
	box       box
	fresh     bool // entered by this Apply, or looked at anew
	writable  bool
	validity  uint32
	next      uint32
	exists    uint32
	modseq    uint64 // 0: none
	permanent []string
	listed    []string // flags the mailbox knows (RFC 9051 section 7.3.5), in the server's order
}

// enterBox selects a mailbox.
func (s *Source) enterBox(b box, write bool) error {
	if s.sel.box.wire == b.wire && b.wire != "" && (s.sel.writable || !write) {
		return nil
	}
	param := ""
	if s.c.caps["CONDSTORE"] {
		param = " (CONDSTORE)" // RFC 7162 section 3.1.8
	}
	return s.selectBox(b, s.verb(), param, nil)
}

// catchUp lets the server say what others did to the selected mailbox since it
// was entered: a SEARCH before need not know it (RFC 9051 section 5.3).
func (s *Source) catchUp() error {
	if s.sel.fresh {
		return nil
	}
	_, err := s.c.do(longTimeout, cmd("NOOP"), nil)
	s.sel.fresh = err == nil
	return nothingIfRefused(err)
}

// verb is SELECT where marks may follow what is read: a large mailbox takes a
// server as long to enter as a hundred messages to send. Nothing but \Recent
// changes by it (RFC 3501 section 2.3.2), which RFC 9051 no longer knows.
func (s *Source) verb() string {
	if s.o.ReadOnly {
		return "EXAMINE"
	}
	return "SELECT"
}

// selectBox runs SELECT or EXAMINE; each sees what else the server says.
func (s *Source) selectBox(b box, verb, param string, each func(kind string, response []byte, rest *scanner)) error {
	now := selected{box: b, writable: verb == "SELECT", fresh: true}
	// RFC 9051 section 6.3.2: a failed SELECT leaves nothing selected.
	s.sel = selected{}
	a, err := s.c.do(longTimeout, cmd("%s", verb).str(b.wire).text(param), func(response []byte) {
		num, kind, rest, _ := untagged(response)
		switch {
		case kind == "EXISTS":
			now.exists = num
		case kind == "FLAGS":
			now.list(rest)
		case kind == "OK":
			now.note(condition(kind, response[min(rest.i, len(response)):]))
		}
		if each != nil && rest != nil {
			each(kind, response, rest)
		}
	})
	if err != nil {
		return err
	}
	if a.code == "READ-ONLY" {
		now.writable = false
	}
	if !s.c.caps["CONDSTORE"] {
		now.modseq = 0 // told, but nothing can be asked with it
	}
	s.sel = now
	return nil
}

func (n *selected) note(a answer) {
	number, _ := strconv.ParseUint(strings.TrimSpace(a.args), 10, 64)
	switch a.code {
	case "UIDVALIDITY":
		n.validity = uint32(number)
	case "UIDNEXT":
		n.next = uint32(number)
	case "HIGHESTMODSEQ":
		n.modseq = number
	case "PERMANENTFLAGS":
		n.permanent = []string{}
		if values, err := (&scanner{b: []byte(a.args)}).values(); err == nil && len(values) == 1 {
			for _, f := range values[0].list {
				n.permanent = append(n.permanent, f.s)
			}
		}
	}
}

// status is what STATUS tells (RFC 9051 section 6.3.11).
type status struct {
	messages uint32
	next     uint32
	validity uint32
	modseq   uint64 // 0: the server has none
}

// statusIn reads a STATUS response. ok is false for anything else.
func statusIn(response []byte) (name string, st status, ok bool) {
	_, kind, rest, _ := untagged(response)
	if kind != "STATUS" {
		return "", status{}, false
	}
	values, err := rest.values()
	if err != nil || len(values) == 0 {
		return "", status{}, false
	}
	list := values[len(values)-1].list
	for i := 0; i+1 < len(list); i += 2 {
		n := list[i+1].number()
		switch strings.ToUpper(list[i].s) {
		case "MESSAGES":
			st.messages = uint32(min(n, 1<<32-1))
		case "UIDNEXT":
			st.next = uint32(min(n, 1<<32-1))
		case "UIDVALIDITY":
			st.validity = uint32(n)
		case "HIGHESTMODSEQ":
			st.modseq = n
		}
	}
	return values[0].s, st, true
}

// list reads the names of all mailboxes with a reader of our own: one name that
// is no valid UTF-7 must not hide the others.
func (s *Source) list() error {
	boxes := map[string]box{}
	_, err := s.c.do(longTimeout, cmd(`LIST "" "*"`), func(response []byte) {
		b, delim, ok := listed(response)
		if !ok || len(boxes) >= maxBoxes {
			return
		}
		s.delim = &delim
		// Where an undecodable name looks like a decoded one, the good one wins.
		if old, taken := boxes[b.name]; taken && encodeName(old.name) == old.wire {
			return
		}
		boxes[b.name] = b
	})
	if err == nil {
		s.boxes = boxes
	}
	return err
}

// listed reads one LIST response (RFC 9051 section 7.3.1). ok is false for
// anything that cannot be selected or read.
func listed(response []byte) (b box, delim string, ok bool) {
	_, kind, rest, _ := untagged(response)
	if kind != "LIST" {
		return box{}, "", false
	}
	values, err := rest.values()
	if err != nil || len(values) < 3 || values[0].kind != '(' || values[2].s == "" {
		return box{}, "", false
	}
	if !values[1].null() {
		delim = values[1].s
	}
	for _, attr := range values[0].list {
		switch strings.ToLower(attr.s) {
		case `\noselect`, `\nonexistent`:
			return box{}, delim, false
		}
	}
	return boxOfWire(values[2].s), delim, true
}

// delimiter asks for the hierarchy delimiter (RFC 9051 section 6.3.9).
func (s *Source) delimiter() (string, error) {
	if s.delim != nil {
		return *s.delim, nil
	}
	delim := ""
	_, err := s.c.do(longTimeout, cmd(`LIST "" ""`), func(response []byte) {
		if _, kind, rest, _ := untagged(response); kind == "LIST" {
			if values, err := rest.values(); err == nil && len(values) >= 2 && !values[1].null() {
				delim = values[1].s
			}
		}
	})
	if err == nil {
		s.delim = &delim
	}
	return delim, err
}

// boxAt names the mailbox at a path.
func (s *Source) boxAt(segments []string) (box, error) {
	if len(segments) == 1 {
		return s.known(segments[0]), nil
	}
	delim, err := s.delimiter()
	if err != nil {
		return box{}, err
	}
	if delim == "" {
		delim = "/" // a flat server: the name will not be found, and is reported so
	}
	first := segments[0]
	if strings.EqualFold(first, "INBOX") {
		first = "INBOX"
	}
	return s.known(strings.Join(append([]string{first}, segments[1:]...), delim)), nil
}

// known prefers the name as the server listed it.
func (s *Source) known(name string) box {
	if b, ok := s.boxes[name]; ok {
		return b
	}
	return boxOfName(name)
}

// odd looks again among the listed names for a mailbox that the server did not
// find under the name we made. It reports whether there is another one.
func (s *Source) odd(b box) (box, bool) {
	if s.boxes == nil {
		if err := s.list(); err != nil {
			return b, false
		}
	}
	other, ok := s.boxes[b.name]
	return other, ok && other.wire != b.wire
}
