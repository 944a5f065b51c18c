package rules

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// distinct is the function terms.x.distinct(): how many different terms a list of
// hits has. One weak word says little however often it stands; two different
// ones together say more.
func distinct() cel.EnvOption {
	return cel.Function("distinct", cel.MemberOverload("hits_distinct", []*cel.Type{cel.ListType(hitKind.typ)}, cel.IntType,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			l, ok := v.(traits.Lister)
			if !ok {
				return types.MaybeNoSuchOverloadErr(v)
			}
			seen := map[string]bool{}
			for it := l.Iterator(); it.HasNext() == types.True; {
				if r, ok := it.Next().(record); ok {
					seen[r.v.(*hit).term] = true
				}
			}
			return types.Int(len(seen))
		})))
}
