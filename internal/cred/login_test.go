package cred

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// visit is a person who opens the address in a browser and follows where it leads.
func visit(t *testing.T, address string) (status int, at *url.URL, body string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Error(err)
		return 0, nil, ""
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Request.URL, string(raw)
}

// ended waits for a login and ends it as the command does.
func ended(t *testing.T, l *Login) (*Consent, error) {
	t.Helper()
	c, err := l.Wait(t.Context())
	well := err == nil && len(c.Missing) == 0
	if well {
		err = l.Keep(t.Context(), c)
	}
	l.Finish(well)
	return c, err
}

func start(t *testing.T, o TokenOptions) *Login {
	t.Helper()
	l, err := NewTokens(o).StartLogin(20*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Finish(false) })
	return l
}

func consented(t *testing.T, o TokenOptions) {
	t.Helper()
	l := start(t, o)
	go visit(t, l.URL())
	if _, err := ended(t, l); err != nil {
		t.Fatal(err)
	}
}

func TestLoginByBrowser(t *testing.T) {
	p := newProvider(t)
	o := p.options("installed")
	running := NewTokens(o) // the service, before anybody consented
	_, err := running.Token(t.Context())
	wantFault(t, err, FaultConsent, "consent")
	if p.count() != 0 {
		t.Fatal("the provider was asked although nobody had consented")
	}
	l := start(t, o)
	type seen struct {
		status int
		at     *url.URL
		body   string
	}
	saw := make(chan seen, 1)
	go func() {
		status, at, body := visit(t, l.URL())
		saw <- seen{status, at, body}
	}()
	c, err := ended(t, l)
	if err != nil || !slices.Equal(c.Who, []string{"gc@firm.example"}) || len(c.Missing)+len(c.More) > 0 || c.Token != "access-1" {
		t.Fatalf("%+v, %v", c, err)
	}
	s := <-saw
	if s.status != 200 || s.at.Path != "/done" || s.at.RawQuery != "" || !strings.Contains(s.body, "Thank you") {
		t.Fatalf("the browser ended at %s with %d: %s", s.at, s.status, s.body)
	}
	for _, secret := range []string{"gc@", "code", "refresh", "access"} {
		if strings.Contains(s.body, secret) {
			t.Errorf("the page shows %q: %s", secret, s.body)
		}
	}
	// The running service has it without a restart, and rotates it.
	wantToken(t, running, "access-2")
	wantToken(t, NewTokens(o), "access-3")
	if info, err := os.Stat(filepath.Join(o.Store, "gc-mail.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
}

// What is asked: no secret in it, and no more than is needed.
func TestLoginAddress(t *testing.T) {
	p := newProvider(t)
	l := start(t, p.options("installed"))
	u, err := url.Parse(l.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for key, want := range map[string]string{"response_type": "code", "client_id": "chancery", "code_challenge_method": "S256", "access_type": "offline",
		"prompt": "consent", "login_hint": "gc@firm.example", "scope": "mail openid email", "redirect_uri": l.page.address()} {
		if q.Get(key) != want {
			t.Errorf("%s is %q, want %q", key, q.Get(key), want)
		}
	}
	if len(q.Get("state")) < 20 || len(q.Get("code_challenge")) != 43 || strings.Contains(u.String(), l.verifier) || strings.Contains(u.String(), "app") {
		t.Errorf("%s", u)
	}
	host, _, _ := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(l.page.address(), "http://"), "/"))
	if host != "127.0.0.1" {
		t.Errorf("it listens on %s", host)
	}
	other := start(t, p.options("installed"))
	if other.state == l.state || other.verifier == l.verifier {
		t.Error("two logins share a secret")
	}
}

func TestLoginThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*provider)
		fault  Fault
		code   string
	}{
		"denied":           {func(p *provider) { p.door.deny = "access_denied" }, FaultConsent, "denied"},
		"out of order":     {func(p *provider) { p.door.deny = "server_error" }, FaultClient, "token-client"},
		"no refresh token": {func(p *provider) { p.door.keepOut = true }, FaultClient, "no-refresh"},
		"provider down": {func(p *provider) {
			p.before = func(w http.ResponseWriter, r *http.Request) bool { w.WriteHeader(503); return true }
		}, FaultProvider, "token-provider"},
		"code refused": {func(p *provider) {
			p.before = func(w http.ResponseWriter, r *http.Request) bool {
				p.refuse(w, 400, "invalid_grant", "Malformed auth code: "+r.PostForm.Get("code")+r.PostForm.Get("code_verifier"))
				return true
			}
		}, FaultConsent, "consent"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			c.change(p)
			o := p.options("installed")
			l := start(t, o)
			body := make(chan string, 1)
			go func() { _, _, b := visit(t, l.URL()); body <- b }()
			_, err := ended(t, l)
			wantFault(t, err, c.fault, c.code)
			if strings.Contains(err.Error(), l.verifier) || strings.Contains(err.Error(), "4/code") {
				t.Errorf("a secret is repeated: %v", err)
			}
			if b := <-body; !strings.Contains(b, "did not work") {
				t.Errorf("the page says %s", b)
			}
			if _, err := os.Stat(filepath.Join(o.Store, "gc-mail.json")); err == nil {
				t.Error("something was kept")
			}
		})
	}
}

