package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

// past is a source that can read what came before, without moving its cursor.
type past interface {
	History(ctx context.Context, since time.Time, each func([]model.Change) error) error
}

// pastMail reads the mail of the followed mailboxes that arrived since a time,
// newest first, with as much of it as need says. A server that cannot be asked
// does not keep the others from answering; an error of each ends the reading.
type pastMail struct {
	l       *loaded
	j       *journal.Journal
	since   time.Time
	source  model.SourceID // "": every account
	need    model.Need
	filed   bool // also what rules filed to mailboxes that are not followed
	problem []unread
}

func (p *pastMail) read(ctx context.Context, each func([]model.Change) error) error {
	for _, a := range p.l.cfg.Service.Accounts {
		if a.IMAP == nil || p.source != "" && a.Name.Value != string(p.source) {
			continue
		}
		mine := errors.New("")
		err := p.account(ctx, a, func(cs []model.Change) error {
			if err := each(cs); err != nil {
				return errors.Join(mine, err)
			}
			return nil
		})
		if errors.Is(err, mine) || ctx.Err() != nil {
			return err
		}
		if err != nil {
			p.problem = append(p.problem, unread{a.Name.Value, err})
		}
	}
	return nil
}

func (p *pastMail) account(ctx context.Context, a config.Account, each func([]model.Change) error) error {
	spec, err := mailSource(p.l.cfg, a, p.j, wiring{readOnly: true, all: true, need: func() model.Need { return p.need }})
	if err != nil {
		return err
	}
	src, err := spec.Open(ctx, journal.Position{})
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }()
	s, ok := src.(past)
	if !ok {
		return fmt.Errorf("read mail of %s: this kind of account keeps no history", a.Name.Value)
	}
	look, ok := src.(looker)
	if !ok || !p.filed {
		return s.History(ctx, p.since, each)
	}
	seen := map[model.Ident]bool{}
	err = s.History(ctx, p.since, func(cs []model.Change) error {
		for _, c := range cs {
			seen[c.Ident] = true
		}
		return each(cs)
	})
	if err != nil {
		return err
	}
	return p.readFiled(ctx, look, spec.ID, seen, each)
}

// viewsOf is viewOf for a batch.
func viewsOf(ctx context.Context, l *loaded, j *journal.Journal, cs []model.Change, now time.Time) ([]model.View, error) {
	var idents []model.Ident
	threads := map[model.SourceID][]journal.Threaded{}
	for _, c := range cs {
		idents = append(idents, c.Ident)
		threads[c.Ref.Source] = append(threads[c.Ref.Source], threaded(c.Message))
	}
	released, err := j.Released(ctx, idents)
	if err != nil {
		return nil, err
	}
	marks := map[model.SourceID][][]string{}
	for source, ms := range threads {
		if marks[source], err = j.ThreadMarks(ctx, source, ms); err != nil {
			return nil, err
		}
	}
	out := make([]model.View, len(cs))
	for i, c := range cs {
		source := c.Ref.Source
		out[i] = model.View{Now: now, Released: map[string]bool{}, Desk: desk(l.cfg, string(source)), Thread: marks[source][0]}
		marks[source] = marks[source][1:]
		for rule := range released[c.Ident] {
			out[i].Released[rule] = true
		}
	}
	if err := invited(ctx, l, j, cs, out); err != nil {
		return nil, err
	}
	return out, sync.BillViews(ctx, j, l.set, cs, out)
}
