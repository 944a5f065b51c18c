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

// A mailbox in which other people used up every keyword that Maildir keeps: the
// marks are there after the move all the same.
func TestMarksMoveAlong(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		for _, hide := range [][]string{nil, {"MOVE"}, {"MOVE", "UIDPLUS"}} {
			t.Run(format+fmt.Sprint(hide), func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: hide})
				person := d.Client(t, "ann")
				var letters [][]byte
				for n := range 30 {
					letters = append(letters, connectortest.Letter(n))
				}
				person.Append("INBOX", letters...)
				person.Append("Files", connectortest.Letter(99))
				for _, box := range []string{"INBOX", "Files"} {
					person.OK("SELECT " + box)
					for n := range 30 {
						person.OK(fmt.Sprintf("UID STORE 1 +FLAGS.SILENT (%s-%d)", strings.ToLower(box), n))
					}
				}
				person.OK("SELECT INBOX")
				person.OK(`UID STORE 2:30 +FLAGS.SILENT (lx-a inbox-29 \Flagged \Seen)`)
				s := open(t, optionsFor(d, "ann"))
				changes, _ := pull(t, s, "")
				for _, got := range apply(t, s, fileAll(changes)...) {
					if got.Outcome != model.Done || got.Ref.UID == 0 {
						t.Fatalf("outcome %d %s", got.Outcome, got.Code)
					}
				}
				for _, m := range d.Dump(t, "ann")["Files"] {
					f := model.Flags(m.Flags)
					if m.UID > 2 && (!f.Has("lx-a") || !f.Has("inbox-29") || !f.Has(`\Flagged`) || !f.Has(`\Seen`) || f.Has(`\Deleted`)) {
						t.Fatalf("message %d has %q", m.UID, f)
					}
				}
			})
		}
	}
}

// Labels of Gmail belong to the message, but a server that loses them on the way
// gets them again; that of the mailbox itself is not missed.
func TestLabelsMoveAlong(t *testing.T) {
	s, b := boxes(3)
	s.Caps, b.Labels, b.Plus = "MOVE UIDPLUS X-GM-EXT-1", true, true
	src := scripted(t, s)
	apply(t, src, marked(model.Mark{Gmail: "lx/1", Keyword: "x"}, 1, 2)...)
	for _, got := range apply(t, src, at(1, model.File{Mailbox: []string{"Files"}}), at(2, model.File{Mailbox: []string{"Files"}}), at(3, model.File{Mailbox: []string{"Files"}})) {
		if got.Outcome != model.Done {
			t.Fatalf("outcome %d %s", got.Outcome, got.Code)
		}
	}
	for _, m := range b.Mail("Files") {
		if want := m.UID < 4; slices.Contains(m.Labels, `"lx/1"`) != want {
			t.Fatalf("message %d has labels %q", m.UID, m.Labels)
		}
	}
}

// A COPY is carried out after its connection was cut and it was repeated: of the
// two copies one stays.
func TestLateCopy(t *testing.T) {
	s, b := boxes(0)
	b.Guids, b.Plus, s.Caps = true, true, "UIDPLUS"
	for n := range 5 {
		b.Put("INBOX", string(connectortest.Letter(n+1)))
	}
	var late bool
	b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
		if strings.HasPrefix(command, "UID COPY") && !late {
			late = true
			b.Transfer("INBOX", "Files", false, 1, 2, 3) // the one that was cut, just now
		}
		return false
	}
	src := scripted(t, s)
	for _, got := range apply(t, src, at(1, model.File{Mailbox: []string{"Files"}}), at(2, model.File{Mailbox: []string{"Files"}}), at(3, model.File{Mailbox: []string{"Files"}})) {
		if got.Outcome != model.Done {
			t.Fatalf("outcome %d %s", got.Outcome, got.Code)
		}
	}
	if in, out := len(b.Mail("INBOX")), len(b.Mail("Files")); in != 2 || out != 3 || !late {
		t.Fatalf("INBOX %d, Files %d", in, out)
	}
}

