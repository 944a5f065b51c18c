package main

import (
	"fmt"
	"strconv"
	"strings"

	"chancery/config"
	"chancery/connectors/imap"
)

// sayAbilities tells what follows from the capabilities.
func (k *checkup) sayAbilities(e *imap.Exam, c *config.IMAP, n *needs) {
	switch {
	case e.Caps["QRESYNC"]:
		k.ok("changes", "QRESYNC: the server tells what changed and what vanished since the last look")
	case e.Caps["CONDSTORE"]:
		k.ok("changes", "CONDSTORE without QRESYNC: the server tells what changed; what vanished is found by comparing numbers")
	default:
		k.note("changes", "", "neither CONDSTORE nor QRESYNC: what people change is found by comparing the flags of the newest 500 messages at every look, and of all every 6 hours")
	}
	switch {
	case e.Caps["MOVE"]:
		k.ok("filing", "MOVE: a message is filed in one step that cannot break in the middle")
	case e.Caps["UIDPLUS"]:
		k.ok("filing", "no MOVE: a message is copied, the copy is proved to be the same, then the original is expunged by its number (UIDPLUS)")
	case n.filesAnywhere():
		k.note("filing", "purge the mailbox now and then with a mail program", "neither MOVE nor UIDPLUS: the original of a filed message stays, marked as deleted")
	default:
		k.ok("filing", "neither MOVE nor UIDPLUS; no rule files here")
	}
	if n.filesAnywhere() {
		k.ok("brake", "%s", brakeText(c))
	}
	if e.Caps["IDLE"] {
		k.ok("news", "IDLE: the server says at once when mail comes; the other mailboxes are looked at every %s", span(c.Poll))
	} else {
		k.note("news", "a shorter poll: makes it quicker", "no IDLE: new mail is seen every %s", span(c.Poll))
	}
	k.sayIdentity(e)
	switch {
	case c.Compress && !e.Caps["COMPRESS=DEFLATE"]:
		k.note("compress", "take compress: true away", "compress: true has no effect: the server has no COMPRESS")
	case c.Compress:
		k.ok("compress", "the connection is compressed (COMPRESS)")
	}
	for name := range e.Caps {
		if most, ok := strings.CutPrefix(name, "APPENDLIMIT="); ok {
			k.sayAppendLimit(most)
		}
	}
}

// brakeText says what holds filing back.
func brakeText(c *config.IMAP) string {
	if c.Grace > 0 {
		return fmt.Sprintf("mail stays in INBOX for %s before it is filed; %s", span(c.Grace), bound(c.Brake))
	}
	return bound(c.Brake)
}

// bound says what a brake lets pass.
func bound(b config.Brake) string {
	const rest = " in one read of it"
	letters := " wait for: chancery approve"
	if b.Letters > 0 {
		letters = fmt.Sprintf(", and more than %d letters of a rule in an hour", b.Letters) + letters
	}
	switch {
	case b.Moves > 0 && b.Percent > 0:
		return fmt.Sprintf("more than %d moves out of a mailbox, or of %d %% of it,%s", b.Moves, b.Percent, rest+letters)
	case b.Moves > 0:
		return fmt.Sprintf("more than %d moves out of a mailbox%s", b.Moves, rest+letters)
	case b.Percent > 0:
		return fmt.Sprintf("moves of more than %d %% of a mailbox%s", b.Percent, rest+letters)
	}
	return "no bound on how much is filed at once (brake: off)"
}

// noteSize is room for any note or draft.
const noteSize = 256 << 10

func (k *checkup) sayAppendLimit(most string) {
	limit, err := strconv.ParseInt(most, 10, 64)
	if err == nil && limit < noteSize {
		k.note("size", "", "the server takes messages of at most %d octets: a long note may be refused (APPENDLIMIT)", limit)
	}
}

func (k *checkup) sayIdentity(e *imap.Exam) {
	switch e.Ident {
	case "EMAILID", "X-GM-MSGID", "X-GUID":
		k.ok("identity", "%s: a message is known again wherever it is moved", e.Ident)
	case "hash":
		k.note("identity", "", "the server has no name of its own for a message: it is known by its content and time of arrival. Two that agree in both cannot be told apart")
	default:
		k.ok("identity", "not tried: no mailbox could be opened")
	}
}

// percentFull is where a word about a quota is due.
const percentFull = 90

func (k *checkup) sayQuota(e *imap.Exam) {
	for _, q := range e.Quotas {
		what, used, limit := strings.ToLower(q.Resource), strconv.FormatUint(q.Used, 10), strconv.FormatUint(q.Limit, 10)
		if q.Resource == "STORAGE" {
			what, used, limit = "storage", size(q.Used), size(q.Limit)
		}
		percent := q.Used * 100 / q.Limit
		switch {
		case percent >= 100:
			k.problem("quota", "make room, or raise the limit on the server: copies, notes and new mail are refused", "%s is full: %s of %s", what, used, limit)
		case percent >= percentFull:
			k.note("quota", "make room before it is full", "%s is %d %% full: %s of %s", what, percent, used, limit)
		default:
			k.ok("quota", "%s is %d %% full: %s of %s", what, percent, used, limit)
		}
	}
}

// size writes KiB as people read it.
func size(kib uint64) string {
	switch {
	case kib >= 1<<20:
		return fmt.Sprintf("%.1f GiB", float64(kib)/(1<<20))
	case kib >= 1<<10:
		return fmt.Sprintf("%.1f MiB", float64(kib)/(1<<10))
	}
	return fmt.Sprintf("%d KiB", kib)
}

func (k *checkup) sayMailClock(e *imap.Exam) {
	switch {
	case e.Clock.Known:
		k.saySkew(e.Clock.Skew)
	case e.Clock.Ahead > maxSkew:
		k.note("clock", "let a time service (NTP) set both clocks", "the newest message arrived %s in our future: the server's clock is ahead, or the message was stored with that time", span(e.Clock.Ahead))
	default:
		why := "this server cannot be asked (no WITHIN)"
		if e.Caps["WITHIN"] {
			why = "there is no message to measure it by"
		}
		k.ok("clock", "not known: %s", why)
	}
}

// perMail is how many connections the service keeps to a mail account.
const perMail = 1

// sayConnections counts what this configuration opens to the host.
func (k *checkup) sayConnections(cfg *config.Config, a config.Account) {
	same, login := 0, 0
	for _, b := range cfg.Service.Accounts {
		if b.IMAP == nil || !strings.EqualFold(b.IMAP.Host.Value, a.IMAP.Host.Value) {
			continue
		}
		same++
		if b.IMAP.User.Value == a.IMAP.User.Value {
			login++
		}
	}
	text := fmt.Sprintf("the service keeps %s to this host, %d of them for this login", plural(same*perMail, "connection"), login*perMail)
	if same*perMail == 1 {
		text = "the service keeps 1 connection to this host"
	}
	k.ok("load", "%s; this command adds one while it runs", text)
}
