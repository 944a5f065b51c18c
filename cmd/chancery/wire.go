package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/connectors/caldav"
	"chancery/connectors/google"
	"chancery/connectors/imap"
	"chancery/internal/cred"
	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

// skew is how far a server's clock may be behind: a message whose INTERNALDATE
// lies further back than the first start is old mail that somebody moved.
const skew = 24 * time.Hour

// wiring says how sources are opened.
type wiring struct {
	tap
	readOnly bool
	all      bool     // as if first_sync were "apply"
	beside   bool     // a service runs with the same state
	boxes    []string // mailboxes to read instead of those that are followed; nil: these
	need     func() model.Need
	urgent   func(model.SourceID) []string
}

// newEngine builds the engine of a configuration.
func newEngine(l *loaded, j *journal.Journal, log *slog.Logger, how wiring) (*sync.Engine, error) {
	o := sync.Options{Journal: j, Owner: owner(), Log: log, Beside: how.beside}
	var engine *sync.Engine
	// Asked at every read: a reload may bring rules that look at more.
	how.need = func() model.Need { return engine.Need() }
	how.urgent = func(id model.SourceID) []string { return engine.Urgent(id) }
	for _, a := range l.cfg.Service.Accounts {
		specs, err := sources(l.cfg, a, j, how)
		if err != nil {
			return nil, err
		}
		for i := range specs {
			specs[i].Desk = desk(l.cfg, a.Name.Value)
			if p := whose(l.cfg, a.Name.Value); p != nil {
				specs[i].Principal = p.Name.Value
			}
		}
		o.Sources = append(o.Sources, specs...)
	}
	for _, p := range l.cfg.Service.Principals {
		spec, err := principal(p)
		if err != nil {
			return nil, err
		}
		spec.Secret = model.Hide(j.Token("mirror", spec.Name))
		o.Principals = append(o.Principals, spec)
	}
	var err error
	engine, err = sync.New(o, l.set)
	return engine, err
}

// owner names this process in leases.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// sources is the one switch over the kinds of accounts.
func sources(cfg *config.Config, a config.Account, j *journal.Journal, how wiring) ([]sync.SourceSpec, error) {
	switch {
	case a.IMAP != nil:
		spec, err := mailSource(cfg, a, j, how)
		return []sync.SourceSpec{spec}, err
	case a.CalDAV != nil:
		return calendarSources(cfg, a, j, how)
	case a.Google != nil:
		return googleSources(cfg, a, j, how)
	}
	return nil, fmt.Errorf("wire account %s: no kind", a.Name.Value)
}

func mailSource(cfg *config.Config, a config.Account, j *journal.Journal, how wiring) (sync.SourceSpec, error) {
	c := a.IMAP
	boxes := make([]string, len(c.Mailboxes))
	for i, m := range c.Mailboxes {
		boxes[i] = m.Value
	}
	if how.boxes != nil {
		boxes = how.boxes
	}
	o := imap.Options{
		Source: model.SourceID(a.Name.Value), Host: c.Host.Value, Port: c.Port, TLS: string(c.TLS),
		User: c.User.Value, Password: secret(cfg, c.Password), Mailboxes: boxes, Poll: c.Poll,
		ReadOnly: how.readOnly, Sign: sign(j), Need: how.need,
		Auth: c.Auth, Compress: c.Compress, Gate: mailGate, PDF: pdfs.Line().Until,
	}
	if how.urgent != nil {
		o.Urgent = func() []string { return how.urgent(o.Source) }
	}
	if b := bearer(cfg, a); b != nil {
		o.Password, o.Token, o.Renew, o.Ends = nil, b.Token, b.Renew, b.Ends
	}
	baseline := c.FirstSync != "apply" && !how.all
	open := func(ctx context.Context, at journal.Position) (connectors.Source, error) {
		o := o
		// Also for a mailbox that is added to the configuration later.
		o.Baseline = baseline
		if baseline && !at.Baseline.IsZero() {
			o.Since = at.Baseline.Add(-skew)
		}
		var err error
		if o.RootCAs, err = rootCAs(cfg.Service.Dir, c.CAFile); err != nil {
			return nil, err
		}
		return how.mail(ctx, o)
	}
	brake := sync.Brake{Moves: c.Brake.Moves, Percent: c.Brake.Percent, Letters: c.Brake.Letters}
	return sync.SourceSpec{ID: o.Source, Grace: c.Grace, Brake: brake, Open: open}, nil
}

// mailGate is one for the process: the logins of a reloaded configuration stand in
// the same line as those of the old one.
var mailGate = imap.NewGate()