// again is a step that was sent before.
func again(s model.Step) model.Step {
	s.Again = true
	return s
}

// A copy that a dead process, or a dead connection of this one, asked for comes to
// light when others have been filed to the same mailbox meanwhile, and that was
// looked through for them. It is found all the same, and no other is made.
func TestCopyOfTheDeadAmongOthers(t *testing.T) {
	for _, c := range []struct {
		name, caps string
		guids      bool
	}{
		{"uidplus", "UIDPLUS", true},
		{"neither", "", true},
		{"uidplus, no identities", "UIDPLUS", false},
		{"neither, no identities", "", false},
		{"move", "MOVE UIDPLUS", true},
	} {
		for _, ours := range []bool{false, true} {
			if ours && strings.HasPrefix(c.caps, "MOVE") {
				continue // a live server moves all or nothing
			}
			t.Run(fmt.Sprintf("%s/ours=%t", c.name, ours), func(t *testing.T) {
				s, b := boxes(0)
				b.Guids, b.Plus, s.Caps = c.guids, true, c.caps
				for n := range 4 {
					b.Put("INBOX", string(connectortest.Letter(n+1)))
				}
				file := func(uid uint32) model.Step { return at(uid, model.File{Mailbox: []string{"Files"}}) }
				cut := ours
				b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
					if cut && strings.HasPrefix(command, "UID COPY") {
						cut = false
						_ = conn.Close()
						return true
					}
					return false
				}
				src := scripted(t, s)
				if ours {
					if _, err := src.Apply(t.Context(), []model.Step{file(1)}); err == nil {
						t.Fatal("not cut")
					}
				}
				apply(t, src, file(2))
				b.Transfer("INBOX", "Files", false, 1)
				apply(t, src, file(3))
				for _, got := range apply(t, src, again(file(1)), file(4)) {
					if got.Outcome != model.Done || got.Ref.Mailbox != "Files" {
						t.Fatalf("outcome %d %s", got.Outcome, got.Code)
					}
				}
				left := 0
				for _, m := range b.Mail("INBOX") {
					if !slices.Contains(m.Flags, `\Deleted`) {
						left++
					}
				}
				if n := len(b.Mail("Files")); n != 4 || left != 0 {
					t.Fatalf("Files %d of 4, INBOX %d", n, left)
				}
			})
		}
	}
}

// COPY is refused for one message, for a mailbox that went away, and for a while:
// the others are filed, and nothing is lost.
func TestCopyRefusedForSome(t *testing.T) {
	for name, c := range map[string]struct {
		refuse func(set string, tries int) string
		want   map[uint32]model.Result
	}{
		"one message": {
			func(set string, _ int) string {
				if connectortest.InSet(set, 7) {
					return "NO [CANNOT] not this one"
				}
				return ""
			},
			map[uint32]model.Result{7: {Outcome: model.Refused, Code: "cannot"}},
		},
		"at random": {
			func(_ string, tries int) string {
				if tries%3 != 0 {
					return "NO something is wrong"
				}
				return ""
			},
			nil,
		},
		"no room for many": {
			func(set string, _ int) string {
				if strings.ContainsAny(set, ":,") {
					return "NO [OVERQUOTA] full"
				}
				return ""
			},
			nil,
		},
		"while it is busy": {
			func(_ string, tries int) string { return "NO [INUSE] locked" },
			map[uint32]model.Result{0: {Outcome: model.Later, Code: "refused-for-now"}},
		},
		"gone": {
			func(_ string, tries int) string { return "NO [TRYCREATE] gone" },
			map[uint32]model.Result{0: {Outcome: model.Refused, Code: "no-mailbox"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := boxes(20)
			s.Caps, b.Plus = "UIDPLUS", true
			tries := 0
			b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
				if set, ok := strings.CutPrefix(command, "UID COPY "); ok {
					tries++
					set, _, _ = strings.Cut(set, " ")
					if text := c.refuse(set, tries); text != "" {
						conn.Say("%s %s\r\n", tag, text)
						return true
					}
				}
				return false
			}
			var steps []model.Step
			for uid := range uint32(20) {
				steps = append(steps, at(uid+1, model.File{Mailbox: []string{"Files"}}))
			}
			src, filed := scripted(t, s), 0
			for i, got := range apply(t, src, steps...) {
				want, special := c.want[uint32(i+1)]
				if all, ok := c.want[0]; ok {
					want, special = all, true
				}
				switch {
				case got.Outcome == model.Done:
					filed++
				case special && got.Outcome == want.Outcome && got.Code == want.Code:
				case name == "at random" && got.Outcome == model.Refused && got.Code == "copy-refused":
				default:
					t.Fatalf("message %d: outcome %d %s", i+1, got.Outcome, got.Code)
				}
			}
			in, out := len(b.Mail("INBOX")), len(b.Mail("Files"))
			if in+out != 20 || out != filed {
				t.Fatalf("INBOX %d, Files %d, %d said to be filed", in, out, filed)
			}
			if least := map[string]int{"one message": 19, "at random": 5, "no room for many": 20}[name]; filed < least {
				t.Fatalf("only %d were filed", filed)
			}
			if tries > 60 {
				t.Fatalf("%d tries for 20 messages", tries)
			}
		})
	}
}

