package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/option"

	"chancery/config"
	"chancery/connectors"
	"chancery/internal/model"
	"chancery/internal/servertest"
	"chancery/sync/journal"
)

// emulatorVersion is the last that runs on Node 20. The name "emulate" has a newer
// version that is another program altogether.
const emulatorVersion = "emulate@0.11.2"

// cryptoForAll gives Debian's Node 18 the global that later ones have.
const cryptoForAll = `globalThis.crypto ??= require("node:crypto").webcrypto;`

// emulator starts Google as another party understands it, and returns its address.
// It knows consent, tokens and a few calls; no changes, versions or tombstones, so
// what depends on them is tried against the suite's own fake.
func emulator(t *testing.T, seed string) string {
	t.Helper()
	dir := t.TempDir()
	absent := func(format string, args ...any) {
		t.Helper()
		if os.Getenv("CI") == "true" {
			t.Fatalf(format, args...)
		}
		t.Skipf(format, args...)
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			absent("%s is not installed", program)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", emulatorVersion)
	npm.Env = append(os.Environ(), "npm_config_cache="+filepath.Join(dir, ".npm"), "npm_config_update_notifier=false")
	if out, err := npm.CombinedOutput(); err != nil {
		absent("%s cannot be installed: %v\n%s", emulatorVersion, err, out)
	}
	seedFile, preload := filepath.Join(dir, "seed.yaml"), filepath.Join(dir, "crypto.cjs")
	for name, text := range map[string]string{seedFile: seed, preload: cryptoForAll} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	port := strconv.Itoa(servertest.FreePort(t))
	cmd := exec.Command("node", "--require", preload, filepath.Join(dir, "node_modules", "emulate", "dist", "index.js"), "start", "--service", "google", "--port", port, "--seed", seedFile)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	said := &running{t: t}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); <-ended })
	base := "http://127.0.0.1:" + port
	for end := time.Now().Add(waitLimit); ; time.Sleep(20 * time.Millisecond) {
		if resp, err := http.Get(base + "/.well-known/openid-configuration"); err == nil {
			_ = resp.Body.Close()
			return base
		}
		select {
		case err := <-ended:
			t.Fatalf("the emulator ended: %v\n%s", err, said.log())
		default:
			if time.Now().After(end) {
				t.Fatalf("the emulator does not answer\n%s", said.log())
			}
		}
	}
}

const emulatorSeed = `google:
  users:
    - {email: gc@firm.example, name: General Counsel, email_verified: true}
    - {email: pa@firm.example, name: Assistant, email_verified: true}
  calendars:
    - {id: gc@firm.example, user_email: gc@firm.example, summary: gc@firm.example, primary: true, selected: true, time_zone: UTC}
    - {id: conflicts, user_email: gc@firm.example, summary: Conflicts, selected: true, time_zone: UTC}
  calendar_events:
    - id: evt_board
      user_email: gc@firm.example
      calendar_id: gc@firm.example
      summary: Board
      start_date_time: 2030-01-10T09:00:00.000Z
      end_date_time: 2030-01-10T10:00:00.000Z
`

