package caldav

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

// TestCalm: a Radicale that lies still is asked for a report once in a while only,
// and every change is seen at the next look, also one of the same second.
func TestCalm(t *testing.T) {
	d := servertest.Radicale(t)
	path := d.MakeCalendar("Work")
	for i := range 5 {
		d.Put(fmt.Sprintf("%sm%d.ics", path, i), connectortest.Meeting(fmt.Sprintf("m%d@firm.example", i), "M", i+1))
	}
	target, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	var reports atomic.Int32
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "REPORT" {
			reports.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	o := options(d)
	o.URL = server.URL
	s := mustOpen(t, o)
	at := drain(t, s, "").cursor
	look := func(want int) {
		t.Helper()
		got := drain(t, s, at)
		if got.changes != want {
			t.Fatalf("%d changes, want %d", got.changes, want)
		}
		at = got.cursor
	}
	for i := range 4 { // all within a second or two: nothing may be skipped
		d.Put(path+"m0.ics", connectortest.Meeting("m0@firm.example", fmt.Sprintf("Edit %d", i), 1))
		look(1)
		look(0)
	}
	old := time.Now().Add(-time.Hour)
	age(t, d.Store, old)
	look(0)
	before := reports.Load()
	for range 2 * maxSkips {
		look(0)
	}
	if n := reports.Load() - before; n < 1 || n > 2 {
		t.Errorf("%d reports while nothing changed", n)
	}
	d.Put(path+"m1.ics", connectortest.Meeting("m1@firm.example", "Moved", 2))
	look(1)
	age(t, d.Store, old)
	look(0)
	look(0)
	d.Delete(path + "m2.ics")
	look(1)
	// The caller did not commit: what was told is told again.
	age(t, d.Store, old)
	look(0)
	was := at
	d.Delete(path + "m3.ics")
	look(1)
	age(t, d.Store, old)
	at = was
	look(1)
}

// age lets all files of a store look as if they had not been touched since.
func age(t testing.TB, store string, at time.Time) {
	t.Helper()
	err := filepath.WalkDir(store, func(path string, _ os.DirEntry, err error) error {
		if err != nil || strings.Contains(path, ".Radicale.cache") {
			return err
		}
		return os.Chtimes(path, at, at)
	})
	if err != nil {
		t.Fatal(err)
	}
}
