package imap

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"
)

// command is one command line of ours: text with literals in it.
type command struct {
	parts []part
}

type part struct {
	text    string
	literal []byte
}

func cmd(format string, args ...any) *command {
	return &command{parts: []part{{text: fmt.Sprintf(format, args...)}}}
}

// str adds a string: quoted where it can be, else as a literal (RFC 3501 section
// 4.3: a quoted string holds no CR, LF or 8-bit octet).
func (k *command) str(s string) *command {
	last := &k.parts[len(k.parts)-1]
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return k.lit([]byte(s))
		}
	}
	last.text += ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	return k
}

func (k *command) lit(b []byte) *command {
	k.parts[len(k.parts)-1].literal = b
	k.parts = append(k.parts, part{})
	return k
}

func (k *command) text(s string) *command {
	k.parts[len(k.parts)-1].text += s
	return k
}

var tagCount atomic.Uint64

// flight is a command of ours that was sent and whose result nobody has taken yet.
type flight struct {
	c *conn
	x *exchange
}

// do runs one command of ours while the library is at rest. each sees every
// untagged response, in order, on the reading goroutine; it must copy what it
// keeps. The result is the tagged OK, a *refusal for NO and BAD, or the end of
// the connection.
func (c *conn) do(gap time.Duration, k *command, each func(response []byte)) (answer, error) {
	return c.begin(gap, k, &exchange{each: each}).wait()
}

// begin sends a command and does not wait for its result. There is never more
// than one in the air: the next command waits for this one to end first.
func (c *conn) begin(gap time.Duration, k *command, x *exchange) *flight {
	c.land()
	x.tag = fmt.Sprintf("C%d", tagCount.Add(1))
	x.goAhead, x.done = make(chan struct{}, 1), make(chan struct{})
	x.selecting = strings.HasPrefix(k.parts[0].text, "SELECT") || strings.HasPrefix(k.parts[0].text, "EXAMINE")
	f := &flight{c, x}
	c.air = f
	c.bulk.Store(x.bodies != nil)
	c.mu.Lock()
	c.pending = x
	c.mu.Unlock()
	c.arm(gap)
	if err := c.send(x, k); err != nil {
		_ = c.fail(nil) // wait finds the end of the connection
	}
	return f
}

// wait returns the result of the command as do does. It may be called again.
func (f *flight) wait() (answer, error) {
	if f.c.air == f {
		f.c.air = nil
	}
	select {
	case <-f.x.done:
	case <-f.c.client.Closed():
		select {
		case <-f.x.done:
		default:
			return answer{}, f.c.broken(io.ErrUnexpectedEOF)
		}
	}
	if !f.x.answer.ok() {
		return f.x.answer, &refusal{f.x.answer}
	}
	return f.x.answer, nil
}

// land waits for the command in the air, if there is one.
func (c *conn) land() {
	if c.air != nil {
		_, _ = c.air.wait()
	}
}

func (c *conn) send(x *exchange, k *command) error {
	line := x.tag + " "
	for _, p := range k.parts {
		line += p.text
		if p.literal == nil {
			continue
		}
		// RFC 7888 sections 4 and 5: LITERAL+ saves the round trip, LITERAL- only up to 4096 octets.
		free := c.caps["LITERAL+"] || c.caps["LITERAL-"] && len(p.literal) <= 4096
		if free {
			line += fmt.Sprintf(" {%d+}\r\n", len(p.literal))
		} else {
			line += fmt.Sprintf(" {%d}\r\n", len(p.literal))
		}
		if err := c.write([]byte(line)); err != nil {
			return err
		}
		line = ""
		if !free {
			select {
			case <-x.goAhead:
			case <-x.done:
				return nil // refused: the answer is there
			case <-c.client.Closed():
				return io.ErrUnexpectedEOF
			}
		}
		if err := c.write(p.literal); err != nil {
			return err
		}
	}
	return c.write([]byte(line + "\r\n"))
}

func (c *conn) write(b []byte) error {
	_ = c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	defer func() { _ = c.Conn.SetWriteDeadline(time.Time{}) }()
	_, err := c.Conn.Write(b)
	return err
}

// dispatch hands one response to our pending command.
func (c *conn) dispatch(x *exchange, response []byte) {
	if response[0] == '+' {
		select {
		case x.goAhead <- struct{}{}:
		default:
		}
		return
	}
	if rest, ok := strings.CutPrefix(string(response[:min(len(response), 4096)]), x.tag+" "); ok {
		status, text, _ := strings.Cut(strings.TrimRight(rest, "\r\n"), " ")
		x.answer = condition(status, []byte(text))
		c.bulk.Store(false)
		c.mu.Lock()
		c.pending, c.gap = nil, 0
		_ = c.Conn.SetReadDeadline(time.Time{})
		c.mu.Unlock()
		close(x.done)
		return
	}
	_, kind, rest, ok := untagged(response)
	if !ok {
		return
	}
	// FETCH is what most of our commands ask for, EXISTS what SELECT tells.
	if kind != "FETCH" && !(kind == "EXISTS" && x.selecting) {
		c.remark(kind, response, rest)
	}
	if x.each != nil {
		x.each(response)
	}
}
