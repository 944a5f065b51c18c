package filetext

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
)

// member is a file of an archive as its central directory describes it
// (APPNOTE 6.3.10 section 4.3.12). Nothing of it is believed without a look.
type member struct {
	name   string
	packed []byte
	method uint16
	locked bool // with a password
}

var (
	errBroken = errors.New("filetext: broken")
	errLimit  = errors.New("filetext: limit")
)

const (
	endSize    = 22
	memberSize = 46
	localSize  = 30
)

// members reads the central directory. It is walked once, to its end or to
// maxMembers, whatever number it claims.
func members(b []byte) ([]member, error) {
	tail := b[max(0, len(b)-endSize-1<<16):]
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endSize {
		return nil, errBroken
	}
	end := tail[at:]
	size, from := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	endAt := int64(len(b) - len(end))
	before := endAt - size - from // octets in front of the archive
	if before < 0 || from > endAt || size > endAt {
		return nil, errBroken
	}
	dir := b[from+before : endAt]
	var out []member
	for len(dir) >= memberSize && string(dir[:4]) == "PK\x01\x02" {
		if len(out) == maxMembers {
			return nil, errLimit
		}
		names, extra, note := int(binary.LittleEndian.Uint16(dir[28:])), int(binary.LittleEndian.Uint16(dir[30:])), int(binary.LittleEndian.Uint16(dir[32:]))
		if len(dir) < memberSize+names+extra+note {
			return nil, errBroken
		}
		m := member{name: string(dir[memberSize : memberSize+names]), method: binary.LittleEndian.Uint16(dir[10:]), locked: dir[8]&1 != 0}
		m.packed = packed(b, before+int64(binary.LittleEndian.Uint32(dir[42:])), int64(binary.LittleEndian.Uint32(dir[20:])))
		out = append(out, m)
		dir = dir[memberSize+names+extra+note:]
	}
	return out, nil
}

// packed finds the octets of a member behind its local header; nil if they are not
// there.
func packed(b []byte, at, size int64) []byte {
	if at < 0 || at+localSize > int64(len(b)) || string(b[at:at+4]) != "PK\x03\x04" {
		return nil
	}
	from := at + localSize + int64(binary.LittleEndian.Uint16(b[at+26:])) + int64(binary.LittleEndian.Uint16(b[at+28:]))
	if from > int64(len(b)) || size > int64(len(b))-from {
		return nil
	}
	return b[from : from+size]
}

// plainArchive reports whether the beginning of an archive shows that it is no
// document: its first members have none of the names that documents have.
func plainArchive(head []byte) bool {
	for _, name := range []string{"[Content_Types].xml", "_rels/", "word/", "xl/", "ppt/", "docProps/", "mimetype", "content.xml"} {
		if bytes.Contains(head, []byte(name)) {
			return false
		}
	}
	return true
}

// open returns the octets of a member as they are unpacked, within the limits.
func (r *Reader) open(m member) (io.Reader, error) {
	if m.packed == nil {
		return nil, errBroken
	}
	var in io.Reader = bytes.NewReader(m.packed)
	switch m.method {
	case 0:
	case 8:
		in = flate.NewReader(in)
	default:
		return nil, errBroken
	}
	return &bounded{in: in, of: r, packed: len(m.packed)}, nil
}

// bounded ends with errLimit where a member becomes too large, or larger than an
// honest one of its packed size.
type bounded struct {
	in     io.Reader
	of     *Reader
	packed int
	out    int
}

func (b *bounded) Read(p []byte) (int, error) {
	left := MaxUnpacked - b.of.unpacked
	if left <= 0 || b.out > smallRatio && b.out/maxRatio > b.packed {
		return 0, errLimit
	}
	n, err := b.in.Read(p[:min(len(p), left)])
	b.out += n
	b.of.unpacked += n
	if err != nil && err != io.EOF {
		err = errBroken
	}
	return n, err
}
