package imap

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"net"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/connectors/connectortest"
	"chancery/internal/mime"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// countConn counts the octets that come in.
type countConn struct {
	net.Conn
	in *atomic.Int64
}

func (c countConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in.Add(int64(n))
	return n, err
}

func counted(o Options, in *atomic.Int64) Options {
	host := fmt.Sprintf("%s:%d", o.Host, o.Port)
	o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", host)
		return countConn{c, in}, err
	}
	return o
}

// lines fills about size octets with lines of an encoding.
func lines(r *rand.Rand, size int, enc string) string {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	switch enc {
	case "quoted-printable":
		line = strings.Repeat("sch=C3=B6n ", 6) + "=\r\n"
	case "7bit":
		line = fmt.Sprintf("--- %d the parties agree\r\n", r.Intn(10))
	}
	return strings.Repeat(line, size/len(line)+1)
}

// bundle is a message of several parts, some of them long, nested at random.
func bundle(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Ann <ann@firm.example>\r\nSubject: Matter %d\r\nMessage-ID: <l%d@firm.example>\r\nDate: Mon, 5 Oct 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n", n, n)
	bundlePart(&b, r, 0)
	return b.Bytes()
}

func bundlePart(b *bytes.Buffer, r *rand.Rand, depth int) {
	switch kind := r.Intn(8); {
	case depth == 0 && kind > 0 || depth < 3 && kind < 2:
		boundary := fmt.Sprintf("b%d-%d", depth, r.Intn(100))
		fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n", boundary)
		for range 1 + r.Intn(4) {
			fmt.Fprintf(b, "--%s\r\n", boundary)
			bundlePart(b, r, depth+1)
			b.WriteString("\r\n")
		}
		fmt.Fprintf(b, "--%s--\r\n", boundary)
	case depth < 3 && kind == 2:
		b.WriteString("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nFrom: a@b.example\r\n")
		bundlePart(b, r, depth+1)
	default:
		enc := []string{"base64", "quoted-printable", "7bit"}[r.Intn(3)]
		fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", []string{"text/plain; charset=utf-8", "application/pdf; name=\"a.pdf\""}[r.Intn(2)], enc)
		size := []int{100, 40 << 10, 300 << 10, 900 << 10, 3 << 20}[r.Intn(5)]
		b.WriteString(lines(r, size, enc))
	}
}

// unsized takes out what a jump may change.
func unsized(m model.Mail) model.Mail {
	m.Files = slices.Clone(m.Files)
	for i := range m.Files {
		m.Files[i].Size = 0
	}
	return m
}

// Of a long message only what is kept is read, and the result is that of reading
// all of it.
func TestLongMessagesAreTheSame(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{Format: "mdbox"})
	r := rand.New(rand.NewSource(5))
	n := 60
	if testing.Short() {
		n = 15
	}
	person := d.Client(t, "ann")
	var letters [][]byte
	total := int64(0)
	for i := range n {
		letters = append(letters, bundle(r, i))
		total += int64(len(letters[i]))
		person.Append("INBOX", letters[i])
	}
	for name, need := range map[string]model.Need{"everything": needAll, "text": {Text: true}, "files": {Files: true}, "headers": {}} {
		t.Run(name, func(t *testing.T) {
			var in atomic.Int64
			o := counted(optionsFor(d, "ann"), &in)
			o.Need = func() model.Need { return need }
			changes, _ := pull(t, open(t, o), "")
			if len(changes) != n {
				t.Fatalf("%d changes", len(changes))
			}
			for _, c := range changes {
				letter := letters[c.Ref.UID-1]
				reader := mime.NewReader()
				reader.Keep(need.Text, need.Files)
				var want model.Mail
				if need == (model.Need{}) {
					head, _, _ := bytes.Cut(letter, []byte("\r\n\r\n"))
					_, _ = reader.Write(append(bytes.Clone(head), "\r\n\r\n"...))
					want = reader.CloseHeader(true)
				} else {
					_, _ = reader.Write(letter)
					want = reader.Close(true)
				}
				if got := c.Message.Body.Reveal(); !reflect.DeepEqual(unsized(got), unsized(want)) {
					t.Fatalf("message %d of %d octets is not the same", c.Ref.UID, len(letter))
				}
				if c.Message.Size != int64(len(letter)) {
					t.Fatalf("message %d: size %d of %d", c.Ref.UID, c.Message.Size, len(letter))
				}
			}
			t.Logf("%d of %d octets were read", in.Load(), total)
			if in.Load() > total/2 {
				t.Fatalf("%d of %d octets were read", in.Load(), total)
			}
		})
	}
}

