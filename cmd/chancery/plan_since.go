package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/internal/model"
	"chancery/rules"
)

type sinceOptions struct {
	dir, since, rule, against string
	asJSON                    bool
}

// sinceUsual is how far back --against alone looks.
const sinceUsual = "30d"

// comparison is what other rules make of the same mail.
type comparison struct {
	Since        time.Time
	Before       string // version of the rules that run, or of --against; "" if there are none
	After        string
	Read         int          // messages
	Otherwise    int          // of these, treated otherwise
	ObservedOnly int          // of these, only observed otherwise
	Rules        []ruleChange // by rule and kind
	Messages     []mailChange // newest first in each mailbox
	Unread       []string     `json:",omitempty"` // accounts that could not be read
	unread       []unread
	count        map[ruleChange]*[2]int
}

// ruleChange counts how often one rule does something else.
type ruleChange struct {
	Rule, What string
	Less, More int
}

// mailChange is one message that is treated otherwise.
type mailChange struct {
	Source  model.SourceID
	Mailbox string
	UID     uint32
	Arrived time.Time
	Subject string
	Minus   []effect // what no longer happens
	Plus    []effect // what happens instead
}

// effect is one thing that one rule does.
type effect struct {
	Rule, Place, Does string
	Observed          bool // the rule only writes it down
}

func (d effect) kind() string {
	kind, _, _ := strings.Cut(d.Does, " ")
	if d.Observed {
		return "observe " + kind
	}
	return strings.TrimSuffix(kind, ":")
}

func (d effect) String() string {
	if d.Observed {
		return d.Rule + ": only observed: " + d.Does
	}
	return d.Rule + ": " + d.Does
}

// planSince compares the rules of the files with those that run.
func planSince(ctx context.Context, w, notes io.Writer, o sinceOptions) error {
	d, err := age(cmp.Or(o.since, sinceUsual))
	if err != nil {
		return err
	}
	l, err := load(o.dir)
	if err != nil {
		return err
	}
	if o.rule != "" && !known(ruleNames(l.cfg), o.rule) && o.against == "" {
		_, _ = fmt.Fprintf(notes, "chancery: these files have no rule %q\n", o.rule)
	}
	before, err := o.before(l, notes)
	if err != nil {
		return err
	}
	c := &comparison{Since: time.Now().Add(-d).Truncate(time.Second), After: l.set.Version(), count: map[ruleChange]*[2]int{}, Messages: []mailChange{}}
	if before != nil {
		c.Before = before.set.Version()
	}
	if c.Before != c.After {
		if err := c.read(ctx, l, before, o.rule); err != nil {
			return err
		}
	}
	c.sum()
	if o.asJSON {
		err = printJSON(w, c)
	} else {
		c.print(w, o)
	}
	if err == nil && len(c.unread) > 0 {
		return errSilent
	}
	return err
}

// before is what the files are compared with: nil for nothing.
func (o sinceOptions) before(l *loaded, notes io.Writer) (*loaded, error) {
	if o.against != "" {
		before, err := load(o.against)
		if err != nil {
			return nil, err
		}
		return before, nil
	}
	before, err := loadRunning(l.cfg)
	if err != nil {
		_, _ = fmt.Fprintf(notes, "chancery: %v: compared with no rules at all\n", err)
		_, _ = fmt.Fprintln(notes, wrapHint("    ", "to compare with files that you have elsewhere: --against DIR"))
		return nil, nil
	}
	return before, nil
}

// read asks both sets about the mail there is. Nothing is written anywhere.
func (c *comparison) read(ctx context.Context, l, before *loaded, rule string) error {
	j, cleanup, err := peekJournal(ctx, l)
	if err != nil {
		return err
	}
	defer cleanup()
	marks, need := l.cfg.Rules.Marks, l.set.Need()
	var old *rules.Set
	if before != nil {
		old = before.set
		marks = slices.Concat(marks, before.cfg.Rules.Marks)
		n := old.Need()
		need = model.Need{Text: need.Text || n.Text, Files: need.Files || n.Files, FileText: need.FileText || n.FileText, Invite: need.Invite || n.Invite, Bills: need.Bills || n.Bills}
	}
	p := &pastMail{l: l, j: j, since: c.Since, need: need, filed: true}
	now := time.Now()
	err = p.read(ctx, func(batch []model.Change) error {
		batch = slices.DeleteFunc(batch, func(m model.Change) bool { return m.Op != model.Put || m.Message == nil || m.Message.Own })
		if len(batch) == 0 {
			return nil
		}
		views, err := viewsOf(ctx, l, j, batch, now)
		if err != nil {
			return err
		}
		for i, m := range batch {
			m = asItCame(m, marks)
			c.see(m, effects(old, m, views[i], rule), effects(l.set, m, views[i], rule))
		}
		return nil
	})
	c.unread = p.problem
	for _, u := range p.problem {
		c.Unread = append(c.Unread, u.account)
	}
	return err
}

