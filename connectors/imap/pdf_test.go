package imap

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"chancery/internal/filetext"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// withPDF is a mail with a PDF of so many octets.
func withPDF(subject string, octets int) []byte {
	content := base64.StdEncoding.EncodeToString([]byte("%PDF-1.7\n" + strings.Repeat("x", octets)))
	var lines strings.Builder
	for ; len(content) > 76; content = content[76:] {
		lines.WriteString(content[:76] + "\r\n")
	}
	lines.WriteString(content + "\r\n")
	return []byte("From: a@court.example\r\nTo: gc@firm.example\r\nMessage-ID: <" + subject + "@court.example>\r\nSubject: " + subject +
		"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nAttached.\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		lines.String() + "--b--\r\n")
}

// fileText are what was read of the files of mails by their subjects.
func fileText(changes []model.Change) map[string]string {
	out := map[string]string{}
	for _, c := range changes {
		if c.Op == model.Put {
			body := c.Message.Body.Reveal()
			for _, f := range body.Files {
				out[body.Subject] += f.Text + f.Unread
			}
		}
	}
	return out
}

// PDF files are read wherever rules look into files, short mail and long, and by nobody
// where they do not.
func TestPDFFilesAreRead(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	c := d.Client(t, "gc")
	sizes := map[string]int{"short": 10, "prefix": prefixSize, "long": 900 << 10}
	for name, octets := range sizes {
		c.Append("INBOX", withPDF(name, octets))
	}
	c.Close()
	for name, tt := range map[string]struct {
		need model.Need
		want string
	}{
		"words": {model.Need{Files: true, FileText: true}, "read"},
		"bills": {model.Need{Text: true, Files: true, FileText: true, Bills: true}, "read"},
		"names": {model.Need{Files: true}, ""},
	} {
		o := optionsFor(d, "gc")
		o.Need = func() model.Need { return tt.need }
		o.PDF = func(context.Context) filetext.PDF {
			return func(content []byte) (string, []filetext.Member, string) {
				if !strings.HasPrefix(string(content), "%PDF") {
					return "no PDF", nil, ""
				}
				return "read", nil, ""
			}
		}
		changes, _ := pull(t, open(t, o), "")
		got := fileText(changes)
		for mail := range sizes {
			if text, there := got[mail]; !there || text != tt.want {
				t.Errorf("%s: %s: %q", name, mail, text)
			}
		}
	}
}

// Whoever stops a Pull does not wait for a PDF, and a mail whose PDF was given up with
// the connection is read again, not believed.
func TestAPDFIsGivenUp(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	c := d.Client(t, "gc")
	c.Append("INBOX", withPDF("short", 10))
	c.Append("INBOX", withPDF("long", 900<<10))
	c.Close()
	hangs, reading := true, make(chan bool, 100)
	o := optionsFor(d, "gc")
	o.Need = func() model.Need { return model.Need{Files: true, FileText: true} }
	o.PDF = func(ctx context.Context) filetext.PDF {
		return func([]byte) (string, []filetext.Member, string) {
			if !hangs {
				return "read", nil, ""
			}
			reading <- true
			select {
			case <-ctx.Done():
			case <-time.After(time.Minute):
				t.Error("nobody gave up")
			}
			return "", nil, "pdf"
		}
	}
	s := open(t, o)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-reading; cancel() }()
		if b, err := s.Pull(ctx, ""); !errors.Is(err, context.Canceled) || len(b.Changes) > 0 {
			t.Errorf("%d changes, %v", len(b.Changes), err)
		}
	}
	go func() { <-reading; _ = s.Close() }()
	if _, err := s.Pull(t.Context(), ""); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
	s = open(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reading; cancel() }()
	_, _ = s.Pull(ctx, "")
	hangs = false
	changes, _ := pull(t, s, "")
	if got := fileText(changes); len(got) != 2 || got["short"] != "read" || got["long"] != "read" {
		t.Errorf("%q", got)
	}
}
