package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mirrored is an office whose principal has a private calendar, which the one at
// work shows as "Busy".
func mirrored(t *testing.T, mode string) (o *office, private string) {
	o = newOffice(t)
	private = o.dav.MakeCalendar("private")
	o.edit("chancery.yaml", "calendars: [work, {name", "calendars: [work, private, {name")
	o.edit("chancery.yaml", "calendars: [cal/work]", "calendars: [cal/work, cal/private]")
	o.edit("rules.d/10.yaml", "calendar:\n", "calendar:\n  mirrors:\n    - {name: private-time, mode: "+mode+", from: [cal/private], to: cal/work}\n")
	return o, private
}

// busy lists the entries of the mirror, as path and text.
func (o *office) busy() map[string]string {
	out := map[string]string{}
	for _, path := range o.dav.List(o.work) {
		if b, ok := o.dav.Get(path); ok && strings.Contains(string(b), "X-CHANCERY-TAG") {
			out[path] = unfold(b)
		}
	}
	return out
}

// stands awaits that the entries say so: their beginnings, in UTC, one after another.
func (o *office) stands(when string, hours ...int) {
	o.t.Helper()
	day, _ := time.Parse("20060102", o.day)
	zone, _ := time.LoadLocation("America/New_York")
	await(o.t, when, func() bool {
		all := o.busy()
		for _, h := range hours {
			at := time.Date(day.Year(), day.Month(), day.Day(), h, 0, 0, 0, zone).UTC().Format("DTSTART:20060102T150405Z")
			found := ""
			for path, text := range all {
				if strings.Contains(text, at) {
					found = path
				}
			}
			if found == "" {
				return false
			}
			delete(all, found)
		}
		return len(all) == 0
	})
}

func TestAMirrorThroughADaysWork(t *testing.T) {
	o, private := mirrored(t, "enforce")
	secret := func(uid string, from int) {
		o.dav.Put(private+uid+".ics", meeting(uid, "Oncologist Dr. Weber", o.day, from, from+1))
	}
	r := o.start()
	secret("a", 9)
	secret("b", 11)
	secret("c", 13)
	o.stands("three entries", 9, 11, 13)
	for _, text := range o.busy() {
		for _, want := range []string{"SUMMARY:Busy\r\n", "CLASS:PRIVATE\r\n", "TRANSP:OPAQUE\r\n", "STATUS:CONFIRMED\r\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("an entry lacks %q:\n%s", want, text)
			}
		}
		for _, leak := range []string{"Oncologist", "Weber", "DESCRIPTION", "LOCATION", "ATTENDEE", "RELATED", "VALARM"} {
			if strings.Contains(text, leak) {
				t.Errorf("an entry says %q:\n%s", leak, text)
			}
		}
	}
	secret("a", 15)
	o.stands("the entry follows its event", 15, 11, 13)
	o.dav.Delete(private + "b.ics")
	o.stands("the entry goes with its event", 15, 13)

	// A person moves one and deletes one, and the events move on.
	released := func() int { return strings.Count(mustCli(o, "journal"), "released") }
	for path, text := range o.busy() {
		if strings.Contains(text, o.utc(13)) {
			o.dav.Put(path, []byte(strings.NewReplacer(o.utc(13), o.utc(16), o.utc(14), o.utc(17)).Replace(text)))
		} else {
			o.dav.Delete(path)
		}
	}
	await(t, "both decisions", func() bool { return released() == 2 })
	secret("a", 10)
	secret("c", 12)
	secret("d", 14)
	o.stands("a new one beside what a person decided", 16, 14)

	if err := r.stop(syscall.SIGKILL); err == nil {
		t.Fatal("it was not killed")
	}
	secret("d", 9)
	before := o.versions()
	o.once()
	o.stands("after a kill", 16, 9)
	if out, code := o.cli("plan"); code != 0 || strings.Contains(out, "would ") {
		t.Errorf("plan of nothing: exit %d\n%s", code, out)
	}
	etags := o.etags()
	o.once()
	if again := o.etags(); again != etags {
		t.Errorf("a second run wrote:\n%s\n%s", etags, again)
	}
	if len(o.list()) != 0 || len(o.notes()) != 0 || o.versions() != before {
		t.Errorf("a mirror made a conflict: %s", o.versions())
	}
	if out := oneLine(mustCli(o, "explain", "d")); !strings.Contains(out, "mirror private-time shows it in cal/work, 1 date (rules.d/10.yaml:") {
		t.Errorf("explain the event:\n%s", out)
	}
	for _, text := range o.busy() {
		if !strings.Contains(text, o.utc(9)) {
			continue
		}
		_, uid, _ := strings.Cut(text, "UID:")
		uid, _, _ = strings.Cut(uid, "\r\n")
		if out := oneLine(mustCli(o, "explain", uid)); !strings.Contains(out, "mirror private-time shows here what takes time in cal/private: Oncologist") {
			t.Errorf("explain the entry:\n%s", out)
		}
		o.edit("rules.d/10.yaml", "slots: false", "slots: false, discreet: true")
		if out := oneLine(mustCli(o, "explain", uid)); strings.Contains(out, "Oncologist") || !strings.Contains(out, "cal/private: internal") {
			t.Errorf("explain the entry discreetly:\n%s", out)
		}
	}

	// The state is lost: what stands is taken up, and nothing is written twice.
	if err := os.RemoveAll(filepath.Join(o.dir, "state", "journal.db")); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"journal.db-wal", "journal.db-shm"} {
		_ = os.Remove(filepath.Join(o.dir, "state", part))
	}
	o.once()
	o.stands("after a lost state", 16, 9, 10) // what was deleted is not known any more
	o.edit("rules.d/10.yaml", "mode: enforce, from", "mode: off, from")
	o.once()
	o.stands("switched off, what a person edited stays", 16)
	if strings.Contains(r.log(), "Weber") {
		t.Error("the log shows content")
	}
}

