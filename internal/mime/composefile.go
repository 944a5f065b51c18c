package mime

import (
	"encoding/base64"
	"strings"

	"chancery/internal/model"
)

// maxFileName bounds the name of a file in octets: programs cut longer ones.
const maxFileName = 120

// base64Line is the octets of a file in one line: 57 are 76 of base64, the most
// that RFC 2045 section 6.8 allows.
const base64Line = 57

// writeFile writes the header and the content of one file. Its octets are those of
// the text: base64 keeps line ends as they are.
func writeFile(b *strings.Builder, f model.NoteFile) {
	kind := mediaType(f.Type)
	if strings.HasPrefix(kind, "text/") {
		kind += "; charset=utf-8"
	}
	writeField(b, "Content-Type", kind)
	b.WriteString("Content-Disposition: attachment")
	writeFileName(b, f.Name)
	b.WriteString("\r\n")
	writeField(b, "Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	for i := 0; i < len(f.Text); i += base64Line {
		b.WriteString(base64.StdEncoding.EncodeToString([]byte(f.Text[i:min(i+base64Line, len(f.Text))])))
		b.WriteString("\r\n")
	}
}

// mediaType returns s if it is a type that may stand in a field (RFC 2045 section
// 5.1), else that of unknown content.
func mediaType(s string) string {
	major, minor, ok := strings.Cut(s, "/")
	token := func(s string) bool {
		return s != "" && len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.+-") == ""
	}
	if !ok || !token(major) || !token(minor) || major == "multipart" || major == "message" {
		return "application/octet-stream"
	}
	return s
}

// writeFileName writes the parameter filename (RFC 2183 section 2.3), and what is not
// plain in the form of RFC 2231 section 4; nothing for a name that is none.
func writeFileName(b *strings.Builder, name string) {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 || strings.ContainsRune(`/\:*?"<>|`, c) {
			return '_' // no program takes these in names of files
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimSpace(cutRune(name, maxFileName))
	plain := strings.IndexFunc(name, func(c rune) bool { return c >= 0x7f }) < 0
	switch {
	case strings.Trim(name, ".") == "":
	case plain && len(name) <= 60:
		b.WriteString(";\r\n filename=\"" + name + "\"")
	default:
		b.WriteString(";\r\n filename*=utf-8''" + percented(name))
	}
}

// percented writes all octets but letters, digits, "-", "." and "_" as %XX.
func percented(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}
