package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"chancery/internal/servertest"
)

// rulesOfFiles mark what was read of files, and what became of those that were not.
const rulesOfFiles = `version: 1
defaults: {mode: enforce, folders: [INBOX]}
terms:
  eyes_only: [attorneys' eyes only]
marks:
  eyes: {keyword: lx-31}
  slow: {keyword: lx-32}
  broken: {keyword: lx-33}
mail:
  - {name: eyes, when: 'terms.eyes_only.within("file")', then: [mark: eyes]}
  - {name: slow, when: 'msg.files.exists(f, f.unread == "pdf-time")', then: [mark: slow]}
  - {name: broken, when: 'msg.files.exists(f, f.unread == "broken")', then: [mark: broken]}
`

// withFile is a mail about nothing with one PDF.
func withFile(name string, content []byte) billLetter {
	return billLetter{name: name, date: hoursAgo(1), from: "Clerk <clerk@court.example>", subject: "Exhibit " + name,
		text: "Attached.\n", files: []billFile{{name + ".pdf", "application/pdf", content}}}
}

var eyesOnly = pdfOf("HIGHLY SENSITIVE\nATTORNEYS' EYES ONLY\nSchedule of payments")

// notPDF begins like one.
var notPDF = []byte("%PDF-1.7\n1 0 obj <</Kids [1 0 R]>>")

// readers are the processes of a daemon that read PDFs.
func readers(t testing.TB, daemon int) (out []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		fields := strings.Fields(rest)
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(daemon) && strings.HasSuffix(string(line), "\x00pdf-reader\x00") {
			out = append(out, pid)
		}
	}
	return out
}

// over reports whether a process runs no more; who adopted it may be slow to look.
func over(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}

// hasQuestion reports whether a daemon has asked something that its reader, which was
// stopped, has not read yet: a pipe of the daemon is not empty. The reader's own end
// cannot be looked at, as it hides.
func hasQuestion(daemon int) bool {
	all, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", daemon))
	if err != nil {
		return false
	}
	for _, path := range all {
		if to, err := os.Readlink(path); err != nil || !strings.HasPrefix(to, "pipe:") || len(filepath.Base(path)) == 1 && filepath.Base(path) < "3" {
			continue // its log is a pipe too
		}
		pipe, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		n, err := unix.IoctlGetInt(int(pipe.Fd()), unix.TIOCINQ)
		_ = pipe.Close()
		if err == nil && n > 0 {
			return true
		}
	}
	return false
}

// filesFirm follows mail with rules about files alone: no rule looks at bills.
func filesFirm(t testing.TB, d *servertest.DovecotServer) *firm {
	t.Helper()
	f := newFirm(t, d, nil)
	f.write("rules.d/10.yaml", rulesOfFiles)
	return f
}

// marked are the keywords of a mail, "" before it was decided.
func marked(t testing.TB, d *servertest.DovecotServer, user string, l billLetter) string {
	t.Helper()
	return where(t, d, user)[l.subject]
}

// hang stops the reader of a daemon, once there is one that is warm.
func (r *running) hang(f *firm) (pid int) {
	r.t.Helper()
	warm := withFile("warm", eyesOnly)
	deliverBills(r.t, f.dovecot, warm)
	await(r.t, "the first PDF", func() bool { return strings.Contains(marked(r.t, f.dovecot, gc, warm), "lx-31") })
	pids := readers(r.t, r.cmd.Process.Pid)
	if len(pids) != 1 {
		r.t.Fatalf("%d readers", len(pids))
	}
	if err := syscall.Kill(pids[0], syscall.SIGSTOP); err != nil {
		r.t.Fatal(err)
	}
	return pids[0]
}

