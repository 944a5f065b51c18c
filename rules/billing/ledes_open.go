package billing

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// mark is the byte order mark in UTF-8.
const mark = "\ufeff"

// open looks at the beginning of a file, past marks and blanks, and returns all
// behind the mark together with the first octets that say something.
func (c *ledesCheck) open(r io.Reader) (io.Reader, []byte, error) {
	in := bufio.NewReaderSize(r, 4096)
	c.line = 1
	b, _ := in.Peek(4)
	if order, ok := wideOrder(b); ok {
		c.say(codeUTF16, "", "", nil)
		c.room = min(maxRecord, c.room*3/2) // two octets become three at most
		in = bufio.NewReaderSize(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(in), 4096)
	}
	if b, _ := in.Peek(len(mark)); string(b) == mark {
		_, _ = in.Discard(len(mark))
		c.bom = true
	}
	head, err := in.Peek(2048)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	return in, bytes.TrimLeft(head, " \t\r\n"), nil
}
