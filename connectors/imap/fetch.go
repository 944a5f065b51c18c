package imap

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"chancery/internal/mime"
	"chancery/internal/model"
)

const (
	prefixSize = 256 << 10 // of every message, in one command for many
	chunkSize  = 4 << 20   // of the rest of a long one
	maxBody    = 50 << 20  // more of a message is never read
)

// fetched is what a FETCH told of one message.
type fetched struct {
	uid     uint32
	flags   model.Flags
	arrived time.Time
	modseq  uint64
	size    int64
	read    int64 // octets of the body
	reader  *mime.Reader
	sink    io.Writer // where the body goes
	hasFlag bool
	mail    model.Mail
	fault   string // why it could not be read
}

// gather fetches messages whatever the server does with some of them. A FETCH
// that ended OK proves nothing: what is missing is asked for again, then in
// halves, on fresh connections if the old one died, down to the one message that
// cannot be read. Messages that are gone are not in the result.
func (s *Source) gather(ctx context.Context, b box, want []entry) (map[uint32]*fetched, error) {
	got := make(map[uint32]*fetched, len(want))
	return got, s.fetchAll(ctx, b, want, got, true)
}

func (s *Source) fetchAll(ctx context.Context, b box, want []entry, got map[uint32]*fetched, again bool) error {
	want = slices.DeleteFunc(slices.Clone(want), func(e entry) bool { return got[e.uid] != nil })
	if len(want) == 0 {
		return nil
	}
	err := s.stream(b, want, got)
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

// stream runs one FETCH for many messages, each body written into its Reader as
// it comes, then reads on in those that are longer.
func (s *Source) stream(b box, want []entry, got map[uint32]*fetched) error {
	if err := s.enterBox(b, false); err != nil {
		return err
	}
	uids := make([]goimap.UID, 0, len(want))
	for _, e := range want {
		uids = append(uids, goimap.UID(e.uid))
	}
	options := fetchOptions(0, prefixSize)
	options.Flags, options.InternalDate, options.RFC822Size = true, true, true
	options.ModSeq = s.c.caps["CONDSTORE"] && s.sel.modseq > 0
	var long []*fetched
	err := s.fetch(goimap.UIDSetNum(uids...), options, func(f *fetched) {
		if !f.hasFlag {
			return
		}
		if f.read == prefixSize {
			long = append(long, f)
			return
		}
		f.finish(true)
		got[f.uid] = f
	})
	if err != nil {
		return err
	}
	for _, f := range long {
		if err := s.readOn(f); err != nil {
			return err
		}
		got[f.uid] = f
	}
	return nil
}

func fetchOptions(offset, size int64) *goimap.FetchOptions {
	return &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{{
		Peek: true, Partial: &goimap.SectionPartial{Offset: offset, Size: size},
	}}}
}

// readOn reads the rest of a long message.
func (s *Source) readOn(f *fetched) error {
	for f.read < maxBody {
		before, size := f.read, min(chunkSize, maxBody-f.read)
		found := false
		err := s.fetchInto(f, goimap.UIDSetNum(goimap.UID(f.uid)), fetchOptions(f.read, size), func(*fetched) { found = true })
		if err != nil {
			return err
		}
		if !found {
			// NIL at the end, or expunged in between.
			f.finish(f.read >= f.size)
			return nil
		}
		if f.read-before < size {
			f.finish(true)
			return nil
		}
	}
	f.finish(false)
	return nil
}

func readable(uid uint32) *fetched {
	r := mime.NewReader()
	return &fetched{uid: uid, reader: r, sink: r}
}

func (f *fetched) finish(whole bool) {
	f.mail = f.reader.Close(whole)
	f.reader, f.sink = nil, nil
}

func (s *Source) fetch(set goimap.UIDSet, options *goimap.FetchOptions, each func(*fetched)) error {
	return s.fetchInto(nil, set, options, each)
}

// fetchInto runs a FETCH of one body part per message. each is called for every
// message whose body came whole. With into, the body goes on in that message.
func (s *Source) fetchInto(into *fetched, set goimap.UIDSet, options *goimap.FetchOptions, each func(*fetched)) error {
	s.c.bodyMax.Store(options.BodySection[0].Partial.Size)
	defer s.c.bodyMax.Store(0)
	buffer := make([]byte, 32<<10)
	return s.c.library(longTimeout, func(client *imapclient.Client) error {
		command := client.Fetch(set, options)
		for m := command.Next(); m != nil; m = command.Next() {
			f := into
			if f == nil {
				f = readable(0)
			}
			if f.take(m, buffer) && !s.c.torn.Load() {
				each(f)
			}
		}
		return command.Close()
	})
}

// take reads the items of one FETCH response. It reports whether the body was
// there and came whole.
func (f *fetched) take(m *imapclient.FetchMessageData, buffer []byte) bool {
	whole := false
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			f.uid = uint32(item.UID)
		case imapclient.FetchItemDataFlags:
			f.hasFlag = true
			f.flags = make(model.Flags, 0, len(item.Flags))
			for _, flag := range item.Flags {
				f.flags = append(f.flags, string(flag))
			}
		case imapclient.FetchItemDataInternalDate:
			f.arrived = item.Time
		case imapclient.FetchItemDataRFC822Size:
			f.size = item.Size
		case imapclient.FetchItemDataModSeq:
			f.modseq = item.ModSeq
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			n, err := io.CopyBuffer(f.sink, item.Literal, buffer)
			f.read += n
			whole = err == nil && n == item.Literal.Size()
		}
	}
	return whole && f.uid != 0
}

// alone fetches one message without the library: responses in an order that it
// drops are readable too. What still cannot be read becomes a fault.
func (s *Source) alone(b box, e entry, got map[uint32]*fetched) error {
	if err := s.enterBox(b, false); err != nil {
		return err
	}
	var found bool
	var f *fetched
	k := cmd("UID FETCH %d (UID FLAGS INTERNALDATE BODY.PEEK[]<0.%d>)", e.uid, prefixSize)
	_, err := s.c.do(longTimeout, k, func(response []byte) {
		items := fetchItems(response)
		if uint32(items["UID"].number()) != e.uid {
			return
		}
		found = true
		body, ok := items["BODY[]<0>"]
		if !ok || body.kind != 's' {
			return
		}
		f = readable(e.uid)
		f.flags, f.arrived = flagsOf(items["FLAGS"]), parseDate(items["INTERNALDATE"].s)
		n, _ := f.reader.Write([]byte(body.s))
		f.read = int64(n)
	})
	_, refused := asRefusal(err)
	switch {
	case err != nil && !refused:
		return err
	case refused:
		got[e.uid] = &fetched{uid: e.uid, fault: "fetch-refused"}
	case f == nil && found:
		got[e.uid] = &fetched{uid: e.uid, fault: "fetch-missing"}
	case f == nil:
		left, err := s.entries(fmt.Sprint(e.uid), e.uid, e.uid)
		if _, refused := asRefusal(err); err != nil && !refused {
			return err
		}
		if len(left) > 0 {
			got[e.uid] = &fetched{uid: e.uid, fault: "fetch-missing"}
		}
	default:
		f.finish(f.read < prefixSize)
		got[e.uid] = f
	}
	return nil
}
