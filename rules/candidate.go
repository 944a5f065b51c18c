package rules

import (
	"math/bits"
	"strings"
)

// ruleSet is a set of rules by their place in the order.
type ruleSet []uint64

func newRuleSet(n int) ruleSet { return make(ruleSet, (n+63)/64) }

func (s ruleSet) add(i int) { s[i/64] |= 1 << (i % 64) }

// gate is the index from keys to the rules they let through.
type gate struct {
	always    ruleSet      // rules without keys
	terms     [][]termGate // by set
	lists     []ruleSet
	alike     []ruleSet
	threads   map[string]ruleSet
	hints     []ruleSet
	matter    ruleSet
	encrypted ruleSet
	files     ruleSet
	invites   ruleSet
	bills     ruleSet

	byTerm ruleSet // every rule with a key of this sort
	byLong ruleSet // every rule with a hint in a zone of the body
	byHint ruleSet

	owners map[string][]int // address or domain to lists
	keyed  *keyed
}

func (s *Set) buildGate(g *gater) {
	n := len(s.mail)
	t := &gate{
		always: newRuleSet(n), matter: newRuleSet(n), encrypted: newRuleSet(n), files: newRuleSet(n), invites: newRuleSet(n), bills: newRuleSet(n),
		byTerm: newRuleSet(n), byLong: newRuleSet(n), byHint: newRuleSet(n),
		terms: make([][]termGate, s.words.count), lists: make([]ruleSet, len(s.lists)), alike: make([]ruleSet, len(s.lists)),
		hints: make([]ruleSet, len(g.hints.list)), threads: map[string]ruleSet{}, owners: map[string][]int{},
	}
	put := func(sets []ruleSet, id, rule int) {
		if sets[id] == nil {
			sets[id] = newRuleSet(n)
		}
		sets[id].add(rule)
	}
	for i, r := range s.mail {
		if r.keys == nil {
			t.always.add(i)
			continue
		}
		for _, k := range r.keys {
			switch k.sort {
			case keyTerm:
				t.term(k, n, i)
			case keyList:
				put(t.lists, k.id, i)
			case keyAlike:
				put(t.alike, k.id, i)
			case keyThread:
				name := s.markNames[k.id]
				if t.threads[name] == nil {
					t.threads[name] = newRuleSet(n)
				}
				t.threads[name].add(i)
			case keyHint:
				put(t.hints, k.id, i)
				if t.byHint.add(i); g.hints.list[k.id].field.long {
					t.byLong.add(i)
				}
			case keyMatter:
				t.matter.add(i)
			case keyEncrypted:
				t.encrypted.add(i)
			case keyFile:
				t.files.add(i)
			case keyInvite:
				t.invites.add(i)
			case keyBill:
				t.bills.add(i)
			}
		}
	}
	for id, l := range s.lists {
		if t.lists[id] != nil {
			for entry := range l.set {
				t.owners[entry] = append(t.owners[entry], id)
			}
		}
	}
	t.keyed = newKeyed(s, t)
	s.gate = t
}

// allow returns the rules among wanted that may match.
func (t *gate) allow(f *facts, wanted ruleSet) ruleSet {
	out := make(ruleSet, len(wanted))
	join := func(s ruleSet) {
		for i := range s {
			out[i] |= s[i] & wanted[i]
		}
	}
	join(t.always)
	if f.mail.Encrypted {
		join(t.encrypted)
	}
	if len(f.mail.Files) > 0 {
		join(t.files)
	}
	if f.invite != nil {
		join(t.invites)
	}
	if len(t.owners) > 0 {
		domains(f.from, func(key string) bool {
			for _, id := range t.owners[key] {
				join(t.lists[id])
			}
			return false
		})
	}
	for _, name := range f.thread {
		if rules := t.threads[name]; rules != nil {
			join(rules)
		}
	}
	for id, rules := range t.alike {
		if rules != nil && overlap(rules, wanted) && !hasAll(rules, wanted, out) && f.set.lists[id].like(f.from) {
			join(rules)
		}
	}
	if len(t.hints) > 0 && overlap(t.byHint, wanted) {
		long := overlap(t.byLong, wanted)
		f.set.hints.scan(f, func(field *fieldText) bool { return long || !field.long }, func(i int) { join(t.hints[i]) })
	}
	if overlap(t.byTerm, wanted) {
		t.joinTerms(f.keyHits(), join)
	}
	if overlap(t.bills, wanted) && f.mayBill() {
		join(t.bills)
	}
	if overlap(t.matter, wanted) && len(f.named()) > 0 {
		join(t.matter)
	}
	return out
}

func overlap(a, b ruleSet) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

// hasAll reports whether out has all of a that is wanted.
func hasAll(a, wanted, out ruleSet) bool {
	for i := range a {
		if a[i]&wanted[i]&^out[i] != 0 {
			return false
		}
	}
	return true
}

// each calls do with every rule of the set in order until it returns false.
func (s ruleSet) each(do func(i int) bool) {
	for w, word := range s {
		for word != 0 {
			i := bits.TrailingZeros64(word)
			word &^= 1 << i
			if !do(w*64 + i) {
				return
			}
		}
	}
}

// folderGroup is the rules that look at the same folders.
type folderGroup struct {
	folders []string // empty: every followed mailbox
	rules   ruleSet
}

func looksAt(folders []string, mailbox string) bool {
	if len(folders) == 0 {
		return true
	}
	for _, f := range folders {
		if sameMailbox(strings.Split(f, "/"), mailbox) {
			return true
		}
	}
	return false
}

// sameMailbox compares path segments with a mailbox name as the server has it,
// whatever its delimiter. INBOX has no case (RFC 9051 section 5.1).
func sameMailbox(segments []string, mailbox string) bool {
	for _, delimiter := range []string{"/", ".", `\`} {
		name := strings.Join(segments, delimiter)
		if name == mailbox || strings.EqualFold(name, "INBOX") && strings.EqualFold(mailbox, "INBOX") {
			return true
		}
	}
	return false
}
