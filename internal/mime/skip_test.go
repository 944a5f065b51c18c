package mime

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
)

// skipping reads b as a connector does that knows how long each part is: where the
// Reader is idle it goes on a little before the delimiter. It returns how many
// octets were never written.
func skipping(t testing.TB, b []byte, texts, files bool, rng *rand.Rand) (model.Mail, int) {
	t.Helper()
	r := NewReader()
	r.Keep(texts, files)
	left := 0
	for at := 0; at < len(b); {
		if r.Over() {
			left += len(b) - at
			r.Skip(int64(len(b) - at))
			break
		}
		place, idle := r.Idle()
		if idle && (place.From < 0 || place.From > int64(at)) {
			t.Fatalf("content begins at %d, read is up to %d", place.From, at)
		}
		n := min(1+rng.IntN(4000)>>rng.IntN(8), len(b)-at)
		if idle {
			if end := ending(r, b, at); end >= at {
				to := max(at, end-rng.IntN(100))
				r.Skip(int64(to - at))
				left += to - at
				at = to
				n = min(end-to+1+rng.IntN(100), len(b)-at)
			}
		}
		_, _ = r.Write(b[at : at+n])
		at += n
	}
	return r.Close(true), left
}

// ending finds the line end before the next delimiter; -1 if there is none.
func ending(r *Reader, b []byte, at int) int {
	for i := max(at-1, 0); ; i++ {
		n := bytes.Index(b[i:], []byte("\n--"))
		if n < 0 {
			return -1
		}
		if i += n; r.Delimits(append(bytes.Clone(b[i:min(i+1200, len(b))]), '\n')) {
			if i > 0 && b[i-1] == '\r' && i > at {
				i--
			}
			return i
		}
	}
}

// alike compares two results but for what Skip says it cannot know.
func alike(a, b model.Mail) string {
	blur := func(m model.Mail) model.Mail {
		m.Files = slices.Clone(m.Files)
		for i := range m.Files {
			m.Files[i].Size = 0
		}
		m.Problems = slices.DeleteFunc(slices.Clone(m.Problems), func(code string) bool { return code == "encoding-invalid" })
		slices.Sort(m.Problems)
		if len(m.Problems) == 0 {
			m.Problems = nil
		}
		return m
	}
	if a, b := blur(a), blur(b); !reflect.DeepEqual(a, b) {
		return difference(a, b)
	}
	return ""
}

func keeping(b []byte, texts, files bool) model.Mail {
	r := NewReader()
	r.Keep(texts, files)
	_, _ = r.Write(b)
	return r.Close(true)
}

// Leaving out what is not kept changes nothing.
func TestSkipIsAsGoodAsReading(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	left, read := 0, 0
	check := func(name string, b []byte) {
		for _, need := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
			got, n := skipping(t, b, need[0], need[1], rng)
			left += n
			read += len(b) - n
			if d := alike(got, keeping(b, need[0], need[1])); d != "" {
				t.Fatalf("%s, need %v: %s", name, need, d)
			}
		}
	}
	for seed := range 400 {
		check(fmt.Sprint("generated ", seed), generated(rand.New(rand.NewPCG(uint64(seed), 3))))
	}
	if left == 0 || read == 0 {
		t.Fatalf("%d octets left out, %d read", left, read)
	}
	for name, step := range map[string]int{"mime-permissive": 1, "court-ecf-emails": 1, "enron-calo-maildir": 40} {
		t.Run(name, func(t *testing.T) {
			for _, p := range corpusFiles(t, name, step) {
				check(filepath.Base(p), readFile(t, p))
			}
		})
	}
	t.Logf("%d octets left out, %d read", left, read)
}

// Sizes are exact where content is not encoded, and near it where it is.
func TestSkippedSizes(t *testing.T) {
	for enc, near := range map[string]int64{"8bit": 0, "base64": 60, "quoted-printable": 60} {
		head := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name=x\r\nContent-Transfer-Encoding: " + enc + "\r\n\r\n"
		line := strings.Repeat("QUJD", 19) + "\r\n"
		b := []byte(head + strings.Repeat(line, 5000) + "--b--\r\n")
		got, left := skipping(t, b, true, true, rand.New(rand.NewPCG(1, 1)))
		want := Read(b)
		if d := got.Files[0].Size - want.Files[0].Size; d < -near || d > near || left < 200<<10 {
			t.Errorf("%s: size %d, want %d; %d octets left out", enc, got.Files[0].Size, want.Files[0].Size, left)
		}
	}
}

