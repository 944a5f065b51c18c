package rules

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// addresses is a list of addresses and domains that answers is_in without a
// walk. For everything else it is a list of strings.
type addresses struct {
	traits.Lister
	set map[string]struct{}

	once  sync.Once
	alike *lookalikes // nil until a rule asks
}

// like reports whether addr only looks like one of the list.
func (a *addresses) like(addr string) bool {
	if a.holds(addr) {
		return false
	}
	a.once.Do(func() {
		entries := make([]string, 0, len(a.set))
		for e := range a.set {
			entries = append(entries, e)
		}
		slices.Sort(entries)
		a.alike = newLookalikes(entries)
		a.alike.seen = make([]atomic.Pointer[judged], 1024)
	})
	return a.alike.like(addr)
}

func newAddresses(reg types.Adapter, entries []string) *addresses {
	a := &addresses{set: make(map[string]struct{}, len(entries))}
	lower := make([]string, 0, len(entries))
	for _, e := range entries {
		e = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(e)), "@")
		if e != "" {
			a.set[e] = struct{}{}
			lower = append(lower, e)
		}
	}
	a.Lister = types.NewStringList(reg, lower)
	return a
}

// holds reports whether addr is listed: by itself, or by its domain or any
// domain above it.
func (a *addresses) holds(addr string) bool {
	return domains(addr, func(key string) bool {
		_, ok := a.set[key]
		return ok
	})
}

// domains calls match with the address, its domain and every domain above it
// that still has a dot, until match returns true.
func domains(addr string, match func(key string) bool) bool {
	if addr == "" || len(addr) > 1000 {
		return false
	}
	if match(addr) {
		return true
	}
	d := domain(addr)
	for d != "" {
		if match(d) {
			return true
		}
		_, above, ok := strings.Cut(d, ".")
		if !ok {
			return false
		}
		d = above
	}
	return false
}

// domain is what stands after the last "@".
func domain(addr string) string {
	return addr[strings.LastIndexByte(addr, '@')+1:]
}

// isIn is the function is_in of the expressions.
func isIn(addr, list ref.Val) ref.Val {
	s, ok := addr.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(addr)
	}
	folded := strings.ToLower(string(s))
	if a, ok := list.(*addresses); ok {
		return types.Bool(a.holds(folded))
	}
	l, ok := list.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(list)
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		entry, ok := it.Next().(types.String)
		if !ok {
			continue
		}
		e := strings.TrimPrefix(strings.ToLower(string(entry)), "@")
		if domains(folded, func(key string) bool { return key == e }) {
			return types.True
		}
	}
	return types.False
}
