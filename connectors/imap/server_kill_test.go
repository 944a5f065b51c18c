package imap

import (
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// The server is killed at random instants while it moves 500 messages. What it
// left half done is brought to its end: every message is there once, where it
// belongs, with its marks.
func TestServerKilledWhileMoving(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	if n, err := strconv.Atoi(os.Getenv("CHANCERY_KILLS")); err == nil && n > 0 {
		rounds = n
	}
	seed := time.Now().UnixNano()
	for _, format := range []string{"maildir", "mdbox"} {
		for name, hide := range map[string][]string{"move": nil, "uidplus": {"MOVE"}} {
			t.Run(format+"/"+name, func(t *testing.T) {
				t.Logf("seed %d", seed)
				r := rand.New(rand.NewSource(seed))
				d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: hide})
				whole := time.Duration(0)
				met := 0
				for round := range rounds {
					k := killRound{d: d, user: fmt.Sprintf("u%d", round), r: r}
					// The first round is not disturbed: it tells how long a move takes.
					took, half := k.run(t, whole)
					if round == 0 {
						whole = took
					} else if half {
						met++
					}
				}
				t.Logf("%d of %d kills left work half done, which takes %v", met, rounds-1, whole.Round(time.Millisecond))
			})
		}
	}
}

type killRound struct {
	d    *servertest.DovecotServer
	user string
	r    *rand.Rand
}

// run files everything and kills the server within a time; 0 lets it live. half
// says that the kill left messages in both mailboxes.
func (k killRound) run(t *testing.T, within time.Duration) (took time.Duration, half bool) {
	const n = 500
	var letters [][]byte
	for i := range n {
		letters = append(letters, connectortest.Letter(i/2)) // every letter twice
	}
	person := k.d.Client(t, k.user)
	person.Append("INBOX", letters...)
	person.OK("SELECT INBOX")
	person.OK(`UID STORE 1:* +FLAGS.SILENT (lx-a \Flagged)`)
	person.OK("CREATE Files")
	before := person.Dump()
	person.Close()
	s := open(t, optionsFor(k.d, k.user))
	changes, _ := pull(t, s, "")
	var steps []model.Step
	for i, c := range changes {
		steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(i)), Ref: c.Ref, Ident: c.Ident, Action: model.File{Mailbox: []string{"Files"}}})
	}
	began := time.Now()
	results := make(chan error, 1)
	go func() {
		_, err := s.Apply(t.Context(), steps)
		results <- err
	}()
	if within > 0 {
		time.Sleep(time.Duration(k.r.Int63n(int64(within)))) // the instant of a kill is a time: nothing can be awaited
		k.d.Kill()
		<-results
		k.unlock(t)
		k.d.Restart(t)
		k.d.Mend(t, k.user, "INBOX", "Files")
		left := k.d.Dump(t, k.user)
		half = len(left["INBOX"]) > 0 && len(left["Files"]) > 0
	} else if err := <-results; err != nil {
		t.Fatal(err)
	}
	took = time.Since(began)
	if k.r.Intn(3) == 0 {
		_ = s.Close()
		s = open(t, optionsFor(k.d, k.user)) // we were killed with it
	}
	for _, got := range k.again(t, s, steps) {
		if got.Outcome != model.Done {
			t.Fatalf("outcome %d %s", got.Outcome, got.Code)
		}
	}
	after := k.d.Dump(t, k.user)
	if !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) || len(after["INBOX"]) != 0 || len(after["Files"]) != n {
		t.Fatalf("half done %t; in the end INBOX %d, Files %d of %d", half, len(after["INBOX"]), len(after["Files"]), n)
	}
	for _, m := range after["Files"] {
		if f := model.Flags(m.Flags); !f.Has("lx-a") || !f.Has(`\Flagged`) || f.Has(`\Deleted`) {
			t.Fatalf("a message has flags %q", m.Flags)
		}
	}
	return took, half
}

// again applies until the server is itself again: after a crash it may say that
// its state is inconsistent, and end the connection.
func (k killRound) again(t *testing.T, s *Source, steps []model.Step) []model.Result {
	var err error
	for range 5 {
		var results []model.Result
		if results, err = s.Apply(t.Context(), steps); err == nil {
			return results
		}
	}
	t.Fatal(err)
	return nil
}

// unlock takes away the lock files of the dead: the server would wait for them,
// some minutes.
func (k killRound) unlock(t *testing.T) {
	err := filepath.WalkDir(filepath.Join(k.d.Dir(), "mail", k.user), func(path string, e os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lock") {
			return os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
