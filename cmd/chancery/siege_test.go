package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	randv2 "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

var raidRounds = flag.Int("rounds", 15, "how often the daemon of each calendar server is killed")

// rulesOfRaid let every kind of step be under way: holds, offers, notes, drafts, and
// all three ways to change an event.
const rulesOfRaid = `version: 1
calendar:
  ranks:
    - {name: court, rank: 100, when: 'ev.title.contains("Hearing")', fixed: true}
    - {name: client, rank: 60, when: 'ev.title.contains("Client")'}
    - {name: staff, rank: 30, when: 'ev.title.contains("Staff")', resolve: decline}
    - {name: lecture, rank: 25, when: 'ev.title.contains("Lecture")', resolve: tentative}
    - {name: team, rank: 20, when: 'ev.title.contains("Team")', resolve: move}
    - {name: other, rank: 10, when: 'true'}
  conflicts: {mode: enforce, horizon: 60d, alternatives: 3, resolve: propose, slots: true, replies: true}
`

// raid is a house whose calendars a person and the daemon work on at once, and whose
// daemon is killed all the time.
type raid struct {
	t    testing.TB
	rng  *randv2.Rand
	f    *firm
	gate *watchGate
	side side
	p    *clerk

	// The rest is guarded by the gate.
	amends map[string]int      // by event
	fresh  map[string]bool     // holds that were written and perhaps not noted in the journal
	count  map[string]int      // what the daemon wrote, by kind
	trace  map[string][]string // what was done to each object
	begin  time.Time
	toll
	idle int
}

// note takes down what was done to an object.
func (r *raid) note(key, format string, args ...any) {
	at := fmt.Sprintf("%d/%.3fs ", r.kills, time.Since(r.begin).Seconds())
	r.trace[key] = append(r.trace[key], at+fmt.Sprintf(format, args...))
}

// wrong tells a broken law, with the story of the object.
func (r *raid) wrong(key, format string, args ...any) {
	r.t.Helper()
	r.t.Errorf(format+"\n\t%s", append(args, strings.Join(r.trace[key], "\n\t"))...)
}

// TestSiege kills the daemon again and again while it and a person work on the same
// calendars. Whatever happens: nothing a person did is undone or written over, no
// event is changed twice, every write has a condition, and in the end one more run
// writes nothing.
func TestSiege(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	for i, server := range []string{"radicale", "google"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			t.Logf("-seed %d -rounds %d", seed, *raidRounds)
			r := newRaid(t, server, randv2.New(randv2.NewPCG(seed, uint64(1000+i))))
			for round := range *raidRounds {
				for range 1 + r.rng.IntN(3) {
					r.p.deed()
				}
				r.killOnce()
				if round%8 == 7 {
					r.approve()
				}
				if t.Failed() {
					t.Fatalf("in round %d", round)
				}
			}
			r.rest()
		})
	}
}

func newRaid(t *testing.T, server string, rng *randv2.Rand) *raid {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	d.Client(t, pa).OK("CREATE Drafts")
	r := &raid{t: t, rng: rng, trace: map[string][]string{}, begin: time.Now(), amends: map[string]int{}, fresh: map[string]bool{}, count: map[string]int{}}
	r.f = &firm{t: t, dir: t.TempDir(), dovecot: d}
	account := ""
	if server == "google" {
		account = r.google(t)
	} else {
		dav := servertest.Radicale(t)
		dav.MakeCalendar("work")
		dav.MakeCalendar("holds")
		r.side, r.gate = &davSide{t: t, dav: dav}, newWatchGate(t, dav.URL)
		account = fmt.Sprintf(`caldav: {url: "%s", user: %s, password: {file: %s}, calendars: [work, holds], poll: 200ms}`, r.gate.url, dav.User, r.f.secret(dav.Password))
	}
	r.f.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: %s}
accounts:
  - name: pa-mail
    imap: {host: 127.0.0.1, port: %d, tls: implicit, ca_file: %s, user: %s, password: {file: %s}, mailboxes: [INBOX], first_sync: apply, poll: 2s, grace: 0s, brake: off}
  - name: cal
    %s
principals:
  - name: general-counsel
    title: the general counsel
    zone: America/New_York
    hours: ["Mon-Fri 09:00-18:00"]
    addresses: [gc@firm.example]
    calendars: [cal/work]
    holds: cal/holds
    notes: {account: pa-mail, mailbox: INBOX, to: pa@firm.example}
