package cred

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/config"
)

func wantFault(t *testing.T, err error, fault Fault, code string) *TokenError {
	t.Helper()
	e, ok := errors.AsType[*TokenError](err)
	if !ok || e.Fault != fault || e.Code != code {
		t.Fatalf("error is %v (%T), want fault %d, code %s", err, err, fault, code)
	}
	for _, secret := range []string{"refresh-", "app secret", "access-", "PRIVATE"} {
		if strings.Contains(err.Error(), secret) {
			t.Fatalf("the error repeats a secret: %v", err)
		}
	}
	return e
}

func wantToken(t *testing.T, s *Tokens, want string) {
	t.Helper()
	if got, err := s.Token(t.Context()); err != nil || got != want {
		t.Fatalf("Token = %q, %v; want %q", got, err, want)
	}
}

func TestEachGrant(t *testing.T) {
	for _, grant := range []string{"client_credentials", "refresh_token", "service_account"} {
		t.Run(grant, func(t *testing.T) {
			p := newProvider(t)
			s := NewTokens(p.options(grant))
			wantToken(t, s, "access-1")
			wantToken(t, s, "access-1") // kept
			if left := time.Until(s.Ends()); left < 59*time.Minute || left > time.Hour {
				t.Fatalf("it ends in %s", left)
			}
			if got, err := s.Renew(t.Context(), "access-1"); err != nil || got != "access-2" {
				t.Fatalf("Renew = %q, %v", got, err)
			}
			// Somebody else has renewed it already.
			if got, err := s.Renew(t.Context(), "access-1"); err != nil || got != "access-2" {
				t.Fatalf("Renew = %q, %v", got, err)
			}
			if scope := p.forms[0].Get("scope"); grant != "service_account" && scope != "mail" {
				t.Fatalf("scope is %q", scope)
			}
		})
	}
}

// However many want a token, one question goes out.
func TestOneQuestionAtATime(t *testing.T) {
	p := newProvider(t)
	hold := make(chan struct{})
	p.before = func(http.ResponseWriter, *http.Request) bool { <-hold; return false }
	s := NewTokens(p.options("refresh_token"))
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if got, err := s.Token(t.Context()); err != nil || got != "access-1" {
				t.Errorf("Token = %q, %v", got, err)
			}
		})
	}
	close(hold)
	all.Wait()
	if p.count() != 1 {
		t.Fatalf("%d questions", p.count())
	}
	// The same for a token that the server refused.
	for range 100 {
		all.Go(func() {
			if got, err := s.Renew(t.Context(), "access-1"); err != nil || got != "access-2" {
				t.Errorf("Renew = %q, %v", got, err)
			}
		})
	}
	all.Wait()
	if p.count() != 2 {
		t.Fatalf("%d questions", p.count())
	}
}

// Two processes, here two Tokens on one store, never spend one refresh token
// twice.
func TestTwoProcesses(t *testing.T) {
	p := newProvider(t)
	o := p.options("refresh_token")
	var all sync.WaitGroup
	for range 8 {
		s := NewTokens(o)
		all.Go(func() {
			last := ""
			for range 5 {
				got, err := s.Renew(t.Context(), last)
				if err != nil {
					t.Error(err)
				}
				last = got
			}
		})
	}
	all.Wait()
	if p.revoked || p.count() != 40 {
		t.Fatalf("%d questions, void: %t", p.count(), p.revoked)
	}
}

