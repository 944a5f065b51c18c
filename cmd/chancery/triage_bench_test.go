package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	gosync "sync"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// triageRounds is how often a raw socket and the engine take turns; the medians
// are compared.
const triageRounds = 5

// BenchmarkTriageMailbox reads a whole mailbox, decides it by 200 rules against
// 100,000 matters, and writes the marks, confirmed in the journal. In turn with
// it a raw socket sends the commands that the engine sent for the bodies, byte by
// byte, and throws the answers away: "wire-ratio" is how much longer we take. The
// rules are compiled before, as they are at every start but the first minute's.
func BenchmarkTriageMailbox(b *testing.B) {
	for _, format := range []string{"maildir", "mdbox"} {
		for _, kind := range []struct {
			name string
			n    int
			fill func(testing.TB, *servertest.DovecotServer, int) map[string]int
		}{{"office", 2_000, fillOffice}, {"office", 20_000, fillOffice}, {"real", 20_000, fillReal}} {
			b.Run(fmt.Sprintf("%s/mail=%s/messages=%d", format, kind.name, kind.n), func(b *testing.B) {
				d, n := servertest.Dovecot(b, servertest.DovecotOptions{Format: format}), kind.n
				want := kind.fill(b, d, n)
				for _, secure := range []bool{false, true} {
					b.Run(map[bool]string{false: "plain", true: "tls"}[secure], func(b *testing.B) {
						benchmarkTriage(b, d, secure, n, want)
					})
				}
			})
		}
	}
}

func benchmarkTriage(b *testing.B, d *servertest.DovecotServer, secure bool, n int, want map[string]int) {
	marks := 0
	for _, k := range want {
		marks += k
	}
	// Once through a tap: what are the commands? It also warms the server.
	tap := newWiretap(b, d.Addr())
	triage(b, fmt.Sprintf("host: 127.0.0.1, port: %d, tls: none", tap.port), n)
	said := bodyCommands(tap.said())
	account := fmt.Sprintf("host: 127.0.0.1, port: %d, tls: none", d.Port)
	if secure {
		account = fmt.Sprintf("host: 127.0.0.1, port: %d, tls: implicit, ca_file: %s", d.TLS, d.CAFile)
	}
	var raw, ours []time.Duration
	peak, octets := 0, int64(0)
	for b.Loop() {
		for range triageRounds {
			expectMarks(b, d, want)
			wipe(b, d)
			took, read := rawTriage(b, d, secure, said)
			raw, octets = append(raw, took), read
			took, high := triage(b, account, n)
			ours, peak = append(ours, took), max(peak, high)
		}
	}
	expectMarks(b, d, want)
	b.ReportMetric(median(ours).Seconds()/median(raw).Seconds(), "wire-ratio")
	b.ReportMetric(float64(n)/median(ours).Seconds(), "msg/s")
	b.ReportMetric(float64(n)/median(raw).Seconds(), "raw-msg/s")
	b.ReportMetric(float64(octets)/(1<<20), "MiB")
	b.ReportMetric(float64(marks), "marked")
	b.ReportMetric(float64(peak), "peak-MiB")
	b.ReportMetric(0, "ns/op")
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// triage lets a fresh engine work until it rests. It returns how long that took,
// and the highest resident memory meanwhile, in MiB.
func triage(b *testing.B, account string, n int) (took time.Duration, peak int) {
	b.Helper()
	dir := b.TempDir()
	officeConfig(b, dir, account)
	l, err := load(dir)
	if err != nil {
		b.Fatal(err)
	}
	j, err := openJournal(b.Context(), l.cfg, false)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	e, err := newEngine(l, j, slog.New(slog.DiscardHandler), wiring{})
	if err != nil {
		b.Fatal(err)
	}
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak begins anew
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- e.Run(ctx) }()
	err = e.Rest(ctx)
	took = time.Since(began)
	peak = statusKiB(os.Getpid(), "VmHWM:") >> 10
	if err == nil {
		err = failing(e.Status())
	}
	if err != nil {
		b.Fatal(err)
	}
	if s := e.Status(); len(s) != 1 || s[0].Changes < int64(n) {
		b.Fatalf("%d messages, read %+v", n, s)
	}
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if open, _, err := j.PendingCount(b.Context(), "gc-mail"); err != nil || open != 0 {
		b.Fatalf("%d steps open: %v", open, err)
	}
	return took, peak
}

