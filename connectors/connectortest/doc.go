// Package connectortest holds the conformance suites every connector must pass,
// one for mail and one for calendars, and the fakes at the wire that real servers
// cannot play. It is test support and never linked into the binary.
package connectortest
