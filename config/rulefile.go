package config

import (
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// defaults is what a rule file says for its own rules.
type defaults struct {
	mode    Mode
	folders []Text
	user    *Text // the account, in a file of users.d
}

// ruleFile reads one file of rules.d and adds it to what the others said.
func (l *loader) ruleFile(f *file, top *yaml.Node) {
	b, ok := f.block(top, "a rule file", "version", "defaults", "house", "lists", "terms", "matters", "labels", "marks", "mail", "calendar", "billing", "tests")
	if !ok {
		return
	}
	b.version()
	d := defaults{mode: DefaultMode}
	if n := b.get("defaults"); n != nil {
		if b, ok := f.block(n, "defaults", "mode", "folders"); ok {
			d.mode = f.mode(b.get("mode"), DefaultMode)
			d.folders = l.folders(f, b.get("folders"), nil)
		}
	}
	if n := b.get("house"); n != nil {
		l.house(f, n)
	}
	l.guids(f, b.get("labels"))
	l.lists(f, b.get("lists"))
	l.terms(f, b.get("terms"))
	if n := b.get("matters"); n != nil {
		l.matters(f, n)
	}
	l.marks(f, b.get("marks"))
	if n := b.get("mail"); n != nil {
		f.each(n, "- name: ...", func(n *yaml.Node) {
			if l.another(f, n) {
				l.mailRule(f, n, d)
			}
		})
	}
	l.tests(f, b.get("tests"), Text{})
	if n := b.get("calendar"); n != nil {
		l.calendar(f, n, d)
	}
	if n := b.get("billing"); n != nil {
		l.billing(f, n)
	}
}

// another counts rules of all files and tells the first that is too many.
func (l *loader) another(f *file, n *yaml.Node) bool {
	l.rules++
	if l.rules == MaxRules+1 {
		f.fail(f.at(n), fmt.Sprintf("more than %d rules in all files", MaxRules), "merge rules that differ in a word by using lists and terms")
	}
	return l.rules <= MaxRules
}

func (f *file) mode(n *yaml.Node, fallback Mode) Mode {
	if n == nil {
		return fallback
	}
	if w, ok := f.word(n, "mode", string(Off), string(Observe), string(Enforce)); ok {
		return Mode(w)
	}
	return fallback
}

// folders reads the mailboxes rules look at and notes them for the check
// against those that accounts follow.
func (l *loader) folders(f *file, n *yaml.Node, fallback []Text) []Text {
	if n == nil {
		return fallback
	}
	ts, ok := f.texts(n, "[INBOX, Sent]")
	if ok && len(n.Content) == 0 {
		f.fail(f.at(n), "folders names none", "delete the key for every followed mailbox")
	}
	var out []Text
	for _, t := range ts {
		if problem := pathProblem(t.Value); problem != "" {
			f.fail(t.Pos, problem, "write for example INBOX or Clients/Acme")
			continue
		}
		out = append(out, t)
		l.watched = append(l.watched, namedUse{t, f.rule})
	}
	return out
}

// ruleName reads the name of a rule. It appears in logs and in what assistants
// read, so it is one line of ordinary characters.
func (l *loader) ruleName(f *file, b block, kind string) (Text, bool) {
	n := b.need("name", "a short name of yours")
	if n == nil {
		return Text{}, false
	}
	t, ok := f.text(n)
	if !ok {
		return t, false
	}
	f.rule = t.Value
	good := utf8.RuneCountInString(t.Value) <= MaxNameChars
	for i, r := range t.Value {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || r != ' ' && r != '-' && r != '_' && r != '.') {
			good = false
		}
	}
	if !good {
		f.rule = ""
		f.fail(t.Pos, fmt.Sprintf("%q cannot name %s", clip(t.Value), b.what), fmt.Sprintf("letters, digits, blank . _ and -, at most %d", MaxNameChars))
		return t, false
	}
	return t, l.define(f, kind, t)
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Words that CEL keeps for itself (CEL language definition, section Syntax).
var celReserved = map[string]bool{"true": true, "false": true, "null": true, "in": true, "as": true, "break": true, "const": true,
	"continue": true, "else": true, "for": true, "function": true, "if": true, "import": true, "let": true, "loop": true,
	"package": true, "namespace": true, "return": true, "var": true, "void": true, "while": true}

// variable checks a name that conditions use.
func (f *file) variable(t Text, what string) bool {
	problem, hint := "", ""
	switch {
	case len(t.Value) > MaxNameChars:
		problem, hint = fmt.Sprintf("a name longer than %d characters", MaxNameChars), "shorten it"
	case celReserved[t.Value]:
		problem, hint = fmt.Sprintf("%q cannot name %s", t.Value, what), "conditions use this word for something else"
	case !identifier.MatchString(t.Value):
		problem, hint = fmt.Sprintf("%q cannot name %s", clip(t.Value), what), "conditions use it: letters, digits and _, not beginning with a digit"
	}
	if problem != "" {
		f.fail(t.Pos, problem, hint)
	}
	return problem == ""
}
