package rules

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/config"
	"chancery/internal/mime"
	"chancery/internal/model"
)

// An attack is a message, as octets, and the conditions that meet it.
type attack struct {
	name string
	raw  func() []byte
	when []string
	let  []config.Let
	cost bool // the rule must be stopped by its cost
}

const mailHead = "From: a@bar.example\r\nTo: gc@firm.example\r\nSubject: x\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\nMessage-ID: <h@bar.example>\r\n"

func addressed(n int, tail string) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@bar.example\r\nSubject: x\r\nTo: ")
	for i := range n {
		if i > 0 {
			b.WriteString(",\r\n ")
		}
		fmt.Fprintf(&b, "a%d@b%d.example", i, i%977)
	}
	b.WriteString("\r\n" + tail)
	return b.Bytes()
}

func nested(depth int) []byte {
	var b strings.Builder
	b.WriteString(mailHead)
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\r\n\r\nattorney-client\r\n")
	for i := depth - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return []byte(b.String())
}

func bodyOf(s string) func() []byte { return func() []byte { return []byte(mailHead + "\r\n" + s) } }

// packedMail has ten files of which each unpacks to fifty million octets.
func packedMail() []byte {
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for _, name := range []string{"word/document.xml", "word/header1.xml"} {
		f, _ := w.Create(name)
		_, _ = f.Write([]byte("<d>" + strings.Repeat("<p>", 90)))
		for range 400 {
			_, _ = f.Write(bytes.Repeat([]byte("<r/><t>&amp;&#65;</t>"), 4000))
		}
	}
	_ = w.Close()
	one := base64.StdEncoding.EncodeToString(z.Bytes())
	var b strings.Builder
	b.WriteString(mailHead + "Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for i := range 12 {
		fmt.Fprintf(&b, "--b\r\nContent-Type: application/octet-stream; name=\"%d.docx\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", i)
		for s := one; s != ""; s = s[min(76, len(s)):] {
			b.WriteString(s[:min(76, len(s))] + "\r\n")
		}
	}
	b.WriteString("--b--\r\n")
	return []byte(b.String())
}

// bigFiles has three files of 20 MB of words.
func bigFiles() []byte {
	line := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("work product ", 4)+"and")) + "\r\n"
	var b strings.Builder
	b.WriteString(mailHead + "Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for range 3 {
		b.WriteString("--b\r\nContent-Type: application/octet-stream; name=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(line, 20<<20/55))
	}
	return []byte(b.String() + "--b--\r\n")
}

func longText() string {
	return strings.Repeat("attorney-client 12345.001 severance aaaaaaaaaaaaaaaaaaaaaaaa ", 1<<18/60)
}

