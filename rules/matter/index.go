package matter

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"chancery/config"
	"chancery/rules/text"
)

// maxPattern bounds the program of the configured regular expression.
const maxPattern = 2000

// ambiguous stands in a map of keys for "more than one matter".
const ambiguous = -1

// Index is a matter list made ready for searching. It is safe for concurrent use.
type Index struct {
	list     []config.Matter
	pattern  *regexp.Regexp // nil: every number of the list counts as written
	plain    *regexp.Regexp // numbers may also look like this; nil: they may not
	context  bool           // the pattern needs words around the number
	exact    *table
	dotted   *table          // separators read as "."; only where that is unambiguous
	bare     *table          // separators left out; only if the pattern allows it
	alias    *table          // folded alias to matter
	docks    *table          // docket numbers among the aliases; see docket
	words    *table          // first word of aliases to where in lengths theirs stand
	lengths  []int32         // how many, and the lengths of aliases, the longest first; and so on
	first    [1 << 10]uint64 // two-octet beginnings of aliases, one bit each
	prefixes *text.Prefixes  // how aliases begin
	openings *text.Openings  // the same for texts that are not folded
	longest  int             // octets of an alias
	digits   int             // the fewest digits a number has
	slash    bool            // some number has a "/"
}

// drafts are the maps of an index that is being made.
type drafts struct {
	*Index
	exact, dotted, bare, alias, docks map[string]int32
	lengths                           map[string][]int32 // by the first word of aliases
}

// New indexes the list. A fatal error leaves the index nil.
func New(m config.Matters) (*Index, config.Errors) {
	x := &Index{list: m.List, digits: math.MaxInt}
	if m.Plain {
		x.plain = plainNumber
	}
	errs := x.compile(m.Number)
	if errs.Fatal() {
		return nil, errs
	}
	d := drafts{
		Index: x, exact: make(map[string]int32, len(m.List)),
		dotted: map[string]int32{}, bare: map[string]int32{}, alias: map[string]int32{}, docks: map[string]int32{}, lengths: map[string][]int32{},
	}
	errs = append(errs, d.number()...)
	errs = append(errs, d.names()...)
	d.finish()
	if errs.Fatal() {
		return nil, errs.Sort()
	}
	return x, errs.Sort()
}

// finish turns the maps into what is searched.
func (d *drafts) finish() {
	x := d.Index
	x.exact, x.dotted, x.bare, x.alias, x.docks = newTable(d.exact), newTable(d.dotted), newTable(d.bare), newTable(d.alias), newTable(d.docks)
	words := make(map[string]int32, len(d.lengths))
	for w, list := range d.lengths {
		words[w] = int32(len(x.lengths))
		x.lengths = append(append(x.lengths, int32(len(list))), list...)
	}
	x.words = newTable(words)
	x.prefixes = text.NewPrefixes(slices.Collect(maps.Keys(d.alias)))
	x.openings = text.NewOpenings(maps.Keys(d.alias))
	for a := range d.alias {
		x.longest = max(x.longest, len(a))
	}
}

// sizes returns the lengths of aliases that begin with a word.
func (x *Index) sizes(word string) []int32 {
	at, ok := x.words.get(word)
	if !ok {
		return nil
	}
	return x.lengths[at+1:][:x.lengths[at]]
}

// Len returns how many matters are listed.
func (x *Index) Len() int { return len(x.list) }

func (x *Index) compile(t config.Text) config.Errors {
	if t.Value == "" {
		return nil
	}
	tree, err := syntax.Parse(t.Value, syntax.Perl)
	if err == nil {
		var prog *syntax.Prog
		if prog, err = syntax.Compile(tree.Simplify()); err == nil && len(prog.Inst) > maxPattern {
			err = fmt.Errorf("it is too large")
		}
	}
	if err != nil {
		return config.Errors{{
			Pos: t.Pos, Problem: "read number: " + strings.TrimPrefix(err.Error(), "error parsing regexp: "),
			Hint: `an RE2 expression such as '\b(\d{5})[-.](\d{4})\b'`,
		}}
	}
	if x.pattern, err = regexp.Compile(t.Value); err != nil {
		return config.Errors{{Pos: t.Pos, Problem: "read number: " + err.Error()}}
	}
	if x.pattern.MatchString("") {
		x.pattern = nil
		return config.Errors{{Pos: t.Pos, Problem: "number matches empty text", Hint: "write at least the digits a number has"}}
	}
	return nil
}

