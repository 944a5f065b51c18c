package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/connectors/imap"
	"chancery/sync/journal"
)

// examineMail looks at a mail account.
func examineMail(ctx context.Context, l *loaded, a config.Account) (*checkup, error) {
	c := a.IMAP
	k := &checkup{Account: a.Name.Value, Kind: "mail", Server: net.JoinHostPort(c.Host.Value, strconv.Itoa(c.Port))}
	var options *imap.Options
	spec, err := mailSource(l.cfg, a, nil, wiring{readOnly: true, tap: tap{onMail: func(o imap.Options) { options = &o }}})
	if err != nil {
		return nil, err
	}
	if _, err := spec.Open(ctx, journal.Position{}); !errors.Is(err, errTapped) {
		_, code := connectors.Classify(err)
		k.problem("setup", advice(code), "%s", cause(err))
		return k, nil
	}
	n := needsOf(l.cfg, a)
	token := k.tapToken(options)
	e := imap.Examine(ctx, *options, n.paths())
	if !k.sayReach(e.Reached, e.Dialed, e.Err) || !k.sayStranger(e, c, time.Now()) || !k.sayLogin(e, c, token) {
		return k, nil
	}
	if e.Err != nil {
		_, code := connectors.Classify(e.Err)
		k.problem("server", advice(code), "the connection did not last: %s", cause(e.Err))
		return k, nil
	}
	kind := serverKind(e, c.Host.Value)
	k.sayServer(kind, e)
	k.sayAbilities(e, c, n)
	k.sayBoxes(e, n)
	k.sayMarks(e, n, kind)
	k.sayKeywords(e, n, kind)
	k.sayPaths(e, n)
	k.sayQuota(e)
	k.sayMailClock(e)
	k.sayConnections(l.cfg, a)
	return k, nil
}

// sayStranger tells what a server shows before the login. It is false if it did
// not come to a login.
func (k *checkup) sayStranger(e *imap.Exam, c *config.IMAP, now time.Time) bool {
	if (e.Peer != nil || e.Stage != "greeting") && !k.sayTLS(e.Peer, c.Host.Value, c.CAFile, now) {
		return false
	}
	if e.Stage != "greeting" && e.Stage != "tls" {
		return true
	}
	_, code := connectors.Classify(e.Err)
	hint := advice(code)
	if code == "greeting" {
		hint = "something else listens on this port: is it the right one?"
	}
	if (code == "connection" || code == "timeout") && c.TLS != config.Implicit {
		hint = "does this port want TLS from the start? then write tls: implicit"
	}
	k.problem("greeting", hint, "%s", greetingProblem(code, e.Err))
	return false
}

func greetingProblem(code string, err error) string {
	switch code {
	case "greeting":
		return "what answers is no IMAP server"
	case "connection":
		return "the server ended the connection before its greeting"
	case "timeout":
		return "the server takes the connection and says nothing"
	case "starttls":
		return "the server offers no STARTTLS here: " + cause(err)
	}
	return cause(err)
}

// tokenNote is what became of the request for an access token.
type tokenNote struct {
	asked bool
	err   error
	ends  func() time.Time
}

// life says how long a token lasts.
func (n *tokenNote) life() string {
	if n.ends == nil || n.ends().IsZero() {
		return "it does not say for how long"
	}
	return "good for " + plural(int(time.Until(n.ends()).Minutes()), "more minute")
}

// tapToken listens to whether a token was got.
func (k *checkup) tapToken(o *imap.Options) *tokenNote {
	n := &tokenNote{ends: o.Ends}
	if get := o.Token; get != nil {
		o.Token = func(ctx context.Context) (string, error) {
			t, err := get(ctx)
			n.asked, n.err = true, err
			return t, err
		}
	}
	return n
}

func (k *checkup) sayLogin(e *imap.Exam, c *config.IMAP, token *tokenNote) bool {
	what := "user and password"
	if c.OAuth != nil {
		what = "the token"
		switch {
		case token.err != nil:
			k.problem("token", advice(codeOf(token.err)), "no access token: %s", cause(token.err))
			return false
		case token.asked:
			k.ok("token", "%s gave an access token (%s), %s", hostOf(c.OAuth.TokenURL.Value), c.OAuth.Grant, token.life())
		}
	}
	if e.Stage != "login" {
		k.ok("login", "the server takes %s (%s), after %s", what, e.Login, took(e.LogTook))
		return true
	}
	code := codeOf(e.Err)
	hint := advice(code)
	text := cause(e.Err)
	if code == "login" || code == "token" {
		hint = k.loginHint(e, c)
		text = fmt.Sprintf("the server refuses %s: %s", what, text)
	}
	if code == "login-disabled" {
		text = "the server takes no password on this connection"
	}
	k.problem("login", hint, "%s", text)
	return false
}

func codeOf(err error) string {
	_, code := connectors.Classify(err)
	return code
}

// loginHint is what to do about a refused login, by server.
func (k *checkup) loginHint(e *imap.Exam, c *config.IMAP) string {
	switch kind := serverKind(e, c.Host.Value); {
	case kind == kindMicrosoft && c.OAuth == nil:
		return "Microsoft 365 takes no passwords any more: write auth: xoauth2 and oauth:"
	case kind == kindMicrosoft:
		return "the application needs IMAP.AccessAsApp with consent, a service principal in Exchange, and full access to this mailbox (Add-MailboxPermission)"
	case kind == kindGmail && c.OAuth == nil:
		return "Google wants an app password, or auth: xoauth2 with oauth:"
	case kind == kindICloud:
		return "iCloud wants an app-specific password"
	case c.OAuth != nil:
		return "is user the mailbox that the token is for? has somebody consented to the scopes?"
	}
	return advice("login")
}

func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		rest = url // a domain alone
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}
