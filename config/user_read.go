package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// switchUse is a switch that is checked when every rule is known.
type switchUse struct {
	user   int // index of Rules.Users
	at     int // index of its Switches
	modeAt Pos
	fileAt Pos
}

// userFiles reads users.d: what the people of one account switch, and their own
// rules. They come after the firm's in everything.
func (l *loader) userFiles() {
	listing, err := fs.ReadDir(l.fsys, usersFolder)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.out.add(Error{Pos: Pos{usersFolder, 1, 1}, Problem: "the folder cannot be read", Hint: "the user that chancery runs as needs read and search access"})
		}
		return
	}
	slices.SortFunc(listing, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	read := 0
	for _, d := range listing {
		name := path.Join(usersFolder, d.Name())
		account, yaml := strings.CutSuffix(d.Name(), ".yaml")
		switch {
		case strings.HasPrefix(d.Name(), "."):
		case !yaml || d.IsDir():
			l.out.add(Error{Pos: Pos{name, 1, 1}, Problem: "only files that end in .yaml are read", Hint: "name it after a mail account: gc-mail.yaml", Warning: true})
		case read >= MaxUserFiles: // a warning, for it is not the fault of the one that stands here
			l.out.add(Error{Pos: Pos{name, 1, 1}, Problem: fmt.Sprintf("more than %d user files", MaxUserFiles), Hint: "what all switch stands better in the rule; the others are not read", Warning: true})
			return
		default:
			read++
			l.userFile(name, Text{account, Pos{name, 1, 1}})
		}
	}
}

func (l *loader) userFile(name string, account Text) {
	f := l.open(name, MaxFileBytes, Pos{}, "")
	if f == nil {
		return
	}
	top := f.root()
	if top == nil || !l.mailAccount(f, account) {
		return
	}
	b, ok := f.block(top, "a user file", "version", "rules", "mail", "tests")
	if !ok {
		return
	}
	b.version()
	u := User{Account: account}
	if n := b.get("rules"); n != nil {
		es, _ := f.entries(n, "rules")
		for _, e := range es {
			l.userSwitch(f, e, &u)
		}
	}
	l.cfg.Rules.Users = append(l.cfg.Rules.Users, u)
	if !f.ownFew(b.get("mail"), "own rules", MaxUserRules) || !f.ownFew(b.get("tests"), "tests of one person", MaxUserTests) {
		return
	}
	if n := b.get("mail"); n != nil {
		f.each(n, "- name: ...", func(n *yaml.Node) {
			if l.another(f, n) {
				l.mailRule(f, n, defaults{mode: DefaultMode, user: &account})
			}
		})
	}
	l.tests(f, b.get("tests"), account)
}

// ownFew bounds how much of what all rule files share one person takes.
func (f *file) ownFew(n *yaml.Node, what string, most int) bool {
	if n != nil && n.Kind == yaml.SequenceNode && len(n.Content) > most {
		f.fail(f.at(n), fmt.Sprintf("more than %d %s", most, what), "what so many are needed for stands better in the firm's files")
		return false
	}
	return true
}

func (l *loader) userSwitch(f *file, e entry, u *User) {
	f.rule = clip(e.name.Value)
	defer func() { f.rule = "" }()
	b, ok := f.block(e.value, "a switch", "mode", "folder")
	if !ok {
		return
	}
	s := Switch{Rule: e.name}
	use := switchUse{user: len(l.cfg.Rules.Users), at: len(u.Switches)}
	if n := b.get("mode"); n != nil {
		use.modeAt = f.at(n)
		if w, ok := f.word(n, "mode", string(Off), string(Observe)); ok {
			s.Mode = Mode(w)
		}
	}
	if n := b.get("folder"); n != nil {
		use.fileAt = f.at(n)
		s.File, _ = f.mailboxTemplate(n)
	}
	if len(b.values) == 0 && len(b.meant) == 0 {
		f.fail(e.name.Pos, "nothing is switched", "add mode: off, mode: observe or folder:, or delete the entry")
	}
	u.Switches = append(u.Switches, s)
	l.switched = append(l.switched, use)
}

