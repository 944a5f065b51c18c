package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"chancery/deploy"
	"chancery/internal/pdf"
	"chancery/internal/servertest"
)

// The unit is as tight as the manual says: systemd's own score, times ten.
const (
	exposure    = "15"
	pdfExposure = "5"
)

func TestTheUnitIsHardenedAndSound(t *testing.T) {
	analyze := servertest.Need(t, "systemd-analyze", "systemd")
	unit := filepath.Join(t.TempDir(), "chancery.service")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// verify wants the program to be there; every other word stays.
	text := strings.ReplaceAll(deploy.Unit, "/usr/bin/chancery", exe)
	if text == deploy.Unit {
		t.Fatal("the unit does not start /usr/bin/chancery")
	}
	if err := os.WriteFile(unit, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"security", "--offline=true", "--no-pager", "--threshold=" + exposure, unit},
		{"verify", unit},
	} {
		if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	printed, err := (&firm{t: t, dir: t.TempDir()}).command("unit").Output()
	if err != nil || string(printed) != deploy.Unit {
		t.Errorf("chancery unit does not print deploy/chancery.service: %v", err)
	}
}

// The reader of PDFs may write code into memory, and has nothing else for it: no
// network, no file, no name that is known tomorrow.
func TestTheUnitsOfPDFsAreHardenedAndSound(t *testing.T) {
	analyze := servertest.Need(t, "systemd-analyze", "systemd")
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"chancery-pdf.service": deploy.PDFService, "chancery-pdf.socket": deploy.PDFSocket} {
		printed, err := (&firm{t: t, dir: t.TempDir()}).command("unit", name).Output()
		if err != nil || string(printed) != text {
			t.Errorf("chancery unit %s does not print deploy/%[1]s: %v", name, err)
		}
		text = strings.ReplaceAll(text, "/usr/bin/chancery", exe)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(deploy.PDFSocket, "ListenStream="+pdf.Socket+"\n") {
		t.Errorf("the socket is not %s", pdf.Socket)
	}
	for _, args := range [][]string{
		{"security", "--offline=true", "--no-pager", "--threshold=" + pdfExposure, filepath.Join(dir, "chancery-pdf.service")},
		{"verify", filepath.Join(dir, "chancery-pdf.socket"), filepath.Join(dir, "chancery-pdf.service")},
	} {
		if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// The drop-ins are examples that a person edits, so each must be taken as it is.
func TestTheDropInsAreSound(t *testing.T) {
	analyze := servertest.Need(t, "systemd-analyze", "systemd")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../deploy/drop-ins/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no drop-ins: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{
				"chancery.service":                          strings.ReplaceAll(deploy.Unit, "/usr/bin/chancery", exe),
				"chancery.service.d/" + filepath.Base(file): string(text),
			} {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(analyze, "verify", filepath.Join(dir, "chancery.service"))
			cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":")
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("verify: %v\n%s", err, out)
			}
		})
	}
}

// notices is what systemd hears: the datagrams of sd_notify(3).
type notices struct {
	t    testing.TB
	path string
	mu   sync.Mutex
	all  []string
}

func hearNotices(t testing.TB) *notices {
	t.Helper()
	dir, err := os.MkdirTemp("", "nt") // a socket's path has room for 107 octets
	if err != nil {
		t.Fatal(err)
	}
	n := &notices{t: t, path: filepath.Join(dir, "notify")}
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: n.path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = c.Close(); <-done; _ = os.RemoveAll(dir) })
	go func() {
		defer close(done)
		buf := make([]byte, 4096)
		for {
			k, err := c.Read(buf)
			if err != nil {
				return
			}
			n.mu.Lock()
			n.all = append(n.all, string(buf[:k]))
			n.mu.Unlock()
		}
	}()
	return n
}

// since returns what was heard after the first k datagrams.
func (n *notices) since(k int) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.all[min(k, len(n.all)):]...)
}

// await waits for a datagram that begins with word, after the first k, and
// returns it and how many came until then.
func (n *notices) await(k int, word string) (text string, upTo int) {
	n.t.Helper()
	await(n.t, word, func() bool {
		for i, s := range n.since(k) {
			if strings.HasPrefix(s, word) {
				text, upTo = s, k+i+1
				return true
			}
		}
		return false
	})
	return text, upTo
}

// lonely is a configuration whose only server refuses connections.
func lonely(t testing.TB) *firm {
	f := &firm{t: t, dir: t.TempDir()}
	f.write("chancery.yaml", "version: 1\nstate: {dir: "+filepath.Join(f.dir, "state")+"}\naccounts:\n"+
		"  - {name: gc-mail, imap: {host: 127.0.0.1, port: 1, tls: none, user: gc, password: {file: "+f.secret("x")+"}}}\n")
	f.write("rules.d/10.yaml", "version: 1\n")
	return f
}