// wipe takes the marks away again.
func wipe(t testing.TB, d *servertest.DovecotServer) {
	t.Helper()
	c := d.Client(t, gc)
	defer c.Close()
	c.OK("SELECT INBOX")
	c.OK("UID STORE 1:* -FLAGS.SILENT (" + strings.Join(wants, " ") + ")")
}

// expectMarks counts the keywords on the server.
func expectMarks(t testing.TB, d *servertest.DovecotServer, want map[string]int) {
	t.Helper()
	c := d.Client(t, gc)
	defer c.Close()
	c.OK("EXAMINE INBOX")
	for _, keyword := range wants {
		got := 0
		for _, p := range c.OK("UID SEARCH KEYWORD " + keyword) {
			if rest, ok := strings.CutPrefix(p.Text, "* SEARCH"); ok {
				got = len(strings.Fields(rest))
			}
		}
		if got != want[keyword] {
			t.Fatalf("%s stands %d times, want %d", keyword, got, want[keyword])
		}
	}
}

var bodyCommand = regexp.MustCompile(`(?i)^\S+ ((?:ENABLE|SELECT|EXAMINE|UID FETCH \S+ \(.*BODY(?:\.PEEK)?\[).*)$`)

// bodyCommands are the FETCHes of bodies in what a client said, and what they
// need to be understood.
func bodyCommands(said string) (out []string) {
	for line := range strings.Lines(said) {
		if m := bodyCommand.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil && (len(out) == 0 || out[len(out)-1] != m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// rawTriage sends commands one after the other and throws away what comes.
func rawTriage(b *testing.B, d *servertest.DovecotServer, secure bool, commands []string) (took time.Duration, octets int64) {
	b.Helper()
	conn, br := rawLogin(b, d, secure)
	defer func() { _ = conn.Close() }()
	began := time.Now()
	for _, command := range commands {
		octets += rawCommand(b, conn, br, command)
	}
	return time.Since(began), octets
}

func rawLogin(b *testing.B, d *servertest.DovecotServer, secure bool) (net.Conn, *bufio.Reader) {
	b.Helper()
	conn, err := net.Dial("tcp", d.Addr())
	if secure {
		_ = conn.Close()
		pem, failed := os.ReadFile(d.CAFile)
		if failed != nil {
			b.Fatal(failed)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		conn, err = tls.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.TLS)), &tls.Config{RootCAs: roots})
	}
	if err != nil {
		b.Fatal(err)
	}
	br := bufio.NewReaderSize(conn, 64<<10)
	if _, err := br.ReadSlice('\n'); err != nil {
		b.Fatal(err)
	}
	rawCommand(b, conn, br, fmt.Sprintf("LOGIN %s %q", gc, servertest.DovecotPassword))
	return conn, br
}

func rawCommand(b *testing.B, conn net.Conn, br *bufio.Reader, command string) (octets int64) {
	b.Helper()
	if _, err := io.WriteString(conn, "r "+command+"\r\n"); err != nil {
		b.Fatal(err)
	}
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		octets += int64(len(line))
		if line[0] == 'r' {
			if !strings.HasPrefix(string(line), "r OK") {
				b.Fatalf("%.20s: %s", command, line)
			}
			return octets
		}
		if open := strings.LastIndexByte(string(line), '{'); open >= 0 && line[len(line)-3] == '}' {
			size, _ := strconv.Atoi(string(line[open+1 : len(line)-3]))
			n, err := br.Discard(size)
			if octets += int64(n); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// wiretap passes connections on and keeps what the client says.
type wiretap struct {
	port int
	mu   gosync.Mutex
	buf  strings.Builder
}

func newWiretap(t testing.TB, server string) *wiretap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &wiretap{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(client, up); _ = client.Close() }()
			go func() { _, _ = io.Copy(io.MultiWriter(up, p), client); _ = up.Close() }()
		}
	}()
	return p
}

