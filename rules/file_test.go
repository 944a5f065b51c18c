package rules

import (
	"slices"
	"strings"
	"testing"

	"chancery/config"
	"chancery/internal/filetext"
	"chancery/internal/model"
)

// enclosing is a letter with a file that has a text.
func enclosing(body, name, text string) model.Change {
	return letter("papers", body, func(_ *model.Message, m *model.Mail) {
		m.Files = append(m.Files, model.Attachment{Name: "logo.png", Head: []byte("\x89PNG\r\n\x1a\n"), Unread: "kind"},
			model.Attachment{Name: name, Text: text, Head: []byte("PK\x03\x04")})
	})
}

// Only rules that name the zone see what stands in files.
func TestTermsInFiles(t *testing.T) {
	tests := []struct {
		when string
		want bool
	}{
		{`terms.privilege.within("file")`, true},
		{`terms.privilege.within("subject", "file")`, true},
		{`terms.privilege.exists(t, t.where == "file" && t.text == "attorney-client".lower() || t.where == "file")`, true},
		{`terms.privilege.exists(t, t.where in ["file"] && t.at == 8)`, true},
		{`terms.privilege.filter(t, t.where == "file").size() == 2`, true},
		{`terms.privilege.size() == 2 && terms.privilege.exists(t, t.where == "file")`, true},
		{`terms.personnel.within("file")`, false},
		{`terms.privilege.size() > 0`, false},
		{`terms.privilege.within("subject", "new", "name")`, false},
		{`terms.privilege.exists(t, t.where != "footer")`, false},
		{`terms.privilege.size() > 0 && msg.folder != "file"`, false},
		{`msg.files.exists(f, f.text.contains("Attorney-Client"))`, true},
		{`msg.files.exists(f, f.text == "" && f.unread == "kind" && f.kind == "png")`, true},
		{`msg.files.exists(f, f.unread in ["encrypted", "limit"])`, false},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			// A neighbour that names the zone must not change what this rule sees.
			s := compiled(t, office(mailRule("one", 1, tt.when, mark("privileged")), mailRule("two", 2, `terms.privilege.within("file")`, mark("billing"))))
			plan := s.Decide(enclosing("see enclosed", "memo.docx", "Memo on Attorney-Client privilege.\nWork  product."), model.View{Now: now})
			got := slices.ContainsFunc(plan.Steps, func(s model.Step) bool { return s.Rule == "one" })
			if got != tt.want {
				t.Errorf("matched %v", got)
			}
		})
	}
}

// A word in the message itself is found all the same by a rule that names the zone.
func TestTermsBesideFiles(t *testing.T) {
	s := compiled(t, office(mailRule("one", 1, `terms.privilege.within("new", "file")`, mark("privileged"))))
	for name, c := range map[string]model.Change{
		"in the text":   letter("papers", "this is work product"),
		"in a file":     enclosing("see enclosed", "a.docx", "this is work product"),
		"in a long one": enclosing("see enclosed", "a.docx", strings.Repeat("nothing here ", 70000)+"work product"),
	} {
		if plan := s.Decide(c, model.View{Now: now}); len(plan.Steps) != 1 {
			t.Errorf("%s: %d steps", name, len(plan.Steps))
		}
	}
	if plan := s.Decide(enclosing("see enclosed", "work product.docx", "nothing"), model.View{Now: now}); len(plan.Steps) != 0 {
		t.Error("the name of a file is not its text")
	}
}

func TestFilesAreExplained(t *testing.T) {
	s := compiled(t, office(mailRule("one", 1, `terms.privilege.within("file")`, mark("privileged"))))
	c := enclosing("see enclosed", "memo.docx", "Memo on attorney-client privilege")
	v := s.Explain(c, model.View{Now: now})
	d := v[0].Detail.Reveal()
	if !v[0].Matched || !slices.Contains(d.Places, `terms.privilege: "attorney client" in the file "memo.docx" at 8`) {
		t.Errorf("matched %v, places %q", v[0].Matched, d.Places)
	}
	if plan := s.Decide(c, model.View{Now: now}); !strings.Contains(plan.Steps[0].Why.Reveal(), `"attorney client" in an attached file`) {
		t.Errorf("why: %s", plan.Steps[0].Why.Reveal())
	}
}

// A rule that names the zone may match where another with the same condition
// otherwise does not: neither makes the other unreachable.
func TestNothingIsProvedAcrossTheZone(t *testing.T) {
	all := mailRule("all", 9, `terms.privilege.size() > 0`)
	all.Stop = true
	r := office(all, mailRule("files", 1, `terms.privilege.within("file")`, mark("privileged")))
	if _, errs := compile(r, true); errs.Fatal() {
		t.Errorf("%v", errs)
	}
	both := mailRule("all", 9, `terms.privilege.size() > 0 && !terms.privilege.within("file") || terms.privilege.within("file")`)
	both.Stop = true
	r = office(both, mailRule("files", 1, `terms.privilege.within("file")`, mark("privileged")))
	if _, errs := compile(r, true); !errs.Fatal() {
		t.Error("a rule that nothing gets to was not told")
	}
}

func TestUnreadWords(t *testing.T) {
	for code := range filetext.Codes {
		if !slices.Contains(fileCodes, code) {
			t.Errorf("code %q is missing", code)
		}
	}
	if len(fileCodes) != len(filetext.Codes)+1 {
		t.Errorf("%d words, %d codes", len(fileCodes), len(filetext.Codes))
	}
	if _, errs := compile(office(mailRule("a", 1, `msg.files.exists(f, f.unread == "locked")`, mark("billing"))), true); !errs.Fatal() {
		t.Error("a word that is never found was taken")
	}
}

func TestFileTextIsNeededByModeToo(t *testing.T) {
	r := mailRule("a", 1, `terms.privilege.within("file")`, mark("billing"))
	r.Mode = config.Off
	if need := compiled(t, office(r)).Need(); need != (model.Need{}) {
		t.Errorf("%+v", need)
	}
}
