package imap

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

// scripted opens a Source on a script and checks at the end that nothing was
// sent that may never be sent.
func scripted(t *testing.T, s *connectortest.Script, change ...func(*Options)) *Source {
	t.Helper()
	o := Options{
		Source: "gc", Host: "127.0.0.1", Port: 1, TLS: "none", User: "ann", Sign: connectortest.MailSign,
		Password: func(context.Context) (string, error) { return "x", nil }, Dial: s.Start(t),
	}
	for _, c := range change {
		c(&o)
	}
	src := open(t, o)
	t.Cleanup(func() {
		for _, l := range s.Log() {
			if never.MatchString(l) {
				t.Errorf("a command that must never be sent was sent")
			}
		}
	})
	return src
}

var never = regexp.MustCompile(`^(EXPUNGE|CLOSE|DELETE|RENAME)\b|BODY\[|ENVELOPE|STORE.*\\Seen`)

func sixLetters() *connectortest.Script {
	s := &connectortest.Script{Messages: map[uint32]string{}, Flags: map[uint32]string{}, Next: 7}
	for uid := uint32(1); uid < 7; uid++ {
		s.Messages[uid] = string(connectortest.Letter(int(uid)))
	}
	return s
}

// What servers do to one of six messages, message 3: it is read or reported as
// unreadable, and the five others are always read.
func TestFetchFromABadServer(t *testing.T) {
	proper := func(s *connectortest.Script, items string) string { return s.Fetch(3, 3, items, s.Messages[3]) }
	insert := func(items string) func(*connectortest.Script, string, int) string {
		return func(s *connectortest.Script, asked string, _ int) string {
			return strings.Replace(proper(s, asked), "(UID 3 ", "(UID 3 "+items+" ", 1)
		}
	}
	before := func(lines string) func(*connectortest.Script, string, int) string {
		return func(s *connectortest.Script, asked string, _ int) string { return lines + proper(s, asked) }
	}
	const hangUp = "\x00hang up"
	for name, c := range map[string]struct {
		say   func(s *connectortest.Script, asked string, try int) string
		fault string
	}{
		"unsolicited FETCH before the answer": {before("* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n* 3 FETCH (FLAGS (\\Flagged))\r\n"), ""},
		"unsolicited lines":                   {before("* VANISHED 7:9\r\n* 6 EXISTS\r\n* 0 RECENT\r\n* OK [ALERT] hello\r\n* FLAGS (\\Seen)\r\n* XYZZY (a {3}\r\nb\r\n)\r\n"), ""},
		"garbage lines":                       {before("Server Unavailable.\r\n\r\n* \r\n*\r\n* 5\r\n* BAD\r\nC0 OK no such tag\r\n"), ""},
		"items of other extensions":           {insert("EMAILID (M1) X-GM-MSGID 127 X-GM-LABELS ([x] \"\\\\Sent\" a) SAVEDATE NIL"), ""},
		"malformed ENVELOPE":                  {insert(`ENVELOPE ("x" "s" (("A "B" C" NIL "a" "b")) NIL NIL NIL NIL NIL NIL "<x@y>")`), ""},
		"malformed BODYSTRUCTURE":             {insert(`BODYSTRUCTURE (("ALTERNATIVE" ("BOUNDARY" "e") NIL NIL)("A" "P" NIL NIL NIL "B" 1 NIL) "MIXED")`), ""},
		"unknown flags": {func(s *connectortest.Script, a string, _ int) string {
			return strings.Replace(proper(s, a), "FLAGS ()", `FLAGS (\Seen \\ \X{ a"b" ü $ok \*)`, 1)
		}, ""},
		"INTERNALDATE of year 0": {func(s *connectortest.Script, a string, _ int) string {
			return strings.Replace(proper(s, a), "05-Oct-2026", "00-Jan-0000", 1)
		}, ""},
		"lower case and spaces": {func(s *connectortest.Script, a string, _ int) string {
			return strings.Replace(proper(s, a), "FETCH (UID 3 ", "fetch  ( uid  3  ", 1)
		}, ""},
		"UID after the literal": {func(s *connectortest.Script, a string, _ int) string {
			return strings.TrimSuffix(strings.Replace(proper(s, a), "UID 3 ", "", 1), ")\r\n") + " UID 3)\r\n"
		}, ""},
		"quoted body": {func(s *connectortest.Script, a string, _ int) string {
			return `* 3 FETCH (UID 3 FLAGS () BODY[]<0> "Subject: Matter 3")` + "\r\n"
		}, ""},
		"cut in the literal once": {func(s *connectortest.Script, a string, try int) string {
			if try == 1 {
				return proper(s, a)[:120] + hangUp
			}
			return proper(s, a)
		}, ""},
		"cut in the literal always": {func(s *connectortest.Script, a string, _ int) string { return proper(s, a)[:120] + hangUp }, "fetch-cut"},
		"hangs up on it":            {func(s *connectortest.Script, a string, _ int) string { return hangUp }, "fetch-cut"},
		"BODY NIL": {func(s *connectortest.Script, a string, _ int) string {
			return "* 3 FETCH (UID 3 FLAGS () BODY[]<0> NIL)\r\n"
		}, "fetch-missing"},
		"no body":                {func(s *connectortest.Script, a string, _ int) string { return "* 3 FETCH (UID 3 FLAGS ())\r\n" }, "fetch-missing"},
		"no answer":              {func(s *connectortest.Script, a string, _ int) string { return "" }, "fetch-missing"},
		"NO":                     {func(s *connectortest.Script, a string, _ int) string { return "\x00NO" }, "fetch-refused"},
		"unbalanced parentheses": {func(s *connectortest.Script, a string, _ int) string { return "* 3 FETCH (UID 3 FLAGS (\r\n" }, "fetch-missing"},
		"nested deep":            {insert("X (" + strings.Repeat("(", 100_000) + ")"), "fetch-missing"},
		"a line of 3 MB": {func(s *connectortest.Script, a string, _ int) string {
			return "* 3 FETCH (UID 3 X " + strings.Repeat("(", 3<<20) + ")\r\n"
		}, "fetch-cut"},
		"a literal of 1 GB": {func(s *connectortest.Script, a string, _ int) string {
			return "* 3 FETCH (UID 3 FLAGS () BODY[]<0> {1000000000}\r\nx"
		}, "fetch-cut"},
		"a foreign literal of 1 GB": {func(s *connectortest.Script, a string, _ int) string {
			return "* 3 FETCH (UID 3 ENVELOPE ({1000000000}\r\nx"
		}, "fetch-cut"},
		"a foreign literal of 2 MB": {func(s *connectortest.Script, a string, _ int) string {
			return "* 3 FETCH (UID 3 ENVELOPE ({2000000}\r\n" + strings.Repeat("x", 2_000_000) + "))\r\n"
		}, "fetch-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sixLetters()
			try := 0
			s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
				set, asked, ok := strings.Cut(strings.TrimPrefix(command, "UID FETCH "), " ")
				if !ok || !strings.HasPrefix(command, "UID FETCH ") || !strings.Contains(asked, "BODY.PEEK") {
					return false
				}
				for uid := uint32(1); uid < 7; uid++ {
					switch {
					case !connectortest.InSet(set, uid):
					case uid != 3:
						conn.Say("%s", s.Fetch(int(uid), uid, asked, s.Messages[uid]))
					default:
						try++
						text, end, _ := strings.Cut(c.say(s, asked, try), "\x00")
						conn.Say("%s", text)
						if end == "hang up" {
							_ = conn.Close()
							return true
						}
						if end == "NO" {
							conn.Say("%s NO cannot\r\n", tag)
							return true
						}
					}
				}
				conn.Say("%s OK [WEIRD (\"] done\r\n", tag)
				return true
			}
			src := scripted(t, s)
			changes, _ := pull(t, src, "")
			checkSix(t, changes, c.fault)
		})
	}
}

