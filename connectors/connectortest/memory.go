package connectortest

import (
	"io"
	"log"
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// MemoryServer is an IMAP server inside the test: no CONDSTORE, no X-GUID.
type MemoryServer struct {
	Addr string
	mem  *imapmemserver.Server
}

// NewMemoryServer starts a server that ends with the test. caps are what it
// advertises besides IMAP4rev1, e.g. "MOVE".
func NewMemoryServer(t testing.TB, caps ...string) *MemoryServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	set := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range caps {
		set[imap.Cap(c)] = struct{}{}
	}
	m := &MemoryServer{Addr: listener.Addr().String(), mem: imapmemserver.New()}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return m.mem.NewSession(), nil, nil
		},
		Caps: set, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return m
}

// AddUser makes an account with an empty INBOX.
func (m *MemoryServer) AddUser(t testing.TB, name, password string) {
	t.Helper()
	u := imapmemserver.NewUser(name, password)
	if err := u.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	m.mem.AddUser(u)
}
