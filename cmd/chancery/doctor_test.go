package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

// aclAndQuota makes a Dovecot that tells rights and limits, and lets the owner of
// a mailbox change them.
const aclAndQuota = `mail_plugins = $mail_plugins acl quota
protocol imap {
  mail_plugins = $mail_plugins acl imap_acl quota imap_quota
}
plugin {
  acl = vfile
  quota = count:User quota
  quota_rule = *:storage=20K
  quota_vsizes = yes
}
`

// tells wants every regular expression to match a line; wrapped lines are one.
func tells(t *testing.T, out string, want ...string) {
	t.Helper()
	joined := regexp.MustCompile(`\n {22,}`).ReplaceAllString(out, " ")
	for _, w := range want {
		if !regexp.MustCompile("(?m)" + w).MatchString(joined) {
			t.Errorf("%q is missing in\n%s", w, out)
		}
	}
	fits(t, out)
	if strings.Contains(out, `secret "x"`) || strings.Contains(out, "horse") {
		t.Error("a password is shown")
	}
}

func TestDoctorFindsAGoodAccountGood(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Extra: aclAndQuota})
	f := newFirm(t, d, servertest.Radicale(t))
	c := d.Client(t, gc)
	c.Append("INBOX", mail("a", "Falcon", "merger"))
	before := c.Dump()
	out, code := f.cli("doctor", "gc-mail")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	tells(t, out,
		`^gc-mail at 127\.0\.0\.1:\d+: all is well, 1 note$`,
		`^ok       reach +127\.0\.0\.1:\d+ took the connection after \d+ ms$`,
		`^note     TLS +TLS 1\.3; the certificate ends in 2\d hours, on `,
		`^ok       login +the server takes user and password \(PLAIN\)`,
		`^ok       server +Dovecot: `,
		`^ok       changes +QRESYNC`,
		`^ok       filing +MOVE`,
		`^ok       news +IDLE`,
		`^ok       identity +X-GUID`,
		`^ok       mailbox +INBOX: 1 message, rights [a-z]+$`,
		`^ok       marks +privileged and billing can show in every form .*: keyword, Thunderbird label, Apple colour and flag$`,
		`^ok       keywords +INBOX: 0 in use, 6 with those of the rules$`,
		`^ok       folders +Billing: not there yet`,
		`^ok       quota +storage is \d+ % full: \d KiB of 20 KiB$`,
		`^ok       clock +the server's clock agrees with ours$`,
		`^ok       load +the service keeps 2 connections to this host, 1 of them for this login`)
	if strings.Contains(out, "Falcon") || strings.Contains(out, "counsel.example") {
		t.Errorf("content is shown:\n%s", out)
	}
	if after := c.Dump(); !reflect.DeepEqual(after, before) {
		t.Errorf("something was changed:\n%v\n%v", before, after)
	}
	out, _ = f.cli("doctor", "pa-mail")
	tells(t, out, `^ok       notes +INBOX: there, for notes of general-counsel$`)
}

// What the administrator of the mail server must grant.
func TestDoctorNamesMissingRights(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Extra: aclAndQuota})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "user: gc, password: {file: secrets/1}, mailboxes: [INBOX]", "user: gc, password: {file: secrets/1}, mailboxes: [INBOX, sent, Nowhere]")
	c := d.Client(t, gc)
	c.OK("CREATE Sent")
	c.OK("CREATE Billing")
	c.OK("SETACL Billing gc lri")
	c.OK("SETACL INBOX gc lrsi")
	c.Append("INBOX", []byte("Subject: x\r\n\r\n"+strings.Repeat("0123456789abcde\r\n", 1100)))
	out, code := f.cli("doctor", "gc-mail")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	tells(t, out,
		`^problem  rights +INBOX: the account lacks right w, and cannot mark mail there hint: grant it`,
		`^problem  rights +INBOX: the account lacks rights t and e, and cannot file mail out of it`,
		`^problem  mailbox +sent is not there; Sent is hint: write Sent under mailboxes:$`,
		`^problem  mailbox +Nowhere is not there: NO `,
		`^problem  folders +Billing: the account lacks right k there, and may not make mailboxes below it hint: filed to by invoices$`,
		`^note     quota +storage is 9\d % full: `)
	// The same rules, when they only observe, are not urgent.
	f.write("rules.d/10.yaml", strings.Replace(rulesOfFirm, "mode: enforce, folders", "mode: observe, folders", 1))
	out, _ = f.cli("doctor", "gc-mail")
	tells(t, out, `^note     rights +INBOX: the account lacks right w`)
}

