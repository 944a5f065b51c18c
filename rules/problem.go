package rules

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"chancery/config"
)

var (
	undefinedField = regexp.MustCompile(`^undefined field '([^']*)'`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

// tooMany begins what the library says of an expression with too many parts.
const tooMany = "expression count exceeds limit"

// explain puts a message of the expression compiler into the words of the
// manual, adds what to do about it, and moves the column to the word meant.
func (c *compiler) explain(env *cel.Env, e config.Expr, message string, line, col int) (problem, hint string, column int) {
	if m := undefinedField.FindStringSubmatch(message); m != nil {
		names, owner := c.fieldsNear(env, e, m[1], line, col)
		if owner == "" {
			return fmt.Sprintf("no field %q here", m[1]), suggest(m[1], names), col + 1
		}
		if len(names) == 0 { // lists, terms and labels, of which nobody made any
			return fmt.Sprintf("%s has no field %q", owner, m[1]), fmt.Sprintf("add it to a rule file, under %s:", owner), col + 1
		}
		return fmt.Sprintf("%s has no field %q", owner, m[1]), suggest(m[1], names), col + 1
	}
	if m := undeclared.FindStringSubmatch(message); m != nil {
		if characterAt(e.Source, line, col) == '(' {
			return fmt.Sprintf("unknown function %q", m[1]), functionHint(m[1]), max(col-len([]rune(m[1])), 0)
		}
		return fmt.Sprintf("unknown name %q", m[1]), c.nameHint(env, m[1]), col
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		problem, hint = overload(m[1], m[2])
		return problem, hint, col
	}
	if rest, ok := strings.CutPrefix(message, "Syntax error: "); ok {
		return "cannot read expression: " + syntaxProblem(rest), syntaxHint(rest), col
	}
	if strings.HasPrefix(message, "invalid matches argument") {
		if text := c.regexpProblem(env, e, line, col); strings.Contains(text, "`(?<=") || strings.Contains(text, "`(?<!") || strings.Contains(text, "`(?=") || strings.Contains(text, "`(?!") {
			return "bad regular expression" + text, "RE2 looks neither ahead nor behind: make two conditions of it", col
		}
		return "bad regular expression" + c.regexpProblem(env, e, line, col),
			`RE2 syntax; inside a condition each backslash is written twice: "\\b"`, col
	}
	if strings.HasPrefix(message, tooMany) {
		return fmt.Sprintf("the condition has more than %d parts", maxNodes), "make two rules of it, or use a list or terms", col
	}
	if name, ok := strings.CutPrefix(message, "type 'type("); ok { // the word is known, but as a type
		name, _, _ = strings.Cut(name, ")")
		return fmt.Sprintf("unknown name %q", name), c.nameHint(env, name), col
	}
	known := map[string][2]string{
		"invalid duration argument":           {"this is not a duration", `hours, minutes and seconds, e.g. duration("72h")`},
		"invalid timestamp argument":          {"this is not a time", `e.g. timestamp("2026-01-31T00:00:00Z")`},
		"comprehension exceeds nesting limit": {"loops stand more than 2 deep", "name the inner list under let:"},
	}
	if k, ok := known[message]; ok {
		return k[0], k[1], col
	}
	return strings.TrimSuffix(message, " (in container '')"), "", col
}

// syntaxProblem shortens what the parser says.
func syntaxProblem(s string) string {
	if strings.HasPrefix(s, "mismatched input '<EOF>'") {
		return "it ends too early"
	}
	s, _, _ = strings.Cut(s, " expecting ")
	s = strings.Replace(s, "'<EOF>'", "the end", 1)
	if what, ok := strings.CutPrefix(s, "token recognition error at: "); ok {
		if loneBackslash.MatchString(what) {
			return "a backslash in this text stands alone"
		}
		if len(what) > 1 && (what[1] == '"' || what[1] == '\'') {
			return "a text that begins here has no quote at its end"
		}
		return "no meaning for " + what
	}
	return strings.Replace(s, "mismatched input", "did not expect", 1)
}

// loneBackslash is one that no text of CEL can have: before a letter or sign that
// it gives no meaning to.
var loneBackslash = regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*\\[^abfnrtvxXuU0-3\\'"?]`)

// syntaxHint says what other languages write otherwise, else what a condition looks
// like.
func syntaxHint(s string) string {
	for _, known := range []struct{ begins, hint string }{
		{"token recognition error at: '= '", `two texts or numbers are compared with ==`},
		{"token recognition error at: '=\"", `two texts or numbers are compared with ==`},
		{"token recognition error at: '& '", `"and" is written &&`},
		{"token recognition error at: '| '", `"or" is written ||`},
		{"mismatched input 'and'", `"and" is written &&`},
		{"mismatched input 'AND'", `"and" is written &&`},
		{"mismatched input 'or'", `"or" is written ||`},
		{"mismatched input 'OR'", `"or" is written ||`},
		{"extraneous input 'h'", `a length of time is written duration("2h")`},
		{"extraneous input 'm'", `a length of time is written duration("30m")`},
		{"extraneous input 'd'", `a length of time is written duration("48h")`},
	} {
		if strings.HasPrefix(s, known.begins) {
			return known.hint
		}
	}
	if strings.HasPrefix(s, "token recognition error at: '") && loneBackslash.MatchString(s) {
		return `inside a condition each backslash is written twice: "\\d"`
	}
	return `conditions are written like msg.subject.contains("x") && !msg.bulk`
}

// regexpProblem reads the regular expression at a place again for its error.
func (c *compiler) regexpProblem(env *cel.Env, e config.Expr, line, col int) (problem string) {
	parsed, issues := env.Parse(e.Source)
	if issues.Err() != nil {
		return ""
	}
	tree := parsed.NativeRep()
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		at := tree.SourceInfo().GetStartLocation(n.ID())
		if re, ok := literal(n); ok && at.Line() == line && at.Column() == col {
			if _, err := syntax.Parse(re, syntax.Perl); err != nil {
				problem = ": " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
			}
		}
	}))
	return problem
}

