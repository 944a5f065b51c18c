package rules

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// prover answers whether two conditions can hold for one message, and whether
// one holds whenever another does. It is careful: "yes, never both" and "yes,
// always" are certain; where it knows nothing it says no.
type prover struct {
	lists   map[string]*addresses
	noTerms map[string]bool // sets without a term
	regexps map[string]*regexp.Regexp
	apart   map[[2]*addresses]bool // lists without a common address
	inside  map[[2]*addresses]bool // the first is all in the second
}

func newProver() *prover {
	return &prover{lists: map[string]*addresses{}, noTerms: map[string]bool{}, regexps: map[string]*regexp.Regexp{},
		apart: map[[2]*addresses]bool{}, inside: map[[2]*addresses]bool{}}
}

func (p *prover) regexp(s string) *regexp.Regexp {
	re, ok := p.regexps[s]
	if !ok {
		re, _ = regexp.Compile(s)
		p.regexps[s] = re
	}
	return re
}

// cube is one way for a condition to hold: all its claims. They are sorted by
// what they are about.
type cube []*claim

// maxCubes bounds the ways of one condition that are looked at.
const maxCubes = 128

// cubes are all ways in which f holds; ok is false if there are too many.
// Ways that contradict themselves are left out.
func (p *prover) cubes(f *formula) (list []cube, ok bool) {
	switch f.op {
	case certain:
		return []cube{nil}, true
	case impossible:
		return nil, true
	case oneClaim:
		return []cube{{&f.claim}}, true
	case anyOf:
		for _, part := range f.parts {
			more, ok := p.cubes(part)
			if list = append(list, more...); !ok || len(list) > maxCubes {
				return nil, false
			}
		}
		return list, true
	}
	list = []cube{nil}
	for _, part := range f.parts {
		more, ok := p.cubes(part)
		if !ok || len(list)*len(more) > maxCubes*8 {
			return nil, false
		}
		var next []cube
		for _, a := range list {
			for _, b := range more {
				if x, _ := p.clash(a, b); x == nil {
					next = append(next, merge(a, b))
				}
			}
		}
		if list = next; len(list) > maxCubes {
			return nil, false
		}
	}
	return list, true
}

func merge(a, b cube) cube {
	out := append(slices.Clone(a), b...)
	slices.SortStableFunc(out, func(a, b *claim) int { return cmp.Compare(a.value, b.value) })
	return out
}

// clash finds two claims that exclude each other, one of a and one of b.
func (p *prover) clash(a, b cube) (x, y *claim) {
	for len(a) > 0 && len(b) > 0 {
		switch order := cmp.Compare(a[0].value, b[0].value); {
		case order < 0:
			a = a[1:]
		case order > 0:
			b = b[1:]
		default:
			var ga, gb cube
			ga, a = group(a)
			gb, b = group(b)
			if x, y := p.clashOf(ga, gb); x != nil {
				return x, y
			}
		}
	}
	return nil, nil
}

// group cuts off the claims about the first value.
func group(c cube) (first, rest cube) {
	n := 1
	for n < len(c) && c[n].value == c[0].value {
		n++
	}
	return c[:n], c[n:]
}

// clashOf is clash for claims about one value.
func (p *prover) clashOf(a, b cube) (x, y *claim) {
	for _, x := range a {
		for _, y := range b {
			if p.excludes(x, y) {
				return x, y
			}
		}
	}
	if len(a)+len(b) == 2 {
		return nil, nil
	}
	all := append(slices.Clone(a), b...)
	spans, numbers := []span{{lowest, highest}}, false
	for _, c := range all {
		if c.kind == isBetween {
			spans, numbers = meet(spans, c.ranges), true
		}
		if c.kind == isOneOf && !c.not && !slices.ContainsFunc(c.texts, func(s string) bool { return p.allow(all, c.through, s) }) {
			return a[0], b[0]
		}
	}
	if numbers && len(spans) == 0 {
		return a[0], b[0]
	}
	return nil, nil
}

