package main

import (
	"fmt"
	"slices"
	"strings"

	"chancery/config"
	"chancery/connectors/imap"
)

// form is one way in which a mark shows.
type form struct {
	name string // "keyword", "Thunderbird label", "Apple colour", "flag", "Gmail label"
	flag []string
}

// forms are the ways in which a mark is meant to show.
func forms(m config.Mark) []form {
	var out []form
	if m.Keyword != "" {
		out = append(out, form{"keyword", []string{m.Keyword}})
	}
	if m.Thunderbird != "" {
		out = append(out, form{"Thunderbird label", []string{m.Thunderbird}})
	}
	if m.Apple != "" {
		// RFC 9979 section 2: a colour stands in three keywords beside \Flagged; red in none.
		f := form{"Apple colour", []string{`\Flagged`}}
		if !strings.EqualFold(m.Apple, "red") {
			f.flag = append(f.flag, "$MailFlagBit0", "$MailFlagBit1", "$MailFlagBit2")
		}
		out = append(out, f)
	}
	if m.Flagged || m.Apple != "" {
		out = append(out, form{"flag", []string{`\Flagged`}})
	}
	return out
}

// showing divides the forms of a mark into those that a mailbox keeps and those
// that it does not.
func showing(m config.Mark, b *imap.BoxExam, labels bool) (shows, lacks []string) {
	for _, f := range forms(m) {
		if slices.ContainsFunc(f.flag, func(x string) bool { return !b.Keeps(x) }) {
			lacks = append(lacks, f.name)
			continue
		}
		shows = append(shows, f.name)
	}
	if m.Gmail != "" && labels {
		shows = append(shows, "Gmail label")
	}
	return shows, lacks
}

// markOutcome is how marks show in a mailbox.
type markOutcome struct {
	box, shows, lacks string
	mode              config.Mode
	dim               bool // in mail programs only
}

// sayMarks tells which marks of the rules can show and how: those that show in
// full in one line, the others by what they lack.
func (k *checkup) sayMarks(e *imap.Exam, n *needs, kind serverName) {
	var full, seen []string
	var order []markOutcome
	marks, rules := map[markOutcome][]string{}, map[markOutcome][]string{}
	for i := range e.Boxes {
		b := &e.Boxes[i]
		if !markable(b) {
			continue // told already
		}
		for _, m := range n.marksIn(b.Path) {
			shows, lacks := showing(m.mark, b, e.Caps["X-GM-EXT-1"])
			o := markOutcome{box: b.Path, shows: list(shows, "and"), lacks: list(lacks, "or"), mode: m.mode}
			o.dim = kind == kindGmail && m.mark.Gmail == "" && !slices.Contains(shows, "flag")
			if len(shows) > 0 && len(lacks) == 0 && !o.dim {
				full, seen = union(full, m.mark.Name.Value), union(seen, shows...)
				continue
			}
			if marks[o] == nil {
				order = append(order, o)
			}
			marks[o], rules[o] = union(marks[o], m.mark.Name.Value), union(rules[o], m.rules...)
		}
	}
	for _, o := range order {
		k.sayMark(o, marks[o], list(rules[o], "and"))
	}
	switch {
	case len(full) > 0:
		k.ok("marks", "%s can show in every form that the rules give them: %s", list(full, "and"), list(seen, "and"))
	case len(n.marks) == 0:
		k.ok("marks", "no rule marks mail here")
	}
}

func (k *checkup) sayMark(o markOutcome, names []string, rules string) {
	verb := "shows"
	if len(names) > 1 {
		verb = "show"
	}
	what := list(names, "and")
	switch {
	case o.shows == "":
		k.at(o.mode, "marks", "set by "+rules+": give the mark flagged: true, or let the rule file", "%s cannot show in %s: the server keeps no %s there", what, o.box, o.lacks)
	case o.lacks != "":
		k.note("marks", "set by "+rules+"; see how marks show in docs/rules.md", "%s %s in %s as %s; the server keeps no %s there", what, verb, o.box, o.shows, o.lacks)
	default:
		k.note("marks", "give the mark gmail: LABEL", "%s %s in %s in mail programs only: Gmail on the web shows no keywords", what, verb, o.box)
	}
}

// mostKeywords is what Dovecot keeps in the file names of a Maildir: one letter
// for each keyword of a mailbox.
const mostKeywords = 26

// sayKeywords counts the keywords of mailboxes whose server has room for few.
func (k *checkup) sayKeywords(e *imap.Exam, n *needs, kind serverName) {
	room := map[serverName]int{kindDovecot: mostKeywords, kindCyrus: 128}[kind]
	for i := range e.Boxes {
		b := &e.Boxes[i]
		if room == 0 || !markable(b) || !b.Keeps("$") {
			continue
		}
		used := len(b.Keywords())
		all := b.Keywords()
		for _, m := range n.marksIn(b.Path) {
			for _, f := range forms(m.mark) {
				for _, x := range f.flag {
					if x[0] != '\\' && !slices.ContainsFunc(all, func(y string) bool { return strings.EqualFold(x, y) }) {
						all = append(all, x)
					}
				}
			}
		}
		text := fmt.Sprintf("%s: %d in use, %d with those of the rules", b.Path, used, len(all))
		switch {
		case len(all) <= room, kind == kindDovecot && !b.Maildir && b.Messages > 0:
			k.ok("keywords", "%s", text)
		case kind == kindDovecot && !b.Maildir:
			k.note("keywords", "", "%s. If the server keeps its mail as Maildir, only %d last", text, room)
		case kind == kindDovecot:
			k.note("keywords", "fewer marks, or mdbox; a keyword that nobody uses keeps its place for ever",
				"%s. The server keeps its mail as Maildir, where only %d last: what has no room is not written", text, room)
		default:
			k.note("keywords", "fewer marks", "%s; the server takes %d", text, room)
		}
	}
}

// list writes "a, b and c", or "a, b or c".
func list(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}
