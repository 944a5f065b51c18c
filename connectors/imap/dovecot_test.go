package imap

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

// sign stands for the install key.
func sign(parts ...string) string {
	h := hmac.New(sha256.New, []byte("key"))
	fmt.Fprintf(h, "%q", parts)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func optionsFor(d *servertest.DovecotServer, user string, boxes ...string) Options {
	return Options{
		Source: "gc", Host: "127.0.0.1", Port: d.Port, TLS: "none", User: user, Sign: sign, Mailboxes: boxes,
		Password: func(context.Context) (string, error) { return servertest.DovecotPassword, nil },
	}
}

func open(t testing.TB, o Options) *Source {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// pull reads until there is no more.
func pull(t testing.TB, s *Source, since connectors.Cursor) ([]model.Change, connectors.Cursor) {
	t.Helper()
	var out []model.Change
	for range 10_000 {
		b, err := s.Pull(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		out, since = append(out, b.Changes...), b.Next
		if !b.More {
			return out, since
		}
	}
	t.Fatal("pull does not end")
	return nil, ""
}

func mailOf(i int) []byte {
	return fmt.Appendf(nil, "From: Ann <ann@firm.example>\r\nTo: bo@client.example\r\nSubject: matter %d\r\nMessage-ID: <m%d@firm.example>\r\nDate: Mon, 5 Oct 2026 10:00:00 +0000\r\n\r\nbody %d\r\n", i, i, i)
}

func TestSmoke(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	c := d.Client(t, "ann")
	for i := range 3 {
		c.Append("INBOX", mailOf(i))
	}
	pem, err := os.ReadFile(d.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	o := optionsFor(d, "ann", "inbox", "Billing")
	o.RootCAs = x509.NewCertPool()
	o.RootCAs.AppendCertsFromPEM(pem)
	o.TLS, o.Port = "implicit", d.TLS
	s := open(t, o)
	changes, next := pull(t, s, "")
	for _, ch := range changes {
		if ch.Message != nil {
			t.Log(ch.Op, ch.Ref.UID, string(ch.Ident), ch.Message.Flags, ch.Message.Body.Reveal().Subject)
		} else {
			t.Log(ch.Op, ch.Fault)
		}
	}
	step := func(uid uint32, a model.Action) model.Step {
		for _, ch := range changes {
			if ch.Ref.UID == uid {
				return model.Step{ID: model.StepID(fmt.Sprint(uid)), Ref: ch.Ref, Ident: ch.Ident, Action: a}
			}
		}
		return model.Step{Action: a}
	}
	steps := []model.Step{
		step(1, model.Mark{Keyword: "lx-a", Apple: "green"}), step(2, model.Mark{Keyword: "lx-a", Apple: "green"}),
		step(2, model.File{Mailbox: []string{"Billing", "0042"}, Create: true}),
		step(99, model.Note{Mailbox: []string{"INBOX"}, Body: model.Hide(model.NoteBody{MessageID: "<n1@chancery.example>", Of: "f1", Digest: "d1", Subject: "x", Text: "y", HTML: "<p>y</p>"})}),
	}
	for range 2 {
		r, err := s.Apply(t.Context(), steps)
		t.Logf("%+v %v", r, err)
	}
	changes, next = pull(t, s, next)
	for _, ch := range changes {
		if ch.Message != nil {
			t.Log(ch.Op, ch.Ref.UID, string(ch.Ident), ch.Message.Flags, ch.Message.Own, ch.Message.Body.Reveal().Subject)
		} else {
			t.Log(ch.Op, ch.Fault)
		}
	}
	t.Log(string(next))
	for k, v := range d.Dump(t, "ann") {
		for _, m := range v {
			t.Log(k, m.UID, m.Flags, strings.Split(string(m.Body), "\r\n")[0])
		}
	}
}
