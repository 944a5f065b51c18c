package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// credentials are how an account logs in: with a password, or with tokens that stand
// for one.
type credentials struct {
	Auth     string
	Password Secret
	OAuth    *OAuth
}

// credentials reads them. tokens are the words of auth for tokens; hint says how to
// choose one.
func (f *file) credentials(b block, hint string, tokens ...string) credentials {
	how := credentials{Auth: DefaultAuth}
	if n := b.get("auth"); n != nil {
		w, ok := f.word(n, "auth", append([]string{DefaultAuth}, tokens...)...)
		if !ok {
			return how // what else is missing hangs on the word that was meant
		}
		how.Auth = w
	}
	oauth, password := b.get("oauth"), b.get("password")
	if how.Auth == DefaultAuth {
		if oauth != nil {
			f.fail(f.at(oauth), "oauth is set, but auth is password", hint+", or delete this key")
		} else if password = b.need("password", "{credential: name} or {file: secrets/name}"); password != nil {
			how.Password = f.secret(password)
		}
		return how
	}
	if password != nil {
		how.Password = f.secret(password)
		f.warn(f.at(password), "the password is not used, because auth is "+how.Auth, "delete this key")
	}
	if oauth = b.need("oauth", "{grant: client_credentials, token_url: ..., client_id: ..., secret: ..., scopes: [...]}"); oauth != nil {
		how.OAuth = f.oauth(oauth)
	}
	return how
}

// grantKey says which keys a grant needs and which it may have beside.
type grantKey struct {
	grant       string
	needs, asks []string
}

var grantKeys = []grantKey{
	{"client_credentials", []string{"token_url", "client_id", "secret", "scopes"}, nil},
	{"refresh_token", []string{"token_url", "client_id", "refresh"}, []string{"secret", "scopes"}},
	{"service_account", []string{"token_url", "secret", "scopes"}, nil},
	{"installed", []string{"client_id", "scopes"}, []string{"auth_url", "token_url", "secret"}},
}

// googleGrants are those of a Google calendar account, where addresses and scopes
// are known.
var googleGrants = []grantKey{
	{"service_account", []string{"secret"}, []string{"token_url", "scopes"}},
	{"installed", []string{"client_id"}, []string{"auth_url", "token_url", "secret", "scopes"}},
}

// oauthExamples are what a missing key is shown as.
var oauthExamples = map[string]string{
	"auth_url":  "https://accounts.google.com/o/oauth2/v2/auth or https://login.microsoftonline.com/TENANT/oauth2/v2.0/authorize",
	"token_url": "https://oauth2.googleapis.com/token or https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
	"client_id": "the number or name the provider gave this program",
	"secret":    "{credential: name} or {file: secrets/name}",
	"refresh":   "{credential: name} or {file: secrets/name}",
	"scopes":    "[https://mail.google.com/] or [https://outlook.office365.com/.default]",
}

func (f *file) oauth(n *yaml.Node) *OAuth { return f.oauthOf(n, grantKeys) }

func (f *file) oauthOf(n *yaml.Node, grants []grantKey) *OAuth {
	o := &OAuth{Pos: f.at(n)}
	b, ok := f.block(n, "oauth", "grant", "auth_url", "token_url", "client_id", "secret", "refresh", "scopes")
	if !ok {
		return o
	}
	f.grant(b, o, grants)
	f.endpoints(b, o)
	if n := b.get("client_id"); n != nil {
		o.ClientID, _ = f.text(n)
	}
	if n := b.get("secret"); n != nil {
		o.Secret = f.secret(n)
	}
	if n := b.get("refresh"); n != nil {
		o.Refresh = f.secret(n)
	}
	if n := b.get("scopes"); n != nil {
		o.Scopes = f.scopes(n)
	}
	return o
}

// grant reads the kind of grant and tells which keys it lacks or has no use for.
func (f *file) grant(b block, o *OAuth, grants []grantKey) {
	var words []string
	for _, g := range grants {
		words = append(words, g.grant)
	}
	n := b.need("grant", strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1])
	if n == nil {
		return
	}
	w, ok := f.word(n, "grant", words...)
	if !ok {
		return
	}
	o.Grant = w
	g := grants[slices.Index(words, w)]
	for _, key := range g.needs {
		b.need(key, oauthExamples[key])
	}
	for _, key := range []string{"auth_url", "client_id", "secret", "refresh"} {
		if n := b.get(key); n != nil && !slices.Contains(g.needs, key) && !slices.Contains(g.asks, key) {
			f.fail(f.at(n), fmt.Sprintf("grant: %s has no %s", w, key), "delete this key, or look whether the grant is the right one")
		}
	}
}

// endpoints reads where a person consents and where tokens are asked for. They are
// named here and taken from no answer, so that a token never goes to a host that IT
// did not write. Google's stand where a grant can do without; but a half of
// another provider's and a half of Google's would carry a code to a stranger.
func (f *file) endpoints(b block, o *OAuth) {
	auth, token := b.get("auth_url"), b.get("token_url")
	if auth != nil {
		o.AuthURL, _ = f.url(auth, "a consent page", "https://login.firm.example/authorize")
	}
	if token != nil {
		o.TokenURL, _ = f.url(token, "a token endpoint", "https://login.firm.example/token")
	}
	switch {
	case o.Grant == "installed" && auth == nil && token == nil:
		o.AuthURL = Text{DefaultGoogleAuthURL, o.Pos}
		o.TokenURL = Text{DefaultGoogleTokenURL, o.Pos}
	case o.Grant == "installed" && auth == nil:
		b.need("auth_url", oauthExamples["auth_url"])
	case o.Grant == "installed" && token == nil:
		b.need("token_url", oauthExamples["token_url"])
	case o.Grant == "service_account" && token == nil:
		o.TokenURL = Text{DefaultGoogleTokenURL, o.Pos}
	}
}

// scopes reads what a token may be used for: scope-token (RFC 6749 section 3.3).
func (f *file) scopes(n *yaml.Node) []Text {
	ts, ok := f.texts(n, "[https://mail.google.com/]")
	if ok && len(ts) == 0 {
		f.fail(f.at(n), "scopes names none", "the provider's manual says which scope allows IMAP")
	}
	for _, t := range ts {
		for _, r := range t.Value {
			if r <= ' ' || r == '"' || r == '\\' || r >= 0x7f {
				f.fail(t.Pos, "a scope has no blank and no quote in it", "write each scope as an entry of the list")
				break
			}
		}
	}
	return ts
}
