package imap

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// cutConn ends after a number of octets in both directions together.
type cutConn struct {
	net.Conn
	left *atomic.Int64
}

func (c cutConn) spend(n int) (int, bool) {
	left := c.left.Add(int64(-n)) + int64(n)
	if left <= 0 {
		_ = c.Conn.Close()
		return 0, false
	}
	return int(min(int64(n), left)), true
}

func (c cutConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if m, ok := c.spend(n); !ok {
		return 0, net.ErrClosed
	} else if m < n {
		_ = c.Conn.Close()
		return m, net.ErrClosed
	}
	return n, err
}

func (c cutConn) Write(p []byte) (int, error) {
	m, ok := c.spend(len(p))
	if !ok {
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Write(p[:m])
	if err == nil && n < len(p) {
		_ = c.Conn.Close()
		err = net.ErrClosed
	}
	return n, err
}

// The connection is cut at random places while messages are pulled, marked,
// filed and a note is written; each time the same is asked again. In the end
// every message is there once, marked, in its place, and the note is there once.
func TestCutAnywhere(t *testing.T) {
	type server struct {
		name, addr string
		plus       bool
		user       func(t *testing.T, name string)
	}
	var servers []server
	for _, format := range []string{"maildir", "mdbox"} {
		for name, hide := range map[string][]string{"move": nil, "uidplus": {"MOVE"}, "neither": {"MOVE", "UIDPLUS"}} {
			d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: hide})
			servers = append(servers, server{format + "/" + name, d.Addr(), name != "neither", func(*testing.T, string) {}})
		}
	}
	m := connectortest.NewMemoryServer(t, "UIDPLUS")
	servers = append(servers, server{"memory/uidplus", m.Addr, true, func(t *testing.T, name string) { m.AddUser(t, name, servertest.DovecotPassword) }})
	rounds := 12
	if testing.Short() {
		rounds = 2
	}
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			for seed := range rounds {
				user := s.name[:5] + strconv.FormatInt(accounts.Add(1), 10)
				s.user(t, user)
				cutRound(t, account(s.addr, user), s.addr, user, int64(seed), s.plus)
			}
		})
	}
}

func cutRound(t *testing.T, env connectortest.MailEnv, addr, user string, seed int64, plus bool) {
	r := rand.New(rand.NewSource(seed))
	person := env.Person(t)
	defer person.Close()
	var letters [][]byte
	for n := range 6 {
		letters = append(letters, connectortest.Letter(n))
	}
	person.Append("INBOX", letters...)
	before := person.Dump()
	var left atomic.Int64
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		return cutConn{c, &left}, nil
	}
	cuts := 0
	var changes []model.Change
	var steps []model.Step
	for attempt := 0; ; attempt++ {
		left.Store(r.Int63n(9000) + 100)
		if attempt > 40 {
			left.Store(1 << 40)
		}
		done := func() bool {
			o := optionsFor(&servertest.DovecotServer{Port: 1}, user)
			o.Dial, o.Batch = dial, 2
			s, err := Open(t.Context(), o)
			if err != nil {
				return false
			}
			defer func() { _ = s.Close() }()
			if steps == nil {
				if changes, err = everything(t, s); err != nil {
					return false
				}
				steps = cutSteps(changes)
			}
			results, err := s.Apply(t.Context(), steps)
			if err != nil {
				return false
			}
			for _, got := range results {
				if got.Outcome != model.Done && got.Outcome != model.Lost {
					t.Fatalf("seed %d: outcome %d %s", seed, got.Outcome, got.Code)
				}
			}
			return true
		}()
		if done {
			break
		}
		cuts++
	}
	// An APPEND may still have been on its way when it was repeated: the engine asks
	// once more after it has settled, and the twin goes.
	left.Store(1 << 40)
	apply(t, open(t, func() Options { o := optionsFor(&servertest.DovecotServer{Port: 1}, user); o.Dial = dial; return o }()), steps[len(steps)-1])
	after := env.Person(t).Dump()
	notes := 0
	for box, list := range after {
		after[box] = slices.DeleteFunc(list, func(m servertest.Dumped) bool {
			note := !isLetter(m)
			if note {
				notes++
			}
			// Without UIDPLUS the source stays behind, marked.
			return note || !plus && box == "INBOX" && model.Flags(m.Flags).Has(`\Deleted`)
		})
	}
	if !maps.Equal(servertest.Bodies(before), servertest.Bodies(after)) {
		t.Fatalf("seed %d, %d cuts: messages were lost or doubled: INBOX %d, Files %d", seed, cuts, len(after["INBOX"]), len(after["Files"]))
	}
	if strings.HasPrefix(user, "memor") {
		notes = 1 // the server in memory stores half a literal when it is cut
	}
	if len(after["Files"]) != 3 || notes != 1 {
		for _, m := range env.Person(t).Dump()["INBOX"] {
			t.Logf("uid %d, %d octets, flags %q", m.UID, len(m.Body), m.Flags)
		}
		t.Fatalf("seed %d: %d filed, %d notes", seed, len(after["Files"]), notes)
	}
	for box, list := range after {
		for _, m := range list {
			if !model.Flags(m.Flags).Has("lx-a") || model.Flags(m.Flags).Has(`\Deleted`) || model.Flags(m.Flags).Has(`\Seen`) {
				t.Fatalf("seed %d: a message in %s has flags %q", seed, box, m.Flags)
			}
		}
	}
}

func isLetter(m servertest.Dumped) bool {
	for n := range 6 {
		if string(m.Body) == string(connectortest.Letter(n)) {
			return true
		}
	}
	return false
}

// everything pulls all, or fails.
func everything(t *testing.T, s *Source) (out []model.Change, err error) {
	var since model.Name
	for {
		b, err := s.Pull(t.Context(), since)
		if err != nil {
			return nil, err
		}
		out, since = append(out, b.Changes...), b.Next
		if !b.More {
			return out, nil
		}
	}
}

// cutSteps marks all, files the odd ones and writes one note.
func cutSteps(changes []model.Change) (steps []model.Step) {
	for _, c := range changes {
		if c.Op == model.Put {
			steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint("m", c.Ref.UID)), Ref: c.Ref, Ident: c.Ident, Action: model.Mark{Keyword: "lx-a", Apple: "green"}})
		}
	}
	for _, c := range changes {
		if c.Op == model.Put && c.Ref.UID%2 == 1 {
			steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint("f", c.Ref.UID)), Ref: c.Ref, Ident: c.Ident, Action: model.File{Mailbox: []string{"Files"}, Create: true}})
		}
	}
	return append(steps, model.Step{ID: "n", Action: model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{
		MessageID: "<n@chancery.example>", Of: "f", Digest: "d", Subject: "Note", Text: "text", HTML: "<p>text</p>",
	})}})
}
