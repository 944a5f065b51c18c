package imap

import (
	"io"
	"slices"

	"chancery/internal/mime"
)

const (
	skipFrom = 512 << 10 // a rest that is shorter is read rather than skipped
	skipLeft = 256 << 10 // a jump that saves less is not worth its round trip
	landSize = 128 << 10 // read behind a jump: the next header and the head of the next file
	landPad  = 64        // a jump ends so far before the end of the part
	maxRests = 40        // messages whose rests are in memory together
	landView = 1200      // of what is there, enough for the longest delimiter line
)

// readOn reads what is needed of messages of which the prefix is read, and puts
// those that are complete into got. Several short rests come in one command.
func (s *Source) readOn(long []*fetched, got map[uint32]*fetched) error {
	for _, f := range long {
		f.settle()
	}
	short := slices.DeleteFunc(slices.Clone(long), func(f *fetched) bool {
		return f.reader == nil || f.size <= f.read || f.size-f.read >= skipFrom
	})
	for part := range slices.Chunk(short, maxRests) {
		if len(part) < 2 {
			break
		}
		if err := s.readRests(part); err != nil {
			return err
		}
	}
	if err := s.askShapes(long); err != nil {
		return err
	}
	for _, f := range long {
		for f.reader != nil && !f.behind {
			if err := s.readMore(f); err != nil {
				return err
			}
		}
		if !f.behind && !f.givenUp {
			got[f.uid] = f
		}
	}
	return nil
}

// settle ends a message of which nothing more is needed.
func (f *fetched) settle() {
	if f.reader == nil || !f.reader.Over() {
		return
	}
	f.reader.Skip(f.size - f.read)
	f.finish(true)
}

// readRests reads the rests of messages that are cut at the same octet.
func (s *Source) readRests(short []*fetched) error {
	byUID := make(map[uint32]*fetched, len(short))
	uids := make([]uint32, 0, len(short))
	for _, f := range short {
		byUID[f.uid] = f
		uids = append(uids, f.uid)
	}
	slices.Sort(uids)
	x := &bodies{section: "BODY[]", offset: prefixSize, limit: skipFrom}
	x.open = func(now *fetched) io.Writer {
		f := byUID[now.uid]
		if f == nil || f.behind || f.read > prefixSize {
			return nil // without its UID it is read alone
		}
		f.behind = true
		return f.reader
	}
	x.take = func(now *fetched, body bool) {
		if f := byUID[now.uid]; f != nil && body {
			f.behind = false
			f.grow(now.read, skipFrom)
		}
	}
	k := cmd("UID FETCH %s (UID BODY.PEEK[]<%d.%d>)", formatSet(uids), prefixSize, skipFrom)
	_, err := s.c.begin(longTimeout, k, &exchange{bodies: x}).wait()
	if _, refused := asRefusal(err); refused {
		return nil // each for itself
	}
	return err
}

// grow notes that n octets were read where asked could have come.
func (f *fetched) grow(n, asked int64) {
	f.read += n
	f.spent += n
	if n < asked {
		f.finish(true)
		return
	}
	f.settle()
}

// askShapes asks for the structure of all messages that are worth a jump.
func (s *Source) askShapes(long []*fetched) error {
	byUID := map[uint32]*fetched{}
	var uids []uint32
	for _, f := range long {
		if f.reader != nil && !f.behind && f.size-f.read >= skipFrom {
			byUID[f.uid] = f
			uids = append(uids, f.uid)
		}
	}
	if len(uids) == 0 || s.noShapes {
		return nil
	}
	slices.Sort(uids)
	_, err := s.c.do(longTimeout, cmd("UID FETCH %s (UID BODYSTRUCTURE)", formatSet(uids)), func(response []byte) {
		uid, raw := structureOf(response)
		if f := byUID[uid]; f != nil && raw != nil {
			f.shape, _ = describe(raw)
		}
	})
	if err != nil {
		// Some servers stumble over the structure of odd mail. Without it everything
		// is read, only slower.
		s.noShapes = true
	}
	if _, refused := asRefusal(err); refused {
		return nil
	}
	return err
}

