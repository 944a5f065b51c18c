package imap

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"chancery/connectors"
)

const (
	longTimeout  = 5 * time.Minute // between two reads while a command is pending: some make a server think
	writeTimeout = 60 * time.Second

	// A connection that idles holds the small buffer, one that fetches bodies the
	// large one: fewer calls into the kernel make the fetch a third faster.
	readBuffer  = 1 << 10
	fetchBuffer = 64 << 10
)

// conn is the net.Conn that the library talks to. Its Read runs on the library's
// one reading goroutine: what has no lock below belongs to that goroutine, or to
// the owner of the Source while no command is pending.
type conn struct {
	net.Conn
	br     *bufio.Reader
	from   io.Reader // what br reads from
	large  bool      // br has the large buffer
	client *imapclient.Client
	caps   map[string]bool
	server string // name from the ID response, lower case; "" if it gave none

	greet []byte            // synthetic greeting, shown first
	out   []byte            // filtered octets for the library
	words map[string]string // flags seen before: each is kept once

	bulk atomic.Bool   // bodies are expected
	news chan struct{} // holds a token when the server spoke of a change by itself

	air *flight // the owner's: a command begun and not waited for

	life context.Context // ends with the connection, as far as we end it
	over context.CancelFunc

	mu      sync.Mutex
	gap     time.Duration // 0: no command pending
	pending *exchange     // a command of ours
	tagged  answer        // of the library's last command
	bye     *answer
	fault   error // why the connection ended, if we know
	closed  bool
}

// exchange is one command of ours in flight.
type exchange struct {
	tag     string
	each    func(response []byte) // on the reading goroutine
	bodies  *bodies               // takes the FETCH responses; nil: each does
	goAhead chan struct{}
	done    chan struct{}
	answer  answer
	// selecting: the EXISTS that comes belongs to the command.
	selecting bool
}

// gapReader moves the read deadline along with the bytes.
type gapReader struct{ c *conn }

func (g gapReader) Read(p []byte) (int, error) {
	for {
		n, err := g.c.Conn.Read(p)
		g.c.mu.Lock()
		gap, closed := g.c.gap, g.c.closed
		g.c.mu.Unlock()
		if n > 0 {
			if gap > 0 {
				_ = g.c.Conn.SetReadDeadline(time.Now().Add(gap))
			}
			return n, err
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && !closed {
			if gap == 0 {
				continue // fired while the command ended
			}
			g.c.fail(&connectors.Error{Class: connectors.Network, Code: "timeout", Err: err})
		}
		return n, err
	}
}

func newConn(c net.Conn) *conn {
	s := &conn{Conn: c, words: map[string]string{}, news: make(chan struct{}, 1)}
	s.life, s.over = context.WithCancel(context.Background())
	s.from = gapReader{s}
	s.br = bufio.NewReaderSize(s.from, readBuffer)
	return s
}

// resize gives br the buffer for what comes. What the old one holds is read first.
func (c *conn) resize() {
	large := c.bulk.Load()
	if large == c.large {
		return
	}
	c.large = large
	rest := make([]byte, c.br.Buffered())
	_, _ = io.ReadFull(c.br, rest)
	size := readBuffer
	if large {
		size = fetchBuffer
	}
	from := c.from
	if len(rest) > 0 {
		from = io.MultiReader(bytes.NewReader(rest), from)
	}
	c.br = bufio.NewReaderSize(from, size)
}

// SetReadDeadline does nothing: the library's limits are absolute per literal,
// ours run from byte to byte.
func (c *conn) SetReadDeadline(time.Time) error { return nil }

// SetDeadline does nothing, for the same reason.
func (c *conn) SetDeadline(time.Time) error { return nil }

// arm starts the clock of a command; disarm stops it.
func (c *conn) arm(gap time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gap = gap
	_ = c.Conn.SetReadDeadline(time.Now().Add(gap))
}

// rearm starts the clock of a command anew: the last octets kept us busy.
func (c *conn) rearm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gap > 0 && !c.closed {
		_ = c.Conn.SetReadDeadline(time.Now().Add(c.gap))
	}
}

func (c *conn) disarm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gap = 0
	_ = c.Conn.SetReadDeadline(time.Time{})
}

// fail ends the connection for a reason; the first reason is kept.
func (c *conn) fail(reason error) error {
	c.mu.Lock()
	if c.fault == nil && !c.closed {
		c.fault = reason
	}
	reason = c.fault
	c.closed = true
	c.mu.Unlock()
	c.over()
	_ = c.Conn.Close()
	return reason
}

// end closes the connection and waits for the library's goroutine.
func (c *conn) end() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.over()
	_ = c.Conn.Close()
	if c.client != nil {
		<-c.client.Closed()
	}
}

// broken returns the error of a connection that ended under a command: what the
// server said on leaving is worth more than "unexpected EOF".
func (c *conn) broken(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.fault != nil:
		return c.fault
	case c.bye != nil:
		return classify(*c.bye, "bye")
	}
	if _, ok := errors.AsType[*connectors.Error](err); ok {
		return err
	}
	return &connectors.Error{Class: connectors.Network, Code: "connection", Err: err}
}

// noteNews leaves a token that Wait finds.
func (c *conn) noteNews() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func (c *conn) forgetNews() {
	select {
	case <-c.news:
	default:
	}
}

// library runs one command of the library under the gap timeout and returns its
// result: nil, a *refusal, or the end of the connection.
func (c *conn) library(gap time.Duration, run func(*imapclient.Client) error) error {
	c.land()
	c.mu.Lock()
	c.tagged = answer{}
	c.mu.Unlock()
	c.arm(gap)
	err := run(c.client)
	c.disarm()
	c.mu.Lock()
	tagged := c.tagged
	c.mu.Unlock()
	switch {
	case tagged.ok() && err == nil:
		return nil
	case tagged.ok():
		return err
	case tagged.status != "":
		return &refusal{tagged}
	}
	if err == nil {
		err = errors.New("command ended without a result")
	}
	return c.broken(err)
}
