package imap

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
)

// shelf is a scripted INBOX with MODSEQ whose answers a test can bend.
type shelf struct {
	*connectortest.Script
	mu       sync.Mutex
	validity int
	modseq   uint64            // HIGHESTMODSEQ; 0: NOMODSEQ
	changed  map[uint32]uint64 // MODSEQ of each message
	exists   int               // what EXISTS says; -1: the truth
	vanished string            // told with a QRESYNC parameter
	bend     func(conn *connectortest.ScriptConn, tag, command string) bool
}

func newShelf(caps string, messages int) *shelf {
	s := &shelf{Script: &connectortest.Script{Caps: caps, Messages: map[uint32]string{}, Flags: map[uint32]string{}, Next: 1}, validity: 1, modseq: 10, changed: map[uint32]uint64{}, exists: -1}
	for range messages {
		s.add()
	}
	s.Handle = s.handle
	return s
}

func (s *shelf) add() {
	s.Messages[s.Next] = string(connectortest.Letter(int(s.Next)))
	s.changed[s.Next] = s.modseq
	s.Next++
}

func (s *shelf) set(uid uint32, flags string) {
	s.modseq++
	s.Flags[uid], s.changed[uid] = flags, s.modseq
}

// restore sets all MODSEQs back, as a backup that is put in place does.
func (s *shelf) restore(modseq uint64) {
	s.modseq = modseq
	for uid := range s.changed {
		s.changed[uid] = modseq
	}
}

var changedSince = regexp.MustCompile(`^UID FETCH (\S+) \(([^)]*)\) \(CHANGEDSINCE (\d+)\)$`)

var resyncSince = regexp.MustCompile(`\(QRESYNC \(\d+ (\d+) `)

func (s *shelf) handle(conn *connectortest.ScriptConn, tag, command string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bend != nil && s.bend(conn, tag, command) {
		return true
	}
	exists := s.exists
	if exists < 0 {
		exists = len(s.Messages)
	}
	uids := slices.Sorted(maps.Keys(s.Messages))
	switch m := changedSince.FindStringSubmatch(command); {
	case m != nil:
		since, _ := strconv.ParseUint(m[3], 10, 64)
		for i, uid := range uids {
			if connectortest.InSet(m[1], uid) && s.changed[uid] > since {
				conn.Say("* %d FETCH (UID %d MODSEQ (%d) FLAGS (%s))\r\n", i+1, uid, s.changed[uid], s.Flags[uid])
			}
		}
	case command == "ENABLE QRESYNC":
		conn.Say("* ENABLED QRESYNC\r\n")
	case strings.HasPrefix(command, "SELECT"):
		conn.Say("* %d EXISTS\r\n* OK [UIDVALIDITY %d] .\r\n* OK [UIDNEXT %d] .\r\n", exists, s.validity, s.Next)
		if s.modseq > 0 {
			conn.Say("* OK [HIGHESTMODSEQ %d] .\r\n", s.modseq)
		} else {
			conn.Say("* OK [NOMODSEQ] .\r\n")
		}
		if strings.Contains(command, "QRESYNC") && s.vanished != "" {
			conn.Say("* VANISHED (EARLIER) %s\r\n", s.vanished)
		}
		if m := resyncSince.FindStringSubmatch(command); m != nil {
			since, _ := strconv.ParseUint(m[1], 10, 64)
			for i, uid := range uids {
				if s.changed[uid] > since {
					conn.Say("* %d FETCH (UID %d FLAGS (%s) MODSEQ (%d))\r\n", i+1, uid, s.Flags[uid], s.changed[uid])
				}
			}
		}
	case strings.HasPrefix(command, "STATUS"):
		conn.Say("* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY %d HIGHESTMODSEQ %d)\r\n", exists, s.Next, s.validity, s.modseq)
	case strings.HasPrefix(command, "FETCH "):
		from, _, _ := strings.Cut(strings.TrimPrefix(command, "FETCH "), ":")
		for i, uid := range uids {
			if n, _ := strconv.Atoi(from); i+1 >= n {
				conn.Say("* %d FETCH (UID %d FLAGS (%s))\r\n", i+1, uid, s.Flags[uid])
			}
		}
	default:
		return false
	}
	conn.Say("%s OK done\r\n", tag)
	return true
}

// do changes the shelf while no command is under way.
func (s *shelf) do(act func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	act()
}

