package servertest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
)

// FreePort returns a loopback port that is free, and that no other call gets as long
// as this process lives, be it in the tests of another package that run beside these:
// a server may end and come back on it. It lies below the range from which the
// system takes ports for outgoing connections, so that no client gets it either.
func FreePort(t testing.TB) int {
	t.Helper()
	from, till := portRange(firstOutgoing())
	for range 1000 {
		port := from + rand.IntN(till-from)
		if !reserve(port) {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no free port")
	return 0
}

// reserve claims a port among all test processes of the machine. An abstract unix
// socket is the claim: one holds it, and the system frees it when the process ends,
// however that comes.
func reserve(port int) bool {
	l, err := net.Listen("unix", fmt.Sprintf("@chancery-test-port-%d", port))
	if err != nil {
		return false
	}
	claims.Store(port, l)
	return true
}

// claims are the sockets of reserve by port: kept, or the collector would close them.
var claims sync.Map

// firstOutgoing is the lowest port that the system gives to outgoing connections.
func firstOutgoing() int {
	b, _ := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	first := 32768 // what Linux begins with
	_, _ = fmt.Sscan(string(b), &first)
	return first
}

// portRange is where to look for ports: below the first outgoing one, where that
// leaves room.
func portRange(outgoing int) (from, till int) {
	if outgoing < 4000 {
		return 15000, 32000
	}
	till = min(outgoing, 32000)
	return max(till-17000, 2000), till
}
