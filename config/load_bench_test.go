package config

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// large is a folder of the size a large firm has.
func large(rules, matters int) fstest.MapFS {
	const perFile = 100
	m := files("rules.d/00.yaml", "version: 1\nlists: {firm: [firm.example]}\nterms: {privilege: [work product]}\n"+
		"marks: {privileged: {keyword: lx-1}}\nmatters: {file: matters.csv}\n",
		"matters.csv", "number,client,name,folder,partner,team,aliases,open\n"+
			many(matters, "%06[1]d.0070,Client %[1]d,\"Lease, part %[1]d\",Clients/C%[1]d/Lease,pat@firm.example,firm.example;gc@firm.example,Lease %[1]d,yes\n"))
	for i := 0; i < rules; i += perFile {
		text := "version: 1\ndefaults: {mode: observe, folders: [INBOX]}\nmail:\n"
		for j := i; j < min(i+perFile, rules); j++ {
			text += fmt.Sprintf(`  - name: rule %d
    priority: %d
    when: |
      terms.privilege.size() > 0 &&
        msg.subject.contains("word %d")
    unless: 'msg.list_id != ""'
    extract: {total: {kind: money, near: [total due]}}
    then: [mark: privileged, file: "Billing/{{x.matter.client}}/{{x.matter.number}}"]
`, j, j%300, j)
		}
		m[fmt.Sprintf("rules.d/%05d.yaml", i+1)] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestLarge(t *testing.T) {
	cfg, errs := Load(large(2000, 100_000), "")
	if len(errs) > 0 {
		t.Fatal(errs[:min(5, len(errs))])
	}
	if len(cfg.Rules.Mail) != 2000 || len(cfg.Rules.Matters.List) != 100_000 {
		t.Errorf("%d rules, %d matters", len(cfg.Rules.Mail), len(cfg.Rules.Matters.List))
	}
	last := cfg.Rules.Matters.List[99_999]
	if last.Number != "099999.0070" || last.Pos.Line != 100_001 || len(last.Team) != 2 || len(last.Folder) != 3 {
		t.Errorf("the last matter is %+v", last)
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, size := range []struct{ rules, matters int }{{20, 100}, {200, 10_000}, {2000, 100_000}} {
		b.Run(fmt.Sprintf("rules=%d,matters=%d", size.rules, size.matters), func(b *testing.B) {
			m := large(size.rules, size.matters)
			b.ReportAllocs()
			for b.Loop() {
				if _, errs := Load(m, ""); len(errs) > 0 {
					b.Fatal(errs[0])
				}
			}
		})
	}
}

func BenchmarkLoadUsers(b *testing.B) {
	for _, users := range []int{100, 2000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			m := files("rules.d/1.yaml", "version: 1\nmail:\n"+many(200, " - {name: r%d, mode: enforce, user_may: [off], when: a, then: [star]}\n"))
			m[serviceFile] = &fstest.MapFile{Data: []byte("version: 1\naccounts:\n" +
				many(users, " - {name: p%d, imap: {host: h.example, user: u, password: {credential: c}}}\n"))}
			for i := range users {
				m[fmt.Sprintf("users.d/p%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "version: 1\nrules: {r%d: {mode: off}}\n", i%200)}
			}
			for b.Loop() {
				if cfg, errs := Load(m, ""); len(errs) > 0 || len(cfg.Rules.Users) != users {
					b.Fatal(errs)
				}
			}
		})
	}
}
