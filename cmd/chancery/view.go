package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/sync"
	"chancery/sync/journal"
)

// viewOf is what the engine would know beside a message.
func viewOf(ctx context.Context, l *loaded, j *journal.Journal, m *model.Message) (v model.View, released map[string]string, err error) {
	v = model.View{Now: time.Now(), Released: map[string]bool{}, Desk: desk(l.cfg, string(m.Ref.Source))}
	all, err := j.Released(ctx, []model.Ident{m.Ident})
	if err != nil {
		return v, nil, err
	}
	released = all[m.Ident]
	for rule := range released {
		v.Released[rule] = true
	}
	marks, err := j.ThreadMarks(ctx, m.Ref.Source, []journal.Threaded{threaded(m)})
	if err != nil {
		return v, nil, err
	}
	v.Thread = marks[0]
	views := []model.View{v}
	cs := []model.Change{change(*m)}
	if err = invited(ctx, l, j, cs, views); err == nil {
		err = sync.BillViews(ctx, j, l.set, cs, views)
	}
	return views[0], released, err
}

func threaded(m *model.Message) journal.Threaded {
	mail := m.Body.Reveal()
	return journal.Threaded{Ident: m.Ident, MessageID: mail.MessageID, References: slices.Concat(mail.References, mail.InReplyTo)}
}

// change is what a connector reports of a message that is new.
func change(m model.Message) model.Change {
	m.Old = false
	return model.Change{Op: model.Put, Ref: m.Ref, Ident: m.Ident, Message: &m}
}

// sayRuleSet says which rules are asked here, and which run.
func sayRuleSet(ctx context.Context, w io.Writer, l *loaded) {
	own := short(l.set.Version())
	r, err := ask(ctx, socketPath(l.cfg), "status")
	switch {
	case errors.Is(err, errNotRunning):
		_, _ = fmt.Fprintf(w, "rule set %s; the service does not run\n", own)
	case err != nil:
		_, _ = fmt.Fprintf(w, "rule set %s; the service could not be asked for its own\n", own)
	case r.Rules == l.set.Version():
		_, _ = fmt.Fprintf(w, "rule set %s, as the service runs it\n", own)
	default:
		_, _ = fmt.Fprintf(w, "rule set %s of these files; the service runs %s\n", own, short(r.Rules))
		_, _ = fmt.Fprintln(w, wrapHint("    ", "chancery reload puts these files in force; chancery plan --since 30d says what that changes"))
	}
}

// sayOld says of a message that was there before the account was followed that no
// rule acts on it by itself. What has been done with it all the same, by backfill,
// stands in the journal.
func sayOld(ctx context.Context, w io.Writer, l *loaded, j *journal.Journal, m model.Message) error {
	sum, err := j.Summary(ctx)
	if err != nil {
		return err
	}
	for _, s := range sum.Sources {
		if s.Source == m.Ref.Source && m.Arrived.Before(s.Baseline) && !appliesOld(l.cfg, string(s.Source)) {
			_, _ = fmt.Fprintln(w, hanging("    ", "it is older than the first start: no rule acts on it, unless chancery backfill lets one"))
		}
	}
	return nil
}

// appliesOld reports whether an account is followed from its oldest message on.
func appliesOld(cfg *config.Config, account string) bool {
	return slices.ContainsFunc(cfg.Service.Accounts, func(a config.Account) bool {
		return a.Name.Value == account && a.IMAP != nil && a.IMAP.FirstSync == "apply"
	})
}

// sayMessage names a message and says what is known of it beside its text.
func sayMessage(w io.Writer, l *loaded, m model.Message, v model.View, released map[string]string) {
	_, _ = fmt.Fprintf(w, "\n%q\n    in %s of %s, UID %d\n", m.Body.Reveal().Subject, string(m.Ref.Mailbox), m.Ref.Source, m.Ref.UID)
	if len(v.Thread) > 0 {
		_, _ = fmt.Fprintf(w, "    its thread has the marks %s\n", strings.Join(v.Thread, ", "))
	}
	for rule, how := range sorted(released) {
		_, _ = fmt.Fprintf(w, "    rule %s was overruled by a person: %s\n", rule, how)
	}
	for _, u := range l.cfg.Rules.Users {
		if u.Account.Value != string(m.Ref.Source) {
			continue
		}
		for _, s := range u.Switches {
			_, _ = fmt.Fprintf(w, "    users.d/%s.yaml switches rule %s: %s\n", u.Account.Value, s.Rule.Value, switched(s))
		}
	}
	sayInvite(w, l, m, v)
	for _, r := range l.set.Decide(change(m), v).Reports {
		if r.What == "legal-hold" {
			_, _ = fmt.Fprintln(w, hanging("    ", fmt.Sprintf("it names a matter under legal hold, so it is not moved; rule %s would file it", r.Rule)))
		}
	}
}

func switched(s config.Switch) string {
	var out []string
	if s.Mode != "" {
		out = append(out, "mode "+string(s.Mode))
	}
	if s.File != nil {
		out = append(out, "file to "+s.File.Text.Value)
	}
	return strings.Join(out, ", ")
}

// sorted walks a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