func calendarSources(cfg *config.Config, a config.Account, j *journal.Journal, how wiring) ([]sync.SourceSpec, error) {
	c := a.CalDAV
	tokens := bearer(cfg, a)
	var hosts []string
	for _, h := range c.Hosts {
		hosts = append(hosts, h.Value)
	}
	var out []sync.SourceSpec
	for _, cal := range c.Calendars {
		o := caldav.Options{
			Source: model.SourceID(a.Name.Value + "/" + cal.Name.Value), URL: c.URL.Value, User: c.User.Value,
			Password: secret(cfg, c.Password), Match: cal.Match, Create: cal.Create,
			Poll: c.Poll, ReadOnly: how.readOnly, Sign: sign(j), Hosts: hosts, Guard: &caldav.Guard{},
		}
		if tokens != nil {
			o.Password, o.Token, o.Renew = nil, tokens.Token, tokens.Renew
		}
		open := func(ctx context.Context, at journal.Position) (connectors.Source, error) {
			o := o
			if !ours(cfg, o.Source) {
				o.Known = connectors.Counted(at.Cursor)
			}
			var err error
			if o.RootCAs, err = rootCAs(cfg.Service.Dir, c.CAFile); err != nil {
				return nil, err
			}
			return how.calendar(ctx, o)
		}
		out = append(out, sync.SourceSpec{ID: o.Source, Calendar: true, Create: o.Create, Open: open})
	}
	return out, nil
}

// ours reports whether a calendar is there for what we write: holds, or due dates. What is in it comes and
// goes by our own hand, also just before a process dies; the engine itself knows
// which holds should stand, and takes care when many are missing.
func ours(cfg *config.Config, id model.SourceID) bool {
	for _, p := range cfg.Service.Principals {
		if slices.ContainsFunc(p.Calendars, func(c config.Text) bool { return c.Value == string(id) }) {
			return false
		}
	}
	return writtenInto(cfg, string(id))
}

func googleSources(cfg *config.Config, a config.Account, j *journal.Journal, how wiring) ([]sync.SourceSpec, error) {
	c := a.Google
	tokens := bearer(cfg, a) // one for all calendars: a token is asked for once
	var out []sync.SourceSpec
	for _, cal := range c.Calendars {
		o := google.Options{
			Source: model.SourceID(a.Name.Value + "/" + cal.Name.Value), URL: c.URL.Value, User: c.User.Value,
			Token: tokens.Token, Renew: tokens.Renew, Match: cal.Match, Create: cal.Create,
			Poll: c.Poll, ReadOnly: how.readOnly, Sign: sign(j), Guard: &connectors.Loss{},
		}
		open := func(ctx context.Context, at journal.Position) (connectors.Source, error) {
			o := o
			if !ours(cfg, o.Source) {
				o.Known = connectors.Counted(at.Cursor)
			}
			var err error
			if o.RootCAs, err = rootCAs(cfg.Service.Dir, c.CAFile); err != nil {
				return nil, err
			}
			return google.Open(ctx, o)
		}
		out = append(out, sync.SourceSpec{ID: o.Source, Calendar: true, Create: o.Create, Open: open})
	}
	return out, nil
}

// sign proves that notes and holds are ours, under the install key.
func sign(j *journal.Journal) connectors.Sign {
	return func(parts ...string) string { return j.Token("own", parts...) }
}

// secret reads the credential at every connection, so that a rotated password
// needs no restart.
func secret(cfg *config.Config, s config.Secret) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return cred.Read(cfg.Service.Dir, s) }
}

func principal(p config.Principal) (sync.PrincipalSpec, error) {
	zone, err := time.LoadLocation(p.Zone.Value)
	if err != nil {
		return sync.PrincipalSpec{}, fmt.Errorf("load zone of %s: %w", p.Name.Value, err)
	}
	spec := sync.PrincipalSpec{Principal: model.Principal{Name: p.Name.Value, Title: p.Title.Value, Zone: zone, Holds: model.SourceID(p.Holds.Value)}}
	for _, a := range p.Addresses {
		spec.Addresses = append(spec.Addresses, strings.ToLower(a.Value))
	}
	for _, h := range p.Hours {
		for _, d := range h.Days {
			spec.Hours = append(spec.Hours, model.Hours{Day: d, From: h.From, Till: h.Till})
		}
	}
	for _, c := range p.Calendars {
		spec.Calendars = append(spec.Calendars, model.SourceID(c.Value))
	}
	if p.Notes != nil {
		spec.Notes, spec.NotesBox = model.SourceID(p.Notes.Account.Value), p.Notes.Mailbox
		spec.NotesTo, spec.Drafts = p.Notes.To.Value, spec.Notes // where notes are read, drafts are sent from
	}
	if p.Billing != nil {
		spec.Desk = billDesk(*p.Billing)
	}
	return spec, nil
}
