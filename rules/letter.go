package rules

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"chancery/config"
	"chancery/internal/model"
)

// The limits of a letter.
const (
	maxLetterSubject = 200      // octets of a subject
	maxLetterText    = 32 << 10 // octets of a text
	maxRecipients    = 50       // addresses of a letter
)

// missive is a compiled note or draft.
type missive struct {
	draft   bool
	to      *recipients // nil: the assistant
	subject []letterPart
	text    []letterPart
}

// letterPart is fixed text or an expression.
type letterPart struct {
	literal string
	expr    *expression
}

// kind is the word that reports and explanations use.
func (l *missive) kind() string {
	if l.draft {
		return "draft"
	}
	return "note"
}

// expressions are all there are, for what looks at what a rule reads.
func (l *missive) expressions() []*expression {
	var out []*expression
	parts := [][]letterPart{l.subject, l.text}
	if l.to != nil {
		parts = append(parts, l.to.parts)
	}
	for _, list := range parts {
		for _, p := range list {
			if p.expr != nil {
				out = append(out, p.expr)
			}
		}
	}
	return out
}

// letter compiles what a note or draft says, or tells what is wrong with it.
func (c *compiler) letter(env *cel.Env, in *config.Letter, draft bool, out *rule) {
	before := len(c.errs)
	l := &missive{draft: draft, subject: c.letterParts(env, &in.Subject, out.name), text: flowParts(c.letterParts(env, &in.Text, out.name))}
	if in.To != nil {
		l.to = c.recipients(env, in.To, out.name)
	} else if draft {
		c.problem(in.Pos, out.name, "a draft needs to:", `write for example to: "{{msg.from}}"`)
	}
	for name, t := range map[string]*config.Template{"a subject": &in.Subject, "a text": &in.Text} {
		if len(t.Parts) == 0 {
			c.problem(in.Pos, out.name, "the "+l.kind()+" lacks "+name, "")
		}
	}
	if len(c.errs) > before {
		return
	}
	for _, e := range l.expressions() {
		e.uses(out.uses)
	}
	out.actions = append(out.actions, action{letter: l})
}

func (c *compiler) letterParts(env *cel.Env, t *config.Template, rule string) []letterPart {
	var out []letterPart
	for _, p := range t.Parts {
		if p.Expr == nil {
			out = append(out, letterPart{literal: p.Literal})
			continue
		}
		e := c.compile(env, *p.Expr, rule)
		if e == nil {
			continue
		}
		switch kind := e.ast.OutputType().Kind(); {
		case kind == types.StringKind, kind == types.IntKind, kind == types.TimestampKind, isTexts(e.ast.OutputType()):
			out = append(out, letterPart{expr: e})
		default:
			c.problem(p.Expr.Pos, rule, "a letter needs text, this is "+typeName(e.ast.OutputType()), "choose one field, e.g. x.matter.number")
		}
	}
	return out
}

// isTexts reports whether a type is a list of texts.
func isTexts(t *cel.Type) bool {
	return t.Kind() == types.ListKind && len(t.Parameters()) == 1 && t.Parameters()[0].Kind() == types.StringKind
}

// letter writes a note or draft, or says why there is none.
func (d *decision) letter(m matched, l *missive, why func() model.Private[string]) {
	r, mail := m.rule, &d.f.mail
	mine := d.view.Desk.From.Addr != "" && strings.EqualFold(d.f.from, d.view.Desk.From.Addr)
	if (mail.Bulk || mail.Auto) && !mine {
		d.report(r, whatBulk, why(), l.kind())
		return
	}
	body, missing, err := l.write(m.scope, d.view)
	switch {
	case err != nil:
		d.report(r, failure(err), model.Hide(fmt.Sprintf("rule %q: %v", r.name, err)), l.kind())
	case missing != "":
		d.report(r, whatEmpty, model.Hide(fmt.Sprintf("rule %q: nothing to put for %s", r.name, missing)), l.kind())
	case r.mode != config.Enforce:
		d.observe(r, why(), l.kind(), body.Subject)
	case d.view.Released[r.name]:
		d.report(r, whatReleased, why(), l.kind())
	case !l.draft && d.view.Desk.Notes == "":
		d.report(r, whatNoDesk, why(), l.kind())
	default:
		d.send(r, l, body, why())
	}
}

// send makes the step. The engine, which has a key, names the letter: what rules
// make up here only tells the letters of one plan apart.
func (d *decision) send(r *rule, l *missive, body model.NoteBody, why model.Private[string]) {
	body.Digest = l.kind() + " " + r.name
	body.Of = d.plan.Ident
	body.InReplyTo = d.f.mail.MessageID
	note := model.Note{Mailbox: d.view.Desk.NotesBox, Flagged: true}
	source := d.view.Desk.Notes
	if l.draft {
		note, source = model.Note{Draft: true}, d.plan.Cause.Source
		body.Text = fold(body.Text)
	} else {
		body.From = model.Address{Name: "Chancery", Addr: "chancery@chancery.invalid"}
		body.HTML = letterHTML(body.Subject, body.Text, r.name, r.place)
		body.Text = fold(body.Text) + "\n\n-- \nRule " + r.name + ", " + r.place + "\n"
	}
	note.Body = model.Hide(body)
	d.plan.Steps = append(d.plan.Steps, model.Step{
		Rule: r.name, Version: d.set.version, Place: r.place, Why: why,
		Source: source, Order: r.order, Ident: d.plan.Ident, Action: note,
	})
}

// Urgent lists the mailboxes of an account that rules with letters look at, as
// paths with "/": what they write is worth most within seconds. "*" stands for
// every mailbox that is followed.
func (s *Set) Urgent(source model.SourceID) []string {
	var out []string
	for i := range s.mail {
		r := s.of(source, i)
		if !r.isFor(source) || r.mode != config.Enforce || !r.writes() {
			continue
		}
		if len(r.folders) == 0 {
			out = append(out, "*")
		}
		out = append(out, r.folders...)
	}
	return sortedSet(out)
}

// writes reports whether a rule has a note or draft.
func (r *rule) writes() bool {
	for _, a := range r.actions {
		if a.letter != nil {
			return true
		}
	}
	return false
}

// would says in words what the letter is, for explanations.
func (l *missive) would(sc *scope) string {
	body, missing, err := l.write(sc, model.View{})
	switch {
	case err != nil:
		return l.kind() + " fails: " + err.Error()
	case missing != "":
		return l.kind() + " to nobody: nothing to put for " + missing
	case l.to == nil:
		return l.kind() + " to the assistant: " + body.Subject
	}
	all := []string{body.To.Addr}
	for _, a := range body.More {
		all = append(all, a.Addr)
	}
	return l.kind() + " to " + strings.Join(all, ", ") + ": " + body.Subject
}
