package caldav

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

func TestDiscovery(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *servertest.DAV{"radicale": servertest.Radicale, "xandikos": servertest.Xandikos} {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			path := d.MakeCalendar("Work")
			for _, at := range []string{"", "/", "/.well-known/caldav", "/assistant/", d.Home, path, strings.TrimSuffix(path, "/")} {
				o := options(d)
				o.URL += at
				s, err := Open(t.Context(), o)
				if err != nil {
					t.Errorf("from %q: %v", at, err)
					continue
				}
				if s.calendar != path || !s.sync {
					t.Errorf("from %q: %q, sync %v", at, s.calendar, s.sync)
				}
				_ = s.Close()
			}
			o := options(d)
			o.Match = "Holds & Conflicts <x>"
			_, err := Open(t.Context(), o)
			wantError(t, err, connectors.Config, "no-calendar")
			o.Create, o.ReadOnly = true, true
			_, err = Open(t.Context(), o)
			wantError(t, err, connectors.Config, "no-calendar")
			o.ReadOnly = false
			made := mustOpen(t, o)
			if again := mustOpen(t, o); again.calendar != made.calendar {
				t.Error("a second open made another calendar")
			}
			drain(t, made, "")
		})
	}
	d := servertest.Radicale(t)
	path, court := d.MakeCalendar("Work"), d.MakeCalendar("Court")
	o := options(d)
	// A calendar's own URL stands for itself, unless another one is named.
	o.URL += court
	for match, want := range map[string]string{"": court, "Court": court, "Work": path, "a word of ours": court} {
		if o.Match = match; mustOpen(t, o).calendar != want {
			t.Errorf("%q under the URL of Court", match)
		}
	}
	o.Match, o.Create = "Conflicts", true
	if at := mustOpen(t, o).calendar; at != d.Home+"conflicts/" {
		t.Errorf("holds would go into %q", at)
	}
	o = options(d)
	o.Password = func(context.Context) (string, error) { return "wrong", nil }
	_, err := Open(t.Context(), o)
	wantError(t, err, connectors.Auth, "http-401")
}

func TestChoose(t *testing.T) {
	list := []found{
		{"/h/a/", "Work", true}, {"/h/work/", "Other", true}, {"/h/t/", "Tasks", false}, {"/h/x1/", "Twice", true}, {"/h/x2/", "Twice", true}, {"/h/b%20c/", "", true},
	}
	for match, want := range map[string]string{"Work": "/h/a/", "work": "/h/work/", "other": "/h/work/", "Tasks": "", "b c": "/h/b%20c/", "x1": "/h/x1/", "none": ""} {
		if got, err := choose(list, match); got != want || err != nil {
			t.Errorf("%q: %q, %v", match, got, err)
		}
	}
	_, err := choose(list, "Twice")
	wantError(t, err, connectors.Config, "ambiguous-calendar")
}

func TestRestart(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *servertest.DAV{"radicale": servertest.Radicale, "xandikos": servertest.Xandikos} {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			path := d.MakeCalendar("Work")
			d.Put(path+"a.ics", connectortest.Meeting("a@firm.example", "A", 1))
			s := mustOpen(t, options(d))
			at := drain(t, s, "").cursor
			d.Kill()
			_, err := s.Pull(t.Context(), at)
			wantError(t, err, connectors.Network, "connection")
			d.Restart()
			d.Put(path+"b.ics", connectortest.Meeting("b@firm.example", "B", 2))
			if got := drain(t, s, at); got.changes != 1 {
				t.Errorf("%d changes after the restart", got.changes)
			}
		})
	}
}

func TestRealObjects(t *testing.T) {
	root := servertest.Corpus(t, "ics-permissive")
	d := servertest.Radicale(t)
	path := d.MakeCalendar("Work")
	taken := 0
	err := filepath.WalkDir(root, func(file string, e os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".ics") {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		code, _, _ := d.Do(http.MethodPut, fmt.Sprintf("%so%d.ics", path, taken), map[string]string{"Content-Type": "text/calendar"}, string(data))
		if code/100 == 2 {
			taken++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, options(d))
	counts := map[string]int{}
	began := time.Now()
	var at connectors.Cursor
	for {
		b, err := s.Pull(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Changes {
			switch c.Op {
			case model.Put:
				counts["events"]++
				counts[fmt.Sprintf("with problems %v", len(c.Event.Problems) > 0)]++
			case model.Unreadable:
				counts[c.Fault.Code]++
			}
		}
		if at = b.Next; !b.More {
			break
		}
	}
	t.Logf("%d taken by Radicale, pulled in %v: %v", taken, time.Since(began), counts)
	if counts["events"] < 80 {
		t.Errorf("only %d events", counts["events"])
	}
	if got := drain(t, s, at); got.changes != 0 {
		t.Errorf("%d changes after nothing", got.changes)
	}
}
