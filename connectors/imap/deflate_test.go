package imap

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"math/rand"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

const zlibPlugins = "protocol imap {\n  mail_plugins = zlib imap_zlib\n}\n"

// What a decompressor makes of our stored blocks is what was written.
func TestStoredBlocks(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, size := range []int{1, 5, 4095, 65535, 65536, 200_000} {
		ours, theirs := net.Pipe()
		want := make([]byte, size)
		r.Read(want)
		go func() {
			if n, err := (storing{ours}).Write(want); n != size || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			_, _ = storing{ours}.Write([]byte("end"))
		}()
		got := make([]byte, size+3)
		if _, err := io.ReadFull(flate.NewReader(theirs), got); err != nil || !bytes.Equal(got, append(want, "end"...)) {
			t.Fatalf("%d octets: %v", size, err)
		}
		_ = ours.Close()
	}
}

// The same mailbox through a compressed connection to a real server: reading,
// marking, appending, moving and idling.
func TestCompressOnDovecot(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Extra: zlibPlugins})
	person := d.Client(t, "ann")
	r := rand.New(rand.NewSource(1))
	var letters [][]byte
	for i := range 300 {
		letters = append(letters, longLetter(r, i))
	}
	person.Append("INBOX", letters...)
	read := func(compress bool) (changes []model.Change, s *Source, octets int64) {
		count := &countingConn{}
		o := optionsFor(d, "ann")
		o.Compress = compress
		o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			count.Conn = c
			return count, err
		}
		s = open(t, o)
		changes, _ = pull(t, s, "")
		return changes, s, count.read
	}
	plain, _, wide := read(false)
	packed, s, narrow := read(true)
	if !s.c.caps["COMPRESS=DEFLATE"] {
		t.Fatal("this Dovecot does not compress")
	}
	if narrow*2 > wide {
		t.Errorf("%d octets came compressed, %d plain", narrow, wide)
	}
	if len(plain) != 300 || len(packed) != 300 {
		t.Fatalf("%d and %d changes", len(plain), len(packed))
	}
	for i := range plain {
		a, b := plain[i].Message, packed[i].Message
		if plain[i].Ref.UID != packed[i].Ref.UID || a.Body.Reveal().Subject != b.Body.Reveal().Subject || a.Size != b.Size {
			t.Fatalf("message %d differs", i)
		}
	}
	var steps []model.Step
	for i, c := range packed {
		steps = append(steps, model.Step{ID: model.StepID(fmt.Sprint(i)), Rule: "r", Ref: c.Ref, Action: model.Mark{Name: "x", Keyword: "lx-1"}})
	}
	results, err := s.Apply(t.Context(), steps)
	if err != nil || len(results) != len(steps) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if got := len(strings.Fields(person.OK("SELECT INBOX")[0].Text)); got == 0 {
		t.Fatal("no mailbox")
	}
	if got := person.OK("SEARCH KEYWORD lx-1")[0].Text; len(strings.Fields(got)) != 302 {
		t.Fatalf("not all are marked: %.40s", got)
	}
	go func() { person.Append("INBOX", longLetter(r, 301)) }()
	if err := s.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// countingConn counts what is read.
type countingConn struct {
	net.Conn
	read int64
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read += int64(n)
	return n, err
}

// deflating is a scripted server that takes COMPRESS, compresses what talk writes,
// and reads what comes.
func deflating(t *testing.T, answer string, talk func(say func(string), command string) bool) Options {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveDeflated(conn, answer, talk)
		}
	}()
	return Options{
		Source: "gc", Host: "127.0.0.1", Port: 1, TLS: "none", User: "ann", Sign: connectortest.MailSign, Compress: true,
		Password: func(context.Context) (string, error) { return "x", nil },
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
		},
	}
}

func serveDeflated(conn net.Conn, answer string, talk func(say func(string), command string) bool) {
	defer func() { _ = conn.Close() }()
	br := bufio.NewReader(conn)
	var w *flate.Writer
	say := func(s string) {
		if w == nil {
			_, _ = io.WriteString(conn, s)
			return
		}
		_, _ = io.WriteString(w, s)
		_ = w.Flush()
	}
	say("* OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi\r\n")
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		switch {
		case command == "COMPRESS DEFLATE":
			say(strings.ReplaceAll(answer, "TAG", tag))
			if strings.Contains(answer, "OK") {
				w, _ = flate.NewWriter(conn, 6)
				br = bufio.NewReader(flate.NewReader(br))
			}
		case talk(say, tag+" "+command):
		case command == "CAPABILITY":
			say("* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\n" + tag + " OK done\r\n")
		default:
			say(tag + " OK done\r\n")
		}
	}
}

func TestCompressRefused(t *testing.T) {
	o := deflating(t, "TAG NO [COMPRESSIONACTIVE] no\r\n", func(func(string), string) bool { return false })
	s := open(t, o)
	if _, plain := s.c.Conn.(storing); plain {
		t.Fatal("we compress although the server does not")
	}
}

// A stream that swells a thousandfold meets the limits that count what comes out.
func TestDecompressionBomb(t *testing.T) {
	zeros := strings.Repeat("0", 1<<20) // 64 times
	for name, c := range map[string]struct{ say, code string }{
		"a line":     {"* OK ", "line-too-long"},
		"a literal":  {"* STATUS INBOX ({67108864}\r\n", "literal-too-long"},
		"no deflate": {"\x00not deflate", "connection"},
	} {
		t.Run(name, func(t *testing.T) {
			o := deflating(t, "TAG OK go\r\n", func(say func(string), command string) bool {
				if !strings.Contains(command, " STATUS ") && !strings.Contains(command, " SELECT ") {
					return false
				}
				say(c.say)
				for range 64 {
					say(zeros)
				}
				return true
			})
			if name == "no deflate" {
				o = deflating(t, "TAG OK go\r\n\x07\xff\xff\xff\xff\xff", func(func(string), string) bool { return false })
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := Open(t.Context(), o)
			if err == nil {
				_, err = s.Pull(t.Context(), "")
				_ = s.Close()
			}
			runtime.ReadMemStats(&after)
			if _, code := connectors.Classify(err); err == nil || code != c.code && code != "connection" {
				t.Fatalf("%v", err)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 32<<20 {
				t.Fatalf("%d MiB more memory", grown>>20)
			}
		})
	}
}

// A server that says nothing, or drips, during the login is given up after a
// minute: others wait at the gate.
func TestSilentLogin(t *testing.T) {
	for name, drip := range map[string]bool{"silent": false, "dripping": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := Options{Host: "127.0.0.1", TLS: "none", User: "ann", Password: func(context.Context) (string, error) { return "x", nil }}
				o.Dial = func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go func() {
						for drip {
							time.Sleep(10 * time.Second)
							if _, err := io.WriteString(server, "*"); err != nil {
								return
							}
						}
						_, _ = io.Copy(io.Discard, server)
					}()
					return client, nil
				}
				began := time.Now()
				_, err := Open(t.Context(), o)
				if class, code := connectors.Classify(err); class != connectors.Network || code != "timeout" {
					t.Fatalf("%v", err)
				}
				if took := time.Since(began); took != loginTimeout {
					t.Fatalf("given up after %s", took)
				}
				time.Sleep(time.Minute) // the server notices
			})
		})
	}
}
