// Package imap follows the mailboxes of one IMAP account (RFC 3501, RFC 9051)
// and applies marks, moves and notes to them. It decides nothing, never sends
// mail, never sets \Seen by reading, never expunges anything except the exact
// message whose verified copy stands elsewhere or an untouched note of its own,
// and never uses bare EXPUNGE, CLOSE or DELETE.
//
// # How a connection is built
//
// The library (go-imap's imapclient) closes a connection at the first response
// it cannot read, has no limits against a hostile server, and matches responses
// to commands by guess. So it stands behind a layer of ours, in this order:
//
//   - dial.go, login.go: socket, TLS, greeting, login, capabilities: ours, bare.
//   - conn.go, filter.go: a net.Conn that shows the library only what it reads
//     well: FETCH responses with the items we asked for, continuations, and
//     tagged results. Everything else is taken out and kept where we need it.
//   - command.go: every command that carries a mailbox name or an item the
//     library does not know is written and read by us (scan.go). The library does
//     what streams: FETCH of bodies, STORE, UID EXPUNGE and IDLE.
//
// No type of the library leaves this package. Commands are strictly serial,
// never pipelined.
package imap
