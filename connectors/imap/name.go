package imap

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// utf7 is the base64 of mailbox names (RFC 3501 section 5.1.3): "," for "/", no
// padding.
var utf7 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding)

var errName = errors.New("not a mailbox name in modified UTF-7")

// encodeName writes a name as servers want it on the wire.
func encodeName(name string) string {
	var b strings.Builder
	var hold []rune
	flush := func() {
		if len(hold) == 0 {
			return
		}
		var raw []byte
		for _, u := range utf16.Encode(hold) {
			raw = append(raw, byte(u>>8), byte(u))
		}
		b.WriteString("&" + utf7.EncodeToString(raw) + "-")
		hold = hold[:0]
	}
	for _, r := range name {
		switch {
		case r == '&':
			flush()
			b.WriteString("&-")
		case r >= 0x20 && r <= 0x7e:
			flush()
			b.WriteRune(r)
		default:
			hold = append(hold, r)
		}
	}
	flush()
	return b.String()
}

// decodeName reads a name from the wire. It accepts exactly what encodeName
// writes, so that a name goes back to the server as it came.
func decodeName(wire string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(wire); i++ {
		c := wire[i]
		if c < 0x20 || c > 0x7e {
			return "", errName
		}
		if c != '&' {
			b.WriteByte(c)
			continue
		}
		end := strings.IndexByte(wire[i:], '-')
		if end < 0 {
			return "", errName
		}
		if end == 1 {
			b.WriteByte('&')
		} else if err := decodeRun(&b, wire[i+1:i+end]); err != nil {
			return "", err
		}
		i += end
	}
	if name := b.String(); encodeName(name) == wire {
		return name, nil
	}
	return "", errName
}

func decodeRun(b *strings.Builder, s string) error {
	raw, err := utf7.DecodeString(s)
	if err != nil || len(raw)%2 != 0 {
		return errName
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	for _, r := range utf16.Decode(units) {
		if r == utf8.RuneError {
			return errName
		}
		b.WriteRune(r)
	}
	return nil
}

// box is a mailbox: its name as we show it and as the server writes it. A name
// that cannot be decoded stands for itself.
type box struct {
	name string
	wire string
}

func boxOfWire(wire string) box {
	if strings.EqualFold(wire, "INBOX") {
		return box{"INBOX", "INBOX"}
	}
	name, err := decodeName(wire)
	if err != nil {
		return box{wire, wire}
	}
	return box{name, wire}
}

func boxOfName(name string) box {
	// RFC 3501 section 5.1: INBOX is the one name that is compared without case.
	if strings.EqualFold(name, "INBOX") {
		return box{"INBOX", "INBOX"}
	}
	return box{name, encodeName(name)}
}

// Bounds of a path we file into.
const (
	maxSegments = 6
	maxSegment  = 100 // octets of one segment on the wire
)

// spellings returns how a path may be written on a server, best first: as it is,
// and with "-" where a segment has the server's delimiter or a dot. A matter
// number such as 10042.0070 cannot be one segment where "." is the delimiter,
// nor on Dovecot's Maildir, whose folders stand in the file system with dots.
func spellings(segments []string, delim string) [][]string {
	var out [][]string
	if safePath(segments, delim) {
		out = append(out, segments)
	}
	plain := make([]string, len(segments))
	for i, s := range segments {
		plain[i] = s
		if strings.Trim(s, ".") == "" {
			continue // "." and ".." stay what they are: refused
		}
		plain[i] = strings.ReplaceAll(s, ".", "-")
		if delim != "" && delim != "/" {
			plain[i] = strings.ReplaceAll(plain[i], delim, "-")
		}
	}
	if safePath(plain, delim) && !slices.Equal(plain, segments) {
		out = append(out, plain)
	}
	return out
}

// safePath reports whether segments can be joined with the delimiter into a
// name that means the same on every server: no wildcard, no control character,
// nothing that reads as another path.
func safePath(segments []string, delim string) bool {
	if len(segments) == 0 || len(segments) > maxSegments || len(segments) > 1 && delim == "" {
		return false
	}
	for i, s := range segments {
		switch {
		case s == "" || s == "." || s == "..", !utf8.ValidString(s):
			return false
		case strings.ContainsAny(s, `*%/\`), delim != "" && strings.Contains(s, delim):
			return false
		case len(encodeName(s)) > maxSegment, strings.TrimSpace(s) != s:
			return false
		case i == 0 && (s[0] == '~' || s[0] == '#'):
			// RFC 3501 section 5.1.2: "#" starts another namespace, "~" another home.
			return false
		}
		for _, r := range s {
			if r < 0x20 || r >= 0x7f && r <= 0x9f || r == 0xfeff || r == 0xfffd {
				return false
			}
		}
	}
	return true
}