func TestSystemdHearsTheWholeLife(t *testing.T) {
	n, f := hearNotices(t), lonely(t)
	r := f.start("NOTIFY_SOCKET="+n.path, "WATCHDOG_USEC=150000", "WATCHDOG_PID=")

	// Ready although no server answers: a boot must not wait for them.
	text, at := n.await(0, "READY=1")
	if at != 1 || !strings.Contains(text, "\nSTATUS=1 source, ") {
		t.Errorf("heard as %d: %q", at, text)
	}
	if out, _ := f.cli("status"); !strings.HasPrefix(out, "running") {
		t.Errorf("ready, but: %s", out)
	}
	_, at = n.await(at, "WATCHDOG=1")
	n.await(at, "WATCHDOG=1") // and again
	await(t, "the failing source in STATUS=", func() bool {
		heard := strings.Join(n.since(0), "\n")
		return strings.Contains(heard, "STATUS=1 source, 1 failing")
	})

	reloads := map[string]func(){
		"chancery reload": func() {
			if out, code := f.cli("reload"); code != 0 {
				t.Errorf("reload: exit %d\n%s", code, out)
			}
		},
		"SIGHUP": func() { _ = r.cmd.Process.Signal(syscall.SIGHUP) },
		"a bad file": func() {
			f.write("rules.d/20.yaml", "version: 1\nmal: []\n")
			if _, code := f.cli("reload"); code != 1 {
				t.Errorf("reload of a bad file: exit %d", code)
			}
		},
	}
	for _, what := range []string{"chancery reload", "SIGHUP", "a bad file"} {
		before, at := monotonic(t), len(n.since(0))
		reloads[what]()
		text, at := n.await(at, "RELOADING=1")
		_, stamp, _ := strings.Cut(text, "MONOTONIC_USEC=")
		usec, err := strconv.ParseInt(strings.TrimSpace(stamp), 10, 64)
		if err != nil || usec < before || usec > monotonic(t) {
			t.Errorf("%s: %q is not between %d and now", what, text, before)
		}
		n.await(at, "READY=1")
	}

	at = len(n.since(0))
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	n.await(at, "STOPPING=1")
	for _, s := range n.since(at) {
		if strings.HasPrefix(s, "READY=1") {
			t.Errorf("ready again while stopping: %q", n.since(at))
		}
	}
}

// monotonic is CLOCK_MONOTONIC in microseconds, as sd_notify(3) has it.
func monotonic(t testing.TB) int64 {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	return now.Nano() / 1000
}

// gate is a wire to a server that can hold back everything after a command was
// sent to it.
type gate struct {
	addr    string
	word    string
	reached chan struct{} // closed when the command was seen
	open    chan struct{} // closed to let go on
	seen    sync.Once
	opened  sync.Once
}

func (g *gate) letGo() { g.opened.Do(func() { close(g.open) }) }

func newGate(t testing.TB, server, word string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{addr: l.Addr().String(), word: word, reached: make(chan struct{}), open: make(chan struct{})}
	var wg sync.WaitGroup
	t.Cleanup(func() { g.letGo(); _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { g.pass(c, server) })
		}
	})
	return g
}

func (g *gate) pass(client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer func() { _ = s.Close() }()
	go func() { _, _ = io.Copy(client, s); _ = client.Close() }()
	lines := bufio.NewReader(client)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if strings.Contains(line, g.word) {
			g.seen.Do(func() { close(g.reached) })
			<-g.open
		}
		if _, err := io.WriteString(s, line); err != nil {
			return
		}
	}
}

// While a step is under way at SIGTERM, systemd hears at once that the service
// stops, and the step is finished and written down all the same.
func TestStoppingIsSaidBeforeTheDrain(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	g := newGate(t, d.Addr(), "UID STORE")
	f := newFirm(t, d, nil)
	_, port, _ := net.SplitHostPort(g.addr)
	f.write("chancery.yaml", "version: 1\nstate: {dir: "+filepath.Join(f.dir, "state")+"}\naccounts:\n"+
		"  - {name: gc-mail, imap: {host: 127.0.0.1, port: "+port+", tls: none, user: gc, password: {file: secrets/1}, first_sync: apply}}\n")
	d.Client(t, gc).Append("INBOX", mail("1", "Privileged and confidential", "x"))
	n := hearNotices(t)
	r := f.start("NOTIFY_SOCKET=" + n.path)
	select {
	case <-g.reached:
	case <-time.After(waitLimit):
		t.Fatalf("no step was applied:\n%s", r.log())
	}
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	n.await(0, "STOPPING=1")
	select {
	case err := <-r.end:
		out, _ := f.cli("journal")
		t.Fatalf("ended before the step did: %v\n%s%s", err, r.log(), out)
	default:
	}
	if out, code := f.cli("reload"); code != 1 || !strings.Contains(out, "stopping") {
		t.Errorf("reload while stopping: exit %d\n%s", code, out)
	}
	g.letGo()
	if err := <-r.end; err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	if got := where(t, d, gc)["Privileged and confidential"]; !strings.Contains(got, "lx-1") {
		t.Errorf("the step under way was not finished: %s", got)
	}
	if out, _ := f.cli("journal"); !strings.Contains(out, "confirmed mark") {
		t.Errorf("the step was not written down:\n%s", out)
	}
}