// generated is a message of nested parts with contents around the limits.
func generated(rng *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@firm.example\r\nSubject: x\r\n")
	generatePart(&b, rng, 0)
	return b.Bytes()
}

func generatePart(b *bytes.Buffer, rng *rand.Rand, depth int) {
	switch kind := rng.IntN(8); {
	case depth < 4 && kind < 3 || depth == 0 && kind < 6:
		boundary := fmt.Sprintf("b%d", rng.IntN(1000))
		fmt.Fprintf(b, "Content-Type: multipart/%s; boundary=%s\r\n\r\n", []string{"mixed", "alternative", "digest"}[rng.IntN(3)], boundary)
		b.WriteString([]string{"", "preamble\r\n"}[rng.IntN(2)])
		for range 1 + rng.IntN(4) {
			fmt.Fprintf(b, "--%s\r\n", boundary)
			generatePart(b, rng, depth+1)
			b.WriteString("\r\n")
		}
		if rng.IntN(5) > 0 {
			fmt.Fprintf(b, "--%s--\r\nepilogue", boundary)
		}
	case depth < 4 && kind == 3:
		b.WriteString("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n")
		generatePart(b, rng, depth+1)
	default:
		types := []string{"text/plain; charset=utf-8", "text/html", "application/pdf; name=x.pdf", "image/png"}
		encs := []string{"7bit", "8bit", "base64", "quoted-printable", "x-uuencode"}
		fmt.Fprintf(b, "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", types[rng.IntN(len(types))], encs[rng.IntN(len(encs))])
		size := []int{0, 10, 3000, MaxHead, MaxHead * 3 / 2, MaxText + 3000}[rng.IntN(6)]
		for from := b.Len(); b.Len()-from < size; {
			line := bytes.Repeat([]byte{"aZ9+=- \xc3"[rng.IntN(8)]}, rng.IntN(5000)>>rng.IntN(10))
			b.Write(line)
			b.WriteString([]string{"\r\n", "\r\n", "\r\n", "\n", " \r\n--b\r\n"}[rng.IntN(5)])
		}
	}
}

func TestHeaderAlone(t *testing.T) {
	for _, p := range append(corpusFiles(t, "mime-permissive", 1), corpusFiles(t, "enron-calo-maildir", 100)...) {
		b := readFile(t, p)
		head := b
		for _, blank := range []string{"\r\n\r\n", "\n\n"} {
			if i := bytes.Index(b, []byte(blank)); i >= 0 && i+len(blank) < len(head) {
				head = b[:i+len(blank)]
			}
		}
		want := Read(b)
		r := NewReader()
		_, _ = r.Write(head)
		got := r.CloseHeader(true)
		if len(got.Parts)+len(got.Files) > 0 {
			t.Fatalf("%s: a header has %d parts and %d files", p, len(got.Parts), len(got.Files))
		}
		if slices.Contains(want.Problems, "header-end") || slices.Contains(want.Problems, "bare-cr") || bytes.Contains(head, []byte("\n\r\r\n")) {
			continue // a server may see the end of such a header elsewhere
		}
		want.Parts, want.Files, want.Problems, got.Problems, want.Encrypted, got.Encrypted = nil, nil, nil, nil, false, false
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %s", p, difference(got, want))
		}
	}
}

// FuzzSkip: whatever is left out, the laws hold.
func FuzzSkip(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n"), uint64(1))
	for seed := range uint64(5) {
		f.Add(generated(rand.New(rand.NewPCG(seed, 9)))[:200], seed)
	}
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 1))
		m, _ := skipping(t, b, seed&1 == 0, seed&2 == 0, rng)
		checkText(t, m)
		if d := alike(m, keeping(b, seed&1 == 0, seed&2 == 0)); d != "" {
			t.Fatal(d)
		}
	})
}
