// Package journal keeps the durable state of the house: how far each source was
// followed, what is intended and what became of it, what a person overruled,
// what is parked, and an audit chain of all of it. One SQL text serves SQLite
// and PostgreSQL. It never decides, never talks to a mail or calendar server and
// never stores content that can be read without the install key.
//
// # The laws
//
// Each is a test that runs on both engines.
//
//  1. A turn is one transaction and its cursor is written last: either all of
//     it is there, or the same changes are pulled again.
//  2. A step is written before its effect and keeps its ID for ever: planning it
//     twice plans it once. Only a step that was superseded, and so has no effect
//     on a server, can be planned again.
//  3. A step that waits for a person is not sent by anyone; a person's leave or
//     refusal needs no lease. What was approved stays approved, what was rejected
//     is never planned again.
//  4. Every write of a source names the epoch of the owner's lease. After another
//     owner claimed the source, the former owner's writes fail with ErrFenced and
//     change nothing.
//  5. Steps, cursors and places are sealed with AES-256-GCM, bound to their table
//     and row; what is looked up is looked up by HMAC-SHA-256. In clear stand
//     only words of the configuration, kinds, states, codes, counts and times.
//  6. Each transition appends one row to the audit chain in the transaction that
//     makes the transition; a step that is only put off makes none.
//  7. A committed transaction survives kill -9 and, with disks that honour a
//     flush, loss of power: an effect on a server never goes out before an
//     intent that could be forgotten. SQLite therefore runs with synchronous=FULL.
//
// # What the audit chain proves
//
// A row that was changed, removed, added or put elsewhere breaks the chain at its
// number, and the end of the chain is authenticated under the install key: rows
// cut off the end, or a chain computed anew by someone without the key, are seen
// too. What is not seen: the whole database put back to an earlier state. That
// needs the last hash kept elsewhere.
package journal
