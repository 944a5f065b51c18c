package main

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

var (
	killSeed  = flag.Uint64("seed", 0, "seed of the kill test (0: the time)")
	killHouse = flag.String("house", "", "kill the daemon of this house only, as in \"maildir without [MOVE]\"")
)

// kills returns how often the daemon of each house is killed: $CHANCERY_KILLS,
// else 25.
func kills(t testing.TB) int {
	if s := os.Getenv("CHANCERY_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("CHANCERY_KILLS=%q is no number", s)
		}
		return n
	}
	return 25
}

// TestKill kills the daemon at random instants of its work, again and again,
// while mail and appointments keep coming, and holds what is left in the end
// against what a daemon did that nobody disturbed: no mail lost, none doubled,
// none half moved. One house for each way to keep mail and each way to move it.
func TestKill(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	var all []*siege
	for i, o := range houses() {
		if *killHouse != "" && *killHouse != called(o) {
			continue
		}
		k := newSiege(t, o, rand.New(rand.NewPCG(seed, uint64(i))))
		all = append(all, k)
		for range kills(t) {
			k.feed()
			k.killOnce()
		}
		// A note whose APPEND was cut off waits a minute: all houses wait at once.
		go func() { k.last <- k.f.measure("run", "--once", "--timeout", "10m") }()
	}
	total := toll{}
	for _, k := range all {
		t.Run(called(k.server), func(t *testing.T) { k.rest(t, <-k.last) })
		total.add(k.toll)
	}
	t.Logf("all: %s", total)
}

// houses are the kinds of servers: atomic MOVE; COPY and UID EXPUNGE; COPY and a
// mark \Deleted, after which the original stays.
func houses() (out []servertest.DovecotOptions) {
	for _, hide := range [][]string{nil, {"MOVE"}, {"MOVE", "UIDPLUS"}} {
		for _, format := range []string{"maildir", "mdbox"} {
			out = append(out, servertest.DovecotOptions{Format: format, Hide: hide})
		}
	}
	return out
}

func called(o servertest.DovecotOptions) string {
	return fmt.Sprintf("%s without %v", o.Format, o.Hide)
}

// toll is what the kills did.
type toll struct{ kills, sent, steps, lost, doubled, half int }

func (c *toll) add(o toll) {
	c.kills, c.sent, c.steps = c.kills+o.kills, c.sent+o.sent, c.steps+o.steps
	c.lost, c.doubled, c.half = c.lost+o.lost, c.doubled+o.doubled, c.half+o.half
}

func (c toll) String() string {
	return fmt.Sprintf("%d kills, %d with steps under way (%d steps): %d lost, %d doubled, %d half moved", c.kills, c.sent, c.steps, c.lost, c.doubled, c.half)
}

// weigh compares what lies there with what was delivered. A message that is not
// marked \Deleted must be there as often as it was delivered. What is marked
// \Deleted is half moved, unless the server cannot expunge one message alone: then
// it must be an original, in INBOX, and its copy lies elsewhere.
func (c *toll) weigh(before, after map[string][]servertest.Dumped, originalsStay bool) {
	want, alive, filed, originals := servertest.Bodies(before), map[string]int{}, map[string]int{}, map[string]int{}
	for box, list := range after {
		for _, m := range list {
			switch deleted := slices.Contains(m.Flags, `\Deleted`); {
			case deleted && originalsStay && box == "INBOX":
				originals[m.SHA256]++
			case deleted:
				c.half++
			default:
				alive[m.SHA256]++
				if box != "INBOX" {
					filed[m.SHA256]++
				}
			}
		}
	}
	for sum, n := range want {
		c.lost += max(0, n-alive[sum])
	}
	for sum, n := range alive {
		c.doubled += max(0, n-want[sum])
	}
	for sum, n := range originals {
		c.half += max(0, n-filed[sum])
	}
	if originalsStay {
		for sum, n := range filed {
			c.half += max(0, n-originals[sum])
		}
	}
}

