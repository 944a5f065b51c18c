package imap

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"chancery/internal/mime"
	"chancery/internal/model"
)

// Bounds of how many UIDs one listing may span. UIDs may have large gaps: an
// empty span makes the next one wider.
const (
	firstWindow = 2_000
	maxListed   = 10_000 // messages of one listing; the lowest UIDs are kept
)

// entry is a message as the listing shows it.
type entry struct {
	uid  uint32
	size int64
	id   model.Ident // the server's identity; "" if it has none
}

// arrivals reports the next messages of a mailbox, bounded in number and size,
// and moves its place on. No change means that there was nothing in a span.
func (s *Source) arrivals(ctx context.Context, st *stop, p *place) ([]model.Change, error) {
	if err := s.enterStop(st, p); err != nil || st.skip {
		return nil, err
	}
	if p.Next >= st.status.next {
		return nil, nil // it turned out to be another mailbox
	}
	if p.Bound == 0 {
		p.Bound, p.Target = p.Next, st.status.modseq
	}
	if len(st.known) == 0 || st.known[0].uid < p.Next {
		if err := s.look(st, p.Next); err != nil {
			return nil, err
		}
	}
	if len(st.known) == 0 {
		p.Next = st.upTo
		return nil, nil
	}
	n, size := 0, int64(0)
	for n < len(st.known) && n < s.o.Batch && (n == 0 || size+st.known[n].size <= maxBatchSize) {
		size += st.known[n].size
		n++
	}
	part := st.known[:n]
	got, err := s.gather(ctx, st.box, part, st.known[n:]...)
	if err != nil {
		return nil, err
	}
	changes := make([]model.Change, 0, n)
	for _, e := range part {
		if f := got[e.uid]; f != nil {
			changes = append(changes, s.arrived(st.box, p, e, f))
		}
	}
	st.known = st.known[n:]
	if p.Next = st.upTo; len(st.known) > 0 {
		p.Next = st.known[0].uid
	}
	if p.Next >= p.Relist {
		p.Relist, p.Since = 0, 0
	}
	return changes, nil
}

// look lists the messages from a UID on.
func (s *Source) look(st *stop, from uint32) error {
	if st.window == 0 {
		st.window = firstWindow
	}
	to := st.status.next - 1
	if to-from >= st.window {
		to = from + st.window - 1
	}
	known, err := s.survey(from, to)
	if err != nil {
		return err
	}
	st.known, st.upTo = known, to+1
	switch {
	case len(known) > maxListed:
		st.known, st.upTo = known[:maxListed], known[maxListed].uid
	case len(known) > 0:
		st.window = firstWindow
	case to+1 < st.status.next:
		// A gap. Its end may be far: is there anything at all?
		last, err := s.highest()
		if err != nil {
			return err
		}
		if last < from {
			st.upTo = st.status.next
		}
		st.window = uint32(min(8*int64(st.window), 1<<31))
	}
	return nil
}

// highest returns the UID of the last message; 0 if there is none.
func (s *Source) highest() (uint32, error) {
	var last uint32
	_, err := s.c.do(longTimeout, cmd("UID FETCH * (UID)"), func(response []byte) {
		last = max(last, uint32(fetchItems(response)["UID"].number()))
	})
	if _, refused := asRefusal(err); refused {
		err = nil // an empty mailbox has no "*"
	}
	return last, err
}

// survey lists size and identity of the messages in a span of UIDs, in order.
func (s *Source) survey(from, to uint32) ([]entry, error) {
	if err := s.probe(from); err != nil {
		return nil, err
	}
	return s.entries(fmt.Sprintf("%d:%d", from, to), from, to)
}

// entries is the one FETCH that the library could not read.
func (s *Source) entries(set string, from, to uint32) ([]entry, error) {
	var out []entry
	tidy := func() {
		slices.SortStableFunc(out, func(a, b entry) int { return cmp.Compare(a.uid, b.uid) })
		out = slices.CompactFunc(out, func(a, b entry) bool { return a.uid == b.uid })
		out = out[:min(len(out), maxListed+1)]
	}
	_, err := s.c.do(longTimeout, cmd("UID FETCH %s (UID RFC822.SIZE%s)", set, s.identItem()), func(response []byte) {
		items := fetchItems(response)
		if _, ok := items["RFC822.SIZE"]; !ok {
			return // unsolicited
		}
		// RFC 9051 section 6.4.9: a span beyond the last UID may mean the last message.
		e := entry{uid: uint32(items["UID"].number()), size: int64(items["RFC822.SIZE"].number()), id: s.identOf(items)}
		if e.uid < from || e.uid > to || e.size < 0 {
			return
		}
		if out = append(out, e); len(out) > 3*maxListed {
			tidy()
		}
	})
	tidy()
	return out, err
}

