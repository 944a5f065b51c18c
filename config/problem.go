package config

// problems collects errors of all files and keeps one broken export from
// filling the screen.
type problems struct {
	list    Errors
	perFile map[string]int
	dropped map[string]*Error // by file: the first one not told
}

func newProblems() *problems {
	return &problems{perFile: map[string]int{}, dropped: map[string]*Error{}}
}

func (p *problems) add(e Error) {
	name := e.Pos.File
	p.perFile[name]++
	if p.perFile[name] <= MaxProblems {
		p.list = append(p.list, e)
	} else if p.dropped[name] == nil || before(e.Pos, p.dropped[name].Pos) {
		p.dropped[name] = &e
	}
}

func before(a, b Pos) bool { return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col }

// all returns everything, sorted, with one line for what was dropped.
func (p *problems) all() Errors {
	for name, first := range p.dropped {
		p.list = append(p.list, Error{
			Pos:     first.Pos,
			Problem: count(p.perFile[name]-MaxProblems, "more problem") + " in this file, the first of them here",
			Hint:    "mend the ones above first; one slip often makes many",
		})
	}
	p.dropped = map[string]*Error{}
	return p.list.Sort()
}
