package filetext

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode brings a text to UTF-8: by its byte order mark, as UTF-8 if it is that,
// as UTF-16 if every other octet is zero, else as Windows-1252.
func decode(b []byte) string {
	b = b[:min(len(b), maxDecoded)]
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return string(b[3:])
	case bytes.HasPrefix(b, []byte("\xff\xfe")), wide(b) == 1:
		return fromUTF16(b, unicode.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")), wide(b) == 0:
		return fromUTF16(b, unicode.BigEndian)
	case validBut(b):
		return string(b)
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return string(s)
}

// validBut is utf8.Valid for a text that may end inside a character.
func validBut(b []byte) bool {
	for range utf8.UTFMax {
		if utf8.Valid(b) {
			return true
		}
		if n := len(b); n == 0 || b[n-1] < utf8.RuneSelf {
			return false
		}
		b = b[:len(b)-1]
	}
	return false
}

func fromUTF16(b []byte, order unicode.Endianness) string {
	s, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return string(s)
}

// wide tells UTF-16 without a mark: the place, 0 or 1, of the octet that is zero in
// nearly every character; -1 if it is not so.
func wide(b []byte) int {
	b = b[:min(len(b), 512)&^1]
	if len(b) < 8 {
		return -1
	}
	var zeros [2]int
	for i, c := range b {
		switch {
		case c == 0:
			zeros[i&1]++
		case c < ' ' && c != '\t' && c != '\r' && c != '\n':
			return -1 // numbers
		}
	}
	for place := range zeros {
		if zeros[place]*20 > len(b)*9 && zeros[1-place] == 0 {
			return place
		}
	}
	return -1
}

// readable reports whether the beginning of a file is text.
func readable(b []byte) bool {
	b = b[:min(len(b), 4096)]
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) || wide(b) >= 0 {
		return true
	}
	control, high := 0, 0
	for _, c := range b {
		switch {
		case c == 0:
			return false
		case c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f' && c != 0x1b:
			control++
		case c >= utf8.RuneSelf:
			high++
		}
	}
	return control*50 <= len(b) && (high*3 < len(b) || len(b) == 0 || validBut(b))
}
