package config

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

var matterColumns = []string{"number", "client", "name", "folder", "partner", "team", "aliases", "wall", "hold", "open"}

func (l *loader) matters(f *file, n *yaml.Node) {
	b, ok := f.block(n, "matters", "file", "number")
	if !ok {
		return
	}
	if l.matterIn.Line > 0 {
		f.fail(f.at(n), "matters: is set twice", "first at "+l.matterIn.String())
		return
	}
	l.matterIn = f.at(n)
	m := &l.cfg.Rules.Matters
	m.Pos = f.at(n)
	m.Number = Text{DefaultNumber, f.at(n)}
	pattern := regexp.MustCompile(DefaultNumber)
	if n := b.get("number"); n != nil {
		if t, p := f.pattern(n); p != nil {
			m.Number, pattern = t, p
		}
	}
	t, ok := f.path(b.need("file", "matters.csv"))
	if !ok {
		return
	}
	l.pattern = pattern
	if g := l.open(t.Value, MaxMatterBytes, t.Pos, ""); g != nil {
		m.List = l.matterList(g, pattern.MatchString)
		if m.List != nil && !strings.Contains(strings.TrimSpace(g.whole), "\n") {
			g.warn(Pos{g.name, 1, 1}, "no matter is in the list yet", "below the line that names the columns, one line for each; until then nothing is filed by matter")
		}
	}
}

// pattern reads the regular expression of matter numbers.
func (f *file) pattern(n *yaml.Node) (Text, *regexp.Regexp) {
	t, ok := f.text(n)
	if !ok {
		return t, nil
	}
	p, err := regexp.Compile(t.Value)
	if err != nil {
		f.fail(t.Pos, "this is not a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "in single quotes a backslash is written once")
		return t, nil
	}
	switch {
	case p.NumSubexp() != 0 && p.NumSubexp() != 2:
		f.fail(t.Pos, fmt.Sprintf("the pattern has %s", count(p.NumSubexp(), "group")), "two: client and matter; or none. (?: ) groups without counting")
	case p.MatchString(""):
		f.fail(t.Pos, "the pattern matches an empty text", "it would find a number everywhere")
	default:
		return t, p
	}
	return t, nil
}

// matterList reads the CSV. Every field is text: 00420 keeps its zeros. Numbers
// that do not look so are told, and listed all the same.
func (l *loader) matterList(f *file, looks func(number string) bool) []Matter {
	r := csv.NewReader(strings.NewReader(f.whole))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		f.fail(Pos{f.name, 1, 1}, "the matter list is empty", "begin with the line: "+strings.Join(matterColumns, ","))
		return nil
	}
	lines := min(len(f.starts), MaxMatters)
	t := &matterTable{f: f, r: r, at: map[string]int{}, seen: make(map[string]int32, lines), list: make([]Matter, 0, lines)}
	if err != nil {
		t.broken(err)
		return nil
	}
	if !t.header(header) {
		return nil
	}
	var odd []Pos
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.broken(err)
			continue
		}
		if len(t.list) == MaxMatters {
			f.fail(t.pos(0), fmt.Sprintf("more than %d matters", MaxMatters), "leave out matters closed long ago")
			break
		}
		m, ok := t.matter(rec)
		if !ok {
			continue
		}
		if !looks(m.Number) {
			odd = append(odd, m.Pos)
		}
		t.list = append(t.list, m)
	}
	if len(odd) > 0 {
		f.warn(odd[0], fmt.Sprintf("the pattern of numbers does not match %s, of which this is the first", count(len(odd), "matter number")),
			"change number: under matters: in the rule file, or they are never found in mail")
	}
	return t.list
}

// matterTable is one matter list while it is read.
type matterTable struct {
	f    *file
	r    *csv.Reader
	at   map[string]int // field of each column
	cols int
	list []Matter
	seen map[string]int32 // numbers, and the line of each
}

// pos is where field i of the last record begins.
func (t *matterTable) pos(i int) Pos {
	line, col := t.r.FieldPos(i)
	return t.f.pos(line, col-1)
}

