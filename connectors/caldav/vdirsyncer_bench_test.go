package caldav

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// vdirsyncer pulls one calendar into a folder.
type vdirsyncer struct{ bin, dir, config string }

func newVdirsyncer(b *testing.B, d *servertest.DAV, path string) *vdirsyncer {
	b.Helper()
	v := &vdirsyncer{bin: servertest.Need(b, "vdirsyncer", "vdirsyncer"), dir: b.TempDir()}
	v.config = filepath.Join(v.dir, "config")
	servertest.WriteFile(b, v.config, fmt.Sprintf(`[general]
status_path = "%[1]s/status/"
[pair p]
a = "server"
b = "folder"
collections = null
[storage server]
type = "caldav"
url = "%[2]s"
username = "%[3]s"
password = "%[4]s"
read_only = true
[storage folder]
type = "filesystem"
path = "%[1]s/events/"
fileext = ".ics"
`, v.dir, d.URL+path, d.User, d.Password))
	return v
}

// fresh forgets what was pulled.
func (v *vdirsyncer) fresh(b *testing.B) {
	b.Helper()
	for _, dir := range []string{"status", "events"} {
		if err := os.RemoveAll(filepath.Join(v.dir, dir)); err != nil {
			b.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(v.dir, dir), 0o700); err != nil {
			b.Fatal(err)
		}
	}
	v.run(b, "discover")
}

func (v *vdirsyncer) run(b *testing.B, what string) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := exec.CommandContext(b.Context(), v.bin, "-c", v.config, what).CombinedOutput(); err != nil {
		b.Fatalf("vdirsyncer %s: %v\n%s", what, err, out)
	}
	return time.Since(start)
}

func (v *vdirsyncer) count(b *testing.B) int {
	b.Helper()
	files, err := os.ReadDir(filepath.Join(v.dir, "events"))
	if err != nil {
		b.Fatal(err)
	}
	return len(files)
}

// BenchmarkAgainstVdirsyncer measures a first pull and one of nothing new beside
// vdirsyncer at the same Radicale, by turns. "times" is how many times as long
// vdirsyncer takes. Starting it is part of each of its runs, as it is in use.
func BenchmarkAgainstVdirsyncer(b *testing.B) {
	sizes := []int{500}
	if os.Getenv("CHANCERY_BENCH") != "" {
		sizes = append(sizes, 5000)
	}
	for _, n := range sizes {
		d := servertest.Radicale(b)
		path := fill(b, d, n)
		v := newVdirsyncer(b, d, path)
		v.fresh(b)
		v.run(b, "sync") // fills Radicale's cache
		o := options(d)
		o.Match = "work"
		b.Run(fmt.Sprintf("first/size=%d", n), func(b *testing.B) {
			var ours, theirs time.Duration
			for range b.N {
				b.StopTimer()
				v.fresh(b)
				theirs += v.run(b, "sync")
				if got := v.count(b); got != n {
					b.Fatalf("vdirsyncer has %d of %d", got, n)
				}
				b.StartTimer()
				start := time.Now()
				if got := drain(b, mustOpen(b, o), ""); got.changes != n {
					b.Fatalf("%d changes", got.changes)
				}
				ours += time.Since(start)
			}
			b.ReportMetric(float64(theirs)/float64(ours), "times")
		})
		b.Run(fmt.Sprintf("nothing/size=%d", n), func(b *testing.B) {
			var ours, theirs time.Duration
			s := mustOpen(b, o)
			at := drain(b, s, "").cursor
			for range b.N {
				b.StopTimer()
				theirs += v.run(b, "sync")
				b.StartTimer()
				start := time.Now()
				at = drain(b, s, at).cursor
				ours += time.Since(start)
			}
			b.ReportMetric(float64(theirs)/float64(ours), "times")
		})
	}
}
