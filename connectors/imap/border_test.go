package imap

import (
	"context"
	"fmt"
	"math/rand"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// A process that dies at any batch border, with its last batch committed or not,
// reads at most that batch again and skips nothing. The newest mail comes first,
// and what arrives while old mail is read comes before the rest of it.
func TestKilledAtEveryBorder(t *testing.T) {
	const letters = 90
	for _, hide := range [][]string{nil, {"QRESYNC"}, {"QRESYNC", "CONDSTORE", "ESEARCH"}} {
		t.Run(fmt.Sprint(hide), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
			person := d.Client(t, "ann")
			n := 0
			put := func(box string) {
				n++
				person.Append(box, connectortest.Letter(n))
			}
			for i := range letters {
				put([]string{"INBOX", "Files"}[i%2])
			}
			person.OK("SELECT INBOX")
			person.OK(`UID STORE 3:20 +FLAGS.SILENT (\Deleted)`)
			person.OK("EXPUNGE")
			o := optionsFor(d, "ann", "INBOX", "Files")
			o.hide, o.Batch = hide, 4
			r := rand.New(rand.NewSource(5))
			s := open(t, o)
			var since connectors.Cursor
			seen, dropped, news := map[string]int{}, 0, ""
			for more, turn := true, 0; more; turn++ {
				b, err := s.Pull(t.Context(), since)
				if err != nil {
					t.Fatal(err)
				}
				subjects, puts := map[string]bool{}, 0
				for _, c := range b.Changes {
					if c.Op == model.Marked && len(c.Message.Flags) == 0 {
						continue // that it arrived is told once more
					}
					if puts++; c.Op != model.Put || puts > setsPerBatch*o.Batch {
						t.Fatalf("a batch of %s", summary(b.Changes))
					}
					subject := c.Message.Body.Reveal().Subject
					seen[subject]++
					subjects[subject] = true
				}
				if turn == 0 && !(subjects["Matter 89"] && subjects["Matter 87"] && !subjects["Matter 1"]) {
					t.Fatal("the newest mail does not come first")
				}
				if news != "" && !subjects[news] {
					t.Fatalf("batch %d does not begin with the letter that has just arrived", turn)
				}
				news = ""
				kill, commit := r.Intn(2) == 0, r.Intn(3) > 0
				if commit || !kill {
					since, more = b.Next, b.More
				} else {
					dropped++
				}
				if kill {
					_ = s.Close()
					s = open(t, o)
					if more && turn%3 == 0 {
						put("INBOX")
						news = fmt.Sprintf("Matter %d", n)
					}
				}
			}
			again := 0
			for _, times := range seen {
				again += times - 1
			}
			if len(seen) != n-18 || again > dropped*setsPerBatch*o.Batch || dropped == 0 {
				t.Fatalf("%d of %d letters, %d again after %d lost batches", len(seen), n-18, again, dropped)
			}
		})
	}
}

// New mail that the server speaks of while a backlog is read comes next, on the
// same connection.
func TestNewsInABacklog(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	person := d.Client(t, "ann")
	for n := range 60 {
		person.Append("INBOX", connectortest.Letter(n))
	}
	o := optionsFor(d, "ann", "INBOX")
	o.Batch = 3
	s := open(t, o)
	var since connectors.Cursor
	arrived, waited := 0, 0
	for more, turn := true, 0; more; turn++ {
		b, err := s.Pull(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		since, more = b.Next, b.More
		for _, c := range b.Changes {
			if c.Op == model.Put && c.Message.Body.Reveal().Subject == "Matter 1000" {
				arrived = turn
			}
		}
		if turn == 0 {
			person.Append("INBOX", connectortest.Letter(1000))
		}
		if arrived == 0 {
			waited++
		}
	}
	if arrived == 0 || waited > 3 {
		t.Fatalf("the new letter came in batch %d", arrived)
	}
}

// tallied is a connection that counts what a client asks after it logged in.
type tallied struct {
	net.Conn
	n *atomic.Int64
}

var commandLine = regexp.MustCompile(`(?m)^[CT]\d+ [A-Z]`)

func (c tallied) Write(b []byte) (int, error) {
	c.n.Add(int64(len(commandLine.FindAll(b, -1))))
	return c.Conn.Write(b)
}

// countCommands makes a Source count its commands.
func countCommands(o *Options) *atomic.Int64 {
	n := &atomic.Int64{}
	o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, addr)
		return tallied{c, n}, err
	}
	return n
}

// manyBoxes makes mailboxes with one message in each.
func manyBoxes(t testing.TB, d *servertest.DovecotServer, n int) []string {
	c := d.Client(t, "ann")
	boxes := []string{"INBOX"}
	for i := range n - 1 {
		boxes = append(boxes, fmt.Sprintf("Box %d", i))
	}
	letter := connectortest.Letter(1)
	for _, b := range boxes {
		if b != "INBOX" {
			c.OK(`CREATE "` + b + `"`)
		}
		c.OK(fmt.Sprintf("APPEND \"%s\" {%d+}\r\n%s", b, len(letter), letter))
	}
	c.Close()
	return boxes
}

