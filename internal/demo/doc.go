// Package demo is a small law office on servers inside the process: an IMAP
// server, a CalDAV server, mail, calendars and a configuration that follows
// them. "chancery demo" and the tests of the whole house work on it. It listens
// on loopback only and never touches a configured account.
package demo
