package agenda

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"chancery/internal/model"
)

// unpacker reads what pack wrote. Its texts are pieces of the packed form.
type unpacker struct {
	s  string
	at int
	w  spoken
}

// unpack returns the event that was packed as s; w is no older than s.
func unpack(s string, w spoken) *model.Event {
	u := unpacker{s: s, w: w}
	// The event and the master, which most events have alone, are one allocation.
	var room struct {
		event  model.Event
		master model.Occurrence
	}
	ev := &room.event
	folder, file := u.word(), u.text()
	ev.Ref.Href = model.Name(folder + file)
	ev.Ref.Source = model.SourceID(u.word())
	ev.Ident = model.Ident(u.hex())
	ev.Ref.Version = u.hex()
	ev.Tagged = u.flag()
	ev.Problems = u.words()
	body := model.Series{UID: strings.TrimSuffix(file, ics)}
	if !u.flag() {
		body.UID = u.text()
	}
	if u.flag() {
		body.Master = &room.master
		u.occurrence(body.Master)
	}
	if n := u.number(); n > 0 {
		body.Overrides = make([]model.Occurrence, n)
		for i := range body.Overrides {
			u.occurrence(&body.Overrides[i])
		}
	}
	ev.Body = model.Hide(body)
	return ev
}

func (u *unpacker) href() model.Name { return model.Name(u.word() + u.text()) }

func (u *unpacker) number() uint64 {
	var n uint64
	for shift := 0; ; shift += 7 {
		c := u.s[u.at]
		u.at++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 || shift > 7*binary.MaxVarintLen64 {
			return n
		}
	}
}

func (u *unpacker) signed() int64 {
	n := u.number()
	return int64(n>>1) ^ -int64(n&1)
}

func (u *unpacker) flag() bool { return u.octet() != 0 }

func (u *unpacker) octet() byte {
	u.at++
	return u.s[u.at-1]
}

func (u *unpacker) take(n uint64) string {
	u.at += int(n)
	return u.s[u.at-int(n) : u.at]
}

func (u *unpacker) text() string { return u.take(u.number()) }

func (u *unpacker) word() string {
	if n := u.number(); n > 0 {
		return u.w.list[n-1]
	}
	return u.text()
}

func (u *unpacker) words() []string {
	n := u.number()
	if n == 0 {
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = u.word()
	}
	return out
}

func (u *unpacker) hex() string {
	n := u.number()
	switch n & 3 {
	case hexBare:
		return hex.EncodeToString([]byte(u.take(n >> 2)))
	case hexQuoted:
		return `"` + hex.EncodeToString([]byte(u.take(n>>2))) + `"`
	}
	return u.take(n >> 2)
}

func (u *unpacker) time(last *int64) (t model.Time) {
	bits := u.octet()
	t.Date, t.Unsure = bits&timeDate != 0, bits&timeUnsure != 0
	if bits&timeLoc != 0 {
		t.Loc = u.w.zones[u.number()]
	}
	nanos := int64(0)
	if bits&timeNanos != 0 {
		nanos = int64(u.number())
	}
	if bits&timeZero == 0 {
		*last += u.signed()
		t.Wall = time.Unix(*last, nanos).UTC()
	}
	return t
}

func (u *unpacker) times(last *int64) []model.Time {
	n := u.number()
	if n == 0 {
		return nil
	}
	out := make([]model.Time, n)
	for i := range out {
		out[i] = u.time(last)
	}
	return out
}

func (u *unpacker) address() model.Address { return model.Address{Name: u.word(), Addr: u.word()} }

func (u *unpacker) occurrence(o *model.Occurrence) {
	bits := u.number()
	last := int64(epoch)
	o.ThisFuture, o.Focus, o.NoCounter = bits&hasThisFuture != 0, bits&hasFocus != 0, bits&hasNoCounter != 0
	o.Untold = bits&hasUntold != 0
	if bits&hasRecurrence != 0 {
		t := u.time(&last)
		o.Recurrence = &t
	}
	o.Start, o.End = u.time(&last), u.time(&last)
	o.Summary, o.Class, o.Status, o.Show = u.text(), u.word(), u.word(), model.Show(u.signed())
	if bits&hasRule != 0 {
		o.RRule = u.word()
	}
	if bits&hasDates != 0 {
		o.RDates, o.REnds, o.ExDates = u.times(&last), u.times(&last), u.times(&last)
	}
	if bits&hasText != 0 {
		o.Location, o.Conference, o.Categories = u.word(), u.text(), u.words()
	}
	if bits&hasPeople != 0 {
		u.people(o)
	}
	if bits&hasTravel != 0 {
		o.Travel = time.Duration(u.signed())
	}
	if bits&hasCreated != 0 {
		sec := u.signed() + epoch
		o.Created = time.Unix(sec, int64(u.number())).UTC()
	}
	if bits&hasSequence != 0 {
		o.Sequence = int(u.signed())
	}
}

func (u *unpacker) people(o *model.Occurrence) {
	o.Organizer = u.address()
	n := u.number()
	if n == 0 {
		return
	}
	o.Attendees = make([]model.Attendee, n)
	for i := range o.Attendees {
		o.Attendees[i] = model.Attendee{Address: u.address(), PartStat: u.word(), Role: u.word(), Type: u.word()}
	}
}
