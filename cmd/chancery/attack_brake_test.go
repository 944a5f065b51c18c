package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/sync/journal"
)

// look opens the journal beside whatever runs.
func (f *firm) look(do func(*journal.Journal)) {
	f.t.Helper()
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	j, err := openJournal(f.t.Context(), l.cfg, true)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	do(j)
}

// heldNow returns the steps of gc-mail that wait for a person.
func (f *firm) heldNow() (ids []string) {
	f.t.Helper()
	f.look(func(j *journal.Journal) {
		steps, err := j.HeldSteps(f.t.Context(), "gc-mail", 100_000)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, in := range steps {
			ids = append(ids, string(in.Step.ID))
		}
	})
	slices.Sort(ids)
	return ids
}

// planHolds returns how many moves and letters of a plan would wait for approval.
func (f *firm) planHolds() (held int) {
	f.t.Helper()
	for _, p := range f.previews() {
		held += p.Held + p.Letters
	}
	return held
}

// invoices are n messages that the firm's rules file.
func invoices(from, n int) [][]byte {
	var out [][]byte
	for i := from; i < from+n; i++ {
		out = append(out, mail(fmt.Sprint("i", i), fmt.Sprintf("Invoice %d for 10042.0070", i), "Total due"))
	}
	return out
}

// Too many moves at once are marked, but wait for a person. What comes after them
// in small numbers is filed as ever.
func TestTheBrakeHoldsAMassMove(t *testing.T) {
	for name, brake := range map[string]string{"number": "{moves: 30, percent: 100}", "share": "{moves: 1000, percent: 40}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := newFirm(t, d, nil)
			f.edit("chancery.yaml", "brake: off", "brake: "+brake)
			c := d.Client(t, gc)
			c.Append("INBOX", invoices(0, 40)...)
			c.Append("INBOX", planted(30)[7]) // not ours
			if out, code := f.cli("plan"); code != 0 || !strings.Contains(out, "40 moves would wait for approval") {
				t.Errorf("plan: exit %d\n%s", code, out)
			}
			f.once()
			if n, marked := inbox(t, d, "lx-4"); n != 41 || marked != 40 {
				t.Fatalf("%d messages in INBOX, %d marked", n, marked)
			}
			c.Append("INBOX", invoices(40, 3)...)
			f.once()
			if n, _ := inbox(t, d, "lx-4"); n != 41 {
				t.Errorf("%d messages in INBOX after three more", n)
			}
			if out, _ := f.cli("status"); !strings.Contains(out, "40 steps wait for approval") {
				t.Errorf("status:\n%s", out)
			}
			if out, code := f.cli("approve", "gc-mail", "--yes"); code != 0 {
				t.Fatalf("approve: exit %d\n%s", code, out)
			}
			f.once()
			if n, _ := inbox(t, d, "lx-4"); n != 1 {
				t.Errorf("%d messages in INBOX after the approval", n)
			}
		})
	}
}

// The count goes on over a kill: what was planned before and not filed belongs to
// the same read.
func TestTheBrakeCountsOverAKill(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 30, percent: 100}")
	f.edit("chancery.yaml", "grace: 0s", "grace: 1h")
	c := d.Client(t, gc)
	c.Append("INBOX", invoices(0, 25)...)
	f.once() // planned, and waiting for the end of the grace
	c.Append("INBOX", invoices(25, 25)...)
	f.edit("chancery.yaml", "grace: 1h", "grace: 0s")
	r := f.start()
	await(t, "the brake", func() bool { return strings.Contains(r.log(), "moves wait for approval") })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	if n, _ := inbox(t, d, "lx-4"); n != 50 {
		t.Errorf("%d messages in INBOX", n)
	}
}

// What plan says of the steps and of the brake is what run does, whatever the
// rules, the brake and the grace are, and however often the service was started.
func TestPlanIsRunWithBrakeAndGrace(t *testing.T) {
	seed := rand.Uint64()
	for i := range uint64(4) {
		t.Run(fmt.Sprintf("seed=%d", seed+i), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed+i, 2))
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := newFirm(t, d, nil)
			f.write("rules.d/10.yaml", randomRules(rnd))
			f.edit("chancery.yaml", "mailboxes: [INBOX]", "mailboxes: [INBOX, Watched]")
			f.edit("chancery.yaml", "brake: off", fmt.Sprintf("brake: {moves: %d, percent: %d, letters: %d}", 3+rnd.IntN(30), 20+rnd.IntN(80), 1+rnd.IntN(40)))
			f.edit("chancery.yaml", "grace: 0s", []string{"grace: 0s", "grace: 1h"}[rnd.IntN(2)])
			for _, user := range []string{gc, pa} {
				d.Client(t, user).OK("CREATE Watched")
			}
			c := d.Client(t, gc)
			f.once()
			seq := int64(0)
			for part := range 3 {
				for n := range 5 + rnd.IntN(35) {
					c.Append([]string{"INBOX", "INBOX", "Watched"}[rnd.IntN(3)], randomMail(rnd, part*100+n))
				}
				want, holds, before := f.planned(), f.planHolds(), len(f.heldNow())
				f.once()
				var got map[string]string
				if got, seq = f.ran(seq); !maps.Equal(got, want) {
					t.Errorf("part %d: plan and run differ\nplan:\n%s\nrun:\n%s", part, listOf(want, got), listOf(got, want))
				}
				if now := len(f.heldNow()); now-before != holds {
					t.Errorf("part %d: plan says that %d moves would wait for approval, and %d do", part, holds, now-before)
				}
				if part == 1 && rnd.IntN(2) == 0 {
					f.cli("approve", "--yes")
				}
			}
		})
	}
}

