package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// takenLabels are what Gmail means by a label of that name, lower case. Setting
// one of these would move the message, not mark it.
var takenLabels = []string{"inbox", "sent", "sent mail", "draft", "drafts", "starred", "important", "trash", "bin", "spam", "junk",
	"all mail", "chat", "chats", "unread", "read", "muted", "snoozed", "scheduled", "archive"}

// label reads how a mark shows in Gmail: the path of a label.
func (l *loader) label(f *file, n *yaml.Node, mark string) string {
	t, ok := f.text(n)
	if !ok {
		return ""
	}
	if problem, hint := labelProblem(t.Value); problem != "" {
		f.fail(t.Pos, problem, hint)
		return ""
	}
	if tells(t.Value) {
		f.warn(t.Pos, "this label names what it protects", "everyone who sees the mailbox reads it; take a neutral one such as lx/2")
	}
	for _, other := range l.cfg.Rules.Marks {
		if other.Name.Value != mark && strings.EqualFold(other.Gmail, t.Value) {
			f.warn(t.Pos, fmt.Sprintf("mark %q has the same label", other.Name.Value), "taking one mark away would take the other away too")
		}
	}
	return t.Value
}

func labelProblem(s string) (problem, hint string) {
	lower := strings.ToLower(s)
	first, _, _ := strings.Cut(lower, "/")
	switch {
	case strings.HasPrefix(s, `\`):
		return `a label does not begin with \`, "for the star write flagged: true"
	case utf8.RuneCountInString(s) > MaxLabelChars:
		return fmt.Sprintf("a label longer than %d characters", MaxLabelChars), "Gmail refuses longer ones"
	case slices.Contains(takenLabels, lower) || first == "[gmail]" || first == "[google mail]" || first == "inbox":
		return fmt.Sprintf("label %q means something of its own to Gmail", clip(s)), "take a name of your own such as lx/2"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '"' || r == '^' }):
		return "a label has no quotes, no ^ and no control characters", "letters, digits, blanks, - and _; / between levels"
	}
	if problem := pathProblem(s); problem != "" {
		return problem, "write for example lx/2"
	}
	return "", ""
}
