package mime

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chancery/internal/model"
)

// crlf writes a message of a test with the line ends of the wire.
func crlf(s string) []byte {
	return []byte(strings.ReplaceAll(strings.TrimLeft(s, "\n"), "\n", "\r\n"))
}

// outline shows the parts and files of a message on one line each.
func outline(m model.Mail) string {
	var b strings.Builder
	for _, p := range m.Parts {
		kind := "text"
		if p.HTML {
			kind = "html"
		}
		if p.Attached {
			kind += " attached"
		}
		fmt.Fprintf(&b, "%s %q\n", kind, p.Text)
	}
	for _, f := range m.Files {
		fmt.Fprintf(&b, "file %s %q %d %q\n", f.Type, f.Name, f.Size, f.Head)
	}
	if len(m.Problems) > 0 {
		fmt.Fprintf(&b, "problems %s\n", strings.Join(m.Problems, " "))
	}
	return b.String()
}

func TestStructure(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain": {`
Subject: x

Hello
there
`, `text "Hello\nthere\n"` + "\n"},
		"alternative keeps both": {`
Content-Type: multipart/alternative; boundary=b

preamble
--b
Content-Type: text/plain

one
--b
Content-Type: text/html; name=x.html

<p>one
--b--
epilogue
`, `
text "one"
html "<p>one"
`},
		"attachment": {`
Content-Type: multipart/mixed; boundary="b c"

--b c
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=
=DFe =
--b c
Content-Type: text/plain; name=invoice.txt
Content-Disposition: attachment; filename="LEDES 1998B.txt"
Content-Transfer-Encoding: base64

TEVERVMxOTk4QltdDQo=
--b c
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
END:VCALENDAR
--b c--
`, `
text "Grüße "
file text/plain "LEDES 1998B.txt" 14 "LEDES1998B[]\r\n"
file text/calendar "" 30 "BEGIN:VCALENDAR\r\nEND:VCALENDAR"
`},
		"named text behind the body is a file": {`
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; name=body.txt

body
--b
Content-Type: text/plain; name=second.txt

file
--b--
`, `
text "body"
file text/plain "second.txt" 4 "file"
`},
		"attached message": {`
Content-Type: multipart/mixed; boundary=out

--out

see below
--out
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/mixed; boundary=in

--in

inner text
--in
Content-Type: application/pdf; name="a.pdf"
Content-Transfer-Encoding: base64

JVBERg==
--in--
--out
Content-Type: text/plain

end
--out--
`, `
text "see below"
text attached "inner text"
text "end"
file message/rfc822 "" 186 "Subject: inner\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\ninner text\r\n--in\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--in--"
file application/pdf "a.pdf" 4 "%PDF"
`},
		"digest": {`
Content-Type: multipart/digest; boundary=b

--b

Subject: one

first
--b
Content-Type: text/plain

note
--b--
`, `
text attached "first"
text "note"
file message/rfc822 "" 21 "Subject: one\r\n\r\nfirst"
`},
		"boundary begins another": {`
Content-Type: multipart/mixed; boundary=foo

--foo
Content-Type: multipart/mixed; boundary=foobar

--foobar

inner
--foobar--
--foo

outer
--foo--
`, `
text "inner"
text "outer"
`},
		"boundary continues another": {`
Content-Type: multipart/mixed; boundary=foobar

--foobar
Content-Type: multipart/mixed; boundary=foo

--foo

inner
--foobar

outer
--foobar--
`, `
text "inner"
text "outer"
problems boundary-unclosed
`},
		"no closing boundary": {`
Content-Type: multipart/mixed; boundary=b

--b

one
--b

two`, `
text "one"
text "two"
problems boundary-unclosed
`},
		"no boundary at all": {`
Content-Type: multipart/mixed

--b

one
--b--
`, `
text "--b\n\none\n--b--\n"
problems boundary-missing
`},
		"boundary that never comes": {`
Content-Type: multipart/mixed; boundary=wrong

--b

one
`, `
text "--b\n\none\n"
problems boundary-missing boundary-unclosed
`},
		"padding behind a boundary": {"\nContent-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--b-- \n", `text "one"` + "\n"},
		"no blank line in a part": {`
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain
--b
Hello
World
--b--
`, `
text ""
text "Hello\nWorld"
problems header-end
`},
		"TNEF": {`
Content-Type: application/ms-tnef; name=winmail.dat
Content-Transfer-Encoding: base64

eJ8+
`, `file application/ms-tnef "winmail.dat" 3 "x\x9f>"` + "\n"},
		"uuencode": {`
Content-Type: application/octet-stream; name=x
Content-Transfer-Encoding: x-uuencode

begin 644 x
#0V%T
` + "`" + `
end
`, `file application/octet-stream "x" 3 "Cat"` + "\n"},
		"encoded message": {`
Content-Type: message/rfc822
Content-Transfer-Encoding: base64

U3ViamVjdDogeA0K
`, `
file message/rfc822 "" 12 "Subject: x\r\n"
problems encoded-message
`},
		"type without subtype": {"Content-Type: text\n\nx", `text "x"` + "\n"},
		"nonsense for a type":  {"Content-Type: (((;;=\n\nx", "text \"x\"\nproblems content-type\n"},
		"two types": {`
Content-Type: text/html
Content-Type: text/plain

<p>
`, "html \"<p>\\n\"\nproblems duplicate-content-type\n"},
		"unknown encoding":    {"Content-Transfer-Encoding: zip\n\nx", "text \"x\"\nproblems encoding-unknown\n"},
		"broken base64":       {"Content-Transfer-Encoding: base64\n\nR3LD?vMOfZQ", "text \"Grüße\"\nproblems encoding-invalid\n"},
		"joined base64":       {"Content-Transfer-Encoding: base64\n\nYQ==\nYmM=\n", "text \"abc\"\n"},
		"broken escapes":      {"Content-Transfer-Encoding: quoted-printable\n\n=C3=BC =zz = \nx=", "text \"ü =zz x\"\n"},
		"utf-8 with a mark":   {"Content-Type: text/plain; charset=utf-8\n\n\uFEFFx", `text "x"` + "\n"},
		"8-bit, no charset":   {"X: y\n\nGr\xfc\xdfe", `text "Grüße"` + "\n"},
		"wrong us-ascii":      {"Content-Type: text/plain; charset=us-ascii\n\nGrüße", `text "Grüße"` + "\n"},
		"charset in the HTML": {"Content-Type: text/html\n\n<meta charset=koi8-r>\xf0", `html "<meta charset=koi8-r>П"` + "\n"},
		"utf-7":               {"Content-Type: text/plain; charset=utf-7\n\n+ADw-", "text \"+ADw-\"\nproblems charset-utf7\n"},
		"unknown charset":     {"Content-Type: text/plain; charset=x-none\n\nabc\xe4", "text \"abcä\"\nproblems charset-unknown\n"},
		"utf-16":              {"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\n/v8AQQANAApgBQ==\n", "text \"A\\n\u6005\"\n"},
		"empty":               {"", `text ""` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			b := crlf(c.in)
			m := Read(b)
			if got, want := outline(m), strings.TrimLeft(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			checkLaws(t, b, m)
		})
	}
}

func TestHeader(t *testing.T) {
	b := crlf(`
From someone Mon Nov 23 09:00:00 2026
Received: from a
	by b
Received: from c
Authentication-Results: mx.firm.example; dmarc=pass =?utf-8?q?x?=
X-Folder: privileged
From: =?utf-8?q?J=C3=B6rg?= <joerg@firm.example>
Sender : s@firm.example
Reply-To: r@firm.example
To: a@x.example,
 b@y.example
Cc: c@z.example
Subject: =?utf-8?q?Settlement?=
  =?utf-8?q?_draft?=
   for review
Date: Mon, 23 Nov 2026 09:00:00 +0100
Message-ID: <1@firm.example> (comment)
In-Reply-To: <0@firm.example>
References: <00@firm.example>
 <0@firm.
 example>
List-Id: Firm news <NEWS.firm.example>
Precedence: List
Auto-Submitted: auto-replied (vacation)
Sensitivity: Company-Confidential
msip_labels: MSIP_Label_0A1B2C3D-0000-4000-8000-00000000000f_Enabled=true; MSIP_Label_0A1B2C3D-0000-4000-8000-00000000000f_Method=Privileged; MSIP_Label_11111111-0000-4000-8000-000000000000_Enabled=false
X-Chancery-Note: tag
Thread-Topic: =?utf-8?q?T=C3=B6pic?=

body
`)
	m := Read(b)
	checkLaws(t, b, m)
	for what, c := range map[string]struct{ got, want any }{
		"from":        {show(m.From), "Jörg|joerg@firm.example"},
		"sender":      {show(m.Sender), "|s@firm.example"},
		"reply-to":    {show(m.ReplyTo), "|r@firm.example"},
		"to":          {show(m.To), "|a@x.example + |b@y.example"},
		"cc":          {show(m.Cc), "|c@z.example"},
		"subject":     {m.Subject, "Settlement draft for review"},
		"date":        {m.Date.Format("2006-01-02 15:04:05"), "2026-11-23 08:00:00"},
		"message-id":  {m.MessageID, "<1@firm.example>"},
		"in-reply-to": {m.InReplyTo, []string{"<0@firm.example>"}},
		"references":  {m.References, []string{"<00@firm.example>", "<0@firm.example>"}},
		"list":        {m.ListID, "news.firm.example"},
		"bulk":        {m.Bulk, true},
		"auto":        {m.Auto, true},
		"sensitivity": {m.Sensitivity, "company-confidential"},
		"labels":      {m.Labels, []string{"0a1b2c3d-0000-4000-8000-00000000000f"}},
		"problems":    {m.Problems, []string(nil)},
		"received":    {m.Header["Received"], []string{"from a by b", "from c"}},
		"results":     {m.Header["Authentication-Results"], []string{"mx.firm.example; dmarc=pass =?utf-8?q?x?="}},
		"topic":       {m.Header["Thread-Topic"], []string{"Töpic"}},
		"note":        {m.Header["X-Chancery-Note"], []string{"tag"}},
		"folder":      {m.Header["X-Folder"], []string(nil)},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %q, want %q", what, c.got, c.want)
		}
	}
	for name := range m.Header {
		if !slices.Contains(Kept, name) {
			t.Errorf("%s is not in Kept", name)
		}
	}
}

func TestBrokenHeaders(t *testing.T) {
	for name, c := range map[string]struct{ in, subject, text, problems string }{
		"bare LF":             {"Subject: x\nTo: a@b.example\n\nbody\nmore", "x", "body\nmore", ""},
		"bare CR":             {"Subject: x\rTo: a@b.example\r\rbody\rmore", "x", "body\nmore", "bare-cr"},
		"mixed":               {"Subject: x\r\nTo: a@b.example\n\r\nbody\r\nmore\n", "x", "body\nmore\n", ""},
		"doubled CR":          {"Subject: x\r\r\nTo: a@b.example\r\r\n\r\r\nbody", "x", "body", ""},
		"CR inside a field":   {"Subject: x\rFrom: evil@x.example\nTo: a@b.example\n\nbody", "x From: evil@x.example", "body", ""},
		"no blank line":       {"Subject: x\nHello there,\nthis is text\n", "x", "Hello there,\nthis is text\n", "header-end"},
		"one word, then none": {"Subject: x\nHello\n\nmore\n", "x", "Hello\n\nmore\n", "header-end"},
		"bad fold":            {"Subject: a long\nsubject\nTo: a@b.example\n\nbody", "a long subject", "body", "header-line"},
		"no header":           {"Hello there\nyou", "", "Hello there\nyou", "header-end"},
		"no header, one line": {"Hello there", "", "Hello there", "header-end"},
		"blank line first":    {"\nSubject: x\n", "", "Subject: x\n", ""},
		"only a header":       {"Subject: x", "x", "", ""},
		"space in the fold":   {"Subject: x\n \n y\n\nbody", "x y", "body", ""},
		"two subjects":        {"Subject: x\nSubject: y\n\nbody", "x", "body", "duplicate-subject"},
		"two senders":         {"From: a@x.example\nFrom: b@y.example\n\nbody", "", "body", "duplicate-from"},
		"bad date":            {"Date: someday\n\nbody", "", "body", "date"},
		"escaped mbox line":   {">From a Mon\nSubject: x\n\nbody", "x", "body", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := Read([]byte(c.in))
			text := ""
			if len(m.Parts) == 1 {
				text = m.Parts[0].Text
			}
			if m.Subject != c.subject || text != c.text || strings.Join(m.Problems, " ") != c.problems {
				t.Errorf("got %q, %q, %q", m.Subject, text, m.Problems)
			}
			checkLaws(t, []byte(c.in), m)
		})
	}
	m := Read([]byte("From: a@x.example\nFrom: b@y.example\nTo: c@x.example\nTo: d@x.example\n\n"))
	if show(m.From) != "|a@x.example" || show(m.To) != "|c@x.example + |d@x.example" {
		t.Errorf("the first From counts, To is joined: %q, %q", show(m.From), show(m.To))
	}
}

func TestEncrypted(t *testing.T) {
	for in, want := range map[string]bool{
		"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\n":                                                                          true,
		"Content-Type: application/x-pkcs7-mime; name=smime.p7m\n\n":                                                                                                   true,
		"Content-Type: application/octet-stream; name=smime.p7m\n\n":                                                                                                   true,
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--\n": true,
		"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nabc":                                                                                                             true,
		"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\n":                                                                             false,
		"Content-Type: application/pkcs7-mime; smime-type=certs-only\n\n":                                                                                              false,
		"Content-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b--\n":                                                                                              false,
		"Subject: x\n\nthey wrote -----BEGIN PGP MESSAGE-----":                                                                                                         false,
	} {
		if got := Read([]byte(in)).Encrypted; got != want {
			t.Errorf("%.60q: encrypted %v", in, got)
		}
	}
}

func TestCutSaysSo(t *testing.T) {
	b := crlf("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nThis is a multi-part message.\n--b\n\none\n--b\n\ntwo\n--b--\n")
	for n := range len(b) + 1 {
		r := NewReader()
		_, _ = r.Write(b[:n])
		m := r.Close(false)
		if !reflect.DeepEqual(m.Problems, []string{"cut"}) {
			t.Errorf("cut at %d: problems %q", n, m.Problems)
		}
		if n > 60 && m.Subject != "x" {
			t.Errorf("cut at %d: the subject is lost", n)
		}
		for _, p := range m.Parts {
			if strings.Contains(p.Text, "multi-part") {
				t.Errorf("cut at %d: the preamble is taken for text", n)
			}
		}
	}
	for in, want := range map[string]bool{"Subject: x\n\nhalf": true, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n": false} {
		r := NewReader()
		_, _ = r.Write([]byte(in))
		if m := r.Close(false); len(m.Parts) != 1 || m.Parts[0].Cut != want {
			t.Errorf("%q: %s", in, outline(m))
		}
	}
	r := NewReader()
	r.Close(true)
	if _, err := r.Write([]byte("x")); err != nil || r.Close(true).Parts != nil {
		t.Error("a used Reader must be harmless")
	}
}

func TestIdent(t *testing.T) {
	base := "Message-ID: <1@x.example>\nDate: Mon, 23 Nov 2026 09:00:00 +0100\nFrom: a@x.example\nSubject: s\n\n"
	id := Ident(Read([]byte(base+"body")), 7)
	if !strings.HasPrefix(string(id), "h:") || len(id) != 66 {
		t.Fatalf("%d octets", len(id))
	}
	if Ident(Read([]byte(base+"other")), 7) != id {
		t.Error("the body must not matter: only a prefix may be there")
	}
	seen := map[model.Ident]string{id: "base"}
	for _, change := range []string{"<1@x", "Mon, 23", "From: a@x.example", "Subject: s", "From: a@x.example\nSubject: s"} {
		with := map[string]string{"<1@x": "<2@x", "Mon, 23": "Tue, 23", "From: a@x.example": "From: b@x.example", "Subject: s": "Subject: t", "From: a@x.example\nSubject: s": "From: a@x.example, s@x.example\nSubject: "}[change]
		id := Ident(Read([]byte(strings.Replace(base, change, with, 1))), 7)
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q have one identity", change, other)
		}
		seen[id] = change
	}
	if Ident(Read([]byte(base)), 8) == id {
		t.Error("the size must matter")
	}
}
