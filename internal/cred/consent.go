package cred

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// installed reports whether a person consents on a machine with a browser, by
// "chancery login" (RFC 8252 section 6).
func (t *Tokens) installed() bool { return t.o.OAuth.Grant == "installed" }

// void is a refresh token that the provider no longer takes. Asking again is of no
// use until a person has consented anew, and looks like an attack.
type void struct {
	refresh string
	err     *TokenError
}

// standing tells whether a consent may be asked to the provider about at all.
func (t *Tokens) standing(k kept) error {
	if !t.installed() {
		return nil
	}
	if k.Refresh == "" {
		return &TokenError{Fault: FaultConsent, Code: "consent",
			Err: errors.New("nobody has consented yet for this user and client_id")}
	}
	if left := missingScopes(t.scopes(), k.Scopes); len(left) > 0 {
		return &TokenError{Fault: FaultConsent, Code: "consent",
			Err: fmt.Errorf("the consent is older than the configuration and lacks %s", strings.Join(left, ", "))}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.void != nil && t.void.refresh == k.Refresh {
		return t.void.err
	}
	return nil
}

// judged keeps in mind that the provider took a consent back.
func (t *Tokens) judged(k kept, err error) error {
	e, ok := errors.AsType[*TokenError](err)
	if !ok || !t.installed() || e.Fault != FaultConsent {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.void = &void{k.Refresh, e}
	return err
}

// Scopes that ask for something else than access: who it is, and a refresh token.
// Providers do not always repeat them (OpenID Connect Core section 5.4, 11).
var aboutPerson = []string{"openid", "email", "profile", "offline_access",
	"https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile"}

// missingScopes lists what was wanted and not granted, in the order of wanted.
func missingScopes(wanted, granted []string) []string {
	var out []string
	for _, s := range wanted {
		// Microsoft takes no notice of case and answers in its own.
		same := func(g string) bool { return strings.EqualFold(g, s) }
		if !slices.ContainsFunc(granted, same) && !slices.ContainsFunc(aboutPerson, same) {
			out = append(out, s)
		}
	}
	return out
}

// whoseToken reads the names of who consented from an ID token (OpenID Connect Core
// section 2). It came from the token endpoint itself over TLS, which stands for its
// signature (section 3.1.3.7 item 6). No names if there is none, if it is not for
// this program, or if the provider has not seen that the address is theirs.
func whoseToken(id, clientID string) []string {
	parts := strings.Split(id, ".")
	if len(parts) != 3 {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	var claims struct {
		Aud      any    `json:"aud"`
		Email    string `json:"email"`
		Verified any    `json:"email_verified"`
		Name     string `json:"preferred_username"` // Microsoft: what a person logs in as
	}
	if json.Unmarshal(raw, &claims) != nil || !isFor(claims.Aud, clientID) {
		return nil
	}
	var out []string
	if claims.Verified != false && claims.Verified != "false" {
		out = append(out, claims.Email)
	}
	out = append(out, claims.Name)
	return slices.DeleteFunc(out, func(s string) bool { return !strings.Contains(s, "@") || len(s) > 320 })
}

// isFor reads the audience, a text or a list of them (RFC 7519 section 4.1.3).
func isFor(aud any, clientID string) bool {
	if list, ok := aud.([]any); ok {
		return slices.Contains(list, any(clientID))
	}
	return aud == any(clientID)
}