// fetchItems reads a FETCH response; nil if it is none or unreadable.
func fetchItems(response []byte) map[string]value {
	_, kind, rest, ok := untagged(response)
	if !ok || kind != "FETCH" {
		return nil
	}
	values, err := rest.values()
	if err != nil || len(values) != 1 {
		return nil
	}
	items := make(map[string]value, len(values[0].list)/2)
	for i := 0; i+1 < len(values[0].list); i += 2 {
		items[strings.ToUpper(values[0].list[i].s)] = values[0].list[i+1]
	}
	return items
}

// probe finds out once per connection how the server names its messages.
func (s *Source) probe(uid uint32) error {
	if s.probed {
		return nil
	}
	switch {
	case s.c.caps["OBJECTID"]:
		s.kind = "e:"
	case s.c.caps["X-GM-EXT-1"]:
		s.kind = "g:"
	default:
		// Dovecot does not advertise its X-GUID: ask.
		_, err := s.c.do(longTimeout, cmd("UID FETCH %d (X-GUID)", uid), nil)
		if _, refused := asRefusal(err); err != nil && !refused {
			return err
		}
		if err == nil {
			s.kind = "d:"
		}
	}
	s.probed = true
	return nil
}

func (s *Source) identItem() string {
	switch s.kind {
	case "e:":
		return " EMAILID" // RFC 8474 section 5.1
	case "g:":
		return " X-GM-MSGID"
	case "d:":
		return " X-GUID"
	}
	return ""
}

// identForm holds what may go back to the server in a SEARCH.
var identForm = regexp.MustCompile(`^[A-Za-z0-9._,=+-]{1,78}$`)

// identOf reads the server's identity of a message; "" if it gave none.
func (s *Source) identOf(items map[string]value) model.Ident {
	var id string
	switch s.kind {
	case "e:":
		if l := items["EMAILID"].list; len(l) == 1 {
			id = l[0].s
		}
	case "g:":
		id = items["X-GM-MSGID"].s
	case "d:":
		id = items["X-GUID"].s
	}
	if !identForm.MatchString(id) {
		return ""
	}
	return model.Ident(s.kind + id)
}

// arrived makes the change for one fetched message.
func (s *Source) arrived(b box, p *place, e entry, f *fetched) model.Change {
	if f.fault != "" {
		return model.Change{Op: model.Unreadable, Ident: e.id, Fault: &model.Fault{Code: f.fault}, Ref: s.ref(b, p.Validity, f)}
	}
	m := s.message(b, p.Validity, e, f)
	if f.modseq == 0 {
		s.recall(b, p.Validity)[e.uid] = flagWords(f.flags)
	}
	m.Old = !s.o.Since.IsZero() && !m.Arrived.IsZero() && m.Arrived.Before(s.o.Since)
	if e.uid < p.Relist {
		m.Old = m.Old || m.Arrived.Unix() < p.Since
	}
	return model.Change{Op: model.Put, Ref: m.Ref, Ident: m.Ident, Message: m}
}

func (s *Source) ref(b box, validity uint32, f *fetched) model.Ref {
	r := model.Ref{Source: s.o.Source, Mailbox: model.Name(b.name), UIDValidity: validity, UID: f.uid}
	if f.modseq > 0 {
		r.Version = fmt.Sprint(f.modseq)
	}
	return r
}

func (s *Source) message(b box, validity uint32, e entry, f *fetched) *model.Message {
	size := e.size
	if size == 0 {
		size = f.read
	}
	id := e.id
	if id == "" {
		id = mime.Ident(f.mail, size)
	}
	return &model.Message{
		Ref: s.ref(b, validity, f), Ident: id, Flags: f.flags, Arrived: f.arrived, Size: size,
		Own: s.own(f.mail), Body: model.Hide(f.mail),
	}
}
