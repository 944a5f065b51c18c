package config

import "time"

// Service is chancery.yaml.
type Service struct {
	Dir        string // the configuration folder
	State      State
	Accounts   []Account
	Principals []Principal
}

// State says where the journal lives.
type State struct {
	Pos      Pos
	Dir      string // default: $STATE_DIRECTORY, else /var/lib/chancery
	Journal  string // "sqlite" (default) or "postgres"
	Postgres Secret // connection string
	Key      Secret // install key, 32 octets or more, its File made absolute; unset: made once in Dir
}

// Secret is a reference to a secret, never the secret. Exactly one is set, or
// neither.
type Secret struct {
	Pos        Pos
	Credential string // name of a systemd credential, read from $CREDENTIALS_DIRECTORY
	File       string // absolute path, or relative to the configuration folder; regular file, mode at most 0600
}

// TLS says how a connection is protected.
type TLS string

const (
	Implicit TLS = "implicit" // RFC 8314 section 3.2
	StartTLS TLS = "starttls" // only where IT writes it
	NoTLS    TLS = "none"     // loopback addresses only
)

// Account is credentials at one server. Exactly one of IMAP, CalDAV and Google is
// set.
type Account struct {
	Name   Text
	IMAP   *IMAP
	CalDAV *CalDAV
	Google *Google
}

// IMAP is a mail account.
type IMAP struct {
	Pos       Pos
	Host      Text
	Port      int // default 993, with starttls and none 143
	TLS       TLS
	CAFile    string
	User      Text
	Password  Secret
	Mailboxes []Text        // paths with "/" between segments; default INBOX
	FirstSync string        // "baseline" (default) or "apply"
	Poll      time.Duration // safety poll; default 10m

	Auth     string        // "password" (default), "xoauth2" or "oauthbearer" (RFC 7628 section 3.1)
	OAuth    *OAuth        // where tokens come from; nil with a password
	Compress bool          // COMPRESS=DEFLATE (RFC 4978 section 3); costs memory, for slow links only
	Grace    time.Duration // how long mail stays in INBOX before a rule files it; default 1m
	Brake    Brake
}

// OAuth says how access tokens are got without a person.
type OAuth struct {
	Pos      Pos
	Grant    string // "client_credentials", "refresh_token", "service_account" or "installed"
	AuthURL  Text   // of "installed": where a person consents (RFC 8252 section 6); https, or http on loopback
	TokenURL Text   // https, or http on loopback
	ClientID Text
	Secret   Secret // client secret; of a service account its JSON key
	Refresh  Secret // refresh token; a File is replaced when the provider rotates it
	Scopes   []Text
}

// Brake bounds how many messages may be filed out of one mailbox in one read of
// it, and how many letters a rule may write. More waits for "chancery approve".
type Brake struct {
	Pos     Pos
	Moves   int // default 200; 0: no bound
	Percent int // of the messages in the mailbox, counted from 25 moves on; default 30; 0: no bound
	Letters int // notes and drafts of one rule within an hour; default 30; 0: no bound
}

// CalDAV is a calendar account.
type CalDAV struct {
	Pos       Pos
	URL       Text   // https, or http on loopback; or the domain alone, to be looked up (RFC 6764 section 6)
	Hosts     []Text // with a domain alone: hosts outside it that its DNS may name
	CAFile    string
	User      Text
	Password  Secret
	Auth      string // "password" (default: Basic or Digest, as the server asks) or "bearer" (RFC 6750 section 2.1)
	OAuth     *OAuth // nil with a password
	Calendars []CalendarRef
	Poll      time.Duration // default 60s
}

// Google is the calendars of one Google account, over the Calendar API.
type Google struct {
	Pos       Pos
	URL       Text // of the API; default DefaultGoogleURL. https, or http on loopback
	CAFile    string
	User      Text          // whose calendars; a service account acts for this person alone
	OAuth     OAuth         // grant "service_account", or "installed" after "chancery login"
	Calendars []CalendarRef // Match: calendar id, "primary", or its title
	Poll      time.Duration // default 60s
}

// CalendarRef names one calendar of a CalDAV or Google account. Its SourceID is
// "account/name".
type CalendarRef struct {
	Name   Text   // our word for it
	Match  string // display name or last path segment on the server; default: Name
	Create bool   // make it if it is missing (holds calendar)
}

// Principal is a leader whose time is looked after.
type Principal struct {
	Name      Text
	Title     Text // how holds and notes call this person; "" for Name
	Zone      Text // IANA name
	Hours     []Hours
	Addresses []Text
	Calendars []Text // SourceIDs
	Holds     Text   // SourceID; "" for no holds
	Notes     *Notes // nil for no notes
	Mail      []Text // mail accounts whose notes and drafts are this principal's, beside Notes.Account
	Billing   *Desk  // nil: nothing is written about billing
}

// Hours is working time on some weekdays, minutes after midnight.
type Hours struct {
	Days       []time.Weekday
	From, Till int
}

// Notes says where the assistant reads.
type Notes struct {
	Account Text
	Mailbox []string
	To      Text // address shown in To:
}
