package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"chancery/internal/servertest"
)

// longMessage is how long the longest message is, and longMemory how much more
// memory it may cost, in MiB.
const longMessage, longMemory = 100 << 20, 16

// longMail is a message of 100 MB: an attachment below a few words, or words all
// the way.
func longMail(kind, id string) []byte {
	var b bytes.Buffer
	b.Grow(longMessage + 4096)
	fmt.Fprintf(&b, "From: Dana Counsel <dana@counsel.example>\r\nTo: gc@firm.example\r\nDate: Mon, 16 Nov 2026 10:00:00 -0500\r\n"+
		"Message-ID: <%s@counsel.example>\r\nSubject: Privileged and confidential: %s\r\nMIME-Version: 1.0\r\n", id, id)
	if kind == "text" {
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n")
		for i := 0; b.Len() < longMessage; i++ {
			fmt.Fprintf(&b, "Line %d of the minutes, in which the parties said what they always say.\r\n", i)
		}
		return b.Bytes()
	}
	b.WriteString("Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\nContent-Type: text/plain\r\n\r\nSee attached.\r\n" +
		"--part\r\nContent-Type: application/pdf; name=minutes.pdf\r\nContent-Disposition: attachment; filename=minutes.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	piece := make([]byte, 57)
	for i := 0; b.Len() < longMessage; i++ {
		copy(piece, fmt.Sprint(i))
		b.WriteString(base64.StdEncoding.EncodeToString(piece) + "\r\n")
	}
	b.WriteString("--part--\r\n")
	return b.Bytes()
}

// memoryOf lets a daemon at rest meet a long message, and returns the highest
// resident memory from then on less what it was, in MiB.
func memoryOf(t testing.TB, kind string) float64 {
	t.Helper()
	d := servertest.Dovecot(t, servertest.DovecotOptions{})
	f := newFirm(t, d, nil)
	c := d.Client(t, gc)
	// First a short one, so that what is made once is there before.
	c.Append("INBOX", mail("first", "Privileged and confidential: first", "x"))
	r := f.start()
	marked := func(subject string) func() bool {
		return func() bool {
			for _, p := range c.OK("UID SEARCH KEYWORD lx-1 SUBJECT " + subject) {
				if strings.HasPrefix(p.Text, "* SEARCH ") {
					return true
				}
			}
			return false
		}
	}
	c.OK("SELECT INBOX")
	await(t, "the short message", marked("first"))
	await(t, "rest", func() bool {
		out, _ := f.cli("status")
		return strings.Count(out, "following") == 2
	})
	pid := r.cmd.Process.Pid
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		servertest.Missing(t, "a system that counts peaks of memory: "+err.Error())
	}
	before := statusKiB(pid, "VmRSS:")
	c.Append("INBOX", longMail(kind, kind))
	await(t, "the long message", marked(kind))
	peak := statusKiB(pid, "VmHWM:")
	if err := r.stop(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, r.log())
	}
	return float64(peak-before) / 1024
}

// A message of 100 MB costs the running daemon 16 MiB at most.
func TestLongMessage(t *testing.T) {
	for _, kind := range []string{"attachment", "text"} {
		t.Run(kind, func(t *testing.T) {
			if more := memoryOf(t, kind); more > longMemory {
				t.Errorf("%.1f MiB more, want %d at most", more, longMemory)
			} else {
				t.Logf("%.1f MiB more", more)
			}
		})
	}
}

// BenchmarkLongMessage reports how much more.
func BenchmarkLongMessage(b *testing.B) {
	for _, kind := range []string{"attachment", "text"} {
		b.Run(kind, func(b *testing.B) {
			worst := 0.0
			for b.Loop() {
				worst = max(worst, memoryOf(b, kind))
			}
			b.ReportMetric(worst, "more-MiB")
		})
	}
}
