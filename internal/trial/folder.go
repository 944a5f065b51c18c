package trial

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"chancery/config"
)

const (
	testsFolder = "tests"
	maxExamples = 20_000 // files in test folders
)

// folders runs tests/RULE/match and tests/RULE/no-match. Other folders below
// tests hold what rule files name, and are left alone.
func (b *bench) folders(wanted func(rule string) bool) []Case {
	listing, err := fs.ReadDir(b.fsys, testsFolder)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return []Case{{Name: testsFolder, Pos: config.Pos{File: testsFolder, Line: 1, Col: 1}, Broken: unreadable(testsFolder, err).Error()}}
	}
	var out []Case
	for _, d := range listing {
		if d.IsDir() && wanted(d.Name()) {
			out = append(out, b.examples(d.Name(), maxExamples-len(out))...)
		}
	}
	return out
}

// examples runs the examples of one rule.
func (b *bench) examples(rule string, room int) []Case {
	var out []Case
	for _, kind := range []string{"match", "no-match"} {
		dir := path.Join(testsFolder, rule, kind)
		listing, err := fs.ReadDir(b.fsys, dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		here := Case{Name: dir, Pos: config.Pos{File: dir, Line: 1, Col: 1}, Rules: []string{rule}}
		if err != nil {
			here.Broken = unreadable(dir, err).Error()
			out = append(out, here)
			continue
		}
		if !b.hasRule(rule) {
			here.Broken = fmt.Sprintf("there is no rule %q", rule)
			return append(out, here)
		}
		for _, d := range listing {
			ext := strings.ToLower(path.Ext(d.Name()))
			if strings.HasPrefix(d.Name(), ".") || ext != ".eml" && ext != ".ics" {
				continue
			}
			if len(out) >= room {
				here.Broken = fmt.Sprintf("there are more than %d examples", maxExamples)
				return append(out, here)
			}
			out = append(out, b.example(rule, path.Join(dir, d.Name()), ext == ".ics", kind == "match"))
		}
	}
	return out
}

// example runs one file as a test that expects one rule to match or not.
func (b *bench) example(rule, file string, event, match bool) Case {
	pos := config.Pos{File: file, Line: 1, Col: 1}
	t := config.Test{Pos: pos, Name: config.Text{Value: file, Pos: pos}}
	b.setting(rule, &t)
	name := config.Text{Value: rule, Pos: pos}
	if match {
		t.Expect = []config.Expected{{Rule: name}}
	} else {
		t.Not = []config.Text{name}
	}
	if event {
		t.Events = []config.Text{{Value: file, Pos: pos}}
	} else {
		t.Mail = config.Text{Value: file, Pos: pos}
	}
	return b.inline(t)
}

// setting puts the message where the rule looks.
func (b *bench) setting(rule string, t *config.Test) {
	t.Folder.Value = config.DefaultMailbox
	for _, a := range b.cfg.Service.Accounts {
		if a.IMAP != nil {
			t.Account = a.Name
			break
		}
	}
	for _, r := range b.cfg.Rules.Mail {
		if r.Name.Value != rule {
			continue
		}
		if len(r.Accounts) > 0 {
			t.Account = r.Accounts[0]
		}
		inbox := func(f config.Text) bool { return strings.EqualFold(f.Value, config.DefaultMailbox) }
		if len(r.Folders) > 0 && !slices.ContainsFunc(r.Folders, inbox) {
			t.Folder.Value = r.Folders[0].Value
		}
		return
	}
}

// hasRule reports whether a rule, a rank, an ignore or an entry of classes has this
// name.
func (b *bench) hasRule(name string) bool {
	r := &b.cfg.Rules
	return slices.ContainsFunc(r.Mail, func(m config.MailRule) bool { return m.Name.Value == name }) ||
		slices.ContainsFunc(r.Calendar.Ranks, func(k config.Rank) bool { return k.Name.Value == name }) ||
		slices.ContainsFunc(r.Calendar.Ignore, func(k config.Ignore) bool { return k.Name.Value == name }) ||
		slices.ContainsFunc(r.Calendar.Classes, func(k config.ClassRule) bool { return k.Name.Value == name })
}
