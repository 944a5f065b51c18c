package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"chancery/config"
	"chancery/connectors"
	"chancery/internal/cred"
)

// bearing are the access tokens of one account, as a connector takes them.
type bearing struct {
	tokens *cred.Tokens
	person string // what a person has to run for a new consent; "" where no person can
}

// bearer returns the tokens of an account; nil if it logs in with a password.
func bearer(cfg *config.Config, a config.Account) *bearing {
	o := a.OAuth()
	if o == nil {
		return nil
	}
	b := &bearing{tokens: cred.NewTokens(tokenOptions(cfg, a))}
	if o.Grant == "installed" {
		b.person = "chancery login " + a.Name.Value
	}
	return b
}

func tokenOptions(cfg *config.Config, a config.Account) cred.TokenOptions {
	return cred.TokenOptions{
		Dir: cfg.Service.Dir, Store: filepath.Join(cfg.Service.State.Dir, "tokens"), Account: a.Name.Value, User: a.User().Value, OAuth: *a.OAuth(),
		Roots: func() (*x509.CertPool, error) { return rootCAs(cfg.Service.Dir, caFile(a)) },
	}
}

func caFile(a config.Account) string {
	switch {
	case a.IMAP != nil:
		return a.IMAP.CAFile
	case a.CalDAV != nil:
		return a.CalDAV.CAFile
	case a.Google != nil:
		return a.Google.CAFile
	}
	return ""
}

// Token returns an access token. Errors are of the classes of a source.
func (b *bearing) Token(ctx context.Context) (string, error) {
	token, err := b.tokens.Token(ctx)
	return token, b.tell(err)
}

// Renew returns another token than the one that was refused.
func (b *bearing) Renew(ctx context.Context, refused string) (string, error) {
	token, err := b.tokens.Renew(ctx, refused)
	return token, b.tell(err)
}

// Ends returns when the current token ends.
func (b *bearing) Ends() time.Time { return b.tokens.Ends() }

// tell says in the words of a source what a failed exchange means for it.
func (b *bearing) tell(err error) error {
	e, ok := errors.AsType[*cred.TokenError](err)
	if !ok {
		return err
	}
	out := &connectors.Error{Class: connectors.Network, Code: e.Code, RetryAfter: e.RetryAfter, Err: e}
	switch e.Fault {
	case cred.FaultProvider:
		if e.RetryAfter > 0 {
			out.Class = connectors.Throttled
		}
	case cred.FaultConsent:
		out.Class = connectors.Auth
		if b.person != "" {
			out.Err = fmt.Errorf("%w; a person must run: %s", e, b.person)
		}
	case cred.FaultSecret:
		out.Class = connectors.Auth
	case cred.FaultClient, cred.FaultClock:
		out.Class = connectors.Config
	}
	return out
}