func summary(changes []model.Change) string {
	var out []string
	for _, c := range changes {
		switch {
		case c.Op == model.Put:
			out = append(out, fmt.Sprintf("put %d", c.Ref.UID))
		case c.Op == model.Marked:
			out = append(out, fmt.Sprintf("marked %d", c.Ref.UID))
		case c.Op == model.Gone:
			out = append(out, fmt.Sprintf("gone %d", c.Ref.UID))
		case c.Fault != nil:
			out = append(out, c.Fault.Code)
		}
	}
	return strings.Join(out, ", ")
}

const qresyncCaps = "ENABLE CONDSTORE QRESYNC"

// What servers do to the history of a mailbox of six messages, of which all were
// reported, and what is made of it.
func TestHistoryOfABadServer(t *testing.T) {
	for name, c := range map[string]struct {
		caps string
		turn func(s *shelf)
		want string
	}{
		"nothing": {qresyncCaps, func(s *shelf) {}, ""},
		"VANISHED of four billion": {qresyncCaps, func(s *shelf) {
			clear(s.Messages)
			s.modseq, s.vanished = 20, "1:4294967295"
		}, "gone 1, gone 2, gone 3, gone 4, gone 5, gone 6"},
		"VANISHED of what was never there": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 2)
			s.modseq, s.vanished = 20, "2,900:4294967294,90:80"
		}, "gone 2"},
		"VANISHED that cannot be read": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 2)
			s.modseq, s.vanished = 20, "2,*:0,((("
		}, "gone 2"},
		"VANISHED that says too little": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 2)
			s.modseq = 20
		}, "gone 2"},
		"VANISHED of another mailbox": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 2)
			s.modseq = 20
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				if strings.HasPrefix(command, "SELECT") {
					conn.Say("* VANISHED 1:6\r\n* VANISHED (EARLIER) 1:6\r\n* OK [CLOSED] .\r\n* VANISHED (EARLIER) 2\r\n")
				}
				return false
			}
		}, "gone 2"},
		"QRESYNC that is not understood": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 2)
			s.set(3, `\Seen`)
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				bad := strings.Contains(command, "(QRESYNC (")
				if bad {
					conn.Say("%s BAD what\r\n", tag)
				}
				return bad
			}
		}, "marked 3, gone 2"},
		"no QRESYNC": {"CONDSTORE", func(s *shelf) {
			delete(s.Messages, 2)
			delete(s.Messages, 6)
			s.set(3, `\Seen`)
			s.add()
		}, "put 7, marked 3, gone 2, gone 6"},
		"a SEARCH that finds nothing": {"CONDSTORE", func(s *shelf) {
			delete(s.Messages, 2)
			s.add()
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				empty := strings.HasPrefix(command, "UID SEARCH")
				if empty {
					conn.Say("* SEARCH\r\n%s OK done\r\n", tag)
				}
				return empty
			}
		}, "put 7, gone 2"},
		"an ESEARCH without ALL": {"CONDSTORE ESEARCH", func(s *shelf) {
			delete(s.Messages, 2)
			s.add()
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				empty := strings.HasPrefix(command, "UID SEARCH")
				if empty {
					conn.Say("* ESEARCH (TAG \"%s\") UID\r\n%s OK done\r\n", tag, tag)
				}
				return empty
			}
		}, "put 7, gone 2"},
		"a SEARCH that is refused": {"CONDSTORE", func(s *shelf) {
			delete(s.Messages, 2)
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				no := strings.HasPrefix(command, "UID SEARCH")
				if no {
					conn.Say("%s NO not now\r\n", tag)
				}
				return no
			}
		}, "gone 2"},
		"a message that only SEARCH knows": {"CONDSTORE", func(s *shelf) {
			s.Next, s.exists = 9, 7
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				ghost := strings.HasPrefix(command, "UID SEARCH UID 1:")
				if ghost {
					conn.Say("* SEARCH 1 2 3 4 5 6 8\r\n%s OK done\r\n", tag)
				}
				return ghost
			}
		}, ""},
		"QRESYNC that is refused": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 2)
			s.modseq++
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				no := strings.Contains(command, "(QRESYNC (")
				if no {
					conn.Say("%s NO not so\r\n", tag)
				}
				return no
			}
		}, "gone 2"},
		"a message shown late": {"CONDSTORE", func(s *shelf) {
			s.Next = 9
			s.Messages[8] = string(connectortest.Letter(8))
		}, "put 8"},
		"MODSEQ that runs backwards": {qresyncCaps, func(s *shelf) {
			s.restore(3)
			s.Flags[4] = `\Flagged`
		}, "marked 1, marked 2, marked 3, marked 4, marked 5, marked 6"},
		"UIDNEXT that runs backwards": {qresyncCaps, func(s *shelf) {
			delete(s.Messages, 6)
			s.Next = 6
			s.restore(3)
		}, "marked 1, marked 2, marked 3, marked 4, marked 5, gone 6"},
		"MODSEQ that ends": {qresyncCaps, func(s *shelf) {
			s.modseq = 0
			delete(s.Messages, 1)
		}, "marked 2, marked 3, marked 4, marked 5, marked 6, gone 1"},
		"a STATUS that is old": {"CONDSTORE", func(s *shelf) {
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				old := strings.HasPrefix(command, "STATUS")
				if old {
					conn.Say("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1 HIGHESTMODSEQ 2)\r\n%s OK done\r\n", tag)
				}
				return old
			}
		}, ""},
		"a STATUS that says nothing": {"CONDSTORE", func(s *shelf) {
			s.add()
			s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
				old := strings.HasPrefix(command, "STATUS")
				if old {
					conn.Say("%s OK done\r\n", tag)
				}
				return old
			}
		}, "put 7"},
		"no MODSEQ in this mailbox": {"CONDSTORE", func(s *shelf) {
			s.modseq = 0
			s.bend = nil
		}, "marked 1, marked 2, marked 3, marked 4, marked 5, marked 6"},
		"EXISTS that never fits": {"CONDSTORE", func(s *shelf) { s.exists = 9 }, ""},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/restart=%t", name, restart), func(t *testing.T) {
				s := newShelf(c.caps, 6)
				src := scripted(t, s.Script)
				changes, since := pull(t, src, "")
				if got := summary(changes); got != "put 1, put 2, put 3, put 4, put 5, put 6" {
					t.Fatalf("first %s", got)
				}
				if restart {
					_ = src.Close()
					src = open(t, src.o)
				}
				s.do(func() { c.turn(s) })
				changes, since = pull(t, src, since)
				if got := summary(changes); got != c.want {
					t.Fatalf("%s, want %s", got, c.want)
				}
				// And then it is quiet, and goes on.
				s.do(func() { s.vanished = "" })
				if changes, since = pull(t, src, since); len(changes) > 0 {
					t.Fatalf("again %s", summary(changes))
				}
				before := len(s.Log())
				if changes, since = pull(t, src, since); len(changes) > 0 || len(s.Log())-before > 4 {
					t.Fatalf("again %s with %d commands", summary(changes), len(s.Log())-before)
				}
				s.do(func() {
					s.exists, s.bend = -1, nil
					if s.modseq > 0 {
						s.modseq++
					}
					s.add()
				})
				if changes, _ = pull(t, src, since); summary(changes) != fmt.Sprintf("put %d", s.Next-1) {
					t.Fatalf("after it %s", summary(changes))
				}
			})
		}
	}
}

