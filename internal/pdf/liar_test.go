package pdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lies are children that do not keep to what was agreed: what they say after the
// question, and how the parent takes it.
var lies = map[string]struct {
	say  string // then they wait for ever
	text string
	code string
	n    int // files inside
}{
	"half":           {say: frame('T', "kept"), text: "kept", code: "pdf-time"},
	"cut short":      {say: frame('T', "kept") + "T\x00\x00\x00\x09abc", text: "kept", code: "pdf-time"},
	"huge":           {say: frame('T', "kept") + "T\xff\xff\xff\xff", text: "kept", code: "pdf-memory"},
	"too much":       {say: strings.Repeat(frame('T', strings.Repeat("x", 1<<19)), 3), text: strings.Repeat("x", 1<<20), code: "pdf-memory"},
	"unknown":        {say: frame('T', "kept") + frame('?', ""), text: "kept", code: "pdf-memory"},
	"a code":         {say: frame('T', "kept") + frame('E', "pdf-hello"), text: "kept", code: "pdf-memory"},
	"without end":    {say: strings.Repeat(frame('T', "x"), 1000), text: strings.Repeat("x", MaxPages+MaxInside+1), code: "pdf-memory"},
	"no text":        {say: frame('T', "a\xff\x00\x1b[31mb\x7f\n") + frame('E', ""), text: "a\uFFFD[31mb\n"},
	"a name":         {say: frame('M', "\x05../..x") + frame('E', ""), n: 1},
	"no name":        {say: frame('T', "kept") + frame('M', "\xffabc"), text: "kept", code: "pdf-memory"},
	"too many files": {say: strings.Repeat(frame('M', "\x01ab"), MaxInside+1), n: MaxInside, code: "pdf-memory"},
}

func frame(kind byte, s string) string {
	return string(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(s)))) + s
}

func lie(how string) {
	_, _ = io.WriteString(os.Stdout, frame(frameReady, modeFast))
	_, n, err := readHead(os.Stdin, func(byte) (int, bool) { return MaxFile, true })
	if err == nil {
		_, _ = readBody(os.Stdin, n)
		_, _ = io.WriteString(os.Stdout, lies[how].say)
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the end
	}
}

func TestAChildIsNotBelieved(t *testing.T) {
	for how, want := range lies {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			o := Options{Command: []string{"/proc/self/exe", "liar", how}}
			if want.code == "pdf-time" {
				o.Time = 5 * time.Second
			}
			p := newPool(t, o)
			text, inside, code := p.Read([]byte("%PDF"))
			if text != want.text || len(inside) != want.n || code != want.code {
				t.Errorf("%d octets of text, %d files, code %q; want %d, %d, %q", len(text), len(inside), code, len(want.text), want.n, want.code)
			}
			if want.code != "" && len(pids(p)) > 0 {
				t.Error("the liar is kept")
			}
		})
	}
}

// escape tries what a broken parser might, and says what it could do.
func escape() {
	parent, out := os.Getppid(), ^uintptr(0)
	lockIn()
	say := func(what string, err error) {
		if err == nil {
			_, _ = os.Stdout.WriteString(what + "\n")
		}
	}
	_, err := os.Open("/etc/hostname")
	say("opened a file", err)
	_, err = os.Create("/tmp/escaped")
	say("made a file", err)
	_, err = os.ReadDir("/")
	say("listed a folder", err)
	_, err = net.Dial("udp", "127.0.0.1:53")
	say("made a connection", err)
	_, err = net.Listen("unix", "@escaped")
	say("listened", err)
	say("ran a program", exec.Command("/bin/true").Run())
	say("reached the parent", unix.Kill(parent, 0))
	say("reached a thread of the parent", unix.Tgkill(parent, parent, 0))
	_, err = unix.FcntlInt(1, unix.F_SETOWN, parent)
	say("has the parent told about a pipe, by any signal", err)
	say("may outlive the parent", unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0))
	// One that was asked something is hidden.
	_ = (&engine{}).answer(strings.NewReader(frame(frameFile, "%PDF")[:8]), nil)
	if seen, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || seen != 0 {
		_, _ = fmt.Fprintf(os.Stdout, "lets others look: %d, %v\n", seen, err)
	}
	for call := range uint32(300) { // with what does no harm, where the cage has a hole
		if slices.Contains(allowed, call) || slices.ContainsFunc(partly(), func(p part) bool { return p.call == call }) {
			continue
		}
		if _, _, errno := unix.RawSyscall6(uintptr(call), out, out, out, out, out, out); errno != unix.EPERM {
			_, _ = fmt.Fprintf(os.Stdout, "made call %d: %v\n", call, errno)
		}
	}
	done := make(chan bool) // threads and memory it may have
	go func() { done <- len(make([]byte, 64<<20)) > 0 }()
	<-done
	_, _ = os.Stdout.WriteString("end\n")
}

