package model

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// The compact form of a step: a version, its fields in order, and the action.
// Texts and lists begin with their length, numbers are varints. JSON of an
// earlier version begins with a brace. The actions a batch has hundreds of have a
// form of their own, the others are JSON.
const (
	compactVersion = 1
	compactMark    = 'm'
	compactFile    = 'f'
	compactJSON    = 'j'
)

var errCompact = errors.New("bad length")

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendRef(b []byte, r Ref) []byte {
	b = appendText(b, string(r.Source))
	b = appendText(b, string(r.Mailbox))
	b = binary.AppendUvarint(b, uint64(r.UIDValidity))
	b = binary.AppendUvarint(b, uint64(r.UID))
	b = appendText(b, string(r.Href))
	return appendText(b, r.Version)
}

func appendStep(b []byte, s Step) []byte {
	b = append(b, compactVersion)
	for _, t := range []string{string(s.ID), s.Rule, s.Version, s.Place, s.Why.Reveal(), string(s.Source), string(s.Ident)} {
		b = appendText(b, t)
	}
	b = appendRef(b, s.Ref)
	switch a := s.Action.(type) {
	case Mark:
		b = append(b, compactMark)
		for _, t := range []string{a.Name, a.Keyword, a.Thunderbird, a.Apple, a.Gmail} {
			b = appendText(b, t)
		}
		return appendBool(b, a.Flagged)
	case File:
		b = append(b, compactFile)
		b = binary.AppendUvarint(b, uint64(len(a.Mailbox)))
		for _, t := range a.Mailbox {
			b = appendText(b, t)
		}
		return appendBool(b, a.Create)
	}
	return append(b, compactJSON)
}

// compactReader reads on after an error, as if everything were empty.
type compactReader struct {
	b   []byte
	err error
}

func (r *compactReader) number() uint64 {
	n, w := binary.Uvarint(r.b)
	if w <= 0 {
		r.b, r.err = nil, errCompact
		return 0
	}
	r.b = r.b[w:]
	return n
}

func (r *compactReader) text() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errCompact
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *compactReader) octet() byte {
	if len(r.b) == 0 {
		r.err = errCompact
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *compactReader) ref() Ref {
	return Ref{Source: SourceID(r.text()), Mailbox: Name(r.text()), UIDValidity: uint32(r.number()), UID: uint32(r.number()),
		Href: Name(r.text()), Version: r.text()}
}

func (r *compactReader) step() (Step, error) {
	r.octet() // the version
	s := Step{ID: StepID(r.text()), Rule: r.text(), Version: r.text(), Place: r.text(), Why: Hide(r.text()),
		Source: SourceID(r.text()), Ident: Ident(r.text()), Ref: r.ref()}
	switch tag := r.octet(); tag {
	case compactMark:
		s.Action = Mark{Name: r.text(), Keyword: r.text(), Thunderbird: r.text(), Apple: r.text(), Gmail: r.text(), Flagged: r.octet() == 1}
	case compactFile:
		s.Action = File{Mailbox: r.texts(), Create: r.octet() == 1}
	case compactJSON:
		var w actionWire
		if err := json.Unmarshal(r.b, &w); err != nil {
			return Step{}, fmt.Errorf("decode step: %w", err)
		}
		r.b = nil
		if s.Action = w.action(); s.Action == nil {
			return Step{}, errors.New("decode step: no action")
		}
	default:
		r.err = errors.New("no action")
	}
	if r.err == nil && len(r.b) > 0 {
		r.err = errCompact
	}
	if r.err != nil {
		return Step{}, fmt.Errorf("decode step: %w", r.err)
	}
	return s, nil
}

func (r *compactReader) texts() []string {
	n := r.number()
	if n > uint64(len(r.b)) { // each has a length at least
		r.b, r.err = nil, errCompact
	}
	var out []string
	for ; n > 0 && r.err == nil; n-- {
		out = append(out, r.text())
	}
	return out
}
