package imap

import (
	"context"
	"io"
	"slices"

	"chancery/internal/filetext"
	"chancery/internal/mime"
	"chancery/internal/model"
)

// batch is one FETCH for a set of messages. While the flight is in the air, got,
// long and seen belong to the reading goroutine.
type batch struct {
	box      box
	validity uint32
	need     model.Need
	pdf      func(context.Context) filetext.PDF
	conn     *conn
	bare     bool // ask for no more than is needed
	modseq   bool
	ident    string
	kind     string
	uids     []uint32 // ascending
	flight   *flight

	got  map[uint32]*fetched
	long []*fetched // the prefix is read, and there is more
	seen bool       // some response came
}

// collect takes over what was fetched ahead, as far as it is wanted.
func (s *Source) collect(b box, want []entry, got map[uint32]*fetched) error {
	set := s.ahead
	s.ahead = nil
	if set == nil {
		return nil
	}
	_, failed := set.flight.wait() // what came whole before the end came whole
	if set.box.wire != b.wire || set.need != s.need() {
		return nil
	}
	if err := s.enterBox(b, false); err != nil {
		return err
	}
	if set.validity != s.sel.validity {
		return nil
	}
	for _, e := range want {
		if f := set.got[e.uid]; f != nil {
			got[e.uid] = f
			delete(set.got, e.uid)
		}
	}
	var long []*fetched
	set.long = slices.DeleteFunc(set.long, func(f *fetched) bool {
		asked := slices.ContainsFunc(want, func(e entry) bool { return e.uid == f.uid })
		if asked {
			long = append(long, f)
		}
		return asked
	})
	if len(set.got)+len(set.long) > 0 {
		s.ahead = set // not all of it was asked for
	}
	if _, refused := asRefusal(failed); failed != nil && !refused {
		return failed
	}
	return s.readOn(long, got)
}

// launch begins the FETCH of a set of messages.
func (s *Source) launch(b box, want []entry, need model.Need) (*batch, error) {
	set, err := s.prepare(b, want, need)
	if err == nil {
		set.begin(s)
	}
	return set, err
}

// prepare does what must be done before the command can be sent.
func (s *Source) prepare(b box, want []entry, need model.Need) (*batch, error) {
	if err := s.enterBox(b, false); err != nil {
		return nil, err
	}
	if err := s.probe(want[0].uid); err != nil {
		return nil, err
	}
	set := &batch{box: b, validity: s.sel.validity, need: need, pdf: s.o.PDF, conn: s.c, got: make(map[uint32]*fetched, len(want))}
	set.modseq = s.c.caps["CONDSTORE"] && s.sel.modseq > 0
	set.ident, set.kind = s.identItem(), s.kind
	for _, e := range want {
		set.uids = append(set.uids, e.uid)
	}
	slices.Sort(set.uids)
	return set, nil
}

func (set *batch) begin(s *Source) {
	section, limit := "BODY.PEEK[]", int64(prefixSize)
	x := &bodies{section: "BODY[]", kind: set.kind, limit: limit, open: set.open, take: set.take}
	if set.headers() {
		section, x.section, x.limit = "BODY.PEEK[HEADER]", "BODY[HEADER]", headerSize
	}
	items := "UID FLAGS INTERNALDATE"
	if !set.bare {
		items += " RFC822.SIZE" + set.ident
		if set.modseq {
			items += " MODSEQ"
		}
	}
	k := cmd("UID FETCH %s (%s %s<0.%d>)", formatSet(set.uids), items, section, x.limit)
	set.flight = s.c.begin(longTimeout, k, &exchange{bodies: x})
}

// headers reports that nobody looks behind the headers.
func (set *batch) headers() bool { return set.need == model.Need{} }

func (set *batch) open(f *fetched) io.Writer {
	if f.uid != 0 && !set.wants(f.uid) {
		return nil
	}
	f.reader = mime.NewReader()
	f.reader.KeepFor(set.need, set.files(f))
	return f.reader
}

// files reads PDF files of a message as long as the connection lives. It keeps the
// goroutine that reads from the server, which waits meanwhile.
func (set *batch) files(f *fetched) filetext.PDF {
	if set.pdf == nil {
		return nil
	}
	read := set.pdf(set.conn.life)
	return func(content []byte) (string, []filetext.Member, string) {
		text, inside, code := read(content)
		f.givenUp = f.givenUp || set.conn.life.Err() != nil
		set.conn.rearm()
		return text, inside, code
	}
}

func (set *batch) wants(uid uint32) bool {
	_, asked := slices.BinarySearch(set.uids, uid)
	return asked && set.got[uid] == nil
}

// take keeps a message that came whole: its UID was asked for, its flags are told.
func (set *batch) take(f *fetched, body bool) {
	if !set.wants(f.uid) {
		return
	}
	set.seen = true
	switch {
	case !body || !f.hasFlag:
	case set.headers():
		f.mail = f.reader.CloseHeader(f.read < headerSize)
		f.reader = nil
		set.got[f.uid] = f
	case f.read < prefixSize:
		if f.finish(true); !f.givenUp {
			set.got[f.uid] = f
		}
	default:
		for _, other := range set.long {
			if other.uid == f.uid {
				return // a second answer
			}
		}
		f.spent = f.read
		set.long = append(set.long, f)
	}
}

// foresee begins the FETCH of what will be asked for next, unless the beginning
// of it is there.
func (s *Source) foresee(b box, next []entry) {
	next = next[:min(len(next), maxAhead)]
	if len(next) == 0 {
		s.ahead = nil
		return
	}
	if s.ahead != nil && s.ahead.holds(next[0].uid) {
		return
	}
	// An error shows at the next command, and the messages are asked for again.
	s.ahead, _ = s.launch(b, next, s.need())
}

func (set *batch) holds(uid uint32) bool {
	return set.got[uid] != nil || slices.ContainsFunc(set.long, func(f *fetched) bool { return f.uid == uid })
}
