package imap

import (
	"context"
	"net"
	"strconv"
	"sync/atomic"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

var accounts atomic.Int64

// The laws hold on every server and with every way to move a message.
func TestConformance(t *testing.T) {
	for _, format := range []string{"maildir", "mdbox"} {
		for _, able := range []struct {
			name string
			hide []string
		}{
			{"all", nil},
			{"no-move", []string{"MOVE"}},
			{"no-condstore", []string{"CONDSTORE", "QRESYNC"}},
		} {
			t.Run(format+"/"+able.name, func(t *testing.T) {
				t.Parallel()
				d := servertest.Dovecot(t, servertest.DovecotOptions{Format: format, Hide: able.hide})
				connectortest.Mail(t, func(t *testing.T) connectortest.MailEnv {
					return account(d.Addr(), "u"+strconv.FormatInt(accounts.Add(1), 10))
				})
			})
		}
	}
	for name, caps := range map[string][]string{"all": {"MOVE", "UIDPLUS"}, "no-move": {"UIDPLUS"}} {
		t.Run("memory/"+name, func(t *testing.T) {
			t.Parallel()
			m := connectortest.NewMemoryServer(t, caps...)
			connectortest.Mail(t, func(t *testing.T) connectortest.MailEnv {
				user := "u" + strconv.FormatInt(accounts.Add(1), 10)
				m.AddUser(t, user, servertest.DovecotPassword)
				return account(m.Addr, user)
			})
		})
	}
}

func account(addr, user string) connectortest.MailEnv {
	host, port, _ := net.SplitHostPort(addr)
	number, _ := strconv.Atoi(port)
	return connectortest.MailEnv{
		Source: "gc",
		Open: func(t testing.TB, baseline bool) connectors.Source {
			return open(t, Options{
				Source: "gc", Host: host, Port: number, TLS: "none", User: user, Sign: connectortest.MailSign,
				Mailboxes: []string{"INBOX", "Files"}, Baseline: baseline, Batch: 5,
				Password: func(context.Context) (string, error) { return servertest.DovecotPassword, nil },
			})
		},
		Person: func(t testing.TB) *servertest.RawIMAP {
			return servertest.RawIMAPDial(t, addr, user, servertest.DovecotPassword)
		},
	}
}