// number fills the maps of numbers.
func (x *drafts) number() config.Errors {
	var errs config.Errors
	looks, strange := 0, -1
	for i, m := range x.list {
		key := fold(m.Number)
		if key == "" {
			errs = append(errs, config.Error{Pos: m.Pos, Problem: "matter without a number"})
			continue
		}
		if old, ok := x.exact[key]; ok {
			errs = append(errs, config.Error{
				Pos:     m.Pos,
				Problem: fmt.Sprintf("matter %q is listed twice, first at line %d", m.Number, x.list[old].Pos.Line),
				Hint:    "one line for each matter",
			})
			continue
		}
		x.exact[key] = int32(i)
		if x.pattern == nil || whole(x.pattern, m.Number) {
			looks++
		} else if strange < 0 {
			strange = i
		}
		x.note(key, int32(i))
	}
	x.context = looks == 0 && x.pattern != nil
	x.loosen()
	if strange >= 0 && !x.context {
		errs = append(errs, config.Error{
			Pos: x.list[strange].Pos, Warning: true,
			Problem: fmt.Sprintf("%d of %d numbers do not look as matters.number says and are never found; the first is %q",
				len(x.list)-looks, len(x.list), x.list[strange].Number),
			Hint: "correct the number or the expression",
		})
	}
	return errs
}

func (x *drafts) note(key string, i int32) {
	digits := 0
	for _, c := range []byte(key) {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	x.digits = min(x.digits, digits)
	x.slash = x.slash || strings.Contains(key, "/")
	if strings.ContainsFunc(key, func(r rune) bool { return !inToken(r) }) {
		x.add(key, i)
	}
}

// loosen adds other ways to write the separators, where no two matters would
// then look alike.
func (x *drafts) loosen() {
	for key, i := range x.exact {
		put(x.dotted, dots(key), i)
		if x.pattern != nil && (x.context || x.looks(bare(key))) {
			put(x.bare, bare(key), i)
		}
	}
}

func put(m map[string]int32, key string, i int32) {
	if old, ok := m[key]; ok && old != i {
		i = ambiguous
	}
	m[key] = i
}

// names fills the aliases; one that two matters share is left out.
func (x *drafts) names() config.Errors {
	var errs config.Errors
	owner := map[string]int32{}
	for i, m := range x.list {
		for _, a := range m.Aliases {
			key := strings.TrimLeftFunc(fold(a), func(r rune) bool { return !isWord(r) })
			old, taken := owner[key]
			switch {
			case key == "":
			case utf8.RuneCountInString(key) < 3:
				errs = append(errs, config.Error{Pos: m.Pos, Warning: true,
					Problem: fmt.Sprintf("alias %q is too short and is not looked for", a), Hint: "at least three characters"})
			case taken && old != int32(i):
				errs = append(errs, config.Error{Pos: m.Pos, Warning: true,
					Problem: fmt.Sprintf("alias %q also belongs to matter %q and is not looked for", a, x.list[old].Number),
					Hint:    "an alias must belong to one matter"})
				owner[key] = old
				delete(x.alias, key)
			case !taken:
				owner[key] = int32(i)
				x.add(key, int32(i))
				x.docket(key, int32(i))
			}
		}
	}
	return errs
}

// add makes a name findable. Names that begin with the same word are told apart
// by their lengths, of which there are few, and one look into a map for each.
func (x *drafts) add(words string, i int32) {
	x.alias[words] = i
	w := firstWord(words)
	if at, ok := slices.BinarySearchFunc(x.lengths[w], len(words), func(a int32, b int) int { return b - int(a) }); !ok {
		x.lengths[w] = slices.Insert(x.lengths[w], at, int32(len(words)))
	}
	h := beginning(words)
	x.first[h>>6] |= 1 << (h & 63)
}

// firstWord is the word s begins with, or the first one in it.
func firstWord(s string) string {
	start, end := -1, 0
	for end < len(s) {
		r, n := rune(s[end]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[end:])
		}
		if in := isWord(r); in && start < 0 {
			start = end
		} else if !in && start >= 0 {
			break
		}
		end += n
	}
	return s[max(start, 0):end]
}

// beginning hashes the first two octets of the first word.
func beginning(s string) int {
	w := firstWord(s)
	h := int(w[0]) << 8
	if len(w) > 1 {
		h |= int(w[1])
	}
	return h
}

// fold brings a number or a name to the form of folded text.
func fold(s string) string { return strings.Map(dash, text.Fold(s)) }

// dots writes every separator as ".".
func dots(s string) string {
	if !strings.ContainsAny(s, "-/") {
		return s
	}
	return slashes.Replace(s)
}

// bare leaves the separators out.
func bare(s string) string {
	if !strings.ContainsAny(s, "-./") {
		return s
	}
	return marks.Replace(s)
}

var (
	slashes = strings.NewReplacer("-", ".", "/", ".")
	marks   = strings.NewReplacer("-", "", ".", "", "/", "")
)

var plainNumber = regexp.MustCompile(config.DefaultNumber)

// looks reports whether a number looks as numbers do.
func (x *Index) looks(number string) bool {
	return whole(x.pattern, number) || x.plain != nil && whole(x.plain, number)
}

// whole reports whether the pattern matches all of s.
func whole(re *regexp.Regexp, s string) bool {
	loc := re.FindStringIndex(s)
	return loc != nil && loc[0] == 0 && loc[1] == len(s)
}
