package main

import (
	"slices"
	"strings"

	"chancery/config"
)

// needs is what the rules in force and the principals want of a mail account.
type needs struct {
	marks []markNeed
	files []fileNeed
	notes []string // path of the mailbox for notes; nil if none is in this account
	whose []string // principals whose notes lie here
}

// markNeed is one mark that rules set.
type markNeed struct {
	mark  config.Mark
	rules []string
	boxes []string // mailboxes of this account it can be set in
	mode  config.Mode
}

// fileNeed is one place that rules file to.
type fileNeed struct {
	path  []string // what is fixed of it
	whole bool     // nothing of it depends on the message
	text  string   // as the rule writes it
	rules []string
	boxes []string
	mode  config.Mode
}

// star stands for "star: true" among the marks.
const star = "star"

// needsOf reads the rules. Rules that observe count too: they will be enforced
// one day.
func needsOf(cfg *config.Config, a config.Account) *needs {
	n := &needs{}
	marks := map[string]config.Mark{star: {Name: config.Text{Value: "the star"}, Flagged: true}}
	for _, m := range cfg.Rules.Marks {
		marks[m.Name.Value] = m
	}
	for _, r := range cfg.Rules.Mail {
		if r.Mode == config.Off {
			continue
		}
		boxes := boxesOf(r, a)
		if len(boxes) == 0 {
			continue
		}
		for _, t := range r.Then {
			switch {
			case t.Mark != nil:
				n.addMark(marks[t.Mark.Value], r, boxes)
			case t.Star:
				n.addMark(marks[star], r, boxes)
			case t.File != nil:
				n.addFile(t.File, r, boxes)
			}
		}
	}
	for _, p := range cfg.Service.Principals {
		if p.Notes != nil && p.Notes.Account.Value == a.Name.Value {
			n.notes = p.Notes.Mailbox
			n.whose = append(n.whose, p.Name.Value)
		}
	}
	return n
}

// boxesOf are the followed mailboxes that a rule looks at.
func boxesOf(r config.MailRule, a config.Account) []string {
	var out []string
	for _, m := range a.IMAP.Mailboxes {
		if len(r.Folders) == 0 || slices.ContainsFunc(r.Folders, func(f config.Text) bool { return sameBox(f.Value, m.Value) }) {
			out = append(out, m.Value)
		}
	}
	return out
}

// sameBox compares paths; INBOX has no case (RFC 9051 section 5.1).
func sameBox(a, b string) bool {
	return a == b || strings.EqualFold(a, config.DefaultMailbox) && strings.EqualFold(b, config.DefaultMailbox)
}

func (n *needs) addMark(m config.Mark, r config.MailRule, boxes []string) {
	i := slices.IndexFunc(n.marks, func(x markNeed) bool { return x.mark.Name.Value == m.Name.Value })
	if i < 0 {
		i = len(n.marks)
		n.marks = append(n.marks, markNeed{mark: m, mode: config.Observe})
	}
	x := &n.marks[i]
	x.rules = union(x.rules, r.Name.Value)
	x.boxes = union(x.boxes, boxes...)
	if r.Mode == config.Enforce {
		x.mode = config.Enforce
	}
}

func (n *needs) addFile(t *config.Template, r config.MailRule, boxes []string) {
	path, whole := fixed(t)
	i := slices.IndexFunc(n.files, func(x fileNeed) bool { return x.text == t.Text.Value })
	if i < 0 {
		i = len(n.files)
		n.files = append(n.files, fileNeed{path: path, whole: whole, text: t.Text.Value, mode: config.Observe})
	}
	x := &n.files[i]
	x.rules = union(x.rules, r.Name.Value)
	x.boxes = union(x.boxes, boxes...)
	if r.Mode == config.Enforce {
		x.mode = config.Enforce
	}
}

func union(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// fixed returns the segments of a path that stand before the first one that
// depends on the message.
func fixed(t *config.Template) (path []string, whole bool) {
	literal := ""
	for _, p := range t.Parts {
		if p.Expr != nil {
			segments := strings.Split(literal, "/")
			return segments[:len(segments)-1], false
		}
		literal += p.Literal
	}
	return strings.Split(literal, "/"), true
}

// paths lists the mailboxes that are not followed and have to be looked at: where
// rules file to, then where notes go.
func (n *needs) paths() [][]string {
	var out [][]string
	for _, f := range n.files {
		if len(f.path) > 0 {
			out = append(out, f.path)
		}
	}
	if n.notes != nil {
		out = append(out, n.notes)
	}
	return out
}

func (n *needs) filesAnywhere() bool { return len(n.files) > 0 }

// marksIn are the marks that can be set in a mailbox.
func (n *needs) marksIn(box string) []markNeed {
	var out []markNeed
	for _, m := range n.marks {
		if slices.Contains(m.boxes, box) {
			out = append(out, m)
		}
	}
	return out
}

// filesFrom is the strongest mode of the rules that file out of a mailbox; "" if
// none does.
func (n *needs) filesFrom(box string) config.Mode {
	mode := config.Mode("")
	for _, f := range n.files {
		if slices.Contains(f.boxes, box) && mode != config.Enforce {
			mode = f.mode
		}
	}
	return mode
}

// enforcedIn is the strongest mode of the rules that change anything there.
func (n *needs) enforcedIn(box string) config.Mode {
	mode := n.filesFrom(box)
	for _, m := range n.marksIn(box) {
		if m.mode == config.Enforce {
			mode = config.Enforce
		}
	}
	return mode
}
