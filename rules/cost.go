package rules

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"chancery/config"
)

// What a message can have at most, as far as cost goes.
const (
	mostAddress = 320      // octets of an address: RFC 5321 section 4.5.3.1
	mostTitle   = 64 << 10 // of an event, and its location
	mostText    = 1000
	mostList    = 1000
)

// sizes estimates how large values can be.
type sizes struct {
	lists map[string]int // entries of each list
}

// EstimateSize knows the bounds of what conditions read.
func (s sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if most := s.most(n.Path(), n.Type()); most >= 0 {
		return &cost.SizeEstimate{Max: uint64(most)}
	}
	return nil
}

// EstimateCallCost knows that our own functions give no more than they take.
func (s sizes) EstimateCallCost(function, _ string, target *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if target == nil || function != "lower" && function != "domain" {
		return nil
	}
	size := (*target).ComputedSize()
	if size == nil {
		if size = s.EstimateSize(*target); size == nil {
			size = &cost.SizeEstimate{Max: mostText}
		}
	}
	return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(1), ResultSize: size}
}

// most is the most octets of a text, or elements of a list; -1 where neither.
func (s sizes) most(path []string, t *types.Type) int {
	if len(path) == 0 {
		return -1
	}
	last := path[len(path)-1]
	switch t.Kind() {
	case types.ListKind:
		switch {
		case path[0] == "lists":
			return s.lists[last]
		case path[0] == "terms":
			return maxHits
		case last == "files":
			return maxFiles
		case ofPeople(path), len(path) == 1 && path[0] != "matters": // a let may be made of them
			return maxPeople
		}
		return mostList
	case types.StringKind:
		switch {
		case last == "@items":
			return mostAddress
		case last == "text" && slices.Contains(path, "files"):
			return maxText / 10 // ten files of a hundred have a text
		case len(path) == 2 && path[0] == "ev":
			return mostTitle
		case len(path) == 2 && path[0] == "msg" && slices.Contains(longTexts, last):
			return maxText
		}
		return mostText
	}
	return -1
}

var (
	longTexts  = []string{"subject", "text", "quoted", "footer", "signature"}
	peopleOf   = []string{"to", "cc", "rcpts", "inside", "outside"}
	loopInLoop = maxPeople * maxPeople / costLimit // times what one condition may cost
)

func ofPeople(path []string) bool {
	return len(path) == 2 && path[0] == "msg" && slices.Contains(peopleOf, path[1])
}

// cost tells conditions that cost more than one may on some message. What counts
// is the bound while it runs: a condition that is harmless on ordinary mail is
// refused only if it goes over all addresses for each address.
func (c *compiler) cost(env *cel.Env, checked *cel.Ast, e config.Expr, rule string) bool {
	if inner := nestedPeople(checked.NativeRep().Expr(), false); inner != nil {
		at := placeOf(node{&expression{at: e, ast: checked}, inner})
		c.problem(at, rule, fmt.Sprintf("a loop over addresses inside another: with %d addresses it costs %d times what one condition may", maxPeople, loopInLoop),
			"compare with a list by .is_in(lists.name), or with one address")
		return false
	}
	estimate, err := env.EstimateCost(checked, sizes{c.lists})
	if err == nil && estimate.Max > costLimit {
		c.warn(e.Pos, rule, fmt.Sprintf("on the largest message this costs %s what one condition may", times(estimate.Max)),
			"the rule then passes that message over, and reports cost; ask for less if that must not happen")
	}
	return true
}

// nestedPeople finds a loop over addresses inside another.
func nestedPeople(n ast.Expr, inside bool) (found ast.Expr) {
	if n.Kind() == ast.ComprehensionKind {
		c := n.AsComprehension()
		if found = nestedPeople(c.IterRange(), inside); found != nil {
			return found
		}
		people := isPeople(c.IterRange())
		if people && inside {
			return n
		}
		return nestedPeople(c.LoopStep(), inside || people)
	}
	var parts []ast.Expr
	switch n.Kind() {
	case ast.CallKind:
		parts = n.AsCall().Args()
		if n.AsCall().IsMemberFunction() {
			parts = append([]ast.Expr{n.AsCall().Target()}, parts...)
		}
	case ast.ListKind:
		parts = n.AsList().Elements()
	case ast.SelectKind:
		parts = []ast.Expr{n.AsSelect().Operand()}
	}
	for _, part := range parts {
		if found = nestedPeople(part, inside); found != nil {
			return found
		}
	}
	return nil
}

// isPeople reports whether a list can have every address of a message.
func isPeople(n ast.Expr) bool {
	switch n.Kind() {
	case ast.ComprehensionKind: // filter and map
		return isPeople(n.AsComprehension().IterRange())
	case ast.CallKind:
		return n.AsCall().FunctionName() == operators.Add && slices.ContainsFunc(n.AsCall().Args(), isPeople)
	}
	return slices.Contains(peopleOf, fieldOf(n, "msg"))
}

// times says a cost in words.
func times(cost uint64) string {
	switch n := cost / costLimit; {
	case n < 2:
		return "somewhat more than"
	case n > 1_000_000:
		return "over a million times"
	case n >= 1000:
		return fmt.Sprintf("%d,%03d times", n/1000, n%1000)
	default:
		return fmt.Sprintf("%d times", n)
	}
}
