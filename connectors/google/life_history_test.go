package google

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/caldav"
	"chancery/connectors/connectortest"
	"chancery/internal/ical"
	"chancery/internal/servertest"
	"chancery/rules/agenda"
)

var (
	lifeSeed  = flag.Int64("life.seed", 1, "first seed of the lives that are lived over every kind of server")
	lifeCount = flag.Int64("lives", 3, "how many lives")
)

const livedActs = 60

// everyEnding is what a life must have in it to show anything. Google and the
// servers of CalDAV may differ in nothing of it: what one of them has that the other
// has not (an override that only says what its series says, a class of one
// instance, versions, names of files) is not among what the program does or the
// rules see.
var everyEnding = []string{
	"hold: outcome 1", "hold: outcome 2", "hold: outcome 3", "withdraw: outcome 1", "withdraw: outcome 3", "again: outcome 1 already",
	"amend answer: outcome 1", "amend answer: outcome 3 changed", "amend answer of one: outcome 1", "amend answer of one: outcome 4 no-instance",
	"amend time: outcome 1", "amend time: outcome 4 no-instance", "amend class: outcome 1", "amend class: outcome 4 not-organizer",
	"amend back: outcome 1",
}

// davCalendar is one calendar of many on a real server, with a person's program.
func davCalendar(d *servertest.DAV, title string) connectortest.CalendarEnv {
	path := d.MakeCalendar(title)
	name := func(s string) string { return path + url.PathEscape(s) + ".ics" }
	return connectortest.CalendarEnv{
		Source: "firm/work",
		Open: func(t testing.TB) connectors.Source {
			s, err := caldav.Open(t.Context(), caldav.Options{
				Source: "firm/work", URL: d.URL, User: d.User, Match: title, Poll: time.Hour, Sign: connectortest.CalendarSign,
				Password: func(context.Context) (string, error) { return d.Password, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Put:    func(_ testing.TB, s string, ics []byte) { d.Put(name(s), ics) },
		Delete: func(_ testing.TB, s string) { d.Delete(name(s)) },
		Objects: func(t testing.TB) map[string][]byte {
			out := map[string][]byte{}
			for _, p := range d.List(path) {
				data, _ := d.Get(p)
				s, _, _, f := ical.Parse(data, nil)
				if f != nil {
					t.Fatalf("object: %v", f)
				}
				out[s.UID] = data
			}
			return out
		},
		Overwrite: func(_ testing.TB, href string, ics []byte) {
			if ics == nil {
				d.Delete(href)
			} else {
				d.Put(href, ics)
			}
		},
	}
}

// instances says when each event takes place, as the rules see it.
func instances(l connectortest.Lived) map[string]string {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	out := map[string]string{}
	for i := range l.Events {
		e := &l.Events[i]
		list, problems := agenda.Expand(e, berlin, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), 0)
		var all []string
		for _, in := range list {
			all = append(all, fmt.Sprintf("%s+%s %q", in.Start.UTC().Format("0102T1504"), in.End.Sub(in.Start), in.Occurrence.Summary))
		}
		slices.Sort(all)
		out[e.Body.Reveal().UID] = strings.Join(append(all, problems...), ", ")
	}
	return out
}

// TestSameLifeSameState: the same life of a person and of the program, over CalDAV
// and over Google, ends in the same state, step by step.
func TestSameLifeSameState(t *testing.T) {
	seeds := make([]int64, *lifeCount)
	ends := map[int64]connectortest.Lived{}
	for i := range seeds {
		seeds[i] = *lifeSeed + int64(i)
		g := connectortest.NewGoogle(t)
		g.PageSize, g.EmptyPages = i%4+1, i%2 == 0
		ends[seeds[i]] = connectortest.Life(t, seeds[i], livedActs, environment(g, options(g)))
		quiet(t, g)
	}
	told := map[string]bool{}
	for seed := range int64(40) { // the fake alone takes no time
		g := connectortest.NewGoogle(t)
		for _, step := range connectortest.Life(t, seed, livedActs, environment(g, options(g))).Steps {
			_, how, _ := strings.Cut(step, ": ")
			told[how] = true
		}
		quiet(t, g)
	}
	for _, how := range everyEnding {
		if !told[how] {
			t.Errorf("no life has %q", how)
		}
	}
	for name, server := range map[string]func(testing.TB) *servertest.DAV{
		"Radicale": servertest.Radicale, "Xandikos": servertest.Xandikos,
		"Cyrus": func(t testing.TB) *servertest.DAV { return servertest.Cyrus(t).DAV },
	} {
		t.Run(name, func(t *testing.T) {
			d := server(t)
			for _, seed := range seeds {
				got, want := connectortest.Life(t, seed, livedActs, davCalendar(d, fmt.Sprint("Life ", seed))), ends[seed]
				for i := range max(len(got.Steps), len(want.Steps)) {
					if i >= len(got.Steps) || i >= len(want.Steps) || got.Steps[i] != want.Steps[i] {
						t.Errorf("seed %d, %s and Google: %v, %v", seed, name, got.Steps[i:min(i+1, len(got.Steps))], want.Steps[i:min(i+1, len(want.Steps))])
						break
					}
				}
				if !maps.Equal(got.State, want.State) {
					t.Errorf("seed %d, %s and Google:\n%s", seed, name, connectortest.Compare(got.State, want.State))
				}
				if a, b := instances(got), instances(want); !maps.Equal(a, b) {
					t.Errorf("seed %d, %s and Google: instances:\n%s", seed, name, connectortest.Compare(a, b))
				}
			}
		})
	}
}
