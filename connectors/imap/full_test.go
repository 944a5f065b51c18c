package imap

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

func quota(kib int) string {
	return fmt.Sprintf(`mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User
  quota_vsizes = yes
  quota_grace = 0
  quota_rule = *:storage=%dK
}
`, kib)
}

// kilo is a message of one KiB.
func kilo(n int) []byte {
	b := connectortest.Letter(n)
	for len(b) < 1022 {
		b = append(b, 'x')
	}
	return append(b, '\r', '\n')
}

func fileAll(changes []model.Change) (steps []model.Step) {
	for i, c := range changes {
		steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(i)), Ref: c.Ref, Ident: c.Ident, Action: model.File{Mailbox: []string{"Files"}}})
	}
	return steps
}

// Where a copy has to fit before its original goes, a mailbox that is almost full
// is worked on in small sets; in one that is full all waits until there is room.
func TestQuota(t *testing.T) {
	for _, hide := range [][]string{nil, {"MOVE"}, {"MOVE", "UIDPLUS"}} {
		t.Run(fmt.Sprint(hide), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide, Extra: quota(64)})
			person := d.Client(t, "ann")
			var letters [][]byte
			for n := range 60 {
				letters = append(letters, kilo(n))
			}
			person.Append("INBOX", letters...)
			person.OK("CREATE Files")
			before := d.Dump(t, "ann")
			s := open(t, optionsFor(d, "ann"))
			changes, _ := pull(t, s, "")
			steps := fileAll(changes)
			done, later := 0, 0
			for _, got := range apply(t, s, steps...) {
				switch {
				case got.Outcome == model.Done:
					done++
				case got.Outcome == model.Later && got.Code == "overquota":
					later++
				default:
					t.Fatalf("outcome %d %s", got.Outcome, got.Code)
				}
			}
			if plus := len(hide) < 2; plus && later > 0 || !plus && (done == 0 || later == 0) {
				t.Fatalf("%d done, %d wait", done, later)
			}
			after := d.Dump(t, "ann")
			for sum := range servertest.Bodies(before) {
				if servertest.Bodies(after)[sum] == 0 {
					t.Fatal("a message was lost")
				}
			}
			if len(hide) < 2 {
				if !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) || len(after["Files"]) != 60 {
					t.Fatal("a message was lost or doubled")
				}
				return
			}
			// A person makes room: without UIDPLUS what was copied waits for that.
			person.OK("SELECT INBOX")
			for range 30 {
				person.OK("EXPUNGE")
				for _, got := range apply(t, s, steps...) {
					if got.Outcome != model.Done && (got.Outcome != model.Later || got.Code != "overquota") {
						t.Fatalf("outcome %d %s", got.Outcome, got.Code)
					}
				}
			}
			person.OK("EXPUNGE")
			if after = d.Dump(t, "ann"); !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) || len(after["Files"]) != 60 {
				t.Fatalf("with room: INBOX %d, Files %d", len(after["INBOX"]), len(after["Files"]))
			}
		})
	}
}

// A note that does not fit waits.
func TestQuotaForNotes(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Extra: quota(8)})
	person := d.Client(t, "ann")
	for n := range 8 {
		person.Append("INBOX", kilo(n)[:1000])
	}
	s := open(t, optionsFor(d, "ann"))
	note := model.Step{ID: "n", Action: model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{MessageID: "<n@chancery.example>", Of: "f", Digest: "d", Subject: "Note", Text: "text"})}}
	if got := apply(t, s, note)[0]; got.Outcome != model.Later || got.Code != "overquota" {
		t.Fatalf("outcome %d %s", got.Outcome, got.Code)
	}
	person.OK("SELECT INBOX")
	person.OK(`UID STORE 1:4 +FLAGS.SILENT (\Deleted)`)
	person.OK("EXPUNGE")
	if got := apply(t, s, note)[0]; got.Outcome != model.Done || got.Already {
		t.Fatalf("with room: outcome %d %s", got.Outcome, got.Code)
	}
}

// fill writes to a disk until it is full.
func fill(t *testing.T, dir string) string {
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			size /= 2
		}
	}
	_ = f.Close()
	return path
}

// The disk of the server is full while marks, moves and a note are due. Whatever
// it says to them, nothing is lost or doubled, and all is done when there is room.
func TestDiskFull(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		for _, hide := range [][]string{nil, {"MOVE"}} {
			t.Run(format+fmt.Sprint(hide), func(t *testing.T) {
				d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: hide, Disk: "4m"})
				person := d.Client(t, "ann")
				var letters [][]byte
				for n := range 200 {
					letters = append(letters, kilo(n))
				}
				person.Append("INBOX", letters...)
				// Dovecot's Maildir loses the name of a keyword that is new while the disk is full.
				person.Append("Files", kilo(200))
				for _, box := range []string{"Files", "INBOX"} {
					person.OK("SELECT " + box)
					person.OK(`UID STORE 1 +FLAGS.SILENT (lx-a \Flagged)`)
				}
				before := d.Dump(t, "ann")
				s := open(t, optionsFor(d, "ann"))
				changes, _ := pull(t, s, "")
				var steps []model.Step
				for i, c := range changes {
					steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint("m", i)), Ref: c.Ref, Ident: c.Ident, Action: model.Mark{Keyword: "lx-a", Flagged: true}})
				}
				steps = append(steps, fileAll(changes)...)
				steps = append(steps, model.Step{ID: "n", Action: model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{
					MessageID: "<n@chancery.example>", Of: "f", Digest: "d", Subject: "Note", Text: "text",
				})}})
				filler := fill(t, filepath.Join(d.Dir(), "mail"))
				said := map[string]int{}
				for range 3 {
					results, err := s.Apply(t.Context(), steps)
					if err != nil {
						said["the connection ended"]++
					}
					for _, got := range results {
						said[fmt.Sprintf("%d %s", got.Outcome, got.Code)]++
						if got.Outcome == model.Lost || got.Outcome == model.Refused {
							t.Errorf("outcome %d %s", got.Outcome, got.Code)
						}
					}
				}
				t.Logf("on a full disk: %v", said)
				if err := os.Remove(filler); err != nil {
					t.Fatal(err)
				}
				for _, got := range apply(t, s, steps...) {
					if got.Outcome != model.Done && got.Outcome != model.Lost {
						t.Fatalf("with room: outcome %d %s", got.Outcome, got.Code)
					}
				}
				after := d.Dump(t, "ann")
				if len(after["INBOX"]) != 1 || len(after["Files"]) != 201 {
					t.Fatalf("INBOX %d, Files %d", len(after["INBOX"]), len(after["Files"]))
				}
				after["INBOX"] = nil // the note
				if !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) {
					t.Fatal("a message was lost or doubled")
				}
				for _, m := range after["Files"] {
					if f := model.Flags(m.Flags); !f.Has("lx-a") || !f.Has(`\Flagged`) || f.Has(`\Deleted`) {
						t.Fatalf("a message has flags %q", m.Flags)
					}
				}
			})
		}
	}
}
