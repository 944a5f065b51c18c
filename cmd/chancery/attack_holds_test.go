package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// office is a firm with a Dovecot and a Radicale.
type office struct {
	*firm
	d           *servertest.DovecotServer
	dav         *servertest.DAV
	work, holds string
	day         string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	t.Parallel()
	o := &office{d: servertest.Dovecot(t, servertest.DovecotOptions{}), dav: servertest.Radicale(t), day: nextWeekday(3)}
	o.work = o.dav.MakeCalendar("work")
	o.holds = o.dav.Home + "holds/"
	o.firm = newFirm(t, o.d, o.dav)
	return o
}

// clash puts two events that overlap.
func (o *office) clash() {
	o.dav.Put(o.work+"hearing.ics", meeting("hearing", "Hearing", o.day, 10, 12))
	o.dav.Put(o.work+"staff.ics", meeting("staff", "Staff meeting", o.day, 11, 12))
}

func (o *office) list() []string {
	if code, _, _ := o.dav.Do("PROPFIND", o.holds, map[string]string{"Depth": "0"}, ""); code == 404 {
		return nil
	}
	return o.dav.List(o.holds)
}

// hold returns the one hold there is.
func (o *office) hold() (path, text string) {
	o.t.Helper()
	all := o.list()
	if len(all) != 1 {
		o.t.Fatalf("%d holds", len(all))
	}
	b, _ := o.dav.Get(all[0])
	return all[0], string(b)
}

func (o *office) notes() []servertest.Dumped { return o.d.Dump(o.t, pa)["INBOX"] }

// expect checks how many holds and notes there are.
func (o *office) expect(when string, holds, notes int) {
	o.t.Helper()
	if h, n := len(o.list()), len(o.notes()); h != holds || n != notes {
		o.t.Errorf("%s: %d holds and %d notes, want %d and %d", when, h, n, holds, notes)
	}
}

// What an assistant does to a hold is the decision, whether the daemon looks or
// not, and whatever happens to the conflict afterwards.
func TestWhatTheAssistantDoesToAHoldStands(t *testing.T) {
	acts := []struct {
		name string
		do   func(o *office, path, text string)
	}{
		{"moved in time", func(o *office, path, text string) {
			at := regexp.MustCompile(`(DTSTART[^:]*:\d{8}T)\d\d`)
			o.dav.Put(path, []byte(at.ReplaceAllString(text, "${1}01")))
		}},
		{"retitled", func(o *office, path, text string) {
			o.dav.Put(path, []byte(strings.Replace(text, "SUMMARY:", "SUMMARY:Mine: ", 1)))
		}},
		{"confirmed", func(o *office, path, text string) {
			text = strings.Replace(text, "STATUS:TENTATIVE", "STATUS:CONFIRMED", 1)
			o.dav.Put(path, []byte(strings.Replace(text, "TRANSP:TRANSPARENT", "TRANSP:OPAQUE", 1)))
		}},
		{"deleted", func(o *office, path, _ string) { o.dav.Delete(path) }},
		{"replaced by an own event of the same UID", func(o *office, path, text string) {
			o.dav.Delete(path)
			_, uid, _ := strings.Cut(text, "\nUID:")
			uid, _, _ = strings.Cut(uid, "\r\n")
			o.dav.Put(path, meeting(uid, "Mine", o.day, 15, 16))
		}},
		{"tag taken off", func(o *office, path, text string) {
			var kept []string
			tag := false
			for line := range strings.SplitSeq(text, "\r\n") {
				tag = strings.HasPrefix(line, "X-CHANCERY-TAG") || tag && strings.HasPrefix(line, " ")
				if !tag {
					kept = append(kept, line)
				}
			}
			o.dav.Put(path, []byte(strings.Join(kept, "\r\n")))
		}},
	}
	for _, a := range acts {
		for _, running := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s running %t", a.name, running), func(t *testing.T) {
				o := newOffice(t)
				o.clash()
				o.once()
				path, text := o.hold()
				var r *running_
				if running {
					r = &running_{o.start()}
					await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
				}
				a.do(o, path, text)
				if running {
					await(t, "the release", func() bool { out, _ := o.cli("journal"); return strings.Contains(out, "released") })
				}
				was := o.state()
				// The conflict changes, then ends, then comes back.
				for _, from := range []int{10, 15, 11} {
					o.dav.Put(o.work+"staff.ics", meeting("staff", "Staff meeting", o.day, from, from+1))
					if !running {
						o.once()
					}
				}
				if running {
					o.dav.Put(o.work+"other.ics", meeting("other", "Other hearing: Hearing", nextWeekday(8), 10, 12))
					o.dav.Put(o.work+"other2.ics", meeting("other2", "Other", nextWeekday(8), 10, 12))
					await(t, "the other conflict's note", func() bool { return len(o.notes()) == 2 })
					o.dav.Delete(o.work + "other.ics")
					await(t, "its withdrawal", func() bool { return len(o.notes()) == 1 })
					if err := r.stop(syscall.SIGTERM); err != nil {
						t.Errorf("SIGTERM: %v\n%s", err, r.log())
					}
				}
				o.once()
				if now := o.state(); now != was {
					t.Errorf("the hold was touched:\n%s\nwas:\n%s", now, was)
				}
				if n := len(o.notes()); n != 1 {
					t.Errorf("%d notes", n)
				}
			})
		}
	}
}

