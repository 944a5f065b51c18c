package rules

import (
	"strings"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/model"
)

// now is the time of every test.
var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func at(line int) config.Pos { return config.Pos{File: "rules.d/t.yaml", Line: line, Col: 5} }

func tx(s string) config.Text { return config.Text{Value: s, Pos: at(1)} }

func txs(list ...string) []config.Text {
	var out []config.Text
	for _, s := range list {
		out = append(out, tx(s))
	}
	return out
}

func ex(s string) config.Expr { return config.Expr{Source: s, Pos: at(7), Indent: 6} }

// tmpl cuts a template the way the loader does.
func tmpl(s string) *config.Template {
	t := &config.Template{Text: tx(s)}
	for s != "" {
		literal, rest, ok := strings.Cut(s, "{{")
		if literal != "" {
			t.Parts = append(t.Parts, config.TemplatePart{Literal: literal})
		}
		if !ok {
			break
		}
		source, after, _ := strings.Cut(rest, "}}")
		e := ex(source)
		t.Parts = append(t.Parts, config.TemplatePart{Expr: &e})
		s = after
	}
	return t
}

func mark(name string) config.Then { m := tx(name); return config.Then{Pos: at(9), Mark: &m} }

func file(path string) config.Then { return config.Then{Pos: at(10), File: tmpl(path)} }

// mailRule makes an enforcing rule.
func mailRule(name string, priority int, when string, then ...config.Then) config.MailRule {
	return config.MailRule{Name: tx(name), Priority: priority, Mode: config.Enforce, Folders: txs("INBOX"), When: ex(when), Then: then}
}

// office is the world of the tests: lists, terms, matters, marks.
func office(rules ...config.MailRule) *config.Rules {
	return &config.Rules{
		Version: "v1",
		Lists: []config.List{
			{Name: tx("firm"), Entries: txs("firm.example")},
			{Name: tx("counsel"), Entries: txs("bar.example", "jane@solo.example")},
		},
		Terms: []config.TermSet{
			{Name: tx("privilege"), Words: txs("attorney-client", "privileged and confidential", "work product")},
			{Name: tx("personnel"), Words: txs("severance", "grievance", "Kündigung")},
		},
		Matters: config.Matters{
			Pos: at(1), Number: tx(`\b(\d{5})[-.](\d{3,4})\b`),
			List: []config.Matter{
				{Pos: at(2), Number: "12345.001", Client: "Acme", Name: "Lease", Folder: []string{"Clients", "Acme"}, Open: true, Partner: "Pat@Firm.example",
					Team: []string{"pat@firm.example"}, Aliases: []string{"Project Heron"}},
				{Pos: at(3), Number: "12345.002", Client: "Acme", Name: "Patent", Open: true},
				{Pos: at(4), Number: "00420.0070", Client: "B/C Corp", Open: false},
			},
		},
		Marks: []config.Mark{
			{Name: tx("privileged"), Keyword: "lx-1", Thunderbird: "$label1", Apple: "purple"},
			{Name: tx("billing"), Keyword: "lx-2"},
		},
		Mail: rules,
	}
}

// compiled leaves out the checks of all rules together: the tests of what is
// decided want ties and rules that nothing gets to.
func compiled(t testing.TB, r *config.Rules) *Set {
	t.Helper()
	s, errs := compile(r, false)
	if errs.Fatal() {
		t.Fatalf("compile:\n%v", errs)
	}
	return s
}

// letter makes a message from a counsel's address.
func letter(subject, body string, change ...func(*model.Message, *model.Mail)) model.Change {
	ref := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 7, Version: "5"}
	mail := model.Mail{
		MessageID: "<1@bar.example>", Subject: subject,
		From:  []model.Address{{Name: "Alex Ray", Addr: "Alex@uk.bar.example"}},
		To:    []model.Address{{Addr: "gc@firm.example"}},
		Date:  now.Add(-time.Hour),
		Parts: []model.TextPart{{Text: body}},
	}
	msg := &model.Message{Ref: ref, Ident: "id-1", Arrived: now.Add(-time.Hour), Size: 2000}
	for _, f := range change {
		f(msg, &mail)
	}
	msg.Body = model.Hide(mail)
	return model.Change{Op: model.Put, Ref: msg.Ref, Ident: msg.Ident, Message: msg}
}

// shape writes a plan in one line.
func shape(p model.Plan) string {
	var out []string
	for _, s := range p.Steps {
		switch a := s.Action.(type) {
		case model.Mark:
			out = append(out, s.Rule+":mark "+a.Name)
		case model.File:
			out = append(out, s.Rule+":file "+strings.Join(a.Mailbox, "|"))
		default:
			out = append(out, s.Rule+":"+s.Action.Kind())
		}
	}
	for _, r := range p.Reports {
		out = append(out, r.Rule+"?"+r.What+" "+r.Would)
	}
	return strings.TrimSpace(strings.Join(out, ", "))
}
