package imap

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// shownBox is what a reader of changes knows of a mailbox, as long as its UIDs keep
// their meaning.
type shownBox struct {
	number int               // among those of the same mailbox
	there  map[uint32]string // UID to subject and flags
	idents map[uint32]model.Ident
}

// age names a mailbox and the meaning of its UIDs.
type age struct {
	box      string
	validity uint32
}

// reader keeps what one Source has told.
type reader struct {
	t     *testing.T
	name  string
	o     Options
	src   *Source
	since connectors.Cursor
	boxes map[age]*shownBox
}

func shown(subject string, flags model.Flags) string {
	words := slices.Clone(flags)
	slices.Sort(words)
	return subject + " " + strings.Join(words, " ")
}

// round pulls once to the end and returns the net effect, line by line, sorted.
func (r *reader) round() []string {
	r.t.Helper()
	var changes []model.Change
	changes, r.since = pull(r.t, r.src, r.since)
	net := map[string]bool{}
	arrived := map[model.Ident]bool{}
	expected := map[model.Ident]bool{}
	for _, c := range changes {
		at := age{string(c.Ref.Mailbox), c.Ref.UIDValidity}
		b := r.boxes[at]
		if b == nil {
			b = &shownBox{there: map[uint32]string{}, idents: map[uint32]model.Ident{}}
			for other := range r.boxes {
				if other.box == at.box {
					b.number++
				}
			}
			r.boxes[at] = b
		}
		box := fmt.Sprintf("%s.%d", at.box, b.number)
		uid := c.Ref.UID
		switch {
		case c.Op == model.Put:
			if _, known := b.there[uid]; known {
				r.t.Errorf("%s: %s %d is reported twice", r.name, box, uid)
			}
			subject := c.Message.Body.Reveal().Subject
			b.there[uid], b.idents[uid] = shown(subject, c.Message.Flags), c.Ident
			net[fmt.Sprintf("%s %d put %s old=%t", box, uid, b.there[uid], c.Message.Old)] = true
			if expected[c.Ident] && !arrived[c.Ident] {
				r.t.Errorf("%s: %s %d was missed before it was seen", r.name, box, uid)
			}
			arrived[c.Ident] = true
		case c.Op == model.Marked:
			was, known := b.there[uid]
			if !known {
				r.t.Errorf("%s: marks of %s %d, which was never reported", r.name, box, uid)
			}
			subject, _, _ := strings.Cut(strings.TrimPrefix(was, "Matter "), " ")
			if now := shown("Matter "+subject, c.Message.Flags); now != was {
				b.there[uid] = now
				net[fmt.Sprintf("%s %d is now %s", box, uid, now)] = true
			}
		case c.Op == model.Gone && uid != 0:
			if _, known := b.there[uid]; !known {
				r.t.Errorf("%s: %s %d is gone, which was never reported", r.name, box, uid)
			}
			expected[b.idents[uid]] = true
			delete(b.there, uid)
			delete(b.idents, uid)
			net[fmt.Sprintf("%s %d is gone", box, uid)] = true
		default:
			net[fmt.Sprintf("%s op %d %v", box, c.Op, c.Fault)] = true
		}
	}
	return slices.Sorted(maps.Keys(net))
}

func (r *reader) reopen() {
	_ = r.src.Close()
	r.src = open(r.t, r.o)
}

// valid reports whether the UIDs of a mailbox still have that meaning.
func valid(c *servertest.RawIMAP, at age) bool {
	for _, reply := range c.OK(fmt.Sprintf("STATUS %s (UIDVALIDITY)", at.box)) {
		if strings.Contains(reply.Text, fmt.Sprintf("UIDVALIDITY %d)", at.validity)) {
			return true
		}
	}
	return false
}

// truth is what a second client sees in the followed mailboxes.
func truth(dump map[string][]servertest.Dumped, boxes []string) map[string]string {
	out := map[string]string{}
	for _, b := range boxes {
		for _, m := range dump[b] {
			subject := ""
			for line := range strings.SplitSeq(string(m.Body), "\r\n") {
				if s, ok := strings.CutPrefix(line, "Subject: "); ok {
					subject = s
				}
			}
			out[fmt.Sprintf("%s %d", b, m.UID)] = shown(subject, m.Flags)
		}
	}
	return out
}