// utc is an hour of the day in New York as an entry says it.
func (o *office) utc(hour int) string {
	day, _ := time.Parse("20060102", o.day)
	zone, _ := time.LoadLocation("America/New_York")
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, zone).UTC().Format("20060102T150405Z")
}

// etags are the versions of everything in the calendar at work.
func (o *office) etags() string {
	var out strings.Builder
	for _, path := range o.dav.List(o.work) {
		_, _, h := o.dav.Do("GET", path, nil, "")
		out.WriteString(path + " " + h.Get("ETag") + "\n")
	}
	return out.String()
}

// An observing mirror tells, and writes nothing; taken out of the rules, one that
// wrote cleans up.
func TestAMirrorThatObserves(t *testing.T) {
	o, private := mirrored(t, "observe")
	o.dav.Put(private+"a.ics", meeting("a", "Oncologist", o.day, 9, 10))
	o.dav.Put(o.work+"b.ics", meeting("b", "Staff", o.day, 14, 15))
	if out, code := o.cli("plan"); code != 0 || !strings.Contains(out, "private-time") || strings.Contains(out, "Oncologist") {
		t.Errorf("plan: exit %d\n%s", code, out)
	}
	o.once()
	o.stands("nothing yet")
	o.edit("rules.d/10.yaml", "mode: observe, from", "mode: enforce, from")
	if out, code := o.cli("plan"); code != 0 || !strings.Contains(out, `hold "Busy" in cal/work`) {
		t.Errorf("plan: exit %d\n%s", code, out)
	}
	o.once()
	o.stands("one entry", 9)
	o.edit("rules.d/10.yaml", "  mirrors:\n    - {name: private-time, mode: enforce, from: [cal/private], to: cal/work}\n", "")
	o.once()
	o.stands("nothing any more")
	if n := len(o.dav.List(o.work)); n != 1 {
		t.Errorf("%d events at work, want the one of the person", n)
	}
}

// Events of the principal's own get a class by rule; a person's change back, and an
// undo, are for good.
func TestAClassByRule(t *testing.T) {
	for _, back := range []string{"person", "undo"} {
		t.Run(back, func(t *testing.T) {
			o := newOffice(t)
			o.edit("rules.d/10.yaml", "calendar:\n", "calendar:\n  classes:\n    - {name: sensitive, mode: enforce, class: confidential, when: 'ev.title.contains(\"Severance\")'}\n")
			own := meeting("own", "Severance terms", o.day, 9, 10)
			o.dav.Put(o.work+"own.ics", own)
			o.dav.Put(o.work+"other.ics", meeting("other", "Staff", o.day, 11, 12))
			o.dav.Put(o.work+"staff.ics", invitation("staff", "Severance, led by Kim", o.day, 14, 15, "ACCEPTED"))
			class := func(name string) bool {
				b, _ := o.dav.Get(o.work + name + ".ics")
				return strings.Contains(unfold(b), "CLASS:CONFIDENTIAL")
			}
			if out, code := o.cli("plan"); code != 0 || !strings.Contains(out, "class, PUBLIC -> CONFIDENTIAL") {
				t.Errorf("plan: exit %d\n%s", code, out)
			}
			o.once()
			if !class("own") || class("other") || class("staff") {
				t.Fatalf("classes: %v %v %v\n%s", class("own"), class("other"), class("staff"), mustCli(o, "journal"))
			}
			if out := mustCli(o, "explain", "own"); !strings.Contains(out, "by rule its class was set to confidential") {
				t.Errorf("explain:\n%s", out)
			}
			etags := o.etags()
			o.once()
			if again := o.etags(); again != etags {
				t.Errorf("a second run wrote")
			}
			if back == "person" {
				o.dav.Put(o.work+"own.ics", own)
			} else if out, code := o.cli("undo", "--rule", "sensitive", "--since", "1h", "--yes"); code != 0 || !strings.Contains(out, "1 event put back") {
				t.Fatalf("undo: exit %d\n%s", code, out)
			}
			for range 3 {
				o.once()
			}
			if class("own") {
				t.Error("it was done again")
			}
		})
	}
}
