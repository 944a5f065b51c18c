package imap

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// BoxExam is what is known of a followed mailbox.
type BoxExam struct {
	Path     string // as the configuration writes it
	Refused  string // the server's words if it cannot be opened; "" if it can
	Code     string // of the refusal: "no-mailbox", "no-permission", "mailbox-unavailable"
	Like     string // a name that differs from Path by case or stem only, written as a path; "" if none
	Messages uint32
	Validity uint32   // UIDVALIDITY; 0: the server gives none
	Unsteady bool     // two looks gave two values
	ReadOnly bool     // opened for writing, the server gives it for reading only
	NoModseq bool     // no HIGHESTMODSEQ, though the server has CONDSTORE
	Flags    []string // in use here, as far as the server tells (RFC 9051 section 7.3.5)
	Kept     []string // PERMANENTFLAGS; nil: the server does not say
	Maildir  bool     // of Dovecot: keeps few keywords; found out by its messages, if there are any
	Rights   *string  // MYRIGHTS (RFC 4314 section 3.5); nil: the server does not say
}

// Keeps reports whether the mailbox keeps a flag or keyword for good (RFC 9051
// section 7.1).
func (b *BoxExam) Keeps(flag string) bool {
	kept := model.Flags(b.Kept)
	return b.Kept == nil || kept.Has(flag) || flag[0] != '\\' && kept.Has(`\*`)
}

// Keywords returns the keywords in use.
func (b *BoxExam) Keywords() []string {
	var out []string
	for _, f := range b.Flags {
		if f != "" && f[0] != '\\' {
			out = append(out, f)
		}
	}
	return out
}

// examineBox enters a mailbox twice: EXAMINE for what there is, SELECT for what
// could be written, because servers answer EXAMINE with empty PERMANENTFLAGS.
func (e *Exam) examineBox(s *Source, path string) (BoxExam, error) {
	out := BoxExam{Path: path}
	b, err := s.boxAt(strings.Split(path, "/"))
	if a, refused := asRefusal(err); refused {
		out.Refused, out.Code = (&refusal{a}).Error(), "mailbox-unavailable"
		return out, nil
	}
	if err != nil {
		return out, err
	}
	now, _, err := s.enterFor("EXAMINE", b)
	if other, ok := s.elsewhere(b, err); ok {
		b = other
		now, _, err = s.enterFor("EXAMINE", b)
	}
	if a, refused := asRefusal(err); refused {
		out.Refused, out.Code = (&refusal{a}).Error(), refusalCode(a, "no-mailbox")
		if passing(a) {
			out.Code = "mailbox-unavailable"
		}
		out.Like, err = e.alike(s, path)
		return out, err
	}
	if err != nil {
		return out, err
	}
	out.Messages, out.Validity = now.exists, now.validity
	out.NoModseq = s.c.caps["CONDSTORE"] && now.modseq == 0
	if e.Ident == "" {
		if err := s.probe(1); err != nil {
			return out, err
		}
		e.Ident = map[string]string{"e:": "EMAILID", "g:": "X-GM-MSGID", "d:": "X-GUID", "": "hash"}[s.kind]
	}
	wide, flags, err := s.enterFor("SELECT", b)
	if _, refused := asRefusal(err); err != nil && !refused {
		return out, err
	}
	out.ReadOnly = err != nil || !wide.writable
	if err == nil {
		out.Flags, out.Kept, out.Unsteady = flags, wide.permanent, wide.validity != now.validity
		if out.Maildir, err = s.isMaildir(); err != nil {
			return out, err
		}
	}
	out.Rights, err = s.rights(b)
	return out, err
}

// elsewhere looks for a mailbox under a name that is no proper UTF-7, as the
// service does.
func (s *Source) elsewhere(b box, err error) (box, bool) {
	if _, refused := asRefusal(err); !refused {
		return b, false
	}
	return s.odd(b)
}

// enterFor enters a mailbox with the given verb and tells also the flags in use.
func (s *Source) enterFor(verb string, b box) (now selected, flags []string, err error) {
	k := cmd("%s", verb).str(b.wire)
	if s.c.caps["CONDSTORE"] {
		k.text(" (CONDSTORE)")
	}
	now = selected{box: b, writable: verb == "SELECT"}
	s.sel = selected{}
	a, err := s.c.do(longTimeout, k, func(response []byte) {
		num, kind, rest, _ := untagged(response)
		switch kind {
		case "EXISTS":
			now.exists = num
		case "FLAGS":
			if values, err := rest.values(); err == nil && len(values) == 1 {
				for _, v := range values[0].list {
					flags = append(flags, v.s)
				}
			}
		case "OK":
			now.note(condition(kind, response[min(rest.i, len(response)):]))
		}
	})
	if err != nil {
		return now, nil, err
	}
	if a.code == "READ-ONLY" {
		now.writable = false
	}
	s.sel = now
	return now, flags, nil
}

// rights is MYRIGHTS (RFC 4314 section 3.5); nil where the server does not tell.
func (s *Source) rights(b box) (*string, error) {
	if !s.c.caps["ACL"] {
		return nil, nil
	}
	var out *string
	_, err := s.c.do(longTimeout, cmd("MYRIGHTS").str(b.wire), func(response []byte) {
		_, kind, rest, _ := untagged(response)
		if values, err := rest.values(); kind == "MYRIGHTS" && err == nil && len(values) == 2 {
			out = &values[1].s
		}
	})
	return out, nothingIfRefused(err)
}

// alike finds a mailbox that a person might have meant: the same name in other
// case, or below the account's stem.
func (e *Exam) alike(s *Source, path string) (string, error) {
	if s.boxes == nil {
		if err := nothingIfRefused(s.list()); err != nil {
			return "", err
		}
	}
	delim, err := s.delimiter()
	if err != nil {
		return "", nothingIfRefused(err)
	}
	var names []string
	for name := range s.boxes {
		if delim != "" {
			name = strings.ReplaceAll(name, delim, "/")
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for _, want := range []string{path, e.Stem + path, "INBOX/" + path, strings.TrimPrefix(path, "INBOX/")} {
		for _, name := range names {
			if strings.EqualFold(name, want) && name != path {
				return name, nil
			}
		}
	}
	return "", nil
}