`, filepath.Join(r.f.dir, "state"), d.TLS, d.CAFile, pa, r.f.secret(servertest.DovecotPassword), account))
	r.f.write("rules.d/10.yaml", rulesOfRaid)
	r.p = newClerk(r, rng)
	r.gate.before, r.gate.after = r.look, r.judge
	for range 6 { // conflicts to begin with
		day := r.p.day()
		r.p.book(0, day)
		r.p.book(-1, day)
		r.p.book(-1, day)
	}
	return r
}

// google starts a calendar API and who gives tokens for it, and returns the account.
func (r *raid) google(t *testing.T) string {
	g := connectortest.NewGoogle(t)
	const holds = "holds@group.calendar.example"
	g.AddCalendar(holds, "Conflicts", "owner")
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "token", "token_type": "Bearer", "expires_in": 3600})
	}))
	t.Cleanup(tokens.Close)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(map[string]string{"client_email": "robot@desk.example", "client_id": "104200070",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))})
	r.f.write("key.json", string(raw))
	if err := os.Chmod(filepath.Join(r.f.dir, "key.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.side, r.gate = &googleSide{t, g, holds}, newWatchGate(t, strings.TrimSuffix(g.URL, "/calendar/v3/"))
	return fmt.Sprintf(`google: {url: "%s/calendar/v3/", user: %s, oauth: {grant: service_account, token_url: "%s/token", secret: {file: key.json}}, calendars: [{name: work, match: primary}, {name: holds, match: conflicts}], poll: 200ms}`,
		r.gate.url, g.Self, tokens.URL)
}

// look takes down what stands where the daemon is about to write.
func (r *raid) look(w *write) {
	calendar, key := r.side.place(w.path)
	if w.method == http.MethodPost {
		key = r.side.made(*w)
	}
	w.was, w.there = r.side.one(calendar, key)
}

// unnoted reports whether the journal waits for answers about holds: what became of
// them it does not know. Of a hold that is deleted before that nobody knows that it
// was ever there.
func (r *raid) unnoted() bool {
	sent := 0
	r.f.ask(`select count(*) from intent where ended_at = 0 and state = 'sent' and source = 'cal/holds'`, nil, &sent)
	return sent > 0
}

// noted takes down which of the holds that were written the journal knows.
func (r *raid) noted() {
	if len(r.fresh) > 0 && !r.unnoted() {
		clear(r.fresh)
	}
}

// judge holds one write of the daemon to the laws.
func (r *raid) judge(w write) {
	calendar, key := r.side.place(w.path)
	if w.method == http.MethodPost {
		key = r.side.made(w)
	} else if w.key == "" {
		r.t.Errorf("%s of %s without a condition", w.method, calendar)
	}
	if !w.took() {
		r.count[fmt.Sprintf("refused %d", w.status)]++
		r.note(key, "daemon %s: %d, %s stands", w.method, w.status, w.was)
		return
	}
	now, there := r.side.one(calendar, key)
	r.note(key, "daemon %s: %s, then %s", w.method, w.was, now)
	switch {
	case calendar == "work":
		r.judgeWork(w, now, there)
	case calendar != "holds":
		r.t.Errorf("the daemon wrote to no calendar: %s %s", w.method, w.path)
	case r.p.touched[key] != "":
		r.wrong(key, "%s of what a person touched: %s, now %s", w.method, w.was, now)
	case r.p.deleted[key] && there && r.p.unknown[key]:
		r.count["hold again"]++
		delete(r.p.deleted, key)
		delete(r.p.unknown, key)
		r.fresh[key] = true
	case r.p.deleted[key] && there:
		r.wrong(key, "what a person deleted is back: %s", now)
	case !there:
		r.count["withdraw"]++
	case w.there:
		r.count["rewrite"]++
	default:
		r.count["hold"]++
		r.fresh[key] = true
	}
}

// judgeWork: of events of others an answer or a time changes, once for each event.
func (r *raid) judgeWork(w write, now entry, there bool) {
	switch {
	case !there || !w.there:
		r.wrong(w.was.key, "the daemon made or removed an event: %s", w.was)
		return
	case now.rest != w.was.rest:
		r.wrong(now.key, "the daemon changed more than it may of %s:\n%s\n%s", w.was, w.was.rest, now.rest)
	}
	answer, moved := now.answer != w.was.answer, !now.from.Equal(w.was.from) || !now.till.Equal(w.was.till)
	if !answer && !moved {
		r.count["amend of nothing"]++
		r.wrong(now.key, "an event was written without a change: %s", now)
		return
	}
	if r.amends[now.key]++; r.amends[now.key] > 1 {
		r.wrong(now.key, "an event was changed %d times: %s, then %s", r.amends[now.key], w.was, now)
	}
	if answer && (now.answer != "DECLINED" && now.answer != "TENTATIVE" || moved) || moved && now.lead != "gc@firm.example" {
		r.wrong(now.key, "%s became %s", w.was, now)
	}
	r.count["amend"]++
}

// killOnce starts the daemon, lets the person work beside it, and kills it: after a
// random time, or at a random instant after steps are under way.
func (r *raid) killOnce() {
	begin := time.Now()
	run := r.f.start()
	if r.rng.IntN(4) == 0 {
		r.pass(run, time.Duration(r.rng.IntN(900))*time.Millisecond)
	} else {
		limit := time.Duration(600+r.rng.IntN(1400)) * time.Millisecond
		skip := r.rng.IntN(3) // not always the first steps
		for run.within(limit) {
			if sent, _ := r.f.open(begin); sent > 0 {
				if skip--; skip < 0 {
					break
				}
			}
			if r.rng.IntN(12) == 0 {
				r.p.deed()
			}
			r.pass(run, 2*time.Millisecond)
		}
		r.pass(run, time.Duration(r.rng.IntN(30_000))*time.Microsecond)
	}
	if err := run.stop(syscall.SIGKILL); err == nil || !strings.Contains(err.Error(), "killed") {
		r.t.Fatalf("the daemon ended by itself: %v\n%s", err, run.log())
	}
	r.gate.mu.Lock()
	r.noted()
	r.gate.mu.Unlock()
	for key := range r.amends {
		r.note(key, "killed")
	}
	for key := range r.p.deleted {
		r.note(key, "killed")
	}
	r.kills++
	switch sent, _ := r.f.open(begin); {
	case sent > 0:
		r.sent++
		r.steps += sent
	default:
		r.idle++
	}
}

func (r *raid) pass(run *running, d time.Duration) {
	select {
	case err := <-run.end:
		r.t.Fatalf("the daemon ended by itself: %v\n%s", err, run.log())
	case <-time.After(d):
	}
}

// approve lets changes of events go that wait because there are many.
func (r *raid) approve() {
	if out, code := r.f.cli("approve", "--yes"); code > 1 {
		r.t.Fatalf("approve: exit %d\n%s", code, out)
	}
}

// rest lets the daemon end its work and looks at what is left.
func (r *raid) rest() {
	run := r.f.measure("run", "--once", "--timeout", "10m")
	if run.code != 0 {
		r.t.Fatalf("run --once: exit %d\n%s", run.code, run.out)
	}
	r.t.Logf("%d kills, %d with steps under way (%d steps), %d at rest; the daemon: %v; the person: %s; %s", r.kills, r.sent, r.steps, r.idle, r.count, r.p, r.f.outcome())
	if r.sent < r.kills/10 {
		r.t.Errorf("only %d of %d kills met steps under way: the test does not hit", r.sent, r.kills)
	}
	r.stands()
	r.agree()
	notes := r.letters()
	r.gate.since()
	r.f.once()
	r.f.once()
	if n := r.gate.since(); n != 0 {
		r.t.Errorf("later runs wrote %d times", n)
	}
	if again := r.letters(); !slices.Equal(again, notes) {
		r.t.Errorf("later runs changed notes or drafts: %v, %v", missingFrom(again, notes), missingFrom(notes, again))
	}
}

// stands: what a person left in the calendar of holds is there as it was left.
func (r *raid) stands() {
	for key, whole := range r.p.touched {
		if now, ok := r.side.one("holds", key); !ok || now.whole != whole {
			r.wrong(key, "what a person touched is not as it was left: %s", now)
		}
	}
	for key := range r.p.deleted {
		if now, ok := r.side.one("holds", key); ok {
			r.wrong(key, "what a person deleted is there: %s", now)
		}
	}
}

// agree: every hold that nobody touched speaks of appointments as they are, and no
// time is offered twice.
func (r *raid) agree() {
	work, titles := r.side.entries("work"), map[string]entry{}
	for _, e := range work {
		titles[e.title] = e
	}
	for _, h := range r.side.entries("holds") {
		if h.chosen { // it takes time like any appointment
			titles[h.title] = h
		}
	}
	tags, there := map[string]bool{}, map[string]bool{}
	for _, h := range r.side.entries("holds") {
		if tags[h.tentMark] {
			r.t.Errorf("two objects of one intent: %s", h)
		}
		tags[h.tentMark] = true
		if r.p.touched[h.key] != "" {
			continue
		}
		if there[h.String()] {
			r.wrong(h.key, "the same hold twice: %s", h)
		}
		there[h.String()] = true
		about, conflict := strings.CutPrefix(h.title, "Conflict: ")
		if !conflict {
			_, title, _ := strings.Cut(h.title, ": ")
			if _, ok := titles[title]; !ok && !r.atIt(title, titles) {
				r.wrong(h.key, "a time is offered for what is not there: %s", h)
			}
			continue
		}
		a, b, _ := strings.Cut(about, " / ")
		x, ok := titles[a]
		y, too := titles[b]
		if !ok || !too || !x.overlaps(y) || x.answer == "DECLINED" || y.answer == "DECLINED" {
			r.wrong(h.key, "a conflict is told that is none: %s: %s, %s", h, x, y)
		}
	}
}

// atIt reports whether a person edited the hold that tells a conflict of an
// appointment that is there under another title: then its offers stay as they are.
func (r *raid) atIt(title string, titles map[string]entry) bool {
	base, _, _ := strings.Cut(title, " (")
	there, edited := false, false
	for t := range titles {
		there = there || t == base || strings.HasPrefix(t, base+" (")
	}
	for _, h := range r.side.entries("holds") {
		edited = edited || r.p.touched[h.key] != "" && strings.Contains(h.title, base)
	}
	return there && edited
}

// letters are the notes and drafts of the assistant, none twice.
func (r *raid) letters() (out []string) {
	for box, list := range r.f.dovecot.Dump(r.t, pa) {
		for _, m := range list {
			id := box + " " + field(head(m), "Message-ID")
			if slices.Contains(out, id) {
				r.t.Errorf("a letter twice: %s", id)
			}
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
