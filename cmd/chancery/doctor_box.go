package main

import (
	"fmt"
	"slices"
	"strings"

	"chancery/config"
	"chancery/connectors/imap"
)

// sayBoxes tells about every followed mailbox.
func (k *checkup) sayBoxes(e *imap.Exam, n *needs) {
	for i := range e.Boxes {
		k.sayBox(&e.Boxes[i], e, n)
	}
	if e.Stem != "" && slices.ContainsFunc(e.Boxes, func(b imap.BoxExam) bool { return b.Code == "no-mailbox" }) {
		k.note("mailbox", "", "the server keeps this account's mailboxes below %s: write %sNAME", strings.TrimSuffix(e.Stem, "/"), e.Stem)
	}
}

func (k *checkup) sayBox(b *imap.BoxExam, e *imap.Exam, n *needs) {
	about := "mailbox"
	switch {
	case b.Refused != "" && b.Like != "":
		k.problem(about, fmt.Sprintf("write %s under mailboxes:", b.Like), "%s is not there; %s is", b.Path, b.Like)
		return
	case b.Code == "no-mailbox":
		k.problem(about, "write it as the mail program shows it, with / between levels; make it, or share it with this account", "%s is not there: %s", b.Path, b.Refused)
		return
	case b.Refused != "":
		k.problem(about, advice(b.Code), "%s cannot be opened: %s", b.Path, b.Refused)
		return
	case b.Validity == 0:
		k.problem(about, "the server does not number its messages for good: the service cannot follow this mailbox safely", "%s has no UIDVALIDITY", b.Path)
		return
	case b.Unsteady:
		k.problem(about, "look at the server's log: each change makes the service read the mailbox anew", "%s changed its UIDVALIDITY between two looks", b.Path)
	}
	text := fmt.Sprintf("%s: %s", b.Path, plural(int(b.Messages), "message"))
	if b.Rights != nil {
		text += ", rights " + *b.Rights
	}
	if b.NoModseq {
		k.note(about, "", "%s; without change numbers (NOMODSEQ), so flags are compared", text)
	} else {
		k.ok(about, "%s", text)
	}
	k.sayBoxRights(b, n)
}

// sayBoxRights compares what may be done in a mailbox with what the rules need.
func (k *checkup) sayBoxRights(b *imap.BoxExam, n *needs) {
	marks, files := n.marksIn(b.Path), n.filesFrom(b.Path)
	if b.ReadOnly && (len(marks) > 0 || files != "") {
		k.at(n.enforcedIn(b.Path), "rights", "this account may not write there: change its rights on the server", "%s is read-only: rules cannot mark or file there", b.Path)
		return
	}
	if b.Rights == nil {
		return
	}
	const hint = "grant it to this account on the server (ACL)"
	if lacks := missingRights(*b.Rights, "r"); lacks != "" {
		k.problem("rights", hint, "%s: the account lacks %s, and cannot read mail there", b.Path, letters(lacks))
	}
	if lacks := missingRights(*b.Rights, "w"); lacks != "" && len(marks) > 0 {
		k.at(n.enforcedIn(b.Path), "rights", hint, "%s: the account lacks %s, and cannot mark mail there", b.Path, letters(lacks))
	}
	if lacks := missingRights(*b.Rights, "te"); lacks != "" && files != "" {
		k.at(files, "rights", hint, "%s: the account lacks %s, and cannot file mail out of it", b.Path, letters(lacks))
	}
}

// markable reports whether the account may set flags in a mailbox at all.
func markable(b *imap.BoxExam) bool {
	return b.Refused == "" && !b.ReadOnly && (b.Rights == nil || missingRights(*b.Rights, "w") == "")
}

// at is a problem where a rule is enforced, and a note where it only observes.
func (k *checkup) at(mode config.Mode, about, hint, format string, args ...any) {
	if mode == config.Enforce {
		k.problem(about, hint, format, args...)
		return
	}
	k.note(about, hint, format, args...)
}

// missingRights returns which letters are not granted. RFC 4314 section 2.1.1:
// older servers say "d" for "t" and "e", and "c" for "k".
func missingRights(have, want string) string {
	if strings.Contains(have, "d") && !strings.ContainsAny(have, "te") {
		have += "te"
	}
	if strings.Contains(have, "c") && !strings.Contains(have, "k") {
		have += "k"
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(have, r) {
			return -1
		}
		return r
	}, want)
}

// letters writes "right w" and "rights t and e".
func letters(rights string) string {
	if len(rights) == 1 {
		return "right " + rights
	}
	return "rights " + list(strings.Split(rights, ""), "and")
}
