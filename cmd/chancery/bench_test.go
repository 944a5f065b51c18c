package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// BenchmarkTriage is the whole house at a first start: the daemon as a process,
// the shipped rules, a real Dovecot, mail of a real firm with every tenth
// message of ours, until nothing is left to do.
func BenchmarkTriage(b *testing.B) {
	root := servertest.Corpus(b, "enron-calo-maildir")
	var real [][]byte
	for _, dir := range folders(b, root) {
		real = append(real, filesOf(b, filepath.Join(root, dir))...)
	}
	for _, n := range []int{1000, 4000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			peak := 0
			for b.Loop() {
				b.StopTimer()
				d := servertest.Dovecot(b, servertest.DovecotOptions{})
				f := newFirm(b, d, nil)
				f.ship(nil)
				c := d.Client(b, gc)
				for part := range slices.Chunk(slices.Concat(real[:min(n*9/10, len(real))], planted(n/10)), 500) {
					c.Append("INBOX", part...)
				}
				b.StartTimer()
				m := f.measure("run", "--once", "--timeout", "2m")
				if m.code != 0 {
					b.Fatalf("run --once: exit %d\n%s", m.code, m.out)
				}
				peak = max(peak, m.peak)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(peak), "peak-MiB")
		})
	}
}

// idleTime is how long the daemon is watched doing nothing.
const idleTime = 20 * time.Second

// BenchmarkIdle is what the daemon costs while nothing happens: two mail
// accounts, followed by IDLE, and two calendars, asked every minute.
func BenchmarkIdle(b *testing.B) {
	d, dav := servertest.Dovecot(b, servertest.DovecotOptions{}), servertest.Radicale(b)
	f := newFirm(b, d, dav)
	f.ship(nil)
	text, err := os.ReadFile(filepath.Join(f.dir, "chancery.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	f.write("chancery.yaml", strings.NewReplacer("poll: 2s", "poll: 10m", "poll: 1s", "poll: 60s").Replace(string(text)))
	d.Client(b, gc).Append("INBOX", planted(500)...)
	doubleBook(dav, dav.MakeCalendar("work"), 5)
	f.once()
	r := f.start()
	await(b, "all sources followed", func() bool {
		out, _ := f.cli("status")
		return strings.Count(out, "following") == 4
	})
	before := cpuOf(b, r.cmd.Process.Pid)
	for b.Loop() {
		select {
		case <-time.After(idleTime):
		case err := <-r.end:
			b.Fatalf("the daemon ended: %v", err)
		}
	}
	b.ReportMetric((cpuOf(b, r.cmd.Process.Pid)-before).Seconds()/b.Elapsed().Seconds()*100, "cpu-%")
	b.ReportMetric(float64(statusKiB(r.cmd.Process.Pid, "VmRSS:"))/1024, "MiB")
	if err := r.stop(syscall.SIGTERM); err != nil {
		b.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
}

// cpuOf returns the processor time a process took so far, to the hundredth of a
// second.
func cpuOf(t testing.TB, pid int) time.Duration {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	var user, system int
	_, _ = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}
