package trial

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/rules"
)

const (
	maxFile = 32 << 20 // octets of one message or calendar object

	afterwards = time.Hour // how long after its Date a message is decided
)

// undated is when a message without a Date is decided, if its test does not say.
var undated = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)

// mail runs a test about a message.
func (b *bench) mail(t config.Test, c *Case) {
	raw := []byte(t.Text.Value)
	if t.Mail.Value != "" {
		var err error
		if raw, err = b.read(t.Mail.Value); err != nil {
			c.Broken = err.Error()
			return
		}
	}
	change, view := b.message(t, raw)
	b.ledger(t, change, &view)
	if _, _, _, ok := b.set.Around(change.Message, b.principal()); ok {
		if problem := b.calendar(&view); problem != "" {
			c.Broken = problem
			return
		}
	}
	came := b.set.Outcomes(change, view)
	why := func(rule string) *rules.WhyNot {
		if w, ok := b.set.WhyNot(rule, change, view); ok {
			return &w
		}
		return nil
	}
	if t.None {
		for _, o := range came {
			c.Failures = append(c.Failures, Failure{Pos: t.Pos, Rule: o.Rule, Want: "no rule to match", Got: said(o.Does), Why: why(o.Rule)})
		}
	}
	for _, e := range t.Expect {
		o, matched := outcomeOf(came, e.Rule.Value)
		if matched && (len(e.Do) == 0 || same(e.Do, o.Does)) {
			continue
		}
		f := Failure{Pos: e.Rule.Pos, Rule: e.Rule.Value, Want: wanted(e.Do), Got: model.Hide("the rule does not match"), Why: why(e.Rule.Value)}
		if matched {
			f.Got = said(o.Does)
		}
		c.Failures = append(c.Failures, f)
	}
	for _, n := range t.Not {
		if o, matched := outcomeOf(came, n.Value); matched {
			c.Failures = append(c.Failures, Failure{Pos: n.Pos, Rule: n.Value, Want: "the rule not to match", Got: said(o.Does), Why: why(n.Value)})
		}
	}
}

// message is what a connector would report, and what the engine would add.
func (b *bench) message(t config.Test, raw []byte) (model.Change, model.View) {
	m := mime.ReadFor(raw, model.Need{Text: true, Files: true, FileText: b.set.Need().FileText, Invite: b.set.Need().Invite, Bills: b.set.Need().Bills}, b.pdf)
	now := t.Now
	if now.IsZero() {
		now = undated
		if !m.Date.IsZero() {
			now = m.Date.Add(afterwards)
		}
	}
	arrived := m.Date
	if arrived.IsZero() || arrived.After(now) {
		arrived = now.Add(-afterwards)
	}
	ref := model.Ref{Source: model.SourceID(t.Account.Value), Mailbox: model.Name(cmp.Or(t.Folder.Value, "INBOX")), UIDValidity: 1, UID: 1}
	msg := &model.Message{Ref: ref, Ident: mime.Ident(m, int64(len(raw))), Arrived: arrived, Size: int64(len(raw)), Body: model.Hide(m)}
	for _, f := range t.Flags {
		msg.Flags = append(msg.Flags, f.Value)
	}
	view := model.View{Now: now, Released: map[string]bool{}, Desk: someDesk}
	for _, m := range t.Thread {
		view.Thread = append(view.Thread, m.Value)
	}
	return model.Change{Op: model.Put, Ref: ref, Ident: msg.Ident, Message: msg}, view
}

// ledger puts into the view what earlier messages said of bills, as far as it has to
// do with those of the message.
func (b *bench) ledger(t config.Test, c model.Change, v *model.View) {
	var known []model.Bill
	sharing := func(c model.Change, v model.View) (out []model.Bill) {
		words := map[string]bool{}
		for _, own := range b.set.Bills(c, v) {
			for _, w := range slices.Concat(own.Keys, own.Settles) {
				words[w] = true
			}
		}
		for _, k := range known {
			if slices.ContainsFunc(slices.Concat(k.Keys, k.Settles), func(w string) bool { return words[w] }) {
				out = append(out, k)
			}
		}
		return out
	}
	for _, e := range t.Earlier {
		before, view := b.message(config.Test{Account: t.Account}, []byte(e.Value))
		view.Bills = sharing(before, view)
		for _, bill := range b.set.Decide(before, view).Bills {
			known = slices.DeleteFunc(known, func(k model.Bill) bool { return k.ID == bill.ID })
			known = append(known, bill)
		}
	}
	v.Bills = sharing(c, *v)
}

// read reads one file of the folder. The error has words of the configuration
// alone.
func (b *bench) read(name string) ([]byte, error) {
	f, err := b.fsys.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case len(raw) > maxFile:
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxFile>>20)
	}
	return raw, nil
}

func unreadable(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s does not exist", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read", name)
	}
	return fmt.Errorf("%s cannot be read", name)
}

func outcomeOf(all []rules.Outcome, rule string) (rules.Outcome, bool) {
	i := slices.IndexFunc(all, func(o rules.Outcome) bool { return o.Rule == rule })
	if i < 0 {
		return rules.Outcome{}, false
	}
	return all[i], true
}

// same compares what was wanted with what came, in any order.
func same(want []config.Text, came []string) bool {
	var a, b []string
	for _, w := range want {
		a = append(a, word(w.Value))
	}
	for _, c := range came {
		b = append(b, word(c))
	}
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// word is an action as tests write it: a star is a mark for the rules, and a
// letter is told with its subject.
func word(does string) string {
	does = strings.Join(strings.Fields(does), " ")
	kind, rest, _ := strings.Cut(does, " ")
	switch {
	case does == "mark star":
		return "star"
	case (kind == "note" || kind == "draft") && !strings.HasPrefix(rest, "fails:") && !strings.HasPrefix(rest, "to nobody:"):
		return kind
	}
	return does
}

func wanted(do []config.Text) string {
	if len(do) == 0 {
		return "the rule to match"
	}
	out := make([]string, len(do))
	for i, d := range do {
		out[i] = d.Value
	}
	return strings.Join(out, ", ")
}

func said(does []string) model.Private[string] {
	if len(does) == 0 {
		return model.Hide("the rule matches")
	}
	out := make([]string, len(does))
	for i, d := range does {
		out[i] = d
		if d == "mark star" {
			out[i] = "star"
		}
	}
	return model.Hide(strings.Join(out, ", "))
}
