package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// invitation is a meeting that somebody else calls.
func invitation(uid, title, day string, from, till int, answer string) []byte {
	guests := "ORGANIZER;CN=Kim Osei:mailto:kim@other.example\r\nATTENDEE;PARTSTAT=" + answer + ":mailto:gc@firm.example\r\nSUMMARY:"
	return []byte(strings.Replace(string(meeting(uid, title, day, from, till)), "SUMMARY:", guests, 1))
}

// resolving is the rules of the firm with another conflicts block.
func resolving(conflicts string) string {
	return regexp.MustCompile(`conflicts: \{.*\}`).ReplaceAllString(rulesOfFirm, "conflicts: {mode: enforce, horizon: 60d, "+conflicts+"}")
}

// choosing is an office whose general counsel is invited to a staff meeting during
// a hearing.
func choosing(t *testing.T, conflicts string) *office {
	o := newOffice(t)
	o.write("rules.d/10.yaml", resolving(conflicts))
	o.day = nextWeekday(6)
	o.dav.Put(o.work+"hearing.ics", meeting("hearing", "Hearing", o.day, 10, 12))
	o.dav.Put(o.work+"staff.ics", invitation("staff", "Staff meeting", o.day, 11, 12, "ACCEPTED"))
	return o
}

// titled returns the holds whose title begins so, by path.
func (o *office) titled(prefix string) map[string]string {
	out := map[string]string{}
	for _, path := range o.list() {
		if b, ok := o.dav.Get(path); ok && strings.Contains(unfold(b), "\r\nSUMMARY:"+prefix) {
			out[path] = string(b)
		}
	}
	return out
}

// one is the hold with exactly that number.
func (o *office) one(prefix string) (path, text string) {
	o.t.Helper()
	for path, text := range o.titled(prefix) {
		return path, text
	}
	o.t.Fatalf("no hold %q", prefix)
	return "", ""
}

func (o *office) drafts() int { return len(o.d.Dump(o.t, pa)["Drafts"]) }

// An assistant moves, deletes and confirms offered times with a calendar program,
// while the service runs.
func TestAnAssistantChoosesATime(t *testing.T) {
	o := choosing(t, "alternatives: 3, replies: true")
	o.d.Client(t, pa).OK("CREATE Drafts")
	if out := mustCli(o, "plan"); !regexp.MustCompile(`(?m)^conflicts +draft +1$`).MatchString(out) || !regexp.MustCompile(`(?m)^conflicts +note +1$`).MatchString(out) {
		t.Errorf("plan counts:\n%s", out)
	}
	r := o.start()
	await(t, "the hold, three offers, a note and a draft", func() bool {
		return len(o.list()) == 4 && len(o.titled("Hold ")) == 3 && len(o.notes()) == 1 && o.drafts() == 1
	})
	draft := string(o.d.Dump(t, pa)["Drafts"][0].Body)
	draft = strings.ReplaceAll(draft, "=\r\n", "")
	for _, want := range []string{"kim@other.example", "Re: Staff meeting", "Would one of these times suit instead?"} {
		if !strings.Contains(draft, want) {
			t.Errorf("the draft lacks %q:\n%s", want, draft)
		}
	}
	if strings.Contains(draft, "Hearing") {
		t.Errorf("the draft names what stands in the way:\n%s", draft)
	}

	explained := mustCli(o, "explain", "staff")
	for _, want := range []string{"rank    internal, 20", "clash   Hearing, ", "this one yields: “court” never moves", "told by a hold or note", "offer   "} {
		if !strings.Contains(explained, want) {
			t.Errorf("explain lacks %q:\n%s", want, explained)
		}
	}

	path, text := o.one("Hold 1 of 3")
	at := regexp.MustCompile(`(DT(?:START|END):)(\d{8})`)
	later := time.Now().AddDate(0, 0, 20).Format("20060102")
	o.dav.Put(path, []byte(at.ReplaceAllString(text, "${1}"+later)))
	gone, _ := o.one("Hold 2 of 3")
	o.dav.Delete(gone)
	defer func() {
		if t.Failed() {
			t.Log(o.versions(), mustCli(o, "journal"))
		}
	}()
	await(t, "another time for the one that was deleted", func() bool {
		_, back := o.dav.Get(gone)
		return !back && len(o.titled("Hold ")) == 3 && strings.Count(mustCli(o, "journal"), "released") == 2
	})
	moved, _ := o.dav.Get(path)
	if !strings.Contains(string(moved), later) {
		t.Errorf("the moved hold was touched:\n%s", moved)
	}

	chosen, text := "", ""
	for chosen, text = range o.titled("Hold ") {
		if chosen != path {
			break
		}
	}
	text = strings.Replace(text, "STATUS:TENTATIVE", "STATUS:CONFIRMED", 1)
	o.dav.Put(chosen, []byte(strings.Replace(text, "TRANSP:TRANSPARENT", "TRANSP:OPAQUE", 1)))
	await(t, "all to go but what a person has", func() bool {
		return len(o.list()) == 2 && len(o.notes()) == 0 && o.drafts() == 0
	})
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, r.log())
	}
	before := o.versions()
	o.once()
	o.once()
	if after := o.versions(); after != before {
		t.Errorf("a later run changed the holds:\n%s\n%s", before, after)
	}
	// The time is taken now: whoever books over it learns of it.
	start := regexp.MustCompile(`DTSTART:(\d{8})T(\d\d)`).FindStringSubmatch(text)
	at0, err := time.Parse("20060102T15", start[1]+"T"+start[2])
	if err != nil {
		t.Fatal(err)
	}
	ny, _ := time.LoadLocation("America/New_York")
	local := at0.In(ny)
	o.dav.Put(o.work+"late.ics", meeting("late", "Late hearing", local.Format("20060102"), local.Hour(), local.Hour()+2))
	o.once()
	if len(o.titled("Conflict: ")) != 1 {
		t.Errorf("nobody was told that the chosen time is booked twice: %s", o.versions())
	}
	if strings.Contains(r.log(), "Staff") || strings.Contains(r.log(), "Osei") {
		t.Error("the log shows content")
	}
}

