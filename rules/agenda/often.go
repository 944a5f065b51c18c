package agenda

import (
	"fmt"
	"strings"
)

// often says that this is not the only date of two series, and how firm they are;
// "" if it is.
func (c *conflict) often() string {
	n := c.more + 1
	if n == 1 {
		return ""
	}
	out := fmt.Sprintf("They clash on %d of %d dates", n, max(n, c.dates))
	switch {
	case c.hard == n || c.person:
	case c.hard == 0:
		out += ", none of them accepted on both sides"
	default:
		out += fmt.Sprintf(", %d of them accepted on both sides", c.hard)
	}
	return out + "."
}

// worth says what is known of an offered time: how many of the dates it clears,
// and for how many of the others of the meeting it is free. It is "" if nothing is.
func (t telling) worth(w slot) string {
	if t.d == nil {
		return ""
	}
	var parts []string
	switch n, of := t.clears(w); {
	case n == 0:
	case n == of:
		parts = append(parts, fmt.Sprintf("suits all %d dates", n))
	default:
		parts = append(parts, fmt.Sprintf("suits %d of %d dates", n, of))
	}
	switch n, of := t.d.freeFor(w, t.c.yields); {
	case n == 0:
	case n == of:
		parts = append(parts, "free for everyone")
	default:
		parts = append(parts, fmt.Sprintf("free for %d of %d others, the rest unknown", n, of))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// clears is how many dates of the series that yields could move as w does; nothing
// if they are not most.
func (t telling) clears(w slot) (n, of int) {
	y := t.c.yields
	if t.d == nil || t.c.more == 0 {
		return 0, 0
	}
	if n, of = t.d.clears(y, w, t.d.guests(y)); of < 2 || 5*n < 4*of {
		return 0, of
	}
	return n, of
}