// effects lists what a set makes of a message; nothing without a set.
func effects(s *rules.Set, m model.Change, v model.View, rule string) []effect {
	if s == nil {
		return nil
	}
	var out []effect
	for _, o := range s.Outcomes(m, v) {
		if rule != "" && o.Rule != rule {
			continue
		}
		for _, does := range o.Does {
			if does == "mark star" {
				does = "star"
			}
			out = append(out, effect{o.Rule, o.Place, does, o.Mode != config.Enforce})
		}
	}
	return out
}

// asItCame takes from a message the marks that it was given here, for rules that
// look at flags.
func asItCame(c model.Change, marks []config.Mark) model.Change {
	m := *c.Message
	for _, k := range marks {
		if k.Keyword == "" || !m.Flags.Has(k.Keyword) {
			continue
		}
		m.Flags = slices.DeleteFunc(slices.Clone(m.Flags), func(f string) bool {
			colour := strings.HasPrefix(f, "$MailFlagBit") || f == `\Flagged`
			return strings.EqualFold(f, k.Keyword) || strings.EqualFold(f, k.Thunderbird) || colour && (k.Flagged || k.Apple != "")
		})
	}
	c.Message = &m
	return c
}

// see compares two treatments of one message.
func (c *comparison) see(m model.Change, before, after []effect) {
	c.Read++
	gone := func(from, in []effect) []effect {
		out := []effect{}
		for _, d := range from {
			same := func(o effect) bool { return o.Rule == d.Rule && o.Does == d.Does && o.Observed == d.Observed }
			if !slices.ContainsFunc(in, same) {
				out = append(out, d)
			}
		}
		return out
	}
	change := mailChange{
		Source: m.Ref.Source, Mailbox: string(m.Ref.Mailbox), UID: m.Ref.UID, Arrived: m.Message.Arrived,
		Subject: m.Message.Body.Reveal().Subject, Minus: gone(before, after), Plus: gone(after, before),
	}
	if len(change.Minus)+len(change.Plus) == 0 {
		return
	}
	acts := func(d effect) bool { return !d.Observed }
	if slices.ContainsFunc(change.Minus, acts) || slices.ContainsFunc(change.Plus, acts) {
		c.Otherwise++
	} else {
		c.ObservedOnly++
	}
	for i, ds := range [][]effect{change.Minus, change.Plus} {
		for _, d := range ds {
			key := ruleChange{Rule: d.Rule, What: d.kind()}
			if c.count[key] == nil {
				c.count[key] = &[2]int{}
			}
			c.count[key][i]++
		}
	}
	c.Messages = append(c.Messages, change)
}

// sum puts the counts in order.
func (c *comparison) sum() {
	c.Rules = []ruleChange{}
	for key, n := range c.count {
		key.Less, key.More = n[0], n[1]
		c.Rules = append(c.Rules, key)
	}
	slices.SortFunc(c.Rules, func(a, b ruleChange) int { return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.What, b.What)) })
}

func (c *comparison) print(w io.Writer, o sinceOptions) {
	span := "since " + clock(c.Since)
	if d, err := age(cmp.Or(o.since, sinceUsual)); err == nil && d%(24*time.Hour) == 0 {
		span = "of the last " + plural(int(d/(24*time.Hour)), "day")
	}
	with := "the running rules"
	switch {
	case o.against != "":
		with = o.against
	case c.Before == "":
		with = "nothing"
	}
	if c.Before == c.After {
		_, _ = fmt.Fprintf(w, "nothing changes: these files and %s are rule set %s\n", with, short(c.After))
		return
	}
	_, _ = fmt.Fprintf(w, "%s of %s %s would be treated otherwise\n", number(c.Otherwise), plural(c.Read, "message"), span)
	if c.ObservedOnly > 0 {
		_, _ = fmt.Fprintf(w, "%s more would only be observed otherwise\n", number(c.ObservedOnly))
	}
	_, _ = fmt.Fprintf(w, "- %s%s\n+ these files, rule set %s\n", with, ofVersion(c.Before), short(c.After))
	for _, u := range c.unread {
		_, _ = fmt.Fprintf(w, "\n%s: cannot be read\n", u.account)
		sayFailure(w, "    ", u.err)
	}
	if len(c.Rules) > 0 {
		t := newTable("RULE", "WHAT", "-", "+")
		for _, r := range c.Rules {
			t.row(r.Rule, r.What, number(r.Less), number(r.More))
		}
		t.print(w)
	}
	for _, m := range c.Messages {
		m.print(w)
	}
}

func ofVersion(v string) string {
	if v == "" {
		return ""
	}
	return ", rule set " + short(v)
}

func (m mailChange) print(w io.Writer) {
	_, _ = fmt.Fprintf(w, "\n%q\n    in %s of %s, UID %d, %s\n", m.Subject, m.Mailbox, m.Source, m.UID, m.Arrived.Local().Format("2006-01-02"))
	for _, d := range m.Minus {
		_, _ = fmt.Fprintln(w, hanging("    - ", d.String()))
	}
	for _, d := range m.Plus {
		_, _ = fmt.Fprintf(w, "%s\n        %s\n", hanging("    + ", d.String()), d.Place)
	}
}
