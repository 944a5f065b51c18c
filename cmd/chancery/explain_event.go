package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"

	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/sync"
	"chancery/sync/journal"
)

// explainEvent tells what the journal has about an event with an iCalendar UID, and
// what the rules make of it now. It returns how many things were told.
func explainEvent(ctx context.Context, w io.Writer, l *loaded, j *journal.Journal, uid string, live bool) (int, error) {
	n := 0
	for _, p := range l.cfg.Service.Principals {
		intents, err := j.ByGroup(ctx, sync.Group(p.Name.Value))
		if err != nil {
			return n, err
		}
		intents = slices.DeleteFunc(intents, func(in journal.Intent) bool { return !aboutEvent(in.Step.Action, uid) })
		printHistory(w, intents)
		n += len(intents)
	}
	if !live || len(l.cfg.Service.Principals) == 0 {
		return n, nil
	}
	_, err := ask(ctx, socketPath(l.cfg), "status")
	engine, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{readOnly: true, beside: err == nil})
	if err != nil {
		return n, err
	}
	stories, failed := engine.ExplainEvent(ctx, uid)
	for _, who := range slices.Sorted(maps.Keys(stories)) {
		for _, s := range stories[who] {
			sayStory(w, who, s)
			n++
		}
	}
	if failed != nil && n > 0 {
		sayFailure(w, "    ", failed)
	}
	return n, nil
}

// aboutEvent reports whether a step is about the event with a UID.
func aboutEvent(a model.Action, uid string) bool {
	switch a := a.(type) {
	case model.Hold:
		return a.UID == uid || slices.Contains(a.Body.Reveal().Related, uid)
	case model.Amend:
		return string(a.UID) == uid
	}
	return false
}

// sayStory prints what is made of one event of a principal.
func sayStory(w io.Writer, who string, s agenda.Story) {
	_, _ = fmt.Fprintf(w, "\nin the time of %s\n    %s\n", who, oneLine(s.Title))
	if s.When != "" {
		_, _ = fmt.Fprintf(w, "    %s\n", s.When)
	}
	_, _ = fmt.Fprintln(w, hanging("    rank    ", oneLine(s.Rank)))
	if s.Place != "" {
		_, _ = fmt.Fprintf(w, "            %s\n", s.Place)
	}
	for _, line := range s.Says {
		_, _ = fmt.Fprintln(w, hanging("    counts  ", line))
	}
	if len(s.Clashes) == 0 {
		_, _ = fmt.Fprintln(w, "    no conflict")
	}
	for _, c := range s.Clashes {
		_, _ = fmt.Fprintln(w, hanging("    clash   ", oneLine(c.With)+", "+c.When))
		_, _ = fmt.Fprintln(w, hanging("            ", c.Yields))
		_, _ = fmt.Fprintln(w, hanging("            ", c.Done))
		for _, offer := range c.Offers {
			_, _ = fmt.Fprintln(w, hanging("    offer   ", offer))
		}
	}
}