// persona does the same acts in several accounts.
type persona struct {
	r     *rand.Rand
	hands []*servertest.RawIMAP
	n     int
	turns int
}

func (p *persona) all(command string) {
	for _, h := range p.hands {
		h.OK(command)
	}
}

// uid picks a message of a mailbox; 0 if it is empty. All accounts have the same.
func (p *persona) uid(box string) uint32 {
	p.all("SELECT " + box)
	var uids []string
	for _, h := range p.hands[:1] {
		for _, reply := range h.OK("UID SEARCH ALL") {
			if rest, ok := strings.CutPrefix(reply.Text, "* SEARCH "); ok {
				uids = strings.Fields(rest)
			}
		}
	}
	if len(uids) == 0 {
		return 0
	}
	n, _ := strconv.ParseUint(uids[p.r.Intn(len(uids))], 10, 32)
	return uint32(n)
}

func (p *persona) append(box string) {
	p.n++
	body := connectortest.Letter(p.n)
	date := []string{"05-Oct-2020 10:00:00 +0000", "05-Oct-2090 10:00:00 +0000"}[p.r.Intn(2)]
	for _, h := range p.hands {
		h.OK(fmt.Sprintf("APPEND %s \"%s\" {%d+}\r\n%s", box, date, len(body), body))
	}
}

// act does one thing at random.
func (p *persona) act() {
	boxes := []string{"INBOX", "Files", "Attic"}
	box, other := boxes[p.r.Intn(3)], boxes[p.r.Intn(3)]
	switch k := p.r.Intn(20); {
	case k < 7:
		p.append(box)
	case k == 7 && p.turns < maxTurns:
		p.turns++
		p.all("SELECT INBOX")
		p.all("DELETE Files")
		p.all("CREATE Files")
	case k < 10:
		if uid := p.uid(box); uid > 0 {
			p.all(fmt.Sprintf(`UID STORE %d +FLAGS.SILENT (%s)`, uid, []string{`\Seen`, `\Flagged`, "lx-a", "$label1"}[p.r.Intn(4)]))
		}
	case k < 12:
		if uid := p.uid(box); uid > 0 {
			p.all(fmt.Sprintf(`UID STORE %d -FLAGS.SILENT (%s)`, uid, []string{`\Seen`, `\Flagged`, "lx-a", "$label1"}[p.r.Intn(4)]))
		}
	case k < 16 && box != other:
		if uid := p.uid(box); uid > 0 {
			p.all(fmt.Sprintf(`UID MOVE %d %s`, uid, other))
		}
	case k < 17:
		if uid := p.uid(box); uid > 0 {
			p.all(fmt.Sprintf(`UID COPY %d %s`, uid, other))
		}
	case k < 19:
		if uid := p.uid(box); uid > 0 {
			p.all(fmt.Sprintf(`UID STORE %d +FLAGS.SILENT (\Deleted)`, uid))
			p.all(fmt.Sprintf(`UID EXPUNGE %d`, uid))
		}
	}
}

var syncModes = []struct {
	name string
	hide []string
}{
	{"qresync", nil},
	{"condstore", []string{"QRESYNC"}},
	{"sweep", []string{"QRESYNC", "CONDSTORE"}},
	{"plain", []string{"QRESYNC", "CONDSTORE", "ESEARCH", "LIST-STATUS"}},
}

// The same history, told by QRESYNC, by CONDSTORE, and by looking: the readers
// learn the same, round by round, and it is what is there. Some rounds begin with
// a restart.
func TestModesTellTheSame(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		for seed := range int64(3) {
			t.Run(fmt.Sprintf("%s/seed=%d", format, seed), func(t *testing.T) {
				t.Parallel()
				tellTheSame(t, servertest.Dovecot(t, servertest.DovecotOptions{Format: format}), seed, 40)
			})
		}
	}
}