// The newest refresh token is on disk before its access token is used, mode 0600.
func TestRotationIsKept(t *testing.T) {
	p := newProvider(t)
	o := p.options("refresh_token")
	for range 3 { // three starts of the program
		if _, err := NewTokens(o).Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(o.Store, "gc-mail.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	left, _ := os.ReadDir(o.Store)
	if len(left) != 2 { // and the lock
		t.Fatalf("%d files are left", len(left))
	}
	// A new consent begins anew.
	p.set(func() { p.current = "consented" })
	write(t, filepath.Join(o.Dir, "refresh"), "consented\n", 0o600)
	if _, err := NewTokens(o).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The process ends after the answer and before the new token is on disk. With a
// provider that lets the old one pass once more nothing is lost; without, a
// person must consent once, and no more questions are asked in between.
func TestEndBetweenAnswerAndDisk(t *testing.T) {
	for _, grace := range []bool{true, false} {
		p := newProvider(t)
		p.grace = grace
		o := p.options("refresh_token")
		dying := NewTokens(o)
		p.before = func(http.ResponseWriter, *http.Request) bool {
			_ = os.Chmod(o.Store, 0o500)
			_ = os.Rename(o.Store, o.Store+".gone") // nothing can be written there now
			return false
		}
		_, err := dying.Token(t.Context())
		wantFault(t, err, FaultSecret, "token-store")
		p.before = nil
		_ = os.Rename(o.Store+".gone", o.Store)
		_ = os.Chmod(o.Store, 0o700)
		_, err = NewTokens(o).Token(t.Context())
		if grace && err != nil {
			t.Fatal(err)
		}
		if !grace {
			wantFault(t, err, FaultConsent, "consent")
		}
	}
}

// A full disk: the rotated token is kept in memory, no access token is handed
// out, and all goes on when there is room again.
func TestNoRoomForTheNewToken(t *testing.T) {
	p := newProvider(t)
	o := p.options("refresh_token")
	s := NewTokens(o)
	p.before = func(http.ResponseWriter, *http.Request) bool { _ = os.Rename(o.Store, o.Store+".gone"); return false }
	_, err := s.Token(t.Context())
	wantFault(t, err, FaultSecret, "token-store")
	p.before = nil
	_ = os.Rename(o.Store+".gone", o.Store)
	wantToken(t, s, "access-2")
	if _, err := NewTokens(o).Token(t.Context()); err != nil || p.revoked {
		t.Fatalf("%v, void: %t", err, p.revoked)
	}
}

func TestFaults(t *testing.T) {
	says := func(status int, body string, header ...string) func(*provider) {
		return func(p *provider) {
			p.before = func(w http.ResponseWriter, _ *http.Request) bool {
				for i := 0; i+1 < len(header); i += 2 {
					w.Header().Set(header[i], header[i+1])
				}
				if strings.HasPrefix(body, "{") {
					w.Header().Set("Content-Type", "application/json")
				}
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
				return true
			}
		}
	}
	for name, c := range map[string]struct {
		grant  string
		change func(*provider)
		fault  Fault
		code   string
		text   string
	}{
		"revoked":              {"refresh_token", func(p *provider) { p.revoked = true }, FaultConsent, "consent", "the consent was withdrawn"},
		"interaction required": {"refresh_token", says(400, `{"error":"interaction_required"}`), FaultConsent, "consent", ""},
		"wrong secret":         {"client_credentials", func(p *provider) { p.before = nil; p.forms = nil }, FaultClient, "token-client", "Invalid client secret provided: ***"},
		"invalid scope":        {"client_credentials", says(400, `{"error":"invalid_scope"}`), FaultClient, "token-client", ""},
		"500":                  {"client_credentials", says(500, "boom refresh-0 access-1"), FaultProvider, "token-provider", "answers 500"},
		"500 with a code":      {"client_credentials", says(503, `{"error":"invalid_grant"}`), FaultProvider, "token-provider", ""},
		"too many":             {"client_credentials", says(429, "", "Retry-After", "120"), FaultProvider, "token-provider", ""},
		"unavailable":          {"client_credentials", says(400, `{"error":"temporarily_unavailable"}`), FaultProvider, "token-provider", ""},
		"no token":             {"client_credentials", says(200, `{"token_type":"Bearer"}`), FaultProvider, "token-provider", ""},
		"not JSON":             {"client_credentials", says(200, "<html>"), FaultProvider, "token-provider", ""},
		"endless":              {"client_credentials", says(200, `{"access_token":"`+strings.Repeat("x", 2<<20)+`"}`), FaultProvider, "token-provider", ""},
		"a token of 100 KB":    {"client_credentials", says(200, `{"access_token":"`+strings.Repeat("x", 100<<10)+`"}`), FaultProvider, "token-answer", ""},
		"hang up": {"client_credentials", func(p *provider) {
			p.before = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
		}, FaultProvider, "token-provider", ""},
		"not delegated":        {"service_account", says(401, `{"error":"unauthorized_client","error_description":"Client is unauthorized"}`), FaultClient, "token-client", "Client is unauthorized"},
		"a clock an hour late": {"service_account", func(p *provider) { p.date = time.Hour + 10*time.Minute }, FaultClock, "clock", "behind the provider's"},
		"a clock early":        {"service_account", func(p *provider) { p.date = -time.Hour }, FaultClock, "clock", "ahead of the provider's"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			o := p.options(c.grant)
			if name == "wrong secret" {
				write(t, filepath.Join(o.Dir, "app"), "not this one\n", 0o600)
			}
			c.change(p)
			_, err := NewTokens(o).Token(t.Context())
			e := wantFault(t, err, c.fault, c.code)
			if !strings.Contains(err.Error(), c.text) {
				t.Fatalf("%v does not say %q", err, c.text)
			}
			if name == "too many" && e.RetryAfter != 2*time.Minute {
				t.Fatalf("wait %s", e.RetryAfter)
			}
			if p.count() != 1 {
				t.Fatalf("%d questions", p.count())
			}
		})
	}
}

// Credentials go to no host that IT did not name, whatever the endpoint answers.
func TestRedirect(t *testing.T) {
	stolen := false
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen = true }))
	defer thief.Close()
	for _, grant := range []string{"client_credentials", "refresh_token", "service_account"} {
		for _, status := range []int{301, 302, 307, 308} {
			p := newProvider(t)
			p.before = func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, thief.URL, status)
				return true
			}
			_, err := NewTokens(p.options(grant)).Token(t.Context())
			wantFault(t, err, FaultClient, "token-redirect")
		}
	}
	if stolen {
		t.Fatal("the request went to the other host")
	}
}

