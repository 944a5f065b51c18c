// Package mime reads one message (RFC 5322, RFC 2045 to 2047, RFC 2231) into a
// model.Mail and writes the notes we leave in a mailbox. It is push-style: the
// bytes are written to a Reader as they come from the server, and what is kept of
// them is bounded whatever their number.
//
// It never fails on content: what is broken is repaired, what is over a limit is
// skipped, and either leaves a stable code in Mail.Problems. It never opens what
// is encrypted, never follows a link and never logs. It unpacks an archive only if
// somebody asks for bills, and no archive inside another.
//
// # The laws
//
//  1. The result depends on the bytes alone, not on how Writes split them.
//  2. Any prefix of a message can be read: Close(false) says that it was cut.
//  3. Time is linear in the number of octets; memory is bounded by a constant.
//  4. An address is never changed by what surrounds it: a comment, an encoded
//     word or a display name cannot become one.
//  5. Where a field must be unique and is not, the first one counts and the
//     problem "duplicate-<field>" says that another program may choose otherwise.
//  6. What nobody keeps need not be read: Reader.Idle and Reader.Over say when, and
//     Reader.Skip passes over it. That changes the size of a file, leaves it without
//     a checksum, and changes no more.
package mime