// The brake counts a first read of thousands as one, through a kill in its middle,
// and nobody who reads meanwhile is taken for somebody who overrules.
func TestTheBrakeOnAFirstReadOfThousands(t *testing.T) {
	const all, bills = 3000, 300
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 200, percent: 100}")
	c := d.Client(t, gc)
	for part := range 10 {
		c.Append("INBOX", slices.Concat(planted(30)[7:8], invoices(part*bills/10, bills/10), lunches(part*270, 269))...)
	}
	r := f.start()
	await(t, "the first batch", func() bool {
		n := 0
		f.tryLook(func(j *journal.Journal) { n, _, _ = j.PendingCount(t.Context(), "gc-mail") })
		return n > 0
	})
	if err := r.stop(syscall.SIGKILL); err == nil {
		t.Error("it was not killed")
	}
	r = f.start()
	stop := make(chan struct{})
	done := make(chan struct{})
	reader := d.Client(t, gc)
	go func() {
		defer close(done)
		reader.OK("SELECT INBOX")
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
				reader.OK(fmt.Sprintf(`UID STORE %d +FLAGS (\Seen)`, 1+n*97%all))
			}
		}
	}()
	await(t, "the brake", func() bool { return strings.Contains(r.log(), "moves wait for approval") })
	await(t, "the marks", func() bool { _, marked := inbox(t, d, "lx-4"); return marked == bills })
	close(stop)
	<-done
	if n, _ := inbox(t, d, "lx-4"); n != all || len(f.heldNow()) != bills {
		t.Errorf("%d messages in INBOX, %d held", n, len(f.heldNow()))
	}
	if out, code := f.cli("approve", "--yes"); code != 0 {
		t.Fatalf("approve: %s", out)
	}
	// Those that were opened just now are left alone for two minutes; the others go.
	await(t, "the moves", func() bool {
		return !slices.ContainsFunc(d.Dump(t, gc)["INBOX"], func(m servertest.Dumped) bool {
			return slices.Contains(m.Flags, "lx-4") && !slices.Contains(m.Flags, `\Seen`)
		})
	})
	if len(f.heldNow()) != 0 {
		t.Errorf("%d held", len(f.heldNow()))
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	if out, _ := f.cli("journal", "--limit", "0"); strings.Contains(out, "released") {
		t.Error("somebody was taken to have overruled")
	}
}

func lunches(from, n int) (out [][]byte) {
	for i := range n {
		out = append(out, mail(fmt.Sprint("l", from+i), fmt.Sprint("Lunch ", from+i), "x"))
	}
	return out
}

// tryLook is look while the journal may not be there yet.
func (f *firm) tryLook(do func(*journal.Journal)) {
	l, err := load(f.dir)
	if err != nil {
		f.t.Fatal(err)
	}
	if j, err := openJournal(f.t.Context(), l.cfg, true); err == nil {
		do(j)
		_ = j.Close()
	}
}