// A caller that stops waiting does not stop the question: its answer may be the
// only one that names the next refresh token.
func TestImpatientCaller(t *testing.T) {
	p := newProvider(t)
	asked, hold := make(chan struct{}), make(chan struct{})
	p.before = func(http.ResponseWriter, *http.Request) bool { close(asked); <-hold; return false }
	s := NewTokens(p.options("refresh_token"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := s.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	p.before = nil
	close(hold)
	wantToken(t, s, "access-1")
}

// While the provider is out of order the old token serves to its end, and the
// provider is not hammered.
func TestProviderDown(t *testing.T) {
	p := newProvider(t)
	s := NewTokens(p.options("client_credentials"))
	wantToken(t, s, "access-1")
	p.set(func() {
		p.before = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true }
	})
	s.mu.Lock()
	s.issued = s.issued.Add(-50 * time.Minute) // 83 percent of its life are over
	s.ends = s.ends.Add(-50 * time.Minute)
	s.mu.Unlock()
	for range 20 {
		wantToken(t, s, "access-1")
	}
	if p.count() != 2 {
		t.Fatalf("%d questions", p.count())
	}
	s.mu.Lock()
	s.ends = time.Now().Add(-time.Second)
	s.mu.Unlock()
	_, err := s.Token(t.Context())
	wantFault(t, err, FaultProvider, "token-provider")
}

func TestNoSecret(t *testing.T) {
	p := newProvider(t)
	for _, grant := range []string{"client_credentials", "refresh_token", "service_account"} {
		o := p.options(grant)
		for _, f := range []string{"app", "refresh", "key.json"} {
			_ = os.Remove(filepath.Join(o.Dir, f))
		}
		_, err := NewTokens(o).Token(t.Context())
		wantFault(t, err, FaultSecret, "secret")
	}
	o := p.options("service_account")
	write(t, filepath.Join(o.Dir, "key.json"), `{"client_email": "x"}`, 0o600)
	_, err := NewTokens(o).Token(t.Context())
	wantFault(t, err, FaultClient, "service-account-key")
	if p.count() != 0 {
		t.Fatal("a question without a secret")
	}
}

func TestNobodyThere(t *testing.T) {
	p := newProvider(t)
	o := p.options("client_credentials")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.OAuth.TokenURL = config.Text{Value: "http://" + l.Addr().String() + "/token"}
	_ = l.Close()
	_, err = NewTokens(o).Token(t.Context())
	wantFault(t, err, FaultProvider, "token-provider")
}

// A store that others could have written is not believed.
func TestStoreOfOthers(t *testing.T) {
	p := newProvider(t)
	o := p.options("refresh_token")
	wantToken(t, NewTokens(o), "access-1")
	if err := os.Chmod(filepath.Join(o.Store, "gc-mail.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := NewTokens(o).Token(t.Context())
	wantFault(t, err, FaultSecret, "token-store")
}

func TestServiceAccountIsNamed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "key"), `{"client_email":"robot@firm.example","client_id":"1234","private_key":"PRIVATE"}`, 0o600)
	address, id, err := ServiceAccount(dir, config.Secret{File: "key"})
	if address != "robot@firm.example" || id != "1234" || err != nil {
		t.Errorf("%q, %q, %v", address, id, err)
	}
	write(t, filepath.Join(dir, "other"), `{"installed":{"client_id":"x"}}`, 0o600)
	_, _, err = ServiceAccount(dir, config.Secret{File: "other"})
	wantFault(t, err, FaultClient, "service-account-key")
	if _, _, err = ServiceAccount(dir, config.Secret{File: "none"}); err == nil {
		t.Error("no file is a key")
	}
}