func checkSix(t *testing.T, changes []model.Change, fault string) {
	t.Helper()
	if len(changes) != 6 {
		t.Fatalf("%d changes, want 6", len(changes))
	}
	for i, c := range changes {
		uid := uint32(i + 1)
		switch {
		case c.Ref.UID != uid:
			t.Fatalf("change %d is of message %d", i, c.Ref.UID)
		case uid == 3 && fault != "":
			if c.Op != model.Unreadable || c.Fault.Code != fault {
				t.Fatalf("message 3: op %d, fault %v, want %s", c.Op, c.Fault, fault)
			}
		case c.Op != model.Put || c.Message.Body.Reveal().Subject != fmt.Sprintf("Matter %d", uid):
			t.Fatalf("message %d: op %d, fault %v", uid, c.Op, c.Fault)
		case c.Message.Old || uid != 3 && len(c.Message.Flags) > 0:
			t.Fatalf("message %d is reported wrongly", uid)
		}
	}
}

// The prefix comes first, the rest in pieces, and what is too long is cut.
func TestLongMessage(t *testing.T) {
	plain, mixed := "Subject: Matter 3\r\n\r\n", "Subject: Matter 3\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
	for name, c := range map[string]struct {
		head string
		size int
		cut  bool
		most int // commands that fetch bodies
	}{
		"one octet less than the prefix":        {plain, prefixSize - 1, false, 1},
		"exactly the prefix":                    {plain, prefixSize, false, 2},
		"one octet more":                        {plain, prefixSize + 1, false, 2},
		"exactly one piece more":                {mixed, prefixSize + chunkSize, false, 3},
		"a text of which only the head is kept": {plain, maxBody + 1, false, 3},
		"too long":                              {mixed, maxBody + 1, true, 99},
	} {
		t.Run(name, func(t *testing.T) {
			s := sixLetters()
			s.Messages[3] = c.head + strings.Repeat("x", c.size-len(c.head))
			changes, _ := pull(t, scripted(t, s), "")
			checkSix(t, changes, "")
			m := changes[2].Message
			if cut := slices.Contains(m.Body.Reveal().Problems, "cut"); cut != c.cut || m.Size != int64(c.size) {
				t.Fatalf("cut %t, size %d", cut, m.Size)
			}
			n := 0
			for _, l := range s.Log() {
				if strings.Contains(l, "BODY.PEEK") {
					n++
				}
			}
			if n > c.most {
				t.Fatalf("%d commands, want %d", n, c.most)
			}
		})
	}
}

