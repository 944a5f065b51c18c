package pdf

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"chancery/internal/filetext"
)

// Socket is where a service listens that the system starts (deploy/chancery-pdf.socket).
const Socket = "/run/chancery-pdf/reader.sock"

// modeFar is how a service says that it is ready.
const modeFar = "far"

var errStranger = errors.New("the socket belongs to another user")

// dial connects with a reading service.
func dial(path string) (*reader, error) {
	if path == "" {
		return nil, os.ErrNotExist
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return nil, fmt.Errorf("reach the PDF reader: %w", err)
	}
	conn := c.(*net.UnixConn)
	if err := trusted(conn); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("reach the PDF reader: %w", err)
	}
	done := make(chan struct{})
	return &reader{
		in: conn, out: bufio.NewReader(conn), far: true, done: done, deadline: conn.SetDeadline,
		kill: func() { _ = conn.Close(); close(done) },
	}, nil
}

// trusted says whether who listens is the system itself (a socket of systemd listens
// as root), or this very user: nobody else shall see a mail's files.
func trusted(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil || failed != nil {
		return errors.Join(err, failed)
	}
	if peer.Uid != 0 && int(peer.Uid) != os.Getuid() {
		return errStranger
	}
	return nil
}

// Serve answers who connects with a listener, with the PDFs read by a pool, until ctx
// ends, or nobody is connected for a time of idle. It closes the listener.
func Serve(ctx context.Context, l net.Listener, p *Pool, idle time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel() // before waiting for the connections
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	defer func() { _ = l.Close() }()

	var mu sync.Mutex
	n := 0
	timer := time.AfterFunc(idle, cancel)
	defer timer.Stop()
	count := func(d int) {
		mu.Lock()
		defer mu.Unlock()
		if n += d; n == 0 {
			timer.Reset(idle)
		} else {
			timer.Stop()
		}
	}
	for {
		c, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept a question: %w", err)
		}
		count(1)
		wg.Go(func() {
			defer count(-1)
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			defer stop()
			defer func() { _ = c.Close() }()
			serveOne(ctx, c, p)
		})
	}
}

// serveOne answers one connection after another's questions until it ends.
func serveOne(ctx context.Context, c net.Conn, p *Pool) {
	to := &stream{w: bufio.NewWriterSize(c, 64<<10)}
	if to.send(frameReady, []byte(modeFar)) != nil {
		return
	}
	in, line := bufio.NewReader(c), p.Line()
	for {
		_, n, err := readHead(in, func(kind byte) (int, bool) { return MaxFile, kind == frameFile })
		if err != nil {
			return
		}
		content, err := readBody(in, n)
		if err != nil {
			return
		}
		text, inside, code := line.read(ctx, content)
		if code == "pdf" || code == "pdf-later" {
			return // the other side may still do it by itself
		}
		if reply(to, text, inside, code) != nil {
			return
		}
	}
}

func reply(to *stream, text string, inside []filetext.Member, code string) error {
	for _, m := range inside {
		if err := to.member(m); err != nil {
			return err
		}
	}
	if text != "" {
		if err := to.text(text); err != nil {
			return err
		}
	}
	return to.send(frameEnd, []byte(code))
}