// characterAt returns the character at a line from 1 and a column from 0.
func characterAt(source string, line, col int) rune {
	lines := strings.Split(source, "\n")
	if line < 1 || line > len(lines) {
		return 0
	}
	if r := []rune(lines[line-1]); col >= 0 && col < len(r) {
		return r[col]
	}
	return 0
}

// nameHint says what a name could have been.
func (c *compiler) nameHint(env *cel.Env, name string) string {
	for _, v := range []struct{ name, where string }{{"ev", "calendar"}, {"msg", "mail"}, {"x", "mail"}, {"terms", "mail"}} {
		if name == v.name {
			return fmt.Sprintf("%s is known in %s rules only", v.name, v.where)
		}
	}
	return suggest(name, c.variables(env))
}

// overload words a call with arguments it does not take.
func overload(function, args string) (problem, hint string) {
	target, rest, member := strings.Cut(args, ".(")
	rest = strings.TrimSuffix(rest, ")")
	name := strings.Trim(function, "_")
	if name == "" {
		name = function
	}
	if member {
		problem = fmt.Sprintf("%s of %s does not take (%s)", name, target, rest)
	} else {
		problem = fmt.Sprintf("%s does not take %s", name, args)
	}
	switch {
	case function == "is_in":
		hint = `is_in asks an address for a list: msg.from.is_in(lists.name)`
	case !member && slices.Contains(functionNames, name):
		hint = fmt.Sprintf("it stands after a dot: text.%s(...)", name)
	case member && strings.HasPrefix(target, "list("):
		hint = "this is a list: ask for each element with .exists(e, ...)"
	case strings.Contains(args, "list(") && strings.Contains(args, "string"):
		hint = `for a list write "..." in list, or list.exists(e, ...)`
	case strings.Contains(args, "money"):
		hint = "compare its cents, e.g. x.total.cents >= 500000"
	case strings.Contains(args, "duration"):
		hint = `write durations as duration("72h")`
	case strings.Contains(args, "timestamp"):
		hint = `write times as timestamp("2026-01-31T00:00:00Z")`
	case strings.Contains(args, "int") && strings.Contains(args, "string"):
		hint = "a number is written without quotes"
	}
	return strings.NewReplacer("list(string)", "list of texts", "string", "text", "int", "number", "bool", "true or false", "timestamp", "time").Replace(problem), hint
}

