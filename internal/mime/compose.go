package mime

import (
	"crypto/sha256"
	"encoding/hex"
	"mime/quotedprintable"
	"strings"
	"time"

	"chancery/internal/model"
)

// Compose writes a note of ours as an RFC 5322 message with CRLF line ends:
// multipart/alternative of the note's text and HTML, or the text alone if there
// is no HTML; with files, multipart/mixed of that and the files. The same note gives
// the same octets. tag goes into the field
// X-Chancery-Note.
//
// Nothing in n or tag can add a header field or a part: control characters are
// taken out, what is not ASCII is encoded, an address or Message-ID that is not
// one is left out.
func Compose(n model.NoteBody, tag string) []byte { return compose(n, tag, true) }

// ComposeDraft writes the same for a person to send: nothing in it says that a
// machine did.
func ComposeDraft(n model.NoteBody, tag string) []byte { return compose(n, tag, false) }

func compose(n model.NoteBody, tag string, auto bool) []byte {
	var b strings.Builder
	b.Grow(1024 + 2*len(n.Text) + 2*len(n.HTML))
	writeAddresses(&b, "From", n.From)
	writeAddresses(&b, "To", append([]model.Address{n.To}, n.More...)...)
	writeField(&b, "Date", time.Unix(int64(n.Date), 0).UTC().Format(time.RFC1123Z))
	writeText(&b, "Subject", n.Subject)
	if id := token(n.MessageID); id != "" {
		writeField(&b, "Message-ID", id)
	}
	if id := token(n.InReplyTo); id != "" {
		writeField(&b, "In-Reply-To", id)
		writeField(&b, "References", id)
	}
	if auto {
		writeField(&b, "Auto-Submitted", "auto-generated") // RFC 3834 section 5: nobody's robot shall answer
	}
	writeField(&b, "X-Chancery-Note", token(tag))
	writeField(&b, "MIME-Version", "1.0")
	if len(n.Files) == 0 {
		writeSaid(&b, n)
		return []byte(b.String())
	}
	boundary := boundaryOf("files", n)
	writeField(&b, "Content-Type", "multipart/mixed;\r\n boundary=\""+boundary+"\"")
	b.WriteString("\r\n--" + boundary + "\r\n")
	writeSaid(&b, n)
	for _, f := range n.Files {
		b.WriteString("\r\n--" + boundary + "\r\n")
		writeFile(&b, f)
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return []byte(b.String())
}

// boundaryOf names the end of a part. "=_" cannot stand in a quoted-printable line
// (RFC 2045 section 6.7) nor in base64, so no text and no file can hold it.
func boundaryOf(of string, n model.NoteBody) string {
	sum := sha256.Sum256([]byte(of + n.MessageID))
	return "=_chancery_" + hex.EncodeToString(sum[:12])
}

// writeSaid writes what the note says, from the field Content-Type on.
func writeSaid(b *strings.Builder, n model.NoteBody) {
	if n.HTML == "" {
		writeBody(b, "text/plain", strings.TrimSuffix(n.Text, "\n")+"\n")
		return
	}
	boundary := boundaryOf("", n)
	writeField(b, "Content-Type", "multipart/alternative;\r\n boundary=\""+boundary+"\"")
	b.WriteString("\r\n")
	for _, p := range []struct{ kind, text string }{{"text/plain", n.Text}, {"text/html", n.HTML}} {
		b.WriteString("--" + boundary + "\r\n")
		writeBody(b, p.kind, p.text)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
}

// writeBody writes the header and the content of one text part.
func writeBody(b *strings.Builder, kind, text string) {
	writeField(b, "Content-Type", kind+"; charset=utf-8")
	writeField(b, "Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(b) // a strings.Builder does not fail
	_, _ = w.Write([]byte(lineFeeds(strings.ToValidUTF8(text, "\uFFFD"))))
	_ = w.Close()
}

// writeField writes a field whose value needs no care.
func writeField(b *strings.Builder, name, value string) {
	b.WriteString(name + ": " + value + "\r\n")
}

// longestToken keeps a field that cannot be folded within the 998 octets of
// RFC 5322 section 2.1.1.
const longestToken = 900

// token takes everything but visible ASCII out of s.
func token(s string) string {
	s = strings.Map(func(c rune) rune {
		if c <= ' ' || c >= 0x7f {
			return -1
		}
		return c
	}, s)
	return s[:min(len(s), longestToken)]
}

// writeAddresses writes a field with the addresses that are some, one to a line;
// nothing if there is none.
func writeAddresses(b *strings.Builder, name string, all ...model.Address) {
	between := name + ":"
	for _, a := range all {
		list, _ := parseAddresses(nil, "<"+a.Addr+">", 1)
		if len(list) == 0 || list[0].Addr == "" || list[0].Addr != a.Addr || !ascii(a.Addr) || len(a.Addr) > longestToken {
			continue
		}
		b.WriteString(between)
		between = ",\r\n"
		switch {
		case a.Name == "":
			b.WriteString(" ")
		case clean(a.Name) && plainName(a.Name):
			b.WriteString(` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `" `)
		default:
			writeWords(b, a.Name)
			b.WriteString("\r\n ")
		}
		b.WriteString("<" + a.Addr + ">")
	}
	if between == ",\r\n" {
		b.WriteString("\r\n")
	}
}

// plainName reports whether s may stand in a quoted string as it is.
func plainName(s string) bool {
	return len(s) <= 60 && !strings.Contains(s, "=?") && strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) < 0
}

// writeText writes a field of unstructured text.
func writeText(b *strings.Builder, name, s string) {
	if plainName(s) && clean(s) && s == strings.TrimSpace(s) {
		writeField(b, name, s)
		return
	}
	b.WriteString(name + ":")
	writeWords(b, s)
	b.WriteString("\r\n")
}

// maxWord keeps an encoded word within 75 octets (RFC 2047 section 2):
// 45 octets are 60 of base64, with "=?utf-8?B?" and "?=" 72.
const maxWord = 45

// writeWords writes s as encoded words, one to a line, each of whole characters
// (RFC 2047 section 5).
func writeWords(b *strings.Builder, s string) {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = cutRune(s, MaxWords)
	for first := true; s != "" || first; first = false {
		word := cutRune(s, maxWord)
		s = s[len(word):]
		if !first {
			b.WriteString("\r\n")
		}
		b.WriteString(" =?utf-8?B?")
		writeBase64(b, word)
		b.WriteString("?=")
	}
}

func writeBase64(b *strings.Builder, s string) {
	for ; len(s) > 0; s = s[min(3, len(s)):] {
		var g [3]byte
		n := copy(g[:], s)
		q := [4]byte{base64Alphabet[g[0]>>2], base64Alphabet[g[0]&3<<4|g[1]>>4], base64Alphabet[g[1]&15<<2|g[2]>>6], base64Alphabet[g[2]&63]}
		for i := n + 1; i < 4; i++ {
			q[i] = '='
		}
		b.Write(q[:])
	}
}
