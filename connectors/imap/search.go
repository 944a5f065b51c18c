package imap

import "slices"

// maxSearched is how many messages of a mailbox a SEARCH is asked for: its answer
// is one line.
const maxSearched = 90_000

// maxFetched bounds how many UIDs are taken from one answer.
const maxFetched = 5_000_000

// uids lists the UIDs from lo to hi that are there. SEARCH is the shortest way,
// but some servers answer it with nothing, or with less than there is: then it is
// not believed, and FETCH is asked. least is how many there must be.
func (s *Source) uids(lo, hi uint32, least uint64) (uidset, error) {
	if lo > hi || s.sel.exists == 0 {
		return nil, nil
	}
	if !s.blind && s.sel.exists <= maxSearched {
		found, ok, err := s.searchOnce(lo, hi)
		if err != nil || ok && len(found) > 0 && found.size() >= least {
			return found, err
		}
		all, err := s.fetchUIDs(lo, hi)
		s.blind = err == nil && all.size() > found.size()
		return all.union(found), err
	}
	return s.fetchUIDs(lo, hi)
}

// searchOnce runs UID SEARCH (RFC 9051 section 6.4.4). "UID 1:n" and not "ALL",
// which iCloud answers wrongly. ok is false if there was no answer to read.
func (s *Source) searchOnce(lo, hi uint32) (_ uidset, ok bool, _ error) {
	ret := ""
	if s.c.caps["ESEARCH"] {
		ret = " RETURN (ALL)" // RFC 4731 section 3.1
	}
	var spans []span
	_, err := s.c.do(longTimeout, cmd("UID SEARCH%s UID %d:%d", ret, lo, hi), func(response []byte) {
		_, kind, rest, _ := untagged(response)
		if kind != "SEARCH" && kind != "ESEARCH" {
			return
		}
		values, err := rest.values()
		if err != nil {
			return
		}
		ok = true
		for i, v := range values {
			switch {
			case kind == "SEARCH" && v.number() > 0 && v.number() < 1<<32 && len(spans) < maxFetched:
				spans = append(spans, span{uint32(v.number()), uint32(v.number())})
			case kind == "ESEARCH" && v.s == "ALL" && i+1 < len(values):
				set, readable := readSet(values[i+1].s)
				spans, ok = append(spans, set...), ok && readable
			}
		}
	})
	if _, refused := asRefusal(err); refused {
		return nil, false, nil
	}
	return tidySpans(spans).clip(lo, hi), ok, err
}

// fetchUIDs lists UIDs the long way.
func (s *Source) fetchUIDs(lo, hi uint32) (uidset, error) {
	var uids []uint32
	_, err := s.c.do(longTimeout, cmd("UID FETCH %d:%d (UID)", lo, hi), func(response []byte) {
		if uid := fetchItems(response)["UID"].number(); uid > 0 && uid < 1<<32 && len(uids) < maxFetched {
			uids = append(uids, uint32(uid))
		}
	})
	if _, refused := asRefusal(err); refused {
		err = nil // there is nothing, and some servers say so
	}
	return setOf(uids).clip(lo, hi), err
}

// listUnread finds out which members of Todo are there, and once for each mailbox
// all that is there. Where every UID must be taken, because there are as many
// messages as UIDs, nothing is asked.
func (s *Source) listUnread(st *stop) error {
	if err := s.enterStop(st); err != nil || st.skip {
		return err
	}
	p, there := st.p, uint64(st.status.messages)
	st.listed = true
	if !p.Listed {
		all := oneSpan(1, p.Next-1)
		if there < all.size() {
			var err error
			if all, err = s.uids(1, p.Next-1, there); err != nil {
				return err
			}
		}
		p.Known, p.Listed = all, true
		st.unread = all.both(p.Todo)
		return nil
	}
	if len(p.Todo) == 0 {
		st.unread = nil
		return nil
	}
	news := oneSpan(st.fresh, p.Next-1)
	before := p.Known.clip(1, st.fresh-1).minus(st.vanished).size()
	if slices.Equal(news, p.Todo) && !p.Rough && there == before+news.size() {
		st.unread, p.Known = news, p.Known.union(news)
		return nil
	}
	lo, least := p.Todo[0].lo, uint64(0)
	if below := p.Known.clip(1, lo-1).minus(st.vanished).size(); !p.Rough && there > below {
		least = there - below
	}
	found, err := s.uids(lo, p.Next-1, least)
	if err != nil {
		return err
	}
	st.unread = found.both(p.Todo)
	p.Known = p.Known.minus(p.Todo).union(st.unread)
	return nil
}
