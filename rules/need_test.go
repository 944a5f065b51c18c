package rules

import (
	"math/rand"
	"slices"
	"testing"

	"chancery/config"
	"chancery/internal/model"
)

func TestNeed(t *testing.T) {
	var none, text, files, both = model.Need{}, model.Need{Text: true}, model.Need{Files: true}, model.Need{Text: true, Files: true}
	tests := []struct {
		when string
		want model.Need
	}{
		{`msg.subject.matches("(?i)invoice") && msg.from.is_in(lists.counsel) && msg.size > 10`, none},
		{`msg.bulk || msg.auto || "x" in msg.labels || msg.age > duration("72h") || !msg.answered`, none},
		{`msg.rcpts.exists(r, r.domain() == "x.example") && msg.list_id == ""`, none},
		{`terms.privilege.within("subject")`, none},
		{`terms.privilege.within("subject", "name")`, files},
		{`terms.privilege.within("subject", "new")`, text},
		{`terms.privilege.within("footer") && terms.personnel.within("name")`, both},
		{`terms.privilege.within(msg.from)`, both},
		{`terms.privilege.size() > 0`, both},
		{`terms.privilege.exists(t, t.where == "subject")`, both},
		{`msg.text.contains("x")`, text},
		{`msg.bulk && (msg.subject == "a" || msg.footer != "")`, text},
		{`has(msg.quoted)`, text},
		{`msg.encrypted`, text},
		{`msg.files.size() > 0`, files},
		{`msg.files.exists(f, f.kind == "pdf") && msg.signature == ""`, both},
		{`x.matter.found`, both},
		{`matters.size() > 1`, both},
		{`x.total.cents > 5`, both},
		{`x.ledes`, both},
		{`[msg].exists(m, m.subject == "x")`, model.Need{Text: true, Files: true, FileText: true, Invite: true, Bills: true}},
		{`msg.bill.found`, model.Need{Text: true, Files: true, FileText: true, Bills: true}},
		{`msg.invite.method == "REQUEST"`, model.Need{Text: true, Invite: true}},
		{`[x].size() == 1`, both},
		{`lists.firm.size() > 1`, none},
		{`terms.privilege.within("file")`, model.Need{Files: true, FileText: true}},
		{`terms.privilege.within("new", "file")`, model.Need{Text: true, Files: true, FileText: true}},
		{`terms.privilege.exists(t, t.where == "file")`, model.Need{Text: true, Files: true, FileText: true}},
		{`terms.privilege.exists(t, t.where in ["subject", "file"])`, model.Need{Text: true, Files: true, FileText: true}},
		{`msg.files.exists(f, f.text.contains("x"))`, model.Need{Files: true, FileText: true}},
		{`msg.files.filter(f, f.kind == "ooxml").exists(g, g.unread == "encrypted")`, model.Need{Files: true, FileText: true}},
		{`msg.files.map(f, f.text).exists(s, s.size() > 3)`, model.Need{Files: true, FileText: true}},
		{`msg.folder == "file" && msg.bulk`, none},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			if got := compiled(t, office(mailRule("a", 1, tt.when))).Need(); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestNeedLooksEverywhere puts the text in every place an expression can stand.
func TestNeedLooksEverywhere(t *testing.T) {
	base := func(change func(r *config.MailRule)) *config.Rules {
		rule := mailRule("a", 1, `msg.bulk`)
		change(&rule)
		return office(rule)
	}
	tests := map[string]struct {
		change func(r *config.MailRule)
		want   model.Need
	}{
		"nothing":     {func(*config.MailRule) {}, model.Need{}},
		"unless":      {func(r *config.MailRule) { r.Unless = ex(`msg.text == ""`) }, model.Need{Text: true}},
		"let":         {func(r *config.MailRule) { r.Let = []config.Let{{Name: tx("a"), Expr: ex(`msg.quoted`)}} }, model.Need{Text: true}},
		"let of all":  {func(r *config.MailRule) { r.Let = []config.Let{{Name: tx("a"), Expr: ex(`msg`)}} }, model.Need{Text: true, Files: true, FileText: true, Invite: true, Bills: true}},
		"place":       {func(r *config.MailRule) { r.Then = append(r.Then, file("A/{{x.matter.client}}")) }, model.Need{Text: true, Files: true}},
		"fixed place": {func(r *config.MailRule) { r.Then = append(r.Then, file("A/{{msg.from}}")) }, model.Need{}},
		"file in a let": {func(r *config.MailRule) {
			r.Let = []config.Let{{Name: tx("zone"), Expr: ex(`"file"`)}}
			r.When = ex(`terms.privilege.within(zone)`)
		}, model.Need{Text: true, Files: true, FileText: true}},
		"file in a place": {func(r *config.MailRule) {
			r.Then = append(r.Then, file(`A/{{msg.files.exists(f, f.text == "") ? "b" : "c"}}`))
		}, model.Need{Files: true, FileText: true}},
		"off":            {func(r *config.MailRule) { r.Unless, r.Mode = ex(`msg.text == ""`), config.Off }, model.Need{}},
		"watching":       {func(r *config.MailRule) { r.Unless, r.Mode = ex(`msg.text == ""`), config.Observe }, model.Need{Text: true}},
		"extract unused": {func(r *config.MailRule) { r.Extract = []config.Extract{{Name: tx("fee"), Kind: tx("money")}} }, model.Need{}},
		"extract": {func(r *config.MailRule) {
			r.Extract = []config.Extract{{Name: tx("fee"), Kind: tx("money"), Near: txs("fee")}}
			r.When = ex(`x.fee.cents > 0`)
		}, model.Need{Text: true, Files: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := compiled(t, base(tt.change)).Need(); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	t.Run("no matters listed", func(t *testing.T) {
		r := office(mailRule("a", 1, `x.matter.found`))
		r.Matters.List = nil
		if got := compiled(t, r).Need(); got != (model.Need{}) {
			t.Errorf("got %+v", got)
		}
	})
}

// TestNeedOfEveryField keeps the table of header fields complete: a field is
// told there, or by name in the function below it.
func TestNeedOfEveryField(t *testing.T) {
	body := []string{"text", "quoted", "signature", "footer", "encrypted", "files", "invite", "problems", "bill"}
	for _, name := range messageKind.names() {
		if headerFields[name] == slices.Contains(body, name) {
			t.Errorf("msg.%s must stand in exactly one of the tables", name)
		}
	}
}

// TestLawNeedIsEnough: without what no rule needs, the plan is the same.
func TestLawNeedIsEnough(t *testing.T) {
	spared := 0
	eachWorld(t, func(r *rand.Rand, s *Set, c model.Change, v model.View) {
		need := s.Need()
		msg := *c.Message
		mail := msg.Body.Reveal()
		if !need.Text {
			mail.Parts = nil
		}
		if !need.Files {
			mail.Files = nil
		}
		if !need.Invite {
			mail.Invite = nil
		}
		for i := range mail.Files {
			if !need.FileText {
				mail.Files[i].Text, mail.Files[i].Unread = "", ""
			}
		}
		if need != (model.Need{Text: true, Files: true}) {
			spared++
		}
		msg.Body = model.Hide(mail)
		less := c
		less.Message = &msg
		if got, want := shape(s.Decide(less, v)), shape(s.Decide(c, v)); got != want {
			t.Fatalf("need %+v\ngot  %s\nwant %s", need, got, want)
		}
	})
	if spared == 0 {
		t.Fatal("every set needed everything")
	}
}