// functionHint names the nearest function, or all of them.
func functionHint(name string) string {
	if hint := suggest(name, slices.Clone(functionNames)); hint != "" {
		return hint
	}
	return "there are: " + strings.Join(functionNames, ", ")
}

// fieldsNear returns the fields the operand at this place has, and what it is
// called in the rule.
func (c *compiler) fieldsNear(env *cel.Env, e config.Expr, name string, line, col int) (names []string, owner string) {
	var all []string
	for _, k := range c.langs.provider.kinds {
		all = append(all, k.names()...)
	}
	parsed, issues := env.Parse(e.Source)
	if issues.Err() != nil {
		return all, ""
	}
	tree := parsed.NativeRep()
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() != ast.SelectKind || n.AsSelect().FieldName() != name || owner != "" {
			return
		}
		at := tree.SourceInfo().GetStartLocation(n.ID())
		if at.Line() != line || at.Column() != col {
			return
		}
		if k := c.kindOf(env, n.AsSelect().Operand()); k != nil {
			names, owner = k.names(), path(n.AsSelect().Operand())
		}
	}))
	if owner == "" {
		return all, ""
	}
	return names, owner
}

// kindOf follows a chain of selections from a variable.
func (c *compiler) kindOf(env *cel.Env, n ast.Expr) *kind {
	switch n.Kind() {
	case ast.IdentKind:
		for _, v := range env.Variables() {
			if v.Name() == n.AsIdent() {
				return c.langs.provider.kinds[v.Type().TypeName()]
			}
		}
	case ast.SelectKind:
		if k := c.kindOf(env, n.AsSelect().Operand()); k != nil {
			if f, ok := k.fields[n.AsSelect().FieldName()]; ok {
				return c.langs.provider.kinds[f.typ.TypeName()]
			}
		}
	}
	return nil
}

func path(n ast.Expr) string {
	if n.Kind() == ast.SelectKind {
		return path(n.AsSelect().Operand()) + "." + n.AsSelect().FieldName()
	}
	return n.AsIdent()
}

// functionNames are the functions an expression may call.
var functionNames = []string{
	"all", "contains", "distinct", "domain", "duration", "endsWith", "exists", "exists_one", "filter", "getDate", "getDayOfWeek", "getFullYear", "getHours",
	"getMonth", "has", "is_in", "looks_like", "lower", "map", "matches", "size", "startsWith", "timestamp", "within",
}

// variables are the names an expression may begin with.
func (c *compiler) variables(env *cel.Env) []string {
	var names []string
	for _, v := range env.Variables() {
		if _, isType := v.Value().(*types.Type); !isType && !strings.Contains(v.Name(), ".") {
			names = append(names, v.Name())
		}
	}
	return names
}

// suggest names the nearest word, or lists the few there are.
func suggest(word string, names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	best, distance := "", (len(word)+1)/3
	for _, n := range names {
		if d := edits(strings.ToLower(word), n); d <= distance && (best == "" || d < distance) {
			best, distance = n, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(names) == 0:
		return ""
	case len(names) <= 50:
		return "there are: " + strings.Join(names, ", ")
	}
	return ""
}

// edits is how many letters must change to turn a into b; a swap of neighbours
// counts once.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range x {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			now[j+1] = min(last[j+1]+1, now[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, now, before
	}
	return rows[1][len(y)]
}