// checkSwitches holds what people switch against what the firm lets them.
func (l *loader) checkSwitches() {
	rules := map[string]*MailRule{}
	var firm []string
	for i := range l.cfg.Rules.Mail {
		if r := &l.cfg.Rules.Mail[i]; !r.User {
			rules[r.Name.Value] = r
			firm = append(firm, r.Name.Value)
		}
	}
	for _, use := range l.switched {
		u := &l.cfg.Rules.Users[use.user]
		s := &u.Switches[use.at]
		tell := func(p Pos, problem, hint string, warning bool) {
			l.out.add(Error{Pos: p, Rule: s.Rule.Value, Problem: problem, Hint: hint, Warning: warning})
		}
		r := rules[s.Rule.Value]
		if r == nil {
			if _, broken := l.words["rule "+s.Rule.Value]; !broken {
				tell(s.Rule.Pos, "the firm has no such rule", meant(s.Rule.Value, "rules", firm), false)
			}
			continue
		}
		if s.Mode != "" && !allows(r, string(s.Mode)) {
			tell(use.modeAt, fmt.Sprintf("the firm does not let people switch this rule to %s", s.Mode), mayHint(r), false)
		}
		if s.File != nil && !allows(r, "folder") {
			tell(use.fileAt, "the firm does not let people choose the folder of this rule", mayHint(r), false)
		}
		if s.Mode == Observe && r.Mode != Enforce {
			tell(use.modeAt, fmt.Sprintf("the rule's mode is %s already", r.Mode), "delete the line; a switch never makes a rule do more", true)
		}
		if len(r.Accounts) > 0 && !slices.ContainsFunc(r.Accounts, func(a Text) bool { return a.Value == u.Account.Value }) {
			tell(s.Rule.Pos, "the rule is not for this account", "delete the entry", true)
		}
	}
}

func allows(r *MailRule, word string) bool {
	return slices.ContainsFunc(r.UserMay, func(t Text) bool { return t.Value == word })
}

// mayHint says where the answer was given.
func mayHint(r *MailRule) string {
	if len(r.UserMay) == 0 {
		return fmt.Sprintf("the rule has no user_may; it is at %s", r.Name.Pos)
	}
	var words []string
	for _, t := range r.UserMay {
		words = append(words, t.Value)
	}
	return fmt.Sprintf("user_may: [%s] at %s", strings.Join(words, ", "), r.UserMay[0].Pos)
}

// ruleAccounts reads for which mail accounts a rule is.
func (l *loader) ruleAccounts(f *file, n *yaml.Node) []Text {
	if n == nil {
		return nil
	}
	ts, ok := f.texts(n, "[gc-mail]")
	if ok && len(n.Content) == 0 {
		f.fail(f.at(n), "accounts names none", "delete the key for every mail account")
	}
	return slices.DeleteFunc(ts, func(t Text) bool { return !l.mailAccount(f, t) })
}

// userMay reads what users.d may switch of a rule.
func (f *file) userMay(n *yaml.Node, r *MailRule) []Text {
	items, _ := f.list(n, "[off, observe, folder]")
	var out []Text
	for _, item := range items {
		w, ok := f.word(item, "switch", string(Off), string(Observe), "folder")
		if !ok {
			continue
		}
		if w == "folder" && !slices.ContainsFunc(r.Then, func(t Then) bool { return t.File != nil }) {
			f.fail(f.at(item), "people cannot choose a folder: the rule files nothing", "take folder out of user_may")
			continue
		}
		out = append(out, Text{w, f.at(item)})
	}
	return out
}

// ownRule bounds a rule of a person: it is for this person's mail alone, comes
// after what the firm calls important, and writes to nobody.
func (f *file) ownRule(b block, r *MailRule, account Text) {
	r.User, r.Accounts = true, []Text{account}
	for _, key := range []string{"accounts", "user_may"} {
		if n := b.get(key); n != nil {
			f.fail(f.at(n), fmt.Sprintf("a rule of users.d has no %s", key), "it is for the account of its file alone")
			r.UserMay = nil
		}
	}
	if n := b.get("priority"); n != nil && r.Priority > maxUserPriority {
		f.fail(f.at(n), fmt.Sprintf("a rule of users.d has a priority of at most %d", maxUserPriority), "the firm's rules from 50 on come first")
	}
	for _, t := range r.Then {
		if t.Note != nil || t.Draft != nil {
			f.fail(t.Pos, "a rule of users.d writes no letters", "its actions are mark, file and star")
		}
	}
}
