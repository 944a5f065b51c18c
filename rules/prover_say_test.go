package rules

import (
	"fmt"
	"strings"
)

// String is for tests that fail.
func (f *formula) String() string {
	switch f.op {
	case certain, impossible:
		return [2]string{"always", "never"}[f.op]
	case oneClaim:
		c := f.claim
		no := ""
		if c.not {
			no = "not "
		}
		return fmt.Sprintf("%s%s.%s:%d%q%q%v", no, c.value, c.through, c.kind, c.text, c.texts, c.ranges)
	}
	var parts []string
	for _, part := range f.parts {
		parts = append(parts, part.String())
	}
	return fmt.Sprintf("(%s)", strings.Join(parts, []string{allOf: " and ", anyOf: " or "}[f.op]))
}
