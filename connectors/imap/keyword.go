package imap

import (
	"regexp"
	"slices"
	"strings"

	"chancery/internal/model"
)

// maildirKeywords is how many keywords Dovecot's Maildir keeps in a mailbox for
// good: a file name has a letter for each. It takes more and shows them, but they
// live in the index only and are lost with it, or when the message moves.
const maildirKeywords = 26

// maxFlags bounds how many flags of a mailbox are kept in mind.
const maxFlags = 1000

// list keeps the flags of a FLAGS response.
func (n *selected) list(rest *scanner) {
	values, err := rest.values()
	if err != nil || len(values) != 1 || values[0].kind != '(' {
		return
	}
	n.listed = nil
	for _, f := range values[0].list[:min(len(values[0].list), maxFlags)] {
		n.listed = append(n.listed, f.s)
	}
}

// ration takes out of a mark the keywords for which the mailbox has no room.
func (s *Source) ration(l *looks) error {
	var keywords []string
	for _, f := range s.sel.listed {
		if f != "" && f[0] != '\\' {
			keywords = append(keywords, f)
		}
	}
	fresh := 0
	for _, f := range l.all() {
		if f[0] != '\\' && !model.Flags(keywords).Has(f) {
			fresh++
		}
	}
	if len(keywords)+fresh <= maildirKeywords {
		return nil
	}
	if maildir, err := s.isMaildir(); err != nil || !maildir {
		return err
	}
	kept := model.Flags(keywords[:min(len(keywords), maildirKeywords)])
	room := maildirKeywords - len(kept)
	l.flags = slices.DeleteFunc(l.flags, func(f string) bool {
		switch {
		case f[0] == '\\' || kept.Has(f):
			return false
		case room > 0:
			room--
			return false
		}
		l.code = "keyword-limit"
		return true
	})
	if need := missing(kept, l.colour); len(need) > room {
		l.colour = nil
	}
	return nil
}

var hexGUID = regexp.MustCompile(`^d:[0-9a-f]{32}$`)

// isMaildir reports whether the selected mailbox is a Maildir of Dovecot, which
// names a message by its file; every other format of Dovecot by 32 digits.
func (s *Source) isMaildir() (bool, error) {
	known, ok := s.maildir[s.sel.box.wire]
	if ok {
		return known, nil
	}
	if err := s.probe(1); err != nil || s.kind != "d:" {
		return false, err
	}
	id := model.Ident("")
	err := s.states("UID FETCH", "*", askIdent, func(one state) { id = one.id })
	if err != nil {
		return false, nothingIfRefused(err)
	}
	s.maildir[s.sel.box.wire] = id != "" && !hexGUID.MatchString(string(id))
	return s.maildir[s.sel.box.wire], nil
}

// manyKeywords is how Cyrus says that a mailbox takes no further keyword.
var manyKeywords = regexp.MustCompile(`(?i)too many (user )?(flags|keywords)`)

// bar latches that the selected mailbox refuses keywords, whatever it announced.
// It reports whether the refusal means that. Exchange answers them with BAD; a NO
// may mean one message.
func (s *Source) bar(a answer, flags []string) bool {
	keyword := slices.ContainsFunc(flags, isKeyword)
	switch {
	case !keyword:
		return false
	case manyKeywords.MatchString(a.text):
		s.barred[s.sel.box.wire] = "keyword-limit"
	case a.status == "BAD" && !passing(a):
		s.barred[s.sel.box.wire] = "no-keywords"
	default:
		return false
	}
	return true
}

func isKeyword(f string) bool { return f[0] != '\\' && !strings.HasPrefix(f, labelPrefix) }

// markRest writes what is left of a mark without keywords.
func (s *Source) markRest(part []target, flags []string) error {
	left := slices.DeleteFunc(slices.Clone(flags), isKeyword)
	if len(left) == 0 {
		for _, t := range part {
			t.end(model.Result{Outcome: model.Refused, Code: s.barred[s.sel.box.wire], Ref: t.step.Ref})
		}
		return nil
	}
	if err := s.store(uidsOf(part), left); err != nil {
		return err
	}
	return s.confirm(part, left)
}

// unkept is the code of a mark of which the selected mailbox keeps nothing.
func (s *Source) unkept(l looks) string {
	if code := s.barred[s.sel.box.wire]; code != "" {
		return code
	}
	return l.code
}
