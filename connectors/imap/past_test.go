package imap

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// dated puts a letter into a mailbox as it arrived at a time.
func dated(person *servertest.RawIMAP, box string, n int, at time.Time) {
	letter := connectortest.Letter(n)
	conn, br := person.Conn()
	fmt.Fprintf(conn, "d APPEND %q %q {%d+}\r\n%s\r\n", box, at.Format("_2-Jan-2006 15:04:05 -0700"), len(letter), letter)
	for {
		line, err := br.ReadString('\n')
		if err != nil || strings.HasPrefix(line, "d ") {
			return
		}
	}
}

func subjects(changes []model.Change) (out []string) {
	for _, c := range changes {
		out = append(out, c.Message.Body.Reveal().Subject)
	}
	return out
}

// History reads what arrived since a time, newest first, whatever the cursor says,
// and moves no cursor.
func TestHistory(t *testing.T) {
	for _, blind := range []bool{false, true} {
		t.Run(fmt.Sprintf("blind=%t", blind), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			person := d.Client(t, "ann")
			person.OK("CREATE Sent")
			noon := time.Date(2026, 10, 5, 12, 0, 0, 0, time.FixedZone("", 9*3600))
			for n := range 600 {
				dated(person, "INBOX", n, noon.Add(time.Duration(n-300)*time.Minute))
			}
			dated(person, "Sent", 900, noon)
			s := open(t, optionsFor(d, "ann", "INBOX", "Missing", "Sent"))
			s.blind = blind
			_, cursor := pull(t, s, "")
			person.Append("INBOX", connectortest.Letter(700))

			var got []string
			sizes := []int{}
			read := func(since time.Time) {
				t.Helper()
				got, sizes = nil, nil
				err := s.History(t.Context(), since, func(changes []model.Change) error {
					got, sizes = append(got, subjects(changes)...), append(sizes, len(changes))
					for _, c := range changes {
						if c.Op != model.Put || c.Message.Old || c.Ident == "" || c.Ref.UID == 0 || !c.Message.Body.Present() {
							t.Fatalf("%v is no new message", c.Ref)
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			want := []string{"Matter 700"}
			for n := 599; n >= 300; n-- {
				want = append(want, fmt.Sprintf("Matter %d", n))
			}
			want = append(want, "Matter 900")
			read(noon)
			if !slices.Equal(got, want) || !slices.Equal(sizes, []int{250, 51, 1}) {
				t.Fatalf("%d of %d messages, in %v", len(got), len(want), sizes)
			}
			if read(time.Time{}); len(got) != 602 {
				t.Fatalf("%d of all messages", len(got))
			}
			if read(time.Now().Add(time.Hour)); len(got) != 0 {
				t.Fatalf("%d messages of the future", len(got))
			}
			mine := errors.New("enough")
			if err := s.History(t.Context(), noon, func([]model.Change) error { return mine }); err != mine {
				t.Fatalf("the caller's error became %v", err)
			}
			changes, _ := pull(t, s, cursor)
			if list := slices.DeleteFunc(changes, func(c model.Change) bool { return c.Op != model.Put }); len(list) != 1 || list[0].Message.Body.Reveal().Subject != "Matter 700" {
				t.Fatalf("%d changes after it", len(list))
			}
		})
	}
}

// Look reads what is still at its place, and nothing else.
func TestLook(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	person := d.Client(t, "ann")
	person.OK("CREATE Files")
	for n := range 4 {
		person.Append("INBOX", connectortest.Letter(n))
	}
	person.Append("Files", connectortest.Letter(9))
	s := open(t, optionsFor(d, "ann", "INBOX", "Files"))
	changes, cursor := pull(t, s, "")
	var refs []model.Ref
	for _, c := range changes {
		refs = append(refs, c.Ref)
	}
	person.OK("SELECT INBOX")
	person.OK(`UID STORE 2 +FLAGS.SILENT (\Deleted)`)
	person.OK("EXPUNGE")
	person.OK(`UID STORE 3 +FLAGS.SILENT (\Answered)`)
	other := refs[0]
	other.UIDValidity++
	nowhere := refs[0]
	nowhere.Mailbox = "Nowhere"
	out, err := s.Look(t.Context(), append(refs, other, nowhere, refs[0], model.Ref{}))
	if err != nil {
		t.Fatal(err)
	}
	got := subjects(out)
	slices.Sort(got)
	if !slices.Equal(got, []string{"Matter 0", "Matter 2", "Matter 3", "Matter 9"}) {
		t.Fatalf("%q", got)
	}
	for _, c := range out {
		if answered := c.Message.Flags.Has(`\Answered`); answered != (c.Message.Body.Reveal().Subject == "Matter 2") {
			t.Fatal("the flags are not those of now")
		}
	}
	if more, _ := pull(t, s, cursor); len(more) != 2 {
		t.Fatalf("%d changes after it", len(more))
	}
	if out, err := s.Look(t.Context(), nil); err != nil || len(out) != 0 {
		t.Fatalf("%d, %v", len(out), err)
	}
}
