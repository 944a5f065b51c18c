package main

import (
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"

	"chancery/connectors/connectortest"
)

// scriptedFirm is a configuration whose one mail account leads to a script.
func scriptedFirm(t *testing.T, s *connectortest.Script, more string) *firm {
	t.Helper()
	dial := s.Start(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := dial(t.Context(), "tcp", "")
			if err != nil {
				_ = client.Close()
				return
			}
			all.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
			all.Go(func() { _, _ = io.Copy(client, server); _ = client.Close() })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	f := &firm{t: t, dir: t.TempDir()}
	f.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: "%s/state"}
accounts:
  - name: gc-mail
    imap: {host: 127.0.0.1, port: %d, tls: none, user: gc, password: {file: %s}%s}
`, f.dir, listener.Addr().(*net.TCPAddr).Port, f.secret("swordfish"), more))
	f.write("rules.d/10.yaml", `version: 1
defaults: {mode: enforce}
marks:
  full: {keyword: lx-1, thunderbird: $label1, apple: purple}
  word: {keyword: lx-2}
  label: {keyword: lx-3, gmail: Privileged}
mail:
  - {name: a, when: msg.bulk, then: [mark: full, mark: word, mark: label]}
  - {name: b, when: msg.bulk, then: [file: Later]}
  - {name: c, when: msg.auto, then: [star: true]}
`)
	return f
}

// writing are commands that would change something.
var writing = regexp.MustCompile(`(?i)^(UID )?(STORE|COPY|MOVE|EXPUNGE)\b|^(APPEND|CREATE|DELETE|RENAME|SUBSCRIBE|UNSUBSCRIBE|SETACL|SETQUOTA|SETMETADATA|CLOSE|EXPUNGE)\b|BODY\[|RFC822`)

// What is said of servers that cannot be had in a test.
func TestDoctorOnKnownServers(t *testing.T) {
	permanent := func(flags string) func(c *connectortest.ScriptConn, tag, command string) bool {
		return func(c *connectortest.ScriptConn, tag, command string) bool {
			kept := flags
			switch verb, _, _ := strings.Cut(command, " "); verb {
			case "EXAMINE":
				kept = ""
			case "SELECT":
			default:
				return false
			}
			c.Say("* FLAGS (\\Seen \\Flagged lx-9 $Forwarded)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 4] .\r\n")
			c.Say("* OK [PERMANENTFLAGS (%s)] .\r\n%s OK done\r\n", kept, tag)
			return true
		}
	}
	for name, c := range map[string]struct {
		script *connectortest.Script
		code   int
		want   []string
	}{
		"Gmail": {
			&connectortest.Script{Caps: "AUTH=PLAIN SASL-IR IDLE UIDPLUS MOVE CONDSTORE ENABLE LITERAL- SPECIAL-USE APPENDLIMIT=35651584 X-GM-EXT-1 QUOTA",
				Handle: func(c *connectortest.ScriptConn, tag, command string) bool {
					if strings.HasPrefix(command, "GETQUOTAROOT") {
						c.Say("* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 31457280 31457280)\r\n%s OK done\r\n", tag)
						return true
					}
					return permanent(`\Seen \Flagged \*`)(c, tag, command)
				}}, 1,
			[]string{`^ok       server +Gmail: labels are mailboxes`, `^ok       changes +CONDSTORE without QRESYNC`, `^ok       identity +X-GM-MSGID`,
				`^note     marks +word shows in INBOX in mail programs only: Gmail on the web shows no keywords hint: give the mark gmail: LABEL`,
				`^ok       marks +full, label and the star can show`, `Gmail label`, `^problem  quota +storage is full: 30\.0 GiB of 30\.0 GiB`, `^ok       clock +not known: this server cannot be asked`},
		},
		"Microsoft": {
			&connectortest.Script{Greeting: "* OK The Microsoft Exchange IMAP4 service is ready. [bG9jYWw=]", Handle: permanent(`\Seen \Answered \Flagged \Deleted \Draft $MDNSent`),
				Caps: "AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+"}, 1,
			[]string{`^ok       server +Microsoft 365: keeps no keywords`, `^note     changes +neither CONDSTORE nor QRESYNC`, `^note     identity +the server has no name of its own`,
				`^note     marks +full shows in INBOX as flag; the server keeps no keyword, Thunderbird label or Apple colour there hint: set by a;`,
				`^problem  marks +word and label cannot show in INBOX: the server keeps no keyword there hint: set by a: give the mark flagged: true`, `^ok       marks +the star can show`},
		},
		"a poor server": {
			&connectortest.Script{Caps: "AUTH=PLAIN", Handle: permanent(`\Seen \Flagged \*`)}, 0,
			[]string{`^ok       server +does not tell its name`, `^note     filing +neither MOVE nor UIDPLUS: the original of a filed message stays, marked as deleted hint: purge`,
				`^note     news +no IDLE: new mail is seen every 10m`, `^ok       marks +full, word, label and the star`},
		},
		"read-only": {
			&connectortest.Script{Caps: "AUTH=PLAIN IDLE MOVE UIDPLUS CONDSTORE", Handle: func(c *connectortest.ScriptConn, tag, command string) bool {
				if strings.HasPrefix(command, "SELECT") {
					c.Say("* 3 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n%s OK [READ-ONLY] shared\r\n", tag)
					return true
				}
				return false
			}}, 1,
			[]string{`^problem  rights +INBOX is read-only: rules cannot mark or file there`},
		},
		"below INBOX": {
			&connectortest.Script{Caps: "AUTH=PLAIN NAMESPACE IDLE MOVE UIDPLUS CONDSTORE", Greeting: "* OK Courier-IMAP ready.", Handle: func(c *connectortest.ScriptConn, tag, command string) bool {
				switch {
				case command == "NAMESPACE":
					c.Say("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n%s OK done\r\n", tag)
				case strings.HasPrefix(command, "EXAMINE \"Sent"), strings.HasPrefix(command, "EXAMINE Sent"), strings.HasPrefix(command, "STATUS"):
					c.Say("%s NO [NONEXISTENT] no such mailbox\r\n", tag)
				case strings.HasPrefix(command, "LIST"):
					c.Say("* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Sent\r\n%s OK done\r\n", tag)
				default:
					return false
				}
				return true
			}}, 1,
			[]string{`^ok       server +Courier: mailboxes stand below INBOX`, `^problem  mailbox +Sent is not there; INBOX/Sent is hint: write INBOX/Sent under mailboxes:`,
				`^note     mailbox +the server keeps this account's mailboxes below INBOX: write INBOX/NAME`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.script.Next, c.script.Messages = 4, map[uint32]string{1: "a", 2: "b", 3: "c"}
			c.script.Flags = map[uint32]string{}
			more := ""
			if name == "below INBOX" {
				more = ", mailboxes: [INBOX, Sent]"
			}
			out, code := scriptedFirm(t, c.script, more).cli("doctor", "gc-mail")
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			tells(t, out, c.want...)
			for _, l := range c.script.Log() {
				if writing.MatchString(l) {
					t.Errorf("a command was sent that could change something: %s", l)
				}
			}
		})
	}
}
