package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/config"
)

// A rule that writes notes where nobody reads them is told when the files are
// read, not by the message that it should have told of.
func TestNobodyReadsNotes(t *testing.T) {
	const rule = `version: 1
mail:
  - name: watch
    folders: [Sent]
    when: msg.subject.contains("x")
    then: [{note: {subject: Look, text: Look.}}]
`
	for name, c := range map[string]struct{ mailboxes, principals, want string }{
		"nobody":             {"[INBOX, Sent]", "", "nobody reads notes about the mail of account a"},
		"mailbox not looked": {"[INBOX]", "", ""},
		"a principal": {"[INBOX, Sent]", `principals:
  - {name: gc, zone: UTC, hours: ["Mon-Fri 09:00-17:00"], addresses: [gc@firm.example], calendars: [], mail: [a], notes: {account: a, mailbox: INBOX, to: pa@firm.example}}
`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(path, text string) {
				t.Helper()
				path = filepath.Join(dir, path)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("rules.d/a.yaml", rule)
			write("password", "x\n")
			write("chancery.yaml", "version: 1\naccounts:\n  - name: a\n    imap: {host: imap.firm.example, user: a, password: {file: password}, mailboxes: "+c.mailboxes+"}\n"+c.principals)
			l, problems, err := inspect(dir)
			if err != nil || problems.Fatal() || l.set == nil {
				t.Fatal(err, problems)
			}
			if got := problems.Error(); strings.Contains(got, "nobody reads") != (c.want != "") || !strings.Contains(got, c.want) {
				t.Errorf("problems: %s", got)
			}
		})
	}
}

// What is written about an account may name the mail of the same principal: the accounts
// that this person calls mail, and the one where the notes lie, if it is nobody else's.
func TestDeskKnowsWhoseMailItIs(t *testing.T) {
	text := func(list ...string) (out []config.Text) {
		for _, s := range list {
			out = append(out, config.Text{Value: s})
		}
		return out
	}
	cfg := &config.Config{}
	for _, name := range text("gc", "gc-two", "pa", "cfo", "desk", "lobby") {
		cfg.Service.Accounts = append(cfg.Service.Accounts, config.Account{Name: name, IMAP: &config.IMAP{}})
	}
	cfg.Service.Accounts = append(cfg.Service.Accounts, config.Account{Name: config.Text{Value: "gc-cal"}})
	cfg.Service.Principals = []config.Principal{
		{Name: config.Text{Value: "gc"}, Mail: text("gc", "gc-two"), Notes: &config.Notes{Account: config.Text{Value: "pa"}}},
		{Name: config.Text{Value: "cfo"}, Mail: text("cfo", "pa"), Notes: &config.Notes{Account: config.Text{Value: "desk"}}},
	}
	for account, want := range map[string]string{"gc": "[gc gc-two]", "gc-two": "[gc gc-two]", "cfo": "[pa cfo desk]", "pa": "[pa cfo desk]", "desk": "[pa cfo desk]", "lobby": "[]"} {
		if got := fmt.Sprint(desk(cfg, account).Mail); got != want {
			t.Errorf("%s: %s, want %s", account, got, want)
		}
	}
}
