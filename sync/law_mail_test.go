package sync

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/internal/model"
)

// townMail is the mailbox of a leader: INBOX, where billing mail arrives, and the
// folders that it is filed into, which nobody follows.
type townMail struct {
	w       *town
	letters []*townLetter // the UID of the first is 1
	log     []int         // index of what changed, in order
	cut     int           // batches until a pull fails; 0 for never
	page    int

	paid    map[string]string   // what a person said of bills, by ID
	touched map[string]bool     // numbers whose due date a person edited or deleted
	notes   map[model.Ident]int // how often a note or reminder about billing was written
}

// townLetter is one mail with what a person reads in it.
type townLetter struct {
	id      string // of its Message-ID
	from    string
	subject string
	text    string
	at      time.Time
	flags   model.Flags
	inbox   bool
	filed   int  // how often it was filed
	back    bool // a person put it back into INBOX
	moved   bool // it is the letter of another UID
	deleted bool // by a person
	again   bool // it tells of a bill that another told of

	class, number string
	amount        int64
	due           time.Time
}

func (l *townLetter) ident() model.Ident { return model.Ident("m:" + l.id) }

func (m *townMail) ref(i int) model.Ref {
	return model.Ref{Source: "gc", Mailbox: "INBOX", UIDValidity: 1, UID: uint32(i + 1)}
}

// arrive puts a letter into INBOX.
func (m *townMail) arrive(l townLetter) {
	l.at, l.inbox = m.w.now, true
	if l.id == "" {
		l.id = fmt.Sprintf("<bill-%d@vendor.example>", len(m.letters))
	}
	m.letters = append(m.letters, &l)
	m.log = append(m.log, len(m.letters)-1)
}

func (m *townMail) change(i int, news bool) model.Change {
	l := m.letters[i]
	if !l.inbox {
		return model.Change{Op: model.Gone, Ref: m.ref(i)}
	}
	msg := &model.Message{Ref: m.ref(i), Ident: l.ident(), Flags: slices.Clone(l.flags), Arrived: l.at, Size: int64(len(l.text))}
	if !news {
		return model.Change{Op: model.Marked, Ref: msg.Ref, Ident: msg.Ident, Message: msg}
	}
	msg.Body = model.Hide(model.Mail{MessageID: l.id, Subject: l.subject, From: []model.Address{{Addr: l.from}}, To: []model.Address{{Addr: "gc@firm.example"}},
		Header: map[string][]string{"Authentication-Results": {"mx.firm.example; dmarc=pass header.from=" + l.from[strings.IndexByte(l.from, '@')+1:]}},
		Date:   l.at, Parts: []model.TextPart{{Text: l.text}}})
	return model.Change{Op: model.Put, Ref: msg.Ref, Ident: msg.Ident, Message: msg}
}

// Pull goes through the log, page by page.
func (m *townMail) Pull(_ context.Context, since connectors.Cursor) (connectors.Batch, error) {
	if m.cut > 0 {
		if m.cut--; m.cut == 0 {
			return connectors.Batch{}, errTrouble
		}
	}
	at, _ := strconv.Atoi(string(since))
	till := min(len(m.log), at+m.page)
	b := connectors.Batch{Next: model.Name(strconv.Itoa(till)), More: till < len(m.log), Messages: map[model.Name]int{"INBOX": 0}}
	seen := map[int]bool{}
	for k, i := range m.log[at:till] {
		if !seen[i] {
			seen[i] = true
			b.Changes = append(b.Changes, m.change(i, !slices.Contains(m.log[:at+k], i)))
		}
	}
	for _, l := range m.letters {
		if l.inbox {
			b.Messages["INBOX"]++
		}
	}
	return b, nil
}

func (m *townMail) Wait(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
func (m *townMail) Close() error                   { return nil }

func (m *townMail) Apply(_ context.Context, steps []model.Step) (out []model.Result, err error) {
	for _, step := range steps {
		bad := m.w.bad()
		switch bad {
		case cutBefore:
			return out, errTrouble
		case notNow:
			out = append(out, model.Result{ID: step.ID, Outcome: model.Later, Code: "try-later"})
			continue
		}
		r := m.apply(step)
		if !r.Already && r.Outcome == model.Done {
			m.w.wrote(step)
		}
		if bad == cutAfter {
			return out, errTrouble
		}
		out = append(out, r)
	}
	return out, nil
}

func (m *townMail) apply(step model.Step) model.Result {
	r := model.Result{ID: step.ID, Outcome: model.Done, Ref: step.Ref}
	i := int(step.Ref.UID) - 1
	l := m.letters[i]
	switch a := step.Action.(type) {
	case model.Mark:
		if !l.inbox {
			return model.Result{ID: step.ID, Outcome: model.Lost}
		}
		if r.Already = l.flags.Has(a.Keyword); !r.Already {
			l.flags = append(l.flags, a.Keyword)
			m.log = append(m.log, i)
		}
		r.Flags = model.Flags{a.Keyword}
	case model.File:
		switch {
		case l.inbox && l.back:
			m.w.broken("%s, which a person put back, is filed again", l.id)
		case l.inbox:
			l.inbox, l.filed = false, l.filed+1
			m.log = append(m.log, i)
		case step.Again:
			r.Already = true
		default:
			return model.Result{ID: step.ID, Outcome: model.Lost}
		}
		r.Ref = model.Ref{Source: "gc", Mailbox: model.Name(strings.Join(a.Mailbox, "/")), UIDValidity: 9, UID: step.Ref.UID}
	default:
		return model.Result{ID: step.ID, Outcome: model.Refused, Code: "not-mail"}
	}
	return r
}

// forget is what nobody can remember who lost the journal: what a person said of bills,
// which mail was put back, which note was written.
func (m *townMail) forget() {
	clear(m.paid)
	clear(m.notes)
	for _, l := range m.letters {
		l.back = false
	}
}
