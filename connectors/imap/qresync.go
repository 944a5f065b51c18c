package imap

import (
	"fmt"
	"strings"
)

// resync is what a server with QRESYNC tells together with SELECT.
type resync struct {
	told     bool
	vanished uidset
	touched  []uint32 // whose flags changed
	flood    bool     // there were too many of them to keep
}

// enable asks for QRESYNC (RFC 7162 section 3.2.3) on a fresh connection.
func (s *Source) enable() error {
	s.resyncs = false
	if !s.c.caps["QRESYNC"] || !s.c.caps["ENABLE"] {
		return nil
	}
	_, err := s.c.do(longTimeout, cmd("ENABLE QRESYNC"), func(response []byte) {
		if _, kind, rest, _ := untagged(response); kind == "ENABLED" {
			values, _ := rest.values()
			for _, v := range values {
				s.resyncs = s.resyncs || strings.EqualFold(v.s, "QRESYNC")
			}
		}
	})
	if _, refused := asRefusal(err); refused {
		return nil
	}
	return err
}

// enterAnew selects the mailbox of a stop even if it is selected already, and
// takes its status from the answer. Where the server can, the answer also tells
// what vanished and what changed since the place was left: one round trip for
// everything that happened.
func (s *Source) enterAnew(st *stop) error {
	s.sel = selected{}
	st.resync = resync{}
	p := st.p
	if p == nil || !s.resyncs || p.Gones == 0 || p.Validity == 0 || p.Next <= 1 {
		if err := s.enterBox(st.box, false); err != nil {
			return err
		}
	} else if err := s.enterResync(st); err != nil {
		return err
	}
	st.entered, st.counted = true, false
	st.status = status{messages: s.sel.exists, next: s.sel.next, validity: s.sel.validity, modseq: s.sel.modseq}
	st.told = st.told && p.Validity == s.sel.validity && s.sel.modseq >= p.Gones
	return nil
}

// enterResync is SELECT with the QRESYNC parameter (RFC 7162 section 3.2.5).
func (s *Source) enterResync(st *stop) error {
	p := st.p
	var got resync
	var spans []span
	readable := true
	each := func(kind string, response []byte, rest *scanner) {
		switch kind {
		case "OK":
			if condition(kind, response[min(rest.i, len(response)):]).code == "CLOSED" {
				// RFC 7162 section 3.2.11: what came before was said of another mailbox.
				got, spans, readable = resync{}, nil, true
			}
		case "VANISHED":
			set, earlier, ok := vanishedIn(rest)
			switch {
			case !ok || len(spans)+len(set) > maxSpans:
				readable = false
			case earlier:
				spans = append(spans, set...)
			}
		case "FETCH":
			uid := uint32(fetchItems(response)["UID"].number())
			if got.flood = got.flood || len(got.touched) >= 4*maxChanged; uid > 0 && !got.flood {
				got.touched = append(got.touched, uid)
			}
		}
	}
	since := min(p.Gones, p.Modseq)
	if since == 0 {
		since = p.Gones
	}
	param := fmt.Sprintf(" (QRESYNC (%d %d 1:%d))", p.Validity, since, p.Next-1)
	err := s.selectBox(st.box, s.verb(), param, each)
	if _, refused := asRefusal(err); refused {
		if err := s.enterBox(st.box, false); err != nil {
			return err
		}
		s.resyncs = false // advertised, and not taken: do without
		return nil
	}
	if err != nil {
		return err
	}
	st.resync = got
	st.told, st.vanished = readable && s.sel.modseq > 0, tidySpans(spans)
	return nil
}

// vanishedIn reads what follows VANISHED (RFC 7162 section 3.2.10).
func vanishedIn(rest *scanner) (_ uidset, earlier, ok bool) {
	values, err := rest.values()
	if err != nil || len(values) == 0 || len(values) > 2 {
		return nil, false, false
	}
	if len(values) == 2 {
		list := values[0].list
		if earlier = len(list) == 1 && strings.EqualFold(list[0].s, "EARLIER"); !earlier {
			return nil, false, false
		}
	}
	set, ok := readSet(values[len(values)-1].s)
	return set, earlier, ok
}
