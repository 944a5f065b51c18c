package rules

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"golang.org/x/net/idna"
)

// Lengths of a name from which on a likeness is no accident.
const (
	minTypo     = 5  // one typing error
	minOtherTop = 5  // the same name under another top-level domain
	minInside   = 7  // the name as a part of a longer one, between hyphens
	minGrown    = 8  // the name with a word of bait and no hyphen
	farTypo     = 8  // one typing error, and another top-level domain as well
	maxName     = 63 // octets of a label (RFC 1035 section 2.3.4)
)

// lookalikes answers whether a domain only looks like one of a list. Its cost
// hardly grows with the list: all forms of a name are looked up, never compared
// one by one.
type lookalikes struct {
	known  map[string]bool          // domain -> it is one of the list, as registered: firm.example
	names  map[string][]string      // name -> the suffixes it is registered under
	looks  map[string]string        // skeleton -> name
	plain  map[string]string        // a name with hyphens without them -> name
	list   []string                 // names of at least minTypo letters
	near   []uint64                 // hashes of their forms with one letter left out, and which of list; sorted
	joined map[string]bool          // "uk" + "firm" of uk.firm.example
	seen   []atomic.Pointer[judged] // none for a list that is asked once
}

func newLookalikes(entries []string) *lookalikes {
	l := &lookalikes{known: map[string]bool{}, names: map[string][]string{}, looks: map[string]string{}, plain: map[string]string{},
		joined: map[string]bool{}}
	for _, e := range entries {
		d := domain(e)
		name, suffix, below := registered(d)
		if name == "" || strings.Contains(e, "@") && publicMail[name] {
			continue
		}
		l.known[name+"."+suffix] = true
		if below != "" {
			l.joined[strings.ReplaceAll(below, ".", "")+name] = true
		}
		if suffixes, ok := l.names[name]; ok {
			if !slices.Contains(suffixes, suffix) {
				l.names[name] = append(suffixes, suffix)
			}
			continue
		}
		l.names[name] = []string{suffix}
		l.looks[skeleton(name)] = name
		if strings.Contains(name, "-") {
			l.plain[strings.ReplaceAll(name, "-", "")] = name
		}
		if utf8.RuneCountInString(name) >= minTypo {
			l.list = append(l.list, name)
		}
	}
	size := 0
	for _, name := range l.list {
		size += len(name) + 1
	}
	l.near = make([]uint64, 0, size)
	for i, name := range l.list {
		l.near = append(l.near, uint64(hash(name))<<32|uint64(i))
		without(name, func(form uint32) { l.near = append(l.near, uint64(form)<<32|uint64(i)) })
	}
	slices.Sort(l.near)
	return l
}

// hash is FNV-1a. What has the same hash is compared.
func hash(s string) uint32 { return hashOn(2166136261, s) }

