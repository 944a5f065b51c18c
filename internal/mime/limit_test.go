package mime

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
)

// Each limit is tried just below, at and just above.
func TestLimits(t *testing.T) {
	nested := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String() + "\ndeep\n"
	}
	parts := func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", n-1) + "--b--\n"
	}
	fields := func(n int) string { return strings.Repeat("X-A: b\n", n-1) + "Subject: s\n\nbody" }
	for name, c := range map[string]struct {
		limit int
		make  func(n int) string
		code  string
	}{
		"depth":         {MaxDepth, nested, "depth"},
		"parts":         {MaxParts, parts, "parts"},
		"header fields": {MaxFields, fields, "header-fields"},
		"addresses":     {MaxAddresses, func(n int) string { return "To: " + strings.Repeat("a@b.example,", n) + "\n\n" }, "addresses"},
		"two fields":    {MaxAddresses, func(n int) string { return "To: a@b.example\nCc: " + strings.Repeat("a@b.example,", n-1) + "\n\n" }, "addresses"},
		"references":    {MaxIDs, func(n int) string { return "References: " + strings.Repeat("<a@b.example> ", n) + "\n\n" }, "references"},
		"parameters":    {MaxParams, func(n int) string { return "Content-Type: text/plain" + strings.Repeat("; a=b", n) + "\n\n" }, "params"},
		"header size":   {MaxHeader, func(n int) string { return "Subject:" + strings.Repeat("x", n) + "\n\n" }, "header-size"},
		"file name": {MaxName, func(n int) string {
			return "Content-Disposition: attachment; filename=" + strings.Repeat("x", n) + "\n\n"
		}, "name-size"},
	} {
		t.Run(name, func(t *testing.T) {
			for n := c.limit - 1; n <= c.limit+1; n++ {
				b := []byte(c.make(n))
				m := Read(b)
				if got := slices.Contains(m.Problems, c.code); got != (n > c.limit) {
					t.Errorf("%d: problems %q", n, m.Problems)
				}
				checkLaws(t, b, m)
			}
		})
	}
}

func TestKeptOctetsAreBounded(t *testing.T) {
	part := func(head string, n int) string { return "--b\n" + head + "\n\n" + strings.Repeat("xyz \xfc\n", n/6) }
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
	for range 8 {
		b.WriteString(part("Content-Type: text/plain; charset=iso-8859-1", 2*MaxText))
	}
	for range 20 {
		b.WriteString(part("Content-Type: application/pdf", 2*MaxHead))
	}
	for range 20 { // attached messages keep their own beginning too
		b.WriteString("--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n-")
		b.WriteString(part("Content-Type: application/pdf", 2*MaxHead))
	}
	m := Read([]byte(b.String() + "--b--\n"))
	texts, heads := 0, 0
	for _, p := range m.Parts {
		texts += len(p.Text)
		if !p.Cut {
			t.Error("a part is not marked as cut")
		}
	}
	for _, f := range m.Files {
		heads += len(f.Head)
		if !f.Cut || f.Size < MaxHead {
			t.Errorf("file: size %d, cut %v", f.Size, f.Cut)
		}
	}
	if texts > MaxTexts || texts < MaxTexts-8 || heads != MaxHeads || kept(m) > maxKept {
		t.Errorf("kept %d octets of text and %d of files, %d in all", texts, heads, kept(m))
	}
	checkText(t, m)
}

func TestReceivedIsKeptTwentyTimes(t *testing.T) {
	m := Read([]byte(strings.Repeat("Received: from x\n", 50) + "\n"))
	if n := len(m.Header["Received"]); n != MaxRepeats {
		t.Errorf("%d", n)
	}
}

