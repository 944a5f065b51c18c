package cred

import (
	"context"
	"crypto/x509"
	"sync"
	"time"

	"chancery/config"
)

const (
	// renewShare of a token's life is over when a new one is asked for: the old
	// one still serves if the provider is down then.
	renewPercent = 80
	// unsaidLife is how long a token is taken to live if the provider does not say.
	unsaidLife = 30 * time.Minute
	// retryPause is how long a provider that fails is left alone while the old
	// token still serves.
	retryPause = 30 * time.Second
	// exchangeTimeout bounds one question to the provider.
	exchangeTimeout = 30 * time.Second
)

// TokenOptions say whose tokens, and where they come from.
type TokenOptions struct {
	Dir     string // configuration folder, for relative secrets
	Store   string // folder for rotated refresh tokens; made if it is missing
	Account string // names the file in Store
	User    string // whom a service account acts for, and who has to consent
	OAuth   config.OAuth
	Roots   func() (*x509.CertPool, error) // nil: the system's
}

// Tokens gets access tokens for one account. Its methods may be called from any
// goroutine; however many ask, one question at a time goes to the provider.
//
// A question once sent runs to its end, whoever stops waiting for it: with a
// provider that rotates refresh tokens, an answer nobody reads is a lost login.
type Tokens struct {
	o TokenOptions

	mu      sync.Mutex
	token   string
	issued  time.Time
	ends    time.Time
	retry   time.Time // not before, while token serves
	flight  *flight
	unsaved kept   // a rotated refresh token that could not be stored yet
	spent   string // what unsaved replaces
	void    *void  // a consent that the provider took back
	skew    time.Duration
}

// flight is one question to the provider that many may wait for.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

// NewTokens asks nothing yet.
func NewTokens(o TokenOptions) *Tokens { return &Tokens{o: o} }

// Token returns an access token that is good for at least a fifth of its life,
// or, while the provider cannot be reached, until its end. Errors are
// *TokenError, or ctx's.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	t.mu.Lock()
	if now := time.Now(); t.fresh(now) || t.token != "" && now.Before(t.ends) && now.Before(t.retry) {
		defer t.mu.Unlock()
		return t.token, nil
	}
	f := t.join()
	t.mu.Unlock()
	token, err := f.wait(ctx)
	if err == nil || ctx.Err() != nil {
		return token, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); IsUnavailable(err) && t.token != "" && now.Before(t.ends) {
		t.retry = now.Add(retryPause)
		return t.token, nil
	}
	return "", err
}

// Renew returns another token than refused, which a server would not take.
func (t *Tokens) Renew(ctx context.Context, refused string) (string, error) {
	t.mu.Lock()
	if t.token != "" && t.token != refused && t.fresh(time.Now()) {
		defer t.mu.Unlock()
		return t.token, nil
	}
	t.token = ""
	f := t.join()
	t.mu.Unlock()
	return f.wait(ctx)
}

// Ends returns when the current token ends; the zero time if there is none.
func (t *Tokens) Ends() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == "" {
		return time.Time{}
	}
	return t.ends
}

// Skew returns by how much this machine's clock is ahead of the provider's, as
// far as its last answer tells; within a minute it is 0.
func (t *Tokens) Skew() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skew
}

func (t *Tokens) fresh(now time.Time) bool {
	life := t.ends.Sub(t.issued)
	return t.token != "" && t.unsaved.Refresh == "" && now.Before(t.issued.Add(life*renewPercent/100))
}

// join returns the question under way, or sends one. The caller holds mu.
func (t *Tokens) join() *flight {
	if t.flight == nil {
		t.flight = &flight{done: make(chan struct{})}
		go t.fly(t.flight)
	}
	return t.flight
}

func (f *flight) wait(ctx context.Context) (string, error) {
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (t *Tokens) fly(f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*exchangeTimeout)
	defer cancel()
	g, err := t.exchange(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.token, t.issued, t.ends = g.token, g.asked, g.ends
		f.token = g.token
	}
	f.err = err
	t.flight = nil
	close(f.done)
}

// exchange gets a token by the grant of the configuration.
func (t *Tokens) exchange(ctx context.Context) (granted, error) {
	if t.o.OAuth.Grant == "refresh_token" || t.installed() {
		return t.refresh(ctx)
	}
	secret, err := t.grantSecret()
	if err != nil {
		return granted{}, err
	}
	if t.o.OAuth.Grant == "service_account" {
		return t.assert(ctx, secret)
	}
	return t.post(ctx, secret, nil)
}
