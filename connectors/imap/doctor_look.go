package imap

import (
	"fmt"
	"slices"
	"strings"
)

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

// examinePath looks whether a mailbox is there, or could be made.
func (s *Source) examinePath(path []string) (PathExam, error) {
	out := PathExam{Path: path}
	delim, err := s.delimiter()
	if err != nil {
		out.Code = "mailbox-unavailable"
		return out, nothingIfRefused(err)
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
