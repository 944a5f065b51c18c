package config

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// tests reads what rules must make of examples. own is the account of a file of
// users.d, the zero Text in a rule file.
func (l *loader) tests(f *file, n *yaml.Node, own Text) {
	if n == nil {
		return
	}
	serial := 0
	f.each(n, "- mail: tests/name.eml", func(n *yaml.Node) {
		serial++
		t := Test{Pos: f.at(n), Account: own, Folder: Text{DefaultMailbox, f.at(n)}}
		if t.Account.Value == "" {
			t.Account = l.firstMailAccount()
		}
		b, ok := f.block(n, "a test", "name", "mail", "text", "events", "account", "folder", "flags", "thread", "earlier", "now", "expect", "not")
		if !ok {
			return
		}
		l.sample(f, b, &t, own)
		l.setting(f, b, &t, own)
		t.Name = Text{fmt.Sprintf("test %d", serial), t.Pos}
		if t.Mail.Value != "" {
			t.Name.Value = t.Mail.Value
		}
		if n := b.get("name"); n != nil {
			t.Name, _ = f.text(n)
		}
		l.outcome(f, b, &t)
		if len(l.cfg.Rules.Tests) == MaxTests {
			f.fail(t.Pos, fmt.Sprintf("more than %d tests in all files", MaxTests), "folders tests/RULE/match and no-match hold as many as you like")
			return
		}
		l.cfg.Rules.Tests = append(l.cfg.Rules.Tests, t)
	})
}

// sample reads the mail or the events of a test.
func (l *loader) sample(f *file, b block, t *Test, own Text) {
	given := 0
	if own.Value != "" && (b.get("mail") != nil || b.get("events") != nil) {
		// Whether such a test passes would tell a person what stands in the file.
		f.fail(t.Pos, "a test in users.d names no files", "write the message out under text:")
		return
	}
	if n := b.get("mail"); n != nil {
		given++
		t.Mail, _ = l.samplePath(f, n)
	}
	if n := b.get("text"); n != nil {
		given++
		t.Text, _ = f.text(n)
	}
	if n := b.get("events"); n != nil {
		given++
		items, ok := f.list(n, "[tests/hearing.ics]")
		if ok && len(items) == 0 {
			f.fail(f.at(n), "events names no file", "write for example [tests/hearing.ics]")
		}
		for _, item := range items {
			if p, ok := l.samplePath(f, item); ok {
				t.Events = append(t.Events, p)
			}
		}
	}
	if n := b.get("earlier"); n != nil {
		t.Earlier, _ = f.texts(n, "a list of messages")
	}
	if given != 1 && len(b.meant) == 0 {
		f.fail(t.Pos, "a test is about one thing: mail, text or events", "write for example mail: tests/name.eml")
	}
}

// samplePath reads the path of an example. Its content is no part of the rules,
// so only its being there is looked at.
func (l *loader) samplePath(f *file, n *yaml.Node) (Text, bool) {
	p, ok := f.path(n)
	if !ok {
		return p, false
	}
	if info, err := fs.Stat(l.fsys, p.Value); err != nil || !info.Mode().IsRegular() {
		f.fail(p.Pos, fmt.Sprintf("file %s does not exist", p.Value), "paths are relative to the folder of chancery.yaml")
		return p, false
	}
	return p, true
}

// setting reads the circumstances of a test.
func (l *loader) setting(f *file, b block, t *Test, own Text) {
	if n := b.get("account"); n != nil {
		a, ok := f.text(n)
		switch {
		case ok && own.Value != "" && a.Value != own.Value:
			f.fail(a.Pos, "a test in users.d is about the account of its file", "delete the line")
		case ok && l.mailAccount(f, a):
			t.Account = a
		}
	}
	if n := b.get("folder"); n != nil {
		if p, ok := f.text(n); ok {
			if problem := pathProblem(p.Value); problem != "" {
				f.fail(p.Pos, problem, "write for example INBOX or Clients/Acme")
			} else {
				t.Folder = p
			}
		}
	}
	if n := b.get("flags"); n != nil {
		t.Flags, _ = f.texts(n, `['\Seen', lx-1]`)
	}
	if n := b.get("thread"); n != nil {
		t.Thread, _ = f.texts(n, "[privileged]")
		for _, m := range t.Thread {
			l.marked = append(l.marked, namedUse{m, ""})
		}
	}
	if n := b.get("now"); n != nil {
		if s, ok := f.text(n); ok {
			at, err := time.Parse(time.RFC3339, s.Value)
			if err != nil {
				f.fail(s.Pos, fmt.Sprintf("%q is not an instant", clip(s.Value)), "write for example 2026-03-01T10:00:00Z")
			}
			t.Now = at.UTC()
		}
	}
}

// outcome reads what a test expects.
func (l *loader) outcome(f *file, b block, t *Test) {
	expect, not := b.get("expect"), b.get("not")
	if expect == nil && not == nil {
		if !b.meant["expect"] && !b.meant["not"] {
			f.fail(t.Pos, "the test expects nothing", "add expect: none, expect: {rule: [mark name]} or not: [rule]")
		}
		return
	}
	if not != nil {
		t.Not, _ = f.texts(not, "[rule]")
		for _, r := range t.Not {
			l.expected = append(l.expected, namedUse{r, ""})
		}
	}
	if expect == nil {
		return
	}
	if expect.Kind == yaml.ScalarNode {
		_, t.None = f.word(expect, "expectation", "none")
		return
	}
	es, _ := f.entries(expect, "expect")
	for _, e := range es {
		x := Expected{Rule: e.name}
		l.expected = append(l.expected, namedUse{e.name, ""})
		if slices.ContainsFunc(t.Not, func(r Text) bool { return r.Value == e.name.Value }) {
			f.fail(e.name.Pos, fmt.Sprintf("rule %q is under expect and under not", clip(e.name.Value)), "delete one of the two")
		}
		items, ok := f.list(e.value, "[mark name, star]")
		for _, item := range items {
			if d, ok := f.text(item); ok && l.doing(f, d, len(t.Events) > 0) {
				x.Do = append(x.Do, d)
			}
		}
		if ok {
			t.Expect = append(t.Expect, x)
		}
	}
}

// doing checks the words for what a rule does.
func (l *loader) doing(f *file, d Text, events bool) bool {
	word, rest, _ := strings.Cut(d.Value, " ")
	words := []string{"mark", "file", "star", "note", "draft"}
	if events {
		words = []string{"rank", "ignore", "conflict"}
	}
	needs := word == "mark" || word == "file" || word == "rank"
	switch {
	case !slices.Contains(words, word):
		f.fail(d.Pos, fmt.Sprintf("unknown action %q", clip(word)), meant(word, "actions", words))
	case needs && strings.TrimSpace(rest) == "":
		f.fail(d.Pos, fmt.Sprintf("%s of what?", word), "write for example "+map[string]string{"mark": "mark privileged", "file": "file Billing/Acme", "rank": "rank court"}[word])
	case !needs && rest != "":
		f.fail(d.Pos, fmt.Sprintf("%q says more than %s", clip(d.Value), word), "write "+word+" alone")
	default:
		if word == "mark" {
			l.marked = append(l.marked, namedUse{Text{rest, d.Pos}, ""})
		}
		return true
	}
	return false
}

// firstMailAccount is where an example lies that says nothing else.
func (l *loader) firstMailAccount() Text {
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP != nil {
			return a.Name
		}
	}
	return Text{}
}
