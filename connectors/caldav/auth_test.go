package caldav

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"chancery/connectors"
	"chancery/connectors/connectortest"
	"chancery/internal/servertest"
)

// guardian stands before a Radicale and lets in who proves it in its way.
type guardian struct {
	t testing.TB

	mu    sync.Mutex
	seen  []string // schemes of Authorization as they came
	count map[string]int
}

// guarded returns options for a Radicale behind the guardian, with an event in it.
func guarded(t *testing.T, check func(g *guardian, w http.ResponseWriter, r *http.Request) bool) (*guardian, Options) {
	t.Helper()
	d := servertest.Radicale(t)
	d.Put(d.MakeCalendar("Work")+"a.ics", connectortest.Meeting("a@firm.example", "A", 1))
	target, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	g := &guardian{t: t, count: map[string]int{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.SetBasicAuth(d.User, d.Password)
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		g.seen = append(g.seen, scheme)
		ok := check(g, w, r)
		g.mu.Unlock()
		if ok {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	o := options(d)
	o.URL = srv.URL
	return g, o
}

// digestGuard checks Digest by itself, from the words of RFC 7616 section 3.4.
type digestGuard struct {
	algorithm      string
	legacy         bool // no qop
	userhash       bool
	uses           int  // of one nonce; 0 without bound
	forgets        bool // says nothing of stale
	next           bool // hands out nextnonce
	offersBasicToo bool
	nonce          int
}

func (d *digestGuard) check(g *guardian, w http.ResponseWriter, r *http.Request) bool {
	p := parameters(strings.TrimPrefix(r.Header.Get("Authorization"), "Digest "))
	now := fmt.Sprintf(`n"%d`, d.nonce)
	h := func(s string) string {
		if strings.HasPrefix(d.algorithm, "SHA-256") {
			sum := sha256.Sum256([]byte(s))
			return hex.EncodeToString(sum[:])
		}
		sum := md5.Sum([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	user, a1 := "assistant", h("assistant:The Firm, \"A\":correct horse")
	if d.userhash {
		user = h("assistant:The Firm, \"A\"")
	}
	if strings.HasSuffix(d.algorithm, "-sess") {
		a1 = h(a1 + ":" + now + ":" + p["cnonce"])
	}
	want := h(a1 + ":" + now + ":" + h(r.Method+":"+r.RequestURI))
	if !d.legacy {
		want = h(strings.Join([]string{a1, now, p["nc"], p["cnonce"], "auth", h(r.Method + ":" + r.RequestURI)}, ":"))
	}
	good := p["nonce"] == now && p["response"] == want && p["username"] == user && p["opaque"] == "o" && p["uri"] == r.RequestURI
	if good && !d.legacy {
		g.count[now]++
		if p["nc"] != fmt.Sprintf("%08x", g.count[now]) {
			g.t.Errorf("count %s of use %d", p["nc"], g.count[now])
		}
	}
	spent := good && d.uses > 0 && g.count[now] > d.uses
	if good && !spent {
		if d.next {
			d.nonce++
			w.Header().Set("Authentication-Info", fmt.Sprintf(`nextnonce="n\"%d"`, d.nonce))
		}
		return true
	}
	stale := ""
	if spent {
		d.nonce++
		if !d.forgets {
			stale = ", stale=TRUE"
		}
	}
	offer := fmt.Sprintf(`Digest realm="The Firm, \"A\"", nonce="n\"%d", opaque="o"%s`, d.nonce, stale)
	if d.algorithm != "" {
		offer += ", algorithm=" + d.algorithm
	}
	if !d.legacy {
		offer += `, qop="auth-int, auth"`
	}
	if d.userhash {
		offer += ", userhash=true"
	}
	if d.offersBasicToo {
		offer = `Basic realm="x", ` + offer + `, Digest realm="r", nonce="m", algorithm=SHA-512-256, qop=auth`
	}
	w.Header().Set("WWW-Authenticate", offer)
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

func TestDigest(t *testing.T) {
	for name, d := range map[string]*digestGuard{
		"MD5 by default":           {},
		"MD5":                      {algorithm: "MD5"},
		"MD5-sess":                 {algorithm: "MD5-sess"},
		"SHA-256":                  {algorithm: "SHA-256"},
		"SHA-256-sess":             {algorithm: "SHA-256-sess", offersBasicToo: true},
		"without qop":              {algorithm: "MD5", legacy: true},
		"hashed user":              {algorithm: "SHA-256", userhash: true},
		"nonce of three":           {algorithm: "SHA-256", uses: 3},
		"nonce of two, never said": {algorithm: "SHA-256", uses: 2, forgets: true},
		"next nonce":               {algorithm: "SHA-256", next: true},
	} {
		t.Run(name, func(t *testing.T) {
			g, o := guarded(t, d.check)
			s := mustOpen(t, o)
			for range 4 {
				b, err := s.Pull(t.Context(), "")
				if err != nil || len(b.Changes) != 1 {
					t.Fatalf("pull: %v, %d changes", err, len(b.Changes))
				}
			}
			for i, scheme := range g.seen {
				if i > 0 && scheme != "Digest" {
					t.Errorf("request %d came with %q", i, scheme)
				}
			}
		})
	}
}

// TestDigestWrongPassword: it is tried as often as it must, and no more: servers lock
// accounts.
func TestDigestWrongPassword(t *testing.T) {
	g, o := guarded(t, (&digestGuard{algorithm: "SHA-256"}).check)
	o.Password = func(context.Context) (string, error) { return "wrong", nil }
	_, err := Open(t.Context(), o)
	wantError(t, err, connectors.Auth, "http-401")
	if len(g.seen) != 2 {
		t.Errorf("asked with %q", g.seen)
	}
}

// TestDigestDowngrade: whoever asked for Digest is not told the password.
func TestDigestDowngrade(t *testing.T) {
	d := &digestGuard{algorithm: "SHA-256"}
	basic := false
	g, o := guarded(t, func(g *guardian, w http.ResponseWriter, r *http.Request) bool {
		if basic {
			w.Header().Set("WWW-Authenticate", `Basic realm="The Firm"`)
			w.WriteHeader(http.StatusUnauthorized)
			return false
		}
		return d.check(g, w, r)
	})
	s := mustOpen(t, o)
	basic, g.seen = true, nil
	_, err := s.Pull(t.Context(), "")
	wantError(t, err, connectors.Auth, "auth-downgrade")
	if strings.Contains(strings.Join(g.seen, " "), "Basic") {
		t.Errorf("asked with %q", g.seen)
	}
}

// TestDigestIsRemembered: nor is it told the password when the Source is opened anew, as
// after every failure: a failure is what somebody in between can bring about.
func TestDigestIsRemembered(t *testing.T) {
	d := &digestGuard{algorithm: "SHA-256"}
	basic := false
	g, o := guarded(t, func(g *guardian, w http.ResponseWriter, r *http.Request) bool {
		if basic {
			w.Header().Set("WWW-Authenticate", `Basic realm="The Firm"`)
			w.WriteHeader(http.StatusUnauthorized)
			return false
		}
		return d.check(g, w, r)
	})
	o.Guard = &Guard{}
	_ = mustOpen(t, o).Close()
	g.seen = nil
	if b, err := mustOpen(t, o).Pull(t.Context(), ""); err != nil || len(b.Changes) != 1 {
		t.Fatalf("pull: %v", err)
	}
	basic = true
	_, err := Open(t.Context(), o)
	wantError(t, err, connectors.Auth, "auth-downgrade")
	if strings.Contains(strings.Join(g.seen, " "), "Basic") {
		t.Errorf("asked with %q", g.seen)
	}
	o.Guard = &Guard{} // as after a restart
	_, err = Open(t.Context(), o)
	wantError(t, err, connectors.Auth, "http-401")
}

// TestBearer: a token that is refused is renewed once.
func TestBearer(t *testing.T) {
	good := "token-1"
	g, o := guarded(t, func(_ *guardian, w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "Bearer "+good {
			return true
		}
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
		return false
	})
	token, renewed := "token-1", 0
	o.Password = nil
	o.Token = func(context.Context) (string, error) { return token, nil }
	o.Renew = func(_ context.Context, refused string) (string, error) {
		if refused != token {
			t.Error("renewed another token")
		}
		renewed++
		token = good
		return token, nil
	}
	s := mustOpen(t, o)
	good = "token-2"
	if b, err := s.Pull(t.Context(), ""); err != nil || len(b.Changes) != 1 || renewed != 1 {
		t.Fatalf("pull: %v, %d renewed", err, renewed)
	}
	good = "token-3"
	o.Renew = func(_ context.Context, refused string) (string, error) { return refused, nil }
	s.c.login.renew = o.Renew
	_, err := s.Pull(t.Context(), "")
	wantError(t, err, connectors.Auth, "http-401")
	for _, scheme := range g.seen {
		if scheme != "Bearer" {
			t.Errorf("asked with %q", scheme)
		}
	}
	for _, bad := range []string{"", "two words", "a\r\nb"} {
		o.Token = func(context.Context) (string, error) { return bad, nil }
		_, err := Open(t.Context(), o)
		wantError(t, err, connectors.Auth, "secret")
	}
}

// FuzzChallenge: no header panics, and what is answered can be sent.
func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="a", nonce="b", qop="auth", Basic realm="c"`)
	f.Add(`Basic, Digest nonce=x,algorithm=SHA-256 , Bearer`)
	f.Add(`Digest nonce="\`)
	f.Fuzz(func(t *testing.T, header string) {
		c, _ := pickDigest([]string{header})
		if c == nil {
			return
		}
		got, err := c.answer("user", "secret", "GET", "/", 1)
		if err == nil && strings.ContainsAny(got, "\r\n") {
			t.Errorf("answer %q", got)
		}
	})
}
