package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"chancery/internal/model"
	"chancery/sync/journal"
)

// invited puts into views what the engine would know of the calendars when it
// decides invitations. They are read once, if a message is one.
func invited(ctx context.Context, l *loaded, j *journal.Journal, cs []model.Change, views []model.View) error {
	carries := func(c model.Change) bool {
		return c.Message != nil && c.Message.Body.Present() && c.Message.Body.Reveal().Invite != nil
	}
	if !slices.ContainsFunc(cs, carries) {
		return nil
	}
	if l.calendars == nil {
		engine, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{readOnly: true})
		if err != nil {
			return err
		}
		l.calendars = engine
	}
	l.calendars.ReadInvites(ctx, cs, views)
	return nil
}

// sayInvite tells what an invitation says and does to the day.
func sayInvite(w io.Writer, l *loaded, m model.Message, v model.View) {
	for i, x := range l.set.Invitation(change(m), v) {
		head := "                "
		if i == 0 {
			head = "    invitation  "
		}
		_, _ = fmt.Fprintln(w, hanging(head, x.Name+" = "+oneLine(x.Value)))
	}
	if v.Principal.Name != "" && !v.Known {
		_, _ = fmt.Fprintln(w, hanging("                ", "the calendars of "+v.Principal.Name+" could not be read"))
	}
}
