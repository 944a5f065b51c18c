// Package sync runs the loop: it follows every source, lets the rules decide,
// writes the intent down, applies it and writes down how it ended. It knows
// neither protocols nor rules, and it is the only room that moves data between
// them.
//
// One goroutine, the worker, owns one source. One goroutine, the settler, looks
// after one principal's time across all calendars.
//
// # One turn, and what a crash at each point means
//
//  1. Pull reads changes after the cursor. Crash: they are read again.
//  2. The rules decide. Nothing is written anywhere.
//  3. One transaction writes the intents and, last in it, the cursor. Crash
//     before: as 1. Crash after: the intents are found open at the next start.
//  4. The intents of a batch are written down as sent. Crash: whether the effect
//     happened is unknown, so the connector asks the server before it acts; a
//     note, and a move on a server without MOVE, waits SettleDelay first: an
//     APPEND or a COPY of the dead process may still be on its way.
//  5. Apply. Crash: as 4.
//  6. The results are written down. A step that has ended is never tried again;
//     one that the server would not take now stays open.
//
// # Rounds
//
// One read of all mailboxes of a source is a round. It comes in batches; the next
// one is read while the one before is decided. Marks are set on the way, moves at
// the end: only then is it known how many there are. Too many for the source's
// Brake wait for a person, and so does, for a while, what a person may be looking
// at: new mail stays in INBOX for its Grace, and a message whose flags somebody
// has just changed for quietTime more.
//
// # Errands
//
// Backfill and Undo are done by the worker that owns the source, between two
// turns: nothing else is under way then, and what a turn wrote down is true. They
// plan steps like any other, so a crash in the middle means what it means in a
// turn, and asking again does what is left.
//
// # Who wins
//
// A step's ID is a hash of the item, the rule and the effect. The journal takes
// each ID once, unless the step was superseded before it was sent, so a step
// happens at most once in the life of the journal; that also is why a person
// wins: what was undone has been done already.
package sync