// Flags that differ are told in any case, also those that changed while nobody
// was connected; only so many messages are told that share a digest.
func TestSweepAfterRestart(t *testing.T) {
	s := newShelf("", 200)
	src := scripted(t, s.Script)
	_, since := pull(t, src, "")
	_, since = pull(t, src, since)
	_ = src.Close()
	s.do(func() { s.Flags[77] = `\Flagged` })
	src = open(t, src.o)
	changes, since := pull(t, src, since)
	told := slices.ContainsFunc(changes, func(c model.Change) bool { return c.Ref.UID == 77 && c.Message.Flags.Has(`\Flagged`) })
	if !told || len(changes) > blockSize {
		t.Fatalf("%s", summary(changes))
	}
	s.do(func() { s.Flags[78] = `\Seen` })
	if changes, since = pull(t, src, since); summary(changes) != "marked 78" {
		t.Fatalf("%s", summary(changes))
	}
	if changes, _ = pull(t, src, since); len(changes) > 0 {
		t.Fatalf("%s", summary(changes))
	}
}

// Thirty thousand messages that vanish are told in pieces, and none twice, also
// when each piece is followed by a restart.
func TestManyVanish(t *testing.T) {
	const n = 30_000
	for _, caps := range []string{qresyncCaps, "CONDSTORE", "CONDSTORE ESEARCH", ""} {
		s := newShelf(caps, 0)
		s.Next, s.exists = n+1, n
		s.bend = func(conn *connectortest.ScriptConn, tag, command string) bool {
			if !strings.HasPrefix(command, "FETCH ") || s.exists == 0 {
				return false
			}
			for uid := 1; uid <= n; uid++ {
				conn.Say("* %d FETCH (UID %d FLAGS ())\r\n", uid, uid)
			}
			conn.Say("%s OK done\r\n", tag)
			return true
		}
		src := scripted(t, s.Script, func(o *Options) { o.Baseline = true })
		changes, since := pull(t, src, "")
		if len(changes) > 0 {
			t.Fatalf("%q: the baseline tells %d changes", caps, len(changes))
		}
		s.do(func() { s.exists, s.modseq, s.vanished = 0, 20, "1:4294967295" })
		gone := map[uint32]bool{}
		for more := true; more; {
			b, err := src.Pull(t.Context(), since)
			if err != nil {
				t.Fatal(err)
			}
			if len(b.Changes) > maxChanged || b.Messages["INBOX"] != 0 {
				t.Fatalf("%q: %d changes in one batch", caps, len(b.Changes))
			}
			for _, c := range b.Changes {
				if c.Op != model.Gone || gone[c.Ref.UID] {
					t.Fatalf("%q: op %d of %d", caps, c.Op, c.Ref.UID)
				}
				gone[c.Ref.UID] = true
			}
			since, more = b.Next, b.More
			_ = src.Close()
			src = open(t, src.o)
		}
		if len(gone) != n {
			t.Fatalf("%q: %d of %d are told", caps, len(gone), n)
		}
	}
}