func mustCli(o *office, args ...string) string {
	o.t.Helper()
	out, _ := o.cli(args...)
	return out
}

// versions is all there is in the holds calendar, with titles.
func (o *office) versions() string {
	var out strings.Builder
	for _, path := range o.list() {
		b, _ := o.dav.Get(path)
		out.WriteString(path + "\n" + unfold(b) + "\n")
	}
	return out.String()
}

var partstat = regexp.MustCompile(`PARTSTAT=([A-Z-]+)`)

func (o *office) answer() string {
	b, _ := o.dav.Get(o.work + "staff.ics")
	if m := partstat.FindStringSubmatch(unfold(b)); m != nil {
		return m[1]
	}
	return ""
}

// A rule declines, a note says so, undo takes it back, for good.
func TestARuleDeclinesAndAPersonHasTheLastWord(t *testing.T) {
	for _, back := range []string{"undo", "person", "kept"} {
		t.Run(back, func(t *testing.T) {
			o := choosing(t, "resolve: decline")
			if out, code := o.cli("plan"); code != 0 || !strings.Contains(out, "change an event of cal/work: answer, ACCEPTED -> DECLINED") {
				t.Errorf("plan: exit %d\n%s", code, out)
			}
			o.once()
			if got := o.answer(); got != "DECLINED" {
				t.Fatalf("the answer is %q", got)
			}
			o.once() // reads it back
			notes := o.notes()
			if len(o.list()) != 0 || len(notes) != 1 || !strings.Contains(string(notes[0].Body), "Subject: Declined ") {
				t.Fatalf("%d holds, %d notes\n%s", len(o.list()), len(notes), mustCli(o, "journal"))
			}
			if out := mustCli(o, "explain", "staff"); !strings.Contains(out, "answer, ACCEPTED -> DECLINED") || !strings.Contains(out, "it was declined by rule") {
				t.Errorf("explain:\n%s", out)
			}
			if out, code := o.cli("plan"); code != 0 || strings.Contains(out, "would ") {
				t.Errorf("plan after it: exit %d\n%s", code, out)
			}
			switch back {
			case "kept":
				before, _ := o.dav.Get(o.work + "staff.ics")
				o.once()
				if after, _ := o.dav.Get(o.work + "staff.ics"); string(after) != string(before) || len(o.notes()) != 1 {
					t.Error("a later run did something")
				}
				return
			case "undo":
				if out, code := o.cli("undo", "--rule", "conflicts", "--since", "1h", "--yes"); code != 0 || !strings.Contains(out, "1 event put back, 0 left") {
					t.Fatalf("undo: exit %d\n%s", code, out)
				}
				if out, code := o.cli("undo", "--rule", "conflicts", "--since", "1h", "--yes"); code != 0 || !strings.Contains(out, "taken back before") {
					t.Errorf("undo once more: exit %d\n%s", code, out)
				}
			case "person":
				o.dav.Put(o.work+"staff.ics", invitation("staff", "Staff meeting", o.day, 11, 12, "ACCEPTED"))
			}
			for range 3 {
				o.once()
			}
			if got := o.answer(); got != "ACCEPTED" {
				t.Errorf("the answer is %q after it was taken back", got)
			}
			if len(o.titled("Conflict: ")) != 1 {
				t.Errorf("the conflict is not told: %s\n%s", o.versions(), mustCli(o, "journal"))
			}
		})
	}
}