func (t *matterTable) broken(err error) {
	pe, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		t.f.fail(Pos{t.f.name, 1, 1}, "this is not a CSV file", "")
		return
	}
	at := t.f.pos(pe.Line, pe.Column-1)
	switch {
	case errors.Is(pe.Err, csv.ErrBareQuote):
		t.f.fail(at, "a quote inside a field without quotes", `write the whole field in quotes and the quote twice: "a ""b"""`)
	case pe.StartLine != pe.Line || pe.Column > len(t.f.line(pe.Line)):
		t.f.fail(Pos{t.f.name, pe.StartLine, 1}, "a quoted field that begins in this line is never closed", "add the closing quote")
	default:
		t.f.fail(at, "a quoted field ends in the middle", `write a quote inside a quoted field twice: "a ""b"""`)
	}
}

func (t *matterTable) header(fields []string) bool {
	ok := true
	t.cols = len(fields)
	for i, name := range fields {
		key := strings.ToLower(strings.TrimSpace(name))
		switch {
		case len(fields) == 1 && strings.ContainsAny(name, ";\t"):
			t.f.fail(t.pos(i), "the columns are not separated by commas", "export as CSV with commas")
			return false
		case !slices.Contains(matterColumns, key):
			t.f.fail(t.pos(i), fmt.Sprintf("unknown column %q", clip(name)), meant(name, "columns", matterColumns))
			ok = false
		default:
			if _, dup := t.at[key]; dup {
				t.f.fail(t.pos(i), fmt.Sprintf("column %q is here twice", key), "")
				ok = false
			}
			t.at[key] = i
		}
	}
	if _, has := t.at["number"]; !has && ok {
		t.f.fail(t.pos(0), "there is no column number", "the first line names the columns: "+strings.Join(matterColumns, ","))
		ok = false
	}
	return ok
}

func (t *matterTable) matter(rec []string) (Matter, bool) {
	if len(rec) != t.cols {
		t.f.fail(t.pos(0), fmt.Sprintf("%s, but the first line names %d", count(len(rec), "field"), t.cols), `a field with a comma in it is written in quotes`)
		return Matter{}, false
	}
	get := func(name string) (string, int) {
		if i, ok := t.at[name]; ok {
			return rec[i], i
		}
		return "", -1
	}
	number, i := get("number")
	m := Matter{Pos: t.pos(i), Number: number, Open: true}
	ok := t.unique(number, m.Pos)
	m.Client, _ = get("client")
	m.Name, _ = get("name")
	m.Partner, _ = get("partner")
	if s, i := get("folder"); s != "" {
		if problem := pathProblem(s); problem != "" {
			t.f.fail(t.pos(i), problem, "write for example Clients/Acme/Lease")
			ok = false
		}
		m.Folder = strings.Split(s, "/")
	}
	for _, c := range []struct {
		name string
		into *[]string
	}{{"team", &m.Team}, {"wall", &m.Wall}} {
		if s, i := get(c.name); s != "" {
			for part := range parts(s) {
				lower, problem, hint := addressOrDomain(part)
				if problem != "" {
					problem, hint = unquoted(part, problem, hint)
					t.f.fail(t.pos(i), problem, hint+"; entries are separated by ;")
					ok = false
				}
				*c.into = append(*c.into, lower)
			}
		}
	}
	if s, _ := get("aliases"); s != "" {
		m.Aliases = slices.Collect(parts(s))
	}
	for _, c := range []struct {
		name, empty string
		into        *bool
	}{{"open", "yes", &m.Open}, {"hold", "no", &m.Hold}} {
		if s, i := get(c.name); s != "" {
			switch strings.ToLower(strings.TrimSpace(s)) {
			case "yes", "true":
				*c.into = true
			case "no", "false":
				*c.into = false
			default:
				t.f.fail(t.pos(i), "this is neither yes nor no", "empty means "+c.empty)
				ok = false
			}
		}
	}
	return m, ok
}

// unique checks a number as it stands; it is never trimmed or rewritten.
func (t *matterTable) unique(number string, at Pos) bool {
	switch {
	case number == "":
		t.f.fail(at, "the matter has no number", "")
		return false
	case number != strings.TrimSpace(number):
		t.f.fail(at, "the number has blanks around it", "take them away")
		return false
	}
	if first, dup := t.seen[number]; dup {
		t.f.fail(at, fmt.Sprintf("matter %s is here twice", clip(number)), fmt.Sprintf("first in line %d", first))
		return false
	}
	t.seen[number] = int32(at.Line)
	return true
}

// parts splits at semicolons and drops blanks.
func parts(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for p := range strings.SplitSeq(s, ";") {
			if p = strings.TrimSpace(p); p != "" && !yield(p) {
				return
			}
		}
	}
}
