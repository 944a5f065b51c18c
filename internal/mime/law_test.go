package mime

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery/internal/model"
)

// checkLaws holds a message against the laws of the package.
func checkLaws(t testing.TB, b []byte, whole model.Mail) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(len(b)), 7))
	if got := readInPieces(b, func() int { return 1 + rng.IntN(1+len(b)/3) }); !reflect.DeepEqual(got, whole) {
		t.Errorf("a random split changes the result: %s", difference(got, whole))
	}
	if len(b) <= 64<<10 {
		if got := readInPieces(b, func() int { return 1 }); !reflect.DeepEqual(got, whole) {
			t.Errorf("single octets change the result: %s", difference(got, whole))
		}
	}
	for range 3 {
		n := rng.IntN(len(b) + 1)
		r := NewReader()
		_, _ = r.Write(b[:n])
		cut := r.Close(false)
		if !slices.Contains(cut.Problems, "cut") {
			t.Errorf("cut at %d: no problem says so", n)
		}
		checkText(t, cut)
	}
	checkText(t, whole)
}

func readInPieces(b []byte, size func() int) model.Mail {
	r := NewReader()
	for len(b) > 0 {
		n := min(size(), len(b))
		piece := append([]byte(nil), b[:n]...)
		_, _ = r.Write(piece)
		clear(piece) // a Reader keeps nothing of p
		b = b[n:]
	}
	return r.Close(true)
}

// difference names the fields that differ.
func difference(a, b model.Mail) string {
	var s []string
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			s = append(s, fmt.Sprintf("%s: %.300q and %.300q", va.Type().Field(i).Name, fmt.Sprint(va.Field(i)), fmt.Sprint(vb.Field(i))))
		}
	}
	return strings.Join(s, "; ")
}

// checkText: every string is UTF-8, no header value holds a line end, every
// address is one word with one domain.
func checkText(t testing.TB, m model.Mail) {
	t.Helper()
	line := func(what, s string) {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
			t.Errorf("%s: not one line of text: %q", what, s)
		}
	}
	line("subject", m.Subject)
	line("message-id", m.MessageID)
	line("list-id", m.ListID)
	line("sensitivity", m.Sensitivity)
	for _, l := range [][]string{m.InReplyTo, m.References, m.Labels} {
		for _, s := range l {
			line("id", s)
		}
	}
	for name, l := range m.Header {
		for _, s := range l {
			line(name, s)
		}
	}
	for _, code := range m.Problems {
		if Problems[code] == "" {
			t.Errorf("%q is not a code of Problems", code)
		}
	}
	n := 0
	for _, l := range [][]model.Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc, m.Bcc} {
		n += len(l)
		for _, a := range l {
			checkAddress(t, a)
		}
	}
	if n > MaxAddresses || len(m.Parts)+len(m.Files) > MaxParts+1 {
		t.Errorf("%d addresses, %d parts", n, len(m.Parts)+len(m.Files))
	}
	for _, p := range m.Parts {
		if !utf8.ValidString(p.Text) || strings.Contains(p.Text, "\r") || len(p.Text) > MaxText {
			t.Errorf("text part: %d octets, not text with LF", len(p.Text))
		}
	}
	partial := slices.Contains(m.Problems, "cut") || slices.Contains(m.Problems, "parts")
	for _, f := range m.Files {
		line("file name", f.Name)
		if len(f.Head) > MaxHead || len(f.Name) > MaxName || int64(len(f.Head)) > f.Size || int64(len(f.Head)) < f.Size && !f.Cut || f.Cut && int64(len(f.Head)) == f.Size && !partial {
			t.Errorf("file: head %d of %d, cut %v", len(f.Head), f.Size, f.Cut)
		}
	}
}

func checkAddress(t testing.TB, a model.Address) {
	t.Helper()
	if a == (model.Address{}) {
		t.Error("an address that says nothing")
	}
	if !utf8.ValidString(a.Name) || strings.ContainsAny(a.Name, "\r\n\x00") {
		t.Errorf("name is not one line of text: %q", a.Name)
	}
	if a.Addr == "" {
		return
	}
	i := strings.LastIndexByte(a.Addr, '@')
	if i < 1 || i == len(a.Addr)-1 {
		t.Fatalf("no address: %q", a.Addr)
	}
	domain := a.Addr[i+1:]
	if !ascii(domain) || strings.ToLower(domain) != domain || strings.ContainsAny(domain, " <>(),;\"\\") {
		t.Errorf("domain is not in lower-case A-label form: %q", domain)
	}
	if strings.ContainsFunc(a.Addr, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		t.Errorf("control character in %q", a.Addr)
	}
}

// Lines around the length at which they are cut into pieces lose nothing and gain
// nothing, however they end and are encoded.
func TestLongLines(t *testing.T) {
	for _, end := range []string{"\r\n", "\n", "\r"} {
		for n := maxLine - 4; n <= maxLine+4; n++ {
			filler := strings.Repeat("x", n-6)
			for enc, c := range map[string]struct{ line, want string }{
				"7bit":             {filler + "123456", filler + "123456"},
				"quoted-printable": {filler + "=C3=BC", filler + "ü"},
				"base64":           {strings.Repeat("QUFB", n/4), strings.Repeat("AAA", n/4)},
			} {
				head := "X-Mailer: y" + end + "Content-Transfer-Encoding: " + enc + end + "Subject: " + filler + end + end
				if end == "\r" {
					head = strings.Repeat(" ", maxLine) + end + head
				}
				b := []byte(head + c.line + end + c.line)
				m := Read(b)
				want := c.want + "\n" + c.want
				if enc == "base64" {
					want = c.want + c.want
				}
				if end != "\r" && (len(m.Parts) != 1 || m.Parts[0].Text != want || m.Subject != filler) {
					t.Errorf("%s, %d octets, line end %q: the text differs", enc, n, end)
				}
				checkLaws(t, b, m)
			}
			// A delimiter line may be padded beyond the length of a piece.
			b := []byte("Content-Type: multipart/mixed; boundary=b" + end + end + "--b" + strings.Repeat(" ", n) + end + end + "one" + end + "--b--" + strings.Repeat(" ", n) + end)
			if m := Read(b); len(m.Parts) != 1 || strings.TrimSpace(m.Parts[0].Text) != "one" {
				t.Errorf("%d octets, line end %q: padded delimiter is lost: %s", n, end, outline(m))
			}
		}
	}
}