// A mailbox whose UIDs lose their meaning again and again is reported and read
// only now and then; when it has come to rest, that is reported too.
func TestUnstableUIDValidity(t *testing.T) {
	s := newShelf("CONDSTORE", 2)
	src := scripted(t, s.Script)
	_, since := pull(t, src, "")
	faults, reads := 0, 0
	for range 8 {
		s.do(func() { s.validity++ })
		var changes []model.Change
		changes, since = pull(t, src, since)
		puts := 0
		for _, c := range changes {
			switch {
			case c.Op == model.Put:
				puts++
			case c.Op == model.Unreadable && c.Fault.Code == "uidvalidity-unstable" && c.Ref.UID == 0:
				faults++
			case c.Op == model.Gone && c.Ref.UID == 0:
				t.Fatal("it is taken back too early")
			}
		}
		if puts > 0 {
			reads++
		}
	}
	if faults != 1 || reads != maxTurns+1 {
		t.Fatalf("%d faults, read %d times", faults, reads)
	}
	// A day later.
	old := regexp.MustCompile(`"y":\[[0-9,]*\]`).ReplaceAllString(string(since), `"y":[1,2,3,4]`)
	old = regexp.MustCompile(`"z":[0-9]+`).ReplaceAllString(old, `"z":5`)
	_ = src.Close()
	src = open(t, src.o)
	changes, _ := pull(t, src, connectors.Cursor(old))
	if whole := slices.IndexFunc(changes, func(c model.Change) bool { return c.Op == model.Gone && c.Ref.UID == 0 }); whole < 0 {
		t.Fatalf("nothing is taken back: %s", summary(changes))
	}
}

// A cursor of version 1 is read on: nothing is told again, nothing is skipped.
func TestCursorOfVersion1(t *testing.T) {
	for _, caps := range []string{qresyncCaps, "CONDSTORE", ""} {
		s := newShelf(caps, 6)
		modseq := `,"m":10`
		if caps == "" {
			s.modseq, modseq = 0, `,"d":"0123456789abcdef"`
		}
		s.do(func() {
			s.add()
			if s.modseq > 0 {
				s.set(2, `\Seen`)
			}
		})
		src := scripted(t, s.Script)
		changes, since := pull(t, src, connectors.Cursor(`{"version":1,"boxes":{"INBOX":{"v":1,"n":7`+modseq+`,"p":1790000000},"gone":null}}`))
		want := "put 7, marked 2"
		if caps == "" {
			want = "put 7, marked 1, marked 2, marked 3, marked 4, marked 5, marked 6"
		}
		if got := summary(changes); got != want {
			t.Fatalf("%q: %s, want %s", caps, got, want)
		}
		s.do(func() { delete(s.Messages, 3); s.modseq *= 2; s.vanished = "3" })
		if changes, _ = pull(t, src, since); summary(changes) != "gone 3" {
			t.Fatalf("%q: %s", caps, summary(changes))
		}
	}
}
