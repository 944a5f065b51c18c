package demo

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// mailServer is an IMAP server in memory.
type mailServer struct {
	mem    *imapmemserver.Server
	users  map[string]*imapmemserver.User
	server *imapserver.Server
	listen net.Listener
	ended  chan struct{}
}

// newMailServer listens on a random loopback port.
func newMailServer() (*mailServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start mail server: %w", err)
	}
	m := &mailServer{mem: imapmemserver.New(), users: map[string]*imapmemserver.User{}, listen: l, ended: make(chan struct{})}
	m.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return m.mem.NewSession(), nil, nil
		},
		Caps: imap.CapSet{
			imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapNamespace: {},
			imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapChildren: {},
		},
		InsecureAuth: true, // loopback, invented people
		Logger:       log.New(io.Discard, "", 0),
	})
	go func() {
		defer close(m.ended)
		_ = m.server.Serve(l)
	}()
	return m, nil
}

// port is where it listens.
func (m *mailServer) port() int { return m.listen.Addr().(*net.TCPAddr).Port }

// close ends every connection.
func (m *mailServer) close() {
	_ = m.server.Close()
	<-m.ended
}

// addUser makes an account with the mailboxes every mail program expects.
func (m *mailServer) addUser(name, password string) error {
	u := imapmemserver.NewUser(name, password)
	boxes := []struct {
		name string
		use  imap.MailboxAttr
	}{
		{"INBOX", ""}, {"Drafts", imap.MailboxAttrDrafts}, {"Sent", imap.MailboxAttrSent},
		{"Archive", imap.MailboxAttrArchive}, {"Trash", imap.MailboxAttrTrash},
	}
	for _, b := range boxes {
		o := &imap.CreateOptions{}
		if b.use != "" {
			o.SpecialUse = []imap.MailboxAttr{b.use}
		}
		if err := u.Create(b.name, o); err != nil {
			return fmt.Errorf("make mailbox: %w", err)
		}
		if err := u.Subscribe(b.name); err != nil {
			return fmt.Errorf("subscribe mailbox: %w", err)
		}
	}
	m.users[name] = u
	m.mem.AddUser(u)
	return nil
}

// deliver puts a message into a mailbox as if it had arrived at a time.
func (m *mailServer) deliver(user, mailbox string, raw []byte, at time.Time, flags ...imap.Flag) error {
	u, ok := m.users[user]
	if !ok {
		return fmt.Errorf("deliver mail: no user %s", user)
	}
	_, err := u.Append(mailbox, literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: at, Flags: flags})
	if err != nil {
		return fmt.Errorf("deliver mail: %w", err)
	}
	return nil
}

// literal is a message as the server's interface wants it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
