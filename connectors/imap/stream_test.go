package imap

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// answers runs the reader of FETCH responses over what a server said and returns
// what came whole, each with its body.
func answers(t testing.TB, b []byte, x *bodies) map[uint32]string {
	t.Helper()
	out := map[uint32]string{}
	var now *bytes.Buffer
	x.open = func(*fetched) io.Writer { now = &bytes.Buffer{}; return now }
	x.take = func(f *fetched, body bool) {
		if f.uid == 0 {
			t.Fatal("a message without UID")
		}
		if body {
			if int64(now.Len()) != f.read || f.read > x.limit {
				t.Fatalf("%d octets came, %d are told", now.Len(), f.read)
			}
			out[f.uid] = now.String()
		}
		for _, flag := range f.flags {
			if strings.ContainsAny(flag, " ()\"\r\n") {
				t.Fatal("a flag that is no atom")
			}
		}
		if len(f.id) > 80 {
			t.Fatal("a long identity")
		}
	}
	c := readFrom(t, b)
	c.pending = &exchange{tag: "C1", bodies: x, done: make(chan struct{}), goAhead: make(chan struct{}, 1)}
	for c.next() == nil && c.pending != nil {
	}
	return out
}

func newBodies() *bodies { return &bodies{section: "BODY[]", kind: "d:", limit: 100} }

