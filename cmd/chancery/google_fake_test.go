package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// googleFake is as much of Google as a person who sets an account up meets: the
// consent page, tokens, and the list of calendars with nothing in them.
type googleFake struct {
	*httptest.Server
	mu sync.Mutex

	who     string // who sits at the browser
	deny    string
	grant   string // scopes granted; "" for all
	noID    bool   // tells no ID token
	revoked bool
	denied  []string // scopes that are not delegated
	codes   map[string]url.Values
	good    map[string]bool // refresh tokens
	issued  int
	asked   int      // for tokens
	lists   []string // calendars asked for events

	calendars []map[string]any
	refuse    string // reason with which the API refuses everything
}

func newGoogleFake(t *testing.T) *googleFake {
	g := &googleFake{who: "gc@firm.example", codes: map[string]url.Values{}, good: map[string]bool{}}
	g.calendars = []map[string]any{
		{"id": "gc@firm.example", "summary": "gc@firm.example", "primary": true, "accessRole": "owner", "timeZone": "America/New_York"},
		{"id": "c1@group.example", "summary": "Conflicts", "accessRole": "writer", "timeZone": "America/New_York"},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", g.authorize)
	mux.HandleFunc("POST /token", g.token)
	mux.HandleFunc("/calendar/v3/", g.api)
	g.Server = httptest.NewServer(mux)
	t.Cleanup(g.Close)
	return g
}

func (g *googleFake) set(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
}

func (g *googleFake) authorize(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := r.URL.Query()
	out := url.Values{"state": {q.Get("state")}}
	if g.deny != "" {
		out.Set("error", g.deny)
	} else {
		g.issued++
		code := fmt.Sprintf("4/swordfish%d", g.issued)
		g.codes[code] = q
		out.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+out.Encode(), http.StatusFound)
}

func (g *googleFake) token(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = r.ParseForm()
	f := r.PostForm
	g.asked++
	answer := map[string]any{"access_token": fmt.Sprintf("swordfish-access-%d", g.asked), "token_type": "Bearer", "expires_in": 3600}
	switch f.Get("grant_type") {
	case "authorization_code":
		q, ok := g.codes[f.Get("code")]
		delete(g.codes, f.Get("code"))
		sum := sha256.Sum256([]byte(f.Get("code_verifier")))
		if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") || f.Get("redirect_uri") != q.Get("redirect_uri") {
			g.say(w, 400, map[string]string{"error": "invalid_grant"})
			return
		}
		answer["scope"] = q.Get("scope")
		if g.grant != "" {
			answer["scope"] = g.grant
		}
		if !g.noID {
			raw, _ := json.Marshal(map[string]any{"aud": f.Get("client_id"), "email": g.who, "email_verified": true})
			answer["id_token"] = "e30." + base64.RawURLEncoding.EncodeToString(raw) + ".x"
		}
		answer["refresh_token"] = g.fresh()
	case "refresh_token":
		if g.revoked || !g.good[f.Get("refresh_token")] {
			g.say(w, 400, map[string]string{"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
			return
		}
		delete(g.good, f.Get("refresh_token"))
		answer["refresh_token"] = g.fresh()
	default: // of a service account
		claims := struct{ Scope, Sub string }{}
		if parts := strings.Split(f.Get("assertion"), "."); len(parts) == 3 {
			raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
			_ = json.Unmarshal(raw, &claims)
		}
		if slices.ContainsFunc(strings.Fields(claims.Scope), func(s string) bool { return slices.Contains(g.denied, s) }) {
			g.say(w, 401, map[string]string{"error": "unauthorized_client", "error_description": "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested."})
			return
		}
	}
	g.say(w, 200, answer)
}

func (g *googleFake) fresh() string {
	token := fmt.Sprintf("swordfish-refresh-%d", g.asked)
	g.good[token] = true
	return token
}

func (g *googleFake) api(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/calendar/v3")
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer swordfish-access-"):
		g.refusal(w, 401, "authError")
	case g.refuse != "":
		g.refusal(w, 403, g.refuse)
	case path == "/users/me/calendarList":
		g.say(w, 200, map[string]any{"kind": "calendar#calendarList", "items": g.calendars})
	case strings.HasSuffix(path, "/events"):
		g.lists = append(g.lists, path)
		g.say(w, 200, map[string]any{"kind": "calendar#events", "items": []any{}, "nextSyncToken": "t1", "timeZone": "America/New_York"})
	default:
		g.refusal(w, 404, "notFound")
	}
}

func (g *googleFake) refusal(w http.ResponseWriter, status int, reason string) {
	g.say(w, status, map[string]any{"error": map[string]any{"code": status, "message": "Refused.", "errors": []any{map[string]any{"domain": "usageLimits", "reason": reason}}}})
}

func (g *googleFake) say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// firm writes a configuration that follows this Google by the given grant.
func (g *googleFake) firm(t *testing.T, oauth string) *firm {
	f := &firm{t: t, dir: t.TempDir()}
	f.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: %s/state}
accounts:
  - name: gc-google
    google:
      url: %s/calendar/v3/
      user: gc@firm.example
      oauth: %s
      calendars: [{name: work, match: primary}, {name: holds, match: conflicts}]
      poll: 50ms
principals:
  - name: general-counsel
    zone: America/New_York
    addresses: [gc@firm.example]
    calendars: [gc-google/work]
    holds: gc-google/holds
`, f.dir, g.URL, oauth))
	f.write("rules.d/10.yaml", "version: 1\n")
	return f
}

func (g *googleFake) installed(t *testing.T) *firm {
	return g.firm(t, fmt.Sprintf("{grant: installed, client_id: desk, auth_url: %[1]s/authorize, token_url: %[1]s/token}", g.URL))
}

func mustQuery(address string) url.Values {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	return u.Query()
}
