package cred

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/config"
)

// provider is an identity provider on loopback. It rotates refresh tokens and
// takes the second use of one for theft, as Microsoft and Okta do.
type provider struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	asked   int
	spent   map[string]bool
	current string // the refresh token that is good now
	revoked bool
	life    int // seconds
	grace   bool
	before  func(w http.ResponseWriter, r *http.Request) bool // true: answered
	forms   []url.Values
	key     *rsa.PublicKey
	date    time.Duration // how far its clock is ahead
	door    door
}

func newProvider(t *testing.T) *provider {
	p := &provider{t: t, spent: map[string]bool{}, current: "refresh-0", life: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("/", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = r.ParseForm()
	p.asked++
	p.forms = append(p.forms, r.PostForm)
	if p.date != 0 {
		w.Header().Set("Date", time.Now().Add(p.date).UTC().Format(http.TimeFormat))
	}
	if p.before != nil && p.before(w, r) {
		return
	}
	if p.revoked {
		p.refuse(w, 400, "invalid_grant", "the consent was withdrawn")
		return
	}
	answer := map[string]any{"access_token": fmt.Sprintf("access-%d", p.asked), "token_type": "Bearer", "expires_in": p.life}
	switch r.PostForm.Get("grant_type") {
	case "refresh_token":
		given := r.PostForm.Get("refresh_token")
		if given != p.current && !(p.grace && p.spent[given]) {
			p.revoked = p.spent[given] // reuse: the whole family is void
			p.refuse(w, 400, "invalid_grant", "refresh token is void")
			return
		}
		p.spent[given] = true
		p.current = fmt.Sprintf("refresh-%d", p.asked)
		answer["refresh_token"] = p.current
	case "authorization_code":
		if code := p.redeem(r.PostForm, answer); code != "" {
			p.refuse(w, 400, code, "Bad Request: "+r.PostForm.Get("code"))
			return
		}
	case "client_credentials":
		if r.PostForm.Get("client_secret") != "app secret" {
			p.refuse(w, 401, "invalid_client", "Invalid client secret provided: "+r.PostForm.Get("client_secret"))
			return
		}
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		if code := p.checkAssertion(r.PostForm.Get("assertion")); code != "" {
			p.refuse(w, 400, code, "assertion")
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (p *provider) refuse(w http.ResponseWriter, status int, code, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": text})
}

// checkAssertion verifies what RFC 7523 section 3 wants, by the provider's clock.
func (p *provider) checkAssertion(jwt string) string {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return "invalid_request"
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
	if rsa.VerifyPKCS1v15(p.key, crypto.SHA256, sum[:], sig) != nil {
		return "invalid_client"
	}
	var claims struct {
		Iss, Sub, Scope, Aud string
		Iat, Exp             int64
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	_ = json.Unmarshal(raw, &claims)
	now := time.Now().Add(p.date).Unix()
	switch {
	case claims.Iss != "robot@firm.example" || claims.Aud != p.URL || claims.Scope != "mail":
		return "invalid_request"
	case claims.Sub != "gc@firm.example":
		return "unauthorized_client"
	case claims.Iat > now+60 || claims.Exp < now:
		return "invalid_grant"
	}
	return ""
}

func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *provider) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// options of an account that uses this provider, with its secrets on disk.
func (p *provider) options(grant string) TokenOptions {
	dir := p.t.TempDir()
	write(p.t, filepath.Join(dir, "refresh"), "refresh-0\n", 0o600)
	write(p.t, filepath.Join(dir, "app"), "app secret\n", 0o600)
	o := TokenOptions{Dir: dir, Store: filepath.Join(dir, "state"), Account: "gc-mail", User: "gc@firm.example", OAuth: config.OAuth{
		Grant: grant, TokenURL: config.Text{Value: p.URL}, ClientID: config.Text{Value: "chancery"},
		Scopes: []config.Text{{Value: "mail"}},
	}}
	switch grant {
	case "installed":
		o.OAuth.AuthURL = config.Text{Value: p.URL + "/authorize"}
		o.OAuth.Secret = config.Secret{File: "app"}
	case "refresh_token":
		o.OAuth.Refresh = config.Secret{File: "refresh"}
	case "client_credentials":
		o.OAuth.Secret = config.Secret{File: "app"}
	case "service_account":
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			p.t.Fatal(err)
		}
		p.key = &key.PublicKey
		text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
		raw, _ := json.MarshalIndent(map[string]string{"type": "service_account", "client_email": "robot@firm.example", "private_key_id": "k1",
			"private_key": text, "token_uri": "https://elsewhere.example/token"}, "", "  ")
		write(p.t, filepath.Join(dir, "key.json"), string(raw), 0o600)
		o.OAuth.Secret = config.Secret{File: "key.json"}
	}
	return o
}
