package imap

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"net"
)

// deflateBuffer is read ahead of the decompressor, which wants single octets.
const deflateBuffer = 4 << 10

// compress is COMPRESS=DEFLATE (RFC 4978 section 3). A refusal means that we go on
// without. All limits count what comes out of the decompressor, octet by octet, so
// that a stream which swells a thousandfold meets them like any other.
func (c *conn) compress() error {
	_, err := c.talk(cmd("COMPRESS DEFLATE"), nil)
	if _, refused := asRefusal(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	// What came behind the OK is compressed already.
	early := make([]byte, c.br.Buffered())
	_, _ = io.ReadFull(c.br, early)
	var raw io.Reader = gapReader{c}
	if len(early) > 0 {
		raw = io.MultiReader(bytes.NewReader(early), raw)
	}
	c.from = flate.NewReader(bufio.NewReaderSize(raw, deflateBuffer))
	c.br = bufio.NewReaderSize(c.from, readBuffer)
	c.Conn = storing{c.Conn}
	return nil
}

// storing writes what RFC 1951 section 3.2.4 calls stored blocks: a deflate stream
// that is not compressed. Our commands are short and a compressor costs a
// megabyte for each connection; what the server sends is what takes time.
type storing struct{ net.Conn }

func (s storing) Write(p []byte) (int, error) {
	const most = 1<<16 - 1
	out := make([]byte, 0, len(p)+5*(len(p)/most+2))
	for rest := p; len(rest) > 0; {
		n := min(len(rest), most)
		out = append(out, 0) // not the last block, stored; octets are aligned, as all blocks are of this kind
		out = binary.LittleEndian.AppendUint16(out, uint16(n))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(n))
		out = append(out, rest[:n]...)
		rest = rest[n:]
	}
	// RFC 4978 section 4: an empty block, at which a reader hands on what it has.
	out = append(out, 0, 0, 0, 0xff, 0xff)
	if _, err := s.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}
