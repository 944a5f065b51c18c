package rules

import (
	"maps"
	"slices"
	"strings"
)

// maxCompared bounds the entries that are compared with an address.
const maxCompared = 20_000

// nearest is the entry that differs least from an address or from its domain; ""
// if none is near. Of several the first by name.
func (a *addresses) nearest(addr string) string {
	addr = strings.ToLower(addr)
	best, least := "", 0
	for i, entry := range slices.Sorted(maps.Keys(a.set)) {
		if i == maxCompared {
			break
		}
		to := addr
		if !strings.Contains(entry, "@") {
			to = domain(addr)
		}
		if d := edits(entry, to); d <= max(2, len(entry)/3) && (best == "" || d < least) {
			best, least = entry, d
		}
	}
	return best
}
