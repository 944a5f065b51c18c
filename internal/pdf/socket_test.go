package pdf

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// serve serves a socket until the test ends, and returns its path and what waits for
// the end.
func serve(t testing.TB, p *Pool, idle time.Duration) (path string, stop func(), ended <-chan error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pdf") // a socket's path has room for 107 octets
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "reader.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	end, done := make(chan error, 1), make(chan struct{})
	go func() { end <- Serve(ctx, l, p, idle); close(done) }()
	t.Cleanup(func() { cancel(); <-done; _ = os.RemoveAll(dir) })
	return path, cancel, end
}

func TestService(t *testing.T) {
	far := newPool(t, Options{Command: slow})
	path, stop, ended := serve(t, far, time.Minute)
	near := newPool(t, Options{Socket: path, Command: []string{"/nonexistent"}})
	content := book([][]byte{program(mark{50, 700, 9, "by the service", ""})}, "a.xml", "<a/>")
	for range 3 {
		if text, inside, code := near.Read(content); text != "by the service\n" || len(inside) != 1 || code != "" {
			t.Fatalf("%q, %d files, code %q", text, len(inside), code)
		}
	}
	if _, _, code := near.Read([]byte("%PDF-1.7")); code != "broken" {
		t.Errorf("code %q", code)
	}
	// Several at the same time.
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if text, _, code := near.Read(content); text != "by the service\n" {
				t.Errorf("%q, code %q", text, code)
			}
		})
	}
	wg.Wait()
	// A child of the service that dies is the service's business.
	for pid := range pids(far) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	if text, _, code := near.Read(content); text != "by the service\n" {
		t.Errorf("%q, code %q", text, code)
	}
	// A service that is gone is replaced by a child.
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, _, code := near.Read(content); code != "pdf-later" {
		t.Errorf("no service and no child: code %q", code)
	}
	own := newPool(t, Options{Socket: path, Command: slow})
	if text, _, code := own.Read(content); text != "by the service\n" {
		t.Errorf("%q, code %q", text, code)
	}
}

// A service whose reader cannot be started leaves it to the one that asks.
func TestServiceWithoutReader(t *testing.T) {
	path, _, _ := serve(t, newPool(t, Options{Command: []string{"/nonexistent"}}), time.Minute)
	p := newPool(t, Options{Socket: path, Command: slow})
	if text, _, code := p.Read(honest); text == "" || code != "" {
		t.Errorf("%q, code %q", text, code)
	}
}

func TestServiceEndsWhenNobodyAsks(t *testing.T) {
	path, _, ended := serve(t, newPool(t, Options{Command: slow}), 5*time.Second)
	p := New(patient(Options{Socket: path, Command: slow}))
	if _, _, code := p.Read(honest); code != "" {
		t.Fatalf("code %q", code)
	}
	select {
	case err := <-ended:
		t.Errorf("ended while somebody was connected: %v", err)
	default:
	}
	p.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Whoever speaks nonsense to the service is cut off, and others are served.
func TestServiceHearsNonsense(t *testing.T) {
	path, _, _ := serve(t, newPool(t, Options{Command: slow}), time.Minute)
	for _, say := range []string{"GET / HTTP/1.0\r\n\r\n", "F\xff\xff\xff\xff", "F\x00\x00", ""} {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte(say))
		_ = c.(*net.UnixConn).CloseWrite()
		for err = nil; err == nil; _, err = c.Read(make([]byte, 100)) {
		}
		_ = c.Close()
	}
	p := newPool(t, Options{Socket: path, Command: []string{"/nonexistent"}})
	if _, _, code := p.Read(honest); code != "" {
		t.Errorf("code %q", code)
	}
}

// Patience ends with those who use it up, and comes back.
func TestPatience(t *testing.T) {
	now := time.Now()
	p := patience{most: maxPatience, left: maxPatience, at: now}
	for range 100 {
		p.spend(quick / 2)
	}
	if got := p.limit(MaxTime); got != MaxTime {
		t.Errorf("after many quick ones: %v", got)
	}
	for range 10 {
		p.spend(MaxTime)
	}
	if got := p.limit(MaxTime); got != leastPatience {
		t.Errorf("after ten slow ones: %v", got)
	}
	p.at = p.at.Add(-time.Hour)
	if got := p.limit(MaxTime); got != MaxTime {
		t.Errorf("an hour later: %v", got)
	}
}

// What takes long is held against nobody else, here and behind the socket.
func TestPatienceIsOfALine(t *testing.T) {
	far := newPool(t, Options{Command: slow, Readers: 1})
	path, _, _ := serve(t, far, time.Minute)
	for _, p := range []*Pool{newPool(t, Options{Command: slow}), newPool(t, Options{Socket: path, Command: []string{"/nonexistent"}})} {
		one, other := p.Line(), p.Line()
		one.patience.spend(2 * time.Hour)
		if got := one.patience.limit(MaxTime); got != leastPatience {
			t.Errorf("who used it up has %v", got)
		}
		if got := other.patience.limit(MaxTime); got != MaxTime {
			t.Errorf("another has %v", got)
		}
		for range 2 {
			for _, l := range []*Line{one, other} {
				if p.o.Socket == "" {
					l = p.own // time is not what this is about
				}
				if _, _, code := l.Read(honest); code != "" {
					t.Errorf("code %q", code)
				}
			}
		}
		if n, want := len(p.all), map[bool]int{true: 1, false: 2}[p.o.Socket == ""]; n != want {
			t.Errorf("%d readers, want %d", n, want)
		}
	}
	if n := len(pids(far)); n != 1 {
		t.Errorf("%d children behind the socket", n)
	}
}
