package imap

import (
	"fmt"
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

// PathExam is what is known of a mailbox that may have to be filed to.
type PathExam struct {
	Path   []string
	Code   string  // "" if it is there; "no-mailbox", "bad-path", "mailbox-unavailable"
	Box    string  // how the server has it, as a path, where that differs
	Rights *string // on it; nil: not there, or the server does not say
	Above  *string // rights on the nearest mailbox above that is there; nil: none is, or the server does not say
}

// Quota is one limit of the account (RFC 9208 section 4.2.1), in units of
// the resource: STORAGE counts KiB.
type Quota struct {
	Resource    string
	Used, Limit uint64
}

// look walks through the account. Refusals are findings; an error is the end of
// the connection.
func (e *Exam) look(s *Source, paths [][]string) error {
	e.Caps = s.c.caps
	steps := []func(*Source) error{e.askServer, e.askNamespace, e.askBoxes, e.askClock, e.askQuota}
	for _, step := range steps {
		if err := nothingIfRefused(step(s)); err != nil {
			return err
		}
	}
	for _, path := range paths {
		p, err := s.examinePath(path)
		if err != nil {
			return err
		}
		e.Paths = append(e.Paths, p)
	}
	return nil
}

// askServer is ID (RFC 2971 section 3.1). Its "date" is the release date of the program, so it
// says nothing of the clock.
func (e *Exam) askServer(s *Source) error {
	e.Server = map[string]string{}
	if !s.c.caps["ID"] {
		return nil
	}
	_, err := s.c.do(longTimeout, cmd(`ID ("name" "chancery")`), func(response []byte) {
		_, kind, rest, _ := untagged(response)
		values, err := rest.values()
		if kind != "ID" || err != nil || len(values) != 1 {
			return
		}
		list := values[0].list
		for i := 0; i+1 < len(list) && len(e.Server) < 30; i += 2 {
			if !list[i+1].null() {
				e.Server[strings.ToLower(list[i].s)] = list[i+1].s
			}
		}
	})
	return err
}

// askNamespace learns what the account's own names begin with (RFC 2342 section 5).
func (e *Exam) askNamespace(s *Source) error {
	if !s.c.caps["NAMESPACE"] {
		return nil
	}
	_, err := s.c.do(longTimeout, cmd("NAMESPACE"), func(response []byte) {
		_, kind, rest, _ := untagged(response)
		values, err := rest.values()
		if kind != "NAMESPACE" || err != nil || len(values) == 0 || len(values[0].list) == 0 {
			return
		}
		if own := values[0].list[0].list; len(own) >= 2 && own[1].s != "" {
			e.Stem = strings.ReplaceAll(own[0].s, own[1].s, "/")
		}
	})
	return err
}

func (e *Exam) askBoxes(s *Source) error {
	for _, path := range s.o.Mailboxes {
		b, err := e.examineBox(s, path)
		if err != nil {
			return err
		}
		e.Boxes = append(e.Boxes, b)
	}
	return nil
}

// examineBox enters a mailbox twice: EXAMINE for what there is, SELECT for what
// could be written, because servers answer EXAMINE with empty PERMANENTFLAGS.
func (e *Exam) examineBox(s *Source, path string) (BoxExam, error) {
	out := BoxExam{Path: path}
	b, err := s.boxAt(strings.Split(path, "/"))
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
	if now.exists > 0 && e.Ident == "" {
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

// examinePath looks whether a mailbox is there, or could be made.
func (s *Source) examinePath(path []string) (PathExam, error) {
	out := PathExam{Path: path}
	delim, err := s.delimiter()
	if err != nil {
		return out, err
	}
	out.Code = "bad-path"
	for _, spelled := range spellings(path, delim) {
		var b box
		if b, out.Code, err = s.existing(spelled); err != nil {
			return out, err
		}
		if out.Code == "" {
			if !slices.Equal(spelled, path) {
				out.Box = strings.Join(spelled, "/")
			}
			out.Rights, err = s.rights(b)
			return out, err
		}
	}
	if out.Code != "no-mailbox" {
		return out, nil
	}
	for n := len(path) - 1; n > 0; n-- {
		b, code, err := s.existing(path[:n])
		if err != nil || code == "" {
			if err == nil {
				out.Above, err = s.rights(b)
			}
			return out, err
		}
	}
	return out, nil
}

// askQuota reads what is full and how much (RFC 9208 section 4.3.3).
func (e *Exam) askQuota(s *Source) error {
	if !s.c.caps["QUOTA"] {
		return nil
	}
	seen := map[string]bool{}
	_, err := s.c.do(longTimeout, cmd("GETQUOTAROOT INBOX"), func(response []byte) {
		_, kind, rest, _ := untagged(response)
		values, err := rest.values()
		if kind != "QUOTA" || err != nil || len(values) != 2 {
			return
		}
		list := values[1].list
		for i := 0; i+2 < len(list) && len(e.Quotas) < 20; i += 3 {
			q := Quota{strings.ToUpper(list[i].s), list[i+1].number(), list[i+2].number()}
			if key := fmt.Sprint(values[0].s, q); !seen[key] && q.Limit > 0 {
				seen[key] = true
				e.Quotas = append(e.Quotas, q)
			}
		}
	})
	return err
}
