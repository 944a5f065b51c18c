package config

import (
	"fmt"
	"slices"
)

// check looks at what one file says about another.
func (l *loader) check() {
	l.checkFolders()
	l.checkDelegation()
	if l.unread {
		return // the file that was not read may define it
	}
	l.checkPrincipals()
	l.checkNames()
	l.checkMirrors()
	l.checkSwitches()
	marks := l.defined("mark")
	for _, u := range l.marked {
		if !slices.Contains(marks, u.name.Value) {
			l.out.add(Error{Pos: u.name.Pos, Rule: u.rule, Problem: fmt.Sprintf("there is no mark %q", clip(u.name.Value)), Hint: meant(u.name.Value, "marks", marks)})
		}
	}
	if l.matterIn.Line == 0 {
		for _, u := range l.matched {
			l.out.add(Error{Pos: u.name.Pos, Rule: u.rule, Problem: "a matter is looked for, but there is no matter list", Hint: "add to a rule file: matters: {file: matters.csv}", Warning: true})
		}
	}
}

// checkFolders warns of rules that can never see a message.
func (l *loader) checkFolders() {
	var followed []string
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP != nil {
			for _, m := range a.IMAP.Mailboxes {
				followed = append(followed, foldInbox(m.Value))
			}
		}
	}
	if len(followed) == 0 {
		return // told elsewhere, or a calendar-only service
	}
	slices.Sort(followed)
	followed = slices.Compact(followed)
	l.checkAccountFolders()
	for _, u := range l.watched {
		if !slices.Contains(followed, foldInbox(u.name.Value)) {
			l.out.add(Error{Pos: u.name.Pos, Rule: u.rule, Problem: fmt.Sprintf("no account follows mailbox %q", clip(u.name.Value)),
				Hint: meant(u.name.Value, "followed mailboxes", followed), Warning: true})
		}
	}
}

// checkNames looks for what house and tests name.
func (l *loader) checkNames() {
	lists := l.defined("list")
	for _, u := range l.listed {
		if !slices.Contains(lists, u.name.Value) {
			l.out.add(Error{Pos: u.name.Pos, Rule: u.rule, Problem: fmt.Sprintf("there is no list %q", clip(u.name.Value)), Hint: meant(u.name.Value, "lists", lists)})
		}
	}
	if len(l.expected) == 0 {
		return
	}
	rules := append(l.defined("rule"), "conflicts", "other") // other: events of no rank
	for _, kind := range []string{"rank", "ignore", "class"} {
		rules = append(rules, l.defined(kind)...)
	}
	for _, u := range l.expected {
		if !slices.Contains(rules, u.name.Value) {
			l.out.add(Error{Pos: u.name.Pos, Problem: fmt.Sprintf("there is no rule %q", clip(u.name.Value)), Hint: meant(u.name.Value, "rules", rules)})
		}
	}
}

// checkAccountFolders warns of rules for some accounts that name a mailbox which
// only others follow.
func (l *loader) checkAccountFolders() {
	follows := map[string][]string{}
	var followed []string
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP == nil {
			continue
		}
		for _, m := range a.IMAP.Mailboxes {
			follows[a.Name.Value] = append(follows[a.Name.Value], foldInbox(m.Value))
			followed = append(followed, foldInbox(m.Value))
		}
	}
	for _, r := range l.cfg.Rules.Mail {
		for _, folder := range r.Folders {
			name := foldInbox(folder.Value)
			here := func(a Text) bool { return slices.Contains(follows[a.Value], name) }
			if len(r.Accounts) == 0 || !slices.Contains(followed, name) || slices.ContainsFunc(r.Accounts, here) {
				continue // for every account; told below; or seen
			}
			l.out.add(Error{Pos: folder.Pos, Rule: r.Name.Value, Problem: fmt.Sprintf("no account of the rule follows mailbox %q", clip(folder.Value)),
				Hint: "add it under mailboxes: of the account, or take it out of folders:", Warning: true})
		}
	}
}