// An answer to another login, or one that somebody made up, neither ends this
// login nor completes it.
func TestLoginIgnoresStrangers(t *testing.T) {
	p := newProvider(t)
	var strays atomic.Int32
	l, err := NewTokens(p.options("installed")).StartLogin(20*time.Second, func() { strays.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Finish(false)
	base := l.page.address()
	for _, query := range []string{"?code=evil&state=made-up", "?code=evil", "?error=access_denied&state=", "?state=" + l.state,
		"?code=a&code=b&state=" + l.state, "?code=" + strings.Repeat("x", maxCode+1) + "&state=" + l.state} {
		if status, _, _ := visit(t, base+query); status != 400 {
			t.Errorf("%.40s is answered %d", query, status)
		}
	}
	if strays.Load() != 6 {
		t.Errorf("%d strays were told", strays.Load())
	}
	for path, want := range map[string]int{"favicon.ico": 404, "x?code=evil&state=" + l.state: 404} {
		if status, _, _ := visit(t, base+path); status != want {
			t.Errorf("%s is answered %d", path, status)
		}
	}
	// By another name, as a page that rebinds its own would ask, and by POST.
	for _, req := range []*http.Request{
		{Method: "GET", Host: "evil.example", URL: mustURL(base + "?code=evil&state=" + l.state)},
		{Method: "POST", URL: mustURL(base + "?code=evil&state=" + l.state)},
	} {
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode < 400 {
			t.Fatalf("%v, %v", resp, err)
		}
		resp.Body.Close()
	}
	go visit(t, l.URL())
	if _, err := ended(t, l); err != nil {
		t.Fatal(err)
	}
}

func mustURL(s string) *url.URL {
	u, _ := url.Parse(s)
	return u
}

// The second use of an answer changes nothing.
func TestLoginIsForOnce(t *testing.T) {
	p := newProvider(t)
	l := start(t, p.options("installed"))
	first := url.Values{"state": {l.state}, "code": {"4/one"}}
	if err := l.offer(first); err != nil {
		t.Fatal(err)
	}
	for _, again := range []url.Values{first, {"state": {l.state}, "code": {"4/two"}}, {"state": {l.state}, "error": {"access_denied"}}} {
		if err := l.offer(again); !errors.Is(err, ErrStray) {
			t.Errorf("taken twice: %v", err)
		}
	}
	if err := l.Paste("4/three"); !errors.Is(err, ErrStray) {
		t.Errorf("pasted after: %v", err)
	}
	_, err := ended(t, l)
	wantFault(t, err, FaultConsent, "consent") // the provider gave no such code
	if p.forms[0].Get("code") != "4/one" {
		t.Errorf("it spent %s", p.forms[0].Get("code"))
	}
}

// On a server without a browser the person pastes where theirs ended.
func TestLoginByPasting(t *testing.T) {
	for _, form := range []string{"address", "query", "code", "code as it stands in an address"} {
		t.Run(form, func(t *testing.T) {
			p := newProvider(t)
			l := start(t, p.options("installed"))
			// A browser elsewhere is led to its own loopback, where nothing is.
			c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := c.Get(l.URL())
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			at := resp.Header.Get("Location")
			text := map[string]string{"address": "  " + at + "\r\n", "query": at[strings.Index(at, "?"):],
				"code": mustURL(at).Query().Get("code"), "code as it stands in an address": url.QueryEscape(mustURL(at).Query().Get("code"))}[form]
			for _, nonsense := range []string{"", "yes", "what now?", "https://mail.example/?x=1", "http://127.0.0.1:1/?code=4/x&state=other"} {
				if err := l.Paste(nonsense); !errors.Is(err, ErrStray) {
					t.Fatalf("%q was taken: %v", nonsense, err)
				}
			}
			if err := l.Paste(text); err != nil {
				t.Fatal(err)
			}
			if _, err := ended(t, l); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestLoginShowsScopesAndAccount(t *testing.T) {
	for name, c := range map[string]struct {
		change        func(*provider)
		who           []string
		missing, more []string
	}{
		"another account": {func(p *provider) { p.door.who = "PA@firm.example" }, []string{"PA@firm.example"}, nil, nil},
		"a box unticked":  {func(p *provider) { p.door.grant = "openid" }, []string{"gc@firm.example"}, []string{"mail"}, nil},
		"more than asked": {func(p *provider) { p.door.grant = "Mail openid drive" }, []string{"gc@firm.example"}, nil, []string{"drive"}},
		"says nothing":    {func(p *provider) { p.door.mute = true }, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			c.change(p)
			l := start(t, p.options("installed"))
			go visit(t, l.URL())
			got, err := l.Wait(t.Context())
			l.Finish(false)
			if err != nil || !slices.Equal(got.Who, c.who) || !slices.Equal(got.Missing, c.missing) || !slices.Equal(got.More, c.more) {
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
}

func TestLoginTimesOut(t *testing.T) {
	p := newProvider(t)
	l, err := NewTokens(p.options("installed")).StartLogin(30*time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = ended(t, l); err == nil || !strings.Contains(err.Error(), "within 30ms") {
		t.Fatal(err)
	}
	if _, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(l.page.address(), "http://"), "/")); err == nil {
		t.Fatal("it still listens")
	}
	// Ctrl-C
	ctx, cancel := context.WithCancel(t.Context())
	l = start(t, p.options("installed"))
	cancel()
	if _, err := l.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestLoginNeedsItsGrant(t *testing.T) {
	p := newProvider(t)
	if _, err := NewTokens(p.options("refresh_token")).StartLogin(0, nil); err == nil {
		t.Fatal("a login without its grant")
	}
}

// A consent that was withdrawn needs a person. The provider is asked once, not
// again and again; a new consent is found without a restart.
func TestConsentWithdrawn(t *testing.T) {
	p := newProvider(t)
	o := p.options("installed")
	consented(t, o)
	s := NewTokens(o)
	wantToken(t, s, "access-2")
	p.set(func() { p.revoked = true })
	for range 5 {
		_, err := s.Renew(t.Context(), "access-2")
		wantFault(t, err, FaultConsent, "consent")
	}
	if p.count() != 3 {
		t.Fatalf("the provider was asked %d times", p.count())
	}
	p.set(func() { p.revoked = false })
	consented(t, o)
	wantToken(t, s, "access-5")
}

// A consent counts for the user, the program and the scopes it was given for.
func TestConsentCountsForItsConfiguration(t *testing.T) {
	p := newProvider(t)
	o := p.options("installed")
	consented(t, o)
	for name, change := range map[string]func(*TokenOptions){
		"user":    func(o *TokenOptions) { o.User = "deputy@firm.example" },
		"client":  func(o *TokenOptions) { o.OAuth.ClientID.Value = "another" },
		"account": func(o *TokenOptions) { o.Account = "other" },
		"scopes":  func(o *TokenOptions) { o.OAuth.Scopes = append(slices.Clip(o.OAuth.Scopes), o.OAuth.ClientID) },
	} {
		changed := o
		change(&changed)
		if _, err := NewTokens(changed).Token(t.Context()); err == nil {
			t.Errorf("%s: an older consent counts", name)
		} else {
			wantFault(t, err, FaultConsent, "consent")
		}
	}
	if p.count() != 1 {
		t.Errorf("the provider was asked %d times", p.count())
	}
	wantToken(t, NewTokens(o), "access-2")
}

// What could not be stored never replaces a newer consent.
func TestUnsavedDoesNotReplaceConsent(t *testing.T) {
	p := newProvider(t)
	o := p.options("installed")
	consented(t, o)
	s := NewTokens(o)
	file := filepath.Join(o.Store, "gc-mail.json")
	// The folder cannot be written after the lock was taken: the answer comes then.
	p.before = func(http.ResponseWriter, *http.Request) bool {
		if os.Geteuid() == 0 { // root writes everywhere: a folder in its way instead
			_ = os.Rename(file, file+".aside")
			_ = os.Mkdir(file, 0o700)
			_ = os.WriteFile(filepath.Join(file, "x"), nil, 0o600)
		} else {
			_ = os.Chmod(o.Store, 0o500)
		}
		return false
	}
	_, err := s.Token(t.Context())
	wantFault(t, err, FaultSecret, "token-store")
	p.set(func() { p.before = nil })
	if os.Geteuid() == 0 {
		_ = os.RemoveAll(file)
		_ = os.Rename(file+".aside", file)
	} else {
		_ = os.Chmod(o.Store, 0o700)
	}
	consented(t, o)
	wantToken(t, s, "access-4")
}

func TestWhoseToken(t *testing.T) {
	for name, c := range map[string]struct {
		token string
		want  []string
	}{
		"none":           {"", nil},
		"no JSON":        {"a.b.c", nil},
		"for another":    {idToken(map[string]any{"aud": "x", "email": "a@b.example"}), nil},
		"list":           {idToken(map[string]any{"aud": []string{"x", "me"}, "email": "a@b.example"}), []string{"a@b.example"}},
		"not seen":       {idToken(map[string]any{"aud": "me", "email": "a@b.example", "email_verified": false}), nil},
		"not seen, text": {idToken(map[string]any{"aud": "me", "email": "a@b.example", "email_verified": "false"}), nil},
		"Microsoft":      {idToken(map[string]any{"aud": "me", "preferred_username": "gc@firm.example"}), []string{"gc@firm.example"}},
		"number":         {idToken(map[string]any{"aud": 7, "email": 8}), nil},
	} {
		if got := whoseToken(c.token, "me"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func FuzzWhoseToken(f *testing.F) {
	f.Add(idToken(map[string]any{"aud": "me", "email": "a@b.example"}))
	f.Add("..")
	f.Add("e30.e30=.")
	f.Fuzz(func(t *testing.T, token string) {
		for _, who := range whoseToken(token, "me") {
			if !strings.Contains(who, "@") || len(who) > 320 {
				t.Fatalf("%q", who)
			}
		}
	})
}