// Where nothing changed, a thousand mailboxes cost at most two round trips each
// after a restart, and with LIST-STATUS a handful for all. What changed is found
// all the same.
func TestNothingChangedCostsLittle(t *testing.T) {
	const n = 1000
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
	boxes := manyBoxes(t, d, n)
	for i, c := range []struct {
		name string
		hide []string
		most int64
	}{
		{"list-status", nil, 10},
		{"status", []string{"LIST-STATUS"}, n + 10},
		{"sweep", []string{"QRESYNC", "CONDSTORE"}, 2*n + 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := optionsFor(d, "ann", boxes...)
			o.hide, o.Baseline = c.hide, true
			commands := countCommands(&o)
			s := open(t, o)
			_, since := pull(t, s, "")
			for range 2 {
				_ = s.Close()
				commands.Store(0)
				s = open(t, o)
				changes, next := pull(t, s, since)
				if len(changes) > 0 {
					t.Fatalf("%d changes", len(changes))
				}
				if got := commands.Load(); got > c.most {
					t.Fatalf("%d commands for %d mailboxes", got, n)
				}
				since = next
			}
			d.Client(t, "ann").Append("Box 700", connectortest.Letter(2))
			commands.Store(0)
			if changes, _ := pull(t, s, since); summary(changes) != fmt.Sprintf("put %d", i+2) || commands.Load() > c.most+10 {
				t.Fatalf("%s with %d commands", summary(changes), commands.Load())
			}
		})
	}
}

// A server that advertises LIST-STATUS and does not take it is asked with STATUS;
// one that leaves mailboxes out is asked for those.
func TestListStatusThatFails(t *testing.T) {
	for name, say := range map[string]string{
		"BAD":      "%[1]s BAD what\r\n",
		"NO":       "%[1]s NO [CANNOT] never\r\n",
		"silent":   "%[1]s OK done\r\n",
		"half":     "* STATUS \"a\" (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 1 HIGHESTMODSEQ 10)\r\n%[1]s OK done\r\n",
		"nonsense": "* STATUS (\r\n* STATUS a\r\n* STATUS () ()\r\n* STATUS {1}\r\nb (MESSAGES x)\r\n%[1]s OK done\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf("CONDSTORE LIST-EXTENDED LIST-STATUS", 2)
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				list := strings.Contains(command, "RETURN (STATUS")
				if list {
					conn.Say(say, tag)
				}
				return list
			}
			src := scripted(t, s.Script, func(o *Options) { o.Mailboxes = []string{"a", "b", "per%cent"} })
			changes, since := pull(t, src, "")
			if len(changes) != 6 {
				t.Fatalf("first %s", summary(changes))
			}
			_ = src.Close()
			src = open(t, src.o)
			s.do(func() { s.modseq++; s.add() })
			before := len(s.Log())
			changes, since = pull(t, src, since)
			missing := 0
			if name == "half" {
				missing = 1 // what it told of "a" was as before
			}
			if len(changes) != 3-missing {
				t.Fatalf("then %s", summary(changes))
			}
			lists := 0
			for _, l := range s.Log()[before:] {
				if strings.Contains(l, "RETURN (STATUS") {
					lists++
					if strings.Contains(l, "per%cent") {
						t.Fatal("a name is used as a pattern")
					}
				}
			}
			if lists != 1 {
				t.Fatalf("asked %d times", lists)
			}
			if changes, _ = pull(t, src, since); len(changes) != 0 {
				t.Fatalf("again %s", summary(changes))
			}
		})
	}
}

// BenchmarkNothingChanged opens an account anew and finds that nothing happened in
// any of its mailboxes: commands and time for each mailbox.
func BenchmarkNothingChanged(b *testing.B) {
	for _, n := range []int{10, 1000} {
		d := servertest.Dovecot(b, servertest.DovecotOptions{Format: "mdbox"})
		boxes := manyBoxes(b, d, n)
		for name, hide := range map[string][]string{"list-status": nil, "status": {"LIST-STATUS"}, "sweep": {"QRESYNC", "CONDSTORE"}} {
			b.Run("mailboxes="+strconv.Itoa(n)+"/"+name, func(b *testing.B) {
				o := optionsFor(d, "ann", boxes...)
				o.hide, o.Baseline = hide, true
				commands := countCommands(&o)
				s := open(b, o)
				_, since := pull(b, s, "")
				_ = s.Close()
				commands.Store(0)
				var took time.Duration
				for b.Loop() {
					s := open(b, o)
					began := time.Now()
					if changes, _ := pull(b, s, since); len(changes) > 0 {
						b.Fatalf("%d changes", len(changes))
					}
					took += time.Since(began)
					_ = s.Close()
				}
				b.ReportMetric(float64(commands.Load())/float64(b.N*n), "roundtrips/mailbox")
				b.ReportMetric(float64(took.Microseconds())/float64(b.N*n), "µs/mailbox")
			})
		}
	}
}