// consentAtEmulator plays the person who chooses an account on its page.
func consentAtEmulator(t *testing.T, base, address, who string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	_ = resp.Body.Close()
	form := mustQuery(address)
	form.Set("email", who)
	resp, err = http.PostForm(base+"/o/oauth2/v2/auth/callback", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.Request.URL.Path != "/done" {
		t.Fatalf("the browser ended at %s", resp.Request.URL)
	}
}

// What we say to Google and what we read from it is understood by a program that
// others wrote: consent with PKCE, refresh, the doctor, our connector, free time.
func TestEmulatorOfAnotherParty(t *testing.T) {
	base := emulator(t, emulatorSeed)
	f := &firm{t: t, dir: t.TempDir()}
	f.write("chancery.yaml", fmt.Sprintf(`version: 1
state: {dir: %[1]s/state}
accounts:
  - name: gc-google
    google:
      url: %[2]s/calendar/v3/
      user: gc@firm.example
      oauth: {grant: installed, client_id: desk, auth_url: %[2]s/o/oauth2/v2/auth, token_url: %[2]s/oauth2/token}
      calendars: [{name: work, match: primary}, {name: holds, match: Conflicts}]
principals:
  - {name: gc, zone: America/New_York, addresses: [gc@firm.example], calendars: [gc-google/work], holds: gc-google/holds}
`, f.dir, base))
	f.write("rules.d/10.yaml", "version: 1\n")

	wrong := sit(t, f)
	consentAtEmulator(t, base, wrong.address, "pa@firm.example")
	if code, said := wrong.end(); code != 1 || !strings.Contains(said, "pa@firm.example consented") {
		t.Fatalf("%d\n%s", code, said)
	}
	right := sit(t, f)
	consentAtEmulator(t, base, right.address, "gc@firm.example")
	if code, said := right.end(); code != 0 {
		t.Fatalf("%d\n%s", code, said)
	}

	if out, code := f.cli("doctor", "gc-google"); code != 0 || !strings.Contains(out, "it is for gc@firm.example") {
		t.Errorf("doctor: %d\n%s", code, out)
	}

	cfg, problems := config.LoadDir(f.dir)
	if problems.Fatal() {
		t.Fatal(problems)
	}
	tokens := bearer(cfg, cfg.Service.Accounts[0])
	first, err := tokens.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := tokens.Renew(t.Context(), first)
	if err != nil || second == first {
		t.Fatalf("the same token again, or %v", err)
	}
	useEmulator(t, base, second)
	followEmulator(t, cfg)
}

// useEmulator writes and deletes an event in the words of the API that the connector
// uses.
func useEmulator(t *testing.T, base, token string) {
	t.Helper()
	api, err := calendar.NewService(t.Context(), option.WithEndpoint(base+"/calendar/v3/"),
		option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})))
	if err != nil {
		t.Fatal(err)
	}
	count := func() int {
		t.Helper()
		list, err := api.Events.List("conflicts").Do()
		if err != nil {
			t.Fatal(err)
		}
		return len(list.Items)
	}
	event := &calendar.Event{Id: "hold1", Summary: "Hold", Status: "tentative",
		Start: &calendar.EventDateTime{DateTime: "2030-01-10T11:00:00Z", TimeZone: "UTC"}, End: &calendar.EventDateTime{DateTime: "2030-01-10T12:00:00Z", TimeZone: "UTC"}}
	made, err := api.Events.Insert("conflicts", event).SendUpdates("none").Do()
	if err != nil || made.Summary != "Hold" || count() != 1 {
		t.Fatalf("insert: %+v, %v", made, err)
	}
	if err := api.Events.Delete("conflicts", made.Id).SendUpdates("none").Do(); err != nil || count() != 0 {
		t.Fatalf("delete: %v", err)
	}
}

// followEmulator opens both calendars by our connector and asks for free time. A
// listing cannot end well there: the emulator gives no sync token, and without one
// nothing may be taken for complete.
func followEmulator(t *testing.T, cfg *config.Config) {
	t.Helper()
	specs, err := googleSources(cfg, cfg.Service.Accounts[0], nil, wiring{readOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range specs {
		src, err := spec.Open(t.Context(), journal.Position{})
		if err != nil {
			t.Fatalf("%s: %v", spec.ID, err)
		}
		defer func() { _ = src.Close() }()
		b, err := src.Pull(t.Context(), "")
		if _, code := connectors.Classify(err); code != "sync-token" || len(b.Changes) != 0 {
			t.Errorf("%s: a listing without a sync token gives %d changes, %v", spec.ID, len(b.Changes), err)
		}
		asker, ok := src.(interface {
			FreeBusy(ctx context.Context, addresses []string, from, till time.Time) (map[string]model.FreeBusy, error)
		})
		if !ok {
			t.Fatal("the connector tells no free time")
		}
		day := time.Date(2030, 1, 10, 0, 0, 0, 0, time.UTC)
		told, err := asker.FreeBusy(t.Context(), []string{"gc@firm.example", "stranger@elsewhere.example"}, day, day.AddDate(0, 0, 1))
		if err != nil || len(told) != 1 {
			t.Fatalf("free time of %d, %v", len(told), err)
		}
		if busy := fmt.Sprint(told["gc@firm.example"]); !strings.Contains(busy, fmt.Sprint(day.Add(9*time.Hour).Unix())) {
			t.Errorf("the board meeting is not among %s", busy)
		}
	}
}
