package main

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"chancery/internal/servertest"
)

var (
	historySeed  = flag.Uint64("history", 1, "first seed of the random histories")
	historyCount = flag.Int("histories", 3, "how many random histories")
)

// event is one thing of a history: mail that arrives, a person's act, a run of
// the daemon, a server that loses its UIDs.
type event struct {
	what string // "mail", "run", "uids", or a key of historyActs
	n    int    // number of the message
}

// historyActs are what a person may do to a message wherever it lies: the folders
// in which it is looked for, and the commands.
var historyActs = map[string]struct {
	in       []string
	commands []string
}{
	"unmark":    {[]string{"INBOX", "Team"}, []string{"UID STORE %d -FLAGS (lx-1 lx-4)"}},
	"unmark 2":  {[]string{"INBOX", "Team"}, []string{"UID STORE %d -FLAGS (lx-2 lx-5)"}},
	"unflag":    {[]string{"INBOX", "Team"}, []string{`UID STORE %d -FLAGS (\Flagged)`}},
	"recolour":  {[]string{"INBOX"}, []string{"UID STORE %d -FLAGS ($MailFlagBit0 $MailFlagBit2)", "UID STORE %d +FLAGS ($MailFlagBit1)"}},
	"read":      {[]string{"INBOX", "Team", filedAt}, []string{`UID STORE %d +FLAGS (\Seen)`}},
	"unread":    {[]string{"INBOX", "Team"}, []string{`UID STORE %d -FLAGS (\Seen)`}},
	"answer":    {[]string{"INBOX"}, []string{`UID STORE %d +FLAGS (\Answered \Seen)`}},
	"delete":    {[]string{"INBOX", "Team"}, []string{`UID STORE %d +FLAGS (\Deleted)`, "UID EXPUNGE %d"}},
	"archive":   {[]string{"INBOX", "Team"}, []string{"UID MOVE %d Archive"}},
	"share":     {[]string{"INBOX", filedAt}, []string{"UID MOVE %d Team"}},
	"take back": {[]string{"Team", filedAt, "Archive"}, []string{"UID MOVE %d INBOX"}},
	"copy back": {[]string{filedAt}, []string{"UID COPY %d INBOX"}},
}

// newHistory makes a history of n events. A run comes after every act that a
// further act could hide: what is seen of two acts between two looks is the one
// thing in which the ways to look differ.
func newHistory(seed uint64, n int) (h []event, messages int) {
	r := rand.New(rand.NewPCG(seed, 0))
	acts := slices.Sorted(maps.Keys(historyActs))
	touched := map[int]bool{}
	run := func() {
		h = append(h, event{what: "run"})
		clear(touched)
	}
	for range n {
		switch k := r.IntN(20); {
		case k < 5 || messages == 0:
			h = append(h, event{"mail", messages})
			messages++
		case k < 9:
			run()
		case k == 9 && r.IntN(3) == 0:
			run()
			h = append(h, event{what: "uids"})
			run()
		default:
			e := event{acts[r.IntN(len(acts))], r.IntN(messages)}
			if touched[e.n] {
				run()
			}
			touched[e.n] = true
			h = append(h, e)
		}
	}
	run()
	run()
	return h, messages
}

func historySubject(n int) string {
	return fmt.Sprintf("%s [%d]", []string{"Privileged", "Invoice", "Privileged Invoice"}[n%3], n)
}

// lived is what a history left: a line per message from the journal, and the
// mailboxes.
type lived struct{ journal, mail []string }

// live lets a history happen on a server that hides capabilities. Every run is a
// start of the daemon.
func live(t *testing.T, h []event, messages int, hide []string) (out lived) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", "mailboxes: [INBOX], first_sync", "mailboxes: [INBOX, Team], first_sync")
	f.write("rules.d/10.yaml", rulesOfPeople)
	for _, user := range []string{gc, pa} {
		c := d.Client(t, user)
		c.OK("CREATE Team")
		c.OK("CREATE Archive")
		c.OK("CREATE " + filedAt)
	}
	for _, e := range h {
		switch e.what {
		case "mail":
			d.Client(t, gc).Append("INBOX", mail(fmt.Sprint(e.n), historySubject(e.n), "x"))
		case "run":
			f.once()
		case "uids":
			loseUIDs(t, d)
		default:
			c := d.Client(t, gc)
			a := historyActs[e.what]
			for _, box := range a.in {
				c.OK(fmt.Sprintf("SELECT %q", box))
				if uidOf(c, historySubject(e.n)) != 0 {
					act(c, box, historySubject(e.n), a.commands...)
					break
				}
			}
			c.Close()
		}
	}
	j, done := f.journal()
	defer done()
	for n := range messages {
		steps, released := story(t, j, fmt.Sprint(n))
		out.journal = append(out.journal, fmt.Sprintf("%s: %v released %v", historySubject(n), steps, released))
	}
	for subject, places := range where(t, d, gc) {
		out.mail = append(out.mail, subject+": "+sortedPlaces(places))
	}
	slices.Sort(out.mail)
	if text, code := f.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: %s", text)
	}
	return out
}

// TestThreeWaysToLook lets the same random history happen on servers with
// QRESYNC, with CONDSTORE only, and with neither. What the journal says of every
// message, and where every message lies, is the same.
func TestThreeWaysToLook(t *testing.T) {
	for i := range *historyCount {
		seed := *historySeed + uint64(i)
		t.Run(fmt.Sprintf("history=%d", seed), func(t *testing.T) {
			t.Parallel()
			h, messages := newHistory(seed, 60)
			names := []string{"QRESYNC", "CONDSTORE", "neither"}
			var all []lived
			for k := range names {
				all = append(all, live(t, h, messages, []string{"QRESYNC", "CONDSTORE"}[:k]))
			}
			acts := 0
			for _, line := range all[0].journal {
				acts += strings.Count(line, "confirmed")
			}
			if acts < messages/2 {
				t.Errorf("%d steps for %d messages: the history shows nothing", acts, messages)
			}
			for k := 1; k < len(all); k++ {
				for _, diff := range [][2][]string{{all[0].journal, all[k].journal}, {all[0].mail, all[k].mail}} {
					for _, line := range missingFrom(diff[1], diff[0]) {
						t.Errorf("only with %s:  %s", names[0], line)
					}
					for _, line := range missingFrom(diff[0], diff[1]) {
						t.Errorf("only with %s: %s", names[k], line)
					}
				}
			}
			if t.Failed() {
				t.Log(h)
			}
		})
	}
}