// siege is a house whose daemon is killed all the time.
type siege struct {
	t      testing.TB
	rng    *rand.Rand
	server servertest.DovecotOptions
	f      *firm
	work   string // path of the calendar

	mail   [][]byte // all that was delivered
	fed    int      // of these, planted
	boards map[string]int

	toll
	planned, idle int
	begin         time.Time
	last          chan measured // the run to the end
}

// firstMail is how much mail waits for the first start: real mail, and planted
// mail in turn with it.
const firstMail = 300

func newSiege(t testing.TB, o servertest.DovecotOptions, rng *rand.Rand) *siege {
	d, dav := servertest.Dovecot(t, o), servertest.Radicale(t)
	k := &siege{t: t, rng: rng, server: o, f: newFirm(t, d, dav), boards: map[string]int{}, begin: time.Now(), last: make(chan measured, 1)}
	k.f.ship(nil)
	k.work = dav.MakeCalendar("work")
	root := servertest.Corpus(t, "enron-calo-maildir")
	real := filesOf(t, filepath.Join(root, "blair-l", "inbox"))
	k.mail = append(k.mail, real[:min(len(real), firstMail)]...)
	d.Client(t, gc).Append("INBOX", k.mail...)
	k.deliver(firstMail)
	for range 12 {
		k.rebook()
	}
	return k
}

// deliver appends planted mail.
func (k *siege) deliver(n int) {
	more := planted(k.fed + n)[k.fed:]
	k.fed += n
	k.f.dovecot.Client(k.t, gc).Append("INBOX", more...)
	k.mail = append(k.mail, more...)
}

// rebook lets one working day begin to conflict, conflict otherwise, or no
// longer conflict.
func (k *siege) rebook() {
	day := nextWeekday(2 + k.rng.IntN(40))
	board, hearing := k.work+"board-"+day+".ics", k.work+"hearing-"+day+".ics"
	from := 11 - 2*k.rng.IntN(2)
	switch old, booked := k.boards[day]; {
	case booked && k.rng.IntN(2) == 0:
		k.f.dav.Delete(board)
		delete(k.boards, day)
		return
	case booked:
		from = 20 - old
	default:
		k.f.dav.Put(hearing, meeting("hearing-"+day, "Hearing in Smith v. Jones", day, 10, 12))
	}
	k.f.dav.Put(board, meeting("board-"+day, "Board of directors", day, from, from+2))
	k.boards[day] = from
}

// feed makes work for the next start.
func (k *siege) feed() {
	k.deliver(10)
	k.rebook()
	k.rebook()
}

// killOnce starts the daemon and kills it: after a random time, or at a random
// instant after the journal says that it sent steps.
func (k *siege) killOnce() {
	begin := time.Now()
	r := k.f.start()
	if k.rng.IntN(4) == 0 {
		k.pass(r, time.Duration(k.rng.IntN(600))*time.Millisecond)
	} else {
		for sent, _ := k.f.open(begin); sent == 0 && r.within(3*time.Second); sent, _ = k.f.open(begin) {
			k.pass(r, time.Millisecond)
		}
		k.pass(r, time.Duration(k.rng.IntN(40_000))*time.Microsecond)
	}
	if err := r.stop(syscall.SIGKILL); err == nil || !strings.Contains(err.Error(), "killed") {
		k.t.Fatalf("the daemon ended by itself: %v\n%s", err, r.log())
	}
	k.kills++
	switch sent, planned := k.f.open(begin); {
	case sent > 0:
		k.sent++
		k.steps += sent
	case planned > 0:
		k.planned++
	default:
		k.idle++
	}
}

// within reports whether the daemon has had no more than a time for its work. The
// time begins when its engine runs: how long that takes is the machine's affair.
func (r *running) within(d time.Duration) bool {
	if !r.working() {
		return true
	}
	if r.worked.IsZero() {
		r.worked = time.Now()
	}
	return time.Since(r.worked) < d
}

// pass lets the daemon work for a while: the instant of a kill is a time, so
// nothing can be awaited.
func (k *siege) pass(r *running, d time.Duration) {
	select {
	case err := <-r.end:
		k.t.Fatalf("the daemon ended by itself: %v\n%s", err, r.log())
	case <-time.After(d):
	}
}

