package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"chancery/internal/servertest"
)

// hibernating lets Dovecot announce new mail at once. As it is installed it waits
// half a second after the first sign of a change; a connection that rests in its
// process for hibernation is woken without that wait.
const hibernating = `
service imap {
  unix_listener imap-master {
    mode = 0666
  }
}
service imap-hibernate {
  unix_listener imap-hibernate {
    mode = 0666
  }
}
imap_hibernate_timeout = 1s
`

// BenchmarkPush drops mail into mailboxes that the daemon follows and lets a
// second client look when the keyword is there (p50, p99). A third, which does
// nothing but IDLE, tells when the server announced the mail (heard): the rest is
// ours.
func BenchmarkPush(b *testing.B) {
	for _, c := range []struct {
		name, extra string
		way         delivery
		mails       int
	}{
		{"server=hibernating/by=append/mails=500", hibernating, byAppend, 500},
		{"server=hibernating/by=maildir/mails=500", hibernating, byMaildir, 500},
		{"server=as-installed/by=append/mails=100", "", byAppend, 100},
		{"server=as-installed/by=maildir/mails=100", "", byMaildir, 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := servertest.Dovecot(b, servertest.DovecotOptions{Extra: c.extra, Max: 200})
			o := newPushOffice(b, d, 20)
			for b.Loop() {
				var seen, heard, ours []time.Duration
				for i := range c.mails {
					s, h := o.mail(i, c.way)
					seen, heard, ours = append(seen, s), append(heard, h), append(ours, s-h)
				}
				for name, all := range map[string][]time.Duration{"": seen, "heard-": heard, "ours-": ours} {
					slices.Sort(all)
					b.ReportMetric(ms(all[len(all)/2]), name+"p50-ms")
					b.ReportMetric(ms(all[len(all)*99/100]), name+"p99-ms")
				}
				b.ReportMetric(0, "ns/op")
			}
			_ = o.run.stop(syscall.SIGTERM)
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// pushOffice is a daemon that follows many mailboxes.
type pushOffice struct {
	*firm
	run   *running
	desks []*pushDesk
	last  time.Time
}

// pushDesk is one mailbox and who looks at it.
type pushDesk struct {
	user              string
	writer, looker    *servertest.RawIMAP
	announced         chan time.Time // by a client that does nothing but IDLE
	mails, delivering int
}

func newPushOffice(b *testing.B, d *servertest.DovecotServer, n int) *pushOffice {
	f := &firm{t: b, dir: b.TempDir(), dovecot: d}
	o := &pushOffice{firm: f}
	var text strings.Builder
	fmt.Fprintf(&text, "version: 1\nstate: {dir: %s}\naccounts:\n", filepath.Join(f.dir, "state"))
	password := f.secret(servertest.DovecotPassword)
	for i := range n {
		user := "u" + strconv.Itoa(i)
		fmt.Fprintf(&text, "  - {name: %s, imap: {host: 127.0.0.1, port: %d, ca_file: %s, user: %s, password: {file: %s}, first_sync: apply, grace: 0s}}\n",
			user, d.TLS, d.CAFile, user, password)
		desk := &pushDesk{user: user, writer: d.Client(b, user), looker: d.Client(b, user), announced: make(chan time.Time, 100)}
		o.desks = append(o.desks, desk)
		desk.looker.OK("SELECT INBOX")
		bare := d.Client(b, user)
		bare.OK("SELECT INBOX")
		conn, br := bare.Conn()
		_ = conn.SetDeadline(time.Time{})
		_, _ = fmt.Fprint(conn, "i IDLE\r\n")
		go desk.listen(br)
	}
	f.write("chancery.yaml", text.String())
	f.write("rules.d/10.yaml", rulesOfFirm)
	f.write("matters.csv", mattersOfFirm)
	o.run = f.start()
	await(b, "all are followed", func() bool {
		out, _ := f.cli("status")
		return strings.Count(out, "following") == n
	})
	time.Sleep(3 * time.Second) // all IDLEs have fallen asleep, where they do
	for i := range o.desks {
		o.mail(i, byAppend) // all are there
	}
	return o
}

// listen notes when the server speaks of new mail, until the connection ends.
func (p *pushDesk) listen(br *bufio.Reader) {
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasSuffix(line, " EXISTS\r\n") {
			p.announced <- time.Now()
		}
	}
}

// spacing is the time between two mails; each of twenty mailboxes gets one every
// two seconds.
const spacing = 100 * time.Millisecond

type delivery func(o *pushOffice, p *pushDesk, text []byte)

// mail delivers one message and tells how long after it lay in the mailbox its
// keyword was there, and how long after it was announced.
func (o *pushOffice) mail(i int, deliver delivery) (seen, heard time.Duration) {
	o.t.Helper()
	time.Sleep(time.Until(o.last.Add(spacing)))
	o.last = time.Now()
	p := o.desks[i%len(o.desks)]
	for len(p.announced) > 0 {
		<-p.announced
	}
	p.mails++
	text := mail(fmt.Sprintf("push%d", i), "Privileged and confidential: "+strconv.Itoa(i), "x")
	deliver(o, p, text)
	began := time.Now()
	ask := fmt.Sprintf("UID SEARCH UID %d KEYWORD lx-1", p.mails)
	want := fmt.Sprintf("* SEARCH %d", p.mails)
	for {
		p.looker.OK("NOOP")
		if slices.ContainsFunc(p.looker.OK(ask), func(r servertest.RawReply) bool { return r.Text == want }) {
			break
		}
		if time.Since(began) > time.Minute {
			raw, _ := os.ReadFile(filepath.Join(o.dovecot.Dir(), "dovecot.log"))
			out, _ := o.cli("status")
			o.t.Fatalf("no keyword on mail %d of %s\n%s\n%s\n%s", p.mails, p.user, o.run.log(), out, raw)
		}
		time.Sleep(time.Millisecond)
	}
	seen = time.Since(began)
	select {
	case at := <-p.announced:
		heard = at.Sub(began)
	case <-time.After(2 * time.Second):
		o.t.Fatalf("the server never announced mail %d of %s", p.mails, p.user)
	}
	return seen, heard
}

func byAppend(_ *pushOffice, p *pushDesk, text []byte) { p.writer.Append("INBOX", text) }

// byMaildir delivers as a local delivery agent does.
func byMaildir(o *pushOffice, p *pushDesk, text []byte) {
	o.t.Helper()
	box := filepath.Join(o.dovecot.Dir(), "mail", p.user, "Maildir")
	p.delivering++
	name := fmt.Sprintf("%d.%d.desk", time.Now().UnixNano(), p.delivering)
	tmp := filepath.Join(box, "tmp", name)
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		o.t.Fatal(err)
	}
	if info, err := os.Stat(box); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
			_ = os.Chown(tmp, int(st.Uid), int(st.Gid))
		}
	}
	if err := os.Rename(tmp, filepath.Join(box, "new", name)); err != nil {
		o.t.Fatal(err)
	}
}
