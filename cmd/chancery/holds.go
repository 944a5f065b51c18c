package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules/agenda"
	"chancery/sync"
)

func newHolds() *cobra.Command {
	var o holdsOptions
	c := &cobra.Command{
		Use:   "holds --title TEXT",
		Short: "hold several times for one meeting; the first confirmed one stays",
		Long: `Write several tentative holds into the holds calendar of a principal, for a
deposition or a board date that still has to be agreed. The times lie in working
hours, are free, and spread over the days. When a person confirms one hold, the
others go; one that is moved stays where it was put; one that is deleted is not
held again.

The title names the request: asked again with other dates or another number, the
untouched holds of that title follow. --withdraw takes them away.

First it shows the times and asks. The running service does the work, or this
command where none runs. The same can be had without it: an event whose title or
category says #hold4 gets four holds of its length.`,
		Example: "  chancery holds --title \"Board date\" --length 3h --count 4 --till 2026-12-19\n  chancery holds --title \"Board date\" --withdraw",
		RunE: func(c *cobra.Command, _ []string) error {
			o.dir = configDir(c)
			return holdTimes(c.Context(), c.OutOrStdout(), c.InOrStdin(), o)
		},
	}
	c.Flags().StringVar(&o.principal, "principal", "", "whose calendar (needed if there are several)")
	c.Flags().StringVar(&o.title, "title", "", "what the holds are called (needed)")
	c.Flags().StringVar(&o.length, "length", "1h", "how long each one is: 30m, 3h")
	c.Flags().IntVar(&o.count, "count", 3, "how many, from 2 to 10")
	c.Flags().StringVar(&o.from, "from", "", "first day, as 2026-12-01 (default: tomorrow)")
	c.Flags().StringVar(&o.till, "till", "", "last day (default: two weeks later)")
	c.Flags().BoolVar(&o.withdraw, "withdraw", false, "take the untouched holds of this title away")
	c.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print JSON; without --yes it changes nothing")
	c.ValidArgsFunction = noArgument
	complete(c, "principal", principalNames)
	return c
}

func principalNames(cfg *config.Config) (out []string) {
	for _, p := range cfg.Service.Principals {
		out = append(out, p.Name.Value)
	}
	return out
}

type holdsOptions struct {
	dir, principal, title, length, from, till string
	count                                     int
	withdraw, yes, asJSON                     bool
}

// heldTime is one time as --json prints it.
type heldTime struct {
	Do         string // "hold" or "withdraw"
	Title      string `json:",omitempty"`
	Start, End string `json:",omitempty"` // an RFC 3339 time in the principal's zone
}

func holdTimes(ctx context.Context, w io.Writer, in io.Reader, o holdsOptions) error {
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	req, zone, err := o.request(l.cfg, time.Now())
	if err != nil {
		return err
	}
	if l.cfg.Rules.Calendar.Conflicts.Mode != config.Enforce {
		return withHint(errors.New("holds: the calendar rules do not act, so nobody would take the others away when one is confirmed"),
			"write conflicts: {mode: enforce} under calendar: in the rules, then chancery reload")
	}
	steps, err := previewHolds(ctx, l, req)
	if err != nil {
		return holdError(err, req)
	}
	if o.asJSON && (!o.yes || len(steps) == 0) {
		return printTimes(w, steps, zone)
	}
	if !o.asJSON {
		sayTimes(w, steps, zone)
	}
	if len(steps) == 0 {
		return nil
	}
	ask := redoOptions{yes: o.yes}
	if yes, err := ask.agreed(w, in, "Do "+plural(len(steps), "step")+"?"); err != nil || !yes {
		return err
	}
	return redo(ctx, l, []model.SourceID{""}, request{Do: "holds", Holds: &req}, func(_ model.SourceID, r reply) {
		if o.asJSON {
			_ = printTimes(w, steps, zone)
			return
		}
		if r.Holds != nil && r.Holds.Holds > 0 {
			_, _ = fmt.Fprintf(w, "%s written\n", plural(r.Holds.Holds, "hold"))
		}
		if r.Holds != nil && r.Holds.Withdrawn > 0 {
			_, _ = fmt.Fprintf(w, "%s taken away\n", plural(r.Holds.Withdrawn, "hold"))
		}
	})
}

