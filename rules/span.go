package rules

import (
	"cmp"
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// number is a whole number, a time or a duration, exactly. Times and durations
// have nanoseconds, so each has a next one, as whole numbers have.
type number struct {
	sec  int64
	nano int32 // 0 to 999,999,999
	unit bool  // a time or duration
}

var lowest, highest = number{sec: math.MinInt64}, number{sec: math.MaxInt64, nano: 999_999_999}

func (n number) compare(o number) int {
	return cmp.Or(cmp.Compare(n.sec, o.sec), cmp.Compare(n.nano, o.nano))
}

// next and previous stop at the ends.
func (n number) next() number {
	switch {
	case n.unit && n.nano < 999_999_999:
		n.nano++
	case n.sec < math.MaxInt64:
		n.sec, n.nano = n.sec+1, 0
	}
	return n
}

func (n number) previous() number {
	switch {
	case n.unit && n.nano > 0:
		n.nano--
	case n.unit && n.sec > math.MinInt64:
		n.sec, n.nano = n.sec-1, 999_999_999
	case !n.unit && n.sec > math.MinInt64:
		n.sec--
	}
	return n
}

func numberOf(v ref.Val) (number, bool) {
	switch v := v.(type) {
	case types.Int:
		return number{sec: int64(v)}, true
	case types.Timestamp:
		return number{v.Unix(), int32(v.Nanosecond()), true}, true
	case types.Duration:
		whole := v.Duration.Nanoseconds()
		sec, nano := whole/1e9, whole%1e9
		if nano < 0 {
			sec, nano = sec-1, nano+1e9
		}
		return number{sec, int32(nano), true}, true
	}
	return number{}, false
}

// span is the numbers from low to high, both of them included.
type span struct{ low, high number }

// spansOf are the numbers that stand in a comparison to n. At the ends of what
// can be written it may give one number too many, never one too few.
func spansOf(op string, n number) []span {
	switch op {
	case operators.Equals:
		return []span{{n, n}}
	case operators.Less:
		return []span{{lowest, n.previous()}}
	case operators.LessEquals:
		return []span{{lowest, n}}
	case operators.Greater:
		return []span{{n.next(), highest}}
	}
	return []span{{n, highest}}
}

// others are all numbers that are not in spans, which are in order.
func others(spans []span) []span {
	var out []span
	from := lowest
	for _, s := range spans {
		if from.compare(s.low) < 0 {
			out = append(out, span{from, s.low.previous()})
		}
		if s.high.compare(highest) == 0 || s.high.sec == math.MaxInt64 {
			return out
		}
		from = s.high.next()
	}
	return append(out, span{from, highest})
}

// meet are the numbers in both.
func meet(a, b []span) []span {
	var out []span
	for _, x := range a {
		for _, y := range b {
			low, high := x.low, x.high
			if low.compare(y.low) < 0 {
				low = y.low
			}
			if high.compare(y.high) > 0 {
				high = y.high
			}
			if low.compare(high) <= 0 {
				out = append(out, span{low, high})
			}
		}
	}
	slices.SortFunc(out, func(a, b span) int { return a.low.compare(b.low) })
	return out
}

// covers reports whether every number of a is in b.
func covers(b, a []span) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y span) bool { return y.low.compare(x.low) <= 0 && x.high.compare(y.high) <= 0 }) {
			return false
		}
	}
	return true
}

// sizeOf returns what a call of size is about.
func sizeOf(n ast.Expr) ast.Expr {
	if n.Kind() != ast.CallKind || n.AsCall().FunctionName() != "size" {
		return nil
	}
	if c := n.AsCall(); c.IsMemberFunction() {
		return c.Target()
	} else if len(c.Args()) == 1 {
		return c.Args()[0]
	}
	return nil
}

// filtered takes list.filter(name, body) apart.
func filtered(n ast.Expr) (list ast.Expr, name string, body ast.Expr, ok bool) {
	if n.Kind() != ast.ComprehensionKind {
		return nil, "", nil, false
	}
	c := n.AsComprehension()
	step := c.LoopStep()
	if c.HasIterVar2() || c.AccuInit().Kind() != ast.ListKind || c.AccuInit().AsList().Size() != 0 || step.Kind() != ast.CallKind ||
		step.AsCall().FunctionName() != operators.Conditional || c.Result().Kind() != ast.IdentKind {
		return nil, "", nil, false
	}
	args := step.AsCall().Args()
	grow := args[1]
	if grow.Kind() != ast.CallKind || grow.AsCall().FunctionName() != operators.Add || args[2].Kind() != ast.IdentKind || args[2].AsIdent() != c.AccuVar() {
		return nil, "", nil, false
	}
	return c.IterRange(), c.IterVar(), args[0], true
}
