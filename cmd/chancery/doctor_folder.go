package main

import (
	"strings"

	"chancery/connectors/imap"
)

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
		hint := "filed to by " + list(f.rules, "and")
		switch {
		case p.Code == "" && !f.whole:
			if p.Rights != nil && missingRights(*p.Rights, "k") != "" {
				k.at(f.mode, "folders", hint, "%s: the account lacks right k there, and may not make mailboxes below it", name)
				continue
			}
			there = append(there, name)
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
		k.ok("folders", "%s: there", list(there, "and"))
	}
	if len(later) > 0 {
		k.ok("folders", "%s: not there yet, made with the first message that is filed there", list(later, "and"))
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
		k.problem("notes", advice("no-mailbox"), "%s is not there: notes of %s have no place", name, list(n.whose, "and"))
	case lacks != "":
		k.problem("notes", "grant it to this account on the server (ACL)", "%s: the account lacks %s, and cannot put notes there", name, letters(lacks))
	default:
		k.ok("notes", "%s: there, for notes of %s", name, list(n.whose, "and"))
	}
}