func TestACageHasNoWayOut(t *testing.T) {
	out, err := exec.Command("/proc/self/exe", "prisoner").CombinedOutput()
	if err != nil || string(out) != "end\n" {
		t.Errorf("%v:\n%s", err, out)
	}
}

// What a child has: no environment that says anything, and its two pipes.
func TestAChildHasNothing(t *testing.T) {
	t.Setenv("SECRET", "of the parent")
	open, err := unix.Open("/dev/zero", unix.O_RDONLY, 0) // for whoever is started, as a library might
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(open) }()
	r, err := spawn(slow)
	if err != nil {
		t.Fatal(err)
	}
	defer r.stop()
	if err := r.greet(10 * time.Minute); err != nil {
		t.Fatal(err)
	}
	pid := r.pid
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil || string(bytes.TrimRight(env, "\x00")) != "GOTRACEBACK=none" {
		t.Errorf("environment %q: %v", env, err)
	}
	files, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		to, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/fd/" + f.Name())
		if err == nil && !strings.HasPrefix(to, "pipe:") && !strings.HasPrefix(to, "anon_inode:") && to != "/dev/null" &&
			!strings.HasPrefix(to, "/sys/fs/cgroup/") { // which the runtime reads for its own sake
			t.Errorf("descriptor %s is %s", f.Name(), to)
		}
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil || !strings.Contains(string(status), "NoNewPrivs:\t1\n") || !strings.Contains(string(status), "Seccomp:\t2\n") {
		t.Errorf("status: %v\n%s", err, status)
	}
	if first, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/oom_score_adj"); err != nil || string(first) != "1000\n" {
		t.Errorf("where memory is short: %q, %v", first, err)
	}
}

// A child that hides is still measured.
func TestAHiddenChildIsMeasured(t *testing.T) {
	p := newPool(t, Options{Command: slow})
	child(t, p)
	for r := range p.all {
		if !r.grown(1<<20) || r.grown(1<<40) {
			t.Error("a size that cannot be")
		}
		r.stop()
		if r.grown(0) {
			t.Error("a child that ended has a size")
		}
	}
}

// FuzzAnswer reads what a child might say.
func FuzzAnswer(f *testing.F) {
	for _, l := range lies {
		f.Add([]byte(l.say))
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		var a answer
		err := a.take(bytes.NewReader(said))
		size := a.text.Len()
		for _, m := range a.inside {
			size += len(m.Content)
			if strings.ContainsAny(m.Name, "/\\\x00\n") || len(m.Name) > 3*maxName {
				t.Errorf("name %q", m.Name)
			}
		}
		if size > len(said) || len(a.inside) > MaxInside {
			t.Errorf("%d octets out of %d", size, len(said))
		}
		if err != nil && a.code != "" {
			t.Errorf("code %q beside an error", a.code)
		}
	})
}

// What is written is what is read.
func FuzzFrame(f *testing.F) {
	f.Add(byte(frameText), []byte("abc"), []byte("def"))
	f.Fuzz(func(t *testing.T, kind byte, a, b []byte) {
		var wire bytes.Buffer
		if err := writeFrame(&wire, kind, a, b); err != nil {
			t.Fatal(err)
		}
		got, n, err := readHead(&wire, func(byte) (int, bool) { return 1 << 20, true })
		if err != nil || got != kind || n != len(a)+len(b) {
			t.Fatalf("%c %d: %v", got, n, err)
		}
		body, err := readBody(&wire, n)
		if err != nil || string(body) != string(a)+string(b) || wire.Len() > 0 {
			t.Errorf("%q: %v", body, err)
		}
	})
}
