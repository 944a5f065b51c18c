package rules

import (
	"slices"
	"strings"

	"chancery/internal/model"
)

// Bounds of keys.
const (
	maxBelow  = 3  // labels below a registered domain that may be a domain we know
	maxPayers = 10 // domains that one of our invoices went to
)

// likeKeys adds what finds vendors whose domain looks like one: its skeleton, and for
// one slip of a letter its halves. One edit, wherever it is, leaves the beginning or the
// end of one of these lengths as it was.
func likeKeys(keys []string, id string) []string {
	name, _, below := registered(id)
	if name == "" || len(name) > maxName {
		return keys
	}
	whole := skeleton(strings.ReplaceAll(name, "-", ""))
	keys = append(keys, "l:"+whole)
	if r := []rune(whole); len(r) >= minTypo {
		for _, n := range []int{len(r)/2 - 1 + len(r)%2, len(r)/2 + len(r)%2} {
			keys = append(keys, "l:<"+string(r[:n]), "l:>"+string(r[len(r)-n:]))
		}
	}
	for i, label := range strings.Split(below, ".") {
		if i < maxBelow && len(label) >= minTypo-1 && len(label) <= maxName {
			keys = append(keys, "l:"+skeleton(strings.ReplaceAll(label, "-", "")))
		}
	}
	return keys
}

// payersOf adds who got one of our invoices, and so may say that it is paid.
func (f *facts) payersOf(keys []string) []string {
	n := 0
	for _, a := range slices.Concat(f.mail.To, f.mail.Cc) {
		addr := address(a)
		key := "c:" + vendorDomain(addr)
		if isAddress(addr) && !f.set.ours(addr) && n < maxPayers && !slices.Contains(keys, key) {
			keys, n = append(keys, key), n+1
		}
	}
	return keys
}

// oneSender reports whether two bills came from one domain, or are both ours. The same
// tax number does not do: anybody can write it.
func oneSender(a, b *model.Bill) bool {
	return slices.ContainsFunc(a.Keys, func(key string) bool {
		id, ok := strings.CutPrefix(key, "v:")
		return ok && (id == vendorSelf || strings.ContainsAny(id, ".@")) && slices.Contains(b.Keys, key)
	})
}

// gotIt reports whether who sends a notice got the invoice of ours that it is about, if
// we know who did.
func gotIt(notice, ours *model.Bill) (got, known bool) {
	for _, key := range ours.Keys {
		if to, ok := strings.CutPrefix(key, "c:"); ok {
			known = true
			got = got || to == notice.Vendor
		}
	}
	return got, known
}
