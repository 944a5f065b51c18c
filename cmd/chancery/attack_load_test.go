package main

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

func (f *firm) socket() string { return filepath.Join(f.dir, "state", "control.sock") }

// The configuration is read again and again, accounts included, while mail
// arrives. None is missed, none is treated twice.
func TestReloadsWhileMailArrives(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	c := d.Client(t, gc)
	const rounds = 50
	polls := []string{"poll: 2s", "poll: 3s"}
	for i := range rounds {
		c.Append("INBOX", mail(fmt.Sprintf("i%d", i), fmt.Sprintf("Invoice %d for 10042.0070", i), "x"))
		f.write("rules.d/20.yaml", fmt.Sprintf("version: 1\nmail:\n  - name: extra-%d\n    when: msg.subject == \"x\"\n    then: [mark: billing]\n", i))
		if i%10 == 9 {
			f.edit("chancery.yaml", polls[i/10%2], polls[1-i/10%2])
		}
		if i%3 == 0 {
			_ = r.cmd.Process.Signal(syscall.SIGHUP)
			continue
		}
		if got, err := ask(t.Context(), f.socket(), "reload"); err != nil || got.Error != "" {
			t.Fatalf("reload %d: %v %s", i, err, got.Error)
		}
	}
	await(t, "all invoices", func() bool {
		n := 0
		for _, at := range where(t, d, gc) {
			if at == "Billing/Acme/10042-0070 [lx-4];" {
				n++
			}
		}
		return n == rounds
	})
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	if strings.Contains(r.log(), "taken over") || strings.Contains(r.log(), "refused") {
		t.Errorf("log:\n%s", r.log())
	}
	if out, code := f.cli("journal", "verify"); code != 0 {
		t.Errorf("verify: %s", out)
	}
}

// A program that connects and says nothing keeps nobody from asking.
func TestASilentClientBlocksNobody(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	for range 3 {
		c, err := net.Dial("unix", f.socket())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
	answered := make(chan error, 1)
	go func() {
		_, err := ask(t.Context(), f.socket(), "status")
		answered <- err
	}()
	select {
	case err := <-answered:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(waitLimit):
		t.Error("no answer")
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
}

// A reload that leaves one account without its certificate stops that account and
// no other.
func TestAReloadThatBreaksOneAccount(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	f.edit("chancery.yaml", d.CAFile+", user: "+pa, filepath.Join(f.dir, "missing.pem")+", user: "+pa)
	if out, code := f.cli("reload"); code != 0 {
		t.Errorf("reload: %s", out)
	}
	await(t, "the failure", func() bool { return strings.Contains(r.log(), "ca-file") })
	d.Client(t, gc).Append("INBOX", mail("1", secretMail, "x"))
	await(t, "the mark", func() bool { return strings.Contains(where(t, d, gc)[secretMail], "lx-1") })
	if out, _ := f.cli("status"); !strings.Contains(out, "ca-file") {
		t.Errorf("status does not tell:\n%s", out)
	}
}

func TestTwoDaemonsOnOneState(t *testing.T) {
	t.Parallel()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	r := f.start()
	await(t, "ready", func() bool { return strings.Contains(r.log(), "ready") })
	out, code := f.cli("run", "--once")
	if code == 0 || !strings.Contains(out, "already") && !strings.Contains(out, "in use") && !strings.Contains(out, "another") {
		t.Errorf("a second run: exit %d\n%s", code, out)
	}
	// The first one does not mind, nor does its control socket.
	if _, err := ask(t.Context(), f.socket(), "status"); err != nil {
		t.Error(err)
	}
	d.Client(t, gc).Append("INBOX", mail("1", secretMail, "x"))
	await(t, "the mark", func() bool { return strings.Contains(where(t, d, gc)[secretMail], "lx-1") })
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
}

// The service is stopped in the middle of much work: it ends soon, and what is
// left is done at the next start, once.
func TestStopInTheMiddle(t *testing.T) {
	for _, hide := range [][]string{nil, {"MOVE"}} {
		t.Run(fmt.Sprintf("without %v", hide), func(t *testing.T) {
			t.Parallel()
			d := servertest.Dovecot(t, servertest.DovecotOptions{Hide: hide})
			f := newFirm(t, d, nil)
			var all [][]byte
			n := 1500
			if hide != nil {
				n = 300
			}
			for i := range n {
				all = append(all, mail(fmt.Sprint(i), fmt.Sprintf("Invoice %d for 10042.0070", i), "x"))
			}
			c := d.Client(t, gc)
			c.Append("INBOX", all...)
			before := servertest.Bodies(d.Dump(t, gc))
			filed := func() int { return len(d.Dump(t, gc)["Billing/Acme/10042-0070"]) }
			stops := 0
			for filed() < n && stops < 20 {
				r := f.start()
				from := filed()
				await(t, "progress", func() bool { return filed() > from || strings.Contains(r.log(), "level=ERROR") })
				if got, err := ask(t.Context(), f.socket(), "status"); err != nil || len(got.Status) != 2 {
					t.Errorf("status while busy: %v %+v", err, got)
				}
				asked := time.Now()
				if err := r.stop(syscall.SIGTERM); err != nil {
					t.Errorf("SIGTERM: %v\n%s", err, r.log())
				}
				if took := time.Since(asked); took > time.Minute {
					t.Errorf("the service took %s to stop", took)
				}
				stops++
			}
			f.once()
			if got := filed(); got != n {
				t.Errorf("%d of %d filed", got, n)
			}
			if after := servertest.Bodies(d.Dump(t, gc)); !maps.Equal(before, after) {
				t.Error("the messages are not the same as before")
			}
			out, _ := f.cli("status")
			t.Logf("%d stops\n%s", stops, out)
		})
	}
}
