package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sitting is a login at work, and the person in front of it.
type sitting struct {
	t       *testing.T
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     bytes.Buffer
	lines   chan string
	address string
}

// sit starts "chancery login" and reads the address it shows.
func sit(t *testing.T, f *firm, args ...string) *sitting {
	t.Helper()
	s := &sitting{t: t, cmd: f.command(append([]string{"login", "gc-google"}, args...)...), lines: make(chan string, 100)}
	s.in, _ = s.cmd.StdinPipe()
	r, w := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = w, w
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	go func() {
		for sc := bufio.NewScanner(r); sc.Scan(); {
			s.lines <- sc.Text()
		}
		close(s.lines)
	}()
	s.until("Waiting for")
	for line := range strings.Lines(s.out.String()) {
		if strings.HasPrefix(line, "http://") {
			s.address = strings.TrimSpace(line)
		}
	}
	t.Cleanup(func() { _ = w.Close() })
	go func() { <-t.Context().Done(); _ = w.Close() }()
	return s
}

// until reads on until a line holds want.
func (s *sitting) until(want string) {
	s.t.Helper()
	deadline := time.After(waitLimit)
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("%q was not said:\n%s", want, s.out.String())
			}
			s.out.WriteString(line + "\n")
			if strings.Contains(line, want) {
				return
			}
		case <-deadline:
			s.t.Fatalf("waited in vain for %q:\n%s", want, s.out.String())
		}
	}
}

