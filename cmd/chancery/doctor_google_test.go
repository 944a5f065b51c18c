package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// delegated is a firm whose Google account is a service account's.
func (g *googleFake) delegated(t *testing.T) *firm {
	t.Helper()
	f := g.firm(t, fmt.Sprintf("{grant: service_account, token_url: %s/token, secret: {file: key.json}}", g.URL))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(map[string]string{"client_email": "robot@desk.example", "client_id": "104200070",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))})
	f.write("key.json", string(raw))
	if err := os.Chmod(filepath.Join(f.dir, "key.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDoctorOfGoogle(t *testing.T) {
	fine := []string{
		`^ok       token +127\.0\.0\.1:\d+ gave an access token \(service_account\), good for (59|60) more minutes$`,
		`^ok       scopes +calendar\.events, calendar\.readonly$`,
		`^ok       reach +127\.0\.0\.1:\d+ took the connection after`,
		`^ok       login +the API takes the token; it is for gc@firm\.example$`,
		`^ok       calendar +gc-google/work: there; Google tells what changed \(owner\)$`,
		`^ok       calendar +gc-google/holds: there; Google tells what changed\. Holds may be written$`,
		`^ok       clock +the server's clock agrees with ours$`,
	}
	for name, c := range map[string]struct {
		change func(g *googleFake, f *firm)
		code   int
		want   []string
	}{
		"good": {nil, 0, fine},
		"not delegated": {func(g *googleFake, f *firm) { g.denied = []string{"https://www.googleapis.com/auth/calendar.events"} }, 1, []string{
			`^problem  token +the administrator has not delegated to robot@desk\.example`, `\(calendar\.events\)`,
			`hint: in admin\.google\.com: Security, Access and data control, API`, `client ID 104200070`,
			`auth/calendar\.events,\s+https://www\.googleapis\.com/auth/calendar\.readonly`}},
		"no key": {func(g *googleFake, f *firm) {
			f.write("key.json", `{"installed":{}}`)
			_ = os.Chmod(filepath.Join(f.dir, "key.json"), 0o600)
		}, 1,
			[]string{`^problem  token +no access token: .*not a service account key`}},
		"API switched off": {func(g *googleFake, f *firm) { g.refuse = "accessNotConfigured" }, 1, []string{
			`^problem  answer +the calendar API answers 403 accessNotConfigured`, `hint: switch the Google Calendar API on`}},
		"scope missing": {func(g *googleFake, f *firm) { g.refuse = "insufficientPermissions" }, 1, []string{
			`^problem  answer +the calendar API answers 403 insufficientPermissions`, `hint: the token leaves out a scope`}},
		"quota": {func(g *googleFake, f *firm) { g.refuse = "rateLimitExceeded" }, 0, []string{
			`^note     quota +the calendar API answers 403 rateLimitExceeded`, `hint: Google asked to wait`}},
		"somebody else's": {func(g *googleFake, f *firm) { g.calendars[0]["id"] = "deputy@firm.example" }, 1, []string{
			`^problem  login +the calendars are those of deputy@firm\.example, not of`}},
		"calendar is not there": {func(g *googleFake, f *firm) { g.calendars = g.calendars[:1] }, 1, []string{
			`^problem  calendar +gc-google/holds is not there`, `hint: match: must be primary`}},
		"may not write": {func(g *googleFake, f *firm) { g.calendars[1]["accessRole"] = "reader" }, 1, []string{
			`^problem  calendar +gc-google/holds takes the holds`}},
		"busy only": {func(g *googleFake, f *firm) { g.calendars[0]["accessRole"] = "freeBusyReader" }, 1, []string{
			`^problem  calendar +gc-google/work shows only when time is taken`}},
		"two of a title": {func(g *googleFake, f *firm) {
			g.calendars = append(g.calendars, map[string]any{"id": "c2@group.example", "summary": "CONFLICTS", "accessRole": "owner"})
		}, 1, []string{`^problem  calendar +gc-google/holds: 2 calendars have this title`}},
		"made later": {func(g *googleFake, f *firm) {
			g.calendars = g.calendars[:1]
			f.edit("chancery.yaml", "match: conflicts", "match: conflicts, create: true")
		}, 0, []string{`^ok       calendar +gc-google/holds: not there yet, made when the service starts`, `calendar\.app\.created`}},
		"nothing listens": {func(g *googleFake, f *firm) {
			f.edit("chancery.yaml", "  url: "+g.URL+"/", "  url: http://127.0.0.1:9/")
		}, 1, []string{
			`^problem  reach +the host is there, but nothing listens`}},
		"no calendar API": {func(g *googleFake, f *firm) { f.edit("chancery.yaml", "/calendar/v3/", "/nothing/") }, 1, []string{
			`^problem  answer +the calendar API answers 404`, `hint: is url: that of the Calendar API`}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGoogleFake(t)
			f := g.delegated(t)
			if c.change != nil {
				c.change(g, f)
			}
			out, code := f.cli("doctor", "gc-google")
			tells(t, out, c.want...)
			if code != c.code || strings.Contains(out, "swordfish") || strings.Contains(out, "PRIVATE") {
				t.Errorf("exit %d\n%s", code, out)
			}
		})
	}
}

// Nothing that the doctor asks changes anything.
func TestDoctorOnlyReadsFromGoogle(t *testing.T) {
	g := newGoogleFake(t)
	inner := g.Config.Handler
	g.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.URL.Path != "/token" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		inner.ServeHTTP(w, r)
	})
	if out, code := g.delegated(t).cli("doctor"); code != 0 {
		t.Errorf("%d\n%s", code, out)
	}
}