// One command makes several holds; one event tag does, too.
func TestSeveralHoldsAreAskedFor(t *testing.T) {
	o := newOffice(t)
	o.write("rules.d/10.yaml", resolving("alternatives: 3"))
	o.dav.Put(o.work+"lunch.ics", meeting("lunch", "Lunch", o.day, 12, 13))
	// The principal's tomorrow: it is not that of who runs the test.
	tomorrow := time.Now().In(mustZone(t, "America/New_York")).AddDate(0, 0, 1).Format(time.DateOnly)
	for _, running := range []bool{false, true} {
		title := map[bool]string{false: "Board date", true: "Deposition Smith"}[running]
		if running {
			r := o.start()
			await(t, "ready", func() bool {
				return strings.Contains(r.log(), "ready") && strings.Contains(mustCli(o, "status"), "following")
			})
		}
		args := []string{"holds", "--title", title, "--length", "2h", "--count", "4"}
		out, code := o.cli(args...)
		if code != 1 || strings.Count(out, "of 4: "+title) != 4 || !strings.Contains(out, "--yes") {
			t.Fatalf("holds: exit %d\n%s", code, out)
		}
		if n := len(o.titled("Hold ")); n != 0 {
			t.Fatalf("%d holds before anybody said yes", n)
		}
		if out, code = o.cli(append(args, "--yes")...); code != 0 || !strings.Contains(out, "4 holds written") {
			t.Fatalf("holds --yes: exit %d\n%s", code, out)
		}
		await(t, "four holds", func() bool { return len(o.titled("Hold ")) == 4 })
		if out, code = o.cli(append(args, "--yes")...); code != 0 || !strings.Contains(out, "nothing to do") {
			t.Errorf("the same again: exit %d\n%s", code, out)
		}
		out, _ = o.cli("holds", "--title", title, "--withdraw", "--json")
		var times []heldTime
		if err := json.Unmarshal([]byte(out), &times); err != nil || len(times) != 4 || times[0].Do != "withdraw" || times[0].Start < tomorrow {
			t.Errorf("--withdraw --json: %v\n%s", err, out)
		}
		if out, code = o.cli("holds", "--title", title, "--withdraw", "--yes"); code != 0 || !strings.Contains(out, "4 holds taken away") {
			t.Errorf("--withdraw: exit %d\n%s", code, out)
		}
		await(t, "no holds", func() bool { return len(o.list()) == 0 })
	}
	o.dav.Put(o.work+"many.ics", meeting("many", "Site visit #hold3", nextWeekday(9), 10, 11))
	await(t, "three holds", func() bool { return len(o.titled("Hold ")) == 3 })
	path, text := o.one("Hold 2 of 3: Site visit")
	o.dav.Put(path, []byte(strings.Replace(text, "STATUS:TENTATIVE", "STATUS:CONFIRMED", 1)))
	await(t, "the confirmed one alone", func() bool { return len(o.list()) == 1 })
	o.dav.Delete(o.work + "many.ics")
	o.dav.Put(o.work+"next.ics", meeting("next", "Next visit #hold2", nextWeekday(12), 10, 11))
	await(t, "two for the next", func() bool { return len(o.list()) == 3 })
	if _, ok := o.dav.Get(path); !ok {
		t.Error("the confirmed hold went with its event")
	}
}
