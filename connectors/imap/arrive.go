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

// maxListed bounds the messages of one survey; the lowest UIDs are kept.
const maxListed = 10_000

// entry is a message as the listing shows it.
type entry struct {
	uid  uint32
	size int64
	id   model.Ident // the server's identity; "" if it has none
}

// unseen returns the members of Todo that read is after.
func (st *stop) unseen(fresh bool) uidset {
	if st.p == nil || len(st.p.Todo) == 0 {
		return nil
	}
	if fresh {
		return st.p.Todo.clip(st.fresh, 1<<32-1)
	}
	return st.p.Todo
}

// arrivals reads the newest messages of a mailbox that are still to be read, as
// many as one FETCH takes and as there is room for, and moves its place on. No change means that there was
// nothing where something might have been.
func (s *Source) arrivals(ctx context.Context, st *stop, fresh bool, room int) ([]model.Change, error) {
	if err := s.enterStop(st); err != nil || st.skip {
		return nil, err
	}
	p := st.p
	if !st.listed {
		if err := s.listUnread(st); err != nil || st.skip {
			return nil, err
		}
	}
	from := uint32(1)
	if fresh {
		from = st.fresh
	}
	want := st.unread.clip(from, 1<<32-1)
	set := want.last(min(s.o.Batch, room))
	if len(set) == 0 {
		p.Todo = p.Todo.clip(1, from-1)
		p.relisted()
		return nil, nil
	}
	part, ahead := entriesOf(set), want.minus(set).last(s.o.Batch)
	got, err := s.gather(ctx, st.box, part, entriesOf(ahead)...)
	if err != nil {
		return nil, err
	}
	if s.verify(st); st.skip {
		return nil, nil
	}
	st.busy = true
	changes := make([]model.Change, 0, len(part))
	var missing []uint32
	for _, e := range part {
		if f := got[e.uid]; f != nil {
			changes = append(changes, s.arrived(st.box, p, e, f))
		} else {
			missing = append(missing, e.uid)
		}
	}
	st.unread = st.unread.minus(set)
	p.Known = p.Known.minus(setOf(missing))
	p.Todo = p.Todo.clip(1, set[0].lo-1)
	if len(ahead) == 0 {
		p.Todo = p.Todo.clip(1, from-1)
	}
	p.relisted()
	return changes, nil
}

// relisted forgets that the mailbox is listed anew when that is done.
func (p *place) relisted() {
	if p.Relist > 0 && p.Next >= p.Relist && len(p.Todo.clip(1, p.Relist-1)) == 0 {
		p.Relist, p.Since = 0, 0
	}
}

func entriesOf(set uidset) []entry {
	var out []entry
	for _, u := range set.list() {
		out = append(out, entry{uid: u})
	}
	return out
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
		return model.Change{Op: model.Unreadable, Ident: cmp.Or(f.id, e.id), Fault: &model.Fault{Code: f.fault}, Ref: s.ref(b, p.Validity, f)}
	}
	m := s.message(b, p.Validity, e, f)
	if f.modseq == 0 {
		s.noted(b, p.Validity, f)
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
	size := cmp.Or(f.size, e.size, f.read)
	id := cmp.Or(f.id, e.id)
	if id == "" {
		id = mime.Ident(f.mail, size)
	}
	return &model.Message{
		Ref: s.ref(b, validity, f), Ident: id, Flags: f.flags, Arrived: f.arrived, Size: size,
		Own: s.wrote(f.mail, f.flags), Body: model.Hide(f.mail),
	}
}
