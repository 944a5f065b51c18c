package google

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/caldav"
	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

// caldavEnvironment is a calendar of a real server, with a person's program.
func caldavEnvironment(d *servertest.DAV) connectortest.CalendarEnv {
	path := d.MakeCalendar("Work")
	name := func(s string) string { return path + url.PathEscape(s) + ".ics" }
	return connectortest.CalendarEnv{
		Source: "firm/work",
		Open: func(t testing.TB) connectors.Source {
			s, err := caldav.Open(t.Context(), caldav.Options{
				Source: "firm/work", URL: d.URL, User: d.User, Match: "Work", Poll: time.Hour, Sign: connectortest.CalendarSign,
				Password: func(context.Context) (string, error) { return d.Password, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		Put:    func(_ testing.TB, s string, ics []byte) { d.Put(name(s), ics) },
		Delete: func(_ testing.TB, s string) { d.Delete(name(s)) },
	}
}

// TestSameHistorySameState: the same edits through CalDAV and through Google end in
// the same state.
func TestSameHistorySameState(t *testing.T) {
	const edits = 60
	ends := map[int64]map[string]string{}
	for seed := range int64(12) {
		g := connectortest.NewGoogle(t)
		g.PageSize, g.EmptyPages = int(seed)%4+1, seed%2 == 0
		ends[seed] = connectortest.History(t, seed, edits, environment(g, options(g)))
		if len(ends[seed]) == 0 || len(g.Mails()) != 0 {
			t.Errorf("seed %d ends with %d objects", seed, len(ends[seed]))
		}
	}
	all := fmt.Sprint(ends)
	for _, word := range []string{"COUNT=8", "cancelled", "Moved", "Europe/Berlin", "TENTATIVE", "PRIVATE", "show 2", "not [2"} {
		if !strings.Contains(all, word) {
			t.Errorf("no history has %q", word)
		}
	}
	for name, server := range map[string]func(testing.TB) *servertest.DAV{
		"Radicale": servertest.Radicale, "Xandikos": servertest.Xandikos,
	} {
		t.Run(name, func(t *testing.T) {
			for seed := int64(5); seed < 9; seed++ {
				end := connectortest.History(t, seed, edits, caldavEnvironment(server(t)))
				if !maps.Equal(end, ends[seed]) {
					t.Errorf("seed %d, %s and Google:\n%s", seed, name, connectortest.Compare(end, ends[seed]))
				}
			}
		})
	}
}