func attacks() []attack {
	const people = 5000 // as many as are read
	toAll := func() []byte { return addressed(people, "\r\n"+longText()) }
	return []attack{
		{name: "addresses=1000000", raw: func() []byte { return addressed(1_000_000, "\r\nx") }, when: []string{everything}},
		{name: "multiparts=5000", raw: func() []byte { return nested(5000) }, when: []string{everything}},
		{name: "line=10MB", raw: bodyOf(strings.Repeat("attorney-client ", 10<<20/16)), when: []string{everything}},
		{name: "subject=10MB", raw: func() []byte {
			return []byte("Subject: " + strings.Repeat("work product ", 10<<20/13) + "\r\n" + mailHead + "\r\nx")
		}, when: []string{everything}},
		{name: "encoded-words=10MB", raw: func() []byte {
			return []byte("Subject: " + strings.Repeat("=?utf-8?b?d29yayBwcm9kdWN0?= ", 10<<20/30) + "\r\n" + mailHead + "\r\nx")
		}, when: []string{everything}},
		{name: "html=10MB", raw: func() []byte {
			return []byte(mailHead + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<div><b a='", 10<<20/11))
		}, when: []string{everything}},
		{name: "quotes=10MB", raw: bodyOf(strings.Repeat("> > > On Mon, a@b.example wrote:\r\n", 10<<20/34)), when: []string{everything}},
		{name: "regex=backtracking", raw: bodyOf(longText()), when: []string{`msg.text.matches("(a+)+$")`, `msg.text.matches("(a|aa)*b$")`, `msg.text.matches("^(([a-z])+.)+[A-Z]([a-z])+$")`}},
		{name: "regex=repeats", raw: bodyOf(longText()), when: []string{`msg.text.matches("((a{0,30}){0,30})$")`, `msg.text.matches("(?i)(.*.*.*)*x{900}$")`}},
		{name: "cel=text-in-loop", raw: toAll, when: []string{`msg.rcpts.exists(a, msg.text.contains(a))`}, cost: true},
		{name: "cel=regex-in-loop", raw: toAll, when: []string{`msg.rcpts.exists(a, msg.text.matches("(?i)(a+)+$" + a))`}, cost: true},
		{name: "cel=text-joined-in-loop", raw: toAll, when: []string{`msg.rcpts.map(a, msg.text + a).size() == 0`}, cost: true},
		{name: "cel=text-doubled", raw: bodyOf(longText()), let: doubling(12), when: []string{`t12 == "x"`}, cost: true},
		{name: "cel=lists-doubled", raw: toAll, let: listing(8), when: []string{`l8.exists(a, a == "x")`}, cost: true},
		{name: "cel=look-alikes", raw: toAll, when: []string{`msg.rcpts.exists(a, a.looks_like(lists.counsel))`}},
		{name: "files=packed", raw: packedMail, when: []string{`terms.privilege.within("file")`, `msg.files.exists(f, f.text.contains("never"))`}},
		{name: "files=60MB", raw: bigFiles, when: []string{`terms.privilege.within("file")`, `msg.files.exists(f, f.text.contains("never"))`}},
	}
}

// doubling names a text that is doubled again and again.
func doubling(n int) []config.Let {
	lets := []config.Let{{Name: tx("t0"), Expr: ex(`msg.text`)}}
	for i := range n {
		lets = append(lets, config.Let{Name: tx(fmt.Sprintf("t%d", i+1)), Expr: ex(fmt.Sprintf("t%d + t%d", i, i))})
	}
	return lets
}

func listing(n int) []config.Let {
	lets := []config.Let{{Name: tx("l0"), Expr: ex(`msg.rcpts`)}}
	for i := range n {
		lets = append(lets, config.Let{Name: tx(fmt.Sprintf("l%d", i+1)), Expr: ex(fmt.Sprintf("l%d + l%d", i, i))})
	}
	return lets
}

func (a attack) set(t testing.TB) *Set {
	rules := []config.MailRule{mailRule("good", 1, `msg.size > 0`, mark("billing"))}
	for i, when := range a.when {
		r := mailRule(fmt.Sprintf("bad%d", i), 2+i, when, mark("privileged"))
		r.Let = a.let
		rules = append(rules, r)
	}
	return compiled(t, office(rules...))
}

// plan is what becomes of the octets.
func (a attack) plan(s *Set, raw []byte) model.Plan {
	mail := mime.ReadFor(raw, s.Need(), nil)
	ref := model.Ref{Source: "gc-mail", Mailbox: "INBOX", UIDValidity: 1, UID: 1}
	msg := &model.Message{Ref: ref, Ident: "i", Arrived: now, Size: int64(len(raw)), Body: model.Hide(mail)}
	return s.Decide(model.Change{Op: model.Put, Ref: ref, Ident: "i", Message: msg}, model.View{Now: now})
}

// peak runs do and returns the most memory that objects took beyond before, with
// what nobody had collected yet.
func peak(do func()) (octets int64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before := read()
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for tick := time.NewTicker(time.Millisecond); ; {
			octets = max(octets, read()-before)
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	})
	do()
	octets2 := read() - before
	close(done)
	wg.Wait()
	return max(octets, octets2)
}

// What is sent to hurt costs bounded memory, the rule that it meets ends, and the
// rule beside it acts.
func TestAttacks(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			s, raw := a.set(t), a.raw()
			var plan model.Plan
			if used := peak(func() { plan = a.plan(s, raw) }) >> 20; used > 96 {
				t.Errorf("%d MiB", used)
			}
			got := shape(plan)
			if !strings.Contains(got, "good:mark billing") {
				t.Errorf("the harmless rule does not act: %s", got)
			}
			if stopped := strings.Contains(got, whatCost); stopped != a.cost {
				t.Errorf("stopped by its cost: %v, want %v: %s", stopped, a.cost, got)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for _, a := range attacks() {
		b.Run("case="+a.name, func(b *testing.B) {
			s, raw := a.set(b), a.raw()
			most := int64(0)
			for b.Loop() {
				most = max(most, peak(func() { a.plan(s, raw) }))
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms")
			b.ReportMetric(float64(most)/(1<<20), "MiB")
		})
	}
}
