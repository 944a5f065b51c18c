package mime

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
)

var readAll = model.Need{Text: true, Files: true, FileText: true}

// wordFile is a text document with octets that do not pack well in front.
func wordFile(t testing.TB, text string, ballast int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	noise := make([]byte, ballast)
	rand.New(rand.NewSource(3)).Read(noise)
	for _, m := range []struct{ name, content string }{
		{"[Content_Types].xml", "<Types/>"}, {"word/media/image1.png", string(noise)}, {"word/document.xml", "<d><p><r><t>" + text + "</t></r></p></d>"},
	} {
		w, err := z.Create(m.name)
		if err == nil {
			_, err = w.Write([]byte(m.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// enclosing makes a message of a text and files; fields are the header of each.
func enclosing(files ...[2]string) []byte {
	var b strings.Builder
	b.WriteString("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee enclosed\r\n")
	for _, f := range files {
		fmt.Fprintf(&b, "--b\r\n%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", f[0])
		for s := base64.StdEncoding.EncodeToString([]byte(f[1])); s != ""; s = s[min(76, len(s)):] {
			b.WriteString(s[:min(76, len(s))] + "\r\n")
		}
	}
	b.WriteString("--b--\r\n")
	return []byte(b.String())
}

func TestFileText(t *testing.T) {
	word, png := "Content-Type: application/octet-stream; name=a.bin", "Content-Type: image/png; name=a.png"
	long := strings.Repeat("word ", 60000)
	tests := []struct {
		name         string
		head         string
		content      string
		text, unread string
	}{
		{"document", word, string(wordFile(t, "privileged", 10)), "privileged", ""},
		{"document of 300 KiB", word, string(wordFile(t, "privileged", 300<<10)), "privileged", ""},
		{"document of 3 MiB", word, string(wordFile(t, "privileged", 3<<20)), "privileged", ""},
		{"document over the limit", word, string(wordFile(t, "privileged", MaxFile)), "", "size"},
		{"text of 300 KB", "Content-Type: text/csv; name=a.csv", long, strings.TrimSpace(long), ""},
		{"text over the limit", word, strings.Repeat("word\n", MaxFileText/4), strings.Repeat("word\n", MaxFileText/5+1)[:MaxFileText], "cut"},
		{"its own charset", "Content-Type: text/csv; charset=windows-1251; name=a.csv", "\xd1\xe5\xea\xf0\xe5\xf2", "Секрет", ""},
		{"picture", png, "\x89PNG\r\n\x1a\n" + long, "", "kind"},
		{"document that is called a picture", png, string(wordFile(t, "privileged", 300<<10)), "privileged", ""},
		{"PDF", word, "%PDF-1.4\n" + long, "", "pdf"},
		{"empty", word, "", "", ""},
		{"mail", word, "From: a@b.example\r\nSubject: =?utf-8?q?Privileged?=\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nwork=20product\r\n", "Privileged\n\nwork product", ""},
		{"encoded message", "Content-Type: message/rfc822", "From: a@b.example\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n<p>work <b>product</b></p>", "x\n\nwork product", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := enclosing([2]string{tt.head, tt.content}, [2]string{word, "after it"})
			m := ReadFor(raw, readAll, nil)
			if len(m.Files) != 2 || m.Files[1].Text != "after it" {
				t.Fatalf("%d files", len(m.Files))
			}
			f := m.Files[0]
			if strings.TrimSpace(f.Text) != strings.TrimSpace(tt.text) || f.Unread != tt.unread {
				t.Errorf("%d octets %.40q, %q; want %d octets, %q", len(f.Text), f.Text, f.Unread, len(tt.text), tt.unread)
			}
			// All else is as if nobody had asked.
			for i := range m.Files {
				m.Files[i].Text, m.Files[i].Unread = "", ""
			}
			if without := Read(raw); !reflect.DeepEqual(m, without) {
				t.Error("the rest of the message is not the same")
			}
		})
	}
}

// In whatever pieces a message comes, its files have the same text.
func TestFileTextInPieces(t *testing.T) {
	word := "Content-Type: application/octet-stream; name=a.bin"
	raw := enclosing([2]string{word, string(wordFile(t, "one", 200<<10))}, [2]string{word, strings.Repeat("\x89", 100<<10)},
		[2]string{"Content-Type: text/plain; name=b.txt", strings.Repeat("two ", 40000)}, [2]string{word, string(wordFile(t, "three", 66<<10))})
	want := ReadFor(raw, readAll, nil)
	if got := []string{want.Files[0].Text, want.Files[3].Text}; !slices.Equal(got, []string{"one", "three"}) {
		t.Fatalf("%q", got)
	}
	rng := rand.New(rand.NewSource(9))
	for range 30 {
		r := NewReader()
		r.KeepFileText(nil)
		for b := raw; len(b) > 0; {
			n := min(len(b), 1+rng.Intn(1<<rng.Intn(17)))
			_, _ = r.Write(b[:n])
			b = b[n:]
		}
		if got := r.Close(true); !reflect.DeepEqual(got, want) {
			t.Fatal("not the same")
		}
	}
}

func TestFilesAreCounted(t *testing.T) {
	var files [][2]string
	for i := range MaxFiles + 3 {
		files = append(files, [2]string{"Content-Type: image/png", "\x89PNG\r\n\x1a\n"}, [2]string{"Content-Type: text/csv", fmt.Sprintf("file %d", i)})
	}
	m := ReadFor(enclosing(files...), readAll, nil)
	read := 0
	for i, f := range m.Files {
		switch {
		case i%2 == 0:
			if f.Unread != "kind" {
				t.Errorf("picture: %q", f.Unread)
			}
		case f.Text != "":
			read++
		case f.Unread != "size":
			t.Errorf("file %d: %q", i, f.Unread)
		}
	}
	if read != MaxFiles {
		t.Errorf("%d files were read", read)
	}
}

// Of all files together no more text is kept than the limit, and what is kept of
// their content is let go.
func TestFileTextIsBounded(t *testing.T) {
	var files [][2]string
	for range 8 {
		files = append(files, [2]string{"Content-Type: text/csv", strings.Repeat("0123456789abcde\n", 1<<16)})
	}
	raw := enclosing(files...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := ReadFor(raw, readAll, nil)
	runtime.ReadMemStats(&after)
	total := 0
	for _, f := range m.Files {
		total += len(f.Text)
	}
	if total == 0 || total > MaxFileTexts {
		t.Errorf("%d octets of text", total)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
		t.Errorf("%d MiB allocated", used)
	}
}

// A caller that can jump is told to read on while a file is kept, and to jump where
// none is.
func TestIdleWhileFilesAreRead(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		ask     bool
		idle    bool
	}{
		"document":           {string(wordFile(t, "x", 300<<10)), true, false},
		"document, no asker": {string(wordFile(t, "x", 300<<10)), false, true},
		"picture":            {"\x89PNG\r\n\x1a\n" + strings.Repeat("\x01\x00", 150<<10), true, true},
	} {
		raw := enclosing([2]string{"Content-Type: application/octet-stream", tt.content})
		r := NewReader()
		if tt.ask {
			r.KeepFileText(nil)
		}
		_, _ = r.Write(raw[:200<<10])
		if _, idle := r.Idle(); idle != tt.idle {
			t.Errorf("%s: idle %v", name, idle)
		}
	}
}

func FuzzFileText(f *testing.F) {
	f.Add(enclosing([2]string{"Content-Type: text/csv; charset=utf-16", "a,b"}))
	f.Add(enclosing([2]string{"Content-Type: message/rfc822", "From: a\r\nSubject: b\r\n\r\nc"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := ReadFor(b, readAll, nil)
		total := 0
		for _, file := range m.Files {
			total += len(file.Text)
		}
		if total > MaxFileTexts {
			t.Errorf("%d octets", total)
		}
		checkText(t, m)
	})
}