// open counts the steps that were sent since begin and are under way, and those
// that wait.
func (f *firm) open(begin time.Time) (sent, planned int) {
	f.t.Helper()
	const count = `select count(*) filter (where state = 'sent' and sent_at >= ?), count(*) filter (where state = 'planned') from intent where ended_at = 0`
	f.ask(count, []any{begin.UnixMilli()}, &sent, &planned)
	return sent, planned
}

// ask looks into the database from outside; while there is none, nothing is read.
func (f *firm) ask(query string, args []any, into ...any) {
	f.t.Helper()
	path := filepath.Join(f.dir, "state", "journal.db")
	if _, err := os.Stat(path); err != nil {
		return
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&_pragma=busy_timeout(2000)"}).String())
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	// In the first instants of a journal there are no tables.
	_ = db.QueryRowContext(f.t.Context(), query, args...).Scan(into...)
}

// rest compares, after a run that let the daemon end its work.
func (k *siege) rest(t *testing.T, run measured) {
	k.t = t
	if run.code != 0 {
		t.Fatalf("run --once: exit %d\n%s", run.code, run.out)
	}
	o := k.f.outcome()
	// Nobody took a message away, so no mark may have been given up.
	if n := o.states["mark"]["lost"] + o.states["file"]["lost"]; n > 0 {
		k.t.Errorf("%d steps are said to be lost: %s", n, o)
	}
	before, after := k.delivered(), k.f.dovecot.Dump(t, gc)
	originalsStay := slices.Contains(k.server.Hide, "UIDPLUS")
	k.weigh(before, after, originalsStay)
	t.Logf("%s; %d with steps planned only, %d at rest; %d messages; %s; %.0f s, the last run %.0f s, %d MiB",
		k.toll, k.planned, k.idle, len(k.mail), o, time.Since(k.begin).Seconds(), run.seconds, run.peak)
	if k.lost+k.doubled+k.half > 0 {
		t.Errorf("mail suffered: %s", k.toll)
	}
	if k.sent < k.kills/10 {
		t.Errorf("only %d of %d kills met steps under way: the test does not hit", k.sent, k.kills)
	}
	// Notes that were tried twice are looked at once more a quarter of an hour later.
	if o.open != o.states["drop-note"]["planned"] || len(o.parked) != 0 {
		t.Errorf("not at rest: %s", o)
	}
	got := k.f.picture(t)
	// What cannot expunge one message alone keeps a note that is out of date, too.
	if n := len(k.boards); len(got.holds) != n || len(got.notes) < n || len(got.notes) > n && !originalsStay {
		t.Errorf("%d conflicts, %d holds, %d notes", n, len(got.holds), len(got.notes))
	}
	offers := k.f.offers()
	k.judge(offers)
	if !originalsStay {
		untouched(t, before, after)
	}
	k.f.fixed(t)
	want, offered := k.undisturbed()
	alike(t, offers, offered)
	for _, diff := range []struct {
		what      string
		got, want []string
	}{{"mail", got.mail, want.mail}, {"notes", got.notes, want.notes}, {"holds", got.holds, want.holds}} {
		for _, line := range missingFrom(diff.got, diff.want) {
			t.Errorf("%s: missing: %s", diff.what, line)
		}
		for _, line := range missingFrom(diff.want, diff.got) {
			if originalsStay && diff.what == "notes" {
				break
			}
			t.Errorf("%s: too much: %s", diff.what, line)
		}
	}
}

// delivered is the dump of a mailbox as it would be without a daemon.
func (k *siege) delivered() map[string][]servertest.Dumped {
	d := servertest.Dovecot(k.t, servertest.DovecotOptions{})
	c := d.Client(k.t, gc)
	for part := range slices.Chunk(k.mail, 500) {
		c.Append("INBOX", part...)
	}
	return d.Dump(k.t, gc)
}

// undisturbed is what one run makes of all that came.
func (k *siege) undisturbed() (picture, map[string][]offered) {
	d, dav := servertest.Dovecot(k.t, k.server), servertest.Radicale(k.t)
	f := newFirm(k.t, d, dav)
	f.ship(nil)
	c := d.Client(k.t, gc)
	for part := range slices.Chunk(k.mail, 500) {
		c.Append("INBOX", part...)
	}
	work := dav.MakeCalendar("work")
	for _, path := range k.f.dav.List(k.work) {
		if b, ok := k.f.dav.Get(path); ok {
			dav.Put(work+filepath.Base(path), b)
		}
	}
	f.once()
	return f.picture(k.t), f.offers()
}

// picture is what people see, in lines that two houses can be compared by.
type picture struct{ mail, notes, holds []string }

func (f *firm) picture(t testing.TB) (p picture) {
	t.Helper()
	for box, list := range f.dovecot.Dump(t, gc) {
		for _, m := range list {
			p.mail = append(p.mail, fmt.Sprintf("%s %v %.12s", box, m.Flags, m.SHA256))
		}
	}
	ids := map[string]bool{}
	for box, list := range f.dovecot.Dump(t, pa) {
		for _, m := range list {
			id := field(head(m), "Message-ID")
			if ids[id] || !ownNote(m) {
				t.Errorf("a note twice, or what is no note: %s", id)
			}
			ids[id] = true
			// Whether a note was the first about its conflict is a matter of luck.
			subject := strings.TrimPrefix(field(head(m), "Subject"), "Updated: ")
			p.notes = append(p.notes, fmt.Sprintf("%s %v %s", box, m.Flags, subject))
		}
	}
	uids := map[string]bool{}
	for _, path := range f.dav.List(f.dav.Home + "holds/") {
		b, _ := f.dav.Get(path)
		uid := field(string(b), "UID")
		if uids[uid] {
			t.Errorf("a hold twice: %s", uid)
		}
		uids[uid] = true
		_, event, _ := strings.Cut(unfold(b), "BEGIN:VEVENT")
		if strings.HasPrefix(field(event, "SUMMARY"), "Hold ") {
			continue // see offers
		}
		p.holds = append(p.holds, field(event, "DTSTART")+" "+field(event, "DTEND")+" "+field(event, "SUMMARY"))
	}
	for _, lines := range [][]string{p.mail, p.notes, p.holds} {
		slices.Sort(lines)
	}
	return p
}

// field returns the value of the first line with a name, of a mail's header or
// of a calendar object.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// missingFrom returns the lines of want that got lacks, each as often as it does.
func missingFrom(got, want []string) (out []string) {
	n := map[string]int{}
	for _, s := range got {
		n[s]++
	}
	for _, s := range want {
		if n[s]--; n[s] < 0 {
			out = append(out, s)
		}
	}
	return out
}

// The state folder is made in the first instants of the first start: whenever
// that is cut off, the next start goes on.
func TestKillAtTheFirstStart(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 99))
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	d.Client(t, gc).Append("INBOX", planted(10)...)
	before := d.Dump(t, gc)
	f := newFirm(t, d, nil)
	state := filepath.Join(f.dir, "state")
	left := map[int]int{} // how many files the kill left
	for range 25 {
		if err := os.RemoveAll(state); err != nil {
			t.Fatal(err)
		}
		r := f.start()
		limit := time.After(time.Duration(20+rng.IntN(60)) * time.Millisecond)
		// From the instant on at which the folder is there, every microsecond counts.
		for there, waiting := false, true; waiting && !there; {
			select {
			case <-limit:
				waiting = false
			default:
				_, err := os.Stat(state)
				there = err == nil
			}
		}
		begin, wait := time.Now(), time.Duration(rng.IntN(20_000))*time.Microsecond
		for time.Since(begin) < wait {
			continue // a sleep is not that exact
		}
		if err := r.stop(syscall.SIGKILL); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the daemon ended by itself: %v\n%s", err, r.log())
		}
		files, _ := os.ReadDir(state)
		left[len(files)]++
		f.once()
		if out, code := f.cli("journal", "verify"); code != 0 {
			t.Fatalf("verify: %s", out)
		}
	}
	t.Logf("files left: %v", left)
	untouched(t, before, d.Dump(t, gc))
}