func tellTheSame(t *testing.T, d *servertest.DovecotServer, seed int64, rounds int) {
	followed := []string{"INBOX", "Files"}
	p := &persona{r: rand.New(rand.NewSource(seed))}
	var readers []*reader
	for _, mode := range syncModes {
		h := d.Client(t, mode.name)
		h.OK("CREATE Files")
		h.OK("CREATE Attic")
		p.hands = append(p.hands, h)
		o := optionsFor(d, mode.name, followed...)
		o.hide, o.Batch = mode.hide, 3
		readers = append(readers, &reader{t: t, name: mode.name, o: o, boxes: map[age]*shownBox{}})
	}
	for range 12 {
		p.append([]string{"INBOX", "Files"}[p.r.Intn(2)])
	}
	for _, r := range readers {
		r.src = open(t, r.o)
	}
	for n := range rounds {
		if n > 0 {
			for range p.r.Intn(7) {
				p.act()
			}
		}
		restart := p.r.Intn(4) == 0
		var first []string
		for i, r := range readers {
			if restart {
				r.reopen()
			}
			net := r.round()
			if i == 0 {
				first = net
			} else if !slices.Equal(first, net) {
				t.Fatalf("round %d (restart %t): %s tells\n%s\n%s tells\n%s", n, restart, readers[0].name, strings.Join(first, "\n"), r.name, strings.Join(net, "\n"))
			}
			if again := r.round(); len(again) > 0 {
				t.Fatalf("round %d: %s tells without reason\n%s", n, r.name, strings.Join(again, "\n"))
			}
		}
		want := truth(p.hands[0].Dump(), followed)
		for i, r := range readers {
			got := map[string]string{}
			for at, b := range r.boxes {
				if !valid(p.hands[i], at) {
					continue // its UIDs lost their meaning
				}
				for uid, what := range b.there {
					got[fmt.Sprintf("%s %d", at.box, uid)] = what
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("round %d: %s knows\n%s\nthere is\n%s", n, r.name, listing(got), listing(want))
			}
		}
	}
}

func listing[V any](m map[string]V) string {
	var b strings.Builder
	for _, k := range slices.SortedFunc(maps.Keys(m), cmp.Compare[string]) {
		fmt.Fprintf(&b, "%s: %v\n", k, m[k])
	}
	return b.String()
}

// While somebody moves messages from one followed mailbox to the other, at any
// moment of a round, each is seen where it went before it is missed where it was:
// whoever listens never loses sight of it.
func TestMovedIsSeenBeforeItIsMissed(t *testing.T) {
	const each = 60
	for _, mode := range syncModes {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
			person := d.Client(t, "ann")
			for n := range each {
				person.Append("INBOX", connectortest.Letter(n))
				person.Append("Files", connectortest.Letter(each+n))
			}
			o := optionsFor(d, "ann", "INBOX", "Files")
			o.hide, o.Batch = mode.hide, 20
			s := open(t, o)
			places := map[model.Ident]int{}
			byRef := map[string]model.Ident{}
			listen := func(changes []model.Change) {
				for _, c := range changes {
					at := fmt.Sprintf("%s %d", string(c.Ref.Mailbox), c.Ref.UID)
					switch c.Op {
					case model.Put:
						places[c.Ident]++
						byRef[at] = c.Ident
					case model.Gone:
						if places[byRef[at]]--; places[byRef[at]] < 1 {
							t.Errorf("%s is missed before it is seen elsewhere", at)
						}
					}
				}
			}
			changes, since := pull(t, s, "")
			listen(changes)
			done := make(chan struct{})
			go func() {
				defer close(done)
				order := rand.New(rand.NewSource(8)).Perm(2 * each)
				for _, n := range order {
					from, to := "INBOX", "Files"
					if n >= each {
						from, to = to, from
					}
					person.OK("SELECT " + from)
					person.OK(fmt.Sprintf("UID MOVE %d %s", n%each+1, to))
				}
			}()
			for moving := true; moving; {
				select {
				case <-done:
					moving = false
				default:
				}
				changes, since = pull(t, s, since)
				listen(changes)
			}
			if changes, _ = pull(t, s, since); len(changes) > 0 {
				t.Errorf("%d changes when all is quiet", len(changes))
			}
			for _, n := range places {
				if n != 1 {
					t.Fatalf("a message is in %d places", n)
				}
			}
			if len(places) != 2*each {
				t.Fatalf("%d of %d messages", len(places), 2*each)
			}
		})
	}
}
