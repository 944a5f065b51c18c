package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// TestStateFolderFull fills the disk under the journal while mail comes in. The
// daemon acts on nothing that it cannot write down, says why it stops, and ends
// with an error, so that systemd starts it again. When there is room again,
// everything is done, once.
func TestStateFolderFull(t *testing.T) {
	for _, way := range []struct {
		name string
		fill func(t *testing.T, f *firm, room int) (start func() *running, free func())
	}{{"a small disk", smallDisk}, {"a limit on files", fileLimit}} {
		for _, hide := range [][]string{nil, {"MOVE"}} {
			// Full before the steps are written down, and between their intents and
			// their effects.
			for _, room := range []int{128 << 10, 1200 << 10} {
				t.Run(fmt.Sprintf("%s of %d KiB without %v", way.name, room>>10, hide), func(t *testing.T) {
					d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
					f := newFirm(t, d, nil)
					c := d.Client(t, gc)
					start, free := way.fill(t, f, room)
					const n = 400
					var all [][]byte
					for i := range n {
						all = append(all, mail(fmt.Sprint(i), fmt.Sprintf("Invoice %d for 10042.0070", i), "x"))
					}
					c.Append("INBOX", all...)
					before := servertest.Bodies(d.Dump(t, gc))
					r := start()
					await(t, "the end of the daemon", r.ended)
					if code := r.cmd.ProcessState.ExitCode(); code != 1 {
						t.Errorf("exit %d\n%s", code, r.log())
					}
					if log := r.log(); !strings.Contains(log, "full") && !strings.Contains(log, "disk I/O error") || strings.Contains(log, "panic") {
						t.Errorf("the log does not say why:\n%s", log)
					}
					if after := servertest.Bodies(d.Dump(t, gc)); !maps.Equal(before, after) {
						t.Error("the messages are not the same as before")
					}
					done := filedOf(t, d)
					if done == n {
						t.Errorf("all of %d were filed: the disk was not full", n)
					}
					free()
					f.once()
					f.once()
					if got := filedOf(t, d); got != n {
						t.Errorf("%d of %d filed", got, n)
					}
					if after := servertest.Bodies(d.Dump(t, gc)); !maps.Equal(before, after) {
						t.Error("afterwards the messages are not the same")
					}
					if o := f.outcome(); o.open != 0 || o.states["file"]["confirmed"] != n || o.states["mark"]["confirmed"] != n {
						t.Errorf("in the end: %s", o)
					}
					t.Logf("%d of %d were filed before the end", done, n)
				})
			}
		}
	}
}

// filedOf counts invoices that are filed and marked, and holds that no other is
// where it should not be.
func filedOf(t *testing.T, d *servertest.DovecotServer) (n int) {
	t.Helper()
	for box, list := range d.Dump(t, gc) {
		for _, m := range list {
			switch {
			case box == "Billing/Acme/10042-0070" && slices.Contains(m.Flags, "lx-4"):
				n++
			case box != "INBOX":
				t.Errorf("in %s %v", box, m.Flags)
			}
		}
	}
	return n
}

// smallDisk mounts one of its own under the state folder, runs the daemon once,
// and fills the disk.
func smallDisk(t *testing.T, f *firm, room int) (func() *running, func()) {
	t.Helper()
	dir := filepath.Join(f.dir, "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m,mode=700")
	if errors.Is(err, os.ErrPermission) {
		t.Skip("only root may mount; the limit on files shows the same: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	f.once()
	filler := filepath.Join(dir, "filler")
	file, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 64 << 10, 4 << 10} {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
	if err := file.Truncate(int64(fileSize(t, filler) - room)); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	return func() *running { return f.start() }, func() {
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	}
}

func fileSize(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}

// fileLimit starts the daemon so that no file of it may grow much more.
func fileLimit(t *testing.T, f *firm, room int) (func() *running, func()) {
	t.Helper()
	f.once()
	return func() *running {
		return f.startAs(func(cmd *exec.Cmd) {
			limit := fileSize(t, filepath.Join(f.dir, "state", "journal.db"))/512 + room/512
			script := fmt.Sprintf(`ulimit -f %d; exec "$@"`, limit)
			cmd.Args = append([]string{"sh", "-c", script, "sh"}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
			cmd.Path = "/bin/sh"
		})
	}, func() {}
}
