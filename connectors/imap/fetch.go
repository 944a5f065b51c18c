package imap

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"chancery/internal/mime"
	"chancery/internal/model"
)

const (
	prefixSize = 64 << 10  // of every message, in one command for many
	headerSize = 512 << 10 // of every message of which only the header is read
	chunkSize  = 4 << 20   // of the rest of a long one
	maxBody    = 50 << 20  // octets of one message that are ever read
	maxAhead   = 250       // messages fetched before they are asked for
)

// needAll is the Need of whoever does not say what it looks at.
var needAll = model.Need{Text: true, Files: true}

// fetched is what a FETCH told of one message.
type fetched struct {
	uid     uint32
	flags   model.Flags
	arrived time.Time
	modseq  uint64
	size    int64       // RFC822.SIZE; 0 if not told
	id      model.Ident // the server's identity; "" if it has none
	read    int64       // octets of the body up to where it has been read or skipped
	reader  *mime.Reader
	hasFlag bool
	mail    model.Mail
	fault   string // why it could not be read

	spent   int64  // octets of the body that came over the wire
	shape   *piece // its BODYSTRUCTURE; nil: not known
	step    int64  // octets asked for last, where a jump may be near
	givenUp bool   // the connection ended before a file was read: it is fetched again
	behind  bool   // its reader holds octets of a response that was not taken
}

// gather fetches messages whatever the server does with some of them. A FETCH
// that ended OK proves nothing: what is missing is asked for again, then in
// halves, on fresh connections if the old one died, down to the one message that
// cannot be read. Messages that are gone are not in the result.
//
// ahead are the messages that the caller will ask for next, in the same mailbox:
// their FETCH is begun and left in the air, so that the server works while the
// caller does. Every other command waits for it first; the next gather takes what
// it brought, if it asks for it.
func (s *Source) gather(ctx context.Context, b box, want []entry, ahead ...entry) (map[uint32]*fetched, error) {
	got := make(map[uint32]*fetched, len(want))
	if err := s.collect(b, want, got); err != nil && ctx.Err() != nil {
		return got, err
	}
	if err := s.fetchAll(ctx, b, want, got, true); err != nil {
		return got, err
	}
	s.foresee(b, ahead)
	return got, nil
}

// need is what the rules look at now.
func (s *Source) need() model.Need {
	if s.o.Need == nil {
		return needAll
	}
	return s.o.Need()
}

func (s *Source) fetchAll(ctx context.Context, b box, want []entry, got map[uint32]*fetched, again bool) error {
	want = slices.DeleteFunc(slices.Clone(want), func(e entry) bool { return got[e.uid] != nil })
	if len(want) == 0 {
		return nil
	}
	err := s.fetch(b, want, got)
	_, refused := asRefusal(err)
	if err != nil && !refused {
		if ctx.Err() != nil || s.round == nil || s.round.redials == 0 {
			return err
		}
		s.round.redials--
		if err := s.connect(ctx); err != nil {
			return err
		}
	}
	want = slices.DeleteFunc(want, func(e entry) bool { return got[e.uid] != nil })
	switch {
	case len(want) == 0:
		return nil
	case again:
		return s.fetchAll(ctx, b, want, got, false)
	case len(want) > 1:
		half := len(want) / 2
		if err := s.fetchAll(ctx, b, want[:half], got, false); err != nil {
			return err
		}
		return s.fetchAll(ctx, b, want[half:], got, false)
	case err != nil && !refused:
		got[want[0].uid] = &fetched{uid: want[0].uid, fault: "fetch-cut"}
		return nil
	}
	return s.alone(b, want[0], got)
}

// fetch runs one FETCH for many messages, then reads on in those that are longer.
func (s *Source) fetch(b box, want []entry, got map[uint32]*fetched) error {
	set, err := s.launch(b, want, s.need())
	if err != nil {
		return err
	}
	_, err = set.flight.wait()
	for uid, f := range set.got {
		got[uid] = f
	}
	if _, refused := asRefusal(err); err != nil && !refused {
		return err
	}
	if err := s.readOn(set.long, got); err != nil {
		return err
	}
	return err
}

// alone fetches one message with no items but those that are needed. What cannot
// be read becomes a fault.
func (s *Source) alone(b box, e entry, got map[uint32]*fetched) error {
	set, err := s.prepare(b, []entry{e}, s.need())
	if err != nil {
		return err
	}
	set.bare = true
	set.begin(s)
	_, err = set.flight.wait()
	_, refused := asRefusal(err)
	if err == nil {
		err = s.readOn(set.long, set.got)
	}
	switch f := set.got[e.uid]; {
	case err != nil && !refused:
		return err
	case f != nil:
		got[e.uid] = f
	case refused:
		got[e.uid] = &fetched{uid: e.uid, fault: "fetch-refused"}
	case set.seen:
		got[e.uid] = &fetched{uid: e.uid, fault: "fetch-missing"}
	default:
		left, err := s.entries(fmt.Sprint(e.uid), e.uid, e.uid)
		if _, refused := asRefusal(err); err != nil && !refused {
			return err
		}
		if len(left) > 0 {
			got[e.uid] = &fetched{uid: e.uid, fault: "fetch-missing"}
		}
	}
	return nil
}

// finish ends the reading of a message.
func (f *fetched) finish(whole bool) {
	f.mail = f.reader.Close(whole)
	f.reader, f.shape = nil, nil
}

// part fetches octets of one message of the selected mailbox into w. It returns
// what the server told, nil if there was no body; spoilt tells that octets were
// written that belong to no whole response.
func (s *Source) part(uid uint32, items string, offset, size int64, w io.Writer) (told *fetched, spoilt bool, err error) {
	opened := false
	x := &bodies{section: "BODY[]", offset: offset, limit: size}
	x.open = func(*fetched) io.Writer {
		if opened {
			return nil // a second answer
		}
		opened = true
		return w
	}
	x.take = func(f *fetched, body bool) {
		if body && f.uid == uid {
			told = f
		}
	}
	k := cmd("UID FETCH %d (UID%s BODY.PEEK[]<%d.%d>)", uid, items, offset, size)
	_, err = s.c.begin(longTimeout, k, &exchange{bodies: x}).wait()
	return told, opened && told == nil, err
}
