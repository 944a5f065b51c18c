package mime

import "testing"

// FuzzRead holds any octets against the laws of the package, the chunk law above
// all.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"Subject: x\r\n\r\nbody", "From a\nSubject: x\n\nbody", "a\rb\r\rc", ":", "--\n--\n",
		"Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\nx\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\nz\n--b--\nend",
		"Content-Type: text/html; charset=utf-7\nContent-Transfer-Encoding: quoted-printable\n\n=3Cp=\n>",
		"Content-Type: a/b; name*0*=utf-8''%41; name*1=b\nContent-Transfer-Encoding: base64\n\nQUJD\nQQ==\n",
	} {
		f.Add([]byte(s))
	}
	f.Add(Compose(note(), "tag"))
	for _, name := range []string{"mime-permissive/stalwart-mail-parser/eml", "mime-permissive/mime4j/testmsgs", "imip-mails"} {
		for _, p := range corpusSeeds(f, name) {
			if b := readFile(f, p); len(b) < 16<<10 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := Read(b)
		if n := kept(m); n > maxKept {
			t.Errorf("keeps %d octets", n)
		}
		checkLaws(t, b, m)
		Ident(m, int64(len(b)))
	})
}

// FuzzCompose writes notes of anything.
func FuzzCompose(f *testing.F) {
	f.Add("<a@b.example>", "subject", "text", "<p>", "Ann")
	f.Add("a\r\nb", "s\r\nBcc: x", "\r\n.\r\n", "", "=?utf-8?q?x?=")
	f.Fuzz(func(t *testing.T, id, subject, text, html, name string) {
		n := note()
		n.MessageID, n.Subject, n.Text, n.HTML, n.To.Name = id, subject, text, html, name
		b := Compose(n, id)
		checkWire(t, b)
		if m := Read(b); len(m.To) != 1 || m.To[0].Addr != n.To.Addr || len(m.Files) != 0 {
			t.Errorf("to %q, %d files", show(m.To), len(m.Files))
		}
	})
}
