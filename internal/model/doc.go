// Package model holds the words of the house: what a connector reports
// (Change), what a rule may look at (Message, Event, View), what the rules
// decide (Plan, Step, Action) and how content is kept from printing itself
// (Private, Name). It imports nothing of ours and does nothing.
//
// # Glossary
//
//   - account: credentials at one server.
//   - source: what one worker owns: the followed mailboxes of one IMAP account,
//     or one calendar. Its name is a word of the configuration and safe to log.
//   - item: one message or one calendar object.
//   - mailbox: an IMAP folder (never the person).
//   - principal: the leader whose time and mail this is.
//   - assistant: who sees results.
//   - keyword: a free IMAP label; mark: our name for how a finding shows in each
//     mail program.
//   - matter: a client's case, by number. A number is text and stays text.
//   - hold: a tentative event of ours. Legal hold: an order that the items of a
//     matter must not be moved or altered.
//   - conflict: two blocking instances of one principal overlap or stand closer
//     than their buffers. Rank: who keeps the slot.
//   - released: an (item, rule) pair that a person overruled.
//   - echo: our own change coming back. Parked: set aside for a person.
//   - ident: what an item is called whatever mailbox it lies in; ref: where it
//     lies now.
package model
