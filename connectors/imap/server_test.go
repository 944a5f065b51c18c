package imap

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// A mailbox whose UIDs lost their meaning: what was there before comes back as
// old, what arrived since is new, and it goes on from there.
func TestUIDValidity(t *testing.T) {
	for _, hide := range [][]string{nil, {"CONDSTORE", "QRESYNC"}} {
		d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
		person := d.Client(t, "ann")
		put := func(n int, date string) {
			b := connectortest.Letter(n)
			person.OK(`APPEND Files "` + date + `" {` + strconv.Itoa(len(b)) + "+}\r\n" + string(b))
		}
		person.OK("CREATE Files")
		put(1, "05-Oct-2020 10:00:00 +0000")
		s := open(t, optionsFor(d, "ann", "INBOX", "Files"))
		_, since := pull(t, s, "")
		for round := range 3 {
			person.OK("DELETE Files")
			person.OK("CREATE Files")
			put(1, "05-Oct-2020 10:00:00 +0000")
			put(2, "05-Oct-2090 10:00:00 +0000")
			var changes []model.Change
			changes, since = pull(t, s, since)
			if len(changes) != 2 || !changes[0].Message.Old || changes[1].Message.Old {
				t.Fatalf("round %d: %d changes", round, len(changes))
			}
			put(3, "05-Oct-2020 10:00:00 +0000")
			changes, since = pull(t, s, since)
			if len(changes) != 1 || changes[0].Message.Old {
				t.Fatalf("round %d: %d changes after it", round, len(changes))
			}
		}
		person.OK("DELETE Files")
		changes, since := pull(t, s, since)
		if len(changes) != 1 || changes[0].Fault == nil || changes[0].Fault.Code != "no-mailbox" {
			t.Fatal("a deleted mailbox is not reported")
		}
		person.OK("CREATE Files")
		// The mailbox is empty; what was said of it as a whole is taken back.
		if changes, _ = pull(t, s, since); len(changes) != 1 || changes[0].Op != model.Gone || changes[0].Ref.UID != 0 {
			t.Fatalf("%d changes in an empty mailbox", len(changes))
		}
	}
}

// After the server died, the same Source connects anew at the next call.
func TestServerRestart(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
	d.Client(t, "ann").Append("INBOX", connectortest.Letter(1))
	s := open(t, optionsFor(d, "ann"))
	_, since := pull(t, s, "")
	woke := make(chan error, 1)
	go func() { woke <- s.Wait(context.Background()) }()
	d.Kill()
	err := <-woke
	if class, _ := connectors.Classify(err); err == nil || class != connectors.Network {
		t.Fatalf("wait: %v", err)
	}
	if _, err := s.Pull(t.Context(), since); err == nil {
		t.Fatal("a pull from a dead server")
	} else if class, code := connectors.Classify(err); class != connectors.Network || code != "dial" {
		t.Fatalf("pull: %v", err)
	}
	d.Restart(t)
	d.Client(t, "ann").Append("INBOX", connectortest.Letter(2))
	if changes, _ := pull(t, s, since); len(changes) != 1 {
		t.Fatalf("%d changes after the restart", len(changes))
	}
}

// Dovecot's Maildir takes no dot in a name: the message goes to the spelling with
// a hyphen, both times, and none is lost.
func TestDotInMaildir(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	d.Client(t, "ann").Append("INBOX", connectortest.Letter(1))
	before := d.Dump(t, "ann")
	s := open(t, optionsFor(d, "ann"))
	changes, _ := pull(t, s, "")
	step := model.Step{ID: "1", Ref: changes[0].Ref, Ident: changes[0].Ident, Action: model.File{Mailbox: []string{"Billing", "0042.0070"}, Create: true}}
	for _, already := range []bool{false, true} {
		got := apply(t, s, step)[0]
		if got.Outcome != model.Done || got.Already != already || got.Ref.Mailbox != "Billing/0042-0070" {
			t.Fatalf("outcome %d %s", got.Outcome, got.Code)
		}
	}
	after := d.Dump(t, "ann")
	if len(after["Billing/0042-0070"]) != 1 || !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) {
		t.Fatal("mail was lost or doubled")
	}
}

func TestFind(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	c := d.Client(t, "ann")
	c.Append("INBOX", connectortest.Letter(1), connectortest.Letter(11))
	c.Append("Files", connectortest.Letter(1))
	s := open(t, optionsFor(d, "ann", "INBOX", "Files", "gone"))
	for _, id := range []string{"<letter-1@firm.example>", "letter-1@firm.example"} {
		found, err := s.Find(t.Context(), id)
		if err != nil || len(found) != 2 {
			t.Fatalf("%d found, %v", len(found), err)
		}
		for _, m := range found {
			if m.Body.Reveal().Subject != "Matter 1" || m.Ident == "" {
				t.Fatal("another message was found")
			}
		}
	}
	for _, id := range []string{"", "<>", "<nobody@x>", "a\r\nb", `"`} {
		if found, err := s.Find(t.Context(), id); err != nil || len(found) != 0 {
			t.Fatalf("%q: %d found, %v", id, len(found), err)
		}
	}
	found, err := s.FindUID(t.Context(), "INBOX", 2)
	if err != nil || len(found) != 1 || found[0].Body.Reveal().Subject != "Matter 11" {
		t.Fatalf("%d found, %v", len(found), err)
	}
	for _, where := range []struct {
		box string
		uid uint32
	}{{"INBOX", 99}, {"gone", 1}, {"a/b/c", 1}} {
		if found, err := s.FindUID(t.Context(), where.box, where.uid); err != nil || len(found) != 0 {
			t.Fatalf("%s %d: %d found, %v", where.box, where.uid, len(found), err)
		}
	}
}

// A broad gap in the UIDs costs a few commands, not thousands.
func TestGapsInUIDs(t *testing.T) {
	s := sixLetters()
	s.Messages[4_000_000_000] = string(connectortest.Letter(7))
	delete(s.Messages, 3)
	s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
		set, asked, _ := strings.Cut(strings.TrimPrefix(command, "UID FETCH "), " ")
		switch {
		case strings.HasPrefix(command, "SELECT"):
			conn.Say("* 6 EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT 4294967295] .\r\n%s OK done\r\n", tag)
		case strings.HasPrefix(command, "UID FETCH") && !strings.Contains(command, "X-GUID"):
			for _, uid := range []uint32{1, 2, 4, 5, 6, 4_000_000_000} {
				if connectortest.InSet(set, uid) || set == "*" && uid == 4_000_000_000 {
					conn.Say("%s", s.Fetch(1, uid, asked, s.Messages[uid]))
				}
			}
			conn.Say("%s OK done\r\n", tag)
		default:
			return false
		}
		return true
	}
	src := scripted(t, s)
	changes, _ := pull(t, src, "")
	if len(changes) != 6 || changes[5].Ref.UID != 4_000_000_000 {
		t.Fatalf("%d changes", len(changes))
	}
	if n := len(s.Log()); n > 12 {
		t.Fatalf("%d commands", n)
	}
}
