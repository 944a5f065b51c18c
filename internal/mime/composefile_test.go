package mime

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	stdmime "mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"

	"chancery/internal/model"
)

func noteWithFiles() model.NoteBody {
	n := note()
	n.Files = []model.NoteFile{
		{Name: "ledger.csv", Type: "text/csv", Text: "Number,Amount\r\n\"12\n3\",1\n" + strings.Repeat("é,--=_chancery_\r\n", 40)},
		{Name: "Rückstände für März.csv", Type: "text/csv", Text: ""},
	}
	return n
}

func TestComposeFiles(t *testing.T) {
	for _, html := range []string{note().HTML, ""} {
		n := noteWithFiles()
		n.HTML = html
		b := Compose(n, "v1.abc")
		if !bytes.Equal(b, Compose(n, "v1.abc")) {
			t.Error("the same note must give the same octets")
		}
		checkWire(t, b)
		m := Read(b)
		checkLaws(t, b, m)
		if m.Problems != nil || m.Header["X-Chancery-Note"][0] != "v1.abc" || m.Parts[0].Text != n.Text || len(m.Parts) != 1+min(len(html), 1) {
			t.Errorf("problems %q, parts %s", m.Problems, outline(m))
		}
		if len(m.Files) != 2 {
			t.Fatalf("%d files", len(m.Files))
		}
		for i, f := range m.Files {
			if f.Name != n.Files[i].Name || f.Type != "text/csv" || f.Size != int64(len(n.Files[i].Text)) || !strings.HasPrefix(n.Files[i].Text, string(f.Head)) {
				t.Errorf("file %d: %q %q, %d octets", i, f.Name, f.Type, f.Size)
			}
		}
	}
	n := noteWithFiles()
	n.HTML = ""
	if m := Read(ComposeDraft(n, "")); len(m.Files) != 2 || m.Auto {
		t.Errorf("a draft has %d files", len(m.Files))
	}
}

// The standard library reads the same: the alternative first, then each file octet
// for octet.
func TestComposeFilesAreReadByOthers(t *testing.T) {
	n := noteWithFiles()
	msg, err := mail.ReadMessage(bytes.NewReader(Compose(n, "tag")))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := stdmime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	first, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err = stdmime.ParseMediaType(first.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	said := multipart.NewReader(first, params["boundary"])
	for _, want := range []string{n.Text, n.HTML} {
		p, err := said.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if got := strings.ReplaceAll(string(b), "\r\n", "\n"); err != nil || got != want {
			t.Errorf("part %q, %v", got, err)
		}
	}
	for _, want := range n.Files {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		disposition, params, err := stdmime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil || disposition != "attachment" || params["filename"] != want.Name {
			t.Errorf("%s %q, %v", disposition, params["filename"], err)
		}
		encoded, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(encoded)))
		if got := string(decoded); err != nil || got != want.Text {
			t.Errorf("%s: %q", want.Name, got)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("another part: %v", err)
	}
}

// Nothing that a file is made of can add a field or a part, or be another file.
func TestComposeFilesCannotBeInjected(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 9))
	pieces := []string{"\r\n", "\n", "\"", "\\", "ü", "\xff", "\x00", ";", "*", "'", "%41", " ", "x", "/", "..", "\u202e", "\u0085", "\r\n--=_chancery_", "Content-Type: text/html", strings.Repeat("y", 300)}
	text := func() string {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 3000 {
		n := note()
		for range 1 + rng.IntN(3) {
			n.Files = append(n.Files, model.NoteFile{Name: text(), Type: "text/" + text(), Text: text()})
		}
		b := Compose(n, "t")
		checkWire(t, b)
		m := Read(b)
		if len(m.Parts) != 2 || len(m.Files) != len(n.Files) {
			t.Fatalf("%+v became\n%s", n.Files, b)
		}
		for i, f := range m.Files {
			if f.Size != int64(len(n.Files[i].Text)) || strings.ContainsAny(f.Name, "/\\\r\n\"") || len(f.Name) > maxFileName {
				t.Fatalf("file %q of %d octets from %q", f.Name, f.Size, n.Files[i].Name)
			}
		}
	}
}
