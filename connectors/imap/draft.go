package imap

import (
	"slices"
	"strconv"
	"strings"

	"chancery/internal/mime"
)

// draftsNames are what mail programs call the mailbox of drafts where the server
// does not tell (RFC 6154 section 2), best first.
var draftsNames = []string{"Drafts", "INBOX/Drafts", "INBOX.Drafts", "[Gmail]/Drafts", "Draft", "Entwürfe", "Brouillons", "Borradores", "Bozze"}

// draftsBox finds the mailbox for drafts; none if there is none.
func (s *Source) draftsBox() (box, error) {
	if s.drafts.wire != "" {
		return s.drafts, nil
	}
	var marked []box
	var all []box
	look := func(response []byte) {
		_, kind, rest, _ := untagged(response)
		b, _, ok := listed(response)
		if kind != "LIST" || !ok || len(all) >= maxBoxes {
			return
		}
		all = append(all, b)
		values, err := rest.values()
		if err == nil && len(values) > 0 && slices.ContainsFunc(values[0].list, func(v value) bool { return strings.EqualFold(v.s, `\Drafts`) }) {
			marked = append(marked, b)
		}
	}
	k := cmd(`LIST "" "*"`)
	if s.c.caps["SPECIAL-USE"] && s.c.caps["LIST-EXTENDED"] {
		k = cmd(`LIST "" "*" RETURN (SPECIAL-USE)`) // RFC 6154 section 5.2
	}
	_, err := s.c.do(longTimeout, k, look)
	if _, no := asRefusal(err); no && len(marked) == 0 {
		_, err = s.c.do(longTimeout, cmd(`LIST "" "*"`), look)
	}
	if nothingIfRefused(err) != nil {
		return box{}, err
	}
	if len(marked) > 0 {
		s.drafts = marked[0]
		return s.drafts, nil
	}
	for _, name := range draftsNames {
		if i := slices.IndexFunc(all, func(b box) bool { return strings.EqualFold(b.name, name) }); i >= 0 {
			s.drafts = all[i]
			break
		}
	}
	return s.drafts, nil
}

// appendLimit is the longest message that the server takes (RFC 7889 section 3);
// 0 if it does not say.
func (s *Source) appendLimit() int64 {
	for c := range s.c.caps {
		if size, ok := strings.CutPrefix(c, "APPENDLIMIT="); ok {
			n, _ := strconv.ParseInt(size, 10, 64)
			return n
		}
	}
	return 0
}

// longestDraft bounds what is read of a draft to see whether it is still ours.
const longestDraft = 1 << 20

// reread looks whether drafts still say what we wrote. A mail program that saves a
// draft after a person worked on it may keep all of our header.
func (s *Source) reread(list []ownNote) error {
	for i := range list {
		n := &list[i]
		if n.said == "" || !n.untouched {
			continue
		}
		same := false
		_, err := s.c.do(longTimeout, cmd("UID FETCH %d (UID BODY.PEEK[]<0.%d>)", n.uid, longestDraft), func(response []byte) {
			items := fetchItems(response)
			body, ok := items["BODY[]<0>"]
			if ok && uint32(items["UID"].number()) == n.uid && len(body.s) < longestDraft {
				m := mime.Read([]byte(body.s))
				same = s.own(m) && content(m) == n.said
			}
		})
		if nothingIfRefused(err) != nil {
			return err
		}
		n.untouched = same
	}
	return nil
}
