package pdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"chancery/internal/filetext"
)

// A frame is one octet that says what it is, four of length (big endian), and so many
// octets. The child says frameReady once; then follow a question, frameFile, and its
// answer: any number of frameText and frameMember, and one frameEnd.
const (
	frameReady  = 'R' // how the child runs the parser: modeFast, modeSlow
	frameFile   = 'F' // a PDF
	frameText   = 'T' // some of the text, as UTF-8
	frameMember = 'M' // one octet of length of the name, the name, the content
	frameEnd    = 'E' // a code, or nothing
)

// maxFrame holds the most octets of each frame that is an answer.
var maxFrame = map[byte]int{
	frameReady: 16, frameText: filetext.MaxText, frameMember: 1 + maxName + MaxMember, frameEnd: 16,
}

var errFrame = errors.New("read frame: not what was agreed")

// writeFrame writes the parts as one frame without putting them together.
func writeFrame(w io.Writer, kind byte, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(n))
	for _, p := range append([][]byte{head}, parts...) {
		if _, err := w.Write(p); err != nil {
			return fmt.Errorf("write frame: %w", err)
		}
	}
	return nil
}

// readHead reads the beginning of a frame. most says how long one of its kind may be;
// a kind it does not know is an error.
func readHead(r io.Reader, most func(byte) (int, bool)) (kind byte, n int, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, fmt.Errorf("read frame: %w", err)
	}
	limit, known := most(head[0])
	size := binary.BigEndian.Uint32(head[1:])
	if !known || uint64(size) > uint64(limit) {
		return 0, 0, errFrame
	}
	return head[0], int(size), nil
}

// readBody reads n octets. A length that lies costs no more memory than what came.
func readBody(r io.Reader, n int) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(min(n, 64<<10) + bytes.MinRead)
	got, err := io.Copy(&b, io.LimitReader(r, int64(n)))
	if err == nil && int(got) < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	return b.Bytes(), nil
}

// answer is what one PDF came to.
type answer struct {
	text   bytes.Buffer
	inside []filetext.Member
	size   int // octets of the files inside
	code   string
}

// take reads frames until the answer ends. What came before an error stays.
func (a *answer) take(r io.Reader) error {
	most := func(kind byte) (int, bool) {
		n, ok := maxFrame[kind]
		return n, ok && kind != frameReady
	}
	for range MaxPages + MaxInside + 1 {
		kind, n, err := readHead(r, most)
		if err != nil {
			return err
		}
		b, err := readBody(r, n)
		if err != nil {
			return err
		}
		switch kind {
		case frameText:
			if a.text.Len()+len(b) > filetext.MaxText {
				return errFrame
			}
			a.text.Write(b)
		case frameMember:
			if err := a.member(b); err != nil {
				return err
			}
		case frameEnd:
			if a.code = string(b); !slices.Contains(codes, a.code) {
				a.code = ""
				return errFrame
			}
			return nil
		}
	}
	return errFrame
}

func (a *answer) member(b []byte) error {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return errFrame
	}
	n := 1 + int(b[0])
	name, content := b[1:n], b[n:]
	if a.size += len(content); len(a.inside) == MaxInside || a.size > maxMembers {
		return errFrame
	}
	a.inside = append(a.inside, filetext.Member{Name: lastName(string(name)), Content: content})
	return nil
}

// codes are those that a child may answer.
var codes = []string{"", "cut", "limit", "size", "broken", "encrypted", "pdf-empty", "pdf-memory", "pdf-time"}

// lastName is the last segment of a path, without what is no letter.
func lastName(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(strings.ReplaceAll(s, `\`, "/"), "\uFFFD"))
	s = path.Base(s)
	if s == "." || s == "/" || s == ".." {
		return ""
	}
	return s
}
