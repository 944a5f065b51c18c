package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// wholeInbox is from how many messages on a folder of the corpus is put into
// INBOX, where the shipped rules look. Smaller ones become mailboxes.
const wholeInbox = 80

// loadHouse puts the mail of two people of a real firm and the notices of many
// courts into gc's mailboxes. It returns these and the number of messages.
func loadHouse(t testing.TB, d *servertest.DovecotServer) (boxes []string, n int) {
	t.Helper()
	c := d.Client(t, gc)
	defer c.Close()
	root := servertest.Corpus(t, "enron-calo-maildir")
	for _, dir := range folders(t, root) {
		messages := filesOf(t, filepath.Join(root, dir))
		if len(messages) == 0 || dir == "." {
			continue
		}
		box := dir
		if len(messages) >= wholeInbox {
			box = "INBOX"
		}
		c.Append(box, messages...)
		n += len(messages)
		boxes = append(boxes, box)
	}
	notices := filesOf(t, filepath.Join(servertest.Corpus(t, "court-ecf-emails"), "nef", "s3"), ".txt")
	c.Append("INBOX", notices...)
	slices.Sort(boxes)
	return slices.Compact(boxes), n + len(notices)
}

// folders lists the folders below root, itself included, sorted.
func folders(t testing.TB, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			rel, _ := filepath.Rel(root, path)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// filesOf reads the files of one folder with one of the endings, with CRLF line
// ends.
func filesOf(t testing.TB, dir string, endings ...string) [][]byte {
	t.Helper()
	out := rawFiles(t, dir, endings...)
	for i := range out {
		out[i] = servertest.CRLF(out[i])
	}
	return out
}

// rawFiles reads the files of one folder with one of the endings, as they are.
func rawFiles(t testing.TB, dir string, endings ...string) [][]byte {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, e := range list {
		if !e.Type().IsRegular() || len(endings) > 0 && !slices.Contains(endings, filepath.Ext(e.Name())) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// stock is what became of the calendar files of a corpus.
type stock struct{ put, stored, refused int }

// loadCalendars gives every calendar file of the corpus to Radicale. What it
// refuses is laid into its store behind its back, and stays there if it can
// still serve it.
func loadCalendars(t testing.TB, dav *servertest.DAV, calendar string) (s stock) {
	t.Helper()
	store := filepath.Join(dav.Store, "collection-root", filepath.FromSlash(calendar))
	for i, b := range calendarFiles(t) {
		name := fmt.Sprintf("file-%03d.ics", i)
		code, _, _ := dav.Do(http.MethodPut, calendar+name, map[string]string{"Content-Type": "text/calendar"}, string(b))
		if code/100 == 2 {
			s.put++
			continue
		}
		path := filepath.Join(store, name)
		servertest.WriteFile(t, path, string(b))
		if code, _, _ := dav.Do(http.MethodGet, calendar+name, nil, ""); code == http.StatusOK {
			s.stored++
			continue
		}
		s.refused++
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// calendarFiles are all files of the corpus that hold a calendar, as they are.
func calendarFiles(t testing.TB) [][]byte {
	t.Helper()
	root := servertest.Corpus(t, "ics-permissive")
	var out [][]byte
	for _, dir := range folders(t, root) {
		out = append(out, rawFiles(t, filepath.Join(root, dir))...)
	}
	return slices.DeleteFunc(out, func(b []byte) bool { return !strings.Contains(string(b), "BEGIN:V") })
}

// chownLike gives a file to the owner of another one.
func chownLike(t testing.TB, path string, like os.FileInfo) {
	t.Helper()
	if st, ok := like.Sys().(*syscall.Stat_t); ok {
		if err := os.Chown(path, int(st.Uid), int(st.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

var changesRead = regexp.MustCompile(`(?m)^(\S+): .*; read (\d+) items?`)

// readBy returns how many items a plan read from each source.
func readBy(plan string) map[string]int {
	out := map[string]int{}
	for _, m := range changesRead.FindAllStringSubmatch(plan, -1) {
		out[m[1]], _ = strconv.Atoi(m[2])
	}
	return out
}

// TestRealInput runs the daemon with the shipped rules over real mail and real
// calendars, some mail of our own among it, and records what came of it.
func TestRealInput(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := newFirm(t, d, dav)
	f.ship(map[string]string{"lists/firm.txt": "enron.com\n"})
	boxes, loaded := loadHouse(t, d)
	f.follow(boxes)
	own := planted(200)
	d.Client(t, gc).Append("INBOX", own...)
	work := dav.MakeCalendar("work")
	files := loadCalendars(t, dav, work)
	doubleBook(dav, work, 4)
	events := 0
	for _, path := range dav.List(work) {
		if b, ok := dav.Get(path); ok && strings.Contains(string(b), "BEGIN:VEVENT") {
			events++
		}
	}
	before := d.Dump(t, gc)

	plan := f.measure("plan")
	if plan.code != 0 {
		t.Fatalf("plan: exit %d\n%.3000s", plan.code, plan.out)
	}
	// Every item is read, and reported once: as an item, or as unreadable.
	if read := readBy(plan.out); read["gc-mail"] != loaded+len(own) || read["cal/work"] != events {
		t.Errorf("read %v, of %d messages and %d events", read, loaded+len(own), events)
	}

	run := f.measure("run", "--once", "--timeout", "10m")
	if run.code != 0 {
		t.Fatalf("run --once: exit %d\n%s", run.code, run.out)
	}
	o := f.outcome()
	t.Logf("%d messages of the corpora and %d of our own in %d mailboxes; %d calendar files put, %d laid into the store, %d more that the server cannot serve; %d objects with events",
		loaded, len(own), len(boxes), files.put, files.stored, files.refused, events)
	t.Logf("plan: %.1f s, %d MiB", plan.seconds, plan.peak)
	t.Logf("run:  %.1f s, %d MiB; %s", run.seconds, run.peak, o)
	after := d.Dump(t, gc)
	untouched(t, before, after)
	discreet(t, run.out, before)
	if planned := strings.Count(plan.out, "\n    would "); planned != o.total() || o.open != 0 || o.states["file"]["confirmed"] < len(own)*5/10 {
		t.Errorf("%d steps were planned: %s", planned, o)
	}
	// A conflict has one note, one hold that tells it, and holds on the times offered.
	if o.states["note"]["confirmed"] < 4 || o.states["hold"]["confirmed"] < o.states["note"]["confirmed"] {
		t.Errorf("4 conflicts were planted: %s", o)
	}
	if n := len(dav.List(dav.Home + "holds/")); n != o.states["hold"]["confirmed"] {
		t.Errorf("%d holds in the calendar: %s", n, o)
	}
	f.once()
	if again := d.Dump(t, gc); !sameMail(after, again) {
		t.Error("a second run changed something")
	}
}

// A first plan comes before the calendar for holds is made.
func TestPlanBeforeTheFirstRun(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := newFirm(t, d, dav)
	doubleBook(dav, dav.MakeCalendar("work"), 1)
	out, code := f.cli("plan")
	if code != 0 || strings.Count(out, "would hold") != 1 || strings.Count(out, "would write note") != 1 {
		t.Errorf("plan: exit %d\n%s", code, out)
	}
	if code, _, _ := dav.Do("PROPFIND", dav.Home+"holds/", map[string]string{"Depth": "0"}, ""); code != http.StatusNotFound {
		t.Errorf("plan made the calendar: %d", code)
	}
}