// Dovecot's Maildir has room for few keywords, its mdbox for many.
func TestDoctorCountsKeywords(t *testing.T) {
	for format, want := range map[string]string{
		"maildir": `^note     keywords +INBOX: 24 in use, 30 with those of the rules\. The server keeps its mail as Maildir, where only 26 last`,
		"mdbox":   `^ok       keywords +INBOX: 24 in use, 30 with those of the rules$`,
	} {
		d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format})
		f := newFirm(t, d, nil)
		c := d.Client(t, gc)
		c.Append("INBOX", mail("a", "a", "a"))
		c.OK("SELECT INBOX")
		for i := range 24 {
			c.OK(fmt.Sprintf("STORE 1 +FLAGS (own-%d)", i))
		}
		out, _ := f.cli("doctor", "gc-mail")
		tells(t, out, want)
	}
}

// Each step that fails has one line and a hint, and nothing after it.
func TestDoctorStopsAtTheStepThatFails(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: []string{"ACL"}})
	imap := func(host string, port int, more string) string {
		return fmt.Sprintf("imap: {host: %s, port: %d, user: gc, %s}", host, port, more)
	}
	ca := "ca_file: " + d.CAFile + ", "
	for name, c := range map[string]struct {
		account, problem, hint string
		lines                  int
	}{
		"nothing listens": {imap("127.0.0.1", 1, "tls: none, password: {file: secrets/1}"),
			`^problem  reach +the host is there, but nothing listens on this port`, `is the port right\?`, 1},
		"no such host": {imap("mail.firm.invalid", 993, "password: {file: secrets/1}"),
			`^problem  reach +.*mail\.firm\.invalid`, `name server`, 1},
		"TLS where there is none": {imap("127.0.0.1", d.Port, ca+"password: {file: secrets/1}"),
			`^problem  TLS +what answers does not speak TLS from the start`, `port 993`, 2},
		"a certificate nobody knows": {imap("127.0.0.1", d.TLS, "password: {file: secrets/1}"),
			`^problem  TLS +the certificate is signed by itself`, `ca_file`, 2},
		"a certificate nobody knows by STARTTLS": {imap("127.0.0.1", d.Port, "tls: starttls, password: {file: secrets/1}"),
			`^problem  TLS +the certificate is signed by itself`, `ca_file`, 2},
		"no such CA": {imap("127.0.0.1", d.TLS, "ca_file: nowhere.pem, password: {file: secrets/1}"),
			`^problem  setup +open .*nowhere\.pem: no such file`, `ca_file must name`, 1},
		"wrong password": {imap("127.0.0.1", d.TLS, ca+"password: {file: secrets/2}"),
			`^problem  login +the server refuses user and password: NO .*AUTHENTICATIONFAILED`, `app password`, 3},
		"no password": {imap("127.0.0.1", d.TLS, ca+"password: {file: secrets/3}"),
			`^problem  login +.*secrets/3`, ``, 3},
	} {
		t.Run(name, func(t *testing.T) {
			f := &firm{t: t, dir: t.TempDir()}
			f.secret(servertest.DovecotPassword)
			f.secret("not secret at all")
			f.write("chancery.yaml", fmt.Sprintf("version: 1\nstate: {dir: %s/state}\naccounts:\n  - name: gc-mail\n    %s\n", f.dir, c.account))
			f.write("rules.d/10.yaml", "version: 1\n")
			out, code := f.cli("doctor", "gc-mail")
			tells(t, strings.ReplaceAll(out, f.dir, ""), c.problem, c.hint)
			lines := len(regexp.MustCompile(`(?m)^(ok|note|problem) `).FindAllString(out, -1))
			if code != 1 || lines != c.lines || strings.Count(out, "\nproblem ") != 1 {
				t.Errorf("exit %d, %d findings, want %d and one problem:\n%s", code, lines, c.lines, out)
			}
		})
	}
}

// Without an account: all of them, what needs no care left out.
func TestDoctorOfEveryAccount(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	dav := servertest.Radicale(t)
	dav.MakeCalendar("work")
	f := newFirm(t, d, dav)
	f.edit("chancery.yaml", "user: pa,", "user: pa, port: 1,")
	f.edit("chancery.yaml", fmt.Sprintf("port: %d, tls: implicit, ca_file: %s, user: pa", d.TLS, d.CAFile), "tls: none, user: pa")
	out, code := f.cli("doctor")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	tells(t, out, `^gc-mail at .*: all is well, 1 note$`, `^pa-mail at 127\.0\.0\.1:1: 1 problem$`, `^problem  reach `, `^cal at .*: all is well$`)
	if strings.Contains(out, "\nok ") {
		t.Errorf("what is well is told too:\n%s", out)
	}
	b, code := f.cli("doctor", "--json")
	var all []checkup
	if err := json.Unmarshal([]byte(b), &all); err != nil || code != 1 || len(all) != 3 {
		t.Fatalf("exit %d, %v\n%s", code, err, b)
	}
	if f := all[1].Findings[0]; all[1].Account != "pa-mail" || f.Level != levelProblem || f.About != "reach" || f.Hint == "" {
		t.Errorf("%+v", all[1])
	}
	if out, code = f.cli("doctor", "gc-mial"); code != 2 || !strings.Contains(out, "accounts: gc-mail, pa-mail, cal") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