// Kills at any instant around the brake, approvals and rejections: every message
// is filed once or was rejected, and none is lost or doubled.
func TestKillAroundTheBrake(t *testing.T) {
	for i, hide := range [][]string{nil, {"QRESYNC", "CONDSTORE"}, {"MOVE"}} {
		t.Run(fmt.Sprint("without ", hide), func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			rnd := rand.New(rand.NewPCG(seed, uint64(i)))
			d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
			f := newFirm(t, d, nil)
			f.edit("chancery.yaml", "brake: off", "brake: {moves: 10, percent: 100}")
			c := d.Client(t, gc)
			n := 0
			f.once()
			for range 12 {
				more := 3 + rnd.IntN(15)
				c.Append("INBOX", invoices(n, more)...)
				n += more
				r := f.start()
				time.Sleep(time.Duration(50+rnd.IntN(400)) * time.Millisecond)
				word := []string{"--yes", "--yes", "--reject"}[rnd.IntN(3)]
				if rnd.IntN(2) == 0 {
					go func() { _ = r.cmd.Process.Kill() }()
				}
				cmd := f.command("approve", "--yes", word)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				if rnd.IntN(3) == 0 {
					time.Sleep(time.Duration(rnd.IntN(60)) * time.Millisecond)
					_ = cmd.Process.Kill()
				}
				_ = cmd.Wait()
				_ = r.stop(syscall.SIGKILL)
			}
			f.once()
			if out, code := f.cli("approve", "--yes"); code != 0 {
				t.Fatal(out)
			}
			f.once()
			// Each once: before this, a message whose COPY was cut off may lie in two places.
			if after := servertest.Bodies(d.Dump(t, gc)); len(after) != n || slices.ContainsFunc(slices.Collect(maps.Values(after)), func(n int) bool { return n != 1 }) {
				t.Errorf("%d different messages of %d: %v", len(after), n, slices.Collect(maps.Values(after)))
			}
			for subject, at := range where(t, d, gc) {
				if strings.Count(at, ";") != 1 || !strings.Contains(at, "lx-4") {
					t.Errorf("%s: %s", subject, at)
				}
				id, _, _ := strings.Cut(strings.TrimPrefix(subject, "Invoice "), " ")
				rejected := f.releasedBy("i" + id + "@counsel.example")["invoices"] == journal.HowRejected
				if strings.HasPrefix(at, "INBOX") != rejected {
					t.Errorf("%s: %s, rejected %t", subject, at, rejected)
				}
			}
			if out, code := f.cli("journal", "verify"); code != 0 {
				t.Error(out)
			}
		})
	}
}

// releasedBy returns what is released for a message.
func (f *firm) releasedBy(messageID string) map[string]string {
	f.t.Helper()
	out := map[string]string{}
	f.look(func(j *journal.Journal) {
		intents, err := j.ByMessageID(f.t.Context(), messageID)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, in := range intents {
			known, err := j.Released(f.t.Context(), []model.Ident{in.Step.Ident})
			if err != nil {
				f.t.Fatal(err)
			}
			maps.Copy(out, known[in.Step.Ident])
		}
	})
	return out
}

// A run that ends names what it leaves: what is not due yet and what waits for a
// person.
func TestOnceNamesWhatItLeaves(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "brake: off", "brake: {moves: 10, percent: 100}")
	f.edit("chancery.yaml", "grace: 0s", "grace: 1h")
	c := d.Client(t, gc)
	c.Append("INBOX", invoices(0, 20)...)
	f.once()
	c.Append("INBOX", invoices(20, 3)...)
	out, code := f.cli("run", "--once", "--timeout", "5m")
	for _, want := range []string{`"steps left for later" source=gc-mail steps=3 due_in=`, `"steps wait for approval" source=gc-mail steps=20`} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, %s is missing:\n%s", code, want, out)
		}
	}
	if strings.Contains(out, "pa-mail steps") {
		t.Errorf("nothing is left there:\n%s", out)
	}
}

// What waits, for its time or for a person, is still known after the UIDs of
// INBOX lost their meaning; and what a person rejected stays rejected.
func TestWhatWaitsOutlivesNewUIDs(t *testing.T) {
	for _, answer := range []string{"", "--yes before", "--yes", "--reject"} {
		t.Run("approve "+answer, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			p := &people{t: t, d: d, f: newFirm(t, d, nil), c: d.Client(t, gc)}
			f := p.f
			if answer == "" {
				f.edit("chancery.yaml", "grace: 0s", "grace: 10s")
			} else {
				f.edit("chancery.yaml", "brake: off", "brake: {moves: 10, percent: 100}")
			}
			p.c.Append("INBOX", invoices(0, 20)...)
			if answer == "" {
				r := f.start()
				await(t, "the marks", func() bool { _, marked := inbox(t, d, "lx-4"); return marked == 20 })
				_ = r.stop(syscall.SIGKILL)
			} else {
				f.once()
			}
			word, before := strings.CutSuffix(answer, " before")
			if before {
				f.cli("approve", word)
			}
			created := time.Now().Unix()
			await(t, "the next second, of which the UIDVALIDITY is made", func() bool { return time.Now().Unix() > created })
			p.confuse()
			f.once()
			left := 20
			if answer == "" || before {
				left = 0
			}
			if n, _ := inbox(t, d, "lx-4"); n != left || answer != "" && !before && len(f.heldNow()) != 20 {
				t.Fatalf("%d in INBOX, %d held", n, len(f.heldNow()))
			}
			if answer == "--yes" {
				left = 0
			}
			if answer != "" && !before {
				f.cli("approve", "--yes", word)
			}
			f.once()
			f.once()
			if n, _ := inbox(t, d, "lx-4"); n != left || len(f.heldNow()) != 0 {
				t.Errorf("%d in INBOX, %d held", n, len(f.heldNow()))
			}
			if out, _ := f.cli("journal", "--limit", "0"); strings.Contains(out, "released") != (word == "--reject") {
				t.Error("released")
			}
		})
	}
}
