package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"chancery/internal/filetext"
)

// The test binary is the child too, as the program is; and a child that lies, a parent
// that dies, and a child that tries to get out.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 {
		os.Exit(m.Run())
	}
	switch what, how := os.Args[1], os.Args[len(os.Args)-1]; what {
	case "pdf-reader":
		os.Exit(Main())
	case "slow":
		if live(os.Stdin, os.Stdout, modeSlow) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "denied":
		if refuseExecutable() != nil {
			os.Exit(2)
		}
		os.Exit(Main())
	case "liar":
		lie(how)
		os.Exit(0)
	case "parent":
		becomeParent()
	case "prisoner":
		escape()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// patient are options with which a busy machine makes nothing fail, unless a test is
// about limits.
func patient(o Options) Options {
	if o.Time == 0 {
		o.Time = 10 * time.Minute
	}
	if o.Start == 0 {
		o.Start = 10 * time.Minute
	}
	if o.patience == 0 {
		o.patience = time.Hour
	}
	if raced {
		o.keep = 1 << 40
	}
	return o
}

func newPool(t testing.TB, o Options) *Pool {
	t.Helper()
	p := New(patient(o))
	t.Cleanup(p.Close)
	return p
}

// slow are children that are ready sooner and read more slowly: what a pool does is
// the same.
var slow = []string{"/proc/self/exe", "slow"}

// await waits for what must come.
func await(t testing.TB, what string, come func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !come(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// gone reports whether a process is no more, not even as a zombie.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// honest is a PDF that costs next to nothing.
var honest = book([][]byte{program(mark{50, 700, 9, "in all honesty", ""})})

// child reads a PDF and returns the child's id.
func child(t testing.TB, p *Pool) int {
	t.Helper()
	if text, _, code := p.Read(honest); code != "" || text == "" {
		t.Fatalf("the honest one: %d octets, code %q", len(text), code)
	}
	for pid := range pids(p) {
		return pid
	}
	t.Fatal("no child")
	return 0
}

func TestAChildThatNobodyNeedsEnds(t *testing.T) {
	p := newPool(t, Options{Command: slow, Idle: time.Millisecond})
	if len(p.all) != 0 {
		t.Error("a child before the first PDF")
	}
	pid := child(t, newPool(t, Options{Command: slow}))
	if gone(pid) {
		t.Error("not kept warm")
	}
	if text, _, code := p.Read(novel(1)); code != "" || text == "" {
		t.Errorf("code %q", code)
	}
	await(t, "the end of an idle child", func() bool { return len(pids(p)) == 0 })
}

func TestCloseLeavesNothing(t *testing.T) {
	p := New(patient(Options{Command: slow}))
	pid := child(t, p)
	p.Close()
	p.Close()
	if !gone(pid) {
		t.Error("the child lives on")
	}
	if _, _, code := p.Read(honest); code != "pdf" {
		t.Errorf("read after the end: code %q", code)
	}
}

// A child that was killed by somebody else costs nothing but a new one.
func TestAKilledChildIsReplaced(t *testing.T) {
	p := newPool(t, Options{Command: slow, Readers: 1})
	first := child(t, p)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	second := child(t, p)
	if second == first || !gone(first) {
		t.Errorf("first %d, then %d", first, second)
	}
	// In the middle of its work, before it said anything.
	if err := syscall.Kill(second, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	end := make(chan string)
	go func() {
		_, _, code := p.Read(honest)
		end <- code
	}()
	await(t, "the child at work", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.idle) == 0 })
	if err := syscall.Kill(second, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if code := <-end; code != "" {
		t.Errorf("code %q", code)
	}
}

// A child that hangs is ended, and the next PDF gets another one.
func TestAHangingChildIsKilled(t *testing.T) {
	p := newPool(t, Options{Command: slow, Readers: 1})
	pid := child(t, p)
	p.o.Time = time.Second
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if _, _, code := p.Read(honest); code != "pdf-time" {
		t.Errorf("code %q", code)
	}
	if !gone(pid) {
		t.Error("the child lives on")
	}
}

// The children of a process that is killed do not outlive it.
func TestTheParentDies(t *testing.T) {
	cmd := exec.Command("/proc/self/exe", "parent")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil || gone(pid) {
		t.Fatalf("no child: %v", err)
	}
	// Also one that does not look whether its parent is there.
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	await(t, "the end of the child", func() bool {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(b), ") Z ") // whoever adopted it may be slow to look
	})
}

func becomeParent() {
	p := New(patient(Options{Command: slow, Readers: 1}))
	_, _, _ = p.Read(honest)
	for pid := range pids(p) {
		fmt.Println(pid)
	}
	select {}
}

// Two hundred PDFs leave nothing in the parent.
func TestTheParentStaysFlat(t *testing.T) {
	if raced {
		t.Skip("the detector holds memory of its own")
	}
	p := newPool(t, Options{Readers: 1})
	content, heap := novel(5), func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	pid := child(t, p)
	before, small := heap(), resident(t, pid)
	for range 200 {
		if text, _, code := p.Read(content); code != "" || text == "" {
			t.Fatalf("code %q", code)
		}
	}
	after, large := heap(), resident(t, pid)
	t.Logf("parent's heap %d KiB before, %d KiB after; the child %d MiB, then %d MiB", before>>10, after>>10, small>>20, large>>20)
	if after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d octets", before, after)
	}
	if large > retireAt || pids(p)[pid] == false {
		t.Errorf("the child grew to %d octets", large)
	}
}

func TestMany(t *testing.T) {
	p := New(patient(Options{Command: slow}))
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 20 {
				if text, _, code := p.Read(honest); code != "" && code != "pdf" || code == "" && text == "" {
					t.Errorf("%d octets, code %q", len(text), code)
				}
			}
		})
	}
	wg.Go(func() {
		child(t, p)
		if n := len(pids(p)); n > 2 {
			t.Errorf("%d children", n)
		}
	})
	wg.Wait()
	wg.Go(func() { _, _, _ = p.Read(novel(50)) })
	p.Close()
	wg.Wait()
}

