package imap

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// On Gmail a mark is a label: that goes, and no label of a person with it.
func TestUnmarkOnGmail(t *testing.T) {
	s, b := boxes(3)
	s.Caps, b.Labels = "MOVE UIDPLUS X-GM-EXT-1", true
	src := scripted(t, s)
	mark := model.Mark{Keyword: "lx-a", Gmail: "Geprüft", Flagged: true}
	var undo []model.Step
	for i, got := range apply(t, src, marked(mark, 1, 2, 3)...) {
		if !slices.Equal(got.Added, []string{`\Flagged`, "gm:Geprüft"}) {
			t.Fatalf("added %q", got.Added)
		}
		undo = append(undo, at(uint32(i+1), model.Unmark{Flags: got.Added}))
	}
	if err := src.label([]uint32{1, 2}, "+", []string{"Mine"}); err != nil {
		t.Fatal(err)
	}
	if err := src.label([]uint32{2}, "-", []string{"Geprüft"}); err != nil {
		t.Fatal(err)
	}
	want := []model.Outcome{model.Done, model.Stale, model.Done}
	for i, got := range apply(t, src, undo...) {
		if got.Outcome != want[i] {
			t.Fatalf("message %d: outcome %d %s", i+1, got.Outcome, got.Code)
		}
	}
	for i, labels := range []string{"Mine", "Mine", ""} {
		m := b.Mail("INBOX")[i]
		if strings.Trim(strings.Join(m.Labels, " "), `"`) != labels || model.Flags(m.Flags).Has(`\Flagged`) != (i == 1) {
			t.Fatalf("message %d: labels %q, flags %q", i+1, m.Labels, m.Flags)
		}
	}
	// A label that a step names by itself.
	apply(t, src, marked(mark, 3)...)
	if got := apply(t, src, at(3, model.Unmark{Label: "Geprüft"}))[0]; got.Outcome != model.Done || len(b.Mail("INBOX")[2].Labels) != 0 {
		t.Fatalf("outcome %d, labels %q", got.Outcome, b.Mail("INBOX")[2].Labels)
	}
}

// A server that refuses to take flags away: the mark stays and the step says so.
func TestUnmarkRefused(t *testing.T) {
	for answer, want := range map[string]model.Result{
		"TAG NO [NOPERM] not yours\r\n": {Outcome: model.Refused, Code: "no-permission"},
		"TAG NO [INUSE] locked\r\n":     {Outcome: model.Later, Code: "refused-for-now"},
		"TAG BAD what\r\n":              {Outcome: model.Refused, Code: "store-refused"},
	} {
		s, b := boxes(2)
		b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
			if strings.Contains(command, " -FLAGS") {
				conn.Say("%s", strings.ReplaceAll(answer, "TAG", tag))
				return true
			}
			return false
		}
		src := scripted(t, s)
		apply(t, src, marked(model.Mark{Keyword: "lx-a"}, 1, 2)...)
		for _, got := range apply(t, src, at(1, model.Unmark{Flags: model.Flags{"lx-a"}}), at(2, model.Unmark{Flags: model.Flags{"lx-a"}})) {
			if got.Outcome != want.Outcome || got.Code != want.Code {
				t.Fatalf("%q: outcome %d %s", answer, got.Outcome, got.Code)
			}
		}
	}
}

// Marks and moves of forty messages are taken back on every kind of mailbox and
// with every way to move; half of the messages were starred before.
func TestTakeBack(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		for _, hide := range [][]string{nil, {"MOVE"}, {"MOVE", "UIDPLUS"}} {
			t.Run(format+fmt.Sprint(hide), func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: hide})
				person := d.Client(t, "ann")
				var letters [][]byte
				for n := range 40 {
					letters = append(letters, connectortest.Letter(n))
				}
				person.Append("INBOX", letters...)
				person.OK("CREATE Files")
				person.OK("SELECT INBOX")
				person.OK(`UID STORE 1:20 +FLAGS.SILENT (\Flagged)`)
				before := servertest.Bodies(d.Dump(t, "ann"))
				s := open(t, optionsFor(d, "ann"))
				changes, _ := pull(t, s, "")
				var undo []model.Step
				var marks []model.Step
				for _, c := range changes {
					marks = append(marks, model.Step{ID: "m", Ref: c.Ref, Ident: c.Ident, Action: model.Mark{Keyword: "lx-a", Apple: "purple"}})
				}
				for i, got := range apply(t, s, marks...) {
					step := marks[i]
					step.Action = model.Unmark{Flags: got.Added}
					undo = append(undo, step)
				}
				var back []model.Step
				for i, got := range apply(t, s, fileAll(changes)...) {
					undo[i].Ref = got.Ref
					back = append(back, model.Step{ID: "b", Ref: got.Ref, Ident: undo[i].Ident, Action: model.Return{To: "INBOX"}})
				}
				for _, got := range apply(t, s, append(undo, back...)...) {
					if got.Outcome != model.Done || got.Already {
						t.Fatalf("outcome %d %s", got.Outcome, got.Code)
					}
				}
				plain, starred := 0, 0
				dump := d.Dump(t, "ann")
				for _, m := range dump["INBOX"] {
					switch f := model.Flags(m.Flags); {
					case f.Has(`\Deleted`): // stands where nothing may be expunged
					case f.Has("lx-a"), f.Has("$MailFlagBit0"):
						t.Fatalf("message %d shows %q", m.UID, f)
					case f.Has(`\Flagged`):
						starred++
					default:
						plain++
					}
				}
				if plain != 20 || starred != 20 {
					t.Fatalf("%d plain, %d starred", plain, starred)
				}
				for body, n := range servertest.Bodies(dump) {
					if n < before[body] || n > before[body] && len(hide) < 2 {
						t.Fatal("a message is missing or doubled")
					}
				}
			})
		}
	}
}