// allow reports whether a text may be the value, as far as the claims go.
func (p *prover) allow(claims cube, through, s string) bool {
	for _, c := range claims {
		if holds, known := c.test(through, s); known && holds == c.not {
			return false
		}
	}
	return true
}

// excludes reports that x and y never hold together.
func (p *prover) excludes(x, y *claim) bool {
	no := *y
	no.not = !no.not
	if y.kind == isBetween {
		return x.kind == isBetween && len(meet(x.ranges, y.ranges)) == 0
	}
	if x.kind == hasOne && y.kind == hasOne {
		switch {
		case x.not == y.not:
			return false
		case x.not:
			x, y = y, x
		}
		return p.apartFrom(x.some.true, y.some.false)
	}
	return p.implies(x, &no)
}

// implies reports that y holds whenever x does. Both are about one value.
func (p *prover) implies(x, y *claim) bool {
	switch {
	case x.value != y.value:
		return false
	case x.kind == hasOne && y.kind == hasOne:
		return p.impliesElement(x, y)
	case x.kind == isBetween && y.kind == isBetween:
		return covers(y.ranges, x.ranges)
	case x.kind == hasOne || y.kind == hasOne || x.kind == isBetween || y.kind == isBetween:
		return false
	}
	back, no := *y, *x
	back.not, no.not = !y.not, !x.not
	return p.forward(x, y) || p.forward(&back, &no)
}

// impliesElement compares what one element of a list must be like.
func (p *prover) impliesElement(x, y *claim) bool {
	if x.not != y.not {
		return false
	}
	if x.some.key == y.some.key {
		return true
	}
	if x.not {
		return p.follows(x.some.false, y.some.false)
	}
	return p.follows(x.some.true, y.some.true)
}

// forward is one direction of implies; the other follows by turning both round.
func (p *prover) forward(x, y *claim) bool {
	if x.not {
		return x.not == y.not && same(x, y)
	}
	switch x.kind {
	case isOneOf:
		for _, s := range x.texts {
			if holds, known := y.test(x.through, s); !known || holds == y.not {
				return p.domains(x, y)
			}
		}
		return true
	case startsWith, endsWith, contains:
		return x.through == y.through && partOf(x, y) || p.ofDomain(x, y)
	case isInList:
		if y.kind != isInList || x.through != y.through {
			return false
		}
		if y.not {
			return p.listsApart(x.list, y.list)
		}
		return p.listInside(x.list, y.list)
	}
	return !y.not && same(x, y)
}

// domains knows addresses of a domain that no entry of a list reaches.
func (p *prover) domains(x, y *claim) bool {
	if x.through != "domain" || y.kind != isInList || y.through != "" || !y.not {
		return false
	}
	for _, d := range x.texts {
		for e := range y.list.set {
			if domain(e) == d || strings.HasSuffix(d, "."+e) {
				return false
			}
		}
	}
	return true
}

// ofDomain knows what ".endsWith("@court.example")" says of the domain.
func (p *prover) ofDomain(x, y *claim) bool {
	rest, ok := strings.CutPrefix(x.text, "@")
	if x.kind != endsWith || x.through == "domain" || !ok || strings.Contains(rest, "@") {
		return false
	}
	of := claim{value: x.value, kind: isOneOf, through: "domain", texts: []string{strings.ToLower(rest)}}
	return p.forward(&of, y)
}

func same(x, y *claim) bool {
	return x.kind == y.kind && x.through == y.through && x.text == y.text && x.list == y.list && slices.Equal(x.texts, y.texts)
}

// partOf compares beginnings, ends and parts of a text.
func partOf(x, y *claim) bool {
	switch {
	case !y.not && y.kind == contains:
		return strings.Contains(x.text, y.text)
	case !y.not && x.kind == startsWith && y.kind == startsWith:
		return strings.HasPrefix(x.text, y.text)
	case !y.not && x.kind == endsWith && y.kind == endsWith:
		return strings.HasSuffix(x.text, y.text)
	case y.not && x.kind == startsWith && y.kind == startsWith:
		return !strings.HasPrefix(x.text, y.text) && !strings.HasPrefix(y.text, x.text)
	case y.not && x.kind == endsWith && y.kind == endsWith:
		return !strings.HasSuffix(x.text, y.text) && !strings.HasSuffix(y.text, x.text)
	}
	return false
}

