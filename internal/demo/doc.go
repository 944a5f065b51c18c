// Package demo is a small law office on servers inside the process: an IMAP
// server, a CalDAV server, mail, calendars and a configuration that follows
// them. "chancery demo" and the tests of the whole house work on it. It listens
// on loopback only, never touches a configured account and never decides
// anything: what the rules should make of each item is written beside it, for
// the tests to hold against what they did make of it.
//
// The folder office holds the data: archives of mails and of events, each headed
// by a table that says when an item arrived and what is expected of it. Dates
// are laid out around the day the office opens, so that the two double bookings
// lie ahead.
package demo