// request checks the options.
func (o *holdsOptions) request(cfg *config.Config, now time.Time) (req sync.HoldRequest, zone *time.Location, err error) {
	names := principalNames(cfg)
	if o.principal == "" && len(names) == 1 {
		o.principal = names[0]
	}
	i := slices.Index(names, o.principal)
	switch {
	case o.principal == "" || strings.TrimSpace(o.title) == "":
		return req, nil, withHint(usagef("holds needs --principal and --title"), "principals: "+strings.Join(names, ", "))
	case i < 0:
		return req, nil, withHint(usagef("no principal %q in chancery.yaml", o.principal), "principals: "+strings.Join(names, ", "))
	case o.count < agenda.MinHolds || o.count > agenda.MaxHolds:
		return req, nil, usagef("--count is from %d to %d", agenda.MinHolds, agenda.MaxHolds)
	}
	if zone, err = time.LoadLocation(cfg.Service.Principals[i].Zone.Value); err != nil {
		return req, nil, fmt.Errorf("load zone: %w", err)
	}
	length, err := age(o.length)
	if err != nil {
		return req, nil, err
	}
	if length < 15*time.Minute || length > 24*time.Hour {
		return req, nil, usagef("--length is from 15m to 24h")
	}
	from, err := dayOf(o.from, now.In(zone).AddDate(0, 0, 1), zone) // nobody agrees on a date for this afternoon
	if err != nil {
		return req, nil, err
	}
	till, err := dayOf(o.till, from.AddDate(0, 0, 14), zone)
	if err != nil {
		return req, nil, err
	}
	till = till.AddDate(0, 0, 1) // the last day is meant, too
	if !till.After(from) || !till.After(now) || till.Sub(now) > 366*24*time.Hour {
		return req, nil, usagef("--till must come after --from, and lie within a year")
	}
	return sync.HoldRequest{Principal: o.principal, Request: agenda.Request{
		Title: o.title, Length: length, Count: o.count, From: from, Till: till, Withdraw: o.withdraw,
	}}, zone, nil
}

// dayOf is the beginning of a day that was named, or of another one.
func dayOf(s string, other time.Time, zone *time.Location) (time.Time, error) {
	if s == "" {
		y, m, d := other.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone), nil
	}
	t, err := time.ParseInLocation("2006-01-02", s, zone)
	if err != nil {
		return t, withHint(usagef("%q is not a day", s), "write it like 2026-12-01")
	}
	return t, nil
}

// previewHolds reads the calendars and changes nothing.
func previewHolds(ctx context.Context, l *loaded, req sync.HoldRequest) ([]model.Step, error) {
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	_, err = ask(ctx, socketPath(l.cfg), "status")
	engine, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{readOnly: true, beside: err == nil})
	if err != nil {
		return nil, err
	}
	return engine.PlanHold(ctx, req)
}

// holdError adds what to do about a request that cannot be served.
func holdError(err error, req sync.HoldRequest) error {
	hint := ""
	switch {
	case errors.Is(err, agenda.ErrConfirmed):
		hint = "ask for further dates under another title"
	case errors.Is(err, agenda.ErrNoHolds):
		hint = "give the principal holds: in chancery.yaml"
	case errors.Is(err, agenda.ErrUnknown):
		hint = "holds are withdrawn by the title they were asked for with"
	case errors.Is(err, agenda.ErrNoTime):
		hint = "ask for more days, or for less time than " + req.Length.String()
	}
	return withHint(fmt.Errorf("holds: %w", err), hint)
}

func timesOf(steps []model.Step, zone *time.Location) (out []heldTime) {
	for _, s := range steps {
		t := heldTime{Do: s.Action.Kind()}
		if h, ok := s.Action.(model.Hold); ok {
			b := h.Body.Reveal()
			t.Title = b.Summary
			t.Start, t.End = time.Unix(int64(b.Start), 0).In(zone).Format(time.RFC3339), time.Unix(int64(b.End), 0).In(zone).Format(time.RFC3339)
		}
		if at := agenda.OfferedAt(s.Ident); s.Action.Kind() == "withdraw" && !at.IsZero() {
			t.Start = at.In(zone).Format(time.RFC3339)
		}
		out = append(out, t)
	}
	return out
}

func printTimes(w io.Writer, steps []model.Step, zone *time.Location) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(append([]heldTime{}, timesOf(steps, zone)...))
}

func sayTimes(w io.Writer, steps []model.Step, zone *time.Location) {
	if len(steps) == 0 {
		_, _ = fmt.Fprintln(w, "nothing to do: the holds are there")
		return
	}
	t := newTable("WHAT", "WHEN", "TITLE")
	for _, s := range steps {
		when, title := "-", "-"
		if h, ok := s.Action.(model.Hold); ok {
			b := h.Body.Reveal()
			from, till := time.Unix(int64(b.Start), 0).In(zone), time.Unix(int64(b.End), 0).In(zone)
			when, title = from.Format("Mon 2 Jan 2006 15:04")+"–"+till.Format("15:04"), b.Summary
		} else if at := agenda.OfferedAt(s.Ident); !at.IsZero() {
			when = at.In(zone).Format("Mon 2 Jan 2006 15:04")
		}
		t.row(s.Action.Kind(), when, title)
	}
	t.print(w)
	_, _ = fmt.Fprintf(w, "times are in %s\n", zone)
}
