package imap

import (
	"context"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/model"
	"chancery/internal/servertest"
)

func optionsFor(d *servertest.DovecotServer, user string, boxes ...string) Options {
	return Options{
		Source: "gc", Host: "127.0.0.1", Port: d.Port, TLS: "none", User: user, Sign: connectortest.MailSign, Mailboxes: boxes,
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