// A server that tells no identity and gives no Message-ID: octets are the proof.
func TestCopyWithoutNames(t *testing.T) {
	s, b := boxes(0)
	for n := range 4 {
		b.Put("INBOX", fmt.Sprintf("Subject: %d\r\n\r\nNo name.\r\n", n/2))
	}
	s.Caps, b.Plus = "UIDPLUS", true
	src := scripted(t, s)
	for range 2 {
		for _, got := range apply(t, src, at(1, model.File{Mailbox: []string{"Files"}}), at(2, model.File{Mailbox: []string{"Files"}}), at(3, model.File{Mailbox: []string{"Files"}})) {
			if got.Outcome != model.Done && got.Outcome != model.Lost {
				t.Fatalf("outcome %d %s", got.Outcome, got.Code)
			}
		}
	}
	if in, out := len(b.Mail("INBOX")), len(b.Mail("Files")); in != 1 || out != 3 {
		t.Fatalf("INBOX %d, Files %d", in, out)
	}
}

// A server that lies about where the copy is, or that it made one, is not believed.
func TestCopyThatIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		made []uint32 // what it copies
		say  string
	}{
		"nothing is copied":       {nil, "OK [COPYUID 1 1:3 2:4] done"},
		"one of three is copied":  {[]uint32{2}, "OK [COPYUID 1 1:3 2:4] done"},
		"others are copied":       {[]uint32{4, 5}, "OK done"},
		"the claim is unreadable": {[]uint32{1}, "OK [COPYUID x y z] done"},
		"the claim is endless":    {[]uint32{1}, "OK [COPYUID 1 1:4294967295 1:4294967295] done"},
	} {
		t.Run(name, func(t *testing.T) {
			s, b := boxes(6)
			s.Caps = "UIDPLUS"
			b.First = func(conn *connectortest.ScriptConn, tag, command string) bool {
				if strings.HasPrefix(command, "UID COPY") {
					b.Transfer("INBOX", "Files", false, c.made...)
					conn.Say("%s %s\r\n", tag, c.say)
					return true
				}
				return false
			}
			src := scripted(t, s)
			done := 0
			for i, got := range apply(t, src, at(1, model.File{Mailbox: []string{"Files"}}), at(2, model.File{Mailbox: []string{"Files"}}), at(3, model.File{Mailbox: []string{"Files"}})) {
				copied := slices.Contains(c.made, uint32(i+1))
				if copied != (got.Outcome == model.Done) || !copied && (got.Outcome != model.Later || got.Code != "copy-unproved") {
					t.Fatalf("message %d: outcome %d %s", i+1, got.Outcome, got.Code)
				}
				if copied {
					done++
				}
			}
			if left := len(b.Mail("INBOX")); left != 6-done {
				t.Fatalf("%d of 6 left, %d filed", left, done)
			}
		})
	}
}
