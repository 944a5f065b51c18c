package imap

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"chancery/internal/model"
)

// maxTwins bounds how many messages of the same size and arrival are compared by
// their octets.
const maxTwins = 20

// provable reports whether a copy can be known without reading it.
func (s state) provable() bool { return s.id != "" || s.letter != "" }

// key is what a message and its copy have in common: the server's identity, which
// stands for the content, else Message-ID, size and arrival. RFC 9051 section
// 6.4.7: a copy keeps its INTERNALDATE.
func (s state) key() string {
	if s.id != "" {
		return string(s.id)
	}
	return s.place() + s.letter
}

// place is the part of key that every server shows.
func (s state) place() string { return fmt.Sprintf("%d %d ", s.size, s.arrived.Unix()) }

// twins finds copies that earlier tries left in the destination: by the server's
// identity, else by comparing octets and arrival, because here no COPY was
// answered that would say whose copy it is. Of messages with the same octets that
// arrived in the same second a crash may so leave one too few; within one process
// none.
func (s *Source) twins(from selected, to box, targets []target, claimed claims) ([]pair, error) {
	land := s.harbour(to)
	if err := s.enterBox(to, true); err != nil {
		return nil, err // without a look nothing may be copied
	}
	// A server that was killed may have lost the identity of what it had just copied;
	// without doubt about these very messages its word is good.
	nameless := s.kind == "" && !s.c.caps["MOVE"]
	floor, byOctets := uint32(1<<32-1), nameless
	for _, t := range targets {
		least := land.floor(t, s.sel.validity)
		floor, byOctets = min(floor, least), byOctets || least > 1
	}
	byIdent, byPlace := map[model.Ident][]state{}, map[string][]state{}
	each := func(one state) {
		if one.uid < floor {
			return
		}
		// Without UIDPLUS what was filed out of here is still here, marked \Deleted: it is
		// no copy, or a message that comes back would be marked so in both places.
		if one.flags.Has(`\Deleted`) && !s.c.caps["UIDPLUS"] {
			return
		}
		if one.id != "" {
			byIdent[one.id] = append(byIdent[one.id], one)
		}
		byPlace[one.place()] = append(byPlace[one.place()], one)
	}
	var err error
	ask := askFlags | askIdent
	if byOctets {
		ask |= askFile
	}
	if floor > 1 {
		err = nothingIfRefused(s.states("UID FETCH", fmt.Sprintf("%d:*", floor), ask, each))
	} else {
		err = s.latest(twinDepth, ask, each)
	}
	if err != nil {
		return nil, err
	}
	if land.validity != s.sel.validity {
		*land = harbour{validity: s.sel.validity, seen: land.seen}
	}
	land.looked = s.sel.next
	var pairs []pair
	var rest []target
	for _, t := range targets {
		if !t.open() {
			continue
		}
		least := land.floor(t, s.sel.validity)
		if i := s.unclaimed(to, byIdent[t.now.id], least, claimed); t.now.id != "" && i >= 0 {
			pairs = append(pairs, s.paired(to, t, byIdent[t.now.id][i], claimed))
		} else if nameless || least > 1 {
			rest = append(rest, t)
		}
	}
	more, err := s.twinsByOctets(from, to, rest, byPlace, claimed)
	if err != nil {
		return nil, err
	}
	return append(pairs, more...), nil
}

// unclaimed returns the index of the first message from a UID on that is no other
// message's copy.
func (s *Source) unclaimed(to box, list []state, least uint32, claimed claims) int {
	return slices.IndexFunc(list, func(one state) bool {
		return one.uid >= least && !claimed[s.refIn(to, model.Ref{UIDValidity: s.sel.validity, UID: one.uid})]
	})
}

// twinsByOctets compares messages with those of the same size and arrival.
func (s *Source) twinsByOctets(from selected, to box, targets []target, byPlace map[string][]state, claimed claims) ([]pair, error) {
	var pairs []pair
	for _, t := range targets {
		list := byPlace[t.now.place()]
		if len(list) == 0 {
			continue
		}
		if err := s.reenter(from); err != nil {
			return nil, err
		}
		want, err := s.digest(t.now.uid)
		if err != nil {
			return nil, err
		}
		if err := s.enterBox(to, true); err != nil {
			return nil, err
		}
		least := s.harbour(to).floor(t, s.sel.validity)
		slices.SortFunc(list, func(a, b state) int { return cmp.Compare(b.uid, a.uid) })
		for _, one := range list[:min(len(list), maxTwins)] {
			if s.unclaimed(to, []state{one}, least, claimed) < 0 {
				continue // too old, or the copy of another message with the same octets
			}
			have, err := s.digest(one.uid)
			if err != nil {
				return nil, err
			}
			if have != "" && have == want {
				pairs = append(pairs, s.paired(to, t, one, claimed))
				break
			}
		}
	}
	return pairs, nil
}

// digest reads a message of the selected mailbox and returns the SHA-256 of its
// octets; "" if it is gone or longer than maxBody.
func (s *Source) digest(uid uint32) (string, error) {
	hash := sha256.New()
	for at := int64(0); at < maxBody; at += chunkSize {
		told, spoilt, err := s.part(uid, "", at, chunkSize, hash)
		switch {
		case err != nil:
			return "", nothingIfRefused(err)
		case spoilt, told == nil && at == 0:
			return "", nil
		case told == nil || told.read < chunkSize:
			return fmt.Sprintf("%x", hash.Sum(nil)), nil
		}
	}
	return "", nil
}
