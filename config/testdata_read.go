package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// What tests need and real mail must not know stands in these files.
const (
	testsFolder  = "tests"
	testLists    = "tests/lists" // NAME.txt is added to list NAME
	testTerms    = "tests/terms"
	testMatters  = "tests/matters.csv"
	testAuthServ = "tests/authserv.txt"
)

// testData reads what is added to the firm's lists while tests run. None of it
// counts for the version of the rules: it decides nothing.
func (l *loader) testData() {
	d := &l.cfg.Rules.TestData
	for _, g := range l.testEntries(testLists, "list") {
		list := List{Name: g.name, File: g.file.name}
		for _, it := range g.file.oneALine() {
			if lower, name, problem, hint := listEntry(it.Value); problem != "" {
				g.file.fail(it.Pos, problem, hint)
			} else {
				list.add(lower, name, it.Pos)
			}
		}
		d.Lists = append(d.Lists, list)
	}
	for _, g := range l.testEntries(testTerms, "terms") {
		set := TermSet{Name: g.name, File: g.file.name}
		for _, it := range g.file.oneALine() {
			if t, ok := g.file.term(it); ok {
				set.Words = append(set.Words, t)
			}
		}
		d.Terms = append(d.Terms, set)
	}
	listing, err := fs.ReadDir(l.fsys, testsFolder)
	if err != nil {
		return // not there; or told when the tests are run
	}
	has := func(name string) bool {
		return slices.ContainsFunc(listing, func(e fs.DirEntry) bool { return path.Join(testsFolder, e.Name()) == name })
	}
	if has(testMatters) {
		l.testMatters()
	}
	if has(testAuthServ) {
		if f := l.open(testAuthServ, MaxFileBytes, Pos{}, ""); f != nil {
			d.AuthServ = f.servers(f.oneALine())
		}
	}
}

// addition is a file whose name says what it is added to.
type addition struct {
	name Text
	file *file
}

// testEntries opens the files of a folder. Each must be named for something that
// a rule file defines: an entry that reaches no list is a test of something else.
func (l *loader) testEntries(folder, kind string) (out []addition) {
	listing, err := fs.ReadDir(l.fsys, folder)
	here := Pos{folder, 1, 1}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.out.add(Error{Pos: here, Problem: "the folder cannot be read", Hint: "the user that chancery runs as needs read and search access"})
		}
		return nil
	}
	plural := map[string]string{"list": "lists", "terms": "terms"}[kind]
	known := l.defined(kind)
	slices.SortFunc(listing, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for i, e := range listing {
		file := path.Join(folder, e.Name())
		at := Pos{file, 1, 1}
		name, text := strings.CutSuffix(e.Name(), ".txt")
		switch {
		case i >= MaxRuleFiles:
			l.out.add(Error{Pos: here, Problem: fmt.Sprintf("more than %d files", MaxRuleFiles), Hint: "one file for each of the " + plural})
			return out
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && (e.Name() == "match" || e.Name() == "no-match"):
			// Of a rule that is called lists or terms.
		case e.IsDir() || !text:
			l.out.add(Error{Pos: at, Problem: "only files that end in .txt are read here", Hint: "rename it", Warning: true})
		case !slices.Contains(known, name):
			if !l.unread { // else the file that was not read may define it
				hint := "rename the file, or delete it; " + meant(name, plural, known)
				l.out.add(Error{Pos: at, Problem: fmt.Sprintf("there is no %s %q to add to", strings.TrimSuffix(kind, "s"), clip(name)), Hint: hint})
			}
		default:
			if f := l.open(file, MaxFileBytes, Pos{}, ""); f != nil {
				out = append(out, addition{Text{name, at}, f})
			}
		}
	}
	return out
}

// testMatters reads the matters that tests alone know. Their numbers look as the
// firm's do, or as those of the shipped tests.
func (l *loader) testMatters() {
	f := l.open(testMatters, MaxFileBytes, Pos{}, "")
	if f == nil {
		return
	}
	if l.matterIn.Line == 0 {
		if !l.unread {
			f.warn(Pos{f.name, 1, 1}, "no rule file has matters:, so no test asks for these", "delete the file")
		}
		return
	}
	plain := regexp.MustCompile(DefaultNumber)
	looks := func(number string) bool {
		return plain.MatchString(number) || l.pattern != nil && l.pattern.MatchString(number)
	}
	l.cfg.Rules.TestData.Matters = l.matterList(f, looks)
}