// Files whose text the rules ask for are read whole, others are jumped over as
// before; Pull, History and Look tell the same.
func TestFileTextIsFetched(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	r := rand.New(rand.NewSource(8))
	prose := strings.Repeat("ordinary words of a long document\r\n", 20000) + "work product\r\n"
	part := func(kind, content string) string {
		return "--b\r\nContent-Type: " + kind + "\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + content + "\r\n"
	}
	letter := "Subject: papers\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + part("text/plain", "see enclosed") +
		part("application/octet-stream; name=a.bin", "%PDF-1.4\r\n"+lines(r, 6<<20, "base64")) + part("text/csv; name=a.csv", prose) +
		part("image/png; name=b.png", "GIF89a"+lines(r, 6<<20, "base64")) + "--b--\r\n"
	d.Client(t, "ann").Append("INBOX", []byte(letter))
	for _, ask := range []bool{false, true} {
		var in atomic.Int64
		o := counted(optionsFor(d, "ann"), &in)
		need := model.Need{Text: true, Files: true, FileText: ask}
		o.Need = func() model.Need { return need }
		s := open(t, o)
		changes, _ := pull(t, s, "")
		want := unsized(mime.ReadFor([]byte(letter), need, nil))
		if found := strings.Contains(want.Files[1].Text, "work product"); found != ask {
			t.Fatalf("asked %v, found %v", ask, found)
		}
		same := func(how string, got []model.Change) {
			t.Helper()
			if len(got) != 1 || !reflect.DeepEqual(unsized(got[0].Message.Body.Reveal()), want) {
				t.Errorf("asked %v: %s does not tell the same", ask, how)
			}
		}
		same("Pull", changes)
		if most := int64(2 << 20); in.Load() > most {
			t.Errorf("asked %v: %d octets were read", ask, in.Load())
		}
		t.Logf("asked %v: %d octets", ask, in.Load())
		looked, err := s.Look(t.Context(), []model.Ref{changes[0].Ref})
		if err != nil {
			t.Fatal(err)
		}
		same("Look", looked)
		var past []model.Change
		if err := s.History(t.Context(), time.Time{}, func(c []model.Change) error { past = append(past, c...); return nil }); err != nil {
			t.Fatal(err)
		}
		same("History", past)
	}
}

// A message of 100 MB costs little memory and few round trips, whatever is in it.
func TestHugeMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	const size, most = 100 << 20, 16 << 20
	r := rand.New(rand.NewSource(1))
	head := "From: ann@firm.example\r\nSubject: Matter 1\r\nMIME-Version: 1.0\r\n"
	mixed := head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease find attached.\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	for name, letter := range map[string]string{
		"file": mixed + lines(r, size, "base64") + "--b\r\nContent-Type: text/plain; name=last.txt\r\n\r\nThe last word.\r\n--b--\r\n",
		"text": head + "\r\n" + lines(r, size, "7bit"),
	} {
		t.Run(name, func(t *testing.T) {
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			d.Client(t, "ann").Append("INBOX", []byte(letter))
			var in atomic.Int64
			s := open(t, counted(optionsFor(d, "ann"), &in))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			batch, err := s.Pull(t.Context(), "")
			runtime.ReadMemStats(&after)
			if err != nil || len(batch.Changes) != 1 {
				t.Fatalf("%d changes, %v", len(batch.Changes), err)
			}
			// All that was ever allocated: the heap cannot have grown by more.
			if grown := after.TotalAlloc - before.TotalAlloc; grown > most {
				t.Errorf("%d octets were allocated", grown)
			}
			if in.Load() > 8<<20 {
				t.Errorf("%d octets were read", in.Load())
			}
			m := batch.Changes[0].Message.Body.Reveal()
			if len(m.Problems) > 0 || name == "file" && (len(m.Files) != 2 && len(m.Parts) != 2 || m.Parts[0].Text != "Please find attached.") {
				t.Fatalf("problems %q, %d files, %d parts", m.Problems, len(m.Files), len(m.Parts))
			}
			t.Logf("%d octets read, %d allocated", in.Load(), after.TotalAlloc-before.TotalAlloc)
		})
	}
}

