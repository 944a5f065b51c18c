// Package servertest starts real servers for tests: Dovecot, Radicale, Xandikos,
// Cyrus and PostgreSQL, each on loopback, in a temporary folder, gone when the test
// ends. It is test support and never linked into the binary.
//
// A server that is not installed skips the test on a developer's machine and
// fails it where CI=true: a skip in CI would prove nothing.
package servertest

import (
	"bytes"
	"fmt"
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
)

// startTimeout bounds how long a server may take to listen, on a machine that does
// other things too.
const startTimeout = 2 * time.Minute

// Need returns the path of an installed program, or skips the test; in CI it
// fails it. Debian keeps servers in sbin, which a user's PATH may lack.
func Need(t testing.TB, program, debianPackage string) string {
	t.Helper()
	if p, err := exec.LookPath(program); err == nil {
		return p
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		p := filepath.Join(dir, program)
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	Missing(t, fmt.Sprintf("%s is not installed (Debian package %s)", program, debianPackage))
	return ""
}

// Missing skips the test because what is a must in CI is not there.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI runs the real thing: %s", what)
	}
	t.Skip(what)
}

// Corpus returns the path of a folder of real data under $CHANCERY_CORPORA,
// by default ../shared/corpora beside the repository.
func Corpus(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("CHANCERY_CORPORA")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for root == "" {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				root = filepath.Join(dir, "..", "shared", "corpora")
			}
			if dir == filepath.Dir(dir) {
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		Missing(t, "corpus "+name+" is not here")
	}
	return path
}

// Process is a server in the foreground, in a process group of its own.
type Process struct {
	cmd *exec.Cmd
	out *output
	end chan struct{} // closed when the process has been waited for
}

// output collects what a server prints; its reader and writer are different
// goroutines.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// Start runs cmd until the test ends and waits until addr accepts connections.
func Start(t testing.TB, cmd *exec.Cmd, addr string) *Process {
	t.Helper()
	p := &Process{cmd: cmd, out: &output{}, end: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	go func() { _ = cmd.Wait(); close(p.end) }()
	t.Cleanup(p.Kill)
	p.await(t, addr)
	return p
}

func (p *Process) await(t testing.TB, addr string) {
	t.Helper()
	deadline := time.Now().Add(startTimeout)
	for time.Now().Before(deadline) {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-p.end:
			t.Fatalf("%s ended at once:\n%s", p.cmd.Path, p.out)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not listen on %s:\n%s", p.cmd.Path, addr, p.out)
}

// PID returns the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Output returns what the server printed so far.
func (p *Process) Output() string { return strings.TrimSpace(p.out.String()) }

// Kill ends the server's process group at once and waits until all of it is gone:
// what still ends holds the port, and may yet finish what it was writing.
func (p *Process) Kill() {
	select {
	case <-p.end:
		return
	default:
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.end
	for end := time.Now().Add(startTimeout); groupLives(p.PID()) && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// groupLives reports whether a process of the group still runs. One that is dead
// but was not looked at by who adopted it does not.
func groupLives(group int) bool {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		// After the name, which may hold anything: state, parent, group.
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(fields) > 2 && fields[2] == strconv.Itoa(group) && fields[0] != "Z" && fields[0] != "X" {
			return true
		}
	}
	return false
}
