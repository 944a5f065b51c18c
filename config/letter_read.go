package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

const subjectLine = "Subject:"

// letter reads what a note or draft says. Only a note has somebody to go to
// without being told.
func (l *loader) letter(f *file, n *yaml.Node, action string) (*Letter, bool) {
	b, ok := f.block(n, "a letter", "template", "to", "subject", "text")
	if !ok {
		return nil, false
	}
	out := &Letter{Pos: f.at(n)}
	if n := b.get("to"); n != nil {
		if out.To, ok = f.template(n); ok {
			ok = f.recipient(out.To)
		}
	} else if action == "draft" && b.need("to", `"{{msg.from}}"`) == nil {
		ok = false
	}
	file, subject, text := b.get("template"), b.get("subject"), b.get("text")
	switch {
	case file != nil && (subject != nil || text != nil):
		f.fail(f.at(file), "a letter has a template file, or a subject and a text", "delete one of the two")
		return nil, false
	case file != nil:
		read := l.letterFile(f, file, out)
		return out, ok && read
	case subject == nil && text == nil:
		if !b.meant["template"] && !b.meant["subject"] && !b.meant["text"] {
			f.fail(out.Pos, "the "+action+" says nothing", "add template: templates/name.txt, or subject: and text:")
		}
		return nil, false
	}
	for _, part := range []struct {
		key     string
		into    *Template
		example string
	}{{"subject", &out.Subject, "a few words"}, {"text", &out.Text, "what the letter says"}} {
		n := b.need(part.key, part.example)
		if n == nil {
			ok = false
			continue
		}
		t, read := f.template(n)
		if read {
			*part.into = *t
		}
		ok = ok && read
	}
	return out, ok && f.oneLine(out.Subject)
}

// recipient checks a to: without expressions. What an expression gives is looked
// at when the rules are compiled.
func (f *file) recipient(t *Template) bool {
	for _, p := range t.Parts {
		if p.Expr != nil {
			return true
		}
	}
	for one := range strings.SplitSeq(t.Text.Value, ",") {
		if _, ok := f.address(Text{strings.TrimSpace(one), t.Text.Pos}); !ok {
			return false
		}
	}
	return true
}

func (f *file) oneLine(subject Template) bool {
	for _, p := range subject.Parts {
		if strings.Contains(p.Literal, "\n") {
			f.fail(subject.Text.Pos, "a subject is one line", "write the rest in text:")
			return false
		}
	}
	return true
}

// letterFile reads a template file: a line "Subject: ...", an empty line, the
// text. What is wrong in it is told at its place there.
func (l *loader) letterFile(f *file, n *yaml.Node, out *Letter) bool {
	name, ok := f.path(n)
	if !ok {
		return false
	}
	g := l.open(name.Value, MaxTemplateBytes, name.Pos, f.rule)
	if g == nil {
		return false
	}
	g.rule = f.rule
	defer func() { g.rule = "" }()
	const form = "a line Subject: ..., an empty line, then the text"
	line := g.line(1)
	if len(line) < len(subjectLine) || !strings.EqualFold(line[:len(subjectLine)], subjectLine) {
		g.fail(Pos{g.name, 1, 1}, "a template begins with its subject", form)
		return false
	}
	if strings.TrimSpace(line[len(subjectLine):]) == "" {
		g.fail(Pos{g.name, 1, 1}, "the subject is empty", form)
		return false
	}
	if strings.TrimSpace(g.line(2)) != "" {
		g.fail(Pos{g.name, 2, 1}, "the second line of a template is empty", form)
		return false
	}
	indent := len(line) - len(strings.TrimLeft(line[len(subjectLine):], " \t"))
	subject, first := g.lines(1, 1, indent)
	text, second := g.lines(3, len(g.starts), 0)
	if strings.TrimSpace(string(text)) == "" {
		g.fail(Pos{g.name, min(3, len(g.starts)), 1}, "the template has no text", form)
		return false
	}
	s, ok := g.templateOf(Text{string(subject), g.pos(1, indent)}, subject, first)
	t, good := g.templateOf(Text{string(text), Pos{g.name, 3, 1}}, text, second)
	if !ok || !good {
		return false
	}
	out.Subject, out.Text = *s, *t
	return true
}

// lines returns the text of some lines, from octet skip of the first on, and the
// place of each of its characters.
func (f *file) lines(from, till, skip int) (text []rune, places []spot) {
	for n := from; n <= till; n++ {
		line := f.line(n)
		at := f.pos(n, skip).Col
		for _, r := range line[min(skip, len(line)):] {
			text, places = append(text, r), append(places, spot{n, at})
			at++
		}
		skip = 0
		if n < till {
			text, places = append(text, '\n'), append(places, spot{n, at})
		}
	}
	return text, places
}

// oneLetter keeps a rule from writing two notes, or two drafts: a rule does each
// thing to a message once.
func (f *file) oneLetter(r *MailRule, t Then) bool {
	for _, other := range r.Then {
		if t.Note != nil && other.Note != nil || t.Draft != nil && other.Draft != nil {
			f.fail(t.Pos, "the rule writes two letters of one kind", fmt.Sprintf("the first is at %s; put both into one, or make two rules", other.Pos))
			return false
		}
	}
	return true
}
