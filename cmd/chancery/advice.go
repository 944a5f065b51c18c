package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"chancery/connectors"
	"chancery/internal/model"
	"chancery/sync"
)

// advice says what a person can do about the code of a failed source or a parked
// item; "" where there is nothing to do but wait, or where the error says it all.
func advice(code string) string {
	if a, ok := advices[code]; ok {
		return a
	}
	switch {
	case strings.HasPrefix(code, "http-4"):
		return "url: must be the one that a calendar program is given for this account"
	case strings.HasPrefix(code, "http-5"):
		return "the calendar server has a fault of its own; its log says more"
	case strings.HasPrefix(code, "xml-"):
		return "what answers at url: is no calendar server, or one with a fault"
	}
	return ""
}

var advices = map[string]string{
	"dial":        "check host and port in chancery.yaml, the name server and the firewall",
	"connection":  "check the address in chancery.yaml, the name server and the firewall",
	"timeout":     "the server takes no connection, or is very slow; a firewall may drop the packets",
	"unavailable": "the server says that it is not ready; chancery tries again by itself",
	"bye":         "the server ended the connection; chancery tries again by itself",
	"throttled":   "the server asked to wait; chancery waits and goes on by itself",
	"tls":         "is this the port for TLS from the start (993 for mail)? with tls: starttls it is 143. A certificate of the firm's own needs ca_file",
	"certificate": "host must be the name in the certificate; a certificate of the firm's own needs ca_file",
	"ca-file":     "ca_file must name a PEM file that the user chancery runs as can read: chancery check",
	"starttls":    "the server offers no STARTTLS here: use tls: implicit with port 993",
	"plaintext":   "without TLS only an address of this machine is allowed",

	"login":          "check user and its password; some servers want an app password. chancery tries again slowly, so that the server does not lock the account",
	"login-disabled": "the server takes no password on this connection: use tls: implicit",
	"token":          "the provider gave a token and the server does not take it: check user, scopes, and that the program may use this mailbox or calendar",
	"no-mechanism":   "the server does not offer what auth: names; Google and Microsoft 365 take xoauth2",
	"consent":        "a person must consent again: chancery login ACCOUNT with grant: installed, else get a new refresh token; or look at the program's rights with the provider",
	"token-client":   "the provider refuses the program: check client_id, secret, scopes and grant; a client secret may have run out",
	"token-provider": "the identity provider does not answer as it should; chancery tries again by itself",
	"token-redirect": "write the address that token_url leads to into token_url, if it is right",
	"token-store":    "chancery must be able to write the folder tokens in its state folder",
	"scope":          "the consent or the delegation leaves out a scope: chancery doctor ACCOUNT says which",
	"api-disabled":   "switch the Google Calendar API on in the project that the key or the client_id belongs to",
	"quota":          "Google asked to wait; chancery waits and goes on by itself. If it lasts, write a longer poll:",
	"no-access":      "the owner must share the calendar with user:, with all details",
	"clock":          "set this machine's clock: timedatectl set-ntp true",
	"http-401":       "check user and its password; some servers want an app password",
	"http-403":       "this user may not read the calendar: share it with the account on the server",

	"no-home":            "url: must be the one that a calendar program is given for this account",
	"no-calendar":        "match: must be the name of the calendar as calendar programs show it, or the last part of its URL",
	"ambiguous-calendar": "two calendars have this name: use the last part of the calendar's URL as match:",
	"create-calendar":    "the server does not let this account make a calendar: make it by hand, then take create: true away",
	"foreign-origin":     "the server sends chancery to another host; if that is right, write that host into url:",
	"foreign-host":       "DNS points to hosts outside the domain; if that is right, write them as hosts: below url:",
	"no-service":         "the domain's DNS knows no calendars: write the address of the server as url:",
	"auth-downgrade":     "the server asked for Digest before and wants the password itself now; ask who runs it, and restart chancery if that is right",
	"insecure-url":       "write https://",
	"bad-url":            "url: must be an address like https://calendar.firm.example/",
	"mass-loss":          "many events vanished at once, so nothing is taken for deleted before a second look; look at the calendar",

	"no-mailbox":    "write it as the mail program shows it, with / between levels; or share it with the account on the server",
	"overquota":     "the mailbox is full",
	"no-keywords":   "the server keeps no free keywords in this mailbox: use thunderbird, apple or flagged marks only",
	"keyword-limit": "Dovecot's Maildir keeps 26 keywords in a mailbox: delete unused ones, or use flagged or file",
	"read-only":     "this account may not write there: change its rights on the server",
	"taken-over":    "another chancery with the same journal follows this source now; stop one of the two, then restart the other",
}

// sayFailure prints why a source cannot be read and what to do about it. The
// error may quote the server, so it goes to a person's screen only.
func sayFailure(w io.Writer, indent string, err error) {
	_, code := connectors.Classify(err)
	text, hint, hinted := strings.Cut(err.Error(), "\n")
	_, _ = fmt.Fprintln(w, wrap(indent, text))
	if hint = strings.TrimPrefix(strings.TrimSpace(hint), "hint: "); !hinted {
		hint = advice(code)
	}
	if hint != "" {
		_, _ = fmt.Fprintln(w, wrapHint(indent, hint))
	}
}

// sayDetail is sayFailure for the answer of the running service.
func sayDetail(w io.Writer, indent string, s sync.Status) {
	_, _ = fmt.Fprintln(w, wrap(indent, s.Detail))
	if hint := advice(s.Code); hint != "" && !strings.Contains(s.Detail, "hint: ") {
		_, _ = fmt.Fprintln(w, wrapHint(indent, hint))
	}
}

// advised adds the advice to every log line that has a code: whoever reads the
// log at night has no time to look it up.
type advised struct{ slog.Handler }

func (h advised) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key != "code" {
				return true
			}
			if hint := advice(a.Value.String()); hint != "" {
				r = r.Clone()
				r.AddAttrs(slog.String("hint", hint))
			}
			return false
		})
	}
	return h.Handler.Handle(ctx, r)
}

func (h advised) WithAttrs(as []slog.Attr) slog.Handler { return advised{h.Handler.WithAttrs(as)} }
func (h advised) WithGroup(name string) slog.Handler    { return advised{h.Handler.WithGroup(name)} }

// shown is a mailbox name that stands in the configuration, and so may be shown
// where content may not.
func shown(l *loaded, ref model.Ref) string {
	for _, a := range l.cfg.Service.Accounts {
		if a.IMAP == nil || a.Name.Value != string(ref.Source) {
			continue
		}
		for _, m := range a.IMAP.Mailboxes {
			if m.Value == string(ref.Mailbox) {
				return m.Value
			}
		}
	}
	return ""
}
