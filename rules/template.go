package rules

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"chancery/config"
)

// The limits of a mailbox path.
const (
	maxSegment  = 100 // octets of one segment
	maxSegments = 6
)

// pathTemplate is a mailbox path with expressions. Only a "/" in its fixed text
// makes a new segment; no value can, except the folder of a matter, which IT
// wrote as a path.
type pathTemplate struct {
	pos   config.Pos
	parts []pathPart
}

type pathPart struct {
	literal string
	expr    *expression
	folder  bool // x.matter.folder: several segments
}

// path compiles the template of file:, or tells what is wrong with it.
func (c *compiler) path(env *cel.Env, t *config.Template, rule string) *pathTemplate {
	out := &pathTemplate{pos: t.Text.Pos}
	before, shape := len(c.errs), ""
	first := true // still in the first level
	for i, p := range t.Parts {
		if p.Expr == nil {
			out.parts = append(out.parts, pathPart{literal: p.Literal})
			shape += p.Literal
			first = first && !strings.Contains(p.Literal, "/")
			continue
		}
		shape += "x"
		e := c.compile(env, *p.Expr, rule)
		if e == nil {
			continue
		}
		part := pathPart{expr: e, folder: isFolder(e.root())}
		ends := func(at int, edge func(s, sep string) bool) bool {
			return at < 0 || at >= len(t.Parts) || t.Parts[at].Expr == nil && edge(t.Parts[at].Literal, "/")
		}
		switch kind := e.ast.OutputType().Kind(); {
		case part.folder && !(ends(i-1, strings.HasSuffix) && ends(i+1, strings.HasPrefix)):
			c.problem(p.Expr.Pos, rule, "x.matter.folder stands beside other text", "it is a whole path: put / around it")
		case part.folder, kind == types.StringKind, kind == types.IntKind:
		default:
			c.problem(p.Expr.Pos, rule, "a path needs text, this is "+typeName(e.ast.OutputType()),
				"only x.matter.folder may be a list; choose one field, e.g. x.matter.number")
		}
		if first && !part.folder && !fromMatter(e.root()) {
			c.problem(p.Expr.Pos, rule, "the first part of a path comes from the mail", "begin with fixed text, e.g. Billing/")
		}
		out.parts = append(out.parts, part)
	}
	if levels := strings.Count(shape, "/") + 1; levels > maxSegments {
		c.problem(t.Text.Pos, rule, fmt.Sprintf("path has %d levels, and %d is the most", levels, maxSegments), "put what is in the lower levels into one name")
	}
	for _, segment := range strings.Split(shape, "/") {
		if problem := segmentProblem(segment); problem != "" {
			c.problem(t.Text.Pos, rule, problem, `write for example "Billing/{{x.matter.client}}"`)
			break
		}
	}
	if len(c.errs) > before {
		return nil
	}
	return out
}

func segmentProblem(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "path has an empty part"
	case s == "." || s == "..":
		return "path has a part " + s
	case strings.ContainsFunc(s, unicode.IsControl):
		return "path has a control character"
	case len(s) > maxSegment:
		return "path has a part longer than 100 octets"
	}
	return ""
}

// isFolder reports whether n is x.matter.folder.
func isFolder(n ast.Expr) bool {
	return n.Kind() == ast.SelectKind && n.AsSelect().FieldName() == "folder" && fieldOf(n.AsSelect().Operand(), "x") == "matter"
}

// fromMatter reports whether n is a field of x.matter: words of IT's own list.
func fromMatter(n ast.Expr) bool {
	return n.Kind() == ast.SelectKind && fieldOf(n.AsSelect().Operand(), "x") == "matter"
}

// render returns the segments of the path, or why there are none.
func (t *pathTemplate) render(vars cel.Activation) (segments []string, missing string, err error) {
	current := ""
	for _, p := range t.parts {
		if p.expr == nil {
			pieces := strings.Split(p.literal, "/")
			current += pieces[0]
			for _, next := range pieces[1:] {
				segments = append(segments, current)
				current = next
			}
			continue
		}
		v, err := p.expr.eval(vars)
		if err != nil {
			return nil, "", err
		}
		values := texts(v)
		if len(values) == 0 {
			return nil, p.expr.at.Source, nil
		}
		for i, value := range values {
			value = segment(value)
			if value == "" {
				return nil, p.expr.at.Source, nil
			}
			if i > 0 {
				segments = append(segments, current)
				current = ""
			}
			current += value
		}
	}
	segments = append(segments, current)
	for i, s := range segments {
		if segments[i] = clip(strings.TrimSpace(s)); segmentProblem(segments[i]) != "" {
			return nil, "a usable folder name", nil
		}
	}
	if len(segments) > maxSegments {
		return nil, fmt.Sprintf("a path of at most %d parts", maxSegments), nil
	}
	return segments, "", nil
}

// texts turns a value into texts: one, or those of a list.
func texts(v ref.Val) []string {
	switch v := v.(type) {
	case types.String:
		return []string{string(v)}
	case types.Int:
		return []string{string(v.ConvertToType(types.StringType).(types.String))}
	case traits.Lister:
		var list []string
		for it := v.Iterator(); it.HasNext() == types.True; {
			if s, ok := it.Next().(types.String); ok && len(list) < maxSegments {
				list = append(list, string(s))
			}
		}
		return list
	}
	return nil
}

// segment makes a value safe as part of one folder name: no delimiter that
// servers use, no wildcard of LIST (RFC 9051 section 6.3.9), no namespace mark,
// no invisible character. The full stop stays, because numbers have it; a
// connector whose server uses it as delimiter replaces it.
func segment(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\' || r == '%' || r == '*' || r == '|' || r == ':':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.TrimLeft(strings.Join(strings.Fields(s), " "), ".~#& ")
	return strings.TrimRight(clip(s), ". ")
}

// clip cuts a name to maxSegment octets at the border of a character.
func clip(s string) string {
	for len(s) > maxSegment {
		_, n := utf8.DecodeLastRuneInString(s[:maxSegment+1])
		s = s[:maxSegment+1-n]
	}
	return s
}
