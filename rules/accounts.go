package rules

import (
	"cmp"
	"slices"
	"strings"

	"chancery/config"
	"chancery/internal/model"
)

// account is what is otherwise for the mail of one account.
type account struct {
	folders  []folderGroup // rules for this account alone, or this one and others
	switched map[int]*rule // rules as its people switched them, by order
	off      ruleSet       // those of them that are off; nil: none
}

// switched is one rule of the firm as the people of an account have it.
type switched struct {
	account string
	of, is  *rule
}

// strictness orders modes by how much may happen.
var strictness = map[config.Mode]int{config.Off: 0, config.Observe: 1, config.Enforce: 2}

// switches compiles what files of users.d change about rules. A switch makes a
// rule do less, or file elsewhere; it never makes one do more.
func (c *compiler) switches(users []config.User) {
	for _, u := range users {
		for _, s := range u.Switches {
			of := c.set.rule(s.Rule.Value)
			if of == nil || of.user {
				continue // told by config, or broken itself
			}
			is := *of
			is.switched = s.Rule.Pos.String()
			if s.Mode != "" && strictness[s.Mode] < strictness[is.mode] {
				is.mode = s.Mode
			}
			if s.File != nil {
				is.actions = slices.Clone(is.actions)
				for i := range is.actions {
					if is.actions[i].file != nil {
						is.actions[i].file = cmp.Or(c.path(of.env, s.File, of.name), is.actions[i].file)
					}
				}
			}
			c.set.switched = append(c.set.switched, switched{u.Account.Value, of, &is})
		}
	}
}

// buildFolders groups the rules that are not off by the mailboxes and accounts
// they are for, so that a message meets only its own.
func (s *Set) buildFolders() {
	s.folders, s.accounts = nil, map[model.SourceID]*account{}
	index := map[string]int{}
	put := func(groups *[]folderGroup, of string, i int, r *rule) {
		id := of + "\x00" + strings.Join(r.folders, "\x00")
		g, ok := index[id]
		if !ok {
			g = len(*groups)
			index[id] = g
			*groups = append(*groups, folderGroup{r.folders, newRuleSet(len(s.mail))})
		}
		(*groups)[g].rules.add(i)
	}
	for i, r := range s.mail {
		if r.mode == modeOff {
			continue
		}
		if len(r.accounts) == 0 {
			put(&s.folders, "", i, r)
		}
		for _, name := range r.accounts {
			put(&s.accountOf(name).folders, name, i, r)
		}
	}
	for _, sw := range s.switched {
		a := s.accountOf(sw.account)
		if a.switched == nil {
			a.switched = map[int]*rule{}
		}
		a.switched[sw.of.order] = sw.is
		if sw.is.mode == modeOff {
			if a.off == nil {
				a.off = newRuleSet(len(s.mail))
			}
			a.off.add(sw.of.order)
		}
	}
}

func (s *Set) accountOf(name string) *account {
	a := s.accounts[model.SourceID(name)]
	if a == nil {
		a = &account{}
		s.accounts[model.SourceID(name)] = a
	}
	return a
}

// inFolder returns the rules that look at a mailbox of an account.
func (s *Set) inFolder(source model.SourceID, mailbox string) ruleSet {
	out := newRuleSet(len(s.mail))
	join := func(groups []folderGroup) {
		for _, g := range groups {
			if looksAt(g.folders, mailbox) {
				for i := range g.rules {
					out[i] |= g.rules[i]
				}
			}
		}
	}
	join(s.folders)
	if a := s.accounts[source]; a != nil {
		join(a.folders)
		for i := range a.off {
			out[i] &^= a.off[i]
		}
	}
	return out
}

// of returns a rule as it is for an account.
func (s *Set) of(source model.SourceID, i int) *rule {
	if a := s.accounts[source]; a != nil {
		if r := a.switched[i]; r != nil {
			return r
		}
	}
	return s.mail[i]
}

// isFor reports whether a rule looks at the mail of an account at all.
func (r *rule) isFor(source model.SourceID) bool {
	return len(r.accounts) == 0 || slices.Contains(r.accounts, string(source))
}

// stopping follows the rules that matched from the top down and says which are
// not asked any more. A person's own rule stops that person's own ones alone:
// what the firm wants of its mail comes to pass whatever they write.
type stopping struct{ all, own bool }

func (s *stopping) passes(r *rule) bool { return s.all || s.own && r.user }

func (s *stopping) matched(r *rule) {
	if r.stop && r.mode == config.Enforce {
		s.all, s.own = s.all || !r.user, true
	}
}

// rule returns a rule by its name, nil if there is none.
func (s *Set) rule(name string) *rule {
	if i := slices.IndexFunc(s.mail, func(r *rule) bool { return r.name == name }); i >= 0 {
		return s.mail[i]
	}
	return nil
}
