package agenda

import (
	"encoding/binary"
	"path"
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
	w      *Words
	b      []byte
	bad    bool // something has no packed form
	recent [recents]remembered
}

// What mostly says what it said in the event or for the attendee before.
const (
	sameFolder = iota
	sameSource
	sameClass
	sameStatus
	sameAnswer
	sameRole
	sameType
	recents
)

// remembered is a word that was written last.
type remembered struct {
	word string
	n    uint64
	ok   bool
}

// pack appends the packed form of ev to b; false if it has none.
func (p *packer) pack(ev *model.Event, b []byte) ([]byte, bool) {
	p.w.mu.RLock()
	defer p.w.mu.RUnlock()
	p.b, p.bad = b, false
	defer func() { p.b = nil }()
	if ev.Own != nil || ev.Ref.Mailbox != "" || ev.Ref.UID != 0 || ev.Ref.UIDValidity != 0 || !ev.Body.Present() {
		return p.b, false
	}
	folder, file := path.Split(string(ev.Ref.Href))
	p.again(sameFolder, folder)
	p.text(file)
	p.again(sameSource, string(ev.Ref.Source))
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

// again is word for what is mostly said again.
func (p *packer) again(what int, s string) {
	r := &p.recent[what]
	if !r.ok || r.word != s {
		n, ok := p.w.number(s)
		if !ok {
			p.number(0)
			p.text(s)
			return
		}
		*r = remembered{p.w.list[n], n, true}
	}
	p.number(r.n + 1)
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
	if raw, ok := unhex(p.b, inner); ok {
		p.b = raw
		return
	}
	p.b = p.b[:n]
	p.number(uint64(len(s))<<2 | hexText)
	p.b = append(p.b, s...)
}

// unhex appends what hex in lower case stands for.
func unhex(b []byte, s string) ([]byte, bool) {
	if len(s)%2 != 0 {
		return b, false
	}
	for i := 0; i < len(s); i += 2 {
		high, low := nibbles[s[i]], nibbles[s[i+1]]
		if high|low > 15 {
			return b, false
		}
		b = append(b, high<<4|low)
	}
	return b, true
}

var nibbles = func() (out [256]byte) {
	for i := range out {
		out[i] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		out[c] = byte(i)
	}
	return out
}()

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
	p.again(sameClass, o.Class)
	p.again(sameStatus, o.Status)
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
		p.again(sameAnswer, a.PartStat)
		p.again(sameRole, a.Role)
		p.again(sameType, a.Type)
	}
}