type running_ struct{ *running }

// state is all that is in the calendar for holds.
func (o *office) state() string {
	var b strings.Builder
	for _, path := range o.list() {
		text, _ := o.dav.Get(path)
		fmt.Fprintf(&b, "%s\n%s\n", path, text)
	}
	return b.String()
}

// A conflict that changes while the notes' server is away leaves one note in the
// end, the latest; one that ends leaves none.
func TestNotesThatWaitedLeaveOneOrNone(t *testing.T) {
	for _, ends := range []bool{false, true} {
		t.Run(fmt.Sprintf("ends %t", ends), func(t *testing.T) {
			o := newOffice(t)
			o.clash()
			r := o.start()
			await(t, "hold and note", func() bool { return len(o.list()) == 1 && len(o.notes()) == 1 })
			o.d.Kill()
			await(t, "the failure", func() bool { return strings.Contains(r.log(), "source failed") })
			for _, to := range []int{13, 14} {
				_, before := o.hold()
				o.dav.Put(o.work+"staff.ics", meeting("staff", "Staff meeting", o.day, 11, to))
				await(t, "the hold to follow", func() bool { _, now := o.hold(); return now != before })
			}
			want := 1
			if ends {
				want = 0
				o.dav.Delete(o.work + "staff.ics")
				await(t, "the withdrawal", func() bool { return len(o.list()) == 0 })
			}
			if err := r.stop(syscall.SIGTERM); err != nil {
				t.Fatalf("SIGTERM: %v\n%s", err, r.log())
			}
			o.d.Restart(t)
			o.once()
			o.once()
			o.expect("in the end", want, want)
		})
	}
}

