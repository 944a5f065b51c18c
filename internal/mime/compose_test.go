package mime

import (
	"bytes"
	"io"
	"math/rand/v2"
	stdmime "mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

func note() model.NoteBody {
	return model.NoteBody{
		MessageID: "<n1@chancery.firm.example>", From: model.Address{Name: "Chancery", Addr: "chancery@firm.example"},
		To: model.Address{Name: "Büro, Ärzte \"A\"", Addr: "desk@firm.example"}, Date: 1795424400,
		Subject: "Overlap on Monday – Ärzte gegen Müller, 09:00 to 10:00, and what to do about it",
		Text:    "Grüße\n\n--x\n.\nFrom here on = done \nlong " + strings.Repeat("wörd ", 60) + "\n",
		HTML:    "<p>Grüße &amp; <b>more</b></p>\n", InReplyTo: "<n0@chancery.firm.example>",
	}
}

func TestComposeRoundTrip(t *testing.T) {
	n := note()
	b := Compose(n, "v1.abc")
	if !bytes.Equal(b, Compose(n, "v1.abc")) {
		t.Error("the same note must give the same octets")
	}
	m := Read(b)
	checkLaws(t, b, m)
	if m.Problems != nil || m.Subject != n.Subject || m.MessageID != n.MessageID || !m.Auto || m.Header["X-Chancery-Note"][0] != "v1.abc" {
		t.Errorf("got %q, %q, %q", m.Subject, m.Problems, m.MessageID)
	}
	if show(m.From) != "Chancery|chancery@firm.example" || show(m.To) != n.To.Name+"|desk@firm.example" {
		t.Errorf("from %q to %q", show(m.From), show(m.To))
	}
	if m.Date.Unix() != int64(n.Date) || m.InReplyTo[0] != n.InReplyTo || m.References[0] != n.InReplyTo {
		t.Errorf("date %v, reply to %q", m.Date, m.InReplyTo)
	}
	if len(m.Parts) != 2 || m.Parts[0].Text != n.Text || m.Parts[1].Text != n.HTML || !m.Parts[1].HTML || len(m.Files) != 0 {
		t.Errorf("parts %s", outline(m))
	}
	n.HTML = ""
	if m := Read(Compose(n, "")); len(m.Parts) != 1 || m.Parts[0].Text != n.Text {
		t.Errorf("text alone: %s", outline(m))
	}
}

// The standard library reads our notes the same way.
func TestComposeIsReadByOthers(t *testing.T) {
	n := note()
	msg, err := mail.ReadMessage(bytes.NewReader(Compose(n, "tag")))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(stdmime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != n.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := msg.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != n.To.Name || to[0].Address != n.To.Addr {
		t.Errorf("to %v, %v", to, err)
	}
	if d, err := msg.Header.Date(); err != nil || !d.Equal(time.Unix(int64(n.Date), 0)) {
		t.Errorf("date %v, %v", d, err)
	}
	kind, params, err := stdmime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []string{n.Text, n.HTML} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if got := strings.ReplaceAll(string(b), "\r\n", "\n"); err != nil || got != want {
			t.Errorf("part %q, %v", got, err)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("a third part: %v", err)
	}
}

// checkWire: lines end by CRLF, are ASCII and short, and the fields are ours.
func checkWire(t testing.TB, b []byte) {
	t.Helper()
	head, _, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		t.Fatal("no body")
	}
	allowed := map[string]bool{"From": true, "To": true, "Date": true, "Subject": true, "Message-ID": true, "In-Reply-To": true,
		"References": true, "Auto-Submitted": true, "X-Chancery-Note": true, "MIME-Version": true, "Content-Type": true, "Content-Transfer-Encoding": true}
	seen := map[string]bool{}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if line[0] == ' ' {
			continue
		}
		name, _, _ := strings.Cut(string(line), ":")
		if !allowed[name] || seen[name] {
			t.Errorf("field %q must not be there, or not twice", name)
		}
		seen[name] = true
	}
	for line := range bytes.SplitSeq(b, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || !ascii(line) {
			t.Errorf("a line that mail cannot carry: %q", line)
		}
	}
}

// Nothing that a note is made of can add a field or a part.
func TestComposeCannotBeInjected(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	pieces := []string{"\r\n", "\n", "\r", "Bcc: x@evil.example", "\r\n\r\n", "--", "=_chancery_", "<a@b.example>", "\"", "\\", "ü", "\xff", "\x00", ",", ";", "=?utf-8?q?=0D=0A?=", " ", "x", "@", strings.Repeat("y", 1100), ">", "("}
	text := func() string {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return b.String()
	}
	for range 3000 {
		n := model.NoteBody{
			MessageID: "<" + text() + ">", InReplyTo: text(), Subject: text(), Text: text(), HTML: text() + "x", Date: 1,
			From: model.Address{Name: text(), Addr: "a@firm.example" + text()}, To: model.Address{Name: text(), Addr: "b@firm.example"},
		}
		b := Compose(n, text())
		checkWire(t, b)
		m := Read(b)
		if len(m.Parts) != 2 || len(m.Files) != 0 || len(m.Bcc) != 0 || len(m.To) != 1 || m.To[0].Addr != "b@firm.example" || len(m.From) > 1 {
			t.Fatalf("%+v became\n%s", n, b)
		}
	}
}

// A draft has all its recipients in one field, and says nowhere that a machine
// wrote it; what is no address is left out, wherever it stands.
func TestComposeDraft(t *testing.T) {
	n := note()
	n.HTML = ""
	bad := model.Address{Addr: "x@y.example>\r\nBcc: evil@z.example"}
	n.More = []model.Address{bad, {Name: "Jörg, \"J\"", Addr: "j@firm.example"}, {Addr: "k@firm.example"}, {Name: "L", Addr: "l@firm.example"}}
	for _, first := range []model.Address{n.To, bad, {}} {
		n.To = first
		b := ComposeDraft(n, "tag")
		m := Read(b)
		checkLaws(t, b, m)
		want := []model.Address{n.To, n.More[1], n.More[2], n.More[3]}
		if first.Addr != "desk@firm.example" {
			want = want[1:]
		}
		if show(m.To) != show(want) || m.Auto || m.Problems != nil || len(m.Bcc) != 0 || m.Subject != n.Subject {
			t.Errorf("to %q, problems %q, automatic %t", show(m.To), m.Problems, m.Auto)
		}
	}
	n.To, n.More = bad, nil
	if m := Read(ComposeDraft(n, "tag")); len(m.To) != 0 || len(m.Bcc) != 0 {
		t.Errorf("to %q", show(m.To))
	}
}