func (p *wiretap) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *wiretap) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.String()
}

// BenchmarkAgainstImapfilter lets imapfilter do ten of the 200 rules as searches
// on the server, and the engine all of them. "times-faster" is how much less time
// the engine takes for twenty times the rules.
func BenchmarkAgainstImapfilter(b *testing.B) {
	bin := servertest.Need(b, "imapfilter", "imapfilter")
	const n = 20_000
	d := servertest.Dovecot(b, servertest.DovecotOptions{})
	fillOffice(b, d, n)
	account := fmt.Sprintf("host: 127.0.0.1, port: %d, tls: none", d.Port)
	triage(b, account, n)
	var theirs, ours []time.Duration
	for b.Loop() {
		wipe(b, d)
		theirs = append(theirs, imapfilter(b, bin, d)) // takes minutes
		for range 3 {
			wipe(b, d)
			took, _ := triage(b, account, n)
			ours = append(ours, took)
		}
	}
	b.ReportMetric(median(theirs).Seconds()/median(ours).Seconds(), "times-faster")
	b.ReportMetric(median(theirs).Seconds(), "imapfilter-s")
	b.ReportMetric(median(ours).Seconds(), "chancery-s")
	b.ReportMetric(0, "ns/op")
}

// imapfilter does rules r0 to r9: three sets of terms in subject or text, three
// senders, two subjects, two matters with a term.
func imapfilter(b *testing.B, bin string, d *servertest.DovecotServer) time.Duration {
	b.Helper()
	var lua strings.Builder
	// It escapes quotes in what it sends, and forgets backslashes.
	password := strings.ReplaceAll(servertest.DovecotPassword, `\`, `\\`)
	fmt.Fprintf(&lua, "options.starttls = false\noptions.timeout = 0\na = IMAP { server = '127.0.0.1', port = %d, username = '%s', password = %q }\ninbox = a.INBOX\n", d.Port, gc, password)
	for i := range 10 {
		k := i / 4
		var words []string
		for _, w := range []string{"subject phrase %d", "confidential project %d", "kestrel%d"} {
			w = fmt.Sprintf(w, k)
			words = append(words, fmt.Sprintf("inbox:contain_subject('%s')", w), fmt.Sprintf("inbox:contain_body('%s')", w))
		}
		terms := "(" + strings.Join(words, " + ") + ")"
		found := []string{terms, fmt.Sprintf("inbox:contain_from('@side%d.example')", k), fmt.Sprintf("inbox:contain_subject('budget %d')", k),
			terms + " * inbox:contain_body('.0001')"}[i%4]
		fmt.Fprintf(&lua, "found = %s\ninbox:add_flags({'%s'}, found)\n", found, wants[i%4])
	}
	file := filepath.Join(b.TempDir(), "config.lua")
	servertest.WriteFile(b, file, lua.String())
	began := time.Now()
	cmd := exec.Command(bin, "-c", file)
	cmd.Env = append(os.Environ(), "HOME="+b.TempDir())
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		b.Fatalf("imapfilter: %v\n%s", err, out)
	}
	c := d.Client(b, gc)
	defer c.Close()
	c.OK("EXAMINE INBOX")
	for _, p := range c.OK("UID SEARCH KEYWORD lx-2") {
		if p.Text == "* SEARCH" {
			b.Fatalf("imapfilter marked nothing:\n%s", out)
		}
	}
	return took
}