func TestFetchResponses(t *testing.T) {
	for name, c := range map[string]struct {
		say  string
		want string
	}{
		"in the order asked":              {"* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[]<0> {5}\r\nhello)\r\n", "hello"},
		"UID behind the body":             {"* 1 FETCH (BODY[]<0> {5}\r\nhello UID 7 FLAGS ())\r\n", "hello"},
		"everything behind it":            {"* 1 FETCH (BODY[] {5}\r\nhello MODSEQ (8) UID 7 X-GUID {3}\r\nabc X (a {2}\r\n)( b) FLAGS (a))\r\n", "hello"},
		"literals before it":              {"* 1 FETCH (UID 7 ENVELOPE ({3}\r\na)\" (NIL {0}\r\n)) X-GM-LABELS (\"a\\\"\" {2}\r\n\r\n) BODY[] {5}\r\nhello)\r\n", "hello"},
		"literal8":                        {"* 1 FETCH (UID 7 BODY[] ~{5}\r\nhello)\r\n", "hello"},
		"literal of LITERAL+":             {"* 1 FETCH (UID 7 BODY[] {5+}\r\nhello)\r\n", "hello"},
		"an empty body":                   {"* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n", ""},
		"a quoted body":                   {"* 1 FETCH (UID 7 BODY[] \"he\\\"\\\\o\" FLAGS ())\r\n", `he"\o`},
		"lower case":                      {"* 1 fetch  ( uid  7  body[]<0>  {5}\r\nhello )\r\n", "hello"},
		"protocol inside the body":        {"* 1 FETCH (UID 7 BODY[] {33}\r\n)\r\nC1 OK done\r\n* BYE x\r\n{5}\r\n(() )\r\n", ")\r\nC1 OK done\r\n* BYE x\r\n{5}\r\n(() "},
		"another part beside it":          {"* 1 FETCH (UID 7 BODY[HEADER] {3}\r\nabc BODY[]<0> {5}\r\nhello)\r\n", "hello"},
		"NIL":                             {"* 1 FETCH (UID 7 BODY[] NIL)\r\n", "-"},
		"another origin":                  {"* 1 FETCH (UID 7 BODY[]<3> {5}\r\nhello)\r\n", "-"},
		"two bodies":                      {"* 1 FETCH (UID 7 BODY[] {5}\r\nhello BODY[] {5}\r\nworld)\r\n", "-"},
		"no UID":                          {"* 1 FETCH (BODY[] {5}\r\nhello)\r\n", "-"},
		"UID 0":                           {"* 1 FETCH (UID 0 BODY[] {5}\r\nhello)\r\n", "-"},
		"a UID of 33 bits":                {"* 1 FETCH (UID 4294967303 BODY[] {5}\r\nhello)\r\n", "-"},
		"no end":                          {"* 1 FETCH (UID 7 BODY[] {5}\r\nhello\r\n", "-"},
		"cut in the body":                 {"* 1 FETCH (UID 7 BODY[] {5}\r\nhel", "-"},
		"cut behind the body":             {"* 1 FETCH (UID 7 BODY[] {5}\r\nhello", "-"},
		"cut in the line behind it":       {"* 1 FETCH (UID 7 BODY[] {5}\r\nhello FLAGS (", "-"},
		"a list for a body":               {"* 1 FETCH (UID 7 BODY[] (a b))\r\n", "-"},
		"a list that is closed too often": {"* 1 FETCH (UID 7 X )) BODY[] {5}\r\nhello)\r\n", "-"},
		"a longer literal than asked":     {"* 1 FETCH (UID 7 BODY[] {101}\r\n" + strings.Repeat("x", 101) + ")\r\n", "-"},
		"a longer string than asked":      {"* 1 FETCH (UID 7 BODY[] \"" + strings.Repeat("x", 101) + "\")\r\n", "-"},
		"nested too deep":                 {"* 1 FETCH (UID 7 X " + strings.Repeat("(", 101) + strings.Repeat(")", 101) + " BODY[] {5}\r\nhello)\r\n", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := answers(t, []byte(c.say+"* 2 FETCH (UID 8 BODY[] {2}\r\nok)\r\nC1 OK done\r\n"), newBodies())[7]
			if !ok {
				got = "-"
			}
			if got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Wherever the connection ends in a FETCH, what is taken came whole.
func TestFetchCutAtEveryOctet(t *testing.T) {
	var say strings.Builder
	want := map[uint32]string{}
	ends := map[int]int{} // octets said, messages whole
	for uid := uint32(1); uid <= 12; uid++ {
		body := strings.Repeat(fmt.Sprintf("line %d\r\n", uid), int(uid))[:uid*7]
		want[uid] = body
		switch uid % 3 {
		case 0:
			fmt.Fprintf(&say, "* %d FETCH (BODY[]<0> {%d}\r\n%s UID %d FLAGS (\\Seen))\r\n", uid, len(body), body, uid)
		case 1:
			fmt.Fprintf(&say, "* %d FETCH (UID %d FLAGS () X ({3}\r\n)\r\n) BODY[]<0> {%d}\r\n%s)\r\n", uid, uid, len(body), body)
		default:
			fmt.Fprintf(&say, "* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s MODSEQ (5))\r\n", uid, uid, len(body), body)
		}
		ends[say.Len()] = int(uid)
	}
	whole := 0
	for n := range say.Len() + 1 {
		if k, ok := ends[n]; ok {
			whole = k
		}
		got := answers(t, []byte(say.String()[:n]), newBodies())
		if len(got) != whole {
			t.Fatalf("cut at %d: %d messages, want %d", n, len(got), whole)
		}
		for uid, body := range got {
			if body != want[uid] {
				t.Fatalf("cut at %d: message %d is not what was sent", n, uid)
			}
		}
	}
}

// FuzzStream: whatever the server says to a FETCH, what is taken has a UID and a
// body of exactly the announced length, and memory stays bounded.
func FuzzStream(f *testing.F) {
	for _, s := range []string{
		"* 1 FETCH (UID 1 FLAGS (\\Seen) BODY[]<0> {5}\r\nhello)\r\nC1 OK [X] done\r\n",
		"* 1 FETCH (BODY[]<0> {5}\r\nhello UID 1 X {2}\r\nab FLAGS (a))\r\n",
		"* 1 FETCH (UID 1 ENVELOPE ({3}\r\nabc) BODY[]<0> {1}\r\nx)\r\n* BYE [UNAVAILABLE] x\r\n",
		"* 2 FETCH (UID 2 BODY[] NIL INTERNALDATE \" 1-Jan-2020 00:00:00 +0000\" MODSEQ (7) X-GUID \"a\")\r\n",
		"* 1 FETCH (UID 1 BODY[]<0> \"quo\\\"ted\" RFC822.SIZE 3)\r\n* 1 FETCH ((((((\r\n",
		"* 1 FETCH (UID 9 FLAGS (a \"b\" {1}\r\nc (d)) X-GUID {2}\r\nab BODY[] ~{1}\r\nx)\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { answers(t, b, newBodies()) })
}

func TestDescribe(t *testing.T) {
	text := `("text" "plain" ("charset" "utf-8") NIL NIL "7bit" %d 3 NIL NIL NIL NIL)`
	message := `("message" "rfc822" NIL NIL NIL "7bit" 900 ("date" "s" ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL NIL) (` + fmt.Sprintf(text, 5) + fmt.Sprintf(text, 6) + ` "mixed" ("boundary" "b")) 12 NIL)`
	root := "(" + fmt.Sprintf(text, 1) + message + `("application" "pdf" ("name" {5}` + "\r\na)\"(b" + `) NIL NIL "base64" 77 NIL ("attachment" NIL) NIL NIL) "mixed" ("boundary" "x") NIL NIL NIL)`
	p, err := describe([]byte(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path []int
		want int64
	}{{nil, -1}, {[]int{1}, 1}, {[]int{2}, 900}, {[]int{2, 0, 1}, 5}, {[]int{2, 0, 2}, 6}, {[]int{3}, 77}} {
		if got := p.at(c.path); got == nil || got.octets != c.want {
			t.Errorf("%v: %+v", c.path, got)
		}
	}
	for _, path := range [][]int{{4}, {1, 1}, {1, 0}, {2, 0, 3}, {0}} {
		if got := p.at(path); got != nil {
			t.Errorf("%v leads to %+v", path, got)
		}
	}
	for _, bad := range []string{"", "(", "NIL", "()", `("a" "b" NIL NIL NIL "x" y)`, strings.Repeat("(", 3<<20), strings.Repeat("(", 99), "(" + strings.Repeat(fmt.Sprintf(text, 1), 600) + ` "mixed")`} {
		if _, err := describe([]byte(bad)); err == nil {
			t.Errorf("%.30q was read", bad)
		}
	}
}

// FuzzDescribe: any octets are read in bounded memory and depth.
func FuzzDescribe(f *testing.F) {
	f.Add([]byte(`(("text" "plain" NIL NIL NIL "7bit" 5 1)("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL) ("a" "b" NIL NIL NIL "7bit" 5) 3) "mixed")`))
	f.Add([]byte("(\"a\" {1}\r\nb NIL NIL NIL ~{1}\r\n) 5 NIL)"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := describe(b)
		if err != nil {
			return
		}
		var count func(p *piece) int
		count = func(p *piece) int {
			n := 1
			if p.inner != nil {
				n += count(p.inner)
			}
			for i := range p.parts {
				n += count(&p.parts[i])
			}
			return n
		}
		if n := count(p); n > maxStructure {
			t.Fatalf("%d parts", n)
		}
		_, _ = structureOf(b)
	})
}

// The hand-written form of an identity is the one that goes back in a SEARCH.
func TestIdentIsOfItsForm(t *testing.T) {
	for c := range 256 {
		for _, id := range []string{string([]byte{byte(c)}), "ab" + string([]byte{byte(c)}), strings.Repeat("x", c)} {
			if got := ident("d:", []byte(id)) != ""; got != identForm.MatchString(id) {
				t.Errorf("%q: %t", id, got)
			}
		}
	}
}
