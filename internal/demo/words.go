package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"path"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// mailWords are the functions of mail templates: what a person cannot type.
func mailWords() map[string]any {
	return map[string]any{
		"b64":    func(s string) string { return base64Lines([]byte(s)) },
		"qp":     quoted,
		"in":     in,
		"word":   word,
		"pdf":    func(lines ...string) string { return base64Lines(pdf(lines)) },
		"filler": filler,
		"footer": func(name string) (string, error) { return part("footers", name) },
		"raw": func(hex string) string {
			return strings.NewReplacer("00", "\x00", "e9", "\xe9", "ff", "\xff").Replace(hex)
		},
		"newline": func() string { return "\n" },
	}
}

// part reads a text that several mails share.
func part(folder, name string) (string, error) {
	b, err := office.ReadFile(path.Join("office", folder, name+".txt"))
	return strings.TrimSuffix(string(b), "\n"), err
}

// base64Lines encodes as RFC 2045 section 6.8 wants: lines of 76 characters.
func base64Lines(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return out.String() + s
}

func quoted(s string) (string, error) {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	if _, err := w.Write([]byte(s)); err != nil {
		return "", err
	}
	err := w.Close()
	return out.String(), err
}

// in encodes text in a charset, as bytes.
func in(charset, s string) (string, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return "", err
	}
	return e.NewEncoder().String(s)
}

// word is an encoded word (RFC 2047 section 2) in a charset.
func word(charset, s string) (string, error) {
	b, err := in(charset, s)
	if err != nil {
		return "", err
	}
	if strings.EqualFold(charset, "utf-8") {
		return mime.QEncoding.Encode(charset, b), nil
	}
	return fmt.Sprintf("=?%s?B?%s?=", charset, base64.StdEncoding.EncodeToString([]byte(b))), nil
}

// filler is kib KiB of the prose that fills long contracts.
func filler(kib int) string {
	var out strings.Builder
	for n := 1; out.Len() < kib<<10; n++ {
		fmt.Fprintf(&out, "%d. The Carrier shall keep each vessel in class, crewed and equipped for the route,\n"+
			"and shall tell the Port in writing of any day on which the timetable cannot be kept.\n\n", n)
	}
	return strings.TrimSuffix(out.String(), "\n\n")
}

// pdf is a document of one page that any viewer opens.
func pdf(lines []string) []byte {
	var page strings.Builder
	page.WriteString("BT /F1 12 Tf 72 720 Td 16 TL\n")
	for _, l := range lines {
		fmt.Fprintf(&page, "(%s) Tj T*\n", strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l))
	}
	page.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	out := "%PDF-1.4\n"
	var table strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	n := len(objects) + 1
	return fmt.Appendf(nil, "%sxref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n",
		out, n, table.String(), n, len(out))
}