// Invoices that are nothing but a PDF, or an e-invoice inside one, are read, filed and
// remembered with the shipped rules; one that is broken costs nobody anything.
func TestPDFInvoices(t *testing.T) {
	d, dav := servertest.Dovecot(t, servertest.DovecotOptions{}), servertest.Radicale(t)
	f := billingFirm(t, d, dav)
	now := time.Now()
	dated, due := now.AddDate(0, 0, -2), now.AddDate(0, 0, 40)
	plain := liveBill(1, 30)
	plain.subject, plain.text = "Your statement from North Counsel", "Please see attached.\n"
	plain.files = []billFile{pdfFile("scan0001.pdf", "North Counsel LLP\nInvoice no. 88041\nInvoice date: "+dated.Format("January 2, 2006")+
		"\nMatter 10042.0071\nProfessional services rendered\n\nTotal due: $12,345.67\nDue date: "+due.Format("January 2, 2006"))}
	hybrid := liveBill(2, 30)
	hybrid.name, hybrid.subject, hybrid.text, hybrid.from = "hybrid", "Rechnung", "Anbei unsere Rechnung.\n", "Datenraum <rechnung@datenraum.example>"
	hybrid.files = []billFile{{"rechnung.pdf", "application/pdf", pdfHolding("factur-x.xml",
		ciiOf("R-2201", dated.Format(time.DateOnly), due.Format(time.DateOnly), "EUR", "571.04", "10055.0001"), "Rechnung", "Seite 2")}}
	broken := liveBill(3, 30)
	broken.files = []billFile{{"bill.pdf", "application/pdf", notPDF}}
	deliverBills(t, d, broken, plain, hybrid)
	f.once()
	for _, want := range []struct{ name, number, amount, currency, date, due, matter, box string }{
		{plain.name, "88041", "12345.67", "USD", dated.Format(time.DateOnly), due.Format(time.DateOnly), "10042.0071", "Billing/Acme Robotics/10042-0071"},
		{hybrid.name, "R-2201", "571.04", "EUR", dated.Format(time.DateOnly), due.Format(time.DateOnly), "10055.0001", "Billing/Blue Heron Foods/10055-0001"},
		{broken.name, "60003", "1411.03", "USD", now.Format(time.DateOnly), now.AddDate(0, 0, 30).Format(time.DateOnly), "10042.0070", "Billing/Acme Robotics/10042-0070"},
	} {
		b := f.bill(want.name)
		got := []string{b["number"], b["amount"], b["currency"], b["date"], b["due"], b["matter"]}
		if fmt.Sprint(got) != fmt.Sprint([]string{want.number, want.amount, want.currency, want.date, want.due, want.matter}) {
			t.Errorf("%s: %v, want %v\n%v", want.name, got, want, b)
		}
	}
	got := where(t, d, gc)
	for l, box := range map[*billLetter]string{&plain: "Billing/Acme Robotics/10042-0071", &hybrid: "Billing/Blue Heron Foods/10055-0001", &broken: "Billing/Acme Robotics/10042-0070"} {
		if !strings.HasPrefix(got[l.subject], box+" [") {
			t.Errorf("%s: %s, want %s", l.name, got[l.subject], box)
		}
	}
	for _, number := range []string{"88041", "R-2201"} {
		if day, want := f.dueDateOf(number), businessBefore(due, 3); day != want {
			t.Errorf("%s is due on %q, want %s", number, day, want)
		}
	}
}

// A PDF at which the reader hangs has its code after its time; the mail behind it is
// read by another reader, other accounts do not wait, and words in PDFs are found where
// no rule looks at bills.
func TestAPDFThatHangs(t *testing.T) {
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := filesFirm(t, d)
	r := f.start()
	stuck := r.hang(f)
	slow, behind, bad := withFile("slow", eyesOnly), withFile("behind", eyesOnly), withFile("bad", notPDF)
	deliverBills(t, d, slow)
	await(t, "the question", func() bool { return hasQuestion(r.cmd.Process.Pid) })
	deliverBills(t, d, behind, bad)
	other := withFile("other", eyesOnly)
	c := d.Client(t, pa)
	c.Append("INBOX", other.raw())
	c.Close()
	await(t, "the mail of the other account", func() bool { return strings.Contains(marked(t, d, pa, other), "lx-31") })
	await(t, "the mail behind it", func() bool {
		return strings.Contains(marked(t, d, gc, behind), "lx-31") && strings.Contains(marked(t, d, gc, bad), "lx-33")
	})
	if got := marked(t, d, gc, slow); !strings.Contains(got, "lx-32") || strings.Contains(got, "lx-31") {
		t.Errorf("what hung: %s", got)
	}
	if !over(stuck) {
		t.Error("what hung is left")
	}
	left := readers(t, r.cmd.Process.Pid)
	if out, code := f.cli("reload"); code != 0 {
		t.Errorf("reload: exit %d\n%s", code, out)
	}
	if now := readers(t, r.cmd.Process.Pid); len(left) > 2 || len(now) > len(left) {
		t.Errorf("%d readers, %d after a reload", len(left), len(now))
	}
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, r.log())
	}
	for _, pid := range left {
		if !over(pid) {
			t.Error("a reader outlives the daemon")
		}
	}
}

// Whoever stops the daemon, or kills it, while a PDF hangs leaves no reader behind, and
// the mail is read by the next daemon as if nothing had been.
func TestStoppedWhileAPDFHangs(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			d := servertest.Dovecot(t, servertest.DovecotOptions{})
			f := filesFirm(t, d)
			r := f.start()
			stuck := r.hang(f)
			l := withFile("next", eyesOnly)
			deliverBills(t, d, l)
			await(t, "the question", func() bool { return hasQuestion(r.cmd.Process.Pid) })
			begun := time.Now()
			err := r.stop(signal)
			t.Logf("%v after the signal", time.Since(begun).Round(time.Millisecond))
			if signal == syscall.SIGTERM && err != nil {
				t.Errorf("%v\n%s", err, r.log())
			}
			await(t, "the end of the reader", func() bool { return over(stuck) })
			if err := syscall.Kill(stuck, 0); signal == syscall.SIGTERM && !errors.Is(err, syscall.ESRCH) {
				t.Error("the daemon did not wait for the end of its reader")
			}
			f.once()
			if got := marked(t, d, gc, l); !strings.Contains(got, "lx-31") || strings.Contains(got, "lx-32") {
				t.Errorf("in the end: %s", got)
			}
		})
	}
}