// Where the text of files is asked for, a message of 100 MB costs bounded memory
// all the same.
func TestHugeFileText(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	const size, most = 100 << 20, 64 << 20
	r := rand.New(rand.NewSource(1))
	head := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream; name=a\r\nContent-Transfer-Encoding: "
	for name, letter := range map[string]string{
		"archive": head + "7bit\r\n\r\nPK\x03\x04 word/document.xml" + lines(r, size, "base64") + "--b--\r\n",
		"text":    head + "7bit\r\n\r\n" + lines(r, size, "7bit") + "--b--\r\n",
		"RTF":     head + "7bit\r\n\r\n{\\rtf1 " + lines(r, size, "7bit") + "--b--\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			d.Client(t, "ann").Append("INBOX", []byte(letter))
			var in atomic.Int64
			o := counted(optionsFor(d, "ann"), &in)
			o.Need = func() model.Need { return model.Need{Files: true, FileText: true} }
			s := open(t, o)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			batch, err := s.Pull(t.Context(), "")
			runtime.ReadMemStats(&after)
			if err != nil || len(batch.Changes) != 1 {
				t.Fatalf("%d changes, %v", len(batch.Changes), err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > most {
				t.Errorf("%d octets were allocated", grown)
			}
			if in.Load() > 30<<20 {
				t.Errorf("%d octets were read", in.Load())
			}
			if f := batch.Changes[0].Message.Body.Reveal().Files[0]; f.Unread != "size" && f.Unread != "cut" {
				t.Errorf("code %q", f.Unread)
			}
			t.Logf("%d octets read, %d allocated", in.Load(), after.TotalAlloc-before.TotalAlloc)
		})
	}
}

// What a server says about the structure may be wrong in every way: the message is
// read to its end then, and is the same.
func TestWrongStructure(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	file := lines(r, 3<<20, "base64")
	letter := "Subject: Matter 3\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		file + "\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines(r, 1<<20, "base64") + "\r\n--b--\r\n"
	want := unsized(mime.Read([]byte(letter)))
	shape := func(octets int) string {
		return fmt.Sprintf(`(("text" "plain" NIL NIL NIL "7bit" 4 1)("application" "pdf" ("name" "a.pdf") NIL NIL "base64" %d)("image" "png" NIL NIL NIL "base64" %d) "mixed")`, octets, 1<<20)
	}
	for name, c := range map[string]struct {
		shape string
		jumps bool
	}{
		"right":                      {shape(len(file)), true},
		"with the line end":          {shape(len(file) + 2), true},
		"too short by one":           {shape(len(file) - 1), false},
		"too long by four":           {shape(len(file) + 4), false},
		"too long by far":            {shape(1 << 60), false},
		"beyond the end":             {shape(100 << 20), false},
		"nothing":                    {shape(0), false},
		"fewer parts":                {`("text" "plain" NIL NIL NIL "7bit" 4 1)`, false},
		"nested otherwise":           {"(" + shape(len(file)) + ` "mixed")`, false},
		"malformed (go-imap 701)":    {`(("ALTERNATIVE" ("BOUNDARY" "e") NIL NIL)("A" "P" NIL NIL NIL "B" 1 NIL) "MIXED")`, false},
		"NIL":                        {"NIL", false},
		"a flood of parentheses":     {strings.Repeat("(", 900_000), false},
		"one that is refused":        {"\x00NO", false},
		"one that ends the session":  {"\x00BYE", false},
		"one with literals":          {strings.Replace(shape(len(file)), `"a.pdf"`, "{5}\r\na)(.p", 1), true},
		"a negative size":            {strings.Replace(shape(7), " 7)", " -7)", 1), false},
		"a size of twenty digits":    {strings.Replace(shape(7), " 7)", " 99999999999999999999)", 1), false},
		"the second file right only": {strings.Replace(shape(5), "application", "x", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := sixLetters()
			s.Messages[3] = letter
			s.Handle = func(conn *connectortest.ScriptConn, tag, command string) bool {
				if !strings.Contains(command, "BODYSTRUCTURE") {
					return false
				}
				if say, bad := strings.CutPrefix(c.shape, "\x00"); bad {
					if say == "BYE" {
						_ = conn.Close()
						return true
					}
					conn.Say("%s NO cannot\r\n", tag)
					return true
				}
				conn.Say("* 3 FETCH (UID 3 BODYSTRUCTURE %s)\r\n%s OK done\r\n", c.shape, tag)
				return true
			}
			var in atomic.Int64
			src := scripted(t, s, func(o *Options) {
				dial := o.Dial
				o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
					c, err := dial(ctx, network, addr)
					return countConn{c, &in}, err
				}
			})
			changes, _ := pull(t, src, "")
			checkSix(t, changes, "")
			if got := unsized(changes[2].Message.Body.Reveal()); !reflect.DeepEqual(got, want) {
				t.Fatalf("the message is not the same: problems %q, %d files", got.Problems, len(got.Files))
			}
			if jumped := in.Load() < int64(len(letter)); jumped != c.jumps {
				t.Fatalf("%d octets were read of %d", in.Load(), len(letter))
			}
		})
	}
}
