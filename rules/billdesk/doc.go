// Package billdesk decides what is written about a principal's billing: due dates into the
// billing calendar, reminders and the billing note into the assistant's mailbox.
//
// Its laws:
//
//   - The same bills, findings and time give the same plan, in the same order. What is
//     written carries no clock but the date of a note.
//   - A person wins: a due date that somebody deleted or edited is left alone for good,
//     and a reminder or note is never written twice.
//   - What a bill is about is told only where the assistant reads it. Of trust and
//     retainer mail nothing is told but that it is there.
//   - Amounts of different currencies are never added, and no bill counts twice.
//
// It reads no mail and no calendar, writes nothing, and has no clock.
package billdesk
