package agenda

import (
	"encoding/binary"
	"encoding/hex"
	"path"
	"strings"
	"time"

	"chancery/internal/model"
)

// An event that is not looked at is kept packed: its fields in order, numbers as
// varints, texts after their length, words by their number. The packed form never
// leaves the process.

// What an occurrence has besides its times, as bits of its first number.
const (
	hasRecurrence = 1 << iota
	hasThisFuture
	hasFocus
	hasNoCounter
	hasRule
	hasDates
	hasText
	hasPeople
	hasTravel
	hasCreated
	hasSequence
	hasUntold
)

// How a time is written.
const (
	timeZero = 1 << iota
	timeDate
	timeUnsure
	timeLoc
	timeNanos
)

type packer struct {
	w   *Words
	b   []byte
	bad bool // something has no packed form
}

// pack appends the packed form of ev to b; false if it has none.
func pack(ev *model.Event, w *Words, b []byte) ([]byte, bool) {
	p := packer{w: w, b: b}
	if ev.Own != nil || ev.Ref.Mailbox != "" || ev.Ref.UID != 0 || ev.Ref.UIDValidity != 0 || !ev.Body.Present() {
		return p.b, false
	}
	folder, file := path.Split(string(ev.Ref.Href))
	p.word(folder)
	p.text(file)
	p.word(string(ev.Ref.Source))
	p.hex(string(ev.Ident))
	p.hex(ev.Ref.Version)
	p.flag(ev.Tagged)
	p.words(ev.Problems)
	s := ev.Body.Reveal()
	uid := s.UID
	named := uid+ics == file
	p.flag(named)
	if !named {
		p.text(uid)
	}
	p.flag(s.Master != nil)
	if s.Master != nil {
		p.occurrence(s.Master)
	}
	p.number(uint64(len(s.Overrides)))
	for i := range s.Overrides {
		p.occurrence(&s.Overrides[i])
	}
	return p.b, !p.bad
}

func (p *packer) number(n uint64) { p.b = binary.AppendUvarint(p.b, n) }

func (p *packer) signed(n int64) { p.b = binary.AppendVarint(p.b, n) }

func (p *packer) flag(v bool) {
	if v {
		p.b = append(p.b, 1)
	} else {
		p.b = append(p.b, 0)
	}
}

func (p *packer) text(s string) {
	p.number(uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) word(s string) {
	if n, ok := p.w.number(s); ok {
		p.number(n + 1)
		return
	}
	p.number(0)
	p.text(s)
}

func (p *packer) words(list []string) {
	p.number(uint64(len(list)))
	for _, s := range list {
		p.word(s)
	}
}

// ics ends the names of most objects; the name is the UID.
const ics = ".ics"

// How a text of hex is written.
const (
	hexText = iota
	hexBare
	hexQuoted // as most ETags are
)

// hex writes hex, as an Ident and an ETag mostly are, in half the room.
func (p *packer) hex(s string) {
	how, inner := uint64(hexBare), s
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		how, inner = hexQuoted, s[1:len(s)-1]
	}
	n := len(p.b)
	p.number(uint64(len(inner)/2)<<2 | how)
	if raw, err := hex.AppendDecode(p.b, []byte(inner)); err == nil && inner == strings.ToLower(inner) {
		p.b = raw
		return
	}
	p.b = p.b[:n]
	p.number(uint64(len(s))<<2 | hexText)
	p.b = append(p.b, s...)
}

// epoch is near to what calendars hold.
const epoch = 1_700_000_000

// time writes t as a distance from the last time written.
func (p *packer) time(t model.Time, last *int64) {
	bits := byte(0)
	set := func(v bool, bit byte) {
		if v {
			bits |= bit
		}
	}
	sec, nanos := t.Wall.Unix(), t.Wall.Nanosecond()
	set(t.IsZero(), timeZero)
	set(t.Date, timeDate)
	set(t.Unsure, timeUnsure)
	set(t.Loc != nil, timeLoc)
	set(nanos != 0, timeNanos)
	p.b = append(p.b, bits)
	if t.Loc != nil {
		n, ok := p.w.place(t.Loc)
		p.bad = p.bad || !ok
		p.number(n)
	}
	if nanos != 0 {
		p.number(uint64(nanos))
	}
	if !t.IsZero() {
		p.signed(sec - *last)
		*last = sec
	}
}

func (p *packer) times(list []model.Time, last *int64) {
	p.number(uint64(len(list)))
	for _, t := range list {
		p.time(t, last)
	}
}

func (p *packer) address(a model.Address) {
	p.word(a.Name)
	p.word(a.Addr)
}

func (p *packer) occurrence(o *model.Occurrence) {
	bits := uint64(0)
	for i, has := range [...]bool{
		o.Recurrence != nil, o.ThisFuture, o.Focus, o.NoCounter, o.RRule != "", len(o.RDates)+len(o.REnds)+len(o.ExDates) > 0,
		o.Location != "" || o.Conference != "" || len(o.Categories) > 0, o.Organizer != (model.Address{}) || len(o.Attendees) > 0,
		o.Travel != 0, !o.Created.IsZero(), o.Sequence != 0, o.Untold,
	} {
		if has {
			bits |= 1 << i
		}
	}
	p.number(bits)
	last := int64(epoch)
	if o.Recurrence != nil {
		p.time(*o.Recurrence, &last)
	}
	p.time(o.Start, &last)
	p.time(o.End, &last)
	p.text(o.Summary)
	p.word(o.Class)
	p.word(o.Status)
	p.signed(int64(o.Show))
	if bits&hasRule != 0 {
		p.word(o.RRule)
	}
	if bits&hasDates != 0 {
		p.times(o.RDates, &last)
		p.times(o.REnds, &last)
		p.times(o.ExDates, &last)
	}
	if bits&hasText != 0 {
		p.word(o.Location)
		p.text(o.Conference)
		p.words(o.Categories)
	}
	if bits&hasPeople != 0 {
		p.people(o)
	}
	if bits&hasTravel != 0 {
		p.signed(int64(o.Travel))
	}
	if bits&hasCreated != 0 {
		p.created(o.Created)
	}
	if bits&hasSequence != 0 {
		p.signed(int64(o.Sequence))
	}
}

func (p *packer) created(t time.Time) {
	p.signed(t.Unix() - epoch)
	p.number(uint64(t.Nanosecond()))
}

func (p *packer) people(o *model.Occurrence) {
	p.address(o.Organizer)
	p.number(uint64(len(o.Attendees)))
	for _, a := range o.Attendees {
		p.address(a.Address)
		p.word(a.PartStat)
		p.word(a.Role)
		p.word(a.Type)
	}
}
