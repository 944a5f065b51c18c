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
		// RFC 9979: a colour stands in three keywords beside \Flagged; red in none.
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

// sayMarks tells which marks of the rules can show and how. Marks that show in
// full are told in one line.
func (k *checkup) sayMarks(e *imap.Exam, n *needs, kind serverName) {
	var full, seen []string
	labels := e.Caps["X-GM-EXT-1"]
	for i := range e.Boxes {
		b := &e.Boxes[i]
		if !markable(b) {
			continue // told already
		}
		for _, m := range n.marksIn(b.Path) {
			name := m.mark.Name.Value
			shows, lacks := showing(m.mark, b, labels)
			hint := fmt.Sprintf("set by %s; see how marks show in the manual", strings.Join(m.rules, ", "))
			switch {
			case len(shows) == 0:
				k.at(m.mode, "marks", "give the mark flagged: true or gmail: LABEL, or let the rule file", "%s cannot show in %s: the server keeps no keywords there", name, b.Path)
			case len(lacks) > 0:
				k.note("marks", hint, "%s shows in %s as %s; the server keeps no %s there", name, b.Path, list(shows), list(lacks))
			case kind == kindGmail && m.mark.Gmail == "" && !slices.Contains(shows, "flag"):
				k.note("marks", "give the mark gmail: LABEL", "%s shows in %s in mail programs only: Gmail on the web shows no keywords", name, b.Path)
			default:
				full, seen = union(full, name), union(seen, shows...)
			}
		}
	}
	if len(full) > 0 {
		k.ok("marks", "%s can show in every form that the rules give them: %s", list(full), list(seen))
	}
	if len(n.marks) == 0 {
		k.ok("marks", "no rule marks mail here")
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
		switch {
		case len(all) <= room:
			k.ok("keywords", "%s: %d in use, %d with those of the rules", b.Path, used, len(all))
		case kind == kindDovecot:
			k.note("keywords", "fewer marks, or mdbox; a keyword that nobody uses keeps its place for ever",
				"%s: %d in use, %d with those of the rules. If the server keeps its mail as Maildir, only %d last", b.Path, used, len(all), room)
		default:
			k.note("keywords", "fewer marks", "%s: %d in use, %d with those of the rules; the server takes %d", b.Path, used, len(all), room)
		}
	}
}

// list writes "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// sayPaths tells whether the mailboxes are there that rules file to and that
// notes go to.
func (k *checkup) sayPaths(e *imap.Exam, n *needs) {
	at := 0
	var there, later []string
	for _, f := range n.files {
		if len(f.path) == 0 {
			continue // nothing of it is known before the message
		}
		p := e.Paths[at]
		at++
		name := strings.Join(f.path, "/")
		hint := "filed to by " + list(f.rules)
		switch {
		case p.Code == "" && !f.whole:
			if p.Rights != nil && missingRights(*p.Rights, "k") != "" {
				k.at(f.mode, "folders", hint, "%s: the account lacks right k there, and may not make mailboxes below it", name)
				continue
			}
			there = append(there, f.text)
		case p.Code == "":
			if p.Rights != nil && missingRights(*p.Rights, "i") != "" {
				k.at(f.mode, "folders", hint, "%s: the account lacks right i there, and may not file into it", name)
				continue
			}
			if p.Box != "" {
				k.note("folders", hint, "%s is called %s here: the server cannot have that name", name, p.Box)
				continue
			}
			there = append(there, name)
		case p.Code == "no-mailbox" && p.Above != nil && missingRights(*p.Above, "k") != "":
			k.at(f.mode, "folders", hint, "%s is not there, and the account may not make it: it lacks right k above it", name)
		case p.Code == "no-mailbox":
			later = append(later, name)
		default:
			k.at(f.mode, "folders", hint, "%s cannot be a mailbox here (%s)", name, p.Code)
		}
	}
	if len(there) > 0 {
		k.ok("folders", "%s: there", list(there))
	}
	if len(later) > 0 {
		k.ok("folders", "%s: not there yet, made with the first message that is filed there", list(later))
	}
	if n.notes != nil {
		k.sayNotes(e.Paths[at], n)
	}
}

func (k *checkup) sayNotes(p imap.PathExam, n *needs) {
	name := strings.Join(p.Path, "/")
	lacks := ""
	if p.Rights != nil {
		lacks = missingRights(*p.Rights, "lri")
	}
	switch {
	case p.Code != "":
		k.problem("notes", advice("no-mailbox"), "%s is not there: notes of %s have no place", name, list(n.whose))
	case lacks != "":
		k.problem("notes", "grant it to this account on the server (ACL)", "%s: the account lacks %s, and cannot put notes there", name, letters(lacks))
	default:
		k.ok("notes", "%s: there, for notes of %s", name, list(n.whose))
	}
}
