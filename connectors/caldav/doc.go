// Package caldav follows one calendar of a CalDAV server (RFC 4791) and writes
// holds into it. It reads what others wrote and writes only objects that carry
// our signed tag, always on condition: an object of a person is never changed or
// deleted here. It talks to the one origin the configuration names, follows no
// redirect away from it, and sends no scheduling message.
//
// go-webdav finds the principal and the calendars. Reports, GET, PUT and DELETE
// are our own: bodies stay raw bytes, ETags stay opaque, and one bad object
// cannot fail a batch.
package caldav
