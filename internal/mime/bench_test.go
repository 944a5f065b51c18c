package mime

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/internal/model"
)

// BenchmarkRead reads whole corpora and synthetic messages in the pieces of a
// network buffer.
func BenchmarkRead(b *testing.B) {
	for _, name := range []string{"enron-calo-maildir", "court-ecf-emails"} {
		b.Run("corpus="+name, func(b *testing.B) {
			var mails [][]byte
			for _, p := range corpusFiles(b, name, 1) {
				if ext := filepath.Ext(p); ext != ".json" && ext != ".html" && filepath.Base(p) != "LICENSE" {
					mails = append(mails, readFile(b, p))
				}
			}
			benchmarkMails(b, mails)
		})
	}
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("base64/size=%d", size), func(b *testing.B) {
			benchmarkMails(b, [][]byte{synthetic(size, "base64")})
		})
		b.Run(fmt.Sprintf("quoted-printable/size=%d", size), func(b *testing.B) {
			benchmarkMails(b, [][]byte{synthetic(size, "quoted-printable")})
		})
		b.Run(fmt.Sprintf("one-line/size=%d", size), func(b *testing.B) {
			benchmarkMails(b, [][]byte{[]byte("Subject: x\r\n\r\n" + strings.Repeat("x", size))})
		})
	}
}

func benchmarkMails(b *testing.B, mails [][]byte) {
	const buffer = 32 << 10
	var size int64
	for _, m := range mails {
		size += int64(len(m))
	}
	b.SetBytes(size / int64(len(mails)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m := mails[n%len(mails)]
		n++
		r := NewReader()
		for len(m) > 0 {
			k := min(len(m), buffer)
			_, _ = r.Write(m[:k])
			m = m[k:]
		}
		if mail := r.Close(true); mail.Header == nil && len(mail.Parts) == 0 && len(mail.Files) == 0 {
			b.Fatal("nothing was read")
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "msg/s")
}

// synthetic is a mail with one attachment of about size octets.
func synthetic(size int, enc string) []byte {
	var b bytes.Buffer
	b.WriteString("From: =?utf-8?q?J=C3=B6rg?= <joerg@firm.example>\r\nTo: gc@firm.example\r\nSubject: Invoice 42\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\nMessage-ID: <1@firm.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease find attached.\r\n--b\r\nContent-Type: application/pdf; name=\"invoice.pdf\"\r\nContent-Transfer-Encoding: " + enc + "\r\n\r\n")
	line := strings.Repeat("QUJD", 19) + "\r\n"
	if enc != "base64" {
		line = strings.Repeat("sch=C3=B6ne Gr=C3=BC=C3=9Fe ", 2) + "ende=\r\n"
	}
	b.WriteString(strings.Repeat(line, size/len(line)+1))
	b.WriteString("--b--\r\n")
	return b.Bytes()
}

// BenchmarkSlowest reads every corpus file and names the slowest per octet.
func BenchmarkSlowest(b *testing.B) {
	files := corpusFiles(b, "mime-permissive", 1)
	var worst time.Duration
	var name string
	for b.Loop() {
		worst = 0
		for _, p := range files {
			data := readFile(b, p)
			from := time.Now()
			Read(data)
			if d := time.Since(from); d > worst {
				worst, name = d, filepath.Base(p)
			}
		}
	}
	b.ReportMetric(float64(worst.Microseconds()), "us-worst")
	b.Logf("slowest: %s", name)
}

func BenchmarkCompose(b *testing.B) {
	n := model.NoteBody{MessageID: "<n@firm.example>", From: model.Address{Addr: "a@firm.example"}, To: model.Address{Addr: "b@firm.example"},
		Subject: "Two meetings overlap", Text: strings.Repeat("Grüße aus der Kanzlei\n", 50), HTML: strings.Repeat("<p>Grüße</p>\n", 50)}
	b.ReportAllocs()
	for b.Loop() {
		Compose(n, "tag")
	}
}
