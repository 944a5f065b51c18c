package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// filer is a rule that files, with all ways in which it can.
type filer struct {
	*asked
	to    *pathTemplate
	place string // the path, written the same wherever it is meant
	cubes []cube
	known bool
}

// filers are the rules that file, in the order in which they are asked.
func filers(p *prover, rules []*asked) []*filer {
	var out []*filer
	for _, a := range rules {
		for _, act := range a.actions {
			if act.file == nil {
				continue
			}
			f := &filer{asked: a, to: act.file}
			need := a.holds
			for _, part := range act.file.parts {
				if part.expr == nil {
					f.place += strconv.Quote(part.literal)
					continue
				}
				a.read.in = part.expr
				f.place += a.read.canon(part.expr.root())
				if fromMatter(part.expr.root()) { // without a matter nothing is filed
					need = join(true, need, a.read.one(claim{value: "x.matter.found", at: node{part.expr, part.expr.root()}}))
				}
			}
			f.cubes, f.known = p.cubes(need)
			out = append(out, f)
		}
	}
	return out
}

// fixedPath returns the path where no part of it depends on the message.
func (f *filer) fixedPath() (string, bool) {
	var b strings.Builder
	for _, part := range f.to.parts {
		if part.expr != nil {
			return "", false
		}
		b.WriteString(part.literal)
	}
	return b.String(), true
}

// meets reports whether both can match one message.
func (f *filer) meets(p *prover, o *filer) bool {
	return !f.known || !o.known || !p.exclusive(f.cubes, o.cubes)
}

// ties tells rules of one priority that can file one message in two places.
// Which of them is meant only a person knows.
func (c *compiler) ties(p *prover, all []*filer) {
	from := 0 // the first of this priority
	for i, f := range all {
		if f.priority != all[from].priority {
			from = i
		}
		for _, o := range all[from:i] {
			if o.stop || o.place == f.place || !share(o.in.Accounts, f.in.Accounts) || !share(o.in.Folders, f.in.Folders) || !o.meets(p, f) {
				continue
			}
			c.problem(f.in.Name.Pos, f.name,
				fmt.Sprintf("it can file the same message as rule %q, to another place, and both have priority %d", o.name, f.priority),
				fmt.Sprintf("rule %q stands at %s; give the one that should win the higher priority", o.name, o.in.Name.Pos))
			break
		}
	}
}
