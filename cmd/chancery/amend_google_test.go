package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
)

// cloud is a firm whose calendars lie at Google.
type cloud struct {
	*firm
	g *connectortest.Google
}

func newCloud(t *testing.T, conflicts string) *cloud {
	t.Helper()
	t.Parallel()
	g := connectortest.NewGoogle(t)
	g.AddCalendar("conflicts@group.example", "Conflicts", "owner")
	tokens := newGoogleFake(t)
	var good []string
	for i := range 100 {
		good = append(good, fmt.Sprintf("swordfish-access-%d", i))
	}
	g.Tokens(good...)
	x := &cloud{tokens.delegated(t), g}
	path := filepath.Join(x.dir, "chancery.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), tokens.URL+"/calendar/v3/", g.URL, 1)
	x.write("chancery.yaml", strings.Replace(text, "    holds:", "    hours: [\"Mon-Fri 09:00-18:00\"]\n    holds:", 1))
	_, calendar, _ := strings.Cut(resolving(conflicts), "\ncalendar:\n")
	x.write("rules.d/10.yaml", "version: 1\ncalendar:\n"+calendar)
	return x
}

// at is a meeting at Google some days ahead, at hours of New York.
func (x *cloud) at(title string, from, till int, more map[string]any) string {
	x.t.Helper()
	day, err := time.Parse("20060102", nextWeekday(6))
	if err != nil {
		x.t.Fatal(err)
	}
	hour := func(h int) map[string]any {
		ny, _ := time.LoadLocation("America/New_York")
		return map[string]any{"dateTime": time.Date(day.Year(), day.Month(), day.Day(), h, 0, 0, 0, ny).Format(time.RFC3339), "timeZone": "America/New_York"}
	}
	e := map[string]any{"summary": title, "start": hour(from), "end": hour(till)}
	for k, v := range more {
		e[k] = v
	}
	return x.g.PersonInsert(x.t, x.g.Self, e)
}

func guest(who, answer string) map[string]any {
	return map[string]any{"email": who, "responseStatus": answer}
}

// patches counts what was sent of changes to events, each with its condition.
func (x *cloud) patches() (n int) {
	for _, c := range x.g.Calls() {
		if c.Method == "PATCH" {
			n++
			if c.IfMatch == "" || c.Query.Get("sendUpdates") != "none" {
				x.t.Errorf("a change without a condition, or one that sends mail: %v", c.Query)
			}
		}
	}
	return n
}

// At Google a rule answers and moves as elsewhere: plan says what run does, each
// change is conditional and sends nothing by itself, undo brings back what was, and
// what a person changed since stays.
func TestSettledAtGoogle(t *testing.T) {
	boss := map[string]any{"organizer": map[string]any{"email": "kim@other.example"},
		"attendees": []map[string]any{guest("kim@other.example", "accepted"), guest("gc@firm.example", "accepted")}}
	for _, c := range []struct {
		name, resolve string
		event         map[string]any
		series, back  bool
	}{
		{"declined", "decline", boss, false, false},
		{"a day of a series declined", "decline", boss, true, false},
		{"declined and changed back", "decline", boss, false, true},
		{"moved", "move", map[string]any{"attendees": []map[string]any{guest("kim@other.example", "accepted")}}, false, false},
		{"a day of a series moved", "move", map[string]any{"attendees": []map[string]any{guest("kim@other.example", "accepted")}}, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newCloud(t, "resolve: "+c.resolve)
			event := map[string]any{"recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=4"}}
			if !c.series {
				event = map[string]any{}
			}
			for k, v := range c.event {
				event[k] = v
			}
			id := x.at("Staff meeting", 11, 12, event)
			x.at("Hearing", 10, 12, nil)
			fixed := x.at("Hearing two", 14, 15, nil)
			x.at("Hearing three", 14, 15, nil) // neither moves
			before, court := string(x.g.ICS(t, x.g.Self, id, "u")), fmt.Sprint(x.g.Event(t, x.g.Self, fixed)["etag"])
			out, code := x.cli("plan")
			if code != 0 || strings.Count(out, "change an event of gc-google/work") != 1 || x.patches() != 0 {
				t.Fatalf("plan: exit %d, %d changes\n%s", code, x.patches(), out)
			}
			x.once()
			x.once()
			after := string(x.g.ICS(t, x.g.Self, id, "u"))
			if after == before || x.patches() != 1 {
				t.Fatalf("%d changes\n%s", x.patches(), mustRun(x.firm, "journal"))
			}
			if (c.resolve == "decline") != strings.Contains(after, "DECLINED") {
				t.Errorf("it says\n%s", after)
			}
			if out, code := x.cli("plan"); code != 0 || strings.Contains(out, "change an event") {
				t.Errorf("plan after it: exit %d\n%s", code, out)
			}
			want, left := before, "1 event put back, 0 left"
			if c.back {
				x.g.PersonPatch(t, x.g.Self, id, map[string]any{"attendees": []map[string]any{guest("kim@other.example", "accepted"), guest("gc@firm.example", "tentative")}})
				x.once()
				want, left = string(x.g.ICS(t, x.g.Self, id, "u")), "taken back before"
			}
			if out, code := x.cli("undo", "--rule", "conflicts", "--since", "1h", "--yes"); code != 0 || !strings.Contains(out, left) {
				t.Fatalf("undo: exit %d\n%s", code, out)
			}
			x.once()
			x.once()
			if got := string(x.g.ICS(t, x.g.Self, id, "u")); stripSequence(got) != stripSequence(want) {
				t.Errorf("after undo\n%s\nnot\n%s", got, want)
			}
			if got := fmt.Sprint(x.g.Event(t, x.g.Self, fixed)["etag"]); got != court {
				t.Error("a hearing was touched")
			}
			if len(x.g.Mails()) != 0 {
				t.Errorf("%d mails", len(x.g.Mails()))
			}
		})
	}
}

func stripSequence(ics string) string {
	lines := strings.Split(ics, "\r\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "SEQUENCE:") }), "\r\n")
}
