package ical

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/rules/agenda"
)

// What one object may cost, to be read, named and laid out. The time is measured
// by BenchmarkHostile alone; here the allocations stand for it.
const (
	mayAllocate = 64 << 20 // octets
	mayObjects  = 1 << 20
)

// outcome is what a connector and the rules make of an object.
type outcome struct {
	series    model.Series
	fault     *model.Fault
	problems  []string // of reading
	instances int
	unlaid    []string // problems of laying out
}

var window = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func take(data []byte) outcome {
	o, f := Read(data, testSign)
	out := outcome{series: o.Series, fault: f, problems: o.Problems}
	if f != nil || o.Series.Master == nil && len(o.Series.Overrides) == 0 {
		return out
	}
	e := model.Event{Body: model.Hide(o.Series)}
	in, problems := agenda.Expand(&e, time.UTC, window, window.AddDate(0, 0, 187), 0)
	out.instances, out.unlaid = len(in), problems
	return out
}

// checkOutcome holds what is true of every object whatever.
func checkOutcome(t *testing.T, name string, data []byte) outcome {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out := take(data)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > mayAllocate {
		t.Errorf("%s: %d MiB allocated", name, n>>20)
	}
	if n := after.Mallocs - before.Mallocs; n > mayObjects {
		t.Errorf("%s: %d objects allocated", name, n)
	}
	runtime.ReadMemStats(&before)
	digest := Digest(data)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > mayAllocate || len(digest) != 64 {
		t.Errorf("%s: %d MiB allocated for the digest %q", name, n>>20, digest)
	}
	nothing := out.series.Master == nil && len(out.series.Overrides) == 0
	switch {
	case out.fault != nil && (!nothing || out.fault.Code != faultSize && out.fault.Place == ""):
		t.Errorf("%s: fault %v and a series, or no place", name, out.fault)
	case out.fault == nil && nothing && !contains(out.problems, NotAnEvent):
		t.Errorf("%s: nothing read and nothing said: %v", name, out.problems)
	}
	codes := append(slices.Clone(out.problems), out.unlaid...)
	if out.fault != nil {
		codes = append(codes, out.fault.Code)
	}
	for _, code := range codes {
		if code == "" || strings.ContainsFunc(code, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' }) {
			t.Errorf("%s: %q is no code", name, code)
		}
	}
	if len(out.problems) > 30 || len(out.unlaid) > 8 || out.instances > 2000 {
		t.Errorf("%s: %d and %d problems, %d instances", name, len(out.problems), len(out.unlaid), out.instances)
	}
	return out
}

func (o outcome) String() string {
	if o.fault != nil {
		return "fault " + o.fault.Error() + "; " + strings.Join(o.problems, " ")
	}
	text := fmt.Sprintf("%d overrides", len(o.series.Overrides))
	if m := o.series.Master; m != nil {
		text = fmt.Sprintf("a master, %s, %d RDATE, %d EXDATE, %d attendees, rule %t", text, len(m.RDates), len(m.ExDates), len(m.Attendees), m.RRule != "")
	}
	return fmt.Sprintf("%s; %s; %d instances; %s", text, strings.Join(o.problems, " "), o.instances, strings.Join(o.unlaid, " "))
}

// TestHostileFiles takes what was invented to hurt. The golden says what becomes of
// each, so that a change of mind is seen.
func TestHostileFiles(t *testing.T) {
	files := hostileFiles()
	if len(files) < 200 {
		t.Errorf("only %d files", len(files))
	}
	var b strings.Builder
	seen := map[string]bool{}
	for _, f := range files {
		if seen[f.name] && !strings.HasPrefix(f.name, "rule") {
			t.Errorf("%s stands there twice", f.name)
		}
		seen[f.name] = true
		fmt.Fprintf(&b, "%-60q %s\n", f.name, checkOutcome(t, f.name, f.data))
	}
	golden(t, "testdata/hostile.golden", []byte(b.String()))
}

// TestTruncated takes an object that was cut after each octet: it is whole, or it
// is a fault, and no half of it is taken for the truth.
func TestTruncated(t *testing.T) {
	whole := parted(vtimezone("Mine", observed("STANDARD", "19701025T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")),
		vEvent("UID:1", "DTSTART;TZID=Mine:20260302T090000", "RRULE:FREQ=WEEKLY;COUNT=5", `ATTENDEE;CN="Doe, Jo":mailto:jo@firm.example`, "SUMMARY:Größe"),
		vEvent("UID:1", "RECURRENCE-ID;TZID=Mine:20260309T090000", "DTSTART;TZID=Mine:20260309T100000"))
	complete := 0
	for i := range len(whole) + 1 {
		out := checkOutcome(t, fmt.Sprintf("cut after %d octets", i), whole[:i])
		if out.fault == nil && (out.series.Master == nil || out.instances != 5) {
			t.Errorf("cut after %d octets: %v", i, out)
		}
		if out.fault == nil {
			complete++
		}
	}
	if complete == 0 || complete > 40 {
		t.Errorf("%d of %d cuts are whole", complete, len(whole))
	}
}

// BenchmarkHostile gives the time and memory of the worst: an object may take at
// most 1 s and 64 MiB.
func BenchmarkHostile(b *testing.B) {
	for _, f := range hostileFiles() {
		b.Run("file="+strings.ReplaceAll(f.name, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				take(f.data)
				Digest(f.data)
			}
		})
	}
}
