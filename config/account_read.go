package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// stateDefaults is the state of a file that says nothing about it.
func (l *loader) stateDefaults() State {
	s := State{Dir: DefaultStateDir, Journal: DefaultJournal}
	// systemd sets it for StateDirectory=; several are separated by colons.
	if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); dir != "" {
		s.Dir = dir
	}
	return s
}

func (l *loader) state(f *file, n *yaml.Node) State {
	s := l.stateDefaults()
	if n == nil {
		return s
	}
	s.Pos = f.at(n)
	b, ok := f.block(n, "state", "dir", "journal", "postgres", "key")
	if !ok {
		return s
	}
	if n := b.get("dir"); n != nil {
		if t, ok := f.text(n); ok {
			s.Dir = l.absolute(t.Value)
		}
	}
	if n := b.get("journal"); n != nil {
		if w, ok := f.word(n, "journal", "sqlite", "postgres"); ok {
			s.Journal = w
		}
	}
	if n := b.get("postgres"); n != nil {
		s.Postgres = f.secret(n)
		if s.Journal != "postgres" {
			f.fail(f.at(n), "postgres is set, but the journal is sqlite", "add journal: postgres, or delete this line")
		}
	} else if s.Journal == "postgres" {
		f.fail(s.Pos, "journal: postgres needs a connection string", "add postgres: {credential: name}")
	}
	if n := b.get("key"); n != nil {
		s.Key = f.secret(n)
		s.Key.File = l.absolute(s.Key.File)
	}
	return s
}

// absolute resolves a path against the configuration folder.
func (l *loader) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	path = filepath.Join(l.cfg.Service.Dir, path)
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func (l *loader) accounts(f *file, n *yaml.Node) {
	f.each(n, "- name: ...", func(n *yaml.Node) {
		b, ok := f.block(n, "an account", "name", "imap", "caldav", "google")
		if !ok {
			return
		}
		var a Account
		if n := b.need("name", "a word of yours"); n != nil {
			if t, ok := f.ownName(n, "an account"); ok && l.define(f, "account", t) {
				a.Name = t
			}
		}
		l.kind(f, b, &a)
		if a.Name.Value != "" && (a.IMAP != nil || a.CalDAV != nil || a.Google != nil) {
			l.cfg.Service.Accounts = append(l.cfg.Service.Accounts, a)
		}
	})
}

// kind reads which of the kinds an account is.
func (l *loader) kind(f *file, b block, a *Account) {
	var kinds []string
	for _, k := range []string{"imap", "caldav", "google"} {
		if b.get(k) != nil {
			kinds = append(kinds, k)
		}
	}
	switch {
	case len(kinds) == 0:
		f.fail(f.at(b.node), "an account has none of imap, caldav and google", "add imap: {host: ...}, caldav: {url: ...} or google: {user: ...}")
	case len(kinds) > 1:
		f.fail(f.at(b.node), "an account is only one of imap, caldav and google", "make an account of each")
	case kinds[0] == "imap":
		a.IMAP = l.imap(f, b.get("imap"))
	case kinds[0] == "caldav":
		a.CalDAV = l.caldav(f, b.get("caldav"))
	default:
		a.Google = l.google(f, b.get("google"))
	}
}

// ownName reads a name of IT's own that ends up in logs, commands and SourceIDs.
func (f *file) ownName(n *yaml.Node, what string) (Text, bool) {
	t, ok := f.text(n)
	if ok && (!plainName.MatchString(t.Value) || len(t.Value) > MaxNameChars) {
		f.fail(t.Pos, fmt.Sprintf("%q cannot name %s", clip(t.Value), what), fmt.Sprintf("letters, digits, . _ and -, at most %d", MaxNameChars))
		ok = false
	}
	return t, ok
}

