package imap

import (
	"strings"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

func draft(id, text string) model.Step {
	return model.Step{ID: "d", Action: model.Note{Draft: true, Body: model.Hide(model.NoteBody{
		MessageID: "<" + id + "@chancery.example>", Of: "f", Digest: "d", To: model.Address{Addr: "bo@client.example"}, Subject: "Draft", Text: text, HTML: "<p>x</p>",
	})}}
}

// Drafts go where the server says that drafts are, whatever that is called.
func TestDraftsMailbox(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Extra: "namespace inbox {\n  mailbox Post/Entwürfe {\n    special_use = \\Drafts\n    auto = create\n  }\n}\n"})
	d.Client(t, "ann").OK("CREATE Drafts")
	s := open(t, optionsFor(d, "ann"))
	got := apply(t, s, draft("1", "text"))[0]
	if got.Outcome != model.Done || got.Ref.Mailbox != "Post/Entwürfe" || got.Ref.UID == 0 {
		t.Fatalf("outcome %d %s", got.Outcome, got.Code)
	}
	dump := d.Dump(t, "ann")
	if list := dump["Post/Entw&APw-rfe"]; len(list) != 1 || strings.Join(list[0].Flags, " ") != `\Draft \Seen` || len(dump["Drafts"]) != 0 {
		t.Fatalf("%d drafts in their place", len(list))
	}
}

// A server says how much it takes: more is not sent.
func TestAppendLimit(t *testing.T) {
	for name, c := range map[string]struct {
		caps, refuse string
		sent         bool
	}{
		"announced": {"APPENDLIMIT=2000", "", false},
		"refused":   {"APPENDLIMIT", "NO [TOOBIG] too big", true},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := boxes(1)
			s.Caps = c.caps
			b.Create("Drafts")
			b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
				switch {
				case strings.HasPrefix(command, "LIST"):
					conn.Say("* LIST () \"/\" Drafts\r\n%s OK done\r\n", tag)
				case strings.HasPrefix(command, "APPEND") && c.refuse != "" && len(command) > 2000:
					conn.Say("%s %s\r\n", tag, c.refuse)
				default:
					return false
				}
				return true
			}
			src := scripted(t, s)
			if got := apply(t, src, draft("1", strings.Repeat("long ", 1000)))[0]; got.Outcome != model.Refused || got.Code != "too-large" {
				t.Fatalf("outcome %d %s", got.Outcome, got.Code)
			}
			if s.Sent("APPEND") != c.sent {
				t.Fatal("it was sent, or not tried")
			}
			if got := apply(t, src, draft("2", "short"))[0]; got.Outcome != model.Done || got.Ref.Mailbox != "Drafts" {
				t.Fatalf("outcome %d %s", got.Outcome, got.Code)
			}
			if list := b.Mail("Drafts"); len(list) != 1 || strings.Join(list[0].Flags, " ") != `\Draft \Seen` {
				t.Fatalf("%d drafts", len(list))
			}
		})
	}
}

// A tag of a note is none of a draft, and the other way round.
func TestTags(t *testing.T) {
	s := &Source{o: Options{Sign: connectortest.MailSign}}
	n := model.NoteBody{MessageID: "<a@b>", Of: "f", Digest: "d"}
	note, draft := noteTag(s.o.Sign, n.Of, n.Digest, n.MessageID), draftTag(s.o.Sign, n, "c")
	if !s.proves(note, "<a@b>") || !s.proves(draft, "<a@b>") {
		t.Fatal("a tag of ours is not ours")
	}
	proof := strings.Split(note, ";")[2]
	for _, forged := range []string{"", ";", "f;d;c;" + proof, "f;d;" + strings.Split(draft, ";")[3], strings.Replace(draft, ";c;", ";x;", 1), strings.Replace(note, "d", "e", 1)} {
		if s.proves(forged, "<a@b>") {
			t.Fatalf("%q is taken for ours", forged)
		}
	}
	if s.proves(draft, "<c@d>") || s.proves(note, "") {
		t.Fatal("the tag of another message is taken")
	}
}
