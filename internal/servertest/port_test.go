package servertest

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

const portsWanted = "SERVERTEST_PORTS"

// Nobody is given a port that somebody else was given, in this process or another
// one, although nothing listens on it.
func TestPortsAreGivenOnce(t *testing.T) {
	if n, err := strconv.Atoi(os.Getenv(portsWanted)); err == nil {
		for range n {
			fmt.Println("port", FreePort(t))
		}
		_, _ = fmt.Scanln() // holds them until it is told to end
		return
	}
	port := FreePort(t)
	if reserve(port) {
		t.Fatal("given twice in one process")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run", "^TestPortsAreGivenOnce$", "-test.v")
	cmd.Env = append(os.Environ(), portsWanted+"=20")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var theirs []int
	for len(theirs) < 20 {
		var word string
		if _, err := fmt.Fscan(out, &word); err != nil {
			t.Fatal(err)
		}
		if word != "port" {
			continue
		}
		var n int
		if _, err := fmt.Fscan(out, &n); err != nil {
			t.Fatal(err)
		}
		theirs = append(theirs, n)
	}
	for _, n := range theirs {
		if reserve(n) {
			t.Errorf("port %d is another process's", n)
		}
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, n := range theirs {
		if !reserve(n) {
			t.Errorf("port %d is still claimed by a process that ended", n)
		}
	}
}

func TestPortsLieBelowTheOutgoingOnes(t *testing.T) {
	for outgoing, want := range map[int]string{32768: "15000 32000", 16000: "2000 16000", 10000: "2000 10000", 1024: "15000 32000"} {
		from, till := portRange(outgoing)
		if got := fmt.Sprintf("%d %d", from, till); got != want {
			t.Errorf("outgoing from %d: %s, want %s", outgoing, got, want)
		}
	}
}
