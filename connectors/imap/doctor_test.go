package imap

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectortest"
)

func examined(t *testing.T, s *connectortest.Script, paths [][]string, change ...func(*Options)) *Exam {
	t.Helper()
	o := Options{Source: "gc", Host: "127.0.0.1", Port: 1, TLS: "none", User: "ann", Dial: s.Start(t),
		Password: func(context.Context) (string, error) { return "x", nil }}
	for _, c := range change {
		c(&o)
	}
	return Examine(t.Context(), o, paths)
}

var youngerForm = regexp.MustCompile(`^UID SEARCH UID \d+ YOUNGER (\d+)$`)

// The server's time is found from what it says about the age of one message.
func TestExamineFindsTheServersTime(t *testing.T) {
	for name, c := range map[string]struct {
		skew, age time.Duration
	}{
		"right": {0, 3 * time.Hour}, "ahead": {90 * time.Minute, time.Hour}, "behind": {-40 * time.Second, 400 * 24 * time.Hour},
		"far ahead": {40 * 24 * time.Hour, 10 * time.Second}, "far behind": {-400 * 24 * time.Hour, 500 * 24 * time.Hour},
		"a little behind": {-7 * time.Second, 30 * time.Second}, "just now": {0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			arrived := time.Now().Add(-c.age).Truncate(time.Second)
			searches := 0
			s := sixLetters()
			s.Caps = "WITHIN"
			s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
				if strings.HasPrefix(command, "FETCH 6 ") {
					conn.Say("* 6 FETCH (UID 6 INTERNALDATE %q)\r\n%s OK done\r\n", arrived.Format("_2-Jan-2006 15:04:05 -0700"), tag)
					return true
				}
				m := youngerForm.FindStringSubmatch(command)
				if m == nil {
					return false
				}
				searches++
				n, _ := strconv.ParseInt(m[1], 10, 64)
				found := ""
				if !arrived.Before(time.Now().Add(c.skew).Truncate(time.Second).Add(-time.Duration(n) * time.Second)) {
					found = " 6"
				}
				conn.Say("* SEARCH%s\r\n%s OK done\r\n", found, tag)
				return true
			}
			began := time.Now()
			e := examined(t, s, nil)
			if e.Err != nil || !e.Clock.Known {
				t.Fatalf("%+v, %v", e.Clock, e.Err)
			}
			if off := (e.Clock.Skew - c.skew).Abs(); off > 2*time.Second+time.Since(began) {
				t.Errorf("%s instead of %s, after %d searches", e.Clock.Skew, c.skew, searches)
			}
			if searches > clockProbes+1 {
				t.Errorf("%d searches", searches)
			}
		})
	}
}

// A clock that cannot be read is not guessed, whatever the server answers.
func TestExamineDoesNotGuessTheTime(t *testing.T) {
	for name, found := range map[string]string{"always": " 6", "never": ""} {
		s := sixLetters()
		s.Caps = "WITHIN"
		searches := 0
		s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
			if strings.HasPrefix(command, "FETCH 6 ") {
				conn.Say("* 6 FETCH (UID 6 INTERNALDATE %q)\r\n%s OK done\r\n", time.Now().Add(-time.Hour).Format("_2-Jan-2006 15:04:05 -0700"), tag)
				return true
			}
			if !strings.HasPrefix(command, "UID SEARCH") {
				return false
			}
			searches++
			conn.Say("* SEARCH%s\r\n%s OK done\r\n", found, tag)
			return true
		}
		if e := examined(t, s, nil); e.Err != nil || e.Clock.Known || searches > clockProbes+1 {
			t.Errorf("%s: %+v, %v, %d searches", name, e.Clock, e.Err, searches)
		}
	}
}

// A server may refuse every question beyond the login; what it does not tell is
// not known, and the account is looked at to the end.
func TestExamineOfAServerThatRefuses(t *testing.T) {
	for _, answer := range []string{"NO not today", "BAD unknown command", "OK done"} {
		s := sixLetters()
		s.Caps = "ID NAMESPACE QUOTA ACL WITHIN CONDSTORE"
		s.Handle = func(c *connectortest.ScriptConn, tag, command string) bool {
			switch verb, _, _ := strings.Cut(command, " "); verb {
			case "CAPABILITY", "LOGIN", "EXAMINE":
				return false
			}
			c.Say("%s %s\r\n", tag, answer)
			return true
		}
		e := examined(t, s, [][]string{{"Billing", "Acme"}})
		if e.Err != nil || e.Stage != "done" || len(e.Boxes) != 1 || len(e.Paths) != 1 || e.Clock.Known {
			t.Errorf("%s: stage %s, %v, %+v", answer, e.Stage, e.Err, e)
		}
	}
}

// What stands where a server should be.
func TestExamineOfNoServer(t *testing.T) {
	for name, c := range map[string]struct {
		say, stage, code string
	}{
		"another protocol": {"220 smtp.firm.example ESMTP\r\n", "greeting", "greeting"},
		"a long line":      {"* OK " + strings.Repeat("x", 1<<20) + "\r\n", "greeting", "greeting"},
		"too busy":         {"* BYE Too many connections\r\n", "greeting", "throttled"},
		"hangs up":         {"", "greeting", "connection"},
		"floods":           {"* OK hi\r\n" + strings.Repeat("* OK still here\r\n", 5000), "greeting", "flood"},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = fmt.Fprint(conn, c.say)
				_ = conn.(*net.TCPConn).CloseWrite()
			}
		}()
		o := Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: "none", Password: func(context.Context) (string, error) { return "x", nil }}
		e := Examine(t.Context(), o, nil)
		if _, code := connectors.Classify(e.Err); e.Stage != c.stage || code != c.code {
			t.Errorf("%s: stage %s, code %s, %v", name, e.Stage, code, e.Err)
		}
	}
}

// A server that says nothing is not waited for beyond the patience of a person.
func TestExamineOfASilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	o := Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: "none", Password: func(context.Context) (string, error) { return "x", nil }}
	// A machine that does other things too may need longer to connect at all.
	for patience := 100 * time.Millisecond; ; patience *= 4 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		e := Examine(ctx, o, nil)
		cancel()
		if e.Stage == "greeting" && e.Err != nil {
			return
		}
		if e.Err == nil || patience > time.Minute {
			t.Fatalf("stage %s, %v", e.Stage, e.Err)
		}
	}
}
