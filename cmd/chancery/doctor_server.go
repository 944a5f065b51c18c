package main

import (
	"slices"
	"strings"

	"chancery/connectors/imap"
)

// serverName is a server program that is known to be special.
type serverName string

const (
	kindGmail     serverName = "Gmail"
	kindMicrosoft serverName = "Microsoft 365"
	kindExchange  serverName = "Exchange"
	kindICloud    serverName = "iCloud"
	kindStrato    serverName = "Strato"
	kindZimbra    serverName = "Zimbra"
	kindDovecot   serverName = "Dovecot"
	kindCyrus     serverName = "Cyrus"
	kindCourier   serverName = "Courier"
	kindOther     serverName = ""
)

// serverKind recognises a server by what it says of itself, else by its address.
func serverKind(e *imap.Exam, host string) serverName {
	host = strings.ToLower(host)
	said := strings.ToLower(e.Server["name"] + " " + e.Server["vendor"] + " " + e.Hello)
	has := func(word string) bool { return strings.Contains(said, word) }
	switch {
	case e.Caps["X-GM-EXT-1"] || slices.Contains(e.Offers, "X-GM-EXT-1"):
		return kindGmail
	case within(host, "office365.com", "outlook.com"):
		return kindMicrosoft
	case has("microsoft"), has("exchange"):
		if slices.Contains(e.Offers, "AUTH=XOAUTH2") {
			return kindMicrosoft
		}
		return kindExchange
	case within(host, "mail.me.com"), e.Caps["XAPPLEPUSHSERVICE"] && within(host, "icloud.com"):
		return kindICloud
	case within(host, "strato.de", "strato.com"):
		return kindStrato
	case has("zimbra"):
		return kindZimbra
	case has("cyrus"):
		return kindCyrus
	case has("courier"):
		return kindCourier
	case has("dovecot"):
		return kindDovecot
	}
	return kindOther
}

func within(host string, domains ...string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
}

// quirks say what a known server does otherwise, and what the service does about
// it.
var quirks = map[serverName]string{
	kindGmail:     "labels are mailboxes, so a mail in INBOX also stands in All Mail; it is known by X-GM-MSGID and worked on once. Keywords do not show on the web. At most 15 connections for an account, phones included, and 2,500 MB a day",
	kindMicrosoft: "keeps no keywords and no change numbers: marks show as flag, or by filing. When it asks to wait, the service waits as long as it says. A new login is dear there, so connections are kept open",
	kindExchange:  "keeps no keywords and no change numbers: marks show as flag, or by filing. The sizes it tells are estimates, and no decision is built on them",
	kindICloud:    "has no MOVE: a message is copied, the copy proved, the original expunged by its number",
	kindStrato:    "accepts what it does not offer and then answers wrongly: only what it offers is used",
	kindZimbra:    "shows keywords as tags; tells new mail in several steps, which is waited for",
	kindDovecot:   "takes 10 connections for a user from one address unless told otherwise; as Maildir it keeps 26 keywords for a mailbox",
	kindCyrus:     "keeps 128 keywords for a mailbox; mailboxes may stand below INBOX",
	kindCourier:   "mailboxes stand below INBOX; takes few connections from one address unless told otherwise (MAXPERIP)",
}

func (k *checkup) sayServer(kind serverName, e *imap.Exam) {
	name := strings.TrimSpace(e.Server["name"] + " " + e.Server["version"])
	switch {
	case kind != kindOther:
		k.ok("server", "%s: %s", kind, quirks[kind])
	case name != "":
		k.ok("server", "calls itself %s; nothing special is known of it", name[:min(len(name), 60)])
	default:
		k.ok("server", "does not tell its name; nothing special is known of it")
	}
}
