package ical

import (
	"bytes"
	"time"
	"unicode/utf8"

	"chancery/connectors"
	"chancery/internal/model"
)

// Compose writes a hold as a calendar object of one event in UTC or of whole
// days, neither of which needs a VTIMEZONE. It is tentative and transparent: a
// hold shows a question, it does not take anyone's time; unless it Blocks. It has
// no attendee and no alarm, so that no server sends anything because of it (RFC
// 6638 section 3.2).
//
// Outlook's X-MICROSOFT-CDO-BUSYSTATUS stands only where it says busy. In a
// question it would outlive a person's answer: other programs change TRANSP and
// leave what they do not know.
func Compose(h model.Hold, sign connectors.Sign) []byte {
	return compose(h, makeTag(h, Digest(compose(h, "")), sign))
}

func compose(h model.Hold, tag string) []byte {
	body := h.Body.Reveal()
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Chancery//Chancery//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("BEGIN", "VEVENT")
	w.line("UID", escape(h.UID))
	w.line("DTSTAMP", stamp(body.Stamp))
	if body.Date {
		// RFC 5545 section 3.6.1: the end is exclusive and after the start.
		w.line("DTSTART;VALUE=DATE", day(body.Start))
		w.line("DTEND;VALUE=DATE", day(max(body.Start+86400, body.End)))
	} else {
		w.line("DTSTART", stamp(body.Start))
		w.line("DTEND", stamp(max(body.Start, body.End)))
	}
	w.line("SUMMARY", escape(body.Summary))
	if body.Description != "" {
		w.line("DESCRIPTION", escape(body.Description))
	}
	if body.Blocks {
		w.line("STATUS", "CONFIRMED")
		w.line("TRANSP", "OPAQUE")
		w.line(busyStatus, "BUSY")
	} else {
		w.line("STATUS", "TENTATIVE")
		w.line("TRANSP", "TRANSPARENT")
	}
	if body.Private {
		w.line("CLASS", "PRIVATE")
	}
	for _, uid := range body.Related {
		w.line("RELATED-TO", escape(uid))
	}
	if tag != "" {
		w.line(tagName, tag)
	}
	w.line("END", "VEVENT")
	w.line("END", "VCALENDAR")
	return w.buf.Bytes()
}

func stamp(t model.UnixTime) string {
	return time.Unix(int64(t), 0).UTC().Format("20060102T150405Z")
}

func day(t model.UnixTime) string {
	return time.Unix(int64(t), 0).UTC().Format("20060102")
}

// writer folds content lines at 75 octets without the line end, on rune
// boundaries (RFC 5545 section 3.1).
type writer struct{ buf bytes.Buffer }

// line writes one property. The caller escapes the value; names are ours.
func (w *writer) line(name, value string) {
	s := name + ":" + value
	room := 75
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		w.buf.WriteString(s[:cut] + "\r\n ")
		s, room = s[cut:], 74
	}
	w.buf.WriteString(s + "\r\n")
}