// Notes are the assistant's once touched, and none is written a second time.
func TestWhatTheAssistantDoesToANoteStands(t *testing.T) {
	acts := map[string]struct {
		do    []string
		notes int // left when the conflict changed, in all mailboxes
		end   int // left when it is gone
	}{
		"read":     {[]string{`UID STORE %d +FLAGS (\Seen)`}, 2, 1},
		"answered": {[]string{`UID STORE %d +FLAGS (\Seen \Answered)`}, 2, 1},
		"deleted":  {[]string{`UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d"}, 1, 0},
		"moved":    {[]string{"UID MOVE %d Mine"}, 2, 1},
		"nothing":  {nil, 1, 0},
	}
	for name, a := range acts {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			c := o.d.Client(t, pa)
			c.OK("CREATE Mine")
			o.clash()
			o.once()
			act(c, "INBOX", "Conflict", a.do...)
			all := func() int { return len(o.notes()) + len(o.d.Dump(t, pa)["Mine"]) }
			was := all()
			o.once()
			if n := all(); n != was {
				t.Errorf("%d notes after a run without any change, were %d", n, was)
			}
			o.dav.Put(o.work+"staff.ics", meeting("staff", "Staff meeting", o.day, 10, 11))
			o.once()
			if n := all(); n != a.notes {
				t.Errorf("%d notes after the conflict changed, want %d", n, a.notes)
			}
			// Both parties go.
			o.dav.Delete(o.work + "staff.ics")
			o.dav.Delete(o.work + "hearing.ics")
			o.once()
			o.once()
			if n := all(); n != a.end || len(o.list()) != 0 {
				t.Errorf("%d notes and %d holds after the conflict ended, want %d and none", n, len(o.list()), a.end)
			}
		})
	}
}

// The calendar for holds is deleted as a whole: some holds are dismissed with it;
// very many look like a lost calendar and come back.
func TestTheHoldsCalendarGoesAway(t *testing.T) {
	for _, n := range []int{2, 8} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			o := newOffice(t)
			for i := range n {
				o.dav.Put(fmt.Sprintf("%sh%d.ics", o.work, i), meeting(fmt.Sprintf("h%d", i), fmt.Sprintf("Hearing %d", i), nextWeekday(3+3*i), 10, 12))
				o.dav.Put(fmt.Sprintf("%ss%d.ics", o.work, i), meeting(fmt.Sprintf("s%d", i), fmt.Sprintf("Staff %d", i), nextWeekday(3+3*i), 11, 12))
			}
			o.once()
			o.expect("at first", n, n)
			if code, _, _ := o.dav.Do("DELETE", o.holds, nil, ""); code/100 != 2 {
				t.Fatalf("delete calendar: %d", code)
			}
			o.once()
			o.once()
			want := 0
			if n > 5 {
				want = n
			}
			o.expect("after the loss", want, n)
		})
	}
}

// The state is lost: whole, or all but the install key, or put back to an earlier
// day. Nothing is doubled; what carries our tag is taken up again.
func TestTheStateIsLost(t *testing.T) {
	for _, kind := range []string{"all", "journal", "old journal"} {
		t.Run(kind, func(t *testing.T) {
			o := newOffice(t)
			state := filepath.Join(o.dir, "state")
			c := o.d.Client(t, gc)
			c.Append("INBOX", mail("1", secretMail, "x"), mail("2", invoice, "x"))
			if kind == "old journal" {
				o.once()
				if err := os.CopyFS(filepath.Join(o.dir, "backup"), os.DirFS(state)); err != nil {
					t.Fatal(err)
				}
			}
			o.clash()
			// A second conflict, whose hold the assistant edits; a third that ends.
			for i, s := range []string{"edited", "over"} {
				day := nextWeekday(8 + 4*i)
				o.dav.Put(o.work+s+"1.ics", meeting(s+"1", "Hearing "+s, day, 10, 12))
				o.dav.Put(o.work+s+"2.ics", meeting(s+"2", "Staff "+s, day, 11, 12))
			}
			o.once()
			o.expect("before", 3, 3)
			edited := ""
			for _, path := range o.list() {
				if text, _ := o.dav.Get(path); strings.Contains(unfold(text), "SUMMARY:Conflict: Staff edited") {
					edited = strings.Replace(string(text), "SUMMARY:", "SUMMARY:Mine: ", 1)
					o.dav.Put(path, []byte(edited))
				}
			}
			if edited == "" {
				t.Fatal("no hold to edit")
			}
			o.once()
			before, bodies := where(t, o.d, gc), servertest.Bodies(o.d.Dump(t, gc))
			o.dav.Delete(o.work + "over2.ics")
			switch kind {
			case "all":
				_ = os.RemoveAll(state)
			case "journal":
				files, _ := filepath.Glob(filepath.Join(state, "*"))
				for _, name := range files {
					if filepath.Base(name) != "install.key" {
						_ = os.RemoveAll(name)
					}
				}
			case "old journal":
				_ = os.RemoveAll(state)
				if err := os.CopyFS(state, os.DirFS(filepath.Join(o.dir, "backup"))); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(filepath.Join(state, "install.key"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			o.once()
			o.once()
			if got := where(t, o.d, gc); fmt.Sprint(got) != fmt.Sprint(before) {
				t.Errorf("mail changed:\n got %v\nwant %v", got, before)
			}
			if got := servertest.Bodies(o.d.Dump(t, gc)); fmt.Sprint(got) != fmt.Sprint(bodies) {
				t.Error("bodies changed")
			}
			switch {
			case kind == "all" && len(o.list()) != 3:
				t.Errorf("%d holds, want the 3 that nobody can prove", len(o.list()))
			case kind != "all" && len(o.list()) != 2:
				t.Errorf("%d holds, want 2", len(o.list()))
			}
			if !strings.Contains(unfold([]byte(o.state())), "SUMMARY:Mine: ") {
				t.Error("the edited hold was written over")
			}
			// A note of a finding that is over cannot be found any more; without the key
			// none can be proved.
			if n := len(o.notes()); n > 3 && kind != "all" {
				t.Errorf("%d notes, want 3", n)
			}
		})
	}
}
