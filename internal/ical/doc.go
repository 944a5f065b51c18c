// Package ical reads calendar objects of strangers and writes objects of ours
// (RFC 5545). Reading is lenient in syntax and strict in cost: what is wrong is
// repaired or left out and named by a stable code; what is too large, too deep or
// without any start is a fault with a line number. It never panics, never
// evaluates a recurrence rule, never follows a URL and never keeps the bytes.
//
// # Laws
//
//  1. Time and memory grow linearly with the input, which is at most MaxSize.
//  2. Parse(Compose(h)) shows what h says, whatever text h carries: no text of a
//     hold can become a property, a parameter or a component.
//  3. Digest is the same for the same event written by another program (order,
//     folding, escaping, bookkeeping properties) and differs after an edit.
//  4. An Own is returned only for a tag signed with the install key for this UID.
//
// go-ical gives the words and the types of the tree. Its decoder stays away from
// foreign bytes: it panics on a parameter without a colon and on text after a
// quoted parameter, is quadratic in the length of a parameter and recursive in
// the depth of nesting. Its encoder neither folds nor escapes parameters.
package ical

// Limits of one calendar object. Beyond the first four the object is refused,
// beyond the others the rest is left out.
const (
	MaxSize       = 1 << 20 // octets
	MaxDepth      = 8       // components inside components
	MaxComponents = 5000
	MaxLines      = 50000 // unfolded content lines

	MaxLine      = 64 << 10 // octets of an unfolded line that is read
	MaxParam     = 4 << 10  // octets of one parameter
	MaxParams    = 100      // parameters of one property
	MaxAttendees = 1000
	MaxDates     = 2000 // RDATE and EXDATE values of one component, each
	MaxOverrides = 2000
)

// Codes of faults: the object cannot be used.
const (
	faultSize    = "ics-too-large"
	faultDepth   = "ics-too-deep"
	faultCount   = "ics-too-many-components"
	faultLines   = "ics-too-many-lines"
	faultEmpty   = "ics-no-calendar"
	faultCut     = "ics-truncated"
	faultNoStart = "ics-no-start"
)

// NotAnEvent is the problem of an object that holds only tasks, journals, zones
// or nothing: not a fault, and no business of ours.
const NotAnEvent = "not-an-event"

// problems collects stable codes of what was repaired or left out, each once.
type problems struct{ codes []string }

func (p *problems) add(code string) {
	for _, c := range p.codes {
		if c == code {
			return
		}
	}
	p.codes = append(p.codes, code)
}