func (l *loader) imap(f *file, n *yaml.Node) *IMAP {
	m := &IMAP{Pos: f.at(n), TLS: Implicit, FirstSync: DefaultFirstSync, Poll: DefaultMailPoll, Grace: DefaultGrace}
	b, ok := f.block(n, "imap", "host", "port", "tls", "ca_file", "user", "password", "mailboxes", "first_sync", "poll",
		"auth", "oauth", "compress", "grace", "brake")
	if !ok {
		return nil
	}
	if n := b.need("host", "imap.firm.example"); n != nil {
		m.Host, _ = f.host(n)
	}
	if n := b.get("tls"); n != nil {
		if w, ok := f.word(n, "tls", string(Implicit), string(StartTLS), string(NoTLS)); ok {
			m.TLS = TLS(w)
		}
		if m.TLS == NoTLS && m.Host.Value != "" && !loopback(m.Host.Value) {
			f.fail(f.at(n), "tls: none is for loopback addresses only", "write tls: implicit (port 993) or tls: starttls (port 143)")
		}
	}
	m.Port = DefaultPortTLS
	if m.TLS != Implicit {
		m.Port = DefaultPortClear
	}
	if n := b.get("port"); n != nil {
		m.Port, _ = f.number(n, 1, 65535)
		if m.Port == DefaultPortClear && m.TLS == Implicit {
			f.warn(f.at(n), "port 143 seldom speaks TLS from the first octet", "write port: 993, or tls: starttls")
		}
	}
	f.login(b, &m.CAFile, &m.User)
	how := f.credentials(b, "add auth: xoauth2 (Google, Microsoft 365) or auth: oauthbearer", "xoauth2", "oauthbearer")
	m.Auth, m.Password, m.OAuth = how.Auth, how.Password, how.OAuth
	m.Mailboxes = f.mailboxes(b.get("mailboxes"), m.Pos)
	if n := b.get("first_sync"); n != nil {
		if w, ok := f.word(n, "first_sync", "baseline", "apply"); ok {
			m.FirstSync = w
		}
	}
	f.poll(b, m.Host.Value, &m.Poll)
	m.Compress = f.flag(b.get("compress"))
	if n := b.get("grace"); n != nil {
		if d, ok := f.span(n, 0, maxGrace); ok {
			m.Grace = d
		}
	}
	m.Brake = f.brake(b.get("brake"))
	return m
}

// login reads what all kinds of account share.
func (f *file) login(b block, ca *string, user *Text) {
	if n := b.get("ca_file"); n != nil {
		if t, ok := f.text(n); ok {
			*ca = t.Value
		}
	}
	if n := b.need("user", "the login name"); n != nil {
		*user, _ = f.text(n)
	}
}

func (f *file) poll(b block, host string, d *time.Duration) {
	low := minPoll
	if loopback(host) {
		low = minPollLoopback
	}
	if n := b.get("poll"); n != nil {
		if v, ok := f.span(n, low, maxPoll); ok {
			*d = v
		}
	}
}

func (f *file) mailboxes(n *yaml.Node, at Pos) []Text {
	if n == nil {
		return []Text{{DefaultMailbox, at}}
	}
	ts, ok := f.texts(n, "[INBOX, Sent]")
	if ok && len(ts) == 0 {
		f.fail(f.at(n), "mailboxes names none", "delete the key for INBOX alone")
	}
	seen := map[string]bool{}
	var out []Text
	for _, t := range ts {
		if problem := pathProblem(t.Value); problem != "" {
			f.fail(t.Pos, problem, "write for example INBOX or Clients/Acme")
		} else if seen[foldInbox(t.Value)] {
			f.fail(t.Pos, fmt.Sprintf("mailbox %q is named twice", clip(t.Value)), "")
		} else {
			out = append(out, t)
		}
		seen[foldInbox(t.Value)] = true
	}
	return out
}

// foldInbox makes INBOX one name, whatever its case (RFC 9051 section 5.1).
func foldInbox(name string) string {
	if strings.EqualFold(name, DefaultMailbox) {
		return DefaultMailbox
	}
	return name
}

// pathProblem tells what is wrong with a path of mailbox names.
func pathProblem(p string) string {
	if strings.HasPrefix(p, "/") {
		return "a path does not begin with /"
	}
	for seg := range strings.SplitSeq(p, "/") {
		switch {
		case seg == "":
			return "the path has an empty segment"
		case seg != strings.TrimSpace(seg):
			return "the path has a blank beside /, or at its ends"
		case seg == "." || seg == "..":
			return "a path has no . or .. segments"
		}
	}
	if strings.ContainsAny(p, "*%\\") {
		return "a path has no * % or \\"
	}
	return ""
}
