package cred

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"

	"chancery/config"
)

// MaxAnswerBytes bounds what a token endpoint may answer.
const MaxAnswerBytes = 256 << 10

// granted is what the provider gave.
type granted struct {
	token, refresh string
	asked, ends    time.Time
	scope, id      string // of a consent: what was granted, and by whom
}

// question is one exchange with the provider and what was noticed on the way.
type question struct {
	t       *Tokens
	base    http.RoundTripper
	foreign bool          // a redirect to another host was refused
	status  int           // of the last answer
	wait    time.Duration // Retry-After, RFC 9110 section 10.2.3
	skew    time.Duration // our clock minus theirs
	secrets []string      // never to be repeated
}

// post sends one request to the token endpoint: client credentials (RFC 6749
// section 4.4), or the grant that more names.
func (t *Tokens) post(ctx context.Context, secret string, more url.Values) (granted, error) {
	c := clientcredentials.Config{
		ClientID: t.o.OAuth.ClientID.Value, ClientSecret: secret, TokenURL: t.o.OAuth.TokenURL.Value,
		Scopes: t.scopes(), EndpointParams: more,
		// Never to be found out by trying: the second try would spend a refresh token
		// twice, which providers take for theft.
		AuthStyle: oauth2.AuthStyleInParams,
	}
	return t.ask(ctx, append([]string{secret}, more["refresh_token"]...), c.Token)
}

// assert signs for a service account that acts for the user (RFC 7523 section
// 2.1). Of the JSON key only the account and its key count: where to ask is what
// IT wrote.
func (t *Tokens) assert(ctx context.Context, secret string) (granted, error) {
	key, err := readKey(secret)
	if err != nil {
		return granted{}, err
	}
	c := jwt.Config{
		Email: key.Email, PrivateKey: []byte(key.PEM), PrivateKeyID: key.ID, Subject: t.o.User,
		Scopes: t.scopes(), TokenURL: t.o.OAuth.TokenURL.Value,
	}
	return t.ask(ctx, []string{key.PEM}, func(ctx context.Context) (*oauth2.Token, error) { return c.TokenSource(ctx).Token() })
}

// accountKey is what counts of the JSON key of a service account.
type accountKey struct {
	Email  string `json:"client_email"`
	Client string `json:"client_id"`
	ID     string `json:"private_key_id"`
	PEM    string `json:"private_key"`
}

func readKey(secret string) (accountKey, error) {
	var key accountKey
	if json.Unmarshal([]byte(secret), &key) != nil || key.Email == "" || key.PEM == "" {
		return accountKey{}, &TokenError{Fault: FaultClient, Code: "service-account-key",
			Err: errors.New("the secret is not a service account key: it must be the JSON file as Google wrote it")}
	}
	return key, nil
}

// ServiceAccount names the service account of a JSON key: its address, and the
// number by which an administrator delegates to it. Neither is secret.
func ServiceAccount(dir string, s config.Secret) (address, clientID string, err error) {
	text, err := readLong(dir, s)
	if err != nil {
		return "", "", err
	}
	key, err := readKey(text)
	return key.Email, key.Client, err
}

func (t *Tokens) scopes() []string {
	var out []string
	for _, s := range t.o.OAuth.Scopes {
		out = append(out, s.Value)
	}
	return out
}

// ask runs one exchange on a client of our own.
func (t *Tokens) ask(ctx context.Context, secrets []string, get func(context.Context) (*oauth2.Token, error)) (granted, error) {
	q := &question{t: t, secrets: secrets}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
		MaxResponseHeaderBytes: 64 << 10, TLSHandshakeTimeout: exchangeTimeout,
	}
	if t.o.Roots != nil {
		roots, err := t.o.Roots()
		if err != nil {
			return granted{}, &TokenError{Fault: FaultSecret, Code: "roots", Err: err}
		}
		transport.TLSClientConfig.RootCAs = roots
	}
	q.base = transport
	client := &http.Client{Transport: q, CheckRedirect: q.redirect, Timeout: exchangeTimeout}
	asked := time.Now()
	token, err := get(context.WithValue(ctx, oauth2.HTTPClient, client))
	t.mu.Lock()
	t.skew = q.skew
	t.mu.Unlock()
	if err != nil {
		return granted{}, q.fault(err)
	}
	g := granted{token: token.AccessToken, refresh: token.RefreshToken, asked: asked, ends: token.Expiry}
	g.scope, _ = token.Extra("scope").(string)
	g.id, _ = token.Extra("id_token").(string)
	if g.token == "" || len(g.token) > MaxBytes || len(g.refresh) > MaxBytes {
		return granted{}, &TokenError{Fault: FaultProvider, Code: "token-answer", Err: errors.New("the answer holds no token that can be used")}
	}
	if !g.ends.After(asked) {
		g.ends = asked.Add(unsaidLife)
	}
	return g, nil
}

// redirect refuses to carry credentials to a host that IT did not name.
func (q *question) redirect(req *http.Request, via []*http.Request) error {
	if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme || len(via) > 3 {
		q.foreign = true
		return errors.New("redirect refused")
	}
	return nil
}

// RoundTrip bounds the answer and notes what its header tells.
func (q *question) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := q.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	q.status = resp.StatusCode
	if s, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s"); err == nil {
		q.wait = min(max(s, 0), time.Hour)
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		if skew := time.Since(date); skew.Abs() > maxSkew {
			q.skew = skew.Round(time.Second)
		}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, MaxAnswerBytes), resp.Body}
	return resp, nil
}
