package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

func (l *loader) mailRule(f *file, n *yaml.Node, d defaults) {
	defer func() { f.rule = "" }()
	f.rule = peekName(n)
	b, ok := f.block(n, "a mail rule", "name", "priority", "mode", "accounts", "folders", "user_may", "let", "when", "unless", "extract", "then", "stop")
	if !ok {
		return
	}
	r := MailRule{}
	r.Name, ok = l.ruleName(f, b, "rule")
	if n := b.get("priority"); n != nil {
		r.Priority, _ = f.number(n, -maxPriority, maxPriority)
	}
	r.Mode = f.mode(b.get("mode"), d.mode)
	r.Accounts = l.ruleAccounts(f, b.get("accounts"))
	r.Folders = l.folders(f, b.get("folders"), d.folders)
	if n := b.get("let"); n != nil {
		r.Let = f.lets(n)
	}
	if n := b.need("when", "'...', or when: true for every message"); n != nil {
		var read bool
		r.When, read = f.expr(n)
		ok = ok && read
	} else {
		ok = false
	}
	if n := b.get("unless"); n != nil {
		r.Unless, _ = f.expr(n)
	}
	if n := b.get("extract"); n != nil {
		r.Extract = l.extracts(f, n)
	}
	r.Stop = f.flag(b.get("stop"))
	if n := b.get("then"); n != nil {
		l.actions(f, n, &r)
	} else if !r.Stop {
		f.fail(f.at(b.node), "the rule does nothing", "add then: [mark: name], or stop: true")
	}
	if n := b.get("user_may"); n != nil {
		r.UserMay = f.userMay(n, &r)
	}
	if d.user != nil {
		f.ownRule(b, &r, *d.user)
	}
	if ok {
		l.cfg.Rules.Mail = append(l.cfg.Rules.Mail, r)
	}
}

// peekName finds the name of a rule before the rule is read, so that problems
// that stand above the name have it too.
func peekName(n *yaml.Node) string {
	n = target(n)
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if v := target(n.Content[i+1]); n.Content[i].Value == "name" && v.Kind == yaml.ScalarNode {
			return clip(v.Value)
		}
	}
	return ""
}

func (f *file) lets(n *yaml.Node) []Let {
	var out []Let
	es, _ := f.entries(n, "let")
	for _, e := range es {
		x, ok := f.expr(e.value)
		if f.variable(e.name, "a value") && ok {
			out = append(out, Let{e.name, x})
		}
	}
	return out
}

var extractKinds = []string{"matter", "invoice", "money", "date"}

func (l *loader) extracts(f *file, n *yaml.Node) []Extract {
	var out []Extract
	es, _ := f.entries(n, "extract")
	for _, e := range es {
		usable := f.variable(e.name, "a value")
		b, ok := f.block(e.value, "an extraction", "kind", "near")
		if !ok {
			continue
		}
		kind := b.need("kind", "matter, invoice, money or date")
		if kind == nil {
			continue
		}
		x := Extract{Name: e.name}
		w, ok := f.word(kind, "kind", extractKinds...)
		x.Kind = Text{w, f.at(kind)}
		if n := b.get("near"); n != nil {
			x.Near, _ = f.texts(n, "[total due, amount due]")
		}
		if w == "matter" {
			l.matched = append(l.matched, namedUse{x.Kind, f.rule})
		}
		if usable && ok {
			out = append(out, x)
		}
	}
	return out
}

var actionKeys = []string{"mark", "file", "star", "note", "draft"}

const noSending = "chancery never sends mail; draft: writes one that a person sends"

// What people know from other programs and will not find here.
var absentActions = map[string]string{
	"delete": "chancery never deletes mail", "expunge": "chancery never deletes mail", "discard": "chancery never deletes mail",
	"trash": "chancery never deletes mail; file: moves it to a folder",
	"send":  noSending, "mail": noSending, "notify": "write note:", "alert": "write note:", "task": "write note:",
	"forward": noSending, "redirect": noSending, "reply": noSending, "respond": noSending,
	"bounce": "chancery never sends mail", "reject": "chancery never sends mail", "vacation": "chancery never sends mail",
	"move": "write file:", "fileinto": "write file:", "folder": "write file:", "copy": "write file:, which moves",
	"flag": "write star, or mark:", "flagged": "write star", "label": "write mark:", "tag": "write mark:", "keyword": "write mark:, and the keyword under marks:",
	"read": "chancery never marks mail as read", "seen": "chancery never marks mail as read",
	"stop": "stop: true stands beside then:, not in it",
}

func (l *loader) actions(f *file, n *yaml.Node, r *MailRule) {
	items, ok := f.list(n, "[mark: name]")
	if ok && len(items) == 0 && !r.Stop {
		f.fail(f.at(n), "the rule does nothing", "add an action, or stop: true")
	}
	filed := false
	for _, item := range items {
		t, ok := l.action(f, item)
		if !ok {
			continue
		}
		if t.File != nil {
			if filed {
				f.fail(t.Pos, "the rule files twice", "a message lies in one place; keep one file:")
				continue
			}
			filed = true
		}
		if f.oneLetter(r, t) {
			r.Then = append(r.Then, t)
		}
	}
}

func (l *loader) action(f *file, n *yaml.Node) (Then, bool) {
	t := Then{Pos: f.at(n)}
	if n.Kind == yaml.ScalarNode && n.Value == "star" {
		t.Star = true
		return t, true
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		f.unknownAction(Text{n.Value, t.Pos})
		return t, false
	}
	es, ok := f.entries(n, "an action")
	if !ok {
		return t, false
	}
	if len(es) != 1 {
		f.fail(t.Pos, "an entry of then: is one action", "begin each action with - on a line of its own, or write [mark: a, star: true]")
		return t, false
	}
	switch key, v := es[0].name, es[0].value; key.Value {
	case "mark":
		name, ok := f.text(v)
		t.Mark = &name
		if ok {
			l.marked = append(l.marked, namedUse{name, f.rule})
		}
		return t, ok
	case "file":
		t.File, ok = f.mailboxTemplate(v)
		return t, ok
	case "star":
		if t.Star = f.flag(v); !t.Star && v.Tag == "!!bool" {
			f.fail(f.at(v), "star: false does nothing", "delete it; chancery takes a star away only where it set it")
		}
		return t, t.Star
	case "note":
		t.Note, ok = l.letter(f, v, key.Value)
		return t, ok
	case "draft":
		t.Draft, ok = l.letter(f, v, key.Value)
		return t, ok
	default:
		f.unknownAction(key)
		return t, false
	}
}

func (f *file) unknownAction(name Text) {
	hint, ok := absentActions[name.Value]
	if !ok {
		hint = meant(name.Value, "actions", actionKeys)
	}
	problem := fmt.Sprintf("there is no action %q", clip(name.Value))
	if slices.Contains(actionKeys, name.Value) {
		problem, hint = fmt.Sprintf("action %q needs a value", name.Value), "write "+name.Value+": ..."
	}
	f.fail(name.Pos, problem, hint)
}

// mailboxTemplate reads the path a message is filed under.
func (f *file) mailboxTemplate(n *yaml.Node) (*Template, bool) {
	t, ok := f.template(n)
	if !ok {
		return nil, false
	}
	// An expression stands for some text: only its neighbours can be checked.
	shape := ""
	for _, p := range t.Parts {
		if p.Expr != nil {
			shape += "x"
		} else {
			shape += p.Literal
		}
	}
	if problem := pathProblem(shape); problem != "" {
		f.fail(t.Text.Pos, problem, "write for example Billing/{{x.matter.number}}")
		return nil, false
	}
	return t, true
}