// hostile is what a sender can write in a few megabytes to cost more than any
// other few megabytes: each of these was quadratic in some program.
func hostile(scale int) map[string]string {
	many := func(s string, n int) string { return strings.Repeat(s, n*scale/4) }
	deep := func() string {
		var b strings.Builder
		for i := range 20000 {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String()
	}
	return map[string]string{
		"deep multiparts":         deep(),
		"deep messages":           many("Content-Type: message/rfc822\n\n", 100000),
		"one boundary, deep":      many("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 100000),
		"boundary-like lines":     nestedBoundaries() + many("--"+many("b", 900)+"x\n", 4000),
		"delimiters":              "Content-Type: multipart/mixed; boundary=b\n\n" + many("--b\n", 1<<20),
		"folded field":            "Subject: x\n" + many(" y\n", 1<<20),
		"empty folds":             "X-Mailer: a" + many(" ", 200000) + "\nSubject:\n" + many(" \n", 1<<20),
		"fields":                  many("X: y\n", 1<<20),
		"addresses":               "To: " + many("a@b.example, ", 1<<20),
		"address words":           "From: " + many("a ", 100000) + "\nTo: " + many("@", 50000) + "\nCc: " + many(`"`, 50001),
		"open comments":           "From: " + many("(", 200000),
		"open angles":             "From: " + many("<", 200000),
		"groups":                  "To: " + many("a:", 100000),
		"routes":                  "To: <" + many("@a,", 60000) + ":b@c.example>",
		"literals":                "To: " + many("a@[", 80000),
		"encoded words":           "Subject: " + many("=?utf-8?q?a?= ", 1<<18),
		"words without end":       "Subject: " + many("=?utf-8?q?a", 1<<16),
		"word beginnings":         "Subject: " + many("=?", 1<<17),
		"continuations":           "Content-Type: text/plain" + continuations(1<<20),
		"quotes in parameters":    "Content-Disposition: attachment; filename=\"" + many(`\"`, 1<<20),
		"parameter signs":         "Content-Type: text/plain; " + many("a=", 1<<17),
		"references":              "References: " + many("<a", 1<<17) + "\nIn-Reply-To: " + many(">", 1<<16),
		"labels":                  "Msip_Labels: " + many("MSIP_Label_;", 1<<14),
		"one long line":           "Subject: x\n\n" + many("x", 8<<20),
		"long quoted line":        "Content-Transfer-Encoding: quoted-printable\n\n" + many("=", 4<<20),
		"trailing white space":    "Content-Transfer-Encoding: quoted-printable\n\n" + many(" ", 4<<20),
		"CR only":                 many("a\r", 4<<20),
		"CR in a long line":       "Subject: x\n\n" + many("\r", 4<<20),
		"uuencode":                "Content-Transfer-Encoding: x-uue\n\nbegin 644 x\n" + many("M\n", 1<<20),
		"padding":                 "Content-Transfer-Encoding: base64\n\n" + many("A=", 2<<20),
		"stateful charset":        "Content-Type: text/plain; charset=iso-2022-jp\n\n" + many("\x1b$B", 1<<20),
		"hostless line":           many(":", 4<<20),
		"dashes":                  "Content-Type: multipart/mixed; boundary=\"" + many("-", 900) + "\"\n\n" + many("-", 4<<20),
		"lines that are no field": many("a", 300) + "\n" + many("b\n", 1<<20),
	}
}

func TestHostileMailIsReadInLinearTime(t *testing.T) {
	for name, in := range hostile(4) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), watchdog)
			defer cancel()
			done := make(chan model.Mail, 1)
			go func() { done <- Read([]byte(in)) }()
			select {
			case m := <-done:
				if n := kept(m); n > maxKept {
					t.Errorf("keeps %d octets", n)
				}
				checkText(t, m)
			case <-ctx.Done():
				t.Fatalf("%d octets are not read after %v", len(in), watchdog)
			}
		})
	}
}

// nestedBoundaries opens twenty multiparts whose boundaries differ at the end only.
func nestedBoundaries() string {
	var b strings.Builder
	for i := range MaxDepth {
		boundary := strings.Repeat("b", 900) + string(rune('A'+i))
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%s\n\n--%s\n", boundary, boundary)
	}
	return b.String() + "\n"
}

func continuations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";\n name*%d=x", i)
	}
	return b.String() + "\n\n"
}
