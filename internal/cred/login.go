package cred

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// LoginPatience is how long a person has to consent.
const LoginPatience = 5 * time.Minute

// maxCode bounds an authorization code; those of providers have 100 to 2,000
// characters.
const maxCode = 8 << 10

// ErrStray is an answer that does not belong to this login: another state, none, or
// one that was used. It changes nothing.
var ErrStray = errors.New("this is not the answer to this login")

// Login is one consent of a person: an authorization code with PKCE (RFC 7636 section 4) that
// comes back to this machine (RFC 8252 section 7.3), or is pasted by the person.
type Login struct {
	t               *Tokens
	state, verifier string
	patience        time.Duration
	page            *page
	answers         chan answer

	mu   sync.Mutex
	used bool
}

// answer is what the provider sent the person back with.
type answer struct{ code, problem, text string }

// Consent is what a person agreed to, before it is kept.
type Consent struct {
	Token   string   // an access token, to ask who it was
	Who     []string // names of the account that consented; empty if the provider did not tell
	Missing []string // scopes that the configuration names and the person withheld
	More    []string // scopes beyond those of the configuration
	kept    kept
}

// StartLogin begins to listen on 127.0.0.1. The caller ends it with Finish.
// patience 0 stands for LoginPatience. stray is told of each answer of a browser that
// does not belong to this login; it may be nil.
func (t *Tokens) StartLogin(patience time.Duration, stray func()) (*Login, error) {
	if !t.installed() {
		return nil, errors.New("start login: the grant is not installed")
	}
	l := &Login{t: t, state: rand.Text(), verifier: oauth2.GenerateVerifier(), patience: patience, answers: make(chan answer, 1)}
	if l.patience <= 0 {
		l.patience = LoginPatience
	}
	var err error
	l.page, err = newPage(func(q url.Values) error {
		err := l.offer(q)
		if err != nil && stray != nil {
			stray()
		}
		return err
	})
	return l, err
}

func (l *Login) config(secret string) oauth2.Config {
	o := l.t.o.OAuth
	scopes := l.t.scopes()
	for _, s := range []string{"openid", "email"} { // to see who it was
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return oauth2.Config{ClientID: o.ClientID.Value, ClientSecret: secret, RedirectURL: l.page.address(), Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: o.AuthURL.Value, TokenURL: o.TokenURL.Value, AuthStyle: oauth2.AuthStyleInParams}}
}

// URL is what the person opens. It holds no secret: the code that comes back is
// worth nothing without the verifier, which stays here.
func (l *Login) URL() string {
	c := l.config("")
	// access_type and prompt are Google's, for a refresh token at each consent; who
	// does not know them ignores them (RFC 6749 section 3.1).
	return c.AuthCodeURL(l.state, oauth2.S256ChallengeOption(l.verifier), oauth2.AccessTypeOffline,
		oauth2.SetAuthURLParam("prompt", "consent"), oauth2.SetAuthURLParam("login_hint", l.t.o.User))
}

// offer takes the query of an answer. The first one with the right state counts.
func (l *Login) offer(q url.Values) error {
	for _, values := range q {
		if len(values) != 1 { // RFC 6749 section 3.1
			return ErrStray
		}
	}
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(l.state)) != 1 {
		return ErrStray // RFC 6749 section 10.12
	}
	a := answer{code: q.Get("code"), problem: q.Get("error"), text: q.Get("error_description")}
	if a.code == "" && a.problem == "" || len(a.code) > maxCode {
		return ErrStray
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used {
		return ErrStray
	}
	l.used = true
	l.answers <- a
	return nil
}

// Paste takes what a person copied from a browser on another machine: the address
// it ended at, or the code alone. A code has no state; that it belongs to this login
// only the verifier proves.
func (l *Login) Paste(text string) error {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "://") || strings.Contains(text, "code=") {
		_, query, _ := strings.Cut(text, "?")
		query, _, _ = strings.Cut(query, "#")
		q, err := url.ParseQuery(query)
		if err != nil {
			return ErrStray
		}
		return l.offer(q)
	}
	code, err := url.QueryUnescape(strings.ReplaceAll(text, "+", "%2B"))
	if err != nil || strings.ContainsAny(code, " \t\"<>") || len(code) < 4 {
		return ErrStray
	}
	return l.offer(url.Values{"state": {l.state}, "code": {code}})
}

// Wait waits for the person and exchanges the code (RFC 6749 section 4.1.3).
// Errors are *TokenError, or ctx's cause.
func (l *Login) Wait(ctx context.Context) (*Consent, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.patience, fmt.Errorf("nobody has consented within %s", l.patience))
	defer cancel()
	var a answer
	select {
	case a = <-l.answers:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	q := &question{t: l.t}
	switch a.problem {
	case "":
	case "access_denied": // RFC 6749 section 4.1.2.1
		return nil, &TokenError{Fault: FaultConsent, Code: "denied", Err: errors.New("the consent was denied")}
	default:
		return nil, &TokenError{Fault: FaultClient, Code: "token-client", Err: q.clean(fmt.Errorf("the provider answers %s: %s", a.problem, a.text))}
	}
	secret, err := l.t.grantSecret()
	if err != nil {
		return nil, err
	}
	c := l.config(secret)
	g, err := l.t.ask(ctx, []string{secret, a.code, l.verifier}, func(ctx context.Context) (*oauth2.Token, error) {
		return c.Exchange(ctx, a.code, oauth2.VerifierOption(l.verifier))
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, err
	}
	return l.consent(g)
}

func (l *Login) consent(g granted) (*Consent, error) {
	if g.refresh == "" {
		return nil, &TokenError{Fault: FaultClient, Code: "no-refresh",
			Err: errors.New("the provider gave no refresh token: Google gives one to a desktop app, Microsoft with the scope offline_access")}
	}
	wanted, got := l.t.scopes(), strings.Fields(g.scope)
	if len(got) == 0 { // all that was asked for, RFC 6749 section 5.1
		got = wanted
	}
	return &Consent{
		Token: g.token, Who: whoseToken(g.id, l.t.o.OAuth.ClientID.Value),
		Missing: missingScopes(wanted, got), More: missingScopes(got, wanted),
		kept: kept{Seed: l.t.seedOf(""), Refresh: g.refresh, Scopes: got},
	}, nil
}

// Keep stores a consent. Whoever uses the account, in whatever process, has it from
// the next exchange on.
func (l *Login) Keep(ctx context.Context, c *Consent) error {
	unlock, err := l.t.lock(ctx)
	if err != nil {
		return storeError(err)
	}
	defer unlock()
	if err := l.t.keep(c.kept); err != nil {
		return storeError(err)
	}
	return nil
}

// Finish tells the person's browser how it went and stops listening.
func (l *Login) Finish(well bool) { l.page.finish(well) }
