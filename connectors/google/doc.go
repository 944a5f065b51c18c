// Package google follows one calendar of Google through its JSON API and writes
// holds into it. It reads what others wrote, writes objects that carry our signed
// tag, and changes one thing in an event of others only where a rule says so, over
// exactly the version that was judged. It talks to the one origin the configuration
// names, follows no redirect, uses no credentials but the token it is given, and
// asks Google to send mail to nobody.
//
// The calendar package of google.golang.org/api gives the words of the API and the
// calls. Transport, limits and errors are ours, and pages of events are read here
// item by item: one event of a wrong type must not fail a page.
//
// Google's own CalDAV is not used: it breaks on recurring events and knows no
// If-None-Match.
package google