// structureOf finds UID and structure in a FETCH response.
func structureOf(response []byte) (uid uint32, raw []byte) {
	at := fetchHead(response)
	if at < 0 {
		return 0, nil
	}
	r := &outline{scanner: scanner{b: response, i: at}}
	var upper [64]byte
	for {
		r.spaces()
		name := r.item(upper[:])
		if len(name) == 0 {
			return uid, raw
		}
		r.spaces()
		from := r.i
		if r.over() != nil {
			return 0, nil
		}
		switch string(name) {
		case "UID":
			n, _ := digits(r.b[from:r.i])
			uid = uint32(min(n, 1<<32-1))
		case "BODYSTRUCTURE":
			raw = r.b[from:r.i]
		}
	}
}

// readMore takes the next step in a long message: a jump where that saves reading,
// else the next octets.
func (s *Source) readMore(f *fetched) error {
	if f.spent >= maxBody {
		f.finish(false)
		return nil
	}
	if to, ok := f.jump(); ok {
		landed, err := s.jump(f, to)
		if landed || err != nil {
			return err
		}
		f.shape = nil // it does not describe what we read
	}
	size := int64(chunkSize)
	if f.shape != nil {
		// It may be able to jump soon.
		f.step = min(max(2*f.step, landSize), chunkSize)
		if size = f.step; f.size-f.read < skipFrom {
			size = skipFrom
		}
	}
	return s.readChunk(f, min(size, maxBody-f.spent))
}

func (s *Source) readChunk(f *fetched, size int64) error {
	told, spoilt, err := s.part(f.uid, "", f.read, size, f.reader)
	switch {
	case err != nil:
		return err
	case spoilt:
		f.behind = true
	case told == nil:
		// NIL at the end, or expunged in between.
		f.finish(f.read >= f.size)
	default:
		f.grow(told.read, size)
	}
	return nil
}

// jump tells where the part ends in which nothing more is kept.
func (f *fetched) jump() (to int64, ok bool) {
	place, idle := f.reader.Idle()
	if !idle || f.shape == nil {
		return 0, false
	}
	p := f.shape.at(place.Path)
	if p == nil || p.octets < 0 || place.From < 0 {
		f.shape = nil
		return 0, false
	}
	to = place.From + p.octets - landPad
	return to, to-f.read >= skipLeft
}

// jump reads on at octet to, if what stands there proves that only content of the
// part was left out.
func (s *Source) jump(f *fetched, to int64) (landed bool, err error) {
	l := &landing{reader: f.reader, over: to - f.read}
	told, spoilt, err := s.part(f.uid, "", to, landSize, l)
	if err != nil {
		return false, err
	}
	if told == nil && !spoilt {
		return false, nil
	}
	l.decide()
	switch {
	case !l.landed:
		return false, nil
	case spoilt:
		f.behind = true
		return true, nil
	}
	f.read, f.step = to, 0
	f.grow(told.read, landSize)
	return true, nil
}

// landing is where a jump comes down: it looks at the first octets before it
// gives any to the reader.
type landing struct {
	reader  *mime.Reader
	over    int64 // octets left out
	view    []byte
	decided bool
	landed  bool
}

func (l *landing) Write(p []byte) (int, error) {
	if l.decided {
		if l.landed {
			_, _ = l.reader.Write(p)
		}
		return len(p), nil
	}
	if l.view = append(l.view, p...); len(l.view) >= landView {
		l.decide()
	}
	return len(p), nil
}

// decide looks for the delimiter that must stand near the beginning.
func (l *landing) decide() {
	if l.decided {
		return
	}
	l.decided = true
	view := l.view
	l.view = nil
	// Some servers count the line end before the delimiter, which is not content
	// (RFC 2046 section 5.1.1).
	for _, at := range []int{landPad, landPad - 2} {
		if at <= len(view) && l.reader.Delimits(view[at:]) {
			l.landed = true
			l.reader.Skip(l.over)
			_, _ = l.reader.Write(view)
			return
		}
	}
}