func hashOn(h uint32, s string) uint32 {
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// like reports whether an address or domain is taken for one of the list and is
// none: not the domain itself, nothing below it, not a domain it is below of.
func (l *lookalikes) like(addr string) bool {
	d := domain(addr)
	if d == "" || len(d) > 253 || len(l.names) == 0 {
		return false
	}
	if len(l.seen) == 0 {
		return l.judge(d)
	}
	slot := &l.seen[hash(d)%uint32(len(l.seen))]
	if s := slot.Load(); s != nil && s.domain == d {
		return s.like
	}
	answer := l.judge(d)
	slot.Store(&judged{strings.Clone(d), answer})
	return answer
}

// judged is the answer for a domain. Mail comes from few domains, again and again.
type judged struct {
	domain string
	like   bool
}

func (l *lookalikes) judge(d string) bool {
	name, suffix, below := registered(d)
	if name == "" || l.known[name+"."+suffix] || len(name) > 4*maxName {
		return false
	}
	return l.inside(d) || !publicMail[name] && (l.otherTop(name, suffix) || l.glyphs(name) || l.typo(name, suffix) || l.longer(name, below))
}

// otherTop is the same name elsewhere. A short name is many people's; there the
// top-level domain itself must be a slip: .co for .com.
func (l *lookalikes) otherTop(name, suffix string) bool {
	for _, s := range l.names[name] {
		if utf8.RuneCountInString(name) >= minOtherTop || oneEdit(s, suffix) {
			return true
		}
	}
	return false
}

// glyphs is a name that only looks the same, or has a hyphen more or less.
func (l *lookalikes) glyphs(name string) bool {
	if n, ok := l.looks[skeleton(name)]; ok && n != name && utf8.RuneCountInString(n) >= 3 {
		return true
	}
	bare := strings.ReplaceAll(name, "-", "")
	if len(bare) < minTypo {
		return false
	}
	if n, ok := l.plain[bare]; ok && n != name {
		return true
	}
	_, hyphened := l.names[bare]
	return hyphened && bare != name || l.joined[bare]
}

// typo is one letter more, less, other, or two that changed places.
func (l *lookalikes) typo(name, suffix string) bool {
	if n := utf8.RuneCountInString(name); n < minTypo-1 || n > maxName {
		return false
	}
	found := l.nearTo(hash(name), name, suffix)
	without(name, func(form uint32) { found = found || l.nearTo(form, name, suffix) })
	return found
}

// nearTo looks through the names with a form of that hash.
func (l *lookalikes) nearTo(form uint32, name, suffix string) bool {
	i, _ := slices.BinarySearch(l.near, uint64(form)<<32)
	for ; i < len(l.near) && uint32(l.near[i]>>32) == form; i++ {
		n := l.list[uint32(l.near[i])]
		if n == name || !oneEdit(n, name) {
			continue
		}
		if utf8.RuneCountInString(n) >= farTypo || slices.Contains(l.names[n], suffix) {
			return true
		}
	}
	return false
}

// maxTokens bounds the parts of a name between hyphens that are put together.
const maxTokens = 8

// longer is a long name as a part of a longer one: firm-name-billing.
func (l *lookalikes) longer(name, below string) bool {
	parts := strings.Split(name, "-")
	for i := range min(len(parts), maxTokens) {
		for j := i + 1; j <= min(len(parts), maxTokens); j++ {
			part := strings.Join(parts[i:j], "-")
			if part == name || len(part) < minInside {
				continue
			}
			if _, ok := l.names[part]; ok {
				return true
			}
			if _, ok := l.plain[strings.ReplaceAll(part, "-", "")]; ok {
				return true
			}
		}
	}
	for _, word := range bait {
		for _, rest := range []string{strings.TrimSuffix(name, word), strings.TrimPrefix(name, word)} {
			if rest != name && len(rest) >= minGrown {
				if _, ok := l.names[rest]; ok {
					return true
				}
			}
		}
	}
	return false
}

// bait are words that forgers add to the name of a firm.
var bait = []string{"billing", "bill", "pay", "payment", "payments", "invoice", "invoices", "invoicing", "account", "accounts", "accounting",
	"finance", "treasury", "legal", "law", "lawyers", "llp", "llc", "inc", "ltd", "group", "mail", "email", "secure", "security", "portal",
	"support", "online", "office", "hr", "team", "global", "usa", "us", "uk"}

// inside is a listed domain below a strange one: firm.example.evil.example.
func (l *lookalikes) inside(d string) bool {
	labels := strings.Split(d, ".")
	for i := range min(len(labels), 2*maxTokens) {
		for n := 2; n <= 3 && i+n < len(labels); n++ {
			part := strings.Join(labels[i:i+n], ".")
			if l.known[part] && len(labels[i]) >= minTypo-1 {
				return true
			}
		}
	}
	return false
}

// registered divides a domain into the name that somebody registered, the suffix
// it is under and what is below it. IDN labels are decoded (RFC 5891 section 4).
// Two-letter countries have second levels that anyone may register under.
func registered(d string) (name, suffix, below string) {
	d = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(d, "@"), "."))
	if strings.Contains(d, "xn--") {
		if u, err := idna.Punycode.ToUnicode(d); err == nil {
			d = u
		}
	}
	labels := strings.Split(d, ".")
	n := len(labels)
	if n < 2 {
		return "", "", ""
	}
	top := 1
	if n > 2 && len(labels[n-1]) == 2 && secondLevel[labels[n-2]] {
		top = 2
	}
	return labels[n-top-1], strings.Join(labels[n-top:], "."), strings.Join(labels[:n-top-1], ".")
}

var secondLevel = wordSet("ac co com edu gov go gob gouv law ltd me mil ne net nhs nom or org plc sch asn id")

// publicMail are providers whose domain is nobody's own: an address there in a
// list does not make everyone with a similar provider suspicious.
var publicMail = wordSet("gmail googlemail outlook hotmail live msn yahoo ymail icloud me mac aol gmx web proton protonmail mail fastmail zoho yandex qq 163 t-online orange free comcast verizon att")

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// without calls do with the hash of every form of s that has one letter less.
func without(s string, do func(form uint32)) {
	if len(s) > maxName {
		return
	}
	before := hash("")
	for i, r := range s {
		n := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		do(hashOn(before, s[i+n:]))
		before = hashOn(before, s[i:i+n])
	}
}

// looksLike is the function looks_like of the expressions.
func looksLike() cel.EnvOption {
	return cel.Function("looks_like", cel.MemberOverload("string_looks_like_list", []*cel.Type{cel.StringType, stringList}, cel.BoolType,
		cel.BinaryBinding(func(addr, list ref.Val) ref.Val {
			s, ok := addr.(types.String)
			if !ok {
				return types.MaybeNoSuchOverloadErr(addr)
			}
			if a, ok := list.(*addresses); ok {
				return types.Bool(a.like(strings.ToLower(string(s))))
			}
			l, ok := list.(traits.Lister)
			if !ok {
				return types.MaybeNoSuchOverloadErr(list)
			}
			var entries []string
			for it := l.Iterator(); it.HasNext() == types.True && len(entries) < maxAdHoc; {
				if e, ok := it.Next().(types.String); ok {
					entries = append(entries, strings.ToLower(string(e)))
				}
			}
			return types.Bool(newLookalikes(entries).like(strings.ToLower(string(s))))
		})))
}

// maxAdHoc bounds a list that is no list of the rule files, as x.matter.team.
const maxAdHoc = 200
