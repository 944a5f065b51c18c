package imap

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// readCutConn ends after a number of octets have come in.
type readCutConn struct {
	net.Conn
	left *atomic.Int64
}

func (c readCutConn) Read(p []byte) (int, error) {
	left := c.left.Load()
	if left <= 0 {
		_ = c.Conn.Close()
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), left)])
	c.left.Add(-int64(n))
	return n, err
}

// The connection is cut at every KiB of a pull that fetches ahead: no message is
// taken that did not come whole, none is skipped, none comes twice.
func TestCutAtEveryKiB(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
	person := d.Client(t, "ann")
	want := map[uint32]model.Mail{}
	total := int64(0)
	for uid := uint32(1); uid <= 30; uid++ {
		letter := connectortest.Letter(int(uid))
		letter = append(letter, strings.Repeat(fmt.Sprintf("line of message %d\r\n", uid), int(uid)*8)...)
		if uid == 7 {
			letter = append(letter, strings.Repeat("long\r\n", 2*prefixSize/6)...)
		}
		person.Append("INBOX", letter)
		want[uid] = mime.Read(letter)
		total += int64(len(letter))
	}
	step := int64(1 << 10)
	if testing.Short() {
		step = 16 << 10
	}
	for cut := step; cut < total+8<<10; cut += step {
		var left atomic.Int64
		left.Store(cut)
		o := optionsFor(d, "ann")
		o.Batch = 5
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			c, err := dialer.DialContext(ctx, "tcp", d.Addr())
			return readCutConn{c, &left}, err
		}
		seen := map[uint32]int{}
		var since connectors.Cursor
		s, err := Open(t.Context(), o)
		for tries := 0; ; tries++ {
			if err != nil {
				left.Store(1 << 40) // one cut, then a good line
				if s, err = Open(t.Context(), o); err != nil {
					t.Fatal(err)
				}
			}
			var b connectors.Batch
			if b, err = s.Pull(t.Context(), since); err != nil {
				_ = s.Close()
				if tries > 3 {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				continue
			}
			if left.Load() <= 0 {
				left.Store(1 << 40)
			}
			for _, c := range b.Changes {
				if c.Op == model.Put {
					seen[c.Ref.UID]++
					if !reflect.DeepEqual(c.Message.Body.Reveal(), want[c.Ref.UID]) {
						t.Fatalf("cut at %d: message %d is not whole", cut, c.Ref.UID)
					}
				} else if c.Op == model.Unreadable {
					t.Fatalf("cut at %d: message %d: %v", cut, c.Ref.UID, c.Fault)
				}
			}
			if since = b.Next; !b.More {
				break
			}
		}
		_ = s.Close()
		for uid := uint32(1); uid <= 30; uid++ {
			if seen[uid] != 1 {
				t.Fatalf("cut at %d: message %d came %d times", cut, uid, seen[uid])
			}
		}
	}
}

// Closing a Source while a FETCH is in the air ends it: nothing waits for it, and
// no goroutine stays.
func TestCloseWithAFetchInTheAir(t *testing.T) {
	script := sixLetters()
	script.Handle = func(c *connectortest.ScriptConn, tag, command string) bool {
		if strings.HasPrefix(command, "UID FETCH") && strings.Contains(command, "BODY.PEEK") && script.Sent("NOOP") {
			c.Say("* 1 FETCH (UID 1 FLAGS () BODY[]<0> {100}\r\nhalf") // and nothing more
			return true
		}
		return false
	}
	s := scripted(t, script)
	if err := s.enterBox(boxOfName("INBOX"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.c.do(longTimeout, cmd("NOOP"), nil); err != nil {
		t.Fatal(err)
	}
	set, err := s.launch(boxOfName("INBOX"), []entry{{uid: 1}, {uid: 2}}, needAll)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := set.flight.wait(); err == nil || len(set.got)+len(set.long) > 0 {
		t.Fatalf("%v, %d messages of a cut fetch", err, len(set.got))
	}
}

// What was fetched ahead is kept over other commands and not asked for again; what
// was fetched for another mailbox state is not believed.
func TestFetchedAhead(t *testing.T) {
	script := sixLetters()
	s := scripted(t, script)
	inbox := boxOfName("INBOX")
	first, second := []entry{{uid: 1}, {uid: 2}}, []entry{{uid: 3}, {uid: 4}}
	got, err := s.gather(t.Context(), inbox, first, second...)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	if _, err := s.c.do(longTimeout, cmd("NOOP"), nil); err != nil { // lands first
		t.Fatal(err)
	}
	before := len(script.Log())
	if got, err = s.gather(t.Context(), inbox, second); err != nil || len(got) != 2 || got[4].mail.Subject != "Matter 4" {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	if n := len(script.Log()); n != before {
		t.Fatalf("%d more commands", n-before)
	}
	if _, err = s.gather(t.Context(), inbox, first, second...); err != nil {
		t.Fatal(err)
	}
	s.c.land()
	before = len(script.Log())
	s.sel.validity++
	if got, err = s.gather(t.Context(), inbox, second); err != nil || len(got) != 2 || len(script.Log()) == before {
		t.Fatalf("%d messages, %v: a fetch of another UIDVALIDITY was believed", len(got), err)
	}
}

// Message-IDs and charsets that a parser of ENVELOPE loses are read from the
// header as they stand there.
func TestOddHeaders(t *testing.T) {
	for head, want := range map[string]string{
		"Message-ID: a@b\r\nSubject: x":                                    "a@b x",
		"Message-ID: <a b@c>\r\nSubject: x":                                "<ab@c> x",
		"Message-ID: <abc>\r\nSubject: x":                                  "<abc> x",
		"Message-ID: <a@b@c>\r\nSubject: x":                                "<a@b@c> x",
		"Message-ID: <a@b>\r\nSubject: =?iso-8859-15?q?=A4?=":              "<a@b> €",
		"Message-ID: <a@b>\r\nSubject: =?windows-1251?b?z/Do4uXy?=":        "<a@b> Привет",
		"Message-ID: <a@b>\r\nSubject: =?iso-2022-jp?b?GyRCRnxLXBsoQg==?=": "<a@b> 日本",
	} {
		s := sixLetters()
		s.Messages[3] = head + "\r\n\r\nbody\r\n"
		changes, _ := pull(t, scripted(t, s), "")
		for _, c := range changes {
			if m := c.Message.Body.Reveal(); c.Ref.UID == 3 && m.MessageID+" "+m.Subject != want {
				t.Errorf("%q: %q %q", head, m.MessageID, m.Subject)
			}
		}
	}
}