// What a server says on leaving is the error.
func TestLeaving(t *testing.T) {
	for name, c := range map[string]struct {
		say   string
		class connectors.Class
		code  string
	}{
		"silently":    {"", connectors.Network, "connection"},
		"unavailable": {"* BYE [UNAVAILABLE] going down\r\n", connectors.Network, "unavailable"},
		"bye":         {"* BYE Session expired\r\n", connectors.Network, "bye"},
		"too many":    {"* BYE [UNAVAILABLE] Too many simultaneous connections. (Failure)\r\n", connectors.Throttled, "throttled"},
		"long line":   {"* " + strings.Repeat("x", 2<<20), connectors.Protocol, "line-too-long"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sixLetters()
			s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
				if strings.HasPrefix(command, "SELECT") {
					conn.Say("%s", c.say)
					_ = conn.Close()
					return true
				}
				return false
			}
			_, err := scripted(t, s).Pull(t.Context(), "")
			if class, code := connectors.Classify(err); class != c.class || code != c.code {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestThrottled(t *testing.T) {
	s := sixLetters()
	s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
		if strings.HasPrefix(command, "SELECT") {
			conn.Say("%s BAD Request is throttled. Suggested Backoff Time: 178755 milliseconds\r\n", tag)
			return true
		}
		return false
	}
	_, err := scripted(t, s).Pull(t.Context(), "")
	e, ok := err.(*connectors.Error)
	if !ok || e.Class != connectors.Throttled || e.RetryAfter.Milliseconds() != 178755 {
		t.Fatalf("%v", err)
	}
}

// Names that are no valid UTF-7, hold 8-bit octets or control characters: each is
// followed as it is on the wire, and none hides another.
func TestOddNames(t *testing.T) {
	wire := map[string]string{"R&D": "R&D", "Entw\u00fcrfe": "Entw\xc3\xbcrfe", "A\x1bB": "A\x1bB", "caf\u00e9": "caf&AOk-", "Say \"x\"": `Say \"x\"`}
	s := &connectortest.Script{Next: 1}
	s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
		switch {
		case strings.HasPrefix(command, "LIST"):
			conn.Say("* LIST () \"/\" INBOX\r\n* LIST (\r\n* LIST () \"/\" {1}\r\n\x01\r\n* LIST (\\Noselect) NIL \"\"\r\n")
			for _, w := range wire {
				if strings.ContainsAny(w, "\x1b") {
					conn.Say("* LIST (\\HasNoChildren) \"/\" {%d}\r\n%s\r\n", len(w), w)
					continue
				}
				conn.Say("* LIST (\\HasNoChildren) \"/\" \"%s\"\r\n", w)
			}
		case strings.HasPrefix(command, "SELECT"):
			for _, w := range wire {
				if strings.Contains(command, w) {
					conn.Say("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT 1] .\r\n%s OK done\r\n", tag)
					return true
				}
			}
			conn.Say("%s NO [NONEXISTENT] unknown\r\n", tag)
			return true
		default:
			return false
		}
		conn.Say("%s OK done\r\n", tag)
		return true
	}
	var names []string
	for n := range wire {
		names = append(names, n)
	}
	changes, _ := pull(t, scripted(t, s, func(o *Options) { o.Mailboxes = append(names, "gone") }), "")
	if len(changes) != 1 || changes[0].Ref.Mailbox != "gone" {
		t.Fatalf("%d faults, want one for the mailbox that is not there", len(changes))
	}
}
