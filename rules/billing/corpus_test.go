package billing

import (
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/rules/text"
)

// TestBillingLike counts mails that are no billing mail and yet show an invoice
// number and a total. Neither mailbox is a billing desk's, but the one of a gas
// pipeline has invoices in it, so its bound is no proof, only a guard.
func TestBillingLike(t *testing.T) {
	for _, tt := range []struct {
		corpus string
		most   float64
	}{
		{"court-ecf-emails", 0.01},
		{"enron-berkeley-annotated", 0.01},
		{"enron-calo-maildir", 0.01},
	} {
		mails, hits := 0, 0
		err := filepath.WalkDir(servertest.Corpus(t, tt.corpus), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) == ".cats" || filepath.Ext(name) == ".json" {
				return err
			}
			m, ok := readMail(t, name)
			if !ok {
				return nil
			}
			mails++
			if f := Extract(text.Split(m), m, Options{}); f.Invoice != "" && !f.Total.IsZero() {
				hits++
				t.Logf("%s: invoice in %s, total in %s", filepath.Base(name), f.Where["invoice"], f.Where["total"])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d of %d look like billing", tt.corpus, hits, mails)
		if mails < 50 || float64(hits) > tt.most*float64(mails) {
			t.Errorf("%s: %d of %d look like billing", tt.corpus, hits, mails)
		}
	}
}

// readMail reads a message of a corpus, as far as this test needs it.
func readMail(t testing.TB, path string) (*model.Mail, bool) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil || len(msg.Header) < 3 {
		return nil, false
	}
	m := &model.Mail{Subject: msg.Header.Get("Subject")}
	if s, err := new(mime.WordDecoder).DecodeHeader(m.Subject); err == nil {
		m.Subject = s
	}
	m.Date, _ = msg.Header.Date()
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
	if kind == "text/plain" || kind == "text/html" {
		m.Parts = append(m.Parts, model.TextPart{HTML: kind == "text/html", Text: strings.ToValidUTF8(string(b), "\ufffd")})
	}
}
