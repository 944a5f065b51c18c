package sync_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	stdsync "sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/connectors/imap"
	"chancery/internal/model"
	"chancery/rules"
	"chancery/sync"
	"chancery/sync/journal"
)

// herd is one mail host with many accounts, over pipes and by a clock of its own.
type herd struct {
	mu     stdsync.Mutex
	down   bool
	dials  []time.Time
	logins []time.Time
	under  int // logins under way
	most   int
	live   map[net.Conn]bool
}

func (h *herd) dial(context.Context, string, string) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dials = append(h.dials, time.Now())
	if h.down {
		return nil, errors.New("connection refused")
	}
	ours, theirs := net.Pipe()
	h.live[theirs] = true
	h.under++
	h.most = max(h.most, h.under)
	go h.serve(theirs)
	return ours, nil
}

func (h *herd) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n")
	br := bufio.NewReader(c)
	in := false
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.live, c)
		if !in {
			h.under--
		}
	}()
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		said := ""
		switch verb, _, _ := strings.Cut(command, " "); verb {
		case "LOGIN":
			time.Sleep(150 * time.Millisecond)
			h.mu.Lock()
			in = true
			h.under--
			h.logins = append(h.logins, time.Now())
			h.mu.Unlock()
		case "CAPABILITY":
			said = "* CAPABILITY IMAP4rev1 IDLE\r\n"
		case "LIST":
			said = "* LIST () \"/\" INBOX\r\n"
		case "SELECT", "EXAMINE":
			said = "* 0 EXISTS\r\n* OK [PERMANENTFLAGS (\\*)] .\r\n* OK [UIDVALIDITY 1] .\r\n* OK [UIDNEXT 1] .\r\n"
		case "STATUS":
			said = "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n"
		case "IDLE":
			_, _ = io.WriteString(c, "+ idling\r\n")
			if _, err := br.ReadString('\n'); err != nil {
				return
			}
		}
		if _, err := fmt.Fprintf(c, "%s%s OK done\r\n", said, tag); err != nil {
			return
		}
	}
}

// fail ends all connections and refuses new ones until up.
func (h *herd) fail() {
	h.mu.Lock()
	h.down = true
	var all []net.Conn
	for c := range h.live {
		all = append(all, c)
	}
	h.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
}

func (h *herd) recover() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down, h.dials, h.logins, h.most = false, nil, nil, 0
}

func (h *herd) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.logins)
}

// check wants every account to be logged in once, within the gate.
func (h *herd) check(t *testing.T, accounts int, began time.Time, within time.Duration) {
	t.Helper()
	for h.count() < accounts && time.Since(began) < within {
		time.Sleep(time.Second)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.logins) != accounts || h.most > 4 {
		t.Fatalf("%d of %d logins after %s, %d at once", len(h.logins), accounts, time.Since(began), h.most)
	}
	for i := 10; i < len(h.dials); i++ {
		if h.dials[i].Sub(h.dials[i-10]) < time.Second {
			t.Fatalf("11 connections within a second")
		}
	}
	t.Logf("%d logins in %s", accounts, h.logins[accounts-1].Sub(began))
}

// A thousand accounts on one host begin, lose it for ten minutes, and come back:
// never faster than the gate lets them, and no later than it and the longest
// back-off need.
func TestAThousandAccountsOnOneHost(t *testing.T) {
	const accounts = 1000
	set, problems := rules.Compile(&rulesOfHerd(t).Rules)
	if problems.Fatal() {
		t.Fatal(problems)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		j, err := journal.Open(ctx, journal.Options{Driver: "sqlite", Path: dir, Key: make([]byte, 32)})
		if err != nil {
			t.Fatal(err)
		}
		h, gate := &herd{live: map[net.Conn]bool{}}, imap.NewGate()
		o := sync.Options{Journal: j, Owner: "herd", Log: slog.New(slog.DiscardHandler)}
		for i := range accounts {
			id := model.SourceID(fmt.Sprintf("a%d", i))
			o.Sources = append(o.Sources, sync.SourceSpec{ID: id, Open: func(ctx context.Context, _ journal.Position) (connectors.Source, error) {
				return imap.Open(ctx, imap.Options{
					Source: id, Host: "127.0.0.1", Port: 1, TLS: "none", User: "u", Baseline: true, Gate: gate, Dial: h.dial, Poll: 12 * time.Hour,
					Password: func(context.Context) (string, error) { return "x", nil },
				})
			}})
		}
		e, err := sync.New(o, set)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- e.Run(ctx) }()
		h.check(t, accounts, began, accounts*100*time.Millisecond+10*time.Second)

		time.Sleep(time.Minute)
		h.fail()
		time.Sleep(10 * time.Minute)
		h.recover()
		// The longest back-off is five minutes; the gate lets ten in each second.
		h.check(t, accounts, time.Now(), 5*time.Minute+accounts*100*time.Millisecond+10*time.Second)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}

func rulesOfHerd(t *testing.T) *config.Config {
	cfg, problems := config.Load(fstest.MapFS{
		"chancery.yaml":   {Data: []byte("version: 1\naccounts:\n  - {name: a, imap: {host: h.example, user: u, password: {credential: c}}}\n")},
		"rules.d/10.yaml": {Data: []byte("version: 1\nmail:\n  - {name: r, when: 'true', then: [star: true]}\n")},
	}, "")
	if problems.Fatal() {
		t.Fatal(problems)
	}
	return cfg
}
