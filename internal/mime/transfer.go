package mime

// A transfer encoding of RFC 2045 section 6, decoded line by line.
type transfer uint8

const (
	asIs transfer = iota // 7bit, 8bit, binary and what is not known
	inBase64
	inQuoted
	inUU
)

// encodings maps the tokens found in mail; a missing entry is unknown.
var encodings = map[string]transfer{
	"": asIs, "7bit": asIs, "8bit": asIs, "binary": asIs, "7-bit": asIs, "8-bit": asIs, "none": asIs, "plain": asIs,
	"base64": inBase64, "base-64": inBase64, "b": inBase64, "quoted-printable": inQuoted, "quoted-printible": inQuoted, "q": inQuoted,
	"x-uuencode": inUU, "uuencode": inUU, "x-uue": inUU, "uue": inUU, "x-uu": inUU,
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// bad marks an octet that is not of the alphabet, skip one that is white space.
const (
	bad  = 0xff
	skip = 0xfe
	pad  = 0xfd
)

var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = bad
	}
	for i, c := range base64Alphabet {
		t[c] = byte(i)
	}
	for _, c := range " \t\r\n" {
		t[c] = skip
	}
	t['='] = pad
	return t
}()

// base64State decodes base64 however its lines are split.
type base64State struct {
	acc uint32 // the bits of n characters
	n   uint8
	bad bool // an octet outside the alphabet was skipped
}

// decode appends the octets of src to dst.
func (s *base64State) decode(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		if s.n == 0 {
			for i+4 <= len(src) {
				a, b, c, d := base64Value[src[i]], base64Value[src[i+1]], base64Value[src[i+2]], base64Value[src[i+3]]
				if a|b|c|d > 63 {
					break
				}
				dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|d)
				i += 4
			}
			if i >= len(src) {
				break
			}
		}
		v := base64Value[src[i]]
		switch {
		case v < 64:
			s.acc = s.acc<<6 | uint32(v)
			if s.n++; s.n == 4 {
				dst = append(dst, byte(s.acc>>16), byte(s.acc>>8), byte(s.acc))
				s.acc, s.n = 0, 0
			}
		case v == pad:
			dst = s.flush(dst) // what follows padding is data again: some mailers join encoded pieces
		case v == bad:
			s.bad = true
		}
	}
	return dst
}

// flush appends what the last incomplete group says.
func (s *base64State) flush(dst []byte) []byte {
	switch s.n {
	case 2:
		dst = append(dst, byte(s.acc>>4))
	case 3:
		dst = append(dst, byte(s.acc>>10), byte(s.acc>>2))
	}
	s.acc, s.n = 0, 0
	return dst
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// quotedState decodes quoted-printable (RFC 2045 section 6.7); rest holds the
// beginning of an escape that a cut of a very long line separated.
type quotedState struct {
	rest []byte
	bad  bool
}

// decode appends the octets of a piece of a line. end says that the line ends
// with the piece; soft, that this line end is not part of the text.
func (s *quotedState) decode(dst, src []byte, end bool) (out []byte, soft bool) {
	if len(s.rest) > 0 {
		src = append(s.rest, src...)
		s.rest = nil
	}
	if end {
		// RFC 2045 section 6.7 (3): white space at the end was added on the way.
		for len(src) > 0 && (src[len(src)-1] == ' ' || src[len(src)-1] == '\t') {
			src = src[:len(src)-1]
		}
	}
	from := 0
	for i := 0; i < len(src); i++ {
		if src[i] != '=' {
			continue
		}
		dst = append(dst, src[from:i]...)
		from = i
		left := len(src) - i
		if left < 3 && !end {
			s.rest = append(s.rest, src[i:]...)
			return dst, false
		}
		if left == 1 {
			return dst, true
		}
		if left >= 3 {
			h, ok1 := unhex(src[i+1])
			l, ok2 := unhex(src[i+2])
			if ok1 && ok2 {
				dst = append(dst, h<<4|l)
				i += 2
				from = i + 1
				continue
			}
		}
		s.bad = true // left as it stands
	}
	return append(dst, src[from:]...), false
}

// uuState decodes what stands between "begin" and "end" lines.
type uuState struct{ open, bad bool }

// decode appends the octets of one whole line.
func (s *uuState) decode(dst, line []byte) []byte {
	switch {
	case !s.open:
		s.open = len(line) > 6 && string(line[:6]) == "begin "
		return dst
	case string(line) == "end":
		s.open = false
		return dst
	case len(line) == 0:
		return dst
	}
	n := int(line[0]-' ') & 63
	src := line[1:]
	for ; n > 0 && len(src) >= 2; n -= 3 {
		var q [4]byte
		for j := range min(4, len(src)) {
			if src[j] < ' ' || src[j] > '`' {
				s.bad = true
			}
			q[j] = (src[j] - ' ') & 63
		}
		three := [3]byte{q[0]<<2 | q[1]>>4, q[1]<<4 | q[2]>>2, q[2]<<6 | q[3]}
		dst = append(dst, three[:min(n, 3)]...)
		src = src[min(4, len(src)):]
	}
	return dst
}