// test evaluates the claim, without its "not", for a text that was reached
// through lower or domain; known is false if that does not settle it.
func (c *claim) test(through, s string) (holds, known bool) {
	switch {
	case through == c.through:
	case through == "" && c.through == "domain":
		s = domain(strings.ToLower(s))
	case through == "" && c.through == "lower":
		s = strings.ToLower(s)
	case through == "lower" && c.through == "domain":
		s = domain(s)
	case through == "lower" && c.kind == isInList && c.through == "" && len(s) < 500:
	default:
		return false, false
	}
	switch c.kind {
	case isOneOf:
		return slices.Contains(c.texts, s), true
	case startsWith:
		return strings.HasPrefix(s, c.text), true
	case endsWith:
		return strings.HasSuffix(s, c.text), true
	case contains:
		return strings.Contains(s, c.text), true
	case matches:
		return c.re.MatchString(s), true
	case isInList:
		return c.list.holds(strings.ToLower(s)), true
	}
	return false, false
}

// maxListWork bounds the entries of two lists that are compared.
const maxListWork = 20_000

// listsApart reports that no address is in both lists.
func (p *prover) listsApart(a, b *addresses) bool {
	if len(a.set) > maxListWork || len(b.set) > maxListWork {
		return false
	}
	if len(a.set)+len(b.set) < 32 { // not worth to be remembered
		return !anyIn(a, b) && !anyIn(b, a)
	}
	key := [2]*addresses{a, b}
	v, ok := p.apart[key]
	if !ok {
		v = !anyIn(a, b) && !anyIn(b, a)
		p.apart[key], p.apart[[2]*addresses{b, a}] = v, v
	}
	return v
}

func anyIn(a, b *addresses) bool {
	for e := range a.set {
		if len(e) > 900 || b.holds(e) {
			return true
		}
	}
	return false
}

// listInside reports that every address of a is in b.
func (p *prover) listInside(a, b *addresses) bool {
	if a == b {
		return true
	}
	if len(a.set) > maxListWork {
		return false
	}
	key := [2]*addresses{a, b}
	v, ok := p.inside[key]
	if !ok {
		v = true
		for e := range a.set {
			v = v && len(e) < 900 && b.holds(e)
		}
		p.inside[key] = v
	}
	return v
}

// apartFrom reports that a and b never hold together.
func (p *prover) apartFrom(a, b *formula) bool {
	as, ok := p.cubes(a)
	if !ok {
		return false
	}
	bs, ok := p.cubes(b)
	return ok && p.exclusive(as, bs)
}

func (p *prover) exclusive(as, bs []cube) bool {
	for _, a := range as {
		for _, b := range bs {
			if x, _ := p.clash(a, b); x == nil {
				return false
			}
		}
	}
	return true
}

// follows reports that f holds whenever when does.
func (p *prover) follows(when, f *formula) bool {
	cubes, ok := p.cubes(when)
	if !ok {
		return false
	}
	for _, c := range cubes {
		if !p.entails(c, f) {
			return false
		}
	}
	return true
}

// entails reports that f holds where all claims of c do.
func (p *prover) entails(c cube, f *formula) bool {
	switch f.op {
	case certain:
		return true
	case impossible:
		return false
	case oneClaim:
		at, _ := slices.BinarySearchFunc(c, f.claim.value, func(x *claim, value string) int { return cmp.Compare(x.value, value) })
		for ; at < len(c) && c[at].value == f.claim.value; at++ {
			if p.implies(c[at], &f.claim) {
				return true
			}
		}
		return false
	case allOf:
		return !slices.ContainsFunc(f.parts, func(part *formula) bool { return !p.entails(c, part) })
	}
	return slices.ContainsFunc(f.parts, func(part *formula) bool { return p.entails(c, part) })
}
