package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	gosync "sync"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// lane passes connections on until it freezes: those that are open then stay
// open, and no octet comes through any more, as when a router forgets them. New
// ones pass.
type lane struct {
	port int
	mu   gosync.Mutex
	ice  []chan struct{} // closed: the connection is frozen
	all  gosync.WaitGroup
}

func newLane(t testing.TB, server string) *lane {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &lane{port: l.Addr().(*net.TCPAddr).Port}
	over := make(chan struct{})
	p.all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.all.Go(func() { p.pass(client, server, over) })
		}
	})
	t.Cleanup(func() {
		close(over)
		_ = l.Close()
		p.all.Wait()
	})
	return p
}

func (p *lane) pass(client net.Conn, server string, over <-chan struct{}) {
	up, err := net.Dial("tcp", server)
	if err != nil {
		_ = client.Close()
		return
	}
	frozen, ended := make(chan struct{}), make(chan struct{}, 2)
	p.mu.Lock()
	p.ice = append(p.ice, frozen)
	p.mu.Unlock()
	pump := func(to, from net.Conn) {
		_, _ = io.Copy(frost{to, frozen}, from)
		select {
		case <-frozen: // its end is not told either
		default:
			ended <- struct{}{}
		}
	}
	go pump(up, client)
	go pump(client, up)
	select {
	case <-ended:
	case <-over:
	}
	_, _ = client.Close(), up.Close()
}

// freeze freezes what is open now and reports how much that is.
func (p *lane) freeze() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.ice)
	for _, c := range p.ice {
		close(c)
	}
	p.ice = nil
	return n
}

// frost swallows what comes after the freeze.
type frost struct {
	to     net.Conn
	frozen <-chan struct{}
}

func (f frost) Write(b []byte) (int, error) {
	select {
	case <-f.frozen:
		return len(b), nil
	default:
		return f.to.Write(b)
	}
}

// A connection that is open and dead is found out while nothing happens on it,
// and mail that came meanwhile is treated on a new one.
func TestHalfOpenConnection(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	p := newLane(t, fmt.Sprintf("127.0.0.1:%d", d.TLS))
	f := newFirm(t, d, nil)
	f.edit("chancery.yaml", fmt.Sprintf("port: %d,", d.TLS), fmt.Sprintf("port: %d,", p.port))
	r := f.start()
	c := d.Client(t, gc)
	c.Append("INBOX", mail("1", secretMail, "x"))
	await(t, "the first mark", func() bool { return strings.Contains(where(t, d, gc)[secretMail], "lx-1") })
	await(t, "rest", func() bool {
		out, _ := f.cli("status")
		return strings.Count(out, "following") == 2
	})
	if p.freeze() == 0 {
		t.Fatal("nothing was open")
	}
	c.Append("INBOX", mail("2", "Privileged and confidential: later", "x"))
	await(t, "the mark after the freeze", func() bool {
		return strings.Contains(where(t, d, gc)["Privileged and confidential: later"], "lx-1")
	})
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
}
