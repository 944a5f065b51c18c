package imap

import (
	"bufio"
	"bytes"
	"io"
	"math/rand"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/internal/model"
)

func TestNames(t *testing.T) {
	// The examples of RFC 3501 section 5.1.3, and ours.
	for name, wire := range map[string]string{
		"~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e": "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		"R&D":                      "R&-D",
		"Entw\u00fcrfe":            "Entw&APw-rfe",
		"a\U0001f600b":             "a&2D3eAA-b",
		"INBOX":                    "INBOX",
		"":                         "",
		"M\u00fcller & S\u00f6hne": "M&APw-ller &- S&APY-hne",
	} {
		if got := encodeName(name); got != wire {
			t.Errorf("encode %q: %q, want %q", name, got, wire)
		}
		if got, err := decodeName(wire); err != nil || got != name {
			t.Errorf("decode %q: %q, %v", wire, got, err)
		}
	}
	for _, wire := range []string{"R&D", "A&B", "&", "&AGE-", "&APw", "&AP-", "&2D0-", "\xfc", "\x1b", "&APw-&APw-", "&AAoADQ", "&,,8-"} {
		if name, err := decodeName(wire); err == nil && encodeName(name) != wire {
			t.Errorf("%q is decoded but cannot be written back", wire)
		}
		if _, err := decodeName(wire); err == nil && wire != "&,,8-" {
			t.Errorf("%q was decoded", wire)
		}
		if b := boxOfWire(wire); b.wire != wire {
			t.Errorf("%q becomes %q", wire, b.wire)
		}
	}
}

func TestSets(t *testing.T) {
	for text, want := range map[string][]uint32{"1": {1}, "1:3,7": {1, 2, 3, 7}, "9,5:4": {9, 4, 5}, "4294967295": {4294967295}} {
		if got, err := parseSet(text, 10); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1,", "*", "1:*", "x", "1:99999999", "4294967296", "1:2:3", "-1", "1 2"} {
		if _, err := parseSet(text, 10); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	r := rand.New(rand.NewSource(3))
	for range 300 {
		var uids []uint32
		for range r.Intn(50) {
			uids = append(uids, uint32(r.Intn(80)+1))
		}
		slices.Sort(uids)
		uids = slices.Compact(uids)
		if got, err := parseSet(formatSet(uids), 100); len(uids) > 0 && (err != nil || !slices.Equal(got, uids)) {
			t.Fatalf("%v comes back as %v", uids, got)
		}
	}
}

func TestValues(t *testing.T) {
	s := &scanner{b: []byte("UID 5 BODY[HEADER.FIELDS (A B)]<0> {3}\r\na)b X \"q\\\"\\\\\" (NIL (1 \"\")) ~{1}\r\n(\r\n")}
	got, err := s.values()
	want := []value{
		{kind: 'a', s: "UID"}, {kind: 'a', s: "5"}, {kind: 'a', s: "BODY[HEADER.FIELDS (A B)]<0>"}, {kind: 's', s: "a)b"}, {kind: 'a', s: "X"},
		{kind: 's', s: `q"\`}, {kind: '(', list: []value{{kind: 'a', s: "NIL"}, {kind: '(', list: []value{{kind: 'a', s: "1"}, {kind: 's'}}}}}, {kind: 's', s: "("},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, bad := range []string{"(", ")", `"`, `"a\`, "{5}\r\nabc", "{5}", "{99999999999999999999}\r\n", strings.Repeat("(", 200) + strings.Repeat(")", 200), "(\r\n)"} {
		if _, err := (&scanner{b: []byte(bad)}).values(); err == nil {
			t.Errorf("%.20q was read", bad)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"INBOX", "R&D", "Entw&APw-rfe", "&AAoADQ-", "a\U0001f600b", "&2D3eAA-", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if b := boxOfWire(s); b.wire != s && !strings.EqualFold(s, "INBOX") {
			t.Fatal("a name does not go back as it came")
		}
		if name, err := decodeName(s); err == nil && encodeName(name) != s {
			t.Fatal("decoded, but not written back")
		}
		clean := strings.ToValidUTF8(s, "?")
		if strings.ContainsRune(clean, 0xfffd) {
			return
		}
		if name, err := decodeName(encodeName(clean)); err != nil || name != clean {
			t.Fatal("written, but not read back")
		}
	})
}

func FuzzResponse(f *testing.F) {
	for _, s := range []string{
		"* LIST (\\HasNoChildren) \"/\" \"R&D\"\r\n", "* LIST () NIL {3}\r\na\x01b\r\n", "* 5 FETCH (UID 7 FLAGS (\\Seen) X-GUID abc RFC822.SIZE 9)\r\n",
		"* STATUS x (UIDNEXT 5)\r\n", "* OK [COPYUID 1 2:3 4:5] x\r\n", "* SEARCH 1 2 3\r\n", "* ESEARCH (TAG \"a\") UID ALL 1:3\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if box, _, ok := listed(b); ok && box.wire == "" {
			t.Fatal("a mailbox without a name")
		}
		items := fetchItems(b)
		s := &Source{kind: "d:"}
		if id := s.identOf(items); len(id) > 80 {
			t.Fatal("a long identity")
		}
		for _, flag := range flagsOf(items["FLAGS"]) {
			if strings.ContainsAny(flag, " ()\"\r\n") {
				t.Fatal("a flag that is no atom")
			}
		}
		a := condition("OK", b)
		copied(a, map[uint32]model.Ref{})
	})
}

// FuzzFilter: whatever the server says, the library sees only lines of forms it
// can read.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[]<0> {5}\r\nhello)\r\nT1 OK [X] done\r\n",
		"* 1 FETCH (UID 1 ENVELOPE ({3}\r\nabc) BODY[]<0> {1}\r\nx)\r\n* BYE [UNAVAILABLE] x\r\n",
		"* LIST () \"/\" {3}\r\nabc\r\n* VANISHED 1:3\r\nServer Unavailable.\r\nT9 NO\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		out, _ := io.ReadAll(io.LimitReader(readFrom(t, b), 1<<22))
		for len(out) > 0 {
			eol := bytes.Index(out, []byte("\r\n"))
			if eol < 0 || !shownLine.Match(out[:eol+2]) {
				t.Fatalf("the library sees %.80q", out)
			}
			out = out[eol+2:]
		}
	})
}

var shownLine = regexp.MustCompile(`^(\+ go|T[0-9]+ (OK|NO|BAD) done)` + "\r\n$")

// readFrom is a connection on which the server has said b and left.
func readFrom(t testing.TB, b []byte) *conn {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = ours.Close(); _ = theirs.Close() })
	c := newConn(ours)
	c.br, c.large = bufio.NewReader(bytes.NewReader(b)), true
	c.bulk.Store(true)
	return c
}

func TestCursorOfAnotherVersion(t *testing.T) {
	for _, c := range []connectors.Cursor{"x", "{}", `{"version":99}`, "[]"} {
		if _, err := parseCursor(c); err != connectors.ErrCursorExpired {
			t.Errorf("%v", err)
		}
	}
}
