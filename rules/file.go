package rules

import (
	"cmp"
	"slices"
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"chancery/rules/text"
)

// What stands in attached files is a zone of its own. It costs much to fetch and
// to read, and says less about a message than its own words. So it is there only
// for rules that name the zone; for all others nothing changes.

// fileWord is the zone as rules name it.
const fileWord = "file"

// fileCodes are the words of f.unread.
var fileCodes = []string{"", "cut", "pdf", "archive", "ole", "encrypted", "message", "kind", "broken", "limit", "size", "pdf-empty", "pdf-later", "pdf-memory", "pdf-time"}

// nameFiles finds out whether the rule names the zone: the word stands in one of
// its expressions, and one of them asks where terms are.
func (r *rule) nameFiles() {
	var word, where bool
	all := r.expressions()
	for _, e := range all {
		ast.PreOrderVisit(e.root(), ast.NewExprVisitor(func(n ast.Expr) {
			switch n.Kind() {
			case ast.LiteralKind:
				s, ok := literal(n)
				word = word || ok && s == fileWord
			case ast.CallKind:
				where = where || n.AsCall().FunctionName() == "within"
			case ast.SelectKind:
				where = where || n.AsSelect().FieldName() == "where"
			}
		}))
	}
	r.files = word && where
	for _, e := range all {
		e.files = r.files
	}
}

// expressions are all expressions of the rule.
func (r *rule) expressions() []*expression {
	var out []*expression
	for _, l := range r.lets {
		out = append(out, l.expr)
	}
	out = append(out, r.when, r.unless)
	for _, a := range r.actions {
		if a.letter != nil {
			out = append(out, a.letter.expressions()...)
		}
		if a.file != nil {
			for _, p := range a.file.parts {
				out = append(out, p.expr)
			}
		}
	}
	return slices.DeleteFunc(out, func(e *expression) bool { return e == nil })
}

// readsFile reports whether a field is one of a file that only its text can tell.
func readsFile(e *expression, of ast.Expr, name string) bool {
	if name != "text" && name != "unread" {
		return false
	}
	t := e.ast.NativeRep().GetType(of.ID())
	return t == nil || t.Kind() == types.DynKind || t.TypeName() == fileKind.name
}

// file is the text of files, and their names.
func (w *wanting) file() { w.need.Files, w.need.FileText = true, true }

// withFiles is terms for a rule that names the zone.
type withFiles struct{ f *facts }

// termOf returns the hits of one set as a list.
func termOf(v any, set int) ref.Val {
	seen, ok := v.(*withFiles)
	if !ok {
		return v.(*facts).term(set)
	}
	f, name := seen.f, "terms+files "+strconv.Itoa(set)
	if v, ok := f.value[name]; ok {
		return v
	}
	hits := f.hits(set, true)
	values := make([]ref.Val, len(hits))
	for i := range hits {
		values[i] = record{hitKind, &hits[i]}
	}
	return f.keep(name, types.NewRefValList(f.set.types, values))
}

// hits are the places where terms of a set stand, with those in files or without.
func (f *facts) hits(set int, files bool) []hit {
	if !files {
		return f.scan()[set]
	}
	if f.inFiles == nil {
		f.scanFiles()
	}
	return f.inFiles[set]
}

// scanFiles looks for all terms in all files, once.
func (f *facts) scanFiles() {
	f.inFiles = make([][]hit, f.set.words.count)
	if f.set.words.machine != nil {
		for i := range f.mail.Files[:min(len(f.mail.Files), maxFiles)] {
			f.scanFile(i)
		}
	}
	for set, other := range f.scan() {
		if len(other) > 0 {
			all := append(f.inFiles[set], other...)
			slices.SortStableFunc(all, func(a, b hit) int { return cmp.Compare(a.zone, b.zone) })
			f.inFiles[set] = all
		}
	}
}

func (f *facts) scanFile(i int) {
	file := &f.mail.Files[i]
	if file.Text == "" {
		return
	}
	before := make([]int, len(f.inFiles))
	for set := range f.inFiles {
		before[set] = len(f.inFiles[set])
	}
	s, _ := plainIn(&f.plain, text.FoldIn(&f.folds[zoneFile], file.Text))
	f.places = text.Starts(f.places[:0], s)
	f.set.words.scan(f.inFiles, zoneFile, s, f.places)
	for set, hits := range f.inFiles {
		for n := before[set]; n < len(hits); n++ {
			hits[n].in = file
		}
	}
}
