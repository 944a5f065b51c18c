// Package imap follows the mailboxes of one IMAP account (RFC 3501, RFC 9051)
// and applies marks, moves and notes to them. It decides nothing, never sends
// mail, never sets \Seen by reading, never expunges anything except the exact
// message whose proved copy stands elsewhere or an untouched note or draft of its
// own, and never uses bare EXPUNGE, CLOSE or DELETE.
//
// # How a connection is built
//
// The library (go-imap's imapclient) closes a connection at the first response
// it cannot read, has no limits against a hostile server, and matches responses
// to commands by guess. So it stands behind a layer of ours, in this order:
//
//   - dial.go, login.go: socket, TLS, greeting, login, capabilities: ours, bare.
//   - conn.go, filter.go: a net.Conn that shows the library only what it reads
//     well: continuations and tagged results. Everything else is taken out and kept
//     where we need it.
//   - command.go: every command that asks for data or carries a mailbox name is
//     written and read by us (scan.go). The library does STORE, UID EXPUNGE and IDLE.
//   - stream.go: a FETCH of bodies is read item by item, in any order, and each body
//     is poured from the buffer of the connection into the reader of its message.
//
// # How messages are read
//
// One FETCH brings the beginnings of a set of messages (ahead.go), and while the
// caller works on a set the next one is in the air: the only command that is ever
// begun before its result is wanted, and every other command waits for it first.
// What a FETCH brought counts only if the whole response came; the rest is asked for
// again (fetch.go). Of a long message no more is read than is kept (long.go): where
// its structure (structure.go) says how long a part is of which nothing more is
// kept, the reading jumps over it, and if it does not come down on the delimiter it
// reads everything after all.
//
// # How a mailbox is followed
//
// The cursor holds, for each mailbox, which UIDs are there (uidset.go), which of
// them are still to be read, and up to which MODSEQ everything is known. A round
// (pull.go) asks all mailboxes how they are (ask.go), reads what is new, then the
// flags that changed (flags.go, sweep.go), then old mail, and last what is no
// longer there (gone.go). Three ways lead to the same report: the server tells what
// vanished and changed (QRESYNC, qresync.go); it tells what changed, and UIDs are
// compared when their number does not fit (CONDSTORE, search.go); or flags are
// looked through, against digests in the cursor. No answer is believed that cannot
// be true: then the same is asked in another way.
//
// History and Look (past.go) read beside the rounds what a cursor has passed, and
// move none. Of mailboxes in which seconds count a second connection tells
// (sentry.go): it stands in none of them and only listens.
//
// No type of the library leaves this package. Commands are strictly serial,
// never pipelined.
//
// # How steps take effect
//
// Steps that do the same to messages of one mailbox share a command, up to 500
// (apply.go). Before each is looked at what a person did meanwhile (observe.go);
// afterwards what is claimed has been seen on the server (mark.go, keep.go).
//
//   - mark.go with keyword.go, label.go: what of a mark the mailbox keeps for good;
//     unmark.go takes exactly that away again.
//   - file.go, move.go, copy.go, twin.go, trace.go: MOVE, else COPY, proof and UID
//     EXPUNGE; what a crash left is found and brought to its end first.
//   - note.go, draft.go, own.go: notes and drafts, known again by a signed tag.
package imap