// browse opens an address, and returns the page it ends at and where it was led.
func (s *sitting) browse(address string) (body, at string) {
	resp, err := http.Get(address)
	if err != nil {
		s.t.Error(err)
		return "", ""
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return string(raw), resp.Request.URL.String()
}

// led returns where the consent page sends a browser that is on another machine.
func (s *sitting) led() string {
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Get(s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Location")
}

// origin is that of the provider.
func (s *sitting) origin() string {
	base, _, _ := strings.Cut(s.address, "/authorize")
	return base
}

func (s *sitting) paste(text string) { _, _ = io.WriteString(s.in, text+"\n") }

var (
	anAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+/authorize\S+`)
	aPort     = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// end waits for the command and returns its exit code and what it said.
func (s *sitting) end() (code int, said string) {
	s.t.Helper()
	err := s.cmd.Wait()
	if w, ok := s.cmd.Stdout.(*io.PipeWriter); ok {
		_ = w.Close()
	}
	for line := range s.lines {
		s.out.WriteString(line + "\n")
	}
	if e, ok := err.(*exec.ExitError); ok {
		code = e.ExitCode()
	}
	return code, aPort.ReplaceAllString(anAddress.ReplaceAllString(s.out.String(), "ADDRESS"), "HOST")
}

func TestLogin(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		change func(g *googleFake)
		act    func(s *sitting)
		code   int
		kept   bool
	}{
		"browser": {act: func(s *sitting) {
			body, at := s.browse(s.address)
			if !strings.Contains(body, "Thank you") || !strings.HasSuffix(at, "/done") {
				s.t.Errorf("the browser ended at %s: %s", at, body)
			}
		}, kept: true},
		"pasted address":  {args: []string{"--no-browser"}, act: func(s *sitting) { s.paste(s.led()) }, kept: true},
		"pasted code":     {act: func(s *sitting) { s.paste(mustQuery(s.led()).Get("code")) }, kept: true},
		"pasted nonsense": {act: func(s *sitting) { s.paste("yes, I do"); s.until("beginning with"); s.browse(s.address) }, kept: true},
		"denied":          {change: func(g *googleFake) { g.deny = "access_denied" }, act: func(s *sitting) { s.browse(s.address) }, code: 1},
		"wrong state": {act: func(s *sitting) {
			body, _ := s.browse(mustQuery(s.address).Get("redirect_uri") + "?code=4/evil&state=made-up")
			if !strings.Contains(body, "does not belong") {
				s.t.Errorf("a stranger is told %s", body)
			}
			s.until("was ignored")
			s.browse(s.address)
		}, kept: true},
		"spent code": {act: func(s *sitting) {
			code := mustQuery(s.led()).Get("code")
			resp, err := http.PostForm(s.origin()+"/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}})
			if err != nil || resp.StatusCode != 400 {
				s.t.Fatalf("%v, %v", resp, err)
			}
			_ = resp.Body.Close()
			s.paste(code)
		}, code: 1},
		"code of another login": {act: func(s *sitting) {
			q := mustQuery(s.address)
			q.Set("code_challenge", strings.Repeat("A", 43)) // its verifier is not ours
			s.address = s.origin() + "/authorize?" + q.Encode()
			s.paste(mustQuery(s.led()).Get("code"))
		}, code: 1},
		"another account": {change: func(g *googleFake) { g.who = "pa@firm.example" }, act: func(s *sitting) {
			if body, _ := s.browse(s.address); !strings.Contains(body, "did not work") {
				s.t.Errorf("the page says %s", body)
			}
		}, code: 1},
		"another account by its calendar": {change: func(g *googleFake) { g.noID = true; g.calendars[0]["id"] = "pa@firm.example" },
			act: func(s *sitting) { s.browse(s.address) }, code: 1},
		"account known by its calendar": {change: func(g *googleFake) { g.noID = true }, act: func(s *sitting) { s.browse(s.address) }, kept: true},
		"account not known":             {change: func(g *googleFake) { g.noID = true; g.refuse = "accessNotConfigured" }, act: func(s *sitting) { s.browse(s.address) }, code: 1},
		"missing scope": {change: func(g *googleFake) { g.grant = "openid https://www.googleapis.com/auth/calendar.readonly" },
			act: func(s *sitting) { s.browse(s.address) }, code: 1},
		"timeout":   {args: []string{"--timeout", "100ms"}, act: func(*sitting) {}, code: 1},
		"interrupt": {act: func(s *sitting) { _ = s.cmd.Process.Signal(syscall.SIGINT) }, code: 1},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGoogleFake(t)
			if c.change != nil {
				c.change(g)
			}
			f := g.installed(t)
			s := sit(t, f, c.args...)
			c.act(s)
			code, said := s.end()
			if code != c.code || strings.Contains(said, "swordfish") {
				t.Errorf("exit %d\n%s", code, said)
			}
			_, err := os.Stat(filepath.Join(f.dir, "state", "tokens", "gc-google.json"))
			if (err == nil) != c.kept {
				t.Errorf("kept: %t\n%s", err == nil, said)
			}
			file := filepath.Join("testdata", "login", strings.ReplaceAll(name, " ", "-")+".txt")
			if *updateScripts {
				_ = os.MkdirAll(filepath.Dir(file), 0o755)
				if err := os.WriteFile(file, []byte(said), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, _ := os.ReadFile(file); said != string(want) {
				t.Errorf("it says\n%s\nwant\n%s", said, want)
			}
		})
	}
}

// From the first start to a consent withdrawn and given again, without a restart.
func TestLoginWhileTheServiceRuns(t *testing.T) {
	g := newGoogleFake(t)
	f := g.installed(t)
	r := f.start()
	await := func(want string) string {
		t.Helper()
		out := ""
		for end := time.Now().Add(waitLimit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if out, _ = f.cli("status"); regexp.MustCompile(want).MatchString(out) {
				return out
			}
		}
		t.Fatalf("status never says %s:\n%s\n%s", want, out, r.log())
		return ""
	}
	out := await(`(?s)gc-google/work +auth .*consent`)
	if !strings.Contains(strings.Join(strings.Fields(out), " "), "chancery login gc-google") {
		t.Errorf("status does not name the command:\n%s", out)
	}
	if out, code := f.cli("doctor"); code != 1 || !strings.Contains(out, "hint: chancery login gc-google") {
		t.Errorf("the doctor: %d\n%s", code, out)
	}
	s := sit(t, f)
	s.browse(s.address)
	if code, said := s.end(); code != 0 || !strings.Contains(said, "The running service goes on with it.") {
		t.Fatalf("%d\n%s", code, said)
	}
	await(`(?s)gc-google/holds +following.*gc-google/work +following`)
	if out, code := f.cli("doctor", "gc-google"); code != 0 || !strings.Contains(out, "it is for gc@firm.example") {
		t.Errorf("the doctor: %d\n%s", code, out)
	}
	// Withdrawn: the API refuses the token, the provider the refresh token. It is
	// asked once and then left alone.
	g.set(func() { g.revoked, g.refuse = true, "" })
	g.set(func() { g.good = map[string]bool{} })
	asked := 0
	g.set(func() { asked = g.asked })
	r.stop(syscall.SIGTERM)
	r = f.start()
	await(`(?s)gc-google/work +auth .*consent`)
	await(`(?s)gc-google/holds +auth .*consent`)
	g.set(func() {
		if g.asked > asked+1 {
			t.Errorf("a provider that withdrew the consent was asked %d times", g.asked-asked)
		}
		g.revoked = false
	})
	s = sit(t, f)
	s.paste(s.led())
	if code, said := s.end(); code != 0 {
		t.Fatalf("%d\n%s", code, said)
	}
	await(`(?s)gc-google/holds +following.*gc-google/work +following`)
	if log := r.log(); strings.Contains(log, "swordfish") || strings.Contains(log, "@") {
		t.Errorf("the log tells too much:\n%s", log)
	}
}

func TestLoginOfWhatHasNone(t *testing.T) {
	g := newGoogleFake(t)
	f := g.firm(t, "{grant: service_account, secret: {file: key.json}}")
	if out, code := f.cli("login", "gc-google"); code != 2 || !strings.Contains(out, "grant: installed") {
		t.Errorf("%d\n%s", code, out)
	}
	if out, code := f.cli("login", "nobody"); code != 2 || !strings.Contains(out, "accounts: gc-google") {
		t.Errorf("%d\n%s", code, out)
	}
	for f, want := range map[*firm]bool{f: false, g.installed(t): true} {
		var out bytes.Buffer
		root := newRoot()
		root.SetArgs([]string{"__complete", "--config", f.dir, "login", ""})
		root.SetOut(&out)
		if err := root.Execute(); err != nil || strings.Contains(out.String(), "gc-google") != want {
			t.Errorf("%v\n%s", err, out.String())
		}
	}
}