// refuseExecutable does what a service manager does for MemoryDenyWriteExecute= on a
// kernel of any age: no memory is mapped or made executable.
func refuseExecutable() error {
	program := []unix.SockFilter{{Code: loadWord, K: atCall}}
	for _, call := range []uint32{unix.SYS_MMAP, unix.SYS_MPROTECT, unix.SYS_PKEY_MPROTECT} {
		program = append(program, unix.SockFilter{Code: jumpEqual, K: call, Jf: 4},
			unix.SockFilter{Code: loadWord, K: atArg0 + 2*8},
			unix.SockFilter{Code: jumpSet, K: unix.PROT_EXEC, Jf: 1},
			unix.SockFilter{Code: give, K: refuse},
			unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ALLOW})
	}
	return install(append(program, unix.SockFilter{Code: give, K: unix.SECCOMP_RET_ALLOW}))
}

// Where the system refuses memory that can be executed, as a unit with
// MemoryDenyWriteExecute= does, the parser is interpreted and reads the same.
func TestNoExecutableMemory(t *testing.T) {
	r, err := spawn([]string{"/proc/self/exe", "denied"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.stop()
	mode := make([]byte, 5+len(modeSlow))
	if _, err := io.ReadFull(r.out, mode); err != nil || string(mode[5:]) != modeSlow {
		t.Errorf("mode %q, %v", mode, err)
	}
	content := novel(1)
	text, _, code := newPool(t, Options{Command: []string{"/proc/self/exe", "denied"}}).Read(content)
	want, _, _ := newPool(t, Options{Command: slow}).Read(content)
	if code != "" || text == "" || text != want {
		t.Errorf("code %q, %d octets, want %d", code, len(text), len(want))
	}
}

func TestTooLarge(t *testing.T) {
	p := newPool(t, Options{Command: slow})
	if _, _, code := p.Read(make([]byte, MaxFile+1)); code != "size" || len(p.all) > 0 {
		t.Errorf("code %q, %d children", code, len(p.all))
	}
}

// Where no child can be started, the mail says so, and the mail behind it does not wait
// for another attempt; some time later there is one.
func TestNoChild(t *testing.T) {
	for _, command := range [][]string{{"/nonexistent"}, {"/bin/false"}, {"/bin/sleep", "1000"}} {
		p := newPool(t, Options{Command: command, Start: 300 * time.Millisecond, Pause: time.Hour})
		for range 3 {
			if _, _, code := p.Read(honest); code != "pdf-later" {
				t.Errorf("%s: code %q", command, code)
			}
		}
		if len(p.all) > 0 {
			t.Errorf("%s: kept", command)
		}
	}
	log := filepath.Join(t.TempDir(), "log")
	starts := func(pause time.Duration) int {
		_ = os.Remove(log)
		p := newPool(t, Options{Command: []string{"/bin/sh", "-c", "echo started >> " + log}, Pause: pause})
		for range 3 {
			_, _, _ = p.Read(honest)
		}
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(b), "started")
	}
	if once, again := starts(time.Hour), starts(time.Nanosecond); once != 1 || again != 3 {
		t.Errorf("started %d times and %d times", once, again)
	}
}

// Whoever asked may give up: while it waits, while a child starts, and while one reads;
// what was at it is ended, and others are served.
func TestGivingUp(t *testing.T) {
	giveUp := func(p *Pool, when func() bool) string {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		end := make(chan string)
		go func() {
			_, _, code := p.own.Until(ctx)(honest)
			end <- code
		}()
		await(t, "the reading", when)
		cancel()
		return <-end
	}
	at := func(p *Pool, n int) func() bool { return func() bool { return len(pids(p)) == n } }

	starting := newPool(t, Options{Command: []string{"/bin/sleep", "1000"}, Start: time.Hour, Pause: time.Hour})
	if code := giveUp(starting, at(starting, 1)); code != "pdf" || len(pids(starting)) > 0 {
		t.Errorf("at its start: code %q, %d children", code, len(pids(starting)))
	}
	starting.mu.Lock()
	if !starting.sick.IsZero() {
		t.Error("who gave up does not know whether a child can be started")
	}
	starting.mu.Unlock()

	p := newPool(t, Options{Command: slow, Readers: 1, Time: time.Hour})
	pid := child(t, p)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	working := func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.seats) == 1 && len(p.idle) == 0 }
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan string)
	go func() {
		_, _, code := p.own.Until(ctx)(honest)
		first <- code
	}()
	await(t, "the first one", working)
	if code := giveUp(p, working); code != "pdf" {
		t.Errorf("in line: code %q", code)
	}
	if gone(pid) {
		t.Error("who waited in line ended the child of another")
	}
	cancel()
	if code := <-first; code != "pdf" || !gone(pid) {
		t.Errorf("at work: code %q", code)
	}
	if text, _, code := p.Read(honest); code != "" || text == "" {
		t.Errorf("behind it: code %q", code)
	}
	if _, _, code := p.own.Until(ctx)(honest); code != "pdf" {
		t.Errorf("after the end: code %q", code)
	}
}

func TestFilesInside(t *testing.T) {
	if raced {
		t.Skip("is about the parser")
	}
	long := strings.Repeat("n", 300) + ".xml"
	p := newPool(t, Options{Command: slow})
	_, inside, code := p.Read(book([][]byte{program(mark{50, 700, 9, "x", ""})},
		"notes.txt", "note", "../../etc/passwd", "path", "big.xml", strings.Repeat("<", MaxMember+1), "a.xml", "<a/>", long, "<b/>"))
	var got []string
	for _, m := range inside {
		got = append(got, m.Name+"="+string(m.Content))
	}
	want := []string{"a.xml=<a/>", long[len(long)-maxName:] + "=<b/>", "notes.txt=note", "passwd=path"}
	if code != "limit" || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("code %q, files:\n%s\nwant:\n%s", code, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("%d.xml", i), "<x/>")
	}
	if _, inside, code := p.Read(book([][]byte{program(mark{50, 700, 9, "x", ""})}, many...)); code != "limit" || len(inside) != MaxInside {
		t.Errorf("%d files, code %q", len(inside), code)
	}
	if _, known := filetext.Codes["limit"]; !known {
		t.Error("limit is no code")
	}
}
