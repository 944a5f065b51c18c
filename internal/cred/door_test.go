package cred

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// door is the half of the provider that a person meets: the consent page and the
// codes it gives out (RFC 6749 section 4.1).
type door struct {
	who     string // who sits at the browser; "" for the one that was hinted at
	deny    string // error instead of a code
	state   string // given back in place of the right one
	grant   string // scopes granted; "" for all that were asked for
	mute    bool   // no scope, no ID token in the answer
	keepOut bool   // no refresh token
	codes   map[string]url.Values
	issued  int
	spent   []string
	asked   url.Values // of the last visit
}

func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d, q := &p.door, r.URL.Query()
	d.asked = q
	back, err := url.Parse(q.Get("redirect_uri"))
	// RFC 8252 section 7.3: any port on loopback.
	if err != nil || back.Hostname() != "127.0.0.1" || back.Scheme != "http" || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 {
		http.Error(w, "redirect_uri_mismatch", http.StatusBadRequest)
		return
	}
	out := url.Values{"state": {q.Get("state")}, "iss": {p.URL}}
	if d.state != "" {
		out.Set("state", d.state)
	}
	if d.deny != "" {
		out.Set("error", d.deny)
	} else {
		d.issued++
		code := fmt.Sprintf("4/code+%d", d.issued)
		if d.codes == nil {
			d.codes = map[string]url.Values{}
		}
		d.codes[code] = q
		out.Set("code", code)
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// redeem exchanges a code once and checks the verifier (RFC 7636 section 4.6).
func (p *provider) redeem(form url.Values, answer map[string]any) string {
	d := &p.door
	q, ok := d.codes[form.Get("code")]
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case !ok || slices.Contains(d.spent, form.Get("code")):
		return "invalid_grant"
	case base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge"),
		form.Get("redirect_uri") != q.Get("redirect_uri"), form.Get("client_id") != q.Get("client_id"):
		return "invalid_grant"
	case form.Get("client_secret") != "app secret":
		return "invalid_client"
	}
	d.spent = append(d.spent, form.Get("code"))
	if !d.keepOut {
		p.current = fmt.Sprintf("refresh-%d", p.asked)
		answer["refresh_token"] = p.current
	}
	if d.mute {
		return ""
	}
	who := d.who
	if who == "" {
		who = q.Get("login_hint")
	}
	answer["scope"] = strings.ReplaceAll(q.Get("scope"), "email", "https://www.googleapis.com/auth/userinfo.email")
	if d.grant != "" {
		answer["scope"] = d.grant
	}
	answer["id_token"] = idToken(map[string]any{"iss": p.URL, "aud": q.Get("client_id"), "email": who, "email_verified": true})
	return ""
}

func idToken(claims any) string {
	raw, _ := json.Marshal(claims)
	return "e30." + base64.RawURLEncoding.EncodeToString(raw) + ".c2ln"
}
