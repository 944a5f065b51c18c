package text

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"strings"
	"testing"

	"chancery/internal/model"
)

// readMail reads a message of a corpus, as far as these tests need it.
func readMail(t testing.TB, path string) (*model.Mail, bool) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return nil, false
	}
	dec := new(mime.WordDecoder)
	m := &model.Mail{MessageID: msg.Header.Get("Message-Id")}
	if m.Subject, err = dec.DecodeHeader(msg.Header.Get("Subject")); err != nil {
		m.Subject = msg.Header.Get("Subject")
	}
	if from, err := msg.Header.AddressList("From"); err == nil {
		for _, a := range from {
			m.From = append(m.From, model.Address{Name: a.Name, Addr: a.Address})
		}
	}
	part(m, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body, 0)
	return m, true
}

func part(m *model.Mail, contentType, encoding string, r io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < 10 {
		mr := multipart.NewReader(r, params["boundary"])
		for {
			p, err := mr.NextRawPart()
			if err != nil {
				return
			}
			part(m, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth+1)
		}
	}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	b, _ := io.ReadAll(r)
	switch kind {
	case "text/plain", "text/html":
		m.Parts = append(m.Parts, model.TextPart{HTML: kind == "text/html", Text: strings.ToValidUTF8(string(b), "\ufffd")})
	}
}
